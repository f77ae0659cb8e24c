"""What the components register for the sample's tenant."""

import inspect
from collections.abc import Callable
from datetime import date
from typing import Any

import pulumi
import pulumi_azuread as azuread
import pytest

from components import PartnerTenant, PartnerTenantArgs
from tenantry.declaration import AgentGroups, Assignment, GroupSource, Mode, PersonState, Program, Tenant
from tenantry.declaration.decisions import DeclaredIdentity
from tenantry.declaration.person import Pins
from tenantry.passwords import temporary_password
from tenantry.roles import AgentGroup, DirectoryRole
from tests.acme import ADA_ID as ADA

from .world import (
    ADMIN_AGENTS,
    ASSIGNMENT,
    ELIGIBILITY,
    GROUP,
    GROUPS,
    HELPDESK_AGENTS,
    ROLE,
    SALES_AGENTS,
    SECRET,
    USER,
    Run,
    World,
    changed,
    elsewhere,
    provision,
    run,
)

CREATED = ["bruno", "carla", "dmitri", "emma", "farid", "grace", "hiro", "ines", "rescue-1", "rescue-2"]


def made(*keys: str) -> list[str]:
    return [f"object-id-of-us-{key}" for key in keys]


def inputs_of(resource: type[pulumi.CustomResource]) -> set[str]:
    """The names of all inputs that the installed SDK has, as the engine knows them."""
    names = set(inspect.signature(resource._internal_init).parameters)  # type: ignore[attr-defined]
    return {camel(name) for name in names - {"__self__", "resource_name", "opts", "__props__"}}


def camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)


# People


def test_an_account_is_made_for_each_person_who_is_not_adopted(sample: Run) -> None:
    assert sorted(sample.of(USER)) == [f"us-{key}" for key in CREATED]
    assert all(user.import_id == "" for user in sample.of(USER).values())


def test_an_account_holds_what_the_declaration_states_and_no_more(sample: Run, us: Tenant) -> None:
    carla = sample.of(USER)["us-carla"]
    assert carla.inputs == {
        "userPrincipalName": "carla.jensen@contoso-partner.onmicrosoft.com",
        "displayName": "Carla Jensen",
        "mail": "carla.jensen@contoso.com",
        "password": temporary_password(SECRET, us.id, "carla"),
        "forcePasswordChange": True,
    }


def test_every_property_of_an_account_is_stated_or_left_to_others(us: Tenant) -> None:
    stated = provision(changed(us, carla={"state": PersonState.PRESENT})).of(USER)["us-carla"]
    assert set(stated.inputs) | stated.ignored == inputs_of(azuread.User)
    assert set(stated.inputs) & stated.ignored == set()


@pytest.mark.parametrize(
    ("fields", "left_to_others"),
    [
        ({}, {"accountEnabled"}),
        ({"email": None}, {"accountEnabled", "mail"}),
        ({"state": PersonState.PRESENT}, set()),
        ({"state": PersonState.DISABLED, "email": None}, {"mail"}),
    ],
)
def test_state_and_mail_are_left_to_others_exactly_where_they_are_left_out(
    us: Tenant, fields: dict[str, Any], left_to_others: set[str]
) -> None:
    user = provision(changed(us, carla=fields)).of(USER)["us-carla"]
    assert user.ignored & {"accountEnabled", "mail"} == left_to_others
    assert set(user.inputs) & {"accountEnabled", "mail"} == {"accountEnabled", "mail"} - left_to_others


@pytest.mark.parametrize(
    ("state", "enabled"),
    [
        (PersonState.PRESENT, True),
        (PersonState.DISABLED, False),
        (PersonState.LEAVER, False),
        (PersonState.LEAVING, None),
        (None, None),
    ],
)
def test_only_the_present_may_sign_in(us: Tenant, state: PersonState | None, enabled: bool | None) -> None:
    user = provision(changed(us, carla={"state": state})).of(USER)["us-carla"]
    assert user.inputs.get("accountEnabled") is enabled


