"""What candidates say to a grade: appeals against single marks and questions to a mentor, and what becomes of them."""

import re
from functools import partial
from html import unescape
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from grading.models import Appeal, AppealState, GradingJob, MentorQuestion, Review
from grading.selectors.grades import Segment, shown_grade, with_results
from grading.services import reviews as services
from people.clock import database_now
from people.models import AuditEntry, Cohort, Role, User
from questionbank.models import KeyPoint, Mark, QuestionVersion
from tests.conftest import client_of
from tests.factories import MembershipFactory
from tests.grading.conftest import grade_by_hand, make_job
from tests.races import race

SAID = "Memory stays small."


@pytest.fixture(autouse=True)
def somebody_reads(mentor: User) -> None:
    """The candidate has a mentor, unless a test is about one who has none."""


def _point(job: GradingJob, slug: str = "memory") -> KeyPoint:
    return job.version.key_points.get(slug=slug)


def _appeal(job: GradingJob, slug: str = "memory", **changes: Any) -> Appeal:
    given = {"said": SAID, "reason": "It does.", "now": database_now(), **changes}
    return services.appeal(job=job, key_point_id=_point(job, slug).pk, **given)


def _review(job: GradingJob, mentor: User, **changes: Mark) -> Review:
    """Mark as the machine did (stated, partly, contradicted), apart from changes."""
    marks = {"lazy": Mark.STATED, "memory": Mark.PARTLY, "once": Mark.CONTRADICTED, **changes}
    by_point = {point.pk: marks[point.slug] for point in job.version.key_points.all()}
    return services.review(job=job, reviewer=mentor, marks=by_point, reason="I see.", now=database_now())


def _ask(job: GradingJob, text: str = "Why not all of it?") -> MentorQuestion:
    return services.ask_mentor(job=job, text=text, now=database_now())


def _words(response: HttpResponse) -> str:
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", response.content.decode())).split())


# --- Appealing ----------------------------------------------------------------------------------------------


def test_an_appeal_names_the_mark_and_the_sentence_that_was_meant(graded: GradingJob, candidate: User) -> None:
    now = database_now()

    written = _appeal(graded, reason="  It does.\n", now=now)

    assert Appeal.objects.values().get() == {
        "id": written.pk,
        "job_id": graded.pk,
        "key_point_id": _point(graded).pk,
        "said": SAID,
        "reason": "It does.",
        "created_at": now,
        "state": "open",
        "decided_at": None,
        "review_id": None,
    }
    entry = AuditEntry.objects.get(action="appeal.open")
    assert (entry.actor, entry.object_type, entry.object_id) == (candidate, "grading.appeal", str(written.pk))
    assert entry.detail == {"job": str(graded.pk)}


@pytest.mark.parametrize(
    ("slug", "changes", "why"),
    [
        ("lazy", {}, "no mark that could be appealed"),
        ("memory", {"said": "Somebody else said so."}, "Choose the sentence"),
        ("memory", {"said": "  "}, "Choose the sentence"),
    ],
)
def test_an_appeal_needs_a_mark_to_gain_and_a_sentence_of_the_answer(
    graded: GradingJob, slug: str, changes: dict[str, str], why: str
) -> None:
    with pytest.raises(ValidationError, match=why):
        _appeal(graded, slug, **changes)

    assert not Appeal.objects.exists()


def test_an_answer_without_a_grade_has_no_mark_to_appeal(job: GradingJob) -> None:
    with pytest.raises(ValidationError, match="no mark that could be appealed"):
        _appeal(job)


def test_a_mark_is_appealed_once(graded: GradingJob) -> None:
    _appeal(graded)

    with pytest.raises(ValidationError, match="already"):
        _appeal(graded, reason="Once more.")

    assert Appeal.objects.get().reason == "It does."


def test_a_mentors_mark_is_not_appealed(graded: GradingJob, mentor: User) -> None:
    _review(graded, mentor)

    with pytest.raises(ValidationError, match="A mentor has marked this answer"):
        _appeal(graded)


def test_who_has_no_mentor_can_neither_appeal_nor_ask(stranger: User, published: QuestionVersion) -> None:
    graded = grade_by_hand(make_job(stranger, published))

    with pytest.raises(ValidationError, match="no mentor yet"):
        _appeal(graded)
    with pytest.raises(ValidationError, match="no mentor yet"):
        _ask(graded)


