"""The candidate's pages, used as a browser without scripts uses them."""

import re
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from html import unescape
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse

from grading.models import GradingJob
from grading.services.jobs import claim, fail
from grading.services.reviews import review
from interview.models import Answer, Draft, Interview, InterviewQuestion, Mode
from interview.services.interviews import finish, save_draft, submit_answer
from people.clock import database_now
from people.models import Cohort, User
from questionbank.models import Mark, QuestionVersion, Track
from tests.conftest import client_of
from tests.factories import give_grade, make_interview, make_topic, make_track, publish_question
from tests.grading.conftest import TEXT, grade_by_hand, make_result, marked


@pytest.fixture
def browser(candidate: User) -> Client:
    return client_of(candidate)


def _get(client: Client, name: str, *args: Any, **query: Any) -> Any:
    return client.get(reverse(name, args=args), query)


def _post(client: Client, asked: InterviewQuestion, text: str, action: str = "save", **fields: Any) -> Any:
    address = reverse("question", args=[asked.interview_id, asked.position])
    return client.post(address, {"text": text, "action": action, "revision": 0, **fields})


def _words(response: Any) -> str:
    """Return the page's text as a reader sees it: no tags, one space between words."""
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", response.content.decode())).split())


def _textareas(response: Any) -> list[str]:
    """Return what the page's text boxes hold; as in a browser, a line end right after the tag does not count."""
    found = re.findall(r"<textarea[^>]*>\n?(.*?)</textarea>", response.content.decode(), re.DOTALL)
    return [unescape(text) for text in found]


def _draft(asked: InterviewQuestion, text: str, revision: int = 0) -> None:
    save_draft(asked=asked, text=text, revision=revision, now=database_now())


def _answer(asked: InterviewQuestion, text: str = "Lazily.") -> Answer:
    return submit_answer(asked=asked, text=text, idempotency_key=uuid4(), now=database_now())


def _track_of(count: int) -> Track:
    topic = make_topic()
    for number in range(count):
        publish_question(f"question-{number}", topic=topic)
    return make_track(topic, count=count)


# --- choosing and starting ----------------------------------------------------------------------------------


def test_home_offers_the_tracks(browser: Client, track: Track) -> None:
    response = _get(browser, "home")

    assert f'href="{reverse("track", args=["taster"])}"' in response.content.decode()
    assert "Go on where you stopped" not in _words(response)


def test_home_says_what_to_do_when_there_is_no_track(browser: Client) -> None:
    assert "There is nothing to practise yet." in _words(_get(browser, "home"))


def test_home_leads_back_to_what_is_running(browser: Client, practice: Interview) -> None:
    response = _get(browser, "home")

    assert "Go on where you stopped" in _words(response)
    assert f'href="{reverse("review_interview", args=[practice.pk])}"' in response.content.decode()


def test_home_shows_the_three_latest_results(browser: Client, candidate: User, track: Track) -> None:
    now = database_now()
    ended = [make_interview(candidate, track, now=now - timedelta(hours=hours)) for hours in range(4)]
    for interview in ended:
        finish(interview=interview, now=now)

    assert list(_get(browser, "home").context["recent"]) == ended[:3]


@pytest.mark.parametrize("count", [1, 3])
def test_home_takes_the_same_queries_whatever_it_lists(
    browser: Client, candidate: User, published: QuestionVersion, count: int, django_assert_num_queries: Any
) -> None:
    now = database_now()
    for number in range(count):
        track = make_track(published.question.topic, slug=f"track-{number}")
        finish(interview=make_interview(candidate, track, now=now), now=now)
        make_interview(candidate, track)

    with django_assert_num_queries(19):
        response = _get(browser, "home")

    assert (len(response.context["tracks"]), len(response.context["recent"])) == (count, count)


def test_a_tracks_page_says_what_awaits_and_who_can_read_the_answers(
    browser: Client, candidate: User, track: Track, mentor: User, admin: User, other_mentor: User, peer: User
) -> None:
    candidate.extra_time_factor = Decimal("1.50")
    candidate.save()

    response = _get(browser, "track", track.slug)

    words = _words(response)
    assert list(response.context["readers"]) == [admin, mentor]
    assert "15 (extended from 10)" in words
    assert ("Mentor" in words, "Other Mentor" in words, "Peer" in words) == (True, False, False)


