"""A Pulumi program with the same accounts, groups and role assignments and nothing else, and a pack of no rules.

What they take is what Pulumi's engine, its Python SDK and the provider take by themselves: the least that Tenantry can.
"""

import json
from collections.abc import Iterable, Mapping
from typing import Any

from bench.terraform import configuration
from tests.engine.world import World

_PROGRAM = '''\
import json
from pathlib import Path

import pulumi_azuread as azuread

made = json.loads(Path("resources.json").read_text())
users = {name: azuread.User(name, **user) for name, user in made["azuread_user"].items()}


def object_id(reference):
    """Of the account that Terraform would write as ${azuread_user.NAME.object_id}."""
    return users[reference.split(".")[1]].object_id


for name, group in made["azuread_group"].items():
    azuread.Group(name, **{**group, "members": [object_id(member) for member in group["members"]]})
for name, role in made["azuread_directory_role_assignment"].items():
    azuread.DirectoryRoleAssignment(
        name, role_id=role["role_id"], principal_object_id=object_id(role["principal_object_id"])
    )
'''
_PACK = """\
from pulumi_policy import EnforcementLevel, PolicyPack, ResourceValidationPolicy

nothing = ResourceValidationPolicy("nothing", "Reports nothing.", validate=lambda _args, _report: None)
PolicyPack("plain", policies=[nothing], enforcement_level=EnforcementLevel.MANDATORY)
"""


def make_plain(world: World, resources: Iterable[Mapping[str, Any]]) -> None:
    """Put the plain program in place of the project's, and the pack of no rules in that of its pack."""
    world.program.write_text(_PROGRAM)
    (world.project.root / "policies/__main__.py").write_text(_PACK)
    (world.project.root / "resources.json").write_text(json.dumps(configuration(resources)["resource"]))
