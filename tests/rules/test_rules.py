"""Each rule, by what breaks it: the honest world breaks none, and each row changes one thing in it."""

from collections.abc import Callable
from dataclasses import dataclass

import pytest

from tenantry.access import resource_types as types
from tenantry.access.registered import UNKNOWN
from tenantry.roles import AgentGroup
from tenantry.rules import Level, Verdict

from .builder import (
    ADA_ID,
    BILLING_ADMINISTRATOR,
    GLOBAL_ADMINISTRATOR,
    GROUP_IDS,
    HELPDESK_ADMINISTRATOR,
    PARTNER_TIER1_SUPPORT,
    PARTNER_TIER2_SUPPORT,
    STRANGER,
    US,
    World,
    assignment,
    group_member,
    resource,
    user,
)

ADMINS, HELPDESK, SALES = AgentGroup.ADMIN_AGENTS, AgentGroup.HELPDESK_AGENTS, AgentGroup.SALES_AGENTS
AT = "@acme-partner.onmicrosoft.com"
NEWCOMER = user("newcomer", f"new.comer{AT}")
INVITED = resource(types.INVITATION, "eve", {"userEmailAddress": "eve@example.org"})
OUTSIDERS = resource(types.GROUP, "outsiders", {"displayName": "Outsiders"})
ROBOT = resource(types.SERVICE_PRINCIPAL, "robot", {})
ADA, BRUNO, CARLA, DORA, EMIL, FAY, GUS = (
    f"{name} ({name.lower().replace(' ', '.')}{AT})"
    for name in ("Ada Moss", "Bruno Vale", "Carla Wood", "Dora Lake", "Emil Hill", "Fay Ford", "Gus Dale")
)
RESCUE = f"Emergency access (rescue{AT})"
SOMEBODY = f"the object id {STRANGER}"


@dataclass(frozen=True)
class Row:
    """One change, the rules that it breaks (one, unless it is said why more), and whom the finding names."""

    fires: str
    what: str
    change: Callable[[World], object]
    names: str
    line: str | None = None
    """The line of a file that the finding points at; None where only the program says it."""
    level: Level = Level.ALWAYS
    also: frozenset[str] = frozenset()
    """Rules that the change breaks by necessity."""


def declare(old: str, new: str, file: str = "tenants/us.yaml") -> Callable[[World], object]:
    """Change the declaration, and the program with it."""
    return lambda world: world.write(old, new, file)


def only_declare(old: str, new: str) -> Callable[[World], object]:
    """Change the declaration, and leave the program as it was."""

    def change(world: World) -> None:
        assert world.program
        world.write(old, new)

    return change


def add(*resources: object) -> Callable[[World], object]:
    return lambda world: world.add(*resources)  # type: ignore[arg-type]


def remove(name: str) -> Callable[[World], object]:
    return lambda world: world.program.pop(name)


def members(group: AgentGroup, *, ids: tuple[str, ...] = (), new: tuple[object, ...] = ()) -> Callable[[World], object]:
    def change(world: World) -> None:
        world.add(*new)  # type: ignore[arg-type]
        urns = {one.urn for one in new}  # type: ignore[attr-defined]
        world.add_members(group, [*ids, *(UNKNOWN for _ in new)], urns)

    return change


def of(world: World, name: str, role: str, principal: str, key: str = "principalObjectId") -> None:
    """Assign a role to one of the program's new accounts."""
    world.add(assignment(name, role, UNKNOWN, depends={key: {world.program[principal].urn}}))


def member(world: World, group: AgentGroup, principal: str) -> None:
    world.add_members(group, [UNKNOWN], {world.program[principal].urn})


def email(person: str, address: str) -> Callable[[World], object]:
    return declare(f"email: {person}@acme.example", f"email: {address}")


def upn(person: str, name: str) -> Callable[[World], object]:
    return declare(f"upn: {person}{AT}", f"upn: {name}")


def maker(upn_or_mail: str, **inputs: str) -> Callable[[World], object]:
    return add(user("by hand", upn_or_mail, **inputs))


def eligible(role: str, principal: str) -> object:
    return resource(types.DIRECTORY_ROLE_ELIGIBILITY, "x", {"roleDefinitionId": role, "principalId": principal})


