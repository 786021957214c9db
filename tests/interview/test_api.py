"""The API of interviews: each endpoint, what it refuses and in which words."""

import json
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.test import Client
from django.urls import reverse
from knox.models import AuthToken

from grading.models import GradingJob
from grading.services.jobs import claim, fail
from grading.services.reviews import review
from interview.models import Answer, Draft, Interview, InterviewQuestion, Mode
from interview.services.interviews import finish, save_draft, submit_answer
from people.clock import database_now
from people.models import User
from questionbank.models import Mark, QuestionVersion, Track
from tests.conftest import client_of
from tests.factories import give_grade, make_interview, make_topic, make_track, publish_question

TYPED = "\n\n  def f():\n\treturn 1  \r\nZoë 👩‍💻 \u202eabc e\u0301\n "


@pytest.fixture
def api(candidate: User) -> Client:
    return client_of(candidate)


def _put(client: Client, asked: InterviewQuestion, body: Any) -> Any:
    address = reverse("api_draft", args=[asked.interview_id, asked.position])
    return client.put(address, body, content_type="application/json")


def _post_answer(client: Client, asked: InterviewQuestion, body: Any, key: Any = None) -> Any:
    address = reverse("api_answer", args=[asked.interview_id, asked.position])
    return client.post(
        address, body, content_type="application/json", headers={"Idempotency-Key": str(key or uuid4())}
    )


def _start(client: Client, **body: Any) -> Any:
    return client.post(reverse("api_interviews"), body, content_type="application/json")


def _get(client: Client, name: str, *args: Any) -> Any:
    return client.get(reverse(name, args=args))


def _draft(asked: InterviewQuestion, text: str, revision: int = 0) -> None:
    save_draft(asked=asked, text=text, revision=revision, now=database_now())


def _answer(asked: InterviewQuestion, text: str = "Lazily.") -> Answer:
    return submit_answer(asked=asked, text=text, idempotency_key=uuid4(), now=database_now())


def _iso(time: Any) -> str:
    return time.isoformat().replace("+00:00", "Z")


# --- who may ask --------------------------------------------------------------------------------------------


def test_a_token_opens_the_api_without_a_login(candidate: User, practice: Interview) -> None:
    _, token = AuthToken.objects.create(user=candidate)

    response = Client().get(reverse("api_interviews"), headers={"Authorization": f"Token {token}"})

    assert [found["id"] for found in response.json()["results"]] == [str(practice.pk)]


def test_a_revoked_token_opens_nothing(candidate: User, practice: Interview) -> None:
    stored, token = AuthToken.objects.create(user=candidate)
    stored.delete()

    response = Client().get(reverse("api_interviews"), headers={"Authorization": f"Token {token}"})

    assert (response.status_code, response.json()) == (401, {"detail": "Invalid token."})


@pytest.mark.parametrize("token", ["\xff\xfe", "a\0b", "é", "a'--"])
def test_a_token_that_is_no_text_opens_nothing(token: str) -> None:
    response = Client().get(reverse("api_interviews"), headers={"Authorization": f"Token {token}"})

    assert (response.status_code, response.json()) == (401, {"detail": "Invalid token."})


def test_a_session_without_the_csrf_token_saves_nothing(candidate: User, asked: InterviewQuestion) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(candidate)

    response = _put(client, asked, {"text": "Forged.", "revision": 0})

    assert response.status_code == 403
    assert not Draft.objects.exists()


def test_an_unknown_address_of_the_api_answers_in_json(api: Client) -> None:
    response = api.get("/api/v1/nothing/")

    assert response.status_code == 404
    assert response.json()["detail"].startswith("It does not exist")


# --- tracks -------------------------------------------------------------------------------------------------


