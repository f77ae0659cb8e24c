"""Puts what the engine found beside what Microsoft Graph tells and what is declared. Pure.

A piece of access has drifted where the tenant gives it and neither the last update left it nor the declaration asks
for it (added), or where the last update left it and the tenant gives it no more (removed). What is declared and not
yet applied, or taken out of the declaration and not yet taken away, is no drift: the next update was always to do it.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Final

from tenantry.access.declared import access_map as declared_map
from tenantry.access.declared import identities, target_name
from tenantry.access.grants import AccessMap, Grant, Kind, Reason, Standing
from tenantry.access.inverse import grant_of
from tenantry.access.observed import GroupMembers, NotRead, ObservedTenant
from tenantry.access.observed import access_map as observed_map
from tenantry.access.principals import AmbiguousPrincipalError, Identity, Principal, Principals, folded_upn
from tenantry.access.registered import RegisteredResource, read
from tenantry.access.resource_types import GROUP, USER
from tenantry.declaration.models import Mode, Person, Tenant
from tenantry.drift.model import Change, Drift, NotEvaluated, SeenBy, Triage
from tenantry.graph.errors import Cause
from tenantry.graph.models import MemberKind
from tenantry.roles import TABLE_1, AgentGroup, DirectoryRole
from tenantry.rules.planned import Deed, Fate

#: The properties of an account or group that are told, by the words for them.
WORDS: Final[Mapping[str, str]] = {
    "accountEnabled": "whether the account is enabled",
    "displayName": "the name",
    "mail": "the e-mail address",
    "userPrincipalName": "the sign-in name",
}
_COMPARED: Final = (Kind.AGENT_GROUP, Kind.DIRECTORY_ROLE)


@dataclass(frozen=True)
class Facts:
    """What is known of a tenant."""

    tenant: Tenant
    tenant_name: str
    """As the stack has it, without the partner: what the names of its resources begin with."""
    deeds: tuple[Deed, ...] | NotEvaluated
    """What the engine found, after it had looked at the tenant; or why it found nothing out."""
    observed: ObservedTenant | NotEvaluated
    """What Graph tells; or why it tells nothing."""
    today: date = field(default_factory=date.today)


@dataclass(frozen=True)
class Found:
    """What came of a comparison."""

    drift: tuple[Drift, ...]
    not_evaluated: tuple[NotEvaluated, ...]
    stale: tuple[Triage, ...]


def compare(facts: Facts) -> Found:
    """Everything that others changed in a tenant, most dangerous first, and what could not be told."""
    comparison = _Comparison(facts)
    drift = sorted(comparison.drift(), key=lambda one: (one.danger, one.change, one.who, one.what))
    triage = _triage(facts)
    told = tuple(replace(one, triage=_of(triage, one)) for one in drift)
    used = {one.triage.key for one in told if one.triage}
    stale = tuple(known for known, _ in triage if known.key not in used)
    return Found(told, tuple(comparison.not_evaluated()), stale)


class _Comparison:
    def __init__(self, facts: Facts) -> None:
        self._facts, self._tenant = facts, facts.tenant
        self._deeds = facts.deeds if isinstance(facts.deeds, tuple) else ()
        self._made_here = {
            f"{facts.tenant_name}-{person.first_key(key)}": person.upn
            for key, person in self._tenant.members.items()
            if not person.adopted
        }
        self._identities = tuple(_agreeing([*self._whom_one_knows(), *_observed_people(facts.observed)]))
        self._principals = Principals(self._identities)
        self._names = dict(self._known_names())
        self._declared = declared_map(self._tenant)
        self._left = self._view(deed.remembered for deed in self._deeds)
        self._now = self._view(deed.before for deed in self._deeds)
        self._seen = (
            observed_map(facts.observed, self._identities)
            if isinstance(facts.observed, ObservedTenant)
            else AccessMap()
        )

    # --- what was not looked at

    def not_evaluated(self) -> Iterator[NotEvaluated]:
        if isinstance(self._facts.deeds, NotEvaluated):
            yield self._facts.deeds
        observed = self._facts.observed
        if isinstance(observed, NotEvaluated):
            yield observed
            return
        for group in AgentGroup:
            found = observed.agent_groups.get(group)
            # A group that is not there holds nobody; one that is there and was not read may hold anybody.
            if isinstance(found, NotRead) and (found.cause is not Cause.GONE or self._manages(group)):
                yield NotEvaluated(f"who is in {group}", found.text)
        if observed.roles_not_read:
            yield NotEvaluated("directory roles that nobody declared", observed.roles_not_read.text)
        for place in sorted(self._seen.opaque):
            yield NotEvaluated(f"{place.kind} {place.target}", f"{place.where}: {place.why}")

    def _manages(self, group: AgentGroup) -> bool:
        return any(grant.kind is Kind.AGENT_GROUP and grant.target == group for grant in self._declared.grants)

    # --- drift

    def drift(self) -> Iterator[Drift]:
        yield from self._added()
        yield from self._removed()
        for deed in self._deeds:
            yield from self._changed(deed)
        yield from self._leavers_who_stay()

    def _leavers_who_stay(self) -> Iterator[Drift]:
        """Adopted people who leave and can still sign in: no update ever disables an adopted account."""
        users = self._facts.observed.users if isinstance(self._facts.observed, ObservedTenant) else ()
        enabled = {
            self._principals.resolve(object_id=user.id)
            for user in (users if isinstance(users, tuple) else ())
            if user.account_enabled is not False
        }
        for key, person in self._tenant.members.items():
            principal = self._principals.resolve(upn=person.upn)
            if person.adopted and person.leaves and principal in enabled:
                who, called, declared = self._named(principal)
                yield Drift(
                    Change.KEPT,
                    who,
                    called,
                    declared,
                    "the account",
                    "declared `state: leaver`",
                    SeenBy.GRAPH,
                    "leaves it: an adopted account is never written; disable it in the Entra admin center",
                    f"take `state: leaver` from `people.{key}`",
                    1,
                )

    def _added(self) -> Iterator[Drift]:
        # What the next update was always to take is no drift, but for a leaver: an update that failed halfway must not
        # leave them what they held, with nothing said.
        left = {grant: why for grant, why in self._left.grants.items() if not self._leaves(grant.principal)}
        stated = {**left, **self._declared.grants}
        for grant, reasons in self._in_tenant().items():
            if grant.kind not in _COMPARED or _covered(grant, stated) or self._is_allowed(grant):
                continue
            by_engine = grant in self._now.grants
            yield self._access(Change.ADDED, grant, sorted(reason.text for reason in reasons), by_engine=by_engine)

    def _removed(self) -> Iterator[Drift]:
        held = self._in_tenant()
        for grant in self._left.grants:
            gone = grant.kind in _COMPARED and not _covered(grant, held)
            if gone and _covered(grant, self._declared.grants):
                yield self._access(Change.REMOVED, grant, [], by_engine=True)

    def _in_tenant(self) -> dict[Grant, frozenset[Reason]]:
        """What the tenant gives: as Graph tells it where it does, else as the engine read it."""
        by_engine = {g: r for g, r in self._now.grants.items() if not self._seen.answered(g)}
        return {**self._seen.grants, **by_engine}

    def _is_allowed(self, grant: Grant) -> bool:
        """Whether the declaration allows a role beyond Table 1 (`allowed_roles`), by template id or name."""
        allowed = {text.casefold() for pair in self._tenant.allowed_roles.items() for text in pair}
        return grant.kind is Kind.DIRECTORY_ROLE and grant.target.casefold() in allowed

    def _changed(self, deed: Deed) -> Iterator[Drift]:
        left, now = deed.remembered, deed.before
        if left is None:
            return
        who, principal, declared = self._whose(left)
        if now is None:
            if left.type in (USER, GROUP) and deed.fate is Fate.CREATED:
                yield Drift(
                    Change.DELETED,
                    who,
                    principal,
                    declared,
                    "the account" if left.type == USER else "the group",
                    "",
                    SeenBy.ENGINE,
                    "makes a new one, which is another principal to everybody",
                    "restore it in the Entra admin center, within 30 days",
                    0,
                )
            return
        for key in sorted(deed.changed & WORDS.keys()):
            before, after = left.outputs.get(key), now.outputs.get(key)
            if before != after:
                yield Drift(
                    Change.CHANGED,
                    who,
                    principal,
                    declared,
                    WORDS[key],
                    f"from {_said(before)} to {_said(after)}",
                    SeenBy.ENGINE,
                    "puts it back",
                    f"declare {_said(after)}",
                    2,
                )

    def _access(self, change: Change, grant: Grant, reasons: list[str], *, by_engine: bool) -> Drift:
        name, principal, declared = self._named(grant.principal)
        seen_by = SeenBy.ENGINE if by_engine else SeenBy.GRAPH
        how = [
            *(["eligible"] if grant.standing is Standing.ELIGIBLE else []),
            *([f"over {grant.scope}"] if grant.scope != "/" else []),
            *[reason for reason in reasons if "through" in reason or " as " in reason],
            *(["declared `state: leaver`"] if self._leaves(grant.principal) else []),
        ]
        what = target_name(grant)
        next_update = self._next_update(change, grant, by_engine=by_engine)
        keep = self._keep(change, grant, principal)
        danger = _danger(grant)
        return Drift(change, name, principal, declared, what, ", ".join(how), seen_by, next_update, keep, danger)

    def _next_update(self, change: Change, grant: Grant, *, by_engine: bool) -> str:
        if change is Change.REMOVED:
            return "gives it back"
        if grant.kind is Kind.AGENT_GROUP and (by_engine or self._tenant.mode is Mode.AUTHORITATIVE):
            return "takes it away" if self._tenant.mode is Mode.AUTHORITATIVE else "leaves it: the mode is additive"
        if by_engine:
            return "takes it away"
        return "leaves it: take it away where it was given"

    def _keep(self, change: Change, grant: Grant, principal: str) -> str:
        person = self._person(grant.principal)
        if person and person[1].leaves:
            return f"take `state: leaver` from `people.{person[0]}`"
        if change is Change.REMOVED:
            return f"take the role that gives it from `people.{person[0]}.roles`" if person else "nothing to declare"
        role = next(
            (
                row.role.value
                for row in sorted(TABLE_1, key=lambda row: len(row.powers))
                if any(
                    grant_of(grant.principal, power) == replace(grant, standing=Standing.STANDING)
                    for power in row.powers
                )
            ),
            None,
        )
        if role is None:
            return "an exception from PT-103, or `allowed_roles` in a tenant of own use"
        if person is None:
            return f"declare them with `roles: [{role}]` and `adopted: {principal}`"
        return f"add {role} to `people.{person[0]}.roles`" + (
            " and its id to their `pins`" if person[1].adopted and grant.kind is Kind.DIRECTORY_ROLE else ""
        )

    # --- who is who

    def _whom_one_knows(self) -> tuple[Identity, ...]:
        """Who goes by which id: the declaration and, of accounts that were made here, the state of the last update."""
        made = [
            Identity(self._upn_of_account(account), account.object_id, deed.urn)
            for deed in self._deeds
            if (account := deed.remembered) and account.type == USER
        ]
        return (*identities(self._tenant), *made)

    def _upn_of_account(self, account: RegisteredResource) -> str | None:
        """The declared UPN of the person whose account it is, whatever others renamed it to; else its own."""
        return self._made_here.get(account.name) or account.known("userPrincipalName")

    def _known_names(self) -> Iterator[tuple[Principal, tuple[str, str]]]:
        """Every principal by name, and by what the declaration may call them; those who are declared last."""
        if isinstance(self._facts.observed, ObservedTenant):
            for object_id, name in _observed_names(self._facts.observed):
                yield self._principals.resolve(object_id=object_id), (name, object_id)
        for person in self._tenant.members.values():
            yield self._principals.resolve(upn=person.upn), (f"{person.full_name} ({person.upn})", person.upn)

    def _named(self, principal: Principal) -> tuple[str, str, bool]:
        name, called = self._names.get(principal, (str(principal), principal.value))
        return name, called, self._person(principal) is not None

    def _person(self, principal: Principal) -> tuple[str, Person] | None:
        for key, person in self._tenant.members.items():
            if self._principals.resolve(upn=person.upn) == principal:
                return key, person
        return None

    def _leaves(self, principal: Principal) -> bool:
        person = self._person(principal)
        return person is not None and person[1].leaves

    def _whose(self, resource: RegisteredResource) -> tuple[str, str, bool]:
        if resource.type == USER:
            return self._named(self._principals.resolve(urn=resource.urn))
        name = resource.known("displayName") or resource.name
        return f"the group {name}", resource.object_id or resource.name, False

    def _view(self, resources: Iterable[RegisteredResource | None]) -> AccessMap:
        there = [one for one in resources if one]
        return read(there, self._identities, self._tenant.agent_groups.ids).access


def _agreeing(known: Iterable[Identity]) -> Iterator[Identity]:
    """Those that contradict none before them: a stranger who took over a name is not its former bearer."""
    principals = Principals()
    for identity in known:
        try:
            principals.add(identity)
        except AmbiguousPrincipalError:
            continue
        yield identity


def _observed_people(observed: ObservedTenant | NotEvaluated) -> Iterator[Identity]:
    users = observed.users if isinstance(observed, ObservedTenant) else ()
    for user in users if isinstance(users, tuple) else ():
        yield Identity(upn=user.user_principal_name, object_id=user.id)


def _observed_names(observed: ObservedTenant) -> Iterator[tuple[str, str]]:
    """Object ids with the names that people know."""
    for user in observed.users if isinstance(observed.users, tuple) else ():
        yield user.id, f"{user.display_name or user.user_principal_name} ({user.user_principal_name})"
    listed = [found.members for found in observed.agent_groups.values() if isinstance(found, GroupMembers)]
    for members in (*listed, *observed.inside.values()):
        for member in members if isinstance(members, tuple) else ():
            if member.kind is not MemberKind.USER:
                yield member.id, f"the {member.kind} {member.display_name or member.id}"
    for group in observed.role_groups if isinstance(observed.role_groups, tuple) else ():
        yield group.id, f"the group {group.display_name or group.id}"
    for service in observed.service_principals if isinstance(observed.service_principals, tuple) else ():
        yield service.id, f"the service principal {service.display_name or service.id}"


def _covered(grant: Grant, by: Collection[Grant]) -> bool:
    """Whether one of some grants gives at least as much. Most are among them as they are, which is asked first."""
    return grant in by or any(one.covers(grant) for one in by)


def _danger(grant: Grant) -> int:
    everything = (AgentGroup.ADMIN_AGENTS.value, DirectoryRole.GLOBAL_ADMINISTRATOR.template_id)
    if grant.target in everything:
        return 0
    return 1 if grant.kind is Kind.DIRECTORY_ROLE else 2


def _said(value: object) -> str:
    if isinstance(value, bool):
        return "enabled" if value else "disabled"
    return repr(value) if isinstance(value, str) and value else "nothing"


def _triage(facts: Facts) -> list[tuple[Triage, tuple[str, str]]]:
    return [
        (
            Triage(key, one.state, one.reason, one.owner, one.until, expired=one.until < facts.today),
            (folded_upn(one.principal), one.what.casefold()),
        )
        for key, one in facts.tenant.drift.items()
    ]


def _of(triage: Iterable[tuple[Triage, tuple[str, str]]], drift: Drift) -> Triage | None:
    names = {folded_upn(drift.principal), *_inside(drift.who)}
    return next((known for known, (who, what) in triage if who in names and what == drift.what.casefold()), None)


def _inside(who: str) -> Iterator[str]:
    """The UPN in "Ada Moss (ada.moss@…)"."""
    if who.endswith(")") and "(" in who:
        yield folded_upn(who.rpartition("(")[2][:-1])
