"""The layer around the directory's application that makes things go wrong, so that the application need not know.

It stands between the server and the application. A request of a batch is not seen by itself, only the batch is.
"""

import asyncio
import json
import math
import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import Final

from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from . import errors, tokens
from .app import create_app
from .errors import GraphError
from .faults import (
    ClockSkew,
    Dropped,
    EarlyExpiry,
    Fault,
    Faults,
    GraphLimits,
    HeldBack,
    Moment,
    Place,
    ReplicationLag,
    ServerError,
    StaleListing,
    TooManyRequests,
)
from .store import Store
from .throttling import UNIT_SECONDS, UNITS, WRITE_SECONDS, WRITES, Bucket, resource_units
from .tokens import CLOCK, SignInError, TokenClock

DROP: Final = "tenantry.drop"
"""The extension of a request's scope that cuts its connection."""


@dataclass(frozen=True)
class _Asked:
    """What of a request the faults look at."""

    place: Place
    method: str
    path: str
    request: Request

    @property
    def is_read(self) -> bool:
        return self.method in ("GET", "HEAD")

    @property
    def names(self) -> list[str]:
        return self.path.lower().split("/")


@dataclass(eq=False)
class _Active:
    """A fault that is switched on, and how often it struck."""

    fault: Fault
    seen: int = 0
    hits: int = 0
    hidden: dict[str, int] = field(default_factory=dict)
    """By name of an object that was made: how many reads do not see it yet."""
    earlier: Store | None = None
    """What stale listings are read from, and for how many reads."""
    stale: int = 0
    times: list[float] = field(default_factory=list)
    buckets: dict[tuple[str, str], tuple[Bucket, Bucket]] = field(default_factory=dict)

    def concerns(self, asked: _Asked) -> bool:
        fault = self.fault
        return (
            fault.place is asked.place
            and (fault.methods is None or asked.method in fault.methods)
            and asked.path.startswith(fault.path)
        )

    def strikes(self) -> bool:
        """Count one more request, and say whether it is hit."""
        self.seen += 1
        if self.seen % self.fault.every or (self.fault.count is not None and self.hits >= self.fault.count):
            return False
        self.hits += 1
        return True

    def forget(self) -> None:
        if self.earlier is not None:
            self.earlier.close()
        self.earlier, self.stale = None, 0


