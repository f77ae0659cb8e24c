"""Each refusal, by the change that gives exactly it: the world that changes nothing is refused nothing."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import pytest

from tenantry.access.existing import OwnedEligibility, Part, access_of
from tenantry.access.grants import Grant, OtherRole, role_of
from tenantry.access.grants import Kind as AccessKind
from tenantry.access.parts import NotRead
from tenantry.access.principals import Principal
from tenantry.graph.errors import Cause
from tenantry.graph.models import MemberKind
from tenantry.roles import AgentGroup, AssignmentType, DirectoryRole
from tenantry.rules.change.advice import advice, changed_by_others
from tenantry.rules.change.beforehand import change_between
from tenantry.rules.change.digests import digest
from tenantry.rules.change.refusal import Kind
from tests.acme import ADA_ID, AT

from .builder import ADAS_ASSIGNMENT, ADDITIVE, ROBOT, TODAY, UNDECLARED, World, account, id_of

ADMINS, HELPDESK, SALES = AgentGroup.ADMIN_AGENTS, AgentGroup.HELPDESK_AGENTS, AgentGroup.SALES_AGENTS
GLOBAL, USER_ADMIN = DirectoryRole.GLOBAL_ADMINISTRATOR, DirectoryRole.USER_ADMINISTRATOR
EXCHANGE = OtherRole("29232cdf-9323-42fd-ade2-1d097af3e4de")
CREW = tuple(account(700 + number, name) for number, name in enumerate(("Uma Holm", "Vic Lund", "Wim Berg")))
DAY = date(2026, 6, 5)
ELIGIBLE = AssignmentType.ELIGIBLE
SCHEDULE = "b0b0b0b0-0000-4000-8000-000000000001"
PINNED = f"pins: {{role_assignments: {{Global Administrator: {ADAS_ASSIGNMENT}}}}}"
ADA, BRUNO, FAY = (
    Principal.in_directory(id_of(name.split()[0].lower()), name, f"{name.lower().replace(' ', '.')}{AT}")
    for name in ("Ada Moss", "Bruno Vale", "Fay Ford")
)
OF_FAY = OwnedEligibility("urn:pulumi:dev::t::A$B::us-fay", Grant.of(FAY, USER_ADMIN, ELIGIBLE), SCHEDULE)


def many(number: int, **about: Any) -> tuple[Principal, ...]:
    return tuple(account(1000 + item, f"Agent {item:02}", **about) for item in range(number))


def group(members: tuple[Principal, ...] | None) -> Principal:
    return Principal.in_directory(
        "00000000-0000-4000-8000-000000000777", "Field crew", kind=MemberKind.GROUP, members=members
    )


def roles(key: str, *names: str) -> Callable[[World], None]:
    return lambda world: world.person(key, roles=list(names))


def both(*steps: Callable[[World], object]) -> Callable[[World], None]:
    def do(world: World) -> None:
        for step in steps:
            step(world)

    return do


def limits(**messages: Any) -> Callable[[World], None]:
    return lambda world: world.limits(**messages)


def holds(*args: Any, **how: Any) -> Callable[[World], None]:
    return lambda world: world.holds(*args, **how)


def unread(part: AgentGroup | Part) -> Callable[[World], None]:
    return lambda world: world.facts(not_read={part: NotRead(Cause.PERMISSION, "the permission is missing")})


def unmanaged(key: str, power: DirectoryRole) -> Callable[[World], None]:
    """Somebody's role assignment that the state does not know."""
    return lambda world: world.record(
        lambda held: (held.principal.object_id, held.power) == (id_of(key), power), owned=False
    )


def eligible_beside(key: str, pin: str | None = None, *, requested: bool = True) -> Callable[[World], None]:
    """Somebody who is declared eligible for Global Administrator, and holds it by hand all the time."""

    def declare(world: World) -> None:
        pins = {"role_assignments": {"Global Administrator": pin}} if pin else None
        world.person(key, pins=pins, assignments={"Global Administrator": {"eligible": True}})
        world.facts(requests=frozenset({SCHEDULE} if requested else ()))
        unmanaged(key, GLOBAL)(world)

    return declare


def made_eligible(key: str, *, requested: bool = True, existing: bool = True) -> Callable[[World], None]:
    """Somebody whom the stack made eligible for User Administrator; ``existing``: and who is still eligible."""

    def make(world: World) -> None:
        world.person(key, assignments={"User Administrator": {"eligible": True}})
        world.facts(eligibilities=(OF_FAY,), requests=frozenset({SCHEDULE} if requested else ()))

        def is_theirs(held: Grant) -> bool:
            return (held.principal.object_id, held.power) == (id_of(key), USER_ADMIN)

        world.remake(lambda held: replace(held, assignment_type=ELIGIBLE) if is_theirs(held) else held)
        world.record(is_theirs, assignment_id=SCHEDULE)
        if not existing:
            world.remake(lambda held: None if is_theirs(held) else held)

    return make


