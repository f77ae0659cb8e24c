"""The sample's US tenant on the real engine and provider: provisioned, drifted, changed, refused.

The tests share one tenant. Each begins with what is declared and provisioned, and leaves it so.
"""

import json
import re
from collections.abc import Iterator
from datetime import date, timedelta

import pytest
from ruamel.yaml.comments import CommentedSeq

from tenantry.directory.state import State
from tenantry.roles import DirectoryRole

from .world import Ran, World

TENANT = "us"
pytestmark = [pytest.mark.engine, pytest.mark.xdist_group("engine-us")]

NOBODY_NEW = {
    "AdminAgents": {"ada.nakamura", "bruno.keller", "carla.jensen"},
    "SalesAgents": {"dmitri.okafor", "hiro.tanaka"},
    "HelpdeskAgents": {"emma.lindqvist", "ines.costa"},
}
RIGHT_AND_MUST_BE_CHANGED = "AADSTS50055"
WRONG_PASSWORD = "AADSTS50126"
SIGNED_IN = ("ARM_TENANT_ID", "ARM_CLIENT_ID", "ARM_CLIENT_SECRET")


@pytest.fixture(scope="module")
def first_up(world: World) -> Ran:
    return world.up().ok()


@pytest.fixture(autouse=True)
def as_declared(world: World, first_up: Ran) -> Iterator[None]:
    before = world.tenant_file.read_text()
    yield
    if world.tenant_file.read_text() != before:
        world.tenant_file.write_text(before)
        world.up().ok()


def members(world: World) -> dict[str, set[str]]:
    return {group: world.graph.members(group) for group in NOBODY_NEW}


def test_the_first_up_creates_people_and_roles_and_imports_what_was_there(world: World) -> None:
    assert members(world) == NOBODY_NEW
    assert world.graph.roles_of(world.graph.user(f"grace.mbeki@{world.tenant.domains.initial}")["id"]) == {
        DirectoryRole.USER_ADMINISTRATOR.template_id
    }
    rescue = world.graph.user(f"rescue-1@{world.tenant.domains.initial}")["id"]
    assert world.graph.roles_of(rescue) == {DirectoryRole.GLOBAL_ADMINISTRATOR.template_id}
    assert world.changes() == {"create": 36, "import": 4, "update": 3}


def test_a_second_run_changes_nothing_and_writes_nothing(world: World) -> None:
    with world.writes() as writes:
        assert "unchanged" in world.up().ok().output
        assert world.drift().exit_code == 0
    assert writes == []
    assert world.changes() == {}


def test_a_stranger_and_a_missing_member_are_drift_and_up_repairs_it(world: World) -> None:
    graph = world.graph
    domain = world.tenant.domains.initial
    stranger = graph(
        "POST",
        "/users",
        accountEnabled=True,
        displayName="Mallory",
        mailNickname="mallory",
        userPrincipalName=f"mallory@{domain}",
        passwordProfile={"password": "a-Pass-w0rd-of-hers"},
    )
    group = graph.group_id("AdminAgents")
    carla = graph.user(f"carla.jensen@{domain}")["id"]
    graph("POST", f"/groups/{group}/members/$ref", **{"@odata.id": f"{world.running.url}/v1.0/users/{stranger['id']}"})
    graph("DELETE", f"/groups/{group}/members/{carla}/$ref")

    drift = world.drift()
    assert drift.exit_code == 7, drift.output
    assert "us-AdminAgents" in drift.output
    assert stranger["id"] in drift.output
    assert graph.members("AdminAgents") == {"ada.nakamura", "bruno.keller", "mallory"}

    world.up().ok()
    assert members(world) == NOBODY_NEW
    assert world.drift().exit_code == 0
    graph("DELETE", f"/users/{stranger['id']}")


