"""Cohorts, members and invitations."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import DatabaseError, transaction

from people.clock import database_now
from people.models import AuditEntry, Cohort, Invitation, Membership, Role, User
from people.services.audit import audit
from people.services.cohorts import create_cohort, remove_member, set_role
from people.services.invitations import InvitationRefused, accept_invitation, hash_token, invite


def test_create_cohort_makes_its_maker_admin(stranger: User) -> None:
    cohort = create_cohort(name="Spring", actor=stranger)

    assert Membership.objects.get(cohort=cohort).role == Role.ADMIN
    assert list(Cohort.objects.administered_by(stranger)) == [cohort]


def test_set_role_changes_the_one_role_a_member_has(cohort: Cohort, candidate: User, admin: User) -> None:
    set_role(cohort=cohort, user=candidate, role=Role.MENTOR, actor=admin)

    assert [m.role for m in Membership.objects.filter(cohort=cohort, user=candidate)] == [Role.MENTOR]


def test_remove_member_refuses_the_last_admin(cohort: Cohort, admin: User) -> None:
    with pytest.raises(ValidationError, match="last admin"):
        remove_member(cohort=cohort, user=admin, actor=admin)

    assert Membership.objects.filter(cohort=cohort, user=admin).exists()


def test_invitation_token_is_stored_only_as_a_hash(cohort: Cohort, admin: User) -> None:
    invitation, token = invite(
        cohort=cohort, email="New@Example.com", role=Role.MENTOR, actor=admin, now=database_now()
    )

    assert invitation.email == "new@example.com"
    assert invitation.token_hash == hash_token(token)
    assert token not in str(Invitation.objects.filter(pk=invitation.pk).values().get())


def test_accepting_an_invitation_gives_the_role_it_names(cohort: Cohort, admin: User, stranger: User) -> None:
    _, token = invite(cohort=cohort, email=stranger.email, role=Role.MENTOR, actor=admin, now=database_now())

    membership = accept_invitation(token=token, user=stranger, now=database_now())

    assert (membership.cohort, membership.role) == (cohort, Role.MENTOR)


def test_an_invitation_works_once(cohort: Cohort, admin: User, stranger: User) -> None:
    _, token = invite(cohort=cohort, email=stranger.email, role=Role.MENTOR, actor=admin, now=database_now())
    accept_invitation(token=token, user=stranger, now=database_now())

    with pytest.raises(InvitationRefused, match="used already"):
        accept_invitation(token=token, user=stranger, now=database_now())


def test_an_invitation_is_for_the_address_it_was_sent_to(
    cohort: Cohort, admin: User, stranger: User, outsider: User
) -> None:
    _, token = invite(cohort=cohort, email=stranger.email, role=Role.ADMIN, actor=admin, now=database_now())

    with pytest.raises(InvitationRefused, match=stranger.email):
        accept_invitation(token=token, user=outsider, now=database_now())

    assert not Membership.objects.filter(cohort=cohort, user=outsider).exists()


def test_an_invitation_expires_after_seven_days(cohort: Cohort, admin: User, stranger: User) -> None:
    now = database_now()
    _, token = invite(cohort=cohort, email=stranger.email, role=Role.CANDIDATE, actor=admin, now=now)

    with pytest.raises(InvitationRefused, match="expired"):
        accept_invitation(token=token, user=stranger, now=now + timedelta(days=7))


def test_a_second_invitation_replaces_the_first(cohort: Cohort, admin: User, stranger: User) -> None:
    _, old = invite(cohort=cohort, email=stranger.email, role=Role.CANDIDATE, actor=admin, now=database_now())
    _, new = invite(cohort=cohort, email=stranger.email, role=Role.MENTOR, actor=admin, now=database_now())

    with pytest.raises(InvitationRefused, match="newer one"):
        accept_invitation(token=old, user=stranger, now=database_now())
    assert accept_invitation(token=new, user=stranger, now=database_now()).role == Role.MENTOR


def test_members_are_not_invited_again(cohort: Cohort, admin: User, candidate: User) -> None:
    with pytest.raises(ValidationError, match="member of Autumn already"):
        invite(cohort=cohort, email=candidate.email.upper(), role=Role.ADMIN, actor=admin, now=database_now())


@pytest.mark.parametrize("change", ["update", "delete"])
def test_the_audit_log_refuses_changes(admin: User, cohort: Cohort, change: str) -> None:
    entry = audit(actor=admin, action="test", on=cohort, detail_of="it")

    entries = AuditEntry.objects.filter(pk=entry.pk)
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        entries.update(action="nothing") if change == "update" else entries.delete()

    assert AuditEntry.objects.get(pk=entry.pk).action == "test"
