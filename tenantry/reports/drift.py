"""Drift for people: the terminal, Markdown for an issue. For machines the report is its own JSON."""

from collections.abc import Iterable, Iterator
from typing import Final

from tenantry.drift.edits import flow
from tenantry.drift.model import Change, Drift, DriftReport, Triage
from tenantry.reports.escape import LIMIT, cell, code, fitted, table

MARKER: Final = "<!-- tenantry drift -->"
"""The first line of the Markdown."""

WHOLE_REPORT: Final = "`tenantry drift` on the same stack"
"""Where the whole report is, when one is shortened."""

_LEFT_TO_SAY: Final = "state: STATE, reason: WHY, owner: WHO, decided_on: DAY, until: DAY"
"""What whoever decides adds to a decision that is copied from a report."""


def sentence(one: Drift) -> str:
    """What happened, in one line."""
    how = f" ({one.how})" if one.how else ""
    match one.change:
        case Change.ADDED:
            return f"{one.subject} has {one.what}{how}, which nobody declared"
        case Change.REMOVED:
            return f"{one.subject} no longer has {one.what}{how}"
        case Change.CHANGED:
            return f"{one.subject}: {one.what} was changed {one.how}"
        case Change.DELETED:
            return f"{one.subject}: {one.what} was deleted"
        case Change.KEPT:
            return f"{one.subject}: {one.what} can still sign in{how}"


def decision(one: Drift) -> str:
    """What a decision says that names exactly this, to be copied under `drift:`."""
    return f"KEY: {{{', '.join(f'{flow(key)}: {flow(value)}' for key, value in one.decision.items())}, {_LEFT_TO_SAY}}}"


def lines(report: DriftReport) -> Iterator[str]:
    """For a terminal."""
    yield f"{report.name} ({report.stack}): {report.headline}"
    for part in report.not_evaluated:
        yield f"not evaluated: {part.what}: {part.why}"
    for refusal in report.refusals:
        yield f"the next update would be refused: {refusal}"
    for one in report.drift:
        yield ""
        yield sentence(one)
        yield f"  seen by: {one.seen_by}"
        yield f"  the next `pulumi up` {one.next_update}"
        yield f"  to keep it: {one.to_keep}"
        yield f"  to take it back: {one.to_take_back}"
        yield f"  to decide on it: `{decision(one)}`"
        if one.triage:
            yield f"  {_decided(one, one.triage)}"
    for one in report.accepted:
        yield ""
        yield f"accepted: {sentence(one)}"
        if one.triage:
            yield f"  {_decided(one, one.triage)}"
    for key in report.stale:
        yield f"`drift.{key}` in the declaration fits nothing that was found: it can go"


def as_markdown(report: DriftReport, *, limit: int = LIMIT) -> str:
    """For an issue: no name can break out of its place.

    Where it would be longer than ``limit`` (in bytes of UTF-8), the least dangerous things are left out, and it says
    how many.
    """
    items = len(report.changes) + len(report.stale)
    return fitted(_markdown(report, items), lambda most: _markdown(report, most), items, limit)


def _markdown(report: DriftReport, most: int) -> str:
    """The report with its ``most`` first items; what was not evaluated or would be refused is never left out."""
    found = report.drift[:most]
    accepted = report.accepted[: most - len(found)]
    stale = report.stale[: most - len(found) - len(accepted)]
    parts = [MARKER, f"**{cell(report.name)}: {cell(report.headline)}**"]
    left = [
        f"{number:,} {what}"
        for number, what in (
            (len(report.drift) - len(found), f"of the {len(report.drift):,} things changed by others"),
            (len(report.accepted) - len(accepted), "accepted ones"),
            (len(report.stale) - len(stale), "decisions that fit nothing"),
        )
        if number
    ]
    if left:
        parts.append(
            f"⚠️ **Shortened to fit into an issue**, from the least dangerous end. Left out here are {', '.join(left)}. "
            f"The whole report: {WHOLE_REPORT}."
        )
    if report.not_evaluated:
        parts.append("\n".join(f"- ⚠️ not evaluated: {cell(p.what)}: {cell(p.why)}" for p in report.not_evaluated))
    if report.refusals:
        parts.append("\n".join(f"- ⛔ the next update would be refused: {cell(one)}" for one in report.refusals))
    if found:
        parts.append(_table(found))
    if accepted:
        parts.append("Accepted for a time:\n\n" + _table(accepted))
    if stale:
        parts.append("\n".join(f"- {code(f'drift.{key}')} fits nothing that was found: it can go" for key in stale))
    if report.drift:
        parts.append("Keep it by declaring it, or take it back: `docs/runbooks/fixed-by-hand.md` says how.")
    return "\n\n".join(parts) + "\n"


_HEADS: Final = ("What others did", "Seen by", "The next update", "To keep it", "To take it back", "Decided")


def _table(found: Iterable[Drift]) -> str:
    rows = (
        (
            f"**{one.change}**: {cell(sentence(one))}",
            one.seen_by,
            cell(one.next_update),
            cell(one.to_keep),
            cell(one.to_take_back),
            cell(_decided(one, one.triage) if one.triage else decision(one)),
        )
        for one in found
    )
    return table(_HEADS, rows)


def _decided(one: Drift, triage: Triage) -> str:
    expired = ", which is over" if triage.expired else ""
    void = f"; but {one.cannot_be_accepted}" if one.counts and not triage.expired and one.cannot_be_accepted else ""
    return f"{triage.state} until {triage.until}{expired}: {triage.reason} ({triage.owner}){void}"