def test_a_track_says_what_awaits(api: Client, track: Track) -> None:
    body = _get(api, "api_track", track.slug).json()

    section = {"title": "Python", "topic": "python", "count": 2, "minutes": 10, "difficulties": []}
    assert body == {
        "slug": "taster",
        "title": "Taster",
        "description": "A short one.",
        "minutes": 10,
        "sections": [section],
    }
    assert _get(api, "api_tracks").json()["results"] == [body]


def test_a_track_that_is_not_there_is_a_404(api: Client) -> None:
    response = _get(api, "api_track", "none")

    assert (response.status_code, response.json()) == (404, {"detail": "No Track matches the given query."})


@pytest.mark.parametrize("count", [1, 3])
def test_the_list_of_tracks_takes_the_same_queries_whatever_its_length(
    api: Client, published: QuestionVersion, count: int, django_assert_num_queries: Any
) -> None:
    for number in range(count):
        make_track(published.question.topic, slug=f"track-{number}")

    with django_assert_num_queries(6):
        response = _get(api, "api_tracks")

    assert response.json()["count"] == len(response.json()["results"]) == count


# --- starting and listing -----------------------------------------------------------------------------------


def test_starting_a_practice_interview_gives_its_questions(api: Client, candidate: User, track: Track) -> None:
    response = _start(api, track="taster", mode="practice")

    interview = Interview.objects.get()
    body = response.json()
    assert (response.status_code, interview.candidate, interview.track) == (201, candidate, track)
    assert body.pop("questions") == [
        {
            "position": asked.position,
            "section": "Python",
            "title": "Generators versus lists",
            "prompt": "When would you write a generator rather than a list?",
            "minutes": 4,
            "flagged": False,
            "text": "",
            "revision": 0,
            "is_submitted": False,
        }
        for asked in interview.questions.all()
    ]
    assert body == {
        "id": str(interview.pk),
        "track": "taster",
        "assignment": None,
        "mode": "practice",
        "started_at": _iso(interview.started_at),
        "deadline_at": None,
        "finished_at": None,
        "minutes": 10,
        "extra_time_factor": "1.00",
        "remaining_ms": None,
    }


def test_starting_a_mock_says_how_long_is_left(api: Client, track: Track) -> None:
    body = _start(api, track="taster", mode="mock").json()

    mock = Interview.objects.get()
    assert body["deadline_at"] == _iso(mock.deadline_at)
    assert 0 < body["remaining_ms"] <= 600_000


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({}, {"track": ["This field is required."], "mode": ["This field is required."]}),
        ({"track": "none", "mode": "mock"}, {"track": ["Object with slug=none does not exist."]}),
        ({"track": "taster", "mode": "exam"}, {"mode": ['"exam" is not a valid choice.']}),
        ({"track": "tas\x00ter", "mode": "mock"}, {"track": ["Invalid value."]}),
        ({"track": "\ud800", "mode": "mock"}, {"track": ["Invalid value."]}),
        (
            {"track": 7, "mode": {}},
            {"track": ["Object with slug=7 does not exist."], "mode": ['"{}" is not a valid choice.']},
        ),
        ([], {"non_field_errors": ["Invalid data. Expected a dictionary, but got list."]}),
    ],
)
def test_starting_names_the_field_that_is_wrong(api: Client, track: Track, body: Any, expected: Any) -> None:
    response = api.post(reverse("api_interviews"), json.dumps(body), content_type="application/json")

    assert (response.status_code, response.json()) == (400, expected)
    assert not Interview.objects.exists()


def test_a_broken_character_in_a_choice_is_refused_like_any_other_word(api: Client, track: Track) -> None:
    response = _start(api, track="taster", mode="\ud800")

    assert (response.status_code, list(response.json())) == (400, ["mode"])


def test_starting_says_so_when_the_bank_lacks_questions(api: Client, published: QuestionVersion) -> None:
    make_track(published.question.topic, count=2)

    response = _start(api, track="taster", mode="practice")

    assert (response.status_code, response.json()["code"]) == (409, "not_enough_questions")
    assert "needs 2 questions on Python and the bank has 1" in response.json()["detail"]
    assert not Interview.objects.exists()


