"""What two people do to one cohort at the same moment."""

from functools import partial

import pytest

from people.clock import database_now
from people.models import AuditEntry, Cohort, Invitation, Membership, Role, User
from people.services.cohorts import remove_member
from people.services.invitations import accept_invitation, invite
from tests.factories import MembershipFactory
from tests.races import outcomes, race

pytestmark = pytest.mark.django_db(transaction=True)


def test_two_admins_who_remove_each_other_leave_one(cohort: Cohort, admin: User) -> None:
    second = MembershipFactory(cohort=cohort, role=Role.ADMIN).user

    results = race(
        partial(remove_member, cohort=cohort, user=second, actor=admin),
        partial(remove_member, cohort=cohort, user=admin, actor=second),
    )

    assert outcomes(results) == ["NoneType", "ValidationError"]
    assert Membership.objects.filter(cohort=cohort, role=Role.ADMIN).count() == 1


def test_an_invitation_that_is_accepted_twice_at_once_works_once(cohort: Cohort, admin: User, stranger: User) -> None:
    _, token = invite(cohort=cohort, email=stranger.email, role=Role.MENTOR, actor=admin, now=database_now())
    accept = partial(accept_invitation, token=token, user=stranger, now=database_now())

    results = race(accept, accept)

    assert outcomes(results) == ["InvitationRefused", "Membership"]
    assert [membership.role for membership in stranger.memberships.all()] == [Role.MENTOR]
    assert AuditEntry.objects.filter(action="cohort.set_role").count() == 1


def test_an_address_that_is_invited_twice_at_once_has_one_open_invitation(cohort: Cohort, admin: User) -> None:
    invite_them = partial(invite, cohort=cohort, email="new@example.com", actor=admin, now=database_now())

    results = race(partial(invite_them, role=Role.MENTOR), partial(invite_them, role=Role.CANDIDATE))

    assert outcomes(results) == ["tuple", "tuple"]
    assert Invitation.objects.filter(cohort=cohort, accepted_at=None).count() == 1
