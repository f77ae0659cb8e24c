"""A tenant as its last update left it: a test changes one thing in what the engine or Graph tells."""

from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from tenantry.access.observed import ObservedTenant
from tenantry.access.preview import Refreshed
from tenantry.access.registered import RegisteredResource
from tenantry.access.resource_changes import ChangeType, ResourceChange
from tenantry.access.resource_types import DIRECTORY_ROLE_ASSIGNMENT, GROUP, USER
from tenantry.declaration import Declaration, Tenant
from tenantry.drift.compare import Facts, Found, compare
from tenantry.findings import NotEvaluated
from tenantry.graph.models import Member, RoleAssignment, User
from tenantry.roles import AgentGroup, DirectoryRole
from tests import acme
from tests.acme import AT, GROUP_IDS, assignment, member, tenant_file, user

TODAY = date(2026, 11, 24)
ADA, CARLA, UNDECLARED = (f"{number:08}-0000-4000-8000-000000000000" for number in (1, 2, 9))

DECLARED = tenant_file(
    {
        "ada": {"full_name": "Ada Moss", "upn": f"ada{AT}", "roles": ["Global admin"], "adopted": ADA},
        "carla": {"full_name": "Carla Wood", "upn": f"carla{AT}", "roles": ["Admin agent"]},
    }
)


def _urn(type_: str, name: str) -> str:
    return f"urn:pulumi:us::tenantry::{type_}::{name}"


def _registered(type_: str, name: str, **values: Any) -> RegisteredResource:
    return RegisteredResource(_urn(type_, name), type_, values, values)


def resource(type_: str, name: str, **values: Any) -> ResourceChange:
    """A resource that is as the last update left it."""
    known = _registered(type_, name, **values)
    return ResourceChange(ChangeType.SAME, known.urn, known, known, known)


def changed(item: ResourceChange, **values: Any) -> ResourceChange:
    """The same, after somebody else changed it."""
    assert item.before
    now = replace(item.before, inputs={**item.before.inputs, **values}, outputs={**item.before.outputs, **values})
    return replace(item, change_type=ChangeType.UPDATED, before=now, changed=frozenset(values))


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
        resources = tuple(item for item in (self.carla, self.admins, self.role) if item)
        facts = Facts(
            self.declaration, "us", self.engine or Refreshed(resources, (), ()), self.graph or self.observed(), TODAY
        )
        return compare(facts)

    @property
    def declaration(self) -> Declaration:
        return acme.declaration(Tenant.model_validate(self.declared).as_of(TODAY))

    def observed(self) -> ObservedTenant:
        return acme.observed(
            {AgentGroup.ADMIN_AGENTS: tuple(self.members)},
            **{"users": tuple(self.users), "role_assignments": tuple(self.assignments), **self.parts},
        )
