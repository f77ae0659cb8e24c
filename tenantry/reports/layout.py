"""A review as a document.

Most dangerous first, what is taken away last, what does not change anybody's access behind it.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Final

from tenantry.access.danger import Danger
from tenantry.access.grants import Kind
from tenantry.findings import Finding
from tenantry.reports.document import (
    Block,
    Cell,
    Document,
    Entries,
    Entry,
    Group,
    Lines,
    Look,
    Piece,
    Section,
    Table,
    Tone,
    Voice,
    counted,
)
from tenantry.reports.review import (
    NOT_IN_GIT,
    Access,
    Ceiling,
    DeclaredException,
    ExceptionState,
    Person,
    Report,
    Setting,
    Subject,
    Tenant,
    Todo,
    TodoState,
    Verdict,
)
from tenantry.role_templates import at_customers, role_name
from tenantry.roles import AssignmentType

CODE_CHANGED: Final = "The program's code changed: this report shows only what it registered in this run"
MARKER: Final = "<!-- tenantry review -->"

_REACHES: Final = {
    Danger.EVERYTHING: "everything",
    Danger.PEOPLE_AND_MONEY: "people, money",
    Danger.CUSTOMERS: "customers",
    Danger.READING: "reading",
}
_ICONS: Final = {
    Verdict.REFUSED: "🛑",
    Verdict.CHANGES: "🔑",
    Verdict.NO_CHANGES: "✅",
    Verdict.CODE_CHANGES: "⚠️",
    Verdict.NOT_EVALUATED: "⛔",
}
_TONES: Final = {
    Verdict.REFUSED: Tone.STOP,
    Verdict.CHANGES: Tone.WARNING,
    Verdict.NO_CHANGES: Tone.GOOD,
    Verdict.CODE_CHANGES: Tone.WARNING,
    Verdict.NOT_EVALUATED: Tone.STOP,
}
_FINDINGS_RANK: Final = {True: 0, False: Danger.PEOPLE_AND_MONEY.rank}
_ALIKE: Final = 3
"""From how many people on the same change is shown once."""
_FEW_PEOPLE: Final = 2
"""How many people a title names."""
_OPEN: Final = 15
"""How many people of a table a comment shows before it folds the rest."""


def layout(report: Report) -> Document:
    """Everything that a report says, in the order in which it is read."""
    tenants = [(tenant, _tenant(tenant)) for tenant in report.tenants]
    alarms = tuple(_alarms(report))
    silent = [_tenant_title(item) for item, blocks in tenants if not blocks and not item.not_evaluated]
    icon = "⚠️" if report.verdict is Verdict.NO_CHANGES and alarms else _ICONS[report.verdict]
    blocks: tuple[Block, ...] = (
        *_unseen(report),
        *_lines((*alarms, *report.warnings), Voice.ALERT),
        *_code(report),
        *(Section(_tenant_title(tenant), blocks) for tenant, blocks in tenants if blocks),
        *_lines(_silence(report, silent), Voice.QUIET),
    )
    return Document(
        _title(report),
        blocks,
        kind=f"Access review: {report.verdict}",
        tone=_TONES[report.verdict],
        icon=icon,
        compared=_compared(report),
        closing=_rests_on(report),
        marker=MARKER,
        whole="`tenantry review` with the same arguments and `--format html`",
    )


def _lines(lines: tuple[str, ...], voice: Voice) -> list[Lines]:
    return [Lines(lines, voice)] if lines else []


def _unseen(report: Report) -> Iterator[Section]:
    """What was not evaluated: it stands before everything else."""
    unseen = [
        *((part.side, part) for part in report.not_evaluated),
        *((f"{item.tenant}, {part.side}", part) for item in report.tenants for part in item.not_evaluated),
    ]
    if unseen:
        text = "These parts may give or remove any access. “Not evaluated” does not mean “no change”."
        entries = (
            Entry(f"{where}: {item.what}", (("Why", item.why), ("Fix", item.remediation))) for where, item in unseen
        )
        yield Section("Not evaluated", (Lines((text,)), Entries(tuple(entries))), Tone.STOP)


def _code(report: Report) -> Iterator[Section]:
    if report.code:
        rank = Danger.PEOPLE_AND_MONEY.rank
        entries = tuple(Entry(item.path, (("", f"{item.kind}, {item.how}"),), rank) for item in report.code)
        yield Section("Files of the code that changed", (Entries(entries),), folded=True, number=len(entries))


def _title(report: Report) -> str:
    """The verdict, naming the people where they are few: who gains what, who loses what."""
    if _are_named(report):
        sentences = [_sentence(person, tenant) for tenant, person in _changed(report)]
        return f"{'; '.join([report.refusal] * bool(report.refused) + sentences)}."
    if report.verdict is Verdict.NO_CHANGES and report.files_moved:
        return f"No access changes, although {counted(report.files_moved, 'file')} of the declaration changed."
    return report.headline


def _changed(report: Report) -> list[tuple[Tenant, Person]]:
    """Everybody who gains or loses anything."""
    return [(tenant, person) for tenant in report.tenants for person in tenant.people if person.danger < len(Danger)]


def _are_named(report: Report) -> bool:
    """Whether the title names everybody who gains or loses anything."""
    has_title = report.verdict in (Verdict.CHANGES, Verdict.REFUSED)
    return has_title and 0 < len(_changed(report)) <= _FEW_PEOPLE


def _sentence(person: Person, tenant: Tenant, down_to: Danger = Danger.READING) -> str:
    """Who gains and loses what: "Emma Lindqvist gains AdminAgents and loses HelpdeskAgents in contoso/us"."""
    parts = []
    for verb, access in (("gains", person.gains), ("loses", person.losses)):
        names = _names(item for item in access if item.danger.rank <= down_to.rank)
        if names:
            parts.append(f"{verb} {' and '.join(names) if len(names) == 2 else _few(names, 2)}")
    return f"{person.name} {' and '.join(parts)} in {tenant.tenant}"


def _silence(report: Report, titles: list[str]) -> tuple[str, ...]:
    """What stands for tenants without any change; only where all was seen does nothing change there."""
    known = not report.code and not any(report.everything_not_evaluated)
    nothing = "Nothing changes" if known else "No change was found"
    return (f"{nothing} in {', '.join(titles)}.",) if titles else ()


def _compared(report: Report) -> str:
    what = {
        Subject.CHANGE: "The resources that the program registers",
        Subject.PLAN: "The stack before and after the update",
    }
    return f"{what[report.subject]}: {report.base} compared with {report.head}"


def _rests_on(report: Report) -> str:
    if report.subject is Subject.PLAN:
        return "For information only. Compares the stack's state with the plan; the tenant was not read."
    return (
        "For information only: the policy pack and the approvers decide. Compares the files; the tenant was not read."
    )


def _alarms(report: Report) -> Iterator[str]:
    """What the report shows first of what it found."""
    if report.refused:
        reasons = [f"{item.rule}: {item.subject}: {item.actual}" for _, item in report.refused]
        text = f"{counted(len(reasons), 'finding')} to fix: `pulumi preview` or its policies will refuse this"
        yield f"{text}: {_few(reasons, separator='; ')}."
    changed = [item for item in report.code if item.how != NOT_IN_GIT]
    if changed:
        kinds = ", ".join(dict.fromkeys(str(item.kind) for item in changed))
        yield f"{CODE_CHANGED} ({counted(len(changed), 'file')}: {kinds})."
    if untracked := [item.path for item in report.code if item.how == NOT_IN_GIT]:
        yield (
            f"Not in git: {_few(untracked)}. The program may have read them in this run. Fix: `git add` what belongs "
            "to the change, and list the rest in .gitignore."
        )
    people = _changed(report)
    dangerous = [_sentence(person, tenant, Danger.EVERYTHING) for tenant, person in people if person.danger == 0]
    if dangerous and not _are_named(report):
        yield f"Danger: full control of a tenant or of every customer: {_few(dangerous, separator='; ')}."
    beside = [person.name for _, person in people if any(not gain.declared for gain in person.gains)]
    if beside:
        yield f"Undeclared access for {_few(beside)}."
    exceeded = [item for tenant in report.tenants for item in tenant.ceilings if item.exceeded]
    if exceeded:
        powers = (
            f"{item.power} ({item.taken} of {item.before}, {item.allowed} allowed"
            f"{', approved by ' + item.override if item.override else ', not approved'})"
            for item in exceeded
        )
        yield f"More access is removed than the limits allow: {_few(list(powers))}."
    loosened = [item.field for tenant in report.tenants for item in tenant.settings if item.loosens]
    if loosened:
        yield f"Protection is weakened: {_few(loosened)}."


def _tenant(tenant: Tenant) -> tuple[Block, ...]:
    """One tenant's part; nothing where nothing changes there."""
    gains = _most_dangerous_first(
        (item, _group(item, item.gains, item.losses, "loses")) for item in tenant.people if item.gains
    )
    losses = _most_dangerous_first(
        (item, _group(item, item.losses, item.gains, "gains", notes=not item.gains))
        for item in tenant.people
        if item.losses
    )
    loud, folded = [], []
    customers = tuple(_at_customers(tenant.people))
    details = Section(
        "At which customers", (Entries(customers, "customers"),), folded=True, number=len(customers), details=True
    )
    for title, entries, is_loud in _sections(tenant):
        if entries and is_loud:
            loud.append(Section(title, (Entries(entries),), Tone.WARNING))
        elif entries:
            folded.append(Section(title, (Entries(entries),), folded=True, number=len(entries)))
    return (
        *_people(gains, sum(bool(item.gains) for item in tenant.people), gaining=True),
        *_people(losses, sum(bool(item.losses) for item in tenant.people), gaining=False),
        *loud,
        *_unchanged(tenant),
        *folded,
        *([details] if customers else []),
    )