@pytest.mark.parametrize("mode", list(Mode))
def test_starting_leads_to_the_first_question(browser: Client, candidate: User, track: Track, mode: Mode) -> None:
    response = browser.post(reverse("track", args=[track.slug]), {"mode": mode})

    interview = Interview.objects.get()
    assert (interview.candidate, interview.track, interview.mode) == (candidate, track, mode)
    assert (response.status_code, response.url) == (302, reverse("question", args=[interview.pk, 1]))


@pytest.mark.parametrize("body", [{"mode": ""}, {"mode": "exam"}])
def test_starting_needs_a_mode(browser: Client, track: Track, body: dict[str, str]) -> None:
    assert browser.post(reverse("track", args=[track.slug]), body).status_code == 400
    assert not Interview.objects.exists()


def test_starting_says_so_when_the_bank_lacks_questions(browser: Client, published: QuestionVersion) -> None:
    make_track(published.question.topic, count=2)

    response = browser.post(reverse("track", args=["taster"]), {"mode": "practice"})

    assert response.status_code == 400
    assert "needs 2 questions on Python and the bank has 1" in _words(response)


def test_a_track_that_is_not_there_is_a_404(browser: Client) -> None:
    assert _get(browser, "track", "none").status_code == 404


# --- the answer page ----------------------------------------------------------------------------------------


def test_the_answer_page_asks_and_shows_the_draft_as_typed(browser: Client, asked: InterviewQuestion) -> None:
    typed = "\n\n  <script>alert('&amp;')</script>\n\t</textarea> Zoë 👩‍💻\n "
    _draft(asked, typed)

    response = _get(browser, "question", asked.interview_id, 1)

    assert "When would you write a generator rather than a list?" in _words(response)
    assert _textareas(response) == [typed]
    assert '<input type="hidden" name="revision" value="1">' in response.content.decode()
    assert "<script>alert" not in response.content.decode()


def test_the_answer_page_of_a_mock_says_how_long_is_left(browser: Client, mock: Interview) -> None:
    response = _get(browser, "question", mock.pk, 1)

    assert 0 < response.context["remaining_ms"] <= 600_000
    assert f'data-remaining-ms="{response.context["remaining_ms"]}"' in response.content.decode()


def test_the_answer_page_of_practice_has_no_clock(browser: Client, practice: Interview) -> None:
    assert "data-remaining-ms" not in _get(browser, "question", practice.pk, 1).content.decode()


@pytest.mark.parametrize("count", [1, 3])
def test_the_answer_page_takes_the_same_queries_whatever_the_number_of_questions(
    browser: Client, candidate: User, count: int, django_assert_num_queries: Any
) -> None:
    interview = make_interview(candidate, _track_of(count))
    _draft(interview.questions.get(position=1), "A draft.")

    with django_assert_num_queries(6):
        response = _get(browser, "question", interview.pk, 1)

    assert len(response.context["questions"]) == count


def test_a_submitted_answer_shows_that_it_is_being_graded(browser: Client, asked: InterviewQuestion) -> None:
    _answer(asked)

    response = _get(browser, "question", asked.interview_id, 1)

    assert "Your answer is being graded" in _words(response)
    assert f'hx-get="{reverse("feedback", args=[asked.interview_id, 1])}"' in response.content.decode()
    assert _textareas(response) == []


def test_an_answer_that_cannot_be_graded_just_now_says_that_it_is_safe(
    browser: Client, asked: InterviewQuestion
) -> None:
    job = _answer(asked).job
    GradingJob.objects.filter(pk=job.pk).update(trouble="OSError: the model is missing")

    words = _words(_get(browser, "question", asked.interview_id, 1))

    assert "It cannot be graded just now. It is saved and will be graded" in words
    assert "OSError" not in words


