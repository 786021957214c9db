"""The mentors' pages: who may read an answer, who may mark it, and that nobody else sees a word of it."""

import re
from html import escape, unescape
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from grading.engine import ENGINE_VERSION
from grading.models import GradingJob, Review
from grading.selectors.queue import Show
from grading.services.jobs import claim, fail
from grading.services.reviews import appeal, ask_mentor
from people.clock import database_now
from people.models import Cohort, Role, User
from questionbank.models import Mark, QuestionVersion
from tests.conftest import client_of
from tests.factories import MembershipFactory
from tests.grading.conftest import TEXT, grade_by_hand, make_job, make_result, marked

LIST = reverse("reviews")

# Words that stand in the answer, in its question's claims and in what the grader had to say.
SECRETS = ("CANARY", "Memory stays small", "Generators versus lists")


def _page(job: GradingJob) -> str:
    return reverse("review", args=[job.pk])


def _marks(
    job: GradingJob, *, mark: Mark = Mark.STATED, reason: str = "You do say it.", **changes: str
) -> dict[str, str]:
    """Return what a browser sends when a mentor gives every key point this mark."""
    chosen = {f"mark_{point.pk}": mark.value for point in job.version.key_points.all()}
    return {**chosen, "reason": reason, **changes}


def _text(response: HttpResponse) -> str:
    return response.content.decode()


def _words(response: HttpResponse) -> str:
    """Return the page's text as a reader sees it: no tags, one space between words."""
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", _text(response))).split())


@pytest.fixture
def ungraded(job: GradingJob) -> GradingJob:
    """A job that no attempt could grade."""
    for _ in range(3):
        claimed = claim(job_id=job.pk, now=database_now())
        assert claimed is not None
        fail(job=claimed, trouble="OSError: the model is <damaged>")
    return GradingJob.objects.get(pk=job.pk)


# --- The list -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("who", "status"),
    [("mentor", 200), ("admin", 200), ("site_admin", 200), ("other_mentor", 200)]
    + [(who, 403) for who in ("candidate", "peer", "outsider", "stranger")],
)
def test_the_list_is_for_those_who_lead_a_cohort(
    graded: GradingJob, request: pytest.FixtureRequest, who: str, status: int
) -> None:
    assert client_of(request.getfixturevalue(who)).get(LIST).status_code == status


def test_nobody_reads_the_list_before_logging_in() -> None:
    assert client_of(None).get(LIST).headers["Location"] == f"{reverse('account_login')}?next={LIST}"


def test_the_list_shows_the_answers_of_ones_own_cohort(
    graded: GradingJob, mentor: User, outsider: User, published: QuestionVersion
) -> None:
    elsewhere = make_job(outsider, published)

    response = client_of(mentor).get(LIST, {"show": "unmarked"})

    assert list(response.context["page"]) == [graded]
    assert _page(graded) in _text(response)
    assert str(elsewhere.pk) not in _text(response)


def test_the_list_of_another_cohorts_mentor_shows_none_of_it(
    graded: GradingJob, candidate: User, other_mentor: User
) -> None:
    response = client_of(other_mentor).get(LIST)

    assert list(response.context["page"]) == []
    assert [word for word in (*SECRETS, str(graded.pk)) if word in _text(response)] == []
    assert "No answers yet" in _text(response)


def _rows(client: Client, show: str) -> dict[str, str]:
    """Return what the rows of a part of the queue say, by the address they lead to."""
    rows = _text(client.get(LIST, {"show": show})).split('class="rows__title" href="')[1:]
    return {row.split('"')[0].split("?")[0]: " ".join(re.sub(r"<[^>]*>", " ", row).split()) for row in rows}


def test_the_list_says_what_became_of_each_answer(
    candidate: User, mentor: User, published: QuestionVersion, ungraded: GradingJob
) -> None:
    waiting, machine, reviewed = (make_job(candidate, published) for _ in range(3))
    grade_by_hand(machine)
    client = client_of(mentor)
    client.post(_page(grade_by_hand(reviewed)), _marks(reviewed))

    todo, unmarked, done = (_rows(client, show) for show in ("waiting", "unmarked", "done"))

    said = ("Waits for a mentor", "Marked by a mentor", "Queued", "100 of 100", "64 of 100")
    assert {page: [word for word in said if word in row] for page, row in {**unmarked, **done}.items()} == {
        _page(ungraded): ["Waits for a mentor"],
        _page(machine): ["64 of 100"],
        _page(waiting): ["Queued"],
        _page(reviewed): ["Marked by a mentor", "100 of 100"],
    }
    assert (list(todo), list(done)) == ([_page(ungraded)], [_page(reviewed)])


