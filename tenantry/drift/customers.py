"""What others changed of a partner's access at customers: relationships, what they give groups, who is in those. Pure.

It is compared piece by piece, not grant by grant: somebody who is put into a group is one change, at however many
customers the group works.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import partial
from typing import Any, Final

from tenantry.access.danger import Danger, danger_of
from tenantry.access.declared import people_with_access
from tenantry.access.grants import Grant
from tenantry.access.parts import NotRead, or_none
from tenantry.access.principals import Principal
from tenantry.access.registered import RegisteredResource
from tenantry.access.relationships import AtCustomers, CustomerGroup, ObservedRelationship
from tenantry.access.resource_types import GROUP
from tenantry.access.state import RELATIONSHIP
from tenantry.declaration.customers import GdapGroup, Relationship
from tenantry.declaration.decisions import (
    DRIFT_ASSIGNMENT,
    DRIFT_DURATION,
    DRIFT_EXTENSION,
    DRIFT_OBJECTS,
    DRIFT_PLACE,
    DRIFT_RELATIONSHIP,
    DRIFT_ROLES,
    DRIFT_STATUS,
)
from tenantry.declaration.keys import key_for, name_for
from tenantry.declaration.tenant import Tenant
from tenantry.drift.advice import Adviser
from tenantry.drift.edits import shown
from tenantry.drift.model import Advice, Change, Drift, Edit, SeenBy
from tenantry.graph.models import ASKED, ENDED, GIVES_ACCESS, Member, MemberKind
from tenantry.role_templates import GLOBAL_ADMINISTRATOR, at_customers, role_name
from tenantry.roles import AgentGroup
from tenantry.spelling import folded

_UNDECLARED, _ENDED = "PT-108", "PT-207"
_WITHOUT, _GLOBAL_ADMINISTRATOR, _BEYOND = "PT-602", "PT-603", "PT-605"
_AGENT_GROUP, _EMPTY, _RENEWAL = "PT-606", "PT-607", "PT-609"
_BACK: Final = "run `pulumi up`, which restores it"
TERMINATE: Final = "terminate it in Partner Center, under the customer's Admin relationships"
_RENEW: Final = (
    "declare a new relationship under another key and display name, and `terminate` the old one once it is active"
)
_ACTIVE: Final = "active"
_ENDING: Final = GIVES_ACCESS - {_ACTIVE}
_PLACEHOLDERS: Final = ("THEIR DOMAIN", "THEIR COUNTRY", "DAY", "WHO")


@dataclass(frozen=True)
class Left:
    """What the last update left, as the state has it."""

    relationships: Mapping[str, Mapping[str, frozenset[str]]] = field(default_factory=dict)
    """By folded display name: what each group holds, by the group's object id."""
    roles: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """By folded display name: the roles that the customer approved."""
    members: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """By a group's key in the declaration: the object ids of its members."""
    groups: Mapping[str, str] = field(default_factory=dict)
    """By a group's key in the declaration: its object id."""

    @classmethod
    def of(cls, tenant_name: str, tenant: Tenant, resources: Iterable[RegisteredResource]) -> "Left":
        """What the resources of a stack's state say, as the components name them."""
        relationships: dict[str, Mapping[str, frozenset[str]]] = {}
        roles: dict[str, frozenset[str]] = {}
        members: dict[str, frozenset[str]] = {}
        groups: dict[str, str] = {}
        for item in resources:
            if item.type == RELATIONSHIP:
                given = item.outputs.get("assignments")
                held = (
                    [each for each in given.values() if isinstance(each, Mapping)] if isinstance(given, Mapping) else []
                )
                by_group = {str(each.get("group")): _texts(each.get("roles")) for each in held}
                name = folded(str(item.outputs.get("displayName")))
                relationships[name], roles[name] = by_group, _texts(item.outputs.get("roleDefinitionIds"))
            elif key := group_key(tenant_name, tenant, item):
                members[key] = _texts(item.outputs.get("members"))
                groups[key] = item.object_id or ""
        return cls(relationships, roles, members, groups)


