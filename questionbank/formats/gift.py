"""GIFT: Moodle's plain-text format. Essays and short answers; a comment keeps what GIFT has no place for."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from questionbank.formats.block import BlockTrouble, block_of, find_block
from questionbank.formats.common import Reading, Unreadable
from questionbank.formats.gathering import Gathering, refusal
from questionbank.formats.markup import TooMuchMarkup, converted
from questionbank.formats.pack import PackQuestion
from questionbank.formats.quiz import Plain, Topics, add_block, add_plain, by_topic, is_id, short_answers, shown
from tables.text import decode

FORMATS = {"html": "html", "moodle": "moodle_auto_format", "plain": "plain_text", "markdown": "markdown"}
# Escaped characters stand aside, as characters that no text holds, while the others are looked at.
ASIDE = {r"\\": "\ufdd0", r"\:": "\ufdd1", r"\#": "\ufdd2", r"\=": "\ufdd3", r"\{": "\ufdd4", r"\}": "\ufdd5"}
ASIDE |= {r"\~": "\ufdd6", r"\n": "\ufdd7"}
BACK = {aside: "\n" if escaped == r"\n" else escaped[1] for escaped, aside in ASIDE.items()}
_ESCAPED = re.compile(r"\\[\\:#={}~n]")
_ASIDE = re.compile("[\ufdd0-\ufdd7]")
_TITLE = re.compile(r"::(.*?)::", re.DOTALL)
_FORMAT = re.compile(r"\[(html|moodle|plain|markdown)\]", re.IGNORECASE)
_SHARE = re.compile(r"%(-?[0-9.]{1,12})%")
_TOPIC = "greenroom-topic:"


@dataclass
class Piece:
    """What stands between blank lines: its first line's number, its text and its comments."""

    line: int
    lines: list[str] = field(default_factory=list)
    comments: list[str] = field(default_factory=list)


def read(data: bytes, *, mapping: Mapping[str, str] | None = None, topic: str = "") -> Reading:  # noqa: ARG001
    """Read a GIFT file. Raises nothing for what is in it."""
    reader = _Reader(Gathering(topic))
    try:
        text, note = decode(data)
        if note:
            reader.gathering.note("", note)
        for piece in _pieces(text):
            reader.take(piece)
        return reader.gathering.reading(reader.topics.all())
    except Unreadable as error:
        return refusal(error)


def _pieces(text: str) -> Iterator[Piece]:
    piece = Piece(1)
    for number, line in enumerate(re.split("\r\n|\r|\n", text), start=1):
        stripped = line.strip()
        if stripped.startswith("//"):
            piece.comments.append(stripped[2:].strip())
        elif stripped.startswith("$CATEGORY:"):
            yield piece
            yield Piece(number, [stripped], piece.comments if not piece.lines else [])
            piece = Piece(number)
        elif stripped:
            piece.line = piece.line if piece.lines else number
            piece.lines.append(stripped)
        elif piece.lines:
            yield piece
            piece = Piece(number)
    yield piece


class _Reader:
    def __init__(self, gathering: Gathering) -> None:
        self.gathering = gathering
        self.topics = Topics()
        self.topic = ""

    def take(self, piece: Piece) -> None:
        """Read a category or a question."""
        text = "\n".join(piece.lines)
        if text.startswith("$CATEGORY:"):
            named = [comment.removeprefix(_TOPIC).strip() for comment in piece.comments if comment.startswith(_TOPIC)]
            self.topic = self.topics.of(text.removeprefix("$CATEGORY:").strip(), named[-1] if named else "")
        elif text:
            self._question(piece, _ESCAPED.sub(lambda found: ASIDE[found[0]], text))

    def _question(self, piece: Piece, text: str) -> None:
        place = f"line {piece.line}"
        text, title, format_ = _head(text)
        kind, prompt, answers = _split(text)
        if kind == "broken":
            self.gathering.count(place)
            self.gathering.problem(place, "", "has a brace that is not closed, or one too many. Write \\{ for a brace")
        elif kind not in ("essay", "shortanswer"):
            what = "no question" if kind == "description" else f"of the type {kind}"
            self.gathering.note(place, f"“{_back(title or prompt)[:80]}” was left out: it is {what}")
        else:
            self.gathering.count(place)
            self._written(piece, place, Written(kind, _back(title), format_, _back(prompt), answers))

    def _written(self, piece: Piece, place: str, written: "Written") -> None:
        try:
            raw = find_block("\n".join(piece.comments))
            prompt, dropped = converted(written.prompt, FORMATS[written.format])
            if dropped:
                self.gathering.note(place, f"{dropped} {'picture' if dropped == 1 else 'pictures'} dropped")
            if raw is None:
                add_plain(self.gathering, place, self._plain(piece, place, written, prompt))
            else:
                name = _in_brackets(piece.comments, "id")[:1]
                add_block(
                    self.gathering,
                    place,
                    raw,
                    title=written.title,
                    prompt=prompt,
                    topic="" if is_id(str(raw.get("topic"))) else self.topic,
                    slug=name[0] if name else "",
                )
        except BlockTrouble as error:
            self.gathering.problem(place, "comment", str(error))
        except TooMuchMarkup as error:
            self.gathering.problem(place, "question", str(error))

    def _plain(self, piece: Piece, place: str, written: "Written", prompt: str) -> Plain:
        answers, _, feedback = written.answers.partition("####")
        reference = converted(_back(feedback).strip(), FORMATS[written.format], plain=True)[0]
        if reference:
            self.gathering.note(place, "its general feedback became its reference answer")
        found = _answers(answers) if written.kind == "shortanswer" else None
        return Plain(
            title=written.title,
            prompt=prompt,
            slug=next(iter(_in_brackets(piece.comments, "id")), ""),
            topic=self.topic,
            reference=reference,
            tags=_in_brackets(piece.comments, "tag"),
            answers=found,
        )


