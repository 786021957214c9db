"""manage.py make_demo_accounts."""

from io import StringIO

import pytest
from django.conf import LazySettings
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse

from people.models import Membership, Role, User
from people.services.cohorts import set_role


def make_demo_accounts() -> list[list[str]]:
    """Run the command; return the columns of each line it prints."""
    printed = StringIO()
    call_command("make_demo_accounts", stdout=printed)
    return [line.split() for line in printed.getvalue().splitlines()]


def test_the_printed_logins_work() -> None:
    lines = make_demo_accounts()

    assert [(role, email) for role, email, _ in lines] == [
        ("Candidate", "candidate@demo.test"),
        ("Mentor", "mentor@demo.test"),
        ("Admin", "admin@demo.test"),
    ]
    for role, email, password in lines:
        response = Client().post(reverse("account_login"), {"login": email, "password": password})
        assert response["Location"] == reverse("home")
        assert User.objects.get(email=email).memberships.get().role == role.lower()


def test_a_second_run_makes_nothing_and_takes_nothing_back() -> None:
    make_demo_accounts()
    mentor = User.objects.get(email="mentor@demo.test")
    mentor.set_password("a password of their own")
    mentor.save(update_fields=["password"])
    set_role(cohort=mentor.cohorts.get(), user=mentor, role=Role.ADMIN, actor=None)

    make_demo_accounts()

    mentor.refresh_from_db()
    assert mentor.check_password("a password of their own")
    assert list(Membership.objects.order_by("pk").values_list("role", flat=True)) == ["candidate", "admin", "admin"]


def test_there_are_no_known_passwords_in_production(settings: LazySettings) -> None:
    settings.SESSION_COOKIE_SECURE = True

    with pytest.raises(CommandError, match="not made in production"):
        make_demo_accounts()

    assert not User.objects.exists()
