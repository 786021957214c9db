"""manage.py make_demo_accounts: people to try Greenroom with, on one's own machine."""

from typing import Any

from allauth.account.models import EmailAddress
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from people.models import Cohort, Role, User
from people.services.cohorts import set_role

PASSWORD = "greenroom-demo"  # noqa: S105 (printed for everybody who tries the demo)
PEOPLE = [
    (Role.CANDIDATE, "candidate@demo.test", "Cleo Candidate"),
    (Role.MENTOR, "mentor@demo.test", "Mina Mentor"),
    (Role.ADMIN, "admin@demo.test", "Ada Admin"),
]


class Command(BaseCommand):
    help = "Make a demo candidate, mentor and admin in a demo cohort, and print their logins. Harmless when repeated."

    def handle(self, *args: Any, **options: Any) -> None:
        if settings.SESSION_COOKIE_SECURE:
            raise CommandError("Demo accounts have a known password: they are not made in production.")
        with transaction.atomic():
            cohort, _ = Cohort.objects.get_or_create(name="Demo cohort")
            for role, email, name in PEOPLE:
                user = User.objects.filter(email=email).first()
                if user is None:
                    user = User.objects.create_user(email, PASSWORD, name=name)
                    EmailAddress.objects.create(user=user, email=email, verified=True, primary=True)
                    set_role(cohort=cohort, user=user, role=role, actor=None)
        for role, email, _ in PEOPLE:
            self.stdout.write(f"{role.label:<10} {email:<22} {PASSWORD}")
