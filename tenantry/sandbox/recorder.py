"""Runs a whole Pulumi program without an engine and writes down, as one JSON document, what it registers.

    python recorder.py PROGRAM_DIR [REQUEST.json]        the request is read from stdin where no file is named

Stand-alone: it needs the standard library and ``pulumi`` only, so that it runs in the environment of the program that
it records. `Request` says what it takes, `Recorder.write` what it writes. It exits with 0 only if the program ran to
its end and every registration is in the document; otherwise with 1, and the document says why.

Property values are written as JSON, with three markers, each an object of exactly one key:

- ``{"unknown": true}``: what only the provider will know;
- ``{"secret": {}}``, or ``{"secret": {"value": …}}`` where the request reveals secrets;
- ``{"map": {…}}``: a plain object of one key which would read as a marker.

A resource that is passed as a value is its id, as its provider would see it; a component is its URN. Calls are answered
in the event loop's own thread, so that a program is recorded in the same order every time.
"""

import argparse
import asyncio
import gc
import inspect
import json
import logging
import os
import re
import runpy
import sys
import threading
import traceback
from collections.abc import Callable, Coroutine, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass
from pathlib import Path
from typing import Any, Final, TextIO

import pulumi
from google.protobuf.json_format import MessageToDict
from pulumi.runtime import Settings, configure, resource, rpc, run_in_stack, set_all_config
from pulumi.runtime.mocks import MockMonitor
from pulumi.runtime.proto import engine_pb2, resource_pb2, source_pb2

COMPUTED: Final[Mapping[str, Sequence[str]]] = {
    "azuread:index/directoryRole:DirectoryRole": ("objectId", "templateId"),
    "azuread:index/group:Group": ("objectId",),
    "azuread:index/servicePrincipal:ServicePrincipal": ("objectId",),
    "azuread:index/user:User": ("objectId",),
}
"""The identities, beside ``id``, that a provider gives a new resource."""

_OBJECT_ID: Final = re.compile(r"(?:/\w+/)?([0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12})")
_STACK: Final = "pulumi:pulumi:Stack"
_STATE: Final = "pulumi:pulumi:readStackResourceOutputs"
_MARKERS: Final = frozenset({"unknown", "secret", "map"})
_SHORTEST_SECRET: Final = 3
_FRAMES: Final = 10
_RAISED_AT: Final = "raised_at"
_COLLECT_AT: Final = 50_000
"""Of so many new objects: all outputs live until the program ends, and are looked through in vain again and again."""


@dataclass(frozen=True)
class Request:
    """What to record and what to answer. Its fields are the keys of the request's JSON."""

    project: str
    stack: str
    output: str
    """The file to write the document to."""
    config: Mapping[str, str]
    secret_config_keys: Sequence[str]
    preview: bool
    """True: what does not exist has unknown ids. False: it has the placeholders ``ref:<urn>:<property>``."""
    invokes: Sequence[Mapping[str, Any]]
    """Answers to provider functions: ``{token, args, result}``; the first whose ``args`` are among the call's holds."""
    resources: Mapping[str, Mapping[str, Any]]
    """What exists already, by URN: ``{id, outputs}``."""
    reveal_secrets: bool


class NotRecordable(pulumi.RunError):
    """The program does what a recording cannot show."""


class UnansweredInvoke(NotRecordable):
    """The program calls a provider function that the request has no answer for."""


class Secrets:
    """The secret strings known so far, and how to keep them out of the document and the messages."""

    def __init__(self, reveal: bool) -> None:
        self.reveal = reveal
        self._texts: set[str] = set()

    def add(self, value: Any) -> None:
        """Remember every string in a secret value. As in Pulumi itself, very short ones are not looked for."""
        if isinstance(value, dict):
            value = list(value.values())
        if isinstance(value, list):
            for item in value:
                self.add(item)
        elif isinstance(value, str) and len(value) >= _SHORTEST_SECRET:
            self._texts.add(value)

    def watch(self, output: "type[pulumi.Output[Any]]") -> None:
        """Remember what secret outputs hand to the program's functions, which may raise or log it."""
        apply = output.apply

        def watched(self_: Any, func: Callable[[Any], Any], run_with_unknowns: bool = False) -> Any:
            def noting(value: Any) -> Any:
                if _returned(self_.is_secret()):  # known as soon as the value is
                    self.add(value)
                try:
                    return func(value)
                except Exception as problem:
                    # Of what a task failed with, asyncio gives the traceback to the first that awaits it alone.
                    vars(problem).setdefault(_RAISED_AT, problem.__traceback__)
                    raise

            return apply(self_, noting, run_with_unknowns)

        output.apply = watched  # type: ignore[assignment, method-assign]

    def found_in(self, text: str) -> bool:
        """Whether a text gives a secret away."""
        return not self.reveal and any(secret in text for secret in self._texts)

    def scrub(self, value: Any) -> Any:
        """A value with ``[secret]`` in place of every secret."""
        if isinstance(value, dict):
            return {self.scrub(name): self.scrub(item) for name, item in sorted(value.items())}
        if isinstance(value, list):
            return [self.scrub(item) for item in value]
        if isinstance(value, str) and not self.reveal:
            for secret in sorted(self._texts, key=len, reverse=True):
                value = value.replace(secret, "[secret]")
        return value


