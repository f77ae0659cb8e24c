"""What advice writes into a tenant's file: shown as a line to copy, and applied in order to judge what comes of it."""

import json
import re
from typing import Any, Final

from pydantic import ValidationError

from tenantry.declaration.tenant import Tenant
from tenantry.drift.model import Edit

#: Text that YAML takes as the text that it is. What begins with a digit may be a number or a day, an object id is not.
_PLAIN: Final = re.compile(r"[A-Za-z/](?:[A-Za-z0-9 ._@/+-]*[A-Za-z0-9_@/+-])?")
_OBJECT_ID: Final = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_WORDS: Final = frozenset({"true", "false", "null", "yes", "no", "on", "off", "y", "n"})


def flow(value: Any) -> str:
    """A value as YAML on one line, which reads back as the same value."""
    match value:
        case bool():
            return "true" if value else "false"
        case dict():
            return f"{{{', '.join(f'{flow(key)}: {flow(item)}' for key, item in value.items())}}}"
        case list() | tuple():
            return f"[{', '.join(map(flow, value))}]"
        case str():
            plain = _PLAIN.fullmatch(value) and value.casefold() not in _WORDS
            return value if plain or _OBJECT_ID.fullmatch(value) else json.dumps(value, ensure_ascii=False)
        case _:
            return str(value)


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
