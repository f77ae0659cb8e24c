"""A review on a terminal: readable at 80 columns, coloured where there is colour, and never led by what it shows."""

from collections.abc import Iterable
from typing import Final

from rich.console import Console
from rich.text import Text

from tenantry.access.danger import Danger
from tenantry.reports.layout import Entry, Holder, Line, TenantLayout, layout, reaches
from tenantry.reports.review import Report, Verdict
from tenantry.sanitize import sanitize

_DANGERS: Final = {
    Danger.EVERYTHING: "bold red",
    Danger.PEOPLE_AND_MONEY: "yellow",
    Danger.CUSTOMERS: "cyan",
    Danger.READING: "dim",
}
_VERDICTS: Final = {
    Verdict.REFUSED: "bold red",
    Verdict.CHANGES: "bold yellow",
    Verdict.NO_CHANGES: "bold green",
    Verdict.CODE_CHANGES: "bold yellow",
    Verdict.NOT_EVALUATED: "bold red",
}


def show(report: Report, console: Console) -> None:
    """Print a review. Its texts are taken literally: no markup, and no character that a terminal would obey."""
    told = layout(report)
    _print(console, told.title, _VERDICTS[told.verdict])
    _print(console, f"{told.compared}.", "dim")
    if told.unseen:
        console.print()
        _print(
            console,
            "Not evaluated. What could not be seen may give or take any access: this is not “no change”.",
            "bold red",
        )
        _entries(console, told.unseen)
    if told.alerts:
        console.print()
    for _, text in told.alerts:
        _print(console, f"! {text}", "bold yellow")
    _entries(console, told.code)
    for tenant in told.tenants:
        _tenant(console, tenant)
    console.print()
    if told.silence:
        _print(console, told.silence, "dim")
    _print(console, told.last, "dim")


def _tenant(console: Console, tenant: TenantLayout) -> None:
    console.print()
    _print(console, tenant.title, "bold underline")
    if tenant.gains:
        _print(console, f"{tenant.gain}:", "bold green")
        _holders(console, tenant.gains, "+", "bold green")
    if tenant.losses:
        _print(console, f"{tenant.lose}:", "bold red")
        _holders(console, tenant.losses, "-", "bold red", "could")
    for section in tenant.sections:
        _print(console, f"{section.title}:", "bold yellow" if section.loud else "bold")
        _entries(console, section.entries)
    if tenant.unchanged:
        _print(console, "Same access, another account or reason:", "bold")
        _holders(console, tenant.unchanged, "=", "bold")


def _holders(console: Console, holders: Iterable[Holder], sign: str, style: str, may: str = "may") -> None:
    for holder in holders:
        _print(
            console, f"{sign} {holder.name}" + (f" <{holder.upn}>" if holder.upn is not None else ""), style, indent=2
        )
        for note in holder.notes:
            _print(console, note, "italic", indent=4)
        for line in holder.lines:
            _line(console, line, may)
        if holder.alike:
            _print(console, f"they are: {', '.join(name for name, _ in holder.alike)}", "dim", indent=4)


def _line(console: Console, line: Line, may: str) -> None:
    names = Text(sanitize(", ".join(line.names)), "bold")
    _wrapped(console, names.append(f": reaches {reaches(line.danger)}", _DANGERS[line.danger]), indent=4)
    if not line.declared:
        _print(console, "no declaration gives it", "bold red", indent=6)
    for label, told in (("because", line.reasons), (may, line.may)):
        if told:
            _print(console, f"{label}: {'; '.join(told)}", "", indent=6)


def _entries(console: Console, entries: Iterable[Entry]) -> None:
    for entry in entries:
        _print(console, f"* {entry.head}", "", indent=2)
        for label, text in entry.parts:
            _print(console, f"{label.lower()}: {text}" if label else text, "dim", indent=6)


def _print(console: Console, text: str, style: str, *, indent: int = 0) -> None:
    _wrapped(console, Text(sanitize(text), style), indent)


def _wrapped(console: Console, text: Text, indent: int) -> None:
    """Print a text below its indentation, without blanks at the ends of lines."""
    for line in text.wrap(console, max(console.width - indent, 20)):
        line.rstrip()
        console.print(Text(" " * indent).append_text(line), highlight=False, soft_wrap=True)
