"""What candidates have sent and what Greenroom has confirmed, held against what its database has.

A confirmation is a promise: a text confirmed as saved or submitted must be there, once, and a submitted one must be
graded, once. What was sent and not confirmed (its reply was lost) may be there or not; what nobody sent may not.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from uuid import UUID

Place = tuple[UUID, int]  # an interview and the position of a question in it


@dataclass
class Submission:
    """An answer on its way. times: how often it was sent, each time with the same key."""

    place: Place
    text: str
    times: int = 0
    confirmed: bool = False


@dataclass
class Drafts:
    """The texts sent as a question's draft, in their order, and the last of them that was confirmed."""

    sent: list[str] = field(default_factory=list)
    revision: int = 0
    confirmed: str | None = None
    _at: int = -1

    def confirm(self, text: str, revision: int) -> None:
        self.confirmed, self.revision, self._at = text, revision, len(self.sent) - 1

    def holds(self, text: str | None, revision: int) -> bool:
        """Tell whether text is what was confirmed, or what was sent after it."""
        if revision == self.revision:
            return text == self.confirmed
        return revision > self.revision and text in self.sent[self._at + 1 :]


@dataclass
class Ledger:
    """All that the candidates of one run have sent."""

    interviews: set[UUID] = field(default_factory=set)  # their ids are the keys of the start forms
    drafts: dict[Place, Drafts] = field(default_factory=lambda: defaultdict(Drafts))
    submissions: dict[UUID, Submission] = field(default_factory=dict)  # by idempotency key
    finished: dict[UUID, int] = field(default_factory=dict)  # mocks whose end was confirmed, and their questions

    def submission(self, key: UUID, place: Place, text: str) -> Submission:
        return self.submissions.setdefault(key, Submission(place, text))


@dataclass(frozen=True)
class Row:
    """A question as the database has it: its draft, its answer, and how often that is to be graded and was."""

    interview: UUID
    position: int
    draft: str | None
    revision: int | None
    key: UUID | None
    answer: str | None
    jobs: int
    grades: int

    @property
    def place(self) -> Place:
        return self.interview, self.position


@dataclass
class Reckoning:
    """Counts, and a line for each thing that is wrong."""

    counts: dict[str, int] = field(default_factory=dict)
    lost: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    ungraded: list[str] = field(default_factory=list)

    @property
    def holds(self) -> bool:
        return not (self.lost or self.doubled or self.ungraded)


def reckon(ledger: Ledger, rows: Iterable[Row], *, stray_jobs: int = 0) -> Reckoning:
    """Hold what was sent and confirmed against rows: every question of every interview of the run's candidates.

    stray_jobs: how many of their grading jobs belong to no answer.
    """
    rows = list(rows)
    found = Reckoning()
    _interviews(ledger, rows, found)
    _drafts(ledger, rows, found)
    _answers(ledger, rows, found)
    _mocks(ledger, rows, found)
    _grades(rows, stray_jobs, found)
    found.counts |= {"lost": len(found.lost), "doubled": len(found.doubled), "not graded": len(found.ungraded)}
    return found


def _interviews(ledger: Ledger, rows: list[Row], found: Reckoning) -> None:
    stored = {row.interview for row in rows}
    found.doubled += [f"interview {one} was started by nobody" for one in stored - ledger.interviews]
    found.counts |= {"interviews started": len(stored & ledger.interviews)}


def _drafts(ledger: Ledger, rows: list[Row], found: Reckoning) -> None:
    stored = {row.place: row for row in rows}
    promised = {place: drafts for place, drafts in ledger.drafts.items() if drafts.revision}
    for place, drafts in promised.items():
        row = stored.get(place)
        if row is None or not drafts.holds(row.draft, row.revision or 0):
            found.lost.append(f"draft of {_name(place)}: revision {drafts.revision} was confirmed, {_has(row)}")
    found.counts |= {
        "drafts sent": sum(len(drafts.sent) for drafts in ledger.drafts.values()),
        "questions with a confirmed draft": len(promised),
    }


def _has(row: Row | None) -> str:
    if row is None or row.revision is None:
        return "none is there"
    return f"revision {row.revision} is there" + (" with another text" if row.draft is not None else "")


def _answers(ledger: Ledger, rows: list[Row], found: Reckoning) -> None:
    """Each confirmed submission is there with its text; each key made one answer, and each question has one."""
    stored = defaultdict(list)
    for row in rows:
        if row.key is not None:
            stored[row.key].append(row)
    for key, sent in ledger.submissions.items():
        same = [row for row in stored[key] if (row.place, row.answer) == (sent.place, sent.text)]
        if sent.confirmed and not same:
            found.lost.append(f"answer to {_name(sent.place)}: confirmed, {_stored(stored[key])}")
        if len(stored[key]) > 1:
            found.doubled.append(f"answer to {_name(sent.place)}: {len(stored[key])} by one submission")
    places = Counter(row.place for row in rows if row.key is not None)
    found.doubled += [f"answer to {_name(place)}: {n} of one question" for place, n in places.items() if n > 1]
    all_sent = ledger.submissions.values()
    kept = [sent for key, sent in ledger.submissions.items() if stored[key]]
    found.counts |= {
        "answers sent": len(all_sent),
        "answers sent more than once": sum(sent.times > 1 for sent in all_sent),
        "answers confirmed": sum(sent.confirmed for sent in all_sent),
        "answers stored of those": sum(sent.confirmed for sent in kept),
        "answers stored, reply lost": sum(not sent.confirmed for sent in kept),
    }


def _stored(rows: list[Row]) -> str:
    return "another text is there" if rows else "none is there"


def _mocks(ledger: Ledger, rows: list[Row], found: Reckoning) -> None:
    """A mock whose end was confirmed has an answer to each of its questions: its draft, or nothing."""
    stored = {row.place: row for row in rows if row.key is not None}
    for interview, questions in ledger.finished.items():
        for position in range(1, questions + 1):
            row = stored.get((interview, position))
            if row is None or row.answer != (row.draft or ""):
                found.lost.append(f"answer to {_name((interview, position))}: the mock's end was confirmed")
    found.counts |= {"answers by the end of a mock": sum(ledger.finished.values())}


def _grades(rows: list[Row], stray_jobs: int, found: Reckoning) -> None:
    answers = [row for row in rows if row.key is not None]
    found.ungraded += [f"answer to {_name(row.place)}" for row in answers if row.grades == 0]
    found.doubled += [f"grade of {_name(row.place)}: {row.grades}" for row in answers if row.grades > 1]
    found.doubled += [f"job of {_name(row.place)}: {row.jobs}" for row in answers if row.jobs > 1]
    found.doubled += [f"{stray_jobs} jobs belong to no answer"] * bool(stray_jobs)
    found.counts |= {
        "answers in the database": len(answers),
        "graded exactly once": sum(row.grades == 1 for row in answers),
    }


def _name(place: Place) -> str:
    return f"question {place[1]} of {place[0]}"
