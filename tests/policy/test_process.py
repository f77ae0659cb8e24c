"""The policy pack as the engine has it: a process of its own, spoken to by Pulumi's analyzer protocol."""

import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import replace
from pathlib import Path
from typing import Any

import grpc
import pytest
from pulumi.runtime.proto import analyzer_pb2 as pb

from tenantry.access import resource_types as types
from tenantry.access.registered import UNKNOWN, RegisteredResource
from tenantry.declaration import Tenant, load
from tenantry.policy import IN_THE_PACK
from tenantry.roles import AgentGroup
from tenantry.rules import RULES, Level
from tests.acme import ADA_ID, GROUP_IDS, PARTNER_TIER2_SUPPORT, UNDECLARED
from tests.rules.builder import (
    CANARY,
    GLOBAL_ADMINISTRATOR,
    HELPDESK_ADMINISTRATOR,
    assignment,
    group_member,
    honest,
    resource,
    user,
)

from .engine import PATIENCE, ROOT, Analyzer, Said, command, configured_in_process, environment, running

CONTOSO_US = {"tenantry:tenant": "contoso/us"}
AT = "@contoso-partner.onmicrosoft.com"
ADMINS = "AdminAgents"
PROVIDER = "pulumi:providers:azuread"
Program = dict[str, RegisteredResource]


@pytest.fixture(scope="module")
def us() -> Tenant:
    return load(ROOT / "partners" / "contoso").tenants["us"]


@pytest.fixture
def program(us: Tenant) -> Program:
    return honest(us)


def contoso(us: Tenant, **environ: Any) -> AbstractContextManager[Analyzer]:
    return running(ROOT / "policies", CONTOSO_US, ARM_TENANT_ID=us.id, **environ)


@pytest.fixture(scope="module")
def pack(us: Tenant) -> Iterator[Analyzer]:
    """One process for the tests that leave it as it was."""
    with contoso(us) as analyzer:
        yield analyzer


@pytest.fixture
def fresh_pack(us: Tenant) -> Iterator[Analyzer]:
    with contoso(us) as analyzer:
        yield analyzer


@pytest.fixture
def elsewhere(tmp_path: Path) -> Path:
    """A copy of the pack's folder, with no declarations beside it yet."""
    shutil.copytree(ROOT / "policies", tmp_path / "policies", ignore=shutil.ignore_patterns("__pycache__"))
    return tmp_path / "policies"


def test_the_pack_tells_the_engine_every_rule_with_its_remediation(pack: Analyzer) -> None:
    info = pack.info()
    policies = {item.name: item for item in info.policies}
    assert (info.name, info.supportsConfig) == ("tenantry", True)
    assert len(policies) == len(info.policies)
    for rule in IN_THE_PACK:
        item = policies[rule.id]
        assert item.enforcementLevel == (pb.MANDATORY if rule.level.blocks else pb.ADVISORY)
        assert item.policy_type == pb.POLICY_TYPE_STACK
        assert item.remediation_steps == rule.remediation
        assert item.url == f"docs/rules/{rule.id}.md"
        assert item.framework.reference == rule.source
        assert item.framework.specification.startswith("Table 1: Mapping") is ("Table 1" in rule.source)
        assert item.severity == pb.PolicySeverity.Value(f"POLICY_SEVERITY_{rule.severity.name}")
    advisory = {name for name, item in policies.items() if item.enforcementLevel != pb.MANDATORY}
    assert advisory == {f"{rule.id}-advice" for rule in IN_THE_PACK if rule.also_advises} | {
        rule.id for rule in IN_THE_PACK if not rule.level.blocks
    }


@pytest.mark.parametrize("known", [False, True], ids=["first preview", "everybody has an id"])
def test_an_honest_program_passes_without_a_word(pack: Analyzer, us: Tenant, known: bool) -> None:
    ids = {key: f"{index:08}-0000-4000-8000-000000000000" for index, key in enumerate(us.members)} if known else {}
    preview = pack.preview(honest(us, ids=ids).values())
    assert preview.text == ""
    assert {name: why.split()[0] for name, why in preview.not_applicable.items()} == {
        "PT-205": "the",
        "PT-206": "which",
        "PT-404": "whether",
        "PT-408": "it",
    }


def literal_beside_new_people(program: Program) -> None:
    group = program[ADMINS]
    members = [*group.inputs["members"], UNDECLARED]  # type: ignore[misc]
    program[ADMINS] = replace(group, inputs={**group.inputs, "members": members})