@pytest.mark.django_db(transaction=True)
def test_an_appeal_and_a_review_at_once_leave_no_appeal_undecided(graded: GradingJob, mentor: User) -> None:
    def try_to_appeal() -> None:
        try:
            _appeal(graded)
        except ValidationError:
            assert Review.objects.exists()

    race(try_to_appeal, partial(_review, graded, mentor))

    assert not Appeal.objects.filter(state=AppealState.OPEN).exists()


# --- Deciding -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("slug", "mark", "state"),
    [
        ("memory", Mark.STATED, "accepted"),
        ("memory", Mark.PARTLY, "declined"),
        ("memory", Mark.MISSING, "declined"),
        ("once", Mark.MISSING, "accepted"),
        ("once", Mark.CONTRADICTED, "declined"),
    ],
)
def test_an_appeal_is_accepted_where_the_mentors_mark_is_the_better_one(
    graded: GradingJob, mentor: User, slug: str, mark: Mark, state: str
) -> None:
    _appeal(graded, slug)

    review = _review(graded, mentor, **{slug: mark})

    decided = Appeal.objects.get()
    assert (decided.state, decided.review, decided.decided_at) == (state, review, review.created_at)
    entry = AuditEntry.objects.get(action="appeal.decide")
    assert (entry.actor, entry.object_id, entry.detail) == (mentor, str(decided.pk), {"state": state})


def test_a_review_decides_every_open_appeal_and_a_later_one_leaves_them_so(graded: GradingJob, mentor: User) -> None:
    _appeal(graded, "memory")
    _appeal(graded, "once")

    first = _review(graded, mentor, memory=Mark.STATED)
    _review(graded, mentor, once=Mark.STATED)

    states = dict(Appeal.objects.values_list("key_point__slug", "state"))
    assert states == {"memory": "accepted", "once": "declined"}
    assert {appeal.review for appeal in Appeal.objects.all()} == {first}


def test_the_database_refuses_an_appeal_decided_by_nobody(graded: GradingJob) -> None:
    appeal = _appeal(graded)

    with pytest.raises(IntegrityError, match="appeal_decided_by_a_review"), transaction.atomic():
        Appeal.objects.filter(pk=appeal.pk).update(state=AppealState.ACCEPTED)


# --- Asking -------------------------------------------------------------------------------------------------


def test_a_question_waits_for_a_mentor_and_gets_one_answer(
    graded: GradingJob, candidate: User, mentor: User, site_admin: User
) -> None:
    asked = _ask(graded, "  Why not all of it?\n")
    now = database_now()
    reply = partial(services.answer_mentor_question, question=asked, now=now)

    reply(mentor=mentor, answer=" Two words were missing. ")
    with pytest.raises(ValidationError, match="Another mentor has answered"):
        reply(mentor=site_admin, answer="I think not.")

    asked.refresh_from_db()
    assert (asked.text, asked.answer) == ("Why not all of it?", "Two words were missing.")
    assert (asked.answered_by, asked.answered_at, asked.is_open) == (mentor, now, False)
    entries = AuditEntry.objects.filter(object_type="grading.mentorquestion", object_id=str(asked.pk))
    assert set(entries.values_list("action", "actor")) == {
        ("mentor_question.ask", candidate.pk),
        ("mentor_question.answer", mentor.pk),
    }


def test_one_question_of_an_answer_is_open_at_a_time(graded: GradingJob, mentor: User) -> None:
    first = _ask(graded)
    with pytest.raises(ValidationError, match="still open"):
        _ask(graded, "And another thing?")

    services.answer_mentor_question(question=first, mentor=mentor, answer="Because.", now=database_now())

    assert _ask(graded, "And another thing?").is_open


@pytest.mark.parametrize("text", ["", " \n"])
def test_questions_and_answers_have_words(graded: GradingJob, mentor: User, text: str) -> None:
    with pytest.raises(ValidationError, match="Write down"):
        _ask(graded, text)
    asked = _ask(graded)
    with pytest.raises(ValidationError, match="Write an answer"):
        services.answer_mentor_question(question=asked, mentor=mentor, answer=text, now=database_now())


