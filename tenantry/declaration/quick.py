"""Reads valid YAML fast: libyaml scans it, and what it means is what the reader of `document` says it means.

Whatever is out of the ordinary (an anchor, a tag, a directive, a key twice, an error) is left to that reader, which
names the place and the fix. So a file has one meaning, and only files without a mistake are read twice as fast or more.
"""

from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Any, Final, TypeAlias

import yaml
from ruamel.yaml import YAML
from ruamel.yaml.nodes import ScalarNode

from tenantry.findings import FieldPath

Mark: TypeAlias = tuple[int, int]
"""A line and a column, both counted from 1."""
Places: TypeAlias = dict[FieldPath, tuple[str, Mark, Mark]]
"""Of each field, in which file its key stands and where, and where its value does."""

_READ_OTHERWISE: Final = "\ufeff\t\x85\u2028\u2029"
"""Line breaks in YAML 1.1, which libyaml reads, and none in YAML 1.2; tabs and marks of byte order, which each of the
two allows elsewhere."""


class _LeftToTheOtherReaderError(Exception):
    """Something that is out of the ordinary."""


def read(
    file: str, text: str, scalar: Callable[[ScalarNode], Any], deepest: int
) -> tuple[dict[str, Any], Places] | None:
    """The content of a file whose top level is a map, and the places of its fields; None where it is unusual.

    ``scalar`` makes a value of a scalar whose tag is resolved as in YAML 1.2.
    """
    loader = getattr(yaml, "CBaseLoader", None)
    if loader is None or any(character in text for character in _READ_OTHERWISE):
        return None
    builder = _Builder(file, scalar, deepest)
    try:
        content = builder.document(yaml.parse(text, Loader=loader))
    except (yaml.YAMLError, _LeftToTheOtherReaderError, ValueError):
        return None
    return (content, builder.places) if isinstance(content, dict) else None


class _Builder:
    def __init__(self, file: str, scalar: Callable[[ScalarNode], Any], deepest: int) -> None:
        self.places: Places = {}
        self._file = file
        self._scalar = scalar
        self._deepest = deepest

    def document(self, events: Iterator[Any]) -> Any:
        """The value of the only document."""
        next(events)  # the stream's start
        start = next(events)
        if not isinstance(start, yaml.DocumentStartEvent) or start.version or start.tags:
            raise _LeftToTheOtherReaderError
        content = self._value(events, next(events), (), None)
        next(events)  # the document's end
        if not isinstance(next(events), yaml.StreamEndEvent):
            raise _LeftToTheOtherReaderError
        return content

    def _value(self, events: Iterator[Any], event: Any, path: FieldPath, key: Mark | None) -> Any:
        if isinstance(event, yaml.AliasEvent) or event.anchor is not None or event.tag is not None:
            raise _LeftToTheOtherReaderError
        at = _mark(event)
        if isinstance(event, yaml.ScalarEvent):
            left_out = event.start_mark.index == event.end_mark.index
            self.places[path] = (self._file, key or at, (key or at) if left_out else at)
            return self._plain(event)
        self.places[path] = (self._file, key or at, at)
        if len(path) >= self._deepest - 1:
            raise _LeftToTheOtherReaderError
        if isinstance(event, yaml.SequenceStartEvent):
            items: list[Any] = []
            while not isinstance(inner := next(events), yaml.SequenceEndEvent):
                items.append(self._value(events, inner, (*path, len(items)), None))
            return items
        content: dict[str, Any] = {}
        while not isinstance(inner := next(events), yaml.MappingEndEvent):
            name = self._key(inner)
            if name in content:
                raise _LeftToTheOtherReaderError
            content[name] = self._value(events, next(events), (*path, name), _mark(inner))
        return content

    def _key(self, event: Any) -> str:
        if not isinstance(event, yaml.ScalarEvent) or event.anchor is not None or event.tag is not None:
            raise _LeftToTheOtherReaderError
        name = self._plain(event)
        if not isinstance(name, str):
            raise _LeftToTheOtherReaderError
        return name

    def _plain(self, event: Any) -> Any:
        tag = _tag(event.value) if event.implicit[0] and event.value[:1] in _beginnings() else _TEXT
        return event.value if tag == _TEXT else self._scalar(ScalarNode(tag, event.value))


_TEXT: Final = "tag:yaml.org,2002:str"


def _mark(event: Any) -> Mark:
    return event.start_mark.line + 1, event.start_mark.column + 1


@lru_cache(maxsize=1 << 16)
def _tag(value: str) -> str:
    """What kind of scalar an unquoted text is, as YAML 1.2 has it."""
    return str(_resolver().resolve(ScalarNode, value, (True, False)))


@lru_cache
def _beginnings() -> frozenset[str]:
    """The characters with which an unquoted scalar begins that may be more than text, as YAML 1.2 has it."""
    return frozenset(_resolver().versioned_resolver)


@lru_cache
def _resolver() -> Any:
    return YAML(typ="safe", pure=True).resolver
