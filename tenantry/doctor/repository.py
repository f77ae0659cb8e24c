"""Is there a repository, is its declaration valid, and which stack is meant?"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from tenantry.doctor import model
from tenantry.doctor.model import Area, Check

_fine = partial(model.fine, Area.REPOSITORY)
_wrong = partial(model.wrong, Area.REPOSITORY)
_skipped = partial(model.not_looked_at, Area.REPOSITORY)


@dataclass(frozen=True)
class Facts:
    """What is there of a repository."""

    here: Path
    root: Path | None = None
    stacks: tuple[str, ...] = ()
    """The stacks that it has files for."""
    stack: str | None = None
    """The one that is meant."""
    tenant: str | None = None
    """The tenant that it manages: ``contoso/us``."""
    settings_problem: str = ""
    """What is wrong with Pulumi.yaml, with its fix."""
    problems: tuple[str, ...] = ()
    """What is wrong with the declaration."""


def check(facts: Facts) -> Iterator[Check]:
    """Evaluate it."""
    if facts.root is None:
        yield _wrong(
            "project",
            f"there is no Pulumi.yaml in {facts.here} or above it",
            "change to the folder of your repository, or make one here: `tenantry init PARTNER`",
        )
        yield _skipped("declaration", "there is no repository here")
        yield _skipped("stack", "there is no repository here")
        return
    if facts.settings_problem:
        found, _, fix = facts.settings_problem.partition(" Fix: ")
        yield _wrong("project", found.rstrip("."), fix.rstrip("."))
    else:
        yield _fine("project", f"{facts.root}")
    yield _stack(facts)
    if facts.problems:
        more = f" (and {len(facts.problems) - 1} more)" if len(facts.problems) > 1 else ""
        yield _wrong("declaration", f"{facts.problems[0]}{more}", "`tenantry check` lists every mistake with its fix")
    elif facts.tenant is None:
        yield _skipped("declaration", "no stack says which tenant to look at")
    else:
        yield _fine("declaration", f"{facts.tenant} is valid")


def _stack(facts: Facts) -> Check:
    listed = ", ".join(facts.stacks)
    if facts.stack is None and facts.stacks:
        return _skipped("stack", f"there are several ({listed}): name one with --stack")
    if facts.stack is None:
        return _wrong("stack", "there is no Pulumi.<stack>.yaml here", "make one: `pulumi stack init NAME`")
    if facts.stack not in facts.stacks:
        have = f"stacks of this project: {listed}" if listed else "this project has no stack"
        fix = f"name one of them with --stack, or make it: `pulumi stack init {facts.stack}`"
        return _wrong("stack", f"there is no Pulumi.{facts.stack}.yaml here; {have}", fix)
    return _fine("stack", facts.stack)
