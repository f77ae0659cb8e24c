"""The accounts' own temporary passwords, as the stack's state has them."""

import json
import os
from typing import Final

from tenantry.engine import pulumi_cli
from tenantry.engine.environment import applied, state_access
from tenantry.engine.pulumi_cli import PulumiCli
from tenantry.errors import EngineError, HandoverError
from tenantry.handover.pending import Handover
from tenantry.passwords import temporary_password
from tenantry.project.paths import Project

OUTPUT: Final = "temporary_passwords"
"""The stack's output: person to password, a secret."""
SECRET: Final = "tenantry:passwordSecret"  # noqa: S105
"""The key of the stack's configuration from which passwords are derived."""


def password_of(project: Project, engine: PulumiCli, stack: str, tenant_id: str, handover: Handover) -> str:
    """The temporary password that the account of a person has had since the last `pulumi up`.

    It is the state's, never one that is derived here. It is compared with the declaration's, so that nobody is
    handed the last round's password once `password_round` was raised; a stack without the secret, whose program
    makes its passwords another way, is not compared.

    Raises HandoverError where the stack has no such password, and EngineError where its secrets cannot be read. No
    message has a secret in it.
    """
    passwords = _strings(_asked(project, engine, stack, "output", OUTPUT))
    password = passwords.get(handover.key)
    if not password:
        raise HandoverError(
            f"The stack `{stack}` has no account of `{handover.key}` yet: run `pulumi up --policy-pack policies` first."
        )
    secret = _strings(_asked(project, engine, stack, "config")).get(SECRET)
    if secret is not None and not _derived(secret, tenant_id, handover, password):
        raise HandoverError(
            f"The account of `{handover.key}` does not have the password of round {handover.password_round} yet, as "
            "the declaration and the stack's secret want it: run `pulumi up --policy-pack policies` first."
        )
    return password


def _derived(secret: str, tenant_id: str, handover: Handover, password: str) -> bool:
    try:
        return temporary_password(secret, tenant_id, handover.key, handover.password_round) == password
    except ValueError:
        return False


def _asked(project: Project, engine: PulumiCli, stack: str, *what: str) -> object:
    """What the engine answers, secrets in clear. It comes through a pipe and goes nowhere else."""
    command = ("stack", *what) if what[0] == "output" else what
    variables = applied({**state_access(project, stack), "PULUMI_SKIP_UPDATE_CHECK": "true"}, os.environ)
    try:
        answer = pulumi_cli.run(project, engine, variables, *command, "--stack", stack, "--show-secrets", "--json")
    except EngineError as error:
        raise _explained(stack, str(error)) from None
    try:
        return json.loads(answer)
    except ValueError:
        # The decoder's error holds the whole answer.
        raise HandoverError(f"`pulumi {' '.join(command)}` did not answer with JSON.") from None


def _strings(answer: object) -> dict[str, str]:
    """The text values of a map: an output's as they are, a configuration's under `value`."""
    found = answer.items() if isinstance(answer, dict) else ()
    values = ((key, value.get("value") if isinstance(value, dict) else value) for key, value in found)
    return {key: value for key, value in values if isinstance(value, str)}


def _explained(stack: str, reason: str) -> EngineError:
    if pulumi_cli.NO_STACK in reason:
        return HandoverError(
            f"The stack `{stack}` does not exist yet: `tenantry docs own-tenant` describes how to create it."
        )
    if "does not have output property" in reason:
        return HandoverError(
            f"The stack `{stack}` has no temporary passwords yet: run `pulumi up --policy-pack policies` first."
        )
    if "passphrase" in reason:
        return HandoverError(
            f"The secrets of the stack `{stack}` cannot be read with this passphrase, or without one: set "
            "PULUMI_CONFIG_PASSPHRASE_FILE to a file that holds it. Anybody with the passphrase can read "
            "every temporary password."
        )
    return EngineError(reason)