def test_a_disabled_person_keeps_their_access(us: Tenant) -> None:
    run = provision(changed(us, hiro={"state": PersonState.DISABLED}))
    assert run.of(GROUP)["us-SalesAgents"].inputs["members"] == made("dmitri", "hiro")
    assert "us-billing-administrator-hiro" in run.of(ASSIGNMENT)


def test_a_leaver_keeps_an_account_and_holds_nothing(us: Tenant) -> None:
    run = provision(changed(us, hiro={"state": PersonState.LEAVER}))
    assert "us-hiro" in run.of(USER)
    assert holdings(run, "object-id-of-us-hiro") == []


def test_a_leaver_who_was_adopted_is_not_registered_and_holds_nothing(us: Tenant) -> None:
    run = provision(changed(us, ada={"state": PersonState.LEAVER}))
    assert sorted(run.of(USER)) == [f"us-{key}" for key in CREATED]
    assert holdings(run, ADA) == []


def test_who_is_adopted_by_upn_holds_the_same_as_by_object_id(sample: Run, us: Tenant) -> None:
    tenant = changed(us, ada={"adopted": "by-upn"})
    run = provision(tenant, World.of(us, users=[(ADA.upper(), us.members["ada"].upn)]))
    assert {item.urn: item.inputs for item in run.monitor.registered} == {
        item.urn: item.inputs for item in sample.monitor.registered
    }
    assert holdings(run, ADA) == ["us-AdminAgents", "us-global-administrator-ada"]


def test_nobody_is_looked_up_who_is_not_adopted_by_upn(sample: Run) -> None:
    assert "getUsers" not in {look_up for look_up, _ in sample.monitor.looked_up}


def test_accounts_are_looked_up_through_the_provider_of_the_resources(us: Tenant) -> None:
    tenant = changed(us, ada={"adopted": "by-upn"})
    world = World.of(us, users=[(ADA, us.members["ada"].upn)])
    run = provision(tenant, world, opts=lambda: pulumi.ResourceOptions(providers=[elsewhere()]))
    (provider,) = {provider for look_up, provider in run.monitor.looked_up if look_up == "getUsers"}
    assert "::elsewhere::" in provider


def holdings(run: Run, object_id: str) -> list[str]:
    groups = [name for name, group in run.of(GROUP).items() if object_id in group.inputs["members"]]
    roles = [n for n, given in run.of(ASSIGNMENT).items() if given.inputs["principalObjectId"] == object_id]
    return groups + roles


# Passwords


def test_a_password_is_a_secret_that_must_be_changed_and_the_outputs_have_the_same(sample: Run, us: Tenant) -> None:
    for key in CREATED:
        user = sample.of(USER)[f"us-{key}"]
        assert "password" in user.secrets
        assert user.inputs["forcePasswordChange"] is True
        assert user.inputs["password"] == temporary_password(SECRET, us.id, key, 1)
    assert sample.passwords == {key: temporary_password(SECRET, us.id, key) for key in CREATED}


def test_a_second_run_has_the_same_passwords(sample: Run, us: Tenant) -> None:
    assert provision(us).passwords == sample.passwords


def test_raising_the_round_changes_that_persons_password_alone(sample: Run, us: Tenant) -> None:
    again = provision(changed(us, carla={"password_round": 2})).passwords
    assert sample.passwords is not None
    assert again == sample.passwords | {"carla": temporary_password(SECRET, us.id, "carla", 2)}


def test_the_passwords_are_a_secret_output(us: Tenant) -> None:
    secret: list[bool] = []

    async def look(passwords: pulumi.Output[dict[str, str]]) -> None:
        secret.append(await passwords.is_secret())

    def program(_: Run) -> Any:
        return look(PartnerTenant("us", PartnerTenantArgs(us, SECRET)).temporary_passwords)

    run(World.of(us), program)
    assert secret == [True]


def test_no_password_is_registered_anywhere_but_as_an_accounts_password(sample: Run) -> None:
    assert sample.passwords
    others = [
        {name: value for name, value in kept.inputs.items() if name != "password"} for kept in sample.monitor.registered
    ]
    output = str(others) + str(sample.monitor.outputs)
    assert not any(password in output for password in sample.passwords.values())
    assert SECRET not in output