def protected(*steps: Callable[[World], object]) -> Callable[[World], None]:
    """What Gus has beside his role was taken over by a pin, but the state protects it; then he is changed."""

    def declare(world: World) -> None:
        gus = next(entry for entry in world.existing.known if entry.object_id == id_of("gus"))
        pins = {"role_assignments": {"Billing Administrator": "gus-1"}}
        world.person("gus", roles=["Helpdesk agent", "Billing admin"], adopted=id_of("gus"), pins=pins)
        accounts = tuple(entry for entry in world.existing.accounts if entry.key != "gus")
        world.holds(DirectoryRole.BILLING_ADMINISTRATOR, gus, assignment_id="gus-1", owned=True)
        world.facts(accounts=accounts, protected=frozenset({"gus-1"}))
        both(*steps)(world)

    return declare


def until(day: date) -> Callable[[World], None]:
    return lambda world: world.person("gus", until={"Billing admin": {"date": day, "reason": "Until the move"}})


def approved(by: str = "ada", expires_on: date = DAY, change: str | None = None) -> Callable[[World], None]:
    """Last of all: the override that the refusal asks for."""

    def write(world: World) -> None:
        digested = change or digest(world.change)
        world.limits(override={"change": digested, "reason": "r", "approved_by": by, "expires_on": expires_on})

    return write


TWO_OF_THREE = both(roles("dora"), roles("emil"))
"""Takes two of three out of HelpdeskAgents."""
ADA_ALONE = both(roles("bruno"), limits(removal_share=100))
"""Takes Global Administrator from one of two."""


def unlicensed(world: World) -> None:
    """A tenant without the licence for eligible roles."""
    world.facts(licensed=False)


def eligible(key: str, role: DirectoryRole = USER_ADMIN) -> Callable[[World], None]:
    """Somebody who is declared to be eligible for a role, and is already."""

    def write(world: World) -> None:
        world.person(key, assignments={role.value: {"eligible": True}})
        world.remake(
            lambda held: (
                replace(held, assignment_type=AssignmentType.ELIGIBLE)
                if (held.principal.object_id, held.power) == (id_of(key), role)
                else held
            )
        )

    return write


@dataclass(frozen=True)
class Row:
    """A change, but the only refusal that it gives: what it is about, and words that it says."""

    what: str
    change: Callable[[World], object]
    kind: Kind
    says: tuple[str, ...]
    rule: str = "PT-204"
    liftable: bool = False


