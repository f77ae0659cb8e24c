"""Reads a plan: what ``pulumi preview --json`` says that an update would do to each resource.

The engine's JSON (pulumi, `pkg/backend/display/json.go`) has a step for everything that it does, with the resource's
state before and after; what stays as it is may be left out (``--show-sames``), and a refresh that ran first is a step
of its own. Only what shows who has what is kept: nothing here knows a password, whatever the file holds.
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from pathlib import Path
from typing import Final

from pydantic import AliasChoices, AliasPath, BaseModel, ConfigDict, Field, JsonValue, ValidationError

from tenantry.access.registered import LEFT_OUT, PROPERTIES, UNKNOWN, RegisteredResource, Value
from tenantry.access.registered.lookup import GROUPS
from tenantry.access.resource_changes import ChangeType, ResourceChange
from tenantry.access.resource_types import PACKAGE, USER
from tenantry.access.state import PARTNER_TENANT, stated
from tenantry.declaration.document import shown
from tenantry.errors import NOT_FOUND, WRONG, EngineError
from tenantry.findings import statement
from tenantry.sanitize import quoted

#: What the engine writes in place of a value that it does not know yet, by kind of value
#: (pulumi, `sdk/go/common/resource/plugin/rpc.go`).
_NOT_KNOWN: Final = frozenset(
    {
        "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7",
        "3eeb2bf0-c639-47a8-9e75-3b44932eb421",
        "04da6b54-80e4-46f7-96ec-b56ff0331ba9",
        "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2",
        "030794c1-ac77-496b-92df-f27374a8bd58",
        "e48ece36-62e2-4504-bad9-02848725956a",
        "dd056dcd-154b-4c76-9bd3-c8f88648b5ff",
    }
)
_HIDDEN: Final = "[secret]"
_URN: Final = re.compile(r"urn:pulumi:(?P<stack>[A-Za-z0-9_.-]+)::[^:]+::(?P<types>.+?)::(?P<name>.+)", re.DOTALL)
#: The import id of what has an object id: of an assignment or a membership it ends in somebody else's.
_OWN_ID: Final = re.compile(r"/[^/]+/([^/]+)")
_HEAD: Final = re.compile(r'[^.\["]+')
_ANEW: Final = "write it again: `pulumi preview --json --show-sames > plan.json`"
_LONGEST_MESSAGE: Final = 4000
_ONE_REFUSAL: Final = re.compile(r"\n(?=Refused)")
_OF_A_PROGRAM: Final = "program exited with non-zero exit code"
_NO_MORE: Final = (
    "the engine gives no reason, for example if a policy refuses: run the same preview without `--json` to see it"
)


class _Op(StrEnum):
    """What the engine does to a resource (pulumi, `pkg/resource/deploy/step.go`)."""

    SAME = "same"
    CREATE = "create"
    UPDATE = "update"
    DELETE = "delete"
    REPLACE = "replace"
    CREATE_REPLACEMENT = "create-replacement"
    DELETE_REPLACED = "delete-replaced"
    READ = "read"
    READ_REPLACEMENT = "read-replacement"
    REFRESH = "refresh"
    DISCARD = "discard"
    DISCARD_REPLACED = "discard-replaced"
    REMOVE_PENDING_REPLACE = "remove-pending-replace"
    IMPORT = "import"
    IMPORT_REPLACEMENT = "import-replacement"


_KNOWN: Final = frozenset(_Op)
_REPLACES: Final = frozenset({_Op.REPLACE, _Op.CREATE_REPLACEMENT, _Op.IMPORT_REPLACEMENT, _Op.READ_REPLACEMENT})
_ENDS: Final = frozenset({_Op.DELETE, _Op.DELETE_REPLACED, _Op.DISCARD, _Op.DISCARD_REPLACED})
#: They end what is known of a resource, and nothing of the resource itself.
_ONLY_IN_THE_STATE: Final = frozenset({_Op.DISCARD, _Op.DISCARD_REPLACED, _Op.REMOVE_PENDING_REPLACE})
_IMPORTS: Final = frozenset({_Op.IMPORT, _Op.IMPORT_REPLACEMENT})
_READS: Final = frozenset({_Op.READ, _Op.READ_REPLACEMENT})


class PlanError(EngineError):
    """A plan that cannot be reviewed: what was found in which file, what was expected, and the remediation."""

    def __init__(self, file: Path, found: str, remediation: str, exit_code: int = NOT_FOUND) -> None:
        self.exit_code = exit_code
        super().__init__(
            f"{shown(file)}: found {statement(found, 'the output of `pulumi preview --json`', remediation)}"
        )


class _Read(BaseModel):
    """Unknown keys are ignored: the engine adds some from version to version."""

    model_config = ConfigDict(frozen=True, extra="ignore", strict=True)


_SHAPE: Final = "__pulumi_raw_state_delta"
"""The output in which the provider's bridge notes which of the others are lists and maps."""


