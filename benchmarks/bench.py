"""How long a mentor waits at the bench: from the last key of an edit to the grade, with everything in between.

    script/server &                                  # a running Greenroom with its demo accounts
    .venv/bin/python benchmarks/bench.py [--url http://localhost:8000] [--edits 40] [--json FILE]

benchmarks/README.md says what each row means. Nothing here fails for being slow.
"""

import argparse
import json
import os
import re
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

# Before the folder of this file, which has a module of the grader's name.
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import numpy as np
import requests

from questionbank.content import QuestionContent
from questionbank.formats.pack import read_pack

PACK = Path(__file__).parents[1] / "questionbank/packs/generative-ai-engineer/pack.yaml"
# static/js/bench.js waits so long after the last key, and _bench_run.html asks so often.
PAUSE, EVERY = 0.4, 0.2
PATIENCE = 60.0
SCRIPT = {"HX-Request": "true"}


def main() -> None:
    parser = argparse.ArgumentParser(description="Measure the wait at the bench of a running Greenroom.")
    parser.add_argument("--url", default="http://localhost:8000")
    parser.add_argument("--edits", type=int, default=40)
    parser.add_argument("--email", default="mentor@demo.test")
    parser.add_argument("--password", default="greenroom-demo")
    parser.add_argument("--json", type=Path, help="also write the figures to this file")
    options = parser.parse_args()
    load = os.getloadavg()[0]
    mentor = logged_in(options.url, options.email, options.password)
    waits = [wait_for(mentor, options.url, fields) for fields in edits(options.edits)]
    report = {"edits": len(waits), "load": [round(load, 2), round(os.getloadavg()[0], 2)], **figures(waits)}
    if options.json:
        options.json.write_text(json.dumps(report, indent=2) + "\n", encoding="utf-8")
    print(f"{report['edits']} edits; load {report['load'][0]} before, {report['load'][1]} after")
    for name in ("from the last key", "from the request"):
        row = report[name]
        print(f"{name:<20} p50 {row['p50_ms']:>6.0f} ms  p95 {row['p95_ms']:>6.0f} ms")


def logged_in(url: str, email: str, password: str) -> requests.Session:
    """Return a session of somebody who may use the bench."""
    session = requests.Session()
    session.get(f"{url}/account/login/", timeout=PATIENCE)
    session.post(
        f"{url}/account/login/",
        {"login": email, "password": password, "csrfmiddlewaretoken": session.cookies["csrftoken"]},
        timeout=PATIENCE,
    ).raise_for_status()
    if "sessionid" not in session.cookies:
        raise SystemExit(f"{email} cannot log in at {url}.")
    return session


def edits(count: int) -> Iterator[dict[str, str]]:
    """Yield what the editor sends after each edit: a claim reworded, of one question after the other."""
    questions = read_pack(PACK).questions
    run = time.time_ns()  # what was tried within the hour is answered from the record
    for number in range(count):
        content = questions[number % len(questions)].content
        answer = next(exemplar.text for exemplar in content.exemplars if exemplar.kind == "strong")
        yield {
            **form_of(content, reworded=f"Edit {number} of {run}."),
            "bench-purpose": "answer",
            "bench-text": answer,
        }


def form_of(content: QuestionContent, *, reworded: str) -> dict[str, str]:
    fields = {
        "prompt": content.prompt,
        "references-TOTAL_FORMS": "1",
        "references-INITIAL_FORMS": "0",
        "references-0-text": content.references[0],
        "key_points-TOTAL_FORMS": str(len(content.key_points)),
        "key_points-INITIAL_FORMS": "0",
    }
    for row, point in enumerate(content.key_points):
        claim = f"{point.claim} {reworded}" if row == 0 else point.claim
        fields |= {f"key_points-{row}-slug": point.id, f"key_points-{row}-claim": claim}
        fields |= {
            f"key_points-{row}-weight": str(point.weight),
            f"key_points-{row}-accepted": "\n".join(point.accepted),
        }
    return fields


def wait_for(mentor: requests.Session, url: str, fields: dict[str, str]) -> float:
    """Ask as static/js/bench.js does; return the seconds from the request to the reply that has the grade."""
    headers = {**SCRIPT, "X-CSRFToken": mentor.cookies["csrftoken"], "Referer": url}
    begun = time.perf_counter()
    asked = mentor.post(f"{url}/bench/", fields, headers=headers, timeout=PATIENCE)
    asked.raise_for_status()
    address = re.search(r'hx-get="([^"]+)"', asked.text)
    while address and time.perf_counter() - begun < PATIENCE:
        time.sleep(EVERY)
        reply = mentor.get(url + address[1], headers=SCRIPT, timeout=PATIENCE)
        if reply.status_code == requests.codes.ok and "score__number" in reply.text:
            return time.perf_counter() - begun
    raise SystemExit("The grader gave no grade: does its worker run?")


def figures(waits: list[float]) -> dict[str, Any]:
    def row(times: list[float]) -> dict[str, float]:
        p50, p95 = (round(1000 * float(np.percentile(times, share)), 1) for share in (50, 95))
        return {"p50_ms": p50, "p95_ms": p95}

    return {"from the last key": row([PAUSE + wait for wait in waits]), "from the request": row(waits)}


if __name__ == "__main__":
    main()
