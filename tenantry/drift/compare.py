"""Puts what the engine found beside what Microsoft Graph shows and what is declared. Pure.

A piece of access has drifted where the tenant gives it and neither the last update left it nor the declaration asks
for it (added), or where the last update left it and the tenant gives it no more (removed). What is declared and not
yet applied, or taken out of the declaration and not yet taken away, is no drift: the next update was always to do it.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property, partial
from typing import Final

from tenantry.access.danger import Danger, danger_of
from tenantry.access.declared import access_map as declared_map
from tenantry.access.declared import ended, identities, who
from tenantry.access.diff import covering, diff
from tenantry.access.grants import WHOLE_TENANT, AccessMap, Answer, Grant, Kind, Reason, power_id
from tenantry.access.observed import GroupMembers, ObservedTenant
from tenantry.access.observed import access_map as observed_map
from tenantry.access.parts import NotRead, or_none
from tenantry.access.preview import Refreshed
from tenantry.access.principals import Identity, Principal, Principals, agreeing, in_tenant
from tenantry.access.registered import RegisteredResource, read
from tenantry.access.renames import Renames, renames
from tenantry.access.resource_changes import ResourceChange
from tenantry.access.resource_types import GROUP, USER
from tenantry.declaration.decisions import DRIFT_OBJECTS, DRIFT_PROPERTIES, DriftDecision
from tenantry.declaration.load import Declaration
from tenantry.declaration.person import Person
from tenantry.declaration.tenant import Tenant
from tenantry.drift.advice import AGENTS_ALONE, FIELD_OF, Adviser, Path
from tenantry.drift.customers import AtCustomersDrift, Left, group_key
from tenantry.drift.model import Advice, Change, Drift, SeenBy, Triage
from tenantry.drift.names import Names
from tenantry.findings import NotEvaluated, field_name
from tenantry.graph.errors import Cause
from tenantry.graph.models import MemberKind, User
from tenantry.roles import NEVER_ASSIGNED, AgentGroup, AssignmentType, DirectoryRole
from tenantry.spelling import folded_upn

AT_CUSTOMERS: Final = "access at customers"
"""What a part is called that was not read of it."""
_COMPARED: Final = (Kind.AGENT_GROUP, Kind.DIRECTORY_ROLE)
_MEMBERS, _ROW, _OFF_THE_LIST, _NOT_FOR_USE, _GROUPS = "PT-101", "PT-102", "PT-103", "PT-104", "PT-105"
_GUESTS, _NO_PEOPLE, _UNDECLARED, _AGENT_ALONE = "PT-106", "PT-107", "PT-108", "PT-111"
_ENDED, _NAMES, _NEEDLESS, _EMPTY = "PT-207", "PT-304", "PT-309", "PT-607"
_AS_IT_SEEMS: Final = " (an undeclared account has this address; check that it is theirs)"
_RESTORE: Final = "restore it in the Entra admin center, within 30 days"


@dataclass(frozen=True)
class Facts:
    """What is known of a tenant."""

    declaration: Declaration
    tenant_name: str
    """As the stack has it, without the partner: what the names of its resources begin with."""
    engine: Refreshed | NotEvaluated | None
    """What the engine's refresh found; or why it found nothing out. None where no engine was asked: then what is
    declared counts as what the last update left."""
    observed: ObservedTenant | NotEvaluated
    """What Graph answered; or why it did not."""
    today: date = field(default_factory=date.today)

    @property
    def tenant(self) -> Tenant:
        """The tenant's declaration."""
        return self.declaration.tenants[self.tenant_name]


@dataclass(frozen=True)
class Found:
    """What came of a comparison."""

    drift: tuple[Drift, ...]
    not_evaluated: tuple[NotEvaluated, ...]
    stale: tuple[str, ...]
    """The keys of decisions that fit nothing."""


