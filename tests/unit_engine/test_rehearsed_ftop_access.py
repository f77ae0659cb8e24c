"""The tenant's approval of FTOP in the rehearsal: given, changed, found, taken over and withdrawn."""

import re
import shutil
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from tenantry.directory.service_principals import MICROSOFT_GRAPH
from tenantry.directory.state import State
from tenantry.engine import rehearsal
from tenantry.engine.rehearsal import RehearsalError

from .test_rehearsal import PROGRAM, SOURCE, Rehearsed, items, user_id

GRANTS = "/v1.0/oauth2PermissionGrants"


class World(Rehearsed):
    """A project in which FTOP's application is one of the tenant's own: nobody knows the real one's id."""

    def __init__(self, root: Path) -> None:
        for name in PROGRAM:
            source = SOURCE / name
            (shutil.copytree if source.is_dir() else shutil.copy)(source, root / name)
        super().__init__(root)
        State.prepare(self.project.directory)
        with self.graph() as graph:
            status, made = graph.request("POST", "/v1.0/applications", {"displayName": "FTOP"})
            assert status == 201
            self.application_id = str(made["appId"])
        self.declare(application_id=self.application_id, approval={"on": date(2026, 11, 20), "by": "ada"})

    def declare(self, **fields: Any) -> None:
        yaml = YAML()
        document = yaml.load(self.tenant_file)
        document["ftop"].update(fields)
        yaml.dump(document, self.tenant_file)

    def principal(self, application_id: str) -> str:
        with self.graph() as graph:
            return str(items(graph, f"/v1.0/servicePrincipals?$filter=appId eq '{application_id}'")[0]["id"])

    def grants(self) -> dict[str | None, dict[str, Any]]:
        with self.graph() as graph:
            return {grant["principalId"]: grant for grant in items(graph, GRANTS)}

    def consent(self, scope: str, person: str | None = None) -> str:
        client, resource = self.principal(self.application_id), self.principal(MICROSOFT_GRAPH)
        with self.graph() as graph:
            body: dict[str, Any] = {"clientId": client, "resourceId": resource, "scope": scope}
            if person:
                body |= {"consentType": "Principal", "principalId": user_id(graph, person)}
            status, made = graph.request("POST", GRANTS, body if person else {**body, "consentType": "AllPrincipals"})
            assert status == 201
            return str(made["id"])


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


def test_the_consent_is_given_changed_and_withdrawn_and_a_persons_own_is_left(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    assert rehearsal.up(world.project, "dev") == 0
    (grant,) = world.grants().values()
    assert (grant["consentType"], grant["scope"]) == ("AllPrincipals", "User.Read openid profile")
    assert grant["clientId"] == world.principal(world.application_id)
    output = capsys.readouterr().out
    assert output.index("us-ftop (ServicePrincipalDelegatedPermissionGrant)") < output.index("us-AdminAgents (Group)")
    assert rehearsal.drift(world.project, "dev") == 0

    ines = world.consent("User.Read", "ines.costa")
    world.declare(permissions=["User.Read"])
    assert rehearsal.up(world.project, "dev") == 0
    assert {grant["scope"] for grant in world.grants().values()} == {"User.Read"}
    assert len(world.grants()) == 2

    world.declare(approval={"state": "pending"}, permissions=None)
    principal = world.principal(world.application_id)
    assert rehearsal.up(world.project, "dev") == 0
    assert [grant["id"] for grant in world.grants().values()] == [ines]
    assert world.principal(world.application_id) == principal


def test_a_consent_that_exists_is_refused_with_its_id_and_pinned_it_is_taken_over(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    with world.graph() as graph:
        graph.request("POST", "/v1.0/servicePrincipals", {"appId": world.application_id})
    grant = world.consent("User.Read openid profile")
    with pytest.raises(RehearsalError, match=f"pins: {{consent_grant: {grant}}}"):
        rehearsal.up(world.project, "dev")
    world.declare(pins={"consent_grant": grant})
    capsys.readouterr()
    assert rehearsal.up(world.project, "dev") == 0
    assert re.search(r"= import +us-ftop \(ServicePrincipal\)", capsys.readouterr().out)
    assert world.grants()[None]["id"] == grant
    assert rehearsal.drift(world.project, "dev") == 0
