"""A tenant as text, a tenant from text, and the requests counted: also through the command line."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from tenantry.commands.app import app
from tenantry.declaration import DeclarationError
from tenantry.directory import licences
from tenantry.directory.dump import dump
from tenantry.directory.licences import Licence, has
from tenantry.directory.onboarding import enrol
from tenantry.directory.passwords import is_secret
from tenantry.directory.request_log import counts
from tenantry.directory.resources import Kind
from tenantry.directory.store import Store
from tenantry.directory.tenant import Relation
from tenantry.engine.directory_files import SeedFile
from tenantry.engine.directory_process import dumped, seeded
from tenantry.errors import EngineError
from tenantry.project.paths import Project

from .samples import ADA, CLIENT_SECRET, PASSWORD, UNITED_KINGDOM, UNITED_STATES, USER_ADMINISTRATOR, Tenant

SEED = """
users:
  bob@contoso.example: {displayName: Bob, password: Correct-Horse-9}
  eve@contoso.example: {displayName: Eve, accountEnabled: false}
groups:
  Ops: {members: [bob@contoso.example, eve@contoso.example], owners: [ada@contoso.example]}
  HelpdeskAgents: {members: [Ops]}
  Admins: {isAssignableToRole: true}
roles:
  Billing Administrator: [bob@contoso.example, Admins]
"""


def text_of(store: Store) -> str:
    with store.reading(UNITED_STATES.tenant_id) as tenant:
        return json.dumps(dump(tenant))


def put(store: Store, tmp_path: Path, text: str) -> None:
    file = tmp_path / "seed.yaml"
    file.write_text(text)
    with store.writing(UNITED_STATES.tenant_id) as tenant:
        SeedFile.read(file).plant(tenant)


def by_name(dumped_tenant: Any, kind: str, name: str) -> Any:
    (found,) = [one for one in dumped_tenant[kind] if name in (one.get("displayName"), one.get("userPrincipalName"))]
    return found


def test_a_file_adds_users_groups_memberships_and_roles(store: Store, tmp_path: Path):
    put(store, tmp_path, SEED)
    tenant = json.loads(text_of(store))
    assert by_name(tenant, "users", "bob@contoso.example")["accountEnabled"] is True
    assert by_name(tenant, "users", "eve@contoso.example")["accountEnabled"] is False
    ops = by_name(tenant, "groups", "Ops")
    assert (ops["members"], ops["owners"]) == (["bob@contoso.example", "eve@contoso.example"], [ADA.upn])
    assert by_name(tenant, "groups", "HelpdeskAgents")["members"] == ["Ops"]
    held = {(one["role"], one["principal"], one["scope"]) for one in tenant["roleAssignments"]}
    assert held == {
        ("Global Administrator", ADA.upn, "/"),
        ("Billing Administrator", "bob@contoso.example", "/"),
        ("Billing Administrator", "Admins", "/"),
    }


def test_a_file_says_which_licences_the_tenant_has(store: Store, tmp_path: Path):
    def licensed() -> bool:
        with store.reading(UNITED_STATES.tenant_id) as tenant:
            return has(tenant, Licence.ENTRA_ID_P2)

    put(store, tmp_path, SEED)
    assert licensed(), "left out, they unchanged"
    put(store, tmp_path, "licences: []\n")
    assert not licensed()
    put(store, tmp_path, "groups: {Staff: {}}\n")
    assert not licensed()
    put(store, tmp_path, "licences: [Microsoft Entra ID P2]\n")
    assert licensed()


def test_what_a_file_added_is_in_the_audit_trail(store: Store, tmp_path: Path, tenant: Tenant):
    put(store, tmp_path, SEED)
    entries = tenant.get("/v1.0/auditLogs/directoryAudits")["value"]
    assert {entry["initiatedBy"]["app"]["displayName"] for entry in entries} == {"tenantry directory seed"}
    assert [entry["activityDisplayName"] for entry in entries].count("Add user") == 2
    assert PASSWORD not in json.dumps(entries)


def test_all_mistakes_are_said_at_once_and_nothing_is_added(store: Store, tmp_path: Path):
    before = text_of(store)
    wrong = """users:
  bob@contoso.example: {displayName: Bob, password: weak}
  ada@contoso.example: {displayName: Ada}
  eve@elsewhere.example: {displayName: Eve}
