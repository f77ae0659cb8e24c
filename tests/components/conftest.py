from collections.abc import Iterator
from pathlib import Path

import pytest

pytest.importorskip("pulumi_azuread")

import pulumi

from tenantry.declaration import Tenant, load

from .world import Run, provision


@pytest.fixture(scope="session")
def us(root: Path) -> Tenant:
    """The sample's tenant of the United States."""
    return load(root / "partners/contoso").tenants["us"]


@pytest.fixture(scope="session")
def sample(us: Tenant) -> Run:
    """The sample's tenant, provisioned where nothing is but what Partner Center made."""
    return provision(us)


@pytest.fixture(autouse=True)
def no_config_left() -> Iterator[None]:
    yield
    pulumi.runtime.set_all_config({})
