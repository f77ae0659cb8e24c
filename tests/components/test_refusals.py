"""What is refused before anything is registered, and in which words."""

import os
import runpy
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pulumi
import pytest

from components.configuration import declared_tenant, password_secret
from components.owned import owned_by_this_stack
from components.preflight import AdoptionError
from components.tenant_guard import WrongTenantError
from tenantry.access.state import StackState, read_state
from tenantry.declaration import AgentGroups, Mode, Tenant
from tenantry.declaration.ftop import FtopPlan
from tenantry.graph.client import Caller, GraphReader
from tenantry.roles import AgentGroup
from tenantry.todo import ENROLMENT
from tests.acme import ADA_ID as ADA

from .world import (
    ADMIN_AGENTS,
    ASSIGNMENT,
    GROUP,
    GROUPS,
    HELPDESK_AGENTS,
    SALES_AGENTS,
    SECRET,
    USER,
    Run,
    World,
    changed,
    provision,
    run,
)

OTHER = "0d9a4b52-3c1e-4f7a-8b60-51f3c27ad901"
LOOKALIKE = "aaaaaaaa-0000-4000-8000-00000000dead"
APPROVED = {"application_id": OTHER, "approval": {"on": date(2026, 11, 20), "by": "ada"}}


@pytest.mark.parametrize("preview", [True, False])
@pytest.mark.parametrize(
    ("world", "messages"),
    [
        ({"tenant_id": OTHER}, [f"signed in to the tenant {OTHER}", "Contoso Partner (US)", "Nothing was changed"]),
        (
            {"initial_domains": ("fabrikam.onmicrosoft.com",)},
            ["fabrikam.onmicrosoft.com", "contoso-partner.onmicrosoft.com", "Nothing was changed"],
        ),
        ({"initial_domains": ()}, ["(none)", "contoso-partner.onmicrosoft.com"]),
    ],
    ids=["another tenant", "another initial domain", "no initial domain"],
)
def test_another_tenant_than_the_declared_one_is_refused(
    us: Tenant, world: dict[str, Any], messages: list[str], preview: bool
) -> None:
    finished = provision(us, World.of(us, preview=preview, **world))
    assert isinstance(finished.error, WrongTenantError)
    assert all(words in finished.refusal for words in messages)


def test_the_tenants_id_is_compared_without_case(us: Tenant) -> None:
    assert provision(us, World.of(us, tenant_id=us.id.upper())).error is None


def last_updated_with(**outputs: str) -> dict[str, dict[str, Any]]:
    return {"urn:pulumi:prod::tenantry::tenantry:index:PartnerTenant::us": outputs}


@pytest.mark.parametrize(
    ("outputs", "messages"),
    [
        ({"tenant": OTHER}, [f"last updated with `id: {OTHER}`", "declared with `id: 6f1f7c0e"]),
        ({"country": "CA"}, ["last updated with `country: CA`", "declared with `country: US`"]),
    ],
)
def test_a_stack_never_goes_over_to_another_tenant_or_country(
    us: Tenant, outputs: dict[str, str], messages: list[str]
) -> None:
    finished = provision(us, World.of(us, owned=last_updated_with(**outputs)))
    assert isinstance(finished.error, WrongTenantError)
    assert all(words in finished.refusal for words in [*messages, "PT-404", "Nothing was changed"])


def test_a_stack_of_the_same_tenant_or_of_a_version_that_kept_less_goes_on(us: Tenant) -> None:
    for outputs in ({"tenant": us.id.upper(), "country": "us"}, {"tenant": us.id}, {}):
        assert provision(us, World.of(us, owned=last_updated_with(**outputs))).error is None


GROUP_IDS = dict(zip(AgentGroup, (ADMIN_AGENTS, HELPDESK_AGENTS, SALES_AGENTS), strict=True))


def additive(us: Tenant, **groups: Any) -> Tenant:
    return us.model_copy(update={"mode": Mode.ADDITIVE, "agent_groups": AgentGroups(ids=GROUP_IDS, **groups)})


def held(type_: str, name: str, **outputs: Any) -> dict[str, dict[str, Any]]:
    return {f"urn:pulumi:prod::tenantry::tenantry:index:PartnerTenant${type_}::{name}": outputs}