def _sections(tenant: Tenant) -> Iterator[tuple[str, tuple[Entry, ...], bool]]:
    """The lists below a tenant's people: a title, the entries, and whether they are shown open."""
    findings, settings, todos, exceptions = tenant.findings, tenant.settings, tenant.todos, tenant.exceptions
    exceeded = any(item.exceeded for item in tenant.ceilings)
    lasts = any(item.state is not ExceptionState.ENDS for item in exceptions)
    yield "Other changes", tuple(Entry(note) for note in tenant.notes), True
    yield "New findings", tuple(map(_finding, findings.introduced)), True
    yield "Weakened protection", tuple(_setting(item) for item in settings if item.loosens), True
    yield "Removal limits", tuple(map(_ceiling, tenant.ceilings)), exceeded
    yield "Exceptions", tuple(map(_exception, exceptions)), lasts
    yield "To do by hand", tuple(_todo(item) for item in todos if item.state is TodoState.NEW), False
    yield "No longer to do by hand", tuple(_todo(item) for item in todos if item.state is TodoState.GONE), False
    yield "Other settings", tuple(_setting(item) for item in settings if not item.loosens), False
    yield "Resolved findings", tuple(_finding(item, old=True) for item in findings.resolved), False
    yield "Open findings", tuple(_finding(item, old=True) for item in findings.still_open), False


