"""The folder in which a running directory keeps its things.

    directory.sqlite    the store (with -wal and -shm beside it while it is open)
    credentials.json    the deploying applications' client ids and secrets, by tenant (mode 0600)
    ca.pem              the certificate of the directory's own certificate authority
    ca-key.pem          its key (mode 0600)
    bundle.pem          ca.pem and the system's roots: what SSL_CERT_FILE should name
    server.pem          the server's own certificate and key, new at every start (mode 0600)
    control.json        the secret for the directory's own controls, new at every start (mode 0600)
    requests.log        one line a request: method, path, status
    running.json        which process answers at which address; there while it runs

The folder itself is for its owner alone (mode 0700).
"""

import json
import os
import secrets
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Self

from .enrolment import deployment_client_id
from .store import StoreError


class NotEnrolledError(LookupError):
    """The folder has no credentials for a tenant."""


@dataclass(frozen=True)
class Credentials:
    """What the deploying application signs in with."""

    client_id: str
    client_secret: str = field(repr=False)


@dataclass(frozen=True)
class Running:
    """A directory that is being served: by which process, where, since when."""

    pid: int
    url: str
    metadata_host: str
    started: str


class State:
    """The paths in the folder, and the files that are read and written as a whole."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.store = folder / "directory.sqlite"
        self.authority = folder / "ca.pem"
        self.authority_key = folder / "ca-key.pem"
        self.bundle = folder / "bundle.pem"
        self.server_certificate = folder / "server.pem"
        self.request_log = folder / "requests.log"
        self.control = folder / "control.json"
        self._credentials = folder / "credentials.json"
        self._running = folder / "running.json"

    @classmethod
    def prepare(cls, folder: Path) -> Self:
        """Make the folder if it is not there."""
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        return cls(folder)

    def write(self, path: Path, content: bytes, *, private: bool = False) -> None:
        """Write a file so that nobody ever reads half of it, or, if it is private, anything."""
        draft = path.with_name(f"{path.name}.{os.getpid()}.tmp")
        draft.unlink(missing_ok=True)
        draft.touch(mode=0o600 if private else 0o644)
        draft.write_bytes(content)
        draft.replace(path)

    def credentials(self, tenant_id: str) -> Credentials:
        """Return a tenant's credentials. Raises NotEnrolledError, and StoreError where their file is damaged."""
        client_secret = self._client_secrets().get(tenant_id.lower())
        if client_secret is None:
            raise NotEnrolledError(f"The embedded directory in {self.folder} has no tenant {tenant_id}.")
        return Credentials(deployment_client_id(tenant_id), client_secret)

    def issue_credentials(self, tenant_id: str) -> Credentials:
        """Return a tenant's credentials, making up the secret if it has none yet."""
        known = self._client_secrets()
        if tenant_id.lower() not in known:
            known[tenant_id.lower()] = secrets.token_urlsafe(32)
            content = {
                tenant: asdict(Credentials(deployment_client_id(tenant), client_secret))
                for tenant, client_secret in sorted(known.items())
            }
            self.write(self._credentials, json.dumps(content, indent=2).encode(), private=True)
        return self.credentials(tenant_id)

    def issue_control_secret(self) -> str:
        """Make up the secret for the controls, and keep it for those who may read the folder."""
        secret = secrets.token_urlsafe(32)
        self.write(self.control, json.dumps({"token": secret}).encode(), private=True)
        return secret

    def control_secret(self) -> str:
        """Return the secret that the controls of the last start take."""
        return str(json.loads(self.control.read_text(encoding="utf-8"))["token"])

    def _client_secrets(self) -> dict[str, str]:
        if not self._credentials.exists():
            return {}
        try:
            content = json.loads(self._credentials.read_text(encoding="utf-8"))
            return {tenant: str(entry["client_secret"]) for tenant, entry in content.items()}
        except (ValueError, KeyError, TypeError, AttributeError):
            # What is in it, an error could quote.
            raise StoreError(
                f"{self._credentials} is damaged: it does not hold the applications' credentials. Nothing was changed. "
                "Fix: remove it, stop the directory and start it again, which issues new ones; contents stay."
            ) from None

    def announce(self, running: Running) -> None:
        """Say that the directory answers."""
        self.write(self._running, json.dumps(asdict(running), indent=2).encode())

    def withdraw(self) -> None:
        """Say that the directory answers no more."""
        self._running.unlink(missing_ok=True)

    def running(self) -> Running | None:
        """Return who serves this folder, if that process is alive."""
        try:
            running = Running(**json.loads(self._running.read_text(encoding="utf-8")))
            os.kill(running.pid, 0)
        except (FileNotFoundError, ProcessLookupError):
            return None
        except PermissionError:
            pass  # It is alive and somebody else's.
        return running
