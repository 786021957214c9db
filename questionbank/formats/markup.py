"""Texts of other programs as Markdown (for prompts) or plain text (for answers), and what was dropped of them."""

import html
import re

import nh3
from markdownify import markdownify

from questionbank.formats.limits import MAX_HTML, MAX_HTML_DEPTH

TAGS = {
    *("p", "br", "hr", "div", "span", "em", "i", "strong", "b", "code", "kbd", "pre", "ul", "ol", "li", "blockquote"),
    *("h1", "h2", "h3", "h4", "h5", "h6", "a", "table", "thead", "tbody", "tr", "td", "th"),
}
EMPHASIS = ["em", "i", "strong", "b", "a", "h1", "h2", "h3", "h4", "h5", "h6"]
# Tags that stand alone, and those that the next of their kind closes.
NEVER_NESTED = {"br", "hr", "img", "input", "wbr", "col", "p", "li", "dt", "dd", "tr", "td", "th", "option", "source"}
_TAG = re.compile("<(/?)([a-zA-Z][a-zA-Z0-9]{0,20})")
_MEDIA = re.compile(r"<(?:img|video|audio|iframe|object|embed|svg)\b", re.IGNORECASE)
# Bounded, so that a text full of brackets is not read over and over.
_LINK_TO_FILE = re.compile(r"\[([^\[\]]{0,300})\]\(<?@@PLUGINFILE@@[^()]{0,300}\)")
_PICTURE = re.compile(r"!\[[^\[\]]{0,300}\]\([^()]{0,2000}\)")


class TooMuchMarkup(Exception):
    """A text is too long or too deeply nested to be converted."""


def converted(text: str, format_: str, *, plain: bool = False) -> tuple[str, int]:
    """Return text as Markdown, or as plain text, and how many pictures and embedded things were dropped.

    format_ is Moodle's: html, moodle_auto_format, plain_text or markdown. Raises TooMuchMarkup.
    """
    if len(text) > MAX_HTML:
        raise TooMuchMarkup(f"is longer than {MAX_HTML:,} characters with its mark-up")
    if format_ in ("plain_text", "markdown"):
        return _without_files(text).strip(), len(_PICTURE.findall(text))
    _refuse_depth(text)
    if format_ == "moodle_auto_format" and not re.search(r"<(p|br|div|li)\b", text, re.IGNORECASE):
        text = text.replace("\n", "<br>")
    dropped = len(_MEDIA.findall(text))
    text = re.sub("<sup>", "^", text, flags=re.IGNORECASE)
    clean = nh3.clean(text, tags=TAGS, attributes={"a": {"href"}}, link_rel=None)
    try:
        return _without_files(_markdown(clean, plain=plain)), dropped
    except RecursionError as error:
        raise TooMuchMarkup("is nested too deeply") from error


def _refuse_depth(text: str) -> None:
    """Cleaning takes quadratic time for tags that nest deeper and deeper."""
    depth = 0
    for closing, tag in _TAG.findall(text):
        if tag.lower() not in NEVER_NESTED:
            depth += -1 if closing else 1
            if depth > MAX_HTML_DEPTH:
                raise TooMuchMarkup(f"nests tags more than {MAX_HTML_DEPTH} deep")


def _markdown(clean: str, *, plain: bool) -> str:
    text = markdownify(
        f"<div>{clean}</div>",
        heading_style="ATX",
        bullets="-",
        escape_asterisks=not plain,
        escape_underscores=not plain,
        strip=EMPHASIS if plain else None,
    )
    text = re.sub("[ \t]+$", "" if plain else _hard_break, text, flags=re.MULTILINE)
    return re.sub("\n\\s*\n", "\n\n", text).strip()


def _hard_break(spaces: re.Match[str]) -> str:
    """Two spaces at the end of a line are Markdown for a line break; others mean nothing."""
    return "  " if spaces[0] == "  " else ""


def _without_files(text: str) -> str:
    """Drop pictures of Markdown, and links to files that lie in Moodle."""
    return _LINK_TO_FILE.sub(r"\1", _PICTURE.sub("", text))


def words_of(text: str) -> str:
    """Return the words of an HTML text, for comparing: no tags, single spaces."""
    return " ".join(html.unescape(re.sub("<[^<>]*>", " ", text)).split())