def _people(groups: tuple[Group, ...], number: int, *, gaining: bool) -> Iterator[Table]:
    """The table of those who gain, or who lose. What is taken away stays longer where there is no room for all."""
    if not groups:
        return
    verb, others = ("gain", "gains") if gaining else ("lose", "loses")
    if not gaining:
        groups = tuple(replace(group, rank=group.rank - 0.5) for group in groups)
    yield Table(
        ("Person", "Gains", "Reaches", "Because", "May")
        if gaining
        else ("Person", "Loses", "Reached", "Had it because", "Could"),
        groups,
        caption=f"1 person {others} access" if number == 1 else f"{number:,} people {verb} access",
        tone=Tone.GAIN if gaining else Tone.LOSS,
        what=f"people who {verb} access",
        counted=number,
        folded_after=_OPEN,
        sign="+" if gaining else "-",
    )


def _unchanged(tenant: Tenant) -> Iterator[Section]:
    """Those who gain and lose nothing, where there is something to say of them all the same."""
    idle = [item for item in tenant.people if not (item.gains or item.losses)]
    other = [item for item in tenant.people if item.other_reason and (item.gains or item.losses)]
    groups = _shown_once(
        (
            *((person, _group(person, person.other_reason)) for person in idle),
            *((person, _group(person, person.other_reason, notes=False)) for person in other),
        )
    )
    if groups:
        # Without how far it reaches; somebody who keeps nothing has a row all the same.
        rows = [
            replace(group, rows=tuple((what, because) for what, _, because, _ in group.rows) or (((), ()),))
            for group in groups
        ]
        table = Table(("Person", "Keeps", "Because"), tuple(rows), what="people who keep their access", sign="=")
        title = "Access unchanged, but the account or the reason changed"
        yield Section(title, (table,), folded=True, number=len(groups))


