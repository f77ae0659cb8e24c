"""Generates tenants as they exist, and declarations that take and give something in them."""

from collections.abc import Callable
from copy import deepcopy
from dataclasses import replace
from datetime import date
from typing import Any, Final

from hypothesis import strategies as st

from tenantry.access.existing import Existing, access_of
from tenantry.access.grants import Grant, OtherRole, Reason
from tenantry.access.principals import Principal
from tenantry.declaration import Tenant
from tenantry.graph.models import MemberKind
from tenantry.roles import AgentGroup, AssignmentType, DirectoryRole, PartnerRole
from tests.acme import AT, tenant_file

from .builder import ADDITIVE, ROBOT, ROBOTS_ROLE, Held, World, existing_of

UNIT: Final = "aaaaaaaa-0000-4000-8000-0000000000a1"
EXCHANGE: Final = OtherRole("29232cdf-9323-42fd-ade2-1d097af3e4de")
POWERS: Final = (*AgentGroup, *DirectoryRole, EXCHANGE)
NAMED: Final = tuple(power.value for power in (*AgentGroup, *DirectoryRole))
KEYS: Final = tuple(f"p{number}" for number in range(7))
#: They may always approve, unless a change takes it from them.
HEAD: Final = {"full_name": "Ada Moss", "roles": ["Global admin"], "company_roles": ["Account admin"]}
_OF_THE_HEAD = (*["keep"] * 6, "drop", "eligible", "eligible")
_OF_OTHERS = ("keep", "keep", "drop", "roles", "state", "anew")
"""What becomes of somebody."""
_ROLES = tuple(role.value for role in PartnerRole)


def id_of(key: str) -> str:
    """The object id of a declared person's account."""
    return f"0000000a-0000-4000-8000-{int(key.removeprefix('p') or 0):012}"


@st.composite
def _people(draw: st.DrawFn, key: str, *, new: bool = False) -> dict[str, Any]:
    number = int(key.removeprefix("p"))
    person: dict[str, Any] = {"full_name": f"Person {number}", "upn": f"{key}{AT}"}
    if draw(st.integers(0, 5)) == 0:
        return person | {"roles": ["Global admin"], "emergency": True}
    roles = draw(st.lists(st.sampled_from(_ROLES), max_size=2, unique=True))
    adopted = not new and draw(st.integers(0, 3)) == 0
    states = ("leaver", None, None, None) if adopted else ("disabled", "leaver", "present", None, None, None)
    person |= {"roles": roles, "state": draw(st.sampled_from(states))}
    if adopted:
        person["adopted"] = id_of(key)
    if "User management admin" in roles and draw(st.booleans()):
        how = draw(st.sampled_from([{"eligible": True}, {"administrative_unit": UNIT}]))
        person["assignments"] = {"User Administrator": how}
    return {name: value for name, value in person.items() if value is not None}


_ABOUT: Final[tuple[dict[str, Any], ...]] = (
    *({}, {}, {}, {}),
    {"enabled": False},
    {"guest": True},
    {"kind": MemberKind.SERVICE_PRINCIPAL},
)


@st.composite
def _undeclared(draw: st.DrawFn) -> list[Held]:
    """Others' access: people, guests, disabled accounts, programs and groups, and what declared people hold besides."""
    everybody = [
        Principal.in_directory(
            f"0000000B-0000-4000-8000-{number:012}", f"Stranger {number}", f"stranger.{number}{AT}", **about
        )
        for number, about in enumerate(_ABOUT)
    ]
    some = st.lists(st.sampled_from(everybody), max_size=3, unique=True)
    crew = Principal.in_directory(
        f"{9:08}-0000-4000-8000-{9:012}", "Crew", kind=MemberKind.GROUP, members=tuple(draw(some))
    )
    held = []
    for power in POWERS:
        for holder in draw(st.lists(st.sampled_from([*everybody, crew]), max_size=3, unique=True)):
            of_role = not isinstance(power, AgentGroup)
            grant = Grant.of(
                holder,
                power,
                draw(st.sampled_from(AssignmentType)) if of_role else AssignmentType.ACTIVE,
                draw(st.sampled_from(["/", "/", f"/administrativeUnits/{UNIT}"])) if of_role else "/",
            )
            owned = draw(st.booleans()) if power is not EXCHANGE else False
            held.append((grant, Reason(assignment_id=f"{power}-{holder.object_id}", owned=owned)))
    return held


