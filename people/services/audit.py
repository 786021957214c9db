"""The audit log: who did what, written down and never changed."""

from collections.abc import Iterable, Sequence
from typing import Any

from django.db import models

from people.clock import database_now
from people.models import AuditEntry, User


def audit(*, actor: User | None, action: str, on: models.Model, **detail: Any) -> AuditEntry:
    """Write down that actor (None: the system) did action on the object, with detail as JSON."""
    return AuditEntry.objects.create(
        at=database_now(),
        actor=actor,
        action=action,
        object_type=on._meta.label_lower,  # noqa: SLF001 (Django's documented model API)
        object_id=str(on.pk),
        detail=detail,
    )


def audit_all(*, actor: User | None, action: str, on: Sequence[models.Model], **detail: Any) -> None:
    """Write down in one query that actor did action on each of the objects."""
    audit_each(actor=actor, action=action, on=[(one, detail) for one in on])


def audit_each(*, actor: User | None, action: str, on: Iterable[tuple[models.Model, dict[str, Any]]]) -> None:
    """Write down in one query that actor did action on each of the objects, with a detail of each."""
    at = database_now()
    AuditEntry.objects.bulk_create(
        AuditEntry(
            at=at,
            actor=actor,
            action=action,
            object_type=one._meta.label_lower,  # noqa: SLF001 (Django's documented model API)
            object_id=str(one.pk),
            detail=detail,
        )
        for one, detail in on
    )
