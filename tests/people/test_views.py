"""Profile, API tokens and cohorts, as pages."""

import re
from decimal import Decimal
from typing import Any

import pytest
from django.contrib.messages import get_messages
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from knox.models import AuthToken

from people.clock import database_now
from people.models import AuditEntry, Cohort, Invitation, Role, User
from people.services.invitations import invite
from tests.conftest import client_of
from tests.factories import MembershipFactory, UserFactory


def notices(response: HttpResponse) -> list[tuple[str, str]]:
    return [(message.level_tag, str(message)) for message in get_messages(response.wsgi_request)]  # type: ignore[attr-defined]


def make_token(user: User) -> tuple[AuthToken, str]:
    token, secret = AuthToken.objects.create(user=user)
    return token, secret


# --- Who may come in ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "more"),
    [
        ("profile", []),
        ("create_token", []),
        ("revoke_token", ["digest"]),
        ("cohorts", []),
        ("cohort", ["cohort"]),
        ("invite", ["cohort"]),
        ("remove_member", ["cohort", "candidate"]),
        ("accept_invitation", ["token"]),
    ],
)
def test_people_who_are_not_logged_in_are_asked_to(
    cohort: Cohort, candidate: User, name: str, more: list[str]
) -> None:
    known = {"cohort": cohort.pk, "candidate": candidate.pk}
    path = reverse(name, args=[known.get(argument, argument) for argument in more])

    for response in (Client().get(path), Client().post(path)):
        assert (response.status_code, response["Location"]) == (302, f"{reverse('account_login')}?next={path}")
    assert candidate.memberships.get().cohort == cohort


@pytest.mark.parametrize(
    ("who", "statuses"),
    [
        ("candidate", {"cohorts": 403, "cohort": 403, "invite": 403, "remove_member": 403}),
        ("outsider", {"cohorts": 403, "cohort": 403, "invite": 403, "remove_member": 403}),
        ("stranger", {"cohorts": 403, "cohort": 403, "invite": 403, "remove_member": 403}),
        ("other_mentor", {"cohorts": 200, "cohort": 404, "invite": 403, "remove_member": 403}),
        ("other_admin", {"cohorts": 200, "cohort": 404, "invite": 404, "remove_member": 404}),
        ("mentor", {"cohorts": 200, "cohort": 200, "invite": 403, "remove_member": 403}),
        ("mentor_who_is_admin_elsewhere", {"cohorts": 200, "cohort": 200, "invite": 404, "remove_member": 404}),
        ("admin", {"cohorts": 200, "cohort": 200, "invite": 200, "remove_member": 302}),
        ("site_admin", {"cohorts": 200, "cohort": 200, "invite": 200, "remove_member": 302}),
    ],
)
def test_cohorts_are_open_to_those_who_lead_them_and_changed_by_their_admins(
    request: pytest.FixtureRequest,
    cohort: Cohort,
    other_cohort: Cohort,
    peer: User,
    who: str,
    statuses: dict[str, int],
) -> None:
    if who in {"other_admin", "mentor_who_is_admin_elsewhere"}:
        user = request.getfixturevalue("mentor") if who.startswith("mentor") else UserFactory()
        MembershipFactory(cohort=other_cohort, user=user, role=Role.ADMIN)
    else:
        user = request.getfixturevalue(who)
    client = client_of(user)
    invitation = {"email": "new@example.com", "role": "admin"}

    responses = {
        "cohorts": client.get(reverse("cohorts")),
        "cohort": client.get(reverse("cohort", args=[cohort.pk])),
        "invite": client.post(reverse("invite", args=[cohort.pk]), invitation),
        "remove_member": client.post(reverse("remove_member", args=[cohort.pk, peer.pk])),
    }

    assert {name: response.status_code for name, response in responses.items()} == statuses
    assert Invitation.objects.exists() == (statuses["invite"] == 200)
    assert peer.memberships.exists() == (statuses["remove_member"] != 302)
    if statuses["cohort"] != 200:
        assert [name for name, response in responses.items() if peer.email in response.content.decode()] == []


