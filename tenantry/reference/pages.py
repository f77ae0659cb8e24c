"""The committed files that are rendered from code: one source, and a test that compares.

``python -m tenantry.reference.pages`` writes them anew (``make docs``).
"""

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from textwrap import fill
from typing import Any, Final

from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core import core_schema
from ruamel.yaml import YAML

from tenantry.access.resource_types import TYPES, Power
from tenantry.audit.model import AuditReport
from tenantry.declaration import Partner, Tenant
from tenantry.directory.seed_model import Seed
from tenantry.drift.model import DriftReport
from tenantry.findings import Record
from tenantry.graph.permissions import EVERY_FEATURE, FEATURES, READINGS, WRITINGS, Feature
from tenantry.graph.ways import MANAGED_IDENTITY, SHARED, SURROUNDINGS, WAYS, Way
from tenantry.reference import evasions
from tenantry.reference.pulumi_schema import package_schema
from tenantry.reports.check import CheckDocument
from tenantry.reports.escape import table
from tenantry.reports.ftop_sheet import FtopDocument
from tenantry.reports.review import Report
from tenantry.reports.todo import TodoDocument
from tenantry.reports.who import WhoDocument
from tenantry.roles import ALIASES, COMPANY_ROLE_MAY, ROW_OF, TABLE_1, CompanyRole, DirectoryRole, PartnerRole
from tenantry.rules import ON_A_CHANGE, ON_A_PLAN, ON_THE_TENANT, RULES, Level, Rule, View
from tenantry.sensitive_actions import LESSER_ADMINISTRATORS, ORDINARY, USER_ADMINISTRATOR, Operation, Rank, Role


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


class _SchemaOfFiles(GenerateJsonSchema):
    """A schema for editors: no titles that repeat a field's name, keys checked too, and what has no value left out."""

    def field_title_should_be_set(self, schema: Any) -> bool:  # noqa: ARG002
        return False

    def nullable_schema(self, schema: core_schema.NullableSchema) -> JsonSchemaValue:
        return self.generate_inner(schema["schema"])

    def default_schema(self, schema: core_schema.WithDefaultSchema) -> JsonSchemaValue:
        made = super().default_schema(schema)
        return {key: value for key, value in made.items() if (key, value) != ("default", None)}

    def dict_schema(self, schema: core_schema.DictSchema) -> JsonSchemaValue:
        made = super().dict_schema(schema)
        for pattern, values in made.pop("patternProperties", {}).items():
            made |= {"propertyNames": {"pattern": pattern}, "additionalProperties": values}
        return made


