"""The embedded directory as a process in the background: starting it once, finding it again, stopping it."""

import fcntl
import os
import shutil
import signal
import ssl
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

import httpx

from tenantry.declaration import DeclarationError
from tenantry.directory import server
from tenantry.directory.customer_side import Decided, DecisionError, decide
from tenantry.directory.documents import JsonObject
from tenantry.directory.dump import dump
from tenantry.directory.enrolment import Enrolment
from tenantry.directory.faults import Faults
from tenantry.directory.state import Credentials, NotEnrolledError, Running, State
from tenantry.directory.store import Store, StoreError, UnknownTenantError
from tenantry.engine.bounded import last_line
from tenantry.engine.directory_files import SeedFile, parse_faults, read_faults
from tenantry.engine.enrolments import declared_enrolments
from tenantry.errors import DirectoryError, EngineError
from tenantry.project.paths import Project

HOST: Final = "127.0.0.1"
PREFERRED_PORT: Final = 7443
PATIENCE: Final = 20.0
"""How many seconds the process may take to answer after its start, and to end after SIGTERM."""

_SECONDS_TO_ANSWER: Final = 5
_ROOM: Final = 1024 * 1024
"""So many bytes its files take at the least."""
_LOOK_EVERY: Final = 0.05


def serve(
    project: Project,
    port: int = PREFERRED_PORT,
    faults: Path | None = None,
    note: Callable[[str], None] = lambda _: None,
) -> None:
    """Serve the project's directory in this process, until SIGTERM or SIGINT ends it.

    ``faults`` is a file of faults that are switched on from the beginning, and ``note`` is given the address.
    Raises DeclarationError, EngineError; and DirectoryError where it cannot be served on that port.
    """
    first_faults = None if faults is None else read_faults(faults)
    with as_sentences():
        _serve(project, port, first_faults, note)


@contextmanager
def as_sentences() -> Iterator[None]:
    """What can be wrong with the directory's files, as DirectoryError."""
    try:
        yield
    except (server.ServeError, StoreError, UnknownTenantError) as error:
        raise DirectoryError(str(error)) from error


def _serve(
    project: Project, port: int, faults: Faults | None = None, note: Callable[[str], None] = lambda _: None
) -> None:
    enrolments = declared_enrolments(project)
    server.serve(
        project.directory, enrolments, host=HOST, port=port, faults=faults, read_faults=parse_faults, note=note
    )


def running(project: Project) -> Running | None:
    """The directory that runs for this project, if any.

    Another program may have its process id by now, so the directory must prove itself with its own certificate.
    """
    try:
        record = State(project.directory).running()
    except (ValueError, TypeError):
        return None  # a record that the directory did not write
    return record if record is not None and _answers(project, record) else None


def start(project: Project, *, patience: float = PATIENCE) -> Running:
    """Start the directory in the background unless it runs; return where it answers.

    Restarts it if a tenant was declared since. Raises DeclarationError or EngineError where the declarations are
    wrong, and DirectoryError where it does not start.
    """
    enrolments = declared_enrolments(project)
    project.directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    with (project.directory / "starting.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # two commands at once start one directory
        current = running(project)
        if current is not None:
            with as_sentences():
                complete = _has_all(project, enrolments)
            if complete:
                return current
            stop(project)
        # A record that a crash left behind may name another program's process.
        State(project.directory).withdraw()
        return _start(project, patience)


def _start(project: Project, patience: float) -> Running:
    port = _last_port(project)
    with project.directory_log.open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "tenantry.engine.directory_process", project.root, str(port)],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            cwd=project.root,
            start_new_session=True,  # so that it outlives this command, and Ctrl-C in its terminal
        )
    _wait_until(lambda: running(project) is not None or process.poll() is not None, patience)
    started = running(project)
    if started is None:
        process.kill()
        process.wait()
        reason = last_line(project.directory_log.read_text(encoding="utf-8", errors="replace"))
        if shutil.disk_usage(project.directory).free < _ROOM:
            reason = "the disk is full. Fix: free some space, and run it again"
        raise DirectoryError(f"The embedded directory did not start: {reason} ({project.directory_log})")
    project.directory_port.write_text(f"{urlsplit(started.url).port}\n", encoding="utf-8")
    return started