def test_a_graded_answer_shows_its_score_and_its_evidence(browser: Client, asked: InterviewQuestion) -> None:
    give_grade(_answer(asked, "Values come lazily.").job, 75)

    response = _get(browser, "question", asked.interview_id, 1)

    assert "Your answer is graded: 75 of 100." in _words(response)
    assert "Generators can be consumed a single time." in _words(response)
    assert 'class="evidence' in response.content.decode()


def test_a_question_that_was_not_asked_is_a_404(browser: Client, practice: Interview) -> None:
    assert [_get(browser, "question", practice.pk, position).status_code for position in (0, 3)] == [404, 404]


# --- writing without scripts --------------------------------------------------------------------------------


def test_saving_keeps_the_text_and_stays(browser: Client, asked: InterviewQuestion) -> None:
    response = _post(browser, asked, "A draft.")

    assert (response.status_code, response.url) == (302, reverse("question", args=[asked.interview_id, 1]))
    assert Draft.objects.values("question", "text", "revision").get() == {
        "question": asked.pk,
        "text": "A draft.",
        "revision": 1,
    }


@pytest.mark.parametrize(
    ("position", "action", "leads_to"),
    [
        (1, "save", 1),
        (1, "next", 2),
        (1, "previous", 1),
        (2, "previous", 1),
        (2, "next", "review"),
        (1, "review", "review"),
    ],
)
def test_each_button_saves_and_leads_where_it_says(
    browser: Client, practice: Interview, position: int, action: str, leads_to: int | str
) -> None:
    asked = practice.questions.get(position=position)

    response = _post(browser, asked, "A draft.", action)

    review = reverse("review_interview", args=[practice.pk])
    assert response.url == (review if leads_to == "review" else reverse("question", args=[practice.pk, leads_to]))
    assert Draft.objects.get().question == asked


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("one\r\n\ttwo\r\n\r\n", "one\n\ttwo\n\n"),
        ("  indented\n ", "  indented\n "),
        ("a lone \r stays", "a lone \r stays"),
    ],
)
def test_line_ends_become_lf_and_all_else_stays(
    browser: Client, asked: InterviewQuestion, typed: str, kept: str
) -> None:
    _post(browser, asked, typed)
    _post(browser, asked, typed, "submit", revision=1)

    assert (Draft.objects.get().text, Answer.objects.get().text) == (kept, kept)


def test_sending_what_is_saved_already_makes_no_revision(browser: Client, asked: InterviewQuestion) -> None:
    _draft(asked, "The same\ntext.")

    response = _post(browser, asked, "The same\r\ntext.", "next", revision=0)

    assert response.status_code == 302
    assert Draft.objects.get().revision == 1


def test_looking_at_a_question_and_going_on_saves_nothing(browser: Client, asked: InterviewQuestion) -> None:
    _post(browser, asked, "", "next")

    assert not Draft.objects.exists()


def test_submitting_freezes_the_text_and_shows_the_question_again(browser: Client, asked: InterviewQuestion) -> None:
    response = _post(browser, asked, "Lazily.", "submit", idempotency_key=uuid4())

    assert response.url == reverse("question", args=[asked.interview_id, 1])
    assert (Answer.objects.get().text, GradingJob.objects.get().text) == ("Lazily.", "Lazily.")


def test_the_pages_own_key_makes_a_double_click_one_submission(browser: Client, asked: InterviewQuestion) -> None:
    key = _get(browser, "question", asked.interview_id, 1).context["idempotency_key"]

    first, again = (_post(browser, asked, "Lazily.", "submit", idempotency_key=key) for _ in range(2))

    assert (again.status_code, again.url) == (first.status_code, first.url)
    assert (Answer.objects.count(), GradingJob.objects.count()) == (1, 1)


def test_each_page_has_a_key_of_its_own(browser: Client, practice: Interview) -> None:
    keys = [_get(browser, "question", practice.pk, 1).context["idempotency_key"] for _ in range(2)]

    assert keys[0] != keys[1]


def test_a_conflict_shows_both_texts_and_saves_neither(browser: Client, asked: InterviewQuestion) -> None:
    _draft(asked, "\n  From the other tab <b>.")

    response = _post(browser, asked, "\n  From\r\n this tab <i>.")

    assert response.status_code == 409
    assert _textareas(response) == ["\n  From\n this tab <i>.", "\n  From the other tab <b>."]
    assert Draft.objects.values("text", "revision").get() == {"text": "\n  From the other tab <b>.", "revision": 1}


