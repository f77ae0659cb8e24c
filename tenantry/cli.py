"""The command line: ``tenantry …``.

Exit codes: 0 fine, 1 something is wrong, 2 a file or the command line cannot be read, 3 not reached, 7 drift.
"""

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from importlib.metadata import version
from io import TextIOWrapper
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from tenantry.declaration import Declaration, DeclarationError, load
from tenantry.declaration.order import sort_files
from tenantry.declaration.problems import shown
from tenantry.reference.pages import PAGES
from tenantry.reports import ftop_sheet, who_formats
from tenantry.reports import todo as todo_formats
from tenantry.reports.check import Checked, check_partner
from tenantry.reports.sarif import sarif
from tenantry.reports.who import Can, Wanted, notes
from tenantry.reports.who_formats import Matrix
from tenantry.review.options import FailOn, ReviewFormat
from tenantry.role_templates import role_template_meant, role_template_named
from tenantry.roles import CompanyRole, PartnerRole, nearest_role, role_named
from tenantry.rules import code_owners
from tenantry.todo import todos

app = typer.Typer(
    name="tenantry",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},  # the subcommands inherit it
)
directory_app = typer.Typer(help="The embedded directory: a local Microsoft Entra ID.", no_args_is_help=True)
app.add_typer(directory_app, name="directory")

PartnerFolder = Annotated[
    Path | None, typer.Argument(help="A partner's folder; left out: the only one under partners/.", show_default=False)
]
StackName = Annotated[str, typer.Option("--stack", help="The Pulumi stack.")]


class CheckFormat(StrEnum):
    """How ``tenantry check`` answers."""

    TERMINAL = "terminal"
    JSON = "json"
    SARIF = "sarif"


class FtopFormat(StrEnum):
    """How ``tenantry ftop`` answers."""

    TERMINAL = "terminal"
    CSV = "csv"
    MARKDOWN = "markdown"
    JSON = "json"


class TodoFormat(StrEnum):
    """How ``tenantry todo`` answers."""

    TERMINAL = "terminal"
    MARKDOWN = "markdown"
    JSON = "json"


class DriftFormat(StrEnum):
    """How ``tenantry drift`` answers."""

    TERMINAL = "terminal"
    MARKDOWN = "markdown"
    JSON = "json"


class WhoFormat(StrEnum):
    """How ``tenantry who`` answers."""

    TERMINAL = "terminal"
    MATRIX = "matrix"
    MARKDOWN = "markdown"
    HTML = "html"
    CSV = "csv"
    JSON = "json"


def main() -> None:
    """The console script: every error that a user can cause is a sentence and an exit code, never a traceback."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            # A name that the terminal's encoding lacks is shown escaped, and is no reason to fail.
            stream.reconfigure(errors="backslashreplace")
    with _sentences():
        app()


@contextmanager
def _sentences() -> Iterator[None]:
    from tenantry.errors import EngineError

    try:
        yield
    except DeclarationError as error:
        print(error, file=sys.stderr)
        sys.exit(error.exit_code)
    except EngineError as error:
        print(error, file=sys.stderr)
        sys.exit(error.exit_code)


def _version(asked: bool) -> None:
    if asked:
        print(f"tenantry {version('tenantry')}")
        raise typer.Exit


@app.callback()
def options(
    _: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version and exit.")
    ] = False,
) -> None:
    """Microsoft partner tenants as code: who holds which Partner Center role."""


@app.command()
def check(
    partner: PartnerFolder = None,
    form: Annotated[CheckFormat | None, typer.Option("--format", help="How to answer.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="The same as --format json.")] = False,
    fix: Annotated[bool, typer.Option("--fix", help="First sort the files: people by key, roles by Table 1.")] = False,
) -> None:
    """Validate a partner's declaration and run the rules on it."""
    folder = _partner_folder(partner)
    if as_json and form not in (None, CheckFormat.JSON):
        raise typer.BadParameter(f"--json and --format {form}; choose one")
    form = CheckFormat.JSON if as_json else form or CheckFormat.TERMINAL
    sorted_files, checked = _sorted(folder) if fix else ([], None)
    checked = checked or check_partner(folder)
    for file in sorted_files:
        print(f"sorted {shown(file)}", file=sys.stdout if form is CheckFormat.TERMINAL else sys.stderr)
    if form is CheckFormat.TERMINAL:
        for problem in checked.problems:
            print(problem, file=sys.stderr)
        print("\n".join(checked.lines()))
    else:
        document = checked.as_json() if form is CheckFormat.JSON else sarif(checked)
        print(json.dumps(document, indent=2, ensure_ascii=False))
    raise typer.Exit(checked.exit_code)