def test_the_list_has_ones_own_interviews_newest_first(
    api: Client, candidate: User, peer: User, outsider: User, track: Track
) -> None:
    now = database_now()
    older, newer = (make_interview(candidate, track, now=now - timedelta(hours=hours)) for hours in (2, 1))
    make_interview(peer, track)
    make_interview(outsider, track)

    body = _get(api, "api_interviews").json()

    assert (body["count"], [found["id"] for found in body["results"]]) == (2, [str(newer.pk), str(older.pk)])


@pytest.mark.parametrize("count", [1, 3])
def test_the_list_of_interviews_takes_the_same_queries_whatever_its_length(
    api: Client, candidate: User, track: Track, count: int, django_assert_num_queries: Any
) -> None:
    for _ in range(count):
        make_interview(candidate, track)

    with django_assert_num_queries(4):
        response = _get(api, "api_interviews")

    assert len(response.json()["results"]) == count


def test_a_page_of_the_list_has_as_many_as_asked_for(api: Client, candidate: User, track: Track) -> None:
    for _ in range(3):
        make_interview(candidate, track)

    body = api.get(reverse("api_interviews"), {"page_size": 2}).json()

    assert (body["count"], len(body["results"]), body["next"] is None) == (3, 2, False)


# --- one interview ------------------------------------------------------------------------------------------


def test_an_interview_shows_drafts_and_answers(api: Client, practice: Interview) -> None:
    first, second = practice.questions.all()
    _draft(first, "A draft.")
    _answer(second, "An answer.")

    body = _get(api, "api_interview", practice.pk).json()

    assert [(q["text"], q["revision"], q["is_submitted"]) for q in body["questions"]] == [
        ("A draft.", 1, False),
        ("An answer.", 0, True),
    ]


def test_a_mock_whose_time_is_over_has_none_left(api: Client, candidate: User, track: Track) -> None:
    mock = make_interview(candidate, track, mode=Mode.MOCK, now=database_now() - timedelta(hours=1))

    assert _get(api, "api_interview", mock.pk).json()["remaining_ms"] == 0


@pytest.mark.parametrize("count", [1, 3])
def test_an_interview_takes_the_same_queries_whatever_the_number_of_questions(
    api: Client, candidate: User, count: int, django_assert_num_queries: Any
) -> None:
    interview = make_interview(candidate, _track_of(count))
    _draft(interview.questions.get(position=1), "A draft.")

    with django_assert_num_queries(9):
        response = _get(api, "api_interview", interview.pk)

    assert len(response.json()["questions"]) == count


def _track_of(count: int) -> Track:
    topic = make_topic()
    for number in range(count):
        publish_question(f"question-{number}", topic=topic)
    return make_track(topic, count=count)


def test_an_interview_that_is_not_there_is_a_404(api: Client) -> None:
    response = _get(api, "api_interview", uuid4())

    assert (response.status_code, response.json()) == (404, {"detail": "No Interview matches the given query."})


# --- drafts -------------------------------------------------------------------------------------------------


def test_a_draft_is_saved_byte_by_byte(api: Client, asked: InterviewQuestion) -> None:
    response = _put(api, asked, {"text": TYPED, "revision": 0})

    draft = Draft.objects.get(question=asked)
    assert (response.status_code, response.json()) == (200, {"revision": 1, "saved_at": _iso(draft.saved_at)})
    assert draft.text == TYPED
    assert _get(api, "api_interview", asked.interview_id).json()["questions"][0]["text"] == TYPED


def test_saving_a_draft_reads_nothing_of_the_question(
    api: Client, asked: InterviewQuestion, django_assert_num_queries: Any
) -> None:
    """It is the most frequent request of all, and was the dearest."""
    _draft(asked, "Typing")

    with django_assert_num_queries(9) as queries:
        response = _put(api, asked, {"text": "Typing on", "revision": 1})

    assert response.status_code == 200
    assert [query["sql"] for query in queries if "questionbank_" in query["sql"]] == []


