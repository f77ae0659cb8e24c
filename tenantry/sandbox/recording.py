"""Recorded runs: starts the recorder on a program and gives back, typed, what the program registers."""

import json
import os
import stat
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path
from typing import Annotated, Any, Final

from pydantic import BaseModel, ConfigDict, Field, PlainValidator, ValidationError
from pydantic.alias_generators import to_camel
from typing_extensions import TypeAliasType

_RECORDER: Final = Path(__file__).with_name("recorder.py")
_INHERITED: Final = ("LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "SYSTEMROOT")
"""What an interpreter may need to start at all. Nothing else of this process's environment reaches the program."""
_PYTHON: Final = {"PYTHONHASHSEED": "0", "PYTHONUTF8": "1", "PYTHONDONTWRITEBYTECODE": "1"}

_LARGEST: Final = 256 * 1024 * 1024
"""In bytes: a larger recording is not read."""


class Unknown(Enum):
    """The type of `UNKNOWN`."""

    UNKNOWN = "unknown"


UNKNOWN: Final = Unknown.UNKNOWN
"""A value that only the provider will know."""


@dataclass(frozen=True)
class SecretValue:
    """A secret value; the recording has it only if the request revealed secrets, and nothing prints it."""

    revealed: bool = False
    value: "Value" = field(default=None, repr=False)


Value = TypeAliasType(
    "Value", "bool | float | str | Unknown | SecretValue | tuple[Value, ...] | Mapping[str, Value] | None"
)
"""The value of a property. A resource that is passed as a value is its id, a component its URN."""


def _value(written: Any) -> Value:
    match written:
        case {"unknown": True} if len(written) == 1:
            return UNKNOWN
        case {"secret": {"value": revealed}} if len(written) == 1:
            return SecretValue(revealed=True, value=_value(revealed))
        case {"secret": {}} if len(written) == 1:
            return SecretValue()
        case {"map": dict(plain)} if len(written) == 1:
            return _values(plain)
        case dict():
            return _values(written)
        case list():
            return tuple(_value(item) for item in written)
        case None | bool() | int() | float() | str():
            return written
    raise ValueError("not a property value")


def _values(written: Any) -> Mapping[str, Value]:
    if not isinstance(written, dict):
        raise ValueError("not a map of property values")  # noqa: TRY004 - pydantic's kind of error
    return {name: _value(item) for name, item in written.items()}


_Value = Annotated[Value, PlainValidator(_value)]
_Values = Annotated[Mapping[str, Value], PlainValidator(_values)]


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, strict=True, extra="forbid", hide_input_in_errors=True)


class _Recorded(_Strict):
    """A part of the recorder's document. The recorder leaves out what has its default."""

    model_config = ConfigDict(alias_generator=to_camel)


class InvokeAnswer(_Strict):
    """The answer to calls of a provider function whose arguments include ``args``."""

    token: str
    args: Mapping[str, Any] = {}
    result: Mapping[str, Any]


class ExistingResource(_Strict):
    """A resource that exists before the run: its real id and outputs."""

    id: str
    outputs: Mapping[str, Any] = {}


class RecordingRequest(_Strict):
    """What to record: a stack of a project, its configuration, and what exists before the run."""

    project: str
    stack: str
    config: Mapping[str, str] = Field(default={}, repr=False)
    secret_config_keys: tuple[str, ...] = ()
    preview: bool = True
    """True: what does not exist has unknown ids. False: its ids are placeholders, see `reference`."""
    invokes: tuple[InvokeAnswer, ...] = ()
    resources: Mapping[str, ExistingResource] = {}
    """What exists already, by URN."""
    reveal_secrets: bool = False


class RecordedResource(_Recorded):
    """One registration, as the program made it."""

    urn: str
    type: str
    name: str
    custom: bool
    """False for a component."""
    remote: bool = False
    """True for a plugin's component: what it holds is not in the recording."""
    read: bool = False
    """True where the program only looks a resource up."""
    id: _Value = None
    """A string or `UNKNOWN`; None for a component."""
    inputs: _Values
    property_dependencies: Mapping[str, tuple[str, ...]] = {}
    """The URNs that each input's value came from."""
    import_id: str | None = None
    protect: bool = False
    """Inherited from the parent where the program does not say; so is `retain_on_delete`."""
    retain_on_delete: bool = False
    ignore_changes: tuple[str, ...] = ()


class Frame(_Recorded):
    """A line of the program that an error went through; the file is relative to the program's folder."""

    file: str
    line: int | None
    function: str


