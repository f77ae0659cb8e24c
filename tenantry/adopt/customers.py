"""Customers of a tenant that is taken over: what is declared of their GDAP relationships, and what people must settle.

A declared group says who is in it, and a declared relationship who holds what by it: the stack takes everything else
away. So a group is declared where everybody in it is a declared person, and a relationship where all its groups are.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Final

from pydantic import ValidationError

from tenantry.access.parts import NotRead, or_none
from tenantry.access.principals import Principal
from tenantry.access.relationships import AtCustomers, CustomerGroup, ObservedRelationship
from tenantry.adopt.holdings import Holdings
from tenantry.adopt.people import Account, Content, is_person
from tenantry.adopt.questions import ACCEPT, LATER, LEGEND, REMOVE, About, Choice, Question
from tenantry.declaration.customers import (
    Customer,
    GdapPlan,
    GdapRelationship,
    GdapTemplate,
    Relationship,
    relationships,
    shipped_templates,
)
from tenantry.declaration.decisions import DRIFT_PLACE, DRIFT_RELATIONSHIP, DriftState
from tenantry.declaration.keys import key_for, name_for
from tenantry.declaration.tenant import Program, Tenant
from tenantry.drift.customers import TERMINATE, worst
from tenantry.drift.model import Edit
from tenantry.graph.models import ASKED, ENDED, GroupEligibility, MemberKind
from tenantry.role_templates import at_customers, role_name
from tenantry.roles import AgentGroup
from tenantry.sanitize import sanitize
from tenantry.spelling import folded

DECLARE: Final = "declare"
_AS_IT_IS: Final = "declare it as it is, although `tenantry check` will report it as a mistake"
_ANEW: Final = "Give their roles in Partner Center to a security group of its own, and run `tenantry adopt` again."
_THEN_AGAIN: Final = "Remove it from the group by hand, and run `tenantry adopt` again."
_LATER: Final = Choice(LATER, LEGEND[LATER])
_KINDS: Final = {
    MemberKind.GROUP: "A declared group can have only people as members, and this is a group.",
    MemberKind.SERVICE_PRINCIPAL: "A declared group can have only people as members, and this is a service principal.",
    MemberKind.OTHER: "A declared group can have only people as members, and this is neither a person nor a group.",
}

Shape = tuple[str, bool, tuple[tuple[str, tuple[str, ...]], ...]]
"""What a template says: duration, whether it is extended, and the roles of each group by its key."""


@dataclass(frozen=True)
class Customers:
    """The customers of a tenant as they were read, beside what its file says already."""

    found: AtCustomers
    holdings: Holdings
    agent_groups: Mapping[str, AgentGroup]
    """By object id."""
    stated: Content
    """`gdap` and `customers` as the file has them."""
    tenant: Tenant
    """With the people who are declared now."""
    today: date
    eligible: Mapping[str, tuple[GroupEligibility, ...] | NotRead]
    """Who may activate a place in a group, by the group's object id."""
    refused: Mapping[str, str] = field(default_factory=dict)
    """By id of a relationship: why the rules refuse it."""

    # --- what is declared

    def content(self) -> Content:
        """`gdap` and `customers` with everything that can be declared."""
        if self.not_read or not (self._open or self._stated_relationships):
            return self.stated
        templates = {**self.stated.get("gdap", {}).get("templates", {})}
        customers = {key: {**one} for key, one in self.stated.get("customers", {}).items()}
        by_shape = self._templates(templates)
        for item in self._declarable:
            key = self._customer_key(item, customers)
            before = customers[key].get("gdap", {})
            name, entry = self._entry(item, customers[key]["name"], before, by_shape)
            customers[key]["gdap"] = {**before, name: entry}
        used = {group for item in self._declarable for group in self._held(item)}
        groups = {**self.stated.get("gdap", {}).get("groups", {})}
        for group in used - self._stated_groups.keys():
            groups[self._keys[group]] = self._group(group)
        plan = {
            **self.stated.get("gdap", {}),
            **({"groups": dict(sorted(groups.items()))} if groups else {}),
            **({"templates": templates} if templates else {}),
        }
        return {"gdap": plan, **({"customers": dict(sorted(customers.items()))} if customers else {})}

    def where(self, content: Content) -> dict[tuple[str, str], str]:
        """The ids of the relationships that this declares, by the keys of customer and relationship."""
        ids = {item.relationship.id for item in self._declarable}
        return {
            (customer, key): entry["adopted"]
            for customer, one in content.get("customers", {}).items()
            for key, entry in one.get("gdap", {}).items()
            if entry.get("adopted") in ids
        }

    def _customer_key(self, item: ObservedRelationship, customers: Content) -> str:
        for key, one in customers.items():
            if str(one["tenant_id"]).lower() == item.tenant_id:
                return key
        name = name_for(item.customer) or item.tenant_id
        key = key_for(name, customers)
        customers[key] = {"name": name, "tenant_id": item.tenant_id}
        return key

    def _entry(
        self, item: ObservedRelationship, customer: str, taken: Collection[str], by_shape: Mapping[Shape, str]
    ) -> tuple[str, Content]:
        """A relationship with its key: that of its template, where this is free."""
        shape = self._shape(item)
        template = by_shape.get(shape)
        name = template if template and template not in taken else key_for(_own_name(item), taken)
        entry: Content = self._written(item) if template is None else {}
        if template and name != template:
            entry = {"template": template}
        if folded(f"{customer} {name}") != folded(item.relationship.display_name):
            entry = {"display_name": item.relationship.display_name, **entry}
        if {role for _, roles in shape[2] for role in roles} != set(_names(item.relationship.roles)):
            entry["roles"] = _names(item.relationship.roles)
        return name, {**entry, "adopted": item.relationship.id}

    def _written(self, item: ObservedRelationship) -> Content:
        duration, extended, assignments = self._shape(item)
        given = {group: list(roles) for group, roles in assignments}
        return {"duration": duration, "auto_extend": extended, "assignments": given}

    def _shape(self, item: ObservedRelationship) -> Shape:
        held = {self._keys[group]: tuple(_names(roles)) for group, roles in self._held(item).items()}
        return item.duration, item.is_extended, tuple(sorted(held.items()))

    def _templates(self, templates: Content) -> dict[Shape, str]:
        """A template for what several customers have alike; new ones are added to those that the file has."""
        customers: dict[Shape, list[ObservedRelationship]] = defaultdict(list)
        for item in self._declarable:
            customers[self._shape(item)].append(item)
        known = {**shipped_templates(), **self._plan.templates}
        found = {_shape_of(template): name for name, template in known.items()}
        for shape, items in customers.items():
            if len({item.tenant_id for item in items}) < 2 or not shape[2] or shape in found:
                continue
            name = Counter(key_for(_own_name(item), ()) for item in items).most_common(1)[0][0]
            while self._plan.template(name) or name in templates:
                name = key_for(name, {*templates, *self._plan.templates, *shipped_templates()})
            found[shape] = name
            templates[name] = self._written(items[0])
        return found

    def _group(self, group: str) -> Content:
        one = self._read_groups[group]
        people = sorted(self._people[self.holdings.of_id(item.id)] for item in or_none(one.members))
        return {"name": one.group.display_name, "people": people, "adopted": group}

    # --- what there is

    @property
    def not_read(self) -> str:
        """Why nothing is known of relationships with customers; empty where they were read."""
        parts = (self.found.relationships, self.found.groups)
        return next((part.text for part in parts if isinstance(part, NotRead)), "")

    @property
    def activations_not_read(self) -> str:
        """Why nobody knows whether some are for hours in a group that this declares; empty where that is known."""
        used = {group for item in self._declarable for group in self._held(item)} - self._stated_groups.keys()
        parts = (self.eligible.get(group, ()) for group in sorted(used))
        return next((part.text for part in parts if isinstance(part, NotRead)), "")

    @property
    def left_out(self) -> list[str]:
        """The relationships that are not declared since they give nothing any more, or not yet."""
        return [
            sanitize(f"{item.relationship.display_name} with {item.customer}: {_ended(item)}")
            for item in or_none(self.found.relationships)
            if not _runs(item)
        ]

    @property
    def held_by_nobody(self) -> list[str]:
        """The roles that customers approved and no group holds, by relationship (PT-612)."""
        unused = ((item, item.relationship.roles.difference(*self._held(item).values())) for item in self._declarable)
        return [
            sanitize(f"{item.relationship.display_name} with {item.customer}: {', '.join(_names(roles))}")
            for item, roles in unused
            if roles
        ]

    @cached_property
    def _stated_relationships(self) -> tuple[Relationship, ...]:
        customers = {key: Customer.model_validate(one) for key, one in self.stated.get("customers", {}).items()}
        return tuple(relationships(customers, self._plan))

    @cached_property
    def _plan(self) -> GdapPlan:
        """`gdap` as the file has it."""
        return GdapPlan.model_validate(self.stated.get("gdap") or {})

    @cached_property
    def _open(self) -> list[ObservedRelationship]:
        """The relationships that run, and that the file does not have."""
        ids = {one.adopted for one in self._stated_relationships}
        items = sorted(or_none(self.found.relationships), key=lambda item: folded(item.relationship.display_name))
        return [item for item in items if _runs(item) and item.relationship.id not in ids and not self._is_stated(item)]

    def _is_stated(self, item: ObservedRelationship) -> bool:
        """Whether the file has a relationship by name and customer; before the approval nobody knows the customer."""
        tenants = self._stated_names.get(folded(item.relationship.display_name), set())
        return item.tenant_id in tenants or bool(tenants and not item.tenant_id)

    @cached_property
    def _stated_names(self) -> dict[str, set[str]]:
        """The tenant ids of the customers with whom the file has a relationship, by its name."""
        found: dict[str, set[str]] = defaultdict(set)
        for one in self._stated_relationships:
            found[folded(one.display_name)].add(str(one.customer.tenant_id).lower())
        return found

    @cached_property
    def _undecided(self) -> list[ObservedRelationship]:
        decided = {
            folded(one.principal)
            for one in self.tenant.drift.values()
            if one.what == DRIFT_RELATIONSHIP and one.decided_on <= self.today <= one.until
        }
        return [item for item in self._open if folded(item.relationship.id) not in decided]

    @cached_property
    def _declarable(self) -> list[ObservedRelationship]:
        return [item for item in self._undecided if not (self._waits_for(item) or self._why_not(item))]

    def _why_not(self, item: ObservedRelationship) -> str:
        """Why a relationship cannot be declared, whatever its groups are; empty where it can be."""
        if Program.CSP not in self.tenant.programs:
            return "Customers can be declared only in a tenant enrolled in CSP, and this one is not."
        if not item.tenant_id:
            return "The customer is unknown until they approve."
        if item.relationship.status in ASKED:
            return (
                "An update can adopt only an active relationship: run `tenantry adopt` again once the customer has "
                "approved."
            )
        if folded(item.relationship.display_name) in self._stated_names:
            return "The file has a relationship of this name with another customer: correct the customer's `tenant_id`."
        if isinstance(item.assignments, NotRead):
            return f"What it gives was not read. {item.assignments.text}"
        try:
            GdapRelationship.model_validate(
                {
                    "display_name": item.relationship.display_name,
                    "duration": item.duration,
                    "roles": _names(item.relationship.roles),
                    "adopted": item.relationship.id,
                }
            )
        except ValidationError:
            return "A declaration cannot hold its name, its duration or its roles."
        why = self.refused.get(item.relationship.id)
        return f"The rules refuse it as it is: {why}." if why else ""

    def _held(self, item: ObservedRelationship) -> dict[str, frozenset[str]]:
        """What each group holds by a relationship, by the group's object id."""
        return {given.group: given.roles for given in or_none(item.assignments)}

    # --- groups

    @property
    def _read_groups(self) -> Mapping[str, CustomerGroup]:
        return {} if isinstance(self.found.groups, NotRead) else self.found.groups

    @cached_property
    def _stated_groups(self) -> dict[str, str]:
        """The groups that the file has, object id to key."""
        found = {key: self.found.group_named(one) for key, one in self._plan.groups.items()}
        return {one.group.id: key for key, one in found.items() if one}

    @cached_property
    def _keys(self) -> dict[str, str]:
        """A key for each group that holds anything, whatever becomes of it: the same each time."""
        keys = dict(self._stated_groups)
        taken = {*keys.values(), *self.stated.get("gdap", {}).get("groups", {})}
        holding = {group for item in or_none(self.found.relationships) for group in self._held(item)}
        for group in sorted(holding - keys.keys(), key=lambda one: (folded(self.found.name_of(one)), one)):
            agents = self.agent_groups.get(group)
            keys[group] = agents.value if agents else key_for(self.found.name_of(group), taken)
            taken.add(keys[group])
        return keys

    @cached_property
    def _people(self) -> dict[Principal, str]:
        """The declared people who hold something, with their keys."""
        members = self.tenant.members.items()
        return {self.holdings.of_upn(person.upn): key for key, person in members if not person.leaves}

    def _waits_for(self, item: ObservedRelationship) -> list[str]:
        """The groups of a relationship that cannot be declared as they are."""
        return [
            group
            for group in self._held(item)
            if self._is_no_group(group) or (group not in self._stated_groups and self._undeclared_in(group))
        ]

    def _is_no_group(self, group: str) -> str:
        """Why a group cannot be declared, whoever is in it; empty where it can be."""
        if group in self._stated_groups:
            return self._lacks_declared(group)
        if group in self.agent_groups:
            return f"It is an agent group, which cannot be a GDAP group (PT-606). {_ANEW}"
        found = self._read_groups.get(group)
        if found is None:
            return (
                "The group no longer exists, but the relationship still has it. Remove it there, and run `tenantry "
                "adopt` "
                "again."
            )
        if isinstance(found.members, NotRead):
            return f"Its members were not read. {found.members.text}"
        if any(one.access_id == "member" for one in or_none(self.eligible.get(group, ()))):
            return (
                "Some people are eligible for membership (Privileged Identity Management). Declared membership is "
                f"permanent, so that they would be members at all times. {_ANEW}"
            )
        if found.why_undeclarable:
            return f"{found.why_undeclarable} {_ANEW}"
        name = found.group.display_name or ""
        others = [one for one in self._read_groups.values() if folded(one.group.display_name or "") == folded(name)]
        if len(others) > 1 or AgentGroup.by_display_name(name):
            return "Another group has its name: rename it."
        return "" if name and name_for(name) == name else "A declaration cannot hold its name: rename it."

    def _lacks_declared(self, group: str) -> str:
        """Why nothing more can be given to a group that the file has: an update would add people to it."""
        found = self._read_groups[group]
        if isinstance(found.members, NotRead):
            return f"Its members were not read. {found.members.text}"
        missing = self._declared_in(group) - self._members(group).keys()
        if not missing:
            return ""
        keys = ", ".join(sorted(self._people[who] for who in missing))
        return (
            f"The file declares {keys} in it, and they are not in it: an update would give them its access. Remove "
            f"them from `gdap.groups.{self._stated_groups[group]}.people`, or add them by hand, and run `tenantry "
            "adopt` again."
        )

    def _members(self, group: str) -> dict[Principal, None]:
        members = or_none(self._read_groups[group].members) if group in self._read_groups else ()
        return {self.holdings.of_id(item.id): None for item in members}

    def _declared_in(self, group: str) -> set[Principal]:
        """The declared people who may be in a group: those whom the file has in it, where it has the group."""
        if group not in self._stated_groups:
            return set(self._people)
        keys = self._plan.groups[self._stated_groups[group]].people
        return {who for who, key in self._people.items() if key in keys}

    def _undeclared_in(self, group: str) -> list[Principal]:
        """Who and what is in a group and not declared in it, and no decision has them removed."""
        gone = {
            folded(one.principal)
            for one in self.tenant.drift.values()
            if one.what == DRIFT_PLACE and one.through == group and one.decided_on <= self.today <= one.until
        }
        others = [who for who in self._members(group) if who not in self._declared_in(group)]
        return [who for who in others if group not in self._stated_groups or gone.isdisjoint(self._named(who))]

    def _named(self, who: Principal) -> set[str]:
        known = self.holdings.known.get(who)
        return {folded(name) for name in (who.value, *((known.upn, known.object_id) if known else ())) if name}

    # --- questions

    @property
    def answerable(self) -> set[str]:
        """The keys of all questions that there can be of what the file does not have, settled by others or not."""
        return {
            *(self.question_key(item.relationship.id) for item in self._open),
            *(f"{About.GDAP_GROUP}/{key}" for key in self._keys.values()),
            *(f"{About.GDAP_MEMBER}/{self.holdings.keys[who]}" for who in self.holdings.at_customers),
        }

    def question_key(self, relationship: str) -> str:
        """What the question about a relationship goes by, if there is one."""
        return f"{About.RELATIONSHIP}/{self._question_keys[relationship]}"

    @cached_property
    def _question_keys(self) -> dict[str, str]:
        found: dict[str, str] = {}
        items = [item.relationship for item in or_none(self.found.relationships)]
        for read in sorted(items, key=lambda read: (folded(read.display_name), read.id)):
            found[read.id] = key_for(read.display_name, set(found.values()))
        return found

    def questions(self) -> Iterator[Question]:
        """What people must settle of relationships, each of them once for all that waits for it."""
        waiting: dict[str, list[ObservedRelationship]] = defaultdict(list)
        members: dict[Principal, list[str]] = defaultdict(list)
        if self.not_read:
            return
        for item in self._undecided:
            if why := self._why_not(item):
                yield self._of_relationship(item, why)
            for group in [] if why else self._waits_for(item):
                waiting[group].append(item)
        for group, items in sorted(waiting.items()):
            if why := self._is_no_group(group):
                yield self._of_group(group, why, items)
            for who in [] if why or group in self._stated_groups else self._undeclared_in(group):
                members[who].append(group)
        for group in sorted(self._stated_groups):
            for who in self._undeclared_in(group):
                members[who].append(group)
        for who, groups in sorted(members.items()):
            yield self._of_member(who, groups, [item for group in groups for item in waiting[group]])

    def _of_relationship(self, item: ObservedRelationship, why: str) -> Question:
        read = item.relationship
        declare = [Choice(DECLARE, _AS_IT_IS)] if read.id in self.refused else []
        return Question(
            key=self.question_key(read.id),
            subject=sanitize(f"the relationship {read.display_name} with {item.customer}"),
            holds=tuple(
                sanitize(f"{', '.join(_names(roles))} for {self._called(group)}")
                for group, roles in self._held(item).items()
            ),
            asks=why,
            choices=(*declare, *self._decisions([item], TERMINATE), _LATER),
            danger=worst(read.roles),
            relationships=frozenset({read.id}),
        )

    def _of_group(self, group: str, why: str, items: list[ObservedRelationship]) -> Question:
        return Question(
            key=f"{About.GDAP_GROUP}/{self._keys[group]}",
            subject=sanitize(f"the group {self._called(group)}"),
            holds=self._at(group, items),
            asks=why,
            choices=(*self._decisions(items, f"remove its roles there, or {TERMINATE}"), _LATER),
            danger=worst(role for item in items for role in self._held(item)[group]),
            relationships=_ids(items),
        )

    def _of_member(self, who: Principal, groups: list[str], items: list[ObservedRelationship]) -> Question:
        known, key = self.holdings.known.get(who), self.holdings.keys[who]
        stated = [self._stated_groups[group] for group in groups if group in self._stated_groups]
        choices = []
        if known and known.kind in _KINDS:
            asks = f"{_KINDS[known.kind]} {_THEN_AGAIN}"
        elif known is None or known.guest:
            asks = f"A declared group has people of the tenant in it, and this is a guest or not known. {_THEN_AGAIN}"
        elif key in self.tenant.members:
            asks = f"They are declared as a leaver, and a leaver works at no customer. {_THEN_AGAIN}"
        elif stated:
            places = " and ".join(f"`gdap.groups.{one}.people`" for one in stated)
            asks = f"The file has the group without them, and an update takes them out. To keep them, write {places}."
        elif any(not path.through for path in self.holdings.paths.get(who, ())):
            asks = "They are in a group that works at customers, and a question about them is open: answer it first."
        else:
            state = "" if known.enabled else " Their account is disabled."
            asks = (
                f"They are in a group that works at customers, but not declared.{state} Or remove them from the group "
                "by hand, and run `tenantry adopt` again."
            )
            entry = Account.of(self.holdings, who, has_groups=True, with_email=False).declared()
            if is_person(entry):
                does = "declare them without a Partner Center role, for their work at customers"
                choices.append(Choice(DECLARE, does, edit=((("people", key), entry),)))
        if stated:
            choices.append(
                Choice(
                    REMOVE,
                    LEGEND[REMOVE],
                    _THEN_AGAIN,
                    decisions=self._removed(who, [one for one in groups if one in self._stated_groups]),
                )
            )
        if items and not stated:
            choices.append(self._decisions(list({item.relationship.id: item for item in items}.values()), "")[0])
        return Question(
            key=f"{About.GDAP_MEMBER}/{key}",
            subject=self.holdings.called(who),
            holds=tuple(sanitize(f"membership of {self._called(group)}") for group in groups),
            asks=asks,
            choices=(*choices, _LATER),
            danger=worst(
                role
                for item in or_none(self.found.relationships)
                for group in groups
                for role in self._held(item).get(group, ())
            ),
            relationships=_ids(items),
        )

    def _called(self, group: str) -> str:
        agents = self.agent_groups.get(group)
        return agents.value if agents else self.found.name_of(group)

    def _at(self, group: str, items: list[ObservedRelationship]) -> tuple[str, ...]:
        held: dict[str, set[str]] = defaultdict(set)
        for item in items:
            for role in self._held(item)[group]:
                held[role_name(role)].add(item.customer)
        return tuple(sanitize(at_customers(role, sorted(customers))) for role, customers in sorted(held.items()))

    def _decisions(self, items: list[ObservedRelationship], by_hand: str) -> list[Choice]:
        """To accept some relationships for a time, and to have them removed."""
        return [
            Choice(ACCEPT, LEGEND[ACCEPT], decisions=self._decided(items, DriftState.ACCEPTED)),
            Choice(REMOVE, LEGEND[REMOVE], by_hand, decisions=self._decided(items, DriftState.TO_BE_REMOVED)),
        ]

    def _removed(self, who: Principal, groups: list[str]) -> Edit:
        """That somebody is to go from groups that the file has without them."""
        taken, found = set(self.tenant.drift), []
        known = self.holdings.known.get(who)
        for group in groups:
            key = key_for(f"{self.holdings.keys[who]} {self._called(group)}", taken)
            taken.add(key)
            decision = {"principal": known.object_id if known else who.value, "what": DRIFT_PLACE, "through": group}
            found.append((("drift", key), {**decision, "state": DriftState.TO_BE_REMOVED.value}))
        return tuple(found)

    def _decided(self, items: list[ObservedRelationship], state: DriftState) -> Edit:
        taken, found = set(self.tenant.drift), []
        for item in items:
            key = key_for(f"{item.relationship.display_name} relationship", taken)
            taken.add(key)
            decision = {"principal": item.relationship.id, "what": DRIFT_RELATIONSHIP, "state": state.value}
            found.append((("drift", key), decision))
        return tuple(found)


def _runs(item: ObservedRelationship) -> bool:
    """Whether a relationship gives access, or will when its customer has approved it."""
    return item.relationship.status == "active" or item.relationship.status in ASKED


def _ended(item: ObservedRelationship) -> str:
    status = item.relationship.status
    return "never sent to the customer" if status == "created" else status if status in ENDED else f"ends ({status})"


def _shape_of(template: GdapTemplate) -> Shape:
    held = {group: tuple(sorted(roles)) for group, roles in template.assignments.items()}
    return template.duration, template.auto_extend, tuple(sorted(held.items()))


def _ids(items: Iterable[ObservedRelationship]) -> frozenset[str]:
    return frozenset(item.relationship.id for item in items)


def _own_name(item: ObservedRelationship) -> str:
    """What a relationship is called beside its customer's name."""
    name = re.sub(re.escape(item.customer), " ", item.relationship.display_name, flags=re.IGNORECASE)
    return name if re.search(r"\w", name) else "gdap"


def _names(roles: Collection[str]) -> list[str]:
    return sorted(map(role_name, roles))
