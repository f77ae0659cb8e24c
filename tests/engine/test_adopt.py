"""Taking over tenants that others made, on the real engine: the first preview changes nothing; then people do."""

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from tenantry.declaration.consent import MICROSOFT_GRAPH
from tenantry.engine.pulumi_cli import PulumiCli
from tenantry.roles import DirectoryRole
from tests.depth import deep

from .test_access_that_ends import BILLING, let_it_be
from .world import PROGRAM, SOURCE, Ran, World

pytestmark = [pytest.mark.engine, deep]

NORTHWIND = "northwind/main"
GROUPS = ("AdminAgents", "HelpdeskAgents", "SalesAgents")
SEEDS = SOURCE / "examples/seeds"
PASSPHRASE = "a passphrase of theirs"


class Found(World):
    """A tenant in use that no file declares, and somebody who is signed in to it."""

    def tenantry(self, *arguments: str) -> Ran:
        """`tenantry`, as somebody runs it who is signed in as the deploying application."""
        return self.run(sys.executable, "-m", "tenantry", *arguments, PULUMI_CONFIG_PASSPHRASE=PASSPHRASE)

    def seed(self, content: Mapping[str, Any] | Path) -> None:
        """Add to the tenant what a seed says, or a file of one."""
        file = content if isinstance(content, Path) else self.project.root / "seed.yaml"
        if not isinstance(content, Path):
            with file.open("w", encoding="utf-8") as stream:
                YAML().dump(dict(content), stream)
        self.tenantry("directory", "seed", str(file), "--tenant", self.tenant.id).ok()

    def forget(self) -> None:
        """From here on nothing in the repository declares the tenant."""
        shutil.rmtree(self.project.partners / "contoso")
        (self.project.root / "Pulumi.dev.yaml").unlink()

    def adopt(self, *arguments: str, name: str = NORTHWIND) -> dict[str, Any]:
        """What `tenantry adopt` says of the tenant."""
        ran = self.tenantry("adopt", name, "--format", "json", *arguments).ok()
        return dict(json.loads(ran.output))

    def verify(self, name: str = NORTHWIND) -> tuple[int, dict[str, Any]]:
        """What the gate says of it, and its exit code."""
        ran = self.tenantry("adopt", name, "--verify", "--format", "json")
        return ran.exit_code, dict(json.loads(ran.output[ran.output.index("{") :]))

    def update(self, stack: str = "main") -> Ran:
        arguments = ("up", "--yes", "--skip-preview", "--policy-pack", "policies", "--stack", stack)
        return self.pulumi(*arguments, PULUMI_CONFIG_PASSPHRASE=PASSPHRASE)

    @contextmanager
    def declared(self, name: str = NORTHWIND) -> Iterator[Any]:
        """Edit the file that was written for the tenant."""
        partner, _, tenant = name.partition("/")
        file = self.project.partners / partner / "tenants" / f"{tenant}.yaml"
        yaml = YAML()
        document = yaml.load(file)
        yield document
        yaml.dump(document, file)


@pytest.fixture
def found(engine: PulumiCli) -> Iterator[Callable[..., Found]]:
    """Makes the sample's tenant in the United States with what a seed adds, and forgets its declaration."""
    worlds: list[Found] = []
    with tempfile.TemporaryDirectory() as folder:

        def make(
            seed: Mapping[str, Any] | Path, prepare: Callable[[Path], str] = lambda _: "contoso", *, forget: bool = True
        ) -> Found:
            root = Path(folder).resolve() / str(len(worlds))
            root.mkdir()
            worlds.append(Found(root, engine, "us", prepare))
            if seed:
                worlds[-1].seed(seed)
            if forget:
                worlds[-1].forget()
            return worlds[-1]

        try:
            yield make
        finally:
            for world in worlds:
                world.close()


def upn(name: str) -> str:
    return f"{name}@contoso-partner.onmicrosoft.com"


def users(*names: str, **more: Any) -> dict[str, Any]:
    return {upn(name): {"displayName": name.replace(".", " ").title(), **more} for name in names}


CLEAN = {
    "users": users("bob.berg", "cleo.dahl", "dan.eik"),
    "groups": {"AdminAgents": {"members": [upn("bob.berg")]}, "SalesAgents": {"members": [upn("cleo.dahl")]}},
    "roles": {"Billing Administrator": [upn("dan.eik")], "Global Administrator": [upn("bob.berg")]},
}


