"""``tenantry review``: from the command line's words to a report, an answer and an exit code."""

import json
import os
import shutil
import sys
import tempfile
from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import Final

from rich.console import Console

from tenantry.access.preview import PlanError, read_plan
from tenantry.declaration import Stack
from tenantry.errors import NOT_FOUND, WRONG, EngineError
from tenantry.findings import NotEvaluated
from tenantry.project.paths import Project
from tenantry.project.stacks import DEV_STACK, declared_stack
from tenantry.reports import html, markdown, terminal
from tenantry.reports.layout import layout
from tenantry.reports.review import Report, Subject, Verdict
from tenantry.review import of_plan
from tenantry.review.options import FailOn, ReviewFormat
from tenantry.review.review import review
from tenantry.sandbox.checkout import RevisionError, sources


class ReviewError(EngineError):
    """A side of a review that is not there; the message says what is, and what to name."""

    exit_code = NOT_FOUND


def review_change(base: str | None, head: str | None, *, stack: str | None, here: Path) -> Report:
    """Review what two arguments name. Raises ReviewError."""
    try:
        return review(*sources(base, head, here), today=date.today(), stack=stack)
    except RevisionError as error:
        raise ReviewError(str(error)) from None


def review_plan(
    file: Path, *, stack: str | None, here: Path, deployer: str | None = None, today: date | None = None
) -> Report:
    """Review what ``pulumi preview --json`` wrote of a stack of the project around a folder.

    Raises PlanError where the file is no such plan, or one of another stack, and DeclarationError and NoProjectError.
    """
    plan = read_plan(file)
    if stack is not None and stack != plan.stack:
        raise PlanError(
            file, f"a plan of the stack {plan.stack}", f"preview the stack {stack}, or remove `--stack`", WRONG
        )
    project = Project.around(here)
    declared = declared_stack(project, plan.stack, today)
    found, unknown = _adopted_by_upn(project, declared, plan.stack)
    return of_plan.review(
        declared.with_object_ids(found), plan, today or date.today(), deployer, root=str(project.root), unknown=unknown
    )


def _adopted_by_upn(project: Project, declared: Stack, stack: str) -> tuple[dict[str, str], tuple[NotEvaluated, ...]]:
    """The object ids of those who are adopted by UPN, by key: a plan holds object ids alone.

    They are asked of the tenant, as the program and the policy pack do, since what a program says of itself counts for
    nothing. Where the tenant does not say, nobody knows those people from undeclared ones.
    """
    # Here, so that a review that asks nobody needs nothing of what it takes to ask.
    from tenantry.access.adopted import look_up_in_tenant
    from tenantry.engine.environment import applied, current_environment

    tenant = declared.tenant
    if not tenant.looked_up:
        return {}, ()
    try:
        found = look_up_in_tenant(tenant, applied(current_environment(project)) if stack == DEV_STACK else None)
        ids, problems = {key: account.object_id for key, account in found.accounts.items()}, found.refusals
    except EngineError as error:
        ids, problems = {}, (str(error),)
    people = ", ".join(f"people.{key}" for key in tenant.looked_up if key not in ids)
    remediation = (
        "write the object id in place of `by-upn`, or review where the environment signs in as for the preview"
    )
    return ids, tuple(
        NotEvaluated(side="plan", what=f"{people} (adopted by UPN)", why=why, remediation=remediation)
        for why in problems
    )


def show(report: Report, form: ReviewFormat) -> None:
    """Print a report as a format has it."""
    if form is ReviewFormat.TERMINAL:
        terminal.show(layout(report), Console(width=None if sys.stdout.isatty() else 140))
    else:
        print(rendered(report, form), end="")


def rendered(report: Report, form: ReviewFormat) -> str:
    """A report as text in a format that is no terminal's."""
    match form:
        case ReviewFormat.MARKDOWN:
            return markdown.render(layout(report))
        case ReviewFormat.HTML:
            return html.render(layout(report))
        case _:
            return json.dumps(report.model_dump(mode="json"), indent=2, ensure_ascii=False) + "\n"


#: Which format a file to write is of, by how its name ends.
_BY_SUFFIX: Final = {".md": ReviewFormat.MARKDOWN, ".html": ReviewFormat.HTML, ".json": ReviewFormat.JSON}


def form_of(file: Path) -> ReviewFormat:
    """The format of a file to write. Raises ReviewError for a name without a known ending."""
    form = _BY_SUFFIX.get(file.suffix.lower())
    if form is None:
        raise ReviewError(f"--write {file}: the file's name must end with {', '.join(_BY_SUFFIX)}.")
    return form


def write(report: Report, files: Iterable[Path]) -> None:
    """Write a report to files, each in the format of its name. Raises ReviewError."""
    for file in files:
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
            _write_whole(file, rendered(report, form_of(file)))
        except OSError as error:
            raise ReviewError(f"--write {file}: {error.strerror}.") from None


def _write_whole(file: Path, text: str) -> None:
    """Write a file as a whole: where the disk is full, the one before stays."""
    is_new = not file.exists()
    file.touch()
    number, draft = tempfile.mkstemp(prefix=f".{file.name}.", dir=file.resolve().parent)
    try:
        with os.fdopen(number, "w", encoding="utf-8") as stream:
            stream.write(text)
        shutil.copymode(file, draft)
        Path(draft).replace(file.resolve())
    except OSError:
        Path(draft).unlink(missing_ok=True)
        if is_new:
            file.unlink(missing_ok=True)
        raise


def exit_code(report: Report, fail_on: FailOn | None) -> int:
    """0 fine; 1 where a part was not evaluated, or where what the command is to fail on is there.

    A plan that breaks a mandatory rule always fails: nothing that evaluates it comes after.
    """
    broken = report.subject is Subject.PLAN and bool(report.refused)
    return int(broken or report.verdict is Verdict.NOT_EVALUATED or _fails(report, fail_on))


def _fails(report: Report, fail_on: FailOn | None) -> bool:
    match fail_on:
        case FailOn.FINDINGS:
            return bool(report.refused)
        case FailOn.REMOVALS:
            return any(person.losses for tenant in report.tenants for person in tenant.people)
        case FailOn.ANY:
            return report.verdict is not Verdict.NO_CHANGES or report.changes_anything
        case None:
            return False