class ProgramError(_Recorded):
    """What a program failed with."""

    type: str
    message: str
    traceback: tuple[Frame, ...]

    def __str__(self) -> str:
        at = f" ({self.traceback[-1].file}:{self.traceback[-1].line})" if self.traceback else ""
        return f"{self.type}: {self.message}{at}"


class Recording(_Recorded):
    """What a program registered, in the order of registration. Where `error` is set, it is not all of it."""

    resources: tuple[RecordedResource, ...]
    outputs: _Values
    """The stack's exports."""
    error: ProgramError | None


class RecordingFailed(Exception):  # noqa: N818 - what happened, as its readers say it
    """There is no recording: the program could not be started, did not end in time, or left none behind."""


def reference(urn: str, name: str) -> str:
    """The placeholder for ``id`` or an identity like ``objectId`` of a new resource, where the run is no preview."""
    return f"ref:{urn}:{name}"


def is_reference(value: str) -> bool:
    """Whether a text is such a placeholder."""
    return value.startswith("ref:")


def _last_line(messages: bytes, request: RecordingRequest) -> str:
    """The last line that the process wrote, without the configuration's secrets."""
    lines = messages.decode("utf-8", errors="replace").split("\n")
    last = next((line for line in reversed(lines) if line.strip()), "")
    for secret in filter(None, map(request.config.get, request.secret_config_keys)):
        last = last.replace(secret, "[secret]")
    return last


@dataclass(frozen=True)
class Started:
    """A recorder that came to its end."""

    exit_code: int
    messages: bytes = field(repr=False)
    """The end of its standard error, or all of it."""


Start = Callable[[Sequence[str], Path, bytes, Mapping[str, str], float], Started]
"""How a recorder is run: its command, the folder that it writes in, its input, its environment, its time."""


def _start(
    command: Sequence[str], _folder: Path, request: bytes, environment: Mapping[str, str], timeout: float
) -> Started:
    with tempfile.TemporaryFile() as stderr:
        done = subprocess.run(
            command,
            input=request,
            stdout=subprocess.DEVNULL,
            stderr=stderr,
            env=environment,
            timeout=timeout,
            check=False,
        )
        stderr.seek(0)
        return Started(done.returncode, stderr.read())


def _written(document: Path) -> bytes | None:
    """What the recorder wrote. A program may put anything in its place, so only a regular file is read."""
    try:
        descriptor = os.open(document, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0))
    except OSError:
        return None
    with open(descriptor, "rb") as file:  # noqa: PTH123 - a descriptor has no path
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            return None
        return file.read(_LARGEST + 1)


def record(
    program: Path,
    request: RecordingRequest,
    *,
    python: str | Path = sys.executable,
    timeout: float = 60,
    environment: Mapping[str, str] | None = None,
    start: Start = _start,
) -> Recording:
    """Run the program in a folder under the recorder, in a process of its own that knows nothing of this one's secrets.

    A program that fails gives a recording with an error. Raises RecordingFailed where no recording exists.
    ``environment`` is added to the little that Python needs; ``start`` runs the recorder, for one in a sandbox.
    """
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as name:
        folder = Path(name).resolve()
        document = folder / "recording.json"
        stdin = json.dumps(request.model_dump(mode="json") | {"output": str(document)}).encode()
        command = [str(python), "-s", "-P", str(_RECORDER), str(program)]
        inherited = {name: os.environ[name] for name in _INHERITED if name in os.environ}
        variables = {**inherited, **_PYTHON, **(environment or {})}
        try:
            started = start(command, folder, stdin, variables, timeout)
        except subprocess.TimeoutExpired:
            raise RecordingFailed(f"{program} did not end within {timeout:g} seconds") from None
        except OSError as problem:
            raise RecordingFailed(f"cannot start {python}: {problem.strerror}") from problem
        written = _written(document)
    if written is None:
        last = _last_line(started.messages, request)
        raise RecordingFailed(f"{program} left no recording (exit code {started.exit_code}){last and ': '}{last}")
    if len(written) > _LARGEST:
        raise RecordingFailed(f"{program} left a recording of more than {_LARGEST // 1024**2} MiB")
    try:
        recording = Recording.model_validate_json(written)
    except (ValidationError, RecursionError) as problem:
        raise RecordingFailed(f"{program} left a recording that cannot be read: {problem}") from None
    if (started.exit_code == 0) != (recording.error is None):
        raise RecordingFailed(f"{program} left a recording that its exit code, {started.exit_code}, contradicts")
    return recording