A_LIST = held(f"tenantry:index:AgentGroups${GROUP}", "us-AdminAgents", objectId=ADMIN_AGENTS)
A_MEMBERSHIP = held(
    "tenantry:index:GroupMemberships$azuread:index/groupMember:GroupMember",
    "us-AdminAgents-ada",
    groupObjectId=ADMIN_AGENTS,
    memberObjectId=ADA,
)
LET_GO_OF_LISTS = held("tenantry:index:AgentGroups", "us", released=True)
LET_GO_OF_MEMBERSHIPS = held("tenantry:index:GroupMemberships", "us", released=True)


def test_a_mode_is_changed_in_two_steps_or_not_at_all(us: Tenant) -> None:
    refusal = provision(additive(us), World.of(us, owned=A_LIST)).refusal
    assert "holds the lists of members of AdminAgents" in refusal
    assert "`agent_groups: {release: true}`" in refusal
    refusal = provision(us, World.of(us, owned=A_MEMBERSHIP)).refusal
    assert "holds 1 single memberships" in refusal
    assert "Adopting the groups in the same step would leave them empty" in refusal
    assert provision(additive(us), World.of(us, owned=A_LIST | LET_GO_OF_LISTS)).error is None
    assert provision(us, World.of(us, owned=A_MEMBERSHIP | LET_GO_OF_MEMBERSHIPS)).error is None


def test_nobody_is_removed_in_vain_while_memberships_are_let_go_of(us: Tenant) -> None:
    released = A_MEMBERSHIP | LET_GO_OF_MEMBERSHIPS
    assert provision(additive(us, release=True), World.of(us, owned=released)).error is None
    left = changed(additive(us, release=True), ada={"roles": ()})
    assert (
        "1 that are no longer declared would stay in the tenant"
        in provision(left, World.of(us, owned=released)).refusal
    )


@pytest.mark.parametrize("look_up", ["getClientConfig", "getDomains"])
def test_a_tenant_that_is_not_reached_is_reported_in_one_sentence(us: Tenant, look_up: str) -> None:
    failures = {look_up: "AADSTS7000215: Invalid client secret\nTrace ID: 1\nCorrelation ID: 2"}
    refusal = provision(us, World.of(us, failures=failures)).refusal
    assert "could not be reached" in refusal
    assert "AADSTS7000215: Invalid client secret" in refusal
    assert "ARM_TENANT_ID" in refusal
    assert "Trace ID" not in refusal
    assert "\n" not in refusal


@pytest.mark.parametrize(
    ("host", "allowed"),
    [
        ("127.0.0.1:7443", True),
        ("localhost:7443", True),
        ("localhost", True),
        ("[::1]:7443", True),
        (None, False),
        ("", False),
        ("login.microsoftonline.com", False),
        ("10.0.0.7:7443", False),
        ("localhost.evil.example", False),
        ("127.0.0.1.evil.example:443", False),
        ("localhost:1@evil.example", False),
        ("evil.example/localhost:1", False),
        ("[", False),
    ],
)
def test_the_stack_with_the_published_passphrase_works_on_this_machine_alone(
    us: Tenant, monkeypatch: pytest.MonkeyPatch, host: str | None, allowed: bool
) -> None:
    monkeypatch.delenv("ARM_METADATA_HOSTNAME", raising=False)
    if host is not None:
        monkeypatch.setenv("ARM_METADATA_HOSTNAME", host)
    finished = provision(us, stack="dev")
    if allowed:
        assert finished.error is None
        assert finished.of(USER)
    else:
        assert "published passphrase" in finished.refusal
        assert "pulumi stack init" in finished.refusal
        assert finished.monitor.looked_up == []


@pytest.mark.parametrize("missing", [name for _, name in GROUPS])
def test_a_tenant_that_is_not_enrolled_is_shown_where_to_enrol(us: Tenant, missing: str) -> None:
    world = World.of(us, groups=[group for group in GROUPS if group[1] != missing])
    refusal = provision(us, world).refusal
    assert f"no group {missing}" in refusal
    assert ENROLMENT in refusal
    assert "Nothing was changed" in refusal


def test_a_group_that_is_there_twice_is_refused_with_both_ids(us: Tenant) -> None:
    refusal = provision(us, World.of(us, groups=(*GROUPS, (LOOKALIKE, "Admin Agents")))).refusal
    assert "2 groups that are called AdminAgents" in refusal
    assert ADMIN_AGENTS in refusal
    assert LOOKALIKE in refusal
    assert "{ids: {AdminAgents: ID}}" in refusal