class _State(_Read):
    type: str
    custom: bool = False
    id: str = ""
    inputs: dict[str, JsonValue] = {}
    outputs: dict[str, JsonValue] = {}
    parent: str = ""
    provider: str = ""
    protect: bool = False
    external: bool = False
    retain_on_delete: bool = Field(False, alias="retainOnDelete")
    import_id: str = Field("", alias="importID")
    ignore_changes: list[str] = Field([], alias="ignoreChanges")
    property_dependencies: dict[str, list[str] | None] = Field({}, alias="propertyDependencies")


class _Step(_Read):
    op: str
    urn: str
    old: _State | None = Field(None, validation_alias=AliasChoices("oldState", "old"))
    new: _State | None = Field(None, validation_alias=AliasChoices("newState", "new"))
    diff: dict[str, JsonValue] | None = Field(None, alias="detailedDiff")
    reasons: list[str] | None = Field(None, alias="diffReasons")

    @property
    def changed(self) -> frozenset[str]:
        """The properties that change, by their own names."""
        return frozenset(m[0] for path in (*(self.diff or ()), *(self.reasons or ())) if (m := _HEAD.search(path)))


class _Diagnostic(_Read):
    message: str
    severity: str
    urn: str = ""


class _Document(_Read):
    steps: list[_Step]
    summary: dict[str, int] = Field(alias="changeSummary")
    config: dict[str, JsonValue] = {}
    diagnostics: list[_Diagnostic] = []


class _Diagnostics(_Read):
    diagnostics: list[_Diagnostic] = []


@dataclass(frozen=True)
class Plan:
    """What an update would do, resource by resource."""

    file: Path
    stack: str
    tenant: str | None
    """``tenantry:tenant`` in the configuration that the preview ran with."""
    resource_changes: tuple[ResourceChange, ...]
    errors: tuple[str, ...]
    """What the engine, the program or the policies refused: the plan ends where they did."""
    unknown_ops: tuple[tuple[str, str], ...]
    """Resources to which something happens that no version known here does: URN and what it is called."""
    not_refreshed: int
    """How many resources nobody looked at in the tenant before: the plan believes the state of them."""
    not_shown: int
    """How many resources that stay as they are the plan leaves out, although they may give access."""
    stated: Mapping[str, str] = field(default_factory=dict)
    """What the stack was last updated with: the tenant's `id` and `country`, as far as its state knows them."""

    @property
    def whole(self) -> bool:
        """Whether it shows everything that gives access, to the end."""
        return not (self.errors or self.not_shown)

    @property
    def before(self) -> list[RegisteredResource]:
        """What the tenant holds now, as far as the stack knows, under the names that the plan gives people."""
        return [_named_as_after(item.before, item.after) for item in self.resource_changes if item.before]

    @property
    def prior(self) -> list[RegisteredResource]:
        """What the state had before a refresh looked, under the names that the plan gives people."""
        return [_named_as_after(item.prior, item.after) for item in self.resource_changes if item.prior]

    @property
    def after(self) -> list[RegisteredResource]:
        """What it holds afterwards: what the plan makes and keeps, and what it only lets go of."""
        return [*self._kept, *self._left]

    @property
    def program(self) -> list[RegisteredResource]:
        """The same as rules read it: a group that the stack lets go of has no owner in the program any more."""
        return [*self._kept, *(replace(left, registered=left.type not in GROUPS) for left in self._left)]

    @property
    def _kept(self) -> list[RegisteredResource]:
        return [item.after for item in self.resource_changes if item.after]

    @property
    def _left(self) -> list[RegisteredResource]:
        return [item.before for item in self.resource_changes if item.stays and item.before]


