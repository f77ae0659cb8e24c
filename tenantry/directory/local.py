"""The directory without a network: Microsoft Graph for one tenant, in this process."""

import asyncio
from collections.abc import Mapping
from types import TracebackType
from typing import Final, Self

import httpx

from .app import create_app
from .documents import JsonObject
from .enrolment import deployment_principal_id
from .store import Store
from .tokens import token_for_application

ORIGIN: Final = "https://localhost"
"""The address by which it is called, which no name server is asked for."""


class LocalGraph:
    """A client that is signed in to one tenant as the deploying application.

    Requests go through the same application as those from outside, so the same rules hold. Use it as a context
    manager; it cannot be used from within a running event loop.
    """

    def __init__(self, store: Store, tenant_id: str) -> None:
        self.token = token_for_application(store, tenant_id, deployment_principal_id(tenant_id), ORIGIN)
        self._runner = asyncio.Runner()
        self._client = httpx.AsyncClient(
            transport=httpx.ASGITransport(create_app(store)),
            base_url=ORIGIN,
            headers={"Authorization": f"Bearer {self.token}"},
        )

    def request(
        self, method: str, path: str, json: JsonObject | None = None, headers: Mapping[str, str] | None = None
    ) -> tuple[int, JsonObject]:
        """Send a request, such as `GET /v1.0/users?$top=5`; return the status and the body (`{}` for none)."""
        response = self._runner.run(self._client.request(method, path, json=json, headers=headers))
        return response.status_code, response.json() if response.content else {}

    @property
    def transport(self) -> httpx.BaseTransport:
        """The way to the directory for a client of httpx that signs in by itself, with :attr:`token`."""
        return _InProcess(self._runner, self._client)

    def close(self) -> None:
        """Let go of the client."""
        self._runner.run(self._client.aclose())
        self._runner.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class _InProcess(httpx.BaseTransport):
    def __init__(self, runner: asyncio.Runner, client: httpx.AsyncClient) -> None:
        self._runner, self._client = runner, client

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        sent = self._client.request(request.method, request.url, headers=request.headers, content=request.content)
        answered = self._runner.run(sent)
        return httpx.Response(answered.status_code, headers=answered.headers, content=answered.content)
