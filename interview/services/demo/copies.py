"""Writing demo interviews by COPY: a cohort at a time, each in one transaction.

It writes what starting, submitting, finishing, grading and reviewing would have left, without their notices: no mail,
no plan, no audit. What counts on triggers (the figures) hears of it as of any other answer.
"""

import json
import random
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from io import StringIO
from uuid import UUID, uuid4

from django.db import connection, transaction

from grading.engine import ENGINE_VERSION
from grading.engine.guards import EMPTY
from interview.models import InterviewQuestion
from interview.services.demo.bank import Asked, Bank, Ready, escaped
from interview.services.demo.chance import Given, Played, play
from interview.services.demo.people import Person
from questionbank.models import Mark

# A mentor reads so many answers, and gives a key point in four another mark than the machine did.
REVIEWED, REMARKED = 0.05, 0.25
REASON = "Read once more: this is what the answer says."
NULL = "\\N"

# Probabilities that stand for a mark, without evidence: nothing was measured.
CHANCES = {"stated": (1, 0, 0), "partly": (0.5, 0.5, 0), "missing": (0, 1, 0), "contradicted": (0, 0, 1)}
MARK = {
    mark: f"{mark}\t0\t0\t{stated}\t{missing}\t{contradicted}"
    for mark, (stated, missing, contradicted) in CHANCES.items()
}

# In the order in which rows may refer to each other at the end of each statement.
COLUMNS = {
    "interview_interview": (
        "id, candidate_id, track_id, assignment_id, title, mode, started_at, minutes, extra_time_factor, untimed, "
        "deadline_at, finished_at, announced_at"
    ),
    "interview_interviewquestion": "id, interview_id, position, section, version_id, flagged, late_text",
    "grading_gradingjob": (
        "id, answer_id, candidate_id, version_id, text, engine_version, state, fencing_token, attempts, created_at, "
        "rung_at, claimed_at, finished_at, trouble, grade_id"
    ),
    "grading_grade": "id, job_id, version_id, score, confidence, flags, doubts, receipt, created_at",
    "grading_keypointmark": (
        "grade_id, key_point_id, mark, similarity, threshold, p_stated, p_missing, p_contradicted"
    ),
    "interview_answer": "id, question_id, text, submitted_at, idempotency_key, job_id",
    "grading_review": "id, job_id, version_id, reviewer_id, reason, score, created_at",
    "grading_reviewmark": "review_id, key_point_id, mark",
}


@transaction.atomic
def make_interviews(
    people: Sequence[Person], *, each: int, bank: Bank, seed: int, now: datetime, by_worker: bool
) -> tuple[int, int]:
    """Give each of people as many finished interviews as are missing to each; return (interviews, answers) made.

    by_worker: leave the grading to the worker, which hears of the jobs at the next sweep; else each answer gets its
    exemplar's marks and score, and a mentor's review here and there. Raises NotEnoughQuestions.
    """
    met = _met(people)
    rows = Rows(is_graded=not by_worker, now=now)
    played = [
        interview
        for person in people
        for interview in play(
            person, range(person.interviews, each), bank=bank, met=met[person.user.pk], seed=seed, now=now
        )
    ]
    numbers = iter(_question_ids(sum(len(interview.given) for interview in played)))
    for interview in played:
        rows.add(interview, numbers)
    rows.copy()
    return len(played), rows.answers


def analyze() -> None:
    """Tell the planner what was just written, which autovacuum does only in a minute."""
    with connection.cursor() as cursor:
        cursor.execute(f"ANALYZE {', '.join(COLUMNS)}")


def _met(people: Iterable[Person]) -> dict[UUID, Counter[UUID]]:
    """Return how often each of people has met each question."""
    met: dict[UUID, Counter[UUID]] = defaultdict(Counter)
    known = [person.user.pk for person in people if person.interviews]
    asked = InterviewQuestion.objects.filter(interview__candidate__in=known) if known else None
    for candidate, question in asked.values_list("interview__candidate", "version__question") if asked else ():
        met[candidate][question] += 1
    return met


