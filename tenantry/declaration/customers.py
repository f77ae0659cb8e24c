"""The fields of a tenant's customers, and of the groups and templates that open them by GDAP.

Source: *Microsoft Partner Center and administration*: "To transact or support customers, partners must establish:
reseller relationship, Granular Delegated Admin Privileges. Both require customer approval." GDAP's own limits are those
of "delegatedAdminRelationship resource type" in Microsoft Graph's reference.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files
from typing import Final

from pydantic import Field, StrictBool, ValidationInfo
from ruamel.yaml import YAML

from tenantry.declaration.base import Model, check, mapping, optional
from tenantry.declaration.fields import (
    LONGEST_RELATIONSHIP_NAME,
    Country,
    Day,
    DomainName,
    Duration,
    EntraRoles,
    Guid,
    Key,
    Keys,
    Name,
    RelationshipId,
    RelationshipName,
)
from tenantry.findings import FieldPath, Finding, mistake, one_of
from tenantry.role_templates import GLOBAL_ADMINISTRATOR, RoleTemplate, role_template_named
from tenantry.sanitize import quoted
from tenantry.spelling import alike, folded

_LONGEST: Final = "P730D"
CUSTOMER_ADMINISTRATION: Final = "2832473f-ec63-45fb-976f-5d45a7d4bb91"
"""The application `Partner Customer Delegated Administration`, which stands for a partner at its customers. An
application that manages relationships needs it in the tenant ("Create delegatedAdminRelationship")."""


class GdapGroup(Model):
    """A security group of the partner tenant whose members get its roles at the customers; never an agent group."""

    name: Name = Field(description="The group's display name.", examples=["GDAP Service Desk"])
    people: Keys = Field(description="Its members, by key. The stack removes everybody else.", examples=[["emma"]])
    adopted: Guid | None = optional("Object id of the group, if it already exists.")
    role_assignable: StrictBool = Field(
        default=False,
        description="Whether only administrators of privileged roles may change it (needs Entra ID P1; fixed when the "
        "group is created).",
    )


class GdapTemplate(Model):
    """What relationships with many customers have in common."""

    duration: Duration = Field(default=_LONGEST, description="How long they last: at most P730D.")
    auto_extend: StrictBool = Field(
        default=False, description="Whether Microsoft extends them by 180 days when they end (P180D)."
    )
    assignments: dict[Key, EntraRoles] = Field(
        description="The roles that each group holds at the customer, by the group's key.",
        examples=[{"service-desk": ["Service Support Administrator"]}],
    )


class Termination(Model):
    """The decision to end a relationship: its access is gone at once, and only the customer can approve a new one."""

    reason: Name = Field(description="Why it ends.", examples=["The contract has ended"])
    decided_by: Name = Field(description="Who decided.", examples=["Grace Mbeki"])
    decided_on: Day = Field(description="When it was decided.")


class GdapRelationship(Model):
    """A GDAP relationship with a customer: by a template, or by its own duration and assignments."""

    template: Key | None = optional("The template. Default: the template named like the relationship's key.")
    display_name: RelationshipName | None = optional(
        "What the customer reads when they approve; no two relationships of a partner share it. Default: the "
        "customer's name and the relationship's key.",
        "Fabrikam everyday",
    )
    duration: Duration | None = optional("Its duration, if the template does not state it.")
    auto_extend: StrictBool | None = optional("Whether it is extended by 180 days when it ends.")
    assignments: dict[Key, EntraRoles] | None = optional("The roles that each group holds, instead of the template's.")
    roles: EntraRoles | None = optional("The roles that the customer approves. Default: the assigned roles.")
    adopted: RelationshipId | None = optional("Id of the relationship, if it already exists.")
    terminate: Termination | None = optional("The decision to end it.")


class Reseller(Model):
    """The reseller relationship with a customer: only Partner Center knows it, so it is stated."""

    requested_on: Day = Field(description="When the customer was asked.")
    approved_on: Day | None = optional("When the customer accepted.")
    approved_by: Name | None = optional("Who accepted for the customer.", "Jane Doe")
    indirect_provider: Name | None = optional(
        "The indirect provider, if the tenant is an indirect reseller.", "Northwind Distribution"
    )

    @check("approved_on")
    @staticmethod
    def _an_answer_comes_after_the_question(approved: date | None, info: ValidationInfo) -> Iterator[Finding]:
        asked = info.data.get("requested_on")
        if approved and asked and str(approved) < str(asked):
            yield mistake(
                f"{approved}, before `requested_on: {asked}`", "a day after the request", "correct one of them"
            )

    @check("approved_by")
    @staticmethod
    def _an_approval_has_its_person(by: str | None, info: ValidationInfo) -> Iterator[Finding]:
        approved = info.data.get("approved_on")
        if (approved is None) != (by is None) and "approved_on" in info.data:
            expected = "`approved_on` and `approved_by` together"
            yield mistake(f"{'no ' if by is None else ''}`approved_by`", expected, "add the other, or remove both")


class Customer(Model):
    """A customer: who they are, and what the partner may do there."""

    name: Name = Field(description="The customer's name.", examples=["Fabrikam Inc."])
    tenant_id: Guid = Field(description="The customer's tenant id.")
    domain: DomainName | None = optional("A domain of the customer's, by which they are found.", "fabrikam.com")
    country: Country | None = optional("The country of the customer's tenant. Optional with `paperwork: open`.")
    reseller: Reseller | None = optional("The reseller relationship.")
    gdap: dict[Key, GdapRelationship] = mapping(
        "GDAP relationships by a key of your own; `{everyday: {}}` takes everything from the template `everyday`.",
        {"everyday": {}},
    )


class GdapPlan(Model):
    """The groups and templates by which a tenant's people work at its customers."""

    groups: dict[Key, GdapGroup] = mapping("The security groups, by a key of your own.")
    templates: dict[Key, GdapTemplate] = mapping(
        "Templates of your own, in addition to least-privilege and fifteen-roles."
    )

    @check("templates")
    @staticmethod
    def _a_shipped_name_is_taken(templates: dict[str, GdapTemplate], _: ValidationInfo) -> Iterator[Finding]:
        for key in templates.keys() & shipped_templates().keys():
            yield mistake(f"{key}, which is a template of Tenantry", "a name of your own", "rename it", (key,))

    @check("groups")
    @staticmethod
    def _one_group_stands_once(groups: dict[str, GdapGroup], _: ValidationInfo) -> Iterator[Finding]:
        names: dict[str, str] = {}
        for key, group in groups.items():
            for field, value in (("name", folded(group.name)), ("adopted", group.adopted)):
                if value and names.setdefault(value, key) != key:
                    actual = f"{quoted(getattr(group, field))}, which `{names[value]}` has too"
                    yield mistake(actual, "each group under one key", "correct one of the two", (key, field))

    def template(self, key: str) -> GdapTemplate | None:
        """A template by its key: the tenant's own, or one that comes with Tenantry."""
        return self.templates.get(key) or shipped_templates().get(key)


