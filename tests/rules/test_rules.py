"""Each rule, by what breaks it: the honest world breaks none, and each row changes one thing in it."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import pytest

from tenantry.access import resource_types as types
from tenantry.access.declared import holders
from tenantry.access.registered import UNKNOWN
from tenantry.review.observe import observe
from tenantry.roles import AgentGroup
from tenantry.rules import RULES, Level, Rule, Settings, Severity, Strictness, Verdict
from tenantry.sandbox.checkout import Revision
from tenantry.sandbox.isolation import Sandbox
from tests.acme import ADA_ID, GROUP_IDS, OWN, PARTNER_TIER1_SUPPORT, PARTNER_TIER2_SUPPORT, UK, UNDECLARED, US

from .builder import (
    BILLING_ADMINISTRATOR,
    GLOBAL_ADMINISTRATOR,
    HELPDESK_ADMINISTRATOR,
    TODAY,
    World,
    assignment,
    group_member,
    honest,
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
RESCUE = f"Emergency access 1 (rescue-1{AT})"
SOMEBODY = f"the object id {UNDECLARED}"
BRIDGE_ID = "5eed0000-0000-4000-8000-0000000b51d6"
BRIDGE = (
    f"{{bridge: {{object_id: {BRIDGE_ID}, name: Backup Bridge, groups: [AdminAgents], owner: Bruno Vale, "
    "reason: No GDAP yet, decided_on: 2026-06-01, until: 2027-05-31}}"
)
KEPT_OUT = "{AdminAgents: {reason: Tenant only, owner: Bruno Vale, decided_on: 2026-06-01, until: 2027-05-31}}"


#: A finding is read alone: a question without what it asks, a word twice, the id of a role that has a name.
HALF_A_SENTENCE = re.compile(rf"\bwhether$|\b(\w+) \1\b|role {HELPDESK_ADMINISTRATOR}")


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
    """Change the declaration, but the program with it."""
    return lambda world: world.write(old, new, file)


def only_declare(old: str, new: str) -> Callable[[World], object]:
    """Change the declaration, and leave the program as it was."""

    def change(world: World) -> None:
        world.provision()
        world.write(old, new)

    return change


def add(*resources: object) -> Callable[[World], object]:
    return lambda world: world.add(*resources)  # type: ignore[arg-type]


def remove(name: str) -> Callable[[World], object]:
    return lambda world: world.program.pop(name)


def members(group: AgentGroup, *, ids: tuple[str, ...] = (), new: tuple[object, ...] = ()) -> Callable[[World], object]:
    def change(world: World) -> None:
        world.add(*new)  # type: ignore[arg-type]
        urns = {item.urn for item in new}  # type: ignore[attr-defined]
        world.add_members(group, [*ids, *(UNKNOWN for _ in new)], urns)

    return change


def of(world: World, name: str, role: str, principal: str, key: str = "principalObjectId") -> None:
    """Assign a role to one of the program's new accounts."""
    world.add(assignment(name, role, UNKNOWN, depends={key: {world.program[principal].urn}}))


def member(world: World, group: AgentGroup, principal: str) -> None:
    world.add_members(group, [UNKNOWN], {world.program[principal].urn})


def both(*changes: Callable[[World], object]) -> Callable[[World], object]:
    return lambda world: [change(world) for change in changes]


ACCEPTED = "{requested_on: 2026-01-05, approved_on: 2026-01-09, approved_by: Jane Doe}"
NORTHWIND = "dddddddd-0000-4000-8000-000000000001"


def customer(
    gdap: str = "{everyday: {}}",
    *,
    reseller: str = ACCEPTED,
    country: str = "US",
    group: str = "GDAP Help",
    more: str = "",
) -> Callable[[World], object]:
    """Declare a customer of whom nothing is wrong but what is named."""
    return declare(
        MODE,
        f"""{MODE}
gdap:
  groups: {{desk: {{name: {group}, people: [carla]}}}}
  templates: {{everyday: {{assignments: {{desk: [Helpdesk Administrator]}}}}}}
customers:
  northwind:
    name: Northwind Traders
    tenant_id: {NORTHWIND}
    domain: northwind.example
    country: {country}
    reseller: {reseller}
    gdap: {gdap}
{more}""",
    )


def holding(role: str, more: str = "") -> str:
    return f"{{everyday: {{assignments: {{desk: [{role}]}}{more}}}}}"


def at_least(least: int, power: str) -> Callable[[World], object]:
    return declare(MODE, f"limits: {{minimum_holders: {{{power}: {least}}}}}\n{MODE}")


def required(keys: str) -> Callable[[World], object]:
    return declare(MODE, f"limits: {{required_holders: {{AdminAgents: [{keys}]}}}}\n{MODE}")


def state(role: str, what: str) -> Callable[[World], object]:
    """Of the one who holds a role alone."""
    return declare(f"roles: [{role}]", f"roles: [{role}]\n    state: {what}")


def email(person: str, address: str) -> Callable[[World], object]:
    return declare(f"email: {person}@acme.example", f"email: {address}")


def upn(person: str, name: str) -> Callable[[World], object]:
    return declare(f"upn: {person}{AT}", f"upn: {name}")


def maker(upn_or_mail: str, **inputs: str) -> Callable[[World], object]:
    return add(user("by hand", upn_or_mail, **inputs))


UNIT = "aaaaaaaa-0000-4000-8000-0000000000a1"
ELIGIBLE_FOR_BILLING = "{Billing Administrator: {eligible: true}}"
OVER_A_UNIT = f"{{User Administrator: {{administrative_unit: {UNIT}}}}}"


def eligible(role: str, principal: str) -> object:
    return resource(types.DIRECTORY_ROLE_ELIGIBILITY, "x", {"roleDefinitionId": role, "principalId": principal})


def only_eligible(key: str) -> Callable[[World], object]:
    """Register somebody as eligible for Global Administrator instead of assigning it."""

    def change(world: World) -> None:
        world.program.pop(f"Global Administrator-{key}")
        inputs = {"roleDefinitionId": GLOBAL_ADMINISTRATOR, "principalId": UNKNOWN}
        came_from = {"principalId": {world.program[f"us-{key}"].urn}}
        world.add(resource(types.DIRECTORY_ROLE_ELIGIBILITY, "x", inputs, depends=came_from, protected=True))

    return change


def pins(world: World) -> None:
    ids = "\n".join(f"    {group}: {id_}" for group, id_ in GROUP_IDS.items())
    world.write(MODE, f"{MODE}\nagent_groups:\n  ids:\n{ids}")


def known(world: World) -> None:
    """The program once everybody is there."""
    people = world.declaration.tenants["us"].members
    ids = {key: f"{number:08}-0000-4000-8000-000000000000" for number, key in enumerate(people)}
    world.add(*honest(world.declaration.tenants["us"], ids=ids).values())


def strict(change: Callable[[World], object]) -> Callable[[World], object]:
    def changed(world: World) -> None:
        world.settings = Settings(level=Strictness.STRICT)
        change(world)

    return changed


