"""The known ways round the policy pack: docs/evasions.yaml, and docs/evasions.md, which is rendered from it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Final

from ruamel.yaml import YAML

from tenantry.reference.rendering import rendered

_FILE: Final = Path(__file__).parents[2] / "docs/evasions.yaml"


class Stopped(StrEnum):
    """Where a way round the pack is stopped."""

    PREVIEW = "preview"
    RECORDED = "recorded"
    NOT = "not"


@dataclass(frozen=True)
class Evasion:
    """One way round: what somebody adds to a program that breaks no rule, and who says what to it."""

    title: str
    group: str
    stopped: Stopped
    before: str = ""
    """Stands before the program's groups are registered."""
    after: str = ""
    """Stands after everything."""
    replace: Mapping[str, str] = field(default_factory=dict)
    declare: str = ""
    """YAML put over the tenant's file."""
    rules: tuple[str, ...] = ()
    says: str = ""
    engine: str = ""
    """Why the real engine does not come as far as the pack; empty where it does."""
    instead: str = ""
    """Of what nothing here stops: what does."""


@cache
def evasions() -> tuple[Evasion, ...]:
    """Every known way round, in the order of the file."""
    content = YAML(typ="safe", pure=True).load(_FILE.read_text(encoding="utf-8"))
    return tuple(
        Evasion(title, group, **{**entry, "stopped": Stopped(entry["stopped"]), "rules": tuple(entry.get("rules", ()))})
        for group, entries in content["groups"].items()
        for title, entry in entries.items()
    )


_WHERE: Final = {
    Stopped.PREVIEW: "at the preview",
    Stopped.RECORDED: "in the recorded program",
    Stopped.NOT: "not here",
}


def page() -> str:
    """docs/evasions.md: the table, and the program of each."""
    stopped = {kind.value: sum(item.stopped is kind for item in evasions()) for kind in Stopped}
    return rendered(
        "evasions.md.j2", evasions=evasions(), stopped=stopped, where=_WHERE, rules_of=_rules, program_of=_program
    )


def _rules(evasion: Evasion) -> str:
    return ", ".join(f"[{r}](rules/{r}.md)" if r.startswith("PT-") else f"`{r}`" for r in evasion.rules)


def _program(evasion: Evasion) -> str:
    parts = [f"# In the declaration:\n{_commented(evasion.declare)}"] if evasion.declare else []
    parts += [f"# In place of: {old.strip()}\n{new.strip()}" for old, new in evasion.replace.items()]
    parts += [text.strip() for text in (evasion.before, evasion.after) if text]
    return "```python\n" + "\n\n# …\n\n".join(parts) + "\n```"


def _commented(text: str) -> str:
    return "\n".join(f"#   {line}" for line in text.strip().splitlines())