@st.composite
def _limits(draw: st.DrawFn) -> dict[str, Any]:
    few = st.lists(st.sampled_from(NAMED), max_size=2, unique=True)
    return {
        "removal_share": draw(st.integers(1, 100)),
        "removal_count": draw(st.integers(0, 6)),
        "per": {power: {"removal_count": draw(st.integers(0, 6))} for power in draw(few)},
        "required_holders": {
            power: draw(st.lists(st.sampled_from(KEYS), min_size=1, max_size=2, unique=True))
            for power in draw(few)
            if draw(st.integers(0, 3)) == 0
        },
        "minimum_holders": {power: draw(st.integers(1, 4)) for power in draw(few)},
    }


@st.composite
def worlds(draw: st.DrawFn) -> World:
    """What is declared now, where something else was applied before; others hold access too. Everything was read."""
    before: dict[str, dict[str, Any]] = {"p0": {**HEAD, "upn": f"ada{AT}", "adopted": id_of("p0")}}
    before |= {key: draw(_people(key)) for key in draw(st.lists(st.sampled_from(KEYS[1:5]), unique=True))}
    after = deepcopy(before)
    for key in sorted(before):
        match draw(st.sampled_from(_OF_THE_HEAD if key == "p0" else _OF_OTHERS)):
            case "drop":
                del after[key]
            case "eligible":
                after[key] = {**before[key], "assignments": {"Global Administrator": {"eligible": True}}}
            case "roles" if not before[key].get("emergency"):
                after[key] = {**before[key], "roles": draw(st.lists(st.sampled_from(_ROLES), max_size=2, unique=True))}
                after[key].pop("assignments", None)
            case "state":
                after[key] = {**before[key], "state": "leaver"}
                if not before[key].get("adopted"):
                    after[key]["state"] = draw(st.sampled_from(["leaver", "disabled"]))
            case "anew":
                after[key] = draw(_people(key, new=True))
    after |= {key: draw(_people(key, new=True)) for key in draw(st.lists(st.sampled_from(KEYS[5:]), unique=True))}
    file = tenant_file(after)
    if draw(st.integers(0, 2)) == 0:
        file |= ADDITIVE
    file["limits"] = draw(_limits())
    existing = existing_of(Tenant.model_validate(tenant_file(before)), id_of)
    caller = draw(st.sampled_from([ROBOT, ROBOT, *existing.known]))
    world = World(file, existing)
    own = world.held if draw(st.integers(0, 3)) else [item for item in world.held if item[0] != ROBOTS_ROLE]
    permissions = draw(st.sampled_from([None, None, frozenset[str](), frozenset({"User.ReadWrite.All"})]))
    world.facts(access=access_of([*own, *draw(_undeclared())]), caller=caller, permissions=permissions)
    return world


def shuffled(draw: Callable[[st.SearchStrategy[Any]], Any], world: World) -> World:
    """The same facts in another order."""

    def other(entries: tuple[Any, ...]) -> tuple[Any, ...]:
        return tuple(draw(st.permutations(entries)))

    now: Existing = world.existing
    file = {**world.file, "people": dict(draw(st.permutations(list(world.people.items()))))}
    access = replace(now.access, grants=dict(other(tuple(now.access.grants.items()))))
    existing = replace(now, access=access, accounts=other(now.accounts), known=other(now.known))
    return World(file, existing)


def override(change: str, by: str, expires_on: date) -> dict[str, Any]:
    """The approval of a change, as the file holds it."""
    return {"change": change, "reason": "The Oslo office has closed", "approved_by": by, "expires_on": expires_on}