ROWS = [
    # Ceilings
    Row(
        "two of three by default",
        TWO_OF_THREE,
        Kind.REMOVAL_CEILING,
        (
            "HelpdeskAgents from 2 of the 3",
            f"Dora Lake (dora.lake{AT}); Emil Hill (emil.hill{AT})",
            "expected: at most 1 (25 %",
        ),
        liftable=True,
    ),
    Row(
        "two undeclared of five",
        holds(HELPDESK, *CREW[:2]),
        Kind.REMOVAL_CEILING,
        ("HelpdeskAgents from 2 of the 5", "Uma Holm", "Vic Lund"),
        liftable=True,
    ),
    Row(
        "more than ten by default, though few of many",
        both(
            lambda world: [
                world.person(f"a{n}", full_name=f"Agent {n:02}", upn=f"agent.{n:02}{AT}", roles=["Sales agent"])
                for n in range(39)
            ],
            holds(SALES, *many(50)),
        ),
        Kind.REMOVAL_CEILING,
        ("SalesAgents from 11 of the 50", "Agent 49", "expected: at most 10 (25 % of 50"),
        liftable=True,
    ),
    Row(
        "one where none may go",
        both(roles("dora"), limits(removal_count=0)),
        Kind.REMOVAL_CEILING,
        ("1 of the 3", "Dora Lake", "expected: at most 0"),
        liftable=True,
    ),
    Row(
        "one where none may go from this group",
        both(roles("dora"), limits(removal_count=5, per={"HelpdeskAgents": {"removal_count": 0}})),
        Kind.REMOVAL_CEILING,
        ("Dora Lake", "expected: at most 0"),
        liftable=True,
    ),
    Row(
        "everybody in a group in the group",
        holds(HELPDESK, group(CREW[:2])),
        Kind.REMOVAL_CEILING,
        ("2 of the 5", "Uma Holm", "with the group Field crew"),
        liftable=True,
    ),
    Row(
        "two accounts disabled",
        both(lambda world: world.person("dora", state="disabled"), lambda world: world.person("emil", state="leaver")),
        Kind.REMOVAL_CEILING,
        (f"Dora Lake (dora.lake{AT}): the account is disabled", f"Emil Hill (emil.hill{AT})"),
        liftable=True,
    ),
    Row(
        "two service principals",
        holds(
            HELPDESK,
            *(
                Principal.in_directory(
                    f"00000000-0000-4000-8000-0000000000f{n}", "Bot", kind=MemberKind.SERVICE_PRINCIPAL
                )
                for n in "12"
            ),
        ),
        Kind.REMOVAL_CEILING,
        ("2 of the 5", "the service principal Bot"),
        liftable=True,
    ),
    Row(
        "two of those whom the stack added, in mode additive",
        both(TWO_OF_THREE, lambda world: world.file.update(ADDITIVE)),
        Kind.REMOVAL_CEILING,
        ("2 of the 3", "Dora Lake", "Emil Hill"),
        liftable=True,
    ),
    Row(
        "two from a role outside Table 1, with their accounts",
        both(
            lambda world: world.holds(EXCHANGE, *(item for item in world.existing.known if "Hill" in item.name)),
            lambda world: world.holds(EXCHANGE, *(item for item in world.existing.known if "Ford" in item.name)),
            lambda world: world.person("emil", state="disabled"),
            lambda world: world.person("fay", state="disabled"),
        ),
        Kind.REMOVAL_CEILING,
        ("Exchange Administrator from 2 of the 2",),
        liftable=True,
    ),
    # Floors
    Row(
        "one administrator where two must stay",
        both(ADA_ALONE, limits(minimum_holders={"Global Administrator": 2})),
        Kind.MINIMUM_HOLDERS,
        (f"and leaves 1 (Ada Moss (ada.moss{AT}))", "from Bruno Vale", "at least 2"),
        liftable=True,
    ),
    Row(
        "nobody in a group where one must stay",
        both(roles("fay"), limits(minimum_holders={"User Administrator": 1})),
        Kind.MINIMUM_HOLDERS,
        ("and leaves 0 (nobody)", "Fay Ford"),
    ),
    Row(
        "guests, disabled ones and those whom nobody found do not make up for who leaves",
        both(
            roles("dora"),
            limits(minimum_holders={"HelpdeskAgents": 3}),
            lambda world: world.person(
                "zoe", full_name="Zoe Kay", roles=["Helpdesk agent"], adopted="00000000-0000-4000-8000-00000000beef"
            ),
            lambda world: world.person(
                "yan", full_name="Yan Li", roles=["Helpdesk agent"], adopted=many(1, guest=True)[0].object_id
            ),
            lambda world: world.person("new", full_name="New Ly", roles=["Helpdesk agent"], state="disabled"),
            lambda world: world.facts(known=(*world.existing.known, *many(1, guest=True))),
        ),
        Kind.MINIMUM_HOLDERS,
        ("leaves 2 (Emil Hill", "Dora Lake"),
        liftable=True,
    ),
    Row(
        "somebody who must stay",
        both(roles("fay"), limits(required_holders={"User Administrator": ["fay"]})),
        Kind.REQUIRED_HOLDER,
        (f"Fay Ford (fay.ford{AT}) is required to hold User Administrator", "limits.required_holders"),
    ),
    Row(
        "somebody who must stay and may not sign in",
        both(
            lambda world: world.person("fay", state="disabled"),
            limits(required_holders={"User Administrator": ["fay"]}),
        ),
        Kind.REQUIRED_HOLDER,
        ("Fay Ford", "the account is disabled"),
    ),
    Row(
        "somebody who must stay and is nobody here",
        limits(required_holders={"User Administrator": ["zoe"]}),
        Kind.REQUIRED_HOLDER,
        ("`zoe` is required to hold",),
    ),
    # Never
    Row(
        "the last administrators",
        both(
            lambda world: world.remake(
                lambda held: held if held.principal.object_id in (ADA_ID, id_of("bruno")) else None
            ),
            lambda world: world.facts(emergency=frozenset(), accounts=world.existing.accounts[:1]),
            lambda world: world.drop("rescue-1", "rescue-2", "carla", "dora", "emil", "fay", "gus"),
            roles("ada", "Admin agent"),
            roles("bruno", "Admin agent"),
            lambda world: world.person("ada", pins=None),
            limits(removal_share=100),
        ),
        Kind.LAST_ADMINISTRATOR,
        ("leaves nobody with Global Administrator", "Ada Moss", "Bruno Vale"),
    ),
    Row(
        "an emergency account without its role",
        both(lambda world: world.person("rescue-1", roles=[])),
        Kind.EMERGENCY_ACCOUNT,
        ("Emergency access 1", "would lose Global Administrator"),
        rule="PT-203",
    ),
    Row(
        "an emergency account that is disabled",
        both(lambda world: world.person("rescue-1", state="disabled")),
        Kind.EMERGENCY_ACCOUNT,
        ("Emergency access 1", "would be disabled", "would lose Global Administrator"),
        rule="PT-203",
    ),
    Row(
        "an emergency account that is deleted",
        lambda world: world.drop("rescue-1"),
        Kind.EMERGENCY_ACCOUNT,
        ("Emergency access 1", "would be deleted", "no longer declared as an emergency account"),
        rule="PT-203",
    ),
    Row(
        "an emergency account that becomes an ordinary one",
        lambda world: world.person("rescue-1", emergency=None),
        Kind.EMERGENCY_ACCOUNT,
        ("Emergency access 1", "would be added to AdminAgents", "no longer declared as an emergency account"),
        rule="PT-203",
    ),
    Row(
        "the deploying identity's own membership",
        holds(HELPDESK, ROBOT),
        Kind.OWN_ACCESS,
        ("Pipeline", "would lose HelpdeskAgents"),
        rule="PT-206",
    ),
    Row(
        "the deploying identity's membership through a group",
        holds(HELPDESK, group((ROBOT,))),
        Kind.OWN_ACCESS,
        ("Pipeline", "HelpdeskAgents through the group Field crew"),
        rule="PT-206",
    ),
    Row(
        "the deploying identity's own account",
        both(
            lambda world: world.facts(
                caller=next(item for item in world.existing.known if item.object_id == id_of("fay"))
            ),
            lambda world: world.person("fay", state="disabled"),
        ),
        Kind.OWN_ACCESS,
        ("Fay Ford", "its account, which is disabled", "User Administrator"),
        rule="PT-206",
    ),
    Row(
        "an account that can sign in is deleted",
        lambda world: world.drop("dora"),
        Kind.ACCOUNT_DELETED,
        ("deletes the account of Dora Lake", "loses HelpdeskAgents", "`state: leaver`"),
    ),
    Row(
        "an account of this stack that is called adopted",
        lambda world: world.person("dora", adopted=id_of("dora")),
        Kind.ACCOUNT_DELETED,
        ("deletes the account of Dora Lake", "remove `adopted` from `people.dora`"),
    ),
    Row(
        "an account under another key",
        both(
            lambda world: world.account("dora", enabled=False),
            lambda world: world.people.update({"dora-lake": world.people.pop("dora")}),
        ),
        Kind.ACCOUNT_DELETED,
        ("write `former_keys: [dora]` under `people.dora-lake`",),
    ),
    # Not evaluated
    *[
        Row(
            f"what is not read: {part}", unread(part), Kind.NOT_EVALUATED, (f"the members of {part} could not be read",)
        )
        for part in AgentGroup
    ],
    *[
        Row(
            f"what is not read: {part}",
            unread(part),
            Kind.NOT_EVALUATED,
            (f"was not evaluated, because {part} could not be read: the permission is missing",),
        )
        for part in (Part.DIRECTORY_ROLES, Part.ACCOUNTS)
    ],
    Row(
        "who is eligible, where an account is disabled",
        both(unread(Part.ELIGIBILITIES), lambda world: world.person("dora", state="disabled")),
        Kind.NOT_EVALUATED,
        ("who is eligible for a directory role could not be read",),
    ),
    Row(
        "who deploys, where something is taken",
        both(lambda world: world.facts(caller=None), roles("dora")),
        Kind.NOT_EVALUATED,
        ("the deploying identity could not be read: it was not read",),
        rule="PT-206",
    ),
    Row(
        "who is eligible, where somebody is to be",
        both(eligible_beside("ada"), unread(Part.ELIGIBILITIES)),
        Kind.NOT_EVALUATED,
        ("who is eligible for a directory role could not be read",),
    ),
    Row(
        "who is in a group that loses something",
        holds(HELPDESK, group(None)),
        Kind.NOT_EVALUATED,
        ("the members of the group Field crew", "HelpdeskAgents"),
    ),
    Row(
        "who is in a group that keeps something, where an account is disabled",
        both(holds(GLOBAL, group(None)), lambda world: world.person("dora", state="disabled")),
        Kind.NOT_EVALUATED,
        ("the members of the group Field crew", f"(which keeps {GLOBAL}) could not be read: it was not read"),
    ),
    Row(
        "who is in a group that keeps something, where an account is deleted",
        both(
            holds(GLOBAL, group(None)),
            lambda world: world.account("dora", enabled=False),
            lambda world: world.drop("dora"),
        ),
        Kind.NOT_EVALUATED,
        ("the members of the group Field crew", f"(which keeps {GLOBAL}) could not be read: it was not read"),
    ),
    # Pins
    Row(
        "an adopted person's role without a pin",
        both(lambda world: world.person("ada", pins=None), unmanaged("ada", GLOBAL)),
        Kind.ROLE_ASSIGNMENT_PIN,
        (
            f"Ada Moss (ada.moss{AT}) holds Global Administrator already",
            f"under `people.ada`: `pins: {{role_assignments: {{Global Administrator: {ADAS_ASSIGNMENT}}}}}`",
        ),
        rule="PT-108",
    ),
    Row(
        "the role of an account that is known by its sign-in name",
        both(
            lambda world: world.person("sven", full_name="Sven Dahl", upn=f"SVEN.dahl{AT}", roles=["Billing admin"]),
            holds(DirectoryRole.BILLING_ADMINISTRATOR, UNDECLARED, assignment_id="sven-1"),
        ),
        Kind.ROLE_ASSIGNMENT_PIN,
        (f"`adopted: {UNDECLARED.object_id}` and `pins: {{role_assignments: {{Billing Administrator: sven-1}}}}`",),
        rule="PT-108",
    ),
    Row(
        "a role that somebody gave by hand to an account of this stack",
        unmanaged("fay", USER_ADMIN),
        Kind.ROLE_ASSIGNMENT_PIN,
        ("Fay Ford", "Remove the role in the Entra admin center"),
        rule="PT-108",
    ),
    Row(
        "a pin of what is not there",
        lambda world: world.person("ada", pins={"role_assignments": {"Global Administrator": "gone-1"}}),
        Kind.ROLE_ASSIGNMENT_PIN,
        ("`people.ada` pins Global Administrator of Ada Moss", "gone-1, which does not exist", "remove the pin"),
        rule="PT-108",
    ),
    Row(
        "a pin of somebody else's",
        both(
            lambda world: world.person("ada", pins={"role_assignments": {"Global Administrator": "fay-fe930be7"}}),
            unmanaged("ada", GLOBAL),
        ),
        Kind.ROLE_ASSIGNMENT_PIN,
        (f"by which Fay Ford (fay.ford{AT}) holds User Administrator", f"{ADAS_ASSIGNMENT}}}}}` instead"),
        rule="PT-108",
    ),
    Row(
        "an adopted person's eligible role that was given by hand",
        both(
            eligible_beside("ada"),
            lambda world: world.holds(GLOBAL, ADA, assignment_type=ELIGIBLE, assignment_id=SCHEDULE),
        ),
        Kind.ROLE_ASSIGNMENT_PIN,
        (
            f"Ada Moss (ada.moss{AT}) is eligible for Global Administrator already, by the eligibility schedule "
            f"{SCHEDULE}",
            f"under `people.ada`: `pins: {{role_assignments: {{Global Administrator: {SCHEDULE}}}}}`",
        ),
        rule="PT-108",
    ),
    *(
        Row(
            f"an eligible role by hand whose request is purged, {what} pin",
            both(
                eligible_beside("ada", pin, requested=False),
                lambda world: world.holds(GLOBAL, ADA, assignment_type=ELIGIBLE, assignment_id=SCHEDULE),
            ),
            Kind.ROLE_ASSIGNMENT_PIN,
            (f"eligibility schedule {SCHEDULE}, but the directory has purged", '"action": "adminRemove"', says),
            rule="PT-108",
        )
        for what, pin, says in (
            ("without a", None, "to have this stack give it again"),
            ("with a", SCHEDULE, "remove `people.ada.pins.role_assignments.Global Administrator`, and try again"),
        )
    ),
    Row(
        "an eligible role by hand whose request gives no justification",
        both(
            eligible_beside("ada", SCHEDULE),
            lambda world: world.holds(GLOBAL, ADA, assignment_type=ELIGIBLE, assignment_id=SCHEDULE),
            lambda world: world.facts(unjustified_requests=frozenset({SCHEDULE})),
        ),
        Kind.ROLE_ASSIGNMENT_PIN,
        (f"eligibility schedule {SCHEDULE}, but the request for it has no justification", "adminRemove"),
        rule="PT-108",
    ),
    Row(
        "an eligible role that the state lost, of an account of this stack",
        both(
            eligible_beside("bruno"),
            lambda world: world.holds(GLOBAL, BRUNO, assignment_type=ELIGIBLE, assignment_id=SCHEDULE),
        ),
        Kind.ROLE_ASSIGNMENT_PIN,
        (
            f"Bruno Vale (bruno.vale{AT}) is eligible for Global Administrator already",
            "Remove the role in the Entra",
        ),
        rule="PT-108",
    ),
    Row(
        "a role over a unit that exists already",
        both(
            lambda world: world.person("fay", assignments={"User Administrator": {"administrative_unit": ADA_ID}}),
            lambda world: world.holds(
                USER_ADMIN, FAY, scope=f"/administrativeUnits/{ADA_ID}", assignment_id="fay-over-a-unit"
            ),
        ),
        Kind.ROLE_ASSIGNMENT_PIN,
        (f"holds User Administrator over /administrativeUnits/{ADA_ID} already, by the assignment fay-over-a-unit",),
        rule="PT-108",
    ),
    Row(
        "a pin of an eligible role of somebody who is to hold it all the time",
        both(
            lambda world: world.person("ada", pins={"role_assignments": {"Global Administrator": SCHEDULE}}),
            lambda world: world.holds(GLOBAL, ADA, assignment_type=ELIGIBLE, assignment_id=SCHEDULE),
            unmanaged("ada", GLOBAL),
        ),
        Kind.ROLE_ASSIGNMENT_PIN,
        ("by which Ada Moss", "is eligible for Global Administrator", f"`{PINNED}` instead"),
        rule="PT-108",
    ),
    Row(
        "a pin of an eligible role that is not there",
        eligible_beside("ada", pin=SCHEDULE),
        Kind.ROLE_ASSIGNMENT_PIN,
        (
            f"to the assignment {SCHEDULE}, which does not exist",
            "remove the pin: the stack will give Ada Moss the role.",
        ),
        rule="PT-108",
    ),
    Row(
        "a pinned role over a unit that is declared for the whole tenant",
        both(
            lambda world: world.person(
                "ada", roles=["User management admin"], pins={"role_assignments": {"User Administrator": "ada-unit"}}
            ),
            lambda world: world.holds(
                USER_ADMIN, ADA, scope=f"/administrativeUnits/{ADA_ID}", assignment_id="ada-unit", owned=True
            ),
        ),
        Kind.ROLE_ASSIGNMENT_PIN,
        (f"under `people.ada.assignments`: `User Administrator: {{administrative_unit: {ADA_ID}}}`", "without the pin"),
        rule="PT-108",
    ),
    # Overrides that lift nothing
    Row(
        "an override of another change",
        both(TWO_OF_THREE, approved(change="0" * 32)),
        Kind.REMOVAL_CEILING,
        ("`limits.override` does not allow it: it is for another change (0000",),
        liftable=True,
    ),
    Row(
        "an override that has ended",
        both(TWO_OF_THREE, approved(expires_on=date(2026, 5, 31))),
        Kind.REMOVAL_CEILING,
        ("it ended on 2026-05-31",),
        liftable=True,
    ),
    Row(
        "an override that is good for too long",
        both(TWO_OF_THREE, approved(expires_on=date(2026, 6, 9))),
        Kind.REMOVAL_CEILING,
        ("it ends on 2026-06-09, more than 7 days ahead",),
        liftable=True,
    ),
    *[
        Row(
            f"an override approved by {who}",
            both(TWO_OF_THREE, before, approved(by)),
            Kind.REMOVAL_CEILING,
            (says,),
            liftable=True,
        )
        for who, by, before, says in (
            ("nobody here", "zoe", both(), "`zoe`, who approved it, is not a key of `people`"),
            ("an emergency account", "rescue-1", both(), "since it is an emergency account"),
            (
                "an agent",
                "carla",
                both(),
                "since they are not a User management admin, Account admin or Global admin",
            ),
            (
                "somebody whom the change makes an administrator",
                "gus",
                roles("gus", "Helpdesk agent", "User management admin"),
                "Global admin before the change",
            ),
            (
                "somebody whom the change makes",
                "new",
                lambda world: world.person("new", full_name="New Ly", roles=[], company_roles=["Account admin"]),
                "since they have no account in this tenant that can sign in before the change",
            ),
            (
                "somebody who is disabled now",
                "bruno",
                lambda world: world.account("bruno", enabled=False),
                "have no account in this tenant that can sign in",
            ),
        )
    ],
    Row(
        "an override of a role by somebody who manages people",
        both(ADA_ALONE, limits(minimum_holders={"Global Administrator": 2}), approved("fay")),
        Kind.MINIMUM_HOLDERS,
        ("Fay Ford may not approve it, since they are not a Global admin",),
        liftable=True,
    ),
    Row(
        "an override of the last one in a group",
        both(roles("fay"), limits(minimum_holders={"User Administrator": 1}), approved("ada")),
        Kind.MINIMUM_HOLDERS,
        ("leaves 0",),
    ),
    Row(
        "an override for an emergency account",
        both(lambda world: world.person("rescue-1", roles=[]), approved()),
        Kind.EMERGENCY_ACCOUNT,
        ("would lose Global Administrator",),
        rule="PT-203",
    ),
    Row(
        "an override for the deploying identity",
        both(holds(HELPDESK, ROBOT), approved()),
        Kind.OWN_ACCESS,
        ("Pipeline",),
        rule="PT-206",
    ),
    # Eligible roles that the provider cannot take away
    Row(
        "a leaver's eligible role whose request is purged",
        both(made_eligible("fay", requested=False), lambda world: world.person("fay", state="leaver")),
        Kind.ELIGIBLE_ROLE_STAYS,
        (
            f"this change removes the eligible role User Administrator from Fay Ford (fay.ford{AT})",
            "the directory has purged the request",
            f'--body \'{{"action": "adminRemove", "principalId": "{id_of("fay")}", '
            f'"roleDefinitionId": "{USER_ADMIN.template_id}", "directoryScopeId": "/", ',
            "Privileged Identity Management, Microsoft Entra roles",
            f"update the state with `pulumi refresh --run-program=false --yes --target '{OF_FAY.urn}'`",
        ),
        rule="PT-108",
    ),
    Row(
        "a role taken away whose request is purged",
        both(
            made_eligible("fay", requested=False),
            lambda world: world.person("fay", roles=["Helpdesk agent"], assignments=None),
        ),
        Kind.ELIGIBLE_ROLE_STAYS,
        ("Fay Ford", "`tenantry docs runbooks/eligible-role`"),
        rule="PT-108",
    ),
    Row(
        "a purged eligible role that is to be held all the time",
        both(made_eligible("fay", requested=False), lambda world: world.person("fay", assignments=None)),
        Kind.ELIGIBLE_ROLE_STAYS,
        ("Fay Ford", "eligible role User Administrator"),
        rule="PT-108",
    ),
    Row(
        "a leaver's eligible role that somebody took away by hand",
        both(made_eligible("fay", existing=False), lambda world: world.person("fay", state="leaver")),
        Kind.ELIGIBLE_ROLE_STAYS,
        (f"Fay Ford (fay.ford{AT}) is no longer eligible for User Administrator", f"state delete '{OF_FAY.urn}'"),
        rule="PT-108",
    ),
    Row(
        "a leaver's purged eligible role that was taken away before the update, but the state has it still",
        both(made_eligible("fay", requested=False, existing=False), lambda world: world.person("fay", state="leaver")),
        Kind.ELIGIBLE_ROLE_STAYS,
        (
            f"Fay Ford (fay.ford{AT}) is no longer eligible",
            f"`pulumi refresh --run-program=false --yes --target '{OF_FAY.urn}'`",
        ),
        rule="PT-108",
    ),
    Row(
        "a role that was taken over and has ended since the last update",
        protected(until(TODAY)),
        Kind.PROTECTED_ROLE,
        (
            f"Gus Dale (gus.dale{AT}) holds Billing Administrator by the assignment gus-1",
            "write a later date in `people.gus.until.Billing admin`, and run `pulumi up`, which removes no access",
        ),
        rule="PT-108",
    ),
    Row(
        "a role that was taken over and is no longer declared, nor its pin",
        protected(lambda world: world.person("gus", roles=["Helpdesk agent"], pins=None)),
        Kind.PROTECTED_ROLE,
        ("undo this change, but remove `people.gus.pins.role_assignments.Billing Administrator",),
        rule="PT-108",
    ),
    Row(
        "a leaver's role that was taken over",
        protected(lambda world: world.person("gus", state="leaver")),
        Kind.PROTECTED_ROLE,
        ("Gus Dale", "Then make the change again"),
        rule="PT-108",
    ),
    # The licence
    Row(
        "the state holds an eligible role of before the licence ended",
        both(unlicensed, lambda world: world.facts(eligibilities=(OF_FAY,))),
        Kind.LICENCE,
        ("holds 1 of the eligible roles", "`pulumi state delete 'urn:pulumi:dev::t::A$B::us-fay'`"),
        rule="PT-102",
    ),
    Row(
        "eligible in a tenant without the licence",
        both(eligible("bruno", GLOBAL), eligible("fay"), unlicensed),
        Kind.LICENCE,
        (
            f"Bruno Vale (bruno.vale{AT}) for Global Administrator, Fay Ford (fay.ford{AT}) for User Administrator",
            "Microsoft Entra ID P2 or Microsoft Entra ID Governance",
            "remove `eligible: true` under `people.bruno.assignments.Global Administrator`, `people.fay.assignments.",
        ),
        rule="PT-102",
    ),
]


