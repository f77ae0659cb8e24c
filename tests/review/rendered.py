"""Rendered reviews, taken apart by parsers that nobody here wrote."""

import re
from collections.abc import Callable
from enum import Enum
from html.parser import HTMLParser
from io import StringIO
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.token import Token
from pydantic import BaseModel
from rich.console import Console

from tenantry.reports import terminal
from tenantry.reports.document import Block, Document, Lines, Section, Table, Voice
from tenantry.reports.layout import layout
from tenantry.reports.review import Report


def blocks(document: Document | Section) -> list[Block]:
    """Every block of a document, those of its sections too."""
    found: list[Block] = []
    for block in document.blocks:
        found += [block, *(blocks(block) if isinstance(block, Section) else ())]
    return found


def section(document: Document, title: str) -> Section:
    (found,) = [item for item in blocks(document) if isinstance(item, Section) and item.title == title]
    return found


def table(document: Document, heading: str) -> Table:
    """The only table whose second heading is this: Gains, Loses, Keeps."""
    (found,) = [item for item in blocks(document) if isinstance(item, Table) and item.headings[1] == heading]
    return found


def alerts(document: Document) -> list[str]:
    lines = [item for item in document.blocks if isinstance(item, Lines) and item.voice is Voice.ALERT]
    return [line for item in lines for line in item.lines]


_PARSER = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
_COLOURS = re.compile(r"\x1b\[[0-9;]*m")


def tokens(markdown: str) -> list[Token]:
    """Every token of a Markdown text, those within lines too."""
    found: list[Token] = []
    for token in _PARSER.parse(markdown):
        found += [token, *(token.children or ())]
    return found


def markdown_shape(markdown: str) -> list[tuple[str, str]]:
    """What a Markdown text is made of, its words and what is shown as code aside."""
    return [
        (token.type, token.content if token.type.startswith("html") else token.tag)
        for token in tokens(markdown)
        if token.type not in {"text", "text_special", "code_inline", "inline", "softbreak"}
    ]


def markdown_words(markdown: str) -> list[str]:
    """The texts of a Markdown text that are not code: those in which a host looks for mentions and references."""
    return [token.content for token in tokens(markdown) if token.type in {"text", "text_special"}]


class _Shape(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.shape: list[tuple[str, Any]] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.shape.append((tag, attrs))

    def handle_endtag(self, tag: str) -> None:
        self.shape.append((tag, "end"))

    def handle_comment(self, data: str) -> None:
        self.shape.append(("comment", data))

    def handle_decl(self, decl: str) -> None:
        self.shape.append(("declaration", decl))

    def handle_pi(self, data: str) -> None:
        self.shape.append(("instruction", data))

    def handle_data(self, data: str) -> None:
        self.text += data


def html_shape(html: str) -> list[tuple[str, Any]]:
    """The elements of a page with their attributes, and everything else that is no text."""
    parser = _Shape()
    parser.feed(html)
    parser.close()
    return parser.shape


def html_text(html: str) -> str:
    parser = _Shape()
    parser.feed(html)
    parser.close()
    return parser.text


def on_terminal(report: Report, *, colours: bool = False) -> str:
    return printed(layout(report), colours=colours)


def printed(document: Document, *, colours: bool = False, width: int = 80) -> str:
    """What a terminal is sent, or a file where there are no colours."""
    console = Console(
        file=StringIO(), width=width, force_terminal=colours, color_system="truecolor" if colours else None, _environ={}
    )
    terminal.show(document, console)
    assert isinstance(console.file, StringIO)
    return console.file.getvalue()


def without_colours(text: str) -> str:
    return _COLOURS.sub("", text)


def retold(report: Report, retell: Callable[[str], str]) -> Report:
    """A report with every free text replaced, so that any may be hostile."""

    def walk(value: Any) -> Any:
        if isinstance(value, str) and not isinstance(value, Enum):
            return retell(value)
        if isinstance(value, BaseModel):
            fields = {key: walk(getattr(value, key)) for key in type(value).model_fields}
            return type(value).model_validate(fields)
        return [walk(item) for item in value] if isinstance(value, list | tuple) else value

    retold: Report = walk(report)
    return retold