@pytest.mark.parametrize("name", ["create_token", "revoke_token", "archive_cohort", "remove_member"])
def test_addresses_that_change_something_refuse_get(admin: User, cohort: Cohort, peer: User, name: str) -> None:
    token, _ = make_token(admin)
    arguments = {
        "create_token": [],
        "revoke_token": [token.digest],
        "archive_cohort": [cohort.pk],
        "remove_member": [cohort.pk, peer.pk],
    }

    assert client_of(admin).get(reverse(name, args=arguments[name])).status_code == 405
    assert (AuthToken.objects.count(), peer.memberships.count()) == (1, 1)


# --- Profile ------------------------------------------------------------------------------------------------


def save_profile(user: User, **changes: str) -> Any:
    fields = {"name": "Ada", "time_zone": "Europe/Paris", **changes}
    return client_of(user).post(reverse("profile"), fields)


def test_the_profile_is_saved(candidate: User) -> None:
    response = save_profile(candidate)

    candidate.refresh_from_db()
    assert (response.status_code, response["Location"]) == (302, reverse("profile"))
    assert (candidate.name, candidate.time_zone) == ("Ada", "Europe/Paris")
    assert notices(response) == [("success", "Your profile is saved.")]


def test_the_profile_shows_what_is_saved(candidate: User) -> None:
    save_profile(candidate)

    form = client_of(candidate).get(reverse("profile")).context["form"]

    selected = {name: str(form[name].value()) for name in form.fields}
    assert selected == {"name": "Ada", "time_zone": "Europe/Paris", "mail_when_graded": "False"}


@pytest.mark.parametrize("wanted", [{"mail_when_graded": "on"}, {}])
def test_mail_about_grades_is_switched_on_and_off(candidate: User, wanted: dict[str, str]) -> None:
    save_profile(candidate, **wanted)

    candidate.refresh_from_db()
    assert candidate.mail_when_graded is bool(wanted)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": "x" * 121}, "name"),
        ({"time_zone": "Europe/Atlantis"}, "time_zone"),
    ],
)
def test_a_profile_with_a_fault_is_not_saved(candidate: User, change: dict[str, str], field: str) -> None:
    response = save_profile(candidate, **change)

    candidate.refresh_from_db()
    assert (response.status_code, list(response.context["form"].errors)) == (400, [field])
    assert (candidate.name, candidate.time_zone) == ("Candidate", "UTC")


def test_a_profile_with_a_fault_is_not_shown_as_if_it_were_saved(candidate: User) -> None:
    response = save_profile(candidate, name="Somebody Else", time_zone="Europe/Atlantis")

    assert '<span class="menu-button__name">Candidate</span>' in response.content.decode()


def test_the_profile_gives_no_rights_that_the_form_does_not_offer(candidate: User, other_mentor: User) -> None:
    save_profile(candidate, is_staff="on", is_superuser="on", email="other@example.com", id=str(other_mentor.pk))

    candidate.refresh_from_db()
    assert (candidate.is_staff, candidate.is_superuser, candidate.email) == (False, False, "candidate@example.com")
    other_mentor.refresh_from_db()
    assert other_mentor.name == "Other Mentor"


def test_nobody_gives_themselves_time(candidate: User) -> None:
    save_profile(candidate, extra_time_factor="2.00", untimed="on")

    candidate.refresh_from_db()
    assert (candidate.name, candidate.extra_time_factor, candidate.untimed) == ("Ada", 1, False)


def test_a_site_admin_gives_time_in_the_staff_site(site_admin: User, candidate: User) -> None:
    address = reverse("admin:people_user_change", args=[candidate.pk])
    given = {"email": candidate.email, "name": "Candidate", "time_zone": "UTC", "is_active": "on"}

    response = client_of(site_admin).post(address, {**given, "extra_time_factor": "1.75", "untimed": "on"})

    candidate.refresh_from_db()
    assert (response.status_code, candidate.extra_time_factor, candidate.untimed) == (302, Decimal("1.75"), True)


@pytest.mark.parametrize(
    ("agreed", "words"),
    [
        ({}, "Your mock interviews have the usual time limits."),
        (
            {"extra_time_factor": Decimal("1.25")},
            "1.25 times the usual ones: 60 minutes become 75.",
        ),
        (
            {"extra_time_factor": Decimal("2.00")},
            "2 times the usual ones: 60 minutes become 120.",
        ),
        (
            {"extra_time_factor": Decimal("1.51")},
            "1.51 times the usual ones: 60 minutes become 91.",
        ),
        ({"extra_time_factor": Decimal("1.50"), "untimed": True}, "Your mock interviews have no time limit."),
    ],
)
def test_the_profile_says_what_was_agreed_about_time(candidate: User, agreed: dict[str, Any], words: str) -> None:
    User.objects.filter(pk=candidate.pk).update(email=candidate.email, **agreed)

    assert words in client_of(candidate).get(reverse("profile")).content.decode()


