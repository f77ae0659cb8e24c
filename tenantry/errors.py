"""Errors that the user can fix. Each message is a sentence with its fix."""

from typing import Final

WRONG: Final = 1
"""Exit code: the input was understood, and something in it is wrong."""
NOT_FOUND: Final = 2
"""Exit code: a wrong command line, or a file that is missing or unreadable."""
NOT_REACHED: Final = 3
"""Exit code: the engine, the directory or Microsoft Graph was not reached."""


class EngineError(Exception):
    """Something that the user can fix; the message says what is wrong and how."""

    exit_code = WRONG


class NoProjectError(EngineError):
    """The command runs outside of a Pulumi project."""

    exit_code = NOT_FOUND


class NoStackError(EngineError):
    """The project has no such stack."""

    exit_code = NOT_FOUND


class EngineMissingError(EngineError):
    """The Pulumi CLI or its azuread provider is not here and cannot be had; the message says why."""

    exit_code = NOT_REACHED


class DirectoryError(EngineError):
    """The embedded directory does not run, does not start or does not stop."""

    exit_code = NOT_REACHED


class HandoverError(EngineError):
    """A temporary password that is not shown: not here, not now, or not as the account has it."""
