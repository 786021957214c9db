"""The mentors' pages of regrades, and what candidates read of one. Names are told to those alone who may know them."""

import re
from dataclasses import replace
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from analytics.filters import facts_of
from analytics.services.facts import refresh
from grading.engine import Grader
from grading.models import Appeal, AppealState, GradingJob, Regrade
from grading.selectors.grades import shown_grade, with_results
from grading.services import regrades, reviews
from grading.services.jobs import grade
from interview.models import Interview
from interview.selectors.mine import everything_of
from interview.selectors.results import history_of, result_of
from interview.services.interviews import finish, start_chosen, submit_answer
from people.clock import database_now
from people.models import Cohort, User
from questionbank.models import Mark, QuestionVersion
from tests.conftest import client_of
from tests.factories import publish_question
from tests.grading.conftest import TEXT, make_job
from tests.grading.keys import (
    REASON,
    WORDING,
    accepting,
    applied,
    as_it_is,
    changed_point,
    grade_by_plain_parts,
    make_draft,
    previewed,
    publish_mended,
    shown,
    what_it_says,
    worked,
)

# What no page of a regrade may tell to whom the answers are not open.
SECRETS = ("Candidate", "Peer", "CANARYANSWER", "candidate@example.com")


@pytest.fixture(autouse=True)
def sure_grader(monkeypatch: pytest.MonkeyPatch) -> Grader:
    return grade_by_plain_parts(monkeypatch)


def answered(candidate: User, version: QuestionVersion, text: str = TEXT) -> GradingJob:
    job = make_job(candidate, version, text=text)
    grade(job_id=job.pk)
    return as_it_is(job)


def page_of(regrade: Regrade) -> str:
    return reverse("regrade", args=[regrade.pk])


def preview_of(version: QuestionVersion) -> str:
    return reverse("preview_regrade", args=[version.question_id, version.number])


def words_of(response: HttpResponse) -> str:
    """Return the page's text as a reader sees it: no tags, one space between words."""
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", response.content.decode())).split())


@pytest.fixture
def answer(candidate: User, published: QuestionVersion) -> GradingJob:
    """An answer of candidate's that WORDING would help."""
    return answered(candidate, published)


@pytest.fixture
def mended(answer: GradingJob, published: QuestionVersion) -> QuestionVersion:
    return publish_mended(published)


@pytest.fixture
def seen(mended: QuestionVersion, mentor: User) -> Regrade:
    """A preview that is waiting to be applied."""
    return previewed(mended, mentor)


@pytest.fixture
def client(mentor: User) -> Client:
    return client_of(mentor)


# --- Offering a preview -------------------------------------------------------------------------------------


def test_the_page_of_a_version_offers_to_see_what_it_would_change(client: Client, mended: QuestionVersion) -> None:
    page = client.get(reverse("question_version", args=[mended.question_id, mended.number]))

    assert "1 past answer was graded with another version’s key." in words_of(page)
    assert preview_of(mended) in page.content.decode()


def test_nothing_is_offered_where_nothing_could_change(
    client: Client, answer: GradingJob, published: QuestionVersion
) -> None:
    """The version that all answers were graded with; a retired one."""
    before = client.get(reverse("question_version", args=[published.question_id, 1]))
    publish_mended(published)
    retired = client.get(reverse("question_version", args=[published.question_id, 1]))

    assert ["See what this would change" in words_of(page) for page in (before, retired)] == [False, False]


def test_a_press_starts_the_preview_and_leads_to_it(client: Client, mended: QuestionVersion, mentor: User) -> None:
    response = client.post(preview_of(mended))

    regrade = Regrade.objects.get()
    assert response.headers["Location"] == page_of(regrade)
    assert (regrade.version, regrade.requested_by, regrade.state) == (mended, mentor, "previewing")


def test_what_is_refused_is_said_on_the_page_of_the_version(client: Client, published: QuestionVersion) -> None:
    response = client.post(preview_of(published), follow=True)

    assert response.redirect_chain == [(reverse("question_version", args=[published.question_id, 1]), 302)]
    assert "There is no past answer whose score this could change." in words_of(response)


def test_the_page_of_a_version_leads_to_the_open_preview(
    client: Client, seen: Regrade, mended: QuestionVersion
) -> None:
    page = client.get(reverse("question_version", args=[mended.question_id, mended.number]))

    assert "It does not count for past answers until you apply it." in words_of(page)
    assert page_of(seen) in page.content.decode()


