"""The worker is killed while past answers are graded again; each gets its new grade, and gets it once."""

import json

import pytest

from tests.faults.parts import worker_processes
from tests.product import Product

pytestmark = [pytest.mark.faults, pytest.mark.slow_faults, pytest.mark.timeout(900)]

ANSWERS = 12

# Sentences that differ, since repeated ones are read once: each answer takes the worker a moment.
ANSWER_ALL = f"""
from uuid import uuid4
from grading.services.jobs import request_grade
from people.clock import database_now
from questionbank.models import QuestionVersion
candidate = User.objects.get(email="candidate@demo.test")
version = QuestionVersion.objects.get(question__slug="null-in-counts-and-averages", state="published")
for n in range({ANSWERS}):
    text = " ".join(f"Request {{i}} of user {{n}} was answered from the cache in {{i % 90}} ms." for i in range(60))
    request_grade(answer_id=uuid4(), candidate=candidate, version=version, text=text, now=database_now())
print("QUESTION", version.question_id)
"""
PREVIEW = """
from dataclasses import replace
from grading.services.regrades import preview
from people.clock import database_now
from questionbank.models import Question
from questionbank.selectors import content_of, with_parts
from questionbank.services.versions import publish, save_draft
question = Question.objects.get(slug="null-in-counts-and-averages")
content = content_of(with_parts(question.versions.filter(state="published"))[0])
points = (replace(content.key_points[0], accepted=("It was answered from the cache.",)), *content.key_points[1:])
draft = save_draft(question=question, content=replace(content, key_points=points), author=None)
publish(version=draft, actor=None, now=database_now())
mentor = User.objects.get(email="mentor@demo.test")
print("REGRADE", preview(version=draft, actor=mentor, now=database_now()).pk)
"""
APPLY = """
from grading.models import Regrade
from grading.services.regrades import apply
from people.clock import database_now
regrade = Regrade.objects.get(pk={regrade})
apply(regrade=regrade, actor=regrade.requested_by, reason="Another wording counts.", now=database_now())
"""


def printed(product: Product, command: str, word: str) -> str:
    """Run command beside the product; return what it printed behind word."""
    return product.manage("shell", "-c", command).split(word)[1].split()[0]


def count(product: Product, query: str, of: str) -> int:
    ((found,),) = product.sql(f"SELECT count(*) FROM {query}", of)  # noqa: S608 (our own words)
    return int(found)


def kill_the_worker(product: Product) -> None:
    for process in worker_processes(product):
        process.kill()


def state_of(product: Product, regrade: str) -> str:
    ((state,),) = product.sql("SELECT state FROM grading_regrade WHERE id = %s", regrade)
    return str(state)


def test_a_worker_killed_while_it_regrades_grades_each_answer_once(product: Product) -> None:
    question = printed(product, ANSWER_ALL, "QUESTION")
    graded = (
        "grading_gradingjob j JOIN questionbank_questionversion v ON v.id = j.version_id "
        "WHERE v.question_id = %s AND j.grade_id IS NOT NULL"
    )
    product.eventually(lambda: count(product, graded, question) >= ANSWERS)
    regrade = printed(product, PREVIEW, "REGRADE")
    items = "grading_regradeitem WHERE regrade_id = %s"
    every = count(product, items, regrade)

    product.eventually(lambda: count(product, f"{items} AND result IS NOT NULL", regrade) > 0)
    kill_the_worker(product)
    product.eventually(lambda: state_of(product, regrade) == "previewed")
    product.manage("shell", "-c", APPLY.format(regrade=json.dumps(regrade)))
    product.eventually(lambda: count(product, f"{items} AND is_done", regrade) > 0)
    kill_the_worker(product)
    product.eventually(lambda: state_of(product, regrade) == "applied")

    assert every >= ANSWERS
    assert count(product, "grading_grade WHERE regrade_id = %s", regrade) == every
    shown = "grading_gradingjob j JOIN grading_grade g ON g.id = j.grade_id WHERE g.regrade_id = %s"
    assert count(product, shown, regrade) == every
