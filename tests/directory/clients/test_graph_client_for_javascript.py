"""@microsoft/microsoft-graph-client signed in by @azure/identity, under Node.js."""

import json
import os
from pathlib import Path
from typing import Any

import pytest

from tests.directory.samples import PASSWORD, UNITED_STATES, LiveDirectory

from .programs import find_program, register_pipeline, run

_PACKAGES = ("@azure/identity", "@microsoft/microsoft-graph-client")


def print_of(directory: LiveDirectory, folder: Path, **identity: str) -> Any:
    """What the program prints, signed in as somebody."""
    node = find_program("Node.js", "node", "TENANTRY_NODE")
    modules = os.environ.get("TENANTRY_NODE_MODULES", "")
    missing = [name for name in _PACKAGES if not (modules and Path(modules, name).is_dir())]
    if missing:
        pytest.skip(f"{' and '.join(missing)} are missing: TENANTRY_NODE_MODULES does not name a folder that has them")
    environment = {
        "DIRECTORY_URL": directory.url,
        "NODE_EXTRA_CA_CERTS": str(directory.state_dir / "ca.pem"),
        "NODE_PATH": modules,
        "PASSWORD": PASSWORD,
        "TENANT": UNITED_STATES.tenant_id,
        **identity,
    }
    outcome = run([node, str(Path(__file__).with_name("graph_client.cjs"))], environment, folder)
    assert outcome.succeeded, outcome.complaint
    return json.loads(outcome.output)


def test_the_client_makes_reads_changes_pages_counts_expands_batches_and_deletes(
    directory: LiveDirectory, tmp_path: Path
):
    credentials = directory.credentials()
    printed = print_of(directory, tmp_path, CLIENT_ID=credentials.client_id, CLIENT_SECRET=credentials.client_secret)
    made = printed["made"]
    assert printed["jobTitle"] == "Engineer"
    assert printed["paged"] == made
    assert printed["counted"] == 1 + len(made)
    assert printed["members"] == [made[1]]
    assert printed["batched"] == {"0": 404, "1": 200}
    assert printed["refused"] == {"statusCode": 404, "code": "Request_ResourceNotFound"}


def test_the_client_signs_in_with_a_certificate(directory: LiveDirectory, tmp_path: Path):
    pipeline = register_pipeline(directory, tmp_path)
    printed = print_of(directory, tmp_path, CLIENT_ID=pipeline.client_id, CERTIFICATE=str(pipeline.pem))
    assert [organization["id"] for organization in printed["value"]] == [UNITED_STATES.tenant_id]
