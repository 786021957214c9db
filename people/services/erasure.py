"""Erasing a person: asked for, undone within the days of grace, or done.

What goes and what stays: docs/decisions/0020-privacy.md.

The texts of append-only tables go too. Their triggers let go of them only where `greenroom.erasing` names a person
whose erasure is due, and only of that person's.
"""

import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from time import monotonic
from typing import Any

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.db.models import Q

from people.clock import database_now
from people.models import Cohort, Erasure, Invitation, MemberImport, Membership, Role, User
from people.services.audit import audit
from people.services.logins import forget_logins, is_last_site_admin
from people.signals import erasing

log = logging.getLogger(__name__)

AT_MOST = 1000
"""So many rows of a kind go at once, within one transaction."""
LONGEST = 15
"""Seconds after which a task begins no further piece: the next one goes on."""
ERASED = "Erased account"
REDACTED = "(erased)"


@transaction.atomic
def ask(*, user: User, actor: User, now: datetime) -> Erasure:
    """Ask for user's erasure: it is done when settings.ERASURE_GRACE is over, unless it is undone. Twice is once.

    Raises ValidationError for the last site admin, and for the last admin of a cohort.
    """
    if is_last_site_admin(user):
        raise ValidationError("The last site admin stays. Make somebody else site admin first.")
    if alone := _cohorts_left_alone(user):
        names = ", ".join(alone)
        raise ValidationError(f"There is no other admin of {names}. Make somebody else admin there first.")
    due = now + settings.ERASURE_GRACE
    defaults = {"asked_by": actor, "asked_at": now, "due_at": due}
    erasure, is_new = Erasure.objects.get_or_create(user=user, defaults=defaults)
    if is_new:
        audit(actor=actor, action="person.ask_erasure", on=user, due=due.isoformat())
    return erasure


def _cohorts_left_alone(user: User) -> list[str]:
    """Return the names of the cohorts that user alone is admin of."""
    admins = Membership.objects.select_for_update().filter(role=Role.ADMIN)
    own = Cohort.objects.current().filter(memberships__user=user, memberships__role=Role.ADMIN)
    shared = {one.cohort_id for one in admins.filter(cohort__in=own).exclude(user=user)}
    return [cohort.name for cohort in own if cohort.pk not in shared]


@transaction.atomic
def undo(*, user: User, actor: User, now: datetime) -> bool:
    """Take back that user is to be erased; return whether that was still possible."""
    undone, _ = Erasure.objects.filter(user=user, done_at=None, due_at__gt=now).delete()
    if undone:
        audit(actor=actor, action="person.undo_erasure", on=user)
    return bool(undone)


def erase_due(*, now: datetime) -> None:
    """Erase those whose days of grace are over, piece by piece until the time of a task is up.

    Each piece is a transaction. Whatever stops it, the next call goes on; two at once do not meet.
    """
    until = monotonic() + LONGEST
    waiting = Erasure.objects.filter(done_at=None, due_at__lte=now).order_by("due_at")
    for pk in waiting.values_list("pk", flat=True):
        try:
            while _is_more_left(pk) and monotonic() < until:
                pass
        except Exception:  # one person who cannot be erased must not keep all others
            log.exception("erasure %s goes on later", pk)
        if monotonic() >= until:
            return


@transaction.atomic
def _is_more_left(pk: int) -> bool:
    """Take a piece away; return whether there is more. What somebody else has in hand is left to them."""
    erasure = Erasure.objects.select_for_update(skip_locked=True, of=("self",)).filter(pk=pk, done_at=None).first()
    if erasure is None:
        return False
    user = User.objects.select_for_update().get(pk=erasure.user_id)
    if is_last_site_admin(user):
        log.error("the last site admin is to be erased: make somebody else site admin first")
        return False
    with _erasing(user):
        _lock_out(user)
        if any(more for _, more in erasing.send(sender=User, person=user, at_most=AT_MOST)):
            return True
        _forget(user)
    Erasure.objects.filter(pk=pk).update(done_at=database_now())
    audit(actor=None, action="person.erase", on=user)
    return False


@contextmanager
def _erasing(user: User) -> Iterator[None]:
    """Let the triggers of append-only tables give up user's texts, until the transaction or the block ends."""
    _set_erasing(str(user.pk))
    yield
    _set_erasing("")