def test_a_clean_tenant_is_taken_over_without_a_change_and_then_changes_by_review_alone(
    found: Callable[..., Found],
) -> None:
    world = found(CLEAN)
    with world.writes() as writes:
        adopted = world.adopt()
        exit_code, verified = world.verify()
    assert (exit_code, verified["changes"], verified["refusals"]) == (0, [], [])
    assert (verified["made"], verified["imports"]) == (True, adopted["imports"])
    assert (adopted["mode"], adopted["questions"]) == ("authoritative", [])
    assert writes == [], "nothing is written to the tenant"
    members = {group: world.graph.members(group) for group in GROUPS}
    # A change before the first update: the engine would import the group and change it at once.
    two = ["Sales agent", "Helpdesk agent"]
    with world.declared() as tenant:
        tenant["people"]["cleo-dahl"]["roles"] = two
    exit_code, verified = world.verify()
    assert exit_code == 1
    assert "main-HelpdeskAgents (Group) is imported, with members" in verified["changes"]
    with world.declared() as tenant:
        tenant["people"]["cleo-dahl"]["roles"] = two[:1]
    world.update().ok()
    assert {group: world.graph.members(group) for group in members} == members
    exit_code, verified = world.verify()
    assert (exit_code, verified["imports"], verified["refusals"]) == (0, 0, []), "also of what the stack holds already"

    with world.declared() as tenant:
        tenant["people"]["cleo-dahl"]["roles"] = two
    exit_code, verified = world.verify()
    assert exit_code == 1
    assert f"{upn('cleo.dahl')} would get HelpdeskAgents" in verified["changes"]
    world.update().ok()
    assert world.graph.members("HelpdeskAgents") == {"cleo.dahl"}
    assert world.graph.members("AdminAgents") == members["AdminAgents"]


def holdings(world: Found) -> dict[str, Any]:
    """Who is in the agent groups, and who holds or may activate which role: all that a change could take or give."""
    management = "/roleManagement/directory"
    roles = {
        kind: sorted(
            (item["principalId"], item["roleDefinitionId"], item["directoryScopeId"])
            for item in world.graph("GET", f"{management}/{kind}")["value"]
        )
        for kind in ("roleAssignments", "roleEligibilitySchedules")
    }
    return {**{group: sorted(world.graph.member_ids(group)) for group in GROUPS}, **roles}


def at_customers(world: Found) -> dict[str, Any]:
    """The relationships with what they give groups, and who is in those."""
    path = "/tenantRelationships/delegatedAdminRelationships"
    found = {}
    for item in world.graph("GET", path)["value"]:
        given = world.graph("GET", f"{path}/{item['id']}/accessAssignments")["value"]
        found[item["displayName"]] = (item, given)
    return {**found, "Customer support": sorted(world.graph.member_ids("Customer support"))}


def test_customers_of_a_tenant_of_ten_years_are_taken_over_as_they_are(found: Callable[..., Found]) -> None:
    world = found(SEEDS / "ten-years.yaml")
    before = at_customers(world)
    answers = ("gdap-member/haruka-yamamoto=declare", "gdap-group/AdminAgents=remove")
    signed = ("--owner", "Ingrid Solberg", "--reason", "Found at the take-over")
    with world.writes() as writes:
        adopted = world.adopt(*signed, *(word for answer in answers for word in ("--answer", answer)))
        exit_code, verified = world.verify()
    assert (exit_code, verified["changes"], verified["refusals"]) == (0, [], [])
    assert (adopted["unknown_answers"], adopted["customers"], adopted["relationships"]) == ([], 1, 1)
    assert (verified["imports"], writes) == (adopted["imports"], [])
    with world.writes() as writes:
        world.update().ok()
    assert at_customers(world) == before
    assert [write for write in writes if "elationship" in write or "servicePrincipals" in write] == []
    assert world.adopt()["files"][1]["state"] == "unchanged"
    # From here on who works at the customer is said in one line.
    with world.declared() as tenant:
        people = tenant["gdap"]["groups"]["customer-support"]["people"]
        people.remove("lukasz-wisniewski")
    world.update().ok()
    after = at_customers(world)
    assert {name for name in before if before[name] != after[name]} == {"Customer support"}
    assert len(after["Customer support"]) == len(before["Customer support"]) - 1


def test_ten_thousand_accounts_are_no_hindrance(found: Callable[..., Found]) -> None:
    crowd = users(*(f"person.{number}" for number in range(10_000)))
    world = found({**CLEAN, "users": {**CLEAN["users"], **crowd}})
    with world.writes() as writes:
        adopted = world.adopt()
        exit_code, verified = world.verify()
    assert (exit_code, verified["changes"], verified["refusals"]) == (0, [], [])
    assert (verified["made"], verified["imports"], adopted["questions"]) == (True, adopted["imports"], [])
    assert writes == [], "nothing is written to the tenant"


