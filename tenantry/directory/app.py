"""The directory as a web application: which request goes to which family, and what surrounds each of them."""

import json
import re
import uuid
from collections.abc import Awaitable, Callable, Iterable, Iterator
from functools import cache
from itertools import chain
from typing import Final, cast
from urllib.parse import parse_qsl, quote

import httpx
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from . import (
    active_roles,
    addresses,
    administrative_units,
    applications,
    audit,
    authentication_methods,
    authentication_strengths,
    authorization,
    batch,
    conditional_access,
    deleted_items,
    domains,
    eligibility,
    errors,
    federated_credentials,
    graph_schema,
    group_schedules,
    groups,
    invitations,
    memberships,
    metadata,
    named_locations,
    permission_grants,
    relationships,
    resource_manager,
    role_policies,
    roles,
    service_principals,
    simple_families,
    subscriptions,
    tokens,
    users,
)
from .documents import JsonObject, JsonValue
from .endpoint import Call, Endpoint, Located
from .errors import GraphError
from .odata import parse_query
from .store import Store, StoreError, UnknownTenantError

_FAMILIES: Final[Iterable[Iterable[Endpoint]]] = (
    users.ENDPOINTS,
    groups.ENDPOINTS,
    group_schedules.ENDPOINTS,
    memberships.ENDPOINTS,
    roles.ENDPOINTS,
    applications.ENDPOINTS,
    federated_credentials.ENDPOINTS,
    service_principals.ENDPOINTS,
    permission_grants.ENDPOINTS,
    simple_families.ENDPOINTS,
    domains.ENDPOINTS,
    invitations.ENDPOINTS,
    conditional_access.ENDPOINTS,
    named_locations.ENDPOINTS,
    authentication_strengths.ENDPOINTS,
    role_policies.ENDPOINTS,
    administrative_units.ENDPOINTS,
    eligibility.ENDPOINTS,
    active_roles.ENDPOINTS,
    deleted_items.ENDPOINTS,
    audit.ENDPOINTS,
    authentication_methods.ENDPOINTS,
    subscriptions.ENDPOINTS,
    relationships.ENDPOINTS,
)
VERSIONS: Final = ("v1.0", "beta")
_LOOK_AGAIN: Final = "10"
"""After how many seconds to look again at what takes time: as in the reference."""
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
    listed += tuple(endpoint.casting(kind) for endpoint in listed for kind in endpoint.casts)
    # Those that count come first: `$count` would otherwise be taken for an id.
    return chain((endpoint.counting() for endpoint in listed if endpoint.counted), listed)


def create_app(store: Store) -> Starlette:
    """Make the application that answers for all tenants of a store."""
    app = Starlette(
        routes=_routes(),
        exception_handlers={
            GraphError: _refuse,
            405: _refuse_method,
            StoreError: _refuse_unstored,
            Exception: _fail,
        },
        middleware=[Middleware(addresses.PlainAddresses)],
    )
    app.state.store, app.state.key = store, store.signing_key()
    return app


@cache
def _routes() -> list[Route]:
    """Return the way to every answer, for any application: to compile all their addresses takes a while."""
    return [
        Route("/metadata/endpoints", _describe, methods=["GET"]),
        Route("/subscriptions", _list_subscriptions, methods=["GET"]),
        Route("/tenants", _list_tenants, methods=["GET"]),
        Route("/{tenant}/oauth2/v2.0/token", _sign_in, methods=["POST"]),
        Route("/{tenant}/v2.0/.well-known/openid-configuration", _discover, methods=["GET"]),
        Route("/{tenant}/discovery/v2.0/keys", _list_keys, methods=["GET"]),
        Route("/{tenant}/discovery/instance", _discover_instance, methods=["GET"]),
        *(
            _route(f"/{version}{endpoint.path}", _answering(endpoint), endpoint.method)
            for version in VERSIONS
            for endpoint in endpoints()
        ),
        *(_route(f"/{version}/$batch", _run_batch, "POST") for version in VERSIONS),
        *(_route(f"/{version}/{{rest:path}}", _refuse_missing, *_METHODS) for version in VERSIONS),
        Route("/{rest:path}", _unknown_address, methods=list(_METHODS)),
    ]


