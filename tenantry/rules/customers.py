"""PT-601 to PT-612: the reseller relationship and GDAP with each customer, and who works there by which roles."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Final

from tenantry.access.parts import NotRead
from tenantry.declaration.customers import Customer, Relationship
from tenantry.findings import FieldPath, Finding, Level, Severity
from tenantry.role_templates import CAN_BECOME_ADMINISTRATOR, GLOBAL_ADMINISTRATOR, role_name
from tenantry.roles import AgentGroup
from tenantry.rules.model import Evidence, NotApplicable, Rule, Said, Source, View, violation
from tenantry.rules.regions import area_of, areas
from tenantry.spelling import folded

#: The longest that Microsoft lets a relationship last.
_LONGEST: Final = 730
_ALL_USERS: Final = "All Users"


def _customers(evidence: Evidence) -> Iterator[tuple[Customer, FieldPath]]:
    for key, customer in evidence.tenant.customers.items():
        yield customer, ("customers", key)


def _running(evidence: Evidence) -> Iterator[Relationship]:
    """The relationships that are not to be terminated."""
    return (item for item in evidence.tenant.relationships if item.terminate is None)


def _reseller(evidence: Evidence) -> Iterator[Finding]:
    level = Level.ADVISORY if evidence.tenant.paperwork_is_open else None
    for customer, path in _customers(evidence):
        reseller = customer.reseller
        at = (*path, "reseller")
        if reseller is None:
            actual, remediation = "no reseller relationship", "declare `reseller: {requested_on: …}`"
            yield violation(customer.name, actual, remediation=remediation, path=at, level=level)
            continue
        for field in ("requested_on", "approved_on"):
            day = getattr(reseller, field)
            if day and day > evidence.today:
                actual, expected = f"{day}, in the future", "today or a day before"
                remediation = "correct the day, or remove it until the customer has answered"
                yield violation(customer.name, actual, expected, remediation, (*at, field))
        if reseller.approved_on is None:
            yield violation(
                customer.name,
                f"requested on {reseller.requested_on}, and no approval is stated",
                "the customer's approval: `approved_on` and `approved_by`",
                "ask the customer again (`tenantry todo`), then declare `approved_on` and `approved_by`",
                (*at, "approved_on"),
                level=Level.ADVISORY,
            )


def _without_gdap(evidence: Evidence) -> Iterator[Finding]:
    for customer, path in _customers(evidence):
        at = (*path, "gdap")
        if not customer.gdap:
            yield violation(customer.name, "no GDAP relationship", path=at)
        elif all(item.terminate for item in customer.gdap.values()):
            # A customer who leaves stays declared until the update that ends the last relationship.
            actual, remediation = "every GDAP relationship has `terminate`", "remove the customer after the update"
            yield violation(customer.name, actual, remediation=remediation, path=at, level=Level.ADVISORY)


def _global_administrator(evidence: Evidence) -> Iterator[Finding]:
    for item in _running(evidence):
        if item.holds_global_administrator and item.auto_extend:
            actual = f"{item.display_name} holds {GLOBAL_ADMINISTRATOR.name} and is to be extended automatically"
            expected = "no automatic extension: Microsoft refuses it with this role"
            remediation = "remove Global Administrator, or write `auto_extend: false`"
            yield violation(item.customer.name, actual, expected, remediation, item.path, level=Level.ALWAYS)
        elif item.holds_global_administrator:
            yield violation(item.customer.name, f"{GLOBAL_ADMINISTRATOR.name} in {item.display_name}", path=item.path)


def _too_long(evidence: Evidence) -> Iterator[Finding]:
    for item in evidence.tenant.relationships:
        if item.days > _LONGEST:
            yield violation(item.customer.name, f"{item.display_name} lasts {item.days} days", path=item.path)


def _roles_beyond(evidence: Evidence) -> Iterator[Finding]:
    for item in evidence.tenant.relationships:
        for group, roles in item.assignments.items():
            if more := ", ".join(sorted(role.name for role in roles - item.roles)):
                actual = f"{more} for `{group}`, which {item.display_name} does not ask the customer for"
                yield violation(item.customer.name, actual, path=item.path)


def _reserved_groups(evidence: Evidence) -> Iterator[Finding]:
    tenant = evidence.tenant
    reserved = {folded(name).replace(" ", ""): name for name in (*(group.value for group in AgentGroup), _ALL_USERS)}
    by_id = {id_: group.value for group, id_ in tenant.agent_groups.ids.items()}
    for key, group in (tenant.gdap.groups if tenant.gdap else {}).items():
        taken = by_id.get(group.adopted or "") or reserved.get(folded(group.name).replace(" ", ""))
        if taken:
            path = ("gdap", "groups", key)
            yield violation(group.name, f"{taken} as a GDAP group", path=path)


def _assigned_to_nobody(evidence: Evidence) -> Iterator[Finding]:
    tenant = evidence.tenant
    for item in _running(evidence):
        if not any(item.assignments.values()):
            actual = f"{item.display_name} gives no group a role"
            yield violation(item.customer.name, actual, path=item.path)
    used = {group for item in _running(evidence) for group in item.assignments}
    for key, group in (tenant.gdap.groups if tenant.gdap else {}).items():
        staying = [person for person in group.people if not tenant.members[person].leaves]
        if key in used and not staying:
            actual, expected = "roles at customers, but nobody in it who is not leaving", "people, or no roles"
            remediation = "add people, or remove the group from the templates and relationships"
            path = ("gdap", "groups", key, "people")
            yield violation(group.name, actual, expected, remediation, path, level=Level.ADVISORY)


def _another_area(evidence: Evidence) -> Iterator[Finding]:
    country = evidence.tenant.country
    level = Level.ADVISORY if evidence.tenant.paperwork_is_open else None
    for customer, path in _customers(evidence):
        home = area_of(country)
        if customer.country is None:
            remediation = "declare `country`, which Partner Center shows"
            yield violation(customer.name, "no country", "a country", remediation, (*path, "country"), level=level)
        elif customer.country != country and (home is None or area_of(customer.country) != home):
            yield violation(
                customer.name,
                f"{customer.country} ({area_of(customer.country) or 'in no area'}), a customer of a tenant in "
                f"{country} ({home or 'in no area'})",
                f"customers of the tenant's own regional authorization area (Microsoft's table of {areas().as_of})",
                "declare the customer under a partner tenant of their area",
                (*path, "country"),
            )


def _several_providers(evidence: Evidence) -> Iterator[Finding]:
    first: str | None = None
    for customer, path in _customers(evidence):
        provider = customer.reseller.indirect_provider if customer.reseller else None
        first = first or provider
        if provider and first and folded(provider) != folded(first):
            actual = f"the indirect provider {provider} in addition to {first}"
            yield violation(customer.name, actual, path=(*path, "reseller", "indirect_provider"))


def _more_than_help(evidence: Evidence) -> Iterator[Finding]:
    for item in _running(evidence):
        for group, roles in item.assignments.items():
            if names := ", ".join(sorted(role.name for role in roles & CAN_BECOME_ADMINISTRATOR)):
                actual = f"{names} for `{group}`: its holders can make themselves {GLOBAL_ADMINISTRATOR.name} there"
                yield violation(item.customer.name, actual, path=item.path)


def _asked_for_nobody(evidence: Evidence) -> Iterator[Finding]:
    for item in _running(evidence):
        unused = item.roles.difference(*item.assignments.values())
        if names := ", ".join(sorted(role.name for role in unused)):
            yield violation(
                item.customer.name, f"{names} in {item.display_name}, and no group holds it", path=item.path
            )


def _held_by_nobody(evidence: Evidence) -> Said:
    at_customers = evidence.seen.tenant.at_customers
    if at_customers is None:
        yield _NOT_LOOKED_AT
        return
    if isinstance(at_customers.relationships, NotRead):
        yield at_customers.relationships
        return
    declared = {folded(item.display_name): item for item in evidence.tenant.relationships}
    for item in at_customers.relationships:
        if item.relationship.status != "active":
            continue
        if isinstance(item.assignments, NotRead):
            yield item.assignments
            continue
        unused = item.relationship.roles.difference(*(given.roles for given in item.assignments))
        wanted = declared.get(folded(item.relationship.display_name))
        if unused and not (wanted and wanted.terminate):
            names = ", ".join(sorted(map(role_name, unused)))
            yield violation(
                item.customer,
                f"{names} in {item.relationship.display_name}, and no group holds it",
                path=wanted.path if wanted else ("customers",),
            )


_NOT_LOOKED_AT: Final = NotApplicable("no customer is declared, and relationships with customers were not read")
_SOON: Final = timedelta(days=90)
"""As long as a customer has to answer before a request expires."""


def _ends_soon(evidence: Evidence) -> Said:
    at_customers = evidence.seen.tenant.at_customers
    if at_customers is None:
        yield _NOT_LOOKED_AT
        return
    relationships = at_customers.relationships
    if isinstance(relationships, NotRead):
        yield relationships
        return
    soon = evidence.today + _SOON
    running = [item for item in relationships if item.gives_access and item.ends_on]
    declared = {folded(item.display_name): item for item in evidence.tenant.relationships}
    for item in running:
        wanted = declared.get(folded(item.relationship.display_name))
        renewed = any(
            other.tenant_id == item.tenant_id
            and other.relationship.roles >= item.relationship.roles
            and (other.ends_on or soon) > soon
            for other in running
        )
        if item.is_extended or renewed or (item.ends_on or soon) > soon or (wanted and wanted.terminate):
            continue
        yield violation(
            item.customer,
            f"{item.relationship.display_name} ends on {item.ends_on}, and nothing replaces it",
            path=wanted.path if wanted else ("customers",),
        )


_ESTABLISHED: Final = f'{Source.PARTNER_CENTER}, "Reseller Relationships & GDAP": "must establish"'

RULES: Final = (
    Rule(
        "PT-601",
        "The reseller relationship with each customer is stated, with the customer's approval",
        Level.MANDATORY,
        Severity.MEDIUM,
        f'{_ESTABLISHED}, "Both require customer approval"',
        "Ask the customer, then declare who accepted, and when.",
        {View.DECLARED: _reseller},
        expected="`reseller` with the date of the request, and the customer's approval",
        also_advises=True,
    ),
    Rule(
        "PT-602",
        "Each customer has a GDAP relationship",
        Level.MANDATORY,
        Severity.MEDIUM,
        f'{_ESTABLISHED} "Granular Delegated Admin Privileges (GDAP)"',
        "Declare one, such as `gdap: {least-privilege: {}}`, or remove the customer.",
        {View.DECLARED: _without_gdap},
        expected="at least one relationship without `terminate`",
        also_advises=True,
    ),
    Rule(
        "PT-603",
        "No Global Administrator at a customer",
        Level.MANDATORY,
        Severity.HIGH,
        f'{Source.GDAP_FAQ}: "Microsoft recommends" roles by task; {Source.GDAP}',
        "Ask for the roles that the tasks need.",
        {View.DECLARED: _global_administrator},
        expected="the roles that the tasks need",
        also_binds=True,
    ),
    Rule(
        "PT-604",
        f"A relationship lasts at most {_LONGEST} days",
        Level.ALWAYS,
        Severity.MEDIUM,
        f"{Source.GDAP_API}, duration",
        f"Write at most P{_LONGEST}D, and declare a new relationship before it ends.",
        {View.DECLARED: _too_long},
        expected=f"at most {_LONGEST} days",
    ),
    Rule(
        "PT-605",
        "A group holds only roles that the customer approves",
        Level.ALWAYS,
        Severity.MEDIUM,
        f"{Source.GDAP_API}, access assignments",
        "Add the role to `roles`, or leave `roles` out; with a customer who has approved, declare a new relationship.",
        {View.DECLARED: _roles_beyond},
        expected="roles of the relationship",
    ),
    Rule(
        "PT-606",
        "Agent groups are not used as GDAP groups",
        Level.ALWAYS,
        Severity.HIGH,
        f"{Source.GDAP_FAQ}, on security groups",
        "Use a separate security group for the task.",
        {View.DECLARED: _reserved_groups},
        expected="a separate security group: members of AdminAgents reach every customer's Azure subscriptions",
    ),
    Rule(
        "PT-607",
        "Each relationship gives a group a role, and each group has people",
        Level.MANDATORY,
        Severity.LOW,
        f"{Source.GDAP_API}, access assignments: a relationship without any gives nobody access",
        "Assign a role to a group, or terminate the relationship.",
        {View.DECLARED: _assigned_to_nobody},
        expected="at least one group with a role",
        also_advises=True,
    ),
    Rule(
        "PT-608",
        "Customers are in the tenant's regional authorization area",
        Level.MANDATORY,
        Severity.MEDIUM,
        f'{Source.ESTABLISHING}, "Regional Considerations"',
        "Declare the customer under a partner tenant of their area.",
        {View.DECLARED: _another_area},
        also_advises=True,
    ),
    Rule(
        "PT-609",
        "A relationship with a customer is renewed before it ends",
        Level.ADVISORY,
        Severity.MEDIUM,
        f"{Source.GDAP_API}, endDateTime; that a customer needs up to 90 days to answer is the FAQ's",
        "Declare a new relationship under another key and display name, and `terminate` the old one once it is active; "
        "or write `auto_extend: true`.",
        {View.OBSERVED: _ends_soon},
        on_the_tenant="until when relationships last",
        expected="a relationship that lasts 90 more days, or is extended automatically",
    ),
    Rule(
        "PT-610",
        "An indirect reseller works with one indirect provider",
        Level.ADVISORY,
        Severity.LOW,
        f"{Source.CSP}, on indirect resellers",
        "Name the provider through whom the customer is billed.",
        {View.DECLARED: _several_providers},
        expected="one indirect provider for all customers, unless this is intended",
    ),
    Rule(
        "PT-611",
        "No role at a customer that can be raised to Global Administrator",
        Level.ADVISORY,
        Severity.MEDIUM,
        f"{Source.GDAP_FAQ}, on least privilege; {Source.ENTRA}",
        "Prefer Helpdesk Administrator, Authentication Administrator or User Administrator.",
        {View.DECLARED: _more_than_help},
        expected="roles whose holders cannot make themselves Global Administrator",
    ),
    Rule(
        "PT-612",
        "A relationship asks only for roles that a group holds",
        Level.ADVISORY,
        Severity.LOW,
        f"{Source.GDAP_FAQ}, on least privilege",
        "Assign the role, or leave it out of the next relationship with the customer: the roles of a relationship "
        "never change once the customer has approved.",
        {View.DECLARED: _asked_for_nobody, View.OBSERVED: _held_by_nobody},
        on_the_tenant="which roles customers have approved and no group holds",
        expected="only roles that a group holds: any other role can be assigned without asking the customer again",
    ),
)
