"""What can be made to go wrong: the faults that a person switches on, as they write them.

A fault says what happens and, where that is wanted, to which requests: by method, by the beginning of the path
below the version of Microsoft Graph, to every k-th of them, and to how many in all. Nothing here is left to chance.
"""

from enum import StrEnum
from pathlib import Path
from typing import Annotated, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError


class FaultsError(ValueError):
    """What was written is no list of faults; the message says all that is wrong with it."""


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


class _Fault(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    methods: frozenset[Literal["GET", "POST", "PATCH", "PUT", "DELETE"]] | None = None
    """Only requests with one of these methods."""
    path: str = Field("/", pattern=r"^/")
    """Only requests whose path begins so; `/users`, for v1.0 and beta alike."""
    count: int | None = Field(None, ge=1)
    """How many requests are hit in all; no end where it is left out."""
    every: int = Field(1, ge=1)
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
    place_of_tokens: ClassVar[Place] = Place.SIGN_IN

    @property
    def place(self) -> Place:
        return self.place_of_tokens


class ReplicationLag(_Fault):
    """An object that is created answers 404 to the first reads of its own address, and of those below it."""

    kind: Literal["replication_lag"]
    reads: int = Field(ge=1)


class StaleListing(_Fault):
    """After a write, listings are for some reads what they were before it."""

    kind: Literal["stale_listing"]
    reads: int = Field(ge=1)


class TooManyRequests(_Anywhere):
    """More than so many requests in so many seconds are answered with 429."""

    kind: Literal["too_many_requests"]
    requests: int = Field(ge=0)
    seconds: float = Field(gt=0)
    retry_after: int | None = Field(None, ge=1)
    """What `Retry-After` says; left out: when requests are let through again."""


class GraphLimits(_Fault):
    """Microsoft Graph's own limits, for an application in a tenant of this size."""

    kind: Literal["graph_limits"]
    size: TenantSize


class ServerError(_Anywhere):
    """The service fails, and nothing takes effect."""

    kind: Literal["server_error"]
    status: Literal[500, 503, 504]
    retry_after: int | None = Field(None, ge=1)


class HeldBack(_Anywhere):
    """The request takes effect at once, and its answer comes late."""

    kind: Literal["held_back"]
    seconds: float = Field(gt=0)


class Dropped(_Anywhere):
    """The connection is cut without an answer."""

    kind: Literal["dropped"]
    when: Moment


class ClockSkew(_OfTokens):
    """Tokens are issued by a clock that is so many seconds ahead, or behind where it is negative."""

    kind: Literal["clock_skew"]
    seconds: int


class EarlyExpiry(_OfTokens):
    """Tokens expire after so many seconds, although their answer promises the usual time."""

    kind: Literal["early_expiry"]
    seconds: int = Field(ge=0)


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

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    faults: tuple[Fault, ...] = ()


def parse(content: bytes) -> Faults:
    """Read faults from JSON. Raises FaultsError with every mistake in it."""
    try:
        return Faults.model_validate_json(content)
    except ValidationError as error:
        mistakes = [f"{_where(mistake['loc'])}: {mistake['msg']}" for mistake in error.errors(include_url=False)]
        raise FaultsError(f"These are no faults of the embedded directory: {'; '.join(mistakes)}.") from None


def read(path: Path) -> Faults:
    """Read faults from a JSON file. Raises FaultsError."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise FaultsError(f"The faults in {path} cannot be read: {error.strerror}.") from error
    try:
        return parse(content)
    except FaultsError as error:
        raise FaultsError(f"{path}: {error}") from None


def _where(location: tuple[int | str, ...]) -> str:
    return ".".join(map(str, location)) or "the document"