def _answering(endpoint: Endpoint) -> _Handler:
    async def handle(request: Request) -> Response:
        # Everything below runs without waiting, so requests follow one another and a transaction is never
        # held across a pause.
        return _answer(endpoint, request, await request.body())

    return handle


def _store(request: Request) -> Store:
    return cast("Store", request.app.state.store)


def _verify(request: Request) -> tokens.Identity:
    return tokens.verify(request.app.state.key, request.headers.get("Authorization"))


async def _refuse_missing(request: Request) -> Response:
    _verify(request)
    if request.path_params["rest"].partition("/")[0].lower() == "me":
        raise errors.needs_person()
    raise _missing(request)


async def _run_batch(request: Request) -> Response:
    _verify(request)
    inherited = {"authorization": request.headers["Authorization"]}
    prefix = f"/{request.url.path.split('/')[1]}"
    transport = httpx.ASGITransport(request.app)
    async with httpx.AsyncClient(transport=transport, base_url=_origin(request)) as client:

        async def send(item: batch.BatchItem) -> tuple[int, dict[str, str], JsonValue]:
            path = item.url if item.url.startswith("/") else f"/{item.url}"
            headers = inherited | (item.headers or {})
            try:
                asked = client.build_request(item.method, f"{prefix}{path}", json=item.body, headers=headers)
            except (httpx.InvalidURL, ValueError):  # in an address or a header, characters that have no place there
                refused = errors.malformed(f"Request {item.id} has an address or a header that is not valid.")
                return refused.status, {}, refused.body("")
            answered = await client.send(asked)
            headers = {name.title(): value for name, value in answered.headers.items() if name in _BATCHED}
            return answered.status_code, headers, answered.json() if answered.content else None

        return JSONResponse(await batch.answer(_read_json(await request.body()), send), media_type=_GRAPH_TYPE)


async def _sign_in(request: Request) -> Response:
    form = dict(parse_qsl((await request.body()).decode(errors="replace")))
    try:
        clock = request.scope.get(tokens.CLOCK)
        answer = tokens.sign_in(_store(request), request.path_params["tenant"], form, _origin(request), clock)
    except tokens.SignInError as error:
        return JSONResponse(error.body(), error.status)
    return JSONResponse(answer, headers={"Cache-Control": "no-store", "Pragma": "no-cache"})


async def _discover(request: Request) -> Response:
    return JSONResponse(tokens.discovery(request.path_params["tenant"], _origin(request)))


async def _list_keys(_: Request) -> Response:
    return JSONResponse(tokens.published_keys())


async def _discover_instance(request: Request) -> Response:
    return JSONResponse(tokens.instance_discovery(request.path_params["tenant"], _origin(request)))


async def _describe(request: Request) -> Response:
    api_version = request.query_params.get("api-version")
    return JSONResponse(metadata.endpoints(api_version, _origin(request)))


async def _list_subscriptions(request: Request) -> Response:
    _verify(request)
    return JSONResponse(resource_manager.subscriptions())


async def _list_tenants(request: Request) -> Response:
    identity = _verify(request)
    try:
        with _store(request).reading(identity.tenant_id) as tenant:
            return JSONResponse(resource_manager.tenants(tenant))
    except UnknownTenantError:
        raise errors.unknown_tenant() from None


def _route(path: str, handle: _Handler, *methods: str) -> Route:
    """Microsoft Graph takes the parts of an address in any case."""
    route = Route(path, handle, methods=[*methods])
    route.path_regex = re.compile(route.path_regex.pattern, re.IGNORECASE)
    return route