@pytest.mark.parametrize("preview", [False, True])
def test_a_short_secret_is_refused_without_being_repeated(us: Tenant, preview: bool) -> None:
    run = provision(us, World.of(us, preview=preview), secret="canary-too-short")
    assert isinstance(run.error, pulumi.RunError)
    assert "fewer than 32 characters" in str(run.error)
    assert "pulumi config set --secret" in str(run.error)
    assert "canary" not in str(run.error)


# Agent groups


@pytest.mark.parametrize(
    ("name", "object_id", "members"),
    [
        ("us-AdminAgents", ADMIN_AGENTS, [ADA, *made("bruno", "carla")]),
        ("us-HelpdeskAgents", HELPDESK_AGENTS, made("emma", "ines")),
        ("us-SalesAgents", SALES_AGENTS, made("dmitri", "hiro")),
    ],
)
def test_an_agent_group_is_adopted_with_exactly_its_members(
    sample: Run, name: str, object_id: str, members: list[str]
) -> None:
    group = sample.of(GROUP)[name]
    assert sorted(sample.of(GROUP)) == ["us-AdminAgents", "us-HelpdeskAgents", "us-SalesAgents"]
    assert group.import_id == f"/groups/{object_id}"
    assert group.inputs == {
        "displayName": name.removeprefix("us-"),
        "securityEnabled": True,
        "members": members,
    }
    assert group.protect
    assert group.retain


def test_of_an_agent_group_only_what_makes_it_one_is_watched(sample: Run) -> None:
    for group in sample.of(GROUP).values():
        watched = inputs_of(azuread.Group) - group.ignored
        assert watched == {"displayName", "securityEnabled", "members", "dynamicMembership", "mailEnabled", "types"}


def test_a_group_of_nobody_is_emptied_and_not_left_alone(us: Tenant) -> None:
    run = provision(changed(us, dmitri={"roles": ()}, hiro={"roles": ()}))
    assert run.of(GROUP)["us-SalesAgents"].inputs["members"] == []


def test_at_preview_the_new_members_are_known_by_their_resources(us: Tenant) -> None:
    group = provision(us, World.of(us, preview=True)).of(GROUP)["us-AdminAgents"]
    assert group.inputs["members"][0] == ADA
    assert group.dependencies["members"] == {"us-bruno", "us-carla"}


@pytest.mark.parametrize("spelling", ["Admin Agents", "AdminAgents", "Adminagents"])
def test_every_spelling_of_a_groups_name_is_found_and_kept(us: Tenant, spelling: str) -> None:
    group = provision(us, World.of(us, groups=((ADMIN_AGENTS, spelling), *GROUPS[1:]))).of(GROUP)["us-AdminAgents"]
    assert group.import_id == f"/groups/{ADMIN_AGENTS}"
    assert group.inputs["displayName"] == spelling


def test_groups_whose_names_only_begin_alike_are_left_alone(us: Tenant) -> None:
    world = World.of(us, groups=(*GROUPS, ("x", "Admins"), ("y", "AdminAgents (old)"), ("z", "Sales")))
    assert provision(us, world).of(GROUP)["us-AdminAgents"].import_id == f"/groups/{ADMIN_AGENTS}"


def test_a_pinned_group_is_adopted_although_its_name_is_ambiguous(us: Tenant) -> None:
    tenant = us.model_copy(update={"agent_groups": AgentGroups(ids={AgentGroup.ADMIN_AGENTS: ADMIN_AGENTS})})
    world = World.of(us, groups=(*GROUPS, ("aaaaaaaa-0000-4000-8000-00000000dead", "Admin Agents")))
    assert provision(tenant, world).of(GROUP)["us-AdminAgents"].import_id == f"/groups/{ADMIN_AGENTS}"