@pytest.mark.parametrize(
    ("pinned", "messages"),
    [
        (SALES_AGENTS, ["'SalesAgents'", "which is not AdminAgents", "Correct the id"]),
        (LOOKALIKE, [LOOKALIKE, "`agent_groups.ids.AdminAgents`", "Group not found"]),
    ],
    ids=["another group", "no group"],
)
def test_a_pinned_id_that_is_not_that_group_is_refused(us: Tenant, pinned: str, messages: list[str]) -> None:
    tenant = us.model_copy(update={"agent_groups": AgentGroups(ids={AgentGroup.ADMIN_AGENTS: pinned})})
    refusal = provision(tenant, World.of(us)).refusal
    assert all(words in refusal for words in messages)


def test_groups_that_may_not_be_read_are_reported_and_not_taken_for_missing(us: Tenant) -> None:
    refusal = provision(us, World.of(us, failures={"getGroups": "Authorization_RequestDenied: 403\nmore"})).refusal
    assert "Authorization_RequestDenied: 403." in refusal
    assert ENROLMENT not in refusal
    assert "\n" not in refusal


def test_a_look_up_that_failed_is_not_taken_for_a_tenant_without_the_group(us: Tenant) -> None:
    """The provider says "No groups found" of its own failed request, too (groups_data_source.go)."""
    message = 'No groups found with display name prefix: "Admin"'
    refusal = provision(us, World.of(us, failures={"getGroups": message})).refusal
    assert "Could not read the groups whose names begin with Admin" in refusal
    assert ENROLMENT not in refusal


RENAMED = ((ADMIN_AGENTS, "Old admins"), *GROUPS[1:])


@pytest.mark.parametrize(
    ("groups", "ids"),
    [
        (RENAMED, {}),
        (RENAMED, {AgentGroup.ADMIN_AGENTS: ADMIN_AGENTS}),
        ((*RENAMED, (LOOKALIKE, "AdminAgents")), {}),
        ((*RENAMED, (LOOKALIKE, "AdminAgents")), {AgentGroup.ADMIN_AGENTS: ADMIN_AGENTS}),
    ],
    ids=["by name", "pinned", "by name, beside a look-alike", "pinned, beside a look-alike"],
)
def test_an_agent_group_that_was_renamed_is_to_be_renamed_back(us: Tenant, groups: Any, ids: Any) -> None:
    """The state knows which group it is: nobody is asked to enrol, or to pin an id that would be refused."""
    tenant = us.model_copy(update={"agent_groups": AgentGroups(ids=ids)})
    refusal = provision(tenant, World.of(us, groups=groups, owned=A_LIST)).refusal
    assert AgentGroup.ADMIN_AGENTS.renamed(ADMIN_AGENTS, "Old admins") in refusal
    assert ENROLMENT not in refusal
    assert "Correct the id" not in refusal
    assert ("not the agent group: " + LOOKALIKE in refusal) is (len(groups) > len(GROUPS) and not ids)


def test_a_pinned_group_that_was_renamed_before_the_stack_has_it_is_to_be_renamed_back(us: Tenant) -> None:
    tenant = us.model_copy(update={"agent_groups": AgentGroups(ids={AgentGroup.ADMIN_AGENTS: ADMIN_AGENTS})})
    refusal = provision(tenant, World.of(us, groups=RENAMED)).refusal
    assert AgentGroup.ADMIN_AGENTS.renamed(ADMIN_AGENTS, "Old admins") in refusal
    assert "If it is another group, correct `agent_groups.ids.AdminAgents`" in refusal


# The stack's configuration


def _declared(_: Run) -> Any:
    return declared_tenant().tenant.name


def _secret(_: Run) -> Any:
    return password_secret()