CSP = "  CSP: {enrolled_on: 2025-02-17}"
BRUNO_ROLES = "email: bruno.vale@acme.example\n    roles: [Global admin]"
BRUNO_AS_HELPDESK = BRUNO_ROLES.replace("Global admin", "Helpdesk agent")
ROWS = [
    # PT-101
    Row("PT-101", "a literal id in the list", members(ADMINS, ids=(STRANGER,)), SOMEBODY),
    Row("PT-101", "a new account in the list", members(ADMINS, new=(NEWCOMER,)), f"new.comer{AT}"),
    Row(
        "PT-101",
        "a person in a group of another role",
        lambda world: member(world, ADMINS, "us-dora"),
        DORA,
        "roles: [Sales agent]",
    ),
    Row(
        "PT-101",
        "an emergency account in Admin Agents",
        lambda world: member(world, ADMINS, "us-rescue"),
        RESCUE,
        "roles: [Global admin]",
    ),
    Row(
        "PT-101",
        "a leaver who stays in the group",
        only_declare("roles: [Admin agent]", "roles: [Admin agent]\n    state: leaver"),
        CARLA,
        "roles: [Admin agent]",
    ),
    Row(
        "PT-101",
        "a literal id by a GroupMember",
        add(group_member("x", GROUP_IDS[SALES], STRANGER)),
        SOMEBODY,
        also=frozenset({"PT-105"}),  # no GroupMember may stand beside the group's own list
    ),
    # PT-102
    Row("PT-102", "a missing role", remove("Billing Administrator-fay"), FAY, "roles: [Billing admin]"),
    Row("PT-102", "a missing group", remove("HelpdeskAgents"), EMIL, "roles: [Helpdesk agent]"),
    Row(
        "PT-102",
        "half of Global admin's row",
        remove("Global Administrator-bruno"),
        BRUNO,
        "roles: [Global admin]",
    ),
    Row(
        "PT-102",
        "an emergency account without its role",
        remove("Global Administrator-rescue"),
        RESCUE,
        "roles: [Global admin]",
    ),
    Row(
        "PT-102",
        "a role over an administrative unit instead of the tenant",
        lambda world: world.change("User Administrator-gus", inputs={"directoryScopeId": "/administrativeUnits/x"}),
        GUS,
        "roles: [User management admin]",
    ),
    Row(
        "PT-102",
        "nobody in a group that is declared to have somebody",
        lambda world: world.change("SalesAgents", inputs={"members": []}, depends={"members": frozenset()}),
        DORA,
        "roles: [Sales agent]",
    ),
    Row(
        "PT-102",
        "a role declared on top",
        only_declare("roles: [User management admin]", "roles: [User management admin, Sales agent]"),
        GUS,
        "roles: [User management admin, Sales agent]",
    ),
    # PT-103
    Row("PT-103", "a role beyond Table 1", add(assignment("x", HELPDESK_ADMINISTRATOR.upper(), STRANGER)), SOMEBODY),
    Row("PT-103", "eligible for one", add(eligible(HELPDESK_ADMINISTRATOR, STRANGER)), SOMEBODY),
    Row(
        "PT-103",
        "a declared administrator with one more",
        lambda world: of(world, "x", HELPDESK_ADMINISTRATOR, "us-bruno"),
        BRUNO,
    ),
    # PT-104
    Row("PT-104", "Partner Tier1 Support", add(assignment("x", PARTNER_TIER1_SUPPORT, STRANGER)), SOMEBODY),
    Row(
        "PT-104",
        "Partner Tier2 Support in capitals to a Global admin",
        lambda world: of(world, "x", PARTNER_TIER2_SUPPORT.upper(), "us-bruno"),
        BRUNO,
    ),
    Row("PT-104", "eligible for Tier2", add(eligible(PARTNER_TIER2_SUPPORT, STRANGER)), SOMEBODY),
    # PT-105
    Row(
        "PT-105",
        "a look-alike where the group is adopted",
        lambda world: world.change("SalesAgents", outputs={"objectId": UNKNOWN}),
        "SalesAgents",
        US.splitlines()[0],
    ),
    Row(
        "PT-105",
        "a look-alike beside the adopted group",
        add(resource(types.GROUP, "x", {"displayName": "Admin Agents", "members": []})),
        "AdminAgents",
        US.splitlines()[0],
    ),
    Row(
        "PT-105",
        "the agent group once more, under another name",
        add(resource(types.GROUP, "x", {"displayName": "Club"}, object_id=GROUP_IDS[SALES], protected=True)),
        "SalesAgents",
    ),
    Row(
        "PT-105",
        "an adopted group without protection",
        lambda world: world.change("HelpdeskAgents", protected=False),
        "HelpdeskAgents",
    ),
    Row(
        "PT-105",
        "a GroupMember of somebody who belongs there",
        add(group_member("x", GROUP_IDS[ADMINS], ADA_ID)),
        "AdminAgents",
    ),
    # PT-106
    Row("PT-106", "an invited guest in a group", members(SALES, new=(INVITED,)), "the resource eve"),
    Row(
        "PT-106",
        "a guest's account in a group",
        members(SALES, new=(user("eve", f"eve_example.org#EXT#{AT}"),)),
        f"eve_example.org#ext#{AT}",
    ),
    Row(
        "PT-106",
        "an invited guest with a role",
        lambda world: (world.add(INVITED), of(world, "x", GLOBAL_ADMINISTRATOR, "eve")),
        "the resource eve",
    ),
    Row(
        "PT-106",
        "a declared guest",
        upn("dora.lake", f"dora_lake.org#EXT#{AT}"),
        "Dora Lake",
        "upn: dora_lake.org#EXT#",
    ),
    # PT-107
    Row("PT-107", "a nested group", members(ADMINS, new=(OUTSIDERS,)), "the resource outsiders"),
    Row("PT-107", "a service principal", members(HELPDESK, new=(ROBOT,)), "the resource robot"),
    # PT-108
    Row("PT-108", "a role by hand", add(assignment("x", GLOBAL_ADMINISTRATOR, STRANGER)), SOMEBODY),
    Row(
        "PT-108",
        "a role by hand of a declared person",
        lambda world: of(world, "x", BILLING_ADMINISTRATOR, "us-carla"),
        CARLA,
        "roles: [Admin agent]",
    ),
    Row("PT-108", "eligible by hand", add(eligible(GLOBAL_ADMINISTRATOR, STRANGER)), SOMEBODY),
    Row(
        "PT-108",
        "a role through a group",
        lambda world: (world.add(OUTSIDERS), of(world, "x", GLOBAL_ADMINISTRATOR, "outsiders")),
        "the resource outsiders",
    ),
    Row(
        "PT-108",
        "a role of nobody can tell whom",
        add(assignment("x", BILLING_ADMINISTRATOR, UNKNOWN)),
        "x",
    ),
    Row(
        "PT-108",
        "members of whom nobody can tell who they are",
        lambda world: world.change("AdminAgents", inputs={"members": UNKNOWN}),
        "AdminAgents",
    ),
    Row(
        "PT-108",
        "members whose changes are ignored",
        lambda world: world.change("AdminAgents", ignores=frozenset({"members"})),
        "AdminAgents",
    ),
    Row(
        "PT-108",
        "owners of an agent group",
        lambda world: world.change("AdminAgents", inputs={"owners": [STRANGER]}, ignores=frozenset()),
        "AdminAgents",
    ),
    Row(
        "PT-108",
        "an application that can write roles",
        add(resource(types.APP_ROLE_ASSIGNMENT, "x", {"appRoleId": "9e3f62cf-ca93-4989-b6ce-bf83c28f9fe8"})),
        "x",
    ),
    Row("PT-108", "a type that nobody knows", add(resource("azuread:index/new:New", "x", {})), "x"),
    Row(
        "PT-108",
        "an adopted account taken over",
        add(user("x", f"ada.moss{AT}", ADA_ID)),
        ADA,
        f"adopted: {ADA_ID}",
    ),
    Row("PT-108", "an account under somebody else's name", add(user("x", f"other{AT}", ADA_ID)), "x"),
    # PT-110
    Row("PT-110", "All Users made", add(resource(types.GROUP, "x", {"displayName": "All Users"})), "All Users"),
    Row(
        "PT-110",
        "All Users written",
        add(
            resource(types.GROUP, "all", {"displayName": "all users"}, object_id=STRANGER, registered=False),
            group_member("x", STRANGER, ADA_ID),
        ),
        "All Users",
    ),
    # PT-111
    Row(
        "PT-111",
        "a Sales agent with a role of Table 1",
        lambda world: of(world, "x", BILLING_ADMINISTRATOR, "us-dora"),
        DORA,
        "roles: [Sales agent]",
    ),
    Row(
        "PT-111",
        "a Helpdesk agent with Entra's Helpdesk Administrator",
        lambda world: of(world, "x", HELPDESK_ADMINISTRATOR, "us-emil"),
        EMIL,
        "roles: [Helpdesk agent]",
        also=frozenset({"PT-103"}),  # the role is not on the list either
    ),
    Row(
        "PT-111",
        "an agent who is eligible",
        lambda world: world.add(
            resource(
                types.DIRECTORY_ROLE_ELIGIBILITY,
                "x",
                {"roleDefinitionId": GLOBAL_ADMINISTRATOR, "principalId": UNKNOWN},
                depends={"principalId": {world.program["us-dora"].urn}},
            )
        ),
        DORA,
        "roles: [Sales agent]",
    ),
    # PT-201
    Row(
        "PT-201",
        "one administrator",
        declare(BRUNO_ROLES, BRUNO_AS_HELPDESK),
        "Acme Partner",
        "ada:",
        Level.MANDATORY,
    ),
    Row(
        "PT-201",
        "one administrator who may sign in",
        declare(BRUNO_ROLES, f"{BRUNO_ROLES}\n    state: disabled"),
        "Acme Partner",
        "ada:",
        Level.MANDATORY,
    ),
    Row(
        "PT-201",
        "one administrator who stays",
        declare(BRUNO_ROLES, f"{BRUNO_ROLES}\n    state: leaver"),
        "Acme Partner",
        "ada:",
        Level.MANDATORY,
    ),
    Row(
        "PT-201",
        "one administrator of this tenant's own",
        upn("bruno.vale", f"bruno_vale.org#EXT#{AT}"),
        "Acme Partner",
        "ada:",
        Level.MANDATORY,
        frozenset({"PT-106"}),  # the other one is a guest with a role
    ),
    Row(
        "PT-201",
        "no administrator but the emergency account",
        lambda world: (
            world.write(BRUNO_ROLES, BRUNO_AS_HELPDESK),
            world.write("roles: [Global admin]\n    adopted", "roles: [Admin agent]\n    adopted"),
        ),
        "Acme Partner",
        "ada:",
    ),
    # PT-301, PT-302
    Row("PT-301", "a personal address", email("fay.ford", "fay.ford@gmail.com"), FAY, "email: fay.ford@gmail.com"),
    Row("PT-301", "in capitals", email("fay.ford", "Fay.Ford@GMAIL.com"), FAY, "email: Fay.Ford@GMAIL.com"),
    Row("PT-301", "of Hotmail in another country", email("gus.dale", "gus@hotmail.co.uk"), GUS, "email: gus@hotmail"),
    Row("PT-301", "of Live below a subdomain", email("gus.dale", "gus@mail.live.com"), GUS, "email: gus@mail.live.com"),
    Row(
        "PT-301",
        "the contact's personal address",
        declare("email: ada.moss@acme.example", "email: ada@outlook.de", "partner.yaml"),
        "Ada Moss, contact",
        "email: ada@outlook.de",
    ),
    Row("PT-301", "an address that only the program writes", maker(f"x{AT}", mail="x.y@gmail.com"), f"x{AT}"),
    Row("PT-302", "a throw-away address", email("fay.ford", "fay@mailinator.com"), FAY, "email: fay@mailinator.com"),
    Row("PT-302", "below a subdomain", email("fay.ford", "fay@box.mailinator.com"), FAY, "email: fay@box.mail"),
    Row("PT-302", "a throw-away address of the program", maker(f"x{AT}", mail="x@mailinator.com"), f"x{AT}"),
    # PT-303
    *(
        Row("PT-303", f"{name}@", email("fay.ford", f"{name}@acme.example"), FAY, f"email: {name}@acme.example")
        for name in ("info", "admin", "email", "marketing", "INFO", "admin+fay")
    ),
    Row(
        "PT-303",
        "a name of our longer list",
        email("fay.ford", "billing@acme.example"),
        FAY,
        "email: billing@acme.example",
        Level.ADVISORY,
    ),
    Row(
        "PT-303",
        "the contact's shared mailbox",
        declare("email: ada.moss@acme.example", "email: marketing@acme.example", "partner.yaml"),
        "Ada Moss, contact",
        "email: marketing@acme.example",
    ),
    Row("PT-303", "a sign-in name", upn("fay.ford", f"admin{AT}"), "Fay Ford", f"upn: admin{AT}", Level.ADVISORY),
    Row("PT-303", "a shared mailbox of the program", maker(f"x{AT}", mail="info@acme.example"), f"x{AT}"),
    # PT-304
    Row(
        "PT-304",
        "an e-mail address twice",
        email("gus.dale", "Fay.Ford@acme.example"),
        GUS,
        "email: Fay.Ford@acme.example",
    ),
    Row(
        "PT-304",
        "a sign-in name twice, case aside",
        upn("gus.dale", f"Fay.Ford{AT}"),
        "Gus Dale",
        "upn: Fay.Ford",
    ),
    Row("PT-304", "two accounts of one person", add(user("x", f"FAY.Ford{AT}")), FAY),
    # PT-305
    Row("PT-305", "another domain", upn("fay.ford", "fay@elsewhere.example"), "Fay Ford", "upn: fay@elsewhere"),
    Row("PT-305", "an illegal character", upn("fay.ford", f"fay,ford{AT}"), "Fay Ford", "upn: fay,ford"),
    Row("PT-305", "a Cyrillic letter", upn("fay.ford", f"f\u0430y.ford{AT}"), "Fay Ford", "upn: f\u0430y"),
    Row("PT-305", "a full stop before the @", upn("fay.ford", f"fay.{AT}"), "Fay Ford", "upn: fay."),
    Row("PT-305", "a long name", upn("fay.ford", f"{'f' * 65}{AT}"), "Fay Ford", "upn: fff"),
    Row("PT-305", "another domain in the program", maker("x@elsewhere.example"), "x@elsewhere.example"),
]


