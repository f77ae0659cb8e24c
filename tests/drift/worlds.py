"""Generates tenants in which others gave and took access, of every kind of principal and in every way."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from hypothesis import strategies as st

from tenantry.access.existing import Existing, OwnedAccount, access_of
from tenantry.access.grants import Grant, Reason, role_of
from tenantry.access.observed import ObservedTenant
from tenantry.access.preview import Refreshed
from tenantry.access.principals import Principal
from tenantry.declaration import Declaration, Tenant
from tenantry.drift.compare import Facts, Found, compare
from tenantry.graph.models import MemberKind, RoleAssignment, ServicePrincipal, User
from tenantry.roles import AgentGroup, AssignmentType, DirectoryRole
from tests import acme
from tests.acme import (
    AT,
    DOMAIN,
    EXCHANGE_ADMINISTRATOR,
    GROUP_IDS,
    PARTNER_TIER2_SUPPORT,
    assignment,
    group,
    member,
    tenant_file,
    user,
)

from .builder import ADA, CARLA, TODAY, resource
from .builder import World as Builder

UNIT = "/administrativeUnits/aaaaaaaa-0000-4000-8000-0000000000a1"
NAMES = {EXCHANGE_ADMINISTRATOR: "Exchange Administrator", PARTNER_TIER2_SUPPORT: "Partner Tier2 Support"}
ROLES = (*(role.template_id for role in DirectoryRole), *NAMES)
ROBOT = Principal.in_directory("0000000c-0000-4000-8000-00000000000c", "deploys", kind=MemberKind.SERVICE_PRINCIPAL)


def id_of(number: int) -> str:
    return f"{number:08}-0000-4000-8000-000000000000"


DORA, EMIL, RESCUE, CREW, ROBOTS = (id_of(number) for number in (11, 12, 13, 20, 21))
PEOPLE: dict[str, dict[str, Any]] = {
    "ada": {"full_name": "Ada Moss", "upn": f"ada{AT}", "roles": ["Global admin"], "adopted": ADA},
    "carla": {"full_name": "Carla Wood", "upn": f"carla{AT}", "roles": ["Admin agent", "Sales agent"]},
    "dora": {"full_name": "Dora Lake", "upn": f"dora{AT}", "roles": ["Sales agent"], "adopted": DORA},
    "emil": {"full_name": "Emil Hill", "upn": f"emil{AT}", "roles": ["User management admin"]},
    "rescue": {"full_name": "Rescue", "upn": f"rescue{AT}", "roles": ["Global admin"], "emergency": True},
}
MADE_HERE = {CARLA: "carla", EMIL: "emil", RESCUE: "rescue"}
IDS = {ADA: "ada", DORA: "dora", **MADE_HERE}
#: Members of the tenant's own directory, and others, whom no declaration names.
UNDECLARED = {
    id_of(31): user(id_of(31), "Zoe Berg", f"zoe.berg{AT}", mail="zoe.berg@acme.example"),
    id_of(32): user(id_of(32), "true", f"32{AT}", mail="somebody@gmail.com"),
    id_of(33): user(id_of(33), "Ann: #1 | `x`", "ann@elsewhere.example"),
    id_of(34): user(id_of(34), "Guest", f"guest_elsewhere.example#EXT#{AT}"),
    id_of(35): user(id_of(35), "Synced", f"synced{AT}", on_premises_sync_enabled=True),
    id_of(37): user(id_of(37), "Guest too", f"guest.too{AT}", user_type="Guest"),
    id_of(36): user(id_of(36), "Ada Moss", f"ada.moss{AT}", account_enabled=False),
}


@dataclass(frozen=True)
class Given:
    """One piece of access that the tenant gives."""

    holder: str
    what: AgentGroup | str
    assignment_type: AssignmentType = AssignmentType.ACTIVE
    scope: str = "/"

    @property
    def id(self) -> str:
        return f"{self.what}-{self.holder}-{self.assignment_type}-{self.scope.rpartition('/')[2]}"


@dataclass(frozen=True)
class World:
    """What is declared, and what the tenant gives whom."""

    declared: dict[str, Any]
    given: tuple[Given, ...]
    crew: tuple[str, ...]
    """Who is in the group that may hold something."""

    @property
    def declaration(self) -> Declaration:
        return acme.declaration(Tenant.model_validate(self.declared))

    @property
    def users(self) -> dict[str, User]:
        people = {id_: user(id_, PEOPLE[key]["full_name"], PEOPLE[key]["upn"]) for id_, key in IDS.items()}
        return {**people, **UNDECLARED}

    def compared(self) -> Found:
        made = [
            resource("azuread:index/user:User", f"us-{key}", userPrincipalName=PEOPLE[key]["upn"], objectId=id_)
            for id_, key in MADE_HERE.items()
        ]
        builder = Builder()
        resource_changes = (*made, replace_members(builder, self._members(AgentGroup.ADMIN_AGENTS)), builder.role)
        return compare(Facts(self.declaration, "us", Refreshed(resource_changes, (), ()), self.observed, TODAY))

    def _members(self, of: AgentGroup) -> list[str]:
        return [item.holder for item in self.given if item.what is of]

    @property
    def observed(self) -> ObservedTenant:
        return acme.observed(
            {of: tuple(self._member(id_) for id_ in self._members(of)) for of in AgentGroup},
            users=tuple(self.users.values()),
            role_assignments=tuple(self._assignments(AssignmentType.ACTIVE)),
            role_eligibilities=tuple(self._assignments(AssignmentType.ELIGIBLE)),
            role_groups=(group(CREW, "Crew"),) if any(item.holder == CREW for item in self.given) else (),
            inside={CREW: tuple(map(self._member, self.crew))},
            service_principals=(
                ServicePrincipal(id=ROBOTS, app_id=ROBOTS, display_name="Robots", account_enabled=True),
            ),
            role_names=NAMES,
        )

    def _member(self, id_: str) -> Any:
        if id_ in (CREW, ROBOTS):
            kind = MemberKind.GROUP if id_ == CREW else MemberKind.SERVICE_PRINCIPAL
            return member(id_, "Crew" if id_ == CREW else "Robots", kind=kind)
        item = self.users[id_]
        return member(id_, item.display_name or "", item.user_principal_name)

    def _assignments(self, assignment_type: AssignmentType) -> Iterator[RoleAssignment]:
        for item in self.given:
            if not isinstance(item.what, AgentGroup) and item.assignment_type is assignment_type:
                yield assignment(item.id, item.what, item.holder, item.scope)

    def existing(self, without: str = "") -> Existing:
        """The same for the evaluation of an update; ``without`` is the id of an assignment that was taken away."""
        owned_roles = {Given(ADA, DirectoryRole.GLOBAL_ADMINISTRATOR.template_id).id}
        authoritative = self.declared["mode"] == "authoritative"
        return Existing(
            access=access_of(
                (Grant.of(self.holder(item.holder), item.what), Reason(owned=authoritative or item in LEFT))
                if isinstance(item.what, AgentGroup)
                else (
                    Grant.of(self.holder(item.holder), role_of(item.what), item.assignment_type, item.scope),
                    Reason(assignment_id=item.id, owned=item.id in owned_roles),
                )
                for item in self.given
                if item.id != without
            ),
            accounts=tuple(OwnedAccount(key, self.holder(id_)) for id_, key in MADE_HERE.items()),
            caller=ROBOT,
            known=tuple(self.holder(id_) for id_ in self.users),
            emergency=frozenset({RESCUE}),
        )

    def holder(self, id_: str) -> Principal:
        if id_ == CREW:
            return Principal.in_directory(
                CREW, "Crew", kind=MemberKind.GROUP, members=tuple(map(self.holder, self.crew))
            )
        if id_ == ROBOTS:
            return Principal.in_directory(ROBOTS, "Robots", kind=MemberKind.SERVICE_PRINCIPAL)
        item = self.users[id_]
        enabled = item.account_enabled is not False
        return Principal.in_directory(
            id_, item.display_name or "", item.user_principal_name, enabled=enabled, guest=item.is_guest
        )


def replace_members(builder: Builder, members: list[str]) -> Any:
    """The group as an update left it, and as it is now."""
    resource_change = builder.admins
    assert resource_change.before
    now = replace(resource_change.before, outputs={**resource_change.before.outputs, "members": members})
    now = replace(now, inputs={**now.inputs, "members": members})
    return replace(resource_change, before=now, changed=frozenset({"members"}))


#: What the last update left.
LEFT = (
    Given(ADA, AgentGroup.ADMIN_AGENTS),
    Given(CARLA, AgentGroup.ADMIN_AGENTS),
    Given(CARLA, AgentGroup.SALES_AGENTS),
    Given(DORA, AgentGroup.SALES_AGENTS),
    Given(ADA, DirectoryRole.GLOBAL_ADMINISTRATOR.template_id),
    Given(EMIL, DirectoryRole.USER_ADMINISTRATOR.template_id),
    Given(RESCUE, DirectoryRole.GLOBAL_ADMINISTRATOR.template_id),
)


@st.composite
def _access(draw: st.DrawFn) -> Given:
    holder = draw(st.sampled_from([*IDS, *UNDECLARED, CREW, ROBOTS]))
    if draw(st.booleans()):
        return Given(holder, draw(st.sampled_from(AgentGroup)))
    role = draw(st.sampled_from(ROLES))
    scoped = role in (DirectoryRole.USER_ADMINISTRATOR.template_id, EXCHANGE_ADMINISTRATOR)
    scope = draw(st.sampled_from(["/", "/", UNIT])) if scoped else "/"
    return Given(holder, role, draw(st.sampled_from(AssignmentType)), scope)


@st.composite
def worlds(draw: st.DrawFn) -> World:
    """A tenant after others worked in it."""
    declared = tenant_file(
        PEOPLE,
        purpose=draw(st.sampled_from([["partner"], ["partner"], ["partner", "own use"]])),
        domains={"initial": DOMAIN, "verified": ["acme.example"]},
        mode=draw(st.sampled_from(["authoritative", "authoritative", "additive"])),
        agent_groups={"ids": {of.value: id_ for of, id_ in GROUP_IDS.items()}},
    )
    taken = draw(st.lists(st.sampled_from(LEFT[:4]), max_size=2, unique=True))
    more = draw(st.lists(_access(), max_size=6, unique=True))
    given = (*(item for item in LEFT if item not in taken), *(item for item in more if item not in LEFT))
    crew = draw(st.lists(st.sampled_from([*IDS, *UNDECLARED]), max_size=2, unique=True))
    return World(declared, given, tuple(crew))