def test_a_draft_can_be_emptied(api: Client, asked: InterviewQuestion) -> None:
    _draft(asked, "Something.")

    response = _put(api, asked, {"text": "", "revision": 1})

    assert (response.status_code, Draft.objects.get().text) == (200, "")


def test_a_conflict_carries_the_text_and_revision_the_server_has(api: Client, asked: InterviewQuestion) -> None:
    _draft(asked, "From the other tab.\n")

    response = _put(api, asked, {"text": "From this tab.", "revision": 0})

    assert (response.status_code, response.json()) == (
        409,
        {
            "detail": "This answer was changed in another tab or on another device.",
            "code": "draft_conflict",
            "text": "From the other tab.\n",
            "revision": 1,
        },
    )
    assert Draft.objects.get().text == "From the other tab.\n"


def test_the_same_save_sent_twice_answers_the_same(api: Client, asked: InterviewQuestion) -> None:
    first, again = (_put(api, asked, {"text": "Once.", "revision": 0}) for _ in range(2))

    assert (again.status_code, again.json()) == (first.status_code, first.json())


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({}, {"text": ["This field is required."], "revision": ["This field is required."]}),
        ({"text": None, "revision": 0}, {"text": ["This field may not be null."]}),
        ({"text": ["a"], "revision": 0}, {"text": ["Not a valid string."]}),
        ({"text": "a", "revision": -1}, {"revision": ["Ensure this value is greater than or equal to 0."]}),
        ({"text": "a", "revision": "\ud800"}, {"revision": ["A valid integer is required."]}),
        (
            {"text": 5, "revision": True},
            {"text": ["Not a valid string."], "revision": ["A valid integer is required."]},
        ),
        ({"text": "a", "revision": 2**31}, {"revision": ["Ensure this value is less than or equal to 2147483646."]}),
        ({"text": "a\x00b", "revision": 0}, {"text": ["Null characters are not allowed."]}),
        ({"text": "a\ud800b", "revision": 0}, {"text": ["Surrogate characters are not allowed: U+D800."]}),
        ([1], {"non_field_errors": ["Invalid data. Expected a dictionary, but got list."]}),
    ],
)
def test_a_draft_that_cannot_be_stored_names_the_field(
    api: Client, asked: InterviewQuestion, body: Any, expected: Any
) -> None:
    response = _put(api, asked, json.dumps(body))

    assert (response.status_code, response.json()) == (400, expected)
    assert not Draft.objects.exists()


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b'{"text": "\xff", "revision": 0}', b"[" * 100_000, b'{"text": "a", "revision": NaN}'],
    ids=["nothing", "cut off", "not UTF-8", "nested deeply", "NaN"],
)
def test_a_body_that_is_no_json_is_a_400(api: Client, asked: InterviewQuestion, body: bytes) -> None:
    response = _put(api, asked, body)

    assert response.status_code == 400
    assert not Draft.objects.exists()


def test_a_form_is_no_json(api: Client, asked: InterviewQuestion) -> None:
    address = reverse("api_draft", args=[asked.interview_id, asked.position])

    response = api.put(address, "text=a&revision=0", content_type="application/x-www-form-urlencoded")

    assert response.status_code == 415
    assert not Draft.objects.exists()


@pytest.mark.parametrize("where", ["draft", "answer"])
def test_a_text_over_the_limit_is_refused_with_what_to_do(api: Client, asked: InterviewQuestion, where: str) -> None:
    text = "é" * 20_001

    response = (
        _put(api, asked, {"text": text, "revision": 0})
        if where == "draft"
        else _post_answer(api, asked, {"text": text})
    )

    detail = "An answer can have 20,000 characters; this one has 20,001. Shorten it to save it."
    assert (response.status_code, response.json()) == (422, {"detail": detail, "code": "too_long"})
    assert not Draft.objects.exists()
    assert not Answer.objects.exists()