def titled(row: Row) -> str:
    return row.what


@pytest.mark.parametrize("row", ROWS, ids=titled)
def test_what_is_refused(row: Row) -> None:
    world = World()
    row.change(world)
    refusals = world.refusals
    assert [item.kind for item in refusals] == [row.kind], "\n".join(map(str, refusals))
    (refusal,) = refusals
    assert refusal.rule == row.rule
    assert refusal.liftable is row.liftable
    message = refusal.paragraph
    for words in row.says:
        assert words in message, message
    assert "Nothing was changed." in message
    assert "\n" not in message


FINE: dict[str, Callable[[World], object]] = {
    "nothing changes": both(),
    "one of three": roles("dora"),
    "two of three, approved": both(TWO_OF_THREE, approved()),
    "two of three, approved by who manages people": both(TWO_OF_THREE, approved("fay")),
    "two of three, approved on the last day": both(TWO_OF_THREE, approved(expires_on=date(2026, 6, 1))),
    "two of three, approved as far ahead as may be": both(TWO_OF_THREE, approved(expires_on=date(2026, 6, 8))),
    "two of three, where all may go": both(TWO_OF_THREE, limits(removal_share=67)),
    "two of three, where all may go from this group": both(
        TWO_OF_THREE, limits(removal_count=1, per={"HelpdeskAgents": {"removal_share": 100, "removal_count": 2}})
    ),
    "one fewer than must stay, approved": both(
        ADA_ALONE, limits(minimum_holders={"Global Administrator": 2}), approved()
    ),
    "a floor that the tenant was under already, and nothing taken": limits(minimum_holders={"SalesAgents": 5}),
    "somebody is made to make up for who leaves": both(
        roles("dora"),
        limits(minimum_holders={"HelpdeskAgents": 3}),
        lambda world: world.person("new", full_name="New Ly", roles=["Helpdesk agent"]),
    ),
    "undeclared accounts stay in mode additive": both(
        holds(HELPDESK, *CREW), lambda world: world.file.update(ADDITIVE)
    ),
    "undeclared accounts keep their roles": holds(GLOBAL, *CREW, assignment_id="theirs"),
    "three disabled undeclared accounts": holds(HELPDESK, *many(3, enabled=False)),
    "a group of people who are in the group themselves": lambda world: world.holds(
        HELPDESK, group(tuple(world.existing.access.holders(AccessKind.AGENT_GROUP, HELPDESK.value)))
    ),
    "an eligibility beside an active assignment of the stack": lambda world: world.holds(
        USER_ADMIN,
        next(item for item in world.existing.known if item.object_id == id_of("fay")),
        assignment_type=AssignmentType.ELIGIBLE,
        owned=True,
    ),
    "an emergency account leaves the agent group that somebody put it into": lambda world: world.holds(
        ADMINS, next(item for item in world.existing.known if item.object_id == id_of("rescue-1"))
    ),
    "a disabled account is deleted": both(
        lambda world: world.account("dora", enabled=False), lambda world: world.drop("dora")
    ),
    "a new sign-in name": lambda world: world.person("dora", upn=f"dora.rivers{AT}"),
    "a stale override": limits(
        override={"change": "0" * 32, "reason": "r", "approved_by": "ada", "expires_on": date(2020, 1, 1)}
    ),
    "a pin that is not taken over yet": unmanaged("ada", GLOBAL),
    "a role that was taken over and stays": protected(),
    "a role that was taken over and is to end": protected(until(date(2026, 6, 2))),
    "a role that was taken over and whose pin goes": protected(lambda world: world.person("gus", pins=None)),
    "an eligibility of a declared person that is not the stack's": lambda world: world.holds(
        DirectoryRole.BILLING_ADMINISTRATOR,
        next(item for item in world.existing.known if item.object_id == id_of("fay")),
        assignment_type=AssignmentType.ELIGIBLE,
    ),
    "who deploys was not read, and nothing is taken": lambda world: world.facts(caller=None),
    "who is eligible was not read, and no account ends": both(unread(Part.ELIGIBILITIES), roles("dora")),
    "an eligible role by hand that is pinned": both(
        eligible_beside("ada", pin=SCHEDULE),
        lambda world: world.holds(GLOBAL, ADA, assignment_type=ELIGIBLE, assignment_id=SCHEDULE),
    ),
    "a leaver's eligible role whose request is there": both(
        made_eligible("fay"), lambda world: world.person("fay", state="leaver")
    ),
    "a purged eligible role that stays": made_eligible("fay", requested=False),
    "an eligible role that is to be given again": made_eligible("fay", existing=False),
    "an eligible role beside the active one that is declared": lambda world: world.holds(
        GLOBAL, ADA, assignment_type=ELIGIBLE, assignment_id=SCHEDULE
    ),
    "a group was not read in mode additive, and nothing is taken from it": both(
        unread(SALES), lambda world: world.file.update(ADDITIVE), roles("dora")
    ),
    "a group that keeps something was not read, and no account ends": both(holds(GLOBAL, group(None)), roles("dora")),
    "eligible in a tenant with the licence": eligible("fay"),
    "an eligible role of the state in a tenant with the licence": made_eligible("fay"),
    "active roles in a tenant without the licence": unlicensed,
    "a required person who stays": limits(required_holders={"Global Administrator": ["ada", "bruno"]}),
}