@pytest.mark.parametrize(
    ("ask", "config", "messages"),
    [
        (_declared, {}, ["lacks `tenantry:tenant`", "pulumi config set tenantry:tenant"]),
        (_declared, {"tenantry:tenant": "contoso/us-east"}, ["contoso/us-east", "contoso/us`?", "nothing was changed"]),
        (_declared, {"tenantry:tenant": "contoso/own-use"}, ["own use", "nothing was changed"]),
        (
            _declared,
            {"tenantry:tenant": "fabrikam/us"},
            [
                "Pulumi.prod.yaml:1:1: config.tenantry:tenant: found no partner 'fabrikam'",
                ": contoso. Fix: ",
                "nothing was changed",
            ],
        ),
        (_secret, {"tenantry:tenant": "contoso/us"}, ["lacks `tenantry:passwordSecret`", "--secret"]),
    ],
)
def test_a_stack_that_is_not_configured_is_refused_with_how_to_configure_it(
    us: Tenant, ask: Callable[[Run], Any], config: dict[str, str], messages: list[str]
) -> None:
    refusal = run(World.of(us), ask, config=config).refusal
    assert all(words in refusal for words in messages)


def test_a_password_secret_in_plain_text_is_refused_with_the_command_that_stores_it(us: Tenant) -> None:
    config = {"tenantry:tenant": "contoso/us", "tenantry:passwordSecret": SECRET}
    refusal = run(World.of(us), _secret, config=config, secret_keys=()).refusal
    assert "stored as plain text in Pulumi.prod.yaml" in refusal
    assert 'pulumi config set --secret tenantry:passwordSecret "$(openssl rand -base64 33)"' in refusal
    assert run(World.of(us), _secret, config=config).error is None


# The program


def test_the_program_reads_as_a_table_of_contents(root: Path) -> None:
    assert len((root / "__main__.py").read_text(encoding="utf-8").splitlines()) <= 30


def test_the_program_provisions_the_stacks_tenant(root: Path, us: Tenant, sample: Run) -> None:
    def program(_: Run) -> None:
        runpy.run_path(str(root / "__main__.py"), run_name="__main__")

    config = {"tenantry:tenant": "contoso/us", "tenantry:passwordSecret": SECRET}
    finished = run(World.of(us), program, config=config)
    assert finished.error is None
    assert set(finished.of(USER)) == set(sample.of(USER))
    assert {n: g.inputs for n, g in finished.of(GROUP).items()} == {n: g.inputs for n, g in sample.of(GROUP).items()}


def test_the_program_registers_nothing_on_another_tenant(root: Path, us: Tenant) -> None:
    def program(_: Run) -> None:
        runpy.run_path(str(root / "__main__.py"), run_name="__main__")

    config = {"tenantry:tenant": "contoso/us", "tenantry:passwordSecret": SECRET}
    assert "Nothing was changed" in run(World.of(us, tenant_id=OTHER), program, config=config).refusal


def test_no_refusal_is_any_other_exception(us: Tenant) -> None:
    worlds: list[dict[str, Any]] = [
        {"tenant_id": OTHER},
        {"groups": ()},
        {"failures": {"getGroups": ""}},
        {"failures": {"getClientConfig": ""}},
    ]
    for world in worlds:
        assert isinstance(provision(us, World.of(us, **world)).error, pulumi.RunError)


# The order of the guards


def test_the_guards_look_things_up_in_the_order_that_their_safety_takes(us: Tenant) -> None:
    """Which tenant it is before anything of it, who is meant before what the stack owns, groups before consent."""
    tenant = by_upn(us).model_copy(update={"ftop": FtopPlan.model_validate(APPROVED)})
    finished = provision(tenant, World.of(tenant, users=[(ADA, us.members["ada"].upn)]))
    assert finished.error is None
    assert [look_up for look_up, _ in finished.monitor.looked_up] == [
        "getClientConfig",
        "getDomains",
        "getUsers",
        "readStackResourceOutputs",
        *["getGroups"] * 3,
        "getServicePrincipal",
    ]


def test_every_guard_refuses_before_those_behind_it(us: Tenant) -> None:
    """Each world has everything wrong that the worlds before it have, but for the first of it."""
    nobody = by_upn(us)
    declared = changed(us, ada={"adopted": ADA})
    moved, lost = last_updated_with(country="CA"), owned("zoe")
    no_consent = {"getServicePrincipal": "No service principal found"}
    every = {"groups": (), "owned": moved | lost, "failures": no_consent}
    for tenant, world, message in (
        (nobody, every | {"tenant_id": OTHER}, "signed in to the tenant"),
        (nobody, every, "is adopted by UPN"),
        (declared, every, "PT-404"),
        (declared, every | {"owned": lost}, "the account of Zoe"),
        (declared, every | {"owned": {}}, "no group AdminAgents"),
        (additive(declared), {"owned": A_LIST, "failures": no_consent}, "holds the lists of members"),
        (declared, {"failures": no_consent}, "Could not read the application"),
    ):
        with_ftop = tenant.model_copy(update={"ftop": FtopPlan.model_validate(APPROVED)})
        assert message in provision(with_ftop, World.of(us, recorded=False, **world)).refusal