def group_key(tenant_name: str, tenant: Tenant, resource: RegisteredResource) -> str | None:
    """The key of a GDAP group, by the name that the components give its resource."""
    keys = tenant.gdap.groups if tenant.gdap and resource.type == GROUP else ()
    return next((key for key in keys if resource.name == f"{tenant_name}-{key}"), None)


def _texts(value: object) -> frozenset[str]:
    return frozenset(map(str, value)) if isinstance(value, Sequence) and not isinstance(value, str) else frozenset()


Named = tuple[str, str, frozenset[str]]
"""How a report names somebody, how a decision does, and other names that one may have."""


@dataclass(frozen=True)
class AtCustomersDrift:
    """Compares what was read of access at customers with what is declared and with what the last update left."""

    adviser: Adviser
    found: AtCustomers
    principal: Callable[[str], Principal]
    """Who an object id is."""
    named: Callable[[Principal], Named]
    agent_groups: Mapping[str, AgentGroup]
    """By object id."""
    left: Left | None
    """None where no engine was asked: then what is declared counts as left."""

    def drift(self) -> Iterator[Drift]:
        """Everything that others changed, in no order."""
        for key, declared in self._declared_groups.items():
            group = self._group(key)
            if group:
                yield from self._members(key, declared, group)
            elif self.found.groups_named(declared):
                continue  # several, which is said
            elif self.left is None and not isinstance(self.found.groups, NotRead):
                yield self._of_group(declared)
        if isinstance(self.found.relationships, NotRead):
            return
        met: set[tuple[str, str]] = set()
        for item in self.found.relationships:
            wanted = self._declared_as(item)
            if wanted:
                met.add((wanted.customer_key, wanted.key))
                to_adopt = self.left is not None and wanted.adopted is not None and not self._is_left(item)
                if to_adopt and item.relationship.status != _ACTIVE:
                    yield self._not_adoptable(wanted, item)
                    continue
                changes = self._relationship(wanted, item)
                yield from map(_refused_until_declared, changes) if to_adopt else changes
            elif (item.gives_access or item.relationship.status in ASKED) and not self._is_left(item):
                yield self._undeclared(item)
        for wanted in self.adviser.tenant.relationships:
            was_there = self.left is None or folded(wanted.display_name) in self.left.relationships
            if (wanted.customer_key, wanted.key) in met or wanted.terminate:
                continue
            if was_there:
                yield self._missing(wanted)
            elif wanted.adopted is not None:
                yield _nothing_to_adopt(self._missing(wanted), wanted.adopted)

    # --- who is in the groups

    @property
    def _declared_groups(self) -> Mapping[str, GdapGroup]:
        plan = self.adviser.tenant.gdap
        return plan.groups if plan else {}

    def _group(self, key: str) -> CustomerGroup | None:
        owned = self.left.groups.get(key) if self.left else None
        if owned and not isinstance(self.found.groups, NotRead):
            return self.found.groups.get(owned)
        named = self.found.groups_named(self._declared_groups[key])
        if len(named) > 1:
            declared = self.adviser.tenant.relationships
            roles = {role.id for item in declared for role in item.assignments.get(key, ())}
            named = [item for item in named if roles & self._held_by(item.group.id).keys()]
        return named[0] if len(named) == 1 else None

    def ambiguous(self) -> Iterator[str]:
        """The names of declared groups that several groups have, none or several of which hold what is declared."""
        for key, declared in self._declared_groups.items():
            if self._group(key) is None and len(self.found.groups_named(declared)) > 1:
                yield declared.name

    def _id_of(self, key: str) -> str | None:
        """The object id of a declared group, also where the groups were not read."""
        if isinstance(self.found.groups, NotRead):
            return (self.left.groups.get(key) if self.left else None) or self._declared_groups[key].adopted
        group = self._group(key)
        return group.group.id if group else None

    def _key_of(self, group_id: str) -> str | None:
        """The key of a declared group, by its object id."""
        return next((key for key in self._declared_groups if self._id_of(key) == group_id), None)

    def _members(self, key: str, declared: GdapGroup, group: CustomerGroup) -> Iterator[Drift]:
        left = None if self.left is None else self.left.members.get(key)
        if isinstance(group.members, NotRead) or (self.left is not None and left is None):
            return  # not read, which is said; or not yet the stack's
        people = people_with_access(self.adviser.tenant)
        wanted = {person for person in declared.people if person in people}
        there: dict[str | None, Member] = {}
        for member in group.members:
            person = self.adviser.people.get(self.principal(member.id), (None,))[0]
            there[person] = member
            leaves = person is not None and person not in people
            if person not in wanted and (left is None or member.id not in left or leaves):
                yield self._joined(key, group, member, person)
        for person in sorted(wanted - there.keys()):
            account = self._account(person)
            if account is not None and (left is None or account.object_id in left):
                yield self._taken_out(key, group, person, account)

    def _account(self, person: str) -> Principal | None:
        """The account of a declared person, where the tenant has it."""
        known = (item for item, (key, _) in self.adviser.people.items() if key == person)
        return next((self.adviser.known[item] for item in known if item in self.adviser.known), None)

    def _joined(self, key: str, group: CustomerGroup, member: Member, person: str | None) -> Drift:
        people = [*self._declared_groups[key].people]
        path = ("gdap", "groups", key, "people")
        away = f"run `pulumi up`, which removes them from {group.group.display_name}"
        account = self.adviser.known.get(self.principal(member.id))
        if person is not None and person not in people_with_access(self.adviser.tenant):
            advice = Advice(f"it cannot stay: `people.{person}` is declared `state: leaver`", away)
        elif person is not None:
            advice = self._kept(((path, sorted([*people, person])),), away, lead="declare it: ")
        elif member.kind is MemberKind.USER and not (account and account.guest):
            advice = Advice(
                f"declare them under `people` with a role, and then write their key under `{'.'.join(path)}`", away
            )
        else:
            what = "guest" if member.kind is MemberKind.USER else member.kind
            advice = Advice(
                f"it cannot stay: only people of this tenant can be declared in it, and this is a {what}", away
            )
        return self._place(
            Change.ADDED, group, self.principal(member.id), advice, "removes it", declared=person is not None
        )

    def _taken_out(self, key: str, group: CustomerGroup, person: str, account: Principal) -> Drift:
        people = [item for item in self._declared_groups[key].people if item != person]
        advice = self._kept(((("gdap", "groups", key, "people"), people),), "run `pulumi up`, which gives it back")
        change = Change.MISSING if self.left is None else Change.REMOVED
        return self._place(change, group, self.principal(account.object_id), advice, "gives it back", declared=True)

    def _place(
        self, change: Change, group: CustomerGroup, who: Principal, advice: Advice, next_update: str, *, declared: bool
    ) -> Drift:
        subject, called, names = self.named(who)
        held = self._held_by(group.group.id)
        gives = "; ".join(at_customers(role_name(role), sorted(customers)) for role, customers in sorted(held.items()))
        known = self.adviser.known.get(who)
        return Drift(
            change=change,
            subject=subject,
            principal=called,
            declared=declared,
            what=DRIFT_PLACE,
            how=": ".join(filter(None, (group.group.display_name, gives))),
            seen_by=SeenBy.GRAPH if self.left is None else SeenBy.ENGINE,
            next_update=next_update,
            advice=advice,
            danger=worst(held),
            through=group.group.id,
            names=names,
            cannot_be_accepted=f"the next update {next_update}",
            rule=_UNDECLARED if change is Change.ADDED else _EMPTY,
            holder=known.object_id if known else "",
            target=group.group.id,
        )

    def _held_by(self, group_id: str) -> dict[str, set[str]]:
        """What a group holds: the customers of each role, by name."""
        held: dict[str, set[str]] = {}
        for item in or_none(self.found.relationships):
            for given in or_none(item.assignments):
                for role in given.roles if given.group == group_id else ():
                    held.setdefault(role, set()).add(item.customer)
        return held

    def _of_group(self, declared: GdapGroup) -> Drift:
        return Drift(
            change=Change.MISSING,
            subject=f"the GDAP group {declared.name}",
            principal=declared.name,
            declared=True,
            what=DRIFT_OBJECTS[1],
            seen_by=SeenBy.GRAPH,
            next_update="creates it",
            advice=Advice("remove it from `gdap.groups` and from all assignments", _BACK),
            danger=Danger.CUSTOMERS,
            cannot_be_accepted="the next update creates it",
            rule=_EMPTY,
        )

    # --- relationships

    def _declared_as(self, item: ObservedRelationship) -> Relationship | None:
        name, id_ = folded(item.relationship.display_name), item.relationship.id
        known = self.adviser.tenant.relationships
        return next((each for each in known if each.adopted == id_ or folded(each.display_name) == name), None)

    def _is_left(self, item: ObservedRelationship) -> bool:
        return self.left is not None and folded(item.relationship.display_name) in self.left.relationships

    def _relationship(self, wanted: Relationship, item: ObservedRelationship) -> Iterator[Drift]:
        about = partial(self._about, item, next_update="restores it", cannot_be_accepted="the next update restores it")
        runs = not wanted.terminate and item.relationship.status not in ENDED
        if runs and item.tenant_id and item.tenant_id != wanted.customer.tenant_id:
            yield about(
                change=Change.CHANGED,
                what=DRIFT_RELATIONSHIP,
                how=f"from the customer tenant {wanted.customer.tenant_id} to {item.tenant_id}",
                next_update="is refused: a relationship cannot move to another customer",
                advice=Advice(
                    f"correct `customers.{wanted.customer_key}.tenant_id`, or declare the relationship under its "
                    "own customer",
                    f"give the declared relationship another `display_name`; to end the existing one, {TERMINATE}",
                ),
                cannot_be_accepted="every update is refused until the declaration has the customer's tenant",
                rule=_UNDECLARED,
            )
        if wanted.terminate:
            if item.gives_access:
                yield about(
                    change=Change.DUE,
                    what=DRIFT_RELATIONSHIP,
                    how=f"declared to end since {wanted.terminate.decided_on}",
                    next_update="terminates it",
                    advice=self._kept(
                        ((_path(wanted, "terminate"), None),), "run `pulumi up`: the next update terminates it"
                    ),
                    cannot_be_accepted="the declaration ends it",
                    rule=_ENDED,
                )
        elif item.relationship.status in ENDED:
            yield about(
                change=Change.CHANGED,
                what=DRIFT_STATUS,
                how=f"from active to {item.relationship.status}",
                next_update="leaves it: an ended relationship cannot be restarted",
                advice=self._kept(((_path(wanted), None),), _RENEW.partition(", and")[0]),
                cannot_be_accepted="",
                rule=_WITHOUT,
            )
        elif item.relationship.status in _ENDING:
            by = "by the calendar: its time is over" if item.relationship.status == "expiring" else "somebody ended it"
            yield about(
                change=Change.CHANGED,
                what=DRIFT_STATUS,
                how=f"from {_ACTIVE} to {item.relationship.status}, {by}",
                next_update="leaves it: what is ending cannot be stopped",
                advice=self._kept(((_path(wanted), None),), _RENEW.partition(", and")[0]),
                cannot_be_accepted="",
                rule=_WITHOUT,
            )
        elif item.gives_access:
            approved = {role.id for role in wanted.roles}
            # Every update takes this role out where it is not declared, which needs no customer: no drift where the
            # last update left it.
            is_taken_out = item.relationship.roles == approved | {GLOBAL_ADMINISTRATOR.id} != approved
            left = self.left.roles.get(folded(wanted.display_name)) if self.left else None
            if item.relationship.roles != approved and not (is_taken_out and left == item.relationship.roles):
                yield about(
                    change=Change.CHANGED,
                    what=DRIFT_ROLES,
                    how=_from_to(approved, item.relationship.roles),
                    next_update=f"removes {GLOBAL_ADMINISTRATOR.name}"
                    if is_taken_out
                    else "is refused: an approved relationship cannot be changed",
                    advice=self._kept(
                        _approving(wanted, item.relationship.roles),
                        f"run `pulumi up`, which removes {GLOBAL_ADMINISTRATOR.name}" if is_taken_out else _RENEW,
                    ),
                    cannot_be_accepted=f"the next update removes {GLOBAL_ADMINISTRATOR.name}"
                    if is_taken_out
                    else "every update is refused until the declaration agrees with what the customer approved",
                    danger=worst(item.relationship.roles ^ approved),
                    rule=_GLOBAL_ADMINISTRATOR
                    if GLOBAL_ADMINISTRATOR.id in item.relationship.roles - approved
                    else _BEYOND,
                )
            if item.duration != wanted.duration:
                yield about(
                    change=Change.CHANGED,
                    what=DRIFT_DURATION,
                    how=f"from {wanted.duration} to {item.duration}",
                    next_update="is refused: what a customer approved is never changed",
                    advice=self._kept(((_path(wanted, "duration"), item.duration),), _RENEW),
                    cannot_be_accepted="every update is refused until the declaration says what the customer approved",
                    rule=_RENEWAL,
                )
            if item.is_extended != wanted.auto_extend:
                now = "extended when it ends" if item.is_extended else "not extended"
                yield about(
                    change=Change.CHANGED,
                    what=DRIFT_EXTENSION,
                    how=f"to {now}",
                    advice=self._kept(((_path(wanted, "auto_extend"), item.is_extended),), _BACK),
                    rule=_RENEWAL,
                )
            if not isinstance(item.assignments, NotRead):
                yield from self._assignments(wanted, item, {each.group: each.roles for each in item.assignments})

    def _not_adoptable(self, wanted: Relationship, item: ObservedRelationship) -> Drift:
        status = item.relationship.status
        asked = status in ASKED
        return self._about(
            item,
            change=Change.CHANGED,
            what=DRIFT_STATUS,
            how=f"from {_ACTIVE} to {status}" if not asked else f"to {status}, not {_ACTIVE}",
            next_update="is refused: only an active relationship can be adopted",
            advice=self._kept(
                ((_path(wanted), None),),
                "leave it out of the declaration until it is active" if asked else _RENEW.partition(", and")[0],
            ),
            cannot_be_accepted="every update is refused as long as it is to be adopted",
            rule=_WITHOUT,
        )

    def _assignments(
        self, wanted: Relationship, item: ObservedRelationship, held: Mapping[str, frozenset[str]]
    ) -> Iterator[Drift]:
        left = None if self.left is None else self.left.relationships.get(folded(wanted.display_name), {})
        ids = {key: group_id for key in wanted.assignments if (group_id := self._id_of(key))}
        unknown = [self._declared_groups[key] for key in wanted.assignments if key not in ids]
        # Any of those that hold something may be a declared group that was not read.
        may_be_declared = held.keys() if unknown and isinstance(self.found.groups, NotRead) else set()
        may_be_declared |= {item.group.id for declared in unknown for item in self.found.groups_named(declared)}
        about = partial(self._about, item, cannot_be_accepted="the next update restores it")
        stated = {key: sorted(role.name for role in roles) for key, roles in wanted.assignments.items()}
        for key, group_id in ids.items():
            roles = frozenset(role.id for role in wanted.assignments[key])
            now = held.get(group_id, frozenset())
            if now == roles or (left is not None and left.get(group_id, frozenset()) == now):
                continue
            others = {name: names for name, names in stated.items() if name != key}
            edit = _assigning(wanted, item, {**others, **({key: _names(now)} if now else {})})
            gone = Change.MISSING if left is None else Change.REMOVED
            name = self.found.name_of(group_id)
            yield about(
                change=Change.CHANGED if now else gone,
                what=DRIFT_ROLES if now else DRIFT_ASSIGNMENT,
                how=f"for {name} {_from_to(roles, now)}" if now else f"{', '.join(_names(roles))} for {name}",
                next_update="restores it" if now else "gives it back",
                advice=self._kept(edit, _BACK),
                danger=worst(roles ^ now),
                through=group_id,
                target=group_id,
                rule=_UNDECLARED if now - roles else _EMPTY,
            )
        for group_id in held.keys() - set(ids.values()) - may_be_declared:
            if left is not None and left.get(group_id) == held[group_id]:
                continue
            agents = self.agent_groups.get(group_id)
            back = "run `pulumi up`, which removes it"
            if agents:
                advice = Advice(
                    f"it cannot stay: {agents} is an agent group, which cannot be a GDAP group (PT-606)", back
                )
            else:
                more, groups = self._with_group(group_id, stated)
                edit = (*groups, *_assigning(wanted, item, {**stated, more: _names(held[group_id])}))
                advice = (
                    self._kept(edit, back, lead="declare it: ") if more else Advice(self._group_first(group_id), back)
                )
            yield about(
                change=Change.ADDED,
                what=DRIFT_ASSIGNMENT,
                how=f"{', '.join(_names(held[group_id]))} for {agents or self.found.name_of(group_id)}",
                next_update="removes it",
                advice=advice,
                danger=Danger.EVERYTHING if agents else worst(held[group_id]),
                cannot_be_accepted="the next update removes it",
                through=group_id,
                target=group_id,
                rule=_AGENT_GROUP if agents else _UNDECLARED,
            )

    def _with_group(self, group_id: str, used: Collection[str]) -> tuple[str, Edit]:
        """The key of a group that has roles at a customer, with what declares it; no key where that cannot be."""
        if key := self._key_of(group_id):
            return key, ()
        if self._why_no_group(group_id):
            return "", ()
        members = self.found.members_of(group_id)
        people = [self.adviser.people.get(self.principal(item.id), ("",))[0] for item in or_none(members)]
        if isinstance(members, NotRead) or not all(people):
            return "", ()
        name = self.found.name_of(group_id)
        key = key_for(name, {*self._declared_groups, *used})
        value = {"name": name_for(name) or name, "people": sorted(people), "adopted": group_id}
        return key, ((("gdap", "groups", key), value),)

    def _why_no_group(self, group_id: str) -> str:
        """Why a group cannot be declared, whoever is in it; empty where it can, or where groups were not read."""
        if isinstance(self.found.groups, NotRead):
            return ""
        group = self.found.groups.get(group_id)
        return group.why_undeclarable if group else "The group no longer exists, but the relationship still has it."

    def _group_first(self, group_id: str) -> str:
        """What has to happen before a group can be declared."""
        name, why = self.found.name_of(group_id), self._why_no_group(group_id)
        return f"it cannot stay for {name}. {why}" if why else _PEOPLE_FIRST.format(name)

    def _undeclared(self, item: ObservedRelationship) -> Drift:
        held = {each.group: each.roles for each in or_none(item.assignments)}
        gives = "; ".join(
            f"{', '.join(_names(roles))} for {self.found.name_of(group)}" for group, roles in held.items()
        )
        agents = [str(group) for id_, group in self.agent_groups.items() if id_ in held]
        until = f"until {item.ends_on}" if item.ends_on else "which waits for the customer"
        return self._about(
            item,
            change=Change.ADDED,
            subject=f"the customer {item.customer}",
            what=DRIFT_RELATIONSHIP,
            how=f"{item.relationship.display_name}, {until}: {gives or 'no group has a role'}",
            next_update="leaves it",
            advice=self._declaring(item, held, agents),
            danger=Danger.EVERYTHING if agents else worst(item.relationship.roles),
            rule=_AGENT_GROUP if agents else _UNDECLARED,
        )

    def _declaring(self, item: ObservedRelationship, held: Mapping[str, frozenset[str]], agents: list[str]) -> Advice:
        """How an undeclared relationship is declared as it is."""
        away = TERMINATE
        if item.relationship.status in ASKED:
            return Advice(
                "it can be declared once it is active; accept it until then with the decision below",
                away,
                decision=True,
            )
        if agents:
            why = f"{' and '.join(agents)} cannot be declared as a GDAP group (PT-606)"
            return Advice(f"it cannot stay: {why}", f"remove its assignment there, or {away}")
        edit: list[tuple[tuple[str, ...], Any]] = []
        assignments: dict[str, list[str]] = {}
        for group, roles in held.items():
            key, groups = self._with_group(group, assignments)
            if not key:
                return Advice(self._group_first(group), away, decision=True)
            edit += groups
            assignments[key] = _names(roles)
        read = item.relationship
        stated: dict[str, Any] = {
            "display_name": read.display_name,
            "duration": item.duration,
            "auto_extend": item.is_extended,
            "assignments": assignments,
            "adopted": read.id,
        }
        if frozenset().union(*held.values()) != read.roles:
            stated["roles"] = _names(read.roles)
        customers = self.adviser.tenant.customers
        key = next((key for key, each in customers.items() if each.tenant_id == item.tenant_id), "")
        if key:
            name = key_for(read.display_name, customers[key].gdap)
            edit.append(((("customers", key, "gdap", name)), stated))
            lead = "declare it: "
        else:
            domain, country, day, who = _PLACEHOLDERS
            key = key_for(item.customer, customers)
            reseller = {"requested_on": day, "approved_on": day, "approved_by": who}
            about = {"name": item.customer, "tenant_id": item.tenant_id, "domain": domain, "country": country}
            gdap = {key_for(read.display_name, ()): stated}
            edit.append((("customers", key), {**about, "reseller": reseller, "gdap": gdap}))
            lead = f"declare the customer, with {', '.join(_PLACEHOLDERS)} filled in: "
        return self._kept(tuple(edit), away, lead=lead, decision=True)

    def _missing(self, wanted: Relationship) -> Drift:
        return Drift(
            change=Change.MISSING if self.left is None else Change.REMOVED,
            subject=f"the customer {wanted.customer.name}",
            principal=wanted.customer.tenant_id,
            declared=True,
            what=DRIFT_RELATIONSHIP,
            how=wanted.display_name,
            seen_by=SeenBy.GRAPH,
            next_update="creates it, and the customer must approve it",
            advice=self._kept(((_path(wanted), None),), "run `pulumi up`, which creates it"),
            danger=Danger.CUSTOMERS,
            cannot_be_accepted="the next update creates it",
            rule=_WITHOUT,
        )

    def _about(self, item: ObservedRelationship, **fields: Any) -> Drift:
        """Drift of a relationship that is there."""
        return Drift(
            **{
                "subject": f"the relationship {item.relationship.display_name} ({item.customer})",
                "principal": item.relationship.id,
                "declared": self._declared_as(item) is not None,
                "seen_by": SeenBy.ENGINE if self._is_left(item) else SeenBy.GRAPH,
                "danger": worst(item.relationship.roles),
                "names": frozenset({folded(item.relationship.id)}),
                **fields,
            }
        )

    def _kept(self, edit: Edit, away: str, *, lead: str = "", decision: bool = False) -> Advice:
        """An edit as advice where the rules accept it; else why they do not."""
        filled = filled_in(edit, self.adviser.tenant.country)
        if self.adviser.accepted(filled):
            return Advice(f"{lead}{shown(edit)}", away, edit)
        why = self.adviser.why_not([filled])
        if decision:
            return Advice(
                f"it cannot be declared: {why}; accept it until a date with the decision below", away, decision=True
            )
        return Advice(f"it cannot stay so: {why}", away)