# --- The page of a regrade ----------------------------------------------------------------------------------


def test_the_page_asks_for_itself_while_the_worker_is_at_it(
    client: Client, mended: QuestionVersion, mentor: User
) -> None:
    regrade = regrades.preview(version=mended, actor=mentor, now=database_now())

    page = client.get(page_of(regrade))
    part = client.get(page_of(regrade) + "?fragment")

    assert f'hx-get="{page_of(regrade)}?fragment"' in page.content.decode()
    assert f'hx-get="{page_of(regrade)}?fragment"' in part.content.decode()
    assert ("<html" in page.content.decode(), "<html" in part.content.decode()) == (True, False)
    assert "0 of 1 answers" in words_of(part)
    assert reverse("apply_regrade", args=[regrade.pk]) not in part.content.decode()


def test_the_page_says_what_changes_for_whom(client: Client, seen: Regrade, answer: GradingJob) -> None:
    page = client.get(page_of(seen))

    (item,) = seen.items.all()
    moved = f"Answer {answer.code} {item.old_score:.0f} {item.new_score:.0f} +{item.new_score - item.old_score:.0f}"
    assert f"The one answer rises by {item.new_score - item.old_score:.0f}." in words_of(page)
    assert moved in words_of(page)
    assert reverse("review", args=[answer.pk]) in page.content.decode()
    assert f"Key point 1: also accepted added {WORDING}" in words_of(page)
    assert "hx-get" not in page.content.decode()


def test_a_fall_is_told_with_a_minus_sign(
    client: Client, answer: GradingJob, published: QuestionVersion, mentor: User
) -> None:
    heavier = changed_point(what_it_says(published), "memory", weight=1)

    regrade = previewed(publish_mended(published, heavier), mentor)

    (item,) = regrade.items.all()
    assert f"−{round(item.old_score) - round(item.new_score)}" in words_of(client.get(page_of(regrade)))


def test_a_fragment_of_many_answers_leads_back_to_the_whole_page(
    client: Client, candidate: User, published: QuestionVersion, mentor: User
) -> None:
    for _ in range(26):
        answered(candidate, published)
    regrade = previewed(publish_mended(published), mentor)

    part = client.get(page_of(regrade) + "?fragment").content.decode()
    second = client.get(page_of(regrade) + "?page=2")

    assert ('href="?page=2"' in part, "fragment" in part) == (True, False)
    assert len(second.context["moving"]) == 1


def test_mentors_marks_are_listed_apart(
    client: Client, candidate: User, published: QuestionVersion, mentor: User, answer: GradingJob
) -> None:
    marks = {point.pk: Mark.STATED for point in published.key_points.all()}
    reviews.review(job=answer, reviewer=mentor, marks=marks, reason="You do.", now=database_now())
    answered(candidate, published)
    regrade = previewed(publish_mended(published), mentor)

    page = client.get(page_of(regrade))

    kept = regrade.items.get(is_kept=True)
    assert "The one answer rises" in words_of(page)
    assert f"Candidate 100 {kept.new_score:.0f}" in words_of(page)
    assert "A mentor’s marks stay as they are." in words_of(page)


def test_a_candidate_is_named_only_where_the_queue_names_them(
    client: Client, mentor: User, seen: Regrade, answer: GradingJob
) -> None:
    hidden = words_of(client.get(page_of(seen)))
    reviews.show_name(job=answer, reader=mentor)
    asked = words_of(client.get(page_of(seen)))

    assert (f"Answer {answer.code}" in hidden, re.search(r"\bCandidate \d", hidden)) == (True, None)
    assert (f"Answer {answer.code}" in asked, bool(re.search(r"\bCandidate \d", asked))) == (False, True)


def test_the_button_says_how_many_answers_move(
    client: Client, candidate: User, published: QuestionVersion, mentor: User, answer: GradingJob
) -> None:
    for _ in range(2):
        answered(candidate, published, text="Bananas ripen slowly in winter.")
    regrade = previewed(publish_mended(published), mentor)

    assert "Apply: 1 of 3 answers moves" in words_of(client.get(page_of(regrade)))


