"""Who sees whom, and what the database refuses about people.

The cast goes beyond the personas: somebody who leads one cohort is a candidate of another, and one candidate has
mentors in both, so that a query that mixes up whose role it reads would show too much.
"""

from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from people.clock import database_now
from people.models import Cohort, Invitation, Membership, Role, User, validate_time_zone
from people.selectors import count_states, leaders_who_read, members_of, with_member_counts, with_states
from people.services.cohorts import set_role
from people.services.invitations import accept_invitation, invite
from tests.factories import CohortFactory, MembershipFactory, UserFactory


@pytest.fixture
def cast(request: pytest.FixtureRequest, cohort: Cohort, other_cohort: Cohort) -> dict[str, User]:
    """Everybody. `mentor` is also a candidate of other_cohort; `both` is a candidate of both cohorts."""
    personas = ["candidate", "peer", "mentor", "admin", "outsider", "other_mentor", "stranger"]
    everybody: dict[str, User] = {name: request.getfixturevalue(name) for name in personas}
    both = UserFactory(name="Both")
    for where in (cohort, other_cohort):
        MembershipFactory(cohort=where, user=both)
    MembershipFactory(cohort=other_cohort, user=everybody["mentor"])
    return {**everybody, "both": both}


def names(cast: dict[str, User], users: object) -> set[str]:
    found = list(users)  # type: ignore[call-overload]
    assert len(found) == len(set(found)), "somebody is there twice"
    return {name for name, user in cast.items() if user in found}


@pytest.mark.parametrize(
    ("who", "seen"),
    [
        ("candidate", {"candidate"}),
        ("peer", {"peer"}),
        ("outsider", {"outsider"}),
        ("stranger", {"stranger"}),
        ("both", {"both"}),
        ("mentor", {"candidate", "peer", "both", "mentor", "admin"}),
        ("admin", {"candidate", "peer", "both", "mentor", "admin"}),
        ("other_mentor", {"outsider", "both", "other_mentor", "mentor"}),
    ],
)
def test_people_are_visible_to_themselves_and_to_those_who_lead_their_cohorts(
    cast: dict[str, User], who: str, seen: set[str]
) -> None:
    assert names(cast, User.objects.visible_to(cast[who])) == seen


@pytest.mark.parametrize(
    ("who", "read"),
    [
        ("candidate", {"candidate"}),
        ("peer", {"peer"}),
        ("outsider", {"outsider"}),
        ("stranger", {"stranger"}),
        ("both", {"both"}),
        ("mentor", {"candidate", "peer", "both", "mentor"}),
        ("admin", {"candidate", "peer", "both", "admin"}),
        ("other_mentor", {"outsider", "both", "mentor", "other_mentor"}),
    ],
)
def test_answers_are_read_by_their_writers_and_by_those_who_lead_them_as_candidates(
    cast: dict[str, User], who: str, read: set[str]
) -> None:
    """`mentor` leads `admin` nowhere as a candidate, and reads nothing of the cohort where they practise."""
    assert names(cast, User.objects.candidates_visible_to(cast[who])) == read


def test_a_site_admin_sees_everybody(cast: dict[str, User], site_admin: User) -> None:
    everybody = {*cast.values(), site_admin}

    assert set(User.objects.visible_to(site_admin)) == everybody
    assert set(User.objects.candidates_visible_to(site_admin)) == everybody


def test_scoping_narrows_a_query_and_never_widens_it(cast: dict[str, User]) -> None:
    of_others = User.objects.filter(pk=cast["outsider"].pk)

    assert list(of_others.visible_to(cast["mentor"])) == []
    assert list(of_others.candidates_visible_to(cast["mentor"])) == []
    assert list(User.objects.filter(name="Peer").visible_to(cast["mentor"])) == [cast["peer"]]


def test_somebody_who_leaves_a_cohort_is_seen_no_longer(cast: dict[str, User], cohort: Cohort) -> None:
    Membership.objects.filter(cohort=cohort, user=cast["both"]).delete()

    assert names(cast, User.objects.candidates_visible_to(cast["mentor"])) == {"candidate", "peer", "mentor"}
    assert "both" in names(cast, User.objects.candidates_visible_to(cast["other_mentor"]))


