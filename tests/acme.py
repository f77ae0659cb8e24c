"""Acme, the partner of the tests: as its files declare it, and as Microsoft Graph shows it.

As it stands nothing is wrong with it: no rule fires, no change is refused, nothing has drifted. A room's own builder
adds what only that room looks at, and a test changes one thing.
"""

from collections.abc import Mapping
from copy import deepcopy
from datetime import date
from io import StringIO
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap

from tenantry.access.observed import GroupMembers, ObservedTenant
from tenantry.declaration import Declaration, Partner, Program, Tenant
from tenantry.declaration.document import read_text
from tenantry.graph.models import Group, Member, MemberKind, Organization, RoleAssignment, User
from tenantry.reference.pages import examples
from tenantry.roles import AgentGroup

TENANT_ID = "6f1f7c0e-52a3-4d0b-9e57-2b8b9f4c1a10"
DOMAIN = "acme-partner.onmicrosoft.com"
AT = f"@{DOMAIN}"
ADA_ID = "3b6c5a0e-8f5d-4c8f-9a3e-4a6a1a6d7e01"
UNDECLARED = "5eed0000-0000-4000-8000-00000000dead"
"""Somebody whom nobody declares."""
GROUP_IDS = {
    AgentGroup.ADMIN_AGENTS: "aaaaaaaa-0000-4000-8000-000000000001",
    AgentGroup.HELPDESK_AGENTS: "aaaaaaaa-0000-4000-8000-000000000002",
    AgentGroup.SALES_AGENTS: "aaaaaaaa-0000-4000-8000-000000000003",
}
EXCHANGE_ADMINISTRATOR = "29232cdf-9323-42fd-ade2-1d097af3e4de"
PARTNER_TIER1_SUPPORT = "4ba39ca4-527c-499a-b93d-d9b492c50246"
PARTNER_TIER2_SUPPORT = "e00e864a-17c5-4a4b-9c06-f5b95a8d5bd8"

# Its files: those of the examples of the rules, and what further roles, tools and programs need


def _with(file: str, more: str) -> str:
    """A file of the examples in lines, with more put over it: null takes a field away."""
    yaml, stream = YAML(), StringIO()
    yaml.width, yaml.preserve_quotes = 4096, True
    content = yaml.load(examples()[0][file])
    _put_over(content, yaml.load(more))
    _in_lines(content)
    yaml.dump(content, stream)
    return stream.getvalue()


def _put_over(content: dict[str, Any], more: dict[str, Any]) -> None:
    for key, value in more.items():
        if value is None:
            del content[key]
        elif isinstance(value, dict) and key in content:
            _put_over(content[key], value)
        else:
            content[key] = value


def _in_lines(content: CommentedMap) -> None:
    """A field a line, so that a test finds the one that it changes; what belongs together stays on one."""
    content.fa.set_block_style()
    for key, value in content.items():
        if isinstance(value, CommentedMap) and key not in (
            *("address", "registered_as", "headquarters", "agreement", "approval"),
            *Program,
        ):
            _in_lines(value)


PARTNER = _with("partner.yaml", "{legal: {phone: null}, agreement: {by: Bruno Vale}, tenants: [own, us]}")
OWN = _with("tenants/own.yaml", "domains: {verified: null}")
US = _with(
    "tenants/us.yaml",
    """\
programs: {FastTrack: {enrolled_on: 2025-03-03, designation: Solutions Partner}}
domains: {verified: [acme.example]}
agent_groups: null
people:
  bruno: {email_verified_on: 2025-02-04}
  emil: {full_name: Emil Hill, upn: emil.hill@acme-partner.onmicrosoft.com, email: emil.hill@acme.example, roles: [Helpdesk agent]}
  fay: {full_name: Fay Ford, upn: fay.ford@acme-partner.onmicrosoft.com, email: fay.ford@acme.example, roles: [Billing admin]}
  gus: {full_name: Gus Dale, upn: gus.dale@acme-partner.onmicrosoft.com, email: gus.dale@acme.example, roles: [User management admin]}
ftop: {customers: {fabrikam: {name: Fabrikam, assignments: {carla: null, emil: [FastTrack Engineer]}}}}
tools:
  FTOP: [emil, carla]
  Power BI: [fay]
""",  # noqa: E501 - a person a line
)
#: A second partner tenant, for the rules that span them.
UK = _with("tenants/uk.yaml", "{}")

