"""The mentors' queue: what waits in it, each mentor's own order, and that it names nobody before an answer is done."""

import re
from html import unescape
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from grading.models import GradingJob, Review
from grading.selectors.agreement import compared_reviews
from grading.selectors.queue import Show, answers_to_review, counts, names_known, next_to_review, place_of, queue
from grading.services import reviews as services
from grading.services.jobs import claim, fail
from people.clock import database_now
from people.models import AuditEntry, Cohort, Role, User
from questionbank.models import Mark, QuestionVersion
from tests.conftest import client_of
from tests.factories import MembershipFactory, publish_question
from tests.grading.conftest import grade_by_hand, make_job, make_result
from tests.grading.keys import (
    applied,
    grade_by_plain_parts,
    previewed,
    publish_mended,
    what_it_says,
    with_one_point_more,
)

LIST = reverse("reviews")
NAME = "CANARYNAME Okonkwo"


@pytest.fixture
def candidate(candidate: User) -> User:
    """The usual candidate, with a name and an address that no other word resembles."""
    candidate.name, candidate.email = NAME, "canaryaddress@example.com"
    candidate.save()
    return candidate


def _doubted(candidate: User, version: QuestionVersion) -> GradingJob:
    return grade_by_hand(make_job(candidate, version), make_result(doubts=("unsure",)))


def _broken(candidate: User, version: QuestionVersion) -> GradingJob:
    job = make_job(candidate, version)
    for _ in range(3):
        claimed = claim(job_id=job.pk, now=database_now())
        assert claimed is not None
        fail(job=claimed, trouble="Broken.")
    return GradingJob.objects.get(pk=job.pk)


def _review(job: GradingJob, mentor: User, mark: Mark = Mark.STATED) -> Review:
    marks = {point.pk: mark for point in job.key.key_points.all()}
    return services.review(job=job, reviewer=mentor, marks=marks, reason="Because.", now=database_now())


def _appeal(job: GradingJob) -> None:
    point = job.version.key_points.get(slug="memory")
    services.appeal(job=job, key_point_id=point.pk, said="Memory stays small.", reason="", now=database_now())


def _reply(job: GradingJob, mentor: User) -> None:
    asked = services.ask_mentor(job=job, text="Why?", now=database_now())
    services.answer_mentor_question(question=asked, mentor=mentor, answer="So.", now=database_now())


@pytest.fixture
def six(candidate: User, mentor: User, published: QuestionVersion) -> dict[str, GradingJob]:
    """One answer of each kind."""
    jobs = {name: _doubted(candidate, published) for name in ("unsure", "reviewed", "asked again")}
    jobs |= {name: grade_by_hand(make_job(candidate, published)) for name in ("appealed", "asked", "replied", "sure")}
    jobs |= {"broken": _broken(candidate, published), "waiting": make_job(candidate, published)}
    _appeal(jobs["appealed"])
    services.ask_mentor(job=jobs["asked"], text="Why?", now=database_now())
    _reply(jobs["replied"], mentor)
    for name in ("reviewed", "asked again"):
        _review(jobs[name], mentor)
    services.ask_mentor(job=jobs["asked again"], text="Why?", now=database_now())
    return jobs


PARTS = {
    Show.WAITING: {"unsure", "broken", "appealed", "asked", "asked again"},
    Show.UNSURE: {"unsure", "broken"},
    Show.APPEALS: {"appealed"},
    Show.QUESTIONS: {"asked", "asked again"},
    Show.UNMARKED: {"unsure", "broken", "appealed", "asked", "replied", "sure", "waiting"},
    Show.DONE: {"reviewed", "replied"},
}


@pytest.mark.parametrize("show", list(Show))
def test_each_part_of_the_queue_has_what_belongs_there(six: dict[str, GradingJob], mentor: User, show: Show) -> None:
    found = set(queue(mentor, show))

    assert {name for name, job in six.items() if job in found} == PARTS[show]
    assert (len(found), counts(mentor)[show]) == (len(PARTS[show]), len(PARTS[show]))


def test_a_mentor_meets_the_answers_of_their_cohorts_candidates_alone(
    job: GradingJob, mentor: User, other_mentor: User, outsider: User, published: QuestionVersion
) -> None:
    theirs = make_job(outsider, published)

    assert list(answers_to_review(mentor)) == [job]
    assert list(answers_to_review(other_mentor)) == [theirs]