def _sorted(folder: Path) -> tuple[list[Path], Checked | None]:
    """Sort a partner's files: those that changed, or what is wrong with them."""
    try:
        return sort_files(load(folder)), None
    except DeclarationError as error:
        return [], Checked((), error.problems, ())


@app.command(name="who")
def who_command(
    partner: PartnerFolder = None,
    tenant: Annotated[str | None, typer.Option("--tenant", help="One tenant only, by name.")] = None,
    form: Annotated[WhoFormat, typer.Option("--format", help="How to answer.")] = WhoFormat.TERMINAL,
    role: Annotated[str | None, typer.Option("--role", help='Only who holds this role: "Global admin".')] = None,
    person: Annotated[
        str | None, typer.Option("--person", help="Only this person: a key, or a part of a name.")
    ] = None,
    can: Annotated[Can | None, typer.Option("--can", help="Only who can do this.")] = None,
) -> None:
    """Who has what in a partner's tenants, and why."""
    declaration = load(_partner_folder(partner))
    wanted = Wanted(_role(role), person, can)
    matrices = [
        Matrix.of(declaration.tenants[name], f"{declaration.key}/{name}", wanted)
        for name in _tenants(declaration, tenant)
    ]
    match form:
        case WhoFormat.TERMINAL:
            for matrix in matrices:
                _print_who(matrix)
        case WhoFormat.MATRIX:
            for matrix in matrices:
                _console().print(who_formats.as_terminal(matrix))
        case WhoFormat.MARKDOWN:
            print("\n".join(who_formats.as_markdown(matrix) for matrix in matrices), end="")
        case WhoFormat.HTML:
            print(who_formats.as_html(matrices), end="")
        case WhoFormat.CSV:
            print(who_formats.as_csv(matrices), end="")
        case WhoFormat.JSON:
            print(json.dumps(who_formats.as_json(matrices), indent=2, ensure_ascii=False))


def _role(named: str | None) -> PartnerRole | CompanyRole | None:
    if named is None:
        return None
    if role := role_named(named):
        return role
    there = f"there are: {', '.join((*PartnerRole, *CompanyRole))}"
    near = None if role_template_named(named) else nearest_role(named)
    if near is None and (of_entra := role_template_named(named) or role_template_meant(named)):
        raise typer.BadParameter(f"{of_entra.name!r} is a directory role of Entra ID; {there}")
    raise typer.BadParameter(f"{named!r} is no role; {f'did you mean {near.value!r}?' if near else there}")


def _console(*, stderr: bool = False) -> Console:
    stream = sys.stderr if stderr else sys.stdout
    return Console(width=None if stream.isatty() else 140, stderr=stderr)


def _tenants(declaration: Declaration, named: str | None) -> list[str]:
    """The partner tenants to speak of: the named one, or all."""
    names = [stack.tenant_name for stack in declaration.stacks()]
    if named is not None and named not in names:
        raise typer.BadParameter(f"{named!r} is no partner tenant here; there are: {', '.join(names)}")
    return names if named is None else [named]


def _print_who(matrix: Matrix) -> None:
    title = Text(f"Who has what in {matrix.tenant.name}")
    table = Table(title=title, title_justify="left", title_style="bold", show_lines=False)
    table.add_column("Person", no_wrap=True)
    for heading in ("Roles", "Gives in Entra ID", "FTOP", "Account"):
        table.add_column(heading, overflow="fold")
    for line in matrix.lines:
        # Text and not markup: a name in a declaration is never an instruction to the terminal.
        cells = (f"{line.name}\n{line.upn}", "\n".join(line.roles), "\n".join(line.gives), line.ftop, line.account)
        table.add_row(*(Text(cell or "–") for cell in cells))
    console = _console()
    console.print(table if matrix.lines else Text(f"Nobody like that in {matrix.tenant.name}."))
    for question, people in matrix.answers().items():
        console.print(Text(f"- {question}: {people}"))
    for note in notes(matrix.tenant):
        console.print(Text(f"- {note}"))