@pytest.mark.parametrize("row", ROWS, ids=[f"{row.fires} {row.what}" for row in ROWS])
def test_one_change_breaks_exactly_its_rule(world: World, row: Row) -> None:
    row.change(world)
    findings = world.findings()
    assert {finding.rule for finding in findings} == {row.fires} | row.also, [str(finding) for finding in findings]
    about = [finding for finding in findings if finding.rule == row.fires and row.names in finding.subject]
    assert about, [str(finding) for finding in findings]
    assert {finding.level for finding in about} == {row.level}
    assert any(
        world.line(finding).startswith(row.line) if finding.place and row.line else finding.place is row.line
        for finding in about
    ), [str(finding) for finding in about]
    for finding in findings:
        assert finding.mend
        assert finding.allowed
        assert finding.found
        assert f"[{finding.rule}] {finding.subject}: " in str(finding)
        assert finding.place or finding.urn, "a finding points at a field or at a resource"


def test_the_honest_world_breaks_no_rule(world: World) -> None:
    judgements = world.judgements()
    assert {(one.rule.id, one.verdict) for one in judgements} == {(one.rule.id, Verdict.PASSED) for one in judgements}


def test_findings_of_one_rule_come_sorted_and_once(world: World) -> None:
    world.add_members(ADMINS, [STRANGER, STRANGER])
    world.add_members(SALES, [STRANGER])
    texts = [str(finding) for finding in world.findings()]
    assert texts == sorted(texts)
    assert len(texts) == 2


