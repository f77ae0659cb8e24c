"""What taking a tenant over came to, for people and machines."""

from collections.abc import Iterator
from typing import Literal

from pydantic import Field

from tenantry.adopt.model import Adopted, Change
from tenantry.adopt.questions import LEGEND, Question
from tenantry.adopt.verify import Verified
from tenantry.declaration.document import shown
from tenantry.declaration.tenant import Mode
from tenantry.findings import Record
from tenantry.reports.document import Block, Document, Entries, Entry, Lines, Section, Tone, Voice

Written = Literal["written", "proposed", "unchanged"]


class AdoptedFile(Record):
    """A file of the declaration."""

    file: str
    """Its path."""
    state: Written
    """Whether it was written, is only proposed, or stays as it is."""
    diff: str
    """What was written or is proposed, as a unified diff."""


class OpenChoice(Record):
    """One answer to a question."""

    name: str
    """What `--answer KEY=NAME` takes."""
    does: str
    """What it does."""
    by_hand: str
    """What somebody must then do in the tenant; empty if nothing."""


class OpenQuestion(Record):
    """Access that a declaration cannot, or must not, give without a decision."""

    key: str
    """What `--answer` names it by."""
    subject: str
    """Whom or what it is about."""
    holds: tuple[str, ...]
    """What they hold."""
    asks: str
    """The question."""
    choices: tuple[OpenChoice, ...]
    """The answers to choose from."""
    free: str
    """What else an answer may be; empty where it is one of the choices."""


class AdoptReport(Record):
    """What ``tenantry adopt --format json`` writes."""

    version: int = 1
    """Changes when a key is removed or changes its meaning, not when one is added."""
    tenant: str
    """The tenant with its partner: northwind/main."""
    tenant_id: str
    """The tenant's id."""
    name: str
    """The tenant's name."""
    stack: str
    """The Pulumi stack that manages it."""
    mode: Mode | None
    """The mode that the file has or gets."""
    accounts: int
    """How many accounts the tenant has."""
    holders: int
    """How many people, guests among them, hold partner access."""
    declared: int
    """How many people the file declares, those whom this run adds among them."""
    adopted: tuple[str, ...]
    """The keys of the people whom this run adds."""
    imports: int
    """How many groups, memberships, roles and relationships the first update takes over."""
    questions: tuple[OpenQuestion, ...]
    """What is open."""
    covered: tuple[str, ...]
    """Access that is not declared because other declared access of the person includes it."""
    customers: int
    """How many customers the file declares."""
    relationships: int
    """How many relationships (GDAP) with them."""
    left_out: tuple[str, ...]
    """The relationships that have ended or were never sent, and are left out."""
    held_by_nobody: tuple[str, ...]
    """The roles that a customer approved and no group holds, by relationship that this run adds (PT-612)."""
    not_read: tuple[str, ...]
    """What was not read. It may exist."""
    unseen: tuple[str, ...]
    """The fields that Entra does not show. They may be missing while the file has `paperwork: open`."""
    files: tuple[AdoptedFile, ...]
    """The files."""
    unknown_answers: tuple[str, ...] = Field(())
    """Answers that match no open question, or none of its choices."""


def report_of(adopted: Adopted, written: tuple[Change, ...]) -> AdoptReport:
    """The report of a run; ``written`` are the files that were written."""
    proposal = adopted.proposal
    return AdoptReport(
        tenant=adopted.name,
        tenant_id=adopted.tenant_id,
        name=proposal.tenant.name,
        stack=adopted.stack,
        mode=proposal.tenant.mode,
        accounts=proposal.accounts,
        holders=proposal.holders,
        declared=len(proposal.tenant.members),
        adopted=proposal.adopted,
        imports=proposal.imports,
        questions=tuple(map(_open, proposal.questions)),
        covered=proposal.covered,
        customers=len(proposal.tenant.customers),
        relationships=len(proposal.tenant.relationships),
        left_out=proposal.left_out,
        held_by_nobody=proposal.held_by_nobody,
        not_read=proposal.not_read,
        unseen=proposal.unseen,
        files=tuple(
            AdoptedFile(
                file=shown(item.file),
                state="written" if item in written else "proposed" if item.changes else "unchanged",
                diff=item.diff if item.changes else "",
            )
            for item in adopted.files
        ),
        unknown_answers=proposal.unknown_answers,
    )


def _open(question: Question) -> OpenQuestion:
    return OpenQuestion(
        key=question.key,
        subject=question.subject,
        holds=question.holds,
        asks=question.asks,
        choices=tuple(OpenChoice(name=item.name, does=item.does, by_hand=item.by_hand) for item in question.choices),
        free=question.free,
    )