def additive(world: World) -> None:
    """The same access by one GroupMember a person, in a tenant that declares as much and pins its groups."""
    ids = ", ".join(f"{group}: {id_}" for group, id_ in GROUP_IDS.items())
    world.write(MODE, f"mode: additive\nagent_groups: {{ids: {{{ids}}}}}")
    for group, group_id in GROUP_IDS.items():
        del world.program[group.value]
        for key, person in holders(world.declaration.tenants["us"], group).items():
            account = world.program.get(f"us-{key}")
            came_from = {"memberObjectId": {account.urn}} if account else {}
            world.add(group_member(f"{group}-{key}", group_id, person.adopted or UNKNOWN, depends=came_from))


CSP = '  CSP: {enrolled_on: 2025-02-17, location_id: "5120344"}'
BRUNO_ROLES = "roles: [Global admin]\n    email_verified_on: 2025-02-04"
BRUNO_AS_HELPDESK = BRUNO_ROLES.replace("Global admin", "Helpdesk agent")
ADVICE, MUST = Level.ADVISORY, Level.MANDATORY
UK_AT = "@acme-partner-uk.onmicrosoft.com"
FASTTRACK = "  FastTrack: {enrolled_on: 2025-03-03, designation: Solutions Partner}"
MODE = "mode: authoritative"
APPROVAL = "approval: {on: 2025-03-04, by: ada}"
TOOLS = "tools:\n  FTOP: [emil, carla]\n  Power BI: [fay]\n"
AGREEMENT = "agreement: {accepted_on: 2025-02-03, by: Bruno Vale}\n"
GREEK = '{street: Ερμού 1, city: Athens, postal_code: "105 63", country: GR}'
HAL = "people:\n  hal:\n    full_name: Hal\n    upn: hal@acme.onmicrosoft.com\n    roles: [Sales agent]\n"
SECOND_RESCUE = US[US.index("  rescue-2:") : US.index("  emil:")]


def in_cloud(domain: str) -> Callable[[World], object]:
    """All the partner's tenants where Entra hands out names below another domain."""

    def change(world: World) -> None:
        for name, text in world.files.items():
            world.files[name] = text.replace("onmicrosoft.com", domain)

    return change


def forced(world: World, value: object) -> None:
    """Whether an account must change its password."""
    world.change("us-fay", inputs={"forcePasswordChange": value})


def no_legal(world: World) -> dict[str, str]:
    text = world.files["partner.yaml"]
    return {"partner.yaml": text[: text.index("legal:")] + text[text.index("contact:") :]}


TWICE_ADA = f"adopted: {ADA_ID}"
#: An account of nobody who is declared is one too many in a partner tenant.
NEEDLESS = frozenset({"PT-309"})


def second(old: str = "", new: str = "", *us: tuple[str, str]) -> Callable[[World], object]:
    """A second partner tenant, changed in one place; and the first one changed too."""

    def change(world: World) -> None:
        world.write("tenants: [own, us]", "tenants: [own, uk, us]", "partner.yaml")
        world.files["tenants/uk.yaml"] = UK
        if old:
            world.write(old, new, "tenants/uk.yaml")
        for before, after in us:
            world.write(before, after)

    return change


def open_paperwork(change: Callable[[World], object]) -> Callable[[World], object]:
    """A change in a tenant that has not completed its paperwork."""
    return both(declare(MODE, f"paperwork: open\n{MODE}"), change)


def partner(old: str, new: str) -> Callable[[World], object]:
    return declare(old, new, "partner.yaml")


def own(more: str) -> Callable[[World], object]:
    return lambda world: world.files.update({"tenants/own.yaml": OWN + more})