def test_the_list_shows_a_doubted_score_as_provisional_until_a_mentor_has_looked(
    candidate: User, mentor: User, published: QuestionVersion
) -> None:
    client = client_of(mentor)
    sure, doubted = (make_job(candidate, published) for _ in range(2))
    grade_by_hand(sure)
    grade_by_hand(doubted, make_result(doubts=("unsure",)))

    before = _rows(client, "unmarked")
    client.post(_page(doubted), _marks(doubted))
    after = _rows(client, "done")

    assert "Waits for a mentor 64 of 100, provisional" in before[_page(doubted)]
    assert ("64 of 100" in before[_page(sure)], "provisional" in before[_page(sure)]) == (True, False)
    assert "Marked by a mentor 100 of 100" in after[_page(doubted)]


@pytest.mark.parametrize("show", list(Show))
@pytest.mark.parametrize("count", [1, 3])
def test_the_list_takes_the_same_queries_for_many_answers(
    candidate: User,
    mentor: User,
    published: QuestionVersion,
    django_assert_num_queries: Any,
    count: int,
    show: str,
) -> None:
    """Each answer is doubted, appealed and asked about; in the part of what is done, marked."""
    client = client_of(mentor)
    for _ in range(count):
        job = grade_by_hand(make_job(candidate, published), make_result(doubts=("unsure",)))
        if show == Show.DONE:
            client.post(_page(job), _marks(job))
        else:
            appeal(job=job, key_point_id=_second(job), said="Memory stays small.", reason="", now=database_now())
            ask_mentor(job=job, text="Why?", now=database_now())
    client.get(LIST)  # shows the messages

    with django_assert_num_queries(7 if show == Show.DONE else 8):
        response = client.get(LIST, {"show": show})

    assert len(response.context["page"]) == count


def _second(job: GradingJob) -> int:
    return job.version.key_points.get(slug="memory").pk


def test_the_list_has_pages_of_25(candidate: User, mentor: User, published: QuestionVersion) -> None:
    for _ in range(26):
        make_job(candidate, published)
    client = client_of(mentor)

    pages = [client.get(LIST, {"show": "unmarked", "page": page}).context["page"] for page in ("", "2", "99", "x")]

    assert [len(page) for page in pages] == [25, 1, 1, 25]


# --- Reading one answer -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("who", "status"),
    [("mentor", 200), ("admin", 200), ("site_admin", 200), ("other_mentor", 404)]
    + [(who, 403) for who in ("candidate", "peer", "outsider", "stranger")],
)
def test_an_answer_is_read_by_those_who_lead_its_candidate(
    graded: GradingJob, request: pytest.FixtureRequest, who: str, status: int
) -> None:
    response = client_of(request.getfixturevalue(who)).get(_page(graded))

    assert response.status_code == status
    assert [word in _text(response) for word in SECRETS] == [status == 200] * 3


def test_nobody_reads_an_answer_before_logging_in(graded: GradingJob) -> None:
    response = client_of(None).get(_page(graded))

    assert response.headers["Location"] == f"{reverse('account_login')}?next={_page(graded)}"


def test_the_admin_of_another_cohort_does_not_find_an_answer(
    graded: GradingJob, other_cohort: Cohort, stranger: User
) -> None:
    MembershipFactory(cohort=other_cohort, user=stranger, role=Role.ADMIN)

    response = client_of(stranger).get(_page(graded))

    assert (response.status_code, [word for word in SECRETS if word in _text(response)]) == (404, [])


def test_a_mentor_does_not_find_their_own_answer_here(
    cohort: Cohort, other_cohort: Cohort, mentor: User, other_mentor: User, published: QuestionVersion
) -> None:
    """Somebody who learns in one cohort and teaches in another."""
    MembershipFactory(cohort=other_cohort, user=mentor, role=Role.CANDIDATE)
    own = grade_by_hand(make_job(mentor, published))

    assert client_of(mentor).get(_page(own)).status_code == 404
    assert client_of(other_mentor).get(_page(own)).status_code == 200


def test_an_answer_is_no_longer_read_by_the_mentor_of_a_cohort_the_candidate_has_left(
    graded: GradingJob, candidate: User, mentor: User
) -> None:
    candidate.memberships.all().delete()

    assert client_of(mentor).get(_page(graded)).status_code == 404


def test_the_page_shows_the_evidence_in_its_place_and_the_figures(graded: GradingJob, mentor: User) -> None:
    page = _text(client_of(mentor).get(_page(graded)))

    for sentence, mark in [
        ("Values come on demand, CANARYANSWER.", "stated"),
        ("Memory stays small.", "partly"),
        ("You can run through it twice.", "contradicted"),
    ]:
        assert f'<mark class="evidence evidence--{mark}">{sentence}' in page


