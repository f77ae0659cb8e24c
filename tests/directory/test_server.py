"""The directory over TLS, in a process of its own, through the clients that people use."""

import json
import signal
import socket
import ssl
from pathlib import Path

import httpx
import pytest
from azure.core.exceptions import ClientAuthenticationError
from azure.identity import ClientSecretCredential

from tenantry.directory.enrolment import Enrolment
from tenantry.directory.server import AlreadyServedError, NotLoopbackError, PortTakenError, serve
from tenantry.directory.state import NotEnrolledError, State

from .samples import ADA, PASSWORD, UNITED_KINGDOM, UNITED_STATES, LiveDirectory, user_body


def credential(live: LiveDirectory, enrolment: Enrolment, client_secret: str = "") -> ClientSecretCredential:
    issued = live.credentials(enrolment)
    return ClientSecretCredential(
        enrolment.tenant_id,
        issued.client_id,
        client_secret or issued.client_secret,
        authority=live.url,
        disable_instance_discovery=True,
        connection_verify=str(live.bundle),
    )


def signed_in(live: LiveDirectory, enrolment: Enrolment = UNITED_STATES) -> httpx.Client:
    with credential(live, enrolment) as application:
        return live.client(application.get_token(f"{live.url}/.default").token)


@pytest.mark.parametrize("enrolment", [UNITED_STATES, UNITED_KINGDOM], ids=lambda enrolment: enrolment.country)
def test_azure_identity_signs_in_to_either_tenant(live: LiveDirectory, enrolment: Enrolment):
    with signed_in(live, enrolment) as client:
        (organization,) = client.get("/v1.0/organization").json()["value"]
        assert organization["id"] == enrolment.tenant_id
        listed = client.get("/beta/groups").json()["@odata.context"]
        assert listed.startswith(f"{live.url}/beta/$metadata")


def test_a_wrong_secret_is_refused_in_azure_identitys_words(live: LiveDirectory):
    with pytest.raises(ClientAuthenticationError, match="AADSTS7000215"):
        credential(live, UNITED_STATES, "wrong").get_token(f"{live.url}/.default")


def test_pages_are_followed_by_their_absolute_address(live: LiveDirectory):
    with signed_in(live) as client:
        first = client.get("/beta/groups?$top=3").json()
        second = client.get(first["@odata.nextLink"]).json()
        assert len(first["value"]) == 3
        assert len(second["value"]) >= 1


def test_a_client_that_does_not_know_the_authority_does_not_trust_it(live: LiveDirectory):
    with pytest.raises(httpx.ConnectError, match="certificate verify failed"):
        httpx.get(f"{live.url}/metadata/endpoints?api-version=2022-09-01", verify=ssl.create_default_context())


def test_the_bundle_holds_the_roots_of_the_system_too(live: LiveDirectory):
    bundle = live.bundle.read_text()
    assert (live.state_dir / "ca.pem").read_text() in bundle
    assert bundle.count("BEGIN CERTIFICATE") > 10


def test_the_address_is_announced(live: LiveDirectory):
    announced = json.loads((live.state_dir / "running.json").read_text())
    assert announced["url"] == f"https://{announced['metadata_host']}"
    assert set(announced) == {"pid", "url", "metadata_host", "started"}


@pytest.mark.parametrize("name", ["credentials.json", "ca-key.pem", "server.pem", "directory.sqlite"])
def test_what_is_secret_is_for_its_owner_alone(live: LiveDirectory, name: str):
    assert (live.state_dir / name).stat().st_mode & 0o077 == 0