def test_names_and_answers_of_other_cohorts_are_not_told(
    other_mentor: User, mentor: User, peer: User, published: QuestionVersion, answer: GradingJob
) -> None:
    theirs = answered(peer, published)
    marks = {point.pk: Mark.STATED for point in published.key_points.all()}
    reviews.review(job=theirs, reviewer=mentor, marks=marks, reason="You do.", now=database_now())
    regrade = previewed(publish_mended(published), mentor)

    page = client_of(other_mentor).get(page_of(regrade))

    assert page.status_code == 200
    assert words_of(page).count("a candidate outside your cohorts") == 2
    told = page.content.decode().replace("Candidates", "").replace("What candidates", "")
    assert [secret for secret in (*SECRETS, str(answer.pk), str(theirs.pk)) if secret in told] == []


def test_a_mentors_own_answer_leads_to_their_own_page(
    client: Client, mentor: User, published: QuestionVersion
) -> None:
    mine = answered(mentor, published)
    regrade = previewed(publish_mended(published), mentor)

    page = client.get(page_of(regrade)).content.decode()

    assert reverse("own_answer", args=[mine.pk]) in page
    assert f'href="{reverse("review", args=[mine.pk])}"' not in page


@pytest.mark.parametrize("count", [1, 3])
def test_the_page_takes_the_same_queries_for_many_answers(
    client: Client,
    candidate: User,
    published: QuestionVersion,
    mentor: User,
    django_assert_num_queries: Any,
    count: int,
) -> None:
    marks = {point.pk: Mark.STATED for point in published.key_points.all()}
    for _ in range(count):
        answered(candidate, published)
        kept = answered(candidate, published)
        reviews.review(job=kept, reviewer=mentor, marks=marks, reason="You do.", now=database_now())
    regrade = previewed(publish_mended(published), mentor)

    with django_assert_num_queries(29):
        page = client.get(page_of(regrade))

    assert (len(page.context["moving"]), len(page.context["keeping"])) == (count, count)


@pytest.mark.parametrize(
    ("who", "status"),
    [("mentor", 200), ("other_mentor", 200), ("site_admin", 200)]
    + [(who, 403) for who in ("candidate", "admin", "outsider", "stranger")],
)
def test_the_pages_are_for_mentors(seen: Regrade, request: pytest.FixtureRequest, who: str, status: int) -> None:
    visitor = client_of(request.getfixturevalue(who))
    posts = [preview_of(seen.version), *(reverse(f"{verb}_regrade", args=[seen.pk]) for verb in ("apply", "cancel"))]

    assert visitor.get(page_of(seen)).status_code == status
    if status == 403:
        assert [visitor.post(address, {"reason": REASON}).status_code for address in posts] == [403] * 3
        assert as_it_is(seen).state == "previewed"


# --- Deciding -----------------------------------------------------------------------------------------------


def test_a_preview_of_a_draft_says_to_publish_first(
    client: Client, answer: GradingJob, published: QuestionVersion, mentor: User
) -> None:
    draft = make_draft(published)
    regrade = previewed(draft, mentor)

    page = client.get(page_of(regrade))

    assert "Publish version 2, then come back here" in words_of(page)
    assert reverse("question_version", args=[draft.question_id, 2]) in page.content.decode()
    assert reverse("apply_regrade", args=[regrade.pk]) not in page.content.decode()


def test_a_stale_preview_says_so_and_offers_a_new_one(
    client: Client, answer: GradingJob, published: QuestionVersion, mentor: User
) -> None:
    draft = make_draft(published)
    stale = previewed(draft, mentor)
    make_draft(published, accepting(what_it_says(published), WORDING, "And more."))

    page = client.get(page_of(stale))
    client.post(preview_of(draft))

    assert "says something else by now" in words_of(page)
    assert preview_of(draft) in page.content.decode()
    assert sorted(Regrade.objects.values_list("state", flat=True)) == ["cancelled", "previewing"]


def test_answers_that_came_since_are_told_and_can_be_taken_in(
    client: Client, candidate: User, published: QuestionVersion, seen: Regrade
) -> None:
    answered(candidate, published)

    page = client.get(page_of(seen))

    assert "1 more answer was graded with an older key since." in words_of(page)
    assert preview_of(seen.version) in page.content.decode()
    assert reverse("apply_regrade", args=[seen.pk]) not in page.content.decode()


