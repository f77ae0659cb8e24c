"""A copy of the project with a directory and a state of its own, driven as a user would: by `pulumi` and by Graph."""

import gzip
import json
import os
import re
import shutil
import ssl
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import httpx
from ruamel.yaml import YAML

from tenantry.directory.control import CLOCK
from tenantry.directory.enrolment import deployment_principal_id
from tenantry.directory.onboarding import open_store
from tenantry.directory.state import Running, State
from tenantry.engine import directory_process
from tenantry.engine.enrolments import declared_enrolments
from tenantry.engine.environment import applied, environment
from tenantry.engine.pulumi_cli import PulumiCli
from tenantry.graph.permissions import WRITINGS
from tenantry.project.paths import Project
from tenantry.project.stacks import declared_stack
from tenantry.sensitive_actions import PRIVILEGED_AUTHENTICATION_ADMINISTRATOR, Role

from .interpreter import environment_folder

SOURCE = Path(__file__).resolve().parents[2]
LEAST = frozenset(need.permission for need in WRITINGS if not need.only_where)
"""The permissions that provisioning takes, as docs/permissions.md says."""
PROGRAM = ("Pulumi.yaml", "Pulumi.dev.yaml", "__main__.py", "components", "policies", "partners")


@dataclass(frozen=True)
class Ran:
    """What a command did."""

    exit_code: int
    output: str

    def ok(self) -> "Ran":
        assert self.exit_code == 0, self.output
        return self


#: The password of accounts that somebody makes by hand.
HAND_MADE_PASSWORD = "a-Pass-w0rd-of-theirs"


def content(file: Path) -> bytes:
    """What a file says: the engine compresses its states, and their backups and history."""
    written = file.read_bytes()
    return gzip.decompress(written) if written.startswith(b"\x1f\x8b") else written


@dataclass(frozen=True)
class Asked:
    """A request as the directory's log has it, which holds no more of it than this."""

    method: str
    path: str
    status: int


class Graph:
    """Microsoft Graph of one tenant, through a client that no one here wrote."""

    def __init__(self, url: str, tenant_id: str, client_id: str, client_secret: str, bundle: Path) -> None:
        self._http = httpx.Client(base_url=url, verify=ssl.create_default_context(cafile=bundle))
        self._tenant_id = tenant_id
        self._token_url = f"/{tenant_id}/oauth2/v2.0/token"
        self._client = {"client_id": client_id, "client_secret": client_secret}
        answer = self._http.post(
            self._token_url,
            data={**self._client, "grant_type": "client_credentials", "scope": f"{url}/.default"},
        )
        self._headers = {"Authorization": f"Bearer {answer.json()['access_token']}"}

    def __call__(self, method: str, path: str, **body: Any) -> dict[str, Any]:
        answer = self._http.request(method, f"/v1.0{path}", headers=self._headers, json=body or None)
        assert answer.is_success, f"{method} {path}: {answer.status_code} {answer.text}"
        return answer.json() if answer.content else {}

    def status(self, path: str) -> int:
        return self._http.get(f"/v1.0{path}", headers=self._headers).status_code

    def user(self, upn: str) -> dict[str, Any]:
        (user,) = self("GET", f"/users?$filter=userPrincipalName eq '{upn}'")["value"]
        return dict(user)

    def group_id(self, name: str) -> str:
        (group,) = self("GET", f"/groups?$filter=displayName eq '{name}'")["value"]
        return str(group["id"])

    def member_ids(self, group: str) -> set[str]:
        return {member["id"] for member in self("GET", f"/groups/{self.group_id(group)}/members")["value"]}

    def members(self, group: str) -> set[str]:
        found = self("GET", f"/groups/{self.group_id(group)}/members")["value"]
        return {member["userPrincipalName"].split("@")[0] for member in found}

    def roles_of(self, object_id: str) -> set[str]:
        assignments = self("GET", "/roleManagement/directory/roleAssignments")["value"]
        return {a["roleDefinitionId"] for a in assignments if a["principalId"] == object_id}

    def make(self, upn: str, **more: Any) -> str:
        """An account that somebody makes by hand: its object id."""
        name = upn.partition("@")[0]
        body = {
            "accountEnabled": True,
            "displayName": name.title(),
            "mailNickname": name,
            "userPrincipalName": upn,
            "passwordProfile": {"password": HAND_MADE_PASSWORD},
        }
        return str(self("POST", "/users", **{**body, **more})["id"])

    def join(self, group: str, object_id: str) -> None:
        reference = {"@odata.id": f"{self._http.base_url}v1.0/directoryObjects/{object_id}"}
        self("POST", f"/groups/{self.group_id(group)}/members/$ref", **reference)

    def leave(self, group: str, object_id: str) -> None:
        self("DELETE", f"/groups/{self.group_id(group)}/members/{object_id}/$ref")

    def assign(self, role: str, principal: str) -> str:
        """Give a directory role, by its template's id: the assignment's id."""
        body = {"principalId": principal, "roleDefinitionId": role, "directoryScopeId": "/"}
        return str(self("POST", "/roleManagement/directory/roleAssignments", **body)["id"])

    def empower(self, role: Role = PRIVILEGED_AUTHENTICATION_ADMINISTRATOR) -> str:
        """Give the deploying application a directory role, by default the one for sensitive actions on everybody."""
        return self.assign(role.template_id, deployment_principal_id(self._tenant_id))

    @contextmanager
    def as_administrator(self) -> Iterator[None]:
        """What is done meanwhile is what an administrator does by hand, whom nothing is refused."""
        own = self.empower()
        yield
        self("DELETE", f"/roleManagement/directory/roleAssignments/{own}")

    def sign_in_error(self, upn: str, password: str) -> str:
        """What Entra says to a sign-in with a password: AADSTS50055 is "right, and must be changed"."""
        data = {**self._client, "grant_type": "password", "username": upn, "password": password, "scope": "openid"}
        answer = self._http.post(self._token_url, data=data)
        return str(answer.json().get("error_description", "signed in"))[:11]