_DATA: Final = frozenset({"resources", "value", "is_known", "is_secret"})
"""What the SDK keeps of an output."""
_Outcome = tuple[Any, bool, bool, "set[pulumi.Resource] | None", "Exception | None"]
"""A value; whether it is known, and secret; what it depends on beside its resource; what the resource failed with."""
_ABSENT: Final[Mapping[bool, _Outcome]] = {known: (None, known, False, None, None) for known in (True, False)}


class Later(pulumi.Output[Any]):
    """A property of a resource: as an output it is made once the program asks for it, which it seldom does.

    The SDK waits for the URN, which comes with it, and for what is made of it. So it need not wait for this as well.
    """

    __slots__ = ("_made", "_outcome", "_resource")  # an account has fifty of them

    def __init__(self, resource_: "pulumi.Resource | None") -> None:
        self._resource = resource_
        self._outcome: _Outcome | None = None
        self._made: asyncio.Future[Any] | None = None

    def resolve(
        self,
        value: Any,
        is_known: bool,
        is_secret: bool,
        deps: set[pulumi.Resource] | None = None,
        failed: Exception | None = None,
    ) -> None:
        """Take what the SDK says of the property once its resource is registered."""
        absent = value is None and not (is_secret or deps or failed)
        self._outcome = _ABSENT[is_known] if absent else (value, is_known, is_secret, deps, failed)
        if self._made is not None:
            self._settle(self._made, self._outcome)

    @property
    def _data(self) -> "asyncio.Future[Any]":  # type: ignore[override] # as the SDK calls it, which only reads it
        if self._made is None:
            self._made = asyncio.get_running_loop().create_future()
            if self._outcome:
                self._settle(self._made, self._outcome)
        return self._made

    def _settle(self, made: "asyncio.Future[Any]", outcome: _Outcome) -> None:
        value, is_known, is_secret, deps, failed = outcome
        if failed is not None:
            made.set_exception(failed)
            return
        resources = set(deps or ())
        if self._resource is not None:
            resources.add(self._resource)
        made.set_result(
            pulumi.output._OutputData(resources=resources, value=value, is_known=is_known, is_secret=is_secret)
        )


class Resolvers(Mapping[str, Callable[..., None]]):
    """By name, the functions with which the SDK settles the properties of a resource."""

    def __init__(self, properties: Mapping[str, Later]) -> None:
        self._properties = properties

    def __getitem__(self, name: str) -> Callable[..., None]:
        return self._properties[name].resolve

    def __iter__(self) -> Iterator[str]:
        return iter(self._properties)

    def __len__(self) -> int:
        return len(self._properties)