def test_nothing_is_asked_about_an_answer_that_is_being_graded(job: GradingJob) -> None:
    with pytest.raises(ValidationError, match="still being graded"):
        _ask(job)


# --- What is shown ------------------------------------------------------------------------------------------


def test_an_appeal_is_shown_with_its_mark_and_its_sentence_in_the_answer_until_it_is_decided(
    graded: GradingJob, mentor: User
) -> None:
    appeal = _appeal(graded, "once", said="Memory stays small.")

    def show() -> Any:
        return shown_grade(with_results(GradingJob.objects.all()).get())

    assert [mark.appeal for mark in show().marks] == [None, None, appeal]
    assert show().segments[2] == Segment("Memory stays small.", (2,), (3,))
    _review(graded, mentor)
    assert show().segments[2] == Segment("Memory stays small.", (2,))


# --- The candidate's pages ----------------------------------------------------------------------------------


@pytest.fixture
def browser(candidate: User) -> Client:
    return client_of(candidate)


def _send_appeal(client: Client, job: GradingJob, **changes: Any) -> Any:
    fields = {"key_point": _point(job).pk, "sentence": 1, "reason": "It does.", **changes}
    return client.post(reverse("appeal", args=[job.pk]), fields)


def test_an_appeal_is_sent_and_leads_back_to_the_answer(browser: Client, graded: GradingJob) -> None:
    response = _send_appeal(browser, graded)

    assert (response.status_code, response.url) == (302, reverse("own_answer", args=[graded.pk]))
    assert Appeal.objects.values_list("said", "reason").get() == (SAID, "It does.")


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"sentence": ""}, "The sentence you mean"),
        ({"sentence": 7}, "The sentence you mean"),
        ({"sentence": "x"}, "The sentence you mean"),
        ({"key_point": 0}, "The question has no such key point."),
        ({"key_point": "x"}, "The question has no such key point."),
        ({"reason": "It does." + "!" * 1000}, "Why it says so"),
    ],
)
def test_a_wrong_appeal_is_refused_in_words_and_what_was_typed_is_kept(
    browser: Client, graded: GradingJob, changes: dict[str, Any], said: str
) -> None:
    response = _send_appeal(browser, graded, **changes)

    assert response.status_code == 400
    assert said.lower() in _words(response).lower()
    assert "It does." in response.content.decode()
    assert not Appeal.objects.exists()


def test_an_appeal_that_comes_too_late_is_refused_in_words(browser: Client, graded: GradingJob, mentor: User) -> None:
    _review(graded, mentor)

    response = _send_appeal(browser, graded)

    assert response.status_code == 400
    assert "A mentor has marked this answer meanwhile." in _words(response)


def test_a_question_is_sent_and_leads_back_to_the_answer(browser: Client, graded: GradingJob) -> None:
    address = reverse("ask_mentor", args=[graded.pk])

    first, second = browser.post(address, {"text": "Why?"}), browser.post(address, {"text": "And why else?"})

    assert (first.status_code, first.url) == (302, reverse("own_answer", args=[graded.pk]))
    assert second.status_code == 400
    assert "Your last question about this answer is still open." in _words(second)
    assert "And why else?" in _words(second)
    assert MentorQuestion.objects.get().text == "Why?"


@pytest.mark.parametrize("who", ["peer", "outsider", "stranger", "mentor", "admin", "other_mentor", "site_admin"])
@pytest.mark.parametrize("name", ["appeal", "ask_mentor"])
def test_nobody_speaks_for_a_candidate(
    graded: GradingJob, request: pytest.FixtureRequest, who: str, name: str
) -> None:
    fields = {"key_point": _point(graded).pk, "sentence": 1, "reason": "", "text": "Why?"}

    response = client_of(request.getfixturevalue(who)).post(reverse(name, args=[graded.pk]), fields)

    assert response.status_code == 404
    assert (Appeal.objects.count(), MentorQuestion.objects.count()) == (0, 0)


def test_an_answer_without_marks_is_not_appealed(browser: Client, job: GradingJob) -> None:
    assert _send_appeal(browser, job).status_code == 404