def test_groups_to_create_are_neither_looked_up_nor_imported_nor_protected(us: Tenant) -> None:
    tenant = us.model_copy(update={"agent_groups": AgentGroups(source=GroupSource.CREATE)})
    run = provision(tenant, World.of(us, groups=()))
    looked_up = {look_up for look_up, _ in run.monitor.looked_up}
    assert looked_up == {"getClientConfig", "getDomains", "readStackResourceOutputs"}
    assert len(run.of(GROUP)) == 3
    for group in run.of(GROUP).values():
        assert (group.import_id, group.protect, group.retain) == ("", False, False)


def test_a_tenant_without_the_csp_program_has_no_agent_groups(us: Tenant) -> None:
    tenant = us.model_copy(update={"programs": {Program.FASTTRACK: us.programs[Program.FASTTRACK]}})
    run = provision(tenant, World.of(us, groups=()))
    assert run.of(GROUP) == {}
    assert len(run.of(USER)) == len(CREATED)


MEMBER = "azuread:index/groupMember:GroupMember"


def test_in_an_additive_tenant_each_membership_is_its_own_and_nobody_elses_is_touched(us: Tenant) -> None:
    ids = dict(zip(AgentGroup, (ADMIN_AGENTS, HELPDESK_AGENTS, SALES_AGENTS), strict=True))
    tenant = us.model_copy(update={"mode": Mode.ADDITIVE, "agent_groups": AgentGroups(ids=ids)})
    run = provision(tenant, World.of(us, members={ADMIN_AGENTS: [ADA, "a-stranger"]}))
    assert run.of(GROUP) == {}
    memberships = run.of(MEMBER)
    assert sorted(memberships) == [
        *(f"us-AdminAgents-{key}" for key in ("ada", "bruno", "carla")),
        *(f"us-HelpdeskAgents-{key}" for key in ("emma", "ines")),
        *(f"us-SalesAgents-{key}" for key in ("dmitri", "hiro")),
    ]
    assert {name: item.import_id for name, item in memberships.items() if item.import_id} == {
        "us-AdminAgents-ada": f"{ADMIN_AGENTS}/member/{ADA}"
    }
    assert memberships["us-AdminAgents-bruno"].inputs == {
        "groupObjectId": ADMIN_AGENTS,
        "memberObjectId": "object-id-of-us-bruno",
    }
    assert not any(item.retain for item in memberships.values())


BRIDGE = DeclaredIdentity(
    object_id="0f7a1f5e-31f6-4b0e-8a53-0c8f3d1b7c21",
    name="Backup Bridge",
    groups=(AgentGroup.ADMIN_AGENTS,),
    owner="Ada",
    reason="No GDAP yet",
    decided_on=date(2026, 1, 1),
    until=date(2026, 12, 31),
)


def test_a_declared_identity_is_in_its_group_in_either_mode(us: Tenant) -> None:
    tenant = us.model_copy(update={"identities": {"ada": BRIDGE}})
    run = provision(tenant)
    assert BRIDGE.object_id in run.of(GROUP)["us-AdminAgents"].inputs["members"]
    assert BRIDGE.object_id not in run.of(GROUP)["us-SalesAgents"].inputs["members"]
    ids = dict(zip(AgentGroup, (ADMIN_AGENTS, HELPDESK_AGENTS, SALES_AGENTS), strict=True))
    additive = tenant.model_copy(update={"mode": Mode.ADDITIVE, "agent_groups": AgentGroups(ids=ids)})
    run = provision(additive, World.of(us, members={ADMIN_AGENTS: [BRIDGE.object_id]}))
    item = run.of(MEMBER)["us-AdminAgents-identity.ada"]
    assert item.inputs == {"groupObjectId": ADMIN_AGENTS, "memberObjectId": BRIDGE.object_id}
    assert item.import_id == f"{ADMIN_AGENTS}/member/{BRIDGE.object_id}"
    assert "us-AdminAgents-ada" in run.of(MEMBER), "a person may have the same key"