@dataclass(frozen=True)
class Refreshed:
    """What a refresh found in the tenant, and what became of the program that ran after it."""

    resource_changes: tuple[ResourceChange, ...]
    """Each resource of the state that was looked at: as last updated (``prior``) and as it is (``before``)."""
    refusals: tuple[str, ...]
    """Why the program or the engine did not go on, so that no update could: the refresh was over by then."""
    not_read: tuple[tuple[str, str], ...]
    """Resources that could not be looked at, by name, with the reason."""
    found_as_updated: bool = False
    """Whether all were looked at, and are in every output as the state has them, also in what no view of ours shows."""


def read_plan(file: Path) -> Plan:
    """Read the file that ``pulumi preview --json`` was written to.

    Raises PlanError: with exit code 2 where the file is missing or holds no such document.
    """
    try:
        content = file.read_bytes()
    except OSError as error:
        raise PlanError(file, f"a file that cannot be read ({error.strerror})", _ANEW) from None
    return parse(file, content)


def parse(file: Path, content: bytes) -> Plan:
    """Read a plan from what stands in a file, or would. Raises PlanError."""
    document = _document(file, content)
    stacks = sorted({_urn(file, step.urn)["stack"] for step in document.steps})
    if len(stacks) != 1:
        found = f"resources of {len(stacks)} stacks ({', '.join(map(quoted, stacks))})" if stacks else "no resources"
        raise PlanError(file, found, _ANEW, WRONG)
    tenant = document.config.get("tenantry:tenant")
    return Plan(
        file=file,
        stack=stacks[0],
        tenant=tenant if isinstance(tenant, str) else None,
        resource_changes=tuple(_resource_changes(document.steps)),
        errors=tuple(_errors(document.diagnostics)),
        unknown_ops=tuple((step.urn, step.op) for step in document.steps if step.op not in _KNOWN),
        not_refreshed=_not_refreshed(document.steps),
        not_shown=_not_shown(document),
        stated=_stated(document.steps),
    )


def errors_of(content: bytes) -> tuple[str, ...]:
    """What an answer that is no plan says as errors, where it says anything."""
    try:
        return tuple(_errors(_Diagnostics.model_validate_json(content).diagnostics))
    except ValidationError:
        return ()


def parse_refresh(content: bytes) -> Refreshed:
    """Read the events of a preview that refreshed before its program ran, one JSON document a line.

    (``pulumi preview --refresh --run-program=false --json`` with ``PULUMI_ENABLE_STREAMING_JSON_PREVIEW``: the one
    document that a preview writes otherwise shows of a refresh only what the program then came to.) A program that is
    refused takes nothing from what the refresh found. Raises ValueError, with a sentence, where nothing was found.
    """
    events = list(_events(content))
    looked_at: dict[str, _Step] = {}
    for event in events:
        if event.after and event.after.op == _Op.REFRESH:
            looked_at.setdefault(event.after.urn, event.after)
    steps = [event.before for event in events if event.before]
    began = any(step.op != _Op.REFRESH and "::pulumi:pulumi:Stack::" in step.urn for step in steps)
    errors = [event.diagnostic for event in events if event.diagnostic and event.diagnostic.severity == "error"]
    asked = {step.urn for step in steps if step.op == _Op.REFRESH}
    not_read = dict.fromkeys(asked - looked_at.keys(), "the engine does not say why")
    not_read |= {item.urn: _message(item) for item in errors if item.urn in not_read}
    if not began and not not_read:
        raise ValueError(" ".join(_errors(errors)) or "the engine's answer is unknown to this version of Tenantry")
    return Refreshed(
        tuple(map(_looked_at, looked_at.values())),
        tuple(item for error in _errors(errors) for item in _refusals(error)) if began else (),
        tuple((urn.rsplit("::", 1)[-1], why) for urn, why in sorted(not_read.items())),
        found_as_updated=not not_read
        and all(step.old and step.new and _as_updated(step.old, step.new) for step in looked_at.values()),
    )


