"""Moodle XML: essay and shortanswer. A block in the grader information keeps what Moodle has no place for."""

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any
from xml.etree.ElementTree import Element, ParseError, TreeBuilder

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import DefusedXMLParser

from questionbank.content import QuestionContent
from questionbank.formats.block import BlockTrouble, block_of, find_block
from questionbank.formats.common import Reading, Unreadable
from questionbank.formats.gathering import Gathering, refusal
from questionbank.formats.limits import MAX_DEPTH, MAX_ELEMENTS
from questionbank.formats.markup import TooMuchMarkup, converted, words_of
from questionbank.formats.pack import PackQuestion
from questionbank.formats.quiz import Plain, Topics, add_block, add_plain, by_topic, short_answers, shown
from tables.text import refuse_other_files

EXPLANATION = "What follows lets Greenroom read this question back. Please leave it as it is."


def read(data: bytes, *, mapping: Mapping[str, str] | None = None, topic: str = "") -> Reading:  # noqa: ARG001
    """Read a Moodle XML file. Raises nothing for what is in it."""
    reader = _Reader(Gathering(topic))
    try:
        refuse_other_files(data)
        _parse(data, reader)
        return reader.gathering.reading(reader.topics.all())
    except Unreadable as error:
        return refusal(error)


def _parse(data: bytes, reader: "_Reader") -> None:
    """Feed all data at once: expat of before 2.6 needs quadratic time for a long text in pieces."""
    target = _Target(reader)
    parser = DefusedXMLParser(target=target, forbid_dtd=True)
    target.expat = parser.parser
    try:
        parser.feed(data)
        parser.close()
    except DefusedXmlException as error:
        raise Unreadable("declares a document type or entities, which Moodle never does") from error
    except ParseError as error:
        raise Unreadable(f"is broken XML: {error}") from error
    except (LookupError, ValueError) as error:
        raise Unreadable(f"is in an encoding that cannot be read: {error}") from error


class _Target:
    """Takes what expat reports, and hands over one question at a time."""

    expat: Any

    def __init__(self, reader: "_Reader") -> None:
        self.reader = reader
        self.depth = self.elements = 0
        self.in_file = False
        self.builder: TreeBuilder | None = None
        self.line = 0

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        self.depth += 1
        self.elements += 1
        if self.elements > MAX_ELEMENTS:
            raise Unreadable(f"holds more than {MAX_ELEMENTS:,} elements")
        if self.depth == 1 and tag != "quiz":
            raise Unreadable(f"is no Moodle XML: it begins with <{tag[:40]}>, not with <quiz>")
        if self.depth > MAX_DEPTH:
            raise Unreadable(f"nests elements more than {MAX_DEPTH} deep (line {self.expat.CurrentLineNumber})")
        if self.depth == 2:
            self.builder, self.line = TreeBuilder(), self.expat.CurrentLineNumber
        if self.builder:
            self.builder.start(tag, attributes)
        self.in_file = tag == "file"

    def data(self, text: str) -> None:
        if self.builder and not self.in_file:  # files are dropped: their bytes need not be kept
            self.builder.data(text)

    def end(self, tag: str) -> None:
        self.depth -= 1
        self.in_file = False
        if self.builder:
            self.builder.end(tag)
            if self.depth == 1:
                element, self.builder = self.builder.close(), None
                self.reader.take(element, f"line {self.line}")

    def close(self) -> None:
        """Nothing is left to do."""


class _Reader:
    def __init__(self, gathering: Gathering) -> None:
        self.gathering = gathering
        self.topics = Topics()
        self.topic = ""
        self.topic_is_named = False  # by an idnumber, so that it outranks a block's

    def take(self, element: Element, place: str) -> None:
        """Read a question or category."""
        kind = element.get("type", "")
        if element.tag != "question":
            self.gathering.note(place, f"the element <{element.tag[:40]}> was left out")
        elif kind == "category":
            idnumber = (element.findtext("idnumber") or "").strip()
            self.topic = self.topics.of(element.findtext("category/text") or "", idnumber)
            self.topic_is_named = self.topic == idnumber
        elif kind not in ("essay", "shortanswer"):
            title = " ".join((element.findtext("name/text") or "").split())[:80]
            self.gathering.note(place, f"“{title}” was left out: it is of the type {kind[:40] or 'none'}")
        elif (element.findtext("hidden") or "0").strip() == "1":
            self.gathering.note(place, "a question that is hidden in Moodle was left out")
        else:
            self._question(element, place)

    def _question(self, element: Element, place: str) -> None:
        self.gathering.count(place)
        try:
            raw = find_block(element.findtext("graderinfo/text") or "")
        except BlockTrouble as error:
            self.gathering.problem(place, "graderinfo", str(error))
            return
        try:
            if raw is None:
                add_plain(self.gathering, place, self._plain(element, place))
            else:
                self._with_block(element, place, raw)
        except TooMuchMarkup as error:
            self.gathering.problem(place, "questiontext", str(error))

    def _with_block(self, element: Element, place: str, raw: dict[str, Any]) -> None:
        before = len(self.gathering.questions)
        add_block(
            self.gathering,
            place,
            raw,
            title=element.findtext("name/text") or "",
            prompt=self._text(element, "questiontext", place),
            topic=self.topic if self.topic_is_named else "",
            slug=(element.findtext("idnumber") or "").strip(),
        )
        for read_ in self.gathering.questions[before:]:
            info = words_of(element.findtext("graderinfo/text") or "")
            if element.get("type") == "essay" and not info.startswith(words_of(readable(read_.question.content))):
                self.gathering.note(
                    place, "its grader information was changed in Moodle; Greenroom's own block counts, not the change"
                )

    def _plain(self, element: Element, place: str) -> Plain:
        reference = self._text(element, "graderinfo", place, plain=True)
        feedback = self._text(element, "generalfeedback", place, plain=True)
        if feedback and reference:
            self.gathering.note(place, "its general feedback was left out")
        elif feedback:
            self.gathering.note(place, "its general feedback became its reference answer")
        for name in ("responsetemplate", "hint"):
            if any((found.findtext("text") or "").strip() for found in element.findall(name)):
                self.gathering.note(place, f"its {name} was left out")
        return Plain(
            title=element.findtext("name/text") or "",
            prompt=self._text(element, "questiontext", place),
            slug=element.findtext("idnumber") or "",
            topic=self.topic,
            reference=reference or feedback,
            tags=[tag.text or "" for tag in element.findall("tags/tag/text")],
            answers=self._answers(element) if element.get("type") == "shortanswer" else None,
        )

    def _answers(self, element: Element) -> list[tuple[float, str]]:
        found = []
        for answer in element.findall("answer"):
            try:
                share = float(answer.get("fraction", "0")[:20])
            except ValueError:
                share = 0.0
            found.append((share, answer.findtext("text") or ""))
        return found

    def _text(self, element: Element, name: str, place: str, *, plain: bool = False) -> str:
        found = element.find(name)
        if found is None:
            return ""
        text, dropped = converted(found.findtext("text") or "", found.get("format", "html"), plain=plain)
        if dropped or found.find("file") is not None:
            number = max(dropped, len(found.findall("file")))
            self.gathering.note(place, f"{number} {'picture or file' if number == 1 else 'pictures or files'} dropped")
        return text


