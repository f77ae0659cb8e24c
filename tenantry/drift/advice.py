"""What to do about a piece of drift, derived from what it is and from the rules. Pure.

Following an advice to keep something gives a declaration that the rules and the next preview accept, and by which
the tenant's access is what it was. Where there is no such declaration, the advice says so, and how to take it away.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property
from typing import Any, Final

from tenantry.access.declared import declared_grant, powers_of
from tenantry.access.grants import Grant, Kind
from tenantry.access.principals import Principal
from tenantry.declaration.insert import flow
from tenantry.declaration.keys import key_for, name_for
from tenantry.declaration.load import Declaration
from tenantry.declaration.person import Person, PersonState
from tenantry.declaration.tenant import Mode, Program, Purpose, Tenant
from tenantry.drift.edits import applied, shown
from tenantry.drift.model import Advice, Edit
from tenantry.graph.models import MemberKind
from tenantry.roles import (
    NEVER_ASSIGNED,
    ROW_OF,
    AgentGroup,
    AssignmentType,
    DirectoryRole,
    PartnerRole,
    Power,
    expand,
    held,
)
from tenantry.rules import Finding, evaluate, evidence_of

AGENTS_ALONE: Final = frozenset({PartnerRole.SALES_AGENT, PartnerRole.HELPDESK_AGENT})
_CANNOT: Final = "it cannot stay"
_FOR_A_TIME: Final = "accept it until a date with the decision below"
_FILL_IN: Final = "THEIR BUSINESS ADDRESS"
"""Stands in an advice for an e-mail address that the directory does not have."""
FIELD_OF: Final = {"displayName": "full_name", "mail": "email", "userPrincipalName": "upn"}
"""The field of a declared person that an account's property is."""


@dataclass(frozen=True)
class Path:
    """One way in which a principal holds something."""

    grant: Grant
    through: str = ""
    """The object id of the group through which it is held; empty where it is held directly."""
    assignment_id: str = ""
    """Of a directory role: the id of the assignment or of the eligibility schedule."""
    by_stack: bool = False
    """Whether the stack's state has it."""

    @property
    def power(self) -> Power | None:
        """What Table 1 calls it; None for what it does not know."""
        if self.grant.kind is Kind.DIRECTORY_ROLE:
            return DirectoryRole.by_template_id(self.grant.target)
        return AgentGroup(self.grant.target)


