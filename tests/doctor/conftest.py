"""A repository and a machine on which everything is right, at an embedded directory of its own."""

import json
import os
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, field, replace
from importlib.metadata import version
from pathlib import Path

import pytest

from tenantry.directory.onboarding import enrol
from tenantry.directory.state import State
from tenantry.directory.store import Store
from tenantry.doctor import look, tenant
from tenantry.doctor.model import Check, DoctorReport, Standing
from tenantry.doctor.run import doctor
from tenantry.engine import provider
from tenantry.project.paths import Project
from tests.cli.conftest import tenantry as tenantry
from tests.directory.samples import UNITED_STATES, LiveDirectory
from tests.engine.world import LEAST
from tests.unit_engine.conftest import declare, script

PULUMI = """\
case "$1" in
version) echo v3.259.0;;
stack) cat "$0.state" 2> /dev/null || { echo "error: ${SAYS-cannot open $PULUMI_BACKEND_URL}" >&2; exit 255; };;
plugin)
  if [ "$2" = install ]; then echo "$5" >> "$0.plugins"; exit; fi
  printf '['
  for v in $(cat "$0.plugins"); do printf '%s{"kind":"resource","name":"azuread","version":"%s"}' "$c" "$v"; c=,; done
  echo ']';;
esac
"""


@dataclass
class SetUp:
    """A repository, the machine that it is on, and what the directory lets the application do."""

    root: Path
    home: Path
    directory: LiveDirectory
    variables: dict[str, str] = field(default_factory=dict)

    @property
    def project(self) -> Project:
        return Project(self.root)

    @property
    def pulumi(self) -> Path:
        return self.home / ".pulumi/bin/pulumi"

    @property
    def state(self) -> Path:
        """What the engine exports; without it, the engine fails, and says why: $SAYS, else that with the address."""
        return self.pulumi.with_name("pulumi.state")

    def permit(self, *permissions: str) -> None:
        with closing(Store(State(self.directory.state_dir).store)) as store:
            secret = self.directory.credentials().client_secret
            enrol(store, replace(UNITED_STATES, permissions=frozenset(permissions)), secret)

    def look(self, stack: str | None = None, *, offline: bool = False, here: Path | None = None) -> DoctorReport:
        return doctor(here or self.root, stack, self.variables, offline=offline)

    def check(self, name: str, *, offline: bool = False) -> Check:
        """The check of a name: the first that is not fine, where there are several."""
        named = [check for check in self.look(offline=offline).checks if check.name == name]
        return next((check for check in named if check.standing is not Standing.FINE), named[0])

    def permissions(self) -> Check:
        """The check of the permissions, with nothing else looked at."""
        _, _, declared = look.repository_of(self.root, None)
        _, cloud = look.way_of(self.variables, "")
        _, identity = look.sign_in_of(self.variables, cloud, True, "")
        facts = look.tenant_of(declared, self.variables, cloud, identity, "")
        (found,) = (check for check in tenant.check(facts) if check.name == "permissions")
        return found


@pytest.fixture(scope="session")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveDirectory]:
    with LiveDirectory(tmp_path_factory.mktemp("doctor") / "state") as directory:
        yield directory


@pytest.fixture
def set_up(served: LiveDirectory, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[SetUp]:
    root, home = tmp_path / "repository", tmp_path / "home"
    root.mkdir()
    (root / "Pulumi.yaml").write_text('name: tiny\nruntime: python\nrequiredPulumiVersion: ">=3.249.0"\n')
    (root / "Pulumi.main.yaml").write_text("encryptionsalt: v1:x\nconfig:\n  tenantry:tenant: fabrikam/us\n")
    (root / "requirements.lock").write_text(f"httpx=={version('httpx')} \\\n    --hash=sha256:0\n")
    (root / "policies").mkdir()
    declare(Project(root), us=UNITED_STATES.tenant_id)
    (home / "state").mkdir(parents=True)
    made = SetUp(root, home, served)
    script(made.pulumi, PULUMI)
    script(made.pulumi.with_name("pulumi-language-python"), "")
    made.pulumi.with_name("pulumi.plugins").write_text(f"{provider.wanted_version()}\n")
    made.state.write_text('{"deployment": {"resources": []}}')
    credentials = served.credentials()
    made.variables = {
        "HOME": str(home),
        "PATH": os.pathsep.join((str(made.pulumi.parent), str(Path(sys.executable).parent), "/usr/bin", "/bin")),
        "ARM_TENANT_ID": UNITED_STATES.tenant_id,
        "ARM_CLIENT_ID": credentials.client_id,
        "ARM_CLIENT_SECRET": credentials.client_secret,
        "ARM_METADATA_HOSTNAME": served.running.metadata_host,
        "SSL_CERT_FILE": str(served.bundle),
        "PULUMI_BACKEND_URL": f"file://{home}/state",
        "PULUMI_CONFIG_PASSPHRASE": "the passphrase of the stack",
    }
    # The CLI is looked for by this process's own variables.
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("PATH", made.variables["PATH"])
    made.permit(*LEAST)
    yield made
    made.permit(*UNITED_STATES.permissions)


@pytest.fixture
def neutral(set_up: SetUp) -> Callable[[str], str]:
    """Text without what is new in each run."""
    return lambda text: _without(text, set_up)


def _without(text: str, set_up: SetUp) -> str:
    replaced: Mapping[str, str] = {
        str(set_up.root): "/repository",
        str(set_up.home): "/home/ada",
        str(set_up.directory.state_dir): "/directory",
        str(Path(sys.executable).parent): "/venv/bin",
        f"Python {sys.version_info.major}.{sys.version_info.minor}": "Python 3.x",
        set_up.directory.credentials().client_id: "CLIENT-ID",
        json.dumps(str(Path(sys.executable).name))[1:-1]: "python",
    }
    for old, new in replaced.items():
        text = text.replace(old, new)
    return text
