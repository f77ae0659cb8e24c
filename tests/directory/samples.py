"""The tenants that the tests use, and short ways to make things in them."""

import asyncio
import os
import signal
import ssl
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any, Final, Self

import httpx

from tenantry.directory.app import create_app, endpoints
from tenantry.directory.enrolment import DEPLOYMENT_PERMISSIONS, Enrolment, FirstUser, deployment_principal_id
from tenantry.directory.local import LocalGraph
from tenantry.directory.onboarding import enrol
from tenantry.directory.state import Credentials, Running, State
from tenantry.directory.store import Store

ORIGIN = "https://localhost"
CLIENT_SECRET = "the-deploying-application-s-secret"
PASSWORD = "Correct-Horse-9"
GLOBAL_ADMINISTRATOR = "62e90394-69f5-4237-9190-012177145e10"
APPLICATION_ADMINISTRATOR = "9b895d92-2cd3-44c7-9d02-a6ac2d5ea5c3"
BILLING_ADMINISTRATOR = "b0f54661-2d74-4c50-afa3-1ec803f12efe"
USER_ADMINISTRATOR = "fe930be7-5e62-47db-91af-98c3a49a38b1"
PRIVILEGED_AUTHENTICATION_ADMINISTRATOR = "7be44c8a-adaf-4e2a-84d6-ab2649e08a13"
EVENTUAL: Final = {"ConsistencyLevel": "eventual"}
"""What an advanced query says beside `$count=true`."""
NOBODY = "00000000-0000-4000-8000-00000000dead"

# What tests look at beside what provisioning writes: the audit trail, and objects of any kind.
PERMISSIONS = DEPLOYMENT_PERMISSIONS | {"Directory.Read.All"}

SECURITY: Final = {"Policy.ReadWrite.ConditionalAccess", "RoleManagementPolicy.ReadWrite.AzureADGroup"}
"""What an application must be permitted to change the security posture as well."""

UNITED_STATES = Enrolment(
    tenant_id="11111111-2222-4333-8444-555555555555",
    display_name="Contoso Deployment Services",
    country="US",
    initial_domain="contoso-partner.onmicrosoft.com",
    domains=("contoso.example",),
    street="1 Main Street",
    city="Redmond",
    postal_code="98052",
    global_admins=(FirstUser("aaaaaaaa-0000-4000-8000-000000000001", "ada@contoso.example", "Ada Admin"),),
    permissions=PERMISSIONS,
)
UNITED_KINGDOM = Enrolment(
    tenant_id="66666666-7777-4888-8999-000000000000",
    display_name="Contoso Deployment Services UK",
    country="GB",
    initial_domain="contoso-partner-uk.onmicrosoft.com",
    global_admins=(
        FirstUser("bbbbbbbb-0000-4000-8000-000000000002", "beth@contoso-partner-uk.onmicrosoft.com", "Beth"),
    ),
    permissions=PERMISSIONS,
)
ADA = UNITED_STATES.global_admins[0]


@cache
def _enrolled() -> Store:
    store = Store()
    for enrolment in (UNITED_STATES, UNITED_KINGDOM):
        enrol(store, enrolment, CLIENT_SECRET)
    return store


def enrolled() -> Store:
    """A store of its own with both tenants as Partner Center leaves them."""
    return _enrolled().copy()


def user_body(name: str, **changes: Any) -> dict[str, Any]:
    """The body with which a user is made."""
    return {
        "accountEnabled": True,
        "displayName": name.title(),
        "mailNickname": name,
        "passwordProfile": {"password": PASSWORD, "forceChangePasswordNextSignIn": False},
        "userPrincipalName": f"{name}@contoso.example",
        **changes,
    }


def group_body(name: str, **changes: Any) -> dict[str, Any]:
    """The body with which a security group is made."""
    return {
        "displayName": name,
        "mailEnabled": False,
        "mailNickname": name,
        "securityEnabled": True,
        **changes,
    }


class Tenant:
    """One tenant through Microsoft Graph: requests that must succeed, and those that must be refused."""

    def __init__(self, graph: LocalGraph, enrolment: Enrolment) -> None:
        self.graph = graph
        self.enrolment = enrolment

    def get(self, path: str, headers: Mapping[str, str] | None = None) -> Any:
        return self._expect("GET", path, None, 200, headers)

    def ids(self, path: str, headers: Mapping[str, str] | None = None) -> list[str]:
        return [item["id"] for item in self.get(path, headers)["value"]]

    def found(self, path: str) -> list[str]:
        """The ids in a listing that is asked for with an advanced query."""
        return self.ids(f"{path}&$count=true", EVENTUAL)

    def pages(self, path: str, headers: Mapping[str, str] | None = None) -> list[list[str]]:
        """Follow a listing to its end."""
        pages: list[list[str]] = []
        while path:
            assert len(pages) < 10, "the pages never end"
            answer = self.get(path, headers)
            pages.append([item["id"] for item in answer["value"]])
            path = answer.get("@odata.nextLink", "")
        return pages

    def post(self, path: str, body: Any) -> Any:
        return self._expect("POST", path, body, 204 if path.endswith("$ref") else 201)

    def patch(self, path: str, body: Any) -> None:
        self._expect("PATCH", path, body, 204)

    def put(self, path: str, body: Any) -> None:
        self._expect("PUT", path, body, 204)

    def delete(self, path: str) -> None:
        self._expect("DELETE", path, None, 204)

    def refused(
        self, method: str, path: str, body: Any = None, headers: Mapping[str, str] | None = None
    ) -> tuple[int, str, str]:
        status, answer = self.graph.request(method, path, body, headers)
        error: Any = answer["error"]
        return status, error["code"], error["message"]

    def add_user(self, name: str, **changes: Any) -> str:
        return str(self.post("/v1.0/users", user_body(name, **changes))["id"])

    def add_group(self, name: str, **changes: Any) -> str:
        return str(self.post("/beta/groups", group_body(name, **changes))["id"])

    def empower(self, role: str = PRIVILEGED_AUTHENTICATION_ADMINISTRATOR) -> str:
        """Give the deploying application a directory role, by default the one for sensitive actions on everybody."""
        own = deployment_principal_id(self.enrolment.tenant_id)
        body = {"principalId": own, "roleDefinitionId": role, "directoryScopeId": "/"}
        return str(self.post("/v1.0/roleManagement/directory/roleAssignments", body)["id"])

    @contextmanager
    def as_administrator(self) -> Iterator[None]:
        """What is done meanwhile is what an administrator does by hand, whom nothing is refused."""
        own = self.empower()
        yield
        self.delete(f"/v1.0/roleManagement/directory/roleAssignments/{own}")

    def group(self, name: str) -> str:
        return self.enrolment.group_id(name)

    def reference(self, object_id: str) -> dict[str, str]:
        return {"@odata.id": f"https://localhost/v1.0/directoryObjects/{object_id}"}

    def _expect(
        self, method: str, path: str, body: Any, expected: int, headers: Mapping[str, str] | None = None
    ) -> Any:
        status, answer = self.graph.request(method, path, body, headers)
        assert status == expected, answer
        return answer


