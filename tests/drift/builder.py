"""A tenant as its last update left it: a test changes one thing in what the engine or Graph tells."""

from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any

from tenantry.access.observed import GroupMembers, ObservedTenant
from tenantry.access.preview import Refreshed
from tenantry.access.registered import RegisteredResource
from tenantry.access.resource_changes import ChangeType, ResourceChange
from tenantry.access.resource_types import DIRECTORY_ROLE_ASSIGNMENT, GROUP, USER
from tenantry.declaration import Declaration, Partner, Tenant
from tenantry.declaration.document import read_text
from tenantry.drift.compare import Facts, Found, compare
from tenantry.findings import NotEvaluated
from tenantry.graph.models import Group, Member, MemberKind, Organization, RoleAssignment, User
from tenantry.roles import AgentGroup, DirectoryRole

TODAY = date(2026, 11, 24)
TENANT_ID = "6f1f7c0e-52a3-4d0b-9e57-2b8b9f4c1a10"
AT = "@acme-partner.onmicrosoft.com"
ADA, CARLA, STRANGER = (f"{number:08}-0000-4000-8000-000000000000" for number in (1, 2, 9))
GROUP_IDS = {group: f"{number:08}-0000-4000-8000-0000000000aa" for number, group in enumerate(AgentGroup, 1)}

DECLARED: dict[str, Any] = {
    "id": TENANT_ID,
    "name": "Acme Partner",
    "country": "US",
    "purpose": ["partner"],
    "programs": {"CSP": {"enrolled_on": date(2025, 2, 17)}},
    "domains": {"initial": "acme-partner.onmicrosoft.com"},
    "mode": "authoritative",
    "people": {
        "ada": {"full_name": "Ada Moss", "upn": f"ada{AT}", "roles": ["Global admin"], "adopted": ADA},
        "carla": {"full_name": "Carla Wood", "upn": f"carla{AT}", "roles": ["Admin agent"]},
    },
}


def _urn(type_: str, name: str) -> str:
    return f"urn:pulumi:us::tenantry::{type_}::{name}"


def _registered(type_: str, name: str, **values: Any) -> RegisteredResource:
    return RegisteredResource(_urn(type_, name), type_, values, values)


def resource(type_: str, name: str, **values: Any) -> ResourceChange:
    """A resource that is as the last update left it."""
    known = _registered(type_, name, **values)
    return ResourceChange(ChangeType.SAME, known.urn, known, known, known)


def changed(one: ResourceChange, **values: Any) -> ResourceChange:
    """The same, after somebody else changed it."""
    assert one.before
    now = replace(one.before, inputs={**one.before.inputs, **values}, outputs={**one.before.outputs, **values})
    return replace(one, change_type=ChangeType.UPDATED, before=now, changed=frozenset(values))


def user(object_id: str, name: str, upn: str) -> User:
    return User(
        id=object_id,
        user_principal_name=upn,
        display_name=name,
        mail=None,
        account_enabled=True,
        user_type="Member",
        on_premises_sync_enabled=None,
    )


def member(object_id: str, name: str, upn: str | None = None, kind: MemberKind = MemberKind.USER) -> Member:
    return Member(
        id=object_id,
        kind=kind,
        display_name=name,
        user_principal_name=upn,
        account_enabled=True,
        user_type="Member",
        on_premises_sync_enabled=None,
    )


def assignment(id_: str, role: str, principal: str) -> RoleAssignment:
    return RoleAssignment(
        id=id_, principal_id=principal, role_definition_id=role, directory_scope_id="/", app_scope_id=None
    )


def group(of: AgentGroup) -> Group:
    return Group(
        id=GROUP_IDS[of],
        display_name=of.value,
        security_enabled=True,
        on_premises_sync_enabled=None,
    )


def declaration_of(tenant: Tenant) -> Declaration:
    """A partner with one tenant, whose files nobody reads."""
    partner = Partner.model_validate(
        {"name": "Acme", "headquarters": {"country": "US", "domain": "acme.example"}, "tenants": ["us"]}
    )
    document = read_text(Path("us.yaml"), "name: Acme")
    return Declaration("acme", partner, {"us": tenant}, document, {"us": document})


@dataclass
class World:
    """What is declared, what the engine found and what Graph tells."""

    declared: dict[str, Any] = field(default_factory=lambda: dict(DECLARED))
    carla: ResourceChange | None = field(
        default_factory=lambda: resource(
            USER, "us-carla", userPrincipalName=f"carla{AT}", displayName="Carla Wood", objectId=CARLA
        )
    )
    admins: ResourceChange = field(
        default_factory=lambda: resource(
            GROUP,
            "us-AdminAgents",
            displayName="AdminAgents",
            objectId=GROUP_IDS[AgentGroup.ADMIN_AGENTS],
            members=[ADA, CARLA],
        )
    )
    role: ResourceChange = field(
        default_factory=lambda: resource(
            DIRECTORY_ROLE_ASSIGNMENT,
            "us-global-administrator-ada",
            roleId=DirectoryRole.GLOBAL_ADMINISTRATOR.template_id,
            principalObjectId=ADA,
        )
    )
    users: list[User] = field(
        default_factory=lambda: [user(ADA, "Ada Moss", f"ada{AT}"), user(CARLA, "Carla Wood", f"carla{AT}")]
    )
    members: list[Member] = field(
        default_factory=lambda: [member(ADA, "Ada Moss", f"ada{AT}"), member(CARLA, "Carla Wood", f"carla{AT}")]
    )
    assignments: list[RoleAssignment] = field(
        default_factory=lambda: [assignment("one", DirectoryRole.GLOBAL_ADMINISTRATOR.template_id, ADA)]
    )
    engine: NotEvaluated | None = None
    graph: NotEvaluated | None = None
    parts: dict[str, Any] = field(default_factory=dict)
    """Parts of what Graph tells, in place of those above."""

    def compared(self) -> Found:
        resources = tuple(one for one in (self.carla, self.admins, self.role) if one)
        facts = Facts(
            self.declaration, "us", self.engine or Refreshed(resources, (), ()), self.graph or self.observed(), TODAY
        )
        return compare(facts)

    @property
    def declaration(self) -> Declaration:
        return declaration_of(Tenant.model_validate(self.declared))

    def observed(self) -> ObservedTenant:
        groups = {
            of: GroupMembers(group(of), tuple(self.members) if of is AgentGroup.ADMIN_AGENTS else ())
            for of in AgentGroup
        }
        known: dict[str, Any] = {
            "tenant_id": TENANT_ID,
            "organization": Organization(
                id=TENANT_ID, display_name="Acme", country_letter_code="US", verified_domains=()
            ),
            "domains": (),
            "users": tuple(self.users),
            "agent_groups": groups,
            "role_assignments": tuple(self.assignments),
            "role_eligibilities": (),
            "role_groups": (),
            "inside": {},
            "consents": (),
            "service_principals": (),
        }
        return ObservedTenant(**{**known, **self.parts})
