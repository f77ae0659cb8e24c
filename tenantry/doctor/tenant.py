"""Is it the declared tenant, and is the application that signs in allowed what it is for?"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from typing import Final

from tenantry.doctor import model
from tenantry.doctor.model import Area, Check
from tenantry.graph.permissions import EVERY_FEATURE, FEATURES, WRITINGS, Need
from tenantry.graph_permissions import permissions, writes_directory
from tenantry.sensitive_actions import PRIVILEGED_AUTHENTICATION_ADMINISTRATOR, USER_ADMINISTRATOR

_fine = partial(model.fine, Area.TENANT)
_wrong = partial(model.wrong, Area.TENANT)
_skipped = partial(model.not_looked_at, Area.TENANT)

_GRAPH: Final = "00000003-0000-0000-c000-000000000000"
"""The client id of Microsoft Graph itself, the same in every tenant."""
WIDER: Final[Mapping[str, tuple[str, ...]]] = {
    "Application.Read.All": ("Application.ReadWrite.All",),
    "DelegatedAdminRelationship.Read.All": ("DelegatedAdminRelationship.ReadWrite.All",),
    "Domain.Read.All": ("Domain.ReadWrite.All", "Directory.Read.All"),
    "GroupMember.Read.All": ("Group.Read.All", "Group.ReadWrite.All", "Directory.Read.All", "Directory.ReadWrite.All"),
    "Organization.Read.All": ("Organization.ReadWrite.All", "Directory.Read.All", "Directory.ReadWrite.All"),
    "RoleManagement.Read.Directory": ("RoleManagement.ReadWrite.Directory",),
    "User.Read.All": ("User.ReadWrite.All", "Directory.Read.All", "Directory.ReadWrite.All"),
}
"""Permissions that suffice in place of a smaller one. Tests compare them with what the embedded directory requires."""


class Licence(StrEnum):
    """Whether the tenant has a licence."""

    THERE = "there"
    MISSING = "missing"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Needs:
    """What the declaration needs of the tenant, beside what every one does."""

    ftop: bool = False
    customers: bool = False
    eligible: bool = False
    """Whether somebody is to be eligible for a role or a place in a group."""


@dataclass(frozen=True)
class Facts:
    """What is known of the tenant and of who is signed in to it."""

    declared: str | None = None
    """The id that the stack's tenant is declared with."""
    name: str = ""
    """The tenant, as the stack names it."""
    named: str | None = None
    """ARM_TENANT_ID."""
    signed_in: str | None = None
    """The id of the tenant that was signed in to."""
    unasked: str = ""
    """Why the tenant was not asked."""
    client_id: str | None = None
    held: frozenset[str] | None = None
    """The application permissions in the token; None for a person."""
    needs: Needs = Needs()
    roles: tuple[str, ...] = ()
    """The directory roles that the application holds for the whole tenant, by name."""
    roles_unread: str = ""
    """Why they are not known."""
    p1: Licence = Licence.UNKNOWN
    p2: Licence = Licence.UNKNOWN
    licence_unread: str = ""


def check(facts: Facts) -> Iterator[Check]:
    """Evaluate it."""
    yield _tenant(facts)
    yield _permissions(facts)
    yield _roles(facts)
    yield _licence(facts)


def _tenant(facts: Facts) -> Check:
    if facts.declared is None:
        return _skipped("tenant", "no stack says which tenant is meant")
    actual, by = (facts.signed_in, "the sign-in is for") if facts.signed_in else (facts.named, "ARM_TENANT_ID is")
    if actual is None:
        return _skipped("tenant", facts.unasked or "nobody signed in")
    if actual.lower() != facts.declared:
        found = f"{by} {actual}, and {facts.name} is declared with {facts.declared}"
        fix = f"sign in to the declared tenant: `export ARM_TENANT_ID={facts.declared}`, with an application of it"
        return _wrong("tenant", found, fix)
    if not facts.signed_in:
        return _fine("tenant", f"ARM_TENANT_ID is {facts.name}'s; the tenant itself was not asked")
    return _fine("tenant", f"{facts.declared} is {facts.name}")


