"""Generates valid declarations: a partner, its tenants, their people and what they hold."""

from collections.abc import Callable, Iterable, Sequence
from datetime import date, timedelta
from functools import cache
from typing import Any

from hypothesis import strategies as st

from tenantry.declaration.ftop import Consent, FtopRole
from tenantry.declaration.tenant import Program, Tool
from tenantry.roles import AgentGroup, CompanyRole, DirectoryRole, PartnerRole, expand
from tenantry.rules import RULES
from tests.deep.trees import Map

Draw = st.DrawFn

KEYS = ("ada", "bo", "c3", "d-d", "eve", "fay")
DOMAINS = ("contoso.com", "fabrikam.example", "xn--bcher-kva.example", "a-b.co.uk", "gmail.com", "mail.live.de")
COUNTRIES = ("US", "GB", "DE", "NO", "JP", "BR", "CH", "ZA")
NAMES = (
    "Ada Moss",
    "Łucja Żak",
    "José Núñez",
    "渡辺 花子",
    "Ольга Ива",
    "O'Neill-Smith",
    "null",
    "007",
    "محمد",
    "x: y #z",
)
LOCALS = (
    "ada",
    "info",
    "admin+x",
    "Ada.Moss",
    "ａｄａ",
    "аdа",
    "o'neill",
    "a..b",
    ".a",
    "a.",
    "ß",
    "İ",
    "x#EXT#",
    "%",
    "a/b",
)

names = st.sampled_from(NAMES) | st.text(
    st.characters(codec="utf-8", categories=["L", "M", "N", "P", "S"]), min_size=1, max_size=12
)
local_parts = st.sampled_from(LOCALS) | st.text(
    st.characters(codec="utf-8", categories=["L", "M", "N", "P", "S"], exclude_characters="@"), min_size=1, max_size=8
)
domain_parts = st.sampled_from(DOMAINS) | local_parts
addresses = st.builds("{}@{}".format, local_parts, domain_parts)
former_names = st.lists(addresses, unique=True, max_size=2)
days = st.integers(0, 800).map(lambda n: date(2024, 12, 1) + timedelta(days=n))
#: Ones of digits alone among them, and ones that look like a number with an exponent.
digests = (
    st.text("0123456789abcdef", min_size=32, max_size=32)
    | st.text("0123456789", min_size=32, max_size=32)
    | st.text("0123456789", min_size=31, max_size=31).map(lambda digits: f"{digits[:4]}e{digits[4:]}")
)
partner_ids = st.integers(1000, 10**10 - 1).map(str)
guids = (
    st.integers(0, 2**128 - 1)
    .map(lambda n: f"{n:032x}")
    .map(lambda h: f"{h[:8]}-{h[8:12]}-{h[12:16]}-{h[16:20]}-{h[20:]}")
)
rule_ids = st.sampled_from([*(rule.id for rule in RULES), "PT-303", "PT-303", "PT-999"])
LISTED = st.sampled_from([["us"], ["us"], ["uk"], ["uk", "us"], ["own-use", "us"], ["us", "own-use", "uk"]])
PURPOSES = st.sampled_from([["partner"], ["partner"], ["partner"], ["own use"], ["partner", "own use"]])
SOME_OF_THE_REST = st.sets(
    st.sampled_from(["limits", "groups", "allowed", "ftop", "tools", "exceptions", "drift", "done"])
)
POWERS = tuple(power.value for power in (*AgentGroup, *DirectoryRole))
CONSENTS = tuple(consent.value for consent in Consent)
PARTNER_ROLES, COMPANY_ROLES = tuple(role.value for role in PartnerRole), tuple(role.value for role in CompanyRole)


def maybe(draw: Draw, strategy: st.SearchStrategy[Any]) -> Any:
    """A value, or None for a field that is left out."""
    return draw(strategy) if draw(st.booleans()) else None


@cache
def one_of(values: tuple[Any, ...]) -> st.SearchStrategy[Any]:
    """One of these. Made once: making a strategy takes longer than drawing from it."""
    return st.sampled_from(values)


@cache
def _some(values: tuple[Any, ...], least: int, most: int) -> st.SearchStrategy[list[Any]]:
    return st.lists(one_of(values), unique=True, min_size=least, max_size=most)


def some(values: Iterable[Any], least: int = 0, most: int = 3) -> st.SearchStrategy[list[Any]]:
    """Some of these, each once."""
    return _some(tuple(values), least, most)


def _guid(number: int) -> str:
    return f"{number:08x}-0000-4000-8000-000000000000"


@st.composite
def postal_addresses(draw: Draw) -> Map:
    return Map.of(street=draw(names), city=draw(names), postal_code=draw(names), country=draw(one_of(COUNTRIES)))


