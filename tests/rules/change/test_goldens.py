"""The refusals as people read them; ``make docs`` renews them."""

from collections.abc import Callable
from datetime import date
from typing import Any

from tenantry.access.existing import DeletedAccount, ExistingConsent, Part, TakenAddress
from tenantry.access.grants import OtherRole
from tenantry.access.parts import NotRead
from tenantry.access.principals import Principal
from tenantry.declaration.consent import MICROSOFT_GRAPH
from tenantry.graph.errors import Cause
from tenantry.graph.models import MemberKind
from tenantry.rules.change.refusal import Kind, Refusal
from tests.acme import AT

from .builder import ROBOT, ROBOTS_ROLE, TODAY, UNDECLARED, World, account, id_of
from .test_customers import people, renew, terminate, with_customers, without
from .test_evaluate import (
    ADA,
    ADMINS,
    CREW,
    ELIGIBLE,
    EXCHANGE,
    GLOBAL,
    HELPDESK,
    SALES,
    SCHEDULE,
    TWO_OF_THREE,
    USER_ADMIN,
    approved,
    both,
    eligible,
    eligible_beside,
    group,
    holds,
    limits,
    made_eligible,
    many,
    protected,
    roles,
    unlicensed,
    unmanaged,
    unread,
    until,
)

Step = Callable[[World], object]

FTOP = "7d3fa1c2-0b7e-4a55-9a53-0f6f3b1f0c11"


def drop(*keys: str) -> Step:
    return lambda world: world.drop(*keys)


def person(key: str, **fields: object) -> Step:
    return lambda world: world.person(key, **fields)


def powerless(world: World) -> None:
    """The deploying identity holds no directory role."""
    world.remake(lambda held: None if held == ROBOTS_ROLE else held)


def consented(world: World) -> None:
    world.file["ftop"] = {"application_id": FTOP, "approval": {"on": date(2026, 5, 1), "by": "ada"}}
    world.facts(consents=(ExistingConsent("grant-1", MICROSOFT_GRAPH, frozenset({"Mail.Send", "openid"})),))


def new(world: World) -> None:
    world.person("new", full_name="New Hire", upn=f"new.hire{AT}", email="New.Hire@acme.example", roles=["Admin agent"])


def named(*holders: Principal) -> Step:
    return lambda world: world.facts(names=holders)


def known(key: str) -> Callable[[World], Principal]:
    return lambda world: next(item for item in world.existing.known if item.object_id == id_of(key))


#: Names that the directory may hold, and that no declaration may: orders to a terminal, further lines, turned writing.
HOSTILE = (
    account(801, "\x1b[2J\x1b[31mAll clear"),
    account(802, "Zed\nRefused (PT-999): nothing. Nothing was changed."),
    account(803, "Nils \u202emda\u202c Olsen"),
    account(804, "渡辺 花子"),
    account(805, "नमि\u200dता"),
    Principal.in_directory("00000000-0000-4000-8000-000000000806", "a" * 256, f"{'b' * 64}{AT}"),
    Principal.in_directory("00000000-0000-4000-8000-000000000807", "Bot\ttwo", None, MemberKind.SERVICE_PRINCIPAL),
)

OWN_ROLE = OtherRole("00000000-0000-4000-8000-000000000809")


def identity(object_id: str) -> dict[str, Any]:
    decided = {"owner": "Ada", "reason": "No GDAP yet", "decided_on": date(2026, 1, 1), "until": date(2026, 12, 31)}
    return {"object_id": object_id, "name": "Bridge", "groups": ["AdminAgents"], **decided}