def test_an_identity_alone_makes_the_memberships(us: Tenant) -> None:
    ids = dict(zip(AgentGroup, (ADMIN_AGENTS, HELPDESK_AGENTS, SALES_AGENTS), strict=True))
    nobody = changed(us, **{key: {"roles": ()} for key in us.members})
    fields = {"mode": Mode.ADDITIVE, "agent_groups": AgentGroups(ids=ids), "identities": {"bridge": BRIDGE}}
    assert list(provision(nobody.model_copy(update=fields)).of(MEMBER)) == ["us-AdminAgents-identity.bridge"]


@pytest.mark.parametrize("mode", list(Mode))
def test_letting_go_keeps_in_the_tenant_what_leaves_the_program(us: Tenant, mode: Mode) -> None:
    ids = dict(zip(AgentGroup, (ADMIN_AGENTS, HELPDESK_AGENTS, SALES_AGENTS), strict=True))
    tenant = us.model_copy(update={"mode": mode, "agent_groups": AgentGroups(ids=ids, release=True)})
    run = provision(tenant)
    kept = [*run.of(GROUP).values(), *run.of(MEMBER).values()]
    assert kept
    assert all(item.retain and not item.protect for item in kept)


# Directory roles


def test_roles_go_by_template_id(sample: Run) -> None:
    used = {"global-administrator", "billing-administrator", "user-administrator"}
    assert set(sample.of(ROLE)) == {f"us-{role}" for role in used}
    assert {role.inputs["templateId"] for role in sample.of(ROLE).values()} == {r.template_id for r in DirectoryRole}
    assert {name: given.inputs for name, given in sample.of(ASSIGNMENT).items() if "administrator-grace" in name} == {
        "us-user-administrator-grace": {
            "roleId": "fe930be7-5e62-47db-91af-98c3a49a38b1",
            "principalObjectId": "object-id-of-us-grace",
            "directoryScopeId": "/",
        }
    }


def test_each_role_is_assigned_to_exactly_its_holders(sample: Run) -> None:
    holders = {
        "global-administrator": ["ada", "bruno", "rescue-1", "rescue-2"],
        "billing-administrator": ["farid", "hiro"],
        "user-administrator": ["grace"],
    }
    assert sorted(sample.of(ASSIGNMENT)) == sorted(f"us-{r}-{key}" for r, keys in holders.items() for key in keys)


def test_a_pinned_assignment_is_taken_over_and_protected(sample: Run, us: Tenant) -> None:
    assignments = sample.of(ASSIGNMENT)
    pinned = assignments["us-global-administrator-ada"]
    pin = us.members["ada"].pins.role_assignments[DirectoryRole.GLOBAL_ADMINISTRATOR]
    assert pinned.import_id == f"/roleManagement/directory/roleAssignments/{pin}"
    assert pinned.inputs["principalObjectId"] == ADA
    assert pinned.protect
    assert pinned.retain
    assert [name for name, given in assignments.items() if given.import_id] == ["us-global-administrator-ada"]


def test_emergency_accounts_and_their_roles_are_protected_and_retained_and_nobody_elses(sample: Run) -> None:
    for given in sample.of(ASSIGNMENT).values():
        lasting = "rescue" in given.name or given.import_id != ""
        assert (given.protect, given.retain) == (lasting, lasting), given.name
    assert {name for name, user in sample.of(USER).items() if user.retain} == {"us-rescue-1", "us-rescue-2"}


@pytest.mark.parametrize(
    ("state", "protected"), [(None, True), (PersonState.PRESENT, True), (PersonState.DISABLED, True)]
)
def test_an_account_is_protected_until_its_person_leaves(
    us: Tenant, state: PersonState | None, protected: bool
) -> None:
    run = provision(changed(us, carla={"state": state}, hiro={"state": PersonState.LEAVER}))
    assert run.of(USER)["us-carla"].protect is protected
    assert run.of(USER)["us-hiro"].protect is False


