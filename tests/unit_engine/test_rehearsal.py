"""The rehearsal of the sample's US tenant: the same program and rules, applied to the embedded directory in process."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedSeq

from tenantry.directory.enrolment import deployment_principal_id
from tenantry.directory.local import LocalGraph
from tenantry.directory.onboarding import open_store
from tenantry.directory.state import State
from tenantry.engine import rehearsal
from tenantry.engine.enrolments import declared_enrolments
from tenantry.engine.rehearsal import RehearsalError, password_secret
from tenantry.passwords import temporary_password
from tenantry.project.paths import Project
from tenantry.project.stacks import declared_stack
from tenantry.roles import DirectoryRole
from tenantry.sensitive_actions import PRIVILEGED_AUTHENTICATION_ADMINISTRATOR

SOURCE = Path(__file__).resolve().parents[2]
TENANT_ID = "6f1f7c0e-52a3-4d0b-9e57-2b8b9f4c1a10"
DOMAIN = "contoso-partner.onmicrosoft.com"
ASSIGNMENTS = "/v1.0/roleManagement/directory/roleAssignments"
PROGRAM = ("Pulumi.yaml", "Pulumi.dev.yaml", "__main__.py", "components", "partners")


class Rehearsed:
    """A copy of the project that is rehearsed on a directory of its own."""

    def __init__(self, root: Path) -> None:
        self.project = Project(root)
        self.tenant_file = root / "partners" / "contoso" / "tenants" / "us.yaml"

    @contextmanager
    def graph(self) -> Iterator[LocalGraph]:
        """Somebody else at work in the tenant."""
        store = open_store(State(self.project.directory), declared_enrolments(self.project))
        try:
            with LocalGraph(store, TENANT_ID) as graph:
                yield graph
        finally:
            store.close()

    def empower(self) -> None:
        """Give the deploying application the directory role for sensitive actions on administrators."""
        with self.graph() as graph:
            own = deployment_principal_id(TENANT_ID)
            body = {"principalId": own, "roleDefinitionId": PRIVILEGED_AUTHENTICATION_ADMINISTRATOR.template_id}
            path = "/v1.0/roleManagement/directory/roleAssignments"
            assert graph.request("POST", path, {**body, "directoryScopeId": "/"})[0] == 201

    @contextmanager
    def people(self) -> Iterator[Any]:
        yaml = YAML()
        document = yaml.load(self.tenant_file)
        yield document["people"]
        yaml.dump(document, self.tenant_file)

    def members(self, name: str) -> set[str]:
        with self.graph() as graph:
            groups = items(graph, f"/beta/groups?$filter=displayName eq '{name}'")
            return {
                m["userPrincipalName"].split("@")[0] for m in items(graph, f"/beta/groups/{groups[0]['id']}/members")
            }


def items(graph: LocalGraph, path: str) -> list[dict[str, Any]]:
    answer: dict[str, Any] = dict(graph.request("GET", path)[1])
    return list(answer["value"])


def user_id(graph: LocalGraph, name: str) -> str:
    return str(items(graph, f"/v1.0/users?$filter=userPrincipalName eq '{name}@{DOMAIN}'")[0]["id"])


@pytest.fixture(scope="module")
def first_run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("first")
    for name in PROGRAM:
        source = SOURCE / name
        (shutil.copytree if source.is_dir() else shutil.copy)(source, root / name)
    assert rehearsal.up(Project(root), "dev") == 0
    return root


@pytest.fixture
def rehearsed(first_run: Path, tmp_path: Path) -> Rehearsed:
    """A project that was rehearsed once, for one test alone."""
    return Rehearsed(Path(shutil.copytree(first_run, tmp_path / "project")))


def test_the_first_run_gives_everybody_what_is_declared(rehearsed: Rehearsed) -> None:
    assert rehearsed.members("AdminAgents") == {"ada.nakamura", "bruno.keller", "carla.jensen"}
    assert rehearsed.members("SalesAgents") == {"dmitri.okafor", "hiro.tanaka"}
    assert rehearsed.members("HelpdeskAgents") == {"emma.lindqvist", "ines.costa"}
    with rehearsed.graph() as graph:
        assignments = items(graph, "/v1.0/roleManagement/directory/roleAssignments")
    assert len(assignments) == 7


def test_a_second_run_says_that_nothing_changes(rehearsed: Rehearsed, capsys: pytest.CaptureFixture[str]) -> None:
    assert rehearsal.up(rehearsed.project, "dev") == 0
    assert capsys.readouterr().out == "Rehearsal: nothing changes; 23 unchanged.\n"


def test_a_leaver_is_removed_and_disabled(rehearsed: Rehearsed, capsys: pytest.CaptureFixture[str]) -> None:
    rehearsed.empower()
    with rehearsed.people() as people:
        people["hiro"]["state"] = "leaver"
    assert rehearsal.up(rehearsed.project, "dev") == 0
    output = capsys.readouterr().out
    assert f"members: - hiro.tanaka@{DOMAIN}" in output
    assert "- delete  us-billing-administrator-hiro" in output
    assert rehearsed.members("SalesAgents") == {"dmitri.okafor"}
    with rehearsed.graph() as graph:
        path = f"/v1.0/users/{user_id(graph, 'hiro.tanaka')}?$select=accountEnabled"
        assert graph.request("GET", path)[1]["accountEnabled"] is False


def test_a_preview_changes_nothing(rehearsed: Rehearsed) -> None:
    with rehearsed.people() as people:
        people["carla"]["state"] = "leaver"
    assert rehearsal.preview(rehearsed.project, "dev") == 0
    assert "carla.jensen" in rehearsed.members("AdminAgents")


def test_an_out_of_band_change_is_drift_by_name(rehearsed: Rehearsed, capsys: pytest.CaptureFixture[str]) -> None:
    with rehearsed.graph() as graph:
        group = items(graph, "/beta/groups?$filter=displayName eq 'AdminAgents'")[0]["id"]
        emma, carla = user_id(graph, "emma.lindqvist"), user_id(graph, "carla.jensen")
        target = {"@odata.id": f"https://localhost/v1.0/directoryObjects/{emma}"}
        assert graph.request("POST", f"/beta/groups/{group}/members/$ref", {**target})[0] == 204
        assert graph.request("DELETE", f"/beta/groups/{group}/members/{carla}/$ref")[0] == 204
    assert rehearsal.drift(rehearsed.project, "dev") == 7
    output = capsys.readouterr().out
    assert "us-AdminAgents" in output
    assert f"members: - emma.lindqvist@{DOMAIN}" in output
    assert f"members: + carla.jensen@{DOMAIN}" in output

    assert rehearsal.up(rehearsed.project, "dev") == 0
    assert rehearsal.drift(rehearsed.project, "dev") == 0


def test_what_others_edit_is_neither_drift_nor_written(rehearsed: Rehearsed) -> None:
    rehearsed.empower()
    with rehearsed.graph() as graph:
        hiro = user_id(graph, "hiro.tanaka")
        assert graph.request("PATCH", f"/v1.0/users/{hiro}", {"department": "Sales", "accountEnabled": False})[0] == 204
    assert rehearsal.drift(rehearsed.project, "dev") == 0
    with rehearsed.people() as people:
        people["hiro"]["full_name"] = "Hiro Tanaka-Jones"
    assert rehearsal.up(rehearsed.project, "dev") == 0
    with rehearsed.graph() as graph:
        now = graph.request("GET", f"/v1.0/users/{hiro}?$select=displayName,department,accountEnabled")[1]
    assert (now["displayName"], now["department"], now["accountEnabled"]) == ("Hiro Tanaka-Jones", "Sales", False)


def test_a_rule_that_blocks_leaves_the_tenant_as_it_was(
    rehearsed: Rehearsed, capsys: pytest.CaptureFixture[str]
) -> None:
    with rehearsed.people() as people:
        people["carla"]["email"] = "carla@hotmail.com"
        people["dmitri"]["roles"] = CommentedSeq(["Admin agent"])
    assert rehearsal.up(rehearsed.project, "dev") == 1
    assert "[PT-301] Carla Jensen" in capsys.readouterr().out
    assert "dmitri.okafor" not in rehearsed.members("AdminAgents")


def test_an_undeclared_account_in_the_program_is_refused_by_the_same_rules(
    rehearsed: Rehearsed, capsys: pytest.CaptureFixture[str]
) -> None:
    program = rehearsed.project.root / "__main__.py"
    program.write_text(
        program.read_text()
        + "import pulumi_azuread as azuread\n"
        + "azuread.DirectoryRoleAssignment('mallory', role_id='62e90394-69f5-4237-9190-012177145e10',"
        + " principal_object_id='7d3fa1c2-0b7e-4a55-9a53-0f6f3b1f0c11')\n"
    )
    assert rehearsal.up(rehearsed.project, "dev") == 1
    output = capsys.readouterr().out
    assert "[PT-108]" in output
    assert "7d3fa1c2-0b7e-4a55-9a53-0f6f3b1f0c11" in output


def join(graph: LocalGraph, group: str, member: str) -> None:
    found = items(graph, f"/beta/groups?$filter=displayName eq '{group}'")[0]["id"]
    target = {"@odata.id": f"https://localhost/v1.0/directoryObjects/{member}"}
    assert graph.request("POST", f"/beta/groups/{found}/members/$ref", {**target})[0] == 204


def account(graph: LocalGraph, name: str) -> str:
    body: dict[str, Any] = {
        "accountEnabled": True,
        "displayName": name.title(),
        "mailNickname": name,
        "userPrincipalName": f"{name}@{DOMAIN}",
        "passwordProfile": {"password": "a-Pass-w0rd-of-theirs"},
    }
    status, made = graph.request("POST", "/v1.0/users", body)
    assert status == 201
    return str(made["id"])


def assign(graph: LocalGraph, principal: str, role: DirectoryRole) -> str:
    body: dict[str, Any] = {"principalId": principal, "roleDefinitionId": role.template_id, "directoryScopeId": "/"}
    status, made = graph.request("POST", ASSIGNMENTS, body)
    assert status == 201
    return str(made["id"])


def test_a_tenant_that_others_changed_is_refused_as_the_program_refuses_it(rehearsed: Rehearsed) -> None:
    with rehearsed.graph() as graph:
        undeclared_accounts = [account(graph, name) for name in ("mallory", "trent")]
        for undeclared in undeclared_accounts:
            join(graph, "AdminAgents", undeclared)
        given = assign(graph, undeclared_accounts[0], DirectoryRole.BILLING_ADMINISTRATOR)
    with rehearsed.people() as people:
        mallory = {"full_name": "Mallory", "upn": f"mallory@{DOMAIN}", "email": "mallory@contoso.com"}
        people["mallory"] = {**mallory, "roles": ["Billing admin"], "adopted": undeclared_accounts[0]}
    with pytest.raises(RehearsalError) as refused:
        rehearsal.up(rehearsed.project, "dev")
    message = str(refused.value)
    for undeclared in ("Mallory", "Trent"):
        assert f"{undeclared} ({undeclared.lower()}@{DOMAIN})" in message
    assert "this change removes AdminAgents from" in message
    assert f"pins: {{role_assignments: {{Billing Administrator: {given}}}}}" in message
    assert {"mallory", "trent"} <= rehearsed.members("AdminAgents")
    assert rehearsal.drift(rehearsed.project, "dev") == 7, "what only guards an update hides no drift"


def test_what_is_worth_saying_and_no_reason_to_refuse_is_a_warning(
    rehearsed: Rehearsed, capsys: pytest.CaptureFixture[str]
) -> None:
    with rehearsed.people() as people:
        people["ada"] |= {"upn": f"ada.sato@{DOMAIN}", "former_upns": CommentedSeq([f"ada.nakamura@{DOMAIN}"])}
    assert rehearsal.preview(rehearsed.project, "dev") == 0
    assert "signs in by a former name still" in capsys.readouterr().out


def test_a_role_over_a_unit_is_given_there_and_nowhere_else(
    rehearsed: Rehearsed, capsys: pytest.CaptureFixture[str]
) -> None:
    def scopes() -> list[str]:
        with rehearsed.graph() as graph:
            grace = user_id(graph, "grace.mbeki")
            return [item["directoryScopeId"] for item in items(graph, ASSIGNMENTS) if item["principalId"] == grace]

    assert scopes() == ["/"]
    with rehearsed.graph() as graph:
        unit = graph.request("POST", "/v1.0/directory/administrativeUnits", {"displayName": "Field"})[1]["id"]
    with rehearsed.people() as people:
        people["grace"]["assignments"] = {"User Administrator": {"administrative_unit": unit}}
    assert rehearsal.up(rehearsed.project, "dev") == 0
    assert f"directoryScopeId: / -> /administrativeUnits/{unit}" in capsys.readouterr().out
    assert scopes() == [f"/administrativeUnits/{unit}"]
    assert rehearsal.drift(rehearsed.project, "dev") == 0


def test_a_resource_type_that_it_does_not_know_is_refused(rehearsed: Rehearsed) -> None:
    program = rehearsed.project.root / "__main__.py"
    program.write_text(
        program.read_text() + "import pulumi_azuread as azuread\nazuread.Application('app', display_name='App')\n"
    )
    with pytest.raises(RehearsalError, match="does not support azuread:index/application:Application"):
        rehearsal.up(rehearsed.project, "dev")


def test_relationships_with_customers_are_left_out_by_number_and_their_groups_are_made(
    rehearsed: Rehearsed, capsys: pytest.CaptureFixture[str]
) -> None:
    customers = rehearsed.tenant_file.parents[1] / "customers"
    shutil.copytree(SOURCE / "examples/adatum/customers", customers)
    file = customers / "us.yaml"
    people = file.read_text().replace("[pia, rosa]", "[emma]").replace("[quinn, rosa]", "[emma, ines]")
    file.write_text(people)
    for command in (rehearsal.preview, rehearsal.up, rehearsal.drift):
        assert command(rehearsed.project, "dev") == 0
        out = capsys.readouterr().out
        assert "warning: not rehearsed: 50 relationships with customers (GDAP)" in out, out
    assert "No drift" in out
    assert rehearsed.members("GDAP Service Desk") == {"emma.lindqvist", "ines.costa"}


@pytest.mark.parametrize(
    ("role", "reason"),
    [
        (None, "is pinned to .*, which does not exist"),
        (DirectoryRole.USER_ADMINISTRATOR, "is imported and would be replaced"),
    ],
)
def test_an_import_of_another_or_a_missing_assignment_is_refused(
    rehearsed: Rehearsed, role: DirectoryRole | None, reason: str
) -> None:
    with rehearsed.graph() as graph:
        emma = user_id(graph, "emma.lindqvist")
        given = assign(graph, emma, role) if role else "no-such-assignment"
    program = rehearsed.project.root / "__main__.py"
    program.write_text(
        program.read_text()
        + "import pulumi\nimport pulumi_azuread as azuread\n"
        + f"azuread.DirectoryRoleAssignment('emma', principal_object_id='{emma}',"
        + f" role_id='{DirectoryRole.BILLING_ADMINISTRATOR.template_id}',"
        + f" opts=pulumi.ResourceOptions(import_='{given}'))\n"
    )
    with pytest.raises(RehearsalError, match=reason):
        rehearsal.preview(rehearsed.project, "dev")
    if role:
        assert rehearsal.drift(rehearsed.project, "dev") == rehearsal.DRIFTED, "to look, nothing stands in the way"


def test_a_directory_that_fails_is_not_read_as_a_difference(
    rehearsed: Rehearsed, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer = LocalGraph.request

    def failing(graph: LocalGraph, method: str, path: str, *rest: Any) -> tuple[int, dict[str, Any]]:
        if method == "GET" and "/roleAssignments/" in path:
            return 503, {"error": {"code": "ServiceUnavailable", "message": "Try again later."}}
        return answer(graph, method, path, *rest)

    monkeypatch.setattr(LocalGraph, "request", failing)
    with pytest.raises(RehearsalError, match=r"refused GET .*roleAssignments.*: Try again later"):
        rehearsal.drift(rehearsed.project, "dev")


def test_what_is_protected_is_not_deleted(rehearsed: Rehearsed) -> None:
    with rehearsed.people() as people:
        people["ada"]["roles"] = ["Admin agent"]
        del people["ada"]["pins"]
    with pytest.raises(RehearsalError, match=r"Refused \(PT-108\): Ada Nakamura .*and protects it"):
        rehearsal.up(rehearsed.project, "dev")


def test_a_person_under_a_new_key_keeps_account_roles_and_password(
    rehearsed: Rehearsed, capsys: pytest.CaptureFixture[str]
) -> None:
    with rehearsed.people() as people:
        people["hiro-tanaka"] = people.pop("hiro")
        people["hiro-tanaka"]["former_keys"] = ["hiro"]
    assert rehearsal.up(rehearsed.project, "dev") == 0
    assert "nothing changes" in capsys.readouterr().out
    with rehearsed.people() as people:
        del people["hiro-tanaka"]["former_keys"]
    with pytest.raises(RehearsalError, match=r"`former_keys: \[hiro\]`"):
        rehearsal.up(rehearsed.project, "dev")


def test_an_account_goes_only_after_its_person_was_a_leaver(rehearsed: Rehearsed) -> None:
    with rehearsed.graph() as graph:
        carla = user_id(graph, "carla.jensen")
    before = rehearsed.tenant_file.read_text()
    with rehearsed.people() as people:
        del people["carla"]
    with pytest.raises(RehearsalError, match=r"(?s)the account of Carla Jensen .*Nothing was changed"):
        rehearsal.up(rehearsed.project, "dev")
    rehearsed.tenant_file.write_text(before)
    with rehearsed.people() as people:
        people["carla"]["state"] = "leaver"
    assert rehearsal.up(rehearsed.project, "dev") == 0
    with rehearsed.people() as people:
        del people["carla"]
    assert rehearsal.up(rehearsed.project, "dev") == 0
    with rehearsed.graph() as graph:
        assert graph.request("GET", f"/v1.0/users/{carla}")[0] == 404


def test_another_initial_domain_is_refused_by_the_tenant_guard(rehearsed: Rehearsed) -> None:
    text = rehearsed.tenant_file.read_text()
    rehearsed.tenant_file.write_text(text.replace(DOMAIN, "contoso-other.onmicrosoft.com"))
    with pytest.raises(RehearsalError, match=r"Refused: the tenant .* has the initial domain"):
        rehearsal.up(rehearsed.project, "dev")


def test_no_temporary_password_is_kept_or_shown(rehearsed: Rehearsed, capsys: pytest.CaptureFixture[str]) -> None:
    stack = declared_stack(rehearsed.project, "dev")
    secret = password_secret(State(rehearsed.project.directory), stack)
    rehearsed.empower()
    with rehearsed.people() as people:
        people["bruno"]["password_round"] = 2
    assert rehearsal.up(rehearsed.project, "dev") == 0
    output = capsys.readouterr().out
    assert "password: a new temporary password" in output
    kept = [file.read_bytes() for file in rehearsed.project.root.rglob("*") if file.is_file()]
    for key, person_round in (("bruno", 1), ("bruno", 2), ("carla", 1), ("rescue-1", 1)):
        password = temporary_password(secret, TENANT_ID, key, person_round)
        assert password not in output
        assert not any(password.encode() in content for content in kept)


def test_who_is_adopted_by_upn_is_looked_up_and_the_rules_know_them(
    rehearsed: Rehearsed, capsys: pytest.CaptureFixture[str]
) -> None:
    with rehearsed.people() as people:
        people["ada"]["adopted"] = "by-upn"
    assert rehearsal.up(rehearsed.project, "dev") == 0
    assert capsys.readouterr().out == "Rehearsal: nothing changes; 23 unchanged.\n"
    with rehearsed.people() as people:
        people["ada"]["upn"] = f"nobody@{DOMAIN}"
    with pytest.raises(RehearsalError, match=f"no account nobody@{DOMAIN}"):
        rehearsal.up(rehearsed.project, "dev")