Permitted = Callable[..., Tenant]
"""Signs in with these permissions alone."""


class InProcess:
    """The web application for requests of all kinds, with no network in between."""

    def __init__(self, store: Store) -> None:
        self._runner = asyncio.Runner()
        transport = httpx.ASGITransport(create_app(store), raise_app_exceptions=False)
        self._client = httpx.AsyncClient(transport=transport, base_url=ORIGIN)

    def __call__(self, method: str, path: str, **options: Any) -> httpx.Response:
        return self._runner.run(self._client.request(method, path, **options))

    def close(self) -> None:
        self._runner.run(self._client.aclose())
        self._runner.close()


REQUIRED: Final = {(endpoint.method, endpoint.path): endpoint.requires for endpoint in endpoints()}
"""What an application must be permitted for each request."""
ASKING: Final = (
    "getMemberGroups",
    "getMemberObjects",
    "checkMemberGroups",
    "checkMemberObjects",
    "getByIds",
    "validateProperties",
)
"""The requests that only read, though they are a POST."""


def reads(method: str, path: str) -> bool:
    """Whether a request changes nothing."""
    return method == "GET" or path.endswith(ASKING)


class LiveDirectory:
    """A directory in a process of its own, on a free port."""

    def __init__(self, state_dir: Path, *, first: str = "") -> None:
        """`first` is a program that runs in the process before the directory's."""
        self.state_dir = state_dir
        self._first = first
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        # The line that a test needs from a program: serve two tenants wherever there is room.
        program = (
            f"{self._first}\nimport sys; from pathlib import Path; from tenantry.directory.server import serve; "
            f"from {__package__}.samples import UNITED_STATES, UNITED_KINGDOM; "
            "serve(Path(sys.argv[1]), [UNITED_STATES, UNITED_KINGDOM], port=0)"
        )
        root = Path(__file__).parents[__package__.count(".") + 1]
        environment = {**os.environ, "PYTHONPATH": f"{root}{os.pathsep}{os.environ.get('PYTHONPATH', '')}"}
        with (self.state_dir.parent / "server.out").open("ab") as output:
            self._process = subprocess.Popen(
                [sys.executable, "-c", program, str(self.state_dir)],
                env=environment,
                stdout=output,
                stderr=subprocess.STDOUT,
            )
        while State(self.state_dir).running() is None:
            assert self._process.poll() is None, self.output()
            time.sleep(0.02)
        return self

    def __exit__(self, *_: object) -> None:
        self.stop(signal.SIGTERM)

    def stop(self, number: signal.Signals) -> int:
        """Send a signal and return the exit status."""
        assert self._process is not None
        self._process.send_signal(number)
        return self._process.wait(timeout=20)

    def output(self) -> str:
        return (self.state_dir.parent / "server.out").read_text()

    @property
    def running(self) -> Running:
        found = State(self.state_dir).running()
        assert found is not None
        return found

    @property
    def url(self) -> str:
        return self.running.url

    @property
    def bundle(self) -> Path:
        return self.state_dir / "bundle.pem"

    def credentials(self, enrolment: Enrolment = UNITED_STATES) -> Credentials:
        return State(self.state_dir).credentials(enrolment.tenant_id)

    def deploying_token(self) -> str:
        """Sign the deploying application in: its token."""
        credentials = self.credentials()
        form = {
            "grant_type": "client_credentials",
            "client_id": credentials.client_id,
            "client_secret": credentials.client_secret,
            "scope": f"{self.url}/.default",
        }
        with self.client() as client:
            answer = client.post(f"/{UNITED_STATES.tenant_id}/oauth2/v2.0/token", data=form).raise_for_status()
        return str(answer.json()["access_token"])

    def client(self, token: str | None = None) -> httpx.Client:
        return httpx.Client(
            base_url=self.url,
            verify=ssl.create_default_context(cafile=str(self.bundle)),
            headers={"Authorization": f"Bearer {token}"} if token else {},
        )
