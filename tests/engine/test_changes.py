"""Changes of the sample's US tenant on the real engine and provider: people, roles, names, keys, passwords.

Each test has a copy of the provisioned tenant of its own.
"""

import pytest
from ruamel.yaml.comments import CommentedSeq

from tenantry.directory.state import State
from tenantry.roles import DirectoryRole
from tests.depth import deep

from .world import World, content

pytestmark = [pytest.mark.engine]

RIGHT_AND_MUST_BE_CHANGED = "AADSTS50055"
WRONG_PASSWORD = "AADSTS50126"


@pytest.fixture
def world(own_copy: World) -> World:
    return own_copy


@deep
def test_what_others_edit_is_neither_drift_nor_ever_written(world: World) -> None:
    hiro = world.graph.user(f"hiro.tanaka@{world.tenant.domains.initial}")["id"]
    world.graph.empower()
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


def test_roles_come_and_go_a_upn_changes_in_place_and_a_leaver_goes_in_two_steps(world: World) -> None:
    graph, domain = world.graph, world.tenant.domains.initial
    emma, ines = (graph.user(f"{name}@{domain}")["id"] for name in ("emma.lindqvist", "ines.costa"))
    with world.declaration() as tenant:
        tenant["people"]["dmitri"]["roles"].append("Billing admin")
        tenant["people"]["hiro"]["roles"] = CommentedSeq(["Sales agent"])
        tenant["people"]["emma"]["upn"] = f"emma.berg@{domain}"
        tenant["people"]["emma"]["former_upns"] = CommentedSeq([f"emma.lindqvist@{domain}"])
        tenant["people"]["ines"]["state"] = "leaver"
    with world.writes() as writes:
        world.up().ok()
    assert graph.user(f"emma.berg@{domain}")["id"] == emma
    billing = {DirectoryRole.BILLING_ADMINISTRATOR.template_id}
    assert graph.roles_of(graph.user(f"dmitri.okafor@{domain}")["id"]) == billing
    assert graph.roles_of(graph.user(f"hiro.tanaka@{domain}")["id"]) == set()
    assert graph.member_ids("HelpdeskAgents") == {emma}
    assert graph("GET", f"/users/{ines}?$select=accountEnabled")["accountEnabled"] is False
    assert world.changes() == {"create": 1, "delete": 1, "update": 3}
    assert sorted(write.split("/")[0] + write.split("/")[2] for write in writes) == [
        "DELETE groups",
        "DELETE roleManagement",
        "PATCH groups",
        "PATCH users",
        "PATCH users",
        "POST roleManagement",
    ]

    # The account of a leaver is deleted only once they are removed.
    with world.declaration() as tenant:
        del tenant["people"]["ines"]
        del tenant["ftop"]["customers"]
        tenant["tools"] = {"Power BI": ["ada"]}
    world.up().ok()
    assert graph.status(f"/users/{ines}") == 404


@deep
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
    assert [item["roleDefinitionId"] for item in eligible["value"]] == [DirectoryRole.BILLING_ADMINISTRATOR.template_id]
    scopes = {
        item["directoryScopeId"]
        for item in graph("GET", "/roleManagement/directory/roleAssignments")["value"]
        if item["principalId"] == grace
    }
    assert scopes == {f"/administrativeUnits/{unit}"}
    assert graph.roles_of(hiro) == {DirectoryRole.BILLING_ADMINISTRATOR.template_id}
    assert world.drift().exit_code == 0


def test_the_passwords_of_the_outputs_are_the_accounts_own_and_show_nowhere_else(world: World) -> None:
    graph, upn = world.graph, f"bruno.keller@{world.tenant.domains.initial}"
    graph.empower()
    before = world.outputs()["temporary_passwords"]
    assert "ada" not in before
    assert graph.sign_in_error(upn, before["bruno"]) == RIGHT_AND_MUST_BE_CHANGED
    assert graph.sign_in_error(upn, before["carla"]) == WRONG_PASSWORD

    with world.declaration() as tenant:
        tenant["people"]["bruno"]["password_round"] = 2
        tenant["people"]["bruno"]["full_name"] = "Bruno Keller-Roy"
    plan = world.project.root / "plan.json"
    seen = {
        "preview and its plan": world.preview("--diff", "--save-plan", str(plan)).output + plan.read_text(),
        "preview --json": world.preview("--json").output,
        # An update's own verbose log has what the provider sends, which SECURITY.md says.
        "a preview's log": world.pulumi("preview", "--logtostderr", "-v=3").output,
        "up": world.pulumi("up", "--yes", "--skip-preview").ok().output,
        "output": world.pulumi("stack", "output", "--json").output,
        "export": world.pulumi("stack", "export").output,
        "history": world.pulumi("stack", "history", "--json").output,
    }
    after = world.outputs()["temporary_passwords"]
    assert {key for key in before if before[key] != after[key]} == {"bruno"}
    assert graph.sign_in_error(upn, after["bruno"]) == RIGHT_AND_MUST_BE_CHANGED
    assert graph.sign_in_error(upn, before["bruno"]) == WRONG_PASSWORD

    for folder in (".tenantry", "partners"):
        files = (file for file in (world.project.root / folder).rglob("*") if file.is_file())
        seen |= {str(file): content(file).decode("latin-1") for file in files}
    hunted = {*before.values(), *after.values()}
    assert len(hunted) == len(set(before.values())) + 1
    assert {where for where, text in seen.items() for password in hunted if password in text} == set()
    assert State(world.project.directory).request_log.name in {file.split("/")[-1] for file in seen}