def test_an_eligible_role_is_a_schedule_request_and_no_assignment(us: Tenant) -> None:
    run = provision(
        changed(us, farid={"assignments": {DirectoryRole.BILLING_ADMINISTRATOR: Assignment(eligible=True)}})
    )
    assert "us-billing-administrator-farid" not in run.of(ASSIGNMENT)
    (request,) = run.of(ELIGIBILITY).values()
    assert request.inputs == {
        "roleDefinitionId": "b0f54661-2d74-4c50-afa3-1ec803f12efe",
        "principalId": "object-id-of-us-farid",
        "directoryScopeId": "/",
        "justification": "Declared in Tenantry",
    }


def test_an_eligible_role_that_exists_is_taken_over_by_its_pin_whatever_was_its_reason(us: Tenant) -> None:
    role, schedule = DirectoryRole.GLOBAL_ADMINISTRATOR, "b0b0b0b0-0000-4000-8000-000000000001"
    eligible = {"assignments": {role: Assignment(eligible=True)}, "pins": Pins(role_assignments={role: schedule})}
    (request,) = provision(changed(us, ada=eligible)).of(ELIGIBILITY).values()
    assert (request.import_id, request.protect, request.retain) == (schedule, True, True)
    assert request.ignored == {"justification"}


def test_a_role_over_a_unit_is_assigned_there_and_nowhere_else(us: Tenant) -> None:
    over = Assignment(administrative_unit=ADMIN_AGENTS)
    run = provision(changed(us, grace={"assignments": {DirectoryRole.USER_ADMINISTRATOR: over}}))
    assert run.of(ASSIGNMENT)["us-user-administrator-grace"].inputs == {
        "roleId": "fe930be7-5e62-47db-91af-98c3a49a38b1",
        "principalObjectId": "object-id-of-us-grace",
        "directoryScopeId": f"/administrativeUnits/{ADMIN_AGENTS}",
    }


def test_whoever_has_a_new_key_keeps_their_resources_and_their_password(us: Tenant, sample: Run) -> None:
    people = dict(us.members)
    people["hiro-t"] = people.pop("hiro").model_copy(update={"former_keys": ("hiro", "hiro-tanaka")})
    run = provision(us.model_copy(update={"people": people}))
    assert set(run.of(USER)) == set(sample.of(USER))
    assert set(run.of(ASSIGNMENT)) == set(sample.of(ASSIGNMENT))
    assert run.passwords is not None
    assert sample.passwords is not None
    assert run.passwords["hiro-t"] == sample.passwords["hiro"]


def test_emergency_accounts_are_in_no_agent_group(sample: Run) -> None:
    members = {member for group in sample.of(GROUP).values() for member in group.inputs["members"]}
    assert not members & set(made("rescue-1", "rescue-2"))


def test_a_role_that_nobody_holds_is_not_activated(us: Tenant) -> None:
    assert "us-user-administrator" not in provision(changed(us, grace={"roles": ()})).of(ROLE)


# What the component says of itself


def test_types_and_urns_are_settled(sample: Run) -> None:
    """By them a state knows what it owns: whoever changes one here deletes accounts there (decision 17)."""
    tenant = "tenantry:index:PartnerTenant"
    assert {(kept.type, kept.name) for kept in sample.monitor.registered if not kept.type.startswith("azuread:")} == {
        (tenant, "us"),
        ("pulumi:providers:azuread", "us"),
        ("tenantry:index:People", "us"),
        ("tenantry:index:AgentGroups", "us"),
        ("tenantry:index:DirectoryRoles", "us"),
    }
    parents = {kept.urn.split("::", 2)[2] for kept in sample.monitor.registered if kept.type.startswith("azuread:")}
    assert {
        f"{USER}::us-carla",
        f"{GROUP}::us-AdminAgents",
        f"{ROLE}::us-user-administrator",
        f"{ASSIGNMENT}::us-user-administrator-grace",
    } <= {urn.rpartition("$")[2] for urn in parents}
    assert {urn.rpartition("$")[0] for urn in parents} == {
        "tenantry:index:People",
        "tenantry:index:AgentGroups",
        "tenantry:index:DirectoryRoles",
    }


