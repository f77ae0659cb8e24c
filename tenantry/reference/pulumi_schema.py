"""The schema of the Pulumi package: what programs in every language may write, rendered from the models.

Boundary types are text, whole numbers, flags, lists and maps, all plain: they are known at preview. What a text may be
stands in its description, and is evaluated by the models, so that all mistakes are reported at once and alike.
"""

from typing import Any, Final

from pydantic import BaseModel

from tenantry import __version__
from tenantry.declaration.argument import ARGUMENT, schema_name, schema_names_in
from tenantry.declaration.shape import Kind, Shape, shape_of
from tenantry.declaration.tenant import Tenant

PACKAGE: Final = "tenantry"
COMPONENT: Final = f"{PACKAGE}:index:PartnerTenant"
VERSION: Final = __version__
"""The project's version, and so the package's."""

PASSWORD_SECRET: Final = "passwordSecret"  # noqa: S105

_PLAIN_TYPES: Final = {
    Kind.TEXT: "string",
    Kind.DAY: "string",
    Kind.NUMBER: "integer",
    Kind.FLAG: "boolean",
}
_TEXT: Final[dict[str, Any]] = {"type": "string"}
#: Output to its type and what it is.
_OUTPUTS: Final[dict[str, dict[str, Any]]] = {
    "tenantId": _TEXT | {"description": "The tenant id, as declared."},
    "whoHasWhat": {
        "type": "object",
        "additionalProperties": {"type": "array", "items": _TEXT},
        "description": "Each person's access, and why they have it.",
    },
    "toDo": {
        "type": "array",
        "items": _TEXT,
        "description": "What no API can do: who must do it, and where.",
    },
    "temporaryPasswords": {
        "type": "object",
        "additionalProperties": _TEXT,
        "secret": True,
        "description": "The temporary passwords by person, as the accounts have them. A secret.",
    },
}


def package_schema() -> dict[str, Any]:
    """The package's schema (Pulumi's documentation, *Pulumi package schema*)."""
    types: dict[str, Any] = {}
    tenant = _property(shape_of(Tenant), types) | {"description": "The tenant's declaration: who has which role."}
    secret = "At least 32 characters, from which the temporary passwords are derived. Keep it in the stack's secrets."  # noqa: S105
    return {
        "name": PACKAGE,
        "version": VERSION,
        "description": "Microsoft partner tenants as code: who holds which Partner Center role.",
        "license": "Apache-2.0",
        "language": {
            language: {"respectSchemaVersion": True} for language in ("csharp", "go", "java", "nodejs", "python")
        },
        "resources": {
            COMPONENT: {
                "isComponent": True,
                "description": "Everything that a tenant's declaration gives its people in Entra ID: accounts, agent "
                "groups and directory roles.",
                "inputProperties": {
                    ARGUMENT: tenant,
                    PASSWORD_SECRET: _TEXT | {"secret": True, "description": secret},
                },
                "requiredInputs": [ARGUMENT, PASSWORD_SECRET],
                "properties": _OUTPUTS,
                "required": list(_OUTPUTS),
            }
        },
        "types": types,
    }


def _property(shape: Shape, types: dict[str, Any]) -> dict[str, Any]:
    """The type of an input; records are described once, among the types."""
    if shape.model:
        return {"$ref": f"#/types/{_described(shape.model, shape, types)}", "plain": True}
    if shape.inner:
        inner = _property(shape.inner, types)
        return (
            {"type": "array", "items": inner, "plain": True}
            if shape.kind is Kind.LIST
            else {"type": "object", "additionalProperties": inner, "plain": True}
        )
    return {"type": _PLAIN_TYPES[shape.kind], "plain": True}


def _described(model: type[BaseModel], shape: Shape, types: dict[str, Any]) -> str:
    token = f"{PACKAGE}:index:{model.__name__}"
    if token not in types:
        types[token] = {}
        types[token] |= {
            "type": "object",
            "description": " ".join((model.__doc__ or "").split()),
            "properties": {
                schema_name(name): _property(inner, types) | {"description": _description(model, name, inner)}
                for name, inner in shape.fields.items()
            },
            "required": [schema_name(name) for name, field in model.model_fields.items() if field.is_required()],
        }
    return token


def _description(model: type[BaseModel], name: str, shape: Shape) -> str:
    """What a field is, as files describe it too, and what may be written."""
    sentences = [schema_names_in(model.model_fields[name].description or "")]
    inside: Shape | None = shape
    while inside:
        if inside.choices:
            sentences.append(f"{'Keys' if inside.kind is Kind.MAP else 'One of'}: {', '.join(inside.choices)}.")
        if inside.kind is Kind.DAY:
            sentences.append('Written like "2026-01-31".')
        inside = inside.inner
    return " ".join(sentences)
