"""What exists already and the stack would make a second time: pinned by its id, or refused.

The directory refuses a second assignment of a role, or a second consent grant, only when it is asked for it, in the
middle of an update. This names the id to pin before (docs/decisions/0002-a-pin-is-what-protects.md). Rule PT-108 is
about power that the stack does not know of.
"""

from collections.abc import Iterator

from tenantry.access.change import Change
from tenantry.access.declared import declared_grant, ended, powers_of, who
from tenantry.access.existing import ExistingConsent, Part
from tenantry.access.grants import WHOLE_TENANT, Grant, Reason
from tenantry.declaration.consent import TenantConsent
from tenantry.declaration.person import Assignment
from tenantry.declaration.tenant import Tenant
from tenantry.findings import field_name
from tenantry.roles import AssignmentType, DirectoryRole
from tenantry.rules.change import eligibilities
from tenantry.rules.change.refusal import Kind, Refusal, refused


def role_assignments(tenant: Tenant, change: Change) -> Iterator[Refusal]:
    """Declared assignments, active or eligible, that exist without a pin, and pins of anything else.

    Nothing where they could not be read, which :func:`tenantry.rules.change.evaluate` refuses, or where
    nobody can be eligible (:func:`tenantry.rules.change.eligibilities.unlicensed`).
    """
    for key, person in tenant.members.items():
        holder = change.people.get(key)
        if holder is None:
            continue
        for role in DirectoryRole:
            if not _is_read(change, person.assignment(role)):
                continue
            held = declared_grant(holder, person, role)
            record = change.before.access.direct(held)
            pin = person.pins.role_assignments.get(role)
            if pin is not None and (record is None or record.assignment_id != pin):
                yield _wrongly_pinned(tenant, change, key, role, pin)
            elif record and role in powers_of(tenant, person) and _is_beyond_reach(change, held, record):
                yield _beyond_reach(tenant, change, key, held, record)
            elif pin is None and record and not record.owned and role in powers_of(tenant, person):
                yield _not_pinned(tenant, change, key, held, record)


def protected_roles(tenant: Tenant, change: Change) -> Iterator[Refusal]:
    """What the engine would refuse to take away, since it was taken over by a pin and the state protects it.

    The engine names a resource, and offers a command by which the stack would forget the role and the person keep it.
    """
    given = {key: powers_of(tenant, person) for key, person in tenant.members.items()}
    pinned = {pin for (key, role), pin in tenant.pinned_roles.items() if role in given[key]}
    for held, record in change.before.access.records():
        is_protected = record.assignment_id in change.before.protected - pinned and not record.through
        if is_protected and not (
            held.principal.object_id in change.before.emergency or change.after.access.direct(held)
        ):
            yield _protected(tenant, held, record)


def consent_grants(tenant: Tenant, change: Change) -> Iterator[Refusal]:
    """The tenant's consent to FTOP where it exists and is not pinned as it is, or the pin is of something else."""
    consent = tenant.ftop_consent
    if consent is None or not consent.approved or change.before.why_not_read(Part.CONSENT_GRANTS):
        return
    existing = next(
        (item for item in change.before.consents if item.person is None and item.resource_id == consent.resource_id),
        None,
    )
    if consent.pinned is not None and (existing is None or existing.id != consent.pinned):
        yield _consent_wrongly_pinned(consent, change, existing)
    elif existing and not existing.owned and (consent.pinned is None or existing.permissions != consent.permissions):
        yield _consent_not_pinned(consent, existing)


def _consent_not_pinned(consent: TenantConsent, existing: ExistingConsent) -> Refusal:
    if consent.pinned:
        found = (
            f"the pinned consent grant {existing.id} gives FTOP {_names(existing.permissions)}, but the declaration "
            f"{_names(consent.permissions)}"
        )
    else:
        found = (
            f"the tenant has already consented to FTOP, by the grant {existing.id} ({_names(existing.permissions)}), "
            "which this stack would create a second time"
        )
    return refused(
        Kind.CONSENT_GRANT_PIN,
        "FTOP",
        found,
        f"write under `ftop`: {_consent_line(consent, existing)}",
    )


def _consent_wrongly_pinned(consent: TenantConsent, change: Change, existing: ExistingConsent | None) -> Refusal:
    named = next((item for item in change.before.consents if item.id == consent.pinned), None)
    what = "which is not a consent to FTOP"
    if named is not None:
        what = f"which is for {named.person}" if named.person else f"which is on the application {named.resource_id}"
    remediation = "remove the pin: the stack will give the consent"
    if existing and not existing.owned:
        remediation = f"write {_consent_line(consent, existing)} instead"
    elif existing:
        remediation = "remove the pin: the stack has given the consent"
    return refused(
        Kind.CONSENT_GRANT_PIN,
        "FTOP",
        f"`ftop.pins` names the consent grant {consent.pinned}, {what}",
        remediation,
        f"the id of the tenant's own consent to FTOP on the application {consent.resource_id}",
    )


def _consent_line(consent: TenantConsent, existing: ExistingConsent) -> str:
    """What to write so that the grant is taken over as it is."""
    pin = f"`pins: {{consent_grant: {existing.id}}}`"
    as_it_is = f" and `permissions: [{_names(existing.permissions)}]`"
    return pin if existing.permissions == consent.permissions else pin + as_it_is


def _names(permissions: frozenset[str]) -> str:
    return ", ".join(sorted(permissions))


def _is_read(change: Change, declared: Assignment) -> bool:
    part = Part.ELIGIBILITIES if declared.eligible else Part.DIRECTORY_ROLES
    return change.before.why_not_read(part) is None and (change.before.licensed or not declared.eligible)


