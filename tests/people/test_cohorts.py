"""Cohorts and their members: archived, duplicated, changed, left."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.contrib.messages import get_messages
from django.core.exceptions import ValidationError
from django.urls import reverse

from people.clock import database_now
from people.models import AuditEntry, Cohort, Invitation, Membership, Role, User
from people.services.cohorts import archive_cohort, give_time, remove_member, restore_cohort, set_role
from people.services.invitations import InvitationRefused, accept_invitation, invite, renew
from tests.conftest import client_of
from tests.factories import MembershipFactory, UserFactory


def notices(response: Any) -> list[tuple[str, str]]:
    return [(message.level_tag, str(message)) for message in get_messages(response.wsgi_request)]


def audited(action: str) -> list[dict[str, Any]]:
    return list(AuditEntry.objects.filter(action=action).values_list("detail", flat=True))


@pytest.fixture
def archived(cohort: Cohort, admin: User) -> Cohort:
    archive_cohort(cohort=cohort, actor=admin, now=database_now())
    cohort.refresh_from_db()
    return cohort


# --- Archiving ----------------------------------------------------------------------------------------------


def test_nothing_of_an_archived_cohort_changes(archived: Cohort, admin: User, candidate: User) -> None:
    before = list(archived.memberships.values())

    with pytest.raises(ValidationError, match="Autumn is archived"):
        set_role(cohort=archived, user=candidate, role=Role.MENTOR, actor=admin)
    with pytest.raises(ValidationError, match="Autumn is archived"):
        invite(cohort=archived, email="new@example.com", role=Role.CANDIDATE, actor=admin, now=database_now())

    assert (list(archived.memberships.values()), Invitation.objects.count()) == (before, 0)


def test_an_open_invitation_ends_with_its_cohort_and_comes_back_with_it(
    cohort: Cohort, admin: User, stranger: User
) -> None:
    now = database_now()
    invitation, token = invite(cohort=cohort, email=stranger.email, role=Role.CANDIDATE, actor=admin, now=now)
    archive_cohort(cohort=cohort, actor=admin, now=now)

    with pytest.raises(InvitationRefused, match="Autumn is over"):
        accept_invitation(token=token, user=stranger, now=now)
    with pytest.raises(ValidationError, match="Autumn is archived"):
        renew(invitation=invitation, actor=admin, now=now)

    restore_cohort(cohort=cohort, actor=admin)
    assert accept_invitation(token=token, user=stranger, now=now).role == Role.CANDIDATE


def test_people_leave_an_archived_cohort(archived: Cohort, candidate: User) -> None:
    remove_member(cohort=archived, user=candidate, actor=candidate)

    assert not candidate.memberships.exists()


def test_archiving_twice_is_archiving_once(archived: Cohort, admin: User) -> None:
    archive_cohort(cohort=archived, actor=admin, now=database_now() + timedelta(days=1))
    at = archived.archived_at
    archived.refresh_from_db()

    assert (archived.archived_at, len(audited("cohort.archive"))) == (at, 1)


def test_an_archived_cohort_leaves_the_list_until_it_is_asked_for(
    archived: Cohort, admin: User, other_cohort: Cohort
) -> None:
    MembershipFactory(cohort=other_cohort, user=admin, role=Role.ADMIN)
    client = client_of(admin)

    usual, with_archived = (client.get(reverse("cohorts") + query).context for query in ("", "?archived"))

    assert ([c.name for c in usual["cohorts"]], usual["archived"]) == (["Elsewhere"], [])
    assert [c.name for c in with_archived["archived"]] == ["Autumn"]


def test_admins_archive_and_restore_by_their_page(cohort: Cohort, admin: User) -> None:
    client = client_of(admin)

    client.post(reverse("archive_cohort", args=[cohort.pk]))
    archived_page = client.get(reverse("cohort_settings", args=[cohort.pk])).content.decode()
    client.post(reverse("restore_cohort", args=[cohort.pk]))

    cohort.refresh_from_db()
    assert ("This cohort is archived" in archived_page, cohort.archived_at) == (True, None)
    assert [entry.action for entry in AuditEntry.objects.order_by("pk")] == ["cohort.archive", "cohort.restore"]


# --- Names and copies ---------------------------------------------------------------------------------------


def test_a_cohort_gets_another_name(cohort: Cohort, admin: User) -> None:
    client_of(admin).post(reverse("cohort_settings", args=[cohort.pk]), {"name": "Winter"})

    cohort.refresh_from_db()
    assert (cohort.name, audited("cohort.rename")) == ("Winter", [{"before": "Autumn", "after": "Winter"}])


def test_an_archived_cohort_keeps_its_name(archived: Cohort, admin: User) -> None:
    response = client_of(admin).post(reverse("cohort_settings", args=[archived.pk]), {"name": "Winter"})

    archived.refresh_from_db()
    assert (response.status_code, archived.name) == (400, "Autumn")


def test_a_copy_has_the_leaders_and_no_candidates(
    cohort: Cohort, admin: User, mentor: User, candidate: User, site_admin: User
) -> None:
    response = client_of(site_admin).post(reverse("duplicate_cohort", args=[cohort.pk]), {"name": "Spring"})

    copy = Cohort.objects.get(name="Spring")
    assert response["Location"] == reverse("cohort", args=[copy.pk])
    roles = {m.user.name: m.role for m in copy.memberships.select_related("user")}
    assert roles == {"Admin": "admin", "Mentor": "mentor", "Site Admin": "admin"}
    assert cohort.memberships.count() == 3


@pytest.mark.parametrize(
    "wrong", [{"name": ""}, {"name": "Spring", "weeks_later": "-1"}, {"name": "Spring", "weeks_later": "x"}]
)
def test_a_copy_with_a_fault_is_not_made(cohort: Cohort, admin: User, wrong: dict[str, str]) -> None:
    response = client_of(admin).post(reverse("duplicate_cohort", args=[cohort.pk]), wrong)

    assert (response.status_code, Cohort.objects.count()) == (400, 1)


# --- Members ------------------------------------------------------------------------------------------------


def change(actor: User, cohort: Cohort, user: User, **fields: str) -> Any:
    usual = {"role": "candidate", "extra_time_factor": "1.00"}
    return client_of(actor).post(reverse("member", args=[cohort.pk, user.pk]), usual | fields)


def test_an_admin_changes_role_and_time_of_a_member(cohort: Cohort, admin: User, candidate: User) -> None:
    change(admin, cohort, candidate, role="mentor", extra_time_factor="1.25", untimed="on")

    candidate.refresh_from_db()
    assert candidate.memberships.get().role == Role.MENTOR
    assert (candidate.extra_time_factor, candidate.untimed) == (Decimal("1.25"), True)
    assert audited("cohort.set_role") == [{"user": str(candidate.pk), "role": "mentor"}]
    assert audited("cohort.give_time") == [
        {"user": str(candidate.pk), "before": ["1.00", False], "after": ["1.25", True]}
    ]


def test_what_stays_the_same_is_not_audited(cohort: Cohort, admin: User, candidate: User) -> None:
    change(admin, cohort, candidate)

    assert AuditEntry.objects.count() == 0


@pytest.mark.parametrize("factor", ["0.5", "3.01", "1.255", "quick", "NaN", "1e9"])
def test_extra_time_is_between_one_and_three(cohort: Cohort, admin: User, candidate: User, factor: str) -> None:
    response = change(admin, cohort, candidate, extra_time_factor=factor)

    candidate.refresh_from_db()
    assert (response.status_code, list(response.context["form"].errors)) == (400, ["extra_time_factor"])
    assert candidate.extra_time_factor == 1


def test_the_last_admin_keeps_the_role_and_nothing_else_is_saved(cohort: Cohort, admin: User) -> None:
    response = change(admin, cohort, admin, role="candidate", extra_time_factor="2")

    admin.refresh_from_db()
    assert (response.status_code, admin.memberships.get().role, admin.extra_time_factor) == (400, Role.ADMIN, 1)
    assert "The last admin has to stay one." in response.content.decode()


def test_an_admin_who_gives_the_role_away_meets_no_closed_page(cohort: Cohort, admin: User) -> None:
    MembershipFactory(cohort=cohort, role=Role.ADMIN)

    response = change(admin, cohort, admin)

    assert (response["Location"], admin.memberships.get().role) == (reverse("home"), Role.CANDIDATE)


def test_a_mentor_reads_a_member_and_changes_nothing(cohort: Cohort, mentor: User, candidate: User) -> None:
    give_time(user=candidate, factor=Decimal("1.5"), untimed=False, actor=mentor, cohort=cohort)

    page = client_of(mentor).get(reverse("member", args=[cohort.pk, candidate.pk])).content.decode()
    response = change(mentor, cohort, candidate, role="admin")

    assert "1.5 × the time" in page
    assert (response.status_code, candidate.memberships.get().role) == (403, Role.CANDIDATE)


def test_nobody_reads_or_changes_members_of_other_cohorts(
    cohort: Cohort, other_mentor: User, outsider: User, admin: User, candidate: User
) -> None:
    give_time(user=outsider, factor=Decimal("1.5"), untimed=False, actor=admin, cohort=None)

    responses = [
        client_of(other_mentor).get(reverse("member", args=[cohort.pk, candidate.pk])),
        change(admin, cohort, outsider, role="candidate", extra_time_factor="3"),
        client_of(candidate).get(reverse("member", args=[cohort.pk, candidate.pk])),
    ]

    outsider.refresh_from_db()
    assert [response.status_code for response in responses] == [404, 404, 403]
    assert outsider.extra_time_factor == Decimal("1.5")


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", ["Admin", "Candidate", "Peer", "Mentor"]),
        ("?q=MENT", ["Mentor"]),
        ("?q=peer@", ["Peer"]),
        ("?role=candidate", ["Candidate", "Peer"]),
        ("?role=candidate&q=mentor", []),
        ("?role=owner", ["Admin", "Candidate", "Peer", "Mentor"]),
        ("?sort=name", ["Admin", "Candidate", "Mentor", "Peer"]),
        ("?sort=password", ["Admin", "Candidate", "Peer", "Mentor"]),
        ("?page=99", ["Admin", "Candidate", "Peer", "Mentor"]),
    ],
)
def test_members_are_found_by_the_address(
    cohort: Cohort, admin: User, candidate: User, peer: User, mentor: User, query: str, found: list[str]
) -> None:
    context = client_of(mentor).get(reverse("cohort", args=[cohort.pk]) + query).context

    assert [membership.user.name for membership in context["members"]] == found


def test_members_come_fifty_a_page(cohort: Cohort, admin: User) -> None:
    people = User.objects.bulk_create(UserFactory.build() for _ in range(60))
    Membership.objects.bulk_create(Membership(cohort=cohort, user=user, role=Role.CANDIDATE) for user in people)

    pages = [client_of(admin).get(reverse("cohort", args=[cohort.pk]) + f"?page={n}").context for n in (1, 2)]

    assert [len(page["members"]) for page in pages] == [50, 11]


def test_a_candidate_leaves_by_oneself(cohort: Cohort, candidate: User, admin: User) -> None:
    client = client_of(candidate)
    offered = reverse("leave_cohort", args=[cohort.pk]) in client.get(reverse("profile")).content.decode()

    response = client.post(reverse("leave_cohort", args=[cohort.pk]))

    assert offered
    assert notices(response) == [("success", "You have left Autumn. Its mentors cannot read your answers any more.")]
    assert (candidate.memberships.count(), audited("cohort.leave")) == (0, [{"user": str(candidate.pk)}])
    assert client.post(reverse("leave_cohort", args=[cohort.pk])).status_code == 404


def test_the_last_admin_does_not_leave(cohort: Cohort, admin: User) -> None:
    response = client_of(admin).post(reverse("leave_cohort", args=[cohort.pk]))

    assert notices(response) == [("error", "The last admin cannot leave. Make somebody else admin first.")]
    assert admin.memberships.exists()


def test_time_given_in_the_staff_site_is_audited(site_admin: User, candidate: User) -> None:
    address = reverse("admin:people_user_change", args=[candidate.pk])
    said = {"email": candidate.email, "name": "Candidate", "time_zone": "UTC", "is_active": "on"}

    client_of(site_admin).post(address, {**said, "extra_time_factor": "1.75"})

    candidate.refresh_from_db()
    assert candidate.extra_time_factor == Decimal("1.75")
    assert [entry["after"] for entry in audited("person.give_time")] == [["1.75", False]]


def test_the_staff_site_shows_a_cohort_and_changes_nothing_of_it(
    site_admin: User, cohort: Cohort, candidate: User
) -> None:
    """Else people would be moved about without the audit log, and a cohort be left without an admin."""
    client, address = client_of(site_admin), reverse("admin:people_cohort_change", args=[cohort.pk])

    page = client.get(address).content.decode()
    statuses = [client.post(address, {"name": "Taken"}).status_code]
    statuses += [client.post(reverse("admin:people_cohort_delete", args=[cohort.pk]), {"post": "yes"}).status_code]
    statuses += [client.post(reverse("admin:people_cohort_add"), {"name": "Another"}).status_code]

    assert candidate.name in page
    assert reverse("cohort", args=[cohort.pk]) in page
    assert statuses == [403, 403, 403]
    assert list(Cohort.objects.values_list("name", flat=True)) == ["Autumn"]


def test_the_staff_site_neither_adds_nor_deletes_people_nor_moves_their_address(
    site_admin: User, candidate: User
) -> None:
    client, address = client_of(site_admin), reverse("admin:people_user_change", args=[candidate.pk])
    said = {"email": "taken@example.com", "name": "Renamed", "time_zone": "UTC", "extra_time_factor": "1"}

    statuses = [client.post(address, said).status_code]
    statuses += [client.post(reverse("admin:people_user_delete", args=[candidate.pk]), {"post": "yes"}).status_code]
    statuses += [client.post(reverse("admin:people_user_add"), said).status_code]

    candidate.refresh_from_db()
    assert statuses == [302, 403, 403]
    assert (candidate.name, candidate.email) == ("Renamed", "candidate@example.com")
