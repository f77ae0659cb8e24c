"""PT-201 to PT-206: enough administrators and not too many, emergency accounts, and who may take away what."""

from collections.abc import Iterator
from typing import Final

from tenantry.access import Kind, Principal
from tenantry.access.declared import counted_holders, holders, is_held_by, people_with_access, who
from tenantry.access.registered import RegisteredView
from tenantry.access.resource_changes import ChangeType, ResourceChange
from tenantry.access.resource_types import (
    APP_ROLE_ASSIGNMENT,
    DIRECTORY_ROLE_ASSIGNMENT,
    DIRECTORY_ROLE_ELIGIBILITY,
    DIRECTORY_ROLE_MEMBER,
    GROUP_MEMBER,
    SERVICE_PRINCIPAL,
)
from tenantry.declaration import Person
from tenantry.declaration.fields import is_microsofts
from tenantry.findings import Finding, Level, Severity
from tenantry.graph.models import MemberKind
from tenantry.roles import CompanyRole, DirectoryRole, PartnerRole, Power
from tenantry.rules import in_the_tenant
from tenantry.rules.addresses import domain_of
from tenantry.rules.change import ceilings, invariants, sensitive
from tenantry.rules.code_owners import whose
from tenantry.rules.model import Evidence, Rule, Scope, Source, View, of_person, violation
from tenantry.rules.planned import Planned
from tenantry.sanitize import quoted
from tenantry.spelling import folded_upn
from tenantry.todo import WHO_MAY, Task, people_who_may


def _too_few_administrators(evidence: Evidence) -> Iterator[Finding]:
    """Counts distinct people who can leave: emergency accounts, guests and disabled accounts do not count."""
    admins = {
        folded_upn(person.upn): person.full_name
        for _, person in evidence.people()
        if person.may_sign_in and not person.emergency and not person.is_guest
        if {PartnerRole.GLOBAL_ADMIN, CompanyRole.ACCOUNT_ADMIN} & {*person.roles, *(person.company_roles or ())}
    }
    if len(admins) < 2:
        actual = f"{f'only {next(iter(admins.values()))}' if admins else 'nobody'} as Global admin or Account admin"
        level = Level.MANDATORY if admins else Level.ALWAYS
        yield violation(evidence.tenant.name, actual, path=("people",), level=level)


#: Of Table 1's directory roles, those that Microsoft labels privileged; Billing Administrator is not.
_PRIVILEGED: Final = (DirectoryRole.GLOBAL_ADMINISTRATOR, DirectoryRole.USER_ADMINISTRATOR)


def _too_many_administrators(evidence: Evidence) -> Iterator[Finding]:
    """Emergency accounts count: what is limited is how many accounts are worth an attack."""
    count = {role: len(holders(evidence.tenant, role)) for role in _PRIVILEGED}
    admins, privileged = count[DirectoryRole.GLOBAL_ADMINISTRATOR], sum(count.values())
    settings = evidence.settings
    for number, most, what in (
        (admins, settings.max_global_administrators, "Global Administrators, emergency accounts among them"),
        (privileged, settings.max_privileged_assignments, f"assignments of {' and '.join(_PRIVILEGED)}"),
    ):
        if number > most:
            yield violation(evidence.tenant.name, f"{number} {what}", f"fewer than {most + 1}", path=("people",))


def _emergency_accounts(evidence: Evidence) -> Iterator[Finding]:
    accounts = {key: person for key, person in people_with_access(evidence.tenant).items() if person.emergency}
    initial = evidence.tenant.domains.initial
    allowed = f"at least two emergency accounts, in {initial}, with Global Administrator active"
    if len(accounts) < 2:
        only = next((f"only the emergency account of {person.upn}" for person in accounts.values()), None)
        remediation = "declare accounts with `emergency: true` and `roles: [Global admin]`"
        actual = only or "no emergency account"
        yield violation(evidence.tenant.name, actual, allowed, remediation, ("people",), level=Level.ADVISORY)
    for key, person in accounts.items():
        if PartnerRole.GLOBAL_ADMIN not in person.roles:
            field, why, remediation = "roles", "without Global Administrator", "write `roles: [Global admin]`"
        elif not is_microsofts(domain_of(person.upn)):
            field, why = "upn", f"outside {initial} ({person.upn})"
            remediation = f"give it a sign-in name (UPN) in the tenant's initial domain, {initial}"
        elif not person.may_sign_in:
            field, why, remediation = "state", "unable to sign in", "remove `state`"
        else:
            continue
        yield of_person(key, person, field, f"an emergency account {why}", allowed, remediation, level=Level.ADVISORY)


def _for_emergencies(evidence: Evidence, view: RegisteredView) -> Iterator[tuple[Principal, str, str]]:
    """The emergency accounts of a view and their role assignments, each with its URN and what it is."""
    found = [(account, resource.urn, "account") for account, resource in view.accounts]
    found += [
        (grant.principal, reason.source, "role assignment")
        for grant, reason in view.access.records()
        if grant.kind is Kind.DIRECTORY_ROLE
    ]
    for principal, urn, what in found:
        declared = evidence.person(principal)
        if declared and declared[1].emergency:
            yield principal, urn, what


