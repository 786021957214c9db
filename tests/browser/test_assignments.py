"""An admin assigns a track; the candidate finds it on the practise page, starts it there, and the admin sees so."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import LogIn
from tests.browser.test_pages import look_here
from tests.product import PASSWORD, Product

pytestmark = pytest.mark.browser

# A cohort of its own, led by the demo admin, so that nobody else's practise page changes.
A_COHORT = f"""
from allauth.account.models import EmailAddress
from people.services.cohorts import create_cohort, set_role
cohort = create_cohort(name="With assignments", actor=User.objects.get(email="admin@demo.test"))
user = User.objects.create_user("assignee@demo.test", "{PASSWORD}", name="Ann Assignee")
EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
set_role(cohort=cohort, user=user, role="candidate", actor=None)
print(cohort.pk)
"""
NARROW = {"color_scheme": "dark", "viewport": {"width": 390, "height": 900}}


def test_what_an_admin_assigns_is_started_from_the_practise_page(log_in: LogIn, product: Product) -> None:
    cohort = product.manage("shell", "-c", A_COHORT).split()[-1]
    in_a_week = f"{datetime.now(UTC) + timedelta(days=7):%Y-%m-%dT18:00}"
    admin = log_in("admin")
    admin.goto(f"/cohorts/{cohort}/assignments/")
    admin.get_by_role("link", name="Assign the first track").click()
    wrong = look_here(admin)
    admin.get_by_label("Track").select_option(label="Everyday engineering")
    admin.get_by_label("Practice", exact=True).check()
    admin.get_by_label("Due", exact=True).fill("2020-01-01T12:00")
    admin.get_by_label("Closes").fill(in_a_week)
    admin.get_by_role("button", name="Assign").click()
    expect(admin.get_by_role("alert")).to_contain_text("This time is over. Choose one to come.")
    wrong += look_here(admin)
    admin.get_by_label("Due", exact=True).fill(in_a_week)
    admin.get_by_role("button", name="Assign").click()
    expect(admin.get_by_role("status").first).to_contain_text("is assigned to With assignments.")
    wrong += look_here(admin)

    candidate = log_in("assignee", **NARROW)
    assigned = candidate.get_by_role("region", name="Assigned to you")
    expect(assigned).to_contain_text("Due in 7 days")
    wrong += look_here(candidate)
    assigned.get_by_role("link", name=re.compile("^See and start")).click()
    expect(candidate.get_by_text("You have one attempt.")).to_be_visible()
    wrong += look_here(candidate)
    candidate.get_by_role("button", name="Start", exact=True).click()
    expect(candidate.get_by_label("Your answer")).to_be_visible()
    candidate.goto("/practise/")
    assigned.get_by_role("link", name=re.compile("^Go on")).click()
    candidate.get_by_role("button", name=re.compile("Finish")).last.click()
    candidate.get_by_role("link", name="Assigned in With assignments").click()
    expect(candidate.get_by_role("heading", name="You have done it")).to_be_visible()
    wrong += look_here(candidate)

    admin.reload()
    expect(admin.get_by_role("row", name=re.compile("Ann Assignee"))).to_contain_text("Finished in time")
    assert wrong == []
