"""A candidate in a browser: the requests of the pages and of their scripts, at the pages' own rhythm.

What is typed is saved four seconds after it began and a second after it paused, one save at a time, and tried again
after 2, 5, 15 and 30 seconds where it fails (static/js/autosave.js). A submission saves first (save-first.js) and is
one form with one idempotency key, however often it is sent. Feedback is asked for every 1.5 seconds until it is there.
A page that fails to load is loaded again after five seconds, the form that it came from included.
"""

import asyncio
import json
import math
import random
import re
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from html import unescape
from itertools import pairwise
from urllib.parse import urljoin
from uuid import UUID, uuid4

import aiohttp
from yarl import URL

from .ledger import Drafts, Ledger, Submission
from .traffic import FILES, OK, Reply, Traffic, ask, token

IDLE, LONGEST = 1.0, 4.0  # seconds, as in autosave.js
RETRY_AFTER = (2.0, 5.0, 15.0, 30.0)
PATIENCE_SAVE, PATIENCE_PAGE = 15.0, 60.0
PRESS_AGAIN = 5.0  # when a person loads a failed page again, or presses a button that did nothing
POLL = 1.5
THINK = (30.0, 90.0)  # seconds on a question, as in the published test of Moodle
READING = 0.3  # the part of them before the first word
BURST, PAUSE = (3.0, 12.0), (1.5, 6.0)  # seconds of typing and of not typing
LOOK = (4.0, 10.0)  # seconds before the feedback, and between pages
LOGGED_OUT = "logged out"
FORMS = {"log in", "start", "submit", "next", "finish"}
KEEP_ALIVE = 1.5  # shorter than gunicorn's 2 s, so that no request meets a connection that is just being closed


class Left(Exception):
    """The candidate closes the browser."""


@dataclass(frozen=True)
class Person:
    """Somebody with an account. session: the cookie of a login of yesterday's, or "" for one who logs in now."""

    email: str
    session: str
    address: str  # where their computer is: one address each, as limits count by it


@dataclass(frozen=True)
class World:
    """What all candidates of a run share.

    mocks: the part of interviews that are mocks; speed: how many times as fast as people they think and type; answer
    gives a text to a page's question.
    """

    url: str
    password: str
    track: str
    mocks: float
    speed: float
    answer: Callable[[str, random.Random], str]
    traffic: Traffic
    ledger: Ledger


