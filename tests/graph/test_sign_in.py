"""Signing in for real: each way against the embedded directory, by the variables of the environment alone."""

import base64
import json
import os
import selectors
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, ClassVar

import jwt
import pytest
import trustme
import uvicorn
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding, NoEncryption, pkcs12
from cryptography.x509.oid import NameOID

from tenantry.directory.app import create_app
from tenantry.directory.enrolment import deployment_client_id
from tenantry.directory.onboarding import enrol
from tenantry.directory.state import State
from tenantry.directory.store import Store
from tenantry.graph.client import GraphReader
from tenantry.graph.errors import CredentialsError, SignInError, UnreachableError
from tenantry.graph.permissions import Reading
from tests.directory.samples import CLIENT_SECRET, UNITED_STATES, LiveDirectory

PASSWORD = "canary-of-the-bundle"
ORGANIZATION_READ_ALL = "498476ce-e0fe-48b0-b801-37ba7e2685c6"


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveDirectory]:
    with LiveDirectory(tmp_path_factory.mktemp("live") / "state") as directory:
        yield directory


class Pipeline:
    """An application that holds no secret: it has a key, and the directory the certificate of it."""

    def __init__(self, live: LiveDirectory) -> None:
        self.live = live
        self.key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        self.certificate = _self_signed(self.key)
        encoded = base64.b64encode(self.certificate.public_bytes(Encoding.DER)).decode()
        with live.client(live.deploying_token()) as graph:
            credential = {"type": "AsymmetricX509Cert", "usage": "Verify", "key": encoded}
            body = {"displayName": "Pipeline", "keyCredentials": [credential]}
            self.client_id = graph.post("/v1.0/applications", json=body).json()["appId"]
            principal = graph.post("/v1.0/servicePrincipals", json={"appId": self.client_id}).json()["id"]
            where = "/v1.0/servicePrincipals?$filter=appId eq '00000003-0000-0000-c000-000000000000'"
            (microsoft_graph,) = graph.get(where).json()["value"]
            grant = {
                "principalId": principal,
                "resourceId": microsoft_graph["id"],
                "appRoleId": ORGANIZATION_READ_ALL,
            }
            where = f"/v1.0/servicePrincipals/{microsoft_graph['id']}/appRoleAssignedTo"
            graph.post(where, json=grant).raise_for_status()
        self.principal = principal

    def bundle(self, password: str | None = None) -> bytes:
        """Key and certificate as PKCS#12."""
        how = BestAvailableEncryption(password.encode()) if password else NoEncryption()
        return pkcs12.serialize_key_and_certificates(b"pipeline", self.key, self.certificate, None, how)

    def workload_token(self, **claims: Any) -> str:
        """What an issuer of workload tokens would hand out, signed with the key that the directory trusts."""
        now = datetime.now(UTC)
        thumbprint = base64.urlsafe_b64encode(self.certificate.fingerprint(hashes.SHA256())).rstrip(b"=").decode()
        message = {
            "iss": self.client_id,
            "sub": self.client_id,
            "aud": f"{self.live.url}/{UNITED_STATES.tenant_id}/v2.0",
            "iat": now,
            "exp": now + timedelta(minutes=5),
            **claims,
        }
        return jwt.encode(message, self.key, "RS256", {"x5t#S256": thumbprint})


def _self_signed(key: rsa.RSAPrivateKey) -> x509.Certificate:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "pipeline")])
    today = datetime.now(UTC)
    unsigned = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    dated = unsigned.not_valid_before(today - timedelta(days=1)).not_valid_after(today + timedelta(days=1))
    return dated.serial_number(x509.random_serial_number()).sign(key, hashes.SHA256())


@pytest.fixture(scope="module")
def pipeline(live: LiveDirectory) -> Pipeline:
    return Pipeline(live)


def environment(live: LiveDirectory, client_id: str | None, **more: str) -> dict[str, str]:
    """The variables that all ways share, and some more."""
    return {
        "ARM_TENANT_ID": UNITED_STATES.tenant_id,
        **({"ARM_CLIENT_ID": client_id} if client_id else {}),
        "ARM_METADATA_HOSTNAME": live.running.metadata_host,
        "SSL_CERT_FILE": str(live.bundle),
        **more,
    }


def signed_in_as(variables: dict[str, str]) -> str | None:
    """Who reads, once something was read."""
    with GraphReader.from_environment(variables) as graph:
        assert graph.organization().id == UNITED_STATES.tenant_id
        return graph.caller().object_id