@pytest.mark.parametrize("where", ["draft", "answer"])
def test_a_body_over_a_megabyte_is_refused_in_json(api: Client, asked: InterviewQuestion, where: str) -> None:
    body = json.dumps({"text": "x" * 1024 * 1024, "revision": 0})

    response = _put(api, asked, body) if where == "draft" else _post_answer(api, asked, body)

    assert (response.status_code, response.headers["Content-Type"]) == (413, "application/json")
    assert response.json()["detail"].startswith("What you sent is larger than a megabyte.")
    assert not Draft.objects.exists()
    assert not Answer.objects.exists()


def test_the_longest_answer_fits_however_its_characters_are_written(api: Client, asked: InterviewQuestion) -> None:
    text = "👩" * 20_000

    response = _put(api, asked, json.dumps({"text": text, "revision": 0}, ensure_ascii=True))

    assert response.status_code == 200
    assert Draft.objects.get().text == text


def test_a_draft_of_a_finished_interview_is_refused(api: Client, asked: InterviewQuestion) -> None:
    finish(interview=asked.interview, now=database_now())

    response = _put(api, asked, {"text": "Late.", "revision": 0})

    detail = "This interview is finished; its answers cannot be changed."
    assert (response.status_code, response.json()) == (403, {"detail": detail, "code": "closed"})


def test_a_mock_draft_is_saved_within_the_grace_and_kept_apart_after_it(
    api: Client, candidate: User, track: Track
) -> None:
    within, after = (
        make_interview(candidate, track, mode=Mode.MOCK, now=database_now() - timedelta(minutes=10, seconds=seconds))
        for seconds in (5, 40)
    )

    saved, refused = (
        _put(api, mock.questions.get(position=1), {"text": "At the end.", "revision": 0}) for mock in (within, after)
    )

    detail = "The time was over. This text is kept and shown beside your result, but not graded."
    assert saved.status_code == 200
    assert (refused.status_code, refused.json()) == (403, {"detail": detail, "code": "kept_late"})
    assert [draft.question.interview for draft in Draft.objects.all()] == [within]


@pytest.mark.parametrize("position", [0, 3, 10**30])
def test_a_question_that_was_not_asked_is_a_404(api: Client, practice: Interview, position: int) -> None:
    address = reverse("api_draft", args=[practice.pk, position])

    response = api.put(address, {"text": "a", "revision": 0}, content_type="application/json")

    assert response.status_code == 404


# --- flags --------------------------------------------------------------------------------------------------


def _flag(client: Client, asked: InterviewQuestion, body: Any) -> Any:
    address = reverse("api_flag", args=[asked.interview_id, asked.position])
    return client.put(address, json.dumps(body), content_type="application/json")


@pytest.mark.parametrize("flagged", [True, False])
def test_a_flag_is_set_and_taken_away(api: Client, asked: InterviewQuestion, *, flagged: bool) -> None:
    _flag(api, asked, {"flagged": not flagged})

    response = _flag(api, asked, {"flagged": flagged})

    asked.refresh_from_db()
    assert (response.status_code, response.json(), asked.flagged) == (200, {"flagged": flagged}, flagged)
    assert _get(api, "api_interview", asked.interview_id).json()["questions"][0]["flagged"] is flagged


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({}, {"flagged": ["This field is required."]}),
        ({"flagged": "perhaps"}, {"flagged": ["Must be a valid boolean."]}),
        ({"flagged": 0.0}, {"flagged": ["Must be a valid boolean."]}),
        ({"flagged": None}, {"flagged": ["This field may not be null."]}),
        ([], {"non_field_errors": ["Invalid data. Expected a dictionary, but got list."]}),
    ],
)
def test_a_flag_is_true_or_false(api: Client, asked: InterviewQuestion, body: Any, expected: Any) -> None:
    response = _flag(api, asked, body)

    assert (response.status_code, response.json()) == (400, expected)


