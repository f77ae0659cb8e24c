"""The kinds of value that a declaration's fields hold, each with its own message. No validator does I/O."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Annotated, Any, Final, TypeVar

import pycountry
from pydantic import (
    AfterValidator,
    BeforeValidator,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
    StrictStr,
    ValidationInfo,
    WithJsonSchema,
)
from pydantic_core import CoreSchema, PydanticCustomError
from pydantic_core.core_schema import no_info_after_validator_function

from tenantry.findings import Finding, mistake
from tenantry.role_templates import ROLE_TEMPLATES, RoleTemplate, role_template_meant, role_template_named
from tenantry.roles import (
    NEVER_ASSIGNED,
    AgentGroup,
    CompanyRole,
    DirectoryRole,
    PartnerRole,
    Power,
    nearest_role,
    role_named,
)
from tenantry.sanitize import quoted

#: The context of a validation whose input has no days of its own, as YAML has: they are text there.
DAYS_ARE_TEXT: Final = {"days": "text"}

_Item = TypeVar("_Item")
_Family = TypeVar("_Family", PartnerRole, CompanyRole)

_KEY: Final = re.compile(r"[a-z][a-z0-9-]{0,63}")
_DOMAIN: Final = r"(?=.{4,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]"
_DAY: Final = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_LONGEST_NAME: Final = 256
_CLEAN_TEXT: Final = "text without control characters, and without spaces before or after it"
_CLEAN_IT: Final = "remove the spaces before and after it, and any control characters"
#: Source: "delegatedAdminRelationship resource type" in Microsoft Graph's reference, displayName.
LONGEST_RELATIONSHIP_NAME: Final = 50
#: The calendar ends in the year 9999: a day that others are counted from has room before that.
_TOO_LATE: Final = 3000
#: Not printable by themselves, and needed in names all the same: Persian, Hindi and other scripts join letters so.
_JOINERS: Final = "\u200c\u200d"


def wrong(actual: str, expected: str, remediation: str) -> PydanticCustomError:
    """A mistake in a field, in the three parts that every message has."""
    return all_wrong([mistake(actual, expected, remediation)])


def all_wrong(mistakes: list[Finding]) -> PydanticCustomError:
    """Several mistakes, each with the path to its own place in or below the field."""
    message = "; ".join(item.message for item in mistakes)
    return PydanticCustomError("declaration", "{message}", {"message": message, "mistakes": mistakes})


def checked(value: _Item, mistakes: Iterable[Finding]) -> _Item:
    """The value of a field in which there are no mistakes. Otherwise raises all of them."""
    found = list(mistakes)
    if found:
        raise all_wrong(found)
    return value


@dataclass(frozen=True)
class _Shaped:
    """Text of one shape: what messages say to any other, and what the JSON schema shows."""

    pattern: str
    expected: str
    remediation: str
    examples: tuple[str, ...]

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        """After the type's own checks, the shape."""
        return no_info_after_validator_function(self._check, handler(source))

    def __get_pydantic_json_schema__(self, _schema: CoreSchema, _handler: GetJsonSchemaHandler) -> dict[str, Any]:
        """The shape as editors understand it."""
        return {"type": "string", "pattern": f"^{self.pattern}$", "examples": list(self.examples)}

    def _check(self, value: str) -> str:
        if not re.fullmatch(self.pattern, value):
            raise wrong(quoted(value), self.expected, self.remediation)
        return value


def is_key(name: str) -> bool:
    """Whether a name can be a key: nothing else ever becomes part of a file's path."""
    return _KEY.fullmatch(name) is not None


def _country(value: str) -> str:
    if value.isascii() and pycountry.countries.get(alpha_2=value) and value == value.upper():
        return value
    code = "GB" if value.upper() == "UK" else value.upper()
    match = pycountry.countries.get(alpha_2=code) or pycountry.countries.get(name=value)
    remediation = f"write {match.alpha_2}" if match else "use the two letters of ISO 3166-1, such as US or GB"
    raise wrong(quoted(value), "a country as two capital letters (ISO 3166-1)", remediation)


#: Below which Entra hands out a tenant's first domain: worldwide, in the US Government cloud, in China.
#: Source: "Microsoft Entra authentication & national clouds" and "Add your custom domain name" in Microsoft's docs.
MICROSOFTS_DOMAINS: Final = ("onmicrosoft.com", "onmicrosoft.us", "partner.onmschina.cn")


def is_microsofts(domain: str) -> bool:
    """Whether a domain, in lower case, is one that Entra hands out."""
    return domain.endswith(tuple(f".{suffix}" for suffix in MICROSOFTS_DOMAINS))