# Accounts that this stack made


def owned(*keys: str, **outputs: Any) -> dict[str, dict[str, Any]]:
    """What the state says of the accounts of some people, who can sign in unless stated otherwise."""
    return {
        f"urn:pulumi:prod::tenantry::tenantry:index:PartnerTenant$tenantry:index:People${USER}::us-{key}": {
            "objectId": f"cccccccc-0000-4000-8000-00000000{len(key):04}",
            "userPrincipalName": f"{key}@contoso-partner.onmicrosoft.com",
            "displayName": key.capitalize(),
            "accountEnabled": True,
            "password": SECRET,
            **outputs,
        }
        for key in keys
    }


def test_what_the_state_keeps_of_people_is_read_back_with_their_accounts(us: Tenant) -> None:
    """By the names under which it was registered, and of nobody whose account it does not hold."""
    tenant = changed(us, carla={"password_round": 3, "former_keys": ("carl",)})
    registered = provision(tenant).monitor.outputs
    (people,) = (outputs for urn, outputs in registered.items() if "tenantry:index:People" in urn)
    kept = held("tenantry:index:People", "us", **people)
    found: list[StackState] = []

    def program(_: Run) -> None:
        found.append(owned_by_this_stack())

    assert run(World.of(us, owned=kept | owned("carl", "rescue-1", "zoe")), program).error is None
    (state,) = found
    assert {account.key: account.password_round for account in state.accounts} == {
        "us-carl": 3,
        "us-rescue-1": 1,
        "us-zoe": None,
    }
    assert state.emergency == {state.accounts_of("us")["rescue-1"].object_id}


def test_the_state_says_which_roles_the_last_update_left_protected(us: Tenant) -> None:
    registered = provision(us).monitor.outputs
    (roles,) = (outputs for urn, outputs in registered.items() if "tenantry:index:DirectoryRoles" in urn)
    names = [*roles["protected"], "us-user-administrator-somebody"]
    assigned = {
        urn: outputs
        for name in names
        for urn, outputs in held(ASSIGNMENT, name, id=f"/roleManagement/directory/roleAssignments/of-{name}").items()
    }
    state = read_state(held("tenantry:index:DirectoryRoles", "us", **roles) | assigned)
    assert state.protected == {f"of-{name}" for name in roles["protected"]}
    assert "of-us-global-administrator-ada" in state.protected


def test_accounts_that_are_still_declared_are_no_reason_to_refuse(us: Tenant) -> None:
    assert provision(us, World.of(us, owned=owned("carla", "rescue-1"))).error is None


def test_everybody_whose_account_would_be_deleted_while_they_can_sign_in_is_named(us: Tenant) -> None:
    refusal = provision(us, World.of(us, owned=owned("carla", "zoe", "yuki"))).refusal
    assert "Zoe (zoe@contoso-partner.onmicrosoft.com)" in refusal
    assert "Yuki (yuki@contoso-partner.onmicrosoft.com)" in refusal
    assert "`state: leaver`" in refusal
    assert "Carla" not in refusal
    assert refusal.endswith("Nothing was changed.")


def test_an_account_that_is_disabled_may_go(us: Tenant) -> None:
    assert provision(us, World.of(us, owned=owned("zoe", accountEnabled=False))).error is None


@pytest.mark.parametrize("enabled", [True, False])
def test_an_account_of_this_stack_cannot_be_adopted_even_if_it_is_disabled(us: Tenant, enabled: bool) -> None:
    made = owned("carla", accountEnabled=enabled)
    ((_, outputs),) = made.items()
    tenant = changed(us, carla={"adopted": outputs["objectId"]})
    refusal = provision(tenant, World.of(tenant, owned=made)).refusal
    assert "`people.carla.adopted` names the account of Carla" in refusal
    assert "Remove `adopted` and keep the key `carla`" in refusal


def test_an_adopted_account_that_this_stack_did_not_make_is_no_reason_to_refuse(us: Tenant) -> None:
    assert us.members["ada"].adopted
    assert provision(us, World.of(us, owned=owned("carla"))).error is None