def test_a_finished_interview_takes_no_flag(api: Client, practice: Interview, asked: InterviewQuestion) -> None:
    finish(interview=practice, now=database_now())

    response = _flag(api, asked, {"flagged": True})

    assert (response.status_code, response.json()["code"]) == (403, "closed")


# --- answers ------------------------------------------------------------------------------------------------


def test_an_answer_is_submitted_byte_by_byte(api: Client, asked: InterviewQuestion) -> None:
    response = _post_answer(api, asked, {"text": TYPED})

    answer = Answer.objects.get(question=asked)
    assert (response.status_code, response.json()) == (
        201,
        {"id": str(answer.pk), "text": TYPED, "submitted_at": _iso(answer.submitted_at), "state": "pending"},
    )
    assert answer.text == GradingJob.objects.get().text == TYPED


@pytest.mark.parametrize("text", ["a\x00b", "a\ud800b", "\udfff", None, True, ["a"]])
def test_an_answer_that_cannot_be_stored_names_the_field(api: Client, asked: InterviewQuestion, text: Any) -> None:
    response = _post_answer(api, asked, json.dumps({"text": text}))

    assert (response.status_code, list(response.json())) == (400, ["text"])
    assert not Answer.objects.exists()


@pytest.mark.parametrize("key", ["", "1", "not-a-uuid", "00000000-0000-0000-0000-00000000000g"])
def test_a_key_that_is_no_uuid_is_refused(api: Client, asked: InterviewQuestion, key: str) -> None:
    address = reverse("api_answer", args=[asked.interview_id, asked.position])

    response = api.post(address, {"text": "a"}, content_type="application/json", headers={"Idempotency-Key": key})

    expected = {"Idempotency-Key": ["Send a UUID in this header, a new one for each submission."]}
    assert (response.status_code, response.json()) == (400, expected)
    assert not Answer.objects.exists()


def test_a_submission_without_a_key_is_refused(api: Client, asked: InterviewQuestion) -> None:
    address = reverse("api_answer", args=[asked.interview_id, asked.position])

    response = api.post(address, {"text": "a"}, content_type="application/json")

    assert (response.status_code, list(response.json())) == (400, ["Idempotency-Key"])
    assert not Answer.objects.exists()


def test_the_same_submission_sent_again_gets_the_same_body(api: Client, asked: InterviewQuestion) -> None:
    key = uuid4()

    first, again = (_post_answer(api, asked, {"text": "Lazily."}, key) for _ in range(2))

    assert (again.status_code, again.json()) == (first.status_code, first.json())
    assert (Answer.objects.count(), GradingJob.objects.count()) == (1, 1)


def test_a_key_used_again_for_another_text_is_refused(api: Client, asked: InterviewQuestion) -> None:
    key = uuid4()
    _post_answer(api, asked, {"text": "The first."}, key)

    response = _post_answer(api, asked, {"text": "Another."}, key)

    assert (response.status_code, response.json()["code"]) == (422, "idempotency_key_reused")
    assert "another text" in response.json()["detail"]
    assert Answer.objects.get().text == "The first."


def test_a_second_answer_to_a_question_is_refused(api: Client, asked: InterviewQuestion) -> None:
    _answer(asked, "The first.")

    response = _post_answer(api, asked, {"text": "The second."})

    detail = "This answer is submitted; it cannot be changed."
    assert (response.status_code, response.json()) == (403, {"detail": detail, "code": "closed"})


def test_a_mock_refuses_single_submissions(api: Client, asked_in_mock: InterviewQuestion) -> None:
    response = _post_answer(api, asked_in_mock, {"text": "a"})

    detail = "In a mock interview all answers are submitted together, when you finish."
    assert (response.status_code, response.json()) == (403, {"detail": detail, "code": "closed"})
    assert not Answer.objects.exists()