def _as_updated(state: _State, found: _State) -> bool:
    """Whether a resource is in every output as the state has it.

    Of an account that it has just made, the provider keeps null for a list that is empty; once it has read it, an empty
    list. It makes the same requests either way: Terraform's SDK, on which it is built, reads null as an empty list.
    """
    names = (state.outputs.keys() | found.outputs.keys()) - {_SHAPE}
    return all(
        was == is_now or (was is None and is_now == [])
        for was, is_now in ((state.outputs.get(name), found.outputs.get(name)) for name in names)
    )


def _refusals(error: str) -> list[str]:
    """Each refusal of an error by itself; of a program that crashed, what it was and no more of where."""
    if "Traceback (most recent call last)" in error:
        first, *_, last = error.splitlines()
        return [f"{first} {last}"]
    return [" ".join(item.split()) for item in _ONE_REFUSAL.split(error)]


class _EngineEvent(_Read):
    before: _Step | None = Field(None, validation_alias=AliasPath("resourcePreEvent", "metadata"))
    """A step that begins."""
    after: _Step | None = Field(None, validation_alias=AliasPath("resOutputsEvent", "metadata"))
    """A step whose outputs are known."""
    diagnostic: _Diagnostic | None = Field(None, alias="diagnosticEvent")


def _events(content: bytes) -> Iterator[_EngineEvent]:
    try:
        for line in content.splitlines():
            if line.strip():
                yield _EngineEvent.model_validate_json(line)
    except ValidationError:
        raise ValueError("the engine's answer is not a list of events") from None


def _looked_at(step: _Step) -> ResourceChange:
    """A resource as the state has it, and as it is. The engine compares it with the program, which has not run yet."""
    prior = _before(step.urn, step.old) if step.old else None
    now = _before(step.urn, step.new) if step.new else None
    if prior is None or now is None:
        return ResourceChange(ChangeType.DELETED, step.urn, None, None, prior)
    names = prior.outputs.keys() | now.outputs.keys()
    changed = frozenset(name for name in names if prior.outputs.get(name) != now.outputs.get(name))
    return ResourceChange(ChangeType.UPDATED if changed else ChangeType.SAME, step.urn, now, now, prior, changed)


# The document


def _document(file: Path, content: bytes) -> _Document:
    try:
        # In whichever Unicode encoding: PowerShell writes UTF-16.
        found = json.loads(content)
    except UnicodeDecodeError:
        raise PlanError(file, "no text", _ANEW) from None
    except json.JSONDecodeError as error:
        raise PlanError(file, _no_json(content, error), _ANEW) from None
    except RecursionError:
        raise PlanError(file, "JSON nested more deeply than a plan", _ANEW) from None
    if not isinstance(found, dict) or "steps" not in found or "changeSummary" not in found:
        raise PlanError(file, _what_else(found), _ANEW)
    try:
        return _Document.model_validate(found)
    except ValidationError as error:
        problem = error.errors(include_input=False)[0]
        where = ".".join(map(str, problem["loc"]))
        more = f" (and {error.error_count() - 1} more)" if error.error_count() > 1 else ""
        remediation = f"{_ANEW}, with a `pulumi` of the version that Pulumi.yaml requires"
        raise PlanError(file, f"`{where}`: {problem['msg']}{more}", remediation) from None


def _no_json(content: bytes, error: json.JSONDecodeError) -> str:
    if not content.strip():
        return "an empty file"
    where = f"line {error.lineno}, column {error.colno}"
    if error.msg == "Extra data":
        return f"more than one JSON document ({where}): a log of events, or a preview that streams them"
    if content.lstrip(b"\xef\xbb\xbf \r\n\t").startswith(b"{"):
        return f"JSON that ends too early or is damaged ({where}: {error.msg})"
    return f"invalid JSON ({where}: {error.msg})"