class Candidate:
    """One person who takes interviews, one after the other, until leave()."""

    def __init__(self, person: Person, world: World, seed: int) -> None:
        self._person = person
        self._world = world
        self._traffic = world.traffic
        self._random = random.Random(seed)  # noqa: S311 (no secret)
        self._files: set[str] = set()
        self._sleeping = False
        self._leaving = False
        self._task: asyncio.Task[None] | None = None

    def start(self) -> "asyncio.Task[None]":
        """Begin; the task ends after leave()."""
        self._task = asyncio.create_task(self._stay())
        return self._task

    def leave(self) -> None:
        """Close the browser, but not in the middle of a request: what it did would not be known."""
        self._leaving = True
        if self._task and self._sleeping:
            self._task.cancel()

    async def _stay(self) -> None:
        connector = aiohttp.TCPConnector(local_addr=(self._person.address, 0), keepalive_timeout=KEEP_ALIVE)
        jar = aiohttp.CookieJar(unsafe=True)  # as a browser, it keeps cookies of a bare address, too
        with suppress(Left, asyncio.CancelledError):
            async with aiohttp.ClientSession(connector=connector, cookie_jar=jar) as self._http:
                await self._arrive()
                while True:
                    await self._take_interview()
                    await self._wait(*LOOK)

    # --- A session ------------------------------------------------------------------------------------------

    async def _arrive(self) -> None:
        if self._person.session:
            self._http.cookie_jar.update_cookies({"sessionid": self._person.session}, URL(self._world.url))
            await self._get("/practise/")
        else:
            await self._log_in()

    async def _log_in(self) -> None:
        await self._get("/account/login/")
        await self._wait(*LOOK)
        await self._post("log in", "/account/login/", login=self._person.email, password=self._world.password)

    async def _take_interview(self) -> None:
        mode = "mock" if self._random.random() < self._world.mocks else "practice"
        track = f"/practise/{self._world.track}/"
        await self._get(track)
        await self._wait(*LOOK)
        interview = uuid4()
        self._world.ledger.interviews.add(interview)
        page = await self._post("start", track, mode=mode, key=str(interview))
        count = int(_found(r"of (\d+)</span>", page))
        for position in range(1, count + 1):
            if position > 1 and mode == "practice":
                page = await self._get(f"/interviews/{interview}/questions/{position}/")
            page = await self._answer(interview, position, page, mode)
        if mode == "practice":  # in a mock, the last question's button has led there
            await self._get(f"/interviews/{interview}/review/")
        await self._wait(*LOOK)
        page = await self._post("finish", f"/interviews/{interview}/finish/")
        if mode == "mock":
            self._world.ledger.finished[interview] = count
        await self._look_at_feedback(page)

    # --- A question -----------------------------------------------------------------------------------------

    async def _answer(self, interview: UUID, position: int, page: str, mode: str) -> str:
        """Think, type and send. Return the page that follows."""
        text, key = self._world.answer(page, self._random), UUID(_found(r'name="idempotency_key" value="(.*?)"', page))
        drafts = self._world.ledger.drafts[interview, position]
        draft = Draft(f"/api/v1/interviews/{interview}/questions/{position}/draft/", drafts)
        seconds = self._random.uniform(*THINK)
        await self._wait(seconds * READING)
        await self._type(draft, text, seconds * (1 - READING))
        await self._flush(draft, text)
        address = f"/interviews/{interview}/questions/{position}/"
        form = {"text": text.replace("\n", "\r\n"), "revision": str(draft.revision), "idempotency_key": str(key)}
        if mode == "mock":
            return await self._post("next", address, action="next", **form)
        sent = self._world.ledger.submission(key, (interview, position), text)
        page = await self._post("submit", address, sent, action="submit", **form)
        return await self._look_at_feedback(page)

    async def _look_at_feedback(self, page: str) -> str:
        """Ask for what is still being graded until it is there, as htmx does, and read it."""
        while waiting := re.search(r'hx-get="([^"]+)"', page):
            await self._sleep(POLL)  # the grader's pace, not the person's: not sped up
            reply = await self._ask("feedback", "GET", waiting[1], self._traffic.now(), patience=PATIENCE_SAVE)
            if reply.outcome == OK:
                page = reply.text
        await self._wait(*LOOK)
        return page

    async def _type(self, draft: "Draft", text: str, seconds: float) -> None:
        """Type text within so many seconds, and save when autosave.js does."""
        begun, typed, waits_since = self._traffic.now(), "", None
        moments = [(begun + at / self._world.speed, share) for at, share in typing(seconds, self._random)]
        for (due, share), (following, _) in pairwise([*moments, (math.inf, 1.0)]):
            while draft.failures and draft.try_again_at < due:
                await self._until(draft.try_again_at)
                await self._save(draft, typed, draft.try_again_at)
            await self._until(due)
            typed = text[: max(1, round(share * len(text)))]
            if draft.failures:
                continue
            waits_since = waits_since or due
            if following > self._traffic.now():  # else a save was under way so long that the next one has all of it
                await self._save(draft, typed, waits_since)
                waits_since = None

    async def _flush(self, draft: "Draft", text: str) -> None:
        """Save what is not saved yet. Where that fails the page stays, and the person presses again."""
        while draft.saved != text:
            await self._save(draft, text, self._traffic.now())
            if draft.saved != text:
                await self._sleep(PRESS_AGAIN)

    async def _save(self, draft: "Draft", text: str, due: float) -> None:
        """Send a draft as put-draft.js does, and take the reply as draft-outcome.js and autosave.js do."""
        draft.ledger.sent.append(text)
        body = {"text": text, "revision": draft.revision}
        reply = await self._ask("save draft", "PUT", draft.address, due, patience=PATIENCE_SAVE, body=body)
        if reply.status == 200:
            draft.keep(text, json.loads(reply.text)["revision"])
        elif reply.status == 409:
            # One of one's own texts is a save whose reply was lost. The person goes on with the newer text.
            other = json.loads(reply.text)
            whose = "one's own text" if other["text"] in draft.ledger.sent else "another's text"
            self._traffic.odd[f"a draft met {whose}"] += 1
            draft.revision, draft.failures = other["revision"], 0
            await self._save(draft, text, self._traffic.now())
        else:
            draft.failures += 1
            wait = RETRY_AFTER[min(draft.failures, len(RETRY_AFTER)) - 1]
            draft.try_again_at = self._traffic.now() + wait

    # --- Pages ----------------------------------------------------------------------------------------------

    async def _get(self, path: str) -> str:
        return await self._open(kind_of(path), "GET", path, None, None)

    async def _post(self, kind: str, path: str, sent: Submission | None = None, /, **form: str) -> str:
        """Send a form and open the page that it leads to."""
        return await self._open(kind, "POST", path, sent, form)

    async def _open(
        self, kind: str, method: str, path: str, sent: Submission | None, form: dict[str, str] | None
    ) -> str:
        """Open a page, load again what fails until it is there, and fetch the files that are new to this browser."""
        while True:
            if sent:
                sent.times += 1
            data = None if form is None else {**form, "csrfmiddlewaretoken": token(self._http)}
            reply = await self._ask(kind, method, path, self._traffic.now(), patience=PATIENCE_PAGE, form=data)
            if reply.outcome == OK and reply.location:
                if sent:
                    sent.confirmed = True
                return await self._get(reply.location)
            if reply.outcome == OK:
                await self._fetch_files(reply.text)
                return reply.text
            await self._sleep(PRESS_AGAIN)
            if reply.outcome == LOGGED_OUT:
                await self._log_in()

    async def _fetch_files(self, page: str) -> None:
        """Fetch what the page names and this browser does not have, six at a time as browsers do."""
        new = set(re.findall(r'(?:href|src)="(/static/[^"]+)"', page)) - self._files
        self._files |= new
        six = asyncio.Semaphore(6)

        async def fetch(path: str) -> None:
            async with six:
                await self._ask(FILES, "GET", path, self._traffic.now(), patience=PATIENCE_PAGE)

        await asyncio.gather(*map(fetch, new))

    async def _ask(
        self,
        kind: str,
        method: str,
        path: str,
        due: float,
        *,
        patience: float,
        form: dict[str, str] | None = None,
        body: object = None,
    ) -> Reply:
        """Send one request and note it; due is when it should have been sent."""
        address = urljoin(self._world.url, path)
        reply = await ask(self._http, method, address, patience=patience, data=form, json=body)
        outcome = _outcome(kind, reply)
        self._traffic.add(kind, due, outcome)
        return replace(reply, outcome=outcome)

    # --- Time -----------------------------------------------------------------------------------------------

    async def _wait(self, least: float, most: float | None = None) -> None:
        """Let the person take their time, which speed shortens."""
        await self._sleep(self._random.uniform(least, least if most is None else most) / self._world.speed)

    async def _until(self, moment: float) -> None:
        await self._sleep(max(0.0, moment - self._traffic.now()))

    async def _sleep(self, seconds: float) -> None:
        if self._leaving:
            raise Left
        self._sleeping = True
        await asyncio.sleep(seconds)
        self._sleeping = False


