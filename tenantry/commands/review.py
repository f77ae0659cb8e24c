"""``tenantry review``: who gains and who loses which access by a change or a plan."""

from pathlib import Path
from typing import Annotated

import typer

from tenantry.commands import completion
from tenantry.commands.reporting import reporting
from tenantry.review.options import FailOn, ReviewFormat


@reporting
def review(
    base: Annotated[
        str | None,
        typer.Argument(help="A git revision or a folder. Default: where HEAD left the default branch."),
    ] = None,
    head: Annotated[str | None, typer.Argument(help="A git revision or a folder. Default: the working tree.")] = None,
    form: Annotated[ReviewFormat, typer.Option("--format", help="The output format.")] = ReviewFormat.TERMINAL,
    fail_on: Annotated[
        FailOn | None,
        typer.Option("--fail-on", help="Exit 1 on findings that must be fixed, on removed access, or on any change."),
    ] = None,
    stack: Annotated[
        str | None, typer.Option("--stack", help="Only this stack.", autocompletion=completion.stacks)
    ] = None,
    files: Annotated[
        list[Path] | None,
        typer.Option("--write", help="Also write it to a file: .md, .html or .json. Repeat it for several."),
    ] = None,
    plan: Annotated[
        Path | None,
        typer.Option(
            "--plan", help="Review a plan: the output of `pulumi preview --json --show-sames`.", show_default=False
        ),
    ] = None,
    deployer: Annotated[
        str | None,
        typer.Option("--deployer", help="With --plan: the object id of the identity that will apply it."),
    ] = None,
) -> None:
    """Show who gains and who loses access by a change in git or by a plan, and why it is allowed."""
    from tenantry.review.command import exit_code, form_of, review_change, review_plan, show, write

    for file in files or ():
        form_of(file)
    if plan is None:
        if deployer is not None:
            raise typer.BadParameter("only together with --plan", param_hint="--deployer")
        report = review_change(base, head, stack=stack, here=Path.cwd())
    elif base is not None:
        raise typer.BadParameter("a plan is compared with the stack: leave out BASE and HEAD")
    else:
        report = review_plan(plan, stack=stack, here=Path.cwd(), deployer=deployer)
    write(report, files or ())
    show(report, form)
    raise typer.Exit(exit_code(report, fail_on))
