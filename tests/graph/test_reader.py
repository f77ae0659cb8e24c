"""The reader of Microsoft Graph: what it reads of the embedded directory, and what it never does."""

import inspect
import logging
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest
from azure.core.credentials import AccessToken
from httpx_retries import Retry

from tenantry.graph.client import GraphReader
from tenantry.graph.clouds import Cloud, cloud_of
from tenantry.graph.credentials import Method, SignIn, sign_in
from tenantry.graph.errors import Cause, CredentialsError, NotReadableError, SignInError, UnreachableError
from tenantry.graph.models import MemberKind
from tenantry.graph.permissions import READINGS, WRITINGS, Reading
from tenantry.graph.transport import ReadOnlyTransport, proxy_for
from tests.directory.samples import ADA, GLOBAL_ADMINISTRATOR, REQUIRED, UNITED_STATES, LiveDirectory

CANARY = "canary-token-6f1f"
GRAPH = "https://graph.example"


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveDirectory]:
    with LiveDirectory(tmp_path_factory.mktemp("live") / "state") as directory:
        yield directory


def environment(live: LiveDirectory, **changes: str) -> dict[str, str]:
    credentials = live.credentials()
    return {
        "ARM_TENANT_ID": UNITED_STATES.tenant_id,
        "ARM_CLIENT_ID": credentials.client_id,
        "ARM_CLIENT_SECRET": credentials.client_secret,
        "ARM_METADATA_HOSTNAME": live.running.metadata_host,
        "SSL_CERT_FILE": str(live.bundle),
        **changes,
    }


class Canary:
    def get_token(self, *scopes: str, **_: object) -> AccessToken:
        return AccessToken(CANARY, 2**31)


def reader(answer: Callable[[httpx.Request], httpx.Response]) -> GraphReader:
    who = SignIn(Method.SECRET, "tenant", "client", Canary())
    cloud = Cloud("https://login.example", GRAPH)
    return GraphReader(cloud, who, {}, transport=httpx.MockTransport(answer), retry=Retry(total=2, backoff_factor=0))


def test_it_reads_every_part_of_the_embedded_directory(live: LiveDirectory) -> None:
    # A proxy that is not there: this machine is reached without one.
    with GraphReader.from_environment(environment(live, HTTPS_PROXY="http://127.0.0.1:9")) as graph:
        organization = graph.organization()
        assert (organization.country_letter_code, organization.initial_domain) == ("US", UNITED_STATES.initial_domain)
        assert {domain.id for domain in graph.domains()} == set(UNITED_STATES.verified_domains)
        assert ADA.object_id in {user.id for user in graph.users()}
        found = graph.user(ADA.upn)
        assert found is not None
        assert (found.id, found.account_enabled, found.is_guest) == (ADA.object_id, True, False)
        assert graph.user("nobody@contoso.example") is None
        (group,) = graph.groups_named(["adminagents", "Admin Agents"])
        (member,) = graph.members(group.id)
        assert (member.id, member.kind, member.user_principal_name) == (ADA.object_id, MemberKind.USER, ADA.upn)
        (assignment,) = graph.role_assignments()
        assert (assignment.principal_id, assignment.role_definition_id) == (ADA.object_id, GLOBAL_ADMINISTRATOR)
        assert [*graph.role_eligibilities(), *graph.consent_grants(), *graph.deleted_users()] == []
        own = graph.service_principal(live.credentials().client_id)
        assert own is not None
        assert (graph.caller().object_id, graph.caller().tenant_id) == (own.id, UNITED_STATES.tenant_id)
        assert graph.requests[Reading.USERS] == 3


def test_a_wrong_secret_is_a_sentence_without_it(live: LiveDirectory) -> None:
    with (
        GraphReader.from_environment(environment(live, ARM_CLIENT_SECRET=CANARY)) as graph,
        pytest.raises(SignInError, match="AADSTS7000215") as refused,
    ):
        graph.organization()
    assert CANARY not in str(refused.value)


def test_an_authority_that_is_not_trusted_is_not_believed(live: LiveDirectory) -> None:
    variables = environment(live)
    del variables["SSL_CERT_FILE"]
    with pytest.raises(UnreachableError, match="certificate"):
        cloud_of(variables)


def test_it_waits_as_it_is_asked_to_and_counts_each_try() -> None:
    answers = [httpx.Response(429, headers={"Retry-After": "0"}), httpx.Response(200, json={"value": []})]
    with reader(lambda _: answers.pop(0)) as graph:
        assert list(graph.domains()) == []
        assert graph.requests == {Reading.DOMAINS: 2}


def test_a_page_that_fails_is_no_end_of_the_list() -> None:
    first = {"value": [], "@odata.nextLink": f"{GRAPH}/v1.0/domains?$skiptoken=2"}

    def answer(request: httpx.Request) -> httpx.Response:
        return httpx.Response(503) if "skiptoken" in str(request.url) else httpx.Response(200, json=first)

    with reader(answer) as graph, pytest.raises(UnreachableError, match="503"):
        list(graph.domains())


@pytest.mark.parametrize("link", ["https://evil.example/v1.0", "http://graph.example/v1.0", "/v1.0", f"{GRAPH}:8/"])
def test_the_token_does_not_follow_a_next_page_to_another_address(link: str) -> None:
    asked: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request.url.host)
        return httpx.Response(200, json={"value": [], "@odata.nextLink": link})

    with reader(answer) as graph, pytest.raises(NotReadableError, match="next page"):
        list(graph.domains())
    assert asked == ["graph.example"]


