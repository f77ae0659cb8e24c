"""What the tenant has no licence for: reported before anything is touched, and not by the directory halfway through."""

from collections.abc import Iterator
from typing import Final

from tenantry.access.change import Change
from tenantry.access.declared import eligible_roles as declared_eligible
from tenantry.declaration.tenant import Tenant
from tenantry.rules.change.refusal import Kind, Refusal, refused

_ALLOWED: Final = (
    "eligible roles where the tenant has Microsoft Entra ID P2 or Microsoft Entra ID Governance, else active ones"
)


def eligible_roles(tenant: Tenant, change: Change) -> Iterator[Refusal]:
    """Eligible roles in a tenant where nobody can be eligible: declared ones, and those of before the licence ended.

    Rule PT-102, the complete row of Table 1, which such a tenant cannot have by an eligible role. What happens when a
    licence ends: Microsoft's "Microsoft Entra ID Governance licensing fundamentals".
    """
    if change.before.licensed:
        return
    eligible = declared_eligible(tenant)
    if eligible:
        people = (f"{tenant.members[key].full_name} ({tenant.members[key].upn}) for {role}" for key, role in eligible)
        fields = ", ".join(f"`people.{key}.assignments.{role}`" for key, role in eligible)
        yield refused(
            Kind.LICENCE,
            "eligible roles",
            f"the declaration makes people eligible, {', '.join(people)}, and the tenant has no licence for "
            "Privileged Identity Management, without which nobody can be eligible",
            _ALLOWED,
            f"remove `eligible: true` under {fields}: the roles are then held all the time. Or license the tenant, and "
            "try again",
        )
    if change.before.eligibilities:
        commands = ", ".join(f"`pulumi state delete '{one.urn}'`" for one in change.before.eligibilities)
        yield refused(
            Kind.LICENCE,
            "eligible roles in the stack's state",
            f"the stack's state holds {len(change.before.eligibilities)} of the eligible roles that ended with the "
            "tenant's licence for Privileged Identity Management, and the provider can neither read nor remove them",
            _ALLOWED,
            f"let the state forget them, which takes nothing from anybody: {commands}. Or license the tenant, and try "
            "again",
        )