def test_the_text_chosen_on_the_conflict_page_is_saved(browser: Client, asked: InterviewQuestion) -> None:
    _draft(asked, "From the other tab.")
    page = _post(browser, asked, "From this tab.").content.decode()
    (revision,) = set(re.findall(r'name="revision" value="(\d+)"', page))

    response = _post(browser, asked, "From this tab.", revision=revision)

    assert response.status_code == 302
    assert Draft.objects.values("text", "revision").get() == {"text": "From this tab.", "revision": 2}


@pytest.mark.parametrize("action", ["save", "submit"])
def test_a_text_over_the_limit_is_kept_on_the_page(browser: Client, asked: InterviewQuestion, action: str) -> None:
    typed = "  " + "é" * 20_000

    response = _post(browser, asked, typed, action)

    assert response.status_code == 400
    assert "An answer can have 20,000 characters; this one has 20,002." in _words(response)
    assert _textareas(response) == [typed]
    assert not Draft.objects.exists()
    assert not Answer.objects.exists()


@pytest.mark.parametrize(
    "fields",
    [{"action": "fly"}, {"revision": "x"}, {"revision": -1}, {"idempotency_key": "x", "action": "submit"}],
    ids=str,
)
def test_an_incomplete_form_keeps_the_typed_text(
    browser: Client, asked: InterviewQuestion, fields: dict[str, Any]
) -> None:
    address = reverse("question", args=[asked.interview_id, 1])

    response = browser.post(address, {"text": " typed ", "action": "save", "revision": 0, **fields})

    assert response.status_code == 400
    assert "Your text is below; save it again." in _words(response)
    assert _textareas(response) == [" typed "]
    assert not Draft.objects.exists()


def test_a_mock_refuses_single_submissions_and_keeps_the_text(
    browser: Client, asked_in_mock: InterviewQuestion
) -> None:
    response = _post(browser, asked_in_mock, "Lazily.", "submit")

    assert response.status_code == 400
    assert "all answers are submitted together, when you finish" in _words(response)
    assert _textareas(response) == ["Lazily."]
    assert not Answer.objects.exists()


def test_a_text_sent_after_the_deadline_is_kept_on_the_page(browser: Client, candidate: User, track: Track) -> None:
    mock = make_interview(candidate, track, mode=Mode.MOCK, now=database_now() - timedelta(minutes=11))

    response = _post(browser, mock.questions.get(position=1), "Too late.")

    assert response.status_code == 400
    assert "The time was over. This text is kept" in _words(response)
    assert _textareas(response) == ["Too late."]
    assert not Draft.objects.exists()


@pytest.mark.parametrize("mode", list(Mode))
def test_a_text_sent_after_finishing_is_shown_once_more(
    browser: Client, candidate: User, track: Track, mode: Mode
) -> None:
    interview = make_interview(candidate, track, mode=mode)
    asked = interview.questions.get(position=1)
    _draft(asked, "What counts.")
    finish(interview=interview, now=database_now())

    response = _post(browser, asked, "What came late.", revision=1)

    assert response.status_code == 400
    assert "What came late." in _words(response)
    assert Answer.objects.get(question=asked).text == "What counts."


def test_a_text_sent_after_submitting_elsewhere_is_shown_once_more(browser: Client, asked: InterviewQuestion) -> None:
    give_grade(_answer(asked, "What counts.").job, 50)

    response = _post(browser, asked, "What came late.", "submit")

    assert response.status_code == 400
    assert "This answer is submitted; it cannot be changed." in _words(response)
    assert "What came late." in _words(response)


def test_a_form_without_the_csrf_token_saves_nothing(candidate: User, asked: InterviewQuestion) -> None:
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(candidate)

    response = _post(browser, asked, "Forged.")

    assert response.status_code == 403
    assert "Please send that again" in _words(response)
    assert not Draft.objects.exists()


# --- feedback -----------------------------------------------------------------------------------------------