ROWS = [
    # PT-101
    Row("PT-101", "a literal id in the list", members(ADMINS, ids=(UNDECLARED,)), SOMEBODY),
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
        lambda world: member(world, ADMINS, "us-rescue-1"),
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
        add(group_member("x", GROUP_IDS[SALES], UNDECLARED)),
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
        remove("Global Administrator-rescue-1"),
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
    Row("PT-102", "eligible where an active role is declared", only_eligible("bruno"), BRUNO, "roles: [Global admin]"),
    Row("PT-102", "an emergency account that is eligible", only_eligible("rescue-1"), RESCUE, "roles: [Global admin]"),
    Row(
        "PT-102",
        "a Global admin who is kept out of Admin Agents",
        declare(
            f"roles: [Global admin]\n    adopted: {ADA_ID}",
            f"roles: [Global admin]\n    without: {KEPT_OUT}\n    adopted: {ADA_ID}",
        ),
        ADA,
        "without: {AdminAgents",
        Level.ADVISORY,
    ),
    Row(
        "PT-101",
        "somebody in the group that they are kept out of",
        both(
            declare(
                f"roles: [Global admin]\n    adopted: {ADA_ID}",
                f"roles: [Global admin]\n    without: {KEPT_OUT}\n    adopted: {ADA_ID}",
            ),
            members(ADMINS, ids=(ADA_ID,)),
        ),
        ADA,
        "roles: [Global admin]",
        also=frozenset({"PT-102"}),
    ),
    Row(
        "PT-102",
        "a declared identity that is not in its group",
        only_declare("ftop:\n", f"identities: {BRIDGE}\nftop:\n"),
        "Backup Bridge",
        "identities:",
        also=frozenset({"PT-107"}),
    ),
    # PT-103
    Row("PT-103", "a role beyond Table 1", add(assignment("x", HELPDESK_ADMINISTRATOR.upper(), UNDECLARED)), SOMEBODY),
    Row("PT-103", "eligible for one", add(eligible(HELPDESK_ADMINISTRATOR, UNDECLARED)), SOMEBODY),
    Row(
        "PT-103",
        "a declared administrator with one more",
        lambda world: of(world, "x", HELPDESK_ADMINISTRATOR, "us-bruno"),
        BRUNO,
    ),
    # PT-104
    Row("PT-104", "Partner Tier1 Support", add(assignment("x", PARTNER_TIER1_SUPPORT, UNDECLARED)), SOMEBODY),
    Row(
        "PT-104",
        "Partner Tier2 Support in capitals to a Global admin",
        lambda world: of(world, "x", PARTNER_TIER2_SUPPORT.upper(), "us-bruno"),
        BRUNO,
    ),
    Row("PT-104", "eligible for Tier2", add(eligible(PARTNER_TIER2_SUPPORT, UNDECLARED)), SOMEBODY),
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
    Row(
        "PT-105",
        "another group than the pinned one",
        lambda world: (
            pins(world),
            world.change("SalesAgents", outputs={"objectId": UNDECLARED}),
        ),
        "SalesAgents",
        "SalesAgents: aaaaaaaa",
    ),
    Row(
        "PT-105",
        "the pinned group under a new name",
        lambda world: (pins(world), world.change("SalesAgents", inputs={"displayName": "Field sales"})),
        "SalesAgents",
    ),
    Row(
        "PT-105",
        "a group without a pin at the level strict",
        strict(lambda world: known(world)),
        "AdminAgents",
        US.splitlines()[0],
    ),
    Row(
        "PT-105",
        "an authoritative list in an additive tenant",
        lambda world: (
            additive(world),
            world.add(resource(types.GROUP, "x", {"members": []}, object_id=GROUP_IDS[SALES], protected=True)),
        ),
        "SalesAgents",
        "mode: additive",
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
    Row(
        "PT-107",
        "a service principal that is declared for a time",
        declare("ftop:\n", f"identities: {BRIDGE}\nftop:\n"),
        "Backup Bridge",
        "identities:",
        ADVICE,
    ),
    Row(
        "PT-107",
        "a declared one whose decision is of a day to come, and would run for longer than a year",
        declare(
            "ftop:\n",
            f"identities: {BRIDGE.replace('2026-06-01', '2036-06-01').replace('2027-05-31', '2037-05-31')}\nftop:\n",
        ),
        "Backup Bridge",
        "identities:",
    ),
    Row(
        "PT-107",
        "a declared one that the program knows by a resource",
        both(
            declare("ftop:\n", f"identities: {BRIDGE}\nftop:\n"),
            add(resource(types.SERVICE_PRINCIPAL, "bridge", {}, object_id=BRIDGE_ID)),
        ),
        "Backup Bridge",
        "identities:",
        ADVICE,
    ),
    Row(
        "PT-101",
        "a declared identity in another group",
        both(
            declare("ftop:\n", f"identities: {BRIDGE}\nftop:\n"),
            members(SALES, ids=(BRIDGE_ID,)),
        ),
        "Backup Bridge",
        "identities:",
        also=frozenset({"PT-107"}),
    ),
    # PT-108
    Row("PT-108", "a role by hand", add(assignment("x", GLOBAL_ADMINISTRATOR, UNDECLARED)), SOMEBODY),
    Row(
        "PT-108",
        "a role by hand of a declared person",
        lambda world: of(world, "x", BILLING_ADMINISTRATOR, "us-carla"),
        CARLA,
        "roles: [Admin agent]",
    ),
    Row(
        "PT-108",
        "active where the declaration says eligible",
        only_declare("roles: [Billing admin]", f"roles: [Billing admin]\n    assignments: {ELIGIBLE_FOR_BILLING}"),
        FAY,
        "roles: [Billing admin]",
    ),
    Row(
        "PT-108",
        "everywhere where the declaration says a unit",
        only_declare(
            "roles: [User management admin]", f"roles: [User management admin]\n    assignments: {OVER_A_UNIT}"
        ),
        GUS,
        "roles: [User management admin]",
    ),
    Row(
        "PT-108",
        "over another unit than the declared one",
        lambda world: (
            world.write(
                "roles: [User management admin]", f"roles: [User management admin]\n    assignments: {OVER_A_UNIT}"
            ),
            world.change("User Administrator-gus", inputs={"directoryScopeId": f"/administrativeUnits/{UNDECLARED}"}),
        ),
        GUS,
        "roles: [User management admin]",
        also=frozenset({"PT-102"}),
    ),
    Row("PT-108", "eligible by hand", add(eligible(GLOBAL_ADMINISTRATOR, UNDECLARED)), SOMEBODY),
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
        lambda world: world.change("AdminAgents", inputs={"owners": [UNDECLARED]}, ignores=frozenset()),
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
    Row("PT-108", "an account under somebody else's name", add(user("x", f"other{AT}", ADA_ID)), "x", also=NEEDLESS),
    # PT-110
    Row("PT-110", "All Users made", add(resource(types.GROUP, "x", {"displayName": "All Users"})), "All Users"),
    Row(
        "PT-110",
        "All Users written",
        add(
            resource(types.GROUP, "all", {"displayName": "all users"}, object_id=UNDECLARED, registered=False),
            group_member("x", UNDECLARED, ADA_ID),
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
        also=frozenset({"PT-501"}),  # who approved FTOP is no Global admin any more
    ),
    *(
        Row(
            "PT-207",
            what,
            declare(old, f"{new}\n    until: {{Billing admin: {{date: {day}, reason: Migration}}}}"),
            FAY,
            "until:",
            ADVICE,
        )
        for what, old, new, day in (
            ("a role that ends in a fortnight", "roles: [Billing admin]", "roles: [Billing admin]", "2026-12-06"),
            ("a role that has ended", "roles: [Billing admin]", "roles: [Sales agent, Billing admin]", "2026-11-22"),
        )
    ),
    Row(
        "PT-102",
        "a deviation whose decision is of a day to come, and would hold for longer than a year",
        only_declare(
            f"    adopted: {ADA_ID}",
            f"    without: {KEPT_OUT.replace('2026-06-01', '2036-06-01').replace('2027-05-31', '2037-05-31')}\n"
            f"    adopted: {ADA_ID}",
        ),
        ADA,
        "without:",
        also=frozenset({"PT-101"}),
    ),
    Row(
        "PT-207",
        "a deviation that ends",
        declare(
            f"    adopted: {ADA_ID}",
            f"    without: {KEPT_OUT.replace('2027-05-31', '2026-11-25')}\n    adopted: {ADA_ID}",
        ),
        ADA,
        "without:",
        ADVICE,
        frozenset({"PT-102"}),
    ),
    Row(
        "PT-207",
        "an identity that has ended",
        declare("ftop:\n", f"identities: {BRIDGE.replace('2027-05-31', '2026-11-21')}\nftop:\n"),
        "Backup Bridge",
        "identities:",
        ADVICE,
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
    Row(
        "PT-301",
        "an address that only the program writes",
        maker(f"x{AT}", mail="x.y@gmail.com"),
        f"x{AT}",
        also=NEEDLESS,
    ),
    Row("PT-302", "a throw-away address", email("fay.ford", "fay@mailinator.com"), FAY, "email: fay@mailinator.com"),
    Row("PT-302", "below a subdomain", email("fay.ford", "fay@box.mailinator.com"), FAY, "email: fay@box.mail"),
    Row(
        "PT-302",
        "a throw-away address of the program",
        maker(f"x{AT}", mail="x@mailinator.com"),
        f"x{AT}",
        also=NEEDLESS,
    ),
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
    Row(
        "PT-303", "a shared mailbox of the program", maker(f"x{AT}", mail="info@acme.example"), f"x{AT}", also=NEEDLESS
    ),
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
    Row("PT-305", "another domain in the program", maker("x@elsewhere.example"), "x@elsewhere.example", also=NEEDLESS),
    Row(
        "PT-108",
        "power at the level strict before an object id is known",
        strict(pins),
        "AdminAgents",
    ),
    Row(
        "PT-108",
        "somebody left out of a protection",
        add(
            resource(
                types.CONDITIONAL_ACCESS_POLICY,
                "mfa",
                {"state": "enabled", "conditions": {"users": {"excludedUsers": [ADA_ID]}}},
            )
        ),
        ADA,
    ),
    Row(
        "PT-108",
        "a disabled account that the program enables",
        lambda world: (
            world.write("roles: [Billing admin]", "roles: [Billing admin]\n    state: disabled"),
            world.change("us-fay", inputs={"accountEnabled": True}),
        ),
        FAY,
        "state: disabled",
    ),
    Row(
        "PT-108",
        "a disabled account of which the program says nothing",
        lambda world: (
            world.write("roles: [Billing admin]", "roles: [Billing admin]\n    state: disabled"),
            world.change("us-fay", inputs={"accountEnabled": None}),
        ),
        FAY,
        "state: disabled",
    ),
    # PT-109
    Row(
        "PT-109",
        "an FTOP user without a role of Table 1",
        declare("roles: [Helpdesk agent]", "roles: []\n    company_roles: [Report viewer]"),
        EMIL,
        "emil: [FastTrack Engineer]",
    ),
    Row(
        "PT-109",
        "an FTOP user whose only role is eligible",
        lambda world: (
            world.write("FTOP: [emil, carla]", "FTOP: [emil, carla, fay]"),
            world.write("[Billing admin]", f"[Billing admin]\n    assignments: {ELIGIBLE_FOR_BILLING}"),
        ),
        FAY,
        "FTOP: [emil, carla, fay]",
    ),
    Row(
        "PT-109",
        "an FTOP user whose only role reaches one unit",
        lambda world: (
            world.write("FTOP: [emil, carla]", "FTOP: [emil, carla, gus]"),
            world.write("[User management admin]", f"[User management admin]\n    assignments: {OVER_A_UNIT}"),
        ),
        GUS,
        "FTOP: [emil, carla, gus]",
    ),
    Row(
        "PT-109",
        "an emergency account in FTOP",
        declare("FTOP: [emil, carla]", "FTOP: [emil, rescue-1]"),
        RESCUE,
        "FTOP: [emil, rescue-1]",
    ),
    Row(
        "PT-109",
        "an FTOP user whose role has ended",
        declare(
            "[Helpdesk agent]",
            "[Helpdesk agent]\n    company_roles: [Report viewer]\n"
            "    until: {Helpdesk agent: {date: 2026-11-22, reason: Migration}}",
        ),
        EMIL,
        "emil: [FastTrack Engineer]",
        ADVICE,
        frozenset({"PT-207"}),
    ),
    # PT-202
    Row(
        "PT-202",
        "five Global Administrators",
        declare("[Sales agent]", "[Global admin]"),
        "Acme Partner",
        "ada:",
        ADVICE,
    ),
    Row(
        "PT-202",
        "ten privileged assignments",
        lambda world: [
            *(world.write(f"[{role}]", "[User management admin]") for role in ("Admin agent", "Sales agent")),
            world.write("[Billing admin]", "[Billing admin, User management admin]"),
            world.write("[Helpdesk agent]", "[Helpdesk agent, User management admin]"),
            world.write(
                "  rescue-1:\n",
                f"  hal:\n    full_name: Hal\n    upn: hal{AT}\n    roles: [User management admin]\n  rescue-1:\n",
            ),
        ],
        "Acme Partner",
        "ada:",
        ADVICE,
    ),
    # PT-203
    Row("PT-203", "one emergency account", declare(SECOND_RESCUE, ""), "Acme Partner", "ada:", ADVICE),
    Row(
        "PT-203",
        "an emergency account in a domain that can be lost",
        declare(f"upn: rescue-2{AT}", "upn: rescue-2@acme.example"),
        "Emergency access 2",
        "upn: rescue-2@acme.example",
        ADVICE,
    ),
    Row(
        "PT-203",
        "an emergency account without Global Administrator",
        declare(
            f"rescue-2{AT}\n    roles: [Global admin]",
            f"rescue-2{AT}\n    roles: []\n    company_roles: [Referral user]",
        ),
        "Emergency access 2",
        "roles: []",
        ADVICE,
    ),
    Row(
        "PT-203",
        "an emergency account that cannot sign in",
        declare(SECOND_RESCUE, f"{SECOND_RESCUE}    state: disabled\n"),
        "Emergency access 2",
        "state: disabled",
        ADVICE,
    ),
    Row(
        "PT-203",
        "an emergency account without protection",
        lambda world: world.change("us-rescue-1", protected=False),
        RESCUE,
        "emergency: true",
    ),
    Row(
        "PT-203",
        "an emergency account's role without protection",
        lambda world: world.change("Global Administrator-rescue-1", protected=False),
        RESCUE,
        "emergency: true",
    ),
    # PT-204
    Row(
        "PT-204",
        "fewer in a group than the limits say",
        at_least(2, "SalesAgents"),
        "SalesAgents",
        "limits:",
    ),
    Row(
        "PT-204",
        "fewer than the limits say, emergency accounts aside",
        at_least(3, "Global Administrator"),
        "Global Administrator",
        "limits:",
    ),
    Row(
        "PT-204",
        "fewer than the limits say, those aside who cannot sign in",
        both(at_least(1, "SalesAgents"), state("Sales agent", "disabled")),
        "SalesAgents",
        "limits:",
    ),
    Row(
        "PT-204",
        "fewer than the limits say, guests aside",
        both(at_least(1, "SalesAgents"), upn("dora.lake", f"dora.lake_x.example#EXT#{AT}")),
        "SalesAgents",
        "limits:",
        also=frozenset({"PT-106"}),
    ),
    Row(
        "PT-204",
        "fewer than the limits say, those aside who hold it over an administrative unit",
        both(
            at_least(1, "User Administrator"),
            declare("[User management admin]", f"[User management admin]\n    assignments: {OVER_A_UNIT}"),
        ),
        "User Administrator",
        "limits:",
    ),
    Row("PT-204", "somebody required who holds something else", required("dora"), DORA, "limits:"),
    Row(
        "PT-204",
        "somebody required who cannot sign in",
        both(required("carla"), state("Admin agent", "disabled")),
        CARLA,
        "limits:",
    ),
    Row("PT-204", "somebody required who is not declared", required("zoe"), "`zoe`", "limits:"),
    # PT-306 to PT-308
    Row("PT-306", "a regional domain", email("fay.ford", "fay.ford@acme.co.uk"), FAY, "email: fay.ford@acme", ADVICE),
    Row(
        "PT-306",
        "the contact's regional domain",
        partner("email: ada.moss@acme.example", "email: ada.moss@acme.de"),
        "Ada Moss, contact",
        "email: ada.moss@acme.de",
        ADVICE,
    ),
    *(
        Row(
            "PT-307",
            what,
            partial(forced, value=value),
            FAY,
        )
        for what, value in (
            ("a password that may stay", False),
            ("nothing said of it", None),
            ("nobody knows whether", UNKNOWN),
        )
    ),
    *(
        Row("PT-308", what, partner("city: Redmond", f"city: {city}"), "Acme", "address: {street", level)
        for what, city, level in (
            ("a Greek address", "Αθήνα", MUST),
            ("a Japanese address", "東京都", MUST),
            ("a Polish address", "Łódź", ADVICE),
        )
    ),
    Row(
        "PT-308",
        "a Greek address while the paperwork is open",
        open_paperwork(partner("city: Redmond", "city: Αθήνα")),
        "Acme",
        "address: {street",
        ADVICE,
    ),
    Row("PT-308", "a Russian name", partner("name: Acme Inc.", "name: ООО Акме"), "Acme", "name: ООО", ADVICE),
    Row(
        "PT-308",
        "a transliteration that is none",
        partner("  checked_on", f"  transliterated_address: {GREEK}\n  checked_on"),
        "Acme",
        "transliterated_address",
        MUST,
    ),
    # PT-309 to PT-314
    Row("PT-309", "an account of nobody declared", maker(f"x{AT}"), f"x{AT}", None, ADVICE),
    Row("PT-310", "two addresses", upn("fay.ford", "fay@acme.example"), "Fay Ford", "upn: fay@acme.example", ADVICE),
    Row(
        "PT-311",
        "somebody whose only role has ended",
        declare("[Sales agent]", "[Sales agent]\n    until: {Sales agent: {date: 2026-11-22, reason: Migration}}"),
        DORA,
        "roles: [Sales agent]",
        ADVICE,
        frozenset({"PT-207"}),
    ),
    Row("PT-311", "nobody's role", declare("[Sales agent]", "[]"), DORA, "roles: []", MUST),
    Row(
        "PT-312",
        "a synchronised Global Administrator",
        declare(TWICE_ADA, f"{TWICE_ADA}\n    synchronised: true"),
        ADA,
        "roles: [Global admin]",
        MUST,
    ),
    Row(
        "PT-312",
        "a synchronised account that would be written",
        declare("[Sales agent]", "[Sales agent]\n    synchronised: true"),
        DORA,
        "synchronised: true",
        MUST,
    ),
    Row(
        "PT-313",
        "Sales agent beside Admin agent",
        declare("[Admin agent]", "[Admin agent, Sales agent]"),
        CARLA,
        "roles: [Admin agent, Sales agent]",
        ADVICE,
    ),
    Row(
        "PT-313",
        "Billing admin beside Global admin",
        declare(BRUNO_ROLES, BRUNO_ROLES.replace("admin]", "admin, Billing admin]")),
        BRUNO,
        "roles: [Global admin, Billing admin]",
        ADVICE,
    ),
    Row("PT-314", "no address", email("fay.ford", "fay..ford@acme.example"), FAY, "email: fay..ford", MUST),
    Row(
        "PT-314",
        "the contact's address, never verified",
        partner("  email_verified_on: 2025-02-04\n", ""),
        "Ada Moss, contact",
        "name: Ada Moss",
        ADVICE,
    ),
    Row(
        "PT-314",
        "the signer's address, never verified",
        declare("    email_verified_on: 2025-02-04\n", ""),
        BRUNO,
        "full_name: Bruno Vale",
        ADVICE,
    ),
    # PT-401 to PT-403
    Row(
        "PT-401",
        "one tenant for both",
        declare("purpose: [partner]", "purpose: [partner, own use]"),
        "Acme Partner",
        "purpose:",
        ADVICE,
    ),
    Row(
        "PT-402",
        "MAICPP beside CSP",
        declare(CSP, f"{CSP}\n  MAICPP: {{enrolled_on: 2025-02-17}}"),
        "Acme Partner",
        "MAICPP:",
        MUST,
    ),
    Row(
        "PT-403",
        "a country of another area",
        declare("serves: [US]", "serves: [US, GB]"),
        "Acme Partner",
        "serves: [US, GB]",
        ADVICE,
    ),
    Row("PT-403", "a country in no area", declare("serves: [US]", "serves: [CN]"), "Acme", "serves: [CN]", ADVICE),
    Row(
        "PT-403",
        "one country from two tenants",
        second("", "", ("country: US", "country: FR"), ("serves: [US]", "serves: [FR, GB]")),
        "Acme Partner",
        "serves: [FR, GB]",
        ADVICE,
    ),
    # PT-405
    Row("PT-405", "one account in two tenants", second(f"jonas.west{UK_AT}", f"ada.moss{AT}"), "Ada Moss", "upn: ada"),
    Row(
        "PT-405",
        "one object id in two tenants",
        second("email: jonas.west@acme.example", TWICE_ADA),
        "Ada Moss",
        TWICE_ADA,
    ),
    Row(
        "PT-405",
        "a guest from the other tenant",
        second(f"jonas.west{UK_AT}", f"ada.moss_acme.example#EXT#{UK_AT}"),
        "Jonas West",
        "upn: ada.moss_acme",
    ),
    # PT-406 to PT-410
    Row("PT-406", "no agreement", partner(AGREEMENT, ""), "Acme", "name: Acme", MUST),
    *(
        Row("PT-406", f"{what}, while the paperwork is open", open_paperwork(change), who, line, ADVICE)
        for what, change, who, line in (
            ("no agreement", partner(AGREEMENT, ""), "Acme", "name: Acme"),
            ("an account not verified", partner("account_verified_on: 2025-02-10\n", ""), "Acme", "name: Acme"),
            ("no day of enrolment", declare(CSP, "  CSP: {}"), "Acme Partner", "CSP: {}"),
        )
    ),
    Row(
        "PT-406",
        "an agreement to come, while the paperwork is open",
        open_paperwork(partner("accepted_on: 2025-02-03", "accepted_on: 2027-02-03")),
        "Acme",
        "agreement:",
        MUST,
    ),
    Row(
        "PT-406",
        "an agreement to come",
        partner("accepted_on: 2025-02-03", "accepted_on: 2027-02-03"),
        "Acme",
        "agreement:",
        MUST,
    ),
    Row(
        "PT-406",
        "an account not verified",
        partner("account_verified_on: 2025-02-10\n", ""),
        "Acme",
        "name: Acme",
        MUST,
    ),
    Row(
        "PT-406",
        "no enrolment",
        declare(f"programs:\n{CSP}\n{FASTTRACK}", "programs: {}"),
        "Acme Partner",
        "programs: {}",
        MUST,
        frozenset({"PT-407", "PT-109"}),  # without CSP, no agent role, and none that opens FTOP
    ),
    Row(
        "PT-406",
        "FastTrack without a designation",
        declare(", designation: Solutions Partner", ""),
        "Acme Partner",
        "FastTrack:",
        ADVICE,
    ),
    Row(
        "PT-407",
        "agents without CSP",
        declare(f"{CSP}\n", ""),
        CARLA,
        "roles: [Admin agent]",
        ADVICE,
        frozenset({"PT-109"}),  # for two of them are to work in FTOP
    ),
    Row("PT-408", "a program", own("programs: {CSP: {enrolled_on: 2025-02-17}}\n"), "Acme", "programs:", MUST),
    Row("PT-408", "an agent role", own(HAL), "Acme", "roles: [Sales agent]", MUST),
    Row("PT-408", "an approval of FTOP", own("ftop: {approval: {state: pending}}\n"), "Acme", "ftop:", MUST),
    Row(
        "PT-408", "an FTOP customer", own("ftop: {customers: {x: {name: X, assignments: {}}}}\n"), "Acme", "ftop:", MUST
    ),
    Row("PT-409", "no name and address", lambda world: world.files.update(no_legal(world)), "Acme", "name: Acme", MUST),
    Row(
        "PT-409",
        "no name and address while the paperwork is open",
        open_paperwork(lambda world: world.files.update(no_legal(world))),
        "Acme",
        "name: Acme",
        ADVICE,
    ),
    Row("PT-409", "no telephone", partner("  phone: +1 425 555 0101\n", ""), "Acme", "name: Acme Inc.", MUST),
    Row("PT-409", "never checked", partner("  checked_on: 2026-09-14\n", ""), "Acme", "name: Acme Inc.", ADVICE),
    Row("PT-409", "checked long ago", partner("2026-09-14", "2025-09-14"), "Acme", "checked_on: 2025-09-14", ADVICE),
    Row("PT-409", "checked in the future", partner("2026-09-14", "2027-09-14"), "Acme", "checked_on: 2027", MUST),
    Row(
        "PT-410",
        "a domain in two tenants",
        declare("onmicrosoft.com", "onmicrosoft.com\n  verified: [acme.example]", "tenants/own.yaml"),
        "Acme Partner",
        "verified: [acme.example]",
        MUST,
    ),
    Row(
        "PT-410",
        "a partner location id in two tenants",
        second("5120391", "5120344"),
        "Acme Partner",
        "CSP:",
        MUST,
    ),
    # PT-501 to PT-505
    Row("PT-501", "nothing said of an approval", declare(f"  {APPROVAL}\n", ""), "Acme Partner", "customers:", MUST),
    Row(
        "PT-501",
        "nothing said of an approval while the paperwork is open",
        open_paperwork(declare(f"  {APPROVAL}\n", "")),
        "Acme Partner",
        "customers:",
        ADVICE,
    ),
    Row("PT-501", "approved by an agent", declare("by: ada", "by: carla"), CARLA, "approval:", MUST),
    Row(
        "PT-501",
        "approved in the future",
        declare("on: 2025-03-04", "on: 2027-03-04"),
        "Acme Partner",
        "approval:",
        MUST,
    ),
    Row(
        "PT-502",
        "a consent beside the approval",
        declare(APPROVAL, f"{APPROVAL}\n  consents: {{emil: 2025-03-05}}"),
        EMIL,
        "consents:",
        ADVICE,
    ),
    Row(
        "PT-502", "user by user", declare(APPROVAL, "approval: {state: per user}"), "Acme Partner", "approval:", ADVICE
    ),
    Row(
        "PT-502",
        "a consent before the approval",
        declare(APPROVAL, "approval: {state: pending}\n  consents: {emil: 2025-03-05}"),
        "Acme Partner",
        "approval:",
        ADVICE,
    ),
    Row("PT-503", "nobody named for the tools", declare(TOOLS, ""), "Acme Partner", "id: 6f1f", ADVICE),
    Row("PT-503", "an FTOP user not named", declare("FTOP: [emil, carla]", "FTOP: [carla]"), EMIL, "emil: [", ADVICE),
    Row("PT-504", "a tool for nobody here", declare("[fay]", "[fay, ghost]"), "`ghost`", "Power BI:", MUST),
    Row(
        "PT-505",
        "a customer left alone",
        declare("[Helpdesk agent]", "[Helpdesk agent]\n    state: leaver"),
        "Fabrikam",
        "emil: [FastTrack Engineer]",
        ADVICE,
    ),
    Row(
        "PT-505",
        "a customer of nobody",
        declare("\n        emil: [FastTrack Engineer]", " {}"),
        "Fabrikam",
        "assig",
        ADVICE,
    ),
    # PT-601 to PT-612
    Row("PT-601", "no reseller relationship", customer(reseller=""), "Northwind", "reseller:", MUST),
    Row(
        "PT-601",
        "a customer who has not answered",
        customer(reseller="{requested_on: 2026-01-05}"),
        "Northwind",
        "reseller:",
        ADVICE,
    ),
    Row(
        "PT-601",
        "an approval in the future",
        customer(reseller=ACCEPTED.replace("2026-01-09", "2027-06-09")),
        "Northwind",
        "reseller:",
        MUST,
    ),
    Row("PT-602", "no GDAP", customer("{}"), "Northwind", "gdap: {}", MUST),
    Row(
        "PT-602",
        "GDAP that ends",
        customer("{everyday: {terminate: {reason: r, decided_by: Ada Moss, decided_on: 2026-02-01}}}"),
        "Northwind",
        "gdap: {ev",
        ADVICE,
    ),
    Row("PT-603", "Global Administrator", customer(holding("Global Administrator")), "Northwind", "gdap: {ev", MUST),
    Row(
        "PT-603",
        "Global Administrator, extended",
        customer(holding("Global Administrator", ", auto_extend: true")),
        "Northwind",
        "gdap: {ev",
    ),
    Row("PT-604", "too long", customer("{everyday: {duration: P731D}}"), "Northwind", "gdap: {ev"),
    Row(
        "PT-605",
        "a role beyond",
        customer("{everyday: {roles: [Global Reader], assignments: {desk: [Global Reader, Helpdesk Administrator]}}}"),
        "Northwind",
        "gdap: {ev",
    ),
    Row("PT-606", "an agent group by name", customer(group="helpdesk agents"), "helpdesk agents", "groups: {desk"),
    Row("PT-606", "All Users", customer(group="All Users"), "All Users", "groups: {desk"),
    Row("PT-607", "no assignment", customer(holding("")), "Northwind", "gdap: {ev", MUST),
    Row(
        "PT-607",
        "a group of leavers",
        both(
            customer(holding("Directory Readers")),
            declare("people: [carla]", "people: [emil]"),
            declare("roles: [Helpdesk agent]", "roles: [Helpdesk agent]\n    state: leaver"),
        ),
        "GDAP Help",
        "groups: {desk",
        ADVICE,
        also=frozenset({"PT-505"}),
    ),
    Row("PT-608", "another area", customer(country="JP"), "Northwind", "country: JP", MUST),
    Row("PT-608", "no country", customer(country="null"), "Northwind", "country: null", MUST),
    Row(
        "PT-608",
        "no country while the paperwork is open",
        open_paperwork(customer(country="null")),
        "Northwind",
        "country: null",
        ADVICE,
    ),
    Row(
        "PT-610",
        "two providers",
        customer(
            reseller=ACCEPTED.replace("}", ", indirect_provider: Fourth Coffee}"),
            more=f"""  tailspin:
    name: Tailspin Toys
    tenant_id: dddddddd-0000-4000-8000-000000000002
    domain: tailspin.example
    country: US
    reseller: {ACCEPTED.replace("}", ", indirect_provider: Wide World}")}
    gdap: {{everyday: {{}}}}
""",
        ),
        "Tailspin",
        "reseller:",
        ADVICE,
    ),
    Row(
        "PT-611",
        "a role that makes administrators",
        customer(holding("Privileged Role Administrator")),
        "Northwind",
        "gdap: {ev",
        ADVICE,
    ),
    Row(
        "PT-612",
        "a role that no group holds",
        customer("{everyday: {roles: [Global Reader, Helpdesk Administrator]}}"),
        "Northwind",
        "gdap: {ev",
        ADVICE,
    ),
]


@pytest.mark.parametrize("row", ROWS, ids=[f"{row.fires} {row.what}" for row in ROWS])
def test_one_change_breaks_exactly_its_rule(world: World, row: Row) -> None:
    row.change(world)
    findings = world.everything
    assert {finding.rule for finding in findings} == {row.fires} | row.also, [str(finding) for finding in findings]
    about = [finding for finding in findings if finding.rule == row.fires and row.names in finding.subject]
    assert about, [str(finding) for finding in findings]
    assert {finding.level for finding in about} == {row.level}
    assert any(
        world.line(finding).startswith(row.line) if finding.place and row.line else not (finding.place or row.line)
        for finding in about
    ), [str(finding) for finding in about]
    for finding in findings:
        assert finding.remediation
        assert finding.expected
        assert finding.actual
        assert not HALF_A_SENTENCE.search(finding.actual), finding.actual
        assert f"[{finding.rule}] {finding.subject}: " in str(finding)
        assert finding.place or finding.resource, "a finding points at a field or at a resource"


ONLY_IN_A_CHANGE = {"PT-204": {Level.ADVISORY}, "PT-304": {Level.ADVISORY}}
"""Levels of findings that only a change in git has: tests/review/test_refused.py has their rows."""

NOWHERE_HERE = {"PT-205", "PT-206", "PT-404", "PT-609", *(f"PT-{n}" for n in range(701, 711))}
"""Rules that neither declaration nor program can answer; a plan can answer PT-206."""


def test_the_honest_world_breaks_no_rule(world: World) -> None:
    verdicts = {item.rule.id: item.verdict for item in [*world.results(), *world.results_across]}
    expected = dict.fromkeys((rule.id for rule in RULES), Verdict.PASSED)
    expected |= dict.fromkeys(NOWHERE_HERE, Verdict.NOT_EVALUATED) | {"PT-408": Verdict.NOT_APPLICABLE}
    assert verdicts == expected
    assert world.everything == []


def test_what_is_evaluated_elsewhere_says_where(world: World) -> None:
    because = {item.rule.id: item.because for item in world.results()}
    assert "CODEOWNERS" in because["PT-205"]
    assert because["PT-206"] == (
        "which access the deploying identity loses by a change is evaluated on a plan, by `tenantry review --plan`"
    )
    assert "whether country and id are unchanged is evaluated on a change in git" in because["PT-404"]
    for partly in ("PT-105", "PT-203", "PT-204"):
        assert "is evaluated on a plan, by `tenantry review --plan`" in because[partly]
        assert "is evaluated on a change in git, by `tenantry review`" in because[partly]
    assert because["PT-301"] == ""


def test_every_rule_that_can_be_broken_here_is_broken_by_a_row() -> None:
    assert {row.fires for row in ROWS} == {rule.id for rule in RULES} - NOWHERE_HERE


@pytest.mark.parametrize("rule", [rule for rule in RULES if rule.id not in NOWHERE_HERE], ids=lambda rule: rule.id)
def test_a_rule_has_findings_of_the_levels_that_it_is_registered_with_and_of_no_other(rule: Rule) -> None:
    """The policy pack registers a policy for each of them: a finding of another level would be lost."""
    shown = {row.level for row in ROWS if row.fires == rule.id} | ONLY_IN_A_CHANGE.get(rule.id, set())
    registered = {rule.level}
    registered |= {Level.ADVISORY} if rule.also_advises else set()
    registered |= {Level.ALWAYS} if rule.also_binds else set()
    assert shown == registered


def test_findings_of_one_rule_come_sorted_and_once(world: World) -> None:
    world.add_members(ADMINS, [UNDECLARED, UNDECLARED])
    world.add_members(SALES, [UNDECLARED])
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
            "an e-mail address in another business domain": email("fay.ford", "fay.ford@acme-group.de"),
            "a UPN in a verified domain": upn("fay.ford", "fay.ford@acme.example"),
            "eligible for what one holds": add(eligible(GLOBAL_ADMINISTRATOR, ADA_ID)),
            "eligible as declared": declare(
                "roles: [Billing admin]", f"roles: [Billing admin]\n    assignments: {ELIGIBLE_FOR_BILLING}"
            ),
            "over a unit as declared": declare(
                "roles: [User management admin]", f"roles: [User management admin]\n    assignments: {OVER_A_UNIT}"
            ),
            "a leaver whom the program gives nothing": declare(*FAY_LEAVES),
            "a leaver's address": lambda world: (
                world.write(*FAY_LEAVES),
                world.write("email: fay.ford@acme.example", "email: info@gmail.com"),
                world.write(f"upn: fay.ford{AT}", "upn: fay@elsewhere.example"),
            ),
            "the whole rows of two roles": declare("roles: [Sales agent]", "roles: [Sales agent, Billing admin]"),
            "a Greek address with its transliteration": lambda world: (
                world.write("city: Redmond", "city: Αθήνα", "partner.yaml"),
                world.write(
                    "  checked_on",
                    f"  transliterated_address: {GREEK}\n  checked_on".replace("Ερμού", "Ermou"),
                    "partner.yaml",
                ),
            ),
            "an address with Western European letters": partner("city: Redmond", "city: Sankt Pölten"),
            "an e-mail address below the headquarters'": email("fay.ford", "fay.ford@uk.acme.example"),
            "a UPN in another spelling of the address's domain": lambda world: (
                world.write("verified: [acme.example]", "verified: [acme.example, xn--bcher-kva.example]"),
                world.write(f"upn: fay.ford{AT}", "upn: Fay.Ford@xn--bcher-kva.example"),
                world.write("email: fay.ford@acme.example", "email: fay.ford@bücher.example"),
            ),
            "a country of the same area": lambda world: (
                world.write("country: US", "country: FR"),
                world.write("serves: [US]", "serves: [DE, FR]"),
            ),
            "a tenant in the US Government cloud": in_cloud("onmicrosoft.us"),
            "a tenant in China": in_cloud("partner.onmschina.cn"),
            "a second tenant in another country": second(),
            "a guest from outside": second(f"jonas.west{UK_AT}", f"eve_example.org#EXT#{UK_AT}"),
            "nobody in FTOP, and no approval": lambda world: (
                world.write(US[US.index("ftop:") : US.index("tools:")], ""),
                world.write("  FTOP: [emil, carla]\n", ""),
            ),
            "an approval that is on its way": declare(APPROVAL, "approval: {state: pending}"),
            "FastTrack beside MAICPP": lambda world: (
                world.write(CSP, "  MAICPP: {enrolled_on: 2025-02-17}"),
                *(world.write(f"[{role} agent]", "[Billing admin]") for role in ("Admin", "Sales", "Helpdesk")),
            ),
            "enough in a group": at_least(3, "AdminAgents"),
            "enough in a role, an eligible one with them": both(
                at_least(1, "Billing Administrator"),
                declare("[Billing admin]", f"[Billing admin]\n    assignments: {ELIGIBLE_FOR_BILLING}"),
            ),
            "required people who are there": required("ada, carla"),
            "a GroupMember for each person in an additive tenant": lambda world: additive(world),
            "known people in pinned groups at the level strict": strict(lambda world: (pins(world), known(world))),
            "an emergency account left out of a protection": lambda world: world.add(
                resource(
                    types.CONDITIONAL_ACCESS_POLICY,
                    "mfa",
                    {"state": "enabled", "conditions": {"users": {"excludedUsers": [UNKNOWN]}}},
                    depends={"conditions": {world.program["us-rescue-1"].urn}},
                )
            ),
            "groups that a sandbox makes": lambda world: (
                world.write("mode: authoritative", "mode: authoritative\nagent_groups: {source: create}"),
                *(world.change(group.value, outputs={"objectId": UNKNOWN}, protected=False) for group in AgentGroup),
            ),
        }.items()
    ],
)
def test_what_is_allowed_breaks_no_rule(world: World, change: Callable[[World], object]) -> None:
    change(world)
    assert [str(finding) for finding in world.everything] == []


