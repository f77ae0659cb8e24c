"""A tenant as text, a tenant from text, and the requests counted: also through the command line."""

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from tenantry.cli import app
from tenantry.directory.dump import dump
from tenantry.directory.licences import Licence, has
from tenantry.directory.onboarding import enrol
from tenantry.directory.request_log import counts
from tenantry.directory.seed import SeedError, plant, read
from tenantry.directory.store import Store
from tenantry.engine.directory_process import dumped, seeded
from tenantry.engine.errors import EngineError
from tenantry.engine.paths import Project

from .samples import ADA, CLIENT_SECRET, PASSWORD, UNITED_KINGDOM, UNITED_STATES, Tenant

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
        plant(tenant, read(file))


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
    assert licensed(), "left out, they stay as they are"
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
    wrong = """
    users:
      bob@contoso.example: {displayName: Bob}
      ada@contoso.example: {displayName: Ada}
      eve@elsewhere.example: {displayName: Eve, password: weak}
    groups:
      Ops: {members: [bob@contoso.example, zoe@contoso.example, eve@elsewhere.example, Nothing]}
    roles:
      Emperor: [bob@contoso.example]
      Billing Administrator: [Ops]
    """
    with pytest.raises(SeedError) as raised:
        put(store, tmp_path, wrong)
    assert [line.partition(": ")[0] for line in str(raised.value).splitlines()] == [
        "users.ada@contoso.example",
        "users.eve@elsewhere.example",
        "groups.Ops.members",
        "groups.Ops.members",
        "roles.Emperor",
        "roles.Billing Administrator",
    ]
    assert text_of(store) == before


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("users: {bob@contoso.example: {}}", "users.bob@contoso.example.displayName"),
        ("people: {}", "people: Extra inputs"),
        ("groups: {Ops: {members: bob}}\nroles: {Emperor: 1}", "groups.Ops.members"),
        ("[]", "the file"),
        ("users: {", "cannot be read"),
    ],
)
def test_a_file_of_another_shape_is_refused(tmp_path: Path, text: str, said: str):
    file = tmp_path / "seed.yaml"
    file.write_text(text)
    with pytest.raises(SeedError) as raised:
        read(file)
    assert said in str(raised.value)


def test_a_mistake_does_not_show_the_password(tmp_path: Path):
    file = tmp_path / "seed.yaml"
    file.write_text("users: {bob@contoso.example: {password: [Correct-Horse-9], displayName: Bob}}")
    with pytest.raises(SeedError) as raised:
        read(file)
    assert PASSWORD not in str(raised.value)


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
    with pytest.raises(EngineError, match="already exists"):
        seeded(project, file, UNITED_STATES.tenant_id)
    with pytest.raises(EngineError, match="has no tenant"):
        dumped(project, ADA.object_id)


def test_a_project_without_a_directory_says_so_and_makes_none(tmp_path: Path):
    with pytest.raises(EngineError, match="There is no embedded directory"):
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
