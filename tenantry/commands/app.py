"""The command line: ``tenantry …``, a table of its commands.

Exit codes: 0 fine, 1 something is wrong, 2 a file or the command line cannot be read, 3 not reached, 7 drift.
"""

import errno
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from io import TextIOWrapper
from typing import Annotated, Any, Final

import typer
from typer.core import TyperGroup

from tenantry import __version__
from tenantry.commands.deferred import Deferred
from tenantry.errors import NOT_FOUND, NOT_REACHED, EngineError
from tenantry.memory import collect_seldom

COMMANDS: Final[Mapping[str, str]] = {
    "init": "init",
    "adopt": "adopt",
    "check": "check",
    "who": "who",
    "ftop": "ftop",
    "todo": "todo",
    "review": "review",
    "drift": "drift",
    "audit": "audit",
    "stacks": "stacks",
    "codeowners": "codeowners",
    "schema": "schema",
    "upgrade": "init",
    "up": "up",
    "rehearse": "rehearse",
    "handover": "handover",
    "recover": "recover",
    "doctor": "doctor",
    "docs": "docs",
    "down": "up",
    "env": "env",
}
"""Each command with its module, where the function of that name is."""
OF_EXTRAS: Final = frozenset(
    {
        "azure",
        "cryptography",
        "httpx",
        "httpx_retries",
        "jwt",
        "pulumi",
        "pulumi_azuread",
        "pulumi_policy",
        "starlette",
        "trustme",
        "uvicorn",
    }
)
"""The packages that only an installation with extras has."""
OF_THE_DIRECTORY: Final[Mapping[str, str]] = dict.fromkeys(("serve", "dump", "seed", "approve", "log"), "directory")


class Commands(TyperGroup):
    """`tenantry …`"""

    def __init__(self, **named: Any) -> None:
        super().__init__(**named)
        ours = OF_THE_DIRECTORY if self.name == "directory" else COMMANDS
        self.commands = {**{name: Deferred(name, module) for name, module in ours.items()}, **self.commands}


app = typer.Typer(
    name="tenantry",
    cls=Commands,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},  # the subcommands inherit it
)
directory_app = typer.Typer(
    help="The embedded directory: a local Microsoft Entra ID.", cls=Commands, no_args_is_help=True
)
app.add_typer(directory_app, name="directory")

_OF_THE_DISK: Final = {
    errno.ENOSPC: "free some space on its disk, and run it again",
    errno.EDQUOT: "free some space in your quota, and run it again",
    errno.EFBIG: "raise the limit of file sizes (`ulimit -f`), and run it again",
    errno.EROFS: "run it where the disk can be written",
    errno.EACCES: "correct the permissions of it or of its folder",
    errno.EPERM: "correct the permissions of it or of its folder",
    errno.EIO: "see to the disk, which fails",
}
"""What no command can foresee of a disk, and what to do."""


def _version(asked: bool) -> None:
    if asked:
        print(f"tenantry {__version__}")
        raise typer.Exit


@app.callback()
def options(
    _: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version and exit.")
    ] = False,
) -> None:
    """Microsoft partner tenants as code: who holds which Partner Center role."""


def main() -> None:
    """The console script: every error that a user can cause is a sentence and an exit code, never a traceback."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            # A name that the terminal's encoding lacks is shown escaped, and is no reason to fail.
            stream.reconfigure(errors="backslashreplace")
    collect_seldom()
    with _sentences():
        app()


@contextmanager
def _sentences() -> Iterator[None]:
    try:
        yield
    except EngineError as error:
        print(error, file=sys.stderr)
        sys.exit(error.exit_code)
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] not in OF_EXTRAS:
            raise
        print(
            f"This command needs the Python package {error.name}, and {sys.executable} has none. Fix: in a repository "
            "that `tenantry init` made, `make setup` and `.venv/bin/tenantry`; elsewhere, pip install "
            '"tenantry[directory,graph,pulumi]"',
            file=sys.stderr,
        )
        sys.exit(NOT_REACHED)
    except OSError as error:
        if error.errno not in _OF_THE_DISK:
            raise
        what = error.filename or "a file"
        print(f"{what} cannot be written or read: {error.strerror}. Fix: {_OF_THE_DISK[error.errno]}.", file=sys.stderr)
        sys.exit(NOT_FOUND)
    except Exception as error:
        from tenantry.declaration import DeclarationError  # to load what it needs takes longer than a help text

        if not isinstance(error, DeclarationError):
            raise
        print(error, file=sys.stderr)
        sys.exit(error.exit_code)