@dataclass(frozen=True)
class Relationship:
    """A declared GDAP relationship with everything that its template adds."""

    customer_key: str
    key: str
    customer: Customer
    display_name: str
    duration: str
    """ISO 8601, in days."""
    auto_extend: bool
    roles: frozenset[RoleTemplate]
    """What the customer approves."""
    assignments: Mapping[str, frozenset[RoleTemplate]]
    """Key of the group to what it holds."""
    adopted: str | None
    terminate: Termination | None

    @property
    def path(self) -> FieldPath:
        """Where it stands in the tenant's file."""
        return ("customers", self.customer_key, "gdap", self.key)

    @property
    def dotted_key(self) -> str:
        """Its key beside those of all customers; no key has a dot."""
        return f"{self.customer_key}.{self.key}"

    @property
    def days(self) -> int:
        """How long it lasts."""
        return int(self.duration[1:-1])

    @property
    def holds_global_administrator(self) -> bool:
        """Whether the customer is asked for Global Administrator, which Microsoft never extends by itself."""
        return GLOBAL_ADMINISTRATOR in self.roles


@cache
def shipped_templates() -> Mapping[str, GdapTemplate]:
    """The templates that come with Tenantry, by key."""
    text = files("tenantry").joinpath("data", "gdap-templates.yaml").read_text(encoding="utf-8")
    written: dict[str, dict[str, list[str]]] = YAML(typ="safe", pure=True).load(text)
    return {
        key: GdapTemplate(auto_extend=True, assignments={group: tuple(roles) for group, roles in assignments.items()})
        for key, assignments in written.items()
    }


