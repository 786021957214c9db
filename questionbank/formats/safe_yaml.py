"""YAML as plain data, safe for files from anywhere.

PyYAML's own C loader dies of a stack overflow when lists nest a hundred thousand deep, and lets a key stand twice.
This one builds dicts, lists and scalars from its events instead, which is quicker as well. Aliases may not stand for
what holds aliases itself, nor for much: a few lines of those say billions of values.
"""

import re
from dataclasses import dataclass
from typing import Any

import yaml
from yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)

from questionbank.formats.limits import MAX_ALIASED, MAX_DEPTH, MAX_VALUES

_RESOLVER = yaml.resolver.Resolver()
_TAG = "tag:yaml.org,2002:"
_TRUE = {"yes", "true", "on"}
_DECIMAL = re.compile(r"[-+]?(0|[1-9][0-9]{0,17})")


class YamlTrouble(Exception):
    """The text is not YAML, or more than plain data; the message says where."""


def load_yaml(text: str) -> Any:
    """Return the one document of text: dicts, lists, text, numbers, booleans and None. Dates stay text.

    Raises YamlTrouble.
    """
    builder = _Builder()
    try:
        for event in yaml.parse(text, Loader=yaml.CSafeLoader):
            builder.take(event)
    except yaml.YAMLError as error:
        raise YamlTrouble(str(error)) from error
    return builder.root[0] if builder.root else None


@dataclass
class _Open:
    """A list or mapping that is being read. key: of a mapping, the one that waits for its value."""

    value: dict[Any, Any] | list[Any]
    anchor: str | None = None
    size_before: int = 0
    aliases_before: int = 0
    key: str | None = None


class _Builder:
    """Puts events together. size counts the values so far, aliased ones as often as they are said."""

    def __init__(self) -> None:
        self.root: list[Any] = []
        self.open = [_Open(self.root)]
        self.anchors: dict[str, tuple[Any, int]] = {}
        self.size = self.aliases = self.aliased = 0

    def take(self, event: yaml.Event) -> None:
        if isinstance(event, ScalarEvent):
            self._take_scalar(event)
        elif isinstance(event, MappingStartEvent | SequenceStartEvent):
            self._begin({} if isinstance(event, MappingStartEvent) else [], event)
        elif isinstance(event, MappingEndEvent | SequenceEndEvent):
            self._end()
        elif isinstance(event, AliasEvent):
            self._take_alias(event)
        elif isinstance(event, DocumentStartEvent) and self.root:
            raise YamlTrouble(f"holds a second document{_where(event)}")

    def _take_scalar(self, event: ScalarEvent) -> None:
        if self._waits_for_key():
            self._take_key(event)
            return
        value = _scalar(event)
        self._put(value)
        if event.anchor:
            self.anchors[event.anchor] = (value, 1)

    def _begin(self, value: dict[Any, Any] | list[Any], event: MappingStartEvent | SequenceStartEvent) -> None:
        if event.tag not in (None, f"{_TAG}map", f"{_TAG}seq"):
            raise YamlTrouble(f"uses the tag {event.tag}{_where(event)}")
        if len(self.open) > MAX_DEPTH:
            raise YamlTrouble(f"nests more than {MAX_DEPTH} deep{_where(event)}")
        if self._waits_for_key():
            raise YamlTrouble(f"has a list or mapping for a key{_where(event)}")
        self._put(value)
        self.open.append(_Open(value, event.anchor, self.size, self.aliases))

    def _end(self) -> None:
        ended = self.open.pop()
        if ended.anchor and ended.aliases_before == self.aliases:
            self.anchors[ended.anchor] = (ended.value, self.size - ended.size_before + 1)

    def _take_alias(self, event: AliasEvent) -> None:
        if event.anchor not in self.anchors or self._waits_for_key():
            raise YamlTrouble(f"uses the alias *{event.anchor}{_where(event)}, which is not allowed there")
        value, size = self.anchors[event.anchor]
        self.aliases += 1
        self.aliased += size
        if self.aliased > MAX_ALIASED:
            raise YamlTrouble(f"says too much by aliases{_where(event)}; write the values out")
        self._put(value)

    def _waits_for_key(self) -> bool:
        return isinstance(self.open[-1].value, dict) and self.open[-1].key is None

    def _take_key(self, event: ScalarEvent) -> None:
        """Keys are text whatever they look like, as in JSON."""
        if event.value in self.open[-1].value:
            raise YamlTrouble(f"has the key “{event.value}” twice{_where(event)}")
        self.open[-1].key = event.value

    def _put(self, value: Any) -> None:
        self.size += 1
        if self.size > MAX_VALUES:
            raise YamlTrouble(f"holds more than {MAX_VALUES:,} values")
        within = self.open[-1]
        if isinstance(within.value, list):
            within.value.append(value)
        else:
            within.value[within.key] = value
            within.key = None


def _scalar(event: ScalarEvent) -> Any:
    """Return the value of a scalar: only plain ones are anything but text."""
    tag = event.tag or _RESOLVER.resolve(yaml.ScalarNode, event.value, event.implicit)
    text: str = event.value
    if tag == f"{_TAG}null":
        return None
    if tag == f"{_TAG}bool" and event.implicit[0]:
        return text.lower() in _TRUE
    if tag in (f"{_TAG}int", f"{_TAG}float") and event.implicit[0]:
        return _number(text, tag)
    if tag not in (f"{_TAG}str", f"{_TAG}timestamp", f"{_TAG}merge", f"{_TAG}value"):
        raise YamlTrouble(f"uses the tag {tag}{_where(event)}")
    return text


def _number(text: str, tag: str) -> Any:
    """Return decimal numbers; other bases and numbers that are too long stay text, which no field takes."""
    if tag == f"{_TAG}float":
        return float(text) if text.replace(".", "", 1).lstrip("+-").isdecimal() else text
    return int(text) if _DECIMAL.fullmatch(text) else text


def _where(event: yaml.Event) -> str:
    mark = event.start_mark
    return f" in line {mark.line + 1}" if mark else ""