def _most_dangerous_first(groups: Iterable[tuple[Person, Group]]) -> tuple[Group, ...]:
    """Of the same danger, those who are alone with their change stand before those who are many."""
    return tuple(sorted(_shown_once(groups), key=lambda group: (group.rank, len(group.alike))))


def _shown_once(groups: Iterable[tuple[Person, Group]]) -> tuple[Group, ...]:
    """People with whom the very same happens as one, where they are several, so that the others are seen."""
    same: dict[Person, list[Group]] = {}
    for person, group in groups:
        nameless = person.model_copy(update={"key": "" if person.key is not None else None, "name": "", "upn": None})
        same.setdefault(nameless, []).append(group)
    shown: list[Group] = []
    for several in same.values():
        if len(several) < _ALIKE:
            shown += several
        else:
            names = tuple((item.name, item.upn) for item in several)
            shown.append(replace(several[0], name=f"{len(several):,} people", upn=None, alike=names))
    return tuple(shown)


def _tenant_title(tenant: Tenant) -> str:
    return tenant.tenant if tenant.name == tenant.tenant else f"{tenant.name} ({tenant.tenant})"


def _group(
    person: Person, access: Iterable[Access], also: Iterable[Access] = (), verb: str = "", *, notes: bool = True
) -> Group:
    access = tuple(access)
    others = _names(also)
    declared = person.key is not None or any(
        item.declared for item in (*person.gains, *person.losses, *person.other_reason)
    )
    danger = min((item.danger for item in access), key=lambda danger: danger.rank, default=None)
    return Group(
        person.name,
        tuple(map(_row, _by_reason(access))),
        person.upn,
        (
            *(() if declared else ("undeclared account",)),
            *(person.notes if notes else ()),
            *((f"also {verb} {_few(others)}",) if others else ()),
        ),
        rank=len(Danger) if danger is None else danger.rank,
        danger=danger,
    )


def _by_reason(access: Iterable[Access]) -> list[list[Access]]:
    """Access by its reason, most dangerous first: what one role gives is one row."""
    groups: dict[tuple[object, ...], list[Access]] = {}
    for item in access:
        groups.setdefault((item.because, item.was_because, item.rows, item.may, item.declared), []).append(item)
    rows = [sorted(group, key=lambda item: item.danger.rank) for group in groups.values()]
    return sorted(rows, key=lambda row: row[0].danger.rank)


def _names(access: Iterable[Access]) -> list[str]:
    return _whats(item for row in _by_reason(access) for item in row)


def _whats(access: Iterable[Access]) -> list[str]:
    """Pieces of access as one says them; a role at customers once, however many they are."""
    names: dict[tuple[str, bool], list[str]] = {}
    found: list[str] = []
    for item in access:
        if item.kind is Kind.CUSTOMER_ROLE:
            names.setdefault((item.scope, item.needs_approval), []).append(item.name)
        else:
            found.append(_what(item))
    return [*found, *(_at(role, customers, pending=pending) for (role, pending), customers in names.items())]


def _at(role: str, customers: list[str], *, pending: bool) -> str:
    once = f" (once {'the customer approves' if len(customers) == 1 else 'they approve'})" if pending else ""
    return f"{at_customers(role_name(role), customers)}{once}"


def _at_customers(people: Iterable[Person]) -> Iterator[Entry]:
    """What is gained and lost at each customer, where the tables only count them."""
    found: dict[tuple[str, str], dict[str, dict[str, list[str]]]] = {}
    for person in people:
        for label, access in (("Gains", person.gains), ("Loses", person.losses)):
            for item in access:
                if item.kind is Kind.CUSTOMER_ROLE:
                    at = found.setdefault((item.name, item.target), {}).setdefault(label, {})
                    at.setdefault(person.name, []).append(role_name(item.scope))
    if len(found) > 1:
        for (name, tenant_id), changes in sorted(found.items(), key=lambda one: one[0][0].casefold()):
            parts = (
                (label, "; ".join(f"{who}: {', '.join(sorted(roles))}" for who, roles in people.items()))
                for label, people in changes.items()
            )
            yield Entry(f"{name} ({tenant_id})", tuple(parts), len(Danger) + 1)