def _nothing_to_adopt(one: Drift, id_: str) -> Drift:
    """A relationship that the next update is to take over, and that is not there."""
    return one.model_copy(
        update={
            "change": Change.MISSING,
            "next_update": f"is refused: there is no relationship {id_} to adopt",
            "cannot_be_accepted": "every update is refused as long as it is to be adopted",
            "advice": replace(
                one.advice, to_take_back="correct `adopted`, or leave it out: the update requests a new relationship"
            ),
        }
    )


def _refused_until_declared(one: Drift) -> Drift:
    """A difference of a relationship that the next update takes over: it refuses one that is not as declared."""
    away = "declare the relationship as it is, run `pulumi up`, then change it"
    return one.model_copy(
        update={
            "next_update": "is refused: an adopted relationship must be declared as it is",
            "cannot_be_accepted": "every update is refused until the relationship is declared as it is",
            "advice": replace(one.advice, to_take_back=away),
        }
    )


_PEOPLE_FIRST: Final = "first declare everybody in {} under `people`, or remove them from it; then it can be declared"


def filled_in(edit: Edit, country: str) -> Edit:
    """An edit with something in place of what only the reader knows, to see what the rules say of the rest."""
    something = dict(zip(_PLACEHOLDERS, ("customer.example", country, date(2026, 1, 1), "Somebody"), strict=True))

    def fill(value: Any) -> Any:
        if isinstance(value, dict):
            return {name: fill(each) for name, each in value.items()}
        return something.get(value, value) if isinstance(value, str) else value

    return tuple((path, fill(value)) for path, value in edit)