def test_ones_own_answers_are_not_to_review(
    other_cohort: Cohort, mentor: User, candidate: User, published: QuestionVersion
) -> None:
    """A mentor here who is a candidate elsewhere."""
    MembershipFactory(cohort=other_cohort, user=mentor, role=Role.CANDIDATE)
    make_job(mentor, published)
    to_review = make_job(candidate, published)

    assert list(answers_to_review(mentor)) == [to_review]


def test_the_queue_of_one_question_has_no_others(candidate: User, mentor: User, published: QuestionVersion) -> None:
    wanted = _doubted(candidate, published)
    _doubted(candidate, publish_question("second-question"))

    assert list(queue(mentor, Show.WAITING, question=published.question_id)) == [wanted]
    assert counts(mentor, question=published.question_id)[Show.WAITING] == 1


# --- The order ----------------------------------------------------------------------------------------------


@pytest.fixture
def many(candidate: User, published: QuestionVersion) -> list[GradingJob]:
    return [_doubted(candidate, published) for _ in range(12)]


def test_the_order_is_each_mentors_own_and_stays(many: list[GradingJob], mentor: User, site_admin: User) -> None:
    mine, again, others = (list(queue(user, Show.WAITING)) for user in (mentor, mentor, site_admin))

    assert mine == again == sorted(many, key=lambda job: place_of(job.pk, mentor))
    assert others == sorted(many, key=lambda job: place_of(job.pk, site_admin))
    # Twelve answers fall into one order by chance once in half a thousand million times.
    assert len({tuple(mine), tuple(others), tuple(many)}) == 3


def test_next_follows_the_order_and_begins_again_at_its_end(many: list[GradingJob], mentor: User) -> None:
    order = list(queue(mentor, Show.WAITING))

    found = [next_to_review(mentor, Show.WAITING, after=job.pk) for job in order]

    assert found == [*order[1:], order[0]]
    assert next_to_review(mentor, Show.WAITING) == order[0]


def test_next_passes_over_what_is_being_graded_and_what_one_may_only_read(
    cohort: Cohort, other_cohort: Cohort, outsider: User, mentor: User, candidate: User, published: QuestionVersion
) -> None:
    """A mentor here who is an admin elsewhere."""
    MembershipFactory(cohort=other_cohort, user=mentor, role=Role.ADMIN)
    make_job(candidate, published)
    _doubted(outsider, published)
    assert next_to_review(mentor, Show.UNMARKED) is None

    to_review = grade_by_hand(make_job(candidate, published))

    assert next_to_review(mentor, Show.UNMARKED) == to_review
    assert next_to_review(mentor, Show.UNMARKED, after=to_review.pk) is None


def test_a_site_admin_reviews_everybodys(outsider: User, site_admin: User, published: QuestionVersion) -> None:
    assert next_to_review(site_admin, Show.WAITING) is None

    theirs = _doubted(outsider, published)

    assert next_to_review(site_admin, Show.WAITING) == theirs


# --- The pages ----------------------------------------------------------------------------------------------


def _page(job: GradingJob) -> str:
    return reverse("review", args=[job.pk])


def _text(response: HttpResponse) -> str:
    return response.content.decode()


def _words(response: HttpResponse) -> str:
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", _text(response))).split())


def _marks(job: GradingJob, mark: Mark = Mark.STATED, **others: str) -> dict[str, str]:
    chosen = {f"mark_{point.pk}": mark.value for point in job.key.key_points.all()}
    return {**chosen, "reason": "You do say it.", **others}


@pytest.fixture
def browser(mentor: User) -> Client:
    return client_of(mentor)


def test_the_list_counts_its_parts_and_leads_to_each(six: dict[str, GradingJob], browser: Client) -> None:
    tabs = browser.get(LIST).context["tabs"]

    assert {tab.label: tab.count for tab in tabs} == {show.label: len(PARTS[show]) for show in Show}
    assert [tab.is_current for tab in tabs] == [True, *[False] * 5]
    for tab in tabs:
        assert len(browser.get(tab.address).context["page"]) == tab.count


@pytest.mark.parametrize("query", ["?show=everything", "?question=x", "?show=&page=x&question=&after=x"])
def test_an_address_that_names_no_part_shows_what_waits(
    six: dict[str, GradingJob], browser: Client, query: str
) -> None:
    assert len(browser.get(LIST + query).context["page"]) == len(PARTS[Show.WAITING])