# Client certificate


@pytest.mark.parametrize("password", [None, PASSWORD])
@pytest.mark.parametrize("inline", [False, True])
def test_a_client_certificate_signs_in(pipeline: Pipeline, tmp_path: Path, password: str | None, inline: bool) -> None:
    bundle = pipeline.bundle(password)
    (tmp_path / "pipeline.pfx").write_bytes(bundle)
    certificate = {"ARM_CLIENT_CERTIFICATE_PATH": str(tmp_path / "pipeline.pfx")}
    if inline:
        certificate = {"ARM_CLIENT_CERTIFICATE": base64.b64encode(bundle).decode()}
    if password:
        certificate["ARM_CLIENT_CERTIFICATE_PASSWORD"] = password
    assert signed_in_as(environment(pipeline.live, pipeline.client_id, **certificate)) == pipeline.principal


def test_a_certificate_that_the_directory_does_not_know_is_refused_and_not_shown(
    pipeline: Pipeline, tmp_path: Path
) -> None:
    other = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    bundle = pkcs12.serialize_key_and_certificates(b"x", other, _self_signed(other), None, NoEncryption())
    (tmp_path / "other.pfx").write_bytes(bundle)
    variables = environment(pipeline.live, pipeline.client_id, ARM_CLIENT_CERTIFICATE_PATH=str(tmp_path / "other.pfx"))
    with pytest.raises(SignInError, match=r"\(client certificate\): .*AADSTS700027"):
        signed_in_as(variables)


def test_a_bundle_under_another_password_is_refused_without_a_word_of_it(pipeline: Pipeline, tmp_path: Path) -> None:
    (tmp_path / "pipeline.pfx").write_bytes(pipeline.bundle(PASSWORD))
    variables = environment(
        pipeline.live,
        pipeline.client_id,
        ARM_CLIENT_CERTIFICATE_PATH=str(tmp_path / "pipeline.pfx"),
        ARM_CLIENT_CERTIFICATE_PASSWORD="canary-wrong",
    )
    with pytest.raises(CredentialsError) as refused:
        signed_in_as(variables)
    assert "The client certificate cannot be used" in str(refused.value)
    assert "canary" not in str(refused.value)


# OIDC: a token of the workload in place of a secret


def test_a_workload_token_signs_in_from_a_variable_and_from_a_file(pipeline: Pipeline, tmp_path: Path) -> None:
    token = pipeline.workload_token()
    (tmp_path / "token").write_text(f"{token}\n")
    for given in ({"ARM_OIDC_TOKEN": token}, {"ARM_OIDC_TOKEN_FILE_PATH": str(tmp_path / "token")}):
        variables = environment(pipeline.live, pipeline.client_id, ARM_USE_OIDC="true", **given)
        assert signed_in_as(variables) == pipeline.principal


def test_a_token_file_that_was_renewed_is_read_anew(pipeline: Pipeline, tmp_path: Path) -> None:
    file = tmp_path / "token"
    file.write_text(pipeline.workload_token(exp=datetime.now(UTC) - timedelta(minutes=5)))
    variables = environment(pipeline.live, pipeline.client_id, ARM_USE_OIDC="true", ARM_OIDC_TOKEN_FILE_PATH=str(file))
    with GraphReader.from_environment(variables) as graph:
        with pytest.raises(SignInError, match=r"\(OIDC token\): .*AADSTS700027"):
            graph.organization()
        file.write_text(pipeline.workload_token())
        assert graph.organization().id == UNITED_STATES.tenant_id