def test_the_feedback_fragment_asks_again_while_it_waits(browser: Client, asked: InterviewQuestion) -> None:
    _answer(asked)

    html = _get(browser, "feedback", asked.interview_id, 1).content.decode()

    assert 'hx-trigger="every' in html
    assert f'hx-get="{reverse("feedback", args=[asked.interview_id, 1])}"' in html
    assert "<html" not in html


def test_the_feedback_fragment_rests_once_there_is_a_grade(browser: Client, asked: InterviewQuestion) -> None:
    give_grade(_answer(asked).job, 62.4)

    response = _get(browser, "feedback", asked.interview_id, 1)

    assert "Your answer is graded: 62 of 100." in _words(response)
    assert "hx-" not in response.content.decode()


@pytest.mark.usefixtures("mentor")
def test_the_feedback_of_a_doubted_grade_says_that_its_score_is_provisional_and_why(
    browser: Client, asked: InterviewQuestion
) -> None:
    give_grade(_answer(asked).job, 62.4, doubts=("unsure",))

    response = _get(browser, "feedback", asked.interview_id, 1)

    words = _words(response)
    assert "Your answer is graded: 62 of 100, provisionally." in words
    assert "This score is provisional. A mentor will look at your answer." in words
    assert words.count("The grader is not sure of this score.") == 1
    assert "hx-" not in response.content.decode()


@pytest.mark.usefixtures("mentor")
@pytest.mark.parametrize("doubts", [(), ("unsure",)])
def test_the_feedback_says_how_sure_the_grader_is_of_each_mark(
    browser: Client, asked: InterviewQuestion, doubts: tuple[str, ...]
) -> None:
    """A mentor is promised only where one is asked to look."""
    result = make_result(
        marked("lazy", "stated", "Values come on demand, CANARYANSWER.", p_stated=0.9),
        marked("memory", "missing", p_missing=0.4),
        marked("once", "contradicted", "You can run through it twice.", p_contradicted=0.5),
        doubts=doubts,
    )
    grade_by_hand(_answer(asked, TEXT).job, result)

    words = _words(_get(browser, "feedback", asked.interview_id, 1))

    assert [said in words for said in ("Clearly stated", "Missing", "Only just contradicts")] == [True] * 3
    assert ("Not sure" in words, "Not sure: a mentor will look" in words) == (True, bool(doubts))


def test_the_feedback_on_a_mentors_marks_does_not_say_how_sure_the_grader_was(
    browser: Client, mentor: User, asked: InterviewQuestion
) -> None:
    job = _answer(asked).job
    give_grade(job, 62, doubts=("unsure",))
    marks = {point.pk: Mark.STATED for point in job.version.key_points.all()}
    review(job=job, reviewer=mentor, marks=marks, reason="You do say it.", now=database_now())

    words = _words(_get(browser, "feedback", asked.interview_id, 1))

    assert "Your answer is graded: 100 of 100." in words
    assert [said in words for said in ("Clearly", "rovisional", "not sure of this score")] == [False] * 3


@pytest.mark.usefixtures("mentor")
def test_the_feedback_fragment_says_so_when_a_mentor_has_to_look(browser: Client, asked: InterviewQuestion) -> None:
    job = _answer(asked, "Lazily.").job
    while claimed := claim(job_id=job.pk, now=database_now()):
        fail(job=claimed, trouble="The model <broke>.")

    response = _get(browser, "feedback", asked.interview_id, 1)

    words = _words(response)
    assert ("A mentor will look at this answer" in words, "Lazily." in words) == (True, True)
    assert "The model <broke>." in words
    assert "hx-" not in response.content.decode()


