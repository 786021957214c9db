"""What is one person's own in the world, by words that nothing else says, and who may read which of them."""

import re
from io import BytesIO
from uuid import uuid4
from zipfile import ZipFile

from interview.services.interviews import save_draft, submit_answer
from people.clock import database_now
from people.models import User
from tests.factories import make_interview
from tests.security.world import World

DRAFT, ANSWER = "CANARYDRAFT", "CANARYANSWER"
# What the candidate asks the mentors.
QUESTION = "Why not all of it?"
# Somebody whom the cohort's admin would like to invite.
INVITED = "from.a.table@example.com"


def move_in(world: World) -> None:
    """Let the candidate have a draft, and an answer that was submitted, in words of their own."""
    first = world.running.questions.get(position=1)
    save_draft(asked=first, text=f"{DRAFT} of mine.", revision=1, now=database_now())
    another = make_interview(world.people["candidate"], world.running.track)
    submit_answer(asked=another.questions.first(), text=f"{ANSWER}.", idempotency_key=uuid4(), now=database_now())


def kept_from(role: str, people: dict[str, User | None]) -> set[str]:
    """Return what role may not read: what the candidate wrote, and where people of the cohort can be reached.

    A draft is its writer's alone. Who leads the cohort reads answers and sees addresses.
    """
    if role in ("mentor", "admin", "site_admin"):
        return {DRAFT}
    addresses = {people[who].email for who in ("candidate", "peer", "mentor", "admin") if who != role}
    written = set() if role == "candidate" else {DRAFT, ANSWER, QUESTION}
    return {INVITED, *addresses, *written}


def told(said: str, private: set[str]) -> set[str]:
    """Return which of private stand in what is said, not as the end of a longer word or address."""
    return {word for word in private if re.search(rf"(?<![\w.]){re.escape(word)}", said)}


def text_of(content: bytes) -> str:
    """Return what a page or a file says; of an archive (an XLSX is one too), what all of its files say."""
    if not content.startswith(b"PK\x03\x04"):
        return content.decode(errors="replace")
    with ZipFile(BytesIO(content)) as archive:
        return "\n".join(text_of(archive.read(name)) for name in archive.namelist())
