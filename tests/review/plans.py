"""Changes of the sample's US tenant, of each of which tests/data/plans/ holds what the real engine's preview said.

``python -m tests.review.plans [NAME …]`` records them anew, with ``pulumi`` and the azuread provider on an embedded
directory of their own. Of each document it keeps what a reader may look at, and no path of the machine.
"""

import json
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ruamel.yaml import YAML

from tenantry.access.registered import PROPERTIES
from tenantry.declaration import Stack, load_stack

if TYPE_CHECKING:
    from tests.engine.world import World

PLANS = Path(__file__).resolve().parents[1] / "data" / "plans"
DECLARATION = PLANS / "partners"
"""The sample's declaration as it was when the plans were recorded."""
AT = "@contoso-partner.onmicrosoft.com"
TENANT_FILE = "contoso/tenants/us.yaml"

Edit = Callable[[Any], None]
"""Changes the content of the tenant's file."""

UNGUARDED = """
import components.preflight as guarded
guarded.refuse_unsafe_change = lambda *_: None
guarded.refuse_lost_accounts = lambda *_: None
"""
"""A program that evaluates nothing by itself."""
RAW = """
import pulumi_azuread as azuread
azuread.GroupMember(
    "rogue",
    group_object_id=azuread.get_group(display_name="AdminAgents").object_id,
    member_object_id="00000000-0000-4000-8000-00000000dead",
)
"""


@dataclass(frozen=True)
class Scenario:
    """One change: of the file, of the program, or of the tenant."""

    edit: Edit = lambda _: None
    guarded: bool = True
    program: str = ""
    """What is written below the program."""
    groups: tuple[tuple[str, str], ...] = ()
    """What is replaced in components/agent_groups.py."""
    first: bool = False
    """Whether nothing was provisioned before."""
    touch: Callable[["World"], None] | None = None
    """What somebody does by hand; whatever is recorded later finds it so."""


def people(edit: Edit) -> Edit:
    return lambda file: edit(file["people"])


def hire(people: Any) -> None:
    people["judy"] = {
        "full_name": "Judy Park",
        "upn": f"judy.park{AT}",
        "email": "judy.park@contoso.com",
        "roles": ["Sales agent", "User management admin"],
    }


def leaver(people: Any) -> None:
    people["farid"]["state"] = "leaver"


def promotion(people: Any) -> None:
    people["ines"]["roles"] = ["Admin agent"]


def mass_removal(people: Any) -> None:
    for key in ("dmitri", "hiro", "emma", "ines"):
        people[key]["roles"] = ["Billing admin"]


def rename(people: Any) -> None:
    people["carla"].update(upn=f"carla.berg{AT}", full_name="Carla Berg")


def eligible(people: Any) -> None:
    people["grace"]["assignments"] = {"User Administrator": {"eligible": True}}


def both(people: Any) -> None:
    leaver(people)
    promotion(people)


def unpinned(people: Any) -> None:
    del people["ada"]["pins"]
    people["ada"]["roles"] = ["Admin agent"]


def deleted(people: Any) -> None:
    del people["grace"]


def additive(file: Any) -> None:
    file["mode"] = "additive"
    file["agent_groups"] = {
        "ids": {
            "AdminAgents": "badd7fac-5d21-53fb-bd3a-31e51f912e36",
            "HelpdeskAgents": "5bebb725-a331-5707-9429-ae9fa3c9ee92",
            "SalesAgents": "97a6e2a8-ee5d-577e-8ba2-cfb7f253b53d",
        }
    }


def customers_before(file: Any) -> None:
    """Two customers, at whom the service desk and mail work."""
    file["gdap"] = {
        "groups": {
            "mail": {"name": "GDAP Mail", "people": ["grace"]},
            "service-desk": {"name": "GDAP Service Desk", "people": ["ines"]},
        },
        "templates": {
            "everyday": {
                "assignments": {"mail": ["Exchange Administrator"], "service-desk": ["Helpdesk Administrator"]},
            }
        },
    }
    file["customers"] = {}
    for number, key in enumerate(("fabrikam", "tailspin-toys"), start=1):
        _customer(file, key, number)