def test_times_are_shown_in_ones_own_zone(cohort: Cohort, admin: User) -> None:
    User.objects.filter(pk=admin.pk).update(time_zone="Pacific/Auckland")
    invitation, _ = invite(cohort=cohort, email="new@example.com", role=Role.MENTOR, actor=admin, now=database_now())
    # Ten in the evening in London is the next morning in New Zealand.
    Invitation.objects.filter(pk=invitation.pk).update(expires_at="2030-03-01T22:00:00+00:00")

    page = client_of(admin).get(reverse("invite", args=[cohort.pk])).content.decode()

    assert re.findall(r"until (\d+ \w+)", page) == ["2 March"]


# --- API tokens ---------------------------------------------------------------------------------------------


def test_a_new_token_is_shown_once_and_works(mentor: User) -> None:
    client = client_of(mentor)

    shown = client.post(reverse("create_token"))
    secret = shown.context["token"]
    stored = AuthToken.objects.get()

    assert stored.user == mentor
    assert secret in shown.content.decode()
    assert secret not in client.get(reverse("profile")).content.decode()
    assert secret not in str(AuthToken.objects.values().get())
    answer = Client().get("/api/v1/questions/", headers={"Authorization": f"Token {secret}"})
    assert answer.status_code == 200


def test_a_withdrawn_token_works_no_longer(mentor: User) -> None:
    token, secret = make_token(mentor)
    kept, kept_secret = make_token(mentor)

    response = client_of(mentor).post(reverse("revoke_token", args=[token.digest]))

    assert (response["Location"], notices(response)) == (
        reverse("profile"),
        [("success", "The API token no longer works.")],
    )
    assert list(AuthToken.objects.all()) == [kept]
    codes = [
        Client().get("/api/v1/questions/", headers={"Authorization": f"Token {each}"}).status_code
        for each in (secret, kept_secret)
    ]
    assert codes == [401, 200]


def test_nobody_sees_or_withdraws_another_persons_token(candidate: User, peer: User, site_admin: User) -> None:
    token, _ = make_token(candidate)

    for user in (peer, site_admin):
        client = client_of(user)
        assert list(client.get(reverse("profile")).context["tokens"]) == []
        assert client.post(reverse("revoke_token", args=[token.digest])).status_code == 404

    assert list(AuthToken.objects.all()) == [token]
    assert list(client_of(candidate).get(reverse("profile")).context["tokens"]) == [token]


@pytest.mark.parametrize("count", [1, 3])
def test_the_profile_takes_the_same_number_of_queries_for_any_number_of_tokens(
    candidate: User, django_assert_num_queries: Any, count: int
) -> None:
    client = client_of(candidate)
    for _ in range(count):
        make_token(candidate)

    with django_assert_num_queries(5):
        response = client.get(reverse("profile"))

    assert len(response.context["tokens"]) == count


# --- Cohorts ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("count", [1, 3])
def test_the_list_of_cohorts_takes_the_same_number_of_queries_for_any_number(
    mentor: User, cohort: Cohort, django_assert_num_queries: Any, count: int
) -> None:
    client = client_of(mentor)
    for _ in range(count - 1):
        MembershipFactory(user=mentor, role=Role.MENTOR)

    with django_assert_num_queries(6):
        response = client.get(reverse("cohorts"))

    assert len(response.context["cohorts"]) == count


def test_the_list_of_cohorts_shows_those_a_person_leads(
    mentor: User, cohort: Cohort, other_cohort: Cohort, candidate: User, peer: User, outsider: User
) -> None:
    MembershipFactory(cohort=other_cohort, user=mentor)  # as a candidate

    response = client_of(mentor).get(reverse("cohorts"))

    shown = [(c.name, c.candidate_count, c.leader_count) for c in response.context["cohorts"]]
    assert shown == [("Autumn", 2, 1)]
    assert "Elsewhere" not in response.content.decode()