def _what_else(found: JsonValue) -> str:
    keys = found.keys() if isinstance(found, dict) else ()
    if "resourcePlans" in keys:
        return "the output of `--save-plan`, which does not show the present state"
    if "deployment" in keys:
        return "a stack's state"
    missing = [key for key in ("steps", "changeSummary") if key not in keys]
    return f"JSON without {' and '.join(f'`{key}`' for key in missing)}"


def _urn(file: Path, urn: str) -> dict[str, str]:
    found = _URN.fullmatch(urn)
    if found is None:
        raise PlanError(file, f"a step of {quoted(urn)}, which is not a URN", _ANEW, WRONG)
    return found.groupdict()


def _message(diagnostic: _Diagnostic) -> str:
    return diagnostic.message.removeprefix("error: ").strip()


def _errors(diagnostics: Iterable[_Diagnostic]) -> Iterator[str]:
    """The errors, without the sentence that only says that there was one."""
    errors = [_message(item) for item in diagnostics if item.severity == "error"]
    causes = [text for text in errors if text != "preview failed" and _OF_A_PROGRAM not in text]
    for text in dict.fromkeys(causes or [_NO_MORE] * bool(errors)):
        yield text if len(text) <= _LONGEST_MESSAGE else text[: _LONGEST_MESSAGE - 1] + "…"


def _stated(steps: Iterable[_Step]) -> dict[str, str]:
    """What the state's PartnerTenant says of its tenant: by what name the report has it."""
    return stated(next((step.old.outputs for step in steps if step.old and step.old.type == PARTNER_TENANT), {}))


def _not_refreshed(steps: Iterable[_Step]) -> int:
    """How many resources stay or change without a look at them first; what goes or comes needs none."""
    looked_at = {step.urn for step in steps if step.op == _Op.REFRESH}
    taken_over = {step.urn for step in steps if step.op in _IMPORTS}
    stay = {
        step.urn
        for step in steps
        if step.op in (_Op.SAME, _Op.UPDATE) and step.old
        if step.old.custom and step.old.type.startswith(f"{PACKAGE}:")
    }
    return len(stay - looked_at - taken_over)


def _not_shown(document: _Document) -> int:
    """How many resources the summary counts that are neither shown nor plain from those that are.

    A component or a provider of what is shown is there, and gives nobody anything.
    """
    acts = [step for step in document.steps if step.op != _Op.REFRESH]
    hidden = sum(document.summary.values()) - len(acts)
    plain = {step.urn for step in document.steps}
    for step in document.steps:
        for state in filter(None, (step.old, step.new)):
            plain |= {state.parent, state.provider.rpartition("::")[0]} - {""}
    chains = {chain for urn in plain if (m := _URN.fullmatch(urn)) for chain in [m["types"]]}
    above = {chain.rpartition("$")[0] for chain in chains} - {""}
    return max(0, hidden - len(plain - {step.urn for step in acts}) - len(above - chains))


# What becomes of each resource


def _resource_changes(steps: Iterable[_Step]) -> Iterator[ResourceChange]:
    by_urn: dict[str, list[_Step]] = {}
    for step in steps:
        by_urn.setdefault(step.urn, []).append(step)
    for urn, theirs in by_urn.items():
        acts = [step for step in theirs if step.op != _Op.REFRESH]
        for left_over in _left_overs(acts):
            acts.remove(left_over)
            yield _resource_change(urn, [left_over], left_over.old)
        yield _resource_change(urn, acts or theirs[-1:], theirs[0].old)


def _left_overs(acts: Iterable[_Step]) -> list[_Step]:
    """Ends of what an earlier update replaced and did not get to delete, beside what happens to its successor."""
    others = [step for step in acts if step.op not in _ENDS]
    if not others or any(step.op in _REPLACES for step in others):
        return []
    return [step for step in acts if step.op in _ENDS]


