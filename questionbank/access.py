"""Fetch-and-authorise helpers for questions."""

from typing import Any

from django.db.models import Case, When
from django.shortcuts import get_list_or_404, get_object_or_404

from people.models import User
from people.selectors import mentors
from questionbank.models import Import, Question, QuestionVersion, VersionComment, VersionState
from questionbank.selectors import with_parts


def get_question(user: User, pk: Any) -> Question:
    """Return the question pk if user may read and write questions, else raise Http404."""
    return get_object_or_404(Question.objects.visible_to(user).select_related("topic"), pk=pk)


def get_version(user: User, pk: Any, number: int | None = None) -> QuestionVersion:
    """Return a version of the question pk with all it says, if user may read it, else raise Http404.

    number: which one; None for the published one, or else the newest.
    """
    versions = with_parts(get_question(user, pk).versions.all()).select_related("author", "published_by")
    if number is not None:
        return get_object_or_404(versions, number=number)
    published_first = Case(When(state=VersionState.PUBLISHED, then=0), default=1)
    return get_list_or_404(versions.order_by(published_first, "-number")[:1])[0]


def get_comment(user: User, pk: Any, comment: int) -> VersionComment:
    """Return this comment on a version of the question pk, if user may read it, else raise Http404."""
    comments = VersionComment.objects.filter(version__question=get_question(user, pk))
    return get_object_or_404(comments.select_related("version__question"), pk=comment)


def is_only_mentor(user: User) -> bool:
    """Say whether nobody but user could review a question."""
    return not mentors().exclude(pk=user.pk).exists()


def may_approve(user: User, version: QuestionVersion) -> bool:
    """Say whether user, a mentor, may publish version: its author only where there is no other mentor."""
    return version.author_id != user.pk or is_only_mentor(user)


def get_import(user: User, pk: Any) -> Import:
    """Return the import pk, without the file's content, if it is user's own (or user a site admin), else Http404."""
    return get_object_or_404(Import.objects.visible_to(user).select_related("uploaded_by").defer("content"), pk=pk)