def test_an_admin_makes_a_cohort_and_leads_it(admin: User) -> None:
    response = client_of(admin).post(reverse("cohorts"), {"name": "Spring"})

    made = Cohort.objects.get(name="Spring")
    assert response["Location"] == reverse("cohort", args=[made.pk])
    assert [(m.user, m.role) for m in made.memberships.all()] == [(admin, Role.ADMIN)]


def test_a_mentor_makes_no_cohort(mentor: User) -> None:
    client = client_of(mentor)

    response = client.post(reverse("cohorts"), {"name": "Spring"})

    assert response.status_code == 403
    assert client.get(reverse("cohorts")).context["may_create"] is False
    assert not Cohort.objects.filter(name="Spring").exists()


@pytest.mark.parametrize("name", ["", "   ", "x" * 121])
def test_a_cohort_needs_a_name(admin: User, name: str) -> None:
    response = client_of(admin).post(reverse("cohorts"), {"name": name})

    assert (response.status_code, list(response.context["form"].errors)) == (400, ["name"])
    assert Cohort.objects.count() == 1


@pytest.mark.parametrize("count", [1, 3])
def test_a_cohorts_page_takes_the_same_number_of_queries_for_any_number_of_people(
    admin: User, cohort: Cohort, django_assert_num_queries: Any, count: int
) -> None:
    client = client_of(admin)
    for _ in range(count):
        MembershipFactory(cohort=cohort)

    with django_assert_num_queries(8):
        response = client.get(reverse("cohort", args=[cohort.pk]))

    assert len(response.context["members"]) == count + 1


def test_a_cohorts_page_shows_its_people_and_no_others(
    mentor: User, cohort: Cohort, other_cohort: Cohort, candidate: User, outsider: User, admin: User
) -> None:
    page = client_of(mentor).get(reverse("cohort", args=[cohort.pk])).content.decode()

    everybody = [candidate.email, mentor.email, admin.email, outsider.email]
    assert [email for email in everybody if email in page] == everybody[:3]


def test_only_admins_are_offered_to_change_a_cohort(mentor: User, admin: User, cohort: Cohort) -> None:
    pages = {
        user: client_of(user).get(reverse("cohort", args=[cohort.pk])).content.decode() for user in (mentor, admin)
    }

    link = f'href="{reverse("invite", args=[cohort.pk])}"'
    assert {user: link in page for user, page in pages.items()} == {mentor: False, admin: True}


def test_names_are_shown_as_text(admin: User, cohort: Cohort) -> None:
    attack = "<script>alert(1)</script>"
    MembershipFactory(cohort=cohort, user__name=attack)
    Cohort.objects.filter(pk=cohort.pk).update(name=attack)

    for path in (reverse("cohorts"), reverse("cohort", args=[cohort.pk])):
        page = client_of(admin).get(path).content.decode()
        assert "<script>alert" not in page
        assert "&lt;script&gt;alert" in page


# --- Removing members ---------------------------------------------------------------------------------------


def test_an_admin_removes_a_member(admin: User, cohort: Cohort, candidate: User) -> None:
    response = client_of(admin).post(reverse("remove_member", args=[cohort.pk, candidate.pk]))

    assert response["Location"] == reverse("cohort", args=[cohort.pk])
    assert notices(response) == [("success", "Candidate is no longer a member.")]
    assert not candidate.memberships.exists()
    entry = AuditEntry.objects.get(action="cohort.remove_member")
    assert (entry.actor, entry.object_id, entry.detail) == (admin, str(cohort.pk), {"user": str(candidate.pk)})


def test_the_last_admin_stays(admin: User, cohort: Cohort) -> None:
    response = client_of(admin).post(reverse("remove_member", args=[cohort.pk, admin.pk]))

    assert notices(response) == [("error", "The last admin cannot leave. Make somebody else admin first.")]
    assert admin.memberships.exists()


def test_an_admin_who_leaves_meets_no_page_that_is_closed_to_them(admin: User, cohort: Cohort) -> None:
    MembershipFactory(cohort=cohort, role=Role.ADMIN)

    response = client_of(admin).post(reverse("remove_member", args=[cohort.pk, admin.pk]), follow=True)

    assert response.status_code == 200
    assert not admin.memberships.exists()


def test_somebody_who_is_no_member_cannot_be_removed(admin: User, cohort: Cohort, outsider: User) -> None:
    assert client_of(admin).post(reverse("remove_member", args=[cohort.pk, outsider.pk])).status_code == 404
    assert outsider.memberships.exists()