def _row(access: list[Access]) -> tuple[Cell, ...]:
    first = access[0]
    undeclared = () if first.declared else (Piece("undeclared", Look.WARNING),)
    return (
        tuple(Piece(what, Look.STRONG) for what in _whats(access)),
        (Piece(_REACHES[first.danger], danger=first.danger),),
        (*undeclared, *(Piece(reason) for reason in _reasons(first))),
        (Piece("; ".join(first.may)),) if first.may else (),
    )


def _what(access: Access) -> str:
    """A piece of access as one says it, with what narrows it."""
    names = {
        Kind.FTOP_CUSTOMER: f"FTOP customer {access.name}",
        Kind.FTOP_ALL_CUSTOMERS: f"FTOP, {access.name}, read-only",
        Kind.CONSENT: f"consent to {access.name}",
        Kind.TOOL: f"tool {access.name}",
    }
    name = names.get(access.kind, access.name)
    narrow = [
        *(["eligible"] if access.assignment_type is AssignmentType.ELIGIBLE else []),
        *([_scope(access)] if access.scope != "/" else []),
        *(["in Partner Center, by hand"] if access.kind is Kind.COMPANY_ROLE else []),
    ]
    return f"{name} ({', '.join(narrow)})" if narrow else name


def _scope(access: Access) -> str:
    return f"as {access.scope}" if access.kind is Kind.FTOP_CUSTOMER else f"only over {access.scope}"


def _reasons(access: Access) -> Iterator[str]:
    """Why it is given: a role with its row of Table 1 in one, then rows and reasons that stand alone."""
    rows = list(access.rows)
    for reason in access.because:
        row = next((row for row in rows if row.startswith(f"{reason}: ")), None)
        if row:
            rows.remove(row)
            yield f"{reason} (Table 1: {row.removeprefix(f'{reason}: ')})"
        else:
            yield reason
    yield from (f"Table 1: {row}" for row in rows)
    if access.was_because:
        yield f"before: {', '.join(access.was_because)}"


def _finding(finding: Finding, *, old: bool = False) -> Entry:
    place = f"{finding.file}:{finding.line}" if finding.line else finding.file
    binding = "must be fixed" if finding.blocks else "advice"
    return Entry(
        f"{finding.rule}: {finding.subject}: {finding.actual}",
        (
            ("Rule", f"{finding.title} ({finding.level}, {finding.severity}; {binding})"),
            ("Expected", finding.expected),
            ("Fix", finding.remediation),
            ("Field", f"{finding.field} in {place}" if place else finding.field),
        ),
        len(Danger) + 1 if old else _FINDINGS_RANK[finding.blocks],
    )


def _setting(setting: Setting) -> Entry:
    absent = "(none)"
    before = absent if setting.before is None else setting.before
    after = absent if setting.after is None else setting.after
    return Entry(setting.field, (("Before", before), ("After", after)), 0 if setting.loosens else len(Danger) + 1)


def _ceiling(ceiling: Ceiling) -> Entry:
    verdict = "more than the limits allow" if ceiling.exceeded else "within the limits"
    approved = (("Approved", ceiling.override),) if ceiling.override else ()
    return Entry(
        f"{ceiling.power}: {ceiling.taken} of {ceiling.before} removed, at most {ceiling.allowed} allowed: {verdict}",
        (("Holders", f"{ceiling.before} before, {ceiling.after} after"), *approved),
        0 if ceiling.exceeded else len(Danger) + 1,
    )


def _exception(exception: DeclaredException) -> Entry:
    ends = exception.state is ExceptionState.ENDS
    nothing = "no finding of the rule"
    return Entry(
        f"{exception.rule} for {exception.object}: {exception.state}",
        (
            ("Exempted" if ends else "Exempts", "; ".join(exception.exempts) or nothing),
            ("Reason", exception.reason),
            ("Owner", exception.owner),
            ("Until", exception.expires.isoformat()),
        ),
        Danger.CUSTOMERS.rank if ends else Danger.PEOPLE_AND_MONEY.rank,
    )


def _todo(todo: Todo) -> Entry:
    new = todo.state is TodoState.NEW
    rank = Danger.CUSTOMERS.rank if new else len(Danger) + 1
    return Entry(todo.what, (("Who", todo.who), ("Where", todo.where)) if new else (), rank)


def _few(names: list[str], most: int = 4, separator: str = ", ") -> str:
    """The first names of a list and how many more there are."""
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return separator.join(names[:most]) + more