@pytest.mark.parametrize("row", [row for row in ROWS if row.line is None], ids=lambda row: f"{row.fires} {row.what}")
def test_without_a_program_what_only_a_program_says_is_not_evaluated(world: World, row: Row) -> None:
    row.change(world)
    assert world.findings(program=False) == []


def test_without_a_program_its_rules_are_not_evaluated_which_is_no_pass(world: World) -> None:
    verdicts = {item.rule.id: item for item in world.results(program=False)}
    not_evaluated = {id_ for id_, item in verdicts.items() if item.verdict is Verdict.NOT_EVALUATED}
    on_a_program = {f"PT-{n}" for n in (101, 103, 104, 105, 108, 110, 111, 307, 309)}
    assert not_evaluated == on_a_program | NOWHERE_HERE
    assert all("pulumi preview" in verdicts[id_].because for id_ in on_a_program)
    assert "the part that a program shows" in verdicts["PT-301"].because
    assert "is evaluated on the tenant itself, by `tenantry audit`" in verdicts["PT-701"].because
    assert {verdicts[id_].verdict for id_ in verdicts.keys() - not_evaluated - {"PT-408"}} == {Verdict.PASSED}


@pytest.mark.parametrize(
    ("rule", "old", "new", "lacks"),
    [
        ("PT-306", "headquarters: {country: US, domain: acme.example}\n", "", "no `headquarters`"),
        ("PT-308", "", "", "no `legal` address"),
    ],
)
def test_a_rule_that_lacks_what_it_compares_with_is_not_evaluated(
    world: World, rule: str, old: str, new: str, lacks: str
) -> None:
    if old:
        world.write(old, new, "partner.yaml")
    else:
        world.files.update(no_legal(world))
    (evaluated,) = [item for item in world.results() if item.rule.id == rule]
    assert (evaluated.verdict, evaluated.findings) == (Verdict.NOT_EVALUATED, ())
    assert lacks in evaluated.because