def layout(report: AdoptReport) -> Document:
    """What was read, what is declared, what is left, and what comes next."""
    blocks: list[Block] = []
    if report.unknown_answers:
        blocks.append(Lines(tuple(_unfit(key, report.questions) for key in report.unknown_answers), Voice.ALERT))
    blocks.append(Lines(tuple(_of_files(report))))
    proposed = [item for item in report.files if item.state == "proposed"]
    if report.covered:
        beside = tuple(Entry(item) for item in report.covered)
        blocks.append(Section("Also held, but covered by larger declared access", (Entries(beside),)))
    if report.questions:
        blocks += _undecided(report.questions)
    blocks.append(Lines(tuple(_next(report, bool(proposed))), Voice.OURS))
    return Document(
        f"{report.name} ({report.tenant_id}): {_people(report)}",
        tuple(blocks),
        tone=Tone.WARNING if report.questions else Tone.GOOD,
        compared="Read-only: nothing is written to the tenant",
    )


def _unfit(key: str, questions: tuple[OpenQuestion, ...]) -> str:
    for item in questions:
        if item.key == key:
            return f"not taken: the answer to `{key}`; expected: {item.free or _ways(item)}"
    return f"not taken: the answer to `{key}`, which is not an open question; expected: a key of the questions below"


def _people(report: AdoptReport) -> str:
    count, new = len(report.questions), len(report.adopted)
    now = f", {new:,} of them now" if 0 < new < report.declared else ""
    left = f"; {count} question{'' if count == 1 else 's'} open" if count else ""
    return (
        f"{report.accounts:,} accounts; {report.holders:,} people have partner access; {report.declared:,} "
        f"declared{now}{left}."
    )


def _of_files(report: AdoptReport) -> list[str]:
    found = []
    for state, head in (("written", "Written"), ("unchanged", "Unchanged")):
        names = [item.file for item in report.files if item.state == state]
        if names:
            found.append(f"{head}: {', '.join(names)}")
    more = ", and their access at customers" if report.relationships else ""
    found.append(f"mode: {report.mode}; the first update takes over {report.imports:,} memberships and roles{more}")
    if report.customers or report.left_out:
        ended = f"; not declared, since they give no access: {', '.join(report.left_out)}" if report.left_out else ""
        found.append(f"customers: {report.customers:,}, with {report.relationships:,} relationships{ended}")
    if report.held_by_nobody:
        found.append(f"approved, and held by no group (PT-612): {'; '.join(report.held_by_nobody)}")
    found += report.not_read
    return found


def _next(report: AdoptReport, proposed: bool) -> Iterator[str]:
    if report.unseen:
        fields = ", ".join(f"`{one}`" for one in report.unseen)
        yield f"Open, since Entra does not show it: {fields}. Complete what applies, then remove `paperwork: open`."
    if proposed:
        yield f"To write it: `tenantry adopt {report.tenant} --write`"
        return
    yield (
        f"Next: `tenantry check`, then `tenantry adopt {report.tenant} --verify`, which shows that the first update "
        "changes nobody's access; then commit."
    )


def _undecided(questions: tuple[OpenQuestion, ...]) -> Iterator[Block]:
    """The questions, those together that ask the same."""
    alike: dict[str, list[OpenQuestion]] = {}
    for item in questions:
        alike.setdefault(item.asks, []).append(item)
    yield Lines((f"Left unchanged, undecided: {len(questions)}",))
    for asks, some in alike.items():
        choices = {choice.name: choice.does for item in some for choice in item.choices}
        ways = [f"`{name}`: {does}" for name, does in choices.items() if name not in LEGEND]
        ways += [some[0].free] * bool(some[0].free)
        entries = Entries(tuple(Entry(_asked(item)) for item in some), what="questions")
        yield Section(asks.rstrip("."), (entries, *([Lines(("; ".join(ways),), Voice.QUIET)] * bool(ways))))
    legend = "; ".join(f"`{name}`: {does}" for name, does in LEGEND.items())
    yield Lines((f"To answer: `--answer KEY=ANSWER`, or on a terminal. {legend}.",))


def _asked(item: OpenQuestion) -> str:
    return (
        f"`{item.key}` {item.subject}" + (f" holds {', '.join(item.holds)}" if item.holds else "") + f": {_ways(item)}"
    )


def _ways(item: OpenQuestion) -> str:
    *others, last = (choice.name for choice in item.choices)
    return f"{', '.join(others)} or {last}" if others else last


def layout_of_verified(report: Verified) -> Document:
    """Whether the first update changes anything, and what."""
    blocks: list[Block] = [Lines((f"The stack {report.stack} was created.",))] * report.made
    if report.refusals:
        blocks.append(Lines(tuple(f"the preview was refused: {item}" for item in report.refusals), Voice.ALERT))
    if report.changes:
        blocks.append(Section("It would change", (Lines(report.changes),), Tone.LOSS))
    if report.exit_code == 0:
        blocks.append(
            Lines(
                (
                    f"Next: commit, then `pulumi up --stack {report.stack} --policy-pack policies`, which takes over "
                    "what is there.",
                ),
                Voice.OURS,
            )
        )
        title = f"The preview changes nothing in the tenant: {report.imports:,} imports"
    else:
        title = "Not verified: the preview changes the tenant, or was refused"
    return Document(
        f"{report.name} ({report.stack}): {title}.", tuple(blocks), tone=Tone.STOP if report.exit_code else Tone.GOOD
    )
