"""Guests, who try Greenroom without an account."""

import uuid

from django.db import transaction
from django.db.models import ProtectedError

from people.models import User
from people.services.audit import audit
from people.signals import guest_joins


def create_guest() -> User:
    """Create somebody who tries Greenroom without an account: no password, and an address that no mail reaches."""
    email = f"guest-{uuid.uuid4()}@guest.invalid"
    return User.objects.create_user(email, name="Guest", is_guest=True, mail_when_graded=False)


@transaction.atomic
def join_guest(*, guest: User, user: User) -> bool:
    """Pass what a guest has written to user, the account that they have made or logged in to; the guest is no more.

    Return whether there was such a guest still.
    """
    locked = User.objects.select_for_update().filter(pk=guest.pk, is_guest=True, is_active=True).first()
    if locked is None:
        return False
    guest_joins.send(sender=User, guest=locked, user=user)
    retire_guest(guest=locked)
    audit(actor=user, action="guest.join", on=user, guest=str(guest.pk))
    return True


def retire_guest(*, guest: User) -> None:
    """Delete a guest. Where a grade refers to them, which is only ever added, they stay as nobody who can enter."""
    try:
        guest.delete()
    except ProtectedError:
        User.objects.filter(pk=guest.pk).update(is_active=False)