@pytest.mark.parametrize(("doubts", "is_graded"), [(("unsure",), True), ((), False)])
def test_nobody_is_promised_a_mentor_whom_they_do_not_have(
    stranger: User, track: Track, doubts: tuple[str, ...], *, is_graded: bool
) -> None:
    asked = make_interview(stranger, track).questions.get(position=1)
    job = _answer(asked, TEXT).job
    if is_graded:
        grade_by_hand(job, make_result(marked("lazy", "missing", p_missing=0.4), doubts=doubts))
    while claimed := claim(job_id=job.pk, now=database_now()):
        fail(job=claimed, trouble="The model broke.")
    browser = client_of(stranger)

    feedback = _words(_get(browser, "feedback", asked.interview_id, 1))
    finish(interview=asked.interview, now=database_now())
    result = _words(_get(browser, "result", asked.interview_id))

    for words in (feedback, result):
        assert "mentor will look" not in words
        assert "Waiting for a mentor" not in words
        assert "Nobody but you reads your answers yet." in words


def test_the_feedback_fragment_of_an_open_question_has_nothing_to_show(
    browser: Client, asked: InterviewQuestion
) -> None:
    assert "There is no answer to this question" in _words(_get(browser, "feedback", asked.interview_id, 1))


def test_the_feedback_fragment_of_a_running_mock_is_empty(browser: Client, asked_in_mock: InterviewQuestion) -> None:
    response = _get(browser, "feedback", asked_in_mock.interview_id, 1)

    assert (response.status_code, response.content) == (204, b"")


# --- looking over and finishing -----------------------------------------------------------------------------


def test_looking_over_names_what_is_not_answered(browser: Client, practice: Interview) -> None:
    first, second = practice.questions.all()
    _answer(first)
    _draft(second, " \n ")

    response = _get(browser, "review_interview", practice.pk)

    assert response.context["unanswered"] == [second]
    assert "One question is still open." in _words(response)


@pytest.mark.parametrize("count", [1, 3])
def test_looking_over_takes_the_same_queries_whatever_the_number_of_questions(
    browser: Client, candidate: User, count: int, django_assert_num_queries: Any
) -> None:
    interview = make_interview(candidate, _track_of(count), mode=Mode.MOCK)
    _draft(interview.questions.get(position=1), "A draft.")

    with django_assert_num_queries(6):
        response = _get(browser, "review_interview", interview.pk)

    assert len(response.context["questions"]) == count


def test_looking_over_what_is_finished_leads_to_the_result(browser: Client, practice: Interview) -> None:
    finish(interview=practice, now=database_now())

    assert _get(browser, "review_interview", practice.pk).url == reverse("result", args=[practice.pk])


def test_finishing_leads_to_the_result_however_often_it_is_pressed(browser: Client, mock: Interview) -> None:
    _draft(mock.questions.get(position=1), "A draft.")

    responses = [browser.post(reverse("finish", args=[mock.pk])) for _ in range(2)]

    mock.refresh_from_db()
    assert [response.url for response in responses] == [reverse("result", args=[mock.pk])] * 2
    assert (mock.is_running, Answer.objects.count()) == (False, 2)


def test_opening_the_finish_address_finishes_nothing(browser: Client, practice: Interview) -> None:
    response = _get(browser, "finish", practice.pk)

    practice.refresh_from_db()
    assert (response.status_code, practice.is_running) == (405, True)


# --- results and history ------------------------------------------------------------------------------------


@pytest.mark.parametrize("mode", list(Mode))
def test_there_is_no_result_while_it_runs(browser: Client, candidate: User, track: Track, mode: Mode) -> None:
    interview = make_interview(candidate, track, mode=mode)

    response = browser.get(reverse("result", args=[interview.pk]), follow=True)

    assert response.redirect_chain == [(reverse("review_interview", args=[interview.pk]), 302)]
    assert "This interview is still running." in _words(response)


def test_the_result_asks_for_itself_until_all_is_graded(browser: Client, mock: Interview) -> None:
    finish(interview=mock, now=database_now())
    first, second = GradingJob.objects.all()
    give_grade(first, 80)
    half_way = _get(browser, "result", mock.pk)
    give_grade(second, 45)

    complete = _get(browser, "result", mock.pk)

    assert "1 of 2 answers graded so far" in _words(half_way)
    assert f'hx-get="{reverse("result", args=[mock.pk])}?fragment"' in half_way.content.decode()
    assert "2 of 2 answers graded." in _words(complete)
    assert complete.context["result"].score == 62.5
    assert "hx-get" not in complete.content.decode()


