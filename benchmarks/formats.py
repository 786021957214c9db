"""How fast 10,000 questions are written and read in each format, and how that compares with json.loads.

    .venv/bin/python benchmarks/formats.py [--questions 10000] [--exemplars 2]

It needs `script/setup --dev` and no servers. The questions are those of the shipped pack, again and again under other
names, each with the first few of its exemplars. Nothing fails for being slow; read the ratios, which hold across
machines.
"""

import argparse
import json
import resource
import sys
import time
from dataclasses import replace
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from questionbank.formats.pack import PackQuestion, pack_bytes, read_pack
from questionbank.formats.registry import FORMATS

SHIPPED = Path(__file__).parents[1] / "questionbank" / "packs" / "generative-ai-engineer" / "pack.yaml"


def bank(number: int, exemplars: int) -> tuple[list[PackQuestion], list[dict[str, str]]]:
    """Return that many questions and their topics."""
    pack = read_pack(SHIPPED)
    questions = []
    for position in range(number):
        question = pack.questions[position % len(pack.questions)]
        kept = tuple(e for e in question.content.exemplars if not e.twin_of)[:exemplars]
        content = replace(question.content, exemplars=kept)
        questions.append(PackQuestion(f"{question.slug[:56]}-{position}", question.topic, content))
    return questions, pack.topics


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--questions", type=int, default=10_000)
    parser.add_argument("--exemplars", type=int, default=2, help="of each question, at most")
    parser.add_argument("--formats", nargs="*", default=list(FORMATS))
    options = parser.parse_args()
    questions, topics = bank(options.questions, options.exemplars)
    plain = pack_bytes(replace(read_pack(SHIPPED), questions=questions), as_json=True)
    start = time.process_time()
    json.loads(plain)
    limit = time.process_time() - start
    print(f"{len(questions)} questions, {len(plain) / 1e6:.1f} MB of JSON; json.loads takes {limit:.2f} s of CPU time")
    print(f"{'format':<10} {'MB':>6} {'write s':>8} {'read s':>8} {'read/s':>8} {'× json.loads':>13} {'peak MiB':>9}")
    for name in options.formats:
        start = time.process_time()
        data = FORMATS[name].write(questions, topics)
        written = time.process_time()
        reading = FORMATS[name].read(data)
        read = time.process_time() - written
        whole = len(reading.questions) == len(questions) and not reading.problems
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(
            f"{name:<10} {len(data) / 1e6:>6.1f} {written - start:>8.1f} {read:>8.1f} {len(questions) / read:>8.0f} "
            f"{read / limit:>13.1f} {peak:>9.0f}{'' if whole else '  not all questions came back'}"
        )


if __name__ == "__main__":
    main()
