"""How the server speaks HTTP: uvicorn's own way, with connections that the application can cut."""

from asyncio import Transport

from starlette.types import Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol

from .fault_layer import DROP


class CuttableProtocol(H11Protocol):
    """Hands to each request, as an extension of its scope, what cuts the connection without an answer."""

    def connection_made(self, transport: Transport) -> None:  # type: ignore[override]
        """Begin a connection."""
        super().connection_made(transport)
        app = self.app

        async def with_extension(scope: Scope, receive: Receive, send: Send) -> None:
            extensions = {**scope.get("extensions", {}), DROP: transport.abort}
            await app({**scope, "extensions": extensions}, receive, send)

        self.app = with_extension
