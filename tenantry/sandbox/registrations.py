"""A recorded program as the rules read it: the same resources that the policy pack is shown at a preview."""

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Final
from uuid import NAMESPACE_URL, uuid5

from tenantry.access.registered import LEFT_OUT, PROPERTIES, UNKNOWN, RegisteredResource
from tenantry.access.registered import Value as AccessValue
from tenantry.sandbox.recording import UNKNOWN as RECORDED_UNKNOWN
from tenantry.sandbox.recording import ExistingResource, RecordedResource, Recording, SecretValue, Value, is_reference

_NOTHING: Final = ExistingResource(id="")
_REFERENCE: Final = re.compile(r"ref:(urn:pulumi:.+?):(?:id|objectId)(?![\w:])")


def registrations(
    recording: Recording, existing: Mapping[str, ExistingResource] | None = None
) -> list[RegisteredResource]:
    """Everything that a program registers. ``existing`` are the resources that the recording started from, by URN.

    What only the provider will know is unknown, and so is a placeholder for it.
    """
    return [_registered(resource, (existing or {}).get(resource.urn, _NOTHING)) for resource in recording.resources]


def with_synthetic_ids(recording: Recording) -> list[RegisteredResource]:
    """Everything that a program registers, as if it existed already. The recording must not be a preview.

    Each new account and group has an object id of its own, the same in every run, so that a reader knows everybody
    whom the program names: also where the program computes the name.
    """
    return [_with_synthetic_id(resource) for resource in recording.resources]


def _with_synthetic_id(resource: RecordedResource) -> RegisteredResource:
    registered = _registered(resource, _NOTHING, lambda text: _REFERENCE.sub(lambda match: _id_of(match[1]), text))
    if registered.outputs.get("objectId") == UNKNOWN and resource.custom and not resource.read:
        return replace(registered, outputs={**registered.outputs, "objectId": _id_of(resource.urn)})
    return registered


def _id_of(urn: str) -> str:
    return str(uuid5(NAMESPACE_URL, urn))


def _registered(
    resource: RecordedResource, existing: ExistingResource, resolve: Callable[[str], str] = str
) -> RegisteredResource:
    """One registration. ``resolve`` puts ids in place of placeholders; a placeholder that stays is unknown."""
    stated = {name: _shown(value, resolve) for name, value in resource.inputs.items() if name in PROPERTIES}
    inputs = {**LEFT_OUT, **stated}
    outputs = {name: value for name, value in existing.outputs.items() if name in PROPERTIES}
    return RegisteredResource(
        urn=resource.urn,
        type=resource.type,
        inputs=inputs,
        outputs={**inputs, "objectId": _object_id(resource) or UNKNOWN, **outputs},
        depends={name: frozenset(urns) for name, urns in resource.property_dependencies.items()},
        protected=resource.protect,
        ignores=frozenset(resource.ignore_changes),
        registered=not resource.read,
        component=not resource.custom,
        imported=resource.import_id is not None,
    )


def _object_id(resource: RecordedResource) -> str | None:
    own_id = resource.import_id or resource.id
    return own_id.rpartition("/")[2] if isinstance(own_id, str) and own_id and not is_reference(own_id) else None


def _shown(value: Value, resolve: Callable[[str], str]) -> AccessValue:
    if isinstance(value, tuple):
        return [_shown(item, resolve) for item in value]
    if isinstance(value, Mapping):
        return {name: _shown(item, resolve) for name, item in value.items()}
    if isinstance(value, SecretValue):
        return _shown(value.value, resolve) if value.revealed else UNKNOWN
    if isinstance(value, str):
        value = resolve(value)
        return UNKNOWN if is_reference(value) else value
    return UNKNOWN if value is RECORDED_UNKNOWN else value
