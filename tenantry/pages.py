"""The committed files that are rendered from code: one source, and a test that compares.

``python -m tenantry.pages`` writes them anew (``make docs``).
"""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from pydantic import BaseModel

from tenantry.declaration import Partner, Tenant
from tenantry.roles import ALIASES, COMPANY_ROLE_MAY, ROW_OF, TABLE_1, CompanyRole, DirectoryRole, PartnerRole


def role_mapping() -> str:
    """docs/role-mapping.md: Table 1 word for word, its effect, and the roles beside it."""
    printed = "\n".join(f"| {r.role} | {r.group_membership} | {r.admin_center_role} |" for r in TABLE_1)
    effect = "\n".join(
        f"| {r.role} | {r.family} | {', '.join(sorted(power.value for power in r.powers))} | {r.may} | {r.note} |"
        for r in TABLE_1
    )
    template_ids = "\n".join(f"| {role} | `{role.template_id}` |" for role in DirectoryRole)
    company = "\n".join(f"| {role} | {COMPANY_ROLE_MAY[role]} |" for role in CompanyRole)
    aliases = "\n".join(f"| {alias} | {role} |" for alias, role in ALIASES.items())
    return f"""# The role mapping

<!-- Rendered from tenantry/roles.py by `make docs`; do not edit. -->

Everything here that speaks of roles is made from one table: *Table 1: Mapping Partner Center Agent/Admin roles
to Office 365 Admin Center* in Microsoft's guide *Establishing Partner Center (Org ID) credentials*.

## Table 1, word for word

| Partner Center Role | Office 365 Group Membership | Office 365 Admin Center Role |
| :--- | :--- | :--- |
{printed}

## What it means in Entra ID

| Role | Family | Gives | May | Note |
| --- | --- | --- | --- | --- |
{effect}

*All Users*, in every row, is filled by Partner Center and written by nobody else (rule PT-110). Both spellings of
a group, *Admin Agents* and *AdminAgents*, are one name. Directory roles go by template id, since their names have
changed several times:

| Directory role | Template id |
| --- | --- |
{template_ids}

Somebody gets into the FastTrack Orchestration Portal (FTOP) with a complete row of this table, once the tenant is
approved (or they consented themselves). Half a row is incomplete, and says what it lacks.

## The other way round

{ROW_OF[PartnerRole.GLOBAL_ADMIN].role} contains {ROW_OF[PartnerRole.ADMIN_AGENT].role}: who holds Global Administrator
and AdminAgents is read as Global admin, and whether Admin agent was meant too cannot be told. What no complete row
explains is shown as it is, never as a role. Expanding the roles and adding the rest gives what is held, always.

## Partner Center-only roles

No API gives these ("non-AAD company roles"). They are declared as `company_roles`, checked, and reported as a
to-do for an Account admin or Global admin.

| Role | May |
| --- | --- |
{company}

## Other names

Understood in declarations, in any case; messages and reports use the canonical name.

| Written | Means |
| --- | --- |
{aliases}
"""


def _schema(model: type[BaseModel], title: str) -> Callable[[], str]:
    def render() -> str:
        schema: dict[str, Any] = model.model_json_schema()
        schema |= {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": title}
        return json.dumps(schema, indent=2, ensure_ascii=False, sort_keys=True) + "\n"

    return render


#: Path from the project's root to what renders it.
PAGES: Final[dict[str, Callable[[], str]]] = {
    "docs/role-mapping.md": role_mapping,
    "schemas/partner.schema.json": _schema(Partner, "A Microsoft partner"),
    "schemas/tenant.schema.json": _schema(Tenant, "A tenant of a Microsoft partner"),
}


def write(root: Path) -> None:
    """Write every page below a folder."""
    for path, render in PAGES.items():
        page = root / path
        page.parent.mkdir(parents=True, exist_ok=True)
        page.write_text(render(), encoding="utf-8")


if __name__ == "__main__":
    write(Path.cwd())