def test_on_an_own_use_tenant_only_the_rules_for_all_tenants_apply(world: World) -> None:
    verdicts = {item.rule.id: item for item in world.results(program=False, tenant="own")}
    applicable = {id_ for id_, item in verdicts.items() if item.verdict is not Verdict.NOT_APPLICABLE}
    assert applicable == {"PT-104", "PT-206", "PT-305", "PT-312", "PT-404", "PT-408"}
    assert all("partner" in item.because for id_, item in verdicts.items() if id_ not in applicable)


def test_a_tenant_of_both_purposes_is_a_partner_tenant(world: World) -> None:
    world.write("purpose: [partner]", "purpose: [partner, own use]")
    world.add_members(ADMINS, [UNDECLARED])
    assert [finding.rule for finding in world.findings()] == ["PT-101"]


@pytest.mark.parametrize(
    ("group", "roles"),
    [
        (ADMINS, "Admin agent"),
        (HELPDESK, "Helpdesk agent"),
        (SALES, "Sales agent"),
    ],
)
def test_the_mend_names_the_role_that_gives_the_group_and_nothing_beside_it(
    world: World, group: AgentGroup, roles: str
) -> None:
    world.add_members(group, [UNDECLARED])
    (finding,) = world.findings()
    assert finding.remediation == f"declare them with the role {roles}, or remove them from {group}"