@pytest.mark.parametrize("what", FINE)
def test_what_is_not_refused(what: str) -> None:
    world = World()
    FINE[what](world)
    assert world.refusals == []


def test_a_role_is_known_by_its_template_id_in_any_case() -> None:
    assert role_of(GLOBAL.template_id.upper()) is GLOBAL
    assert role_of(EXCHANGE.template_id.upper()) == EXCHANGE


def test_who_may_approve_is_named_in_the_same_order_however_the_file_is_sorted() -> None:
    world, other = World(), World()
    other.file["people"] = dict(reversed(other.people.items()))
    for one in (world, other):
        TWO_OF_THREE(one)
    assert other.refusals == world.refusals


def test_a_role_that_ended_before_an_update_took_it_over_is_reported_as_staying() -> None:
    world = World()
    protected(
        until(TODAY),
        lambda world: world.record(lambda held: held.power is DirectoryRole.BILLING_ADMINISTRATOR, owned=False),
    )(world)
    world.facts(protected=frozenset())
    (message,) = (item for item in advice(world.tenant, world.existing) if "Gus Dale" in item)
    assert "`people.gus.until.Billing admin` ended on 2026-06-01: the stack does not manage it" in message


def test_an_eligible_role_that_somebody_took_away_is_reported_and_hinders_nothing() -> None:
    world = World()
    made_eligible("fay", existing=False)(world)
    (message,) = advice(world.tenant, world.existing)
    assert message.startswith(
        f"Advice (PT-102): the stack made Fay Ford (fay.ford{AT}) eligible for User Administrator"
    )
    assert f"`pulumi state delete '{OF_FAY.urn}'`" in message
    made_eligible("fay")(world := World())
    assert advice(world.tenant, world.existing) == []


