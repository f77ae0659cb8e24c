"""``tenantry init`` and ``tenantry upgrade``: a partner's own repository."""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer
from rich.text import Text

from tenantry.commands.reporting import reporting
from tenantry.commands.shared import console
from tenantry.declaration.fields import is_key
from tenantry.sanitize import literal, quoted
from tenantry.scaffold.pipelines import Pipeline

if TYPE_CHECKING:
    from tenantry.scaffold.upgrade import Choice, Step, Upgrade

WheelFile = Annotated[
    Path | None,
    typer.Option(
        "--wheel",
        help="Pin this wheel of tenantry, and keep it in wheels/. Default: what tenantry was installed from.",
        show_default=False,
    ),
]
_NEXT: Final = """\
Next:
  tenantry up          provision an invented tenant on a local directory (it sets up .venv first)
  README.md            your own tenant, the pipelines, later releases
"""
_COMMIT: Final = 'git add --all && git commit -m "Begin"'


def init(
    partner: Annotated[str, typer.Argument(metavar="PARTNER", help="What to call the partner, such as northwind.")],
    pipeline: Annotated[
        Pipeline, typer.Option("--pipeline", help="The code host whose pipelines to add.")
    ] = Pipeline.GITHUB_ACTIONS,
    wheel: WheelFile = None,
) -> None:
    """Make a partner's own repository in this folder, which must be empty, with an invented tenant to try."""
    from tenantry.scaffold.create import create
    from tenantry.scaffold.origin import origin

    if not is_key(partner):
        raise typer.BadParameter(
            f"{quoted(partner)}; a partner's name has lower-case letters, digits and hyphens, a letter first, at most "
            "64: northwind",
            param_hint="PARTNER",
        )
    here = origin(wheel)
    made = create(Path.cwd(), partner, pipeline, here)
    print(f"Made the repository of {partner} with tenantry {here.version}: {len(made)} files.")
    if here.note:
        print(here.note)
    is_in_git = (Path.cwd() / ".git").exists()
    print(f"\n{_NEXT}  {_COMMIT if is_in_git else f'git init && {_COMMIT}'}")


@reporting
def upgrade(
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show the changes, and write nothing.")] = False,
    keep: Annotated[
        list[str] | None,
        typer.Option("--keep", metavar="FILE", help="Of a file that you changed, keep yours. May be given again."),
    ] = None,
    take: Annotated[
        list[str] | None,
        typer.Option(
            "--take", metavar="FILE", help="Of a file that you changed, take the release's. May be given again."
        ),
    ] = None,
    wheel: WheelFile = None,
    as_json: Annotated[bool, typer.Option("--json", help="Answer in JSON.")] = False,
) -> None:
    """Bring the files of the tenantry that runs into a repository that `tenantry init` made, and show each change.

    A file that you changed is never overwritten: while one is undecided, nothing is written, and the exit code is 1.
    """
    from tenantry.project.paths import Project
    from tenantry.reports.upgrade import UpgradeReport
    from tenantry.scaffold.origin import origin
    from tenantry.scaffold.upgrade import apply, plan

    root = Project.around(Path.cwd()).root
    planned = plan(root, origin(wheel), _choices(keep or [], take or []))
    written = not (dry_run or planned.undecided)
    if written:
        apply(root, planned)
    if as_json:
        print(UpgradeReport.of(planned, written=written).model_dump_json(indent=2))
    else:
        _show(planned, dry_run=dry_run)
    raise typer.Exit(1 if planned.undecided else 0)


def _choices(keep: list[str], take: list[str]) -> "dict[str, Choice]":
    from tenantry.scaffold.upgrade import Choice

    if both := sorted({*keep} & {*take}):
        raise typer.BadParameter(f"--keep and --take of {', '.join(both)}; choose one")
    return dict.fromkeys(keep, Choice.KEEP) | dict.fromkeys(take, Choice.TAKE)


def _show(planned: "Upgrade", *, dry_run: bool) -> None:
    for step in planned.steps:
        _show_step(step)
    undecided = planned.undecided
    releases = f"tenantry {planned.before.version} to {planned.after.version}"
    if undecided:
        print(
            f"Nothing was written ({releases}): the release changes files that you changed or removed. "
            f"{_done_to(undecided)}\nFix: for each, `--keep FILE` leaves it as you have it, also after you put the "
            "release's lines into it by hand; `--take FILE` takes the release's.",
            file=sys.stderr,
        )
    elif not planned.steps:
        print(f"Nothing to change: {releases}.")
    elif dry_run:
        print(f"Nothing was written (--dry-run): {_counted(planned)}, {releases}.")
    else:
        print(f"{_counted(planned)}, {releases}. Next: `make setup`, `make check`, and a pull request.")


def _done_to(undecided: "Sequence[Step]") -> str:
    """What the user did to these files, a sentence for each way."""
    ways = {
        "changed": [step.path for step in undecided if step.before is not None],
        "removed": [step.path for step in undecided if step.before is None],
    }
    return " ".join(f"You {way}: {', '.join(map(literal, paths))}." for way, paths in ways.items() if paths)


def _counted(planned: "Upgrade") -> str:
    from tenantry.scaffold.upgrade import Fate

    counts = [(fate, sum(step.fate is fate for step in planned.steps)) for fate in Fate]
    return ", ".join(f"{count} {fate}" for fate, count in counts if count)


def _show_step(step: "Step") -> None:
    screen = console()
    screen.print(Text(literal(f"{step.fate}: {step.path}"), style="bold"), soft_wrap=True)
    for line in step.diff.splitlines():
        style = {"+": "green", "-": "red", "@": "cyan"}.get(line[:1], "")
        screen.print(Text(literal(line.expandtabs(4)), style=style), highlight=False, soft_wrap=True)
    screen.print()
