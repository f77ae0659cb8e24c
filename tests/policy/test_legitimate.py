"""No false alarm: what is right passes silently, when nobody has an id yet and when everybody has."""

from pathlib import Path

import pytest

from tenantry.declaration import load
from tenantry.sandbox.recording import InvokeAnswer, RecordingRequest, record
from tenantry.sandbox.registrations import registrations
from tests import forks
from tests.acme import GROUP_IDS
from tests.programs.harness import SECRET, declared, evading, existing_after, shown, write_partner
from tests.programs.legitimate import LEGITIMATE, Legitimate

from .engine import ROOT, running
from .test_evasions import pack_of


@pytest.mark.parametrize("program", LEGITIMATE, ids=lambda item: item.title)
def test_a_program_that_is_right_passes_without_a_word(tmp_path: Path, program: Legitimate) -> None:
    write_partner(tmp_path / "partners", {"tenants/us.yaml": declared(program)})
    first = shown(tmp_path / "program", evading(program))
    with pack_of(tmp_path / "partners", program.settings) as pack:
        assert pack.preview(first).text == ""
    second = shown(tmp_path / "program", evading(program), existing=existing_after(first))
    assert all(item.object_id for item in second if item.type.endswith((":User", ":Group")))
    with pack_of(tmp_path / "partners", program.settings) as pack:
        assert pack.preview(second).text == ""


@pytest.mark.parametrize("tenant", ["us", "uk"])
def test_our_own_program_passes_without_a_word(tenant: str) -> None:
    declaration = load(ROOT / "partners" / "contoso").tenants[tenant]
    function = "azuread:index/{0}:{0}".format
    answers = [
        InvokeAnswer(token=function("getClientConfig"), result={"tenantId": declaration.id, "clientId": "", "id": "x"}),
        InvokeAnswer(
            token=function("getDomains"), result={"domains": [{"domainName": declaration.domains.initial}], "id": "x"}
        ),
        *(
            InvokeAnswer(
                token=function("getGroups"),
                args={"displayNamePrefix": name.removesuffix("Agents")},
                result={"objectIds": [object_id], "displayNames": [name], "id": "x"},
            )
            for name, object_id in GROUP_IDS.items()
        ),
    ]
    config = {"tenantry:tenant": f"contoso/{tenant}", "tenantry:passwordSecret": SECRET}
    request = RecordingRequest(
        project="tenantry",
        stack="dev",
        config=config,
        secret_config_keys=("tenantry:passwordSecret",),
        invokes=tuple(answers),
    )
    recording = record(ROOT, request, environment={"ARM_METADATA_HOSTNAME": "127.0.0.1"}, start=forks.start)
    assert recording.error is None
    with running(ROOT / "policies", config, ARM_TENANT_ID=declaration.id) as pack:
        assert pack.preview(registrations(recording)).text == ""