def new_account_in_the_list(program: Program) -> None:
    program["mallory"] = mallory = user("mallory", f"mallory{AT}")
    group = program[ADMINS]
    members = [*group.inputs["members"], UNKNOWN]  # type: ignore[misc]
    depends = {"members": group.depends["members"] | {mallory.urn}}
    program[ADMINS] = replace(group, inputs={**group.inputs, "members": members}, depends=depends)


def adding(*more: RegisteredResource) -> Callable[[Program], None]:
    return lambda program: program.update({item.name: item for item in more})


def taking_out(name: str) -> Callable[[Program], None]:
    def change(program: Program) -> None:
        del program[name]

    return change


EVASIONS: list[tuple[str, Callable[[Program], None], set[str], str, str]] = [
    ("a literal id beside new people", literal_beside_new_people, {"PT-101"}, UNDECLARED, "declare them with the role"),
    ("a new account in the list", new_account_in_the_list, {"PT-101"}, f"mallory{AT}", "remove them from AdminAgents"),
    (
        "a GroupMember",
        adding(group_member("x", GROUP_IDS[AgentGroup.ADMIN_AGENTS], UNDECLARED)),
        {"PT-101", "PT-105"},
        UNDECLARED,
        "remove them from AdminAgents",
    ),
    (
        "a GroupMember of a group that nobody can tell",
        adding(group_member("x", UNKNOWN, UNDECLARED)),
        {"PT-108"},
        "x",
        "write each id as text",
    ),
    (
        "a row cut in half",
        taking_out("Global Administrator-bruno"),
        {"PT-102"},
        f"Bruno Keller (bruno.keller{AT})",
        "let the program give Global Administrator",
    ),
    (
        "Partner Tier2 Support",
        adding(assignment("x", PARTNER_TIER2_SUPPORT, UNDECLARED)),
        {"PT-104"},
        UNDECLARED,
        "remove the assignment",
    ),
    (
        "a role off the list",
        adding(assignment("x", HELPDESK_ADMINISTRATOR, UNDECLARED)),
        {"PT-103"},
        UNDECLARED,
        "remove the assignment",
    ),
    (
        "a role by hand of a declared person, for whom it is not declared",
        lambda program: program.update(
            x=assignment("x", GLOBAL_ADMINISTRATOR, UNKNOWN, depends={"principalObjectId": {program["us-carla"].urn}})
        ),
        {"PT-108"},
        f"Carla Jensen (carla.jensen{AT})",
        "remove the assignment, or declare them as Global admin, which also gives AdminAgents",
    ),
    (
        "a second PartnerTenant for the same tenant",
        lambda program: program.update(
            {f"{name}-2": replace(item, urn=f"{item.urn}-2") for name, item in list(program.items())}
        ),
        {"PT-105", "PT-304"},
        "AdminAgents",
        "remove all except the one that PartnerTenant registers",
    ),
    (
        "an adopted account taken over",
        adding(user("x", f"ada.nakamura{AT}", ADA_ID)),
        {"PT-108"},
        f"Ada Nakamura (ada.nakamura{AT})",
        "remove the User",
    ),
    (
        "All Users",
        adding(resource(types.GROUP, "x", {"displayName": "All Users"})),
        {"PT-110"},
        "All Users",
        "remove the resource",
    ),
    (
        "a personal address",
        adding(user("x", f"x.y{AT}", mail="x.y@gmail.com")),
        {"PT-301"},
        "x.y@gmail.com",
        "write the person's business address",
    ),
    (
        "a provider of another tenant",
        adding(resource(PROVIDER, "p", {"tenantId": UNDECLARED})),
        {"declared-tenant"},
        "the provider p names the tenant",
        "sign in to the declared tenant",
    ),
    (
        "a provider of a tenant that nobody can tell",
        adding(resource(PROVIDER, "p", {"tenantId": UNKNOWN})),
        {"declared-tenant"},
        "the provider p names the tenant (not known yet)",
        "sign in to the declared tenant",
    ),
]


@pytest.mark.parametrize(("evade", "fails", "names", "mend"), [pytest.param(*row, id=what) for what, *row in EVASIONS])
def test_an_evasion_fails_by_its_rule_and_names_the_person_and_the_mend(
    pack: Analyzer, program: Program, evade: Callable[[Program], None], fails: set[str], names: str, mend: str
) -> None:
    evade(program)
    preview = pack.preview(program.values())
    assert preview.mandatory == fails
    assert preview.advisory <= {"PT-309"}  # some of them make an account of nobody who is declared
    (about,) = [rule for rule in fails if names in preview.of(rule)]
    assert mend in preview.of(about)
    assert about == "declared-tenant" or f"[{about}]" in preview.of(about)


