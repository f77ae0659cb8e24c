"""A directory of its own for each program, and the programs where this machine has them."""

from collections.abc import Iterator

import pytest

from tenantry.directory.enrolment import deployment_principal_id
from tests.directory.samples import GLOBAL_ADMINISTRATOR, UNITED_STATES, LiveDirectory


@pytest.fixture(scope="module")
def directory(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveDirectory]:
    """A directory whose deploying application is a Global Administrator, so that it never lacks a role."""
    with LiveDirectory(tmp_path_factory.mktemp("clients") / "state") as served:
        with served.client(served.deploying_token()) as graph:
            own = {"principalId": deployment_principal_id(UNITED_STATES.tenant_id), "directoryScopeId": "/"}
            role = {"roleDefinitionId": GLOBAL_ADMINISTRATOR}
            graph.post("/v1.0/roleManagement/directory/roleAssignments", json=own | role).raise_for_status()
        yield served