def _question_ids(count: int) -> list[int]:
    """Take count ids of InterviewQuestion, which the rows that follow refer to."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT nextval(pg_get_serial_sequence('interview_interviewquestion', 'id')) FROM generate_series(1, %s)",
            [count],
        )
        return [number for (number,) in cursor.fetchall()]


class Rows:
    """Lines for COPY, table by table."""

    def __init__(self, *, is_graded: bool, now: datetime) -> None:
        self.answers = 0
        self._is_graded, self._now = is_graded, now
        self._lines: dict[str, list[str]] = {table: [] for table in COLUMNS}

    def add(self, played: Played, numbers: Iterator[int]) -> None:
        """Add an interview with all that follows from it. numbers: ids for its questions."""
        interview, track, candidate = uuid4(), played.track, played.person.user.pk
        deadline = played.began + timedelta(minutes=track.minutes) if played.mode == "mock" else NULL
        assignment = played.assignment.pk if played.assignment else NULL
        self._lines["interview_interview"].append(
            f"{interview}\t{candidate}\t{track.pk}\t{assignment}\t{escaped(track.title)}\t{played.mode}\t{played.began}\t"
            f"{track.minutes}\t1\tf\t{deadline}\t{played.finished}\t{played.finished}\n"
        )
        for position, (one, number) in enumerate(zip(played.given, numbers, strict=False), 1):
            self._lines["interview_interviewquestion"].append(
                f"{number}\t{interview}\t{position}\t{escaped(one.section)}\t{one.asked.version.pk}\tf\t\n"
            )
            if one.answer:
                self._add_answer(played.person, number, one, one.answer, played.chance)

    def _add_answer(self, person: Person, question: int, given: Given, answer: Ready, chance: random.Random) -> None:
        self.answers += 1
        answer_id, job, grade, asked, at = uuid4(), uuid4(), uuid4(), given.asked, given.at
        claimed = at + timedelta(seconds=chance.lognormvariate(-1.5, 0.6))
        graded = claimed + timedelta(seconds=chance.lognormvariate(-1, 0.4))
        outcome = f"graded\t1\t1\t{at}\t{at}\t{claimed}\t{graded}\t\t{grade}"
        waiting = f"pending\t0\t0\t{at}\t{at}\t{NULL}\t{NULL}\t\t{NULL}"
        self._lines["grading_gradingjob"].append(
            f"{job}\t{answer_id}\t{person.user.pk}\t{asked.version.pk}\t{answer.text}\t{ENGINE_VERSION}\t"
            f"{outcome if self._is_graded else waiting}\n"
        )
        self._lines["interview_answer"].append(f"{answer_id}\t{question}\t{answer.text}\t{at}\t{uuid4()}\t{job}\n")
        if self._is_graded:
            self._add_grade(grade, job, asked, answer, graded)
            if chance.random() < REVIEWED:
                self._add_review(job, person.mentor, asked, answer, at, chance)

    def _add_grade(self, grade: UUID, job: UUID, asked: Asked, answer: Ready, at: datetime) -> None:
        flags = "[]" if answer.text else json.dumps([EMPTY])
        receipt = json.dumps(
            {
                "demo": True,
                "exemplar": answer.slug,
                "question_version": str(asked.version.pk),
                "content_hash": asked.version.content_hash,
            }
        )
        self._lines["grading_grade"].append(
            f"{grade}\t{job}\t{asked.version.pk}\t{answer.score}\t1\t{flags}\t[]\t{receipt}\t{at}\n"
        )
        self._lines["grading_keypointmark"] += [f"{grade}\t{point}\t{MARK[mark]}\n" for point, mark in answer.marks]

    def _add_review(
        self, job: UUID, mentor: UUID, asked: Asked, answer: Ready, at: datetime, chance: random.Random
    ) -> None:
        review = uuid4()
        read = min(at + timedelta(days=chance.uniform(0.2, 5)), self._now)
        marks = [(pk, chance.choice(Mark.values) if chance.random() < REMARKED else m) for pk, m in answer.marks]
        self._lines["grading_review"].append(
            f"{review}\t{job}\t{asked.version.pk}\t{mentor}\t{REASON}\t{asked.score(marks)}\t{read}\n"
        )
        self._lines["grading_reviewmark"] += [f"{review}\t{point}\t{mark}\n" for point, mark in marks]

    def copy(self) -> None:
        """Write all lines."""
        with connection.cursor() as cursor:
            for table, columns in COLUMNS.items():
                if self._lines[table]:
                    lines = StringIO("".join(self._lines[table]))
                    cursor.copy_expert(f"COPY {table} ({columns}) FROM STDIN", lines)
