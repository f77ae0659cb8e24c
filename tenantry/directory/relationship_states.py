"""What becomes of a relationship with a customer, and of what belongs to it, by time alone.

Sources: Microsoft Graph's reference (v1.0), "delegatedAdminRelationship resource type" for the statuses and
`endDateTime`; "GDAP frequently asked questions" for the 90 days in which a customer can approve, and for the 180 days
by which a relationship is extended on its last day, again and again. How long provisioning takes is not documented:
here it is thirty seconds, and two years are 730 days.
Nothing of this is written as it happens: an object is kept as its last change left it, and every reader settles it.
"""

import base64
import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from .clock import instant
from .documents import JsonObject, JsonValue
from .endpoint import ETAG
from .identifiers import new_id, stable_id
from .resources import Kind
from .schedules import written
from .tenant import Entity

EXTENSION: Final = "P180D"
_DURATION: Final = re.compile(r"P(?P<number>[1-9]\d{0,2})(?P<unit>[DY])")
_DAYS: Final = {"D": 1, "Y": 365}
_LONGEST: Final = timedelta(days=730)
_AT_ONCE: Final = timedelta(seconds=10)
_PROVISIONED: Final = timedelta(seconds=20)
_STEPS: Final[Mapping[Kind, Mapping[str, tuple[str, timedelta]]]] = {
    Kind.RELATIONSHIP: {
        "approvalPending": ("expired", timedelta(days=90)),
        "approved": ("activating", _AT_ONCE),
        "activating": ("active", _PROVISIONED),
        "expiring": ("expired", _AT_ONCE + _PROVISIONED),
        "terminationRequested": ("terminating", _AT_ONCE),
        "terminating": ("terminated", _PROVISIONED),
    },
    Kind.ACCESS_ASSIGNMENT: {
        "pending": ("active", _AT_ONCE + _PROVISIONED),
        "deleting": ("deleted", _AT_ONCE + _PROVISIONED),
    },
    Kind.RELATIONSHIP_OPERATION: {"notStarted": ("running", _AT_ONCE), "running": ("succeeded", _PROVISIONED)},
    Kind.RELATIONSHIP_REQUEST: {"created": ("succeeded", _AT_ONCE)},
}
"""From a status to the next one, and how long after the object was last modified."""
KINDS: Final = frozenset(_STEPS)
"""The kinds of objects that change by time alone."""


def length(duration: JsonValue) -> timedelta | None:
    """Return how long a duration is, between a day and two years; None for any other text."""
    match = _DURATION.fullmatch(duration) if isinstance(duration, str) else None
    days = timedelta(days=int(match["number"]) * _DAYS[match["unit"]]) if match else _LONGEST * 2
    return days if days <= _LONGEST else None


def changed(document: JsonObject, changes: JsonObject) -> JsonObject:
    """Return a document with changes that are made now."""
    return _stamped(document, changes, instant(), new_id())


def settled(entity: Entity) -> Entity:
    """Return an object as it is by now."""
    document = entity.document
    while (step := _next(entity.kind, document)) is not None and step[0] <= instant():
        moment, changes = step
        document = _stamped(document, changes, moment, stable_id(str(document[ETAG]), moment.isoformat()))
    return replace(entity, document=document)


def _stamped(document: JsonObject, changes: JsonObject, moment: datetime, tag: str) -> JsonObject:
    etag = base64.b64encode(tag.encode()).decode()
    return {**document, **changes, "lastModifiedDateTime": written(moment), ETAG: f'W/"{etag}"'}


def _next(kind: Kind, document: JsonObject) -> tuple[datetime, JsonObject] | None:
    """Return what happens next to an object, and when."""
    status = str(document["status"])
    if kind is Kind.RELATIONSHIP and status == "active":
        end = datetime.fromisoformat(str(document["endDateTime"]))
        extends = document["autoExtendDuration"] == EXTENSION
        return end, {"endDateTime": written(end + timedelta(days=180))} if extends else {"status": "expiring"}
    if status not in _STEPS[kind]:
        return None
    following, wait = _STEPS[kind][status]
    moment = datetime.fromisoformat(str(document["lastModifiedDateTime"])) + wait
    changes: JsonObject = {"status": following}
    if kind is Kind.RELATIONSHIP and following == "active":
        lasts = length(document["duration"]) or _LONGEST
        changes |= {"activatedDateTime": written(moment), "endDateTime": written(moment + lasts)}
    elif kind is Kind.RELATIONSHIP and following in ("expired", "terminated"):
        changes["endDateTime"] = written(moment)
    return moment, changes