def _assigning(wanted: Relationship, item: ObservedRelationship, assignments: Mapping[str, Sequence[str]]) -> Edit:
    """Other assignments, with the roles that the customer approved where these are not the same."""
    edit: Edit = ((_path(wanted, "assignments"), assignments),)
    given = {role for roles in assignments.values() for role in roles}
    approved = _names(item.relationship.roles)
    return edit if given == set(approved) else (*edit, (_path(wanted, "roles"), approved))


def _approving(wanted: Relationship, approved: frozenset[str]) -> Edit:
    """The roles that a customer approved, and no other for any group."""
    edit: Edit = ((_path(wanted, "roles"), _names(approved)),)
    kept = {
        key: sorted(role.name for role in roles if role.id in approved) for key, roles in wanted.assignments.items()
    }
    if all(role.id in approved for roles in wanted.assignments.values() for role in roles):
        return edit
    return (*edit, (_path(wanted, "assignments"), {key: roles for key, roles in kept.items() if roles}))


def _path(wanted: Relationship, *field_: str) -> tuple[str, ...]:
    return ("customers", wanted.customer_key, "gdap", wanted.key, *field_)


def _names(roles: Iterable[str]) -> list[str]:
    return sorted(map(role_name, roles))


def _from_to(before: Iterable[str], after: Iterable[str]) -> str:
    return f"from {', '.join(_names(before)) or 'nothing'} to {', '.join(_names(after)) or 'nothing'}"


def worst(roles: Iterable[str]) -> Danger:
    """How much the most dangerous of some roles can do at a customer."""
    nobody = Principal.in_directory("", "")
    ranked = (danger_of(Grant.at_customer(nobody, "", role)) for role in roles)
    return min(ranked, key=lambda danger: danger.rank, default=Danger.CUSTOMERS)
