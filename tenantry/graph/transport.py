"""How Microsoft Graph is asked: over verified TLS, through the proxy that the environment names, to read unless said.

httpx speaks HTTP and httpx-retries repeats what failed; what is here only puts them together.
"""

import ssl
from collections import Counter
from collections.abc import Mapping
from functools import lru_cache
from typing import Final
from urllib.request import proxy_bypass_environment  # type: ignore[attr-defined]

import httpx
from httpx_retries import Retry
from pydantic import BaseModel, ValidationError

from tenantry.graph.errors import CredentialsError
from tenantry.graph.permissions import Reading

RETRY: Final = Retry(
    total=6,
    allowed_methods=["GET"],
    status_forcelist=[429, 500, 502, 503, 504],
    # A failed connection is not tried again: an untrusted certificate or a wrong name does not fix itself.
    retry_on_exceptions=[httpx.TimeoutException, httpx.ReadError, httpx.WriteError, httpx.RemoteProtocolError],
    backoff_factor=0.5,
    max_backoff_wait=120,
    total_timeout=300,
)
"""Seven tries, with the wait that `Retry-After` asks for, else a growing one; five minutes of waiting at most."""
RETRY_OF_WRITES: Final = RETRY.copy_with(
    allowed_methods=["POST", "PATCH", "DELETE"],
    status_forcelist=[httpx.codes.TOO_MANY_REQUESTS],
    retry_on_exceptions=[],
)
"""The same for what writes, and only after 429, which was not done. After anything else: look, then write again."""

_TIMEOUT: Final = httpx.Timeout(30)
_LOOPBACK: Final = ("localhost", "127.0.0.1", "::1")
READING: Final = "tenantry.reading"
"""The name in a request's extensions of what it reads."""


class ReadOnlyTransport(httpx.BaseTransport):
    """Lets GET through and nothing else, and counts what it sends, each try by itself."""

    def __init__(self, inner: httpx.BaseTransport, counts: Counter[Reading] | None = None) -> None:
        self._inner = inner
        self._counts = counts

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send a request that reads."""
        if request.method != "GET":
            raise PermissionError(f"{request.method}: this client only reads.")
        if self._counts is not None and READING in request.extensions:
            self._counts[request.extensions[READING]] += 1
        return self._inner.handle_request(request)

    def close(self) -> None:
        """Let go of the connections."""
        self._inner.close()


def client(
    base: str,
    environment: Mapping[str, str],
    transport: httpx.BaseTransport | None = None,
    *,
    auth: httpx.Auth | None = None,
    counts: Counter[Reading] | None = None,
    writes: bool = False,
) -> httpx.Client:
    """A client for one address, which only reads unless it `writes`.

    It follows no redirect, which could take the token elsewhere. `transport` stands in for the network, in tests.
    """
    inner = transport or _network(base, environment)
    # Nothing of the process's own environment (.netrc, other proxies) is mixed in.
    return httpx.Client(
        base_url=base,
        transport=inner if writes else ReadOnlyTransport(inner, counts),
        auth=auth,
        timeout=_TIMEOUT,
        headers={"Accept": "application/json", "User-Agent": "tenantry"},
        follow_redirects=False,
        trust_env=False,
    )


def _network(base: str, environment: Mapping[str, str]) -> httpx.BaseTransport:
    try:
        url = httpx.URL(base)
        return httpx.HTTPTransport(verify=trust(environment), proxy=proxy_for(url.host, environment))
    except (ValueError, ImportError, httpx.InvalidURL):
        raise CredentialsError(f"{base} is not reached through HTTPS_PROXY: its address is not understood.") from None


def trust(environment: Mapping[str, str]) -> ssl.SSLContext:
    """Whom TLS believes: `SSL_CERT_FILE` or `SSL_CERT_DIR` where the environment names one, else httpx's own list."""
    file, folder = environment.get("SSL_CERT_FILE"), environment.get("SSL_CERT_DIR")
    try:
        return _believing(file or None, folder if not file else None)
    except (OSError, ssl.SSLError):
        name = "SSL_CERT_FILE" if file else "SSL_CERT_DIR"
        raise CredentialsError(f"{name} is {file or folder}, where no certificates can be read.") from None


# Reading a list of certificates takes longer than a request, and the clients of a process believe the same one.
@lru_cache
def _believing(file: str | None, folder: str | None) -> ssl.SSLContext:
    if not file and not folder:
        return httpx.create_ssl_context(trust_env=False)
    return ssl.create_default_context(cafile=file, capath=folder)


def proxy_for(host: str, environment: Mapping[str, str]) -> str | None:
    """The proxy for HTTPS to a host: `HTTPS_PROXY`, unless `NO_PROXY` names the host; this machine goes without."""
    given = {name.lower(): value for name, value in environment.items() if value}
    proxies = {"no": given.get("no_proxy", "")}
    if host in _LOOPBACK or (proxies["no"] and proxy_bypass_environment(host, proxies)):
        return None
    return given.get("https_proxy") or given.get("all_proxy")


class _Error(BaseModel):
    code: str = "no code"


class _ErrorAnswer(BaseModel):
    error: _Error = _Error()


def code_of(answer: httpx.Response) -> str:
    """The code of a refusal. The rest of it may hold what was sent."""
    try:
        return _ErrorAnswer.model_validate_json(answer.content).error.code
    except ValidationError:
        return "no code"


def reason(error: Exception) -> str:
    """Why a request failed, in one line. It never holds anything of a request's headers."""
    if isinstance(error, httpx.HTTPStatusError):
        return f"it answers {error.response.status_code}"
    if isinstance(error, httpx.TimeoutException):
        return "it does not answer in time"
    return next(iter(str(error).strip().rstrip(".").splitlines()), "") or type(error).__name__
