"""What fault tests do to the running product, and what they ask its database."""

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import psutil
import psycopg2
import requests

from config.local.state import State
from tests.product import PASSWORD, ROOT, Product

# Sentences that differ, since repeated ones are read once: such an answer takes the worker seconds.
LONG = " ".join(f"Request {n} of day {n % 7} was answered from the cache in {n % 90} ms." for n in range(300))

NEW_CANDIDATE = """
from django.test import Client
from knox.models import AuthToken
user = User.objects.create_user({email!r}, {password!r}, name="Program")
client = Client()
client.force_login(user)
print("KEYS", AuthToken.objects.create(user=user)[1], client.cookies["sessionid"].value)
"""


class Candidate:
    """A candidate with a program, and with a browser that is logged in, of the running product."""

    def __init__(self, product: Product) -> None:
        self.email = f"{uuid4().hex}@example.com"
        made = product.manage("shell", "-c", NEW_CANDIDATE.format(email=self.email, password=PASSWORD))
        self.address = f"{product.url}/api/v1/"
        token, session = made.split("KEYS ")[1].split()
        self.api = requests.Session()
        self.api.headers["Authorization"] = f"Token {token}"
        self.browser = requests.Session()
        self.browser.cookies.set("sessionid", session)
        self.site = product.url

    def start(self) -> str:
        """Start an interview of four questions; return its id."""
        return str(self.post("interviews/", {"track": "everyday", "mode": "practice"})["id"])

    def submit(self, interview: str, number: int, text: str) -> str:
        """Hand in text to one of its questions, 1 to 4; return the answer's id."""
        return str(self.post(f"interviews/{interview}/questions/{number}/answer/", {"text": text})["id"])

    def submit_all(self, text: str) -> list[str]:
        """Start an interview and submit text to each of its four questions; return the answers' ids."""
        interview = self.start()
        return [self.submit(interview, number, f"{text} {number}") for number in range(1, 5)]

    def post(self, path: str, body: dict[str, str], key: str = "") -> Any:
        headers = {"Idempotency-Key": key or str(uuid4())}
        response = self.api.post(self.address + path, json=body, headers=headers, timeout=60)
        assert response.status_code == 201, response.text
        return response.json()

    def page(self, path: str) -> str:
        """Return the page at path, as the candidate's browser gets it."""
        response = self.browser.get(self.site + path, timeout=60)
        assert response.status_code == 200, response.text
        return response.text


def log_in(product: Product, email: str, password: str = PASSWORD) -> requests.Response:
    """Log in by the page; return what follows: where one wanted to go, or the login again with its words."""
    browser = requests.Session()
    address = f"{product.url}/account/login/"
    browser.get(address, timeout=60)
    form = {"login": email, "password": password, "csrfmiddlewaretoken": browser.cookies["csrftoken"]}
    return browser.post(address, data=form, timeout=60)


# --- what the database says ---------------------------------------------------------------------------------


def states(product: Product, answers: list[str]) -> list[str]:
    """Return the states of the answers' jobs; one that has a grade is "graded"."""
    # One whose grade the engine doubts waits for a mentor, and is graded all the same.
    rows = product.sql(
        "SELECT CASE WHEN grade.id IS NULL THEN job.state ELSE 'graded' END FROM grading_gradingjob AS job "
        "LEFT JOIN grading_grade AS grade ON grade.job_id = job.id WHERE job.answer_id = ANY(%s::uuid[])",
        answers,
    )
    return [state for (state,) in rows]


def grades(product: Product, answers: list[str]) -> int:
    """Return how many grades the answers have together."""
    rows = product.sql(
        "SELECT count(*) FROM grading_grade g JOIN grading_gradingjob j ON j.id = g.job_id "
        "WHERE answer_id = ANY(%s::uuid[])",
        answers,
    )
    return int(rows[0][0])


def all_graded(product: Product, answers: list[str]) -> bool:
    """Whether each answer has a job of its own, and each job a grade."""
    return states(product, answers) == ["graded"] * len(answers)