# --- Writing ------------------------------------------------------------------------------------------------


def write(questions: Sequence[PackQuestion], topics: Sequence[Mapping[str, Any]]) -> bytes:
    """Return a Moodle XML file of these questions, with their topics as categories."""
    parts = ['<?xml version="1.0" encoding="UTF-8"?>\n<quiz>\n']
    for topic, path, found in by_topic(questions, topics):
        parts.append(_category(topic, path))
        parts += [_question(question) for question in found]
    parts.append("</quiz>\n")
    return "".join(parts).encode()


def _category(topic: str, path: str) -> str:
    return (
        '  <question type="category">\n'
        f"    <category><text>{_escaped(path)}</text></category>\n"
        '    <info format="html"><text></text></info>\n'
        f"    <idnumber>{topic}</idnumber>\n"
        "  </question>\n"
    )


def _question(question: PackQuestion) -> str:
    content = question.content
    answers = short_answers(question)
    info = f"{readable(content)}\n<p>{EXPLANATION}</p>\n<pre>{_in_lines(block_of(question))}</pre>"
    return (
        f'  <question type="{"shortanswer" if answers else "essay"}">\n'
        f"    <name><text>{_escaped(content.title)}</text></name>\n"
        f'    <questiontext format="markdown"><text>{_escaped(content.prompt)}</text></questiontext>\n'
        '    <generalfeedback format="html"><text></text></generalfeedback>\n'
        "    <defaultgrade>1.0000000</defaultgrade>\n"
        "    <penalty>0.0000000</penalty>\n"
        "    <hidden>0</hidden>\n"
        f"    <idnumber>{question.slug}</idnumber>\n"
        f"{_answers(answers) if answers else ESSAY}"
        f'    <graderinfo format="html"><text><![CDATA[{info}]]></text></graderinfo>\n'
        f"    <tags><tag><text>{content.kind}</text></tag><tag><text>{content.difficulty}</text></tag></tags>\n"
        "  </question>\n"
    )


ESSAY = (
    "    <responseformat>plain</responseformat>\n"
    "    <responserequired>1</responserequired>\n"
    "    <responsefieldlines>15</responsefieldlines>\n"
    "    <attachments>0</attachments>\n"
    "    <attachmentsrequired>0</attachmentsrequired>\n"
    '    <responsetemplate format="html"><text></text></responsetemplate>\n'
)


def _answers(answers: Sequence[str]) -> str:
    return "    <usecase>0</usecase>\n" + "".join(
        f'    <answer fraction="100" format="moodle_auto_format"><text>{_escaped(text.replace("*", chr(92) + "*"))}'
        '</text><feedback format="html"><text></text></feedback></answer>\n'
        for text in answers
    )


def readable(content: QuestionContent) -> str:
    """Return what a person who grades in Moodle wants to know, as HTML."""
    parts = [f"<h4>Reference answer</h4>\n<p>{_html(text)}</p>" for text in content.references]
    parts.append("<h4>Key points</h4>\n<ol>")
    for point in content.key_points:
        also = "".join(f"<li>also: {_html(text)}</li>" for text in point.accepted)
        hint = f" Hint: {_html(point.hint)}" if point.hint else ""
        more = f"<ul>{also}</ul>" if also else ""
        parts.append(f"<li>{_html(point.claim)} (weight {point.weight}){hint}{more}</li>")
    parts.append("</ol>")
    if content.misconceptions:
        wrong = "\n".join(f"<li>{_html(misconception.claim)}</li>" for misconception in content.misconceptions)
        parts.append(f"<h4>Misconceptions</h4>\n<ul>\n{wrong}\n</ul>")
    if content.sources:
        sources = "\n".join(f"<li>{_html(f'{s.title} {s.url}')}</li>" for s in content.sources)
        parts.append(f"<h4>Sources</h4>\n<ul>\n{sources}\n</ul>")
    return "\n".join(parts)


def _html(text: str) -> str:
    return escape(shown(text)).replace("\n", "<br>")


def _escaped(text: str) -> str:
    return escape(shown(text), quote=False)


def _in_lines(text: str, width: int = 100) -> str:
    return "\n".join(text[start : start + width] for start in range(0, len(text), width))