def test_a_gain_is_reported_with_its_standing_and_its_scope() -> None:
    world = World()
    unit = "eeeeeeee-0000-4000-8000-00000000000a"
    how = {"User Administrator": {"eligible": True, "administrative_unit": unit}}
    world.person("carla", roles=["Admin agent", "User management admin"], assignments=how)
    (gain,) = [gain for gain in world.change.gains if gain.key == "carla"]
    assert (gain.grant.power, gain.grant.assignment_type) == (USER_ADMIN, AssignmentType.ELIGIBLE)
    assert gain.grant.scope == f"/administrativeUnits/{unit}"


def test_nobody_gains_what_they_may_have_already_in_a_group_that_was_not_read() -> None:
    world = World()
    world.file.update(ADDITIVE)
    unread(SALES)(world)
    held = [(grant, why) for grant, why in world.held if grant.power is not SALES]
    world.facts(access=access_of(held, world.existing.not_read))
    world.person("emil", roles=["Helpdesk agent", "Sales agent"])
    assert [gain.key for gain in world.change.gains] == []
    assert changed_by_others(world.change, {SALES: [id_of("emil")]}) is None
    world.facts(access=access_of(held), not_read={})
    assert [gain.key for gain in world.change.gains] == ["emil"]


def test_who_is_adopted_by_a_sign_in_name_is_somebody_in_a_change_of_two_declarations() -> None:
    world = World()
    world.person("ada", adopted="by-upn", pins=None)
    between = change_between(world.tenant, world.tenant)
    assert between.people["ada"].enabled
    assert (between.losses, between.gains) == ((), ())