# --- The mentors' pages -------------------------------------------------------------------------------------


def test_a_mentor_reads_the_appeal_beside_its_key_point(graded: GradingJob, mentor: User) -> None:
    _appeal(graded, reason="It <does>.")
    client = client_of(mentor)

    page = client.get(reverse("review", args=[graded.pk]))
    row = page.content.decode().split('id="a-point-2"')[1].split('id="a-point-3"')[0]

    assert "Appealed." in row
    assert f'<mark class="evidence evidence--appealed">{SAID}</mark>' in row
    assert "It &lt;does&gt;." in row
    assert 'class="evidence evidence--appealed evidence--partly"' in page.content.decode()
    assert "Appealed" in _words(client.get(reverse("reviews")))


def _reply(client: Client, asked: MentorQuestion, answer: str = "Two words.") -> Any:
    return client.post(reverse("reply", args=[asked.job_id]), {"question": asked.pk, "answer": answer})


def test_a_mentor_answers_a_question_beside_the_answer(graded: GradingJob, mentor: User, browser: Client) -> None:
    asked = _ask(graded)
    client = client_of(mentor)
    assert "Asks a question" in _words(client.get(reverse("reviews")))
    assert "Why not all of it?" in _words(client.get(reverse("review", args=[graded.pk])))

    response = _reply(client, asked)

    assert (response.status_code, response.url) == (302, reverse("review", args=[graded.pk]))
    asked.refresh_from_db()
    assert (asked.answer, asked.answered_by) == ("Two words.", mentor)
    assert "Asks a question" not in _words(client.get(reverse("reviews")))


def test_an_answer_to_a_candidate_that_cannot_be_saved_is_kept_on_the_page(
    graded: GradingJob, mentor: User, site_admin: User
) -> None:
    asked = _ask(graded)
    client = client_of(mentor)

    empty = _reply(client, asked, "  ")
    services.answer_mentor_question(question=asked, mentor=site_admin, answer="First.", now=database_now())
    late = _reply(client, asked, "Second, alas.")

    assert (empty.status_code, late.status_code) == (400, 400)
    assert "Your answer is not saved yet" in _words(empty)
    assert "Another mentor has answered this question meanwhile." in _words(late)
    assert "Second, alas." in _words(late)


def test_a_question_of_another_answer_is_not_answered_here(
    graded: GradingJob, candidate: User, mentor: User, published: QuestionVersion
) -> None:
    other = _ask(grade_by_hand(make_job(candidate, published)))

    response = client_of(mentor).post(reverse("reply", args=[graded.pk]), {"question": other.pk, "answer": "Hm."})

    other.refresh_from_db()
    assert (response.status_code, other.is_open) == (400, True)


@pytest.mark.parametrize(
    ("who", "status"),
    [("admin", 403), ("candidate", 403), ("peer", 403), ("outsider", 403), ("other_mentor", 404)],
)
def test_nobody_but_a_mentor_of_the_candidates_answers(
    graded: GradingJob, request: pytest.FixtureRequest, who: str, status: int
) -> None:
    asked = _ask(graded)

    assert _reply(client_of(request.getfixturevalue(who)), asked).status_code == status

    asked.refresh_from_db()
    assert asked.is_open


def test_a_mentor_who_is_a_candidate_elsewhere_does_not_answer_their_own_question(
    mentor: User, other_mentor: User, other_cohort: Cohort, published: QuestionVersion
) -> None:
    MembershipFactory(cohort=other_cohort, user=mentor, role=Role.CANDIDATE)
    asked = _ask(grade_by_hand(make_job(mentor, published)))

    assert _reply(client_of(mentor), asked).status_code == 404


@pytest.mark.parametrize("slugs", [["memory"], ["memory", "once"]])
def test_the_page_takes_the_same_queries_for_many_appeals(
    graded: GradingJob, mentor: User, django_assert_num_queries: Any, slugs: list[str]
) -> None:
    for slug in slugs:
        _appeal(graded, slug)
    _ask(graded)
    client = client_of(mentor)

    with django_assert_num_queries(18):
        response = client.get(reverse("review", args=[graded.pk]))

    assert response.content.decode().count(f'evidence--appealed">{SAID}</mark>') == len(slugs)
