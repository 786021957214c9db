"""A backup is proven by its restore: into an empty database, all of it, with everything that works on it."""

import resource
from io import StringIO
from pathlib import Path

import pytest
from allauth.mfa.totp.internal.auth import TOTP
from django.conf import LazySettings
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection
from django.test import Client
from django.urls import reverse

from grading.grader import get_grader
from grading.models import Grade
from grading.services.jobs import grade
from people import backups
from people.models import Cohort, Role, User
from questionbank.models import QuestionVersion
from tests.conftest import client_of
from tests.databases import contents, empty_database, rows, rules, using
from tests.factories import MembershipFactory, UserFactory
from tests.grading.conftest import make_job
from tests.security.world import ROLES, World, make_world

LEFT_OUT = {"django_session", "usersessions_usersession"}


@pytest.fixture
def other_admin(other_cohort: Cohort) -> User:
    user = UserFactory(name="Other Admin", email="other.admin@example.com")
    MembershipFactory(cohort=other_cohort, user=user, role=Role.ADMIN)
    return user


@pytest.fixture
def world(request: pytest.FixtureRequest, cohort: Cohort, without_the_bench: None) -> World:
    people = {role: None if role == "anonymous" else request.getfixturevalue(role) for role in ROLES}
    return make_world(people, cohort)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "greenroom.backup"


def run(command: str, file: Path) -> str:
    """Run the command on file; return all it printed."""
    said = StringIO()
    call_command(command, str(file), stdout=said, stderr=said)
    return said.getvalue()


@pytest.mark.model
@pytest.mark.django_db(transaction=True)
def test_what_is_restored_is_what_was_backed_up(
    world: World, candidate: User, mentor: User, file: Path, settings: LazySettings
) -> None:
    candidate.set_password("a long enough password")
    candidate.save(update_fields=["password"])
    TOTP.activate(mentor, "JBSWY3DPEHPK3PXP")
    settings.GRADING_ENCODER = "model"
    get_grader.cache_clear()
    texts = ("Generators produce values on demand.", "A generator builds everything at once.", "Memory stays small.")
    receipts = [real_grade(candidate, world.job.version, text).pk for text in texts]
    before, rules_before = contents(), rules()

    run("backup", file)
    with empty_database() as name, using(name):
        said = run("restore", file)

        kept = {table for table in before if table not in LEFT_OUT}
        after = contents()
        assert said == f"Restored: {len(before)} tables from {file}. All log in again.\n"
        assert {table: after[table] for table in kept} == {table: before[table] for table in kept}
        assert sum(count for count, _ in before.values()) > 500
        assert rules() == rules_before
        assert [call_verify(pk) for pk in receipts] == ["Verified"] * 3
        refuses_changes_of_the_past()
        works_for(candidate)
    get_grader.cache_clear()


def real_grade(candidate: User, version: QuestionVersion, text: str) -> Grade:
    graded = grade(job_id=make_job(candidate, version, text=text).pk)
    assert graded
    return graded


def call_verify(pk: object) -> str:
    said = StringIO()
    call_command("verify_grade", str(pk), stdout=said)
    return said.getvalue().partition(":")[0]


def refuses_changes_of_the_past() -> None:
    for table in ("people_auditentry", "grading_grade", "grading_keypointmark", "grading_review"):
        with pytest.raises(DatabaseError, match="append-only"):
            rows(f"DELETE FROM {table}")  # noqa: S608
    with pytest.raises(DatabaseError, match=r"append-only|never change"):
        rows("UPDATE interview_answer SET text = 'Another one.'")


def works_for(candidate: User) -> None:
    """Log in by the password, and answer."""
    client = Client()
    sent = client.post(reverse("account_login"), {"login": candidate.email, "password": "a long enough password"})
    assert sent["Location"] == reverse("home")
    started = client.post("/practise/taster/", {"mode": "practice"}, follow=True)
    address = started.request["PATH_INFO"]
    assert client.post(address, {"text": "On demand.", "action": "submit", "revision": 0}).status_code == 302


@pytest.mark.django_db(transaction=True)
def test_no_session_is_in_a_backup(candidate: User, file: Path) -> None:
    key = client_of(candidate).session.session_key

    run("backup", file)
    with empty_database() as name, using(name):
        run("restore", file)

        assert rows("SELECT * FROM django_session") == []
        assert User.objects.get() == candidate
    assert key.encode() not in file.read_bytes()