def _address(value: str) -> str:
    local, at, domain = value.rpartition("@")
    if not (local and at and domain) or "@" in local or not value.isprintable() or " " in value:
        raise wrong(quoted(value), "a name, one @ and a domain", "write it like ada@contoso.com")
    return value


def _name(value: str) -> str:
    if not value or value != value.strip() or not all(c.isprintable() or c in _JOINERS for c in value):
        raise wrong(quoted(value), _CLEAN_TEXT, _CLEAN_IT if value.strip() else "write the text")
    if len(value) > _LONGEST_NAME:
        raise wrong(f"{len(value)} characters", f"at most {_LONGEST_NAME} characters", "shorten it")
    return value


def _day(value: Any, info: ValidationInfo) -> date:
    day = value if isinstance(value, date) else None
    if day is None:
        if info.context != DAYS_ARE_TEXT:
            raise wrong(quoted(value), "a date", "write it like 2026-01-31, without quotes")
        try:
            day = date.fromisoformat(value if _DAY.fullmatch(value) else "")
        except (TypeError, ValueError):
            raise wrong(quoted(value), "a date", 'write it like "2026-01-31"') from None
    if day.year >= _TOO_LATE:
        raise wrong(str(day), f"a date before the year {_TOO_LATE}", "correct the year")
    return day


def _role_of(family: type[_Family], other_field: str) -> Callable[[Any], _Family]:
    expected = ", ".join(role.value for role in family)

    def parse(value: Any) -> _Family:
        if isinstance(value, family):
            return value
        if not isinstance(value, str):
            raise wrong(quoted(value), expected, "write the role's name as text")
        role = role_named(value)
        if isinstance(role, family):
            return role
        if role is not None:
            raise wrong(f"{quoted(value)}, which belongs in `{other_field}`", expected, f"move it to `{other_field}`")
        near = None if role_template_named(value) else nearest_role(value)
        if near is None and (of_entra := role_template_named(value) or role_template_meant(value)):
            raise wrong(f"{quoted(value)}, {_what_it_is(value, of_entra)}", expected, _where_it_goes(of_entra))
        remediation = "choose one of them"
        if near is not None:
            remediation = (
                f"did you mean `{near}`?" if isinstance(near, family) else f"`{near}` belongs in `{other_field}`"
            )
        raise wrong(quoted(value), expected, remediation)

    return parse


def _what_it_is(written: str, role: RoleTemplate) -> str:
    """What a message calls a directory role where a partner role is expected."""
    return f"a directory role of Microsoft Entra ID{'' if written == role.name else f' ({role.name})'}"


def _where_it_goes(role: RoleTemplate) -> str:
    if role.id in NEVER_ASSIGNED:
        return "remove it: Microsoft lists this role as not intended for use, and PT-104 refuses it"
    return (
        "remove it here; no partner role gives it. Assign it in the Entra admin center, and allow it: "
        f"`allowed_roles: {{{role.name}: {role.id}}}` in a tenant with `own use` in its `purpose`; in another tenant "
        "declare an exception from PT-103"
    )


def _entra_role(value: str) -> str:
    if role := role_template_named(value):
        return role.name
    meant = role_template_meant(value)
    remediation = f"did you mean `{meant.name}`?" if meant else "copy the name from the Entra admin center"
    raise wrong(quoted(value), "a built-in role of Microsoft Entra ID, by name", remediation)


def _fifty(value: str) -> str:
    if len(value) > LONGEST_RELATIONSHIP_NAME:
        raise wrong(f"{len(value)} characters", f"at most {LONGEST_RELATIONSHIP_NAME}", "shorten it")
    return value


def _power(value: Any) -> Power:
    powers: dict[str, Power] = {power.value: power for power in (*AgentGroup, *DirectoryRole)}
    if value not in powers:
        raise wrong(quoted(value), ", ".join(powers), "choose one of them")
    return powers[value]


def once(values: tuple[_Item, ...]) -> tuple[_Item, ...]:
    """A list in which no entry stands twice."""
    return checked(
        values,
        (
            mistake(f"{quoted(str(value))} a second time", "each entry once", "remove one of the two", (index,))
            for index, value in enumerate(values)
            if value in values[:index]
        ),
    )


def _one_of(names: Iterable[str]) -> WithJsonSchema:
    return WithJsonSchema({"type": "string", "enum": [str(name) for name in names]})