def test_the_log_names_requests_and_no_secrets(live: LiveDirectory):
    client_secret = live.credentials().client_secret
    with signed_in(live) as client:
        client.get("/v1.0/users?$select=id&canary=in-the-query")
        client.get("/v1.0/users/line%0Abreak")
        created = client.post("/v1.0/users", json=user_body("canary"))
        assert created.status_code == 201
        bad = client.post("/v1.0/users", json=user_body("canary", passwordProfile={"password": "weakcanary"}))
        assert bad.status_code == 400
        form = {
            "grant_type": "password",
            "client_id": live.credentials().client_id,
            "username": "canary@contoso.example",
            "password": PASSWORD,
        }
        token = client.post(f"/{UNITED_STATES.tenant_id}/oauth2/v2.0/token", data=form).json()["access_token"]
    log = (live.state_dir / "requests.log").read_text()
    assert "GET /v1.0/users 200\n" in log
    assert "POST /v1.0/users 201\n" in log
    assert "GET /v1.0/users/line%0Abreak 404\n" in log
    for file in live.state_dir.iterdir():
        for secret in (PASSWORD, "weakcanary", "in-the-query", token):
            assert secret.encode() not in file.read_bytes(), file
        if file.name != "credentials.json":
            assert client_secret.encode() not in file.read_bytes(), file
    assert live.output() == ""


def test_a_second_start_keeps_the_tenant_the_secret_and_the_authority(state_dir: Path):
    with LiveDirectory(state_dir) as directory:
        client_secret = directory.credentials().client_secret
        authority = (state_dir / "ca.pem").read_bytes()
        with signed_in(directory) as client:
            bob = client.post("/v1.0/users", json=user_body("bob")).json()["id"]
        assert directory.stop(signal.SIGINT) == 0
        assert State(state_dir).running() is None
        assert not (state_dir / "running.json").exists()
    with LiveDirectory(state_dir) as directory:
        assert directory.credentials().client_secret == client_secret
        assert (state_dir / "ca.pem").read_bytes() == authority
        with signed_in(directory) as client:
            assert client.get(f"/v1.0/users/{bob}").json()["displayName"] == "Bob"
        assert directory.stop(signal.SIGTERM) == 0
        assert State(state_dir).running() is None


def test_a_killed_directory_is_not_taken_for_a_running_one(state_dir: Path):
    with LiveDirectory(state_dir) as directory:
        directory.stop(signal.SIGKILL)
        assert (state_dir / "running.json").exists()
        assert State(state_dir).running() is None


@pytest.mark.parametrize("host", ["0.0.0.0", "192.0.2.1", "::", "example.com", ""])
def test_it_answers_on_no_address_that_others_reach(live: LiveDirectory, state_dir: Path, host: str):
    # On a port that is taken, so that a directory which does not refuse still does not serve.
    port = int(live.running.metadata_host.rpartition(":")[2])
    with pytest.raises(NotLoopbackError, match=r"use 127\.0\.0\.1"):
        serve(state_dir, [], host=host, port=port)
    assert not state_dir.exists()


def test_a_taken_port_is_named(state_dir: Path):
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        with pytest.raises(PortTakenError, match=f"127.0.0.1:{port}"):
            serve(state_dir, [], port=port)
    assert not state_dir.exists()


def test_a_folder_is_served_once(live: LiveDirectory):
    port = int(live.running.metadata_host.rpartition(":")[2])
    with pytest.raises(AlreadyServedError, match=live.url):
        serve(live.state_dir, [], port=port)
    assert live.running.url == live.url


def test_credentials_do_not_show_their_secret(live: LiveDirectory):
    issued = State(live.state_dir).credentials(UNITED_STATES.tenant_id.upper())
    assert issued.client_secret not in repr(issued)
    with pytest.raises(NotEnrolledError, match="has no tenant"):
        State(live.state_dir).credentials(ADA.object_id)


def test_a_lost_secret_is_replaced_at_the_next_start(state_dir: Path):
    with LiveDirectory(state_dir):
        State(state_dir).folder.joinpath("credentials.json").unlink()
    with LiveDirectory(state_dir) as directory, signed_in(directory) as client:
        assert client.get("/v1.0/domains").status_code == 200