class Shortcuts:
    """What the SDK does for each resource, cut down to what a program can ask for and a recording shows.

    Most of a run's time and memory would go into outputs that nobody uses, and into what only an engine wants to know:
    where in the source a resource is made. The recording is the same with them and without.
    """

    def __init__(self) -> None:
        self._in_place: dict[tuple[Any, str], Callable[..., Any]] = {
            (rpc, "transfer_properties"): self._transfer_properties,
            (rpc, "serialize_properties"): self._serialize_properties,
            (resource, "create_urn"): self._create_urn,
            (resource, "_get_stack_trace"): self._get_stack_trace,
        }
        self._serialize, self._urn = rpc.serialize_properties, resource.create_urn
        self._nowhere = source_pb2.StackTrace()
        self.begun = 0
        """How many resources the program has made so far."""

    def fit(self) -> bool:
        """Whether the installed SDK is as they expect it. A program is recorded without them where it is not."""
        data = getattr(pulumi.output, "_OutputData", None)
        return _fields(data) == _DATA and all(
            _takes(getattr(module, name, None), replacement) for (module, name), replacement in self._in_place.items()
        )

    def take(self) -> None:
        """Put them in place of the SDK's own functions."""
        for (module, name), replacement in self._in_place.items():
            setattr(module, name, replacement)
        pulumi.log.debug = lambda *_, **__: None  # which `Engine` would not show

    def _get_stack_trace(self) -> source_pb2.StackTrace:
        return self._nowhere

    def _transfer_properties(self, res: pulumi.Resource, props: Mapping[str, Any], custom: bool) -> Resolvers:
        self.begun += 1
        made = {name: Later(res) for name in props if name != "urn" and not (name == "id" and custom)}
        res.__dict__.update(made)
        return Resolvers(made)

    def _serialize_properties(self, inputs: Mapping[str, Any], *more: Any, **named: Any) -> Any:
        """Without the inputs that are None, which most are: they are left out of the message in any case."""
        stated = (
            {name: value for name, value in inputs.items() if value is not None} if type(inputs) is dict else inputs
        )
        return self._serialize(stated, *more, **named)

    def _create_urn(self, name: Any, type_: Any, parent: Any = None, *more: Any, **named: Any) -> pulumi.Output[str]:
        if not all(isinstance(text, str) for text in (name, type_, parent)):
            return self._urn(name, type_, parent, *more, **named)
        made = Later(None)
        made.resolve(f"{parent[: parent.rfind('::')]}${type_}::{name}", is_known=True, is_secret=False)
        return made