def compare(facts: Facts) -> Found:
    """Everything that others changed in a tenant, most dangerous first, and what could not be compared."""
    comparison = _Comparison(facts)
    found = sorted(
        comparison.drift(), key=lambda item: (item.danger.rank, item.change, item.subject, item.what, item.how)
    )
    # A decision of a day to come would hold for longer than the year that it may: one that is made goes first.
    decisions = sorted(facts.tenant.drift.items(), key=lambda item: item[1].decided_on > facts.today)
    decided = [next((key for key, decision in decisions if _is_about(decision, item)), None) for item in found]
    drift = tuple(
        item.model_copy(update={"triage": _triage(key, facts.tenant.drift[key], facts.today)}) if key else item
        for item, key in zip(found, decided, strict=True)
    )
    stale = tuple(key for key in facts.tenant.drift if key not in decided)
    return Found(drift, tuple(comparison.not_evaluated()), stale)


class _Comparison:
    def __init__(self, facts: Facts) -> None:
        self._facts, self._tenant = facts, facts.tenant
        self._observed = facts.observed if isinstance(facts.observed, ObservedTenant) else None
        self._users = or_none(self._observed.users) if self._observed else ()
        # The engine knows the accounts that the stack made, whatever they are called.
        self._renames = renames(self._tenant, self._observed) if self._observed and not facts.engine else Renames()
        self._resource_changes = facts.engine.resource_changes if isinstance(facts.engine, Refreshed) else ()
        self._made_here = {
            f"{facts.tenant_name}-{person.first_key(key)}": person.upn
            for key, person in self._tenant.members.items()
            if not person.adopted
        }
        known = self._observed.principals() if self._observed else {}
        seen = self._observed.identities() if self._observed else []
        self._identities = tuple(agreeing([*identities(self._tenant), *self._made(), *seen]))
        self._principals = Principals(self._identities)
        self._known = {self._principals.resolve(object_id=object_id): item for object_id, item in known.items()}
        self._people = {
            self._principals.resolve(upn=person.upn): (key, person) for key, person in self._tenant.members.items()
        }
        self._due = {
            (self._principals.resolve(upn=item.identity.upn, object_id=item.identity.object_id), power_id(power)): item
            for item in ended(self._tenant)
            for power in item.powers
        }
        self._declared = declared_map(self._tenant)
        self._left = self._view(resource_change.prior for resource_change in self._resource_changes)
        self._now = self._view(resource_change.before for resource_change in self._resource_changes)
        self._asked_engine = facts.engine is not None
        self._seen = observed_map(self._observed, self._identities) if self._observed else AccessMap()
        self._held = self._in_tenant()

    # --- what was not looked at

    def not_evaluated(self) -> Iterator[NotEvaluated]:
        engine = self._facts.engine
        if isinstance(engine, NotEvaluated):
            yield engine
        elif engine is not None:
            yield from (NotEvaluated(side="stack", what=name, why=why) for name, why in engine.not_read)
        observed = self._facts.observed
        if isinstance(observed, NotEvaluated):
            yield observed
            return
        for group in AgentGroup:
            found = observed.agent_groups.get(group)
            # A group that is not there holds nobody; one that is there and was not read may hold anybody.
            if isinstance(found, NotRead) and (found.cause is not Cause.GONE or self._manages(group)):
                yield NotEvaluated(side="tenant", what=f"the members of {group}", why=found.text)
        if observed.roles_not_read:
            what = "undeclared directory roles"
            yield NotEvaluated(side="tenant", what=what, why=observed.roles_not_read.text)
        customers = observed.at_customers
        for part in (customers.relationships, customers.groups) if customers else ():
            if isinstance(part, NotRead):
                yield NotEvaluated(side="tenant", what=AT_CUSTOMERS, why=part.text)
        for name in self._customers.ambiguous() if self._customers else ():
            why = (
                f"several groups are named {name!r}: write the object id of the right one as `adopted` in `gdap.groups`"
            )
            yield NotEvaluated(side="tenant", what=AT_CUSTOMERS, why=why)
        for place in sorted(self._seen.unresolved):
            what, why = f"{place.kind} {place.target}", f"{place.where}: {place.why}"
            yield NotEvaluated(side="tenant", what=what, why=why)

    def _manages(self, group: AgentGroup) -> bool:
        return any(grant.kind is Kind.AGENT_GROUP and grant.target == group for grant in self._declared.grants)

    # --- drift

    def drift(self) -> Iterator[Drift]:
        """Everything that others changed, in no order."""
        yield from self._added()
        yield from self._removed() if self._asked_engine else self._missing()
        for resource_change in self._resource_changes:
            yield from self._changed(resource_change)
        if not self._asked_engine:
            yield from self._unlike_declared()
        yield from self._leavers_who_stay()
        yield from self._adopted()
        yield from self._at_customers()

    def _at_customers(self) -> Iterator[Drift]:
        """What others changed of the access at customers, where it was read."""
        if self._customers:
            yield from self._customers.drift()

    @cached_property
    def _customers(self) -> AtCustomersDrift | None:
        if self._observed is None or self._observed.at_customers is None:
            return None
        groups = self._observed.agent_groups
        prior = [one.prior for one in self._resource_changes if one.prior]
        return AtCustomersDrift(
            self._adviser,
            self._observed.at_customers,
            lambda object_id: self._principals.resolve(object_id=object_id),
            self._named,
            {one.group.id: of for of, one in groups.items() if isinstance(one, GroupMembers)},
            Left.of(self._facts.tenant_name, self._tenant, prior) if self._asked_engine else None,
        )

    def _leavers_who_stay(self) -> Iterator[Drift]:
        """Adopted people who leave and can still sign in: no update ever disables an adopted account."""
        enabled = {user.id for user in self._users if user.account_enabled is not False}
        for key, person in self._tenant.members.items():
            if person.leaves and person.adopted_id in enabled:
                yield _of_person(person)(
                    change=Change.KEPT,
                    what=DRIFT_OBJECTS[0],
                    how="declared `state: leaver`",
                    next_update="leaves it: no update changes an adopted account",
                    advice=Advice(
                        f"remove `state: leaver` from `people.{key}`", "disable it in the Entra admin center"
                    ),
                    danger=Danger.PEOPLE_AND_MONEY,
                    rule=_NEEDLESS,
                )

    def _leaves(self, principal: Principal) -> bool:
        person = self._people.get(principal)
        return person is not None and person[1].leaves

    def _added(self) -> Iterator[Drift]:
        # What the next update was always to take is no drift, but for a leaver and for what has ended: an update that
        # failed halfway, or that nobody ran, must not leave them what they held without a report.
        left = {
            grant: why
            for grant, why in self._left.grants.items()
            if not self._leaves(grant.principal) and (grant.principal, grant.target) not in self._due
        }
        for grant in diff(_compared({**left, **self._declared.grants}), _compared(self._held)).added:
            if not self._is_allowed(grant):
                for path, texts in self._paths(grant, self._held[grant]).items():
                    is_due = (grant.principal, grant.target) in self._due and not path.through
                    yield self._access(Change.DUE if is_due else Change.ADDED, path, texts)

    def _removed(self) -> Iterator[Drift]:
        is_declared = covering(self._declared.grants)
        for grant in diff(_compared(self._left.grants), _compared(self._held)).taken:
            if is_declared(grant):
                yield self._access(Change.REMOVED, Path(grant, by_stack=True), [])

    def _missing(self) -> Iterator[Drift]:
        """What is declared, may be looked for, and is not there; of an account that is not there, the account alone."""
        absent = {self._principals.resolve(upn=person.upn): (key, person) for key, person in self._absent()}
        for key, person in absent.values():
            yield _of_person(person)(
                change=Change.MISSING,
                what=DRIFT_OBJECTS[0],
                how=self._perhaps_renamed(key),
                next_update="creates it",
                advice=Advice(f"remove `{key}` from `people`", "run `pulumi up`, which creates it"),
                danger=Danger.CUSTOMERS,
                cannot_be_accepted="the next update creates it",
                rule=_ROW,
            )
        gone = {
            self._principals.resolve(upn=item.upn)
            for key, item in self._tenant.members.items()
            if self._is_gone(item) or key in self._renames.likely
        }
        sought = {grant: why for grant, why in self._declared.grants.items() if self._seen.answered(grant)}
        for grant in diff(_compared(sought), _compared(self._held)).taken:
            if grant.principal not in absent and grant.principal not in gone:
                yield self._access(Change.MISSING, Path(grant), [])

    def _absent(self) -> Iterator[tuple[str, Person]]:
        """The people whose account the stack makes and the tenant does not have."""
        if self._observed is None or isinstance(self._observed.users, NotRead):
            return
        for key, person in self._tenant.members.items():
            if not person.adopted and not person.leaves and self._account_of(key, person) is None:
                yield key, person

    def _is_gone(self, person: Person) -> bool:
        """Whether an adopted account is not there, which is said by itself."""
        known = self._observed and not isinstance(self._observed.users, NotRead)
        return bool(known and person.adopted_id and person.adopted_id not in {user.id for user in self._users})

    def _account_of(self, key: str, person: Person) -> User | None:
        """The account of somebody that is made here, by any name that they had, or that they probably have now."""
        names = {folded_upn(upn) for upn in (person.upn, *person.former_upns)}
        found = (user for user in self._users if folded_upn(user.user_principal_name) in names)
        return next(found, self._renames.likely.get(key))

    def _unlike_declared(self) -> Iterator[Drift]:
        """Accounts that are made here and of which a property is not as declared, where no engine compares them."""
        for key, person in self._tenant.members.items():
            account = None if person.adopted else self._account_of(key, person)
            if account is None:
                continue
            now: dict[str, object] = {
                "displayName": account.display_name,
                "userPrincipalName": account.user_principal_name,
                "mail": account.mail,
                "accountEnabled": account.account_enabled,
            }
            for name, after in now.items():
                stated = _stated((key, person), name, after)
                is_guess = name == "userPrincipalName" and key in self._renames.likely
                if stated != after and not (name == "userPrincipalName" and _same_name(stated, after)):
                    yield _of_person(person)(
                        change=Change.CHANGED,
                        what=DRIFT_PROPERTIES[name],
                        how=f"from {_shown(stated)} to {_shown(after)}{_AS_IT_SEEMS if is_guess else ''}",
                        next_update="restores it",
                        advice=_if_theirs(self._adviser.changed((key, person), name, after), is_guess),
                        danger=Danger.EVERYTHING if is_guess else Danger.CUSTOMERS,
                        cannot_be_accepted="the next update restores it",
                        rule=_rule_of_property(name, after),
                    )

    def _in_tenant(self) -> dict[Grant, frozenset[Reason]]:
        """What the tenant gives: as Graph shows it where it does, else as the engine read it."""
        by_engine = {g: r for g, r in self._now.grants.items() if not self._seen.answered(g)}
        return {**self._seen.grants, **by_engine}

    def _paths(self, grant: Grant, reasons: Iterable[Reason]) -> dict[Path, list[str]]:
        """Each way in which a grant is held, with what to show of its reasons: each is taken away by itself."""
        found: dict[Path, list[str]] = {}
        for reason in sorted(reasons):
            by_stack = not reason.through and grant in self._now.grants
            path = Path(grant, reason.through, reason.assignment_id, by_stack)
            found.setdefault(path, []).extend([reason.text] if reason.says_how else [])
        return found

    def _is_allowed(self, grant: Grant) -> bool:
        """Whether the declaration allows a role beyond Table 1 (`allowed_roles`), by its template id."""
        allowed = {template_id.casefold() for template_id in self._tenant.allowed_roles.values()}
        return grant.kind is Kind.DIRECTORY_ROLE and grant.target.casefold() in allowed

    def _changed(self, resource_change: ResourceChange) -> Iterator[Drift]:
        left, now = resource_change.prior, resource_change.before
        if left is None or left.type not in (USER, GROUP):
            return
        key = group_key(self._facts.tenant_name, self._tenant, left)
        gdap = self._tenant.gdap.groups[key] if key and self._tenant.gdap else None
        of_group = _EMPTY if gdap else _GROUPS
        principal = self._principals.resolve(urn=left.urn) if left.type == USER else None
        person = self._people.get(principal) if principal else None
        who, called, names = self._named(principal) if principal else _group_named(left)
        about = partial(
            Drift, subject=who, principal=called, declared=person is not None, seen_by=SeenBy.ENGINE, names=names
        )
        if now is None:
            if left.type == GROUP or left.name in self._made_here:
                yield about(
                    change=Change.DELETED,
                    danger=Danger.EVERYTHING,
                    what=DRIFT_OBJECTS[left.type == GROUP],
                    next_update=(
                        "creates a new one, which is another principal without the old one's access"
                        if left.type == GROUP
                        else "is refused until the account is restored, or deleted permanently"
                    ),
                    advice=Advice(_RESTORE, _RESTORE),
                    cannot_be_accepted="the declaration has an account or group that stays deleted",
                    rule=of_group if left.type == GROUP else _ROW,
                )
            return
        for name in sorted(DRIFT_PROPERTIES):
            before, after = left.outputs.get(name), now.outputs.get(name)
            # What the declaration asks for by now, and what it does not manage, is no drift.
            declared = gdap.name if gdap and name == "displayName" else _stated(person, name, after)
            if name in resource_change.changed and before != after and after != declared:
                yield about(
                    change=Change.CHANGED,
                    what=DRIFT_PROPERTIES[name],
                    how=f"from {_shown(before)} to {_shown(after)}",
                    next_update="restores it",
                    advice=self._adviser.changed(person, name, after, key),
                    danger=Danger.CUSTOMERS,
                    cannot_be_accepted="the next update restores it",
                    rule=of_group if left.type == GROUP else _rule_of_property(name, after),
                )

    def _adopted(self) -> Iterator[Drift]:
        """Adopted accounts that others renamed or deleted: nobody here writes them, and every update is refused."""
        if self._observed is None or isinstance(self._observed.users, NotRead):
            return
        accounts = {user.id: user for user in self._users}
        for key, person in self._tenant.members.items():
            probably = self._renames.likely.get(key) if person.is_looked_up else None
            if person.leaves or not (person.adopted_id or probably):
                continue
            account = probably or accounts.get(person.adopted_id or "")
            about = partial(_of_person(person), next_update="is refused")
            if account is None:
                yield about(
                    change=Change.DELETED,
                    what=DRIFT_OBJECTS[0],
                    advice=Advice(f"remove `{key}` from `people`, if they have left", _RESTORE),
                    danger=Danger.EVERYTHING,
                    cannot_be_accepted="every update is refused until the account exists, or is no longer declared",
                    rule=_ROW,
                )
            elif folded_upn(account.user_principal_name) not in {
                folded_upn(upn) for upn in (person.upn, *person.former_upns)
            }:
                now = account.user_principal_name
                yield about(
                    change=Change.CHANGED,
                    what=DRIFT_PROPERTIES["userPrincipalName"],
                    how=f"from {_shown(person.upn)} to {_shown(now)}{_AS_IT_SEEMS if probably else ''}",
                    advice=_if_theirs(
                        replace(
                            self._adviser.changed((key, person), "userPrincipalName", now),
                            to_take_back="rename the account back in the Entra admin center",
                        ),
                        bool(probably),
                    ),
                    danger=Danger.EVERYTHING if probably else Danger.CUSTOMERS,
                    cannot_be_accepted="every update is refused until the declaration has its present name",
                    rule=_NAMES,
                )

    def _access(self, change: Change, path: Path, reasons: list[str]) -> Drift:
        grant = path.grant
        name, called, names = self._named(grant.principal)
        person = self._people.get(grant.principal)
        due = self._due[grant.principal, grant.target] if change is Change.DUE else None
        perhaps = self._perhaps_somebody(grant.principal)
        how = [
            *([f"due since {due.since}"] if due else []),
            *(["eligible"] if grant.assignment_type is AssignmentType.ELIGIBLE else []),
            *([f"over {self._names.scope(grant.scope)}"] if grant.scope != WHOLE_TENANT else []),
            *reasons,
            *(["declared `state: leaver`"] if self._leaves(grant.principal) else []),
            *(["the account is disabled"] if self._is_disabled(grant.principal) else []),
            *perhaps,
        ]
        what = self._what(grant)
        if due:
            advice = self._adviser.due(path, what, field_name(due.path), self._next_update(change, path))
            refused = f"the declaration ended it on {due.since}"
        elif change in (Change.REMOVED, Change.MISSING):
            advice, refused = self._adviser.removed(grant, what), "the next update gives it back"
        else:
            advice = _if_theirs(self._adviser.added(path, what), bool(perhaps))
            refused = self._adviser.why_never(path)
            if not refused and self._adviser.is_undone(path):
                refused = "the next update removes it"
        return Drift(
            change=change,
            subject=name,
            principal=called,
            declared=person is not None,
            what=what,
            how=", ".join(how),
            seen_by=SeenBy.ENGINE if path.by_stack else SeenBy.GRAPH,
            next_update=self._next_update(change, path),
            advice=advice,
            danger=danger_of(grant, self._tenant.allowed_roles.values()),
            assignment=grant.assignment_type if grant.kind is Kind.DIRECTORY_ROLE else None,
            scope=grant.scope,
            through=path.through or None,
            names=names,
            cannot_be_accepted=refused,
            rule=self._rule(change, grant, person),
            holder=self._known[grant.principal].object_id if grant.principal in self._known else "",
            target=self._group_id(grant) if grant.kind is Kind.AGENT_GROUP else grant.target,
        )

    def _rule(self, change: Change, grant: Grant, person: tuple[str, Person] | None) -> str:
        """The rule that speaks of access which is not as declared."""
        if change is Change.DUE:
            return _ENDED
        if change is not Change.ADDED:
            return _ROW
        known = self._known.get(grant.principal)
        if grant.target in NEVER_ASSIGNED:
            return _NOT_FOR_USE
        if known and known.guest:
            return _GUESTS
        if grant.kind is Kind.AGENT_GROUP:
            return _NO_PEOPLE if known and known.kind is not MemberKind.USER else _MEMBERS
        if person and person[1].roles and set(person[1].roles) <= AGENTS_ALONE:
            return _AGENT_ALONE
        return _UNDECLARED if DirectoryRole.by_template_id(grant.target) else _OFF_THE_LIST

    def _group_id(self, grant: Grant) -> str:
        observed = self._facts.observed
        found = observed.agent_groups.get(AgentGroup(grant.target)) if isinstance(observed, ObservedTenant) else None
        return found.group.id if isinstance(found, GroupMembers) else ""

    def _is_disabled(self, principal: Principal) -> bool:
        account = self._known.get(principal)
        return account is not None and account.kind is MemberKind.USER and not account.enabled

    def _what(self, grant: Grant) -> str:
        return self._names.what(grant)

    @cached_property
    def _names(self) -> Names:
        return Names.of(self._observed)

    @cached_property
    def _adviser(self) -> Adviser:
        paths: dict[Principal, list[Path]] = {}
        for grant, reasons in self._held.items():
            if grant.kind in _COMPARED:
                paths.setdefault(grant.principal, []).extend(self._paths(grant, reasons))
        return Adviser(
            self._facts.declaration,
            self._facts.tenant_name,
            self._facts.today,
            self._people,
            {principal: tuple(theirs) for principal, theirs in paths.items()},
            self._known,
            {self._principals.resolve(urn=account.urn) for account in self._made()},
            {item.object_id: item.name for item in self._known.values() if item.kind is MemberKind.GROUP},
        )

    def _next_update(self, change: Change, path: Path) -> str:
        if change is Change.REMOVED:
            return "gives it back"
        if change is Change.MISSING:
            return "gives it"
        if self._adviser.is_undone(path):
            return "removes it" + (f", with {self._group(path.through)}" if path.through else "")
        if path.grant.kind is Kind.AGENT_GROUP and path.by_stack:
            return "leaves it: the mode is additive"
        if path.by_stack:
            return "removes it"
        return "leaves it: remove it where it was given"

    def _group(self, object_id: str) -> str:
        item = self._known.get(self._principals.resolve(object_id=object_id))
        return _called(item) if item else f"the group {object_id}"

    # --- who is who

    def _perhaps_renamed(self, key: str) -> str:
        accounts = self._renames.possible.get(key, ())
        return f"perhaps renamed: {', '.join(str(in_tenant(one)) for one in accounts)}" if accounts else ""

    def _perhaps_somebody(self, principal: Principal) -> list[str]:
        """The other side of the same."""
        known = self._known.get(principal)
        found = [who(self._tenant.members[key]) for key in self._renames.keys_of(known.object_id)] if known else []
        return [f"perhaps {' or '.join(found)}, renamed"] if found else []

    def _made(self) -> Iterator[Identity]:
        """The accounts that the last update left, by the declared UPN where there is one, else by their own."""
        for resource_change in self._resource_changes:
            account = resource_change.prior
            if account and account.type == USER:
                upn = self._made_here.get(account.name) or account.known("userPrincipalName")
                yield Identity(upn, account.object_id, resource_change.urn)

    def _named(self, principal: Principal) -> tuple[str, str, frozenset[str]]:
        """Somebody's name, the name that a decision copied from the report has, and others that one may have."""
        item, person = self._known.get(principal), self._people.get(principal)
        if person is not None:
            name = f"{person[1].full_name} ({person[1].upn})"
            return name, person[1].upn, _names(person[1].upn, item)
        if item is not None:
            return _called(item), item.object_id, _names(item.object_id, item)
        called = principal.value.rsplit("::", 1)[-1]
        return str(principal), called, frozenset({folded_upn(called)})

    def _view(self, resources: Iterable[RegisteredResource | None]) -> AccessMap:
        return read([item for item in resources if item], self._identities, self._tenant.agent_groups.ids).access


