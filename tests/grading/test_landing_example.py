"""The graded answer on the landing page is what the grader really makes of it."""

import re

import pytest
from django.test import Client

from grading.engine.claim_reader import ClaimReader
from grading.engine.grader import Grader
from grading.engine.model import SentenceModel
from grading.grader import question_saying
from questionbank.formats.pack import read_pack
from tests.product import ROOT

pytestmark = pytest.mark.model

SHIPPED = ROOT / "questionbank" / "packs" / "generative-ai-engineer" / "pack.yaml"


def test_the_landing_page_shows_a_real_grade(client: Client) -> None:
    content = next(q.content for q in read_pack(SHIPPED).questions if q.slug == "temperature-and-top-p")
    page = client.get("/").content.decode()
    quoted = re.search(r'<blockquote class="sample__answer">(.*?)</blockquote>', page, re.DOTALL)
    assert quoted
    sentences = re.findall(r"<mark[^>]*>(.*?)<span", quoted[1])
    shown = re.search(r"<strong>(\d+)</strong>\s*<span[^>]*>of 100", page)
    assert shown

    result = Grader(SentenceModel(), ClaimReader()).grade(question_saying(content), " ".join(sentences))

    marks = {point.id: point.mark for point in result.key_points}
    assert round(result.score * 100) == int(shown[1])
    assert [marks[i] for i in ("low-sharp", "nucleus", "false-at-zero", "scale-logits")] == [
        "stated",
        "stated",
        "contradicted",
        "missing",
    ]