def test_declaring_another_account_as_adopted_does_not_delete_the_one_that_was_made_here(us: Tenant) -> None:
    tenant = changed(us, carla={"adopted": "dddddddd-0000-4000-8000-000000000001"})
    refusal = provision(tenant, World.of(tenant, owned=owned("carla"))).refusal
    assert "no longer has `carla`" in refusal


def test_an_account_whose_key_somebody_else_has_taken_over_is_not_deleted(us: Tenant) -> None:
    tenant = changed(us, carla={"former_keys": ("karla",)})
    refusal = provision(tenant, World.of(tenant, owned=owned("carla"))).refusal
    assert "the account of Carla (carla@contoso-partner.onmicrosoft.com)" in refusal


def test_accounts_of_another_partner_tenant_in_the_same_stack_are_left_to_it(us: Tenant) -> None:
    made = {urn.replace("us-zoe", "uk-zoe"): outputs for urn, outputs in owned("zoe").items()}
    assert provision(us, World.of(us, owned=made)).error is None


def test_a_state_that_cannot_be_read_is_refused_before_anything_is_registered(us: Tenant) -> None:
    world = World.of(us, failures={"readStackResourceOutputs": "the backend is away"})
    refusal = provision(us, world).refusal
    assert refusal.startswith("Could not read what this stack owns: ")
    assert "the backend is away" in refusal


# What a change takes


class Elsewhere:
    """A reader that the environment signs in to another tenant."""

    def __enter__(self) -> "Elsewhere":
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def caller(self) -> Caller:
        return Caller("an-application", OTHER)


def test_holders_are_not_read_from_another_tenant_than_the_resources_go_to(
    us: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(GraphReader, "from_environment", Elsewhere)
    refusal = provision(us, World.of(us, recorded=False)).refusal
    assert f"the environment signs in to the tenant {OTHER}" in refusal
    assert "Nothing was changed" in refusal


def test_without_credentials_what_a_change_takes_is_unknown_and_refused(
    us: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in [name for name in os.environ if name.startswith(("ARM_", "AZURE_"))]:
        monkeypatch.delenv(name)
    refusal = provision(us, World.of(us, recorded=False)).refusal
    assert refusal.startswith("Refused: it is unknown which access this change removes.")


def test_a_missing_permission_to_read_the_domains_is_named(us: Tenant) -> None:
    denied = "unexpected status 403 (403 Forbidden) with error: Authorization_RequestDenied: Insufficient privileges"
    refusal = provision(us, World.of(us, failures={"getDomains": denied})).refusal
    assert "the application permission Domain.Read.All is missing" in refusal


def by_upn(us: Tenant, **fields: Any) -> Tenant:
    return changed(us, ada={"adopted": "by-upn", **fields})


def test_whoever_is_adopted_by_upn_and_has_no_account_is_refused(us: Tenant) -> None:
    finished = provision(by_upn(us))
    assert isinstance(finished.error, AdoptionError)
    assert "Refused: `people.ada` is adopted by UPN, but this tenant has no account" in finished.refusal


def test_an_account_of_this_stack_is_not_adopted_by_upn_either(us: Tenant) -> None:
    made = owned("carla")
    ((_, outputs),) = made.items()
    world = World.of(us, owned=made, users=[(outputs["objectId"], us.members["carla"].upn)])
    refusal = provision(changed(us, carla={"adopted": "by-upn"}), world).refusal
    assert "`people.carla.adopted` names the account of Carla" in refusal


def test_a_look_up_that_fails_is_not_taken_for_nobody(us: Tenant) -> None:
    world = World.of(us, failures={"getUsers": "Could not retrieve users: 503\nfor a while"})
    refusal = provision(by_upn(us), world).refusal
    assert refusal.startswith(f"Could not look up the accounts {us.members['ada'].upn} (`adopted: by-upn`): ")
    assert refusal.endswith("Could not retrieve users: 503. Nothing was changed.")


def test_what_the_provider_says_below_its_first_line_is_reported(us: Tenant) -> None:
    message = (
        "returned an error: 1 error occurred:\n\t* building client: AADSTS700027: The certificate is not known.\n\n"
    )
    refusal = provision(us, World.of(us, failures={"getClientConfig": message})).refusal
    assert (
        "returned an error: 1 error occurred: building client: AADSTS700027: The certificate is not known." in refusal
    )
