"""The files that people write for the embedded directory, faults and seeds: YAML, each mistake with its place.

The directory itself takes them as data, so that it needs nothing of how files are read.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tenantry.declaration import DeclarationError, document
from tenantry.declaration.explain import valid
from tenantry.directory.faults import Faults
from tenantry.directory.seed import SeedError, plant
from tenantry.directory.seed_model import Seed
from tenantry.directory.tenant import Tenant
from tenantry.findings import mistake
from tenantry.sanitize import quoted

_REQUEST: Final = Path("the request")
"""What messages call the body of a request to the controls."""


def read_faults(path: Path) -> Faults:
    """Read faults from a file of JSON or YAML. Raises DeclarationError with every mistake in it."""
    return valid(Faults, document.read(path))


def parse_faults(content: bytes) -> Faults:
    """Read faults from a request of JSON or YAML. Raises ValueError with every mistake in it."""
    try:
        return valid(Faults, document.read_bytes(_REQUEST, content))
    except DeclarationError as error:
        raise ValueError(str(error)) from None


@dataclass(frozen=True)
class SeedFile:
    """What a file adds, and where in it each field stands."""

    seed: Seed
    document: document.Document

    @classmethod
    def read(cls, path: Path) -> "SeedFile":
        """Read a file. Raises DeclarationError with every mistake in it."""
        found = document.read(path)
        return cls(valid(Seed, found), found)

    def plant(self, tenant: Tenant) -> None:
        """Add what the file says, in the caller's transaction. Raises DeclarationError with every mistake."""
        try:
            plant(tenant, self.seed)
        except SeedError as error:
            raise DeclarationError(
                mistake(
                    f"{'a password' if entry.actual is None else quoted(entry.actual)}{entry.reason}",
                    entry.expected,
                    entry.remediation,
                    entry.path,
                ).at(self.document.place(entry.path, key=entry.is_key))
                for entry in error.rejected
            ) from None