def _answer(endpoint: Endpoint, request: Request, content: bytes) -> Response:
    identity, store = _verify(request), _store(request)
    if identity.is_person and not endpoint.for_people:
        raise errors.not_implemented("this request for signed-in people, only for applications")
    if not all(map(graph_schema.is_key, request.path_params.values())):
        raise _missing(request)
    query = parse_query(request.query_params.multi_items())
    is_read = request.method in ("GET", "HEAD")
    has_body = not is_read and not endpoint.binary and request.method != "DELETE" and (endpoint.needs_body or content)
    body = _spelled(_read_json(content)) if has_body else {}
    is_read = endpoint.activity is None  # Some requests that only read take a body.
    try:
        with (store.reading if is_read else store.writing)(identity.tenant_id) as tenant:
            # Not the path of the request's address, which ends before a `#` in a name.
            ids = addresses.ids(tenant, request.scope["path"], request.path_params)
            if addresses.names(tenant, ids, body.get("id")):
                del body["id"]  # The object's own id may stand in its body, and says nothing new.
            call = Call(
                tenant=tenant,
                caller=identity.caller,
                origin=_origin(request),
                version=request.url.path.split("/")[1].lower(),
                path=addresses.asked(request.scope),
                ids=ids,
                query=query,
                body=body,
                held=identity.permissions,
                by_person=identity.is_person,
                only_own=authorization.only_own_applications(identity.permissions),
                content=content if endpoint.binary else b"",
                if_match=request.headers.get("If-Match"),
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
        raise errors.unknown_tenant() from None
    headers = {**_trace(request), "OData-Version": "4.0"}
    if answer is None:
        return Response(status_code=204, headers=headers)
    if isinstance(answer, int):
        return PlainTextResponse(str(answer), headers=headers)
    status = endpoint.status or (201 if request.method == "POST" else 200)
    if isinstance(answer, Located):
        headers["Location"] = f"{_origin(request)}{quote(answer.path)}"
        if answer.takes_time:
            status, headers["Retry-After"] = 202, _LOOK_AGAIN
        answer = answer.body
    return JSONResponse(answer, status, headers, media_type=_GRAPH_TYPE)


def _missing(request: Request) -> GraphError:
    """Return the refusal of what is not answered: it is a mistake only if Microsoft Graph does not have it either."""
    unknown = graph_schema.unknown_segment(addresses.asked(request.scope).split("/", 2)[2])
    return _not_here(request) if unknown is None else errors.no_such_segment(unknown)


def _not_here(request: Request) -> GraphError:
    return errors.not_implemented(f"{request.method} {addresses.asked(request.scope)}")


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


def _spelled(body: JsonObject) -> JsonObject:
    """Return a body with the names of its properties as the schema spells them: Microsoft Graph takes any case."""
    named: JsonObject = {}
    for given, value in body.items():
        name, *annotation = given.split("@", 1)
        spelled = "@".join([graph_schema.spelled(name), *annotation])
        if spelled in named:
            raise errors.malformed(f"The property '{spelled}' is given more than once.")
        named[spelled] = value
    return named


def _origin(request: Request) -> str:
    return str(request.base_url).rstrip("/")


async def _refuse(request: Request, error: Exception) -> Response:
    if not isinstance(error, GraphError):
        raise error
    trace = _trace(request)
    return JSONResponse(error.body(*trace.values()), error.status, trace, media_type=_GRAPH_TYPE)


def _trace(request: Request) -> dict[str, str]:
    """Return the ids by which a request is found again: the directory's own, and the caller's where it gave one."""
    request_id = str(uuid.uuid4())
    return {"request-id": request_id, "client-request-id": request.headers.get("client-request-id") or request_id}


async def _refuse_method(request: Request, _: Exception) -> Response:
    return await _refuse(request, errors.method_not_allowed())


async def _refuse_unstored(request: Request, error: Exception) -> Response:
    return await _refuse(request, GraphError(500, "InternalServerError", str(error)))


async def _fail(request: Request, _: Exception) -> Response:
    return await _refuse(request, GraphError(500, "InternalServerError", "The embedded directory failed."))
