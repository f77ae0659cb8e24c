"""`make up` and `make down`, with their progress on the terminal."""

import json
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from tenantry.engine import directory_process, provider, pulumi_cli
from tenantry.engine.environment import applied, environment
from tenantry.engine.pulumi_cli import PulumiCli
from tenantry.errors import WRONG, EngineMissingError
from tenantry.project.paths import Project
from tenantry.project.stacks import DEV_STACK, declared_stack

_NEXT = """\
What to try next:
  eval "$(.venv/bin/tenantry env)"   and then plain `pulumi preview`, `pulumi up`, `tenantry check`, `tenantry who`
  make down                          stop the embedded directory; its contents are kept
"""
_NEXT_WITHOUT_ENGINE = """\
What to try next:
  .venv/bin/tenantry rehearse preview   what a change of the declaration would do
  make down                             stop the embedded directory; its contents are kept
"""


@dataclass(frozen=True)
class Report:
    """What a successful run shows at its end, rendered only then."""

    who_has_what: Callable[[], str]
    by_hand: Callable[[], str]


def up(project: Project, report: Report, rehearse: Callable[[], int], stack: str = DEV_STACK) -> int:
    """Provision a stack's tenant on the embedded directory, with the policy pack, and show who has what.

    Without an engine it says why and calls `rehearse` instead. Returns the exit code. Raises DeclarationError before
    anything starts, and DirectoryError.
    """
    tenant = declared_stack(project, stack).tenant
    try:
        engine = _engine(project)
    except EngineMissingError as error:
        engine = None
        print(f"A rehearsal, without the Pulumi engine: {error}")
    _progress("Starting the embedded directory.")
    directory = directory_process.start(project)
    print(f"Embedded directory: {directory.url} (process {directory.pid}), tenant {tenant.name}")
    begun = time.monotonic()
    if engine is None:
        exit_code, result = rehearse(), ""
    else:
        credentials = directory_process.credentials(project, tenant.id)
        people = len(tenant.members)
        variables = applied(environment(project, stack, tenant.id, directory, credentials, engine, people=people))
        exit_code = _pulumi_up(project, stack, engine, variables)
        result = f": {_changes(project, stack, engine, variables)}" if exit_code == 0 else ""
    seconds = time.monotonic() - begun
    if exit_code != 0:
        print(f"Failed after {seconds:.0f} s: see the reason above.", file=sys.stderr)
        return exit_code if engine is None else WRONG
    print(f"\nDone in {seconds:.0f} s by {engine or 'the rehearsal'}{result}.")
    for text in (report.who_has_what(), report.by_hand(), _NEXT if engine else _NEXT_WITHOUT_ENGINE):
        if text.strip():
            print(f"\n{text.rstrip()}")
    return 0


def down(project: Project) -> int:
    """Stop the embedded directory. Raises DirectoryError."""
    stopped = directory_process.stop(project)
    print(
        "The embedded directory is stopped. Its contents are kept."
        if stopped
        else "The embedded directory is not running."
    )
    return 0


def _engine(project: Project) -> PulumiCli:
    """An engine that can work here. Raises EngineMissingError."""
    if sys.platform != "linux":
        # Go reads SSL_CERT_FILE only on Linux.
        raise EngineMissingError("Its provider can trust the embedded directory's certificate only on Linux.")
    try:
        engine = pulumi_cli.find(project, note=lambda sentence: print(sentence, file=sys.stderr))
    except EngineMissingError:
        _progress("Installing the Pulumi CLI into .tenantry/pulumi.")
        engine = pulumi_cli.install(project)
    _progress("Looking for the azuread provider, and installing it if it is missing.")
    version = provider.ensure_provider(project, engine)
    print(f"Engine: {engine}, azuread provider {version}")
    return engine


def _pulumi_up(project: Project, stack: str, engine: PulumiCli, variables: Mapping[str, str]) -> int:
    """Create the stack if it does not exist, and update the tenant, on this terminal."""
    project.backend.mkdir(mode=0o700, parents=True, exist_ok=True)
    pulumi_cli.run(project, engine, variables, "stack", "select", stack, "--create")
    # The report below says what the outputs say.
    command = [str(engine.path), "up", "--yes", "--suppress-outputs", "--stack", stack]
    command += ["--policy-pack", str(project.policies)]
    sys.stdout.flush()  # before the engine writes
    with _interrupts_left_to_the_engine(), subprocess.Popen(command, cwd=project.root, env=variables) as process:
        return process.wait()


def _changes(project: Project, stack: str, engine: PulumiCli, variables: Mapping[str, str]) -> str:
    """What the last update did, in the engine's own words: "12 create, 3 import"."""
    last = ("stack", "history", "--stack", stack, "--json", "--page-size", "1")
    (update,) = json.loads(pulumi_cli.run(project, engine, variables, *last))
    changes = {kind: count for kind, count in (update.get("resourceChanges") or {}).items() if kind != "same" and count}
    return ", ".join(f"{count} {kind}" for kind, count in sorted(changes.items())) or "nothing to change"


@contextmanager
def _interrupts_left_to_the_engine() -> Iterator[None]:
    """Leave Ctrl-C to the engine, which then stops in order and keeps its state; we wait for it."""
    before = signal.signal(signal.SIGINT, lambda _signal, _frame: None)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _progress(text: str) -> None:
    if sys.stderr.isatty():
        print(text, file=sys.stderr)
