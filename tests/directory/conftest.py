"""A tenant as Partner Center leaves it, in process for most tests and behind TLS for those that need it."""

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import pytest

from tenantry.directory.local import LocalGraph
from tenantry.directory.onboarding import enrol
from tenantry.directory.store import Store

from .samples import CLIENT_SECRET, SECURITY, UNITED_STATES, InProcess, LiveDirectory, Permitted, Tenant, enrolled


@pytest.fixture
def store() -> Iterator[Store]:
    store = enrolled()
    yield store
    store.close()


@pytest.fixture
def graph(store: Store) -> Iterator[LocalGraph]:
    with LocalGraph(store, UNITED_STATES.tenant_id) as client:
        yield client


@pytest.fixture
def send(store: Store) -> Iterator[InProcess]:
    client = InProcess(store)
    yield client
    client.close()


@pytest.fixture
def tenant(graph: LocalGraph) -> Tenant:
    return Tenant(graph, UNITED_STATES)


@pytest.fixture(scope="session")
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveDirectory]:
    with LiveDirectory(tmp_path_factory.mktemp("live") / "state") as directory:
        yield directory


@pytest.fixture
def state_dir(tmp_path: Path) -> Path:
    return tmp_path / "state"


@pytest.fixture
def permitted(store: Store) -> Iterator[Permitted]:
    """The tenant as its application sees it with these permissions."""
    with ExitStack() as clients:

        def sign_in(*permissions: str) -> Tenant:
            enrol(store, replace(UNITED_STATES, permissions=frozenset(permissions)), CLIENT_SECRET)
            return Tenant(clients.enter_context(LocalGraph(store, UNITED_STATES.tenant_id)), UNITED_STATES)

        yield sign_in


@pytest.fixture
def security(store: Store) -> Iterator[Tenant]:
    """The tenant for an application that may change the security posture as well."""
    enrol(store, replace(UNITED_STATES, permissions=UNITED_STATES.permissions | SECURITY), CLIENT_SECRET)
    with LocalGraph(store, UNITED_STATES.tenant_id) as client:
        yield Tenant(client, UNITED_STATES)