def test_an_empty_part_says_so_and_begins_nothing(browser: Client, graded: GradingJob) -> None:
    response = browser.get(LIST)

    assert "Nothing waits here." in _words(response)
    assert response.context["start"] is None
    assert browser.get(reverse("next_answer")).headers["Location"] == LIST


def test_grading_leads_from_answer_to_answer_and_back_to_the_list(
    candidate: User, browser: Client, published: QuestionVersion
) -> None:
    jobs = {_page(_doubted(candidate, published)) for _ in range(3)}
    seen = []

    address = browser.get(browser.get(LIST).context["start"]).headers["Location"]
    while address != LIST:
        job = GradingJob.objects.get(pk=address.split("/")[2])
        seen.append(address)
        saved = browser.post(address, _marks(job, action="next"))
        address = browser.get(saved.headers["Location"]).headers["Location"]

    assert (len(seen), set(seen)) == (3, jobs)
    assert Review.objects.count() == 3
    assert browser.get(LIST).context["page"].paginator.count == 0


def test_the_round_stays_in_the_address(candidate: User, browser: Client, published: QuestionVersion) -> None:
    asked = {"show": "unmarked", "question": str(published.question_id), "blind": "1"}
    first = browser.get(browser.get(LIST, asked).context["start"] if _two(candidate, published) else "")

    skipped = browser.get(browser.get(first.headers["Location"]).context["to_next"])

    for response in (first, skipped):
        query = parse_qs(urlsplit(response.headers["Location"]).query)
        assert {name: value for name, (value,) in query.items()} == asked
    assert urlsplit(first.headers["Location"]).path != urlsplit(skipped.headers["Location"]).path


def _two(candidate: User, version: QuestionVersion) -> list[GradingJob]:
    return [grade_by_hand(make_job(candidate, version)) for _ in range(2)]


def test_an_admin_reads_the_queue_and_is_not_led_through_it(
    candidate: User, admin: User, published: QuestionVersion
) -> None:
    _doubted(candidate, published)
    client = client_of(admin)

    assert (len(client.get(LIST).context["page"]), client.get(LIST).context["start"]) == (1, None)
    assert client.get(reverse("next_answer")).headers["Location"] == LIST


# --- Names --------------------------------------------------------------------------------------------------


def _names(response: HttpResponse) -> list[str]:
    """Return what of the candidate's name and address a page gives away."""
    return [word for word in ("CANARYNAME", "Okonkwo", "canaryaddress") if word in _text(response)]


def test_no_page_names_a_candidate_before_the_answer_is_done(six: dict[str, GradingJob], browser: Client) -> None:
    pages = [_page(job) for name, job in six.items() if name not in PARTS[Show.DONE]]
    lists = [f"{LIST}?show={show}" for show in Show if show not in {Show.DONE, Show.UNMARKED}]

    assert {page: _names(browser.get(page)) for page in pages + lists} == {page: [] for page in pages + lists}


def test_what_a_mentor_sends_names_nobody_either_while_anything_waits(
    candidate: User, browser: Client, published: QuestionVersion
) -> None:
    first, second = _two(candidate, published)
    for job in (first, second):
        _appeal(job)
    asked = services.ask_mentor(job=first, text="Why?", now=database_now())

    replied = browser.post(reverse("reply", args=[first.pk]), {"question": asked.pk, "answer": "So."}, follow=True)
    refused = browser.post(_page(first), _marks(first, reason=""))
    moved_on = browser.post(_page(first), _marks(first, action="next"), follow=True)

    assert [_names(response) for response in (replied, refused, moved_on)] == [[], [], []]
    assert moved_on.request["PATH_INFO"] == _page(second)
    assert "Your marks are saved. The candidate sees them" in _words(moved_on)


def test_names_are_known_of_what_is_done_and_of_what_one_has_asked_for(
    six: dict[str, GradingJob], mentor: User, other_mentor: User, site_admin: User
) -> None:
    services.show_name(job=six["unsure"], reader=mentor)

    def known(user: User) -> set[str]:
        named = names_known(user, [job.pk for job in six.values()])
        return {name for name, job in six.items() if job.pk in named}

    assert known(mentor) == {*PARTS[Show.DONE], "unsure"}
    assert known(site_admin) == PARTS[Show.DONE]
    assert known(other_mentor) == set()


@pytest.mark.parametrize("name", ["reviewed", "replied"])
def test_the_name_appears_once_an_answer_is_done(six: dict[str, GradingJob], browser: Client, name: str) -> None:
    page = browser.get(_page(six[name]))
    done = browser.get(LIST, {"show": "done"})

    assert (NAME in _text(page), _text(done).count(NAME)) == (True, 2)
    assert "Show the name" not in _text(page)


