"""What a review tells its reader, in order and in words, before any format: renderers show this, and add nothing.

Most dangerous first, what is taken away last, what does not change anybody's access behind it.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

from tenantry.access.danger import Danger
from tenantry.access.grants import Kind
from tenantry.findings import Finding, NotEvaluated
from tenantry.reports.review import (
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
from tenantry.roles import AssignmentType

WHOLE_REPORT: Final = "`tenantry review` with the same arguments and `--format html`"
"""Where the whole report is, when one is shortened and nobody says better."""


@dataclass(frozen=True)
class Line:
    """Access that one person gains or loses by one and the same reason."""

    names: tuple[str, ...]
    """What it is: "AdminAgents", "Global Administrator (eligible)"."""
    danger: Danger
    reasons: tuple[str, ...]
    """Partner roles with their row of Table 1, or what gives it instead."""
    may: tuple[str, ...]
    declared: bool


@dataclass(frozen=True)
class Holder:
    """One person with what they gain, lose, or hold for another reason."""

    name: str
    upn: str | None
    notes: tuple[str, ...]
    lines: tuple[Line, ...]
    rank: int
    """Of the most dangerous line, as :attr:`Danger.rank`."""
    alike: tuple[tuple[str, str | None], ...] = ()
    """Of several people with whom the very same happens: the name of each, and what they sign in with."""

    @property
    def people(self) -> int:
        """How many people it stands for."""
        return len(self.alike) or 1


@dataclass(frozen=True)
class Entry:
    """Anything else to be said: one line, what belongs to it by label, and whether it is to be seen first."""

    head: str
    parts: tuple[tuple[str, str], ...] = ()
    rank: int = len(Danger)
    """How soon it is left out where there is no room: 0 last."""


@dataclass(frozen=True)
class Section:
    """Entries of one sort."""

    title: str
    entries: tuple[Entry, ...]
    loud: bool = False
    """Whether it is shown open, and before what is not."""


@dataclass(frozen=True)
class TenantLayout:
    """What is said of one tenant."""

    title: str
    """Its name, and how `tenantry:tenant` names it where that is not the same."""
    gains: tuple[Holder, ...]
    losses: tuple[Holder, ...]
    unchanged: tuple[Holder, ...]
    """Whoever gains and loses nothing, and of whom there is something to say all the same."""
    sections: tuple[Section, ...]
    """Loud ones first."""
    gaining: int
    """How many gain access, shown or not."""
    losing: int

    @property
    def gain(self) -> str:
        """How many gain access, and how many of them are shown where not all are."""
        return _of_people(self.gaining, sum(one.people for one in self.gains), "gains", "gain")

    @property
    def lose(self) -> str:
        """How many lose access, as :attr:`gain`."""
        return _of_people(self.losing, sum(one.people for one in self.losses), "loses", "lose")

    @property
    def says_something(self) -> bool:
        """Whether there is anything below the title."""
        return bool(self.gains or self.losses or self.unchanged or self.sections)


class Alert(StrEnum):
    """What a loud line is about."""

    CODE = "code"
    DANGER = "danger"
    FINDINGS = "findings"
    CEILINGS = "ceilings"
    UNDECLARED = "undeclared"
    SETTINGS = "settings"
    CAUTION = "caution"
    """How the report was found out, not what it says."""


@dataclass(frozen=True)
class Layout:
    """A whole review."""

    verdict: Verdict
    title: str
    """The verdict in one line."""
    compared: str
    unseen: tuple[Entry, ...]
    """What was not evaluated: it is said before everything else."""
    alerts: tuple[tuple[Alert, str], ...]
    code: tuple[Entry, ...]
    tenants: tuple[TenantLayout, ...]
    """Those of which there is something to say."""
    silence: str
    """What is said of the others; empty where there are none. Only where all was seen does nothing change there."""
    last: str
    """What the report rests on, in a sentence."""


CODE_CHANGED: Final = "Code changed; this report shows what that code chose to register here"

_REACHES: Final = {
    Danger.EVERYTHING: "everything",
    Danger.PEOPLE_AND_MONEY: "people, money",
    Danger.CUSTOMERS: "customers",
    Danger.READING: "reading",
}
_FINDINGS_RANK: Final = {True: 0, False: Danger.PEOPLE_AND_MONEY.rank}


_ALIKE: Final = 3
"""From how many people on the same change is told once."""
_FEW_PEOPLE: Final = 2
"""How many people a title names."""


def reaches(danger: Danger) -> str:
    """How far a piece of access reaches, in a word or two."""
    return _REACHES[danger]


def layout(report: Report) -> Layout:
    """Everything that a report says, in the order in which it is read."""
    tenants = [(tenant, _tenant(tenant)) for tenant in report.tenants]
    return Layout(
        report.verdict,
        _title(report),
        _compared(report),
        (
            *map(_unseen, report.not_evaluated),
            *(_unseen(one, tenant) for tenant in report.tenants for one in tenant.not_evaluated),
        ),
        tuple(_alerts(report)),
        tuple(Entry(one.path, (("", f"{one.kind}, {one.how}"),), Danger.PEOPLE_AND_MONEY.rank) for one in report.code),
        tuple(told for _, told in tenants if told.says_something),
        _silence(report, [told.title for one, told in tenants if not told.says_something and not one.not_evaluated]),
        _rests_on(report),
    )


def _title(report: Report) -> str:
    """The verdict, naming the people where they are few: who gains what, who loses what."""
    if _are_named(report):
        said = [_sentence(person, tenant) for tenant, person in _changed(report)]
        return f"{'; '.join([report.refusal] * bool(report.refused) + said)}."
    if report.verdict is Verdict.NO_CHANGES and report.files_moved:
        return f"No access changes, although {_count(report.files_moved, 'file')} of the declaration changed."
    return report.headline


def _changed(report: Report) -> list[tuple[Tenant, Person]]:
    """Everybody who gains or loses anything."""
    return [(tenant, person) for tenant in report.tenants for person in tenant.people if person.danger < len(Danger)]


def _are_named(report: Report) -> bool:
    """Whether the title names everybody who gains or loses anything."""
    told = report.verdict in (Verdict.CHANGES, Verdict.REFUSED)
    return told and 0 < len(_changed(report)) <= _FEW_PEOPLE


def _sentence(person: Person, tenant: Tenant, down_to: Danger = Danger.READING) -> str:
    """Who gains and loses what: "Emma Lindqvist gains AdminAgents and loses HelpdeskAgents in contoso/us"."""
    said = []
    for verb, access in (("gains", person.gains), ("loses", person.losses)):
        told = [one for one in access if one.danger.rank <= down_to.rank]
        if told:
            names = [name for line in _lines(told) for name in line.names]
            said.append(f"{verb} {' and '.join(names) if len(names) == 2 else _few(names, 2)}")
    return f"{person.name} {' and '.join(said)} in {tenant.tenant}"


def _silence(report: Report, titles: list[str]) -> str:
    if not titles:
        return ""
    known = not report.code and not any(report.everything_not_evaluated)
    return f"{'Nothing changes' if known else 'No change seen'} in {', '.join(titles)}."


def _compared(report: Report) -> str:
    what = {Subject.CHANGE: "What the program registers", Subject.PLAN: "What an update would make of the stack"}
    return f"{what[report.subject]}: {report.base} compared with {report.head}"


def _rests_on(report: Report) -> str:
    if report.subject is Subject.PLAN:
        return "From the plan alone: what the engine knows of the stack, and what an update would do to it."
    return "It informs; the policy pack and whoever approves decide. No tenant was asked."


def _alerts(report: Report) -> Iterator[tuple[Alert, str]]:
    if report.refused:
        reasons = [f"{one.rule}: {one.subject}: {one.actual}" for _, one in report.refused]
        text = f"{_count(len(reasons), 'finding')} to fix before `pulumi preview` and its policies accept this"
        yield Alert.FINDINGS, f"{text}: {_few(reasons, separator='; ')}."
    if report.code:
        kinds = ", ".join(dict.fromkeys(str(one.kind) for one in report.code))
        yield Alert.CODE, f"{CODE_CHANGED} ({_count(len(report.code), 'file')}: {kinds})."
    people = _changed(report)
    dangerous = [_sentence(person, tenant, Danger.EVERYTHING) for tenant, person in people if person.danger == 0]
    if dangerous and not _are_named(report):
        yield Alert.DANGER, f"Reaches everything: {_few(dangerous, separator='; ')}."
    beside = [person.name for _, person in people if any(not gain.declared for gain in person.gains)]
    if beside:
        yield Alert.UNDECLARED, f"Access that no declaration gives, for {_few(beside)}."
    exceeded = [one for tenant in report.tenants for one in tenant.ceilings if one.exceeded]
    if exceeded:
        said = (
            f"{one.power} ({one.taken} of {one.before}, {one.allowed} allowed"
            f"{', approved by ' + one.override if one.override else ', and nobody approved it'})"
            for one in exceeded
        )
        yield Alert.CEILINGS, f"More is taken than the limits allow: {_few(list(said))}."
    loosened = [one.field for tenant in report.tenants for one in tenant.settings if one.loosens]
    if loosened:
        yield Alert.SETTINGS, f"Protection is loosened: {_few(loosened)}."
    yield from ((Alert.CAUTION, caution) for caution in report.warnings)


def _tenant(tenant: Tenant) -> TenantLayout:
    people = tenant.people
    idle = [person for person in people if not (person.gains or person.losses)]
    other = [person for person in people if person.other_reason and (person.gains or person.losses)]
    sections = (
        Section("Also happens here", tuple(Entry(note, rank=0) for note in tenant.notes), loud=True),
        Section("New findings", tuple(map(_finding, tenant.findings.introduced)), loud=True),
        Section(
            "Protection that is loosened", tuple(_setting(one) for one in tenant.settings if one.loosens), loud=True
        ),
        Section("Ceilings", tuple(map(_ceiling, tenant.ceilings)), loud=any(one.exceeded for one in tenant.ceilings)),
        Section(
            "Exceptions",
            tuple(map(_exception, tenant.exceptions)),
            loud=any(one.state is not ExceptionState.ENDS for one in tenant.exceptions),
        ),
        Section("To do by hand", tuple(_todo(one) for one in tenant.todos if one.state is TodoState.NEW)),
        Section("No longer to do", tuple(_todo(one) for one in tenant.todos if one.state is TodoState.GONE)),
        Section("Other settings", tuple(_setting(one) for one in tenant.settings if not one.loosens)),
        Section("Findings resolved", tuple(_finding(one, old=True) for one in tenant.findings.resolved)),
        Section("Findings still open", tuple(_finding(one, old=True) for one in tenant.findings.still_open)),
    )
    said = [section for section in sections if section.entries]
    return TenantLayout(
        _tenant_title(tenant),
        _worst_first((one, _holder(one, one.gains, also=one.losses, verb="loses")) for one in people if one.gains),
        _worst_first(
            (one, _holder(one, one.losses, also=one.gains, verb="gains", notes=not one.gains))
            for one in people
            if one.losses
        ),
        _told_once(
            (
                *((person, _holder(person, person.other_reason)) for person in idle),
                *((person, _holder(person, person.other_reason, notes=False)) for person in other),
            )
        ),
        tuple(sorted(said, key=lambda section: not section.loud)),
        sum(bool(person.gains) for person in people),
        sum(bool(person.losses) for person in people),
    )


def _worst_first(holders: Iterable[tuple[Person, Holder]]) -> tuple[Holder, ...]:
    """Most dangerous first; of the same danger, whoever is alone with their change before those who are many."""
    return tuple(sorted(_told_once(holders), key=lambda holder: (holder.rank, len(holder.alike))))


def _told_once(holders: Iterable[tuple[Person, Holder]]) -> tuple[Holder, ...]:
    """People with whom the very same happens as one, where they are several: whoever differs is seen among them."""
    groups: dict[Person, list[Holder]] = {}
    for person, holder in holders:
        nameless = person.model_copy(update={"key": "" if person.key is not None else None, "name": "", "upn": None})
        groups.setdefault(nameless, []).append(holder)
    told: list[Holder] = []
    for several in groups.values():
        if len(several) < _ALIKE:
            told += several
        else:
            names = tuple((one.name, one.upn) for one in several)
            told.append(replace(several[0], name=f"{len(several):,} people", upn=None, alike=names))
    return tuple(told)


def _tenant_title(tenant: Tenant) -> str:
    return tenant.tenant if tenant.name == tenant.tenant else f"{tenant.name} ({tenant.tenant})"


def _holder(
    person: Person, access: Iterable[Access], *, also: Iterable[Access] = (), verb: str = "", notes: bool = True
) -> Holder:
    lines = _lines(access)
    others = [name for line in _lines(also) for name in line.names]
    cross = (f"also {verb} {_few(others)}",) if others else ()
    stranger = person.key is None and not any(
        one.declared for one in (*person.gains, *person.losses, *person.other_reason)
    )
    undeclared = ("nobody declared this account",) if stranger else ()
    return Holder(
        person.name,
        person.upn,
        (*undeclared, *(person.notes if notes else ()), *cross),
        lines,
        min((line.danger.rank for line in lines), default=len(Danger)),
    )


def _lines(access: Iterable[Access]) -> tuple[Line, ...]:
    """Access by its reason, most dangerous first: what one role gives is one line."""
    groups: dict[tuple[object, ...], list[Access]] = {}
    for one in access:
        groups.setdefault((one.because, one.was_because, one.rows, one.may, one.declared), []).append(one)
    lines = (
        Line(
            tuple(_what(one) for one in sorted(group, key=lambda one: one.danger.rank)),
            min((one.danger for one in group), key=lambda danger: danger.rank),
            tuple(_reasons(group[0])),
            group[0].may,
            group[0].declared,
        )
        for group in groups.values()
    )
    return tuple(sorted(lines, key=lambda line: line.danger.rank))


def _what(access: Access) -> str:
    """A piece of access as one says it, with what narrows it."""
    told = {
        Kind.FTOP_CUSTOMER: f"FTOP customer {access.name}",
        Kind.FTOP_ALL_CUSTOMERS: f"FTOP, {access.name}, read-only",
        Kind.CONSENT: f"consent to {access.name}",
        Kind.TOOL: f"tool {access.name}",
    }
    name = told.get(access.kind, access.name)
    narrow = [
        *(["eligible"] if access.assignment_type is AssignmentType.ELIGIBLE else []),
        *([_scope(access)] if access.scope != "/" else []),
        *(["in Partner Center, by hand"] if access.kind is Kind.COMPANY_ROLE else []),
    ]
    return f"{name} ({', '.join(narrow)})" if narrow else name


def _scope(access: Access) -> str:
    return f"as {access.scope}" if access.kind is Kind.FTOP_CUSTOMER else f"over {access.scope} alone"


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
    absent = "not there"
    before = absent if setting.before is None else setting.before
    after = absent if setting.after is None else setting.after
    return Entry(setting.field, (("Before", before), ("After", after)), 0 if setting.loosens else len(Danger) + 1)


def _ceiling(ceiling: Ceiling) -> Entry:
    said = "more than the limits allow" if ceiling.exceeded else "within the limits"
    approved = (("Approved", ceiling.override),) if ceiling.override else ()
    return Entry(
        f"{ceiling.power}: {ceiling.taken} of {ceiling.before} taken, {ceiling.allowed} allowed at once: {said}",
        (("Holders", f"{ceiling.before} before, {ceiling.after} after"), *approved),
        0 if ceiling.exceeded else len(Danger) + 1,
    )


def _exception(exception: DeclaredException) -> Entry:
    ends = exception.state is ExceptionState.ENDS
    nothing = "nothing that the rule finds there"
    return Entry(
        f"{exception.rule} for {exception.object}: {exception.state}",
        (
            ("Excused" if ends else "Excuses", "; ".join(exception.exempts) or nothing),
            ("Reason", exception.reason),
            ("Owner", exception.owner),
            ("Until", exception.expires.isoformat()),
        ),
        Danger.CUSTOMERS.rank if ends else Danger.PEOPLE_AND_MONEY.rank,
    )


def _todo(todo: Todo) -> Entry:
    new = todo.state is TodoState.NEW
    rank = Danger.CUSTOMERS.rank if new else len(Danger) + 1
    return Entry(todo.what, (("Who may", todo.who), ("Where", todo.where)) if new else (), rank)


def _unseen(part: NotEvaluated, tenant: Tenant | None = None) -> Entry:
    where = f"{tenant.tenant}, {part.side}" if tenant else part.side
    return Entry(f"{where}: {part.what}", (("Why", part.why), ("Fix", part.remediation)), 0)


def _of_people(number: int, shown: int, one: str, several: str) -> str:
    said = f"1 person {one} access" if number == 1 else f"{number:,} people {several} access"
    return said if shown == number else f"{said}, {shown:,} of them shown here"


def _few(names: list[str], most: int = 4, separator: str = ", ") -> str:
    """The first names of a list and how many more there are."""
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return separator.join(names[:most]) + more


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
