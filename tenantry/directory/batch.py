"""Many requests in one: Microsoft Graph's ``$batch``.

Source: Microsoft Graph, "Combine multiple HTTP requests using JSON batching". Each request is answered as it would be
by itself, in the order in which they stand; one that depends on a failed one fails with 424.
"""

from collections.abc import Awaitable, Callable
from typing import Any, Final

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from . import errors
from .documents import JsonObject, JsonValue
from .errors import GraphError

_MOST: Final = 20


class BatchItem(BaseModel):
    """One request of a batch."""

    # msgraph-sdk sends a key that Microsoft Graph does not know (`depends_on`) and passes over.
    # CLI for Microsoft 365 numbers its requests.
    model_config = ConfigDict(extra="ignore", coerce_numbers_to_str=True)

    id: str = Field(min_length=1)
    method: str
    url: str = Field(min_length=1)
    headers: dict[str, str] | None = None
    body: Any = None
    dependsOn: list[str] | None = None  # noqa: N815 (the protocol's name)


class _Batch(BaseModel):
    requests: list[BatchItem] = Field(min_length=1)


Send = Callable[[BatchItem], Awaitable[tuple[int, dict[str, str], JsonValue]]]
"""Answers one request: its status, headers and body."""


async def answer(body: JsonObject, send: Send) -> JsonObject:
    """Answer a batch, or refuse it as a whole."""
    items = _read(body)
    failed: set[str] = set()
    responses: list[JsonValue] = []
    for item in items:
        if failed & set(item.dependsOn or ()):
            status, headers, content = _failed_dependency()
        else:
            status, headers, content = await send(item)
        if status >= 400:
            failed.add(item.id)
        responses.append({"id": item.id, "status": status, "headers": dict(headers), "body": content})
    return {"responses": responses}


def _read(body: JsonObject) -> list[BatchItem]:
    try:
        items = _Batch.model_validate(body).requests
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"]))
        raise errors.malformed(f"Invalid batch payload format: {where}: {first['msg']}.") from None
    if len(items) > _MOST:
        raise errors.malformed(f"Number of batch request steps exceeds the maximum value of {_MOST}.")
    seen: set[str] = set()
    for item in items:
        if item.id in seen:
            raise errors.malformed(f"Request id {item.id} occurs more than once in this batch.")
        if item.url.lstrip("/").lower().partition("?")[0] in ("$batch", "%24batch"):
            raise errors.malformed(f"Request {item.id} is a batch itself.")
        if set(item.dependsOn or ()) - seen:
            raise errors.malformed(f"Request {item.id} depends on one that does not stand before it.")
        seen.add(item.id)
    return items


def _failed_dependency() -> tuple[int, dict[str, str], JsonValue]:
    error = GraphError(424, "FailedDependency", "A request that this one depends on failed.")
    return error.status, {}, error.body("")