def _resource_change(urn: str, acts: list[_Step], state: _State | None) -> ResourceChange:
    """What some steps come to, of a resource that the state remembers like that, before a refresh."""
    ops = [step.op for step in acts]
    old = next((step.old for step in reversed(acts) if step.old), None)
    new = next((step.new for step in reversed(acts) if step.new), None)
    if all(op in _ENDS for op in ops):
        new = None
    changed = frozenset[str]().union(*(step.changed for step in acts))
    change_type = _change_type(ops, old, new)
    before = _before(urn, old) if old else None
    made_anew = change_type in (ChangeType.CREATED, ChangeType.REPLACED) and not any(op in _IMPORTS for op in ops)
    after = _after(urn, new, old, made_anew=made_anew) if new else None
    if change_type is ChangeType.IMPORTED and before is None and after is not None:
        # It is there, and taken over as it is.
        before = after
    prior = _before(urn, state) if state else None
    return ResourceChange(change_type, urn, before, after, prior, changed, retained=bool(old and old.retain_on_delete))


def _change_type(ops: list[str], old: _State | None, new: _State | None) -> ChangeType:
    if any(op in _READS for op in ops):
        return ChangeType.READ
    if any(op in _REPLACES for op in ops):
        return ChangeType.REPLACED
    if any(op in _IMPORTS for op in ops):
        return ChangeType.IMPORTED
    if new is None:
        only_in_the_state = any(op in _ONLY_IN_THE_STATE for op in ops) or bool(old and old.retain_on_delete)
        return ChangeType.LET_GO if only_in_the_state else ChangeType.DELETED
    if old is None:
        return ChangeType.CREATED
    return ChangeType.SAME if set(ops) <= {_Op.SAME, _Op.REFRESH} else ChangeType.UPDATED


def _before(urn: str, state: _State) -> RegisteredResource:
    # What the provider answered is what is there; what the program once declared is not.
    held = {**LEFT_OUT, **_shown(state.inputs), **_answered(state)}
    return _resource(urn, state, held, held)


def _after(urn: str, state: _State, old: _State | None, *, made_anew: bool) -> RegisteredResource:
    was = _answered(old) if old and not made_anew else {}
    # Whether somebody may sign in stays as it is where the program does not say it.
    inputs = {**LEFT_OUT, "accountEnabled": was.get("accountEnabled"), **_shown(state.inputs)}
    own_id = was.get("objectId")
    if own_id is None:
        # What is made anew has another id, whatever the program says that it once imported.
        imported = None if made_anew else _OWN_ID.fullmatch(state.import_id)
        own_id = imported[1] if imported else UNKNOWN
    outputs = {**was, **{name: value for name, value in inputs.items() if value is not None}, "objectId": own_id}
    return _resource(urn, state, inputs, outputs)


def _resource(urn: str, state: _State, inputs: Mapping[str, Value], outputs: Mapping[str, Value]) -> RegisteredResource:
    return RegisteredResource(
        urn=urn,
        type=state.type,
        inputs=inputs,
        outputs=outputs,
        depends={name: frozenset(urns or ()) for name, urns in state.property_dependencies.items()},
        protected=state.protect,
        ignores=frozenset(state.ignore_changes),
        registered=not state.external,
        component=not state.custom,
        imported=bool(state.import_id),
    )


def _named_as_after(before: RegisteredResource, after: RegisteredResource | None) -> RegisteredResource:
    """An account by the name that it gets: who is renamed is nobody else."""
    upn = after.known("userPrincipalName") if after and before.type == USER else None
    if upn is None:
        return before
    name = {"userPrincipalName": upn}
    return replace(before, inputs={**before.inputs, **name}, outputs={**before.outputs, **name})


def _answered(state: _State) -> dict[str, Value]:
    """What the provider answered, in which a text that is empty is one that is not set."""
    return {name: None if value == "" else value for name, value in _shown(state.outputs).items()}


def _shown(properties: Mapping[str, JsonValue]) -> dict[str, Value]:
    return {name: _value(value) for name, value in properties.items() if name in PROPERTIES}


def _value(value: JsonValue) -> Value:
    if isinstance(value, list):
        return [_value(item) for item in value]
    if isinstance(value, dict):
        return {name: _value(item) for name, item in value.items()}
    # What is hidden is not known either, and may be anybody.
    return UNKNOWN if isinstance(value, str) and (value in _NOT_KNOWN or value == _HIDDEN) else value