def _permissions(facts: Facts) -> Check:
    name = "permissions"
    if facts.signed_in is None:
        return _skipped(name, facts.unasked or "nobody signed in")
    if facts.held is None:
        return _skipped(name, "a person is signed in: what they may do, their directory roles decide")
    if any(map(writes_directory, facts.held)):
        lacking = [need for need in _to_provision(facts.needs) if not _covered(need.permission, facts.held)]
        if not lacking:
            return _fine(name, "everything that provisioning takes")
        why = "; ".join(f"{need.permission} ({need.why})" for need in lacking)
        return _wrong(name, f"missing to provision: {why}", _grant(facts, [need.permission for need in lacking]))
    blind = [feature for feature, needed in FEATURES.items() if not all(_covered(one, facts.held) for one in needed)]
    if not blind:
        return _fine(name, "everything that `tenantry audit` reads; none to provision, which this application cannot")
    lacking_names = [one for one in EVERY_FEATURE if not _covered(one, facts.held)]
    found = f"not shown by `tenantry audit` and `tenantry drift` for want of a permission: {'; '.join(blind)}"
    return _wrong(name, found, _grant(facts, lacking_names))


def _to_provision(needs: Needs) -> Iterator[Need]:
    for need in WRITINGS:
        asked = need.only_where == "" or (needs.customers and "customers" in need.only_where)
        if asked or (needs.ftop and "FTOP" in need.only_where):
            yield need


def _covered(permission: str, held: frozenset[str]) -> bool:
    return permission in held or not held.isdisjoint(WIDER.get(permission, ()))


def _grant(facts: Facts, names: list[str]) -> str:
    ids = {name: id_ for id_, name in permissions().application.items()}
    roles = " ".join(f"{ids[name]}=Role" for name in names)
    client = facts.client_id or "CLIENT-ID"
    return (
        f"grant {', '.join(names)}: `az ad app permission add --id {client} --api {_GRAPH} --api-permissions {roles}`, "
        f"then, as an administrator, `az ad app permission admin-consent --id {client}`"
    )


def _roles(facts: Facts) -> Check:
    name = "directory roles"
    if facts.signed_in is None:
        return _skipped(name, facts.unasked or "nobody signed in")
    if facts.roles_unread:
        return _skipped(name, facts.roles_unread)
    if facts.held is None or not any(map(writes_directory, facts.held)):
        return _fine(name, f"{', '.join(facts.roles) or 'none'}; to read takes none")
    if not facts.roles:
        return _fine(
            name, "none: new passwords and changes to administrators are made by people (`tenantry docs permissions`)"
        )
    listed = ", ".join(facts.roles)
    if PRIVILEGED_AUTHENTICATION_ADMINISTRATOR.name in facts.roles or "Global Administrator" in facts.roles:
        return _fine(name, f"{listed}: it may change every account")
    if USER_ADMINISTRATOR.name in facts.roles:
        return _fine(
            name, f"{listed}: it may change the accounts of lesser administrators (`tenantry docs permissions`)"
        )
    return _fine(name, f"{listed}: none of them lets it change administrators (`tenantry docs permissions`)")


def _licence(facts: Facts) -> Check:
    name = "licence"
    if facts.signed_in is None:
        return _skipped(name, facts.unasked or "nobody signed in")
    if facts.p2 is Licence.MISSING and facts.needs.eligible:
        found = "the declaration makes people eligible, which takes Microsoft Entra ID P2, and the tenant has none"
        fix = "give the tenant Microsoft Entra ID P2 (or Governance), or declare the roles without `eligible: true`"
        return _wrong(name, found, fix)
    if facts.p2 is Licence.THERE:
        return _fine(name, "Microsoft Entra ID P2, which includes P1")
    if facts.p1 is facts.p2 is Licence.UNKNOWN:
        return _skipped(name, facts.licence_unread or "nobody asked")
    p1 = {
        Licence.THERE: "Microsoft Entra ID P1",
        Licence.MISSING: "no P1, without which sign-ins and the report of authentication methods are not shown",
        Licence.UNKNOWN: "P1 was not looked at",
    }
    p2 = "no P2, without which nobody can be eligible"
    return _fine(name, f"{p1[facts.p1]}; {p2 if facts.p2 is Licence.MISSING else 'P2 was not looked at'}")
