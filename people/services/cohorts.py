"""Cohorts and their members. An archived cohort is read: people leave it, and nothing else of it changes."""

from datetime import datetime, timedelta
from decimal import Decimal

from django.core.exceptions import ValidationError
from django.db import transaction

from people.models import Cohort, Membership, Role, User
from people.services.audit import audit
from people.signals import cohort_duplicated, time_limits_given

# --- Cohorts ------------------------------------------------------------------------------------------------


@transaction.atomic
def create_cohort(*, name: str, actor: User) -> Cohort:
    """Create a cohort; its maker becomes its admin."""
    cohort = Cohort.objects.create(name=name)
    Membership.objects.create(cohort=cohort, user=actor, role=Role.ADMIN)
    audit(actor=actor, action="cohort.create", on=cohort, name=name)
    return cohort


def lock_current(cohort: Cohort) -> Cohort:
    """Lock a cohort until the transaction ends, and return it as it is now. Raises ValidationError if archived."""
    locked = Cohort.objects.select_for_update().get(pk=cohort.pk)
    if locked.archived_at:
        raise ValidationError(f"{locked} is archived: it can be read, and not changed. Restore it first.")
    return locked


@transaction.atomic
def rename_cohort(*, cohort: Cohort, name: str, actor: User) -> None:
    """Give cohort another name. Raises ValidationError if it is archived."""
    locked = lock_current(cohort)
    if locked.name == name:
        return
    Cohort.objects.filter(pk=cohort.pk).update(name=name)
    audit(actor=actor, action="cohort.rename", on=cohort, before=locked.name, after=name)


@transaction.atomic
def archive_cohort(*, cohort: Cohort, actor: User, now: datetime) -> None:
    """End a cohort: nobody joins it any more. What was done stays to be read. A second time it changes nothing."""
    if Cohort.objects.filter(pk=cohort.pk, archived_at=None).update(archived_at=now):
        cohort.invitations.update(mail_due_at=None)  # a mail that nobody could follow
        audit(actor=actor, action="cohort.archive", on=cohort)


@transaction.atomic
def restore_cohort(*, cohort: Cohort, actor: User) -> None:
    """Take back that cohort was archived."""
    if Cohort.objects.filter(pk=cohort.pk).exclude(archived_at=None).update(archived_at=None):
        audit(actor=actor, action="cohort.restore", on=cohort)


@transaction.atomic
def duplicate_cohort(
    *, cohort: Cohort, name: str, assignments_later_by: timedelta | None, actor: User, now: datetime
) -> Cohort:
    """Make a cohort with the same mentors and admins, and without candidates; actor is an admin of it.

    Its assignments come along, so much later, unless assignments_later_by is None.
    """
    copy = Cohort.objects.create(name=name)
    led = {one.user_id: one.role for one in cohort.memberships.filter(role__in=Role.leading())}
    led[actor.pk] = Role.ADMIN
    Membership.objects.bulk_create(Membership(cohort=copy, user_id=user, role=role) for user, role in led.items())
    audit(actor=actor, action="cohort.duplicate", on=copy, source=str(cohort.pk), name=name, leaders=len(led))
    if assignments_later_by is not None:
        cohort_duplicated.send(
            sender=Cohort, source=cohort, target=copy, shift=assignments_later_by, actor=actor, now=now
        )
    return copy


# --- Members ------------------------------------------------------------------------------------------------


@transaction.atomic
def set_role(*, cohort: Cohort, user: User, role: Role, actor: User | None) -> Membership:
    """Make user a member of cohort in role, or change the role they have there.

    Raises ValidationError for an archived cohort, and when it would have no admin any more.
    """
    lock_current(cohort)
    if role != Role.ADMIN:
        _keep_an_admin(cohort, user, "has to stay one")
    membership, _ = Membership.objects.update_or_create(cohort=cohort, user=user, defaults={"role": role})
    audit(actor=actor, action="cohort.set_role", on=cohort, user=str(user.pk), role=role)
    return membership


@transaction.atomic
def remove_member(*, cohort: Cohort, user: User, actor: User) -> None:
    """Take user out of cohort, or let them leave; their interviews stay theirs.

    Raises ValidationError for the cohort's last admin, who would leave it without one.
    """
    _keep_an_admin(cohort, user, "cannot leave")
    removed, _ = Membership.objects.filter(cohort=cohort, user=user).delete()
    if removed:
        action = "cohort.leave" if user == actor else "cohort.remove_member"
        audit(actor=actor, action=action, on=cohort, user=str(user.pk))


def _keep_an_admin(cohort: Cohort, user: User, has_to: str) -> None:
    """Raise ValidationError if user is the cohort's only admin. Of two who go at once, the second waits."""
    admins = Membership.objects.select_for_update().filter(cohort=cohort, role=Role.ADMIN)
    if {membership.user_id for membership in admins} == {user.pk}:
        raise ValidationError(f"The last admin {has_to}. Make somebody else admin first.")


@transaction.atomic
def give_time(
    *, user: User, factor: Decimal, untimed: bool, actor: User, cohort: Cohort | None, on_top: bool = False
) -> bool:
    """Set what is agreed with user about time limits; return whether that changes anything.

    factor: 1 is the usual time, 3 the most. on_top: what was agreed before stays where it is more. It holds in every
    cohort, for a person's need does not end at its door. Mocks that run become longer (time_limits_given), never
    shorter. cohort: in whose log it stands; None where a site admin gives it to the person alone.
    """
    locked = User.objects.select_for_update().get(pk=user.pk)
    if on_top:
        factor, untimed = max(factor, locked.extra_time_factor), untimed or locked.untimed
    before = (locked.extra_time_factor, locked.untimed)
    if before == (factor, untimed):
        return False
    locked.extra_time_factor, locked.untimed = factor, untimed
    locked.save(update_fields=["extra_time_factor", "untimed"])
    audit(
        actor=actor,
        action="cohort.give_time" if cohort else "person.give_time",
        on=cohort or user,
        user=str(user.pk),
        before=[str(before[0]), before[1]],
        after=[str(factor), untimed],
    )
    time_limits_given.send(sender=User, user=locked)
    return True
