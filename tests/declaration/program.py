"""A declaration as a program passes it on: what the engine sends, made from a file by the file's own schema."""

import json
from datetime import date
from pathlib import Path
from typing import Any

from tenantry.reference.pages import PAGES

EVERY_FIELD = Path(__file__).parents[1] / "data/plugin/every-field.yaml"

_SCHEMA = json.loads(PAGES["schemas/tenant.schema.json"]())


def as_sent(content: Any) -> Any:
    """A tenant file's content in the words of the package's schema: every number is a float, every day is text."""
    return _sent(content, _SCHEMA)


def _sent(value: Any, schema: dict[str, Any]) -> Any:
    if "$ref" in schema:
        schema = _SCHEMA["$defs"][schema["$ref"].rsplit("/", 1)[1]]
    if isinstance(value, dict):
        fields, others = schema.get("properties", {}), schema.get("additionalProperties") or {}
        return {
            (_camel(key) if key in fields else key): _sent(inner, fields.get(key, others))
            for key, inner in value.items()
        }
    if isinstance(value, list):
        return [_sent(inner, schema.get("items", {})) for inner in value]
    if isinstance(value, date):
        return value.isoformat()
    return float(value) if isinstance(value, int) and not isinstance(value, bool) else value


def _camel(name: str) -> str:
    words = name.title().replace("_", "")
    return words[0].lower() + words[1:]
