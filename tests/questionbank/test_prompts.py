"""A prompt's Markdown as HTML: what prompts need, and nothing that could harm a reader."""

import pytest
from django.template import Context, Template

from questionbank.templatetags.prompts import prompt


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("Why *this*, and why **now**?", "<p>Why <em>this</em>, and why <strong>now</strong>?</p>"),
        ("What is `a < b`?", "<p>What is <code>a &lt; b</code>?</p>"),
        ("```python\nx = 1\n```", "<pre><code>x = 1\n</code></pre>"),
        ("1. one\n2. two", "<ol>\n<li>one</li>\n<li>two</li>\n</ol>"),
        ("a & b < c", "<p>a &amp; b &lt; c</p>"),
    ],
)
def test_a_prompt_shows_markdown(text: str, html: str) -> None:
    assert prompt(text) == html


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("<script>alert(1)</script>Why?", "<p>Why?</p>"),
        ("<img src=x onerror=alert(1)>Why?", "<p>Why?</p>"),
        ("[here](javascript:alert(1))", "<p>here</p>"),
        ("[here](https://example.org)", "<p>here</p>"),
        ('<p onclick="alert(1)" class="notice" style="position:fixed">Why?</p>', "<p>Why?</p>"),
        ("# Heading", "Heading"),
        ("<form><input name=a></form>Why?", "<p>Why?</p>"),
    ],
)
def test_a_prompt_drops_everything_else(text: str, html: str) -> None:
    assert prompt(text).strip() == html


def test_a_template_shows_a_prompt_without_escaping_it_again() -> None:
    template = Template("{% load prompts %}{{ text|prompt }}")

    assert template.render(Context({"text": "`x`"})) == "<p><code>x</code></p>"