@app.command()
def ftop(
    partner: PartnerFolder = None,
    tenant: Annotated[str | None, typer.Option("--tenant", help="One tenant only, by name.")] = None,
    form: Annotated[FtopFormat, typer.Option("--format", help="How to answer.")] = FtopFormat.TERMINAL,
) -> None:
    """Who is to write which customer's record in FTOP, and what is left to do: a sheet, since there is no API."""
    declaration = load(_partner_folder(partner))
    tenants = [declaration.tenants[name] for name in _tenants(declaration, tenant)]
    rows = [row for one in tenants for row in ftop_sheet.sheet(one)]
    match form:
        case FtopFormat.CSV:
            print(ftop_sheet.as_csv(rows), end="")
        case FtopFormat.MARKDOWN:
            print(ftop_sheet.as_markdown(rows, ", ".join(one.name for one in tenants)), end="")
        case FtopFormat.JSON:
            print(json.dumps(ftop_sheet.as_json(rows), indent=2, ensure_ascii=False))
        case FtopFormat.TERMINAL:
            _print_ftop(rows)


def _print_ftop(rows: list[ftop_sheet.Row]) -> None:
    table = Table(title="FTOP customers", title_justify="left", title_style="bold")
    for heading in ftop_sheet.HEADER:
        table.add_column(heading, overflow="fold")
    for row in rows:
        table.add_row(*(Text(cell or "–") for cell in row.cells))
    console = _console()
    console.print(table if rows else "No FTOP customers are declared.")
    for how in ftop_sheet.HOW if rows else ():
        console.print(Text(f"- {how}"))


@app.command()
def todo(
    partner: PartnerFolder = None,
    tenant: Annotated[str | None, typer.Option("--tenant", help="One tenant only, by name.")] = None,
    person: Annotated[
        str | None, typer.Option("--person", help="Only what is about this person: a key, or a part of a name.")
    ] = None,
    form: Annotated[TodoFormat, typer.Option("--format", help="How to answer.")] = TodoFormat.TERMINAL,
) -> None:
    """What humans still have to do in Partner Center and FTOP, who may, and where."""
    declaration = load(_partner_folder(partner))
    named = _tenants(declaration, tenant)
    listed = [todo_formats.Listed.of(one, person) for one in declaration.stacks() if one.tenant_name in named]
    match form:
        case TodoFormat.TERMINAL:
            print("\n".join(todo_formats.lines(listed)))
        case TodoFormat.MARKDOWN:
            print(todo_formats.as_markdown(listed), end="")
        case TodoFormat.JSON:
            print(json.dumps(todo_formats.as_json(listed), indent=2, ensure_ascii=False))


