"""Interviews of `candidate`: each asks the two questions of `track`."""

import pytest

from interview.models import Interview, InterviewQuestion, Mode
from people.models import User
from questionbank.models import QuestionVersion, Track
from tests.factories import make_interview
from tests.interview.lives import live


@pytest.fixture
def practice(candidate: User, track: Track) -> Interview:
    return make_interview(candidate, track)


@pytest.fixture
def mock(candidate: User, track: Track) -> Interview:
    return make_interview(candidate, track, mode=Mode.MOCK)


@pytest.fixture
def asked(practice: Interview) -> InterviewQuestion:
    """The first question of `practice`."""
    return practice.questions.get(position=1)


@pytest.fixture
def asked_in_mock(mock: Interview) -> InterviewQuestion:
    """The first question of `mock`."""
    return mock.questions.get(position=1)


@pytest.fixture
def lived(candidate: User, mentor: User, admin: User, published: QuestionVersion) -> User:
    """`candidate` with something in every part: candidate here, mentor of a cohort of their own."""
    return live(candidate, mentor, admin, published)
