import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from config.local.state import ROOT
from config.local.urls import database_url, sockets_folder

from .conftest import Home, kill, wait_until

ADD_A_ROW = """
import os, psycopg2
with psycopg2.connect(os.environ["DATABASE_URL"]) as connection, connection.cursor() as cursor:
    cursor.execute("CREATE TABLE IF NOT EXISTS answers (text text)")
    cursor.execute("INSERT INTO answers VALUES ('kept')")
    cursor.execute("SELECT count(*) FROM answers")
    print(cursor.fetchone()[0])
"""
PUSH_A_MESSAGE = """
import os, redis
print(redis.Redis.from_url(os.environ["REDIS_URL"]).rpush("messages", "kept"))
"""


def test_run_returns_the_commands_exit_code_and_stops_the_servers(home: Home) -> None:
    assert home.call("run", "--state", "test", "--", "sh", "-c", "exit 7").returncode == 7
    assert home.is_stopped()


def test_run_says_as_a_shell_does_that_a_signal_ended_the_command(home: Home) -> None:
    done = home.call("run", "--state", "test", "--", "sh", "-c", "kill -9 $$")
    assert done.returncode == 128 + signal.SIGKILL


def test_a_command_that_is_not_there_is_named(home: Home) -> None:
    done = home.call("run", "--state", "test", "--", "no-such-command")
    assert done.returncode == 1
    assert done.stderr.strip() == "✗ There is no command no-such-command."


def test_status_says_which_processes_live(home: Home) -> None:
    with home.servers_up():
        status = json.loads(home.call("status", "--state", "test").stdout)
        expected = {name: home.pid(name) for name in ("supervisord", "lifeline", "postgres", "valkey")}
        assert status["processes"] == {**expected, "web": None, "worker": None, "beat": None}
        assert status["DATABASE_URL"] == database_url(home.state("test"))


def test_django_and_celery_find_the_servers_by_their_urls(home: Home) -> None:
    code = """
import os
import django, environ
from django.conf import settings
from config.redis_urls import broker_url, cache_url
settings.configure(
    DATABASES={"default": environ.Env.db_url_config(os.environ["DATABASE_URL"])},
    CACHES={"default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": cache_url(os.environ["REDIS_URL"]),
    }},
)
django.setup()
from django.core.cache import cache
from django.db import connection
import kombu
with connection.cursor() as cursor:
    cursor.execute("SELECT datcollate, datlocprovider FROM pg_database WHERE datname = current_database()")
    print(connection.settings_dict["NAME"], *cursor.fetchone())
cache.set("word", "kept")
print(cache.get("word"))
with kombu.Connection(broker_url(os.environ["REDIS_URL"])) as broker, broker.SimpleQueue("bell") as queue:
    queue.put("ring")
    print(queue.get(timeout=5).payload)
"""
    assert home.python(code).splitlines() == ["greenroom C b", "kept", "ring"]


def test_rows_and_messages_survive_killed_servers_which_come_back_by_themselves(home: Home) -> None:
    with home.servers_up("8000"):
        assert home.python(ADD_A_ROW, "8000") == "1"
        assert home.python(PUSH_A_MESSAGE, "8000") == "1"
        killed = {home.pid("postgres", "8000"), home.pid("valkey", "8000")}
        for pid in killed:
            kill(pid)
        wait_until(lambda: home.pid_if_alive("postgres", "8000") not in {None, *killed})
        wait_until(lambda: home.pid_if_alive("valkey", "8000") not in {None, *killed})
        assert home.python(ADD_A_ROW, "8000") == "2"
        assert home.python(PUSH_A_MESSAGE, "8000") == "2"


def test_a_killed_supervisord_is_replaced(home: Home) -> None:
    with home.servers_up():
        assert home.python(ADD_A_ROW) == "1"
        killed = home.pid("supervisord")
        kill(killed)
        wait_until(lambda: home.pid_if_alive("supervisord") not in {None, killed})
        assert home.python(ADD_A_ROW) == "2"


def test_when_everything_is_killed_at_once_the_next_start_has_all_rows(home: Home) -> None:
    with home.servers_up() as running:
        assert home.python(ADD_A_ROW) == "1"
        for pid in (running.pid, *(home.pid(name) for name in ("supervisord", "lifeline", "postgres", "valkey"))):
            kill(pid)
    assert home.python(ADD_A_ROW) == "2"


def test_the_servers_stop_when_their_only_user_is_killed(home: Home) -> None:
    with home.servers_up() as running:
        kill(running.pid)
        wait_until(home.is_stopped)


def test_two_runs_share_the_servers_and_the_last_one_stops_them(home: Home) -> None:
    with home.servers_up() as first:
        pid = home.pid("postgres")
        with home.servers_up() as second:
            first.communicate()
            assert first.returncode == 0
            assert home.pid("postgres") == pid
    assert second.returncode == 0


def test_sockets_move_to_a_private_temporary_folder_where_the_path_is_too_long(tmp_path: Path) -> None:
    home = Home(tmp_path / ("a long name " * 12).strip())
    sockets = sockets_folder(home.state("test"))
    assert not sockets.is_relative_to(tmp_path)
    with home.servers_up():
        assert sockets.stat().st_mode & 0o777 == 0o700
        assert home.python(ADD_A_ROW) == "1"
    assert not sockets.exists()


@pytest.mark.parametrize(("named", "missing"), [("DATABASE_URL", "REDIS_URL"), ("REDIS_URL", "DATABASE_URL")])
def test_one_external_server_without_the_other_is_refused(home: Home, named: str, missing: str) -> None:
    done = home.call("run", "--state", "test", "--", "true", **{named: "set"})
    assert done.returncode == 1
    assert f"{named} is set, but {missing} is not." in done.stderr
    assert not home.folder.exists()


def test_with_external_servers_nothing_is_started(home: Home) -> None:
    named = {"DATABASE_URL": "postgres://elsewhere/one", "REDIS_URL": "redis://elsewhere"}
    done = home.call("run", "--state", "test", "--", "sh", "-c", 'echo "$DATABASE_URL $REDIS_URL"', **named)
    assert done.stdout.strip() == "postgres://elsewhere/one redis://elsewhere"
    assert not (home.state("test") / "postgres").exists()


def test_a_folder_that_cannot_be_made_is_named(home: Home, tmp_path: Path) -> None:
    (tmp_path / "a folder with spaces").write_text("a file has its place")
    done = home.call("run", "--state", "test", "--", "true")
    assert done.returncode == 1
    assert done.stderr.strip() == f"✗ Not a directory: {home.state('test')}"


def test_a_state_name_cannot_leave_its_folder(home: Home) -> None:
    done = home.call("run", "--state", "../elsewhere", "--", "true")
    assert done.returncode == 1
    assert "is no name for a state folder" in done.stderr


@pytest.mark.skipif(os.getuid() != 0, reason="only root may not be root")
def test_root_without_user_namespaces_gets_postgresql_too(home: Home) -> None:
    command = [sys.executable, str(Path(__file__).with_name("without_user_namespaces.py"))]
    command += home.command("run", "--state", "test", "--", "python", "-c", ADD_A_ROW)
    done = subprocess.run(command, cwd=ROOT, env=home.environment(), capture_output=True, text=True, check=False)
    if done.returncode == 77:
        pytest.skip("this machine refuses the namespace that the test itself needs")
    assert (done.returncode, done.stdout.strip()) == (0, "1"), done.stderr
    assert (home.state("test") / "postgres").stat().st_uid == 65534
    assert home.python(ADD_A_ROW) == "2"  # with namespaces again, in the same data
    assert (home.state("test") / "postgres").stat().st_uid == 0