class Recorder(MockMonitor):
    """The resource monitor of a recorded run: keeps every registration and answers it as the request says."""

    def __init__(self, request: Request) -> None:
        super().__init__(mocks=None)  # type: ignore[arg-type]  # all that would ask them is answered here
        self.secrets = Secrets(request.reveal_secrets)
        self._config_secrets = Secrets(request.reveal_secrets)
        for key in request.secret_config_keys:
            for secrets in (self.secrets, self._config_secrets):
                secrets.add(_with_parsed(request.config.get(key, "")))
        self._request = request
        self._lock = threading.Lock()
        self._records: dict[str, str] = {}
        """By URN, each as the document has it: as a text it takes a tenth of the memory."""
        self._inheritable: dict[str, dict[str, bool]] = {}
        """By URN, the options that a resource passes on to those whose parent it is."""
        self._outputs: dict[str, Any] = {}

    @property
    def count(self) -> int:
        """How many registrations there are."""
        return len(self._records)

    def write(self, file: TextIO, error: Mapping[str, Any] | None) -> None:
        """Write what was recorded, as JSON: registrations in their order, the stack's outputs, what failed."""
        # One by one: a text of them all would be the most that is in memory at once.
        file.write('{"resources": [')
        for number, record in enumerate(self._records.values()):
            file.write(f"{',' if number else ''}\n{record}")
        file.write(f'\n],\n"outputs": {_json(self._outputs)},\n"error": {_json(error)}}}\n')

    def make_urn(self, parent: str, type_: str, name: str) -> str:
        """The URN that the engine gives: unlike the mock's, it has all parents' types but not the stack's."""
        parents = parent.split("::")[2] if parent else _STACK
        qualified = type_ if parents == _STACK else f"{parents}${type_}"
        return f"urn:pulumi:{self._request.stack}::{self._request.project}::{qualified}::{name}"

    def RegisterResource(self, request: Any) -> Any:  # noqa: N802 - the SDK's name, as below
        """Keep a registration; answer with its inputs and what it would be known by."""
        if request.transforms:
            raise NotRecordable(f"{request.name} has transforms, which only the engine runs")
        urn = self.make_urn(request.parent, request.type, request.name)
        received = MessageToDict(request.object)
        inputs = _without_resources(received, _identity)
        if request.custom:
            id_, outputs, complete = self._state(
                urn, request, inputs, request.importId, placeholders=not self._request.preview
            )
        else:
            # The engine would give a component its resources back; here they are unknown to it.
            id_, outputs, complete = "", _without_resources(received, lambda _: rpc.UNKNOWN), True
        self._keep(
            urn,
            request,
            inputs,
            custom=request.custom,
            remote=request.remote,
            id=self._encode(id_ or rpc.UNKNOWN) if request.custom else None,
            propertyDependencies={name: sorted(of.urns) for name, of in sorted(request.propertyDependencies.items())},
            importId=request.importId or None,
            **self._options(urn, request),
            ignoreChanges=list(request.ignoreChanges),
        )
        response = resource_pb2.RegisterResourceResponse(urn=urn, id=id_, unknown=not complete)
        if request.remote:
            # What a plugin's component gives back is not known here: the SDK makes it unknown, never None.
            response.result = resource_pb2.Result.FAIL
        response.object.update(outputs)
        return response

    def ReadResource(self, request: Any) -> Any:  # noqa: N802
        """Keep the look-up of a resource that the program does not manage."""
        urn = self.make_urn(request.parent, request.type, request.name)
        inputs = _without_resources(MessageToDict(request.properties), _identity)
        id_ = "" if request.id == rpc.UNKNOWN else request.id
        _, outputs, complete = self._state(urn, request, inputs, id_, placeholders=False)
        self._keep(urn, request, inputs, custom=True, read=True, id=self._encode(id_ or rpc.UNKNOWN))
        response = resource_pb2.ReadResourceResponse(urn=urn, id=id_, unknown=not complete)
        response.properties.update(outputs)
        return response

    def RegisterResourceOutputs(self, request: Any) -> Any:  # noqa: N802
        """Keep the outputs of the stack."""
        if request.urn.split("::")[2] == _STACK:
            self._outputs = self._encode_all(_without_resources(MessageToDict(request.outputs), _identity))
        return super().RegisterResourceOutputs(request)  # type: ignore[no-untyped-call]

    def Invoke(self, request: Any) -> Any:  # noqa: N802
        """Answer a provider function as the request says; what it does not say is an error, never nothing."""
        args = MessageToDict(request.args)
        answers = (answer["result"] for answer in self._request.invokes if _answers(answer, request.tok, args))
        result = next(answers, None)
        if result is None and request.tok == _STATE:
            result = {"name": args["stackName"], "outputs": self._existing(), "recorded": True}
        if result is None:
            raise self._refusal(request.tok, args)
        response = resource_pb2.ResourceInvokeResponse()
        getattr(response, "return").update(result)
        return response

    def Call(self, request: Any) -> Any:  # noqa: N802
        """Refuse a method of a plugin's resource: nobody can answer it."""
        raise self._refusal(request.tok, MessageToDict(request.args))

    def ExistsResource(self, request: Any) -> Any:  # noqa: N802, ARG002
        """Whether a resource exists is not known here."""
        return resource_pb2.ExistsResourceResponse(unknown=True)

    def RegisterStackTransform(self, request: Any) -> Any:  # noqa: N802, ARG002
        """Refuse: only the engine runs transforms, and a recording without them would not be the program."""
        raise NotRecordable("the program transforms resources in the engine, which a recording cannot show")

    RegisterStackInvokeTransform = RegisterStackTransform

    def _existing(self) -> dict[str, Any]:
        """What exists already, as the engine says what a stack owns."""
        return {
            urn: {"type": urn.split("::")[2].rsplit("$", 1)[-1], "outputs": dict(existing["outputs"])}
            for urn, existing in self._request.resources.items()
        }

    def _keep(self, urn: str, request: Any, inputs: Mapping[str, Any], **more: Any) -> None:
        record = {
            "urn": urn,
            "type": request.type,
            "name": request.name,
            "inputs": self._encode_all(inputs),
            **more,
        }
        with self._lock:
            if urn in self._records:
                raise NotRecordable(f"two resources have the URN {urn}")
            self._records[urn] = _json(record)

    def _options(self, urn: str, request: Any) -> Mapping[str, bool]:
        """The options that a resource takes from its parent where it does not state them."""
        parents = self._inheritable.get(request.parent, {})
        self._inheritable[urn] = {
            option: getattr(request, option) if request.HasField(option) else parents.get(option, False)
            for option in ("protect", "retainOnDelete")
        }
        return self._inheritable[urn]

    def _state(
        self, urn: str, request: Any, inputs: dict[str, Any], id_: str, *, placeholders: bool
    ) -> tuple[str, dict[str, Any], bool]:
        """A resource's id and outputs, and whether what is not among them is known to be absent."""
        if existing := self._request.resources.get(urn):
            ignored = set(getattr(request, "ignoreChanges", ()))
            secret = {name for name, value in inputs.items() if rpc.is_rpc_secret(value)}
            secret.update(request.additionalSecretOutputs)
            outputs = {
                name: rpc.wrap_rpc_secret(value) if name in secret else value
                for name, value in existing["outputs"].items()
            }
            return existing["id"], outputs | {name: inputs[name] for name in inputs.keys() - ignored}, True
        outputs = dict(inputs)
        object_id = _OBJECT_ID.fullmatch(id_)
        for name in COMPUTED.get(request.type, ()):
            if name == "objectId" and object_id:
                outputs[name] = object_id[1]
            elif placeholders:
                outputs.setdefault(name, _reference(urn, name))
        return id_ or (_reference(urn, "id") if placeholders else ""), outputs, False

    def _refusal(self, token: str, args: dict[str, Any]) -> UnansweredInvoke:
        return UnansweredInvoke(f"no answer for {token} with {_json(self.secrets.scrub(args))}")

    def _encode_all(self, values: Mapping[str, Any]) -> dict[str, Any]:
        return {name: self._encode(value) for name, value in sorted(values.items())}

    def _encode(self, value: Any) -> Any:
        """A property value as the document writes it."""
        if rpc.is_rpc_secret(value):
            self.secrets.add(value["value"])
            return {"secret": {"value": self._encode(value["value"])} if self._request.reveal_secrets else {}}
        if isinstance(value, list):
            return [self._encode(item) for item in value]
        if isinstance(value, dict):
            encoded = self._encode_all(value)
            return {"map": encoded} if len(encoded) == 1 and encoded.keys() <= _MARKERS else encoded
        if value == rpc.UNKNOWN:
            return {"unknown": True}
        if isinstance(value, str) and self._config_secrets.found_in(value):
            return {"secret": {}}
        return value


