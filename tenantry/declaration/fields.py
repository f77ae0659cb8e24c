"""The kinds of value that a declaration's fields hold, each with its own message. No validator does I/O."""

import re
from collections.abc import Callable
from datetime import date, datetime
from typing import Annotated, Any, Final, TypeVar
from uuid import UUID

import pycountry
from pydantic import AfterValidator, BeforeValidator, Field, StrictStr, WithJsonSchema
from pydantic_core import PydanticCustomError

from tenantry.roles import AgentGroup, CompanyRole, DirectoryRole, PartnerRole, nearest_role, role_named

_Item = TypeVar("_Item")
_Family = TypeVar("_Family", PartnerRole, CompanyRole)

_KEY: Final = re.compile(r"[a-z][a-z0-9-]{0,63}")
_DOMAIN: Final = re.compile(r"(?=.{4,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]")


def wrong(found: str, allowed: str, mend: str) -> PydanticCustomError:
    """A mistake in a field, in the three parts that every message has."""
    return PydanticCustomError(
        "declaration",
        "found {found}; allowed: {allowed}; to mend: {mend}",
        {"found": found, "allowed": allowed, "mend": mend},
    )


def quoted(value: object, limit: int = 60) -> str:
    """A value as a message quotes it, cut where it is long."""
    text = repr(value) if isinstance(value, str) else str(value)
    return text if len(text) <= limit else text[: limit - 1] + "…"


def _key(value: str) -> str:
    if not _KEY.fullmatch(value):
        raise wrong(
            quoted(value),
            "lower-case letters, digits and hyphens, a letter first",
            "choose a key like `ada-lovelace`",
        )
    return value


def _guid(value: str) -> str:
    try:
        return str(UUID(value)) if len(value) == 36 else _no_guid(value)
    except ValueError:
        return _no_guid(value)


def _no_guid(value: str) -> str:
    raise wrong(
        quoted(value),
        "an id like 7d3fa1c2-0b7e-4a55-9a53-0f6f3b1f0c11",
        "copy the id from the Entra admin center",
    )


def _country(value: str) -> str:
    if value.isascii() and pycountry.countries.get(alpha_2=value) and value == value.upper():
        return value
    match = pycountry.countries.get(alpha_2=value.upper()) or pycountry.countries.get(name=value)
    mend = f"write {match.alpha_2}" if match else "use the two letters of ISO 3166-1, such as US or GB"
    raise wrong(quoted(value), "a country as two capital letters (ISO 3166-1)", mend)


def _domain(value: str) -> str:
    if not _DOMAIN.fullmatch(value):
        raise wrong(
            quoted(value),
            "a domain name in lower case",
            "write it like contoso.com (punycode for other scripts)",
        )
    return value


def _address(value: str) -> str:
    local, at, domain = value.rpartition("@")
    if not (local and at and domain) or "@" in local or any(c.isspace() for c in value):
        raise wrong(quoted(value), "a name, one @ and a domain", "write it like ada@contoso.com")
    return value


def _name(value: str) -> str:
    if not value.strip() or value != value.strip() or any(ord(c) < 32 or ord(c) == 127 for c in value):
        raise wrong(quoted(value), "text without blanks around it or control characters", "write the name as it is")
    return value


def _day(value: Any) -> date:
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    raise wrong(quoted(value), "a day", "write it like 2026-01-31, without quotes")


def _role_of(family: type[_Family], other_field: str) -> Callable[[Any], _Family]:
    allowed = ", ".join(role.value for role in family)

    def parse(value: Any) -> _Family:
        if isinstance(value, family):
            return value
        if not isinstance(value, str):
            raise wrong(quoted(value), allowed, "write the role's name as text")
        role = role_named(value)
        if isinstance(role, family):
            return role
        if role is not None:
            raise wrong(f"{quoted(value)}, a role of another family", allowed, f"move it to `{other_field}`")
        near = nearest_role(value)
        mend = "choose one of them"
        if near is not None:
            mend = f"did you mean `{near}`?" if isinstance(near, family) else f"`{near}` belongs in `{other_field}`"
        raise wrong(quoted(value), allowed, mend)

    return parse


def once(values: tuple[_Item, ...]) -> tuple[_Item, ...]:
    """A list in which no entry stands twice."""
    twice = next((value for index, value in enumerate(values) if value in values[:index]), None)
    if twice is not None:
        raise wrong(f"{quoted(str(twice))} twice", "each entry once", "remove one of the two")
    return values


def _names_json(names: type[PartnerRole] | type[CompanyRole]) -> WithJsonSchema:
    return WithJsonSchema({"type": "string", "enum": [name.value for name in names]})


Key = Annotated[StrictStr, AfterValidator(_key), Field(pattern=r"^[a-z][a-z0-9-]{0,63}$")]
"""A stable name of a person, tenant or customer: it survives a change of name or UPN."""

Guid = Annotated[StrictStr, AfterValidator(_guid), WithJsonSchema({"type": "string", "format": "uuid"})]
"""An id of Entra, in lower case."""

Country = Annotated[StrictStr, AfterValidator(_country), WithJsonSchema({"type": "string", "pattern": "^[A-Z]{2}$"})]
"""A country by its two letters (ISO 3166-1 alpha-2)."""

DomainName = Annotated[StrictStr, AfterValidator(_domain)]
"""A DNS domain in lower case; other scripts as punycode."""

Address = Annotated[StrictStr, AfterValidator(_address)]
"""Something of the shape name@domain: a UPN or an e-mail address. The rules judge the rest."""

Name = Annotated[StrictStr, AfterValidator(_name), Field(max_length=256)]
"""A name as people write it."""

Day = Annotated[date, BeforeValidator(_day)]
"""A calendar day."""

Role = Annotated[PartnerRole, BeforeValidator(_role_of(PartnerRole, "company_roles")), _names_json(PartnerRole)]
"""One of Table 1's six roles, by name or alias."""

CompanyRoleName = Annotated[CompanyRole, BeforeValidator(_role_of(CompanyRole, "roles")), _names_json(CompanyRole)]
"""A role that only Partner Center knows, by name or alias."""

Roles = Annotated[tuple[Role, ...], AfterValidator(once)]
CompanyRoles = Annotated[tuple[CompanyRoleName, ...], AfterValidator(once)]
Domains = Annotated[tuple[DomainName, ...], AfterValidator(once)]
Countries = Annotated[tuple[Country, ...], AfterValidator(once)]
Addresses = Annotated[tuple[Address, ...], AfterValidator(once)]
Keys = Annotated[tuple[Key, ...], AfterValidator(once)]
GroupIds = dict[AgentGroup, Guid]
AssignmentIds = dict[DirectoryRole, StrictStr]