def _unprotected(evidence: Evidence) -> Iterator[Finding]:
    """What the program makes of an emergency account, its role with it, is protected against every mistake."""
    for principal, urn, what in _for_emergencies(evidence, evidence.program):
        if urn not in evidence.program.protected:
            yield violation(
                evidence.named(principal),
                f"an emergency account whose {what} can be deleted by mistake",
                "`protect=True` on an emergency account and its role assignment",
                "protect it (PartnerTenant does)",
                evidence.field_of(principal, "emergency"),
                resource=urn,
                level=Level.ALWAYS,
            )


def _emergency_accounts_that_a_plan_touches(evidence: Evidence) -> Iterator[Finding]:
    for principal, urn, what in _for_emergencies(evidence, evidence.plan.before):
        change = evidence.plan.by_urn[urn]
        if change.change_type is ChangeType.REPLACED:
            happens = str(change.change_type)
        elif change.change_type is ChangeType.LET_GO:
            happens = "the stack stops managing"
        elif change.before and change.after and change.before.protected and not change.after.protected:
            happens = "loses its protection"
        else:
            continue
        yield violation(
            evidence.named(principal),
            f"an emergency account whose {what} {happens}",
            "no change to an emergency account; no approval allows one",
            "register it as the component PartnerTenant does",
            evidence.field_of(principal, "emergency"),
            resource=urn,
        )


def _below_the_floor(evidence: Evidence) -> Iterator[Finding]:
    """Counts the same people as the rules of a change (:mod:`tenantry.rules.change.ceilings`)."""
    tenant = evidence.tenant
    for power, least in tenant.limits.minimum_holders.items():
        held_by = counted_holders(tenant, power).values()
        if len(held_by) < least:
            yield violation(
                power,
                f"{len(held_by)} {'holder' if len(held_by) == 1 else 'holders'} "
                f"({', '.join(sorted(map(who, held_by))) or 'nobody'})",
                f"at least {least} who can sign in and hold it for the whole tenant, not counting emergency accounts "
                "and guests",
                "give another person a role that gives it, or lower the limit",
                ("limits", "minimum_holders", power.value),
                about=power.value,
            )
    for power, keys in tenant.limits.required_holders.items():
        for number, key in enumerate(keys):
            if not is_held_by(tenant, power, key):
                why, remediation = _why_not_held(tenant.members.get(key), power, key)
                yield violation(
                    who(tenant.members[key]) if key in tenant.members else f"`{key}`",
                    f"must hold {power}, and {why}",
                    "a required holder who has it and can sign in",
                    remediation,
                    ("limits", "required_holders", power.value, number),
                    about=key,
                )


def _why_not_held(person: Person | None, power: Power, key: str) -> tuple[str, str]:
    if person is None:
        return "is not a key of `people`", f"add `{key}` to `people`, or require a declared person"
    if not person.may_sign_in:
        why = f"is declared `state: {person.state}`"
        return why, f"remove `state` from `people.{key}`, or require another person"
    return "has no role that gives it", f"give them a role that gives {power}, or require another person"


_NO_OWNERS: Final = (
    "the repository's CODEOWNERS decides who approves, and no such file was found; `tenantry codeowners` writes one"
)


def _approved_by_others(evidence: Evidence) -> Iterator[Finding]:
    """One owner's approval is enough, so that each of them must be one who may manage users."""
    for actual, owner in _wrong_owners(evidence):
        yield violation(evidence.tenant.name, actual, path=("people",), about=owner)


def _wrong_owners(evidence: Evidence) -> Iterator[tuple[str, str]]:
    """What is wrong with the owners of the tenant's file, and of which owner."""
    if evidence.ownership is None:
        return
    file = evidence.ownership.file
    try:
        owned = evidence.ownership.of_tenant(evidence.tenant_name)
    except ValueError as error:
        yield f"{file} cannot be read: {error}", ""
        return
    where = f"{file}, line {owned.line}" if owned.line else file
    if not owned.owners:
        yield f"{where} names no owner: anybody may approve", ""
    may = people_who_may(evidence.tenant, Task.CREATE_PEOPLE).values()
    for owner in owned.owners:
        person = whose(evidence.tenant, owner)
        if person not in may and not _is_team(owner):
            name = f"{person.full_name}, who may not manage users" if person else "not a person of this tenant"
            yield f"{where} lets {quoted(owner)} approve changes to people: {name}", owner


def _is_team(owner: str) -> bool:
    return owner.startswith("@") and "/" in owner


#: What a service principal holds its own access by, with the property that names it.
_HOLDS_BY: Final = {
    APP_ROLE_ASSIGNMENT: "principalObjectId",
    DIRECTORY_ROLE_ASSIGNMENT: "principalObjectId",
    DIRECTORY_ROLE_MEMBER: "memberObjectId",
    DIRECTORY_ROLE_ELIGIBILITY: "principalId",
    GROUP_MEMBER: "memberObjectId",
    SERVICE_PRINCIPAL: "objectId",
}