def _schema(model: type[BaseModel], title: str) -> Callable[[], str]:
    def render() -> str:
        schema: dict[str, Any] = model.model_json_schema(schema_generator=_SchemaOfFiles)
        schema |= {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": title}
        return _json(schema)

    return render


def _review_schema() -> str:
    schema = Report.model_json_schema(mode="serialization")
    title = "What `tenantry review --format json` says"
    return _json(schema | {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": title})


def _json(content: dict[str, Any]) -> str:
    return json.dumps(content, indent=2, ensure_ascii=False, sort_keys=True) + "\n"


@dataclass(frozen=True)
class Example:
    """A pair of examples of a rule: one that breaks it, and one that does not."""

    kind: str
    """What they are: a declaration (``yaml``), a program (``python``), or something else (``text``)."""
    fires: str
    fine: str
    file: str = ""
    """Of declarations, the file that they are put over."""
    before: bool = False
    """Of programs, whether they stand before the groups are registered, and not after everything."""


@cache
def examples() -> tuple[dict[str, str], dict[str, Example]]:
    """docs/rules/examples.yaml: the files of a declaration that breaks no rule, and the examples by rule."""
    content = YAML(typ="safe", pure=True).load(_EXAMPLES.read_text(encoding="utf-8"))
    kinds = {"program": "python", "elsewhere": "text"}
    found: dict[str, Example] = {}
    for rule, entry in content["rules"].items():
        kind = next((kind for kind in kinds if kind in entry), None)
        pair = entry[kind] if kind else entry
        file = "" if kind else entry.get("file", "tenants/us.yaml")
        found[rule] = Example(
            kinds[kind] if kind else "yaml", pair["fires"], pair["fine"], file, pair.get("before", False)
        )
    return content["declaration"], found


def rule_page(rule: Rule) -> str:
    """docs/rules/PT-xxx.md: what, why, the fix, and an example that breaks it beside one that does not."""
    return f"""# {rule.id}: {rule.title}

<!-- Rendered from tenantry/rules/ and docs/rules/examples.yaml by `make docs`; do not edit. -->

| Level | Severity | Where | Judged on |
| --- | --- | --- | --- |
| {_level(rule)} | {rule.severity} | {rule.scope} | {_judged_on(rule)} |

## Why

Microsoft's guidance: {rule.source}.

## Fix

{rule.remediation} {_may_be_exempted(rule)}
{_judged_elsewhere(rule)}{_examples_of(rule)}"""


def _judged_elsewhere(rule: Rule) -> str:
    said = [f"{rule.on_a_plan} {ON_A_PLAN}"] * bool(rule.on_a_plan)
    said += [f"{rule.on_a_change} {ON_A_CHANGE}"] * bool(rule.on_a_change)
    said += [f"{rule.on_the_tenant} {ON_THE_TENANT}"] * bool(rule.on_the_tenant)
    said += [rule.elsewhere] * bool(rule.elsewhere)
    if not said:
        return ""
    return "\n## What is judged elsewhere\n\n" + "".join(f"{text[0].upper()}{text[1:]}.\n" for text in said)


def _examples_of(rule: Rule) -> str:
    example = examples()[1].get(rule.id)
    if example is None:
        return ""
    where = f" (`{example.file}`)" if example.file else ""
    return f"""
## An example that breaks it{where}

{_fenced(example.kind, example.fires)}

## And one that does not

{_fenced(example.kind, example.fine)}
"""


def _fenced(kind: str, text: str) -> str:
    return f"```{kind}\n{text.rstrip()}\n```"


def _level(rule: Rule) -> str:
    return f"{rule.level}; some findings advise" if rule.also_advises else rule.level.value


def _judged_on(rule: Rule) -> str:
    said = {
        View.DECLARED: "the declaration",
        View.REGISTERED: "the program",
        View.PLANNED: "the plan",
        View.CHANGED: "a change of the declaration",
        View.OBSERVED: "the tenant",
    }
    on = [said[view] for view in rule.views] + ["all declarations of a partner"] * (rule.across is not None)
    on += ["what an update does to the tenant"] * bool(rule.of_changes)
    *most, last = on or ["neither declaration nor program"]
    return f"{', '.join(most)} and {last}" if most else last


def _may_be_exempted(rule: Rule) -> str:
    if rule.takes_exemptions:
        return "Where it cannot be fixed yet, declare an exception under `exceptions`, for at most a year."
    return "It takes no exception."


def rules_index() -> str:
    """docs/rules.md: every rule in a table, how they are judged, and what `tenantry check` says."""
    rows = "\n".join(
        f"| [{rule.id}](rules/{rule.id}.md) | {rule.title} | {_level(rule)} | {rule.severity} | {rule.scope} "
        f"| {_judged_on(rule)} |"
        for rule in RULES
    )
    levels = "\n".join(f"- **{level}**: {_LEVELS[level]}" for level in Level)
    return f"""# The rules

<!-- Rendered from tenantry/rules/ by `make docs`; do not edit. -->

Each rule is a named check with a source. `tenantry check` judges them on the declaration, the policy pack on what
the program registers, before anything is touched, and [`tenantry audit`](audit.md) on the tenant itself. A rule that
does not speak of a tenant is *not applicable* there, and one that lacks what it judges is *not evaluated*, with the
reason: neither is a pass.

{levels}

An **exception** is declared under `exceptions` in a tenant's file: one object, a reason, an owner, and a day within a
year on which it ends.

| Rule | | Level | Severity | Where | Judged on |
| --- | --- | --- | --- | --- | --- |
{rows}

## What `tenantry check` says

For people: each finding under whom it is about, worst first, its place at the beginning of the line so that editors
jump there, and a last part on how it went. Mistakes in the files stand on stderr, everything else on stdout.
`--format sarif` is for code hosts, which then show each finding at its line; `--json` (or `--format json`) is for
other machines, by the keys in [json.md](json.md). The exit code is 0 where nothing must be fixed (advice is fine), 1
where something must, and 2 where a file is missing or is not YAML.

`--fix` sorts the files first: people and other maps by key, roles in the order of
[Table 1](role-mapping.md), other lists by their text. It moves text and rewrites none: comments, quotes and blank
lines stay, and a comment above a person goes with them. Nothing is written where a file has a mistake.
"""


#: What answers in JSON, beside `tenantry review`, which has a schema.
_DOCUMENTS: Final[dict[str, type[Record]]] = {
    "tenantry check": CheckDocument,
    "tenantry who": WhoDocument,
    "tenantry todo": TodoDocument,
    "tenantry ftop": FtopDocument,
    "tenantry drift": DriftReport,
    "tenantry audit": AuditReport,
}


def json_documents() -> str:
    """docs/json.md: every key of what the commands answer to machines."""
    parts = "\n\n".join(_document(command, model) for command, model in _DOCUMENTS.items())
    return f"""# What the commands answer in JSON

<!-- Rendered from the models in tenantry/reports/, tenantry/drift/ and tenantry/audit/ by `make docs`; do not edit. -->

`--format json` is for other machines. `version` changes when a key goes or changes its meaning, and not when one is
added. What `tenantry review` answers is in [a schema](../schemas/review.schema.json).

{parts}
"""


def _document(command: str, model: type[Record]) -> str:
    """The keys of a document, and of each record in it."""
    schema = model.model_json_schema(mode="serialization")
    records = {name: one for name, one in schema["$defs"].items() if "properties" in one}
    inner = [f"### `{name}`\n\n{one['description']}\n\n{_table(one, schema)}" for name, one in records.items()]
    return "\n\n".join((f"## `{command}`", _table(schema, schema), *inner))


def _table(record: dict[str, Any], schema: dict[str, Any]) -> str:
    rows = ((f"`{key}`", " ".join(_holds(what, schema))) for key, what in record["properties"].items())
    return table(("Key", "What it holds"), rows)


def _holds(what: dict[str, Any], schema: dict[str, Any]) -> Iterator[str]:
    """What a key holds and, where that is records or one of a closed list, their name or the list."""
    kinds = {name: schema["$defs"][name] for name in re.findall(r"#/\$defs/(\w+)", json.dumps(what))}
    # A key says nothing of its own where it would repeat what its kind says.
    yield " ".join(what.get("description", "").split()) or next(iter(kinds.values()))["description"]
    for name, kind in kinds.items():
        values = kind.get("enum")
        yield f"One of {', '.join(f'`{value}`' for value in values)}." if values else f"See `{name}`."


def resource_types() -> str:
    """docs/resource-types.md: what power each type of the azuread provider can give."""
    rows = []
    for power in Power:
        types = sorted(token.rsplit(":", 1)[-1] for token, entry in TYPES.items() if entry.power is power)
        rows.append(f"| {power} | {', '.join(types)} |")
    return f"""# What a resource type can give

<!-- Rendered from tenantry/access/resource_types.py by `make docs`; do not edit. -->

Each of the {len(TYPES)} types of the azuread provider, by the power that a resource of it can give somebody. A test
compares the table with the installed provider. A type that is not here is *unknown power*, and so is every type of
another provider but those that reach no directory (`random`, `time`, `tls`): both are findings of
[PT-108](rules/PT-108.md), until the configuration of the pack allows the type.

| Can give | Types |
| --- | --- |
{chr(10).join(rows)}
"""


def permissions() -> str:
    """docs/permissions.md: the least permissions by feature, reading and writing, and the ways to sign in."""
    features = "\n".join(f"| {_capital(feature)} | {_codes(FEATURES[feature])} |" for feature in Feature)
    readings = "\n".join(
        f"| {_capital(reading)} | {_codes(need.permissions)} | {_capital(need.why)} |"
        for reading, need in READINGS.items()
    )
    writings = "\n".join(
        f"| `{need.permission}` | {_capital(need.why)} | {_capital(need.only_where or 'always')} |" for need in WRITINGS
    )
    operations = "\n".join(
        f"| {_capital(operation)} | {' | '.join(_roles(operation.needed(target)) for target in _TARGETS)} |"
        for operation in Operation
    )
    lesser = "\n".join(f"| {role} | {_roles(may)} |" for role, may in LESSER_ADMINISTRATORS.items())
    ways = "\n".join(f"### {place}. {way.title}\n\n{_way(way)}" for place, way in enumerate(WAYS, 1))
    return f"""# Permissions and credentials

<!-- Rendered from tenantry/graph/permissions.py, tenantry/graph/ways.py and tenantry/sensitive_actions.py by
`make docs`; do not edit. -->

All of these are **application permissions** of Microsoft Graph. They are added in Entra ID under App registrations,
API permissions, and an administrator consents to them. What is refused for want of one names it; what depends on it
is then *not evaluated*, never taken for nothing.

Use two applications: one that only reads, for whatever only looks, and one that provisions, for the pipeline alone.

## To look

The least that each feature takes. A test runs each with exactly these on the embedded directory, and with one fewer.

| What is told | Permissions |
| --- | --- |
{features}

All of it together, which is what `tenantry audit` reads, takes {_codes(EVERY_FEATURE)},
and nothing else: `Directory.Read.All` shows all that the smaller ones show, but not who is eligible for a role, what
was done, and what guards sign-ins. No smaller one that only reads tells consent grants. Give the smaller ones instead,
and everything but consent and the audit log is told.

The least that each reading takes by itself:

| What is read | Permission | What for |
| --- | --- | --- |
{readings}

Who may activate a directory role is asked of Privileged Identity Management. Where the tenant has no licence for it
(Microsoft Entra ID P2 or Microsoft Entra ID Governance), nobody is eligible, and that is what is told. A change that
would make somebody eligible there is refused, by name, before anything is touched. A role that somebody has activated
for some hours is told from one that is held all the time, and shows until when.

## To provision

The least that the deploying application takes. It tells agent groups and directory roles as well.

| Permission | What for | Where |
| --- | --- | --- |
{writings}

### Directory roles beside the permissions

Making accounts, giving and taking directory roles, the members of agent groups and the consent to FTOP take no more
than the permissions above. What is done to an account that exists may take a **directory role** of the deploying
application too: Microsoft calls these *sensitive actions*, and protects administrators from them. With
`User.ReadWrite.All`, and one of:

| | of somebody without a role | of a lesser administrator | of any other administrator |
| --- | --- | --- | --- |
{operations}

Lesser administrators hold nothing but roles of these, and whoever holds several is protected by each:

| Role of the person | Directory role of the application, one of |
| --- | --- |
{lesser}

Any other administrator holds another role, a role of the tenant's own among them, or is a member or an owner of a
group that directory roles can be given to. A name or an e-mail address counts as well, since the azuread provider sends
`accountEnabled`, `userPrincipalName`, `mobilePhone` and `otherMails` with every update. Microsoft's documents leave
open whether a value counts that stays the same, whether an *eligible* role makes an administrator, and whether a
deleted administrator is one; here each does, in the embedded directory and at the preview. A role counts for the
application only where it is active and for the whole tenant.

Choose for the deploying application:

- **No directory role.** Leavers who hold a directory role go in two updates, or are disabled by hand first
  ([leaver-today.md](runbooks/leaver-today.md)); new passwords, and changes to administrators, are made by people. The
  preview refuses what would fail halfway, and says so by name.
- **User Administrator**: new passwords, and changes to lesser administrators, besides.
- **Privileged Authentication Administrator**: everything. It is near to Global Administrator, which the application
  can become anyway, as the next sentence says.

`tenantry drift` shows a directory role of the application as what nobody declared, until a decision under `drift:`
accepts it. A role that was given or taken works after up to 15 minutes.

Whoever holds `RoleManagement.ReadWrite.Directory` can become Global Administrator, and so can whoever holds
`Application.ReadWrite.All`, by way of another application: guard that identity like one.

## To sign in

The same variables as the azuread provider's, so that what looks and what provisions sign in alike. All ways take
these, the Azure CLI and a managed identity the tenant's id alone:

{_variables(SHARED)}

In this order of preference; take the first that you can.

{ways}
### {MANAGED_IDENTITY.title}

{_way(MANAGED_IDENTITY)}
**The order in which they are taken is another**, the provider's own: certificate, secret, OIDC, managed identity, Azure
CLI, the first for which the environment says enough. A forgotten `ARM_CLIENT_SECRET` is taken before OIDC: unset it.
The Azure CLI never steps in for a sign-in that was begun and is incomplete: that is refused.

Beside them, for the sign-in and for everything that is read:

{_variables(SURROUNDINGS)}

None of these credentials, and no token, is ever logged or shown, and none lands in a stack's state.
"""


def _capital(text: str) -> str:
    return f"{text[0].upper()}{text[1:]}"


def _codes(permissions: Iterable[str]) -> str:
    return ", ".join(f"`{permission}`" for permission in permissions)


def _roles(roles: Iterable[Role]) -> str:
    return ", ".join(map(str, roles)) or "none"


def _way(way: Way) -> str:
    return f"{fill(way.why, 120)}\n\n{_variables(way.variables)}\n"


def _variables(variables: Mapping[str, str]) -> str:
    rows = (
        (" or ".join(f"`{name}`" for name in either.split(" or ")), _capital(what))
        for either, what in variables.items()
    )
    return table(("Variable", "What it holds"), rows)


#: Somebody without a role, a lesser administrator, and any other.
_TARGETS: Final = (
    ORDINARY,
    Rank(frozenset({USER_ADMINISTRATOR.template_id})),
    Rank(in_role_assignable_group=True),
)
_EXAMPLES: Final = Path(__file__).parents[2] / "docs/rules/examples.yaml"
_LEVELS: Final = {
    Level.ALWAYS: "the source says *must* or *cannot*. It fails the check and the preview.",
    Level.MANDATORY: "fails them too, and may be lowered in the configuration of the policy pack.",
    Level.ADVISORY: "the source recommends it, or the reading is ours. It is said, and fails nothing.",
}

#: Path from the project's root to what renders it.
PAGES: Final[dict[str, Callable[[], str]]] = {
    "docs/role-mapping.md": role_mapping,
    "docs/rules.md": rules_index,
    "docs/evasions.md": evasions.page,
    "docs/json.md": json_documents,
    "docs/permissions.md": permissions,
    "docs/resource-types.md": resource_types,
    **{f"docs/rules/{rule.id}.md": partial(rule_page, rule) for rule in RULES},
    "components/schema.json": lambda: _json(package_schema()),
    "schemas/partner.schema.json": _schema(Partner, "A Microsoft partner"),
    "schemas/review.schema.json": _review_schema,
    "schemas/seed.schema.json": _schema(Seed, "What a tenant of the embedded directory is given"),
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