def test_what_others_edit_is_neither_drift_nor_ever_written(world: World) -> None:
    hiro = world.graph.user(f"hiro.tanaka@{world.tenant.domains.initial}")["id"]
    edited = {
        "ageGroup": "Adult",
        "businessPhones": ["+1 425 555 0110"],
        "city": "Redmond",
        "companyName": "Contoso",
        "consentProvidedForMinor": "NotRequired",
        "country": "US",
        "department": "Sales",
        "employeeId": "4711",
        "employeeOrgData": {"costCenter": "17", "division": "West"},
        "employeeType": "Employee",
        "faxNumber": "+1 425 555 0111",
        "givenName": "Hiro",
        "jobTitle": "Account executive",
        "mailNickname": "hiro",
        "mobilePhone": "+1 425 555 0112",
        "officeLocation": "17/4",
        "otherMails": ["hiro@contoso.com"],
        "passwordPolicies": "DisablePasswordExpiration",
        "postalCode": "98052",
        "preferredLanguage": "en-US",
        "state": "WA",
        "streetAddress": "4567 Main Street",
        "surname": "Tanaka",
        "usageLocation": "US",
        "accountEnabled": False,
    }
    world.graph("PATCH", f"/users/{hiro}", **edited)
    with world.writes() as writes:
        assert world.drift().exit_code == 0
        world.up().ok()
    assert writes == []

    # A change of what is declared sends the provider's whole set of properties: the edits must survive that too.
    with world.declaration() as tenant:
        tenant["people"]["hiro"]["full_name"] = "Hiro Tanaka-Jones"
    world.up().ok()
    now = world.graph("GET", f"/users/{hiro}?$select=displayName,{','.join(edited)}")
    assert now["displayName"] == "Hiro Tanaka-Jones"
    assert {key: now[key] for key in edited} == edited
    world.graph("PATCH", f"/users/{hiro}", accountEnabled=True)


def test_roles_come_and_go_and_a_upn_changes_in_place(world: World) -> None:
    graph, domain = world.graph, world.tenant.domains.initial
    emma = graph.user(f"emma.lindqvist@{domain}")["id"]
    with world.declaration() as tenant:
        tenant["people"]["dmitri"]["roles"].append("Billing admin")
        tenant["people"]["hiro"]["roles"] = CommentedSeq(["Sales agent"])
        tenant["people"]["emma"]["upn"] = f"emma.berg@{domain}"
        tenant["people"]["emma"]["former_upns"] = CommentedSeq([f"emma.lindqvist@{domain}"])
    with world.writes() as writes:
        world.up().ok()
    assert graph.user(f"emma.berg@{domain}")["id"] == emma
    billing = {DirectoryRole.BILLING_ADMINISTRATOR.template_id}
    assert graph.roles_of(graph.user(f"dmitri.okafor@{domain}")["id"]) == billing
    assert graph.roles_of(graph.user(f"hiro.tanaka@{domain}")["id"]) == set()
    assert emma in graph.member_ids("HelpdeskAgents")
    assert world.changes() == {"create": 1, "delete": 1, "update": 1}
    assert sorted(write.split("/")[0] + write.split("/")[2] for write in writes) == [
        "DELETE roleManagement",
        "PATCH users",
        "POST roleManagement",
    ]


def test_a_leaver_loses_everything_and_is_deleted_only_once_they_are_removed(world: World) -> None:
    graph, domain = world.graph, world.tenant.domains.initial
    dmitri = graph.user(f"dmitri.okafor@{domain}")["id"]
    with world.declaration() as tenant:
        tenant["people"]["dmitri"]["state"] = "leaver"
    world.up().ok()
    assert graph("GET", f"/users/{dmitri}?$select=accountEnabled")["accountEnabled"] is False
    assert dmitri not in graph.member_ids("SalesAgents")
    with world.declaration() as tenant:
        del tenant["people"]["dmitri"]
    world.up().ok()
    assert graph.status(f"/users/{dmitri}") == 404


def test_no_account_is_deleted_while_its_person_can_sign_in(world: World) -> None:
    """Not by removing them, by calling the account adopted, or by a program that forgets them."""
    graph, domain = world.graph, world.tenant.domains.initial
    bruno = graph.user(f"bruno.keller@{domain}")["id"]
    before = world.tenant_file.read_text()
    with world.declaration() as tenant:
        tenant["people"]["bruno"]["adopted"] = bruno
        del tenant["people"]["carla"]
    with world.writes() as writes:
        preview, up = world.preview(), world.up()
    for refused in (preview, up):
        assert refused.exit_code != 0
        assert "`people.bruno.adopted` names the account of Bruno Keller" in refused.output
        assert f"this stack made the account of Carla Jensen (carla.jensen@{domain})" in refused.output
        assert "Traceback" not in refused.output
    assert writes == []
    world.tenant_file.write_text(before)

    program = world.program.read_text()
    world.program.write_text(program.replace("PartnerTenant(stack.tenant_name", 'PartnerTenant("renamed"'))
    forgetful = world.preview()
    world.program.write_text(program)
    assert forgetful.exit_code != 0
    assert "protected" in forgetful.output
    assert graph.status(f"/users/{bruno}") == 200