def test_the_page_says_how_sure_the_grader_was_of_each_mark(job: GradingJob, mentor: User) -> None:
    result = make_result(
        marked(
            "lazy", "stated", "Values come on demand, CANARYANSWER.", p_stated=0.5, p_missing=0.42, p_contradicted=0.08
        ),
        marked("memory", "missing", p_stated=0.1, p_missing=0.7, p_contradicted=0.2),
        marked(
            "once", "contradicted", "You can run through it twice.", p_contradicted=0.9, p_missing=0.1, p_stated=0.0
        ),
    )

    words = _words(client_of(mentor).get(_page(grade_by_hand(job, result))))

    assert "The grader said stated, only just: 50% stated, 42% missing, 8% contradicted." in words
    assert "The grader said missing: 10% stated, 70% missing, 20% contradicted." in words
    assert "The grader said contradicted, clearly: 0% stated, 10% missing, 90% contradicted." in words


def test_the_page_of_an_answer_that_a_guard_stopped_claims_no_comparison(job: GradingJob, mentor: User) -> None:
    stopped = make_result(
        marked("lazy", "missing", p_stated=0.0, p_missing=1.0, p_contradicted=0.0),
        flags=("shuffled",),
        doubts=("shuffled",),
    )

    words = _words(client_of(mentor).get(_page(grade_by_hand(job, stopped))))

    assert "The grader did not compare this key point with the answer." in words
    assert "The grader said" not in words


def test_the_receipt_names_what_it_holds_in_words(job: GradingJob, mentor: User) -> None:
    receipt = {
        "engine": "by-hand",
        "encoder": "none",
        "verifier": "claim-reader@abc",
        "calibration": "c0ffee",
        "graded_answers": 5,
        "graded_hash": "d00d",
    }
    likely = {"p_stated": 0.611, "p_missing": 0.322, "p_contradicted": 0.067}
    result = make_result(marked("lazy", "stated", "Memory", **likely), receipt=receipt)

    words = _words(client_of(mentor).get(_page(grade_by_hand(job, result))))

    assert "1 Stated 0.611 0.322 0.067 0.500 0.700" in words
    for named in (
        "Claim reader claim-reader@abc",
        "Mentor-graded answers it learnt from 5",
        "Hash of these graded answers d00d",
        "Hash of the calibration c0ffee",
    ):
        assert named in words
    assert "graded_" not in words


def test_a_doubted_score_is_provisional_until_a_mentor_has_set_marks(job: GradingJob, mentor: User) -> None:
    client = client_of(mentor)
    doubted = grade_by_hand(job, make_result(flags=("instructions",), doubts=("instructions", "unsure")))

    before = _words(client.get(_page(doubted)))
    client.post(_page(doubted), _marks(doubted))
    after = _words(client.get(_page(doubted)))

    assert "This score is provisional. The grader asks a mentor to look at this answer." in before
    assert [before.count(why) for why in ("The grader is not sure of this score.", "Part of this speaks to")] == [1, 1]
    assert ("provisional" in after, "The grader is not sure of this score." in after) == (False, False)


def test_markup_in_an_answer_is_shown_as_text(candidate: User, mentor: User, published: QuestionVersion) -> None:
    text = '<script>alert(1)</script> & "more".'
    result = make_result(marked("lazy", "stated", text, text=text))
    job = grade_by_hand(make_job(candidate, published, text=text), result)

    page = _text(client_of(mentor).get(_page(job)))

    assert (text in page, escape(text).replace("&#x27;", "&#39;") in page) == (False, True)


def test_the_page_of_a_waiting_answer_says_so_and_offers_no_marks(job: GradingJob, mentor: User) -> None:
    page = _text(client_of(mentor).get(_page(job)))

    assert "Queued. You can set marks once the grade is there." in page
    assert ("CANARYANSWER" in page, "Save these marks" in page) == (True, False)


def test_the_page_of_an_answer_that_could_not_be_graded_says_why_and_asks_for_marks(
    ungraded: GradingJob, mentor: User
) -> None:
    page = _text(client_of(mentor).get(_page(ungraded)))

    assert "OSError: the model is &lt;damaged&gt;" in page
    assert (escape(TEXT) in page, "Save these marks" in page) == (True, True)


@pytest.mark.parametrize("count", [1, 3])
def test_the_page_takes_the_same_queries_for_many_reviews(
    graded: GradingJob, mentor: User, django_assert_num_queries: Any, count: int
) -> None:
    client = client_of(mentor)
    for _ in range(count):
        client.post(_page(graded), _marks(graded))
    client.get(_page(graded))  # shows the messages

    with django_assert_num_queries(20):
        response = client.get(_page(graded))

    assert _text(response).count("You do say it.") == count


# --- Setting marks ------------------------------------------------------------------------------------------


