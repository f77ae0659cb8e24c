"""What is read of a stack's configuration: no secret, and nothing that is not there."""

import json
from pathlib import Path

from tenantry.project.stack_files import NO_SECRET, StackFile, Unreadable, stack_files

CONFIG = """config:
  tenantry:tenant: contoso/us
  region: west
  azuread:useCli: true
  tenantry:passwordSecret: {secure: v1:abc}
  tenantry:nested: {inside: [{secure: v1:def}, plain]}
"""


def test_a_stack_is_its_configuration_with_a_stand_in_for_every_secret(tmp_path: Path) -> None:
    (tmp_path / "Pulumi.yaml").write_text("name: sample\n")
    (tmp_path / "Pulumi.prod.yaml").write_text(CONFIG)
    (stack,) = stack_files(tmp_path)
    assert isinstance(stack, StackFile)
    assert (stack.name, stack.project, stack.tenant) == ("prod", "sample", "contoso/us")
    assert stack.config == {
        "tenantry:tenant": "contoso/us",
        "sample:region": "west",
        "azuread:useCli": "true",
        "tenantry:passwordSecret": NO_SECRET,
        "tenantry:nested": json.dumps({"inside": [NO_SECRET, "plain"]}),
    }
    assert stack.secrets == {"tenantry:passwordSecret", "tenantry:nested"}
    assert len(NO_SECRET) >= 32


def test_a_configuration_that_cannot_be_read_is_reported(tmp_path: Path) -> None:
    (tmp_path / "Pulumi.yaml").write_text("name: sample\n")
    (tmp_path / "Pulumi.bad.yaml").write_text("config: [\n")
    (bad,) = stack_files(tmp_path)
    assert isinstance(bad, Unreadable)
    assert bad.name == "bad"


def test_where_there_is_no_project_there_is_no_stack(tmp_path: Path) -> None:
    assert list(stack_files(tmp_path)) == []