def test_applying_asks_for_a_reason_and_keeps_the_page(client: Client, seen: Regrade) -> None:
    response = client.post(reverse("apply_regrade", args=[seen.pk]), {"reason": " "})

    assert response.status_code == 400
    assert "What candidates are told : This field is required." in words_of(response)
    assert "The one answer rises" in words_of(response)
    assert as_it_is(seen).state == "previewed"


def test_a_reason_that_is_too_long_is_kept_in_the_form(client: Client, seen: Regrade) -> None:
    response = client.post(reverse("apply_regrade", args=[seen.pk]), {"reason": "Because. " * 200})

    assert response.status_code == 400
    assert "Because. Because." in words_of(response)


def test_what_became_impossible_is_said_and_the_reason_is_kept(
    client: Client, candidate: User, published: QuestionVersion, seen: Regrade
) -> None:
    answered(candidate, published)

    response = client.post(reverse("apply_regrade", args=[seen.pk]), {"reason": "My own words."})

    assert response.status_code == 400
    assert "Some answers were graded after this preview." in words_of(response)
    assert "My own words." in words_of(response)


def test_applying_leads_to_the_progress_and_then_says_who_did_what(
    client: Client, seen: Regrade, answer: GradingJob
) -> None:
    response = client.post(reverse("apply_regrade", args=[seen.pk]), {"reason": REASON}, follow=True)
    done = worked(seen)
    page = client.get(page_of(seen))

    assert "The new grades are being written" in words_of(response)
    assert as_it_is(answer).grade.regrade == done
    assert "Mentor applied this on" in words_of(page)
    assert f"Candidates read: {REASON}" in words_of(page)
    assert reverse("cancel_regrade", args=[seen.pk]) not in page.content.decode()


def test_cancelling_says_that_nothing_was_changed(client: Client, seen: Regrade, answer: GradingJob) -> None:
    response = client.post(reverse("cancel_regrade", args=[seen.pk]), follow=True)

    assert "Cancelled. No grade was changed." in words_of(response)
    assert "Mentor cancelled this on" in words_of(response)
    assert as_it_is(answer).grade == answer.grade


def test_cancelling_too_late_says_so(client: Client, seen: Regrade, mentor: User) -> None:
    applied(seen, mentor)

    response = client.post(reverse("cancel_regrade", args=[seen.pk]), follow=True)

    assert "It is too late to cancel" in words_of(response)
    assert as_it_is(seen).state == "applied"


# --- What everybody sees of it ------------------------------------------------------------------------------


@pytest.fixture
def interview(candidate: User, published: QuestionVersion) -> Interview:
    """A finished interview of candidate's with one graded answer."""
    made = start_chosen(candidate=candidate, title="Chosen", versions=[published], now=database_now())
    asked = made.questions.get()
    job = submit_answer(
        asked=asked, text=TEXT, idempotency_key="c0ffee00-0000-4000-8000-000000000000", now=database_now()
    ).job
    grade(job_id=job.pk)
    finish(interview=made, now=database_now() + timedelta(seconds=1))
    return as_it_is(made)


def _job(interview: Interview) -> GradingJob:
    return interview.questions.get().answer.job


def test_the_candidate_reads_why_and_what_it_was_before(
    candidate: User, interview: Interview, published: QuestionVersion, mentor: User
) -> None:
    before = shown(_job(interview))

    applied(previewed(publish_mended(published), mentor), mentor)
    page = words_of(client_of(candidate).get(reverse("result", args=[interview.pk])))

    assert f"with version 2 of the key. Before: {before:.0f}. {REASON}" in page
    assert "question version 1, key of version 2" in page


def test_a_score_that_stays_is_said_to_stay(
    candidate: User, interview: Interview, published: QuestionVersion, mentor: User
) -> None:
    applied(previewed(publish_mended(published, accepting(what_it_says(published), "Other words.")), mentor), mentor)

    page = words_of(client_of(candidate).get(reverse("result", args=[interview.pk])))

    assert f"The score stays {shown(_job(interview)):.0f}." in page


def test_the_mentor_reads_it_beside_the_answer(
    client: Client, interview: Interview, published: QuestionVersion, mentor: User
) -> None:
    applied(previewed(publish_mended(published), mentor), mentor)

    page = words_of(client.get(reverse("review", args=[_job(interview).pk])))

    assert f"with version 2 of the key. Before: 33. {REASON}" in page