def test_a_mentor_sets_marks_and_comes_back_to_the_answer(graded: GradingJob, mentor: User, candidate: User) -> None:
    client = client_of(mentor)

    response = client.post(_page(graded), _marks(graded, mark=Mark.PARTLY, reason=" It is there.\n"))

    assert (response.status_code, response.headers["Location"]) == (302, _page(graded))
    review = Review.objects.get()
    assert (review.job, review.reviewer, review.reason, review.score) == (graded, mentor, "It is there.", 50)
    page = client.get(_page(graded))
    assert f"Your marks are saved. {candidate} sees them with your name and reason." in _text(page)
    assert page.context["shown"].score == 50


def test_a_mentor_marks_an_answer_that_could_not_be_graded(ungraded: GradingJob, mentor: User) -> None:
    response = client_of(mentor).post(_page(ungraded), _marks(ungraded))

    assert response.status_code == 302
    assert Review.objects.get().score == 100


@pytest.mark.parametrize(
    ("who", "status"),
    [("admin", 403), ("other_mentor", 404)] + [(who, 403) for who in ("candidate", "peer", "outsider", "stranger")],
)
def test_nobody_but_a_mentor_of_the_candidates_sets_marks(
    graded: GradingJob, request: pytest.FixtureRequest, who: str, status: int
) -> None:
    response = client_of(request.getfixturevalue(who)).post(_page(graded), _marks(graded))

    assert response.status_code == status
    assert not Review.objects.exists()


def test_a_site_admin_sets_marks(graded: GradingJob, site_admin: User) -> None:
    assert client_of(site_admin).post(_page(graded), _marks(graded)).status_code == 302
    assert Review.objects.get().reviewer == site_admin


def test_an_admin_reads_the_marks_and_is_offered_none_to_set(graded: GradingJob, admin: User) -> None:
    page = _text(client_of(admin).get(_page(graded)))

    assert "Only a mentor of the candidate’s cohort can set its marks." in page
    assert ('type="radio"' in page, "Save these marks" in page) == (False, False)


def test_marks_for_an_answer_that_is_being_graded_are_refused(job: GradingJob, mentor: User) -> None:
    assert client_of(mentor).post(_page(job), _marks(job)).status_code == 403
    assert not Review.objects.exists()


def test_marks_without_a_reason_are_refused_and_kept_in_the_form(graded: GradingJob, mentor: User) -> None:
    response = client_of(mentor).post(_page(graded), _marks(graded, mark=Mark.MISSING, reason="  "))

    assert (response.status_code, list(response.context["form"].errors)) == (400, ["reason"])
    form = response.context["form"]
    assert [form[f"mark_{point.pk}"].value() for point in graded.version.key_points.all()] == [Mark.MISSING] * 3
    assert not Review.objects.exists()


def test_a_mark_that_there_is_not_is_refused(graded: GradingJob, mentor: User) -> None:
    point = graded.version.key_points.all()[1].pk

    response = client_of(mentor).post(_page(graded), _marks(graded, **{f"mark_{point}": "brilliant"}))

    assert (response.status_code, list(response.context["form"].errors)) == (400, [f"mark_{point}"])
    assert not Review.objects.exists()


def test_an_empty_form_is_refused(graded: GradingJob, mentor: User) -> None:
    response = client_of(mentor).post(_page(graded), {})

    assert (response.status_code, len(response.context["form"].errors)) == (400, 4)


def test_the_form_is_preset_to_the_marks_shown(graded: GradingJob, mentor: User) -> None:
    form = client_of(mentor).get(_page(graded)).context["form"]

    assert [form[f"mark_{point.pk}"].value() for point in graded.version.key_points.all()] == [
        Mark.STATED,
        Mark.PARTLY,
        Mark.CONTRADICTED,
    ]


def test_earlier_reviews_stay_readable(graded: GradingJob, mentor: User, site_admin: User) -> None:
    client_of(mentor).post(_page(graded), _marks(graded, reason="At first I thought so."))
    client_of(site_admin).post(_page(graded), _marks(graded, mark=Mark.MISSING, reason="On reflection, no."))

    response = client_of(mentor).get(_page(graded))

    assert response.context["shown"].score == 0
    assert [reason in _text(response) for reason in ("At first I thought so.", "On reflection, no.")] == [True, True]


# --- How marks are made -------------------------------------------------------------------------------------


@pytest.mark.parametrize("who", [None, "candidate", "mentor", "stranger"])
def test_how_marks_are_made_is_open_to_all(request: pytest.FixtureRequest, who: str | None) -> None:
    response = client_of(who and request.getfixturevalue(who)).get(reverse("how_marks_are_made"))

    assert response.status_code == 200
    assert ENGINE_VERSION in _text(response)
    assert "15% of its weight" in _text(response)
    assert "“Clearly”: the mark has a chance of 80% or more." in _text(response)


@pytest.mark.parametrize("name", ["how_marks_are_made", "reviews"])
def test_pages_to_read_refuse_a_post(mentor: User, name: str) -> None:
    assert client_of(mentor).post(reverse(name)).status_code == 405