class FaultLayer:
    """An application around the directory's own, with the faults that are switched on."""

    def __init__(self, app: ASGIApp, store: Store, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._app = app
        self._store = store
        self._key = store.signing_key()
        self._clock = clock
        self._active: list[_Active] = []

    @property
    def faults(self) -> Faults:
        """The faults that are switched on."""
        return Faults(faults=tuple(active.fault for active in self._active))

    @property
    def hits(self) -> list[int]:
        """How often each of them struck."""
        return [active.hits for active in self._active]

    def switch(self, faults: Faults) -> None:
        """Switch these faults on, from the beginning, and all others off."""
        for active in self._active:
            active.forget()
        self._active = [_Active(fault) for fault in faults.faults]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: D102 (the interface of an application)
        asked = _asked(scope)
        if asked is None:
            await self._app(scope, receive, send)
            return
        if asked.place is Place.GRAPH:
            send = _saying(send, "x-ms-resource-unit", str(_cost(asked)))
        concerned = [active for active in self._active if active.concerns(asked)]
        if not concerned:
            await self._app(scope, receive, send)
            return
        try:
            answer = await self._instead(concerned, asked)
            if answer is None:
                answer = await self._taking_effect(concerned, asked, receive)
        except _ConnectionCutError:
            await _cut(scope, receive)
            return
        await answer(scope, receive, send)

    async def _instead(self, concerned: list[_Active], asked: _Asked) -> Response | None:
        """What happens before the request takes effect, and the answer if that is all."""
        for active in concerned:
            match active.fault:
                case TooManyRequests() as fault:
                    wait = self._rate(active, fault)
                    if wait > 0:
                        return _throttled(asked, fault.retry_after or wait)
                case GraphLimits() as fault:
                    limited = self._limit(active, fault, asked)
                    if limited is not None:
                        return limited
                case ServerError() as fault if active.strikes():
                    return _failed(asked, fault)
                case Dropped(when=Moment.BEFORE) if active.strikes():
                    raise _ConnectionCutError
                case ClockSkew() as fault if active.strikes():
                    _shift(asked, skew=fault.seconds)
                case EarlyExpiry() as fault if active.strikes():
                    _shift(asked, lifetime=fault.seconds)
                case ReplicationLag() if asked.is_read:
                    for name in set(asked.names) & active.hidden.keys():
                        _count_down(active.hidden, name)
                        return _refused(errors.not_found(name))
                case StaleListing() if asked.is_read and active.stale and active.earlier is not None:
                    scope = {**asked.request.scope}
                    answer = await _recorded(create_app(active.earlier), scope, _nothing)
                    if _is_listing(answer):
                        active.stale -= 1
                        if active.stale == 0:
                            active.forget()
                        return answer
                case _:
                    pass
        return None

    async def _taking_effect(self, concerned: list[_Active], asked: _Asked, receive: Receive) -> Response:
        """The application's own answer, and what happens besides."""
        copies = {
            active: self._store.copy()
            for active in concerned
            if isinstance(active.fault, StaleListing) and not asked.is_read and active.earlier is None
        }
        try:
            answer = await _recorded(self._app, asked.request.scope, receive)
            await self._afterwards(concerned, asked, answer, copies)
        finally:
            for unused in copies.values():
                unused.close()
        return answer

    async def _afterwards(
        self, concerned: list[_Active], asked: _Asked, answer: Response, copies: dict[_Active, Store]
    ) -> None:
        """What happens once the request took effect; `copies` are of before, for those faults that need one."""
        for active in concerned:
            match active.fault:
                case ReplicationLag() as fault if answer.status_code == 201 and active.strikes():
                    active.hidden |= dict.fromkeys(_names_of(answer), fault.reads)
                case StaleListing() as fault if not asked.is_read and answer.status_code < 400 and active.strikes():
                    active.earlier = active.earlier or copies.pop(active, None)
                    active.stale = fault.reads
                case HeldBack() as fault if active.strikes():
                    await asyncio.sleep(fault.seconds)
                case Dropped(when=Moment.AFTER) if active.strikes():
                    raise _ConnectionCutError
                case _:
                    pass

    def _rate(self, active: _Active, fault: TooManyRequests) -> int:
        """Return how many seconds to wait; 0 lets the request through."""
        now = self._clock()
        active.times = [moment for moment in active.times if moment > now - fault.seconds]
        if len(active.times) < fault.requests or not active.strikes():
            active.times.append(now)
            return 0
        oldest = active.times[0] if active.times else now
        return max(1, math.ceil(oldest + fault.seconds - now))

    def _limit(self, active: _Active, fault: GraphLimits, asked: _Asked) -> Response | None:
        try:
            identity = tokens.verify(self._key, asked.request.headers.get("Authorization"))
        except GraphError:
            return None  # The application refuses it for want of a valid token.
        who = (identity.caller.client_id, identity.tenant_id)
        units, writes = active.buckets.setdefault(
            who, (Bucket(UNITS[fault.size], UNIT_SECONDS), Bucket(WRITES, WRITE_SECONDS))
        )
        cost, write = _cost(asked), 0 if asked.is_read else 1
        now = self._clock()
        for bucket, wait, name in (
            (units, units.wait(cost, now), "ResourceUnitLimitExceeded"),
            (writes, writes.wait(write, now), "WriteLimitExceeded"),
        ):
            if wait > 0 and active.strikes():
                answer = _throttled(asked, math.ceil(wait))
                answer.headers["x-ms-throttle-information"] = name
                answer.headers["x-ms-throttle-scope"] = f"Tenant_Application/ReadWrite/{'/'.join(who)}"
                answer.headers["x-ms-throttle-limit-percentage"] = f"{max(bucket.used, 1.0):.1f}"
                return answer
        units.take(cost)
        writes.take(write)
        return None


class _ConnectionCutError(Exception):
    """The client gets no answer."""


def _asked(scope: Scope) -> _Asked | None:
    if scope["type"] != "http":
        return None
    path: str = scope["path"]
    request = Request(scope)
    _, first, *rest = path.split("/")
    if first in ("v1.0", "beta"):
        return _Asked(Place.GRAPH, scope["method"], "/" + "/".join(rest), request)
    if path.endswith("/oauth2/v2.0/token"):
        return _Asked(Place.SIGN_IN, scope["method"], path, request)
    return None


def _cost(asked: _Asked) -> int:
    return resource_units(asked.method, asked.path, asked.request.query_params)


def _saying(send: Send, name: str, value: str) -> Send:
    """Send with one header more."""

    async def send_with_header(message: Message) -> None:
        if message["type"] == "http.response.start":
            MutableHeaders(scope=message)[name] = value
        await send(message)

    return send_with_header


async def _recorded(app: ASGIApp, scope: Scope, receive: Receive) -> Response:
    answer = Response()
    body = bytearray()

    async def keep(message: Message) -> None:
        if message["type"] == "http.response.start":
            answer.status_code = message["status"]
            answer.raw_headers = list(message["headers"])
        else:
            body.extend(message.get("body", b""))

    await app(scope, receive, keep)
    answer.body = bytes(body)
    return answer


async def _nothing() -> Message:
    return {"type": "http.request", "body": b"", "more_body": False}


async def _cut(scope: Scope, receive: Receive) -> None:
    drop = scope.get("extensions", {}).get(DROP)
    if drop is None:
        raise ConnectionResetError("The connection was cut.")  # In process, requests have no connection.
    drop()
    # The server takes an application that ends without an answer for a broken one, unless the client is gone.
    while (await receive())["type"] != "http.disconnect":
        pass


def _shift(asked: _Asked, *, skew: int | None = None, lifetime: int | None = None) -> None:
    scope = asked.request.scope
    clock: TokenClock = scope.get(CLOCK, TokenClock())
    scope[CLOCK] = replace(
        clock,
        skew=clock.skew if skew is None else skew,
        lifetime=clock.lifetime if lifetime is None else lifetime,
    )


def _count_down(hidden: dict[str, int], name: str) -> None:
    hidden[name] -= 1
    if hidden[name] == 0:
        del hidden[name]


def _refused(error: GraphError) -> Response:
    request_id = str(uuid.uuid4())
    return JSONResponse(error.body(request_id), error.status, {"request-id": request_id})


def _throttled(asked: _Asked, seconds: int) -> Response:
    answer = _unavailable(asked, errors.throttled())
    answer.headers["Retry-After"] = str(seconds)
    return answer


def _failed(asked: _Asked, fault: ServerError) -> Response:
    answer = _unavailable(asked, errors.unavailable(fault.status))
    if fault.retry_after is not None:
        answer.headers["Retry-After"] = str(fault.retry_after)
    return answer


def _unavailable(asked: _Asked, error: GraphError) -> Response:
    if asked.place is Place.GRAPH:
        return _refused(error)
    message = "A transient error has occurred. Please try again."
    refusal = SignInError(error.status, "temporarily_unavailable", 90033, message)
    return JSONResponse(refusal.body(), refusal.status)


def _is_listing(answer: Response) -> bool:
    if answer.status_code != 200:
        return False
    document = json.loads(bytes(answer.body))
    return isinstance(document, dict) and isinstance(document.get("value"), list)


def _names_of(answer: Response) -> Iterator[str]:
    """What an object that was created can be read by."""
    document = json.loads(bytes(answer.body))
    for name in ("id", "userPrincipalName"):
        if isinstance(document.get(name), str):
            yield document[name].lower()