def test_a_mentors_marks_after_it_are_what_is_told(
    candidate: User, interview: Interview, published: QuestionVersion, mentor: User
) -> None:
    mended = publish_mended(published)
    applied(previewed(mended, mentor), mentor)
    marks = {point.pk: Mark.STATED for point in mended.key_points.all()}
    reviews.review(job=_job(interview), reviewer=mentor, marks=marks, reason="All of it.", now=database_now())

    page = words_of(client_of(candidate).get(reverse("result", args=[interview.pk])))

    assert ("All of it." in page, "Graded again" in page) == (True, False)


def test_every_page_api_and_export_shows_the_new_score(
    candidate: User, cohort: Cohort, interview: Interview, published: QuestionVersion, mentor: User
) -> None:
    before = shown(_job(interview))
    applied(previewed(publish_mended(published), mentor), mentor)
    new = shown(_job(interview))
    refresh()
    visitor = client_of(candidate)

    api = visitor.get(reverse("api_results", args=[interview.pk])).json()
    (export,) = everything_of(candidate)["interviews"]
    grading = export["questions"][0]["grading"]
    scores = {
        "the results": result_of(interview).score,
        "the history": history_of(candidate).get().mean_score,
        "the dashboard": facts_of(cohort).get().score,
        "the API": api["score"],
        "the export": grading["grade"]["score"],
        "the answer": shown_grade(with_results(GradingJob.objects.all()).get()).score,
    }

    assert new > before
    assert {name: round(score, 2) for name, score in scores.items()} == dict.fromkeys(scores, new)
    assert api["questions"][0]["graded_again_because"] == REASON
    assert [one["score"] for one in grading["earlier_grades"]] == [before]
    assert (grading["grade"]["key_of_version"], grading["grade"]["graded_again_because"]) == (2, REASON)


# --- Appeals ------------------------------------------------------------------------------------------------


def appealed(job: GradingJob, slug: str = "lazy") -> Appeal:
    point = as_it_is(job).key.key_points.get(slug=slug)
    return reviews.appeal(
        job=job, key_point_id=point.pk, said="You can run through it twice.", reason="", now=database_now()
    )


def marked(job: GradingJob, mentor: User, **marks: Mark) -> None:
    given = {point.pk: marks.get(point.slug, Mark.MISSING) for point in as_it_is(job).key.key_points.all()}
    reviews.review(job=job, reviewer=mentor, marks=given, reason="I see.", now=database_now())


@pytest.fixture
def accepted(answer: GradingJob, mentor: User) -> Appeal:
    """An appeal of the candidate's that the mentor has accepted."""
    written = appealed(answer)
    marked(answer, mentor, lazy=Mark.STATED)
    return as_it_is(written)


def phrasing_of(appeal: Appeal) -> str:
    return reverse("accept_phrasing", args=[appeal.job_id, appeal.pk])


def test_an_open_appeal_outlives_a_regrade_and_is_decided_against_the_mark_it_was_about(
    answer: GradingJob, published: QuestionVersion, mentor: User
) -> None:
    """The new key has the point stated already, and the mentor confirms it: the candidate was right."""
    written = appealed(answer)
    applied(previewed(publish_mended(published), mentor), mentor)
    between = as_it_is(written).state

    marked(answer, mentor, lazy=Mark.STATED)

    assert (between, as_it_is(written).state) == (AppealState.OPEN, AppealState.ACCEPTED)


def test_an_appeal_is_declined_after_a_regrade_where_the_mark_stays(
    answer: GradingJob, published: QuestionVersion, mentor: User
) -> None:
    written = appealed(answer)
    applied(previewed(publish_mended(published, accepting(what_it_says(published), "Other words.")), mentor), mentor)

    marked(answer, mentor, lazy=Mark.MISSING)

    assert as_it_is(written).state == AppealState.DECLINED


def test_an_appeal_about_a_point_that_is_gone_is_accepted(
    answer: GradingJob, published: QuestionVersion, mentor: User
) -> None:
    written = appealed(answer, "once")
    content = what_it_says(published)
    without = replace(
        content, key_points=tuple(point for point in content.key_points if point.id != "once"), exemplars=()
    )
    applied(previewed(publish_mended(published, without), mentor), mentor)

    marked(answer, mentor)

    assert as_it_is(written).state == AppealState.ACCEPTED


def test_an_appeal_from_before_a_regrade_is_not_made_again(
    answer: GradingJob, published: QuestionVersion, mentor: User
) -> None:
    appealed(answer)
    applied(previewed(publish_mended(published, accepting(what_it_says(published), "Other words.")), mentor), mentor)

    with pytest.raises(ValidationError, match="already"):
        appealed(answer)