def _customer(file: Any, key: str, number: int) -> None:
    file["customers"][key] = {
        "name": key.title().replace("-", " "),
        "tenant_id": f"c0000000-0000-4000-8000-{number:012}",
        "domain": f"{key}.example",
        "country": "US",
        "reseller": {
            "requested_on": date(2026, 1, 12),
            "approved_on": date(2026, 1, 20),
            "approved_by": "Jane Doe",
        },
        "gdap": {"everyday": {}},
    }


def customers(file: Any) -> None:
    """One customer comes, one goes, and somebody joins the service desk."""
    customers_before(file)
    _customer(file, "adventure-works", 3)
    end = {"reason": "The contract has ended", "decided_by": "Ada Nakamura", "decided_on": date(2026, 11, 1)}
    file["customers"]["tailspin-toys"]["gdap"]["everyday"]["terminate"] = end
    file["gdap"]["groups"]["service-desk"]["people"] = ["emma", "ines"]


def serve_customers(world: "World") -> None:
    """All have approved, and the groups hold their roles."""
    from tests.engine.adatum import approve, relationships

    with world.declaration() as content:
        customers_before(content)
    world.up().ok()
    approve(world, [one["id"] for one in relationships(world)], minutes=1)
    world.up().ok()


def release_the_groups(world: "World") -> None:
    with world.declaration() as content:
        content["agent_groups"] = {"release": True}
    world.up().ok()


def swap_carla_for_an_undeclared_account(world: "World") -> None:
    graph, domain = world.graph, world.tenant.domains.initial
    graph.join("AdminAgents", graph.make(f"mallory@{domain}"))
    graph.leave("AdminAgents", graph.user(f"carla.jensen@{domain}")["id"])


_NAME = "display_name=existing.display_name if existing else group.value"
_RENAMED = (_NAME, 'display_name="Partner " + group.value')
_UNPROTECTED = ("protect=existing is not None and not args.tenant.agent_groups.release", "protect=False")
_REPLACED = ("retain_on_delete=existing is not None", 'retain_on_delete=False, replace_on_changes=["display_name"]')

SCENARIOS = {
    "first-up": Scenario(first=True),
    "unchanged": Scenario(),
    "hire": Scenario(people(hire)),
    "leaver": Scenario(people(leaver)),
    "promotion": Scenario(people(promotion)),
    "mass-removal-refused": Scenario(people(mass_removal)),
    "mass-removal": Scenario(people(mass_removal), guarded=False),
    "rename": Scenario(people(rename)),
    "eligible": Scenario(people(eligible), guarded=False),
    "account-deleted": Scenario(people(deleted), guarded=False),
    "retained-removed": Scenario(people(unpinned), guarded=False),
    "group-renamed": Scenario(guarded=False, groups=(_RENAMED,)),
    "group-replaced": Scenario(guarded=False, groups=(_RENAMED, _UNPROTECTED, _REPLACED)),
    "raw-member": Scenario(program=RAW),
    "program-fails": Scenario(program='\nraise RuntimeError("boom")\n'),
    "leaver-promotion-undeclared": Scenario(people(both), touch=swap_carla_for_an_undeclared_account),
    "mode-additive": Scenario(additive, touch=release_the_groups),
    "customers": Scenario(customers, touch=serve_customers),
}


def plan_of(name: str) -> Path:
    """What the preview of a scenario said."""
    return PLANS / f"{name}.json"


def declared_in(folder: Path, edit: Edit) -> Stack:
    """The declaration after a change, written to a folder."""
    shutil.copytree(DECLARATION, folder, dirs_exist_ok=True)
    yaml, file = YAML(), folder / TENANT_FILE
    content = yaml.load(file)
    edit(content)
    yaml.dump(content, file)
    return load_stack(folder, "contoso/us")