@dataclass(frozen=True)
class Written:
    """A question as it is written down. Escaped characters of its answers still stand aside."""

    kind: str
    title: str
    format: str
    prompt: str
    answers: str


def _head(text: str) -> tuple[str, str, str]:
    """Return the text behind title and format, the title, and the format's name."""
    found = _TITLE.match(text)
    title = found[1].strip() if found else ""
    text = text[found.end() :].strip() if found else text
    marked = _FORMAT.match(text)
    return (text[marked.end() :].strip() if marked else text), title, (marked[1].lower() if marked else "moodle")


def _split(text: str) -> tuple[str, str, str]:
    """Return type, prompt and answers of a question, as Moodle tells them apart."""
    start, end = text.find("{"), text.find("}")
    if start < 0 and end < 0:
        return "description", text, ""
    if start < 0 or end < start:
        return "broken", text, ""
    before, answers, after = text[:start].strip(), text[start + 1 : end].strip(), text[end + 1 :].strip()
    prompt = f"{before} _____ {after}" if after else before
    return _type_of(answers.partition("####")[0].strip()), prompt, answers


def _type_of(answers: str) -> str:
    if not answers:
        return "essay"
    if answers.startswith("#"):
        return "numerical"
    if "~" in answers:
        return "multichoice"
    if "=" in answers and "->" in answers:
        return "matching"
    if answers.partition("#")[0].strip().upper() in ("T", "TRUE", "F", "FALSE"):
        return "truefalse"
    return "shortanswer" if answers.startswith("=") else "unknown"


def _answers(text: str) -> list[tuple[float, str]]:
    """Return share of the marks and text of each answer; feedback to single answers is left out."""
    found = []
    for answer in text.split("=")[1:]:
        share, words = 100.0, answer.partition("#")[0].strip()
        marked = _SHARE.match(words)
        if marked:
            words = words[marked.end() :].strip()
            share = float(marked[1]) if re.fullmatch(r"-?[0-9]+([.][0-9]+)?", marked[1]) else 0.0
        found.append((share, _back(words)))
    return found


def _in_brackets(comments: Sequence[str], name: str) -> list[str]:
    """Return what comments say in brackets, such as [id:generators] and [tag:python]."""
    return [found.strip() for comment in comments for found in re.findall(rf"\[{name}:([^\]]{{1,200}})\]", comment)]


def _back(text: str) -> str:
    return _ASIDE.sub(lambda found: BACK[found[0]], text)


# --- Writing ------------------------------------------------------------------------------------------------


def write(questions: Sequence[PackQuestion], topics: Sequence[Mapping[str, Any]]) -> bytes:
    """Return a GIFT file of these questions, with their topics as categories."""
    parts = ["// Questions of Greenroom. The long comments let Greenroom read them back; leave them as they are.\n"]
    for topic, path, found in by_topic(questions, topics):
        parts.append(f"// {_TOPIC} {topic}\n$CATEGORY: {_on_one_line(path)}\n")
        parts += [_question(question) for question in found]
    return "\n".join(parts).encode()


def _question(question: PackQuestion) -> str:
    content = question.content
    answers = "".join(f" ={_escape(text.replace('*', chr(92) + '*'))}" for text in short_answers(question))
    return (
        f"// [id:{question.slug}] [tag:{content.kind}] [tag:{content.difficulty}]\n"
        f"// {block_of(question)}\n"
        f"::{_escape(_on_one_line(content.title))}::[markdown]{_escape(content.prompt)} {{{answers} }}\n"
    )


def _on_one_line(text: str) -> str:
    return " ".join(shown(text).split())


def _escape(text: str) -> str:
    return re.sub(r"[\\:#={}~]", r"\\\g<0>", shown(text)).replace("\n", r"\n")