def test_an_accepted_appeal_offers_its_wording_for_everyone(client: Client, accepted: Appeal) -> None:
    page = client.get(reverse("review", args=[accepted.job_id])).content.decode()
    form = client.get(phrasing_of(accepted))

    assert (phrasing_of(accepted) in page, "Accept this wording for everyone" in page) == (True, True)
    assert form.context["form"].initial == {"phrasing": accepted.said}


def test_the_wording_goes_into_a_draft_and_its_preview_begins(
    client: Client, candidate: User, accepted: Appeal, published: QuestionVersion
) -> None:
    answered(candidate, published)

    response = client.post(phrasing_of(accepted), {"phrasing": "  One can run\n through it twice. "})

    draft = published.question.versions.get(state="draft")
    regrade = Regrade.objects.get()
    assert response.headers["Location"] == page_of(regrade)
    assert (regrade.version, regrade.appeal) == (draft, accepted)
    assert what_it_says(draft) == accepting(what_it_says(published), "One can run through it twice.")
    assert "another wording says the same" in client.get(page_of(regrade)).context["form"].initial["reason"]


def test_the_wording_is_added_to_the_draft_there_is(
    client: Client, candidate: User, accepted: Appeal, published: QuestionVersion
) -> None:
    answered(candidate, published)
    make_draft(published)

    for _ in range(2):
        client.post(phrasing_of(accepted), {"phrasing": "Pressed twice."})

    draft = published.question.versions.get(state="draft")
    assert what_it_says(draft) == accepting(what_it_says(published), WORDING, "Pressed twice.")
    assert Regrade.objects.get().version == draft


def test_an_empty_wording_is_refused_in_place(client: Client, accepted: Appeal, published: QuestionVersion) -> None:
    response = client.post(phrasing_of(accepted), {"phrasing": "  "})

    assert response.status_code == 400
    assert "The wording to accept : This field is required." in words_of(response)
    assert not published.question.versions.filter(state="draft").exists()


def test_where_nothing_can_be_previewed_nothing_is_added(
    client: Client, accepted: Appeal, published: QuestionVersion
) -> None:
    """The only answer is the one that the mentor has marked already."""
    response = client.post(phrasing_of(accepted), {"phrasing": "My wording."})

    assert response.status_code == 400
    assert "There is no past answer whose score this could change." in words_of(response)
    assert "My wording." in words_of(response)
    assert not published.question.versions.filter(state="draft").exists()


@pytest.mark.parametrize("state", [AppealState.OPEN, AppealState.DECLINED])
def test_an_appeal_that_is_not_accepted_offers_nothing(
    client: Client, answer: GradingJob, mentor: User, state: AppealState
) -> None:
    written = appealed(answer)
    if state == AppealState.DECLINED:
        marked(answer, mentor)

    page = client.get(reverse("review", args=[answer.pk])).content.decode()

    assert as_it_is(written).state == state
    assert "Accept this wording" not in page
    assert client.post(phrasing_of(written), {"phrasing": "Words."}).status_code == 404


@pytest.mark.parametrize(
    ("who", "status"),
    [("mentor", 200), ("site_admin", 200), ("other_mentor", 404), ("candidate", 403), ("peer", 403), ("admin", 403)],
)
def test_the_wording_is_for_mentors_of_the_candidates_cohort(
    accepted: Appeal, request: pytest.FixtureRequest, who: str, status: int
) -> None:
    visitor = client_of(request.getfixturevalue(who))

    assert visitor.get(phrasing_of(accepted)).status_code == status
    if status != 200:
        assert visitor.post(phrasing_of(accepted), {"phrasing": "Words."}).status_code == status


def test_an_appeal_is_found_under_its_own_answer_alone(
    client: Client, candidate: User, accepted: Appeal, published: QuestionVersion
) -> None:
    other = answered(candidate, published)

    address = reverse("accept_phrasing", args=[other.pk, accepted.pk])

    assert client.get(address).status_code == 404


def test_another_question_is_left_alone(client: Client, candidate: User, seen: Regrade, mentor: User) -> None:
    other = answered(candidate, publish_question("another"))

    applied(seen, mentor)

    assert as_it_is(other).grade == other.grade
