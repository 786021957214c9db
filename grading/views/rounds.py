"""How a mentor goes through the queue: what stays in the address from one answer to the next."""

from dataclasses import dataclass
from uuid import UUID

from django.http import HttpRequest, QueryDict
from django.urls import reverse

from grading.models import GradingJob
from grading.selectors.queue import Show


@dataclass(frozen=True)
class Round:
    """A mentor's way through the queue.

    show: the part of it; question: the one whose answers alone are read, or None; blind: whether marks are set before
    the machine's are seen.
    """

    show: Show
    question: UUID | None
    blind: bool

    @classmethod
    def of(cls, request: HttpRequest) -> "Round":
        """Read a round from the request's address; what it does not name, or names wrongly, is as usual."""
        asked = request.GET
        show = Show(asked["show"]) if asked.get("show") in Show.values else Show.WAITING
        return cls(show, cls.uuid(asked.get("question", "")), blind="blind" in asked)

    @staticmethod
    def uuid(text: str) -> UUID | None:
        """Return the id that text is, or None."""
        try:
            return UUID(text)
        except ValueError:
            return None

    def query(self, **others: object) -> str:
        """Return the part of an address that keeps the round and adds others, with its question mark if need be."""
        named = QueryDict(mutable=True)
        if self.show != Show.WAITING:
            named["show"] = self.show.value
        if self.question:
            named["question"] = str(self.question)
        if self.blind:
            named["blind"] = "1"
        named.update({name: str(value) for name, value in others.items()})
        return f"?{named.urlencode()}" if named else ""

    def to_list(self) -> str:
        return reverse("reviews") + self.query()

    def to_answer(self, job: GradingJob) -> str:
        return reverse("review", args=[job.pk]) + self.query()

    def to_next(self, after: GradingJob | None = None) -> str:
        """Return the address that leads to the next answer, behind after."""
        return reverse("next_answer") + (self.query(after=after.pk) if after else self.query())
