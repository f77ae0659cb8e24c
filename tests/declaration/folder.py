"""A small valid partner on disk, and how tests damage it."""

from pathlib import Path

import pytest

from tenantry.declaration import Declaration, DeclarationError, Place, load
from tenantry.declaration.document import shown
from tenantry.findings import Finding

PARTNER = "partner.yaml"
US = "tenants/us.yaml"
OWN = "tenants/own-use.yaml"

FILES = {
    PARTNER: """\
name: Contoso Deployment Services
legal:
  name: Contoso Deployment Services Inc.
  address: {street: 4567 Main Street, city: Redmond, postal_code: "98052", country: US}
  checked_on: 2026-09-14
contact: {name: Ada Nakamura, email: ada.nakamura@contoso.com}
partner_id: "4827315"
tenants: [own-use, us]
""",
    OWN: """\
id: 0d9a4b52-3c1e-4f7a-8b60-51f3c27ad901
name: Contoso
country: US
purpose: [own use]
domains: {initial: contoso.onmicrosoft.com, verified: [contoso.com]}
""",
    US: """\
id: 6f1f7c0e-52a3-4d0b-9e57-2b8b9f4c1a10
name: Contoso Partner (US)
country: US
purpose: [partner]
programs:
  CSP: {enrolled_on: 2025-02-17, location_id: "5120344"}
domains:
  initial: contoso-partner.onmicrosoft.com
mode: authoritative
people:
  ada:
    full_name: Ada Nakamura
    upn: ada@contoso-partner.onmicrosoft.com
    email: ada.nakamura@contoso.com
    roles: [Global admin]
    company_roles: [Account admin]
    adopted: 3b6c5a0e-8f5d-4c8f-9a3e-4a6a1a6d7e01
    pins:
      role_assignments:
        Global Administrator: lAPpYvVpN0KRkAEhdxReEA5abDtdj49Mmj5KahptfgE-1
  "carla":
    full_name: 'Carla Jensen'
    upn: "carla@contoso-partner.onmicrosoft.com"
    roles:
      - Admin agent
      - Billing admin
  ines: {full_name: Ines Costa, upn: ines@contoso-partner.onmicrosoft.com, roles: [Helpdesk agent]}
  rescue:
    full_name: Emergency access
    upn: rescue@contoso-partner.onmicrosoft.com
    roles: [Global admin]
    emergency: true
ftop:
  approval: {on: 2025-03-04, by: ada}
  customers:
    fabrikam:
      name: Fabrikam Inc.
      assignments: {ines: [FastTrack Engineer]}
""",
}

HERE = "§"
"""Marks, in the text of a damaged file, the place that the message must name."""


class Folder:
    """A partner's folder that a test writes and damages."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.here: tuple[int, int] | None = None
        for name, text in FILES.items():
            self.write(name, text)

    def write(self, name: str, text: str) -> None:
        """Write a file, taking the mark out of it."""
        before, mark, after = text.partition(HERE)
        if mark:
            self.here = (before.count("\n") + 1, len(before) - before.rfind("\n"))
        file = self.path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(before + after, encoding="utf-8")

    def replace(self, name: str, old: str, new: str) -> None:
        """Replace the only occurrence of a text in a file as it was written first."""
        assert FILES[name].count(old) == 1, f"{old!r} stands {FILES[name].count(old)} times in {name}"
        self.write(name, FILES[name].replace(old, new))

    def place(self, name: str) -> Place:
        """The marked place in a file; the beginning of the file where none is marked."""
        return Place(shown(self.path / name), *(self.here or (1, 1)))

    def load(self) -> Declaration:
        return load(self.path)

    def error(self) -> DeclarationError:
        with pytest.raises(DeclarationError) as caught:
            load(self.path)
        return caught.value

    def problem(self) -> Finding:
        """The only problem there is."""
        problems = self.error().problems
        assert len(problems) == 1, "\n".join(map(str, problems))
        return problems[0]