class Engine:
    """The engine's other half: shows what the program logs, as the command line would."""

    def __init__(self, secrets: Secrets) -> None:
        self._secrets = secrets

    def Log(self, request: Any) -> None:  # noqa: N802
        """Show a message, without secrets."""
        if request.severity != engine_pb2.DEBUG:
            severity = engine_pb2.LogSeverity.Name(request.severity).lower()
            print(f"{severity}: {self._secrets.scrub(request.message)}", file=sys.stderr)

    def RequirePulumiVersion(self, request: Any) -> None:  # noqa: N802
        """Accept: no command line runs here whose version could matter."""


class InPlace(asyncio.SelectorEventLoop):
    """An event loop that calls at once what the SDK wants called in a thread: what is asked in order happens in order.

    Who awaits such a call goes on without a turn of the loop. So a resource is registered as a whole before the next
    one, and not all requests and their answers are in memory at the same time.
    """

    def run_in_executor(  # type: ignore[override]  # typeshed's knows what is called
        self, executor: Any, func: Callable[..., Any], *args: Any
    ) -> "asyncio.Future[Any]":
        """Call a function and return its finished future; in a thread where the program brings its own."""
        if executor is not None:
            return super().run_in_executor(executor, func, *args)
        future = self.create_future()
        try:
            future.set_result(func(*args))
        except BaseException as problem:  # noqa: BLE001 - handed to the code that awaits it
            future.set_exception(problem)
        return future


def run(program: Path, request: Request, recorder: Recorder) -> None:
    """Run a program to its end, with every registration, output and export; raises what the program raises."""

    def main() -> None:
        try:
            runpy.run_path(str(program / "__main__.py"), run_name="__main__")
        except SystemExit as stop:
            if stop.code:
                raise pulumi.RunError(f"the program ended itself: {stop.code}") from None

    sys.argv = [str(program / "__main__.py")]
    os.chdir(program)
    shortcuts = Shortcuts()
    if taken := shortcuts.fit():
        shortcuts.take()
    recorder.secrets.watch(pulumi.Output)
    set_all_config(dict(request.config), list(request.secret_config_keys))
    configure(
        Settings(
            project=request.project,
            stack=request.stack,
            monitor=recorder,
            engine=Engine(recorder.secrets),
            dry_run=request.preview,
            organization="organization",
            root_directory=str(program),
        )
    )
    # As in Pulumi's own entry point: a failed program leaves futures behind that nobody awaits any more.
    logging.getLogger("asyncio").setLevel(logging.CRITICAL)
    loop = InPlace()
    asyncio.set_event_loop(loop)
    loop.run_until_complete(run_in_stack(main))
    if taken and (missing := shortcuts.begun - recorder.count):
        raise NotRecordable(f"resources that the program made, and that were never registered: {missing}")


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def _answers(answer: Mapping[str, Any], token: str, args: Mapping[str, Any]) -> bool:
    return bool(answer["token"] == token and answer["args"].items() <= args.items())