groups:
  Ops:
    members: [bob@contoso.example, zoe@contoso.example, eve@elsewhere.example, Nothing]
    owners: [Ops]
roles:
  Billing Admin: [bob@contoso.example]
  Emperor: []
  Billing Administrator: [Ops]
licences: []
"""
    with pytest.raises(DeclarationError) as raised:
        put(store, tmp_path, wrong)
    file = tmp_path / "seed.yaml"
    new_user = (
        "expected: a new user principal name in a verified domain of the tenant. "
        "Fix: correct it, or remove it if the user is there"
    )
    somebody = (
        "expected: a user, guest, group or application, of the tenant or of this file, that can be put there. "
        "Fix: correct it, remove it, or write it under `users`, `guests`, `groups` or `applications`"
    )
    assert str(raised.value).splitlines() == [
        f"{file}:2:53: users.bob@contoso.example.password: found a password, which is refused (The specified password "
        "does not comply with password complexity requirements. Please provide a different password.); expected: 8 to "
        "256 characters, of three kinds among lower case, upper case, digits and symbols. Fix: write another, or "
        "leave it out",
        f"{file}:3:3: users.ada@contoso.example: found 'ada@contoso.example', which is refused (Another object with "
        f"the same value for property userPrincipalName already exists.); {new_user}",
        f"{file}:4:3: users.eve@elsewhere.example: found 'eve@elsewhere.example', which is refused (The domain portion "
        "of the userPrincipalName property is invalid. You must use one of the verified domain names in your "
        f"organization.); {new_user}",
        f"{file}:7:36: groups.Ops.members[1]: found 'zoe@contoso.example', which is no user of the tenant or of this "
        f"file; {somebody}",
        f"{file}:7:80: groups.Ops.members[3]: found 'Nothing', which is no group or application of the tenant or of "
        f"this file; {somebody}",
        f"{file}:8:14: groups.Ops.owners[0]: found 'Ops', which is refused (Invalid reference: the object cannot be "
        f"among the owners of this object.); {somebody}",
        f"{file}:10:3: roles.Billing Admin: found 'Billing Admin'; expected: a built-in role of Microsoft Entra ID, by "
        "its name. Fix: did you mean `Billing Administrator`?",
        f"{file}:11:3: roles.Emperor: found 'Emperor'; expected: a built-in role of Microsoft Entra ID, by its name. "
        "Fix: choose one, such as `Billing Administrator`",
        f"{file}:12:27: roles.Billing Administrator[0]: found 'Ops', which is refused (Groups without "
        f"IsAssignableToRole property set cannot be assigned to roles.); {somebody}",
    ]
    assert text_of(store) == before


def test_a_mistake_is_said_of_everything_that_a_file_can_hold(store: Store, tmp_path: Path):
    before = text_of(store)
    wrong = """users:
  bob@contoso.example: {displayName: Bob, licences: [Microsoft Entra ID P1], manager: zoe@contoso.example}
guests:
  eve: {displayName: Eve}
deletedUsers:
  - {userPrincipalName: old@elsewhere.example, displayName: Old}
  - {userPrincipalName: one@contoso.example, displayName: One, memberOf: [Nothing], roles: [Emperor]}
groups:
  Ops: {membershipRule: user.city -eq null, members: [bob@contoso.example]}
  Panel: {}
applications:
  Panel: {}
  Backup:
    owners: [Nothing]
    permissions: [User.Reed.All]
    federatedCredentials: {main: {issuer: x, subject: y, audiences: []}}