def test_no_diagnostic_shows_a_password(pack: Analyzer, program: Program) -> None:
    """Everything is wrong with these accounts, and each of them carries one."""
    adding(
        user("x", "x,y@elsewhere.example", mail="info@gmail.com"),
        user("y", f"ada.nakamura{AT}", ADA_ID),
        user("z", f"CARLA.jensen{AT}", displayName=UNKNOWN),
    )(program)
    preview = pack.preview(program.values())
    assert {"PT-301", "PT-303", "PT-304", "PT-305", "PT-108"} <= preview.mandatory
    assert CANARY not in preview.text


def test_advice_does_not_block(pack: Analyzer, program: Program) -> None:
    adding(user("x", f"x.y{AT}", mail="billing@contoso.com"))(program)
    preview = pack.preview(program.values())
    assert (preview.mandatory, preview.advisory) == (set(), {"PT-303-advice", "PT-309"})


def test_what_this_run_deletes_is_no_access(fresh_pack: Analyzer, program: Program) -> None:
    adding(replace(assignment("x", GLOBAL_ADMINISTRATOR, UNDECLARED), registered=False))(program)
    assert fresh_pack.preview(program.values()).text == ""


def refusal(pack: Analyzer, **policies: pb.PolicyConfig) -> str:
    with pytest.raises(grpc.RpcError) as refused:
        pack.configure(**policies)
    assert refused.value.code() is grpc.StatusCode.INVALID_ARGUMENT
    return str(refused.value.details())


@pytest.mark.parametrize("level", [pb.ADVISORY, pb.DISABLED])
@pytest.mark.parametrize(
    "policy",
    [
        "tenantry",
        "declared-tenant",
        "PT-201-always",
        "PT-603-always",
        *(r.id for r in RULES if r.level is Level.ALWAYS),
    ],
)
def test_what_cannot_be_lowered_is_not_lowered_by_configuration(
    pack: Analyzer, policy: str, level: pb.EnforcementLevel.ValueType
) -> None:
    message = refusal(pack, **{policy: pb.PolicyConfig(enforcementLevel=level)})
    assert f"`{policy}`" in message
    assert "cannot be lowered" in message


@pytest.mark.parametrize("level", [pb.ADVISORY, pb.DISABLED])
def test_lowering_everything_names_each_that_cannot_be(
    fresh_pack: Analyzer, level: pb.EnforcementLevel.ValueType
) -> None:
    """What the engine makes of `all`: the level, for each policy."""
    lowered = pb.PolicyConfig(enforcementLevel=level)
    messages = refusal(fresh_pack, **{item.name: lowered for item in fresh_pack.info().policies})
    named = {line.split("`")[1] for line in messages.splitlines()}
    always = {rule.id for rule in RULES if rule.level is Level.ALWAYS}
    assert named == always | {"tenantry", "declared-tenant", "PT-201-always", "PT-603-always"}


def test_what_can_be_lowered_is_lowered(fresh_pack: Analyzer, program: Program) -> None:
    fresh_pack.configure(**{"PT-501": pb.PolicyConfig(enforcementLevel=pb.ADVISORY)})
    assert fresh_pack.preview(program.values()).text == ""


def test_every_mistake_of_the_configuration_is_reported_at_once(fresh_pack: Analyzer) -> None:
    config = pb.PolicyConfig(enforcementLevel=pb.MANDATORY)
    config.properties.update({"partnres": "x", "level": "lenient", "tenant": "contoso", "maxGlobalAdministrators": 1})
    messages = refusal(fresh_pack, tenantry=config).splitlines()
    assert len(messages) == 4
    for key in ("partnres", "level", "tenant", "maxGlobalAdministrators"):
        (line,) = [line for line in messages if f"`tenantry.{key}`" in line]
        assert "found" in line
        assert "expected: one of allowedGroups" in line
        assert "Fix: " in line


def test_signed_in_to_another_tenant(us: Tenant, program: Program) -> None:
    with configured_in_process(ROOT / "policies", CONTOSO_US, ARM_TENANT_ID=UNDECLARED.upper()) as pack:
        preview = pack.preview(program.values())
    assert preview.mandatory == {"declared-tenant"}
    assert f"ARM_TENANT_ID names the tenant {UNDECLARED}; expected: {us.id}, {us.name}. Fix:" in preview.text