@pytest.mark.usefixtures("mentor")
def test_the_result_says_which_scores_are_provisional(browser: Client, mock: Interview) -> None:
    finish(interview=mock, now=database_now())
    first, second = GradingJob.objects.all()
    give_grade(first, 80)
    give_grade(second, 45, doubts=("unsure",))

    response = _get(browser, "result", mock.pk)

    words = _words(response)
    assert "2 of 2 answers graded. 1 score is provisional: a mentor will look." in words
    assert "Provisional 45 of 100" in words
    assert "Provisional 80 of 100" not in words
    assert words.count("This score is provisional.") == 1
    assert "hx-get" not in response.content.decode()


def test_the_results_fragment_is_no_whole_page(browser: Client, practice: Interview) -> None:
    finish(interview=practice, now=database_now())

    html = _get(browser, "result", practice.pk, fragment="").content.decode()

    assert ('id="results"' in html, "<html" in html) == (True, False)


@pytest.mark.parametrize("count", [1, 3])
def test_the_result_takes_the_same_queries_whatever_the_number_of_questions(
    browser: Client, candidate: User, count: int, django_assert_num_queries: Any
) -> None:
    interview = make_interview(candidate, _track_of(count))
    for asked in interview.questions.all():
        give_grade(_answer(asked).job, 50, doubts=("unsure",))
    finish(interview=interview, now=database_now())

    with django_assert_num_queries(18):
        response = _get(browser, "result", interview.pk)

    assert len(response.context["result"].graded) == count


def test_history_lists_ones_own_interviews_page_by_page(
    browser: Client, candidate: User, peer: User, track: Track
) -> None:
    for _ in range(21):
        make_interview(candidate, track)
    make_interview(peer, track)

    pages = [_get(browser, "history", page=number).context["page"] for number in (1, 2)]

    assert [len(page.object_list) for page in pages] == [20, 1]
    assert {interview.candidate_id for page in pages for interview in page} == {candidate.pk}


@pytest.mark.parametrize("page", ["0", "99", "x", "-1"])
def test_history_answers_a_page_that_is_not_there(browser: Client, practice: Interview, page: str) -> None:
    assert list(_get(browser, "history", page=page).context["page"]) == [practice]


def test_history_says_what_to_do_when_it_is_empty(browser: Client) -> None:
    assert "You have not practised yet." in _words(_get(browser, "history"))


@pytest.mark.parametrize("count", [1, 3])
def test_history_takes_the_same_queries_whatever_its_length(
    browser: Client, candidate: User, track: Track, count: int, django_assert_num_queries: Any
) -> None:
    for _ in range(count):
        give_grade(_answer(make_interview(candidate, track).questions.get(position=1)).job, 50)

    with django_assert_num_queries(7):
        response = _get(browser, "history")

    assert len(response.context["page"].object_list) == count


# --- other people's -----------------------------------------------------------------------------------------

PAGES: list[Callable[[Client, Any], Any]] = [
    lambda client, pk: _get(client, "question", pk, 1),
    lambda client, pk: _get(client, "feedback", pk, 1),
    lambda client, pk: _get(client, "review_interview", pk),
    lambda client, pk: _get(client, "result", pk),
    lambda client, pk: client.post(reverse("finish", args=[pk])),
    lambda client, pk: client.post(
        reverse("question", args=[pk, 1]), {"text": "Theirs.", "action": "save", "revision": 1}
    ),
]


@pytest.mark.parametrize("who", ["peer", "outsider", "mentor", "other_mentor", "admin", "site_admin"])
def test_nobody_else_reaches_an_interview(
    request: pytest.FixtureRequest, asked: InterviewQuestion, cohort: Cohort, who: str
) -> None:
    client = client_of(request.getfixturevalue(who))
    _draft(asked, "The candidate's own words.")

    responses = [page(client, asked.interview_id) for page in PAGES]

    assert [response.status_code for response in responses] == [404] * len(PAGES)
    assert not any("own words" in response.content.decode() for response in responses)
    asked.interview.refresh_from_db()
    assert (Draft.objects.get().text, asked.interview.is_running) == ("The candidate's own words.", True)
