"""The example interview: real, made once, graded like any other."""

from io import StringIO

import pytest
import yaml
from django.core.management import call_command

from grading.models import GradingJob, JobState
from interview.management.commands.load_example import ANSWERS
from interview.models import Interview
from interview.selectors.example import example_interview
from interview.services.example import make_example
from interview.services.interviews import NotEnoughQuestions
from people.clock import database_now
from questionbank.formats.pack import read_pack
from questionbank.models import Track
from questionbank.services.packs import load_pack
from tests.product import ROOT

SHIPPED = ROOT / "questionbank" / "packs" / "generative-ai-engineer" / "pack.yaml"
WRITTEN = {"generators": "Values come one at a time.", "second-question": ""}


def make(track: Track, **answers: str) -> Interview:
    return make_example(track=track, answers=answers or WRITTEN, now=database_now())


def test_the_example_is_a_finished_mock_of_somebody_who_cannot_log_in(track: Track) -> None:
    interview = make(track)

    asked = list(interview.questions.select_related("answer").order_by("position"))
    assert [(a.version.question.slug, a.answer.text) for a in asked] == list(WRITTEN.items())
    assert {a.section for a in asked} == {"Python"}
    assert (interview.is_mock, interview.is_running, interview.finished_at) == (True, False, interview.finished_at)
    candidate = interview.candidate
    assert (candidate.is_active, candidate.has_usable_password(), candidate.mail_when_graded) == (False, False, False)
    assert set(GradingJob.objects.values_list("state", flat=True)) == {JobState.PENDING}


def test_making_it_again_changes_nothing(track: Track) -> None:
    first = make(track)

    assert make(track) == first
    assert (Interview.objects.count(), GradingJob.objects.count()) == (1, 2)


def test_a_question_that_the_track_cannot_ask_makes_no_example(track: Track) -> None:
    with pytest.raises(NotEnoughQuestions, match="asks unheard-of"):
        make(track, generators="Lazily.", **{"unheard-of": "Nothing."})

    assert example_interview() is None


def test_the_command_says_where_the_bank_does_not_fit(track: Track) -> None:
    said = StringIO()

    call_command("load_example", stdout=said)

    assert "No example was made" in said.getvalue()
    assert not Interview.objects.exists()


def test_the_command_says_where_there_is_no_track() -> None:
    said = StringIO()

    call_command("load_example", stdout=said)

    assert said.getvalue() == "There is no track taster, so there is no example.\n"


def test_the_shipped_example_fits_the_shipped_pack() -> None:
    load_pack(pack=read_pack(SHIPPED), actor=None)

    for _ in range(2):
        call_command("load_example", stdout=StringIO())

    interview = example_interview()
    assert interview is not None
    written = {answer["question"]: answer["text"].strip() for answer in yaml.safe_load(ANSWERS.read_text())["answers"]}
    asked = interview.questions.select_related("version__question", "answer")
    assert {a.version.question.slug: a.answer.text for a in asked} == written
    assert [a.section for a in asked] == [section.title for section in interview.track.sections.all()]