def within_a_year_after(field: str) -> AfterValidator:
    """For a day that ends something: it is after the day in an earlier field, and at most a year later."""

    def check(end: date, info: ValidationInfo) -> date:
        begin = info.data.get(field)
        if begin is not None and not begin < end <= begin + timedelta(days=366):
            raise wrong(
                f"{end}, with `{field}: {begin}`",
                f"a date within a year after `{field}`",
                f"choose a day after {begin}, {begin + timedelta(days=366)} at the latest",
            )
        return end

    return AfterValidator(check)


Key = Annotated[
    StrictStr,
    _Shaped(
        _KEY.pattern,
        "lower-case letters, digits and hyphens, a letter first, at most 64 characters",
        "choose a key like `ada-lovelace`",
        ("carla",),
    ),
]
"""A stable name of a person, tenant or customer: it survives a change of name or UPN."""

_GUID: Final = r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"
_AN_ID: Final = "7d3fa1c2-0b7e-4a55-9a53-0f6f3b1f0c11"

Guid = Annotated[
    StrictStr,
    AfterValidator(str.lower),
    _Shaped(_GUID, f"an id like {_AN_ID}", "copy the id from the Entra admin center", ()),
    WithJsonSchema({"type": "string", "format": "uuid", "examples": [_AN_ID]}),
]
"""An id of Entra, in lower case."""

#: In place of the object id of an adopted account: the account is looked up by its UPN.
BY_UPN: Final = "by-upn"

Adopted = Annotated[
    StrictStr,
    _Shaped(
        rf"{_GUID}|{BY_UPN}",
        f"an object id like {_AN_ID}, or `{BY_UPN}`",
        f"copy the account's object id from the Entra admin center, or write `{BY_UPN}`",
        (),
    ),
    AfterValidator(str.lower),
    WithJsonSchema({"anyOf": [{"type": "string", "format": "uuid"}, {"const": BY_UPN}], "examples": [_AN_ID, BY_UPN]}),
]
"""An account that exists already: its object id in lower case, or :data:`BY_UPN`."""

Country = Annotated[
    StrictStr,
    AfterValidator(_country),
    WithJsonSchema({"type": "string", "pattern": "^[A-Z]{2}$", "examples": ["US", "GB"]}),
]
"""A country by its two letters (ISO 3166-1 alpha-2)."""

DomainName = Annotated[
    StrictStr,
    _Shaped(
        _DOMAIN,
        "a domain name in lower case",
        "write it like contoso.com (other scripts in punycode)",
        ("contoso.com",),
    ),
]
"""A DNS domain in lower case; other scripts as punycode."""

Address = Annotated[
    StrictStr,
    AfterValidator(_address),
    WithJsonSchema({"type": "string", "pattern": "^[^@ ]+@[^@ ]+$", "examples": ["carla.jensen@contoso.com"]}),
]
"""Something of the shape name@domain: a UPN or an e-mail address. The rules evaluate the rest."""

EntraRoleName = Annotated[StrictStr, AfterValidator(_entra_role), _one_of(one.name for one in ROLE_TEMPLATES.values())]
"""A built-in role of Entra, by Microsoft's present name."""

EntraRoles = Annotated[tuple[EntraRoleName, ...], AfterValidator(once)]

RelationshipId = Annotated[
    StrictStr,
    _Shaped(
        f"{_GUID}-{_GUID}",
        "the id of a GDAP relationship: two GUIDs joined by a hyphen",
        "copy it from Partner Center, or from Microsoft Graph (tenantRelationships/delegatedAdminRelationships)",
        (f"{_AN_ID}-{_AN_ID}",),
    ),
    AfterValidator(str.lower),
]
"""The id of a delegated admin relationship."""

RelationshipName = Annotated[
    StrictStr,
    AfterValidator(_name),
    AfterValidator(_fifty),
    WithJsonSchema({"type": "string", "minLength": 1, "maxLength": LONGEST_RELATIONSHIP_NAME}),
]
"""What a GDAP relationship is called: the customer reads it when they approve."""

Duration = Annotated[
    StrictStr,
    _Shaped("P[1-9][0-9]{0,3}D", "a number of days in ISO 8601", "write it like P730D", ("P730D", "P180D")),
]
"""How long a GDAP relationship lasts, in days."""

Name = Annotated[
    StrictStr, AfterValidator(_name), WithJsonSchema({"type": "string", "minLength": 1, "maxLength": _LONGEST_NAME})
]
"""A name as people write it."""

Day = Annotated[
    date,
    BeforeValidator(_day),
    WithJsonSchema({"type": "string", "format": "date", "examples": ["2026-01-31"]}),
]
"""A calendar day."""

Role = Annotated[PartnerRole, BeforeValidator(_role_of(PartnerRole, "company_roles")), _one_of(PartnerRole)]
"""One of Table 1's six roles, by name or alias."""

