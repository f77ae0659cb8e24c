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
    """Everything that a program registers; ``existing`` are the resources that the recording was told of, by URN.

    What only the provider will know is unknown: also where the recording has a placeholder for it.
    """
    return [_registered(resource, (existing or {}).get(resource.urn, _NOTHING)) for resource in recording.resources]


def born(recording: Recording) -> list[RegisteredResource]:
    """Everything that a program registers, as if it existed already: of a recording that is no preview.

    Each new account and group has an object id of its own, always the same one, so that whoever is named anywhere is
    known: also where the program computes whom it names.
    """
    return [_born(resource) for resource in recording.resources]


def _born(resource: RecordedResource) -> RegisteredResource:
    seen = _registered(resource, _NOTHING, lambda text: _REFERENCE.sub(lambda found: _id_of(found[1]), text))
    if seen.outputs.get("objectId") == UNKNOWN and resource.custom and not resource.read:
        return replace(seen, outputs={**seen.outputs, "objectId": _id_of(resource.urn)})
    return seen


def _id_of(urn: str) -> str:
    return str(uuid5(NAMESPACE_URL, urn))


def _registered(
    resource: RecordedResource, existing: ExistingResource, told: Callable[[str], str] | None = None
) -> RegisteredResource:
    """One registration; ``told`` says what is written in place of a placeholder, which else is unknown."""
    read = {name: _shown(value, told) for name, value in resource.inputs.items() if name in PROPERTIES}
    inputs = {**LEFT_OUT, **read}
    found = {name: value for name, value in existing.outputs.items() if name in PROPERTIES}
    return RegisteredResource(
        urn=resource.urn,
        type=resource.type,
        inputs=inputs,
        outputs=inputs | {"objectId": _object_id(resource) or UNKNOWN} | found,
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


def _shown(value: Value, told: Callable[[str], str] | None) -> AccessValue:
    if isinstance(value, tuple):
        return [_shown(item, told) for item in value]
    if isinstance(value, Mapping):
        return {name: _shown(item, told) for name, item in value.items()}
    if isinstance(value, SecretValue):
        return _shown(value.value, told) if value.revealed else UNKNOWN
    if isinstance(value, str) and told:
        value = told(value)
    if value is RECORDED_UNKNOWN or (isinstance(value, str) and is_reference(value)):
        return UNKNOWN
    return value
