"""500 people start in one second, as a class does when the hour strikes: each gets an interview, and one alone."""

import http.client
import time
from concurrent.futures import ThreadPoolExecutor
from statistics import quantiles
from urllib.parse import urlsplit
from uuid import uuid4

import pytest

from tests.faults.conftest import Figure
from tests.product import Product

pytestmark = [pytest.mark.faults, pytest.mark.slow_faults, pytest.mark.timeout(1800)]

PEOPLE = 500
CROWD = f"{uuid4().hex}@example.com"
MAKE_THEM = f"""
from knox.models import AuthToken
people = [User.objects.create_user(f"{{n}}-{CROWD}", None, name="One of many")
          for n in range({PEOPLE})]
print("TOKENS", ",".join(AuthToken.objects.create(user=one)[1] for one in people))
"""


def start(address: str, token: str, at: float) -> tuple[int, float]:
    """Start an interview at that moment; return the reply's status (0: none) and the seconds until it was read."""
    body = '{"track": "everyday", "mode": "practice"}'
    headers = {"Authorization": f"Token {token}", "Content-Type": "application/json", "Idempotency-Key": str(uuid4())}
    time.sleep(max(0.0, at - time.monotonic()))
    connection = http.client.HTTPConnection(address, timeout=120)
    try:
        connection.request("POST", "/api/v1/interviews/", body, headers)
        reply = connection.getresponse()
        reply.read()
    except OSError:
        return 0, time.monotonic() - at
    finally:
        connection.close()
    return reply.status, time.monotonic() - at


def test_five_hundred_starts_in_one_second_are_five_hundred_interviews(product: Product, figure: Figure) -> None:
    tokens = product.manage("shell", "-c", MAKE_THEM).split("TOKENS ")[1].split()[0].split(",")
    address = urlsplit(product.url).netloc

    with ThreadPoolExecutor(PEOPLE) as pool:
        begin = time.monotonic() + 2  # until every thread is there
        replies = list(pool.map(lambda n: start(address, tokens[n], begin + n / PEOPLE), range(PEOPLE)))

    seconds = sorted(waited for _, waited in replies)
    figure(
        f"{PEOPLE} starts: median {seconds[PEOPLE // 2]:.1f} s, p95 {quantiles(seconds, n=20)[-1]:.1f} s, "
        f"slowest {seconds[-1]:.1f} s"
    )
    assert [status for status, _ in replies if status != 201] == []
    query = """
    SELECT count(DISTINCT i.id), count(DISTINCT i.candidate_id), count(q.id) FROM interview_interview i
    JOIN people_user u ON u.id = i.candidate_id JOIN interview_interviewquestion q ON q.interview_id = i.id
    WHERE u.email LIKE %s
    """
    assert product.sql(query, f"%{CROWD}") == [(PEOPLE, PEOPLE, 4 * PEOPLE)]