def database_answers(product: Product) -> bool:
    """Whether the database takes connections."""
    try:
        return bool(product.sql("SELECT 1"))
    except psycopg2.OperationalError:
        return False


# --- processes ----------------------------------------------------------------------------------------------


def process(product: Product, name: str) -> psutil.Process:
    """Return a program's main process: web, worker, beat, valkey or postgres."""
    return psutil.Process(product.status()["processes"][name])


def worker_processes(product: Product) -> list[psutil.Process]:
    """The worker's main process and the children that grade."""
    main = process(product, "worker")
    return [main, *main.children(recursive=True)]


@contextmanager
def stopped(processes: list[psutil.Process]) -> Iterator[None]:
    """Let processes stand still; they go on afterwards as if nothing had been."""
    for each in processes:
        os.kill(each.pid, signal.SIGSTOP)
    try:
        yield
    finally:
        for each in processes:
            os.kill(each.pid, signal.SIGCONT)


def control(product: Product, *command: str) -> str:
    """Have the product's supervisord start, stop or restart web, worker, beat, valkey or postgres; wait for it."""
    action, *names = command
    full = [f"product:{name}" if name in ("web", "worker", "beat") else name for name in names]
    door = State(Path(product.status()["GREENROOM_STATE"])).sockets / "supervisor.sock"
    asked = [sys.executable, "-m", "supervisor.supervisorctl", "-s", f"unix://{door}", action, *full]
    return subprocess.run(asked, check=True, capture_output=True, text=True).stdout


@contextmanager
def down(product: Product, *names: str) -> Iterator[None]:
    """Stop parts in an orderly way; start them again afterwards."""
    control(product, "stop", *names)
    try:
        yield
    finally:
        control(product, "start", *names)


def ended(product: Product, *names: str) -> None:
    """Kill -9 programs; supervisord starts them again."""
    for each in [process(product, name) for name in names]:
        each.kill()
        each.wait(timeout=30)


# --- processes beside the product's own ---------------------------------------------------------------------


@contextmanager
def beside(product: Product, *arguments: str, log: Path) -> Iterator[psutil.Popen]:
    """Run `python -m …` as one more of the product's processes; kill it with its children at the end."""
    with log.open("w") as out:
        running = psutil.Popen(
            [sys.executable, "-m", *arguments],
            cwd=ROOT,
            env=product.environment() | {"OMP_NUM_THREADS": "1"},
            stdout=out,
            stderr=out,
        )
        try:
            yield running
        finally:
            for each in [*running.children(recursive=True), running]:
                each.kill()
            running.wait(timeout=30)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def second_worker(product: Product, *options: str, log: Path) -> Iterator[psutil.Popen]:
    """Run a second worker, ready to grade."""
    celery = ("celery", "-A", "config", "worker", "--pool", "prefork", "--concurrency", "1", "--loglevel", "INFO")
    name = ("--hostname", f"second-{uuid4().hex}@%h", "--without-gossip", "--without-mingle")
    with beside(product, *celery, *name, *options, log=log) as running:
        product.eventually(lambda: grades_already(product, running))
        yield running


def grades_already(product: Product, worker: psutil.Process) -> bool:
    """Whether the worker has loaded its model: then it has left a heartbeat."""
    names = [f"{socket.gethostname()}:{child.pid}" for child in worker.children()]
    ((found,),) = product.sql("SELECT count(*) FROM grading_workerheartbeat WHERE name = ANY(%s)", names)
    return bool(found)


@contextmanager
def worker_importing(product: Product, module: str, **env: str) -> Iterator[None]:
    """Let the product's own worker import a module of ours as it starts; at the end it is as before."""
    program = Path(product.status()["GREENROOM_STATE"]) / "run" / "worker.json"
    before = program.read_text()
    described = json.loads(before)
    changed = {"argv": [*described["argv"], "--include", module], "env": described["env"] | env}
    program.write_text(json.dumps(described | changed))
    control(product, "restart", "worker")
    try:
        yield
    finally:
        program.write_text(before)
        control(product, "restart", "worker")
