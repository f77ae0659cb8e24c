"""The known ways round the policy pack: docs/evasions.yaml, and docs/evasions.md, which is rendered from it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Final

from ruamel.yaml import YAML

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


_WORDS: Final = {
    Stopped.PREVIEW: "at the preview",
    Stopped.RECORDED: "in the recorded program",
    Stopped.NOT: "not here",
}


def page() -> str:
    """docs/evasions.md: the table, and the program of each."""
    rows = []
    programs = []
    group = ""
    for number, evasion in enumerate(evasions(), 1):
        if evasion.group != group:
            group = evasion.group
            rows.append(f"| | **{group}** | | |")
            programs.append(f"## {group}\n")
        rules = ", ".join(f"[{r}](rules/{r}.md)" if r.startswith("PT-") else f"`{r}`" for r in evasion.rules)
        rows.append(f"| {number} | {evasion.title} | {_WORDS[evasion.stopped]} | {rules or evasion.instead} |")
        programs.append(f"**{number}. {evasion.title}**\n\n{_program(evasion)}\n")
    stopped = {kind: sum(one.stopped is kind for one in evasions()) for kind in Stopped}
    return f"""# Ways round the policy pack

<!-- Rendered from docs/evasions.yaml by `make docs`; do not edit. -->

What somebody could add to an honest program to get a colleague into AdminAgents, or anything like it, without a
reviewer noticing. Of {len(evasions())} known ways
{stopped[Stopped.PREVIEW]} are refused at the first preview, when nobody has an object id yet;
{stopped[Stopped.RECORDED]} look honest then, and are found by recording the program with ids; and
{stopped[Stopped.NOT]} are listed because nothing here stops them.

- **at the preview**: `pulumi preview --policy-pack policies` exits with 1 and names person, rule and mend. `pulumi up`
  runs the preview first.
- **in the recorded program**: a recording runs the program with ids that are known, so that a value which is swapped
  in shows itself. `tenantry rehearse preview` judges one. At `up` the pack fails *after* it happened, and the next
  preview shows the id. At level `strict` ([policies/README.md](../policies/README.md)) the preview refuses whatever
  depends on an id that is not known yet.
- **not here**: the last column says what does.

Each is tried on the raw program of `tests/programs/raw.py`: by `tests/policy/test_evasions.py` through the analyzer's
protocol, and by `tests/engine/test_evasions.py` on the real engine and provider.
[The threat model](threat-model.md) says who could do this, and what stops them beside the pack.

| | Way round | Stopped | By |
| --- | --- | --- | --- |
{chr(10).join(rows)}

{chr(10).join(programs)}"""


def _program(evasion: Evasion) -> str:
    parts = [f"# In the declaration:\n{_commented(evasion.declare)}"] if evasion.declare else []
    parts += [f"# In place of: {old.strip()}\n{new.strip()}" for old, new in evasion.replace.items()]
    parts += [text.strip() for text in (evasion.before, evasion.after) if text]
    return "```python\n" + "\n\n# …\n\n".join(parts) + "\n```"


def _commented(text: str) -> str:
    return "\n".join(f"#   {line}" for line in text.strip().splitlines())
