"""A partner whose declaration fires nothing, and how a case makes one mistake in it."""

from dataclasses import dataclass
from datetime import date

PARTNER = "partner.yaml"
OWN = "tenants/own.yaml"
US = "tenants/us.yaml"

#: The day on which the committed folder is judged: stated dates age, and these files do not.
TODAY = date(2026, 11, 22)

HERE = "§"
"""Marks, in the text of a change, a place that a message must name."""

FILES = {
    PARTNER: """\
name: Acme
legal:
  name: Acme Inc.
  address: {street: 1 Main Street, city: Redmond, postal_code: "98052", country: US}
  phone: +1 425 555 0100
  registered_as: {registry: Washington SOS, number: 604 123 456}
  checked_on: 2026-09-14
contact: {name: Ada Moss, email: ada.moss@acme.example, phone: +1 425 555 0101, email_verified_on: 2026-09-14}
partner_id: "4827315"
headquarters: {country: US, domain: acme.example}
agreement: {accepted_on: 2025-02-03, by: Ada Moss}
account_verified_on: 2025-02-10
tenants: [own, us]
""",
    OWN: """\
id: 0d9a4b52-3c1e-4f7a-8b60-51f3c27ad901
name: Acme
country: US
purpose: [own use]
domains: {initial: acme.onmicrosoft.com, verified: [acme.example]}
""",
    US: """\
id: 6f1f7c0e-52a3-4d0b-9e57-2b8b9f4c1a10
name: Acme Partner
country: US
purpose: [partner]
serves: [US]
programs: {CSP: {enrolled_on: 2025-02-17, location_id: "5120344"}}
domains: {initial: acme-partner.onmicrosoft.com}
mode: authoritative
people:
  ada: {full_name: Ada Moss, upn: ada.moss@acme-partner.onmicrosoft.com, email: ada.moss@acme.example, \
email_verified_on: 2026-09-14, roles: [Global admin], adopted: 3b6c5a0e-8f5d-4c8f-9a3e-4a6a1a6d7e01}
  bruno: {full_name: Bruno Vale, upn: bruno.vale@acme-partner.onmicrosoft.com, email: bruno.vale@acme.example, \
roles: [Global admin]}
  carla: {full_name: Carla Wood, upn: carla.wood@acme-partner.onmicrosoft.com, email: carla.wood@acme.example, \
roles: [Admin agent]}
  dora: {full_name: Dora Lake, upn: dora.lake@acme-partner.onmicrosoft.com, email: dora.lake@acme.example, \
roles: [Sales agent]}
  gus: {full_name: Gus Dale, upn: gus.dale@acme-partner.onmicrosoft.com, email: gus.dale@acme.example, \
roles: [User management admin]}
  rescue-1: {full_name: Emergency access 1, upn: rescue-1@acme-partner.onmicrosoft.com, \
roles: [Global admin], emergency: true}
  rescue-2: {full_name: Emergency access 2, upn: rescue-2@acme-partner.onmicrosoft.com, \
roles: [Global admin], emergency: true}
ftop:
  approval: {on: 2025-03-04, by: ada}
  customers: {fabrikam: {name: Fabrikam Inc., assignments: {carla: [FastTrack Engineer]}}}
""",
}

DECLARATION = "declaration"
"""Stands, where a rule's id could, for a mistake in the files."""


@dataclass(frozen=True)
class Edit:
    """A text that stands once in a file, and what it becomes."""

    file: str
    old: str
    new: str


@dataclass(frozen=True)
class Write:
    """A file with other content, or a further file; with None, no such file."""

    file: str
    content: str | bytes | None


Change = Edit | Write


@dataclass(frozen=True)
class Case:
    """One mistake: what is changed, and what must be said of it.

    ``says`` has the ids of everything that is said, in the order of the marks in the files; one mark serves for all
    of them, and no mark means the beginning of the file that is changed.
    """

    name: str
    changes: tuple[Change, ...]
    says: tuple[str, ...]
    exit_code: int
    files: dict[str, bytes]
    places: tuple[tuple[str, int, int], ...]

    @property
    def expected(self) -> dict[str, object]:
        """What the committed index says of the case."""
        said = sorted(zip(self.says, self.places, strict=True))
        return {
            "exit_code": self.exit_code,
            "says": [{"id": id_, "file": file, "line": line, "column": column} for id_, (file, line, column) in said],
        }


def case(name: str, *changes: Change, says: tuple[str, ...] = (DECLARATION,), exit_code: int = 1) -> Case:
    """A case with its files and the marked places in them."""
    files: dict[str, str | bytes] = dict(FILES)
    for change in changes:
        if isinstance(change, Write):
            if change.content is None:
                del files[change.file]
            else:
                files[change.file] = change.content
            continue
        text = files[change.file]
        assert isinstance(text, str)
        assert text.count(change.old) == 1, f"{name}: {change.old!r} stands {text.count(change.old)} times"
        files[change.file] = text.replace(change.old, change.new)
    places: list[tuple[str, int, int]] = []
    written: dict[str, bytes] = {}
    for file, content in files.items():
        if isinstance(content, str):
            while HERE in content:
                before, _, after = content.partition(HERE)
                places.append((file, before.count("\n") + 1, len(before) - before.rfind("\n")))
                content = before + after
            content = content.encode()
        written[file] = content
    if not places and says:
        places = [(changes[0].file, 1, 1)]
    if len(places) == 1:
        places *= len(says)
    return Case(name, changes, says, exit_code, written, tuple(places))