@pytest.mark.parametrize("status", [200, 302, 400, 401, 403, 429, 500])
def test_the_token_is_in_no_message_log_or_repr(status: int, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    with reader(lambda _: httpx.Response(status, json={"value": CANARY})) as graph:
        with pytest.raises(Exception) as refused:
            list(graph.domains())
        shown = f"{refused.value!r} {refused.value} {refused.value.__cause__} {graph!r} {graph.__dict__} {caplog.text}"
    assert CANARY not in shown


def test_a_refusal_names_the_permission() -> None:
    denied = httpx.Response(403, json={"error": {"code": "Denied"}})
    message = r"application client .*RoleManagement\.Read\.Directory is missing"
    with reader(lambda _: denied) as graph, pytest.raises(NotReadableError, match=message) as refused:
        list(graph.role_assignments())
    assert (refused.value.cause, refused.value.exit_code) == (Cause.PERMISSION, 3)


def test_no_method_writes_and_nothing_but_get_is_let_through() -> None:
    words = ("create", "add", "post", "put", "patch", "delete", "remove", "update", "set", "send", "request", "write")
    public = [name for name, _ in inspect.getmembers(GraphReader) if not name.startswith("_")]
    assert [name for name in public if name.startswith(words) and name not in ("deleted_users", "requests")] == []
    sent: list[httpx.Request] = []
    guard = ReadOnlyTransport(httpx.MockTransport(lambda r: sent.append(r) or httpx.Response(200)))
    for method in ("POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"):
        with pytest.raises(PermissionError):
            guard.handle_request(httpx.Request(method, GRAPH))
    assert sent == []


def test_each_permission_of_the_table_suffices_for_each_of_its_requests() -> None:
    for need in (*READINGS.values(), *WRITINGS):
        for request in need.requests:
            assert REQUIRED[request].any_of & set(need.permissions), request
    assert set(READINGS) == set(Reading)
    assert {method for need in READINGS.values() for method, _ in need.requests} == {"GET"}


ID = {"ARM_TENANT_ID": UNITED_STATES.tenant_id, "ARM_CLIENT_ID": ADA.object_id}
OIDC = {**ID, "ARM_USE_OIDC": "true"}


@pytest.mark.parametrize(
    ("variables", "method"),
    [
        ({**ID, "ARM_CLIENT_SECRET": "s", **OIDC, "ARM_OIDC_TOKEN": "t"}, Method.SECRET),
        ({**OIDC, "ARM_OIDC_TOKEN": "t"}, Method.OIDC_TOKEN),
        ({**OIDC, "ARM_OIDC_REQUEST_URL": "https://x", "ARM_OIDC_REQUEST_TOKEN": "t"}, Method.OIDC_GITHUB),
        ({}, Method.AZURE_CLI),
    ],
)
def test_the_way_to_sign_in_is_the_first_that_the_provider_would_take(
    variables: dict[str, str], method: Method
) -> None:
    assert sign_in(variables, Cloud("https://login.example", GRAPH)).method is method


@pytest.mark.parametrize("variables", [{"ARM_USE_CLI": "false"}, {"ARM_CLIENT_SECRET": "s"}, OIDC])
def test_too_little_to_sign_in_is_reported_and_the_cli_does_not_step_in(variables: dict[str, str]) -> None:
    with pytest.raises(CredentialsError, match="To sign in") as refused:
        sign_in(variables, Cloud("https://login.example", GRAPH))
    assert refused.value.exit_code == 2


def test_a_secret_in_a_file_is_taken_and_one_that_differs_refused(tmp_path: Path) -> None:
    file = tmp_path / "secret"
    file.write_text("s\n")
    cloud = Cloud("https://login.example", GRAPH)
    given = {**ID, "ARM_CLIENT_SECRET_FILE_PATH": str(file)}
    assert sign_in(given, cloud).method is Method.SECRET
    with pytest.raises(CredentialsError, match="differ"):
        sign_in({**given, "ARM_CLIENT_SECRET": "other"}, cloud)


@pytest.mark.parametrize(
    ("name", "graph"),
    [
        ("public", "https://graph.microsoft.com"),
        ("usgovernment", "https://graph.microsoft.us"),
        ("dod", "https://dod-graph.microsoft.us"),
        ("china", "https://microsoftgraph.chinacloudapi.cn"),
    ],
)
def test_national_clouds_are_honoured(name: str, graph: str) -> None:
    assert cloud_of({"ARM_ENVIRONMENT": name}).graph == graph


def test_an_unknown_cloud_is_refused_with_the_known_ones() -> None:
    with pytest.raises(CredentialsError, match="china, dod"):
        cloud_of({"ARM_ENVIRONMENT": "moon"})


def test_the_proxy_of_the_environment_is_taken_but_where_no_proxy_says_otherwise() -> None:
    variables = {"HTTPS_PROXY": "http://proxy:1", "NO_PROXY": "internal.example"}
    assert proxy_for("graph.microsoft.com", variables) == "http://proxy:1"
    assert proxy_for("graph.internal.example", variables) is None
    assert proxy_for("127.0.0.1", variables) is None