@app.command(name="review")
def review_command(
    base: Annotated[
        str | None,
        typer.Argument(help="A git revision or a folder; left out: where HEAD left the default branch."),
    ] = None,
    head: Annotated[str | None, typer.Argument(help="A git revision or a folder; left out: the working tree.")] = None,
    form: Annotated[ReviewFormat, typer.Option("--format", help="How to answer.")] = ReviewFormat.TERMINAL,
    fail_on: Annotated[
        FailOn | None, typer.Option("--fail-on", help="Fail on findings that must be mended, removals, or any change.")
    ] = None,
    stack: Annotated[str | None, typer.Option("--stack", help="One stack only.")] = None,
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


@app.command()
def drift(
    stack: Annotated[str, typer.Option("--stack", envvar="PULUMI_STACK", help="The Pulumi stack.")] = "dev",
    form: Annotated[DriftFormat, typer.Option("--format", help="How to answer.")] = DriftFormat.TERMINAL,
) -> None:
    """What others changed in the tenant, by person, and access that nobody declared. Writes nothing; 7 on drift."""
    from tenantry.drift.run import drift as run
    from tenantry.project.paths import Project
    from tenantry.reports import drift as formats

    with _console(stderr=True).status("Comparing the tenant with what is declared …"):
        report = run(Project.around(Path.cwd()), stack)
    match form:
        case DriftFormat.TERMINAL:
            print("\n".join(formats.lines(report)))
        case DriftFormat.MARKDOWN:
            print(formats.as_markdown(report), end="")
        case DriftFormat.JSON:
            print(json.dumps(formats.as_json(report), indent=2, ensure_ascii=False))
    raise typer.Exit(report.exit_code)


@app.command()
def stacks(
    as_json: Annotated[bool, typer.Option("--json", help="For a pipeline's matrix.")] = False,
    real: Annotated[bool, typer.Option("--real", help="Without `dev`, which is the embedded directory's.")] = False,
) -> None:
    """The stacks of this project, each with the tenant that it manages."""
    from tenantry.project.paths import Project
    from tenantry.project.stacks import all_stacks

    found = all_stacks(Project.around(Path.cwd()), real=real)
    if as_json:
        print(
            json.dumps(
                [
                    {
                        "stack": one.stack,
                        "tenant": one.declared.name,
                        "tenant_id": one.declared.tenant.id,
                        "name": one.declared.tenant.name,
                        "embedded": one.embedded,
                    }
                    for one in found
                ]
            )
        )
        return
    table = Table("Stack", "Tenant", "Name", "Tenant id")
    for one in found:
        tenant = one.declared.tenant
        table.add_row(*map(Text, (one.stack, one.declared.name, tenant.name, tenant.id)))
    _console().print(table if found else "No stack: `pulumi stack init NAME` makes one (docs/own-tenant.md).")


@app.command()
def codeowners(
    partner: PartnerFolder = None,
    output: Annotated[
        Path | None,
        typer.Option(
            help="The file; left out: the repository's, or .github/CODEOWNERS. `-` shows it.", show_default=False
        ),
    ] = None,
    check_only: Annotated[bool, typer.Option("--check", help="Write nothing; exit 1 if it is not up to date.")] = False,
) -> None:
    """Write CODEOWNERS: changes of people go to those who may manage users, everything else to the Global admins."""
    folder = _partner_folder(partner)
    root = code_owners.root_of(folder)
    if root is None:
        raise typer.BadParameter(f"{folder} is in no git repository, whose CODEOWNERS would be written")
    existing = code_owners.around(folder)
    file = output or root / (existing.file if existing else code_owners.PLACES[0])
    try:
        lines = code_owners.block(load(folder), folder.resolve().relative_to(root).as_posix())
    except code_owners.NobodyMayApproveError as error:
        print(error, file=sys.stderr)
        raise typer.Exit(1) from None
    if output == Path("-"):
        print(lines, end="")
        return
    text = file.read_text("utf-8") if file.exists() else ""
    wanted = code_owners.merged(text, lines)
    if check_only:
        if text != wanted:
            print(f"{shown(file)} is not up to date; to mend: run `tenantry codeowners`", file=sys.stderr)
        raise typer.Exit(int(text != wanted))
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(wanted, "utf-8")
    print(f"{'wrote' if text != wanted else 'nothing to change in'} {shown(file)}")


@app.command()
def schema(
    kind: Annotated[str, typer.Argument(help="partner, tenant or review", metavar="KIND")] = "tenant",
) -> None:
    """The JSON schema of a partner's or a tenant's file, or of what `tenantry review --format json` says."""
    page = PAGES.get(f"schemas/{kind}.schema.json")
    if page is None:
        raise typer.BadParameter(f"{kind!r}; there are: partner, tenant, review")
    print(page(), end="")


@app.command()
def up() -> None:
    """Start the embedded directory, provision the sample partner on it, and show who has what."""
    from tenantry.engine import rehearsal
    from tenantry.engine.up import Report
    from tenantry.engine.up import up as run_up
    from tenantry.project.paths import Project
    from tenantry.project.stacks import declared_stack

    project = Project.around(Path.cwd())
    stack = declared_stack(project, "dev")

    def by_hand() -> str:
        entries = todos(stack.tenant, stack.declaration.partner)
        return "\n".join(
            ["To do by hand (`tenantry todo` says who, where and how):", *(f"  - {e.what}" for e in entries)]
        )

    def who_has_what() -> str:
        console = _console()
        with console.capture() as captured:
            _print_who(Matrix.of(stack.tenant, stack.name, Wanted()))
        return captured.get()

    raise typer.Exit(run_up(project, Report(who_has_what, by_hand), lambda: rehearsal.up(project, "dev")))


class Rehearse(StrEnum):
    """What to rehearse."""

    PREVIEW = "preview"
    UP = "up"
    DRIFT = "drift"


@app.command()
def rehearse(what: Annotated[Rehearse, typer.Argument(help="preview, up or drift")], stack: StackName = "dev") -> None:
    """Without the Pulumi engine: show (preview), do (up) or compare (drift) on the embedded directory, in process."""
    from tenantry.engine import rehearsal
    from tenantry.project.paths import Project

    run = {Rehearse.PREVIEW: rehearsal.preview, Rehearse.UP: rehearsal.up, Rehearse.DRIFT: rehearsal.drift}[what]
    raise typer.Exit(run(Project.around(Path.cwd()), stack))


@app.command()
def handover(
    person: Annotated[str, typer.Argument(help="The person's key in the declaration, such as carla.")],
    stack: Annotated[str, typer.Option("--stack", envvar="PULUMI_STACK", help="The Pulumi stack.")] = "dev",
) -> None:
    """Show one person's temporary password, on a terminal only, and record that it was handed over."""
    from tenantry.commands.handover import handover as run
    from tenantry.project.paths import Project

    raise typer.Exit(run(Project.around(Path.cwd()), stack, person))


@app.command()
def recover(
    stack: Annotated[str, typer.Option("--stack", envvar="PULUMI_STACK", help="The Pulumi stack.")] = "dev",
    yes: Annotated[bool, typer.Option("--yes", help="Write it without asking.")] = False,
) -> None:
    """After an engine was killed in an update: give the stack what it had just made."""
    from tenantry.engine.recover import recover as run
    from tenantry.project.paths import Project

    raise typer.Exit(run(Project.around(Path.cwd()), stack, agreed=yes))


@app.command()
def down() -> None:
    """Stop the embedded directory; what it holds stays."""
    from tenantry.engine.up import down as run_down
    from tenantry.project.paths import Project

    raise typer.Exit(run_down(Project.around(Path.cwd())))


@app.command()
def env(stack: StackName = "dev") -> None:
    """The shell exports with which plain `pulumi` reaches the embedded directory: eval "$(tenantry env)"."""
    from tenantry.engine.environment import current_environment, exports
    from tenantry.project.paths import Project

    print(exports(current_environment(Project.around(Path.cwd()), stack)))


@directory_app.command()
def serve(
    port: Annotated[int, typer.Option(help="The port on this machine; 0: any free one.", min=0, max=65535)] = 7443,
    faults: Annotated[Path | None, typer.Option(help="A file of faults to switch on, JSON or YAML.")] = None,
) -> None:
    """Serve the embedded directory in the foreground, until it is interrupted."""
    from tenantry.engine.directory_process import serve as run
    from tenantry.project.paths import Project

    run(Project.around(Path.cwd()), port, faults)


@directory_app.command()
def dump(
    tenant: Annotated[str | None, typer.Option("--tenant", help="One tenant only, by id.")] = None,
) -> None:
    """What is in the embedded directory, as JSON that can be compared: by name, without secrets."""
    from tenantry.engine.directory_process import dumped
    from tenantry.project.paths import Project

    print(json.dumps(dumped(Project.around(Path.cwd()), tenant), indent=2, ensure_ascii=False))


@directory_app.command()
def seed(
    file: Annotated[Path, typer.Argument(help="A YAML file of users, groups, roles and licences.")],
    tenant: Annotated[str | None, typer.Option("--tenant", help="The tenant's id, where there are several.")] = None,
) -> None:
    """Add people, groups, roles and licences from a file to a tenant of the embedded directory: all or none."""
    from tenantry.engine.directory_process import seeded
    from tenantry.project.paths import Project

    print(f"seeded {shown(file)} into tenant {seeded(Project.around(Path.cwd()), file, tenant)}")


@directory_app.command()
def log() -> None:
    """How often each kind of request was made to the embedded directory."""
    from tenantry.directory.request_log import counts
    from tenantry.project.paths import Project

    table = Table("Requests", "Method", "Path")
    counted = counts(Project.around(Path.cwd()).directory / "requests.log")
    for (method, path), number in sorted(counted.items(), key=lambda item: (-item[1], item[0])):
        table.add_row(str(number), method, Text(path))
    _console().print(table)


def _partner_folder(given: Path | None) -> Path:
    """The partner's folder: the given one, else the only one under partners/."""
    if given is not None:
        return given
    folders = sorted(file.parent for file in Path("partners").glob("*/partner.yaml"))
    if len(folders) == 1:
        return folders[0]
    found = ", ".join(map(str, folders)) or "none"
    raise typer.BadParameter(f"name a partner's folder; under partners/ there are: {found}")
