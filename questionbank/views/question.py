"""One question: what a version says and how far it is, what became of it, and what two versions say differently."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.core.paginator import Paginator
from django.db.models import Q, QuerySet
from django.forms import Form
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from people.access import mentor_required
from people.models import AuditEntry, User
from people.requests import LoggedInRequest
from questionbank import access, selectors
from questionbank.diff import differences
from questionbank.forms import CommentForm, ReasonForm
from questionbank.models import Question, QuestionVersion, VersionComment, VersionState
from questionbank.services import workflow

HISTORY_SHORT = 20
HISTORY_PAGE = 50


@mentor_required
@require_GET
def question_detail(request: LoggedInRequest, pk: UUID, number: int | None = None) -> HttpResponse:
    """Read one version: the one asked for, else the published one, else the newest."""
    return version_page(request, access.get_version(request.user, pk, number))


def version_page(request: LoggedInRequest, version: QuestionVersion, *, sent: Form | None = None) -> HttpResponse:
    """Show a version fetched by access.get_version; sent: a form of this page that was refused, to be shown again."""
    question = version.question
    versions = list(question.versions.select_related("author"))
    comments = list(version.comments.select_related("author", "resolved_by"))
    waiting = sum(1 for comment in comments if not comment.resolved_at)
    deeds = selectors.history_of(question)
    moves = list(_moves_of(version, deeds))
    history = list(deeds[: HISTORY_SHORT + 1])
    asked_for = _changes_asked_for(version, moves)
    parts = selectors.parts_of(version)
    in_review = version.state == VersionState.IN_REVIEW
    can_comment = version.state in workflow.OPEN_TO_COMMENTS
    context = {
        "question": question,
        "version": version,
        "versions": versions,
        "draft": next((v for v in versions if v.state == VersionState.DRAFT), None),
        "in_review": next((v for v in versions if v.state == VersionState.IN_REVIEW), None),
        "steps": list(_steps(version, moves)),
        "asked_for": asked_for,
        "is_to_be_mended": asked_for and asked_for.detail.get("content", version.content_hash) == version.content_hash,
        "parts": parts,
        "comments": _by_part(parts, comments),
        "waiting": waiting,
        "can_comment": can_comment,
        "is_own": version.author_id == request.user.pk,
        "may_approve": in_review and access.may_approve(request.user, version),
        "left_short": selectors.tracks_left_short(version) if version.state == VersionState.PUBLISHED else [],
        "history": history[:HISTORY_SHORT],
        "has_more_history": len(history) > HISTORY_SHORT,
        "form": sent,
        "lost_words": _words_of(sent) if sent and not _has_place(sent, version, parts) else "",
        "comment_form": sent if isinstance(sent, CommentForm) else None,
        "reason_form": sent if isinstance(sent, ReasonForm) else None,
    }
    return render(request, "questionbank/question.html", context, status=400 if sent else 200)


def _has_place(sent: Form, version: QuestionVersion, parts: dict[str, str]) -> bool:
    """Say whether the page still has the form that was refused: another mentor may have moved the version on."""
    if isinstance(sent, CommentForm):
        return version.state in workflow.OPEN_TO_COMMENTS and sent["field"].value() in parts
    return version.state in (VersionState.IN_REVIEW, VersionState.PUBLISHED)


def _words_of(sent: Form) -> str:
    return str(sent.data.get("text") or sent.data.get("reason", ""))


# --- How far a version is -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Step:
    """A state on a version's way: "past", "now" or "ahead" (as when); who brought it there, at what time, and why."""

    label: str
    when: str
    by: User | None = None
    at: datetime | None = None
    why: str = ""


MOVES = ("submit", "take_back", "ask_changes", "publish", "retire")


def _moves_of(version: QuestionVersion, deeds: QuerySet[AuditEntry]) -> QuerySet[AuditEntry]:
    """Return the deeds that moved version from state to state, the newest first."""
    concerns = Q(detail__version=version.number) | Q(detail__replaces=version.number)
    return deeds.filter(concerns, action__in=[f"question.{move}" for move in MOVES])