def _if_theirs(advice: Advice, is_guess: bool) -> Advice:
    """Advice on an account that may be a declared person's: nothing of it is certain before somebody has looked."""
    if not is_guess:
        return advice
    return replace(advice, to_take_back=f"first check whose account this is; then {advice.to_take_back}")


def _same_name(one: object, other: object) -> bool:
    return isinstance(one, str) and isinstance(other, str) and folded_upn(one) == folded_upn(other)


def _rule_of_property(name: str, now: object) -> str:
    """The rule that speaks of a property: whoever cannot sign in has no role, and who can, may have one too many."""
    if name == "accountEnabled":
        return _UNDECLARED if now else _ROW
    return _NAMES


def _of_person(person: Person) -> Callable[..., Drift]:
    """Makes drift of a declared person's account, as the tenant shows it."""
    return partial(
        Drift,
        subject=f"{person.full_name} ({person.upn})",
        principal=person.upn,
        declared=True,
        seen_by=SeenBy.GRAPH,
        names=frozenset(filter(None, (folded_upn(person.upn), person.adopted_id))),
    )


def _compared(grants: Mapping[Grant, frozenset[Reason]]) -> AccessMap:
    """Grants as a map that answers for all that is compared: what was not read is reported by itself."""
    return AccessMap(grants, frozenset(map(Answer, _COMPARED)))


