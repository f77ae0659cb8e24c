"""The reader on an embedded directory in this process, with nothing between them."""

import asyncio
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import httpx
from azure.core.credentials import AccessToken
from httpx_retries import Retry

from tenantry.directory.app import create_app
from tenantry.directory.enrolment import deployment_client_id, deployment_principal_id
from tenantry.directory.store import Store
from tenantry.directory.tokens import token_for_application
from tenantry.graph.client import GraphReader
from tenantry.graph.clouds import Cloud
from tenantry.graph.credentials import Method, SignIn
from tests.directory.samples import ORIGIN


class Door(httpx.BaseTransport):
    """Takes requests to the directory; for some paths something else is answered."""

    def __init__(self, store: Store, instead: Mapping[str, httpx.Response]) -> None:
        self._runner = asyncio.Runner()
        self._client = httpx.AsyncClient(transport=httpx.ASGITransport(create_app(store)), base_url=ORIGIN)
        self._instead = instead

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        for path, answer in self._instead.items():
            if request.url.path.endswith(path):
                return answer
        answered = self._runner.run(
            self._client.request(request.method, request.url, headers=request.headers, content=request.content)
        )
        headers = {name: value for name, value in answered.headers.items() if name == "retry-after"}
        return httpx.Response(answered.status_code, content=answered.content, headers=headers)

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
    store: Store, tenant_id: str, instead: Mapping[str, httpx.Response] | None = None
) -> Iterator[GraphReader]:
    """Read a tenant as its deploying application, with the permissions that it has now.

    `instead` gives answers by the end of the path.
    """
    door = Door(store, instead or {})
    with GraphReader(CLOUD, signed_in(store, tenant_id), {}, transport=door, retry=Retry(total=0)) as reader:
        yield reader


def signed_in(store: Store, tenant_id: str) -> SignIn:
    """The deploying application of a tenant, with the permissions that it has now."""
    token = token_for_application(store, tenant_id, deployment_principal_id(tenant_id), ORIGIN)
    return SignIn(Method.SECRET, tenant_id, deployment_client_id(tenant_id), _Token(token))
