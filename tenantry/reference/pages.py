"""The committed files that are rendered from code: one source, and a test that compares.

``python -m tenantry.reference.pages`` writes them anew (``make docs``).
"""

import ast
import inspect
import json
import re
import textwrap
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache, partial
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

from pydantic import BaseModel, create_model
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core import core_schema
from ruamel.yaml import YAML

from tenantry.access.resource_types import TYPES, Power
from tenantry.adopt.verify import Verified
from tenantry.audit.model import AuditReport
from tenantry.declaration import Partner, Tenant
from tenantry.declaration.base import Model
from tenantry.declaration.load import OF_CUSTOMERS
from tenantry.directory.seed_model import Seed
from tenantry.doctor.model import DoctorReport
from tenantry.drift.model import DriftReport
from tenantry.errors import NOT_FOUND, NOT_REACHED, WRONG
from tenantry.findings import FieldPath, Record, field_name
from tenantry.graph.permissions import EVERY_FEATURE, FEATURES, READINGS, WRITINGS, Feature
from tenantry.graph.ways import ways_to_sign_in
from tenantry.reference import commands, evasions
from tenantry.reference.pulumi_schema import package_schema
from tenantry.reference.rendering import rendered
from tenantry.reports.adopt import AdoptReport
from tenantry.reports.check import CheckDocument
from tenantry.reports.escape import table
from tenantry.reports.ftop_sheet import FtopDocument
from tenantry.reports.review import Report
from tenantry.reports.stacks import StackList
from tenantry.reports.todo import TodoDocument
from tenantry.reports.upgrade import UpgradeReport
from tenantry.reports.who import WhoDocument
from tenantry.roles import ALIASES, COMPANY_ROLE_MAY, TABLE_1, CompanyRole, DirectoryRole, PartnerRole
from tenantry.rules import ON_A_CHANGE, ON_A_PLAN, ON_THE_TENANT, RULES, Level, Rule, View
from tenantry.sensitive_actions import LESSER_ADMINISTRATORS, ORDINARY, USER_ADMINISTRATOR, Operation, Rank


def role_mapping() -> str:
    """docs/role-mapping.md: Table 1 word for word, its effect, and the roles beside it."""
    return rendered(
        "role-mapping.md.j2",
        table_1=TABLE_1,
        directory_roles=list(DirectoryRole),
        global_admin=PartnerRole.GLOBAL_ADMIN,
        admin_agent=PartnerRole.ADMIN_AGENT,
        company_roles=list(CompanyRole),
        company_role_may=COMPANY_ROLE_MAY,
        aliases=ALIASES,
    )


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


class _SchemaOfReports(GenerateJsonSchema):
    """A schema that says of each key what the docstring below its field says.

    Pydantic can read them when it makes the classes, but then every command waits for it.
    """

    def model_schema(self, schema: core_schema.ModelSchema) -> JsonSchemaValue:
        made = super().model_schema(schema)
        for name, text in _docstrings(schema["cls"]).items():
            if name in made["properties"]:
                made["properties"][name].setdefault("description", text)
        return made


def _docstrings(model: type[Any]) -> dict[str, str]:
    """What the docstrings below the fields of a class say, and of the classes that it is made of."""
    if not issubclass(model, Record) or model is Record:
        return {}
    found = {name: text for base in reversed(model.__bases__) for name, text in _docstrings(base).items()}
    written = ast.parse(textwrap.dedent(inspect.getsource(model))).body
    body = [line for part in written if isinstance(part, ast.ClassDef) for line in part.body]
    for field, below in pairwise(body):
        match field, below:
            case ast.AnnAssign(target=ast.Name(id=name)), ast.Expr(value=ast.Constant(value=str(text))):
                found[name] = inspect.cleandoc(text)
    return found


