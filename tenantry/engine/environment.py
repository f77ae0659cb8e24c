"""Everything that a plain `pulumi` command needs to reach the embedded directory, as environment variables."""

import os
import shlex
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from tenantry.directory.state import Credentials, Running, State
from tenantry.engine import directory_process, pulumi_cli
from tenantry.engine.pulumi_cli import PulumiCli
from tenantry.errors import DirectoryError, EngineMissingError
from tenantry.project.paths import Project
from tenantry.project.stacks import DEV_STACK, declared_stack

DEV_PASSPHRASE: Final = "tenantry-dev"  # noqa: S105
"""The passphrase of the `dev` stack. It is public on purpose: what it protects belongs to the embedded directory,
which answers on this machine alone, and the program refuses the stack on any other tenant."""

PARALLEL: Final = (64, 300)
"""At least and at most, how many resources the engine works on at once. The provider waits 20 s on each new account,
and idly: 300 in each 20 s are 2,250 accounts in the 150 s in which Graph takes 3,000 writes of an application."""

ENGINE_COSTS: Final = {"PULUMI_DIY_BACKEND_GZIP": "true", "GOGC": "400", "GOMEMLIMIT": "2GiB"}
"""Makes the engine's checkpoints cheaper: it writes the whole state anew with each resource. The state is compressed,
and engine and provider, which are Go programs, free memory less often while they take less than 2 GiB."""

Environment = dict[str, str | None]
"""Variables to set, and with None those to unset."""


def environment(
    project: Project,
    stack: str,
    tenant_id: str,
    directory: Running,
    credentials: Credentials,
    engine: PulumiCli | None = None,
    outside: Mapping[str, str] | None = None,
    people: int = 0,
) -> Environment:
    """The variables with which `pulumi` works on a stack's tenant in the embedded directory.

    Other variables in `outside` (by default this process's environment) for the provider or for Pulumi's Python are
    unset: another sign-in or cloud must not mix with this one. Only `dev` gets the passphrase, which is public.
    """
    outside = os.environ if outside is None else outside
    others = [name for name in outside if name.startswith("ARM_") and name.isidentifier() and name.isascii()]
    variables: Environment = dict.fromkeys([*sorted(others), "PULUMI_PYTHON_CMD", "PYTHONHOME"])
    variables |= {
        "ARM_TENANT_ID": tenant_id,
        "ARM_CLIENT_ID": credentials.client_id,
        "ARM_CLIENT_SECRET": credentials.client_secret,
        "ARM_METADATA_HOSTNAME": directory.metadata_host,
        "ARM_USE_CLI": "false",
        # Use of a local directory is not reported to Microsoft.
        "ARM_DISABLE_TERRAFORM_PARTNER_ID": "true",
        "SSL_CERT_FILE": str(State(project.directory).bundle),
        "PULUMI_BACKEND_URL": project.backend_url,
        "PULUMI_STACK": stack,
        # A refresh reads a resource once the program has registered it, and so once the tenant guard has passed.
        "PULUMI_RUN_PROGRAM": "true",
        "PULUMI_PARALLEL": str(parallel(people)),
        **ENGINE_COSTS,
        "PULUMI_SKIP_UPDATE_CHECK": "true",
        "PATH": _path(engine, outside.get("PATH", os.defpath)),
    }
    variables |= state_access(project, stack)
    if sys.prefix != sys.base_prefix:
        variables["VIRTUAL_ENV"] = sys.prefix
    return variables


def parallel(people: int) -> int:
    """How many resources the engine works on at once in a tenant of so many people."""
    least, most = PARALLEL
    return min(max(people, least), most)


def state_access(project: Project, stack: str) -> Environment:
    """The variables with which `pulumi` reads the state and secrets of `dev`; for other stacks, none."""
    if stack != DEV_STACK:
        return {}
    return {
        "PULUMI_BACKEND_URL": project.backend_url,
        "PULUMI_CONFIG_PASSPHRASE": DEV_PASSPHRASE,
        "PULUMI_CONFIG_PASSPHRASE_FILE": None,
    }


def current_environment(project: Project, stack: str = DEV_STACK) -> Environment:
    """The variables for a stack on the directory that runs now, with the installed engine, if any.

    Raises DeclarationError, and DirectoryError where the directory does not run.
    """
    tenant = declared_stack(project, stack).tenant
    directory = directory_process.running(project)
    if directory is None:
        raise DirectoryError("The embedded directory is not running: `make up` starts it.")
    try:
        engine = pulumi_cli.find(project)
    except EngineMissingError:
        engine = None
    credentials = directory_process.credentials(project, tenant.id)
    return environment(project, stack, tenant.id, directory, credentials, engine, people=len(tenant.members))


def applied(variables: Environment, outside: Mapping[str, str] | None = None) -> dict[str, str]:
    """An environment for a process: `outside` (by default this process's own) with the variables set and unset."""
    result = dict(os.environ if outside is None else outside)
    for name, value in variables.items():
        if value is None:
            result.pop(name, None)
        else:
            result[name] = value
    return result


def exports(variables: Environment) -> str:
    """The variables as shell text for `eval "$(tenantry env)"`; it has the client secret in it."""
    lines = [
        f"unset {name}" if value is None else f"export {name}={shlex.quote(value)}" for name, value in variables.items()
    ]
    return "\n".join(lines) + "\n"


def _path(engine: PulumiCli | None, outside: str) -> str:
    """PATH with our Python's folder and the engine's in front, each once however often it is evaluated."""
    # Not resolved: the interpreter of a virtual environment is a link out of it.
    ours = [str(Path(sys.executable).parent), *([str(engine.path.parent)] if engine else [])]
    return os.pathsep.join(dict.fromkeys([*ours, *outside.split(os.pathsep)]))
