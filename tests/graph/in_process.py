"""The reader on an embedded directory in this process, with nothing between them."""

import asyncio
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import httpx
from azure.core.credentials import AccessToken
from httpx_retries import Retry
from starlette.types import ASGIApp

from tenantry.directory.app import create_app
from tenantry.directory.enrolment import deployment_client_id, deployment_principal_id
from tenantry.directory.fault_layer import FaultLayer
from tenantry.directory.store import Store
from tenantry.directory.tokens import token_for_application
from tenantry.graph.client import GraphReader
from tenantry.graph.clouds import Cloud
from tenantry.graph.credentials import Method, SignIn
from tenantry.graph.transport import RETRY
from tests.directory.samples import ORIGIN


class Door(httpx.BaseTransport):
    """Takes requests to the directory; for some paths something else is answered."""

    def __init__(self, app: ASGIApp, instead: Mapping[str, httpx.Response]) -> None:
        self._runner = asyncio.Runner()
        self._client = httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=ORIGIN)
        self._instead = instead

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        for path, answer in self._instead.items():
            if request.url.path.endswith(path):
                return answer
        try:
            answered = self._runner.run(
                self._client.request(request.method, request.url, headers=request.headers, content=request.content)
            )
        except ConnectionResetError as error:
            raise httpx.ReadError(str(error)) from None
        return httpx.Response(answered.status_code, headers=answered.headers, content=answered.content)

    def close(self) -> None:
        self._runner.run(self._client.aclose())
        self._runner.close()


CLOUD = Cloud(ORIGIN, ORIGIN)


class _Token:
    def __init__(self, token: str) -> None:
        self._token = token

    def get_token(self, *scopes: str, **_: object) -> AccessToken:
        return AccessToken(self._token, 2**31)


@contextmanager
def reader_of(
    store: Store,
    tenant_id: str,
    instead: Mapping[str, httpx.Response] | None = None,
    through: FaultLayer | None = None,
) -> Iterator[GraphReader]:
    """Read a tenant as its deploying application, with the permissions that it has now.

    `instead` gives answers by the end of the path; `through` makes things go wrong, and is asked again as ever.
    """
    door, retry = Door(through or create_app(store), instead or {}), RETRY if through else Retry(total=0)
    with GraphReader(CLOUD, signed_in(store, tenant_id), {}, transport=door, retry=retry) as reader:
        yield reader


def signed_in(store: Store, tenant_id: str) -> SignIn:
    """The deploying application of a tenant, with the permissions that it has now."""
    token = token_for_application(store, tenant_id, deployment_principal_id(tenant_id), ORIGIN)
    return SignIn(Method.SECRET, tenant_id, deployment_client_id(tenant_id), _Token(token))
