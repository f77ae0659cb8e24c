"""The course of `tenantry handover`: who asks, for whose password, shown once, and recorded."""

import getpass
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from datetime import date
from pathlib import Path

from rich.prompt import Confirm
from rich.text import Text

from tenantry.declaration import DeclarationError
from tenantry.declaration.document import shown
from tenantry.declaration.done import record_done, refuse_unrecordable
from tenantry.engine import pulumi_cli
from tenantry.errors import WRONG, HandoverError
from tenantry.handover.pending import Handover, handover_of
from tenantry.handover.screen import refuse_where_it_would_be_kept, show_until_enter
from tenantry.handover.stack_passwords import password_of
from tenantry.project.paths import Project
from tenantry.project.stacks import declared_stack
from tenantry.sanitize import quoted
from tenantry.todo import PARTNER_CENTER


def handover(project: Project, stack_name: str, name: str) -> int:
    """Show a person's temporary password once, on this terminal, and record that it was handed over.

    Every check runs before anything is shown. Returns the exit code. Raises DeclarationError,
    HandoverError, EngineMissingError and EngineError.
    """
    refuse_where_it_would_be_kept()
    stack = declared_stack(project, stack_name)
    wanted = handover_of(stack, name)
    file = stack.declaration.tenant_documents[stack.tenant_name].file
    refuse_unrecordable(file, wanted.todo.id, date.today())
    engine = pulumi_cli.find(project)
    asker = who_asks(project.root)
    _confirm(wanted, f"{stack_name} ({stack.tenant.name})", asker)
    password = password_of(project, engine, stack_name, stack.tenant.id, wanted)
    try:
        show_until_enter(password, _about(wanted))
    except (KeyboardInterrupt, EOFError):
        print(f"Shown to {asker}, but not recorded as handed over: `{wanted.todo.id}` is still to do.", file=sys.stderr)
        return WRONG
    return _record(file, wanted, asker)


def _confirm(wanted: Handover, stack: str, asker: str) -> None:
    print(f"The temporary password of {wanted.person.full_name} ({wanted.person.upn}), stack {stack}")
    print(f"  asked for by: {asker}")
    if wanted.person.emergency:
        print("  an emergency account: anybody with its password is Global Administrator of the tenant")
    question = Text("Are you this user, and can nobody else see your screen?")
    try:
        agreed = Confirm.ask(question, default=False)
    except (KeyboardInterrupt, EOFError):
        print()
        agreed = False
    if not agreed:
        raise HandoverError("Nothing was shown or recorded.")


def _about(wanted: Handover) -> tuple[str, ...]:
    person = wanted.person
    then = (
        ""
        if person.emergency
        else f"At the first sign-in at {PARTNER_CENTER} they must choose a new password; this one then no longer works."
    )
    return (
        f"The temporary password of {person.full_name} ({person.upn}).",
        wanted.todo.steps,
        *([then] if then else []),
        "",
        "Enter: handed over. Clears this screen, and records the to-do as done.",
        "Ctrl-C: not handed over. Clears this screen, and records nothing.",
    )


def _record(file: Path, wanted: Handover, asker: str) -> int:
    todo, day = wanted.todo.id, date.today()
    try:
        record_done(file, todo, day, f"handed over by {asker}")
    except DeclarationError as error:
        print(error, file=sys.stderr)
        print(f"Handed over, but not recorded: declare `done: {{{todo}: {day}}}` by hand.", file=sys.stderr)
        return error.exit_code
    print(f"Handed over by {asker}.")
    print(f"Recorded in {shown(file)}: done: {{{todo}: {day}}}. Commit it.")
    return 0


def who_asks(folder: Path) -> str:
    """Who runs this command: the signed-in user of this machine and, where git knows one, the name in git.

    Both are what the machine says, and no proof: a user who can change them can read the state as well.
    """
    name, email = _git(folder, "user.name"), _git(folder, "user.email")
    in_git = " ".join([*([name] if name else []), *([f"<{email}>"] if email else [])])
    user = " as ".join(dict.fromkeys(_users()))
    return f"{user} ({in_git})" if in_git else user


def _users() -> Iterator[str]:
    """The user who signed in on the terminal, where the machine knows it, and the one that the program runs as."""
    with suppress(OSError):
        yield _legible(os.getlogin())
    try:
        import pwd

        yield _legible(pwd.getpwuid(os.getuid()).pw_name)
    except (ImportError, KeyError):  # Windows; a user id without a name
        yield _legible(getpass.getuser())


def _git(folder: Path, key: str) -> str:
    git = shutil.which("git")
    if git is None:
        return ""
    answer = subprocess.run(
        [git, "config", "--get", key],
        cwd=folder,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
    )
    return _legible(answer.stdout.strip())


def _legible(text: str) -> str:
    """What a machine calls somebody, as one can show and write it down."""
    return text if text.isprintable() and len(text) <= 80 else quoted(text, 80)