def _shown(value: object) -> str:
    if isinstance(value, bool):
        return "enabled" if value else "disabled"
    return repr(value) if isinstance(value, str) and value else "nothing"


def _called(item: Principal) -> str:
    """As a report names it, which has the object ids elsewhere: "Ada Moss (ada.moss@…)", "the group Project"."""
    return str(item) if item.upn else f"the {item.kind} {item.name}"


def _names(called: str, item: Principal | None) -> frozenset[str]:
    """Every name under which a decision finds somebody, folded; no display name, which anybody may choose."""
    known_as = (called, item.object_id, item.upn) if item else (called,)
    return frozenset(folded_upn(name) for name in known_as if name)


def _group_named(group: RegisteredResource) -> tuple[str, str, frozenset[str]]:
    called = group.object_id or group.name
    return f"the group {group.known('displayName') or group.name}", called, frozenset({folded_upn(called)})


def _stated(person: tuple[str, Person] | None, name: str, unmanaged: object) -> object:
    """What the declaration says of a property; ``unmanaged`` where it says nothing, or nobody is declared."""
    if person is None:
        return None
    if name in FIELD_OF:
        return getattr(person[1], FIELD_OF[name]) or unmanaged
    return unmanaged if person[1].state is None else person[1].may_sign_in


def _triage(key: str, item: DriftDecision, today: date) -> Triage:
    return Triage(
        key=key,
        state=item.state,
        reason=item.reason,
        owner=item.owner,
        until=item.until,
        expired=item.until < today,
        decided_on=item.decided_on,
        early=item.decided_on > today,
    )


def _is_about(decision: DriftDecision, drift: Drift) -> bool:
    """Whether a decision names exactly this: the principal, what they have, and how, over what and through what."""
    if folded_upn(decision.principal) not in {folded_upn(drift.principal), *drift.names}:
        return False
    exactly = (decision.what.casefold(), decision.assignment, decision.scope.casefold(), decision.through)
    return exactly == (drift.what.casefold(), drift.assignment, drift.scope.casefold(), drift.through)
