"""Drift as a document. For machines the report is its own JSON."""

from collections.abc import Iterable
from typing import Final

from tenantry.access.danger import Danger
from tenantry.declaration.insert import flow
from tenantry.drift.model import Drift, DriftReport, Triage
from tenantry.reports.document import (
    Block,
    Cell,
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


def decision(item: Drift) -> str:
    """What a decision says that names exactly this, to be copied under `drift:`."""
    fields = ", ".join(f"{flow(key)}: {flow(value)}" for key, value in item.decision.items())
    return f"KEY: {{{fields}, {_LEFT_TO_SAY}}}"


def layout(report: DriftReport) -> Document:
    """What others changed, most dangerous first; what was not evaluated or would be refused stands before it."""
    alerts = (
        *(f"not evaluated: {part.what}: {part.why}" for part in report.not_evaluated),
        *(f"the next update would be refused: {refusal}" for refusal in report.refusals),
    )
    blocks: list[Block] = [Lines(alerts, Voice.ALERT)] * bool(alerts)
    by_others = [item for item in report.drift if item not in report.due]
    if by_others:
        blocks.append(_table(by_others, "changes outside this stack", first_rank=0))
    if report.due:
        due = _table(report.due, "due entries", first_rank=0, heading="Still held")
        blocks.append(Section("Ended by the declaration, due to be removed", (due,)))
    if report.accepted:
        accepted = _table(report.accepted, "accepted changes", first_rank=len(Danger))
        blocks.append(Section("Accepted until a date", (accepted,)))
    if report.stale:
        entries = tuple(
            Entry(f"`drift.{key}` in the declaration matches no drift: remove it", rank=2 * len(Danger))
            for key in report.stale
        )
        blocks.append(Entries(entries, what="decisions that match no drift"))
    if report.drift:
        blocks.append(
            Lines(
                ("Keep a change by declaring it, or undo it: `tenantry docs runbooks/fixed-by-hand` describes both.",),
                Voice.OURS,
            )
        )
    return Document(
        f"{report.name} ({report.stack}): {report.headline}",
        tuple(blocks),
        tone=Tone.WARNING if report.exit_code else Tone.GOOD,
        marker=MARKER,
        whole="`tenantry drift` on the same stack",
        closing="" if report.at_customers else "Not evaluated: relationships with customers (GDAP).",
    )


def _table(found: Iterable[Drift], what: str, *, first_rank: int, heading: str = "Changes outside this stack") -> Table:
    headings = (heading, "Seen by", "The next update", *_WHAT_TO_DO)
    groups = (_group(item, first_rank, decided(item), cell(item.seen_by), cell(item.next_update)) for item in found)
    return Table(headings, tuple(groups), what=what, sign="*")


def audited(found: Iterable[Drift], what: str, *, first_rank: int) -> Table:
    """The same differences where no engine was asked: with the rule, and who did it and when."""
    headings = ("What differs", "Rule", "Done", "The next update", *_WHAT_TO_DO)
    groups = (
        _group(item, first_rank, _decision_or_none(item), cell(f"{item.rule}, {item.severity}"), *_done_and_next(item))
        for item in found
    )
    return Table(headings, tuple(groups), what=what, sign="*")


def _done_and_next(item: Drift) -> tuple[Cell, Cell]:
    """Who did it and when, where that is known, and what becomes of it."""
    when = f"by {item.done.by} on {item.done.at:%Y-%m-%d %H:%M} UTC ({item.done.activity})" if item.done else ""
    return cell(when), cell(item.next_update)


_WHAT_TO_DO: Final = ("To keep it", "To undo it", "Decided")


def _group(item: Drift, first_rank: int, decision: str, *first: Cell) -> Group:
    row = (
        *first,
        (Piece(item.to_keep, whole=True),),
        (Piece(item.to_take_back, whole=True),),
        (Piece(decision, whole=True),),
    )
    return Group(item.sentence, (row,), rank=first_rank + item.danger.rank, danger=item.danger)


def decided(item: Drift) -> str:
    """What the declaration says of it, or what would."""
    return _decided(item, item.triage) if item.triage else f"not yet; `{decision(item)}`"


def _decision_or_none(item: Drift) -> str:
    """The same, where a decision would keep it."""
    if item.cannot_be_accepted and not item.triage:
        return f"it cannot be accepted: {item.cannot_be_accepted}"
    return decided(item)


def _decided(item: Drift, triage: Triage) -> str:
    expired = ", which has ended" if triage.expired else ""
    if triage.early:
        expired = f", but decided on {triage.decided_on}, which is in the future: write the date of the decision"
    void = f"; but {item.cannot_be_accepted}" if item.counts and triage.holds and item.cannot_be_accepted else ""
    return f"{triage.state} until {triage.until}{expired}: {triage.reason} ({triage.owner}){void}"