def test_an_incomplete_row_says_how_the_role_is_given_instead(world: World) -> None:
    only_eligible("rescue-1")(world)
    world.change("User Administrator-gus", inputs={"directoryScopeId": f"/administrativeUnits/{UNIT}"})
    message = [finding.actual for finding in world.findings() if finding.rule == "PT-102"]
    assert [text.partition("does not give ")[2] for text in sorted(message)] == [
        "Global Administrator as active, only as eligible",
        f"User Administrator as active, only as active over /administrativeUnits/{UNIT}",
    ]


def test_the_mend_for_an_emergency_account_is_to_take_it_out(world: World) -> None:
    member(world, ADMINS, "us-rescue-1")
    (finding,) = world.findings()
    assert finding.remediation == "remove them from AdminAgents: an emergency account holds only its directory role"


def test_of_two_resources_for_one_group_the_finding_points_at_the_one_to_remove(world: World) -> None:
    world.add(resource(types.GROUP, "a look-alike", {"displayName": "SalesAgents"}))
    assert {(finding.resource or "").rsplit("::", 1)[-1] for finding in world.findings()} == {"a look-alike"}


def test_two_countries_in_no_area_are_not_in_one_together(world: World) -> None:
    world.write("country: US", "country: CN")
    world.write("serves: [US]", "serves: [CU]")
    assert [finding.rule for finding in world.everything] == ["PT-403"]