administrativeUnits:
  Oslo: {members: [Backup], roles: {Emperor: [bob@contoso.example]}}
eligibleRoles:
  Billing Administrator: [Panel, Ops]
"""
    with pytest.raises(DeclarationError) as raised:
        put(store, tmp_path, wrong)
    said = {line.partition(": found")[0].partition("seed.yaml:")[2]: line for line in str(raised.value).splitlines()}
    assert list(said) == [
        "2:54: users.bob@contoso.example.licences[0]",
        "2:87: users.bob@contoso.example.manager",
        "4:3: guests.eve",
        "6:25: deletedUsers[0].userPrincipalName",
        "7:75: deletedUsers[1].memberOf[0]",
        "7:93: deletedUsers[1].roles[0]",
        "9:55: groups.Ops.members[0]",
        "14:14: applications.Backup.owners[0]",
        "15:19: applications.Backup.permissions[0]",
        "16:28: applications.Backup.federatedCredentials.main",
        "18:20: administrativeUnits.Oslo.members[0]",
        "18:37: administrativeUnits.Oslo.roles.Emperor",
        "20:27: eligibleRoles.Billing Administrator[0]",
        "20:34: eligibleRoles.Billing Administrator[1]",
    ]
    assert said["15:19: applications.Backup.permissions[0]"].endswith("Fix: did you mean `User.Read.All`?")
    assert "which 2 groups and applications are called" in said["20:27: eligibleRoles.Billing Administrator[0]"]
    licence = said["2:54: users.bob@contoso.example.licences[0]"]
    assert "found 'Microsoft Entra ID P1', which is refused (License assignment cannot be done" in licence
    assert text_of(store) == before


@pytest.mark.parametrize("manager", ["Ops", "bob@contoso.example", "old@contoso.example"])
def test_who_leads_somebody_is_another_user_of_the_tenant(store: Store, tmp_path: Path, manager: str):
    text = f"""groups: {{Ops: {{}}}}
deletedUsers: [{{userPrincipalName: old@contoso.example, displayName: Old}}]
users: {{bob@contoso.example: {{displayName: Bob, manager: {manager}}}}}
"""
    with pytest.raises(DeclarationError, match=r"users\.bob@contoso\.example\.manager: found '"):
        put(store, tmp_path, text)


def test_who_was_deleted_had_somebody_who_led_them(store: Store, tmp_path: Path):
    deleted = "userPrincipalName: old@contoso.example, displayName: Old"
    put(store, tmp_path, f"deletedUsers: [{{{deleted}, manager: ada@contoso.example}}]\n")
    with store.writing(UNITED_STATES.tenant_id) as opened:
        (old,) = opened.scan_deleted(Kind.USER)
        assert [one.id for one in opened.targets(old.id, Relation.MANAGER)] == [ADA.object_id]
    with pytest.raises(DeclarationError, match=r"deletedUsers\[0\]\.manager: found 'zoe@contoso\.example'"):
        put(store, tmp_path, f"deletedUsers: [{{{deleted}, manager: zoe@contoso.example}}]\n")


def test_a_tenant_has_both_licences_and_somebody_either_or_both(store: Store, tmp_path: Path, tenant: Tenant):
    put(
        store,
        tmp_path,
        """licences: [Microsoft Entra ID P2, Microsoft Entra ID P1]
users:
  bob@contoso.example: {displayName: Bob, usageLocation: US, licences: [Microsoft Entra ID P1, Microsoft Entra ID P2]}
  eva@contoso.example: {displayName: Eva, usageLocation: US, licences: [Microsoft Entra ID P1]}
