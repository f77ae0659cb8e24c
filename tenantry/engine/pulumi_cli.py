"""Finding the Pulumi CLI, installing it into the project, and running it."""

import importlib.util
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tenantry.engine.bounded import StalledError, last_line, run_while_it_progresses
from tenantry.errors import EngineError, EngineMissingError
from tenantry.project.paths import Project

MINIMUM: Final = (3, 249, 0)
"""The oldest CLI that will do, as `requiredPulumiVersion` in Pulumi.yaml says."""

PATIENCE: Final = 30.0
"""How many seconds without progress an installation may take."""

_SECONDS_FOR_A_VERSION: Final = 20

_NOT_LOADED: Final = "failed to load checkpoint"
"""How the engine begins to say that it cannot read the file of a state."""

NO_STACK: Final = "no stack named"
"""How the engine begins to say that the backend does not have a stack."""

_RESTORE: Final = (
    "remove the file of attributes beside the state's file, if there is one (beside `dev.json.gz` it is "
    "`dev.json.gz.attrs`): a killed update can leave it half written. If the state still cannot be loaded, it is "
    "damaged itself: put its backup in its place (beside `dev.json.gz` it is `dev.json.gz.bak`), and run `pulumi up`."
)


@dataclass(frozen=True)
class PulumiCli:
    """A Pulumi CLI that will do."""

    path: Path
    version: str

    def __str__(self) -> str:
        return f"Pulumi {self.version} ({self.path})"


def find(project: Project, *, note: Callable[[str], None] = lambda _: None) -> PulumiCli:
    """The first CLI that will do: on PATH, in `~/.pulumi/bin`, or in the project's own folder.

    `note` gets one sentence on each CLI that is skipped, with the reason. Raises EngineMissingError with the same
    sentences where no CLI will do.
    """
    skipped = []
    for path in _places(project):
        try:
            return _examined(path)
        except EngineMissingError as error:
            skipped.append(str(error))
            note(str(error))
    remediation = "`make up` installs one, and so does https://www.pulumi.com/docs/install."
    raise EngineMissingError(" ".join(["No Pulumi CLI was found.", *skipped, remediation]))


def install(project: Project, *, patience: float = PATIENCE) -> PulumiCli:
    """Install the CLI that belongs to the Pulumi SDK into the project's own folder.

    The installer is that of Pulumi's Automation API, which fetches from get.pulumi.com. Raises EngineMissingError with
    the reason where it fails or makes no progress for `patience` seconds; it then leaves no files.
    """
    if importlib.util.find_spec("pulumi") is None:
        raise EngineMissingError("The Python package pulumi, which installs the CLI, is missing: run `make up`.")
    root = project.own_engine
    command = [sys.executable, "-m", "tenantry.engine.install_pulumi", str(root)]
    try:
        run_installer(project, command, patience)
        return _examined(root / "bin" / "pulumi")
    except EngineMissingError as error:
        shutil.rmtree(root, ignore_errors=True)
        raise EngineMissingError(f"Pulumi could not be installed: {str(error).rstrip('.')}.") from None


def run_installer(project: Project, command: Sequence[str], patience: float) -> None:
    """Run a program that downloads. Raises EngineMissingError with the reason where it fails or hangs."""
    environment = {**os.environ, "PULUMI_SKIP_UPDATE_CHECK": "true"}
    try:
        finished = run_while_it_progresses(command, watch=project.downloads, patience=patience, environment=environment)
    except StalledError as error:
        raise EngineMissingError(str(error)) from None
    finally:
        shutil.rmtree(project.downloads, ignore_errors=True)
    if finished.exit_code != 0:
        raise EngineMissingError(last_line(finished.output))


def quick(path: Path, *arguments: str, timeout: float) -> subprocess.CompletedProcess[str]:
    """Run a short command of a CLI. Raises OSError where it does not start, and TimeoutExpired."""
    return subprocess.run(
        [path, *arguments],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        errors="replace",
        timeout=timeout,
        env={**os.environ, "PULUMI_SKIP_UPDATE_CHECK": "true"},
        check=False,
    )


def run(project: Project, engine: PulumiCli, variables: Mapping[str, str], *arguments: str) -> str:
    """The output of a short Pulumi command. Raises EngineError with the engine's reason, and never with the output."""
    answer = ask(project, engine, variables, *arguments)
    if answer.returncode != 0:
        raise EngineError(f"`pulumi {' '.join(arguments)}` failed: {reason(answer)}")
    return answer.stdout.decode(errors="replace")


def ask(
    project: Project,
    engine: PulumiCli,
    variables: Mapping[str, str],
    *arguments: str,
    secret: str = "",
    patience: float | None = None,
) -> subprocess.CompletedProcess[bytes]:
    """What came of a Pulumi command. A secret goes through a pipe: a command line is for everybody to read.

    Raises TimeoutExpired where it takes longer than `patience`, in seconds.
    """
    return subprocess.run(
        [engine.path, *arguments, "--non-interactive"],
        cwd=project.root,
        env={**variables, "PULUMI_SKIP_UPDATE_CHECK": "true"},
        input=secret.encode(),
        capture_output=True,
        timeout=patience,
        check=False,
    )


def reason(answer: subprocess.CompletedProcess[bytes]) -> str:
    """Why a command failed, with the fix where the engine does not say it."""
    why, fix = explained(answer)
    return f"{why.rstrip('.')}. Fix: {fix}" if fix else why


def explained(answer: subprocess.CompletedProcess[bytes]) -> tuple[str, str]:
    """The engine's last error, else its last line: the error about a lock continues with the lock's path.

    The engine does not say how to restore a state that it cannot load: with that comes the fix, else nothing.
    """
    output = answer.stderr.decode(errors="replace")
    errors = [line for line in output.splitlines() if line.startswith("error: ")]
    line = last_line(errors[-1] if errors else output)
    return line, _RESTORE if line.startswith(_NOT_LOADED) else ""


def _places(project: Project) -> Iterator[Path]:
    on_path = shutil.which("pulumi")
    if on_path:
        yield Path(on_path).absolute()
    for folder in (Path.home() / ".pulumi", project.own_engine):
        path = folder / "bin" / "pulumi"
        if path.is_file() and (on_path is None or not path.samefile(on_path)):
            yield path


def _examined(path: Path) -> PulumiCli:
    """The CLI at a path. Raises EngineMissingError where it does not run or is too old."""
    try:
        answer = quick(path, "version", timeout=_SECONDS_FOR_A_VERSION)
    except OSError as error:
        raise EngineMissingError(f"{path} does not run: {error.strerror}.") from None
    except subprocess.TimeoutExpired:
        raise EngineMissingError(f"{path} does not answer.") from None
    version = answer.stdout.strip().removeprefix("v")
    numbers = re.match(r"(\d+)\.(\d+)\.(\d+)", version)
    if answer.returncode != 0 or numbers is None:
        raise EngineMissingError(f"{path} does not print its version: {last_line(answer.stderr or answer.stdout)}.")
    if tuple(int(number) for number in numbers.groups()) < MINIMUM:
        minimum = ".".join(map(str, MINIMUM))
        raise EngineMissingError(f"{path} is Pulumi {version}, older than {minimum}: upgrade it.")
    return PulumiCli(path, version)