def test_a_role_that_was_taken_over_goes_on_its_day_as_any_other(found: Callable[..., Found]) -> None:
    world, last = found(CLEAN), date.today() + timedelta(days=30)
    world.adopt()

    def until(day: date) -> None:
        with world.declared() as tenant:
            assert "Billing Administrator" in tenant["people"]["dan-eik"]["pins"]["role_assignments"]
            tenant["people"]["dan-eik"]["until"] = {"Billing admin": {"date": day, "reason": "Until the move"}}

    exit_code, verified = world.verify()
    assert (exit_code, verified["changes"], verified["refusals"]) == (0, [], [])
    # It ends before an update took it over, and then before one knew of its end.
    until(date.today())
    assert (
        "still has Billing Administrator, which `people.dan-eik.until.Billing admin` ended"
        in world.update().ok().output
    )
    until(last)
    world.update().ok()
    with world.declared() as tenant:
        del tenant["people"]["dan-eik"]["until"]
    world.update().ok()
    until(date.today())
    refused = world.update()
    assert refused.exit_code != 0
    assert "write a later date in `people.dan-eik.until.Billing admin`" in refused.output
    until(last)
    world.update().ok()
    dan = world.graph.user(upn("dan.eik"))["id"]
    assert world.graph.roles_of(dan) == {BILLING}
    let_it_be(world, last)
    world.update().ok()
    assert world.graph.roles_of(dan) == set()


def test_a_tenant_of_ten_years_keeps_all_that_is_asked_about(found: Callable[..., Found]) -> None:
    world = found(SEEDS / "ten-years.yaml")
    before = holdings(world)
    with world.writes() as writes:
        adopted = world.adopt()
        exit_code, verified = world.verify()
    assert (exit_code, verified["changes"], verified["imports"]) == (0, [], adopted["imports"])
    assert (adopted["mode"], writes) == ("additive", [])
    world.update().ok()
    assert holdings(world) == before
    # Some of it is answered, and one person changes.
    answers = (
        "disabled/erik-dahl=leaver",
        "outside-admin-agents/emergency-2=emergency",
        "outside-admin-agents/adm-ingrid=deviation",
        "application/control-panel=declare",
    )
    signed = ("--owner", "Ingrid Solberg", "--reason", "Found at the take-over")
    answered = world.adopt("--write", *signed, *(word for answer in answers for word in ("--answer", answer)))
    assert answered["unknown_answers"] == []
    assert world.verify()[1] | {"imports": 0} == verified | {"imports": 0, "made": False}
    with world.declared() as tenant:
        tenant["people"]["zoe-oconnor"]["roles"] = ["Helpdesk agent", "Sales agent"]
    world.update().ok()
    after = holdings(world)
    assert {name for name in before if before[name] != after[name]} == {"HelpdeskAgents"}


def without_csp(root: Path) -> str:
    file = root / "partners/contoso/tenants/us.yaml"
    yaml = YAML()
    tenant = yaml.load(file)
    del tenant["programs"]["CSP"]
    yaml.dump(tenant, file)
    return "contoso"


@pytest.mark.parametrize(
    ("seed", "prepare", "people"),
    [
        pytest.param({}, lambda _: "contoso", {"ada-nakamura"}, id="empty"),
        pytest.param({"licences": []}, lambda _: "contoso", {"ada-nakamura"}, id="without the licence"),
        pytest.param(
            {"users": users("omar"), "roles": {"User Administrator": [upn("omar")]}},
            without_csp,
            {"ada-nakamura", "omar"},
            id="without CSP",
        ),
        pytest.param(
            {
                "users": {
                    upn("u1"): {"displayName": "نورا الفهد"},
                    upn("o'brien"): {"displayName": "Zoë ‘O’Brien’: #1 | [x](y)"},
                    upn("24"): {"displayName": "שירה \u202eלוי"},
                },
                "groups": {"HelpdeskAgents": {"members": [upn("u1"), upn("o'brien"), upn("24")]}},
            },
            lambda _: "contoso",
            {"ada-nakamura", "obrien", "p-24", "u1"},
            id="names of every script",
        ),
    ],
)
def test_tenants_of_every_kind_are_taken_over_without_a_change(
    found: Callable[..., Found], seed: dict[str, Any], prepare: Callable[[Path], str], people: set[str]
) -> None:
    world = found(seed, prepare)
    before = world.requests()
    with before as requests:
        adopted = world.adopt()
        exit_code, verified = world.verify()
    assert (exit_code, verified["changes"], verified["refusals"]) == (0, [], [])
    assert (set(adopted["adopted"]), verified["imports"]) == (people, adopted["imports"])
    assert [item.path for item in requests if item.method != "GET" and not item.path.endswith("/token")] == []


