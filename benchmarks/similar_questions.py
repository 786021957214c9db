"""How long the exact search for the questions nearest to one takes, by how many the bank has.

    .venv/bin/python -m config.local run --state bench -- .venv/bin/python benchmarks/similar_questions.py

benchmarks/README.md says what each row means. Nothing is left in the database; nothing here fails for being slow.
"""

import os
import sys
from pathlib import Path
from time import perf_counter

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.local")

import django
import numpy as np

LENGTH = 384
SEARCHES = 50


def main() -> None:
    django.setup()
    from django.db import connection, transaction

    rng = np.random.default_rng(1)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("CREATE EXTENSION IF NOT EXISTS vector")
        print("| questions | p50 ms | p95 ms |\n|---|---|---|")
        for count in (121, 1_000, 10_000):
            cursor.execute(f"CREATE TEMP TABLE prompts (id int, vector vector({LENGTH})) ON COMMIT DROP")
            rows = [(number, _as_text(vector)) for number, vector in enumerate(_unit(rng, count))]
            cursor.executemany("INSERT INTO prompts VALUES (%s, %s)", rows)
            times = []
            for vector in _unit(rng, SEARCHES):
                begun = perf_counter()
                cursor.execute("SELECT id FROM prompts ORDER BY vector <#> %s LIMIT 10", [_as_text(vector)])
                cursor.fetchall()
                times.append(1000 * (perf_counter() - begun))
            print(f"| {count:,} | {np.percentile(times, 50):.1f} | {np.percentile(times, 95):.1f} |")
            cursor.execute("DROP TABLE prompts")


def _unit(rng: np.random.Generator, count: int) -> np.ndarray:
    vectors = rng.standard_normal((count, LENGTH))
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def _as_text(vector: np.ndarray) -> str:
    return "[" + ",".join(f"{number:.6f}" for number in vector) + "]"


if __name__ == "__main__":
    main()
