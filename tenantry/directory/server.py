"""Serving the directory: over TLS, on a loopback address, until a signal stops it.

Clients that verify certificates (all of them do) are given `bundle.pem` from the state folder, which holds the
directory's own certificate authority beside the system's roots, so that one setting serves both.
"""

import errno
import ipaddress
import logging
import os
import signal
import socket
import ssl
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from types import FrameType
from typing import Final
from urllib.parse import quote

import certifi
import trustme
import uvicorn
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from .app import create_app
from .control import FaultsReader, controlled
from .enrolment import Enrolment
from .fault_layer import FaultLayer
from .faults import Faults
from .onboarding import open_store
from .protocol import CuttableProtocol
from .state import Running, State

DEFAULT_PORT: Final = 8443
"""The port, if the caller names no other."""

# Requests take milliseconds; what is waited for is only clients that keep an idle connection open.
_SECONDS_TO_FINISH: Final = 1


class ServeError(Exception):
    """The directory cannot be served; the message says why, and what to do."""


class PortTakenError(ServeError):
    """Something else listens at the address."""


class AlreadyServedError(ServeError):
    """The folder's directory is being served by another process."""


class NotLoopbackError(ServeError):
    """The address could be reached from other machines."""


def serve(
    state_dir: Path,
    enrolments: Iterable[Enrolment],
    *,
    host: str = "127.0.0.1",
    port: int = DEFAULT_PORT,
    faults: Faults | None = None,
    read_faults: FaultsReader = Faults.model_validate_json,
    note: Callable[[str], None] = lambda _: None,
) -> None:
    """Serve the directory that is kept in a folder; return once SIGTERM or SIGINT ends it.

    Tenants that are not enrolled are, the others stay as they are. `running.json` is in the folder as long as
    the directory answers. Port 0 takes any that is free. `faults` are switched on from the beginning,
    `read_faults` reads what is switched on later, and `note` is given the address once it answers.
    Raises ServeError or StoreError.
    """
    _refuse_other_than_loopback(host)
    _refuse_a_second_server(State(state_dir))
    with _listen(host, port) as listener:
        state = State.prepare(state_dir)
        store = open_store(state, enrolments)
        try:
            _write_certificates(state, host)
            address = f"{host}:{listener.getsockname()[1]}"
            layer = FaultLayer(create_app(store), store)
            layer.switch(faults or Faults())
            app = controlled(layer, store, state.issue_control_secret(), read_faults)
            _run(state, app, listener, address, note)
        finally:
            store.close()


def _run(state: State, app: ASGIApp, listener: socket.socket, address: str, note: Callable[[str], None]) -> None:
    with state.request_log.open("a", encoding="utf-8", buffering=1) as log:
        handler = logging.StreamHandler(log)
        requests = logging.Logger("requests", logging.INFO)
        requests.addHandler(handler)
        config = uvicorn.Config(
            _RequestLog(app, requests),
            http=CuttableProtocol,
            ssl_certfile=state.server_certificate,
            log_level="warning",
            access_log=False,
            lifespan="off",
            server_header=False,
            proxy_headers=False,
            timeout_graceful_shutdown=_SECONDS_TO_FINISH,
        )
        with _signals_left_to_the_server():
            _Server(config, state, address, note).run(sockets=[listener])


class _Server(uvicorn.Server):
    """A server that says in the state folder where it answers, as long as it does."""

    def __init__(self, config: uvicorn.Config, state: State, address: str, note: Callable[[str], None]) -> None:
        super().__init__(config)
        self._note = note
        self._state = state
        self._address = address

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            started = datetime.now(UTC).isoformat(timespec="seconds")
            url = f"https://{self._address}"
            self._state.announce(Running(os.getpid(), url, self._address, started))
            self._note(url)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._state.withdraw()
        await super().shutdown(sockets)


class _RequestLog:
    """Writes a line for every request, with nothing in it that could be a secret: no query, header or body."""

    def __init__(self, app: ASGIApp, log: logging.Logger) -> None:
        self._app = app
        self._log = log

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def note(message: Message) -> None:
            if message["type"] == "http.response.start":
                # Quoted again, so that a line break in a path does not make up a line.
                path = quote(scope["path"], safe="/@$:")
                self._log.info("%s %s %s", scope["method"], path, message["status"])
            await send(message)

        await self._app(scope, receive, note)


def _refuse_other_than_loopback(host: str) -> None:
    try:
        is_loopback = host == "localhost" or ipaddress.IPv4Address(host).is_loopback
    except ValueError:
        is_loopback = False
    if not is_loopback:
        raise NotLoopbackError(
            f"The embedded directory answers on this machine alone, and {host} could be reached from others: "
            "use 127.0.0.1."
        )


def _refuse_a_second_server(state: State) -> None:
    other = state.running()
    if other is not None:
        raise AlreadyServedError(
            f"The embedded directory in {state.folder} is served at {other.url} by process {other.pid}: use it, or "
            "stop it first."
        )


def _listen(host: str, port: int) -> socket.socket:
    try:
        listener = socket.create_server((host, port))
        # Headers and body go out apart: a client that waits before it acknowledges would cost every answer 40 ms.
        # Connections have it from the listener (asyncio sets it only where the protocol was named).
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise PortTakenError(
                f"Something else listens on {host}:{port}: stop it, or choose another port."
            ) from error
        raise ServeError(f"Cannot listen on {host}:{port}: {error.strerror}.") from error
    return listener


@contextmanager
def _signals_left_to_the_server() -> Iterator[None]:
    """Let the server's own handling of SIGTERM and SIGINT be all there is.

    It shuts down in order, and afterwards raises the signal again for the handler that was there before; with the
    default handlers that would end the process before this module has closed the store.
    """
    if threading.current_thread() is not threading.main_thread():
        yield  # Signals are another thread's.
        return

    def pass_over(_signal: int, _frame: FrameType | None) -> None:
        pass

    before = {number: signal.signal(number, pass_over) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _write_certificates(state: State, host: str) -> None:
    if state.authority.exists() and state.authority_key.exists():
        try:
            authority = trustme.CA.from_pem(state.authority.read_bytes(), state.authority_key.read_bytes())
        except ValueError:
            raise ServeError(
                f"{state.authority} or {state.authority_key.name} beside it is damaged. Fix: remove both, and start "
                "again, which makes new ones."
            ) from None
    else:
        authority = trustme.CA(organization_name="Tenantry embedded directory")
        state.write(state.authority_key, authority.private_key_pem.bytes(), private=True)
        state.write(state.authority, authority.cert_pem.bytes())
    state.write(state.bundle, authority.cert_pem.bytes() + _system_roots(state.bundle))
    leaf = authority.issue_cert(host, "127.0.0.1", "localhost")
    state.write(state.server_certificate, leaf.private_key_and_cert_chain_pem.bytes(), private=True)


def _system_roots(own_bundle: Path) -> bytes:
    """Return the roots that this machine trusts: those that OpenSSL is set to use, else certifi's."""
    paths = ssl.get_default_verify_paths()
    named = [os.environ.get("SSL_CERT_FILE"), paths.cafile, paths.openssl_cafile, certifi.where()]
    for name in named:
        # A shell that is set to use the bundle must not make the bundle grow with every start.
        if name and Path(name).is_file() and Path(name).resolve() != own_bundle.resolve():
            return Path(name).read_bytes()
    return b""
