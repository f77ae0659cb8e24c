"""The directory as a web application: which request goes to which family, and what surrounds each of them."""

import json
import uuid
from collections.abc import Awaitable, Callable, Iterable, Iterator
from itertools import chain
from typing import Final
from urllib.parse import parse_qsl

import httpx
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from . import (
    administrative_units,
    applications,
    audit,
    authorization,
    batch,
    deleted_items,
    eligibility,
    errors,
    groups,
    metadata,
    permission_grants,
    roles,
    service_principals,
    simple_families,
    tokens,
    users,
)
from .documents import JsonObject, JsonValue
from .endpoint import Call, Endpoint
from .errors import GraphError
from .odata import parse_query
from .store import Store, UnknownTenantError

_FAMILIES: Final[Iterable[Iterable[Endpoint]]] = (
    users.ENDPOINTS,
    groups.ENDPOINTS,
    roles.ENDPOINTS,
    applications.ENDPOINTS,
    service_principals.ENDPOINTS,
    permission_grants.ENDPOINTS,
    simple_families.ENDPOINTS,
    administrative_units.ENDPOINTS,
    eligibility.ENDPOINTS,
    deleted_items.ENDPOINTS,
    audit.ENDPOINTS,
)
VERSIONS: Final = ("v1.0", "beta")
_METHODS: Final = ("GET", "POST", "PATCH", "PUT", "DELETE")
_BATCHED: Final = frozenset({"content-type", "retry-after", "location"})
"""The headers of an answer that a batch passes on."""
_GRAPH_TYPE: Final = (
    "application/json;odata.metadata=minimal;odata.streaming=true;IEEE754Compatible=false;charset=utf-8"
)

_Handler = Callable[[Request], Awaitable[Response]]


def endpoints() -> Iterator[Endpoint]:
    """Yield every endpoint of Microsoft Graph that is answered here."""
    listed = tuple(chain.from_iterable(_FAMILIES))
    # Those that count come first: `$count` would otherwise be taken for an id.
    return chain((endpoint.counting() for endpoint in listed if endpoint.counted), listed)


def create_app(store: Store) -> Starlette:
    """Make the application that answers for all tenants of a store."""
    key = store.signing_key()

    def graph(endpoint: Endpoint) -> _Handler:
        async def handle(request: Request) -> Response:
            # Everything below runs without waiting, so requests follow one another and a transaction is never
            # held across a pause.
            return _answer(store, key, endpoint, request, await request.body())

        return handle

    async def missing(request: Request) -> Response:
        tokens.verify(key, request.headers.get("Authorization"))
        raise _not_here(request)

    async def run_batch(request: Request) -> Response:
        tokens.verify(key, request.headers.get("Authorization"))
        inherited = {"authorization": request.headers["Authorization"]}
        prefix = f"/{request.url.path.split('/')[1]}"
        transport = httpx.ASGITransport(request.app)
        async with httpx.AsyncClient(transport=transport, base_url=_origin(request)) as client:

            async def send(item: batch.BatchItem) -> tuple[int, dict[str, str], JsonValue]:
                path = item.url if item.url.startswith("/") else f"/{item.url}"
                answered = await client.request(
                    item.method, f"{prefix}{path}", json=item.body, headers=inherited | (item.headers or {})
                )
                headers = {name.title(): value for name, value in answered.headers.items() if name in _BATCHED}
                return answered.status_code, headers, answered.json() if answered.content else None

            return JSONResponse(await batch.answer(_read_json(await request.body()), send), media_type=_GRAPH_TYPE)

    async def sign_in(request: Request) -> Response:
        form = dict(parse_qsl((await request.body()).decode(errors="replace")))
        try:
            clock = request.scope.get(tokens.CLOCK)
            answer = tokens.sign_in(store, request.path_params["tenant"], form, _origin(request), clock)
        except tokens.SignInError as error:
            return JSONResponse(error.body(), error.status)
        return JSONResponse(answer, headers={"Cache-Control": "no-store", "Pragma": "no-cache"})

    async def discover(request: Request) -> Response:
        return JSONResponse(tokens.discovery(request.path_params["tenant"], _origin(request)))

    async def discover_instance(request: Request) -> Response:
        return JSONResponse(tokens.instance_discovery(request.path_params["tenant"], _origin(request)))

    async def describe(request: Request) -> Response:
        api_version = request.query_params.get("api-version")
        return JSONResponse(metadata.endpoints(api_version, _origin(request)))

    return Starlette(
        routes=[
            Route("/metadata/endpoints", describe, methods=["GET"]),
            Route("/{tenant}/oauth2/v2.0/token", sign_in, methods=["POST"]),
            Route("/{tenant}/v2.0/.well-known/openid-configuration", discover, methods=["GET"]),
            Route("/{tenant}/discovery/instance", discover_instance, methods=["GET"]),
            *(
                Route(f"/{version}{endpoint.path}", graph(endpoint), methods=[endpoint.method])
                for version in VERSIONS
                for endpoint in endpoints()
            ),
            *(Route(f"/{version}/$batch", run_batch, methods=["POST"]) for version in VERSIONS),
            *(Route(f"/{version}/{{rest:path}}", missing, methods=list(_METHODS)) for version in VERSIONS),
            Route("/{rest:path}", _unknown_address, methods=list(_METHODS)),
        ],
        exception_handlers={GraphError: _refuse, Exception: _fail},
    )


