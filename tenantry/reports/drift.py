"""Drift as a document. For machines the report is its own JSON."""

from collections.abc import Iterable
from typing import Final

from tenantry.access.danger import Danger
from tenantry.declaration.insert import flow
from tenantry.drift.model import Change, Drift, DriftReport, Triage
from tenantry.reports.document import (
    Block,
    Document,
    Entries,
    Entry,
    Group,
    Lines,
    Piece,
    Section,
    Table,
    Tone,
    Voice,
    cell,
)

MARKER: Final = "<!-- tenantry drift -->"
"""The first line of the Markdown."""

_LEFT_TO_SAY: Final = "state: STATE, reason: WHY, owner: WHO, decided_on: DAY, until: DAY"
"""What people add to a decision that is copied from a report."""


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
        case Change.DUE:
            return f"{one.subject} still has {one.what}{how}"
        case Change.KEPT:
            return f"{one.subject}: {one.what} can still sign in{how}"


def decision(one: Drift) -> str:
    """What a decision says that names exactly this, to be copied under `drift:`."""
    return f"KEY: {{{', '.join(f'{flow(key)}: {flow(value)}' for key, value in one.decision.items())}, {_LEFT_TO_SAY}}}"


def layout(report: DriftReport) -> Document:
    """What others changed, most dangerous first; what was not evaluated or would be refused stands before it."""
    alerts = (
        *(f"not evaluated: {part.what}: {part.why}" for part in report.not_evaluated),
        *(f"the next update would be refused: {refusal}" for refusal in report.refusals),
    )
    blocks: list[Block] = [Lines(alerts, Voice.ALERT)] * bool(alerts)
    by_others = [one for one in report.drift if one not in report.due]
    if by_others:
        blocks.append(_table(by_others, "things changed by others", first_rank=0))
    if report.due:
        due = _table(report.due, "due ones", first_rank=0, heading="What is still held")
        blocks.append(Section("Ended by the declaration, and due to be taken away", (due,)))
    if report.accepted:
        accepted = _table(report.accepted, "accepted ones", first_rank=len(Danger))
        blocks.append(Section("Accepted for a time", (accepted,)))
    if report.stale:
        entries = tuple(
            Entry(f"`drift.{key}` in the declaration fits nothing that was found: remove it", rank=2 * len(Danger))
            for key in report.stale
        )
        blocks.append(Entries(entries, what="decisions that fit nothing"))
    if report.drift:
        blocks.append(
            Lines(("Keep it by declaring it, or take it back: `docs/runbooks/fixed-by-hand.md` says how.",), Voice.OURS)
        )
    return Document(
        f"{report.name} ({report.stack}): {report.headline}",
        tuple(blocks),
        tone=Tone.WARNING if report.exit_code else Tone.GOOD,
        marker=MARKER,
        whole="`tenantry drift` on the same stack",
    )


def _table(found: Iterable[Drift], what: str, *, first_rank: int, heading: str = "What others did") -> Table:
    headings = (heading, "Seen by", "The next update", "To keep it", "To take it back", "Decided")
    groups = tuple(
        Group(
            sentence(one),
            (
                (
                    cell(one.seen_by),
                    cell(one.next_update),
                    (Piece(one.to_keep, whole=True),),
                    (Piece(one.to_take_back, whole=True),),
                    (Piece(_decided(one, one.triage) if one.triage else f"not yet; `{decision(one)}`", whole=True),),
                ),
            ),
            rank=first_rank + one.danger.rank,
            danger=one.danger,
        )
        for one in found
    )
    return Table(headings, groups, what=what, sign="*")


def _decided(one: Drift, triage: Triage) -> str:
    expired = ", which is over" if triage.expired else ""
    void = f"; but {one.cannot_be_accepted}" if one.counts and not triage.expired and one.cannot_be_accepted else ""
    return f"{triage.state} until {triage.until}{expired}: {triage.reason} ({triage.owner}){void}"
