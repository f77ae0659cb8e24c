"""The committed pages are what the code renders, and the schemas describe what the models take."""

import json
from pathlib import Path
from typing import Any

import pytest

from tenantry.pages import PAGES, write
from tenantry.roles import CompanyRole, PartnerRole

SCHEMAS = [path for path in PAGES if path.endswith(".schema.json")]


@pytest.mark.parametrize("path", PAGES)
def test_a_committed_page_is_what_the_code_renders(root: Path, path: str) -> None:
    assert (root / path).read_text(encoding="utf-8") == PAGES[path](), "render it anew: make docs"


def test_pages_are_written_below_a_folder(tmp_path: Path) -> None:
    write(tmp_path)
    assert sorted(str(p.relative_to(tmp_path)) for p in tmp_path.rglob("*") if p.is_file()) == sorted(PAGES)


@pytest.mark.parametrize("path", SCHEMAS)
def test_a_schema_refuses_unknown_keys_everywhere(path: str) -> None:
    def objects(schema: Any) -> list[dict[str, Any]]:
        inner = schema.values() if isinstance(schema, dict) else schema if isinstance(schema, list) else ()
        here = [schema] if isinstance(schema, dict) and "properties" in schema and "type" in schema else []
        return here + [found for item in inner for found in objects(item)]

    found = objects(json.loads(PAGES[path]()))
    assert found
    assert all(schema["additionalProperties"] is False for schema in found)


def test_the_schema_lists_exactly_the_roles_that_there_are() -> None:
    person = json.loads(PAGES["schemas/tenant.schema.json"]())["$defs"]["Person"]["properties"]
    assert person["roles"]["items"]["enum"] == [role.value for role in PartnerRole]
    company = next(kind for kind in person["company_roles"]["anyOf"] if kind["type"] == "array")
    assert company["items"]["enum"] == [role.value for role in CompanyRole]


@pytest.mark.parametrize("file", ["partner.yaml", "tenants/us.yaml", "tenants/uk.yaml", "tenants/own-use.yaml"])
def test_the_sample_tells_editors_its_schema(root: Path, file: str) -> None:
    sample = root / "partners/contoso" / file
    modeline = sample.read_text(encoding="utf-8").splitlines()[0]
    schema = modeline.removeprefix("# yaml-language-server: $schema=")
    assert schema != modeline
    assert (sample.parent / schema).resolve().relative_to(root.resolve()).as_posix() in PAGES
