"""What can be made to go wrong: the faults that a person switches on, as they write them.

A fault says what happens and, optionally, to which requests: by method, by the beginning of the path
below the version of Microsoft Graph, to every k-th of them, and to how many in all. Nothing here is left to chance.
"""

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StrictFloat, StrictInt
from pydantic_core import PydanticCustomError

_Seconds = Annotated[StrictFloat, Field(gt=0, allow_inf_nan=False)]


class Place(StrEnum):
    """What of the directory is asked."""

    GRAPH = "graph"
    SIGN_IN = "sign-in"


class Moment(StrEnum):
    """When a connection drops: before the request takes effect, or after, when only the answer is lost."""

    BEFORE = "before"
    AFTER = "after"


class TenantSize(StrEnum):
    """By how many users Microsoft Graph measures a tenant: below 50, up to 500, more."""

    S = "S"
    M = "M"
    L = "L"


def _beginning(value: str) -> str:
    if not value.startswith("/"):
        raise PydanticCustomError(
            "path", "a path below the version, such as /users", {"remediation": f"begin with `/`: {'/' + value!r}"}
        )
    return value


class _Fault(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    methods: frozenset[Literal["GET", "POST", "PATCH", "PUT", "DELETE"]] | None = None
    """Only requests with one of these methods."""
    path: Annotated[str, AfterValidator(_beginning)] = "/"
    """Only requests whose path begins so; `/users`, for v1.0 and beta alike."""
    count: StrictInt | None = Field(None, ge=1)
    """How many requests are hit in all; no end where it is left out."""
    every: StrictInt = Field(1, ge=1)
    """Of the requests that match, every which is hit."""

    @property
    def place(self) -> Place:
        """What must be asked for the fault to strike."""
        return Place.GRAPH


class _Anywhere(_Fault):
    at: Place = Place.GRAPH

    @property
    def place(self) -> Place:
        return self.at


class _OfTokens(_Fault):
    @property
    def place(self) -> Place:
        return Place.SIGN_IN


class ReplicationLag(_Fault):
    """An object that is created answers 404 to the first reads of its own address, and of those below it."""

    kind: Literal["replication_lag"]
    reads: StrictInt = Field(ge=1)


class StaleListing(_Fault):
    """After a write, listings are for some reads what they were before it."""

    kind: Literal["stale_listing"]
    reads: StrictInt = Field(ge=1)


class TooManyRequests(_Anywhere):
    """More than so many requests in so many seconds are answered with 429."""

    kind: Literal["too_many_requests"]
    requests: StrictInt = Field(ge=0)
    seconds: _Seconds
    retry_after: StrictInt | None = Field(None, ge=1)
    """What `Retry-After` says; left out: when requests are let through again."""


class GraphLimits(_Fault):
    """Microsoft Graph's own limits, for an application in a tenant of this size."""

    kind: Literal["graph_limits"]
    size: TenantSize


class ServerError(_Anywhere):
    """The service fails, and nothing takes effect."""

    kind: Literal["server_error"]
    status: Literal[500, 503, 504]
    retry_after: StrictInt | None = Field(None, ge=1)


class HeldBack(_Anywhere):
    """The request takes effect at once, and its answer comes late."""

    kind: Literal["held_back"]
    seconds: _Seconds


class Dropped(_Anywhere):
    """The connection is cut without an answer."""

    kind: Literal["dropped"]
    when: Moment


class ClockSkew(_OfTokens):
    """Tokens are issued by a clock that is so many seconds ahead, or behind where it is negative."""

    kind: Literal["clock_skew"]
    seconds: StrictInt


class EarlyExpiry(_OfTokens):
    """Tokens expire after so many seconds, although their answer promises the usual time."""

    kind: Literal["early_expiry"]
    seconds: StrictInt = Field(ge=0)


Fault = Annotated[
    ReplicationLag
    | StaleListing
    | TooManyRequests
    | GraphLimits
    | ServerError
    | HeldBack
    | Dropped
    | ClockSkew
    | EarlyExpiry,
    Field(discriminator="kind"),
]


class Faults(BaseModel):
    """All faults that are switched on; a request meets them in this order."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    faults: tuple[Fault, ...] = ()