class _Issuer(BaseHTTPRequestHandler):
    """What GitHub's runner asks for a token of the workload."""

    pipeline: ClassVar[Pipeline]
    asked: ClassVar[list[tuple[str, str | None]]]

    def do_GET(self) -> None:
        self.asked.append((self.path, self.headers["Authorization"]))
        answer = json.dumps({"value": self.pipeline.workload_token()}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def served(handler: type[BaseHTTPRequestHandler], certificate: trustme.LeafCert | None = None) -> Iterator[int]:
    """A server on this machine; its port."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    if certificate:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        certificate.configure_cert(context)
        server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def test_the_runner_is_asked_for_a_token_of_the_workload(pipeline: Pipeline, tmp_path: Path) -> None:
    authority = trustme.CA()
    both = tmp_path / "both.pem"
    both.write_bytes(pipeline.live.bundle.read_bytes() + authority.cert_pem.bytes())
    handler: Any = type("Issuer", (_Issuer,), {"pipeline": pipeline, "asked": []})
    with served(handler, authority.issue_cert("127.0.0.1")) as port:
        variables = environment(
            pipeline.live,
            pipeline.client_id,
            ARM_USE_OIDC="true",
            ACTIONS_ID_TOKEN_REQUEST_URL=f"https://127.0.0.1:{port}/token?version=2",
            ACTIONS_ID_TOKEN_REQUEST_TOKEN="of-the-runner",
            SSL_CERT_FILE=str(both),
        )
        assert signed_in_as(variables) == pipeline.principal
    assert handler.asked == [
        ("/token?version=2&audience=api%3A%2F%2FAzureADTokenExchange", "Bearer of-the-runner"),
    ]


# Azure CLI


class AzureCli:
    """An `az` on PATH that somebody has signed in with."""

    def __init__(self, folder: Path, token: str) -> None:
        self._calls = folder / "calls"
        answer = json.dumps({"accessToken": token, "expires_on": int(datetime.now(UTC).timestamp()) + 3000})
        (folder / "answer").write_text(answer)
        az = folder / "az"
        az.write_text(f'#!/bin/sh\necho "$@" >> "{self._calls}"\ncat "{folder}/answer"\n')
        az.chmod(0o755)

    @property
    def calls(self) -> list[str]:
        return self._calls.read_text().splitlines() if self._calls.exists() else []


@pytest.fixture
def az(live: LiveDirectory, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AzureCli:
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}/usr/bin{os.pathsep}/bin")
    return AzureCli(tmp_path, live.deploying_token())


def test_the_azure_cli_is_asked_where_nothing_else_is_given_once_for_all_that_is_read(
    live: LiveDirectory, az: AzureCli
) -> None:
    with GraphReader.from_environment(environment(live, None)) as graph:
        assert graph.organization().id == UNITED_STATES.tenant_id
        assert list(graph.domains())
        assert len(graph.requests) == 2
    (call,) = az.calls
    assert call.startswith("account get-access-token --output json --resource ")
    assert call.endswith(f" --resource {live.url} --tenant {UNITED_STATES.tenant_id}")


def test_whatever_else_is_given_comes_before_the_azure_cli(pipeline: Pipeline, az: AzureCli, tmp_path: Path) -> None:
    live, credentials = pipeline.live, pipeline.live.credentials()
    (tmp_path / "pipeline.pfx").write_bytes(pipeline.bundle())
    certificate = {"ARM_CLIENT_CERTIFICATE_PATH": str(tmp_path / "pipeline.pfx")}
    oidc = {"ARM_USE_OIDC": "true", "ARM_OIDC_TOKEN": pipeline.workload_token()}
    # Before a secret, which is wrong here and would show; a secret before OIDC; each before the CLI.
    wrong = {"ARM_CLIENT_SECRET": "wrong"}
    assert signed_in_as(environment(live, pipeline.client_id, **certificate, **wrong, **oidc)) == pipeline.principal
    with pytest.raises(SignInError, match=r"\(client secret\)"):
        signed_in_as(environment(live, pipeline.client_id, **wrong, **oidc))
    assert signed_in_as(environment(live, pipeline.client_id, **oidc)) == pipeline.principal
    assert signed_in_as(environment(live, credentials.client_id, ARM_CLIENT_SECRET=credentials.client_secret))
    assert az.calls == []


@pytest.mark.parametrize("begun", [{"ARM_USE_CLI": "false"}, {"ARM_CLIENT_SECRET": "s"}, {"ARM_USE_OIDC": "true"}])
def test_the_azure_cli_does_not_step_in_for_a_sign_in_that_was_begun_or_where_it_is_switched_off(
    live: LiveDirectory, az: AzureCli, begun: dict[str, str]
) -> None:
    with pytest.raises(CredentialsError, match="To sign in, "):
        GraphReader.from_environment(environment(live, None, **begun))
    assert az.calls == []


def test_an_azure_cli_that_is_not_there_or_knows_nobody_is_reported(
    live: LiveDirectory, az: AzureCli, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "az").write_text("#!/bin/sh\necho \"ERROR: Please run 'az login' to setup account.\" >&2\nexit 1\n")
    with pytest.raises(SignInError, match=r"The account of the Azure CLI cannot sign in .*az login"):
        signed_in_as(environment(live, None))
    (tmp_path / "az").unlink()
    with pytest.raises(
        SignInError, match=r"The account of the Azure CLI cannot sign in .*Azure CLI not found.* Fix: run `az login`"
    ):
        signed_in_as(environment(live, None))
    assert [one.name for one in caplog.records if one.name.startswith("azure.identity")] == []


# Throttling


@contextmanager
def faults(live: LiveDirectory, *faults: dict[str, Any]) -> Iterator[None]:
    with live.client(State(live.state_dir).control_secret()) as http:
        http.put("/_control/faults", json={"faults": faults}).raise_for_status()
        try:
            yield
        finally:
            http.delete("/_control/faults").raise_for_status()


def test_the_directorys_own_retry_after_is_waited_for(live: LiveDirectory, monkeypatch: pytest.MonkeyPatch) -> None:
    waits: list[float] = []
    monkeypatch.setattr("httpx_retries.retry.time.sleep", waits.append)
    credentials = live.credentials()
    variables = environment(live, credentials.client_id, ARM_CLIENT_SECRET=credentials.client_secret)
    throttled = {"kind": "too_many_requests", "requests": 0, "seconds": 600.0, "retry_after": 7, "count": 2}
    with faults(live, throttled), GraphReader.from_environment(variables) as graph:
        assert graph.organization().id == UNITED_STATES.tenant_id
        assert waits == [7.0, 7.0]
        assert graph.requests == {Reading.ORGANIZATION: 3}, "each try counts"


# A proxy


class _Proxy(BaseHTTPRequestHandler):
    """Takes CONNECT, and leads everything to one port of this machine, wherever it was meant to go."""

    port: ClassVar[int]
    connected: ClassVar[list[str]]

    def do_CONNECT(self) -> None:
        self.close_connection = True
        self.connected.append(self.path)
        self.send_response(200, "Connection established")
        self.end_headers()
        with socket.create_connection(("127.0.0.1", self.port)) as existing, selectors.DefaultSelector() as either:
            pair = {self.connection: existing, existing: self.connection}
            for end in pair:
                either.register(end, selectors.EVENT_READ)
            while True:
                for ready, _ in either.select():
                    this: Any = ready.fileobj
                    content = this.recv(65536)
                    if not content:
                        return
                    pair[this].sendall(content)

    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def elsewhere(bundle: Path) -> Iterator[int]:
    """The directory as `directory.example`, a name that nobody but the proxy can reach; the port that it has here."""
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(bundle))
    store = Store()
    enrol(store, UNITED_STATES, CLIENT_SECRET)
    with authority.issue_cert("directory.example").private_key_and_cert_chain_pem.tempfile() as certificate:
        listener = socket.create_server(("127.0.0.1", 0))
        server = uvicorn.Server(
            uvicorn.Config(create_app(store), ssl_certfile=certificate, lifespan="off", log_level="critical")
        )
        thread = threading.Thread(target=server.run, args=([listener],))
        thread.start()
        try:
            yield int(listener.getsockname()[1])
        finally:
            server.should_exit = True
            thread.join()
            listener.close()
    store.close()


def test_everything_goes_through_the_proxy_that_the_environment_names(tmp_path: Path) -> None:
    bundle = tmp_path / "bundle.pem"
    variables = {
        "ARM_TENANT_ID": UNITED_STATES.tenant_id,
        "ARM_CLIENT_ID": deployment_client_id(UNITED_STATES.tenant_id),
        "ARM_CLIENT_SECRET": CLIENT_SECRET,
        "ARM_METADATA_HOSTNAME": "directory.example",
        "SSL_CERT_FILE": str(bundle),
    }
    with elsewhere(bundle) as port:
        handler: Any = type("Proxy", (_Proxy,), {"port": port, "connected": []})
        with served(handler) as proxy:
            variables["HTTPS_PROXY"] = f"http://127.0.0.1:{proxy}"
            assert signed_in_as(variables)
            # The metadata, the sign-in and Microsoft Graph, each by a client of its own.
            assert handler.connected == ["directory.example:443"] * 3
            with pytest.raises(UnreachableError, match=r"directory\.example"):
                signed_in_as({**variables, "NO_PROXY": "example"})
            assert len(handler.connected) == 3
