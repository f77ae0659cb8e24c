"""The directory's own controls, beside what it emulates: its faults and its clock.

They take the secret in its state folder.
"""

import hmac
from collections.abc import Awaitable, Callable
from datetime import timedelta
from functools import wraps
from typing import Final

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Mount, Route

from .clock import ahead
from .documents import now
from .fault_layer import FaultLayer
from .faults import Faults
from .store import Store

FAULTS: Final = "/_control/faults"
CLOCK: Final = "/_control/clock"


class _Clock(BaseModel):
    """How far the directory's clock is ahead of this machine's."""

    model_config = ConfigDict(extra="forbid", strict=True)

    days_ahead: float = Field(ge=0, le=36_500)


FaultsReader = Callable[[bytes], Faults]
"""Reads faults as somebody wrote them. Raises ValueError, whose message says what is wrong with them."""


def controlled(
    layer: FaultLayer, store: Store, secret: str, read_faults: FaultsReader = Faults.model_validate_json
) -> Starlette:
    """Make the application that answers for the controls itself and leaves the rest to the layer."""

    def guarded(answer: Callable[[Request], Awaitable[Response]]) -> Callable[[Request], Awaitable[Response]]:
        @wraps(answer)
        async def handle(request: Request) -> Response:
            scheme, _, given = request.headers.get("Authorization", "").partition(" ")
            if scheme.lower() != "bearer" or not hmac.compare_digest(given.encode(), secret.encode()):
                return _refused(401, "The controls take the secret in control.json as a bearer token.")
            return await answer(request)

        return handle

    @guarded
    async def faults(request: Request) -> Response:
        if request.method == "PUT":
            try:
                layer.switch(read_faults(await request.body()))
            except ValueError as error:
                return _refused(400, str(error))
        if request.method == "DELETE":
            layer.switch(Faults())
        document = layer.faults.model_dump(mode="json", exclude_defaults=True)
        return JSONResponse({"faults": document.get("faults", []), "hits": layer.hits})

    @guarded
    async def clock(request: Request) -> Response:
        if request.method == "PUT":
            try:
                store.ahead = timedelta(days=_Clock.model_validate_json(await request.body()).days_ahead)
            except ValidationError:
                return _refused(400, 'The clock takes how many days it is to be ahead: {"days_ahead": 46}, 0 or more.')
        if request.method == "DELETE":
            store.ahead = timedelta()
        by = store.ahead
        with ahead(by):
            return JSONResponse({"days_ahead": by / timedelta(days=1), "now": now()})

    methods = ["GET", "PUT", "DELETE"]
    return Starlette(
        routes=[Route(FAULTS, faults, methods=methods), Route(CLOCK, clock, methods=methods), Mount("/", layer)]
    )


def _refused(status: int, message: str) -> Response:
    return JSONResponse({"error": {"code": "ControlRefused", "message": message}}, status)