def undeclared(preview: Said) -> str:
    assert preview.mandatory == {"declared-tenant"}
    assert set(preview.not_applicable) >= {rule.id for rule in IN_THE_PACK}
    return preview.text


def test_without_a_declaration_beside_the_pack(elsewhere: Path, program: Program) -> None:
    with running(elsewhere, CONTOSO_US) as pack:
        text = undeclared(pack.preview(program.values()))
    assert "no partner" in text
    assert "`tenantry adopt PARTNER/TENANT`" in text


def test_with_an_invalid_declaration_every_mistake_is_reported_with_its_place(
    elsewhere: Path, program: Program
) -> None:
    shutil.copytree(ROOT / "partners", elsewhere.parent / "partners")
    file = elsewhere.parent / "partners" / "contoso" / "tenants" / "us.yaml"
    file.write_text(file.read_text().replace("country: US", "country: XX").replace("[Admin agent]", "[Chief]"))
    with configured_in_process(elsewhere, CONTOSO_US) as pack:
        preview = pack.preview(program.values())
    assert len([item for item in preview.diagnostics if "us.yaml:" in item.message]) == 2
    undeclared(preview)


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("contoso/us2", "did you mean `contoso/us`?"),
        ("contoso/own-use", "for own use"),
        ("nobody/us", ": contoso. Fix: set `tenantry:tenant` to a tenant of contoso"),
    ],
)
def test_a_stack_that_names_no_partner_tenant(program: Program, name: str, says: str) -> None:
    with configured_in_process(ROOT / "policies", {"tenantry:tenant": name}) as pack:
        assert says in undeclared(pack.preview(program.values()))


def test_a_stack_that_names_no_tenant_may_give_no_partner_power(us: Tenant, program: Program) -> None:
    with configured_in_process(ROOT / "policies", {}) as pack:
        adding(group_member("x", UNKNOWN, UNDECLARED))(program)
        adding(resource("azuread:index/new:New", "y", {}))(program)
        text = undeclared(pack.preview(program.values()))
    for expected in (
        f"carla.jensen{AT} gets agent group AdminAgents; expected: nothing: this stack has no declaration. Fix: ",
        f"the object id {us.members['ada'].adopted} gets directory role Global Administrator",
        "it is unknown which access this gives: `groupObjectId`",
        "a type that this version of the policy pack does not know",
    ):
        assert expected in text.replace("\\'", "'")


def test_a_stack_without_partner_power_needs_no_declaration() -> None:
    with configured_in_process(ROOT / "policies", {}) as pack:
        preview = pack.preview([user("x", "x@acme.example"), resource(types.GROUP, "club", {"displayName": "Club"})])
    assert preview.text == ""


@pytest.mark.parametrize("absolute", [False, True])
def test_the_declarations_may_lie_elsewhere(elsewhere: Path, us: Tenant, program: Program, absolute: bool) -> None:
    shutil.copytree(ROOT / "partners", elsewhere.parent / "declared")
    folder = str(elsewhere.parent / "declared") if absolute else "../declared"
    with running(elsewhere, CONTOSO_US, ARM_TENANT_ID=us.id) as pack:
        config = pb.PolicyConfig(enforcementLevel=pb.MANDATORY)
        config.properties.update({"partners": folder})
        pack.configure(tenantry=config)
        assert pack.preview(program.values()).text == ""


@pytest.mark.parametrize("package", ["tenantry", "pulumi_policy", "ruamel"])
def test_a_missing_package_gives_a_sentence_and_no_hang(tmp_path: Path, package: str) -> None:
    shadow = tmp_path / package / "__init__.py"
    shadow.parent.mkdir()
    shadow.write_text(f"raise ModuleNotFoundError('No module named {package}', name={package!r})\n")
    done = subprocess.run(
        command(ROOT / "policies"),
        cwd=ROOT / "policies",
        env=environment(CONTOSO_US, PYTHONPATH=str(tmp_path)),
        capture_output=True,
        text=True,
        timeout=PATIENCE,
    )
    assert done.returncode == 1
    assert done.stdout == "", "no port: the engine must not wait for one"
    assert f"needs the Python package {package!r}" in done.stderr
    assert "make setup" in done.stderr
    assert "Traceback" not in done.stderr