def test_a_backup_is_for_its_owners_eyes_alone(file: Path) -> None:
    (file.parent / "greenroom.backup.unfinished").touch(mode=0o644)  # of one that was killed

    said = run("backup", file)

    assert "only you may read it" in said
    assert file.stat().st_mode & 0o777 == 0o600
    assert sorted(path.name for path in file.parent.iterdir()) == ["greenroom.backup", "greenroom.backup.sha256"]


@pytest.mark.django_db(transaction=True)
def test_no_password_stands_in_a_command_line(monkeypatch: pytest.MonkeyPatch) -> None:
    connection.close()
    monkeypatch.setitem(connection.settings_dict, "PASSWORD", "very secret")

    where = backups._server()  # noqa: SLF001 (what pg_dump and pg_restore are called with)

    assert f"dbname={connection.settings_dict['NAME']}" in where
    assert "secret" not in where


def test_a_backup_is_not_written_over(file: Path) -> None:
    file.write_text("an earlier one")

    with pytest.raises(CommandError, match="nothing is written over a backup"):
        run("backup", file)

    assert file.read_text() == "an earlier one"


def test_a_backup_that_fails_leaves_nothing_behind(file: Path) -> None:
    with pytest.raises(CommandError, match="No such file or directory"):
        run("backup", file.parent / "no such folder" / "x")
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, hard))  # as if the disk were full
    try:
        with pytest.raises(CommandError, match="pg_dump failed, and nothing was done: "):
            run("backup", file)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))

    assert list(file.parent.iterdir()) == []


def test_nothing_is_restored_over_something_else(file: Path, candidate: User) -> None:
    run("backup", file)

    with pytest.raises(CommandError, match="is not empty, and nothing is restored over something else"):
        run("restore", file)

    assert User.objects.get() == candidate


def test_a_damaged_backup_is_refused(file: Path) -> None:
    run("backup", file)
    whole = bytearray(file.read_bytes())
    whole[len(whole) // 2] ^= 1
    file.write_bytes(whole)

    with pytest.raises(CommandError, match="is damaged"):
        run("restore", file)


@pytest.mark.parametrize(
    ("content", "message"),
    [(b"", "pg_restore failed"), (b"PGDMP, or so", "pg_restore failed"), (None, "No such file")],
)
def test_what_is_no_backup_is_refused(file: Path, content: bytes | None, message: str) -> None:
    if content is not None:
        file.write_bytes(content)

    with pytest.raises(CommandError, match=message):
        run("restore", file)


@pytest.mark.django_db(transaction=True)
def test_a_restore_that_cannot_be_finished_leaves_the_database_empty(candidate: User, file: Path) -> None:
    rows("INSERT INTO django_migrations (app, name, applied) VALUES ('people', '9999_of_tomorrow', now())")
    try:
        run("backup", file)
    finally:
        rows("DELETE FROM django_migrations WHERE name = '9999_of_tomorrow'")
    cut = file.with_name("cut")
    with empty_database() as name, using(name):
        with pytest.raises(CommandError, match=r"newer Greenroom .* 1 migrations .* \(people 9999_of_tomorrow\)"):
            run("restore", file)
        assert connection.introspection.table_names() == []

    file.unlink()
    run("backup", file)
    cut.write_bytes(file.read_bytes()[:-20_000])  # and no checksum beside it that would tell
    with empty_database() as name, using(name):
        with pytest.raises(CommandError, match="pg_restore failed, and nothing was done"):
            run("restore", cut)
        assert connection.introspection.table_names() == []


@pytest.mark.django_db(transaction=True)
def test_another_secret_key_and_a_missing_checksum_are_told(mentor: User, file: Path, settings: LazySettings) -> None:
    TOTP.activate(mentor, "JBSWY3DPEHPK3PXP")
    run("backup", file)
    file.with_name("greenroom.backup.sha256").unlink()
    settings.SECRET_KEY = "another-one"

    with empty_database() as name, using(name):
        said = run("restore", file)

    assert "whether the file is whole was not checked" in said
    assert "1 second steps cannot be opened: SECRET_KEY was another one" in said