# --- results ------------------------------------------------------------------------------------------------


def test_the_result_of_a_question_nobody_answered_tells_nothing(api: Client, asked: InterviewQuestion) -> None:
    body = _get(api, "api_result", asked.interview_id, 1).json()

    assert (body.pop("position"), body.pop("title"), body.pop("state"), body.pop("text")) == (
        1,
        "Generators versus lists",
        "not_answered",
        "",
    )
    assert body.pop("references") == []
    assert set(body.values()) == {None}


def test_the_result_of_a_question_says_how_far_its_grading_is(api: Client, asked: InterviewQuestion) -> None:
    answer = _answer(asked)
    pending = _get(api, "api_result", asked.interview_id, 1).json()
    claim(job_id=answer.job_id, now=database_now())
    running = _get(api, "api_result", asked.interview_id, 1).json()

    assert [(body["state"], body["score"], body["marks"]) for body in (pending, running)] == [
        ("pending", None, None),
        ("running", None, None),
    ]


def test_the_result_of_a_graded_question_shows_marks_with_their_evidence_and_receipt(
    api: Client, asked: InterviewQuestion
) -> None:
    grade = give_grade(_answer(asked).job, 75)

    body = _get(api, "api_result", asked.interview_id, 1).json()

    assert (body["state"], body["score"], body["confidence"], body["flags"]) == ("graded", 75, 0.9, [])
    assert body["receipt"] == grade.receipt
    assert body["references"] == [reference.text for reference in asked.version.references.all()]
    assert body["marks"][2] == {
        "key_point": "Generators can be consumed a single time.",
        "weight": 1,
        "mark": "stated",
        "evidence": "Lazily.",
        "evidence_start": 0,
        "evidence_end": 7,
        "similarity": 0.8,
        "threshold": 0.6,
        "certainty": "clearly",
        "score_with": None,
        "overridden": False,
    }
    assert (body["reviewed_by"], body["reason"]) == (None, None)


def test_the_result_of_a_reviewed_question_shows_the_mentors_marks_and_reason(
    api: Client, asked: InterviewQuestion, mentor: User
) -> None:
    job = _answer(asked).job
    give_grade(job, 75)
    _review(job, mentor)

    body = _get(api, "api_result", asked.interview_id, 1).json()

    assert (body["score"], body["reviewed_by"], body["reason"]) == (0, "Mentor", "Because.")
    assert [(mark["mark"], mark["overridden"]) for mark in body["marks"]] == [("missing", True)] * 3


def _review(job: GradingJob, mentor: User) -> None:
    job.refresh_from_db()
    marks = {point.pk: Mark.MISSING for point in job.version.key_points.all()}
    review(job=job, reviewer=mentor, marks=marks, reason="Because.", now=database_now())


def test_the_result_of_an_answer_only_a_mentor_has_marked_has_no_machines_figures(
    api: Client, asked: InterviewQuestion, mentor: User
) -> None:
    job = _answer(asked).job
    while claimed := claim(job_id=job.pk, now=database_now()):
        fail(job=claimed, trouble="The model broke.")
    before = _get(api, "api_result", asked.interview_id, 1).json()
    _review(job, mentor)

    body = _get(api, "api_result", asked.interview_id, 1).json()

    assert (before["state"], before["score"], before["marks"]) == ("needs_review", None, None)
    assert (body["score"], body["confidence"], body["receipt"]) == (0, None, None)
    assert body["marks"][0] == {
        "key_point": "CANARYCLAIM Generators produce values on demand.",
        "weight": 3,
        "mark": "missing",
        "evidence": "",
        "evidence_start": None,
        "evidence_end": None,
        "similarity": None,
        "threshold": None,
        "certainty": "",
        "score_with": None,
        "overridden": False,
    }