@st.composite
def assignments(draw: Draw, held: Sequence[str]) -> Map | None:
    """How some of somebody's roles are assigned."""
    how = [
        (
            role,
            Map.of(
                eligible=maybe(draw, st.booleans()),
                administrative_unit=maybe(draw, guids) if role == DirectoryRole.USER_ADMINISTRATOR else None,
            ),
        )
        for role in held
        if draw(st.booleans())
    ]
    return Map(how) if how else None


@st.composite
def people(draw: Draw, key: str, domain: str, number: int) -> Map:
    emergency = draw(st.integers(0, 5)) == 0
    roles = draw(some(["Global admin"] if emergency else PARTNER_ROLES))
    adopted = _guid(number) if draw(st.integers(0, 2)) == 0 else None
    pins = None
    given = [power.value for power in expand([PartnerRole(r) for r in roles], emergency=emergency)]
    held = [role.value for role in DirectoryRole if role.value in given]
    if adopted and held and draw(st.booleans()):
        pins = Map.of(role_assignments=Map([(role, f"{key}-{number}-{role[0]}") for role in held]))
    # Two adopted accounts of one sign-in name could not be distinguished; others may well have the same.
    upn = f"{key}@{domain}" if adopted else draw(st.just(f"{key}@{domain}") | addresses)
    return Map.of(
        full_name=draw(names),
        upn=upn,
        email=maybe(draw, addresses),
        email_verified_on=maybe(draw, days),
        handle=maybe(draw, one_of(("@ada", "@Ada_M.oss-2"))),
        roles=roles,
        company_roles=maybe(draw, some(COMPANY_ROLES)),
        emergency=emergency or None,
        adopted=adopted,
        pins=pins,
        synchronised=True if adopted and not held and draw(st.integers(0, 4)) == 0 else None,
        assignments=draw(assignments(held)) if held and not emergency and not pins else None,
        former_upns=maybe(draw, former_names),
        former_keys=maybe(draw, st.just([f"{key}-before"])),
        password_round=None if adopted else maybe(draw, st.integers(1, 1_000_000)),
        state=maybe(draw, one_of(("leaver",) if adopted else ("present", "disabled", "leaver"))),
    )


@st.composite
def ftop_plans(draw: Draw, keys: list[str]) -> Map:
    state = maybe(draw, one_of(CONSENTS)) if keys else "pending"
    whole = state in (None, Consent.TENANT.value)
    approval = Map.of(state=state, on=draw(days) if whole else None, by=draw(one_of(tuple(keys))) if whole else None)
    roles = [role.value for role in FtopRole]
    customers = (
        [
            (key, Map.of(name=draw(names), assignments=Map([(who, draw(some(roles, 1))) for who in draw(some(keys))])))
            for key in draw(some(["fabrikam", "adatum"]))
        ]
        if keys
        else []
    )
    return Map.of(
        application_id=maybe(draw, guids),
        approval=approval if draw(st.booleans()) else None,
        consents=maybe(draw, some(keys).map(lambda who: Map([(key, date(2025, 3, 4)) for key in who])))
        if keys
        else None,
        customers=Map(customers) if customers else None,
    )


@st.composite
def waivers(draw: Draw, keys: list[str]) -> Map:
    granted = draw(days)
    return Map.of(
        rule=draw(rule_ids),
        object=draw(one_of((*keys, "AdminAgents")) | names),
        reason=draw(names),
        owner=draw(names),
        granted_on=granted,
        expires_on=granted + timedelta(days=draw(st.integers(1, 365))),
    )


def ceilings(draw: Draw) -> dict[str, Any]:
    return {
        "removal_share": maybe(draw, st.integers(1, 100)),
        "removal_count": maybe(draw, st.integers(0, 1000)),
    }


@st.composite
def overrides(draw: Draw, keys: list[str]) -> Map:
    return Map.of(
        change=draw(digests), reason=draw(names), approved_by=draw(one_of((*keys, "zoe"))), expires_on=draw(days)
    )


@st.composite
def limits(draw: Draw, keys: list[str]) -> Map:
    def per_power(value: Callable[[], Any]) -> Map | None:
        return Map([(power, value()) for power in draw(some(POWERS))]) if draw(st.booleans()) else None

    return Map.of(
        **ceilings(draw),
        per=per_power(lambda: Map.of(**ceilings(draw))),
        minimum_holders=per_power(lambda: draw(st.integers(1, 9))),
        required_holders=per_power(lambda: draw(some((*keys, "zoe"), 1))),
        override=maybe(draw, overrides(keys)),
    )


