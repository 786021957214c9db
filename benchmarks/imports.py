"""How long 10,000 questions take through an import and an export: seconds of each stage, of the clock and of the CPU.

    .venv/bin/python -m config.local run --state bench -- .venv/bin/python benchmarks/imports.py [--questions 10000]

It goes the way of the pages and the worker on a PostgreSQL of its own, in one transaction that is rolled back in the
end. The questions are those of benchmarks/formats.py. Nothing fails for being slow.
"""

import argparse
import os
import resource
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

sys.path[:0] = [str(Path(__file__).parents[1]), str(Path(__file__).parent)]
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.local")

import django

django.setup()

from django.core.management import call_command
from django.db import connection, transaction
from formats import bank

from people.clock import database_now
from people.models import User
from questionbank import selectors
from questionbank.formats.registry import FORMATS
from questionbank.models import Import, Question
from questionbank.services import imports


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--questions", type=int, default=10_000)
    parser.add_argument("--exemplars", type=int, default=2, help="of each question, at most")
    parser.add_argument("--formats", nargs="*", default=list(FORMATS))
    options = parser.parse_args()
    call_command("migrate", verbosity=0)
    questions, topics = bank(options.questions, options.exemplars)
    print(f"{len(questions)} questions; seconds of the clock (of the CPU, without PostgreSQL's)")
    print(f"{'format':<10} {'upload':>14} {'check':>14} {'apply':>14} {'export':>14} {'peak MiB':>9}")
    for name in options.formats:
        data = FORMATS[name].write(questions, topics)
        with rolled_back():
            figures = stages(name, data)
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(f"{name:<10} {' '.join(f'{wall:>7.1f} ({cpu:>4.1f})' for wall, cpu in figures)} {peak:>9.0f}")


@contextmanager
def rolled_back() -> Iterator[None]:
    """Leave nothing behind, not even what PostgreSQL keeps of rows that never were: the next stages would read it."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM (FULL, ANALYZE)")


def stages(name: str, data: bytes) -> list[tuple[float, float]]:
    """Return the seconds (clock, CPU) that upload, check, apply and export take."""
    mentor = User.objects.create(email="bench@example.com", name="Bench", is_superuser=True)
    taken: list[Import] = []
    uploaded = timed(lambda: taken.append(upload(name, data, mentor)))
    run = partial(imports.run, import_id=taken[0].pk)
    checked = timed(run)
    imports.apply(import_=taken[0], only_valid=False, create_topics=True, now=database_now())
    applied = timed(run)
    taken[0].refresh_from_db()
    if not taken[0].finished_at:
        sys.exit(f"{name}: {taken[0].trouble or taken[0].problems[:3]}")
    exported = timed(
        lambda: FORMATS[name].write(selectors.to_export(Question.objects.all()), selectors.topics_as_dicts())
    )
    return [uploaded, checked, applied, exported]


def upload(name: str, data: bytes, mentor: User) -> Import:
    taken = imports.upload(name="bank", format_name=name, data=data, topic=None, actor=mentor, now=database_now())
    if FORMATS[name].needs_mapping:
        imports.check(import_=taken, mapping=taken.mapping, now=database_now())
    return taken


def timed(work: Callable[[], Any]) -> tuple[float, float]:
    clock, cpu = time.monotonic(), time.process_time()
    work()
    return time.monotonic() - clock, time.process_time() - cpu


if __name__ == "__main__":
    main()
