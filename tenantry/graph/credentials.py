"""Signing in, from the variables that the azuread provider reads and in its order; azure-identity does the work.

The order is certificate, secret, OIDC (a token, Azure Pipelines, GitHub Actions), managed identity, Azure CLI: the
first for which the environment says enough. The order in which to prefer them is another: docs/permissions.md.
"""

import base64
import binascii
import logging
import time
from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import httpx
from httpx_retries import retry_request
from pydantic import BaseModel, SecretStr, ValidationError

from tenantry.graph.clouds import Cloud
from tenantry.graph.errors import CredentialsError, GraphError, SignInError, UnreachableError
from tenantry.graph.transport import RETRY, client, proxy_for, reason

if TYPE_CHECKING:
    # What azure-identity brings along takes a fifth of a second to import, and most runs never sign in by it.
    from azure.core.credentials import AccessToken, TokenCredential
    from azure.core.exceptions import AzureError


class Method(StrEnum):
    """How an application proves who it is."""

    CERTIFICATE = "client certificate"
    SECRET = "client secret"  # noqa: S105
    OIDC_TOKEN = "OIDC token"  # noqa: S105
    OIDC_AZURE_PIPELINES = "OIDC, Azure Pipelines"
    OIDC_GITHUB = "OIDC, GitHub Actions"
    MANAGED_IDENTITY = "managed identity"
    AZURE_CLI = "Azure CLI"


@dataclass(frozen=True)
class SignIn:
    """Who signs in where, and how. Nothing secret is shown."""

    method: Method
    tenant_id: str | None
    client_id: str | None
    credential: "TokenCredential" = field(repr=False)
    anew: "Callable[[], SignIn] | None" = field(default=None, repr=False, compare=False)
    """Signs in with nothing kept of before, where that can be done."""

    @property
    def who(self) -> str:
        """The caller, as a message names it."""
        by = "the account of the Azure CLI" if self.method is Method.AZURE_CLI else "the managed identity"
        return f"the application {self.client_id}" if self.client_id else by


logging.getLogger("azure.identity").setLevel(logging.CRITICAL)
"""What it logs of a sign-in that fails is said in the error."""

_RENEWED_BEFORE: Final = 300
_WAYS: Final = "`tenantry docs permissions` lists the ways to sign in."
_AUDIENCE: Final = "api://AzureADTokenExchange"
_CERTIFICATE: Final = ("ARM_CLIENT_CERTIFICATE", "ARM_CLIENT_CERTIFICATE_PATH")
_REQUEST_URL: Final = ("ARM_OIDC_REQUEST_URL", "ACTIONS_ID_TOKEN_REQUEST_URL", "SYSTEM_OIDCREQUESTURI")
_REQUEST_TOKEN: Final = ("ARM_OIDC_REQUEST_TOKEN", "ACTIONS_ID_TOKEN_REQUEST_TOKEN", "SYSTEM_ACCESSTOKEN")
_CONNECTION: Final = ("ARM_ADO_PIPELINE_SERVICE_CONNECTION_ID", "ARM_OIDC_AZURE_SERVICE_CONNECTION_ID")


def sign_in(
    environment: Mapping[str, str], cloud: Cloud, *, token_transport: httpx.BaseTransport | None = None
) -> SignIn:
    """Choose how to sign in. Nothing is asked yet: a wrong secret shows with the first request.

    `token_transport` stands in for the network towards the issuer of OIDC tokens, in tests. Raises CredentialsError.
    """
    chosen = _Environment(environment, cloud, token_transport).sign_in()
    return replace(chosen, anew=lambda: sign_in(environment, cloud, token_transport=token_transport))


