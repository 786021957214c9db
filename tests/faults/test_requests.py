"""What clients do to the running server: everything at once, far too much, and what no program should send."""

import socket
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit
from uuid import uuid4

import pytest
import requests

from tests.faults.parts import Candidate, all_graded, grades, stopped, worker_processes
from tests.product import Product

pytestmark = pytest.mark.faults

FORM = b"application/x-www-form-urlencoded"
MEGABYTE = 1024 * 1024


def written(product: Product, interview: str) -> tuple[int, int]:
    """Return how many drafts and answers an interview has."""
    query = """
    SELECT count(d.id), count(a.id) FROM interview_interviewquestion q
    LEFT JOIN interview_draft d ON d.question_id = q.id LEFT JOIN interview_answer a ON a.question_id = q.id
    WHERE q.interview_id = %s
    """
    ((drafts, answers),) = product.sql(query, interview)
    return drafts, answers


def test_twenty_submissions_at_once_with_one_key_are_one(product: Product, program: Candidate) -> None:
    address = f"{program.address}interviews/{program.start()}/questions/1/answer/"
    headers = {**program.api.headers, "Idempotency-Key": str(uuid4())}

    def submit(_: int) -> requests.Response:
        return requests.post(address, json={"text": "It answers faster."}, headers=headers, timeout=60)

    # The reply says how far the grading is: while nobody grades, all are the same to the letter.
    with stopped(worker_processes(product)), ThreadPoolExecutor(20) as pool:
        replies = list(pool.map(submit, range(20)))

    (answer,) = {reply.json()["id"] for reply in replies}
    assert {(reply.status_code, reply.text) for reply in replies} == {(201, replies[0].text)}
    product.eventually(lambda: all_graded(product, [answer]))
    assert grades(product, [answer]) == 1


# --- too much -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("what", ["answer", "draft"])
@pytest.mark.parametrize(
    ("text", "status", "word"),
    [
        ("x" * MEGABYTE, 413, "larger than a megabyte"),
        ("x" * 10 * MEGABYTE, 413, "larger than a megabyte"),
        ("x\n" * 100_000, 422, "An answer can have 20,000 characters; this one has 200,000"),
    ],
    ids=["1 MB", "10 MB", "100,000 lines"],
)
def test_too_much_is_refused_with_a_message(
    product: Product, program: Candidate, what: str, text: str, status: int, word: str
) -> None:
    interview = program.start()
    address = f"{program.address}interviews/{interview}/questions/1/{what}/"
    method, key = ("PUT", {}) if what == "draft" else ("POST", {"Idempotency-Key": str(uuid4())})

    reply = program.api.request(method, address, json={"text": text, "revision": 0}, headers=key, timeout=60)

    assert reply.status_code == status
    assert word in reply.json()["detail"]
    assert written(product, interview) == (0, 0)


def test_as_many_lines_as_an_answer_can_have_are_graded(product: Product, program: Candidate) -> None:
    answer = program.submit(program.start(), 1, "x\n" * 10_000)

    product.eventually(lambda: all_graded(product, [answer]))

    assert grades(product, [answer]) == 1


# --- what cannot be -----------------------------------------------------------------------------------------


def raw(product: Product, request: bytes) -> int:
    """Send bytes to the server as they are; return the status of its reply."""
    where = urlsplit(product.url)
    with socket.create_connection((where.hostname, where.port), timeout=60) as connection:
        connection.sendall(request.replace(b"HOST", where.netloc.encode()))
        reply = connection.makefile("rb").readline()
    return int(reply.split()[1])


@pytest.mark.parametrize(
    "request_",
    [
        b"GET /practise/a%00b/ HTTP/1.1\r\nHost: HOST\r\n\r\n",
        b"GET /practise/a\0b/ HTTP/1.1\r\nHost: HOST\r\n\r\n",
        b"GET /account/login/?next=%00 HTTP/1.1\r\nHost: HOST\r\n\r\n",
        b"GET /account/login/?%00=a HTTP/1.1\r\nHost: HOST\r\n\r\n",
        b"GET /api/v1/interviews/?page=%00 HTTP/1.1\r\nHost: HOST\r\nAuthorization: TOKEN\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: HOST\r\nX-Anything: a\0b\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: HOST\r\nX-Any\0thing: ab\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: HOST\0\r\n\r\n",
        b"POST /account/login/ HTTP/1.1\r\nHost: HOST\r\nContent-Length: 9\r\nContent-Type: FORM\r\n\r\nlogin=%00",
    ],
    ids=["path", "path, raw", "query", "name in a query", "filter of the API", "header", "name", "host", "form"],
)
def test_a_nul_is_a_400(product: Product, program: Candidate, request_: bytes) -> None:
    token = str(program.api.headers["Authorization"]).encode()

    assert raw(product, request_.replace(b"TOKEN", token).replace(b"FORM", FORM)) == 400


@pytest.mark.parametrize(
    ("header", "status"),
    [(b"Authorization: Token \xff\xfe", 401), (b"Cookie: sessionid=\xed\xa0\x80", 401), (b"Cookie: a=\xff", 401)],
    ids=["token", "session", "cookie"],
)
def test_bytes_that_are_no_text_in_a_header_open_nothing(product: Product, header: bytes, status: int) -> None:
    assert raw(product, b"GET /api/v1/interviews/ HTTP/1.1\r\nHost: HOST\r\n" + header + b"\r\n\r\n") == status
