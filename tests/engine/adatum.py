"""examples/adatum on a directory of its own, with as many customers as a story takes."""

import shutil
import sys
from collections.abc import Callable, Sequence
from copy import deepcopy
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from .world import SOURCE, World

RELATIONSHIPS = "/tenantRelationships/delegatedAdminRelationships"
_A_MINUTE = 1 / 1440


def of_adatum(customers: int = 50) -> Callable[[Path], str]:
    """Lays out the example, with customers like its own beside these where it takes more."""

    def prepare(root: Path) -> str:
        shutil.rmtree(root / "partners")
        folder = Path(shutil.copytree(SOURCE / "examples/adatum", root / "partners/adatum"))
        yaml, file = YAML(), folder / "customers/us.yaml"
        content = yaml.load(file)
        declared = content["customers"]
        for number in range(len(declared), customers):
            tenant, name = f"c0000000-0000-4000-8000-{number:012}", f"customer-{number}"
            declared[name] = {
                **deepcopy(dict(declared["fabrikam"])),
                "name": name,
                "tenant_id": tenant,
                "domain": f"{name}.example",
            }
        yaml.dump(content, file)
        return "adatum"

    return prepare


def relationships(world: World) -> list[dict[str, Any]]:
    """What there is with customers, over all pages."""
    found: list[dict[str, Any]] = []
    path = RELATIONSHIPS
    while path:
        page = world.graph("GET", path)
        found += page["value"]
        path = page.get("@odata.nextLink", "").partition("/v1.0")[2]
    return found


def approve(world: World, chosen: Sequence[str], minutes: int) -> None:
    """What these customers do, and the half minute that Microsoft takes; it is so many minutes after the start."""
    world.run(sys.executable, "-m", "tenantry", "directory", "approve", *chosen).ok()
    world.let_days_pass(minutes * _A_MINUTE)
