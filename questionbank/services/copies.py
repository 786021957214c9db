"""Copies of what mentors type into the editor: kept until it is in a draft, or dropped.

docs/decisions/0010-editor-copies.md has the reasons.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import QuerySet

from people.models import User
from questionbank.content import QuestionContent
from questionbank.models import EditorCopy, Question, VersionState
from questionbank.services.versions import DraftChanged, save_draft

Where = Literal["draft", "copy", "changed", "in_review", "elsewhere"]


@dataclass(frozen=True)
class Kept:
    """What became of what was typed.

    where: "draft": the draft says it; "copy": it is kept beside the draft, for it is no valid version yet, or of a new
    question; "changed": kept beside the draft, which another page or mentor has changed; "in_review": kept, for the
    version is in review; "elsewhere": not kept, for the author's copy is another page's.
    seen: the content hash of the draft that the page is based on from now on.
    """

    where: Where
    seen: str
    at: datetime


@transaction.atomic
def keep(
    *,
    author: User,
    question: Question | None,
    data: Mapping[str, str],
    content: QuestionContent | None,
    seen: str,
    now: datetime,
) -> Kept:
    """Write what a page of the editor holds into the draft if it can be, else keep it as the author's copy.

    question: None for a new one, which has no draft before it is saved; data: the form as it was sent, with the names
    of the page and of the page whose copy it has brought back ("page", "took"); content: what it says, None where it
    is not valid; seen: the content hash of the draft that the page is based on.
    """
    where: Where = "copy"
    if question is not None and content is not None:
        where, written = _into_draft(question, content, author, seen)
        if where == "draft":
            drop(author=author, question=question, page=data)
            return Kept("draft", written, now)
    return Kept(where if _write(author, question, data, seen, now) else "elsewhere", seen, now)


def drop(*, author: User, question: Question | None, page: Mapping[str, str] | None = None) -> None:
    """Delete author's copy of a question, or of a new one; where a page's data is given, only if it is that page's."""
    copies = EditorCopy.objects.filter(author=author, question=question)
    (copies if page is None else _of_page(copies, page)).delete()


def _of_page(copies: QuerySet[EditorCopy], data: Mapping[str, str]) -> QuerySet[EditorCopy]:
    """Narrow copies to one that the page has written or brought back.

    A page names itself, so that a reply that is lost on the way makes no stranger of its own copy.
    """
    return copies.filter(data__page__in=[data.get("page", ""), data.get("took", "")])


def _into_draft(question: Question, content: QuestionContent, author: User, seen: str) -> tuple[Where, str]:
    """Make the draft say content; return "draft" and its hash ("" where none is needed), or why it does not."""
    newest = question.versions.first()
    if newest and newest.content_hash == content.content_hash and newest.state != VersionState.IN_REVIEW:
        is_draft = newest.state == VersionState.DRAFT
        if is_draft or not seen:
            return "draft", newest.content_hash if is_draft else ""
    try:
        with transaction.atomic():
            draft = save_draft(question=question, content=content, author=author, expected_hash=seen)
    except DraftChanged:
        return "changed", ""
    except ValidationError:
        return "in_review" if newest and newest.state == VersionState.IN_REVIEW else "copy", ""
    return "draft", draft.content_hash


def _write(author: User, question: Question | None, data: Mapping[str, str], seen: str, now: datetime) -> bool:
    """Write the author's copy, unless another page's is there; return whether it is written."""
    typed = {"page": "", **data}
    values = {"data": typed, "seen": seen[:64], "updated_at": now}
    copies = EditorCopy.objects.filter(author=author, question=question)
    if _of_page(copies, typed).update(**values):
        return True
    _, is_new = EditorCopy.objects.get_or_create(author=author, question=question, defaults=values)
    return is_new