def _answer(store: Store, key: bytes, endpoint: Endpoint, request: Request, content: bytes) -> Response:
    identity = tokens.verify(key, request.headers.get("Authorization"))
    for name in request.path_params.values():
        # `$count` and its like are operations of their own, not ids.
        if name.startswith("$"):
            raise _not_here(request)
    query = parse_query(request.query_params)
    is_read = request.method in ("GET", "HEAD")
    has_body = not is_read and request.method != "DELETE" and (endpoint.needs_body or content)
    body = _read_json(content) if has_body else {}
    if body.get("id") in request.path_params.values():
        del body["id"]  # The object's own id may stand in its body, and says nothing new.
    try:
        with (store.reading if is_read else store.writing)(identity.tenant_id) as tenant:
            call = Call(
                tenant=tenant,
                caller=identity.caller,
                origin=_origin(request),
                version=request.url.path.split("/")[1],
                path=request.url.path,
                ids=request.path_params,
                query=query,
                body=body,
                only_own=authorization.only_own_applications(identity.permissions),
                eventual=request.headers.get("ConsistencyLevel", "").lower() == "eventual",
            )
            authorization.check(call, endpoint, identity.permissions)
            if is_read:
                answer = endpoint.answer(call)
            else:
                earlier = audit.before(call)
                answer = endpoint.answer(call)
                audit.record(call, endpoint, earlier, answer)
    except UnknownTenantError:
        raise errors.unauthenticated("Access token validation failure. Invalid tenant.") from None
    headers = {"request-id": str(uuid.uuid4()), "OData-Version": "4.0"}
    if answer is None:
        return Response(status_code=204, headers=headers)
    if isinstance(answer, int):
        return PlainTextResponse(str(answer), headers=headers)
    status = endpoint.status or (201 if request.method == "POST" else 200)
    return JSONResponse(answer, status, headers, media_type=_GRAPH_TYPE)


def _not_here(request: Request) -> GraphError:
    return errors.not_implemented(f"{request.method} {request.url.path}")


async def _unknown_address(request: Request) -> Response:
    raise _not_here(request)


def _read_json(content: bytes) -> JsonObject:
    try:
        body = json.loads(content)
        # A body may escape what no answer could hold again: half a character, or a number that is none.
        json.dumps(body, ensure_ascii=False, allow_nan=False).encode()
    except (ValueError, RecursionError):
        body = None
    if not isinstance(body, dict):
        raise errors.malformed("Unable to read JSON request payload. It must be a JSON object.")
    return body


def _origin(request: Request) -> str:
    return str(request.base_url).rstrip("/")


async def _refuse(_: Request, error: Exception) -> Response:
    if not isinstance(error, GraphError):
        raise error
    request_id = str(uuid.uuid4())
    return JSONResponse(error.body(request_id), error.status, {"request-id": request_id}, media_type=_GRAPH_TYPE)


async def _fail(request: Request, _: Exception) -> Response:
    return await _refuse(request, GraphError(500, "InternalServerError", "The embedded directory failed."))