@dataclass(frozen=True)
class Adviser:
    """Knows a tenant and its declaration, and advises on what others did in it."""

    declaration: Declaration
    tenant_name: str
    today: date
    people: Mapping[Principal, tuple[str, Person]]
    """Who is declared, with their keys."""
    paths: Mapping[Principal, tuple[Path, ...]]
    """Everything that the tenant gives, in agent groups and directory roles."""
    known: Mapping[Principal, Principal] = field(default_factory=dict)
    made_here: Collection[Principal] = ()
    """The accounts that the stack's state has."""
    groups: Mapping[str, str] = field(default_factory=dict)
    """Names of groups, by object id."""

    @property
    def tenant(self) -> Tenant:
        """The tenant's declaration."""
        return self.declaration.tenants[self.tenant_name]

    # --- access that nobody declared

    def added(self, path: Path, what: str) -> Advice:
        """How access that others gave stays, and how it goes. ``what`` is what people call it."""
        away = self.take_away(path, what)
        known = self.known.get(path.grant.principal)
        if path.grant.kind is Kind.AGENT_GROUP and known and known.kind is MemberKind.SERVICE_PRINCIPAL:
            stated = (
                f"{self._key(known.name)}: {{object_id: {known.object_id}, name: {flow(name_for(known.name))}, "
                f"groups: [{what}], owner: WHO, reason: WHY, decided_on: DAY, until: DAY}}"
            )
            return Advice(f"declare it until a date: write under `identities`: `{stated}`", away)
        never = self.why_never(path)
        if never:
            return Advice(f"{_CANNOT}: {never}", away)
        if path.power is None:
            return self._beyond_table_1(path, what, away)
        if path.grant.kind is Kind.DIRECTORY_ROLE and path.through:
            why = f"{what} is held through {self._group(path.through)}, and a declaration assigns roles to people"
            return self._for_a_time(path, away, why)
        if known is not None and known.kind is not MemberKind.USER:
            return self._for_a_time(path, away, f"a declaration has only people, and this is a {known.kind}")
        return self._declare(path, what, away)

    def due(self, path: Path, what: str, field_: str, next_update: str) -> Advice:
        """What to do about access whose end has come, by what the next update does."""
        away = self.take_away(path, what)
        if path.by_stack or self.is_undone(path):
            away = f"run `pulumi up`: the next update {next_update}"
        return Advice(f"write a later date in `{field_}`, with the reason", away)

    def why_never(self, path: Path) -> str:
        """The rule by which no decision keeps a piece of access. Empty where one may."""
        grant = path.grant
        known, person = self.known.get(grant.principal), self.people.get(grant.principal)
        if grant.target in NEVER_ASSIGNED:
            return f"Microsoft lists {NEVER_ASSIGNED[grant.target]} as not intended for use (PT-104)"
        if known and known.guest:
            return (
                "guests may hold no agent group or directory role (PT-106); create an account in this tenant for the "
                "person, and declare that"
            )
        if grant.kind is Kind.AGENT_GROUP and known and known.kind is MemberKind.SERVICE_PRINCIPAL:
            return "a service principal may be in an agent group only as a declared identity (PT-107)"
        if grant.kind is Kind.AGENT_GROUP and known and known.kind is not MemberKind.USER:
            return f"a {known.kind} may not be in an agent group (PT-107); declare the people behind it one by one"
        if known is None and person is None:
            return "it is unknown what this is: first look up the object id in the Entra admin center"
        if person is None:
            return (
                "this stack created the account, but its person is no longer declared; put their entry back first"
                if grant.principal in self.made_here
                else ""
            )
        key, declared = person
        if declared.leaves:
            return f"`people.{key}` is declared `state: leaver`, and leavers have no access"
        if declared.emergency:
            return "an emergency account holds Global Administrator, active for the whole tenant, and nothing else"
        agent_alone = bool(declared.roles) and set(declared.roles) <= AGENTS_ALONE
        if grant.kind is Kind.DIRECTORY_ROLE and path.power is None and agent_alone:
            return "a Sales or Helpdesk agent has no directory role (PT-111)"
        return ""

    def _beyond_table_1(self, path: Path, what: str, away: str) -> Advice:
        if Purpose.OWN_USE in self.tenant.purpose:
            edit: Edit = ((("allowed_roles", what), path.grant.target),)
            if self.accepted(edit):
                return Advice(f"allow the role in this tenant: {shown(edit)}", away, edit)
        return self._for_a_time(path, away, f"Table 1 has no role {what} (PT-103)")

    def _for_a_time(self, path: Path, away: str, why: str) -> Advice:
        if self.is_undone(path):
            return Advice(f"{_CANNOT}: {why}; the next update removes it", away)
        return Advice(f"it cannot be declared under `people`: {why}; {_FOR_A_TIME}", away, decision=True)

    def is_undone(self, path: Path) -> bool:
        """Whether the next update takes away what nobody declared."""
        if path.grant.kind is not Kind.AGENT_GROUP or Program.CSP not in self.tenant.programs:
            return False
        return self.tenant.mode is Mode.AUTHORITATIVE

    def take_away(self, path: Path, what: str) -> str:
        """How it goes; the end of a sentence that begins "To take it back:"."""
        if path.through:
            group = self._group(path.through)
            return f"remove them from {group}, or {group} from {what}, in the Entra admin center"
        if path.grant.kind is Kind.AGENT_GROUP:
            if self.is_undone(path):
                return f"run `pulumi up`, which removes it from {what}"
            return f"remove it from the members of {what} in the Entra admin center"
        which = f" ({path.assignment_id})" if path.assignment_id else ""
        if path.grant.assignment_type is AssignmentType.ELIGIBLE:
            return f"remove the eligible assignment of {what}{which} in Privileged Identity Management"
        return f"remove the assignment of {what}{which} in the Entra admin center, under Roles and administrators"

    def _group(self, object_id: str) -> str:
        return f"the group {self.groups.get(object_id, object_id)}"

    # --- declaring somebody with what they hold

    def _declare(self, path: Path, what: str, away: str) -> Advice:
        """With everything that they hold, so that nothing of it goes; where that cannot be declared, with this."""
        person = self.people.get(path.grant.principal)
        theirs = self._held_by_power(path, person)
        if path.power not in expand(self._roles(person, theirs.keys())):
            rows = [row for row in ROW_OF.values() if path.power in row.powers]
            lacks = ", ".join(sorted({power.value for row in rows for power in row.powers - {path.power}}))
            why = f"no role of Table 1 gives {what} without {lacks}"
            if path.power is DirectoryRole.GLOBAL_ADMINISTRATOR:
                why += " (a Global admin may be declared `without` it)"
            return self._for_a_time(path, away, why)
        groups = {power: item for power, item in theirs.items() if item is None or power in (*AgentGroup, path.power)}
        if person is not None and not person[1].adopted and path.grant.kind is Kind.DIRECTORY_ROLE:
            return self._given_anew(path, person, self._roles(person, groups.keys()), what, away)
        edits = [
            edit
            for held_by_power in (theirs, groups)
            for edit in self._edits(path.grant.principal, self._roles(person, held_by_power.keys()), held_by_power)
        ]
        for edit in edits:
            if self.accepted(edit):
                added = "" if not path.through else f", which gives them {what} directly"
                who = "declare them" if person is None else "declare it"
                fill = f", with their own address for {_FILL_IN}" if _FILL_IN in str(edit) else ""
                return Advice(f"{who}: {shown(edit)}{fill}{added}", away, edit)
        return self._for_a_time(path, away, self.why_not(edits))

    def _held_by_power(self, path: Path, person: tuple[str, Person] | None) -> dict[Power, Path | None]:
        """What somebody holds of Table 1, in the way in which it would be declared; None where it is declared so."""
        found: dict[Power, Path | None] = {}
        found |= dict.fromkeys(sorted(powers_of(self.tenant, person[1])) if person else ())
        others = (item for item in self.paths.get(path.grant.principal, ()) if item != path)
        for item in (path, *others):
            if item.power is None or (item.through and item.grant.kind is Kind.DIRECTORY_ROLE):
                continue
            if item.power not in found:
                found[item.power] = item
            elif item is path and person:
                stated = declared_grant(path.grant.principal, person[1], item.power)
                found[item.power] = None if stated.covers(item.grant) else item
        return found

    def _roles(self, person: tuple[str, Person] | None, powers: Collection[Power]) -> list[PartnerRole]:
        """The roles of Table 1 whose rows are complete with some powers, beside those that somebody has."""
        has_groups = Program.CSP in self.tenant.programs
        complete = held(powers if has_groups else {*powers, *AgentGroup}).roles
        stated = person[1].roles if person else ()
        new = [role for role in PartnerRole if role in complete and not ROW_OF[role].powers <= expand(stated)]
        if not has_groups:
            new = [role for role in new if set(ROW_OF[role].powers) & set(powers)]
        contained = {role for role in stated for other in new if ROW_OF[role].powers < ROW_OF[other].powers}
        return [*(role for role in stated if role not in contained), *new]

    def _given_anew(
        self, path: Path, person: tuple[str, Person], roles: list[PartnerRole], what: str, away: str
    ) -> Advice:
        """For an account that was made here: what others assigned cannot be taken over, so the stack gives it."""
        key, declared = person
        edit = self._with_roles(person, [role.value for role in roles])
        how = assignment_of(path)
        stated = declared.model_dump(mode="json", exclude_unset=True).get("assignments", {})
        assignments = {**stated, what: how} if how else {name: item for name, item in stated.items() if name != what}
        if assignments != stated:
            edit = (*edit, (("people", key, "assignments"), assignments or None))
        if not self.accepted(edit):
            return self._for_a_time(path, away, self.why_not([edit]))
        return Advice(
            f"this stack created the account, so the stack must give it: first {away}; then {shown(edit)}, and run "
            "`pulumi up`",
            away,
            edit,
            take_back_first=True,
        )

    def _edits(
        self, principal: Principal, roles: list[PartnerRole], held_by_power: Mapping[Power, Path | None]
    ) -> list[Edit]:
        person, given = self.people.get(principal), expand(roles)
        own = {power: item for power, item in held_by_power.items() if item and power in given}
        of_roles = {power.value: item for power, item in own.items() if isinstance(power, DirectoryRole)}
        pins = {name: item.assignment_id for name, item in of_roles.items() if item.assignment_id and not item.by_stack}
        how = {name: assignment for name, item in of_roles.items() if (assignment := assignment_of(item))}
        names = [role.value for role in roles]
        if person is not None:
            changed = self._with_roles(person, names) if names != [role.value for role in person[1].roles] else ()
            return [(*changed, *_for_somebody_declared(person, pins, how, own))]
        known = self.known[principal]
        upn = known.upn or ""
        about: dict[str, Any] = {
            "full_name": name_for(known.name) or upn.partition("@")[0],
            "upn": upn,
            "roles": names,
            "adopted": known.object_id,
            **({"pins": {"role_assignments": pins}} if pins else {}),
            **({"assignments": how} if how else {}),
            **({"synchronised": True} if known.synchronised else {}),
        }
        key = self._key(upn or known.name)
        emails = [{"email": known.email}] * bool(known.email) + [{"email": _FILL_IN}, {}]
        return [((("people", key), {**about, **email}),) for email in emails]

    def _with_roles(self, person: tuple[str, Person], roles: list[str]) -> Edit:
        """Other roles for somebody, without the ends and deviations of the roles that go."""
        key, declared = person
        # The file still has those whose day has come.
        written = self.tenant.written.members.get(key, declared)
        gone = [("until", role.value) for role in written.until if role.value not in roles]
        if PartnerRole.GLOBAL_ADMIN.value not in roles:
            gone += [("without", group.value) for group in written.without]
        return ((("people", key, "roles"), roles), *((("people", key, *field), None) for field in gone))

    def _key(self, name: str) -> str:
        """A key that nobody has or had, from a sign-in name."""
        former = {former for person in self.tenant.members.values() for former in person.former_keys}
        return key_for(name, {*self.tenant.members, *self.tenant.identities, *former})

    # --- access that is gone

    def removed(self, grant: Grant, what: str) -> Advice:
        """How something that others took stays away."""
        back = "run `pulumi up`, which gives it back"
        for key, item in self.tenant.identities.items():
            if item.object_id == grant.principal.value:
                return Advice(f"remove `identities.{key}`", back)
        person = self.people.get(grant.principal)
        if person is None:
            return Advice("nothing to declare", back)
        key, declared = person
        if declared.emergency:
            return Advice(f"{_CANNOT} so: an emergency account keeps Global Administrator (PT-203)", back)
        power = Path(grant).power
        left = powers_of(self.tenant, declared) - {power}
        existing = left | self._absent_groups | declared.without.keys()
        roles = [role for role in declared.roles if ROW_OF[role].powers <= existing]
        roles += [role for role in sorted(held(left).roles) if not ROW_OF[role].powers <= expand(roles)]
        if power is AgentGroup.ADMIN_AGENTS and declared.roles == (PartnerRole.GLOBAL_ADMIN,):
            stated = f"{{{power}: {{reason: WHY, owner: WHO, decided_on: DAY, until: DAY}}}}"
            return Advice(f"declare it as a deviation, until a date: `people.{key}.without: {stated}`", back)
        if powers_of(self.tenant, declared, roles) != left:
            whole = ", ".join(role.value for role in declared.roles if power in ROW_OF[role].powers)
            return Advice(f"{_CANNOT} so: {whole} gives {what} and more, and no role gives only the rest", back)
        edit = self._with_roles((key, declared), [role.value for role in roles])
        if power in declared.pins.role_assignments:
            edit = (*edit, (("people", key, "pins", "role_assignments", str(power)), None))
        if power in declared.assignments:
            edit = (*edit, (("people", key, "assignments", str(power)), None))
        if not self.accepted(edit):
            return Advice(f"{_CANNOT} so: {self.why_not([edit])}", back)
        return Advice(shown(edit), back, edit)

    @cached_property
    def _absent_groups(self) -> frozenset[Power]:
        """The powers of Table 1 that a tenant outside the CSP program does not have."""
        return frozenset() if Program.CSP in self.tenant.programs else frozenset(AgentGroup)

    # --- accounts and groups

    def changed(
        self, person: tuple[str, Person] | None, field_: str, now: object, gdap_group: str | None = None
    ) -> Advice:
        """How a property of an account or a GDAP group that was made here stays as others set it."""
        back = "run `pulumi up`, which restores it"
        if gdap_group and isinstance(now, str):
            edit: Edit = ((("gdap", "groups", gdap_group, "name"), now),)
            if self.accepted(edit):
                return Advice(shown(edit), back, edit)
            return Advice(f"{_CANNOT}: {self.why_not([edit])}", back)
        if person is None:
            why = "Partner Center gave the group its name (PT-105)"
            return Advice(f"{_CANNOT}: {why}", "rename the group back in the Entra admin center")
        key, declared = person
        edit = _of_property(key, declared, field_, now)
        if not edit:
            return Advice(f"{_CANNOT}: it cannot be declared", back)
        if not self.accepted(edit):
            return Advice(f"{_CANNOT}: {self.why_not([edit])}", back)
        return Advice(shown(edit), back, edit)

    # --- what the rules say of it

    @cached_property
    def _before(self) -> frozenset[tuple[str, str, str]]:
        # As an edit leaves it, which does not know what has ended: what an end brings about blocks no advice.
        return frozenset(map(_identity, self._blocking(applied(self.tenant, ()) or self.tenant)))

    def _blocking(self, tenant: Tenant) -> list[Finding]:
        changed = replace(self.declaration, tenants={**self.declaration.tenants, self.tenant_name: tenant})
        results = evaluate(evidence_of(changed, self.tenant_name, today=self.today))
        return [finding for item in results for finding in item.findings if finding.level.blocks]

    def _new_findings(self, edit: Edit) -> list[Finding] | None:
        """What the rules find of a tenant only with an edit; None where its file would have a mistake."""
        tenant = applied(self.tenant, self._filled_in(edit))
        if tenant is None:
            return None
        return [item for item in self._blocking(tenant) if _identity(item) not in self._before]

    def accepted(self, edit: Edit) -> bool:
        """Whether the rules have nothing against an edit that they have nothing against already."""
        return self._new_findings(edit) == []

    def _filled_in(self, edit: Edit) -> Edit:
        """An edit with some business address, where it says that one is to be written."""
        home = self.declaration.partner.headquarters
        domain = home.domain if home else self.tenant.domains.all[-1]
        return tuple(
            (path, {**value, "email": f"{path[-1]}@{domain}"})
            if isinstance(value, dict) and value.get("email") == _FILL_IN
            else (path, value)
            for path, value in edit
        )

    def why_not(self, edits: Iterable[Edit]) -> str:
        """Why none of some edits is accepted: what the rules find, or that the file cannot say it."""
        found = next((some for edit in edits if (some := self._new_findings(edit))), None)
        if not found:
            return "a declaration cannot hold the present value"
        first = found[0]
        more = f" (and {len(found) - 1} more)" if len(found) > 1 else ""
        return f"[{first.rule}] {first.actual}; expected: {first.expected}{more}"


