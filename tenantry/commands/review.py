"""``tenantry review``: who gains and who loses which access by a change or a plan."""

from pathlib import Path
from typing import Annotated

import typer

from tenantry.commands import completion
from tenantry.review.options import FailOn, ReviewFormat


def review(
    base: Annotated[
        str | None,
        typer.Argument(help="A git revision or a folder; left out: where HEAD left the default branch."),
    ] = None,
    head: Annotated[str | None, typer.Argument(help="A git revision or a folder; left out: the working tree.")] = None,
    form: Annotated[ReviewFormat, typer.Option("--format", help="How to answer.")] = ReviewFormat.TERMINAL,
    fail_on: Annotated[
        FailOn | None, typer.Option("--fail-on", help="Fail on findings that must be fixed, removals, or any change.")
    ] = None,
    stack: Annotated[
        str | None, typer.Option("--stack", help="One stack only.", autocompletion=completion.stacks)
    ] = None,
    files: Annotated[
        list[Path] | None,
        typer.Option("--write", help="Write it to a file as well: .md, .html or .json. May be given again."),
    ] = None,
    plan: Annotated[
        Path | None,
        typer.Option("--plan", help="Review what `pulumi preview --json --show-sames` wrote.", show_default=False),
    ] = None,
    deployer: Annotated[
        str | None,
        typer.Option("--deployer", help="Of a plan: the object id of the identity that will apply it."),
    ] = None,
) -> None:
    """Who gains and who loses which access between two states of the project, or by a plan, and why it is allowed."""
    from tenantry.review.command import exit_code, form_of, review_change, review_plan, show, write

    for file in files or ():
        form_of(file)
    if plan is None:
        if deployer is not None:
            raise typer.BadParameter("it belongs to --plan", param_hint="--deployer")
        report = review_change(base, head, stack=stack, here=Path.cwd())
    elif base is not None:
        raise typer.BadParameter("a plan is compared with the stack as it is: leave BASE and HEAD out")
    else:
        report = review_plan(plan, stack=stack, here=Path.cwd(), deployer=deployer)
    write(report, files or ())
    show(report, form)
    raise typer.Exit(exit_code(report, fail_on))