def _schema(model: type[BaseModel], title: str) -> Callable[[], str]:
    def render() -> str:
        schema: dict[str, Any] = model.model_json_schema(schema_generator=_SchemaOfFiles)
        schema |= {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": title}
        return _json(schema)

    return render


def _customers_schema() -> str:
    """The keys of a tenant's file that may stand in a file of their own."""
    fields: dict[str, Any] = {
        name: (Tenant.model_fields[name].annotation, Tenant.model_fields[name]) for name in OF_CUSTOMERS
    }
    return _schema(create_model("Customers", __base__=Model, **fields), "The customers of a partner's tenant")()


def _schema_of_answer(command: str, model: type[BaseModel]) -> str:
    schema = model.model_json_schema(mode="serialization", schema_generator=_SchemaOfReports)
    title = f"What `{command} --json` says"
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
    at: FieldPath = ()
    """Of declarations, the field that the first one is wrong in."""
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
            kinds[kind] if kind else "yaml",
            pair["fires"],
            pair["fine"],
            file,
            tuple(entry.get("at", ())),
            pair.get("before", False),
        )
    return content["declaration"], found


def rule_page(rule: Rule) -> str:
    """docs/rules/PT-xxx.md: what, why, the fix, and an example that breaks it beside one that does not."""
    elsewhere = [f"{rule.on_a_plan} {ON_A_PLAN}"] * bool(rule.on_a_plan)
    elsewhere += [f"{rule.on_a_change} {ON_A_CHANGE}"] * bool(rule.on_a_change)
    elsewhere += [f"{rule.on_the_tenant} {ON_THE_TENANT}"] * bool(rule.on_the_tenant)
    elsewhere += [rule.elsewhere] * bool(rule.elsewhere)
    example = examples()[1].get(rule.id)
    return rendered(
        "rule.md.j2",
        rule=rule,
        elsewhere=elsewhere,
        example=example,
        at=field_name(example.at) if example else "",
        level_of=_level,
        evaluated_on=_evaluated_on,
    )


def _level(rule: Rule) -> str:
    return f"{rule.level}; some findings advise" if rule.also_advises else rule.level.value


def _evaluated_on(rule: Rule) -> str:
    names = {
        View.DECLARED: "the declaration",
        View.REGISTERED: "the program",
        View.PLANNED: "the plan",
        View.CHANGED: "a change of the declaration",
        View.OBSERVED: "the tenant",
    }
    on = [names[view] for view in rule.views] + ["all declarations of a partner"] * (rule.across is not None)
    on += ["what an update does to the tenant"] * bool(rule.of_changes)
    *most, last = on or ["neither declaration nor program"]
    return f"{', '.join(most)} and {last}" if most else last


def rules_index() -> str:
    """docs/rules.md: every rule in a table, how they are evaluated, and what `tenantry check` says."""
    return rendered("rules.md.j2", rules=RULES, levels=_LEVELS, level_of=_level, evaluated_on=_evaluated_on)


#: What answers in JSON with a page of keys; that of a review has too many.
_DOCUMENTS: Final[dict[str, type[Record]]] = {
    "tenantry check": CheckDocument,
    "tenantry who": WhoDocument,
    "tenantry todo": TodoDocument,
    "tenantry ftop": FtopDocument,
    "tenantry drift": DriftReport,
    "tenantry adopt": AdoptReport,
    "tenantry adopt --verify": Verified,
    "tenantry audit": AuditReport,
    "tenantry upgrade": UpgradeReport,
    "tenantry doctor": DoctorReport,
}
_ANSWERS: Final[dict[str, type[BaseModel]]] = {
    **_DOCUMENTS,
    "tenantry review": Report,
    "tenantry stacks": StackList,
}
"""What answers in JSON, each with a schema."""


def _kind(command: str) -> str:
    """What `tenantry schema` calls the schema of a command's answer."""
    return command.removeprefix("tenantry ").replace(" --", "-")


def json_documents() -> str:
    """docs/json.md: every key of what the commands answer to machines."""
    schemas = {
        command: model.model_json_schema(mode="serialization", schema_generator=_SchemaOfReports)
        for command, model in _DOCUMENTS.items()
    }
    return rendered("json.md.j2", documents=schemas, table_of=_table)


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


