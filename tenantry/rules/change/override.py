"""An override: the approval of one change that takes more than the limits allow.

It lifts ceilings, and minimum holders as long as somebody is left, for exactly the change whose digest it
names. Who approves must be able to make such a change by hand (``tenantry.todo.WHO_MAY``), and be able to before the
change: an approval from somebody whom the change itself makes an administrator does not count.
"""

from datetime import date, timedelta
from typing import Final

from tenantry.access.change import Change
from tenantry.access.declared import people_with_access
from tenantry.access.grants import WHOLE_TENANT
from tenantry.declaration.limits import Override
from tenantry.declaration.person import Person
from tenantry.declaration.tenant import Tenant
from tenantry.roles import AgentGroup, CompanyRole, DirectoryRole, PartnerRole
from tenantry.rules.change.ceilings import emergency_ids
from tenantry.rules.change.digests import digest
from tenantry.todo import WHO_MAY, May, Task

#: How many days ahead an override may expire.
LONGEST: Final = timedelta(days=7)

#: By what the tenant shows that somebody holds a role already. Account admin is known to Partner Center alone.
_SEEN_BY: Final[dict[PartnerRole, DirectoryRole]] = {
    PartnerRole.GLOBAL_ADMIN: DirectoryRole.GLOBAL_ADMINISTRATOR,
    PartnerRole.USER_MANAGEMENT_ADMIN: DirectoryRole.USER_ADMINISTRATOR,
}


def who_may_approve(change: Change) -> May:
    """Who may approve a change: for agent groups alone who may manage users, else a Global admin."""
    of_roles = any(not isinstance(loss.grant.power, AgentGroup) for loss in (*change.losses, *change.at_customers))
    of_roles = of_roles or bool(change.terminated)
    return WHO_MAY[Task.ENTRA_ROLES if of_roles else Task.CREATE_PEOPLE]


def approvers(tenant: Tenant, change: Change) -> dict[str, Person]:
    """The people who may approve a change, by key."""
    return {
        key: person
        for key, person in sorted(people_with_access(tenant).items())
        if _why_not_approver(change, key, person) is None
    }


def why_not_lifted(tenant: Tenant, change: Change, today: date, *, whichever: bool = False) -> str | None:
    """None where a tenant's override lifts the limits for a change; otherwise why not: "" without an override.

    With ``whichever`` the digest is not compared: where the object ids are not the tenant's, it says nothing.
    """
    override = tenant.limits.override
    if override is None:
        return ""
    fault = _fault(tenant, change, override, today, whichever=whichever)
    return f"`limits.override` does not allow it: {fault}" if fault else None


def _fault(tenant: Tenant, change: Change, override: Override, today: date, *, whichever: bool) -> str | None:
    if not whichever and override.change != digest(change):
        return f"it is for another change ({override.change})"
    if today > override.expires_on:
        return f"it ended on {override.expires_on}"
    if override.expires_on > today + LONGEST:
        return f"it ends on {override.expires_on}, more than {LONGEST.days} days ahead"
    person = tenant.members.get(override.approved_by)
    if person is None:
        return f"`{override.approved_by}`, who approved it, is not a key of `people`"
    why = _why_not_approver(change, override.approved_by, person)
    return f"{person.full_name} may not approve it, {why}" if why else None


def _why_not_approver(change: Change, key: str, person: Person) -> str | None:
    """Why somebody may not approve a change; None where they may."""
    if person.emergency:
        return "since it is an emergency account"
    if not person.may_sign_in:
        return f"since they are declared `state: {person.state}`"
    may = who_may_approve(change)
    roles = [role for role in (*person.roles, *(person.company_roles or ())) if role in may.roles]
    if not roles:
        return f"since they are not {may.text}"
    holder = change.people.get(key)
    before = change.before.holders().get(holder.object_id) if holder else None
    if holder is None or before is None or not before.is_person or holder.object_id in emergency_ids(change):
        return "since they have no account in this tenant that can sign in before the change"
    if not any(
        isinstance(role, CompanyRole)
        or (isinstance(role, PartnerRole) and _holds(change, before.object_id, _SEEN_BY[role]))
        for role in roles
    ):
        return f"since they are not {may.text} before the change"
    return None


def _holds(change: Change, object_id: str, role: DirectoryRole) -> bool:
    return any(
        held.power is role and held.scope == WHOLE_TENANT and held.principal.object_id == object_id
        for held in change.before.access.grants
    )