def _steps(version: QuestionVersion, moves: list[AuditEntry]) -> Iterable[Step]:
    order = list(VersionState)
    reached = order.index(VersionState(version.state))
    for index, state in enumerate(order):
        when = "past" if index < reached else "now" if index == reached else "ahead"
        yield Step(state.label, when, **(_arrival(version, state, moves) if index <= reached else {}))


def _arrival(version: QuestionVersion, state: VersionState, moves: list[AuditEntry]) -> dict[str, Any]:
    """Return who brought version into a state that it has reached, at what time, and why."""
    if state == VersionState.DRAFT:
        return {"by": version.author, "at": version.created_at}
    if state == VersionState.PUBLISHED:
        return {"by": version.published_by, "at": version.published_at}
    if state == VersionState.IN_REVIEW:
        entry = next((move for move in moves if move.action == "question.submit"), None)
        return {"by": entry.actor, "at": entry.at} if entry else {"why": "Published without a review."}
    entry = next((m for m in moves if m.action == "question.retire" or "replaces" in m.detail), None)
    if entry is None:
        return {}
    newer = f"Version {entry.detail['version']} took its place." if entry.action == "question.publish" else ""
    return {"by": entry.actor, "at": entry.at, "why": newer or entry.detail["reason"]}


def _changes_asked_for(version: QuestionVersion, moves: list[AuditEntry]) -> AuditEntry | None:
    """Return the entry by which another mentor gave a draft back, if that is how it came to be one again."""
    is_returned = version.state == VersionState.DRAFT and moves and moves[0].action == "question.ask_changes"
    return moves[0] if is_returned else None


def _by_part(parts: dict[str, str], comments: list[VersionComment]) -> dict[str, list[VersionComment]]:
    """Group comments by the part they speak of; "gone" has those of parts that the version no longer has."""
    found: dict[str, list[VersionComment]] = {}
    for comment in comments:
        found.setdefault(comment.field if comment.field in parts else "gone", []).append(comment)
    return found


# --- History and differences --------------------------------------------------------------------------------


@mentor_required
@require_GET
def question_history(request: LoggedInRequest, pk: UUID) -> HttpResponse:
    """All that was done to a question: who, what, when and why."""
    question = access.get_question(request.user, pk)
    page = Paginator(selectors.history_of(question), HISTORY_PAGE).get_page(request.GET.get("page"))
    title = question.versions.values_list("title", flat=True).first()
    return render(request, "questionbank/history.html", {"question": question, "title": title, "page": page})


@mentor_required
@require_GET
def compare_versions(request: LoggedInRequest, pk: UUID) -> HttpResponse:
    """What two versions of a question say differently; unless asked otherwise, the newest and the one before it."""
    question = access.get_question(request.user, pk)
    versions = list(question.versions.all())
    new = _chosen(request.GET.get("to"), versions) or versions[0]
    before = next((version for version in versions if version.number < new.number), versions[-1])
    old = _chosen(request.GET.get("from"), versions) or before
    contents = _contents(question, old, new)
    found = differences(contents[old.number], contents[new.number])
    context = {"question": question, "versions": versions, "old": old, "new": new, "differences": found}
    return render(request, "questionbank/compare.html", context)


def _chosen(number: str | None, versions: list[QuestionVersion]) -> QuestionVersion | None:
    """Return the version of this number, None where none is named. Raises Http404 where there is no such version."""
    if not number:
        return None
    found = next((version for version in versions if str(version.number) == number), None)
    if found is None:
        raise Http404("There is no such version.")
    return found


def _contents(question: Question, *versions: QuestionVersion) -> dict[int, Any]:
    """Return what each of versions says, by its number."""
    numbers = [version.number for version in versions]
    found = selectors.with_parts(question.versions.filter(number__in=numbers))
    return {version.number: selectors.content_of(version) for version in found}