def _not_pinned(tenant: Tenant, change: Change, key: str, held: Grant, record: Reason) -> Refusal:
    line = _line(held.power, record.assignment_id)
    owned = {account.principal.object_id for account in change.before.accounts}
    if tenant.members[key].adopted:
        remediation = f"write it under `people.{key}`: `{line}`"
    elif held.principal.object_id in owned:
        # Pins are for adopted accounts: this one was made here, and the stack does not know of the role.
        remediation = (
            "the stack created the account, but the role was given by hand, or by an update whose answer was lost. "
            "Remove the role in the Entra admin center, and the next update gives it"
        )
    else:
        remediation = f"write both under `people.{key}`: `adopted: {held.principal.object_id}` and `{line}`"
    return refused(
        Kind.ROLE_ASSIGNMENT_PIN,
        f"{key}, {held.power}",
        f"{held.principal} {_holds(held)} already, by the {_kind(held)} {record.assignment_id}, "
        "which this stack would create a second time",
        remediation,
    )


def _is_beyond_reach(change: Change, held: Grant, record: Reason) -> bool:
    """Whether it is an eligible role that the provider cannot take over: its import finds no justification."""
    return (
        not record.owned
        and held.assignment_type is AssignmentType.ELIGIBLE
        and record.assignment_id not in change.before.requests - change.before.unjustified_requests
    )


def _beyond_reach(tenant: Tenant, change: Change, key: str, held: Grant, record: Reason) -> Refusal:
    person = tenant.members[key]
    if record.assignment_id in change.before.unjustified_requests:
        why = "the request for it has no justification: without one the azuread provider cannot import the role"
    else:
        why = (
            "the directory has purged the request for it, as it does some 45 days after it was made: without the "
            "request the azuread provider cannot import the role"
        )
    unpinned = f", remove `people.{key}.pins.role_assignments.{held.power}`" if person.pins.role_assignments else ""
    return refused(
        Kind.ROLE_ASSIGNMENT_PIN,
        f"{key}, {held.power}",
        f"{held.principal} {_holds(held)} already, by the eligibility schedule {record.assignment_id}, but {why}",
        f"to have this stack give it again, {eligibilities.by_hand(held)}{unpinned}, and try again",
        "eligible roles that are pinned before their request is purged, or given by this stack",
    )


def _wrongly_pinned(tenant: Tenant, change: Change, key: str, role: DirectoryRole, pin: str) -> Refusal:
    person = tenant.members[key]
    named = next((held for held, why in change.before.access.records() if why.assignment_id == pin), None)
    what = "which does not exist"
    if named is not None:
        what = f"by which {named.principal} {_holds(named)}"
    declared = person.assignment(role)
    right = change.before.access.direct(declared_grant(change.people[key], person, role))
    remediation = f"remove the pin: the stack will give {person.full_name} the role"
    if right and not right.owned:
        remediation = f"write `{_line(role, right.assignment_id)}` instead"
    elif right:
        remediation = f"remove the pin: the stack has given {person.full_name} the role"
    elif named and named.power is role and named.principal == change.people[key]:
        # Pinned, it is protected: the engine would refuse to replace it.
        remediation = (
            f"write how it is assigned under `people.{key}.assignments`: {_declared_as(named)}. To change that, first "
            "run an update without the pin"
        )
    return refused(
        Kind.ROLE_ASSIGNMENT_PIN,
        f"{key}, {role}",
        f"`people.{key}` pins {role} of {who(person)} to the assignment {pin}, {what}",
        remediation,
        f"the id of {person.full_name}'s own assignment of {role}, {_how(declared.assignment_type, declared.scope)}",
    )


def _holds(held: Grant) -> str:
    """What somebody has: "holds User Administrator", "is eligible for Global Administrator"."""
    where = "" if held.scope == WHOLE_TENANT else f" over {held.scope}"
    return f"{'is eligible for' if held.assignment_type is AssignmentType.ELIGIBLE else 'holds'} {held.power}{where}"


def _protected(tenant: Tenant, held: Grant, record: Reason) -> Refusal:
    who_holds = held.principal.object_id
    over = next(
        (item for item in ended(tenant) if item.identity.object_id == who_holds and held.power in item.powers), None
    )
    key = next((key for key, person in tenant.members.items() if person.adopted_id == who_holds), None)
    if over:
        first, then = f"write a later date in `{field_name(over.path)}`", "write the date again"
    else:
        pin = f"`people.{key or 'KEY'}.pins.role_assignments.{held.power}`"
        first, then = f"undo this change, but remove {pin}", "make the change again"
    return refused(
        Kind.PROTECTED_ROLE,
        f"{held.principal}, {held.power}",
        f"{held.principal} {_holds(held)} by the {_kind(held)} {record.assignment_id}. This change removes it, "
        "which the engine would refuse: the stack imported it by its pin, and protects it",
        f"{first}, and run `pulumi up`, which removes no access and ends the protection. Then {then}",
    )


def _kind(held: Grant) -> str:
    return "eligibility schedule" if held.assignment_type is AssignmentType.ELIGIBLE else "assignment"


def _how(assignment_type: AssignmentType, scope: str) -> str:
    return f"{assignment_type} {'for the whole tenant' if scope == WHOLE_TENANT else f'over {scope}'}"


def _declared_as(held: Grant) -> str:
    """What to write so that a role is declared as it is held."""
    fields = ["eligible: true"] if held.assignment_type is AssignmentType.ELIGIBLE else []
    if held.scope != WHOLE_TENANT:
        fields.append(f"administrative_unit: {held.scope.rpartition('/')[2]}")
    return f"`{held.power}: {{{', '.join(fields)}}}`" if fields else f"nothing for {held.power}"


def _line(power: object, assignment_id: str) -> str:
    return f"pins: {{role_assignments: {{{power}: {assignment_id}}}}}"