# Recording

_OF_A_STATE = (
    "type",
    "custom",
    "id",
    "parent",
    "provider",
    "protect",
    "external",
    "delete",
    "retainOnDelete",
    "importID",
    "ignoreChanges",
    "propertyDependencies",
)
_OF_A_STEP = ("op", "urn", "detailedDiff", "diffReasons", "replaceReasons")


def trimmed(document: dict[str, Any]) -> str:
    """A preview's document with what may be looked at, a step a line."""
    steps = ",\n".join(
        json.dumps({key: step[key] for key in _OF_A_STEP if key in step} | _states(step), separators=(",", ":"))
        for step in document["steps"]
    )
    message = [
        {**item, "message": re.sub(r'File "[^"]*/', 'File "', item["message"])}
        for item in document.get("diagnostics", [])
        if item["severity"] in ("error", "warning")
    ]
    rest = {"config": document["config"], "diagnostics": message, "changeSummary": document["changeSummary"]}
    lines = ",\n".join(f"{json.dumps(key)}: {json.dumps(value)}" for key, value in rest.items() if value)
    return f'{{"steps": [\n{steps}\n],\n{lines}}}\n'


def _states(step: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for which in ("oldState", "newState"):
        if state := step.get(which):
            found[which] = {key: state[key] for key in _OF_A_STATE if key in state}
            for side in ("inputs", "outputs"):
                if side in state:
                    kept = {key: value for key, value in state[side].items() if key in PROPERTIES | {"password"}}
                    found[which][side] = kept
    return found


def record(folder: Path, names: Collection[str]) -> None:
    """Record scenarios anew."""
    from tenantry.engine import provider, pulumi_cli
    from tenantry.project.paths import Project
    from tests.engine.world import SOURCE, World

    engine = pulumi_cli.find(Project(SOURCE))
    provider.ensure_provider(Project(SOURCE), engine)
    world = World(folder, engine, "us")
    try:
        shutil.copytree(SOURCE / "partners", DECLARATION, dirs_exist_ok=True)
        provisioned = False
        for name, scenario in SCENARIOS.items():
            if name not in names:
                continue
            if not scenario.first and not provisioned:
                world.up().ok()
                world.graph.empower()  # so that a leaver who holds a role may be disabled in the same step
                provisioned = True
            with _changed(world, scenario):
                plan_of(name).write_text(trimmed(preview(world)), "utf-8")
            print(name, file=sys.stderr)
    finally:
        world.close()


def preview(world: "World", *arguments: str) -> dict[str, Any]:
    """What the engine says of a preview: the document alone, without what it says to people."""
    ran = subprocess.run(
        [world.engine.path, "preview", "--json", *arguments, "--non-interactive"],
        cwd=world.project.root,
        env=world.env,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=280,
        check=False,
    )
    return dict(json.loads(ran.stdout))


@contextmanager
def _changed(world: "World", scenario: Scenario) -> Iterator[None]:
    groups = world.project.root / "components" / "agent_groups.py"
    files = {file: file.read_text("utf-8") for file in (world.tenant_file, world.program, groups)}
    if scenario.touch:
        scenario.touch(world)
    with world.declaration() as content:
        scenario.edit(content)
    program = files[world.program]
    if not scenario.guarded:
        program = program.replace("\nstack = ", f"{UNGUARDED}\nstack = ")
    world.program.write_text(program + scenario.program, "utf-8")
    text = files[groups]
    for old, new in scenario.groups:
        assert old in text
        text = text.replace(old, new)
    groups.write_text(text, "utf-8")
    try:
        yield
    finally:
        for file, content_before in files.items():
            file.write_text(content_before, "utf-8")


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as temporary:
        record(Path(temporary).resolve(), sys.argv[1:] or SCENARIOS)
