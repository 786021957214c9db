"""What a candidate is told, and when. Each question here holds a canary word in each part that could give it away.

The walk goes to every address that Greenroom has, so a page that is added later is walked too.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse

from grading.models import GradingJob
from grading.services.jobs import claim, fail, grade
from grading.services.reviews import review
from interview.models import Interview, Mode
from interview.services.interviews import finish, submit_answer
from people.clock import database_now
from people.models import User
from questionbank.content import QuestionContent
from questionbank.models import Mark, QuestionVersion, Track
from questionbank.services.versions import create_question, publish
from tests.factories import make_content, make_interview, make_topic, make_track
from tests.security.private import text_of
from tests.security.world import World, routes

PARTS = {"REFERENCE", "CLAIM", "HINT", "ACCEPTED", "MISCONCEPTION", "EXEMPLAR"}
TOLD_WITH_THE_MARKS = {"REFERENCE", "CLAIM", "HINT"}


@pytest.fixture
def track(world: World) -> Track:
    """A track of two questions whose canaries are CANARYONE… and CANARYTWO…"""
    topic = make_topic("secret")
    for word in ("ONE", "TWO"):
        raw = json.dumps(make_content().to_dict()).replace("CANARY", f"CANARY{word}")
        content = QuestionContent.from_dict(json.loads(raw))
        draft = create_question(slug=f"question-{word.lower()}", topic=topic, content=content, author=None)
        publish(version=draft, actor=None, now=database_now())
    return make_track(topic, count=2, slug="secret")


@pytest.fixture
def candidate_client(world: World) -> Client:
    return world.clients["candidate"]


def _canaries(text: str) -> set[str]:
    return set(re.findall(r"CANARY(?:ONE|TWO)[A-Z]+", text))


def _of(version: QuestionVersion, parts: set[str]) -> set[str]:
    """Return the canaries in these parts of a question."""
    word = version.question.slug.removeprefix("question-").upper()
    return {f"CANARY{word}{part}" for part in parts}


def _told_by(response: Any) -> set[str]:
    return _canaries(text_of(response.getvalue()) + str(response.headers))


def _told_anywhere(world: World, interview: Interview) -> set[str]:
    """Open every address as the candidate, with this interview in each that names one; return what was told."""
    mine = replace(world, running=interview, finished=interview)
    first = {mine.address_of(route) for route in routes()}
    both = first | {address.replace("/questions/1/", "/questions/2/") for address in first}
    every = both | {address.replace("/taster/", "/secret/") for address in both}
    client = world.clients["candidate"]
    return {word for address in sorted(every) for word in _told_by(client.get(address))}


def _written(client: Client, interview: Interview, position: int) -> Iterator[Any]:
    """Send all that an answer page and a program can send, right and wrong, but no submission; yield the answers."""
    page = reverse("question", args=[interview.pk, position])
    draft = reverse("api_draft", args=[interview.pk, position])
    form = {"text": "From the page.", "revision": 0, "action": "save"}
    for action in ("save", "previous", "next", "review"):
        yield client.post(
            page, {**form, "text": f"Then {action}.", "revision": _revision(interview, position), "action": action}
        )
    yield client.post(page, {**form, "text": "In conflict."})
    yield client.post(page, {**form, "text": "x" * 20_001})
    yield client.post(page, {**form, "action": "unknown"})
    for body in (
        {"text": "From a program.", "revision": _revision(interview, position)},
        {"text": "In conflict.", "revision": 0},
        {},
    ):
        yield client.put(draft, body, content_type="application/json")


def _revision(interview: Interview, position: int) -> int:
    return interview.questions.select_related("draft").get(position=position).revision


def _submit(interview: Interview, position: int) -> GradingJob:
    asked = interview.questions.get(position=position)
    text = "Values come one at a time and only when asked for."
    return submit_answer(asked=asked, text=text, idempotency_key=uuid4(), now=database_now()).job


def _asked(interview: Interview, position: int) -> QuestionVersion:
    return interview.questions.select_related("version__question").get(position=position).version


def test_the_canaries_are_where_a_mentor_reads_them(world: World, track: Track) -> None:
    version = QuestionVersion.objects.select_related("question").get(question__slug="question-one")
    client = world.clients["mentor"]

    page = client.get(reverse("question_detail", args=[version.question_id]))
    program = client.get(reverse("api_version", args=[version.question_id, 1]))

    assert _told_by(program) == _of(version, PARTS)
    assert _told_by(page) >= _of(version, PARTS - {"EXEMPLAR"})


@pytest.mark.parametrize("mode", list(Mode))
def test_starting_and_writing_tell_nothing(candidate_client: Client, track: Track, mode: Mode) -> None:
    started = [
        candidate_client.post(reverse("track", args=["secret"]), {"mode": mode}, follow=True),
        candidate_client.post(
            reverse("api_interviews"), {"track": "secret", "mode": mode}, content_type="application/json"
        ),
    ]
    interview = Interview.objects.get(pk=started[1].json()["id"])
    written = [answer for position in (1, 2) for answer in _written(candidate_client, interview, position)]

    assert {answer.status_code for answer in written} == {200, 302, 400, 409}
    assert [_told_by(answer) for answer in started + written if _told_by(answer)] == []


@pytest.mark.parametrize("mode", list(Mode))
def test_no_address_tells_anything_before_an_answer_is_submitted(
    world: World, candidate: User, track: Track, mode: Mode
) -> None:
    interview = make_interview(candidate, track, mode=mode)
    list(_written(world.clients["candidate"], interview, 1))

    assert _told_anywhere(world, interview) == set()


def test_a_refused_submission_to_a_mock_tells_nothing(candidate_client: Client, candidate: User, track: Track) -> None:
    mock = make_interview(candidate, track, mode=Mode.MOCK)

    answers = [
        candidate_client.post(
            reverse("question", args=[mock.pk, 1]), {"text": "Lazily.", "revision": 0, "action": "submit"}
        ),
        candidate_client.post(
            reverse("api_answer", args=[mock.pk, 1]),
            {"text": "Lazily."},
            content_type="application/json",
            headers={"Idempotency-Key": str(uuid4())},
        ),
    ]

    assert [(answer.status_code, _told_by(answer)) for answer in answers] == [(400, set()), (403, set())]


def test_a_mock_whose_time_is_over_tells_nothing_until_it_is_closed(
    world: World, candidate: User, track: Track
) -> None:
    mock = make_interview(candidate, track, mode=Mode.MOCK, now=database_now() - timedelta(minutes=11))

    assert _told_anywhere(world, mock) == set()


def test_a_submitted_answer_tells_at_most_its_own_reference_before_the_grade(
    world: World, candidate: User, track: Track
) -> None:
    practice = make_interview(candidate, track)
    _submit(practice, 1)

    assert _told_anywhere(world, practice) <= _of(_asked(practice, 1), {"REFERENCE"})


def test_a_graded_answer_tells_of_its_own_question_what_explains_the_marks(
    world: World, candidate: User, track: Track
) -> None:
    practice = make_interview(candidate, track)
    grade(job_id=_submit(practice, 1).pk)

    assert _told_anywhere(world, practice) == _of(_asked(practice, 1), TOLD_WITH_THE_MARKS)


def test_an_answer_that_could_not_be_graded_tells_at_most_its_own_reference(
    world: World, candidate: User, track: Track
) -> None:
    practice = make_interview(candidate, track)
    job = _submit(practice, 2)
    while claimed := claim(job_id=job.pk, now=database_now()):
        fail(job=claimed, trouble="The model broke.")

    assert _told_anywhere(world, practice) <= _of(_asked(practice, 2), {"REFERENCE"})


def test_a_mentors_marks_tell_no_more_than_the_machines(
    world: World, candidate: User, mentor: User, track: Track
) -> None:
    practice = make_interview(candidate, track)
    job = _submit(practice, 1)
    grade(job_id=job.pk)
    job.refresh_from_db()
    marks = {point.pk: Mark.CONTRADICTED for point in job.version.key_points.all()}
    review(job=job, reviewer=mentor, marks=marks, reason="Because.", now=database_now())

    told = _told_anywhere(world, practice)

    assert _of(_asked(practice, 1), {"REFERENCE", "CLAIM"}) <= told
    assert told <= _of(_asked(practice, 1), TOLD_WITH_THE_MARKS)


@pytest.mark.parametrize("mode", list(Mode))
def test_a_finished_interview_never_tells_what_answers_are_compared_with_besides(
    world: World, candidate: User, track: Track, mode: Mode
) -> None:
    interview = make_interview(candidate, track, mode=mode)
    list(_written(world.clients["candidate"], interview, 1))
    list(_written(world.clients["candidate"], interview, 2))
    finish(interview=interview, now=database_now())
    for job in GradingJob.objects.filter(candidate=candidate, state="pending"):
        grade(job_id=job.pk)

    told = _told_anywhere(world, interview)

    assert told == {word for position in (1, 2) for word in _of(_asked(interview, position), TOLD_WITH_THE_MARKS)}


def test_nobody_elses_grades_tell_anything(world: World, candidate: User, peer: User, track: Track) -> None:
    theirs = make_interview(peer, track)
    job = _submit(theirs, 1)
    grade(job_id=job.pk)
    mine = make_interview(candidate, track)

    assert _told_anywhere(replace(world, job=job), mine) == set()
    assert _told_anywhere(replace(world, job=job), theirs) == set()