def test_no_component_is_registered_without_a_resource_in_it(us: Tenant) -> None:
    """A saved plan leaves out what stays; it tells that nothing is missing by the components of what it shows."""
    adopted = {key: {"adopted": f"dddddddd-0000-4000-8000-0000000000{n:02}"} for n, key in enumerate(CREATED)}
    run = provision(changed(us, **adopted))
    assert (run.of(USER), run.of("tenantry:index:People"), run.passwords) == ({}, {}, {})
    assert set(run.of("tenantry:index:DirectoryRoles")) == {"us"}
    ids = dict(zip(AgentGroup, (ADMIN_AGENTS, HELPDESK_AGENTS, SALES_AGENTS), strict=True))
    additive = us.model_copy(update={"mode": Mode.ADDITIVE, "agent_groups": AgentGroups(ids=ids)})
    nobody = provision(changed(additive, **{key: {"roles": ()} for key in us.members}))
    assert (nobody.of(ASSIGNMENT), nobody.of("tenantry:index:DirectoryRoles")) == ({}, {})
    assert (nobody.of(MEMBER), nobody.of("tenantry:index:GroupMemberships")) == ({}, {})


def test_what_the_next_run_compares_with_is_registered_without_waiting_for_any_account(us: Tenant) -> None:
    """At a first preview no account is there, and the state has it all the same after an update that fails."""
    outputs = provision(us, World.of(us, preview=True)).monitor.outputs
    (people,) = (message for urn, message in outputs.items() if urn.split("::")[2].endswith("tenantry:index:People"))
    assert people == {
        "emergency": {key: key.startswith("rescue") for key in CREATED},
        "password_round": dict.fromkeys(CREATED, 1),
    }


def test_the_outputs_say_who_has_what_and_what_is_left_to_do(sample: Run) -> None:
    assert sample.tenant
    assert sample.tenant.who_has_what["hiro.tanaka@contoso-partner.onmicrosoft.com"] == [
        "SalesAgents",
        "Billing Administrator",
    ]
    assert sum("Hand the temporary password to" in todo for todo in sample.tenant.to_do) == len(CREATED)
    assert any("Approve FTOP" in todo for todo in sample.tenant.to_do)


# Providers


def _nested() -> pulumi.ResourceOptions:
    class Outer(pulumi.ComponentResource):
        pass

    provider = elsewhere()
    return pulumi.ResourceOptions(
        parent=Outer("tests:index:Outer", "outer", None, pulumi.ResourceOptions(providers=[provider]))
    )


@pytest.mark.parametrize(
    "opts",
    [
        lambda: pulumi.ResourceOptions(provider=elsewhere()),
        lambda: pulumi.ResourceOptions(providers=[elsewhere()]),
        lambda: pulumi.ResourceOptions(providers={"azuread": elsewhere()}),
        _nested,
    ],
    ids=["provider", "providers", "providers by name", "from the parent"],
)
def test_look_ups_go_through_the_provider_that_the_resources_use(
    us: Tenant, opts: Callable[[], pulumi.ResourceOptions]
) -> None:
    run = provision(us, opts=opts)
    (provider,) = run.of("pulumi:providers:azuread").values()
    expected = f"{provider.urn}::provider-id"
    written = {kept.provider for kept in run.monitor.registered if kept.type.startswith("azuread:")}
    looked_up = {provider for look_up, provider in run.monitor.looked_up if look_up.startswith("get")}
    assert written == looked_up == {expected}


def test_without_a_provider_the_resources_go_through_one_that_is_bound_to_the_declared_tenant(
    sample: Run, us: Tenant
) -> None:
    (bound,) = sample.of("pulumi:providers:azuread").values()
    assert bound.inputs["tenantId"] == us.id
    assert set(bound.inputs) <= {"tenantId", "environment", "useMsi"}  # no host, no credential
    written = {kept.provider for kept in sample.monitor.registered if kept.type.startswith("azuread:")}
    assert written == {f"{bound.urn}::provider-id"}
    assert {provider for _, provider in sample.monitor.looked_up} == {""}  # the one whose tenant was compared