def own_access_that_ends(planned: Planned) -> Iterator[tuple[ResourceChange, str]]:
    """Access that a plan deletes, with the object id of its holder, where that is or may be no declared person."""
    people = {
        holder.object_id for holder in planned.change.before.known if holder.kind is MemberKind.USER and holder.upn
    }
    for resource_change in planned.resource_changes:
        key = _HOLDS_BY.get(resource_change.before.type) if resource_change.before else None
        if resource_change.before and key and resource_change.ends:
            holder = (resource_change.before.known(key) or "").casefold()
            if holder not in people:
                yield resource_change, holder


def _own_access(evidence: Evidence) -> Iterator[Finding]:
    deployer = (evidence.plan.deployer or "").casefold()
    for resource_change, holder in own_access_that_ends(evidence.plan):
        if holder == deployer:
            name, what = resource_change.name, resource_change.change_type
            actual = f"the deploying identity ({holder}) loses the access that it has by {name}, which {what}"
            remediation = "keep it in the program, or deploy with another identity"
            yield violation(name, actual, remediation=remediation, resource=resource_change.urn)


RULES: Final = (
    Rule(
        "PT-201",
        "At least two Global or Account admins",
        Level.MANDATORY,
        Severity.HIGH,
        f'{Source.PARTNER_CENTER}: "Assign at least two Global or Account Admins"',
        "Give a second person the role Global admin or Account admin.",
        {View.DECLARED: _too_few_administrators, View.OBSERVED: in_the_tenant.too_few_administrators},
        also_binds=True,
        expected="at least two people who can sign in, not counting emergency accounts",
        on_the_tenant="who holds the role in the tenant, and can sign in",
    ),
    Rule(
        "PT-202",
        "Fewer than five Global Administrators, fewer than ten privileged assignments",
        Level.ADVISORY,
        Severity.MEDIUM,
        f"{Source.ENTRA}: best practices for Entra roles, 5 and 6",
        "Give a smaller role to people whose work does not need this one.",
        {View.DECLARED: _too_many_administrators, View.OBSERVED: in_the_tenant.too_many_administrators},
        on_the_tenant="how many the tenant has",
    ),
    Rule(
        "PT-203",
        "Two emergency accounts, which no change removes or weakens",
        Level.ALWAYS,
        Severity.HIGH,
        f"{Source.ENTRA}: manage emergency access accounts",
        "Keep two emergency accounts in onmicrosoft.com with Global Administrator active.",
        {
            View.DECLARED: _emergency_accounts,
            View.REGISTERED: _unprotected,
            View.PLANNED: _emergency_accounts_that_a_plan_touches,
            View.OBSERVED: in_the_tenant.emergency_accounts,
        },
        of_changes=(invariants.emergency_accounts,),
        also_advises=True,
        on_a_plan="whether an update removes or weakens one",
        on_a_change="whether a change removes or weakens one",
        on_the_tenant="whether they are enabled, and are cloud-only accounts",
    ),
    Rule(
        "PT-204",
        "No change removes more access than the limits allow",
        Level.ALWAYS,
        Severity.HIGH,
        f'{Source.PARTNER_CENTER}: "to avoid access issues if one user leaves"; the limits are the partner\'s own',
        "Make the change in smaller steps, or have it approved as an override. Leave a role to everybody "
        "who is required by the limits. Terminate a customer's relationship before it leaves the declaration.",
        {View.DECLARED: _below_the_floor},
        of_changes=(
            invariants.last_administrator,
            invariants.accounts_deleted,
            ceilings.too_much_taken,
            ceilings.too_many_terminated,
            ceilings.renewed_too_early,
            ceilings.undeclared,
            ceilings.too_few_left,
            ceilings.required_missing,
        ),
        also_advises=True,
        on_a_plan="how much access an update removes",
        on_a_change="how much declared access a change removes",
    ),
    Rule(
        "PT-205",
        "Changes to people are approved by those who may manage users",
        Level.MANDATORY,
        Severity.MEDIUM,
        f'{Source.USERS}, Summary: "must be done by the user management admin, accounts admin or the global admin"',
        "Run `tenantry codeowners`, and keep its lines at the end of the file.",
        {View.DECLARED: _approved_by_others},
        needs=lambda evidence: None if evidence.ownership else _NO_OWNERS,
        elsewhere="only the code host knows the members of a team",
        expected=f"{WHO_MAY[Task.CREATE_PEOPLE].text}, alone",
    ),
    Rule(
        "PT-206",
        "The deploying identity keeps its own access",
        Level.ALWAYS,
        Severity.HIGH,
        f"{Source.ENTRA}: best practices for Entra roles",
        "Remove the deploying identity's roles and permissions from the change.",
        {View.PLANNED: _own_access},
        of_changes=(invariants.own_access, sensitive.missing_roles, sensitive.missing_permissions),
        on_a_plan="which access the deploying identity loses by a change",
        scope=Scope.ALL,
        expected="changes that keep the deploying identity's access; no approval allows others",
    ),
)