class Draft:
    """What autosave.js knows of a text. try_again_at: when a save that failed is sent again."""

    def __init__(self, address: str, ledger: Drafts) -> None:
        self.address = address
        self.ledger = ledger
        self.revision = 0
        self.saved: str | None = None
        self.failures = 0
        self.try_again_at = 0.0

    def keep(self, text: str, revision: int) -> None:
        """The server has confirmed text."""
        self.ledger.confirm(text, revision)
        self.saved, self.revision, self.failures = text, revision, 0


def typing(seconds: float, chance: random.Random) -> list[tuple[float, float]]:
    """Return (second, part of the text that is there) of each save while a text is typed in so many seconds."""
    bursts, at = [], 0.0
    while at < seconds:
        end = min(at + chance.uniform(*BURST), seconds)
        bursts.append((at, end))
        at = end + chance.uniform(*PAUSE)
    total, typed = sum(end - start for start, end in bursts), 0.0
    saves = []
    for start, end in bursts:
        while_typing = [n * LONGEST for n in range(1, int((end - start) / LONGEST) + 1)]
        saves += [(start + after, (typed + after) / total) for after in while_typing]
        typed += end - start
        saves.append((end + IDLE, typed / total))
    return saves


def kind_of(path: str) -> str:
    """Name the page at a path."""
    names = {"login": "login page", "practise": "home", "review": "look over"}
    last = path.partition("?")[0].strip("/").split("/")
    if len(last) == 2 and last[0] == "practise":
        return "track"
    if len(last) == 2 and last[0] == "interviews":
        return "result"
    return names.get(last[-1], "question")


def prompt(page: str) -> str:
    """Return the beginning of a page's question, as letters() has it."""
    return letters(unescape(re.sub(r"<[^>]+>", "", _found(r'"question-prompt prose">(.*?)</div>', page))))


def letters(text: str) -> str:
    """Return the first 60 letters of a text: what its Markdown and its HTML have in common."""
    return re.sub(r"[^a-z]", "", text.lower())[:60]


def _found(pattern: str, page: str) -> str:
    found = re.search(pattern, page, re.DOTALL)
    if found is None:
        raise LookupError(f"The page has no {pattern}.")
    return found[1]


def _outcome(kind: str, reply: Reply) -> str:
    """Say "ok", or what went wrong. Django shows a refused form again, and asks for a login by sending there."""
    if "/account/login/" in reply.location:
        return LOGGED_OUT
    if kind == "save draft" and reply.status == 409:
        return OK  # an answer that the page knows; conflicts are counted by themselves
    if reply.status == 200 and kind in FORMS:
        return "refused"
    return reply.outcome