FAY_LEAVES = ("roles: [Billing admin]", "roles: [Billing admin]\n    state: leaver")


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(change, id=what)
        for what, change in {
            "an Account admin counts": declare(BRUNO_ROLES, f"{BRUNO_AS_HELPDESK}\n    company_roles: [Account admin]"),
            "an e-mail address in another business domain": email("fay.ford", "fay.ford@acme.de"),
            "a UPN in a verified domain": upn("fay.ford", "fay.ford@acme.example"),
            "eligible for what one holds": add(eligible(GLOBAL_ADMINISTRATOR, ADA_ID)),
            "a leaver whom the program gives nothing": declare(*FAY_LEAVES),
            "a leaver's address": lambda world: (
                world.write(*FAY_LEAVES),
                world.write("email: fay.ford@acme.example", "email: info@gmail.com"),
                world.write(f"upn: fay.ford{AT}", "upn: fay@elsewhere.example"),
            ),
            "an account without any power": add(NEWCOMER),
            "the whole rows of two roles": declare("roles: [Sales agent]", "roles: [Sales agent, Billing admin]"),
            "a tenant without CSP has no agent groups": declare(CSP, "  MAICPP: {enrolled_on: 2025-02-17}"),
            "groups that a sandbox makes": lambda world: (
                world.write("mode: authoritative", "mode: authoritative\nagent_groups: {source: create}"),
                *(world.change(group.value, outputs={"objectId": UNKNOWN}, protected=False) for group in AgentGroup),
            ),
        }.items()
    ],
)
def test_what_is_allowed_breaks_no_rule(world: World, change: Callable[[World], object]) -> None:
    change(world)
    assert [str(finding) for finding in world.findings()] == []