def test_another_country_weighs_less_where_fasttrack_is_the_only_program(world: World) -> None:
    world.write("serves: [US]", "serves: [GB]")
    (heavy,) = world.everything
    world.write(f"{CSP}\n", "")
    (light,) = [finding for finding in world.everything if finding.rule == "PT-403"]
    assert (heavy.severity, light.severity) == (Severity.MEDIUM, Severity.LOW)
    assert "FastTrack alone" in light.actual


@pytest.mark.parametrize(
    ("change", "about"),
    [
        (declare("serves: [US]", "serves: [GB]"), {"acme/us"}),
        (second("", "", ("serves: [US]", "serves: [US, GB]")), {"acme/us"}),
        (second("serves: [GB]", "serves: [GB, US]"), {"acme/us", "acme/uk"}),
    ],
)
def test_what_spans_the_tenants_is_reported_of_the_one_that_it_is_about(
    world: World, change: Callable[[World], object], about: set[str]
) -> None:
    """Also where a review shows one tenant after the other, and the first one is for own use."""
    change(world)
    partner = world.folder / "partners"
    world.save()
    partner.mkdir()
    (world.folder / "acme").rename(partner / "acme")
    seen = observe(Revision("head", "here", world.folder, {}), Sandbox(), TODAY).tenants
    found = {
        name
        for name, one in seen.items()
        for evaluated in one.results
        if evaluated.rule.id == "PT-403" and evaluated.findings
    }
    assert found == about
