"""Drift for people and machines: the terminal, Markdown for an issue, JSON."""

from collections.abc import Iterable, Iterator
from typing import Any, Final

from tenantry.drift.edits import flow
from tenantry.drift.model import Change, Drift, DriftReport, Triage
from tenantry.reports.escape import LIMIT, cell, code, fitted

MARKER: Final = "<!-- tenantry drift -->"
"""The first line of the Markdown."""

WHOLE_REPORT: Final = "`tenantry drift` on the same stack"
"""Where the whole report is, when one is shortened."""

_LEFT_TO_SAY: Final = "state: STATE, reason: WHY, owner: WHO, decided_on: DAY, until: DAY"
"""What whoever decides adds to a decision that is copied from a report."""

JSON_KEYS: Final[dict[str, str]] = {
    "version": "1; it changes when a key goes or changes its meaning, and not when one is added",
    "stack": "the stack",
    "tenant": "the tenant, as `tenantry:tenant` names it",
    "headline": "how it is, in one line",
    "exit_code": "0 no drift; 1 a part was not read; 7 drift, or the next update would be refused",
    "refusals": "why the next update would be refused, as its program says",
    "found": (
        "what others changed, most dangerous first: `change` (added, removed, changed, deleted, kept), `who`, "
        "`principal`, `declared`, `what`, `how`, `danger`, `seen_by`, `next_update`, `keep`, `take_away`, "
        "`decision` (the fields by which an entry of `drift` in the declaration names exactly this), "
        "`cannot_be_accepted` (why such an entry does not keep it, or empty), `counts`, `triage` (or null: `key`, "
        "`state`, `reason`, `owner`, `until`, `expired`)"
    ),
    "not_evaluated": "what was not looked at: `side` (stack or tenant), `what`, `why`, `remediation`",
    "stale": "keys under `drift` in the declaration that fit nothing which was found",
}
"""The keys of ``tenantry drift --format json``."""


def sentence(one: Drift) -> str:
    """What happened, in one line."""
    how = f" ({one.how})" if one.how else ""
    match one.change:
        case Change.ADDED:
            return f"{one.who} has {one.what}{how}, which nobody declared"
        case Change.REMOVED:
            return f"{one.who} no longer has {one.what}{how}"
        case Change.CHANGED:
            return f"{one.who}: {one.what} was changed {one.how}"
        case Change.DELETED:
            return f"{one.who}: {one.what} was deleted"
        case Change.KEPT:
            return f"{one.who}: {one.what} can still sign in{how}"


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
        yield f"  to keep it: {one.keep}"
        yield f"  to take it back: {one.take_away}"
        yield f"  to decide on it: `{decision(one)}`"
        if one.triage:
            yield f"  {_decided(one, one.triage)}"
    for one in report.accepted:
        yield ""
        yield f"accepted: {sentence(one)}"
        if one.triage:
            yield f"  {_decided(one, one.triage)}"
    for known in report.stale:
        yield f"`drift.{known.key}` in the declaration fits nothing that was found: it can go"


def as_markdown(report: DriftReport, *, limit: int = LIMIT) -> str:
    """For an issue: no name can break out of its place.

    Where it would be longer than ``limit`` (in bytes of UTF-8), the least dangerous things are left out, and it says
    how many.
    """
    items = len(report.found) + len(report.stale)
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
        parts.append(
            "\n".join(f"- {code(f'drift.{known.key}')} fits nothing that was found: it can go" for known in stale)
        )
    if report.drift:
        parts.append("Keep it by declaring it, or take it back: `docs/runbooks/fixed-by-hand.md` says how.")
    return "\n\n".join(parts) + "\n"


_HEADS: Final = ("What others did", "Seen by", "The next update", "To keep it", "To take it back", "Decided")


def _table(found: Iterable[Drift]) -> str:
    rows = [
        f"| **{one.change}**: {cell(sentence(one))} | {one.seen_by} | {cell(one.next_update)} | {cell(one.keep)} "
        f"| {cell(one.take_away)} | {cell(_decided(one, one.triage) if one.triage else decision(one))} |"
        for one in found
    ]
    return "\n".join((f"| {' | '.join(_HEADS)} |", f"|{' --- |' * len(_HEADS)}", *rows))


def _decided(one: Drift, triage: Triage) -> str:
    expired = ", which is over" if triage.expired else ""
    void = f"; but {one.cannot_be_accepted}" if one.counts and not triage.expired and one.cannot_be_accepted else ""
    return f"{triage.state} until {triage.until}{expired}: {triage.reason} ({triage.owner}){void}"


def as_json(report: DriftReport) -> dict[str, Any]:
    """The same for machines; :data:`JSON_KEYS` says what each key is."""
    return {
        "version": 1,
        "stack": report.stack,
        "tenant": report.tenant,
        "headline": report.headline,
        "exit_code": report.exit_code,
        "refusals": list(report.refusals),
        "found": [_json(one) for one in report.found],
        "not_evaluated": [part.model_dump() for part in report.not_evaluated],
        "stale": [known.key for known in report.stale],
    }


def _json(one: Drift) -> dict[str, Any]:
    keys = ("who", "principal", "declared", "what", "how", "next_update", "keep", "take_away", "cannot_be_accepted")
    said = {key: getattr(one, key) for key in keys}
    triage = one.triage and {
        "key": one.triage.key,
        "state": one.triage.state.value,
        "reason": one.triage.reason,
        "owner": one.triage.owner,
        "until": one.triage.until.isoformat(),
        "expired": one.triage.expired,
    }
    seen = {
        "change": one.change.value,
        "seen_by": one.seen_by.value,
        "danger": one.danger.value,
        "decision": dict(one.decision),
        "counts": one.counts,
        "triage": triage,
    }
    return {**said, **seen}
