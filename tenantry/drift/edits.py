"""What advice writes into a tenant's file: shown as a line to copy, and applied in order to check the result."""

from typing import Any

from pydantic import ValidationError

from tenantry.declaration.insert import flow
from tenantry.declaration.tenant import Tenant
from tenantry.drift.model import Edit


def shown(edit: Edit) -> str:
    """An edit as the words of an advice: what to write, what to take out, and where."""
    by_parent: dict[tuple[str, ...], list[tuple[str, Any]]] = {}
    for path, value in edit:
        by_parent.setdefault(path[:-1], []).append((path[-1], value))
    sentences = []
    for parent, fields in by_parent.items():
        where = f"under `{'.'.join(parent)}`: " if parent else ""
        written = ", ".join(f"`{flow(name)}: {flow(value)}`" for name, value in fields if value is not None)
        removed = ", ".join(f"`{name}`" for name, value in fields if value is None)
        parts = [f"write {where}{written}"] * bool(written)
        parts += [f"remove {where}{removed}"] * bool(removed)
        sentences.append(", and ".join(parts))
    return "; ".join(sentences)


def applied(tenant: Tenant, edit: Edit) -> Tenant | None:
    """A tenant with an edit in its file; None where the file would have a mistake."""
    content = tenant.model_dump(mode="python", by_alias=True, exclude_unset=True)
    for path, value in edit:
        place = content
        for name in path[:-1]:
            place = place.setdefault(name, {})
        if value is None:
            place.pop(path[-1], None)
        else:
            place[path[-1]] = value
    try:
        return Tenant.model_validate(content)
    except ValidationError:
        return None