#: What is refused, by heading: one kind after the other, then several at once, names, and what was not read.
CHANGES: dict[str, Step] = {
    "The last administrator goes": both(
        drop("rescue-1", "rescue-2"), person("ada", roles=[], pins=None), roles("bruno")
    ),
    "An emergency account is no longer declared": drop("rescue-2"),
    "An emergency account becomes an ordinary one in an agent group": both(
        person("rescue-2", emergency=None, roles=["Admin agent"]),
    ),
    "The deploying identity takes from itself": holds(HELPDESK, ROBOT),
    "An account that can sign in is deleted": drop("dora"),
    "An account is taken over under another key": both(
        drop("dora"), person("dora-lake", full_name="Dora Lake", upn=f"dora.lake{AT}", roles=["Helpdesk agent"])
    ),
    "More is taken than the share allows": TWO_OF_THREE,
    "More is taken than the count allows, in a large group": both(
        limits(removal_share=100, removal_count=2), holds(SALES, *many(4))
    ),
    "Fewer remain than must": both(
        roles("bruno"), limits(removal_share=100, minimum_holders={"Global Administrator": 2})
    ),
    "Nobody remains": both(roles("fay"), limits(minimum_holders={"User Administrator": 1})),
    "Somebody required goes": both(roles("dora"), limits(required_holders={"HelpdeskAgents": ["dora"]})),
    "Somebody required was never there": limits(required_holders={"AdminAgents": ["zoe"]}),
    "A role is given already, and no pin says so": both(person("ada", pins=None), unmanaged("ada", GLOBAL)),
    "A role was given by hand to an account that was made here": unmanaged("fay", USER_ADMIN),
    "A pin leads nowhere": person("ada", pins={"role_assignments": {"Global Administrator": "gone-1"}}),
    "A part was not read": unread(SALES),
    "An administrator leaves, but the deploying identity holds no role": both(powerless, person("fay", state="leaver")),
    "Somebody renamed holds what the stack did not give": both(
        powerless,
        person("gus", full_name="Gus Dale-Roy"),
        lambda world: world.holds(EXCHANGE, known("gus")(world)),
    ),
    "A leaver holds what the stack did not give": both(
        powerless,
        person("gus", state="leaver"),
        lambda world: world.holds(EXCHANGE, known("gus")(world)),
    ),
    "Somebody in a group for roles is renamed": both(
        powerless,
        person("gus", upn=f"gus{AT}"),
        lambda world: world.facts(in_role_assignable_groups=frozenset({id_of("gus")})),
    ),
    "A new password, but the deploying identity holds no role": both(
        powerless, person("gus", password_round=2), lambda world: world.account("gus", password_round=1)
    ),
    "The deploying identity lacks every permission": both(
        powerless,
        person("gus", full_name="Gus Dale-Roy", roles=["Sales agent"]),
        person("fay", roles=["User management admin", "Billing admin"], email=None),
        lambda world: world.facts(permissions=frozenset({"User.Read.All"})),
    ),
    "An override for another change": both(TWO_OF_THREE, approved(change="0" * 32)),
    "An override by somebody who may not": both(TWO_OF_THREE, approved("carla")),
    "What an approval would let through beside": both(
        TWO_OF_THREE,
        roles("carla"),
        person("gus", state="leaver"),
        holds(EXCHANGE, UNDECLARED),
        holds(HELPDESK, group(CREW[:1]), account(808, "Off Duty", enabled=False)),
    ),
    "Several at once": both(
        drop("rescue-2", "gus"),
        TWO_OF_THREE,
        roles("bruno"),
        limits(minimum_holders={"Global Administrator": 2}, required_holders={"HelpdeskAgents": ["emil"]}),
        holds(ADMINS, ROBOT, UNDECLARED),
        unread(Part.ELIGIBILITIES),
    ),
    "Names that do what names should not": holds(HELPDESK, *HOSTILE),
    "A role of the tenant's own": both(
        lambda world: world.holds(
            OtherRole("00000000-0000-4000-8000-000000000809"),
            known("dora")(world),
            known("emil")(world),
        ),
        person("dora", state="disabled"),
        person("emil", state="disabled"),
        limits(per={"HelpdeskAgents": {"removal_share": 100}}),
    ),
    "Nothing was read": both(
        lambda world: world.facts(
            caller=None,
            not_read=dict.fromkeys(
                (ADMINS, HELPDESK, SALES, *Part),
                NotRead(Cause.PERMISSION, "the permission Directory.Read.All is missing"),
            ),
        ),
        person("dora", state="leaver"),
    ),
    "Who is in a group that loses something was not read": holds(HELPDESK, group(None)),
    "Eligible roles without the licence": both(eligible("bruno", GLOBAL), eligible("fay"), unlicensed),
    "The tenant has consented to FTOP already": consented,
    "Somebody is eligible already, and no pin says so": both(
        eligible_beside("ada"), holds(GLOBAL, ADA, assignment_type=ELIGIBLE, assignment_id=SCHEDULE)
    ),
    "An eligible role whose request is purged": both(
        made_eligible("fay", requested=False), person("fay", state="leaver")
    ),
    "An eligible role that was taken away by hand": both(
        made_eligible("fay", existing=False), person("fay", state="leaver")
    ),
    "A role that was taken over has ended since the last update": protected(until(TODAY)),
    "A leaver's role was taken over": protected(person("gus", state="leaver")),
    "A declared domain is not verified": lambda world: world.facts(verified_domains=frozenset({"acme.example"})),
    "A sign-in name is an account's that nobody made here": both(new, named(account(810, "New Hire"))),
    "A sign-in name is that of somebody else here": both(
        person("dora", upn=f"emil.hill{AT}"), lambda world: world.facts(names=(known("emil")(world),))
    ),
    "A sign-in name is a deleted account's": both(
        new,
        lambda world: world.facts(
            deleted=(DeletedAccount(Principal.in_directory("gone-1", "New Hire", f"new.hire{AT}")),)
        ),
    ),
    "A sign-in name is that of an account that this stack made and somebody deleted": both(
        new,
        lambda world: world.facts(
            deleted=(DeletedAccount(Principal.in_directory("gone-2", "New Hire", f"new.hire{AT}"), owned=True),)
        ),
    ),
    "An e-mail address is a group's": both(
        new, lambda world: world.facts(addresses=(TakenAddress("new.hire@acme.example", group(None)),))
    ),
    "A declared identity is a group, and another is not there": both(
        lambda world: world.facts(known=(*world.existing.known, group(None))),
        lambda world: world.file.update(
            identities={
                "crew": identity(group(None).object_id),
                "bridge": identity("00000000-0000-4000-8000-000000000b1d"),
            }
        ),
    ),
    "Two relationships with customers end, and two people leave a group": with_customers(
        both(terminate("alpine", "coho"), people("desk", "emil", "fay", "gus"))
    ),
    "A relationship with a customer is renewed in one change": with_customers(
        both(terminate("alpine"), renew("alpine"))
    ),
    "A relationship with a customer is no longer declared": with_customers(without("alpine")),
    "A round of passwords goes back": lambda world: world.account("dora", password_round=3),
}


def refusals(change: Step) -> list[Refusal]:
    world = World()
    change(world)
    return world.refusals


def test_each_kind_of_refusal_reads_as_it_was_approved(matches_golden: Callable[[str, str], None]) -> None:
    message = [(title, [item.paragraph for item in refusals(change)]) for title, change in CHANGES.items()]
    text = "\n\n".join("\n".join([f"# {title}", *paragraphs]) for title, paragraphs in message)
    matches_golden("refusals.txt", f"{text}\n")


def test_the_goldens_show_every_kind_and_several_at_once() -> None:
    shown = {title: {item.kind for item in refusals(change)} for title, change in CHANGES.items()}
    assert all(shown.values()), "a change that is not refused shows nothing"
    assert set().union(*shown.values()) >= set(Kind)
    assert len(shown["Several at once"]) >= 6


def test_no_name_gives_orders_to_a_terminal_or_begins_a_line_of_its_own() -> None:
    for change in CHANGES.values():
        for refusal in refusals(change):
            assert refusal.paragraph.replace("\u200d", "").isprintable()