class _Environment:
    def __init__(
        self, variables: Mapping[str, str], cloud: Cloud, token_transport: httpx.BaseTransport | None = None
    ) -> None:
        self._variables, self._cloud, self._token_transport = variables, cloud, token_transport

    def sign_in(self) -> SignIn:
        tenant_id, client_id = self._get("ARM_TENANT_ID"), self._or_file("ARM_CLIENT_ID")
        method = self._method(complete=bool(tenant_id and client_id))
        if method is None:
            raise CredentialsError(self._what_is_missing(tenant_id, client_id))
        if method in (Method.MANAGED_IDENTITY, Method.AZURE_CLI):
            # The client id is that of an application, and the Azure CLI has its own.
            named = client_id if method is Method.MANAGED_IDENTITY else None
            return SignIn(method, tenant_id, named, self._without_a_secret(method, tenant_id, client_id))
        assert tenant_id  # noqa: S101 - with both of them alone is one of the others chosen
        assert client_id  # noqa: S101
        try:
            credential = self._credential(method, tenant_id, client_id)
        except CredentialsError:
            raise
        except (ValueError, TypeError, OSError) as error:
            # What a library says of a certificate may quote it.
            raise CredentialsError(f"The {method} cannot be used ({type(error).__name__}).") from None
        return SignIn(method, tenant_id, client_id, credential)

    def _method(self, *, complete: bool) -> Method | None:
        oidc = complete and self._flag("ARM_USE_OIDC")
        asked = self._get(*_REQUEST_URL) and self._get(*_REQUEST_TOKEN)
        chosen = {
            Method.CERTIFICATE: complete and self._get(*_CERTIFICATE),
            Method.SECRET: complete and self._or_file("ARM_CLIENT_SECRET"),
            Method.OIDC_TOKEN: oidc and self._get("ARM_OIDC_TOKEN", "ARM_OIDC_TOKEN_FILE_PATH"),
            Method.OIDC_AZURE_PIPELINES: oidc and asked and self._get(*_CONNECTION),
            Method.OIDC_GITHUB: oidc and asked,
            Method.MANAGED_IDENTITY: self._flag("ARM_USE_MSI"),
            Method.AZURE_CLI: self._flag("ARM_USE_CLI", default=True) and not self._names_another_way(),
        }
        return next((method for method, enough in chosen.items() if enough), None)

    def _names_another_way(self) -> bool:
        """Whether a credential is given that lacks its tenant or client: the CLI must not step in for it."""
        given = self._get(*_CERTIFICATE, "ARM_CLIENT_SECRET", "ARM_CLIENT_SECRET_FILE_PATH")
        return bool(given) or self._flag("ARM_USE_OIDC")

    def _credential(self, method: Method, tenant_id: str, client_id: str) -> "TokenCredential":
        from azure.identity import (
            AzurePipelinesCredential,
            CertificateCredential,
            ClientAssertionCredential,
            ClientSecretCredential,
        )

        options = self._options()
        match method:
            case Method.CERTIFICATE:
                password = self._get("ARM_CLIENT_CERTIFICATE_PASSWORD")
                return CertificateCredential(
                    tenant_id, client_id, certificate_data=self._certificate(), password=password, **options
                )
            case Method.SECRET:
                secret = self._or_file("ARM_CLIENT_SECRET") or ""
                return ClientSecretCredential(tenant_id, client_id, secret, **options)
            case Method.OIDC_AZURE_PIPELINES if self._get("SYSTEM_OIDCREQUESTURI"):
                return AzurePipelinesCredential(
                    tenant_id=tenant_id,
                    client_id=client_id,
                    service_connection_id=self._get(*_CONNECTION) or "",
                    system_access_token=self._get(*_REQUEST_TOKEN) or "",
                    **options,
                )
            case Method.OIDC_AZURE_PIPELINES:
                raise CredentialsError("SYSTEM_OIDCREQUESTURI is missing, which Azure Pipelines sets for its tasks.")
        return ClientAssertionCredential(tenant_id, client_id, self._assertion(method), **options)

    def _without_a_secret(self, method: Method, tenant_id: str | None, client_id: str | None) -> "TokenCredential":
        from azure.identity import AzureCliCredential, ManagedIdentityCredential

        if method is Method.MANAGED_IDENTITY:
            return ManagedIdentityCredential(client_id=client_id)
        return _Kept(AzureCliCredential(tenant_id=tenant_id or ""))

    def _options(self) -> dict[str, Any]:
        """Where azure-identity signs in, whom it trusts and by which proxy: the same as for Microsoft Graph."""
        proxy = proxy_for(httpx.URL(self._cloud.login).host, self._variables)
        return {
            "authority": self._cloud.login,
            "disable_instance_discovery": not self._cloud.known,
            "connection_verify": self._get("SSL_CERT_FILE", "SSL_CERT_DIR") or True,
            "proxies": {"https": proxy} if proxy else {},
            "use_env_settings": False,
        }

    def _certificate(self) -> bytes:
        inline, path = self._get("ARM_CLIENT_CERTIFICATE"), self._get("ARM_CLIENT_CERTIFICATE_PATH")
        if not inline:
            return self._read("ARM_CLIENT_CERTIFICATE_PATH", path or "")
        try:
            return base64.b64decode(inline, validate=True)
        except binascii.Error:
            raise CredentialsError(
                "ARM_CLIENT_CERTIFICATE is not base64: expected a PKCS#12 bundle in base64."
            ) from None

    def _assertion(self, method: Method) -> Callable[[], str]:
        """What gives the token of the workload, anew each time: such tokens last for minutes."""
        if method is Method.OIDC_GITHUB:
            return self._ask_for_a_token
        token, path = self._get("ARM_OIDC_TOKEN"), self._get("ARM_OIDC_TOKEN_FILE_PATH") or ""
        return lambda: token or self._read("ARM_OIDC_TOKEN_FILE_PATH", path).decode().strip()

    def _ask_for_a_token(self) -> str:
        address = self._get(*_REQUEST_URL) or ""
        if not address.startswith("https://"):
            raise SignInError("ARM_OIDC_REQUEST_URL does not begin with https://, and a token would be sent to it.")
        try:
            url = httpx.URL(address).copy_merge_params({"audience": _AUDIENCE})
            headers = {"Authorization": f"Bearer {self._get(*_REQUEST_TOKEN)}"}
            with client(f"https://{url.netloc.decode()}", self._variables, self._token_transport) as http:
                answer = retry_request(http, "GET", url, headers=headers, retry=RETRY)
            answer.raise_for_status()
            return _Issued.model_validate_json(answer.content).value.get_secret_value()
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise SignInError(f"No OIDC token was issued (ARM_OIDC_REQUEST_URL): {reason(error)}.") from None
        except ValidationError:
            raise SignInError("No OIDC token was issued (ARM_OIDC_REQUEST_URL): the answer has none.") from None

    def _what_is_missing(self, tenant_id: str | None, client_id: str | None) -> str:
        lacking = [name for name, value in (("ARM_TENANT_ID", tenant_id), ("ARM_CLIENT_ID", client_id)) if not value]
        if lacking:
            return f"To sign in, {' and '.join(lacking)} must be set. {_WAYS}"
        return (
            "To sign in, one of these must be set: ARM_USE_OIDC=true with a token or an address that issues one, "
            f"ARM_CLIENT_CERTIFICATE_PATH, ARM_CLIENT_SECRET, or ARM_USE_CLI=true. {_WAYS}"
        )

    def _get(self, *names: str) -> str | None:
        return next((value for name in names if (value := self._variables.get(name))), None)

    def _flag(self, name: str, *, default: bool = False) -> bool:
        given = self._get(name)
        return default if given is None else given.lower() in ("1", "t", "true")

    def _or_file(self, name: str) -> str | None:
        """A variable, or the content of the file that its sister names. Raises CredentialsError where they differ."""
        value, path = self._get(name), self._get(f"{name}_FILE_PATH")
        if not path:
            return value
        content = self._read(f"{name}_FILE_PATH", path).decode(errors="replace").strip()
        if value and value != content:
            raise CredentialsError(f"{name} and the file that {name}_FILE_PATH names differ: set one of them.")
        return content

    def _read(self, name: str, path: str) -> bytes:
        try:
            return Path(path).read_bytes()
        except OSError as error:
            raise CredentialsError(f"{name} is {path}, which cannot be read: {error.strerror}.") from None