def test_a_name_that_is_asked_for_is_shown_from_then_on_to_who_asked_and_audited(
    candidate: User, mentor: User, browser: Client, site_admin: User, published: QuestionVersion
) -> None:
    job = _doubted(candidate, published)

    shown = browser.post(reverse("show_name", args=[job.pk]))

    assert (shown.status_code, NAME in _text(shown), NAME in _text(browser.get(_page(job)))) == (200, True, True)
    assert _names(client_of(site_admin).get(_page(job))) == []
    entry = AuditEntry.objects.get(action="answer.show_name")
    assert (entry.actor, entry.object_id) == (mentor, str(job.pk))


def test_asking_for_a_name_keeps_what_was_typed(candidate: User, browser: Client, published: QuestionVersion) -> None:
    job = _doubted(candidate, published)

    page = browser.post(reverse("show_name", args=[job.pk]), _marks(job, Mark.MISSING, reason="Half <written>"))

    form = page.context["form"]
    assert [form[f"mark_{point.pk}"].value() for point in job.key.key_points.all()] == ["missing"] * 3
    assert ("Half &lt;written&gt;" in _text(page), "Your marks are not saved yet" in _text(page)) == (True, False)
    assert not Review.objects.exists()


@pytest.mark.parametrize(
    ("who", "status"),
    [("admin", 200), ("other_mentor", 404), ("candidate", 403), ("peer", 403), ("outsider", 403), ("stranger", 403)],
)
def test_a_name_is_told_to_those_who_may_read_the_answer(
    graded: GradingJob, request: pytest.FixtureRequest, who: str, status: int
) -> None:
    response = client_of(request.getfixturevalue(who)).post(reverse("show_name", args=[graded.pk]))

    assert response.status_code == status
    assert AuditEntry.objects.filter(action="answer.show_name").count() == (status == 200)


# --- Marking before the machine's marks are seen ---------------------------------------------------------------


def test_who_marks_first_sees_nothing_of_the_machines(graded: GradingJob, browser: Client) -> None:
    page = browser.get(_page(graded), {"blind": ""})

    words = _words(page)
    assert [said for said in ("The grader said", "64", "See the receipt") if said in words] == []
    assert "evidence" not in _text(page).split("<main")[1]
    form: Any = page.context["form"]
    assert [form[f"mark_{point.pk}"].value() for point in graded.key.key_points.all()] == [None] * 3
    assert "CANARYANSWER" in words


def test_marks_that_are_saved_end_it(graded: GradingJob, browser: Client) -> None:
    saved = browser.post(f"{_page(graded)}?blind=1", _marks(graded))

    page = browser.get(saved.headers["Location"])

    assert "The grader said" in _words(page)


def test_without_it_the_marks_are_preset_to_the_machines(graded: GradingJob, browser: Client) -> None:
    page = browser.get(_page(graded))

    form: Any = page.context["form"]
    assert [form[f"mark_{point.pk}"].value() for point in graded.key.key_points.all()] == [
        Mark.STATED,
        Mark.PARTLY,
        Mark.CONTRADICTED,
    ]
    assert "Mark before I see the grader’s marks" in _words(page)


def test_an_appealed_answer_hides_nothing_since_the_appeal_tells_the_mark(graded: GradingJob, browser: Client) -> None:
    _appeal(graded)

    page = browser.get(_page(graded), {"blind": ""})

    assert "The grader said" in _words(page)
    assert "Mark before I see" not in _words(page)


# --- After a regrade --------------------------------------------------------------------------------------------


def test_after_a_regrade_the_new_keys_points_are_marked_and_compared(
    candidate: User,
    mentor: User,
    browser: Client,
    published: QuestionVersion,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    grade_by_plain_parts(monkeypatch)
    job = grade_by_hand(make_job(candidate, published))
    mended = publish_mended(published, with_one_point_more(what_it_says(published)))
    applied(previewed(mended, mentor), mentor)
    job = GradingJob.objects.get(pk=job.pk)

    page = browser.get(_page(job))
    saved = browser.post(_page(job), _marks(job))

    assert (len(page.context["rows"]), "marked by version 2" in _words(page)) == (4, True)
    assert (saved.status_code, Review.objects.get().version) == (302, mended)
    (compared,) = compared_reviews(mentor)
    assert (compared.machine, compared.machine_score) == (job.grade_id, job.grade.score)