def test_a_running_mock_shows_no_result_of_a_question(api: Client, asked_in_mock: InterviewQuestion) -> None:
    response = _get(api, "api_result", asked_in_mock.interview_id, 1)

    detail = "A mock interview shows its results when it is finished."
    assert (response.status_code, response.json()) == (403, {"detail": detail, "code": "closed"})


@pytest.mark.parametrize("mode", list(Mode))
def test_a_running_interview_shows_no_results(api: Client, candidate: User, track: Track, mode: Mode) -> None:
    interview = make_interview(candidate, track, mode=mode)

    response = _get(api, "api_results", interview.pk)

    detail = "This interview is still running; finish it to see its results."
    assert (response.status_code, response.json()) == (403, {"detail": detail, "code": "closed"})


def test_finishing_submits_the_drafts_and_says_when_it_ended(api: Client, mock: Interview) -> None:
    _draft(mock.questions.get(position=1), "A draft.")

    response = api.post(reverse("api_finish", args=[mock.pk]))

    mock.refresh_from_db()
    body = response.json()
    assert (response.status_code, body["finished_at"]) == (200, _iso(mock.finished_at))
    assert [(q["text"], q["is_submitted"]) for q in body["questions"]] == [("A draft.", True), ("", True)]


def test_finishing_twice_answers_the_same(api: Client, practice: Interview) -> None:
    first, again = (api.post(reverse("api_finish", args=[practice.pk])) for _ in range(2))

    assert (again.status_code, again.json()) == (first.status_code, first.json())


def test_the_results_of_a_finished_interview_add_up(api: Client, mock: Interview) -> None:
    finish(interview=mock, now=database_now())
    first, second = GradingJob.objects.order_by("created_at", "pk")
    give_grade(first, 80)
    half_way = _get(api, "api_results", mock.pk).json()
    give_grade(second, 30)

    body = _get(api, "api_results", mock.pk).json()

    assert (half_way["is_complete"], half_way["score"]) == (False, 80)
    assert (UUID(body["interview"]), body["is_complete"], body["score"]) == (mock.pk, True, 55)
    assert sorted(question["score"] for question in body["questions"]) == [30, 80]
    assert body["questions"] == [_get(api, "api_result", mock.pk, position).json() for position in (1, 2)]


@pytest.mark.parametrize("count", [1, 3])
def test_results_take_the_same_queries_whatever_the_number_of_questions(
    api: Client, candidate: User, mentor: User, count: int, django_assert_num_queries: Any
) -> None:
    interview = make_interview(candidate, _track_of(count))
    for asked in interview.questions.all():
        job = _answer(asked).job
        give_grade(job, 50)
        _review(job, mentor)
    finish(interview=interview, now=database_now())

    with django_assert_num_queries(19):
        response = _get(api, "api_results", interview.pk)

    assert [question["reviewed_by"] for question in response.json()["questions"]] == ["Mentor"] * count


# --- other people's -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("who", ["peer", "outsider", "mentor", "other_mentor", "admin", "site_admin"])
def test_nobody_else_reaches_an_interview(request: pytest.FixtureRequest, asked: InterviewQuestion, who: str) -> None:
    client = client_of(request.getfixturevalue(who))
    _draft(asked, "The candidate's own words.")
    pk = asked.interview_id
    responses = [
        _get(client, "api_interview", pk),
        _get(client, "api_results", pk),
        _get(client, "api_result", pk, 1),
        client.post(reverse("api_finish", args=[pk])),
        _put(client, asked, {"text": "Theirs.", "revision": 1}),
        _post_answer(client, asked, {"text": "Theirs."}),
    ]

    assert [response.status_code for response in responses] == [404] * 6
    assert not any("own words" in response.content.decode() for response in responses)
    asked.interview.refresh_from_db()
    assert (Draft.objects.get().text, Answer.objects.exists(), asked.interview.is_running) == (
        "The candidate's own words.",
        False,
        True,
    )
