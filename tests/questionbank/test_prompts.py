"""A prompt's Markdown as HTML: what prompts need, and nothing that could harm a reader."""

from html.parser import HTMLParser

import nh3
import pytest
from django.template import Context, Template
from hypothesis import given, settings
from hypothesis import strategies as st

from questionbank.templatetags.prompts import TAGS, prompt

HTML = [
    "<script>",
    "</script>",
    "<img src=x onerror=a>",
    "<p onclick=a>",
    "<svg><style>",
    "<!--",
    "-->",
    "<![CDATA[",
    "]]>",
]
MIXED = [
    "]]>",
    "<math><mtext><table><mglyph><style>",
    "<template>",
    "<noscript>",
    "&lt;",
    "&#x3c;",
    "&",
    "<",
    ">",
    '"',
    "'",
]
MARKDOWN = [
    "javascript:a",
    "[a](",
    ")",
    "![",
    "`",
    "```\n",
    "\n\n",
    "    ",
    "> ",
    "- ",
    "1. ",
    "\\",
    "\0",
    "\u202e",
    "\x02",
]
markup = st.sampled_from(HTML) | st.sampled_from(MIXED) | st.sampled_from(MARKDOWN)
text = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)  # half a character does not get here


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
        ("<script>alert(1)</script>Why?", "Why?"),
        ("<img src=x onerror=alert(1)>Why?", "<p>Why?</p>"),
        ("[here](javascript:alert(1))", "<p>[here](javascript:alert(1))</p>"),
        ("[here](https://example.org)", "<p>here</p>"),
        ('<p onclick="alert(1)" class="notice" style="position:fixed">Why?</p>', "<p>Why?</p>"),
        ("# Heading", "Heading"),
        ("<form><input name=a></form>Why?", "Why?"),
    ],
)
def test_a_prompt_drops_everything_else(text: str, html: str) -> None:
    assert prompt(text).strip() == html


def test_a_template_shows_a_prompt_without_escaping_it_again() -> None:
    template = Template("{% load prompts %}{{ text|prompt }}")

    assert template.render(Context({"text": "`x`"})) == "<p><code>x</code></p>"


@pytest.mark.parametrize("tangle", ["1. ", "> ", "- ", "[", "![a][", "<![CDATA[", "<a ", "`", "**a *b ", "[a](", "\\"])
def test_a_tangled_prompt_is_shown_without_waiting(tangle: str) -> None:
    """20,000 characters of any of these are done at once. The timeout of the tests stands for what a person bears."""
    assert "<script" not in prompt(tangle * (20_000 // len(tangle)))


@settings(max_examples=100, deadline=None, derandomize=True, database=None)
@given(st.lists(markup | text, max_size=12).map("".join))
def test_no_prompt_holds_more_than_plain_tags(text: str) -> None:
    html = prompt(text)

    # An HTML5 parser reads what is shown as what was cleaned: nothing changes its meaning on the way to the reader.
    assert nh3.clean(html, tags=TAGS, attributes={}) == html
    seen = _Tags()
    seen.feed(html)
    assert seen.tags <= TAGS
    assert seen.attributes == []


class _Tags(HTMLParser):
    """Gathers what another parser takes for tags."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: list[tuple[str, str | None]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes += attrs