def command_line() -> str:
    """docs/commands.md: every command with its arguments and options."""
    values = {"WRONG": WRONG, "NOT_FOUND": NOT_FOUND, "NOT_REACHED": NOT_REACHED}
    return rendered("commands.md.j2", entries=commands.entries(), **values)


def decisions() -> str:
    """docs/decisions/README.md: the decisions by their titles."""
    pages = sorted((_ROOT / "docs/decisions").glob("0*.md"))
    titles = [(page.name, page.read_text(encoding="utf-8").partition("\n")[0].removeprefix("# ")) for page in pages]
    return rendered("decisions.md.j2", titles=titles)


def resource_types() -> str:
    """docs/resource-types.md: what power each type of the azuread provider can give."""
    types = {power: sorted(_short(token) for token, item in TYPES.items() if item.power is power) for power in Power}
    return rendered("resource-types.md.j2", count=len(TYPES), types=types)


def _short(token: str) -> str:
    return token.rsplit(":", 1)[-1]


def permissions() -> str:
    """docs/permissions.md: the least permissions by feature, reading and writing, and the ways to sign in."""
    return rendered(
        "permissions.md.j2",
        features={feature: FEATURES[feature] for feature in Feature},
        every_feature=EVERY_FEATURE,
        readings=READINGS,
        writings=WRITINGS,
        operations=list(Operation),
        targets=_TARGETS,
        lesser=LESSER_ADMINISTRATORS,
        sign_in=ways_to_sign_in(),
    )


#: Somebody without a role, a lesser administrator, and any other.
_TARGETS: Final = (
    ORDINARY,
    Rank(frozenset({USER_ADMINISTRATOR.template_id})),
    Rank(in_role_assignable_group=True),
)
_ROOT: Final = Path(__file__).parents[2]
_EXAMPLES: Final = _ROOT / "docs/rules/examples.yaml"
_LEVELS: Final = {
    Level.ALWAYS: "the source says *must* or *cannot*. It fails the check and the preview.",
    Level.MANDATORY: "fails them too, and may be lowered in the configuration of the policy pack.",
    Level.ADVISORY: "the source recommends it, or the rule is our interpretation. It is reported, and fails nothing.",
}

#: Path from the project's root to what renders it.
PAGES: Final[dict[str, Callable[[], str]]] = {
    "docs/commands.md": command_line,
    "docs/decisions/README.md": decisions,
    "docs/role-mapping.md": role_mapping,
    "docs/rules.md": rules_index,
    "docs/evasions.md": evasions.page,
    "docs/json.md": json_documents,
    "docs/permissions.md": permissions,
    "docs/resource-types.md": resource_types,
    **{f"docs/rules/{rule.id}.md": partial(rule_page, rule) for rule in RULES},
    "components/schema.json": lambda: _json(package_schema()),
    "schemas/customers.schema.json": _customers_schema,
    "schemas/partner.schema.json": _schema(Partner, "A Microsoft partner"),
    "schemas/seed.schema.json": _schema(Seed, "What a tenant of the embedded directory is given"),
    "schemas/tenant.schema.json": _schema(Tenant, "A tenant of a Microsoft partner"),
    **{
        f"schemas/{_kind(command)}.schema.json": partial(_schema_of_answer, command, model)
        for command, model in _ANSWERS.items()
    },
}

SCHEMAS: Final = tuple(
    sorted(path.removeprefix("schemas/").removesuffix(".schema.json") for path in PAGES if path.startswith("schemas/"))
)
"""What `tenantry schema` shows: files that people write, and answers of commands."""


def write(root: Path) -> None:
    """Write every page below a folder."""
    for path, render in PAGES.items():
        page = root / path
        page.parent.mkdir(parents=True, exist_ok=True)
        page.write_text(render(), encoding="utf-8")


if __name__ == "__main__":
    write(Path.cwd())