def stop(project: Project) -> bool:
    """Stop the directory; False if it does not run. Its contents stay. Raises DirectoryError."""
    current = running(project)
    if current is None:
        return False
    try:
        os.kill(current.pid, signal.SIGTERM)
    except PermissionError:
        raise DirectoryError(f"The embedded directory (process {current.pid}) belongs to another user.") from None
    if not _wait_until(lambda: _has_ended(current.pid), PATIENCE):
        raise DirectoryError(f"The embedded directory (process {current.pid}) does not stop. End that process.")
    return True


def credentials(project: Project, tenant_id: str) -> Credentials:
    """What the deploying application signs in to a tenant with. Raises DirectoryError."""
    try:
        with as_sentences():
            return State(project.directory).credentials(tenant_id)
    except NotEnrolledError:
        raise DirectoryError(f"The embedded directory has no tenant {tenant_id}: `make up` adds it.") from None


def dumped(project: Project, tenant_id: str | None = None) -> JsonObject:
    """What the directory holds, by tenant. Raises EngineError."""
    with _opened(project) as store:
        tenants: JsonObject = {}
        for id_ in [tenant_id] if tenant_id else store.tenant_ids():
            with store.reading(id_) as tenant:
                tenants[tenant.id] = dump(tenant)
        return tenants


def seeded(project: Project, file: Path, tenant_id: str | None = None) -> str:
    """Add what a file says to a tenant, all or nothing; the tenant's id. Raises DeclarationError and EngineError."""
    seed = SeedFile.read(file)
    with _opened(project) as store:
        known = store.tenant_ids()
        if tenant_id is None and len(known) != 1:
            raise EngineError(f"Name a tenant (--tenant); the directory has: {', '.join(known) or 'no tenant'}")
        with store.writing(tenant_id or known[0]) as tenant:
            seed.plant(tenant)
            return tenant.id


def approved(project: Project, relationship: str, customer_tenant: str | None = None) -> Decided:
    """Approve a relationship as its customer. Raises EngineError."""
    with _opened(project) as store:
        try:
            return decide(store, relationship, "approve", customer_tenant)
        except DecisionError as error:
            raise EngineError(str(error)) from error


@contextmanager
def _opened(project: Project) -> Iterator[Store]:
    """The store, whether or not a process serves it: writers wait for each other."""
    path = State(project.directory).store
    if not path.exists():
        raise DirectoryError(f"{project.directory} has no embedded directory: `make up` creates it.")
    with as_sentences(), closing(Store(path)) as store:
        yield store


def _answers(project: Project, found: Running) -> bool:
    try:
        authority = ssl.create_default_context(cafile=project.directory / "ca.pem")
        answer = httpx.get(
            f"{found.url}/metadata/endpoints",
            params={"api-version": "2022-09-01"},
            verify=authority,
            timeout=_SECONDS_TO_ANSWER,
            trust_env=False,  # a proxy leads away from this machine
        )
    except (OSError, httpx.HTTPError):
        return False
    return answer.is_success


def _has_all(project: Project, enrolments: list[Enrolment]) -> bool:
    try:
        for enrolment in enrolments:
            State(project.directory).credentials(enrolment.tenant_id)
    except NotEnrolledError:
        return False
    return True


def _last_port(project: Project) -> int:
    """The port of the last start, so that the variables of open shells stay right."""
    try:
        return int(project.directory_port.read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return PREFERRED_PORT


def _wait_until(condition: Callable[[], bool], patience: float) -> bool:
    end = time.monotonic() + patience
    while not condition():
        if time.monotonic() >= end:
            return False
        time.sleep(_LOOK_EVERY)
    return True


def _has_ended(pid: int) -> bool:
    try:
        # Our own child would remain as a zombie until we ask for it.
        if os.waitpid(pid, os.WNOHANG) != (0, 0):
            return True
    except ChildProcessError:
        pass
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    return _is_zombie(pid)


def _is_zombie(pid: int) -> bool:
    """Whether a process has ended and only its parent, which lives on, has not asked for it; False without /proc."""
    try:
        status = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return False
    # The program's name stands in brackets, and may hold any character.
    return status.rpartition(")")[2].split()[:1] == ["Z"]


def main(root: str, port: str) -> None:
    """The process in the background, on another port where that one is taken; stderr says why it cannot serve."""
    project = Project(Path(root))
    try:
        try:
            _serve(project, int(port))
        except (server.PortTakenError, OverflowError):
            _serve(project, 0)
    except (DeclarationError, EngineError, StoreError, server.ServeError) as error:
        sys.exit(str(error))
    except OSError as error:
        sys.exit(f"{error.filename or project.directory} cannot be read or written: {error.strerror}.")


if __name__ == "__main__":
    main(*sys.argv[1:])