def test_a_candidate_who_becomes_a_mentor_is_no_longer_read_as_a_candidate(
    cast: dict[str, User], cohort: Cohort
) -> None:
    set_role(cohort=cohort, user=cast["peer"], role=Role.MENTOR, actor=None)

    assert "peer" not in names(cast, User.objects.candidates_visible_to(cast["mentor"]))
    assert "peer" in names(cast, User.objects.visible_to(cast["mentor"]))


@pytest.mark.parametrize(
    ("who", "led", "administered"),
    [
        ("candidate", [], []),
        ("both", [], []),
        ("stranger", [], []),
        ("mentor", ["Autumn"], []),
        ("admin", ["Autumn"], ["Autumn"]),
        ("other_mentor", ["Elsewhere"], []),
    ],
)
def test_cohorts_are_visible_to_those_who_lead_them(
    cast: dict[str, User], who: str, led: list[str], administered: list[str]
) -> None:
    assert [cohort.name for cohort in Cohort.objects.visible_to(cast[who])] == led
    assert [cohort.name for cohort in Cohort.objects.administered_by(cast[who])] == administered


def test_a_site_admin_leads_every_cohort(cohort: Cohort, other_cohort: Cohort, site_admin: User) -> None:
    assert list(Cohort.objects.visible_to(site_admin)) == [cohort, other_cohort]
    assert list(Cohort.objects.administered_by(site_admin)) == [cohort, other_cohort]


@pytest.mark.parametrize(
    ("who", "readers"),
    [
        ("candidate", ["Admin", "Mentor"]),
        ("both", ["Admin", "Mentor", "Other Mentor"]),
        ("mentor", ["Other Mentor"]),
        ("admin", []),
        ("stranger", []),
    ],
)
def test_a_candidate_is_told_who_reads_their_answers(cast: dict[str, User], who: str, readers: list[str]) -> None:
    assert [user.name for user in leaders_who_read(cast[who])] == readers


def test_who_is_told_and_who_reads_are_the_same_people(cast: dict[str, User]) -> None:
    for written_by in cast.values():
        told = set(leaders_who_read(written_by))
        reads = {user for user in cast.values() if written_by in User.objects.candidates_visible_to(user)}
        assert told == reads - {written_by}


def test_member_counts_do_not_multiply(cast: dict[str, User]) -> None:
    counts = with_member_counts(Cohort.objects.order_by("name")).values_list("name", "candidate_count", "leader_count")

    assert list(counts) == [("Autumn", 3, 2), ("Elsewhere", 3, 1)]


def test_members_stand_admins_first_then_by_name(cast: dict[str, User], cohort: Cohort) -> None:
    assert [membership.user.name for membership in members_of(cohort)] == [
        "Admin",
        "Both",
        "Candidate",
        "Peer",
        "Mentor",
    ]


def test_an_invitation_says_how_it_stands(cohort: Cohort, admin: User, stranger: User) -> None:
    now = database_now()
    _, token = invite(cohort=cohort, email=stranger.email, role=Role.CANDIDATE, actor=admin, now=now)
    accept_invitation(token=token, user=stranger, now=now)
    for email, stands in {
        "link@example.com": {},
        "expired@example.com": {"expires_at": now, "mail_due_at": now},
        "waiting@example.com": {"mail_due_at": now, "mail_error": "The mail server did not take it."},
        "failed@example.com": {"mail_error": "The mail server refuses this address."},
        "sent@example.com": {"sent_at": now},
    }.items():
        invitation, _ = invite(cohort=cohort, email=email, role=Role.CANDIDATE, actor=admin, now=now)
        Invitation.objects.filter(pk=invitation.pk).update(**stands)

    found = with_states(cohort.invitations.all(), now=now)

    assert {one.email.partition("@")[0]: one.state for one in found} == {
        "stranger": "accepted",
        "link": "link",
        "expired": "expired",
        "waiting": "waiting",
        "failed": "failed",
        "sent": "sent",
    }
    assert count_states(found) == dict.fromkeys(["accepted", "link", "expired", "waiting", "failed", "sent"], 1)


# --- Accounts -----------------------------------------------------------------------------------------------


