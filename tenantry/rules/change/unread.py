"""What was not read and the rules need: refused, since absent is never empty."""

from collections.abc import Iterator

from tenantry.access.change import Change
from tenantry.access.declared import eligible_roles, powers_of
from tenantry.access.existing import Part
from tenantry.declaration.models import Mode, Program, Tenant
from tenantry.roles import AgentGroup, DirectoryRole
from tenantry.rules.change.refusal import Kind, Refusal, refused
from tenantry.rules.change.sensitive import operations

_RULES = {
    Part.CALLER: "PT-206",
    Part.ROLE_ASSIGNABLE_GROUPS: "PT-206",
    Part.CONSENT_GRANTS: "PT-108",
    Part.DOMAINS: "PT-305",
    Part.NAMES: "PT-304",
    Part.DELETED: "PT-304",
}
_GIVEN = (Part.DOMAINS, Part.NAMES, Part.DELETED)
"""The parts that show whether accounts can be made as declared, and not what anybody loses."""


def not_evaluated(tenant: Tenant, change: Change) -> Iterator[Refusal]:
    """The parts of the tenant that the rules need for this change and that could not be read."""
    for part in (*AgentGroup, *Part):
        because = change.before.why_not_read(part)
        if because and _is_needed(tenant, change, part):
            what = f"the members of {part}" if isinstance(part, AgentGroup) else part.value
            rule = _RULES.get(part, "PT-204") if isinstance(part, Part) else "PT-204"
            yield _refusal(what, because, rule, "gives" if part in _GIVEN else "takes")
    lost = {loss.grant for loss in change.losses}
    for grant in change.before.access.grants:
        group = grant.principal
        # The accounts that the change disables or deletes may hold through it what the group keeps.
        if group.is_group and group.members is None and (grant in lost or _ends(change)):
            how = "taken from" if grant in lost else "which keeps"
            yield _refusal(f"who is in {group} ({how} {grant.power})", "it was not read", "PT-204")


def _ends(change: Change) -> bool:
    return bool(change.deleted or change.disabled)


def _is_needed(tenant: Tenant, change: Change, part: AgentGroup | Part) -> bool:
    ends = _ends(change)
    # What may be done to an account depends on what its person holds.
    touched = any(operations(change))
    if isinstance(part, AgentGroup):
        authoritative = tenant.mode is Mode.AUTHORITATIVE and Program.CSP in tenant.programs
        return ends or authoritative or any(loss.grant.power is part for loss in change.losses)
    match part:
        case Part.ACCOUNTS:
            return True
        case Part.CALLER:
            return change.takes
        case Part.ELIGIBILITIES:
            return ends or touched or bool(change.before.eligibilities or eligible_roles(tenant))
        case Part.ROLE_ASSIGNABLE_GROUPS:
            return ends or touched
        case Part.DIRECTORY_ROLES:
            given = any(
                isinstance(power, DirectoryRole) for p in tenant.members.values() for power in powers_of(tenant, p)
            )
            return (
                ends or touched or given or any(not isinstance(loss.grant.power, AgentGroup) for loss in change.losses)
            )
        case Part.CONSENT_GRANTS:
            return tenant.ftop_consent is not None and tenant.ftop_consent.approved
        case Part.DOMAINS | Part.NAMES | Part.DELETED:
            return True


def _refusal(what: str, because: str, rule: str, does: str = "takes") -> Refusal:
    unread = refused(
        Kind.NOT_EVALUATED,
        what,
        f"what this change {does} was not evaluated, because {what} could not be read: {because}",
        f"changes of which everything that they could {does.removesuffix('s')} is known",
        "let the deploying identity read it (docs/permissions.md), and try again",
    )
    return unread.model_copy(update={"rule": rule})
