"""What `pulumi preview --refresh --json` found: each resource as the last update left it, and as it is now.

A preview that refreshes has two steps for a resource: `refresh`, whose old state is what the last update left, and what
would make it as the program says (`same`, `update`, `create`, …), whose old state is what the provider has just read.
The difference of the two is what others changed; the second step is what the next update does.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from tenantry.access.registered import PROPERTIES, RegisteredResource, Value

_REFRESH: Final = "refresh"
_UNCHANGED: Final = frozenset({"same", "read"})


class UnreadablePreviewError(Exception):
    """The engine's answer is no preview."""


class _State(BaseModel):
    model_config = ConfigDict(extra="ignore")

    type: str
    outputs: Mapping[str, Any] = {}
    inputs: Mapping[str, Any] = {}


class _Step(BaseModel):
    model_config = ConfigDict(extra="ignore")

    op: str
    urn: str
    old: _State | None = Field(None, alias="oldState")
    new: _State | None = Field(None, alias="newState")
    detailed: Mapping[str, Any] | None = Field(None, alias="detailedDiff")
    reasons: tuple[str, ...] = Field((), alias="diffReasons")


class _Diagnostic(BaseModel):
    model_config = ConfigDict(extra="ignore")

    message: str = ""
    severity: str = ""


class _Document(BaseModel):
    model_config = ConfigDict(extra="ignore")

    steps: tuple[_Step, ...] = ()
    diagnostics: tuple[_Diagnostic, ...] = ()


@dataclass(frozen=True)
class Resource:
    """One resource of the stack."""

    urn: str
    type: str
    left: RegisteredResource | None
    """As the last update left it; None for what no update has made yet."""
    now: RegisteredResource | None
    """As it is in the tenant; None where it is not there (any more)."""
    next_update: str | None = None
    """What the next update does to it ("update", "create", "delete", …); None where nothing."""
    properties: frozenset[str] = frozenset()
    """The properties that the next update writes."""

    @property
    def name(self) -> str:
        """The logical name, the last part of the URN."""
        return self.urn.rsplit("::", 1)[-1]


def read(text: str) -> tuple[Resource, ...]:
    """The resources of a stack, from the answer of the engine. Raises :class:`UnreadablePreviewError`."""
    by_urn: dict[str, list[_Step]] = {}
    for step in _document(text).steps:
        by_urn.setdefault(step.urn, []).append(step)
    return tuple(_resource(urn, found) for urn, found in by_urn.items())


def errors(text: str) -> str:
    """What a preview failed with, without the engine's own "preview failed"; empty where the answer does not say."""
    try:
        found = [one.message.strip() for one in _document(text).diagnostics if one.severity == "error"]
    except UnreadablePreviewError:
        return ""
    said = [message.removeprefix("error: ").strip() for message in found]
    return " ".join(message for message in said if message and message != "preview failed")


def _document(text: str) -> _Document:
    try:
        # What the engine says of failure may follow the document.
        document, _ = json.JSONDecoder().raw_decode(text.lstrip())
        return _Document.model_validate(document)
    except (json.JSONDecodeError, ValidationError) as error:
        raise UnreadablePreviewError(f"the engine's answer is no preview in JSON ({type(error).__name__})") from None


def _resource(urn: str, steps: Iterable[_Step]) -> Resource:
    refresh = next((step for step in steps if step.op == _REFRESH), None)
    others = [step for step in steps if step.op != _REFRESH]
    # What a refresh gives is not what was read, but what the program wants. What was read is what comes after it starts
    # from; a resource that is made anew starts from nothing.
    left = refresh.old if refresh else next((step.old for step in others if step.old), None)
    now = next((step.old for step in others if step.old), None if others else left)
    planned = [step for step in others if step.op not in _UNCHANGED]
    keys = {_head(key) for step in planned for key in (*(step.detailed or ()), *step.reasons)}
    type_ = next(state.type for step in steps for state in (step.old, step.new) if state)
    return Resource(
        urn, type_, _registered(urn, left), _registered(urn, now), planned[-1].op if planned else None, frozenset(keys)
    )


def _head(path: str) -> str:
    return path.split(".", 1)[0].split("[", 1)[0]


def _registered(urn: str, state: _State | None) -> RegisteredResource | None:
    if state is None or not (state.outputs or state.inputs):
        return None
    values: dict[str, Value] = {
        name: value for name, value in {**state.inputs, **state.outputs}.items() if name in PROPERTIES
    }
    return RegisteredResource(urn, state.type, values, values)