@pytest.mark.parametrize("row", [row for row in ROWS if row.line is None], ids=lambda row: f"{row.fires} {row.what}")
def test_without_a_program_what_only_a_program_says_is_not_judged(world: World, row: Row) -> None:
    row.change(world)
    assert world.findings(program=False) == []


def test_without_a_program_its_rules_are_not_evaluated_which_is_no_pass(world: World) -> None:
    verdicts = {one.rule.id: one for one in world.judgements(program=False)}
    not_evaluated = {id_ for id_, one in verdicts.items() if one.verdict is Verdict.NOT_EVALUATED}
    assert not_evaluated == {f"PT-{n}" for n in (101, 102, 103, 104, 105, 107, 108, 110, 111)}
    assert all("pulumi preview" in verdicts[id_].because for id_ in not_evaluated)
    assert {verdicts[id_].verdict for id_ in verdicts.keys() - not_evaluated} == {Verdict.PASSED}


def test_on_an_own_use_tenant_only_the_rules_for_all_tenants_apply(world: World) -> None:
    verdicts = {one.rule.id: one for one in world.judgements(program=False, tenant="own")}
    applicable = {id_ for id_, one in verdicts.items() if one.verdict is not Verdict.NOT_APPLICABLE}
    assert applicable == {"PT-104", "PT-305"}
    assert all("partner tenants" in one.because for id_, one in verdicts.items() if id_ not in applicable)