def test_a_role_becomes_eligible_or_limited_to_a_unit_and_a_person_gets_a_new_key(world: World) -> None:
    graph, domain = world.graph, world.tenant.domains.initial
    farid, grace, hiro = (
        graph.user(f"{name}@{domain}")["id"] for name in ("farid.haddad", "grace.mbeki", "hiro.tanaka")
    )
    unit = graph("POST", "/directory/administrativeUnits", displayName="Europe")["id"]
    with world.declaration() as tenant:
        people = tenant["people"]
        people["farid"]["assignments"] = {"Billing Administrator": {"eligible": True}}
        people["grace"]["assignments"] = {"User Administrator": {"administrative_unit": unit}}
        people["hiro-t"] = people.pop("hiro")
        people["hiro-t"]["former_keys"] = ["hiro"]
    passwords = world.outputs()["temporary_passwords"]
    with world.writes() as writes:
        world.up().ok()
    assert not [write for write in writes if "/users" in write]
    assert world.outputs()["temporary_passwords"]["hiro-t"] == passwords["hiro"]
    assert graph.roles_of(farid) == set()
    eligible = graph("GET", f"/roleManagement/directory/roleEligibilitySchedules?$filter=principalId eq '{farid}'")
    assert [one["roleDefinitionId"] for one in eligible["value"]] == [DirectoryRole.BILLING_ADMINISTRATOR.template_id]
    scopes = {
        one["directoryScopeId"]
        for one in graph("GET", "/roleManagement/directory/roleAssignments")["value"]
        if one["principalId"] == grace
    }
    assert scopes == {f"/administrativeUnits/{unit}"}
    assert graph.roles_of(hiro) == {DirectoryRole.BILLING_ADMINISTRATOR.template_id}
    assert world.drift().exit_code == 0


def test_a_change_that_takes_too_much_is_refused_by_name_until_exactly_it_is_approved(world: World) -> None:
    with world.declaration() as tenant:
        for key in ("dmitri", "hiro"):
            tenant["people"][key]["roles"] = CommentedSeq(["Helpdesk agent"])
    with world.writes() as writes:
        refused = world.up()
    assert refused.exit_code != 0
    assert "this change takes SalesAgents from 2 of the 2 who can use it: Dmitri Okafor" in refused.output
    assert "hiro.tanaka@" in refused.output
    assert "Traceback" not in refused.output
    assert writes == []
    (digest,) = set(re.findall(r'override: \{change: "([0-9a-f]{32})"', refused.output))
    with world.declaration() as tenant:
        override = {"change": digest, "reason": "reorganisation", "approved_by": "ada"}
        tenant["limits"] = {"override": {**override, "expires_on": date.today() + timedelta(days=3)}}
    world.preview("--policy-pack", "policies").ok()
    with world.declaration() as tenant:
        tenant["people"]["carla"]["roles"] = CommentedSeq(["Helpdesk agent"])
    assert "this change takes SalesAgents" in world.preview().output, "another change than the approved one"


def test_a_broken_declaration_is_reported_as_a_whole_and_nothing_is_touched(world: World) -> None:
    with world.declaration() as tenant:
        people = tenant["people"]
        people["carla"]["roles"] = CommentedSeq(["Admn agent"])
        people["dmitri"]["fullname"] = "Dmitri"
        del people["emma"]["upn"]
        people["farid"]["email"] = 17
        tenant["country"] = "USA"
    with world.writes() as writes:
        preview = world.preview()
        up = world.up()
    assert (preview.exit_code, up.exit_code) != (0, 0)
    for said in (
        "people.carla.roles[0]: found 'Admn agent'",
        "did you mean `Admin agent`?",
        "people.dmitri.fullname: found the unknown key",
        "did you mean `full_name`?",
        "people.emma.upn: found nothing",
        "people.farid.email: found",
        "country: found 'USA'",
    ):
        assert said in preview.output
        assert said in up.output
    assert "Traceback" not in preview.output
    assert writes == []


def test_the_passwords_of_the_outputs_are_the_accounts_after_any_number_of_runs(world: World) -> None:
    graph, domain = world.graph, world.tenant.domains.initial
    before = world.outputs()["temporary_passwords"]
    assert "ada" not in before
    assert graph.sign_in_error(f"bruno.keller@{domain}", before["bruno"]) == RIGHT_AND_MUST_BE_CHANGED
    assert graph.sign_in_error(f"bruno.keller@{domain}", before["carla"]) == WRONG_PASSWORD

    with world.declaration() as tenant:
        tenant["people"]["bruno"]["password_round"] = 2
    world.up().ok()
    after = world.outputs()["temporary_passwords"]
    assert {key for key in before if before[key] != after[key]} == {"bruno"}
    assert graph.sign_in_error(f"bruno.keller@{domain}", after["bruno"]) == RIGHT_AND_MUST_BE_CHANGED
    assert graph.sign_in_error(f"bruno.keller@{domain}", before["bruno"]) == WRONG_PASSWORD