@st.composite
def drift_decisions(draw: Draw) -> Map:
    decided = draw(days)
    what = draw(one_of(("AdminAgents", "Global Administrator", "the name")))
    of_a_role = what == "Global Administrator"
    return Map.of(
        principal=draw(addresses | names),
        what=what,
        assignment=draw(one_of(("active", "eligible"))) if of_a_role else None,
        # What the next update undoes is not accepted.
        state=draw(one_of(("accepted", "to be removed"))) if of_a_role else "to be removed",
        reason=draw(names),
        owner=draw(names),
        decided_on=decided,
        until=decided + timedelta(days=draw(st.integers(1, 365))),
    )


@st.composite
def tenants(draw: Draw, name: str, number: int) -> Map:
    purpose = draw(PURPOSES)
    partner, own = "partner" in purpose, "own use" in purpose
    verified = draw(some(DOMAINS))
    initial = f"{draw(one_of(('contoso', name)))}.onmicrosoft.com"
    keys = draw(some(KEYS, most=len(KEYS))) if partner or draw(st.booleans()) else None
    domain = initial
    folk = (
        None if keys is None else Map([(key, draw(people(key, domain, 16 * number + n))) for n, key in enumerate(keys)])
    )
    enrolled = [
        (
            program,
            Map.of(enrolled_on=draw(days), location_id=maybe(draw, partner_ids), designation=maybe(draw, names)),
        )
        for program in draw(some([program.value for program in Program]))
    ]
    groups = [group.value for group in AgentGroup]
    create = draw(st.integers(0, 4)) == 0
    agent_groups = Map.of(
        source="create" if create else None,
        ids=None if create else Map([(group, draw(guids)) for group in draw(some(groups))]),
    )
    rest = draw(SOME_OF_THE_REST)
    tools = Map([(tool.value, draw(some(keys or [*KEYS]))) for tool in Tool if "tools" in rest])
    exceptions = Map(
        [(key, draw(waivers(keys or []))) for key in draw(some(["one", "two"]))] if "exceptions" in rest else []
    )
    decisions = Map([(key, draw(drift_decisions())) for key in draw(some(["one", "two"]))] if "drift" in rest else [])
    return Map.of(
        id=_guid(1000 + number) if draw(st.integers(0, 9)) else _guid(1),
        name=draw(names),
        country=draw(one_of(COUNTRIES)),
        purpose=purpose,
        domains=Map.of(initial=initial, verified=verified or None),
        serves=maybe(draw, some(COUNTRIES)),
        programs=Map(enrolled) if enrolled else None,
        mode="authoritative" if partner else None,
        limits=draw(limits(keys or [*KEYS])) if "limits" in rest else None,
        agent_groups=agent_groups if "groups" in rest else None,
        allowed_roles=Map([(draw(names), draw(guids))]) if own and "allowed" in rest else None,
        people=folk,
        ftop=draw(ftop_plans(keys or [])) if "ftop" in rest else None,
        tools=tools if "tools" in rest else None,
        exceptions=exceptions if "exceptions" in rest else None,
        drift=decisions if "drift" in rest else None,
        done=Map([("hand-over/ada", draw(days))]) if "done" in rest else None,
    )


@st.composite
def partners(draw: Draw) -> dict[str, Map]:
    """The files of a valid partner, as trees by file name."""
    listed = draw(LISTED)
    legal = Map.of(
        name=draw(names),
        address=draw(postal_addresses()),
        transliterated_address=maybe(draw, postal_addresses()),
        phone=maybe(draw, names),
        registered_as=maybe(draw, st.builds(lambda a, b: Map.of(registry=a, number=b), names, names)),
        checked_on=maybe(draw, days),
    )
    contact = Map.of(
        name=draw(names), email=draw(addresses), phone=maybe(draw, names), email_verified_on=maybe(draw, days)
    )
    partner = Map.of(
        name=draw(names),
        legal=maybe(draw, st.just(legal)),
        contact=maybe(draw, st.just(contact)),
        partner_id=maybe(draw, partner_ids),
        headquarters=maybe(
            draw,
            st.builds(
                lambda country, domain: Map.of(country=country, domain=domain),
                one_of(COUNTRIES),
                one_of(DOMAINS),
            ),
        ),
        agreement=maybe(draw, st.builds(lambda on, by: Map.of(accepted_on=on, by=by), days, names)),
        account_verified_on=maybe(draw, days),
        tenants=list(listed),
    )
    files = {"partner.yaml": partner}
    for number, name in enumerate(listed):
        files[f"tenants/{name}.yaml"] = draw(tenants(name, number))
    return files
