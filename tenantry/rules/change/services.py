"""Declared identities that are no service principals of the tenant (PT-107): reported before anything is touched."""

from collections.abc import Iterator, Mapping

from tenantry.access.change import Change
from tenantry.access.existing import Part
from tenantry.access.principals import Principal
from tenantry.declaration.tenant import Tenant
from tenantry.graph.models import MemberKind
from tenantry.rules.change.refusal import Kind, Refusal, refused


def identities(tenant: Tenant, change: Change) -> Iterator[Refusal]:
    """Identities that the tenant does not have, and people and groups that are declared as identities."""
    if change.before.why_not_read(Part.ACCOUNTS):
        return
    yield from unfit(tenant, change.before.holders())


def unfit(tenant: Tenant, existing: Mapping[str, Principal]) -> Iterator[Refusal]:
    """The same of what the tenant has behind the declared object ids, by object id."""
    for key, item in tenant.identities.items():
        found = existing.get(item.object_id)
        if found is not None and found.kind is MemberKind.SERVICE_PRINCIPAL:
            continue
        if found is None:
            actual = f"`identities.{key}` names {item.name} ({item.object_id}), but the tenant has no such object"
            remediation = "copy the object id of its enterprise application, not of its app registration; or remove it"
        else:
            what = "an account" if found.kind is MemberKind.USER else f"a {found.kind}"
            actual = f"`identities.{key}` names {item.object_id}, which is {what}: {found.name}"
            remediation = "declare a person under `people`; for a group, declare each of its members there"
        yield refused(Kind.IDENTITY, f"{item.name} ({item.object_id})", actual, remediation).model_copy(
            update={"path": ("identities", key, "object_id")}
        )
