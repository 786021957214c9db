"""Nobody hands in: the running product closes mocks by itself, whatever was down when their time ended."""

import pytest
from requests import Response

from tests.faults.conftest import Recovering
from tests.faults.parts import Candidate, all_graded, down, grades
from tests.product import Product

pytestmark = [pytest.mark.faults, pytest.mark.slow_faults, pytest.mark.timeout(1800)]

MOCKS = 5


def start_mock(program: Candidate) -> str:
    """Start a mock and write a draft to its first two questions; return its id."""
    mock = str(program.post("interviews/", {"track": "everyday", "mode": "mock"})["id"])
    for number in (1, 2):
        address = f"{program.address}interviews/{mock}/questions/{number}/draft/"
        saved: Response = program.api.put(address, json={"text": f"Draft {number}.", "revision": 0}, timeout=60)
        assert saved.status_code == 200
    return mock


def end_the_time(product: Product, mocks: list[str]) -> None:
    """Let their time have been over for a day: as if it had passed while nothing ran."""
    query = """
    UPDATE interview_interview SET started_at = started_at - interval '1 day',
    deadline_at = deadline_at - interval '1 day' WHERE id = ANY(%s::uuid[]) RETURNING id
    """
    assert len(product.sql(query, mocks)) == len(mocks)


def test_mocks_that_nobody_hands_in_are_closed_at_their_deadline(
    product: Product, program: Candidate, recovering: Recovering
) -> None:
    mocks = [start_mock(program) for _ in range(MOCKS)]
    open_ones = "SELECT id FROM interview_interview WHERE id = ANY(%s::uuid[]) AND finished_at IS DISTINCT FROM "

    with down(product, "beat", "worker"):
        end_the_time(product, mocks)
    with recovering():
        product.eventually(lambda: product.sql(f"{open_ones} deadline_at", mocks) == [])

    rows = product.sql(
        "SELECT a.id::text, a.text, a.submitted_at = i.deadline_at FROM interview_answer a "
        "JOIN interview_interviewquestion q ON q.id = a.question_id "
        "JOIN interview_interview i ON i.id = q.interview_id WHERE i.id = ANY(%s::uuid[]) ORDER BY q.position",
        mocks,
    )
    texts = ["Draft 1.", "Draft 2.", "", ""]
    assert [(text, at_the_deadline) for _, text, at_the_deadline in rows] == [
        (text, True) for text in texts for _ in mocks
    ]
    answers = [answer for answer, _, _ in rows]
    product.eventually(lambda: all_graded(product, answers))
    assert grades(product, answers) == 4 * MOCKS
