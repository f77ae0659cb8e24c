"""The changes that are reviewed: by name, what makes it of the sample, and what has to be there before."""

from .change import EVIL, GROUPS, PROGRAM, UK, US, Edit, all_of, append, edit, person, without

_JANA = """  jana:
    full_name: Jana Novak
    upn: jana.novak@contoso-partner.onmicrosoft.com
    email: jana.novak@contoso.com
    roles: [Admin agent]
"""
_KAVYA = """  kavya:
    full_name: Kavya Rao
    upn: kavya.rao@contoso-partner.onmicrosoft.com
    email: kavya.rao@contoso.com
    roles: [Admin agent]
"""
_EXCEPTION = """exceptions:
  generic-mailbox:
    rule: PT-306
    object: carla
    reason: Shared mailbox until the merger
    owner: Grace Mbeki
    granted_on: 2026-01-05
    expires_on: 2026-12-01
"""
_IDS = """mode: additive
agent_groups:
  ids:
    AdminAgents: aaaaaaaa-0000-4000-8000-000000000001
    HelpdeskAgents: aaaaaaaa-0000-4000-8000-000000000002
    SalesAgents: aaaaaaaa-0000-4000-8000-000000000003
"""
_MEMBERS = "        members = [args.object_ids[key] for key in holders(args.tenant, group)]\n"
_IF_ADMIN_AGENTS = f"{_MEMBERS}        if group is AgentGroup.ADMIN_AGENTS:\n"
_RAW = f"""
import pulumi_azuread as azuread

azuread.DirectoryRoleAssignment(
    "build-agent", role_id="62e90394-69f5-4237-9190-012177145e10", principal_object_id="{EVIL}"
)
"""
_DOOR = """
import pulumi_azuread as azuread

azuread.ServicePrincipalDelegatedPermissionGrant(
    "build",
    claim_values=["RoleManagement.ReadWrite.Directory"],
    resource_service_principal_object_id="00000000-0000-4000-8000-000000000003",
    service_principal_object_id="00000000-0000-4000-8000-000000000004",
)
"""


def _hire(text: str) -> Edit:
    return edit(US, "  rescue-1:\n", f"{text}  rescue-1:\n")


def _leaves(*keys: str) -> Edit:
    return all_of(*(person(US, key, "state: leaver") for key in keys))


_RENAME = all_of(
    person(US, "carla", "full_name: Carla Jensen-Holt", instead_of="full_name"),
    person(US, "carla", "upn: carla.holt@contoso-partner.onmicrosoft.com", instead_of="upn"),
    person(US, "carla", "former_upns: [carla.jensen@contoso-partner.onmicrosoft.com]"),
)

CHANGES: dict[str, Edit] = {
    "hire": _hire(_JANA),
    "leaver": _leaves("emma"),
    "promotion": person(US, "dmitri", "roles: [Global admin]", instead_of="roles"),
    "demotion": person(US, "bruno", "roles: [Helpdesk agent]", instead_of="roles"),
    "rename": _RENAME,
    "rename-and-promotion": all_of(_RENAME, person(US, "carla", "roles: [Global admin]", instead_of="roles")),
    "mass-removal": _leaves("carla", "dmitri", "emma", "grace", "hiro"),
    "move-between-tenants": all_of(without(UK, "kavya"), _hire(_KAVYA)),
    "exception-expiring": person(US, "farid", "roles: [Billing admin, Sales agent]", instead_of="roles"),
    "mapping-edited-in-code": edit(
        GROUPS,
        _MEMBERS,
        f"{_IF_ADMIN_AGENTS}"
        "            members += [args.object_ids[key] for key in holders(args.tenant, AgentGroup.HELPDESK_AGENTS)]\n",
    ),
    "raw-resource": append(PROGRAM, _RAW),
    "raw-door": append(PROGRAM, _DOOR),
    "apply-that-swaps-an-id": edit(
        GROUPS,
        _MEMBERS,
        f"{_IF_ADMIN_AGENTS}            carla = pulumi.Output.from_input(args.object_ids['carla'])\n"
        f"            members[-1] = carla.apply(lambda _: '{EVIL}')\n",
    ),
    "lock-that-differs": append("requirements.lock", "left-pad==1.0\n"),
    "program-that-does-not-start": append(PROGRAM, "\nraise RuntimeError('not today')\n"),
    "formatting": all_of(
        edit(US, "roles: [Billing admin, Sales agent]", "roles:\n      - Billing admin   # and\n      - Sales agent"),
        append(US, "\n# nothing else\n"),
    ),
    "disabled": person(US, "hiro", "state: disabled"),
    "adopted-id-swapped": edit(US, "adopted: 3b6c5a0e-8f5d-4c8f-9a3e-4a6a1a6d7e01", f"adopted: {EVIL}"),
    "mode-change": edit(US, "mode: authoritative\n", _IDS),
    "limits-loosened": edit(US, "mode: authoritative\n", "mode: authoritative\nlimits: {removal_share: 100}\n"),
    "emergency-account-removed": without(US, "rescue-2"),
    "unreadable-declaration": person(US, "farid", "roles: [Billing admins of all]", instead_of="roles"),
    "stack-that-changes-its-tenant": edit("Pulumi.dev.yaml", "contoso/us", "contoso/uk"),
}

#: What the sample is before some of the changes.
BEFORE: dict[str, Edit] = {"exception-expiring": append(US, _EXCEPTION)}