CompanyRoleName = Annotated[CompanyRole, BeforeValidator(_role_of(CompanyRole, "roles")), _one_of(CompanyRole)]
"""A role that only Partner Center knows, by name or alias."""

Handle = Annotated[
    StrictStr,
    _Shaped(
        "@[A-Za-z0-9][A-Za-z0-9._-]{0,62}",
        "one person's name at the code host, such as @carla-jensen",
        "write the person's own name, with @ in front",
        ("@carla-jensen",),
    ),
]
"""A person's name at the code host."""

PartnerId = Annotated[
    StrictStr,
    _Shaped("[0-9]{4,10}", "a number of 4 to 10 digits, in quotes", "copy it from Partner Center", ("4827315",)),
]
"""A partner (MPN) id or a partner location id."""


def is_schedule_id(assignment_id: str) -> bool:
    """Whether an id is that of an eligible role (a GUID); an active assignment's is longer."""
    return re.fullmatch(_GUID, assignment_id) is not None


_AN_ASSIGNMENT_ID: Final = "lAPpYvVpN0KRkAEhdxReEA5abDtdj49Mmj5KahptfgE-1"

AssignmentId = Annotated[
    StrictStr,
    _Shaped(
        "[A-Za-z0-9_-]{1,128}",
        f"the id of a role assignment, such as {_AN_ASSIGNMENT_ID}, or of an eligible one, such as {_AN_ID}",
        "copy it from Microsoft Graph (roleManagement/directory/roleAssignments, or roleEligibilitySchedules)",
        (_AN_ASSIGNMENT_ID, _AN_ID),
    ),
    AfterValidator(lambda value: value.lower() if is_schedule_id(value) else value),
]
"""The id of a role assignment, in which case counts, or of an eligibility schedule, a GUID in lower case."""

_A_GRANT_ID: Final = "N8J3c0bWw0i7lUJkXn1mY0mRl2nVh0pGpX4Tt0Vn2wQ"

GrantId = Annotated[
    StrictStr,
    _Shaped(
        "[A-Za-z0-9_-]{1,128}",
        f"the id of a consent grant, such as {_A_GRANT_ID}",
        "copy it from the refusal, or from Microsoft Graph (oauth2PermissionGrants)",
        (_A_GRANT_ID,),
    ),
]
"""The id of a consent grant (oAuth2PermissionGrant)."""

PermissionName = Annotated[
    StrictStr,
    _Shaped(
        "[A-Za-z][A-Za-z0-9._:/-]{0,127}",
        "the name of a delegated permission, such as User.Read",
        "copy it from the application's permissions in the Entra admin center",
        ("User.Read", "openid"),
    ),
]
"""A delegated permission, by name."""

PowerName = Annotated[AgentGroup | DirectoryRole, BeforeValidator(_power), _one_of((*AgentGroup, *DirectoryRole))]
"""An agent group or one of Table 1's directory roles, by name."""

RuleId = Annotated[
    StrictStr,
    _Shaped("PT-[1-9][0-9]{2}", "a rule's id, such as PT-101", "choose one from `tenantry docs rules`", ("PT-303",)),
]
"""The id of a rule."""

ChangeDigest = Annotated[
    StrictStr,
    _Shaped(
        "[0-9a-f]{32}",
        "the digest of a change: 32 characters, each 0-9 or a-f",
        "copy it from the refusal, and write it in quotes if it is a number",
        ("5f0c1b7d3e9a4826b1d47c90ae52f813",),
    ),
]
"""The digest of a change (``tenantry.rules.change.digests``), as a refusal shows it."""

TodoId = Annotated[
    StrictStr,
    _Shaped(
        "[a-z][a-z0-9-]*(/[a-z0-9.-]+)*",
        "a to-do's id, such as hand-over/carla",
        "copy it from `tenantry todo`",
        ("hand-over/carla",),
    ),
]
"""The id of a to-do."""

Roles = Annotated[tuple[Role, ...], AfterValidator(once)]
CompanyRoles = Annotated[tuple[CompanyRoleName, ...], AfterValidator(once)]
Domains = Annotated[tuple[DomainName, ...], AfterValidator(once)]
Countries = Annotated[tuple[Country, ...], AfterValidator(once)]
Addresses = Annotated[tuple[Address, ...], AfterValidator(once)]
Keys = Annotated[tuple[Key, ...], AfterValidator(once)]
GroupIds = dict[AgentGroup, Guid]
AssignmentIds = dict[DirectoryRole, AssignmentId]
Permissions = Annotated[tuple[PermissionName, ...], AfterValidator(once)]
