"""A review as the comment of a pull request: understood in ten seconds, details folded, no longer than hosts take."""

from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Final

from tenantry.reports.escape import LIMIT, escape, fitted, in_code, table
from tenantry.reports.layout import WHOLE_REPORT, Alert, Entry, Holder, Layout, Line, TenantLayout, layout, reaches
from tenantry.reports.review import Report, Verdict
from tenantry.reports.truncate import LeftOut, keep_first, size
from tenantry.sanitize import clipped

MARKER: Final = "<!-- tenantry review -->"
"""The first line, by which the comment is found again and edited in place."""

_LONGEST: Final = 500
"""How many characters of one text are shown."""
_OPEN: Final = 15
"""How many people of a table are shown before the rest is folded."""
_NAMES: Final = 12
"""How many pieces of access of one person, by one reason, are shown."""
_FOLDED: Final = 100
"""How many people with one and the same change are named."""
_SHORT: Final = 80
"""How many characters of one of their names are shown."""

_ICONS: Final = {
    Verdict.REFUSED: "🛑",
    Verdict.CHANGES: "🔑",
    Verdict.NO_CHANGES: "✅",
    Verdict.CODE_CHANGES: "⚠️",
    Verdict.NOT_EVALUATED: "⛔",
}


def render(report: Report, *, whole: str = WHOLE_REPORT, limit: int = LIMIT) -> str:
    """A review as Markdown for a comment.

    No text of the report can break out of its place, link, mention or refer to anything. Where it would be longer than
    ``limit`` (in bytes of UTF-8), the least dangerous people and lines are left out, and it says how many, and where
    the ``whole`` report is (Markdown of the caller's own, such as a link to an artifact).
    """
    told = layout(report)

    def shortened(most: int) -> str:
        shown, left = keep_first(told, most)
        return _document(shown, _shortened(left, whole))

    return fitted(_document(told), shortened, size(told), limit)


def _document(told: Layout, shortened: str = "") -> str:
    blocks = [
        f"{MARKER}\n## {_icon(told)} {_text(told.title)}",
        *([shortened] if shortened else []),
        *_unseen(told),
        *(f"⚠️ **{_text(text)}**" for _, text in told.alerts),
        *_folded("Files of the code that changed", _entries(told.code), len(told.code)),
        *(block for tenant in told.tenants for block in _tenant(tenant)),
        *([_text(told.silence)] if told.silence else []),
        f"<sub>{_text(told.compared)}. {_text(told.last)}</sub>",
    ]
    return "\n\n".join(blocks) + "\n"


def _icon(told: Layout) -> str:
    if told.verdict is Verdict.NO_CHANGES and any(alert is not Alert.CAUTION for alert, _ in told.alerts):
        return "⚠️"
    return _ICONS[told.verdict]


def _shortened(left: LeftOut, whole: str) -> str:
    return (
        f"⚠️ **Shortened to fit into a comment**, from the least dangerous end. "
        f"Left out here are {left}. The whole report: {whole}."
    )


def _unseen(told: Layout) -> Iterator[str]:
    if told.unseen:
        yield "⛔ **Not evaluated.** What could not be seen may give or take any access: this is not “no change”."
        yield _entries(told.unseen)


def _tenant(tenant: TenantLayout) -> Iterator[str]:
    yield f"### {_text(tenant.title)}"
    if tenant.gaining:
        yield f"#### 🔼 {tenant.gain}"
    if tenant.gains:
        yield from _tables(tenant.gains, ("Person", "Gains", "Reaches", "Because", "May"))
    if tenant.losing:
        yield f"#### 🔻 {tenant.lose}"
    if tenant.losses:
        yield from _tables(tenant.losses, ("Person", "Loses", "Reached", "Had it because", "Could"))
    for section in tenant.sections:
        if section.loud:
            yield f"**{section.title}**"
            yield _entries(section.entries)
    yield from _unchanged(tenant.unchanged)
    for section in tenant.sections:
        if not section.loud:
            yield from _folded(section.title, _entries(section.entries), len(section.entries))


def _tables(holders: tuple[Holder, ...], heads: tuple[str, ...]) -> Iterator[str]:
    yield _table(holders[:_OPEN], heads)
    rest = holders[_OPEN:]
    yield from _folded(f"And, less dangerous, {heads[1].lower()}", _table(rest, heads), len(rest))


def _table(holders: Iterable[Holder], heads: tuple[str, ...]) -> str:
    rows = (
        (_person(holder) if number == 0 else "", _access(line))
        for holder in holders
        for number, line in enumerate(holder.lines)
    )
    return table(heads, rows)


def _person(holder: Holder) -> str:
    upn = [] if holder.upn is None else [in_code(clipped(holder.upn, _LONGEST))]
    return "<br>".join((f"**{_text(holder.name)}**", *upn, *map(_text, holder.notes), *_alike(holder)))


def _alike(holder: Holder) -> Iterator[str]:
    """Everybody with whom the same happens, folded."""
    if holder.alike:
        names = [
            _text(clipped(name, _SHORT)) + ("" if upn is None else f" {in_code(clipped(upn, _SHORT))}")
            for name, upn in holder.alike[:_FOLDED]
        ]
        more = [f"and {holder.people - _FOLDED:,} more"] if holder.people > _FOLDED else []
        yield f"<details><summary>who</summary>{', '.join([*names, *more])}</details>"


def _access(line: Line) -> str:
    what = "<br>".join(f"**{_text(name)}**" for name in line.names[:_NAMES])
    if len(line.names) > _NAMES:
        what += f"<br>and {len(line.names) - _NAMES} more"
    because = "<br>".join(map(_text, line.reasons)) or "–"
    if not line.declared:
        because = f"⚠️ **no declaration gives it**<br>{because}"
    return " | ".join((what, _text(reaches(line.danger)), because, _text("; ".join(line.may)) if line.may else "–"))


def _unchanged(holders: tuple[Holder, ...]) -> Iterator[str]:
    items = [
        f"- {_person(holder).replace('<br>', ', ')}"
        + "".join(
            f"\n  - **{_text(name)}** because of {', '.join(map(_text, line.reasons))}"
            for line in holder.lines
            for name in line.names[:_NAMES]
        )
        for holder in holders
    ]
    yield from _folded("Same access, another account or reason", "\n".join(items), len(holders))


def _entries(entries: Iterable[Entry]) -> str:
    return "\n".join(map(_entry, entries))


def _entry(entry: Entry) -> str:
    parts = ((f"{label}: " if label else "") + _text(text) for label, text in entry.parts)
    return "<br>".join((f"- **{_text(entry.head)}**", *parts))


def _folded(title: str, content: str, number: int) -> Iterator[str]:
    if number:
        yield f"<details><summary>{title} ({number:,})</summary>\n\n{content}\n\n</details>"


@lru_cache(4096)
def _text(text: str) -> str:
    """Text of the report, whoever wrote it."""
    return escape(clipped(text, _LONGEST))