def test_a_tenant_of_both_purposes_is_a_partner_tenant(world: World) -> None:
    world.write("purpose: [partner]", "purpose: [partner, own use]")
    world.add_members(ADMINS, [STRANGER])
    assert [finding.rule for finding in world.findings()] == ["PT-101"]


@pytest.mark.parametrize(
    ("group", "roles"),
    [
        (ADMINS, "Admin agent or Global admin"),
        (HELPDESK, "Helpdesk agent"),
        (SALES, "Sales agent"),
    ],
)
def test_the_mend_names_the_roles_that_table_1_puts_there(world: World, group: AgentGroup, roles: str) -> None:
    world.add_members(group, [STRANGER])
    (finding,) = world.findings()
    assert finding.mend == f"declare them with the role {roles}, or take them out of {group}"


def test_the_mend_for_an_emergency_account_is_to_take_it_out(world: World) -> None:
    member(world, ADMINS, "us-rescue")
    (finding,) = world.findings()
    assert finding.mend == "take them out of AdminAgents: an emergency account holds its directory role only"


def test_of_two_resources_for_one_group_the_finding_points_at_the_one_to_remove(world: World) -> None:
    world.add(resource(types.GROUP, "a look-alike", {"displayName": "SalesAgents"}))
    assert {(finding.urn or "").rsplit("::", 1)[-1] for finding in world.findings()} == {"a look-alike"}
