"""The product under load: its own processes in a folder of its own, the people in it, and what its database has."""

import json
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random
from typing import Any
from uuid import UUID, uuid4

from config.local import processes
from config.local.state import State
from questionbank.formats.pack import read_pack
from tests.product import PASSWORD, ROOT, Product, running_product

from .candidate import Person, letters, prompt
from .ledger import Row

PACK = ROOT / "questionbank/packs/generative-ai-engineer/pack.yaml"
ADDRESS = "@load.test"
PARTS = ("web", "worker", "beat", "valkey", "postgres")
# What people write, by the pack's names for it: seldom perfect, seldom nonsense.
KINDS = ("strong", "half", "partial", "messy", "terse", "hedged", "wrong")
# As in the Dockerfile, whose commands config/local/product.py shares.
SETTINGS = "gunicorn gthread, 2 processes of 4 threads; 1 Celery worker of 1 process; PostgreSQL with fsync; Valkey"

# Sessions as a login leaves them. One hash serves all, since each costs a third of a second.
MAKE_PEOPLE = """
import json
from allauth.account.models import EmailAddress
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.auth.hashers import make_password
from django.contrib.sessions.backends.db import SessionStore
password = make_password({password!r})
cohort = Cohort.objects.get(name="Demo cohort")
people = User.objects.bulk_create(
    User(email=f"{{n}}{address}", name=f"Candidate {{n}}", password=password) for n in range({count})
)
EmailAddress.objects.bulk_create(EmailAddress(user=p, email=p.email, verified=True, primary=True) for p in people)
Membership.objects.bulk_create(Membership(cohort=cohort, user=p, role="candidate") for p in people)
sessions = []
for p in people:
    session = SessionStore()
    session[SESSION_KEY] = str(p.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = p.get_session_auth_hash()
    session.save()
    sessions.append(session.session_key)
print("SESSIONS", json.dumps(sessions))
"""

ROWS = """
SELECT asked.interview_id, asked.position, draft.text, draft.revision, answer.idempotency_key, answer.text,
       (SELECT count(*) FROM grading_gradingjob job WHERE job.answer_id = answer.id),
       (SELECT count(*) FROM grading_grade grade JOIN grading_gradingjob job ON job.id = grade.job_id
        WHERE job.answer_id = answer.id AND grade.regrade_id IS NULL)
FROM interview_interviewquestion asked
JOIN interview_interview interview ON interview.id = asked.interview_id
JOIN people_user candidate ON candidate.id = interview.candidate_id
LEFT JOIN interview_draft draft ON draft.question_id = asked.id
LEFT JOIN interview_answer answer ON answer.question_id = asked.id
WHERE candidate.email LIKE %s
"""

STRAY_JOBS = """
SELECT count(*) FROM grading_gradingjob job JOIN people_user candidate ON candidate.id = job.candidate_id
WHERE candidate.email LIKE %s AND NOT EXISTS (SELECT 1 FROM interview_answer answer WHERE answer.job_id = job.id)
"""

WAITING = """
SELECT count(*), coalesce(extract(epoch FROM now() - min(created_at)), 0)
FROM grading_gradingjob WHERE state IN ('pending', 'running')
"""

WAITS = """
SELECT extract(epoch FROM job.created_at), extract(epoch FROM grade.created_at - job.created_at)
FROM grading_gradingjob job JOIN grading_grade grade ON grade.id = job.grade_id
JOIN people_user candidate ON candidate.id = job.candidate_id
WHERE candidate.email LIKE %s
"""


class Greenroom:
    """A running product and its database."""

    def __init__(self, product: Product, home: Path) -> None:
        self._product = product
        self._state = State(home / product.url.rpartition(":")[2])
        self.url = product.url
        self.password = PASSWORD

    def pid(self, part: str) -> int | None:
        """Return the process number of one of PARTS, None while it is down."""
        return processes.living(self._state, part)

    @property
    def redis_url(self) -> str:
        return self._state.environment()["REDIS_URL"]

    def make_people(self, count: int, logins: float) -> list[Person]:
        """Make candidates of the demo cohort; one in so many logs in with a password, the others have a session."""
        script = MAKE_PEOPLE.format(password=PASSWORD, address=ADDRESS, count=count)
        sessions = json.loads(self._product.manage("shell", "-c", script).split("SESSIONS ")[1])
        return [
            Person(f"{n}{ADDRESS}", "" if _is_one_of(n, logins) else session, f"127.1.{n // 250}.{n % 250 + 1}")
            for n, session in enumerate(sessions)
        ]

    def rows(self) -> list[Row]:
        """Return every question of the candidates' interviews as the database has it."""
        found = self._of_candidates(ROWS)
        return [
            Row(UUID(interview), position, draft, revision, UUID(key) if key else None, *rest)
            for interview, position, draft, revision, key, *rest in found
        ]

    def stray_jobs(self) -> int:
        return int(self._of_candidates(STRAY_JOBS)[0][0])

    def waiting(self) -> tuple[int, float]:
        """Return how many answers wait for their grade, and how many seconds the oldest of them does."""
        ((count, oldest),) = self._product.sql(WAITING)
        return int(count), float(oldest)

    def waits(self) -> list[tuple[float, float]]:
        """Return (when it was handed in, in seconds since 1970; seconds until its grade) of each graded answer."""
        return [(float(at), float(seconds)) for at, seconds in self._of_candidates(WAITS)]

    def _of_candidates(self, query: str) -> list[tuple[Any, ...]]:
        return self._product.sql(query, f"%{ADDRESS}")


def _is_one_of(n: int, share: float) -> bool:
    return int((n + 1) * share) > int(n * share)


@contextmanager
def running_greenroom() -> Iterator[Greenroom]:
    """Start a Greenroom in a folder of its own and stop it at the end."""
    with tempfile.TemporaryDirectory(prefix="greenroom-load-") as folder, running_product(Path(folder)) as product:
        yield Greenroom(product, Path(folder))


def answers_of_the_pack() -> Callable[[str, Random], str]:
    """Return what gives one of the shipped pack's written answers to the question of a page, each text once only."""
    texts = {
        letters(question.content.prompt): [one.text for one in question.content.exemplars if one.kind in KINDS]
        for question in read_pack(PACK).questions
    }

    def answer(page: str, chance: Random) -> str:
        return f"{chance.choice(texts[prompt(page)])} This is what I would answer ({uuid4().hex[:8]})."

    return answer
