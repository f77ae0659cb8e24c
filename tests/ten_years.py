"""The example of a partner after ten years, in the sample's tenant: for every kind of test that wants a real mess."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from tenantry.declaration import Declaration, load
from tenantry.directory.local import LocalGraph
from tenantry.directory.onboarding import enrol
from tenantry.directory.store import Store
from tenantry.engine.directory_files import SeedFile
from tenantry.engine.enrolments import enrolments
from tests.directory.samples import CLIENT_SECRET, Tenant

_ROOT: Final = Path(__file__).resolve().parents[1]
SEED: Final = _ROOT / "examples/seeds/ten-years.yaml"
AT: Final = "@contoso-partner.onmicrosoft.com"


@contextmanager
def grown() -> Iterator[tuple[Declaration, Store, Tenant]]:
    """The sample's tenant in the United States as it grew: what is declared, what keeps it, and Microsoft Graph."""
    declaration = load(_ROOT / "partners/contoso")
    (enrolment,) = [item for item in enrolments(declaration) if item.tenant_id == declaration.tenants["us"].id]
    store = Store()
    enrol(store, enrolment, CLIENT_SECRET)
    with store.writing(enrolment.tenant_id) as tenant:
        SeedFile.read(SEED).plant(tenant)
    with LocalGraph(store, enrolment.tenant_id) as graph:
        yield declaration, store, Tenant(graph, enrolment)
    store.close()
