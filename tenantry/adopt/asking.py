"""Which questions a tenant leaves, once all that can be declared of it is declared. Pure."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Set
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from tenantry.access.danger import danger_of
from tenantry.access.declared import access_map
from tenantry.access.diff import covering
from tenantry.access.grants import Kind
from tenantry.access.principals import Principal
from tenantry.adopt.holdings import Holdings
from tenantry.adopt.people import Account, Content, is_person
from tenantry.adopt.questions import ACCEPT, LATER, LEGEND, REMOVE, About, Choice, Question
from tenantry.declaration.decisions import DriftState
from tenantry.declaration.fields import is_microsofts
from tenantry.declaration.keys import key_for, name_for
from tenantry.declaration.person import PersonState
from tenantry.declaration.tenant import Program, Purpose, Tenant
from tenantry.drift.advice import Adviser, Path
from tenantry.graph.models import Group, MemberKind
from tenantry.roles import NEVER_ASSIGNED, AgentGroup, AssignmentType, DirectoryRole, PartnerRole
from tenantry.rules.addresses import domain_of
from tenantry.spelling import folded_upn
from tenantry.todo import TodoKind, todo_id

_KINDS: Final = {
    MemberKind.GROUP: About.GROUP,
    MemberKind.SERVICE_PRINCIPAL: About.APPLICATION,
    MemberKind.OTHER: About.OBJECT,
}
_ASKS: Final = {
    About.DISABLED: "The account is disabled; the person may have left.",
    About.LEAVER: "They are declared as a leaver, and leavers have no access. An update removes only access that the "
    "stack gave; remove the rest by hand.",
    About.GUEST: "A guest may hold no agent group or directory role (PT-106).",
    About.GROUP: "A declaration has only people, and this is a group.",
    About.APPLICATION: "A declaration has only people, and this is a service principal.",
    About.OBJECT: "A declaration has only people, and this is neither a person nor a group.",
    About.UNKNOWN: "It is unknown what this is: look up the object id in the Entra admin center.",
    About.PARTNER_TIER: "Microsoft lists this role as not intended for use (PT-104).",
    About.OUTSIDE: "Table 1 gives Global admins AdminAgents too, but this account is not a member.",
    About.SYNCHRONISED: "The account is synchronised from an on-premises directory, which then decides who has this "
    "(PT-312).",
    About.ELIGIBLE: "No stack can import this eligible role: its request is purged, or has no justification. Once it "
    "is "
    "removed by hand, the stack can give it again.",
    About.OTHER_ROLES: "No partner role gives this (PT-103).",
}
_NO_EMERGENCY: Final = (
    "Nothing shows that it is an emergency account: those hold Global Administrator alone, active and everywhere, and "
    "sign in with a name in an onmicrosoft.com domain."
)
_LATER: Final = Choice(LATER, LEGEND[LATER])


@dataclass(frozen=True)
class Left:
    """A tenant once all that can be declared of it is declared."""

    holdings: Holdings
    content: Content
    """What the file says."""
    tenant: Tenant
    """The same, as it is declared."""
    adviser: Adviser
    today: date
    refused: Mapping[Principal, tuple[str, ...]]
    """Whom the rules refuse as they are, and why."""
    without_email: Set[Principal]
    """Whose address the rules refuse."""
    look_alikes: Mapping[AgentGroup, tuple[Group, ...]]
    """Further groups with the name of an agent group."""

    def questions(self) -> list[Question]:
        """Everything that people must settle, in no order."""
        asked: dict[tuple[About, Principal], list[Path]] = defaultdict(list)
        for path in self.paths():
            if path.through:
                asked[About.GROUP, self.holdings.of_id(path.through)].append(path)
            else:
                asked[self._about(path), path.grant.principal].append(path)
        found = [self._question(about, who, paths) for (about, who), paths in sorted(asked.items())]
        found += [self._of_a_name(group, others) for group, others in self.look_alikes.items()]
        found += [self._of_an_address(who) for who in sorted(self.without_email)]
        return found

    def paths(self) -> Iterator[Path]:
        """Everything that somebody holds, and neither the declaration gives nor a decision in it settles."""
        is_declared = covering(access_map(self.tenant).grants)
        allowed = {template_id.casefold() for template_id in self.tenant.allowed_roles.values()}
        for path in self.holdings.everything:
            grant = path.grant
            is_allowed = grant.kind is Kind.DIRECTORY_ROLE and grant.target.casefold() in allowed
            if not (is_allowed or is_declared(grant) or self._is_decided(path)):
                yield path

    def _is_decided(self, path: Path) -> bool:
        grant = path.grant
        known = self.holdings.known.get(grant.principal)
        names = (grant.principal.value, known.upn if known else None, known.object_id if known else None)
        called = {folded_upn(name) for name in names if name}
        of_role = grant.assignment_type if grant.kind is Kind.DIRECTORY_ROLE else None
        exactly = (self.holdings.what(grant).casefold(), of_role, grant.scope.casefold(), path.through)
        return any(
            folded_upn(one.principal) in called
            and (one.what.casefold(), one.assignment, one.scope.casefold(), one.through or "") == exactly
            and one.decided_on <= self.today <= one.until
            for one in self.tenant.drift.values()
        )

    # --- one question

    def _about(self, path: Path) -> About:
        principal, grant = path.grant.principal, path.grant
        known = self.holdings.known.get(principal)
        if known is None:
            return About.UNKNOWN
        if known.kind in _KINDS:
            return _KINDS[known.kind]
        if known.guest:
            return About.GUEST
        person = self.tenant.members.get(self.holdings.keys[principal])
        if person and person.leaves:
            return About.LEAVER
        if not known.enabled and not person:
            return About.DISABLED
        if grant.target.casefold() in NEVER_ASSIGNED:
            return About.PARTNER_TIER
        if principal in self.refused:
            return About.RULES
        if known.synchronised and path.power is not None:
            return About.SYNCHRONISED
        if path.power is not None and not self.holdings.can_be_taken_over(path):
            return About.ELIGIBLE
        if path.power is DirectoryRole.GLOBAL_ADMINISTRATOR and grant.scope == "/":
            return About.OUTSIDE
        return About.OTHER_ROLES

    def _question(self, about: About, who: Principal, paths: list[Path]) -> Question:
        own = [path for path in paths if not path.through] or paths
        return Question(
            key=f"{about}/{self.holdings.keys[who]}",
            subject=self._subject(about, who),
            holds=tuple(dict.fromkeys(map(self.holdings.described, own))),
            asks=self._asks(about, who, own),
            choices=tuple(self._choices(about, who, paths)),
            danger=min((danger_of(path.grant) for path in paths), key=lambda danger: danger.rank),
            paths=tuple(paths),
        )

    def _asks(self, about: About, who: Principal, paths: list[Path]) -> str:
        if about is About.RULES:
            return f"The rules refuse this person as they are: {'; '.join(self.refused[who])}."
        if about is About.OUTSIDE and not self._is_like_emergency(who):
            return f"{_ASKS[about]} {_NO_EMERGENCY}"
        if about is About.OTHER_ROLES and any(isinstance(path.power, AgentGroup) for path in paths):
            return "The declaration gives this person other access."
        return _ASKS[about]

    def _subject(self, about: About, who: Principal) -> str:
        called = self.holdings.called(who)
        if about is not About.GROUP:
            return called
        count = len({path.grant.principal for path in self.holdings.through(who)})
        return f"{called} ({count} {'account' if count == 1 else 'accounts'} in it)"

    def _choices(self, about: About, who: Principal, paths: list[Path]) -> Iterator[Choice]:
        account = self._account(who)
        if about is About.DISABLED and account:
            entry = account.entry(roles=[], state=PersonState.LEAVER.value)
            if is_person(entry):
                does = "declare them as a leaver, without access: remove their access by hand"
                # What is seen here is nothing that somebody still has to do.
                disabled = (("done", todo_id(TodoKind.DISABLE, account.key)), self.today)
                yield Choice("leaver", does, edit=((("people", account.key), entry), disabled))
            if account.roles:
                yield Choice("declare", "declare them with their access, although the account is disabled")
        if about is About.RULES:
            yield Choice("declare", "declare them as they are, although `tenantry check` will report it as a mistake")
        if about is About.OUTSIDE and account and self._is_like_emergency(who):
            pin = {DirectoryRole.GLOBAL_ADMINISTRATOR.value: self.holdings.paths[who][0].assignment_id}
            roles = [PartnerRole.GLOBAL_ADMIN.value]
            entry = account.entry(roles=roles, emergency=True, pins={"role_assignments": pin})
            does = "declare it as an emergency account: those are Global admins outside AdminAgents"
            yield Choice("emergency", does, edit=((("people", account.key), entry),))
        if about is About.OUTSIDE and account and (kept_out := account.kept_out(self._entry(account.key))):
            yield Choice(
                "deviation",
                "declare them as Global admin, kept out of AdminAgents until a date (`without`)",
                edit=((("people", account.key), kept_out),),
                decisions=((("people", account.key, "without", AgentGroup.ADMIN_AGENTS.value), {}),),
            )
        groups = [path.power.value for path in paths if isinstance(path.power, AgentGroup) and not path.through]
        if about is About.APPLICATION and groups:
            known = self.holdings.known[who]
            stated = {"object_id": known.object_id, "name": name_for(known.name), "groups": sorted(groups)}
            yield Choice(
                "declare",
                "declare it until a date, under `identities`",
                decisions=((("identities", self.holdings.keys[who]), stated),),
            )
        if about is About.OTHER_ROLES and Purpose.OWN_USE in self.tenant.purpose:
            others = {self.holdings.what(path.grant): path.grant.target for path in paths if path.power is None}
            allowed = tuple((("allowed_roles", name), template_id) for name, template_id in sorted(others.items()))
            if allowed:
                yield Choice("allow", "allow the role in this tenant (its `purpose` has `own use`)", edit=allowed)
        if about is not About.DISABLED and not any(map(self.adviser.why_never, paths)):
            yield Choice(ACCEPT, LEGEND[ACCEPT], decisions=tuple(self._decisions(paths, DriftState.ACCEPTED)))
        yield Choice(
            REMOVE,
            LEGEND[REMOVE],
            self._by_hand(paths),
            decisions=tuple(self._decisions(paths, DriftState.TO_BE_REMOVED)),
        )
        yield _LATER

    def _account(self, who: Principal) -> Account | None:
        known = self.holdings.known.get(who)
        if known is None or not known.is_member_account:
            return None
        return Account.of(self.holdings, who, has_groups=self.has_groups, with_email=False)

    @property
    def has_groups(self) -> bool:
        """Whether the tenant is in the program whose agent groups it has."""
        return Program.CSP in self.tenant.programs

    def _entry(self, key: str) -> Content | None:
        """What the file says of somebody."""
        return (self.content.get("people") or {}).get(key)

    def _is_like_emergency(self, who: Principal) -> bool:
        """Whether somebody holds Global Administrator all the time, everywhere, and nothing else, and signs in with a
        name that no domain of the partner's can take away. (What is synchronised is a question of its own.)
        """
        paths, upn = self.holdings.paths[who], self.holdings.known[who].upn
        if not upn or not is_microsofts(domain_of(upn)):
            return False
        if len(paths) != 1 or paths[0].through or not paths[0].assignment_id:
            return False
        return paths[0].grant.assignment_type is AssignmentType.ACTIVE and paths[0].grant.scope == "/"

    def _by_hand(self, paths: Iterable[Path]) -> str:
        direct = [path for path in paths if not path.through] or list(paths)
        return "; ".join(dict.fromkeys(self.adviser.take_away(path, self.holdings.what(path.grant)) for path in direct))

    def _decisions(self, paths: Iterable[Path], state: DriftState) -> Iterator[tuple[tuple[str, ...], Any]]:
        taken = set(self.tenant.drift)
        for path in paths:
            grant, what = path.grant, self.holdings.what(path.grant)
            key = key_for(f"{self.holdings.keys[grant.principal]} {what}", taken)
            taken.add(key)
            known = self.holdings.known.get(grant.principal)
            decision = {"principal": known.object_id if known else grant.principal.value, "what": what}
            if grant.kind is Kind.DIRECTORY_ROLE:
                decision["assignment"] = grant.assignment_type.value
            if grant.scope != "/":
                decision["scope"] = grant.scope
            if path.through:
                decision["through"] = path.through
            yield ("drift", key), {**decision, "state": state.value}

    def _of_a_name(self, group: AgentGroup, others: tuple[Group, ...]) -> Question:
        taken = self.tenant.agent_groups.ids[group]
        return Question(
            key=f"{About.GROUP_NAME}/{group}",
            subject=f"the group {group}",
            holds=(),
            asks=f"{len(others) + 1} groups have this name, and {taken} is assumed to be the one that Partner Center "
            "created. Rename or delete the others in the Entra admin center.",
            choices=(*(Choice(one.id, "Partner Center created this one") for one in others), _LATER),
        )

    def _of_an_address(self, who: Principal) -> Question:
        known, key = self.holdings.known[who], self.holdings.keys[who]
        return Question(
            key=f"{About.EMAIL}/{key}",
            subject=self.holdings.called(who),
            holds=(),
            asks=f"The rules refuse the address {known.email}: it is not declared.",
            choices=(
                Choice(
                    "declare",
                    "write it as it is, although `tenantry check` will report it as a mistake",
                    edit=((("people", key, "email"), known.email),),
                ),
                _LATER,
            ),
        )