def _set_erasing(value: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('greenroom.erasing', %s, true)", [value])


def _lock_out(user: User) -> None:
    User.objects.filter(pk=user.pk).update(is_active=False)
    forget_logins(user=user, tokens=True)


def _forget(user: User) -> None:
    """Take away who user was: last, since it is by the addresses that the rest is found."""
    addresses = _addresses(user)
    _redact_audit(user, addresses)
    for found in _imports_naming(addresses):
        _drop_rows(found, addresses)
    about = LogEntry.objects.filter(content_type=ContentType.objects.get_for_model(User), object_id=str(user.pk))
    about.update(object_repr=REDACTED, change_message="")
    Invitation.objects.filter(Q(accepted_by=user) | _any_of("email", addresses)).delete()
    EmailAddress.objects.filter(user=user).delete()
    Authenticator.objects.filter(user=user).delete()
    Membership.objects.filter(user=user).delete()
    user.groups.clear()
    user.user_permissions.clear()
    user.set_unusable_password()
    User.objects.filter(pk=user.pk).update(
        email=f"{user.pk}@erased.invalid",
        name=ERASED,
        password=user.password,
        time_zone="UTC",
        extra_time_factor=1,
        untimed=False,
        mail_when_graded=False,
        is_staff=False,
        is_superuser=False,
        last_login=None,
    )


def _addresses(user: User) -> set[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT lower(address) FROM addresses_of(%s) address", [user.pk])
        return {address for (address,) in cursor.fetchall()}


def _any_of(field: str, values: set[str], lookup: str = "iexact") -> Q:
    """Return the condition that field is (or holds) one of values."""
    condition = Q(pk__in=[])
    for value in values:
        condition |= Q(**{f"{field}__{lookup}": value})
    return condition


def _redact_audit(user: User, addresses: set[str]) -> None:
    """Take user's addresses out of what was written down of anybody's acts."""
    statement = "UPDATE people_auditentry SET detail = without_addresses(detail, %s) WHERE lower(detail::text) LIKE %s"
    with connection.cursor() as cursor:
        for address in addresses:
            cursor.execute(statement, [user.pk, f"%{_literally(address)}%"])


def forget_reasons(*, object_type: str, object_ids: Sequence[Any], person: User) -> None:
    """Take the reasons out of what was written down of acts on these objects, which are about person.

    To be called while person is being erased.
    """
    statement = """
        UPDATE people_auditentry SET detail = jsonb_set(without_addresses(detail, %s), '{reason}', %s, false)
        WHERE object_type = %s AND object_id = ANY (%s) AND detail ? 'reason' AND detail->>'reason' <> %s
    """
    ids = [str(one) for one in object_ids]
    with connection.cursor() as cursor:
        cursor.execute(statement, [person.pk, f'"{REDACTED}"', object_type, ids, REDACTED])


def _literally(text: str) -> str:
    r"""Return text for LIKE, in which %, _ and \ mean something."""
    return text.replace("\\", r"\\").replace("%", r"\%").replace("_", r"\_")


def _imports_naming(addresses: set[str]) -> Any:
    named = _any_of("rows", addresses, "icontains") | _any_of("report", addresses, "icontains")
    return MemberImport.objects.select_for_update().filter(named)


def _drop_rows(found: MemberImport, addresses: set[str]) -> None:
    """Take the rows that name one of addresses out of a table of people, and out of what became of them."""
    found.rows = [row for row in found.rows if not _names(row, addresses)]
    found.report = _without(found.report, addresses)
    found.save(update_fields=["rows", "report"])


def _without(value: Any, addresses: set[str]) -> Any:
    """Return JSON without the innermost objects and lists that name one of addresses, and those texts themselves."""
    if isinstance(value, str):
        return REDACTED if _names(value, addresses) else value
    if isinstance(value, list):
        return [_without(one, addresses) for one in value if not (_is_row(one) and _names(one, addresses))]
    if isinstance(value, dict):
        return {key: _without(one, addresses) for key, one in value.items() if not _names(key, addresses)}
    return value


def _is_row(value: Any) -> bool:
    """Say whether value is a list or object that holds no other: what is said of one person."""
    parts = value.values() if isinstance(value, dict) else value if isinstance(value, list) else None
    return parts is not None and not any(isinstance(part, list | dict) for part in parts)


def _names(value: Any, addresses: set[str]) -> bool:
    text = str(value).lower()
    return any(address in text for address in addresses)
