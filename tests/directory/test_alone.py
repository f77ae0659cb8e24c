"""The embedded directory is a package by itself: beside itself it needs four modules of facts and spelling."""

import subprocess
import sys
from pathlib import Path

from tenantry.directory.state import State

from .samples import LiveDirectory, user_body
from .test_server import signed_in

#: What it may import of the product, and no more.
NEEDED = ("graph_permissions", "role_templates", "sensitive_actions", "spelling")

ALONE = f"""
import sys

class Refusing:
    def find_spec(self, name, path=None, target=None):
        room = name.split(".")[1:2]
        if name.startswith("tenantry.") and room[0] not in {("directory", *NEEDED)}:
            raise ImportError(f"the directory runs alone, without {{name}}")
        return None

sys.meta_path.insert(0, Refusing())
"""


def test_it_serves_signs_in_and_keeps_a_user_with_nothing_else_of_the_product(tmp_path: Path) -> None:
    with LiveDirectory(tmp_path / "state", first=ALONE) as live:
        with signed_in(live) as client:
            made = client.post("/v1.0/users", json=user_body("bob"))
            assert made.status_code == 201, made.text
            read = client.get(f"/v1.0/users/{made.json()['id']}")
            assert (read.status_code, read.json()["userPrincipalName"]) == (200, "bob@contoso.example")
        assert live.output() == ""


def test_its_controls_read_json_by_themselves(tmp_path: Path) -> None:
    with LiveDirectory(tmp_path / "state", first=ALONE) as live, live.client() as client:
        headers = {"Authorization": f"Bearer {State(live.state_dir).control_secret()}"}
        fault = {"kind": "server_error", "status": 503, "count": 1}
        assert client.put("/_control/faults", json={"faults": [fault]}, headers=headers).status_code == 200
        refused = client.put("/_control/faults", json={"faults": [{**fault, "path": "users"}]}, headers=headers)
        assert refused.status_code == 400
        assert "a path below the version" in refused.json()["error"]["message"]


def test_every_module_of_it_loads_alone(tmp_path: Path) -> None:
    package = Path(__file__).parents[2] / "tenantry/directory"
    modules = sorted(f"tenantry.directory.{file.stem}" for file in package.glob("*.py") if file.stem != "__init__")
    assert len(modules) > 40
    program = f"{ALONE}\nimport importlib\nfor name in {modules}:\n    importlib.import_module(name)\n"
    ran = subprocess.run([sys.executable, "-c", program], cwd=package.parents[1], capture_output=True, text=True)
    assert (ran.returncode, ran.stderr) == (0, "")