def test_no_temporary_password_shows_anywhere_but_in_the_secret_output(world: World) -> None:
    passwords = world.outputs()["temporary_passwords"].values()
    with world.declaration() as tenant:
        tenant["people"]["carla"]["password_round"] = 2
        tenant["people"]["carla"]["full_name"] = "Carla Jensen-Roy"
    plan = world.project.root / "plan.json"
    seen = {
        "preview": world.preview("--diff").output,
        "preview --json": world.preview("--json").output,
        "plan": world.preview("--save-plan", str(plan)).output + plan.read_text(),
        "up": world.up().ok().output,
        "output": world.pulumi("stack", "output", "--json").output,
        "export": world.pulumi("stack", "export").output,
        "history": world.pulumi("stack", "history", "--json").output,
        "log": world.pulumi("preview", "--logtostderr", "-v=3").output,
    }
    seen |= {
        str(file): file.read_text("latin-1") for file in world.project.root.rglob(".tenantry/**/*") if file.is_file()
    }
    seen |= {
        str(file): file.read_text("latin-1") for file in (world.project.root / "partners").rglob("*") if file.is_file()
    }
    hunted = {*passwords, *world.outputs()["temporary_passwords"].values()}
    assert len(hunted) == len(set(passwords)) + 1
    leaks = {where for where, text in seen.items() for password in hunted if password in text}
    assert leaks == set()
    assert State(world.project.directory).request_log.name in {file.split("/")[-1] for file in seen}


def test_signed_in_to_another_tenant_is_refused_at_preview(world: World) -> None:
    other = world.environment_of("b2a7d9c4-1e08-4b6f-a7d3-9c5e0f21d720")
    with world.writes() as writes:
        refused = world.preview(**{key: other[key] for key in SIGNED_IN})
    assert refused.exit_code != 0
    assert "Refused: signed in to the tenant b2a7d9c4-1e08-4b6f-a7d3-9c5e0f21d720" in refused.output
    assert "Traceback" not in refused.output
    assert "azuread:index:User" not in refused.output
    assert writes == []


@pytest.mark.parametrize("run_program", ["true", "false"])
def test_an_up_without_preview_on_another_tenant_loses_nothing_from_the_state(world: World, run_program: str) -> None:
    """Also where the engine refreshes before it runs the program: the state is bound to the declared tenant."""
    other = world.environment_of("b2a7d9c4-1e08-4b6f-a7d3-9c5e0f21d720")
    before = world.resources()
    with world.writes() as writes:
        signed_in = {key: other[key] for key in SIGNED_IN}
        refused = world.pulumi("up", "--yes", "--skip-preview", **signed_in, PULUMI_RUN_PROGRAM=run_program)
    assert refused.exit_code != 0
    assert world.resources() == before
    assert writes == []


def test_a_look_alike_of_an_agent_group_is_refused_with_both_ids(world: World) -> None:
    real = world.graph.group_id("AdminAgents")
    body = {"displayName": "Admin Agents", "mailEnabled": False, "mailNickname": "fake", "securityEnabled": True}
    fake = world.graph("POST", "/groups", **body)["id"]
    refused = world.preview()
    world.graph("DELETE", f"/groups/{fake}")
    assert refused.exit_code != 0
    assert "2 groups that are called AdminAgents" in refused.output
    assert real in refused.output
    assert fake in refused.output
    assert "pin it" in refused.output


@pytest.mark.parametrize(
    ("env", "said"),
    [
        ({"ARM_CLIENT_SECRET": "not-the-secret"}, "could not be reached"),
        ({"ARM_METADATA_HOSTNAME": "127.0.0.1:9"}, "could not be reached"),
        ({"ARM_METADATA_HOSTNAME": "login.example.com"}, "for the embedded directory alone"),
    ],
)
def test_a_directory_that_cannot_be_used_is_said_in_a_sentence(world: World, env: dict[str, str], said: str) -> None:
    refused = world.preview(**env)
    assert refused.exit_code != 0
    assert said in refused.output
    assert "Traceback" not in refused.output
    assert "not-the-secret" not in refused.output


def test_up_leaves_the_committed_files_as_they_were(world: World) -> None:
    stack_file = (world.project.root / "Pulumi.dev.yaml").read_text()
    from .world import SOURCE

    assert stack_file == (SOURCE / "Pulumi.dev.yaml").read_text()
    assert json.loads(world.pulumi("stack", "ls", "--json").output)[0]["name"] == "dev"
