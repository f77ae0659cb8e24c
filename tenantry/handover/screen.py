"""A secret shown to one pair of eyes: on the terminal's alternate screen, and wiped from it."""

import os
import signal
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from getpass import getpass
from types import FrameType
from typing import Final

from rich.console import Console
from rich.control import Control
from rich.screen import Screen
from rich.text import Text

from tenantry.errors import HandoverError

_CI: Final = (
    "CI",
    "APPVEYOR",
    "BITBUCKET_BUILD_NUMBER",
    "BUILDKITE",
    "BUILD_ID",
    "BUILD_NUMBER",
    "CIRCLECI",
    "CODEBUILD_BUILD_ID",
    "CONTINUOUS_INTEGRATION",
    "DRONE",
    "GITHUB_ACTIONS",
    "GITLAB_CI",
    "JENKINS_URL",
    "TEAMCITY_VERSION",
    "TF_BUILD",
    "TRAVIS",
)
"""What continuous integration sets: its logs are kept, and read by many."""

_RECORDERS: Final = ("ASCIINEMA_REC", "ASCIINEMA_SESSION", "SCRIPT")
"""What programs set that record a terminal; not all of them set anything."""

_ENDS: Final = ("SIGTERM", "SIGHUP", "SIGQUIT")
"""Signals that would end the program at once, and leave the secret standing."""


def refuse_where_it_would_be_kept(environment: Mapping[str, str] | None = None) -> None:
    """Raise HandoverError where what is shown would not be seen by one person alone: in a pipe, in CI, recorded."""
    environment = os.environ if environment is None else environment
    for stream, name in ((sys.stdin, "input"), (sys.stdout, "output")):
        if not stream.isatty():
            raise HandoverError(
                f"A password is shown only on a terminal, and the {name} is not one: run this in a terminal."
            )
    for names, what in ((_CI, "continuous integration"), (_RECORDERS, "a recorded terminal")):
        named = [name for name in names if environment.get(name, "").lower() not in ("", "0", "false")]
        if named:
            raise HandoverError(
                f"A password is never shown in {what} ({named[0]} is set): run this in a terminal of your own."
            )
    console = _console()
    if console.is_dumb_terminal or console.legacy_windows:
        raise HandoverError("This terminal cannot clear its screen (TERM): run this in another terminal.")


def show_until_enter(secret: str, about: Sequence[str]) -> None:
    """Show a secret with some lines about it until Enter is pressed, then wipe it.

    It is only ever written to the alternate screen, which has no scrollback, and is written over there before the
    screen is left: also at Ctrl-C (KeyboardInterrupt), at Ctrl-D (EOFError) and where a signal ends the program
    (SystemExit). Nothing can suspend the program meanwhile. Raises HandoverError, with nothing shown, where the
    terminal is too small.
    """
    console = _console()
    if console.width <= len(secret) or console.height < 2:
        raise HandoverError("The terminal is too small for the password: enlarge it.")
    with _nothing_left_behind():
        try:
            console.set_alt_screen(True)
            _draw(console, Text("\n").join([Text(secret, style="bold"), Text(), *map(Text, about)]))
            with _signals_seen():
                getpass("")  # it shows nothing of what is typed, and forgets what was typed before
        finally:
            _draw(console, Text())
            console.set_alt_screen(False)


def _console() -> Console:
    # Both streams are terminals, whatever the environment has to say of it.
    return Console(file=sys.stdout, force_terminal=True, highlight=False)


def _draw(console: Console, text: Text) -> None:
    """Write over every cell of the screen. The cursor ends on top, so that no line feed scrolls anything away."""
    console.control(Control.home())
    console.print(Screen(text), end="")
    console.control(Control.home())


@contextmanager
def _nothing_left_behind() -> Iterator[None]:
    """Let nothing end or suspend the program but in order."""

    def end(number: int, _frame: FrameType | None) -> None:
        sys.exit(128 + number)

    handlers: dict[str, signal.Handlers | object] = {**dict.fromkeys(_ENDS, end), "SIGTSTP": signal.SIG_IGN}
    before = {
        getattr(signal, name): signal.signal(getattr(signal, name), handler)  # type: ignore[arg-type]
        for name, handler in handlers.items()
        if hasattr(signal, name)  # Windows has not all of them
    }
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def _signals_seen() -> Iterator[None]:
    """See a signal within a second, however close it came before the wait for a key.

    Python runs a handler between two steps of its own or when a call is interrupted: a signal that falls between the
    last step and the call would otherwise wait for a key as well, and the secret would stand there meanwhile.
    """
    if not hasattr(signal, "setitimer"):  # Windows
        yield
        return
    before = signal.signal(signal.SIGALRM, lambda _number, _frame: None)
    signal.setitimer(signal.ITIMER_REAL, 1, 1)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