def _returned(coroutine: Coroutine[Any, Any, bool]) -> bool:
    """What a coroutine returns that has nothing to wait for; True where it has."""
    try:
        coroutine.send(None)
    except StopIteration as done:
        return bool(done.value)
    coroutine.close()
    return True


def _fields(type_: Any) -> set[str]:
    """The names of a dataclass's fields; none of anything else."""
    return {field.name for field in fields(type_)} if is_dataclass(type_) else set()


def _takes(function: Any, replacement: Callable[..., Any]) -> bool:
    """Whether a function can be called as its replacement is: by the parameters that this one names, in their order."""
    if function is None:
        return False
    named = [
        parameter.name
        for parameter in inspect.signature(replacement).parameters.values()
        if parameter.kind is parameter.POSITIONAL_OR_KEYWORD
    ]
    return list(inspect.signature(function).parameters)[: len(named)] == named


def _reference(urn: str, name: str) -> str:
    return f"ref:{urn}:{name}"


def _identity(resource: Mapping[str, Any]) -> Any:
    return resource.get("id", resource["urn"]) or rpc.UNKNOWN


def _without_resources(value: Any, instead: Callable[[Mapping[str, Any]], Any]) -> Any:
    """A value with something simple in place of every resource in it."""
    if isinstance(value, list):
        return [_without_resources(item, instead) for item in value]
    if not isinstance(value, dict):
        return value
    if value.get(rpc._special_sig_key) == rpc._special_resource_sig:
        return instead(value)
    return {name: _without_resources(item, instead) for name, item in value.items()}


def _with_parsed(text: str) -> list[Any]:
    """A secret of the configuration, and what is in it if it is a structured one."""
    try:
        return [text, json.loads(text)]
    except ValueError:
        return [text]


def _error(problem: BaseException, program: Path, secrets: Secrets) -> dict[str, Any]:
    plain = isinstance(problem, pulumi.RunError)
    return {
        "type": type(problem).__name__,
        "message": secrets.scrub(str(problem)),
        "traceback": [] if plain else _own_frames(problem, program),
    }


def _own_frames(problem: BaseException, program: Path) -> list[dict[str, Any]]:
    """The last frames in the program's own files. No source text: it may hold a secret."""
    seen: list[BaseException] = []
    step: BaseException | None = problem
    while step is not None and step not in seen:
        seen.append(step)
        frames = [
            {"file": Path(frame.filename).relative_to(program).as_posix(), "line": frame.lineno, "function": frame.name}
            for frame in traceback.extract_tb(vars(step).get(_RAISED_AT, step.__traceback__))
            if Path(frame.filename).is_relative_to(program) and "site-packages" not in Path(frame.filename).parts
        ]
        if frames:
            return frames[-_FRAMES:]
        step = step.__cause__ or step.__context__
    return []


def main() -> int:
    """Record a program as the command line asks."""
    parser = argparse.ArgumentParser(description="Record what a Pulumi program registers.")
    parser.add_argument("program", type=Path, help="the folder of the program's __main__.py")
    parser.add_argument("request", type=Path, nargs="?", help="the request, a JSON file; stdin where it is left out")
    arguments = parser.parse_args()
    request = Request(**json.loads(arguments.request.read_bytes() if arguments.request else sys.stdin.buffer.read()))
    program = arguments.program.resolve()
    output = Path(request.output).absolute()
    if not sys.flags.safe_path:
        del sys.path[0]  # the folder of this file, which is no part of the program
    sys.path.insert(0, str(program))
    recorder = Recorder(request)
    gc.set_threshold(_COLLECT_AT, 20, 20)
    error = None
    try:
        run(program, request, recorder)
    except (Exception, SystemExit) as problem:  # noqa: BLE001 - whatever it is, the document says it
        error = _error(problem, program, recorder.secrets)
    with open(os.open(output, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:  # noqa: PTH123
        recorder.write(file, error)
    return 1 if error else 0


if __name__ == "__main__":
    sys.exit(main())