def _identity(finding: Finding) -> tuple[str, str, str]:
    return finding.rule, finding.object, finding.actual


def assignment_of(path: Path) -> dict[str, Any]:
    """How a role is declared to be assigned; nothing where it is active for the whole tenant."""
    unit = path.grant.scope.rpartition("/")[2] if path.grant.scope != "/" else None
    eligible = path.grant.assignment_type is AssignmentType.ELIGIBLE
    return {**({"eligible": True} if eligible else {}), **({"administrative_unit": unit} if unit else {})}


def _for_somebody_declared(
    person: tuple[str, Person],
    pins: dict[str, str],
    how: dict[str, dict[str, Any]],
    own: Collection[Power],
) -> Edit:
    key, declared = person
    edit: list[tuple[tuple[str, ...], Any]] = [
        (("people", key, "without", group.value), None) for group in declared.without if group in own
    ]
    for name in (power.value for power in own if isinstance(power, DirectoryRole)):
        if name in pins:
            edit.append((("people", key, "pins", "role_assignments", name), pins[name]))
        if name in how:
            edit.append((("people", key, "assignments", name), how[name]))
        elif name in {role.value for role in declared.assignments}:
            edit.append((("people", key, "assignments", name), None))
    return tuple(edit)


def _of_property(key: str, declared: Person, field_: str, now: object) -> Edit:
    if field_ in FIELD_OF and isinstance(now, str):
        edit: Edit = ((("people", key, FIELD_OF[field_]), now),)
        former = [*(upn for upn in declared.former_upns if upn != now), declared.upn]
        return (*edit, (("people", key, "former_upns"), former)) if field_ == "userPrincipalName" else edit
    if field_ == "accountEnabled" and (now is False or (now is True and not declared.leaves)):
        state = PersonState.PRESENT if now else PersonState.DISABLED
        return ((("people", key, "state"), state.value),)
    return ()