def test_eligible_roles_and_consent_are_taken_over_by_their_pins(found: Callable[..., Found]) -> None:
    second = {"groups": {"AdminAgents": {"members": [upn("mira")]}}, "roles": {"Global Administrator": [upn("mira")]}}
    world = found({"users": users("kim", "mira"), "applications": {"FTOP": {}}, **second})
    kim = world.graph.user(upn("kim"))["id"]
    world.graph(
        "POST",
        "/roleManagement/directory/roleEligibilityScheduleRequests",
        action="adminAssign",
        principalId=kim,
        roleDefinitionId=DirectoryRole.BILLING_ADMINISTRATOR.template_id,
        directoryScopeId="/",
        justification="by hand",
    )
    (ftop,) = world.graph("GET", "/servicePrincipals?$filter=displayName eq 'FTOP'")["value"]
    (graph,) = world.graph("GET", f"/servicePrincipals?$filter=appId eq '{MICROSOFT_GRAPH}'")["value"]
    world.graph(
        "POST",
        "/oauth2PermissionGrants",
        clientId=ftop["id"],
        consentType="AllPrincipals",
        resourceId=graph["id"],
        scope="User.Read openid",
    )
    adopted = world.adopt("--ftop-application", ftop["appId"])
    assert [item["key"] for item in adopted["questions"]] == ["ftop/approval"]
    answer = ("--answer", "ftop/approval=ada-nakamura@2025-03-04", "--write")
    answered = world.adopt("--ftop-application", ftop["appId"], *answer)
    assert (answered["questions"], answered["unknown_answers"]) == ([], [])
    with world.writes() as writes:
        exit_code, verified = world.verify()
    assert (exit_code, verified["changes"], writes) == (0, [], [])
    before = holdings(world)
    world.update().ok()
    assert holdings(world) == before


def test_two_tenants_of_a_partner_stand_beside_each_other(found: Callable[..., Found]) -> None:
    world = found(CLEAN, forget=False)
    ids = {name: str(world.project.partners / f"contoso/tenants/{name}.yaml") for name in ("us", "uk")}
    uk = YAML().load(Path(ids["uk"]))["id"]
    british = world.environment_of(uk)
    world.forget()
    world.adopt(name="northwind/us")
    american, world.env = world.env, british | {"PATH": world.env["PATH"]}
    world.adopt("--write", name="northwind/uk")
    assert world.verify("northwind/uk")[0] == 0
    world.env = american
    assert world.verify("northwind/us")[0] == 0
    partner = (world.project.partners / "northwind/partner.yaml").read_text()
    assert "tenants: [uk, us]" in partner


def shell(command: str, root: Path, environment: Mapping[str, str]) -> str:
    """What a command says, as somebody runs it in the project's folder."""
    ran = subprocess.run(
        ["/bin/bash", "-e", "-c", command],
        cwd=root,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        text=True,
        timeout=280,
        check=True,
    )
    return ran.stdout


@contextmanager
def prepared(steps: list[str], root: Path) -> Iterator[Mapping[str, str]]:
    """A fresh clone after the page's steps, and the variables that they leave in the shell."""
    setup, serve, *others = steps
    assert (setup, serve.split()[1:]) == ("make setup", ["directory", "serve"])
    for name in (*PROGRAM, "examples"):
        (shutil.copytree if (SOURCE / name).is_dir() else shutil.copy)(SOURCE / name, root / name)
    # What `make setup` makes is what runs this.
    (root / ".venv").symlink_to(sys.prefix)
    # Another directory of this machine may have the port.
    with subprocess.Popen([*serve.split(), "--port", "0"], cwd=root, stdout=subprocess.PIPE, text=True) as served:
        try:
            assert served.stdout
            assert "runs at" in served.stdout.readline()
            # The page is as wide as where nothing says otherwise; pytest-xdist says so to its workers.
            outside = {name: value for name, value in os.environ.items() if name != "COLUMNS"}
            said = shell("\n".join([*others, "env --null"]), root, outside)
            yield dict(one.partition("=")[::2] for one in said.split("\n", 1)[1].split("\0") if one)
        finally:
            served.terminate()


def test_the_page_is_what_happens_from_its_first_step_on(
    engine: PulumiCli, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    page = SOURCE / "docs/adopt.md"
    text = page.read_text(encoding="utf-8")
    head, _, rest = text.partition("```console\n")
    recorded, _, tail = rest.partition("```\n")
    commands = re.findall(r"^\$ ((?:.*\\\n)*.*)$", recorded, re.MULTILINE)
    assert len(commands) >= 4
    steps = head.partition("```sh\n")[2].partition("```")[0].splitlines()
    happened = ""
    with prepared([step.partition(" #")[0].strip() for step in steps], tmp_path) as environment:
        for command in commands:
            happened += f"$ {command}\n{shell(command, tmp_path, environment).rstrip()}\n\n"
    happened = re.sub(r"((?:decided_on|until): )\d{4}-\d\d-\d\d", r"\1…", happened.rstrip() + "\n")
    if request.config.getoption("--renew-goldens"):
        page.write_text(f"{head}```console\n{happened}```\n{tail}", encoding="utf-8")
        recorded = happened
    assert happened == recorded, "docs/adopt.md differs; renew: pytest --renew-goldens"
