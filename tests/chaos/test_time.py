"""Clocks that are off, and tokens that end before their time."""

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from tenantry.directory.state import State
from tenantry.graph.client import GraphReader
from tenantry.graph.errors import SignInError
from tests.directory.samples import UNITED_STATES, LiveDirectory


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveDirectory]:
    with LiveDirectory(tmp_path_factory.mktemp("time") / "state") as directory:
        yield directory


@contextmanager
def faults(served: LiveDirectory, *switched: dict[str, Any]) -> Iterator[None]:
    """The directory with these faults, and afterwards without."""

    def switch(*some: dict[str, Any]) -> None:
        token = State(served.state_dir).control_secret()
        with served.client() as client:
            answer = client.put(
                "/_control/faults",
                content=json.dumps({"faults": some}),
                headers={"Authorization": f"Bearer {token}"},
            )
        assert answer.status_code == 200, answer.text

    switch(*switched)
    try:
        yield
    finally:
        switch()


def variables(served: LiveDirectory) -> dict[str, str]:
    credentials = served.credentials()
    return {
        "ARM_TENANT_ID": UNITED_STATES.tenant_id,
        "ARM_CLIENT_ID": credentials.client_id,
        "ARM_CLIENT_SECRET": credentials.client_secret,
        "ARM_METADATA_HOSTNAME": served.running.metadata_host,
        "SSL_CERT_FILE": str(served.bundle),
    }


def test_a_clock_that_is_off_is_named_in_the_refusal(served: LiveDirectory) -> None:
    with (
        faults(served, {"kind": "clock_skew", "seconds": -7200}),
        GraphReader.from_environment(variables(served)) as graph,
        pytest.raises(SignInError, match="see that the clock of this machine is right, and sign in again"),
    ):
        graph.organization()


def test_a_token_that_ends_in_the_middle_is_renewed_and_the_reading_goes_on(served: LiveDirectory) -> None:
    with GraphReader.from_environment(variables(served)) as graph:
        with faults(served, {"kind": "early_expiry", "seconds": 1}):
            before = [user.id for user in graph.users()]
        time.sleep(2.2)  # the token that it keeps has ended by now, and promised an hour
        assert [user.id for user in graph.users()] == before
