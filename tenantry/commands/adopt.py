"""``tenantry adopt``: takes over a tenant that exists."""

import sys
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.text import Text

from tenantry.commands.reporting import reporting
from tenantry.commands.shared import console
from tenantry.sanitize import literal

if TYPE_CHECKING:
    from tenantry.adopt.model import Change
    from tenantry.adopt.questions import Answer, Question, Signature
    from tenantry.project.paths import Project


class AdoptFormat(StrEnum):
    """How ``tenantry adopt`` answers."""

    TERMINAL = "terminal"
    JSON = "json"


@reporting
def adopt(
    tenant: Annotated[
        str, typer.Argument(metavar="PARTNER/TENANT", help="The name to give it here, such as northwind/main.")
    ],
    answers: Annotated[
        list[str] | None,
        typer.Option("--answer", metavar="KEY=ANSWER", help="Answer one question. Repeat it for several."),
    ] = None,
    owner: Annotated[str | None, typer.Option("--owner", help="The person responsible for the decisions.")] = None,
    reason: Annotated[str | None, typer.Option("--reason", help="The reason for the decisions.")] = None,
    until: Annotated[
        datetime | None,
        typer.Option("--until", formats=["%Y-%m-%d"], help="The last day of the decisions. Default: in half a year."),
    ] = None,
    country: Annotated[
        str | None, typer.Option("--country", help="The tenant's country, if the tenant does not show it.")
    ] = None,
    ftop_application: Annotated[
        str | None, typer.Option("--ftop-application", help="FTOP's application id, to take over the consent to it.")
    ] = None,
    stack: Annotated[
        str | None, typer.Option("--stack", help="The Pulumi stack. Default: the tenant's name.", show_default=False)
    ] = None,
    no_input: Annotated[bool, typer.Option("--no-input", help="Ask no questions.")] = False,
    write: Annotated[
        bool, typer.Option("--write", help="Change existing files without asking. New files are always written.")
    ] = False,
    verify: Annotated[
        bool,
        typer.Option("--verify", help="Only run the preview. Exit 0 if it changes nothing in the tenant."),
    ] = False,
    secrets_provider: Annotated[
        str | None,
        typer.Option("--secrets-provider", help="With --verify, for a new stack: passed to `pulumi stack init`."),
    ] = None,
    form: Annotated[AdoptFormat, typer.Option("--format", help="The output format.")] = AdoptFormat.TERMINAL,
) -> None:
    """Write the declaration of the tenant that you are signed in to, as it is now.

    Changes nothing in the tenant. What cannot be declared becomes a question; open questions stay in the file.
    """
    from tenantry.adopt.questions import Signature
    from tenantry.adopt.run import Options
    from tenantry.adopt.run import adopt as run
    from tenantry.adopt.write import save
    from tenantry.project.paths import Project
    from tenantry.reports import terminal
    from tenantry.reports.adopt import layout, report_of

    project = Project.around(Path.cwd())
    if verify:
        raise typer.Exit(_verify(project, tenant, stack, secrets_provider, form))
    signature = Signature(owner, reason, until.date() if until else None)
    options = Options(_parsed(answers or (), signature), stack, country, ftop_application)
    asks = form is AdoptFormat.TERMINAL and not no_input and sys.stdin.isatty() and sys.stdout.isatty()
    with console(stderr=True).status("Reading the tenant …") as status:

        def ask(questions: "tuple[Question, ...]") -> "Mapping[str, Answer]":
            status.stop()
            return _ask_all(questions)

        adopted = run(project, tenant, options, ask if asks else None)
    changed = tuple(item for item in adopted.files if item.changes)
    is_new = all(item.is_new for item in changed)
    if form is AdoptFormat.TERMINAL and not is_new:
        _show(changed)
    if asks and changed and not is_new and not write:
        write = typer.confirm("Change the existing files?", default=True)
    written = changed if is_new or write else ()
    for item in written:
        save(item)
    report = report_of(adopted, written)
    if form is AdoptFormat.JSON:
        print(report.model_dump_json(indent=2))
    else:
        terminal.show(layout(report), console())
    raise typer.Exit(1 if report.unknown_answers else 0)


def _show(changes: "Iterable[Change]") -> None:
    """Show what is to be written into files that are there."""
    screen = console()
    for line in (line for item in changes for line in item.diff_of_fields.splitlines()):
        style = {"+": "green", "-": "red", "@": "cyan"}.get(line[:1], "")
        screen.print(Text(literal(line), style=style), highlight=False, soft_wrap=True)
    screen.print()


def _verify(project: "Project", tenant: str, stack: str | None, provider: str | None, form: AdoptFormat) -> int:
    from tenantry.adopt.verify import verify
    from tenantry.reports import terminal
    from tenantry.reports.adopt import layout_of_verified

    with console(stderr=True).status("Running the preview …"):
        report = verify(project, tenant, stack, provider)
    if form is AdoptFormat.JSON:
        print(report.model_dump_json(indent=2))
    else:
        terminal.show(layout_of_verified(report), console())
    return report.exit_code


def _parsed(answers: "list[str] | tuple[str, ...]", signature: "Signature") -> "dict[str, Answer]":
    from tenantry.adopt.questions import Answer

    found = {}
    for item in answers:
        key, equals, choice = item.partition("=")
        if not (key and equals and choice):
            raise typer.BadParameter(f"found {item!r}; expected: KEY=ANSWER", param_hint="--answer")
        found[key] = Answer(choice, signature)
    return found


def _ask_all(questions: "tuple[Question, ...]") -> "Mapping[str, Answer]":
    """Put the questions one by one. Enter leaves one open, and so does the end of what is typed for all."""
    from tenantry.adopt.questions import LATER, Answer, Signature

    found: dict[str, Answer] = {}
    signature = Signature()
    screen = console()
    for number, question in enumerate(questions, start=1):
        screen.print()
        holds = f": {', '.join(question.holds)}" if question.holds else ""
        screen.print(Text(literal(f"{number} of {len(questions)}  {question.subject}{holds}"), style="bold"))
        screen.print(Text(literal(question.asks)))
        for choice in question.choices:
            by_hand = f": {choice.by_hand}" if choice.by_hand else ""
            screen.print(Text(literal(f"  {choice.name:<10} {choice.does}{by_hand}")))
        if question.free:
            screen.print(Text(literal(f"  {question.free}")))
        try:
            answer = typer.prompt("Answer", default=LATER).strip()
            while not question.free and answer not in question.names:
                screen.print(Text(f"Expected one of: {', '.join(question.names)}"))
                answer = typer.prompt("Answer", default=LATER).strip()
            chosen = question.choice(answer)
            if chosen and chosen.decisions:
                signature = _signed(signature)
        except (typer.Abort, EOFError):
            break
        found[question.key] = Answer(answer, signature)
    return found


def _signed(before: "Signature") -> "Signature":
    """Who answers for a decision; the answers to the one before are offered again."""
    from tenantry.adopt.questions import Signature

    owner = typer.prompt("Person responsible", default=before.owner)
    reason = typer.prompt("Reason", default=before.reason)
    while True:
        until = typer.prompt(
            "Until (YYYY-MM-DD; default: in half a year)", default=before.until or "", show_default=False
        )
        try:
            return Signature(owner, reason, date.fromisoformat(str(until)) if until else None)
        except ValueError:
            typer.echo("Expected: a day like 2027-01-31, or nothing.")
