"""A declaration as a tree that can hold what is wrong too (a key twice), its damage, and its many YAML spellings."""

from dataclasses import dataclass, field
from datetime import date
from random import Random
from typing import Any

Path = tuple[int, ...]
"""The way to something in a tree: the position in each map or list on it."""


@dataclass
class Map:
    """A YAML map as it is written: in order, and a key may stand twice."""

    entries: list[tuple[Any, Any]] = field(default_factory=list)

    @classmethod
    def of(cls, **entries: Any) -> "Map":
        """The fields that have a value."""
        return cls([(key, value) for key, value in entries.items() if value is not None])


def paths(tree: Any, path: Path = ()) -> list[Path]:
    """The way to everything in a tree but the tree itself."""
    values = [value for _, value in tree.entries] if isinstance(tree, Map) else tree if isinstance(tree, list) else []
    return [found for n, value in enumerate(values) for found in ((*path, n), *paths(value, (*path, n)))]


def parent_of(tree: Any, path: Path) -> Any:
    """The map or list in which something stands."""
    for step in path[:-1]:
        tree = tree.entries[step][1] if isinstance(tree, Map) else tree[step]
    return tree


def value_at(tree: Any, path: Path) -> Any:
    """What stands there."""
    parent = parent_of(tree, path)
    return parent.entries[path[-1]][1] if isinstance(parent, Map) else parent[path[-1]]


def damage(tree: Any, path: Path, how: str, key: Any, value: Any) -> None:
    """Damage one place of a tree, in place."""
    parent, last = parent_of(tree, path), path[-1]
    entries = parent.entries if isinstance(parent, Map) else parent
    old = entries[last]
    if how == "drop":
        del entries[last]
    elif how == "repeat":
        entries.append(old)
    elif how == "reorder":
        entries.insert(0, entries.pop(last))
    elif how == "rename" and isinstance(parent, Map):
        entries[last] = (key, old[1])
    elif how == "insert":
        entries.insert(last, (key, value) if isinstance(parent, Map) else value)
    else:
        entries[last] = (old[0], value) if isinstance(parent, Map) else value


def retyped(value: Any) -> Any:
    """A value as another type that says nearly the same: what people write by mistake."""
    match value:
        case bool():
            return "yes" if value else "no"
        case int():
            return str(value)
        case str():
            return [value]
        case date():
            return value.isoformat()
        case list():
            return value[0] if len(value) == 1 else Map([(str(item), True) for item in value])
        case Map():
            return [key for key, _ in value.entries]
        case _:
            return 0


_WORDS = ("null", "true", "false", "yes", "no", "on", "off")


def written(value: Any, style: Random) -> str:
    """A scalar as YAML; text is in quotes where it must be, and sometimes elsewhere."""
    if value is None:
        return style.choice(["null", "~", ""])
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int | float | date):
        return str(value)
    plain = value.isascii() and value[:1].isalpha() and value.replace(" ", "x").replace("-", "x").isalnum()
    if plain and value == value.strip() and value.lower() not in _WORDS and style.random() < 0.9:
        return value
    if value.isprintable() and style.random() < 0.3:
        return "'" + value.replace("'", "''") + "'"
    escaped = "".join(f"\\{c}" if c in '"\\' else c if c.isprintable() else f"\\U{ord(c):08x}" for c in value)
    return f'"{escaped}"'


def flow(value: Any, style: Random) -> str:
    """Anything in flow style: {key: value}, [item]."""
    if isinstance(value, Map):
        return "{" + ", ".join(f"{flow(key, style)}: {flow(item, style)}" for key, item in value.entries) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(flow(item, style) or "null" for item in value) + "]"
    return written(value, style)


def text_of(tree: Any, style: Random) -> str:
    """A tree as a YAML file, in one of its many spellings."""
    return "\n".join(_block(tree, 0, style)) + style.choice(["\n", "\n\n", "", "\n# the end\n"])


def _block(value: Any, indent: int, style: Random) -> list[str]:
    blanks = " " * indent
    lines: list[str] = []
    if isinstance(value, Map) and value.entries:
        for key, item in value.entries:
            lines += _entry(f"{blanks}{flow(key, style)}:", item, indent, style)
        return lines
    if isinstance(value, list) and value:
        for item in value:
            lines += _entry(f"{blanks}-", item, indent, style)
        return lines
    return [f"{blanks}{flow(value, style)}"]


def _entry(start: str, item: Any, indent: int, style: Random) -> list[str]:
    chance = style.random()
    comment = "  # so" if chance < 0.05 else ""
    before = [f"{' ' * indent}# why"] if chance > 0.97 else []
    if not isinstance(item, Map | list) or not (item.entries if isinstance(item, Map) else item):
        return [*before, f"{start} {flow(item, style)}{comment}".rstrip()]
    if indent > 8 or style.random() < 0.3:
        return [*before, f"{start} {flow(item, style)}{comment}"]
    return [*before, start + comment, *_block(item, indent + 2, style)]