""",
    )
    with store.reading(UNITED_STATES.tenant_id) as opened:
        bought = {one.part_number: licences.consumed(opened, one.sku_id) for one in licences.owned(opened)}
    assert bought == {"AAD_PREMIUM": 2, "AAD_PREMIUM_P2": 1}
    put(store, tmp_path, "licences: [Microsoft Entra ID P1]\n")
    with store.reading(UNITED_STATES.tenant_id) as opened:
        bought = {one.part_number: licences.consumed(opened, one.sku_id) for one in licences.owned(opened)}
    assert bought == {"AAD_PREMIUM": 2}


def test_a_store_that_knows_the_plans_alone_has_what_contains_them(store: Store):
    with store.writing(UNITED_STATES.tenant_id) as opened:
        for licence, part in ((Licence.ENTRA_ID_P1, "AAD_PREMIUM"), (Licence.ENTRA_ID_P2, "AAD_PREMIUM_P2")):
            licences.give(opened, [licence])
            for kept in [*opened.scan(Kind.SUBSCRIBED_SKU)]:
                opened.remove(kept)
            assert [one.part_number for one in licences.owned(opened)] == [part]


def test_without_the_licence_nobody_is_eligible_by_a_file_either(store: Store, tmp_path: Path):
    with pytest.raises(DeclarationError, match="needs to have Microsoft Entra ID P2"):
        put(store, tmp_path, "licences: []\neligibleRoles: {Billing Administrator: [ada@contoso.example]}\n")


def test_what_is_in_the_documentation_can_be_put_into_a_tenant(
    store: Store, tmp_path: Path, tenant: Tenant, root: Path
):
    page = (root / "docs/directory.md").read_text(encoding="utf-8")
    (example,) = [block.partition("```")[0] for block in page.split("```yaml\n")[1:]]
    put(store, tmp_path, example)
    (support,) = tenant.ids("/v1.0/groups?$filter=displayName eq 'Support'")
    assert tenant.ids(f"/v1.0/groups/{support}/members") == tenant.ids(
        "/v1.0/users?$filter=userPrincipalName eq 'bob@contoso.example'"
    )


def test_a_client_secret_of_a_file_signs_in_unless_it_is_unknown(store: Store, tmp_path: Path):
    put(
        store,
        tmp_path,
        "applications: {Job: {passwords: {now: {secret: of-the-job-0123456789}, lost: {expires: 2020-01-01}}}}\n",
    )
    with store.reading(UNITED_STATES.tenant_id) as opened:
        (job,) = [one for one in opened.scan(Kind.APPLICATION) if one.document["displayName"] == "Job"]
        kept = job.document["passwordCredentials"]
        assert isinstance(kept, list)
        key_ids = {str(one["displayName"]): one["keyId"] for one in kept if isinstance(one, dict)}
        secret = opened.secret(f"{job.id}/{key_ids['now']}")
        assert secret is not None
        assert is_secret("of-the-job-0123456789", secret.hash)
        assert opened.secret(f"{job.id}/{key_ids['lost']}") is None
    assert "of-the-job" not in text_of(store)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "users: {bob@contoso.example: {}}",
            "1:30: users.bob@contoso.example.displayName: found nothing; expected: `displayName`, which is required. "
            "Fix: add `displayName:`",
        ),
        (
            "users: {bob@contoso.example: {displayName: ''}}",
            "1:44: users.bob@contoso.example.displayName: found the text ''; expected: text of at least 1 character. "
            "Fix: write more",
        ),
        (
            "people: {}",
            "1:1: people: found the unknown key 'people'; expected: one of: administrativeUnits, applications, "
            "deletedUsers, eligibleRoles, groups, guests, licences, relationships, roles, users. Fix: remove it",
        ),
        (
            "groups:\n  Ops: {members: bob}\nroles: {Emperor: 1}",
            "2:18: groups.Ops.members: found the text 'bob'; expected: a list. "
            "Fix: `members` needs a list: `members: [bob]`\n"
            "{file}:3:18: roles.Emperor: found the number 1; expected: a list. "
            "Fix: `Emperor` needs a list: `Emperor: […]`",
        ),
        (
            "licences: [Entra ID P2]",
            "1:12: licences[0]: found 'Entra ID P2'; expected: one of: Microsoft Entra ID P1, Microsoft Entra ID P2. "
            "Fix: did you mean `Microsoft Entra ID P2`?",
        ),
        (
            "users: []",
            "1:8: users: found an empty list; expected: names. "
            "Fix: `users` needs names: `users: {name: {displayName: …}}`",
        ),
        ("[]", "1:1: found an empty list; expected: fields and values. Fix: begin with `field: value`"),
        ("", "1:1: found an empty file; expected: fields and values. Fix: write the fields, or remove the file"),
    ],
)
def test_a_file_of_another_shape_is_refused_with_its_place_and_how_to_mend_it(tmp_path: Path, text: str, said: str):
    file = tmp_path / "seed.yaml"
    file.write_text(text)
    with pytest.raises(DeclarationError) as raised:
        SeedFile.read(file)
    assert str(raised.value) == f"{file}:{said.replace('{file}', str(file))}"


@pytest.mark.parametrize("password", ["[Correct-Horse-9]", "{Correct-Horse-9: 1}"])
def test_a_mistake_does_not_show_the_password(tmp_path: Path, password: str):
    file = tmp_path / "seed.yaml"
    file.write_text(f"users:\n  bob@contoso.example:\n    displayName: Bob\n    password: {password}\n")
    with pytest.raises(DeclarationError) as raised:
        SeedFile.read(file)
    assert "Correct-Horse-9" not in str(raised.value)


def test_two_directories_with_the_same_in_them_dump_the_same(store: Store, tmp_path: Path):
    other = Store()
    enrol(other, UNITED_STATES, "another secret")
    put(store, tmp_path, SEED)
    put(other, tmp_path, "groups: {Ops: {}, Admins: {isAssignableToRole: true}}\n")
    put(other, tmp_path, SEED)
    assert text_of(other) == text_of(store)
    other.close()


def test_a_difference_is_seen(store: Store, tmp_path: Path, tenant: Tenant):
    put(store, tmp_path, SEED)
    before = text_of(store)
    (bob,) = tenant.ids("/v1.0/users?$filter=userPrincipalName eq 'bob@contoso.example'")
    tenant.patch(f"/v1.0/users/{bob}", {"city": "Oslo"})
    assert text_of(store) != before
    tenant.patch(f"/v1.0/users/{bob}", {"city": None})
    assert text_of(store) == before


def test_what_has_ended_is_not_dumped(store: Store, tenant: Tenant):
    before = text_of(store)
    roles = "/v1.0/roleManagement/directory"
    for way in ("Eligibility", "Assignment"):
        tenant.post(
            f"{roles}/role{way}ScheduleRequests",
            {
                "action": "adminAssign",
                "directoryScopeId": "/",
                "justification": "on call",
                "principalId": ADA.object_id,
                "roleDefinitionId": USER_ADMINISTRATOR,
                "scheduleInfo": {"expiration": {"type": "afterDuration", "duration": "P1D"}},
            },
        )
    shown = json.loads(text_of(store))
    assert len(shown["roleManagement/directory/roleEligibilitySchedules"]) == 1
    store.ahead = timedelta(days=46)
    left = json.loads(text_of(store))
    role = {"displayName": "User Administrator"}
    assert role.items() <= left["directoryRoles"].pop().items(), "the role stays activated"
    assert left == json.loads(before)


def test_no_secret_and_no_hash_is_dumped(store: Store, tmp_path: Path, tenant: Tenant):
    put(store, tmp_path, SEED)
    (own,) = tenant.ids("/v1.0/servicePrincipals?$filter=displayName eq 'Tenantry deployment'")
    _, password = tenant.graph.request("POST", f"/v1.0/servicePrincipals/{own}/addPassword", {})
    text = text_of(store)
    with store.reading(UNITED_STATES.tenant_id) as opened:
        kept = opened.secret(own)
        assert kept is not None
    for secret in (PASSWORD, CLIENT_SECRET, str(password["secretText"]), str(password["keyId"]), kept.hash):
        assert secret not in text
    assert "passwordCredentials" not in text


# --- of a project


@pytest.fixture
def project(tmp_path: Path) -> Project:
    tmp_path.joinpath("Pulumi.yaml").touch()
    project = Project(tmp_path)
    project.directory.mkdir(parents=True)
    store = Store(project.directory / "directory.sqlite")
    for enrolment in (UNITED_STATES, UNITED_KINGDOM):
        enrol(store, enrolment, CLIENT_SECRET)
    store.close()
    return project


def test_a_project_is_seeded_in_the_tenant_that_is_named(project: Project, tmp_path: Path):
    file = tmp_path / "seed.yaml"
    file.write_text(SEED)
    before: Any = dumped(project)
    with pytest.raises(EngineError, match="Name a tenant"):
        seeded(project, file)
    assert seeded(project, file, UNITED_STATES.tenant_id) == UNITED_STATES.tenant_id
    after: Any = dumped(project)
    assert after[UNITED_KINGDOM.tenant_id] == before[UNITED_KINGDOM.tenant_id]
    assert list(dumped(project, UNITED_STATES.tenant_id)) == [UNITED_STATES.tenant_id]
    assert by_name(after[UNITED_STATES.tenant_id], "groups", "Ops")
    with pytest.raises(DeclarationError, match="already exists"):
        seeded(project, file, UNITED_STATES.tenant_id)
    with pytest.raises(EngineError, match="has no tenant"):
        dumped(project, ADA.object_id)


def test_a_project_without_a_directory_says_so_and_makes_none(tmp_path: Path):
    with pytest.raises(EngineError, match="has no embedded directory"):
        dumped(Project(tmp_path))
    assert list(tmp_path.iterdir()) == []


def test_the_commands_print_it(project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(project.root)
    file = tmp_path / "seed.yaml"
    file.write_text(SEED)
    run = CliRunner().invoke
    seed = run(app, ["directory", "seed", str(file), "--tenant", UNITED_STATES.tenant_id])
    assert (seed.exit_code, UNITED_STATES.tenant_id in seed.output) == (0, True)
    printed = run(app, ["directory", "dump", "--tenant", UNITED_STATES.tenant_id])
    assert json.loads(printed.stdout) == dumped(project, UNITED_STATES.tenant_id)
    project.directory.joinpath("requests.log").write_text("GET /v1.0/users 200\n" * 12)
    counted = run(app, ["directory", "log"])
    assert "12" in counted.stdout
    assert "/v1.0/users" in counted.stdout


def test_requests_are_counted_by_kind(tmp_path: Path):
    log = tmp_path / "requests.log"
    assert counts(log) == {}
    log.write_text(
        f"GET /v1.0/users/{ADA.object_id} 200\n"
        "GET /v1.0/users/ada@contoso.example 404\n"
        "GET /beta/users/ada@contoso.example 200\n"
        "PATCH /v1.0/users/ada@contoso.example 204\n"
        "POST /beta/groups/g/members/$ref 204\n"
        f"POST /{UNITED_STATES.tenant_id}/oauth2/v2.0/token 200\n"
        "GET /v1.0/some%0Ething 501\n"
    )
    assert counts(log) == {
        ("GET", "/v1.0/users/{user}"): 2,
        ("GET", "/beta/users/{user}"): 1,
        ("PATCH", "/v1.0/users/{user}"): 1,
        ("POST", "/beta/groups/{group}/members/$ref"): 1,
        ("POST", "/{tenant}/oauth2/v2.0/token"): 1,
        ("GET", "/v1.0/some%0Ething"): 1,
    }
