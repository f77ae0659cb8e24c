"""The directory's own controls, beside what it emulates: its faults, its clock, and what a partner's customers decide.

They take the secret in its state folder.
"""

import hmac
from collections.abc import Awaitable, Callable
from dataclasses import asdict
from datetime import timedelta
from functools import wraps
from typing import Final

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Mount, Route

from .clock import ahead
from .customer_side import Decision, DecisionError, decide
from .documents import now
from .fault_layer import FaultLayer
from .faults import Faults
from .store import Store

FAULTS: Final = "/_control/faults"
CLOCK: Final = "/_control/clock"
DECISIONS: Final = "/_control/decisions"


class _Clock(BaseModel):
    """How far the directory's clock is ahead of this machine's."""

    model_config = ConfigDict(extra="forbid", strict=True)

    days_ahead: float = Field(ge=0, le=36_500)


class _Decision(BaseModel):
    """What a customer decides about a relationship, which is given by its id or its name."""

    model_config = ConfigDict(extra="forbid", strict=True)

    relationship: str
    decision: Decision
    customer_tenant: str | None = None


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

    @guarded
    async def decisions(request: Request) -> Response:
        try:
            asked = _Decision.model_validate_json(await request.body())
            return JSONResponse(asdict(decide(store, asked.relationship, asked.decision, asked.customer_tenant)))
        except ValidationError:
            return _refused(
                400, 'A decision is {"relationship": ID or NAME, "decision": "approve", "reject" or "terminate"}.'
            )
        except DecisionError as error:
            return _refused(400, str(error))

    methods = ["GET", "PUT", "DELETE"]
    return Starlette(
        routes=[
            Route(FAULTS, faults, methods=methods),
            Route(CLOCK, clock, methods=methods),
            Route(DECISIONS, decisions, methods=["POST"]),
            Mount("/", layer),
        ]
    )


def _refused(status: int, message: str) -> Response:
    return JSONResponse({"error": {"code": "ControlRefused", "message": message}}, status)