class Bearer(httpx.Auth):
    """Puts the token into each request, and nowhere else.

    A token can end before its time: a request that is refused for that was not done, and goes out once more with a new
    one. Where that one is refused too, it is not the token.
    """

    def __init__(self, identity: SignIn, cloud: Cloud) -> None:
        self._identity, self._cloud = identity, cloud

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        """Send the request with a token."""
        self._sign(request)
        answer = yield request
        if answer.status_code == httpx.codes.UNAUTHORIZED and self._identity.anew is not None:
            self._identity = self._identity.anew()
            self._sign(request)
            yield request

    def _sign(self, request: httpx.Request) -> None:
        request.headers["Authorization"] = f"Bearer {token_of(self._identity, self._cloud)}"


def token_of(identity: SignIn, cloud: Cloud) -> str:
    """A token for Microsoft Graph; azure-identity keeps it, and gets another in time. Raises GraphError."""
    from azure.core.exceptions import AzureError, ClientAuthenticationError

    try:
        return identity.credential.get_token(cloud.scope).token
    except GraphError:
        raise
    except ClientAuthenticationError as error:
        raise SignInError(
            f"{identity.who[0].upper()}{identity.who[1:]} cannot sign in at {cloud.login} ({identity.method}): "
            f"{_first_sentence(error)} Fix: {_fix(identity.method)}."
        ) from None
    except AzureError as error:
        raise UnreachableError(f"{cloud.login} cannot be reached: {_first_sentence(error)}") from None


def _fix(method: Method) -> str:
    if method is Method.AZURE_CLI:
        return "run `az login`, or set ARM_TENANT_ID, ARM_CLIENT_ID and ARM_CLIENT_SECRET (`tenantry docs permissions`)"
    return f"renew or correct the {method} (`tenantry docs permissions`)"


def _first_sentence(error: "AzureError") -> str:
    """What azure-identity says, without the traces that are new each time."""
    line = next(iter(error.message.strip().splitlines()), "") or type(error).__name__
    return line.partition(" Trace ID:")[0].rstrip(".") + "."


class _Kept:
    """Keeps the token of a credential that keeps none: asking the Azure CLI takes about a second each time."""

    def __init__(self, credential: "TokenCredential") -> None:
        self._credential = credential
        self._token: AccessToken | None = None

    def get_token(self, *scopes: str, **options: Any) -> "AccessToken":
        """The token for the one scope that is ever asked for, until five minutes before it ends."""
        if self._token is None or self._token.expires_on - time.time() < _RENEWED_BEFORE:
            self._token = self._credential.get_token(*scopes, **options)
        return self._token


class _Issued(BaseModel):
    value: SecretStr