# A tenant whose file nobody reads


def tenant_file(people: Mapping[str, Mapping[str, Any]], **fields: Any) -> dict[str, Any]:
    """The content of a tenant's file. People sign in by their names where nothing else is said."""
    content = {
        "id": TENANT_ID,
        "name": "Acme Partner",
        "country": "US",
        "purpose": ["partner"],
        "programs": {"CSP": {"enrolled_on": date(2025, 2, 17)}},
        "domains": {"initial": DOMAIN},
        "mode": "authoritative",
        "people": {
            key: {"upn": f"{person['full_name'].lower().replace(' ', '.')}{AT}", **deepcopy(dict(person))}
            for key, person in people.items()
        },
    }
    return {**content, **fields}


def customer(name: str, assignments: Mapping[str, list[str]], number: int = 1, **fields: Any) -> dict[str, Any]:
    """A customer with the relationship `everyday`, by which groups hold roles there."""
    return {
        "name": name,
        "tenant_id": f"{number:08}-0b7e-4a55-9a53-0f6f3b1f0c11",
        "domain": f"{name.lower()}.com",
        "country": "US",
        "gdap": {"everyday": {"assignments": deepcopy(dict(assignments))}},
        **fields,
    }


def declaration(tenant: Tenant) -> Declaration:
    """A partner with one tenant."""
    partner = Partner.model_validate(
        {"name": "Acme", "headquarters": {"country": "US", "domain": "acme.example"}, "tenants": ["us"]}
    )
    document = read_text(Path("us.yaml"), "name: Acme")
    return Declaration("acme", partner, {"us": tenant}, document, {"us": document})


# What Microsoft Graph shows


def user(object_id: str, name: str, upn: str, **more: Any) -> User:
    known = dict.fromkeys(
        ("mail", "on_premises_sync_enabled", "created_date_time", "last_password_change_date_time")
    ) | {"account_enabled": True, "user_type": "Member"}
    return User.model_validate({"id": object_id, "display_name": name, "user_principal_name": upn, **known, **more})


def member(object_id: str, name: str, upn: str | None = None, kind: MemberKind = MemberKind.USER) -> Member:
    return Member(
        id=object_id,
        kind=kind,
        display_name=name,
        user_principal_name=upn,
        account_enabled=True,
        user_type="Member",
        on_premises_sync_enabled=None,
    )


def assignment(id_: str, role: str, principal: str, scope: str = "/") -> RoleAssignment:
    return RoleAssignment(
        id=id_, principal_id=principal, role_definition_id=role, directory_scope_id=scope, app_scope_id=None
    )


def group(object_id: str, name: str) -> Group:
    return Group(id=object_id, display_name=name, security_enabled=True, on_premises_sync_enabled=None)


def observed(members: Mapping[AgentGroup, tuple[Member, ...]], **parts: Any) -> ObservedTenant:
    """A tenant of which everything was read: who is in the agent groups, and the parts that a test fills."""
    organization = Organization(
        id=TENANT_ID,
        display_name="Acme",
        country_letter_code="US",
        verified_domains=(),
        street=None,
        city=None,
        postal_code=None,
    )
    empty: dict[str, Any] = {
        "tenant_id": TENANT_ID,
        "organization": organization,
        "domains": (),
        "users": (),
        "agent_groups": {of: GroupMembers(group(GROUP_IDS[of], of.value), members.get(of, ())) for of in AgentGroup},
        "role_assignments": (),
        "role_eligibilities": (),
        "role_activations": (),
        "role_groups": (),
        "inside": {},
        "consents": (),
        "service_principals": (),
    }
    return ObservedTenant(**{**empty, **parts})
