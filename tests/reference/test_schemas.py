"""The JSON schemas: what editors show and refuse, evaluated by a library that is not ours."""

import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator, FormatChecker

from tenantry.declaration.document import read
from tenantry.reference.pages import PAGES

FILES = ("customers", "partner", "seed", "tenant")
ROOT = Path(__file__).resolve().parents[2]
#: As they are committed, and so what is rendered: `test_pages.py` compares them.
SCHEMAS = {path: json.loads((ROOT / path).read_text("utf-8")) for path in PAGES if path.endswith(".schema.json")}
#: What people write, which an editor helps them with; the answers of commands are for machines to read.
WRITTEN = {f"schemas/{name}.schema.json": SCHEMAS[f"schemas/{name}.schema.json"] for name in FILES}
SAMPLES = ["partner.yaml", "tenants/own-use.yaml", "tenants/uk.yaml", "tenants/us.yaml"]


def properties() -> Iterator[tuple[str, str, dict[str, Any], dict[str, Any]]]:
    for path, schema in WRITTEN.items():
        for model, definition in {"": schema, **schema["$defs"]}.items():
            for name, field in definition.get("properties", {}).items():
                yield f"{Path(path).name.split('.')[0]} {model}.{name}", name, field, schema


def resolved(field: dict[str, Any], schema: dict[str, Any]) -> dict[str, Any]:
    definition = schema["$defs"][field["$ref"].rsplit("/", 1)[1]] if "$ref" in field else {}
    return {**definition, **field}


def shows_what_to_write(field: dict[str, Any], schema: dict[str, Any]) -> bool:
    """An example, a closed list to choose from, or a map whose own fields show it."""
    whole = resolved(field, schema)
    if whole.get("examples") or "enum" in whole or "const" in whole or "properties" in whole:
        return True
    inner = [whole[key] for key in ("items", "additionalProperties") if isinstance(whole.get(key), dict)]
    return whole.get("type") == "boolean" or any(
        shows_what_to_write(item, schema) for item in [*inner, *whole.get("anyOf", ())]
    )


def as_an_editor_reads(file: Path) -> Any:
    return json.loads(json.dumps(read(file).content, default=date.isoformat))


def validator(file: Path) -> Draft202012Validator:
    kind = {"partner.yaml": "partner", "ten-years.yaml": "seed"}.get(file.name, "tenant")
    return Draft202012Validator(SCHEMAS[f"schemas/{kind}.schema.json"], format_checker=FormatChecker())


@pytest.mark.parametrize("path", SCHEMAS)
def test_a_schema_is_one_itself(path: str) -> None:
    Draft202012Validator.check_schema(SCHEMAS[path])
    assert SCHEMAS[path]["$schema"] == Draft202012Validator.META_SCHEMA["$id"]


@pytest.mark.parametrize(
    ("name", "field", "schema"), [pytest.param(n, f, s, id=where) for where, n, f, s in properties()]
)
def test_every_field_says_what_it_is_and_shows_what_to_write(
    name: str, field: dict[str, Any], schema: dict[str, Any]
) -> None:
    assert field.get("description", "").endswith("."), f"no description of {name}"
    assert shows_what_to_write(field, schema), f"no example of {name}"


def examples(schema: Any) -> Iterator[tuple[Any, Any]]:
    inner = schema.values() if isinstance(schema, dict) else schema if isinstance(schema, list) else ()
    if isinstance(schema, dict) and isinstance(schema.get("examples"), list):
        yield from ((schema, example) for example in schema["examples"])
    for item in inner:
        yield from examples(item)


@pytest.mark.parametrize("path", WRITTEN)
def test_every_example_is_allowed_where_it_stands(path: str) -> None:
    found = list(examples(SCHEMAS[path]))
    assert found
    for field, example in found:
        whole = {**field, "$defs": SCHEMAS[path]["$defs"]}
        assert Draft202012Validator(whole, format_checker=FormatChecker()).is_valid(example), (field, example)


@pytest.mark.parametrize("name", SAMPLES)
def test_a_sample_is_valid_in_an_editor(root: Path, name: str) -> None:
    file = root / "partners/contoso" / name
    errors = [f"{error.json_path}: {error.message}" for error in validator(file).iter_errors(as_an_editor_reads(file))]
    assert errors == []


def test_the_example_of_a_seed_is_valid_in_an_editor_and_a_mistake_in_it_is_not(root: Path, tmp_path: Path) -> None:
    seed = root / "examples/seeds/ten-years.yaml"
    assert list(validator(seed).iter_errors(as_an_editor_reads(seed))) == []
    text = seed.read_text(encoding="utf-8")
    for old, new, where in (
        ("accountEnabled: false", "acountEnabled: false", "$.users"),
        ("created: 2016-03-01", "created: 2016-03-32", "$.users"),
        ("licences: [Microsoft Entra ID P2]", "licences: [Entra P2]", "$.licences[0]"),
        ("externalUserState: PendingAcceptance", "externalUserState: Pending", "$.guests"),
        ("    members:", "    members: bob\n    x:", "$.groups.AdminAgents"),
    ):
        assert old in text
        wrong = tmp_path / seed.name
        wrong.write_text(text.replace(old, new, 1), encoding="utf-8")
        messages = [error.json_path for error in validator(wrong).iter_errors(as_an_editor_reads(wrong))]
        assert any(path.startswith(where) for path in messages), (new, messages)


def test_all_samples_are_looked_at(root: Path) -> None:
    folder = root / "partners/contoso"
    assert sorted(file.relative_to(folder).as_posix() for file in folder.rglob("*.yaml")) == sorted(SAMPLES)


@pytest.mark.parametrize(
    ("name", "old", "new", "where"),
    [
        ("tenants/us.yaml", "country: US", "country: US\ncuontry: US", "$"),
        ("tenants/us.yaml", "roles: [Billing admin]", "roles: [Billing adminn]", "$.people.farid.roles[0]"),
        ("tenants/us.yaml", "roles: [Billing admin]", "rolls: [Billing admin]", "$.people.farid"),
        ("tenants/us.yaml", "  farid:", "  Farid:", "$.people"),
        ("tenants/us.yaml", "mode: authoritative", "mode: additive-ish", "$.mode"),
        ("tenants/us.yaml", "enrolled_on: 2025-03-03", "enrolled_on: 2025-02-30", "$.programs.FastTrack.enrolled_on"),
        ("tenants/us.yaml", "id: 6f1f7c0e-52a3", "id: zzz-52a3", "$.id"),
        ("partner.yaml", "country: US", "country: usa", "$.legal.address.country"),
        ("partner.yaml", 'partner_id: "4827315"', "partner_id: 4827315", "$.partner_id"),
        ("partner.yaml", "tenants: [own-use, uk, us]", "tenants: []", "$.tenants"),
    ],
)
def test_a_mistake_is_refused_in_an_editor_too(
    root: Path, tmp_path: Path, name: str, old: str, new: str, where: str
) -> None:
    text = (root / "partners/contoso" / name).read_text(encoding="utf-8")
    assert old in text
    file = tmp_path / Path(name).name
    file.write_text(text.replace(old, new, 1), encoding="utf-8")
    messages = [error.json_path for error in validator(file).iter_errors(as_an_editor_reads(file))]
    assert any(path == where or path.startswith(where) for path in messages), messages