def test_create_user_keeps_addresses_in_lower_case_and_passwords_as_hashes() -> None:
    user = User.objects.create_user("Ada.Lovelace@Example.COM", "a long enough password", name="Ada")

    assert (user.email, user.name, user.is_staff, user.is_superuser) == (
        "ada.lovelace@example.com",
        "Ada",
        False,
        False,
    )
    assert user.check_password("a long enough password")
    assert "long enough" not in user.password


def test_create_user_without_a_password_lets_nobody_log_in() -> None:
    assert not User.objects.create_user("ada@example.com").has_usable_password()


def test_addresses_that_differ_in_case_alone_are_one_person(candidate: User) -> None:
    with pytest.raises(IntegrityError, match="user_email_unique_without_case"), transaction.atomic():
        User.objects.create(email=candidate.email.upper())

    assert User.objects.get_by_natural_key(candidate.email.upper()) == candidate


@pytest.mark.parametrize("factor", ["0.99", "3.01"])
def test_the_database_holds_extra_time_between_one_and_three(candidate: User, factor: str) -> None:
    with pytest.raises(IntegrityError, match="user_extra_time_between_1_and_3"), transaction.atomic():
        User.objects.filter(pk=candidate.pk).update(extra_time_factor=Decimal(factor))

    candidate.refresh_from_db()
    assert candidate.extra_time_factor == 1


@pytest.mark.parametrize(
    ("name", "email", "shown"),
    [("Ada Lovelace", "ada@example.com", "Ada Lovelace"), ("", "ada@example.com", "ada")],
)
def test_people_are_shown_by_name_or_else_by_address(name: str, email: str, shown: str) -> None:
    user = UserFactory(name=name, email=email)

    assert (user.display_name, str(user)) == (shown, shown)


def test_validate_time_zone_takes_zones_alone() -> None:
    validate_time_zone("Europe/Paris")

    for wrong in ("Europe/Atlantis", "", "../etc/passwd", "europe/paris"):
        with pytest.raises(ValidationError, match="is not a time zone"):
            validate_time_zone(wrong)


# --- Cohorts ------------------------------------------------------------------------------------------------


def test_the_database_holds_one_role_for_each_person_in_a_cohort(cohort: Cohort, candidate: User) -> None:
    with pytest.raises(IntegrityError, match="membership_one_role_per_cohort"), transaction.atomic():
        Membership.objects.create(cohort=cohort, user=candidate, role=Role.ADMIN)

    assert Membership.objects.get(user=candidate).role == Role.CANDIDATE


def test_the_database_holds_roles_that_exist(cohort: Cohort, stranger: User) -> None:
    with pytest.raises(IntegrityError, match="membership_role_known"), transaction.atomic():
        Membership.objects.create(cohort=cohort, user=stranger, role="owner")

    assert not Membership.objects.filter(user=stranger).exists()


def test_the_database_holds_who_accepted_an_invitation_and_when(cohort: Cohort, admin: User) -> None:
    now = database_now()
    invitation, _ = invite(cohort=cohort, email="new@example.com", role=Role.MENTOR, actor=admin, now=now)

    for half in ({"accepted_at": now}, {"accepted_by": admin}):
        with pytest.raises(IntegrityError, match="invitation_accepted_by_somebody"), transaction.atomic():
            Invitation.objects.filter(pk=invitation.pk).update(**half)

    assert list(cohort.invitations.filter(accepted_at=None, accepted_by=None)) == [invitation]


def test_people_cohorts_and_invitations_have_words_for_themselves(cohort: Cohort, admin: User, mentor: User) -> None:
    invitation, _ = invite(cohort=cohort, email="new@example.com", role=Role.MENTOR, actor=admin, now=database_now())

    assert str(cohort) == "Autumn"
    assert str(mentor.memberships.get()) == "Mentor, Mentor of Autumn"
    assert str(invitation) == "new@example.com as Mentor of Autumn"


def test_cohorts_stand_by_name() -> None:
    for name in ("Summer", "Autumn", "Winter"):
        CohortFactory(name=name)

    assert [cohort.name for cohort in Cohort.objects.all()] == ["Autumn", "Summer", "Winter"]
