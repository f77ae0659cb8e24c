"""Drift for people and machines: the terminal, Markdown for an issue, JSON."""

from collections.abc import Iterator
from typing import Any, Final

from tenantry.drift.model import Change, Drift, DriftReport, Triage
from tenantry.markdown import cell, code

MARKER: Final = "<!-- tenantry drift -->"
"""The first line of the Markdown."""

JSON_KEYS: Final[dict[str, str]] = {
    "version": "1; it changes when a key goes or changes its meaning, and not when one is added",
    "stack": "the stack",
    "tenant": "the tenant, as `tenantry:tenant` names it",
    "headline": "how it is, in one line",
    "exit_code": "0 no drift; 1 a part could not be told; 7 drift",
    "found": (
        "what others changed, most dangerous first: `change` (added, removed, changed, deleted, kept), `who`, "
        "`principal`, `declared`, `what`, `how`, `seen_by`, `next_update`, `keep`, `counts`, `triage` (or null: "
        "`key`, `state`, `reason`, `owner`, `until`, `expired`)"
    ),
    "not_evaluated": "what was not looked at: `what`, `why`",
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


def lines(report: DriftReport) -> Iterator[str]:
    """For a terminal."""
    yield f"{report.name} ({report.stack}): {report.headline}"
    for part in report.not_evaluated:
        yield f"not evaluated: {part.what}: {part.why}"
    for one in report.drift:
        yield ""
        yield sentence(one)
        yield f"  seen by: {one.seen_by}"
        yield f"  the next `pulumi up` {one.next_update}"
        yield f"  to keep it: {one.keep}"
        if one.triage:
            yield f"  {_decided(one.triage)}"
    for one in report.accepted:
        yield ""
        yield f"accepted: {sentence(one)}"
        if one.triage:
            yield f"  {_decided(one.triage)}"
    for known in report.stale:
        yield f"`drift.{known.key}` in the declaration fits nothing that was found: it can go"


def as_markdown(report: DriftReport) -> str:
    """For an issue: no name can break out of its place."""
    parts = [MARKER, f"**{cell(report.name)}: {cell(report.headline)}**"]
    if report.not_evaluated:
        parts.append("\n".join(f"- ⚠️ not evaluated: {cell(p.what)}: {cell(p.why)}" for p in report.not_evaluated))
    if report.drift:
        parts.append(_table(report.drift))
    if report.accepted:
        parts.append("Accepted for a time:\n\n" + _table(report.accepted))
    if report.stale:
        parts.append(
            "\n".join(
                f"- {code(f'drift.{known.key}')} fits nothing that was found: it can go" for known in report.stale
            )
        )
    if report.drift:
        parts.append("Keep it by declaring it, or take it back: `docs/runbooks/fixed-by-hand.md` says how.")
    return "\n\n".join(parts) + "\n"


def _table(found: tuple[Drift, ...]) -> str:
    head = "| What others did | Seen by | The next update | To keep it | Decided |\n| --- | --- | --- | --- | --- |"
    rows = [
        f"| **{one.change}**: {cell(sentence(one))} | {one.seen_by} | {cell(one.next_update)} | {cell(one.keep)} "
        f"| {cell(_decided(one.triage)) if one.triage else '–'} |"
        for one in found
    ]
    return "\n".join((head, *rows))


def _decided(triage: Triage) -> str:
    expired = ", which is over" if triage.expired else ""
    return f"{triage.state} until {triage.until}{expired}: {triage.reason} ({triage.owner})"


def as_json(report: DriftReport) -> dict[str, Any]:
    """The same for machines; :data:`JSON_KEYS` says what each key is."""
    return {
        "version": 1,
        "stack": report.stack,
        "tenant": report.tenant,
        "headline": report.headline,
        "exit_code": report.exit_code,
        "found": [_json(one) for one in report.found],
        "not_evaluated": [{"what": part.what, "why": part.why} for part in report.not_evaluated],
        "stale": [known.key for known in report.stale],
    }


def _json(one: Drift) -> dict[str, Any]:
    said = {key: getattr(one, key) for key in ("who", "principal", "declared", "what", "how", "next_update", "keep")}
    triage = one.triage and {
        "key": one.triage.key,
        "state": one.triage.state.value,
        "reason": one.triage.reason,
        "owner": one.triage.owner,
        "until": one.triage.until.isoformat(),
        "expired": one.triage.expired,
    }
    seen = {"change": one.change.value, "seen_by": one.seen_by.value, "counts": one.counts, "triage": triage}
    return {**said, **seen}