def relationships(customers: Mapping[str, Customer], plan: GdapPlan | None) -> Iterator[Relationship]:
    """The relationships with all customers, in the file's order. The declaration is valid: its templates are known."""
    for customer_key, customer in customers.items():
        for key, written in customer.gdap.items():
            yield _complete(customer_key, key, customer, written, plan or GdapPlan())


def mistakes(customers: Mapping[str, Customer], plan: GdapPlan | None) -> Iterator[Finding]:
    """What is wrong with customers, beside each other and with groups and templates. Paths are below `customers`."""
    plan = plan or GdapPlan()
    names: dict[str, str] = {}
    tenants: dict[str, str] = {}
    for customer_key, customer in customers.items():
        if tenants.setdefault(customer.tenant_id, customer_key) != customer_key:
            actual = f"{customer.tenant_id}, which `{tenants[customer.tenant_id]}` has too"
            yield mistake(actual, "each customer once", "correct one of the two", (customer_key, "tenant_id"))
        for key, written in customer.gdap.items():
            path: FieldPath = (customer_key, "gdap", key)
            if found := list(_incomplete(written, key, plan)):
                yield from (item.model_copy(update={"path": (*path, *item.path)}) for item in found)
                continue
            item = _complete(customer_key, key, customer, written, plan)
            if len(item.display_name) > LONGEST_RELATIONSHIP_NAME:
                actual = f"the display name {quoted(item.display_name)} of {len(item.display_name)} characters"
                expected = f"at most {LONGEST_RELATIONSHIP_NAME}"
                yield mistake(actual, expected, "write a shorter `display_name`", path)
            if names.setdefault(folded(item.display_name), (at := f"{customer_key}.gdap.{key}")) != at:
                actual = (
                    f"the display name {quoted(item.display_name)}, which `{names[folded(item.display_name)]}` has too"
                )
                expected = "a display name that no other relationship has: Microsoft refuses duplicates"
                yield mistake(actual, expected, "write another `display_name`", path)


def _template_of(written: GdapRelationship, key: str, plan: GdapPlan) -> GdapTemplate | None:
    return plan.template(written.template or key)


def _incomplete(written: GdapRelationship, key: str, plan: GdapPlan) -> Iterator[Finding]:
    """What a relationship names that is not declared."""
    template = _template_of(written, key, plan)
    known = [*plan.templates, *shipped_templates()]
    if written.template and template is None:
        near = alike(written.template, known)
        remediation = f"did you mean `{near}`?" if near else "declare it under `gdap.templates`, or choose another one"
        yield mistake(
            f"the unknown template {quoted(written.template)}",
            one_of(known),
            remediation,
            ("template",),
        )
        return
    if template is None and written.assignments is None:
        expected = "a template, or `assignments` of its own"
        near = alike(key, known)
        remediation = f"did you mean the template `{near}` as the key?" if near else "add one of the two"
        yield mistake("neither `template` nor `assignments`", expected, remediation)
        return
    own = written.assignments is not None
    assignments = written.assignments if written.assignments is not None else template.assignments if template else {}
    for group in assignments:
        if group not in plan.groups:
            near = alike(group, plan.groups)
            path = ("assignments", group) if own else ("template",) if written.template else ()
            actual = f"the group `{group}`" + ("" if own else f", which the template `{written.template or key}` names")
            declare = f"declare it: `gdap: {{groups: {{{group}: {{name: …, people: […]}}}}}}`"
            remediation = f"did you mean `{near}`?" if near and own else declare
            yield mistake(actual, "a key of `gdap.groups`", remediation, path)


def _complete(
    customer_key: str, key: str, customer: Customer, written: GdapRelationship, plan: GdapPlan
) -> Relationship:
    template = _template_of(written, key, plan) or GdapTemplate(assignments={})
    chosen = template.assignments if written.assignments is None else written.assignments
    assignments = {group: _templates(roles) for group, roles in chosen.items()}
    extend = template.auto_extend if written.auto_extend is None else written.auto_extend
    return Relationship(
        customer_key,
        key,
        customer,
        written.display_name or f"{customer.name} {key}",
        written.duration or template.duration,
        extend,
        _templates(written.roles) if written.roles is not None else frozenset().union(*assignments.values()),
        assignments,
        written.adopted,
        written.terminate,
    )


def _templates(roles: tuple[str, ...]) -> frozenset[RoleTemplate]:
    return frozenset(role for role in map(role_template_named, roles) if role)