def _sample(root: Path) -> str:
    return "contoso"


class World:
    """A project of its own, on a directory of its own."""

    def __init__(
        self,
        root: Path,
        engine: PulumiCli,
        tenant: str,
        prepare: Callable[[Path], str] = _sample,
        kept: Path | None = None,
        patience: float = 280,
    ) -> None:
        """``prepare`` may change the copy of the project, and says which partner's tenant it is of.

        ``kept`` is the folder of a world that is closed: this one begins where that one ended. ``patience`` is how
        many seconds a command may take.
        """
        if kept is None:
            _lay_out(root, tenant, prepare)
        else:
            shutil.copytree(kept, root, dirs_exist_ok=True)
        for file in (root / "Pulumi.yaml", root / "components/PulumiPlugin.yaml"):
            text, replaced = re.subn("virtualenv: .*", f"virtualenv: {environment_folder()}", file.read_text())
            assert replaced == 1
            file.write_text(text)
        self.project = Project(root)
        self.program = root / "__main__.py"
        (self.tenant_file,) = self.project.partners.glob(f"*/tenants/{tenant}.yaml")
        self.tenant = declared_stack(self.project, "dev").tenant
        self.engine = engine
        self._patience = patience
        self._go_on_with(directory_process.start(self.project))
        if kept is None:
            self.project.backend.mkdir(parents=True)
            self.pulumi("stack", "select", "dev", "--create").ok()

    def _go_on_with(self, running: Running) -> None:
        self.running = running
        self.env = self.environment_of(self.tenant.id)
        self.graph = self._graph()

    def served_by_another_process(self) -> None:
        """Go on with the directory that a command started: another world may have its port by now."""
        running = directory_process.running(self.project)
        assert running
        self._go_on_with(running)

    def environment_of(self, tenant_id: str) -> dict[str, str]:
        """The environment of somebody who is signed in to a tenant of this directory."""
        credentials = directory_process.credentials(self.project, tenant_id)
        env = applied(environment(self.project, "dev", tenant_id, self.running, credentials, self.engine))
        return {**env, "PATH": os.pathsep.join([str(environment_folder() / "bin"), env["PATH"]])}

    def _graph(self) -> Graph:
        credentials = directory_process.credentials(self.project, self.tenant.id)
        bundle = State(self.project.directory).bundle
        return Graph(self.running.url, self.tenant.id, credentials.client_id, credentials.client_secret, bundle)

    def pulumi(self, *arguments: str, **env: str) -> Ran:
        """Run a plain `pulumi` command."""
        return self.run(str(self.engine.path), *arguments, "--non-interactive", **env)

    def run(self, *command: str, **env: str) -> Ran:
        """Run a command in the project, as the deploying application."""
        ran = subprocess.run(
            command,
            cwd=self.project.root,
            env=self.env | env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=self._patience,
            check=False,
        )
        return Ran(ran.returncode, ran.stdout)

    def up(self) -> Ran:
        return self.pulumi("up", "--yes", "--skip-preview", "--policy-pack", "policies")

    def start_up(self) -> subprocess.Popen[bytes]:
        """Start a `pulumi up`, in a process group of its own, and go on while it runs."""
        return subprocess.Popen(
            [self.engine.path, "up", "--yes", "--skip-preview", "--non-interactive"],
            cwd=self.project.root,
            env=self.env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )

    def preview(self, *arguments: str, **env: str) -> Ran:
        return self.pulumi("preview", *arguments, **env)

    def drift(self) -> Ran:
        return self.pulumi("preview", "--refresh", "--expect-no-changes", "--diff")

    def changes(self) -> dict[str, int]:
        """What the last update did, by kind, without what stayed the same."""
        (update,) = json.loads(self.pulumi("stack", "history", "--json", "--page-size", "1").ok().output)
        return {kind: n for kind, n in update["resourceChanges"].items() if kind != "same" and n}

    def resources(self) -> set[str]:
        """What the stack's state holds, by URN."""
        state = json.loads(self.pulumi("stack", "export").ok().output)
        return {resource["urn"] for resource in state["deployment"].get("resources", [])}

    @property
    def states(self) -> Path:
        """Where the engine keeps the stacks' states, with a backup of each."""
        return self.project.backend / ".pulumi/stacks/tenantry"

    def outputs(self) -> dict[str, Any]:
        answer = self.pulumi("stack", "output", "--json", "--show-secrets").ok().output
        return dict(json.loads(answer))

    @contextmanager
    def declaration(self) -> Iterator[Any]:
        """Edit the tenant's file; what was edited stays."""
        yaml = YAML()
        document = yaml.load(self.tenant_file)
        yield document
        yaml.dump(document, self.tenant_file)

    @contextmanager
    def requests(self) -> Iterator[list[Asked]]:
        """The requests that the directory answered meanwhile."""
        log = State(self.project.directory).request_log
        before = len(log.read_text().splitlines())
        seen: list[Asked] = []
        yield seen
        for line in log.read_text().splitlines()[before:]:
            method, path, status = line.split(" ")
            seen.append(Asked(method, path, int(status)))

    @contextmanager
    def writes(self) -> Iterator[list[str]]:
        """The requests that changed something in the directory meanwhile: "PATCH /v1.0/users/…"."""
        seen: list[str] = []
        with self.requests() as requests:
            yield seen
        seen += [
            f"{asked.method} {asked.path}"
            for asked in requests
            if asked.method != "GET" and not asked.path.endswith("/token")
        ]

    def permit(self, permissions: frozenset[str]) -> None:
        """Let the deploying application have these permissions from its next sign-in on."""
        enrolled = [replace(known, permissions=permissions) for known in declared_enrolments(self.project)]
        open_store(State(self.project.directory), enrolled).close()

    def let_days_pass(self, days: float) -> None:
        """Let the directory's clock be so far ahead of this machine's."""
        state = State(self.project.directory)
        answer = httpx.put(
            f"{self.running.url}{CLOCK}",
            json={"days_ahead": days},
            headers={"Authorization": f"Bearer {state.control_secret()}"},
            verify=ssl.create_default_context(cafile=state.bundle),
        )
        assert answer.is_success, answer.text

    def close(self) -> None:
        directory_process.stop(self.project)


def _lay_out(root: Path, tenant: str, prepare: Callable[[Path], str]) -> None:
    for name in PROGRAM:
        source = SOURCE / name
        (shutil.copytree if source.is_dir() else shutil.copy)(source, root / name)
    partner = prepare(root)
    stack = root / "Pulumi.dev.yaml"
    text = stack.read_text()
    assert "contoso/us" in text
    stack.write_text(text.replace("contoso/us", f"{partner}/{tenant}"))
