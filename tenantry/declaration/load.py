"""Loads a partner's folder: ``partner.yaml`` and a file a tenant, valid as a whole or not at all."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Final, TypeVar

from pydantic import BaseModel

from tenantry.declaration.document import NO_SUCH_FILE, DeclarationError, Document, read, shown
from tenantry.declaration.explain import did_you_mean, valid
from tenantry.declaration.fields import is_key
from tenantry.declaration.partner import Partner
from tenantry.declaration.tenant import Tenant
from tenantry.findings import FieldPath, Finding, Place, mistake
from tenantry.sanitize import quoted
from tenantry.spelling import alike

_Model = TypeVar("_Model", bound=BaseModel)

NamedAt = tuple[Place, FieldPath]
"""Where a stack's configuration names its tenant, and in which field."""

DECLARE_ONE: Final = "sign in to your tenant and run `tenantry adopt PARTNER/TENANT`, which declares it as it is"
"""What to do where no partner is declared yet."""

#: What a tenant's file of customers may hold.
OF_CUSTOMERS: Final = ("gdap", "customers")


@dataclass(frozen=True)
class Declaration:
    """A valid partner: its file, its tenants by name, and the documents that say where each field stands."""

    key: str
    partner: Partner
    tenants: Mapping[str, Tenant]
    partner_document: Document
    tenant_documents: Mapping[str, Document]
    """A tenant's document has the fields of its file of customers too."""
    files: tuple[Document, ...] = field(default=(), compare=False)
    """Each file by itself, as it was read."""

    def place(self, tenant: str | None, path: FieldPath) -> Place:
        """Where a field stands: of a tenant's file, or of the partner's with ``tenant=None``."""
        document = self.partner_document if tenant is None else self.tenant_documents[tenant]
        return document.place(path)

    def as_of(self, day: date) -> "Declaration":
        """This partner as the declaration holds on a day: :func:`load` makes it so, and nothing downstream has to."""
        return replace(self, tenants={name: tenant.as_of(day) for name, tenant in self.tenants.items()})

    def stacks(self) -> Iterator["Stack"]:
        """The tenants that a Pulumi stack manages: those of partner business."""
        for name, tenant in self.tenants.items():
            if tenant.is_partner:
                yield Stack(self, name)


@dataclass(frozen=True)
class Stack:
    """One tenant of a partner, as ``tenantry:tenant`` in a stack's configuration names it."""

    declaration: Declaration
    tenant_name: str

    @property
    def name(self) -> str:
        """The tenant with its partner: ``contoso/us``."""
        return f"{self.declaration.key}/{self.tenant_name}"

    @property
    def tenant(self) -> Tenant:
        """The tenant's declaration."""
        return self.declaration.tenants[self.tenant_name]

    def with_object_ids(self, found: Mapping[str, str]) -> "Stack":
        """This stack as if the tenant's file had the object ids of accounts that were looked up, by person's key."""
        tenants = {**self.declaration.tenants, self.tenant_name: self.tenant.with_object_ids(found)}
        return replace(self, declaration=replace(self.declaration, tenants=tenants))


def load(folder: Path, today: date | None = None) -> Declaration:
    """Load the partner in a folder, as its declaration holds today: what has ended is gone.

    Raises :class:`DeclarationError` with every problem of every file; a declaration with a
    mistake is never returned in part.
    """
    if not _is_folder(folder):
        beside = ", ".join(map(shown, partner_folders(folder.parent)))
        remediation = f"name a partner's folder: {beside}" if beside else "name the folder that holds its partner.yaml"
        raise DeclarationError(
            [
                mistake("no such folder", "a folder that has a partner.yaml", remediation, unreadable=True).at(
                    Place(shown(folder))
                )
            ]
        )
    partner, document, problems = _model_in(Partner, folder / "partner.yaml")
    listed = _listed(document)
    read_files = [document] if document else []
    tenants: dict[str, Tenant] = {}
    documents: dict[str, Document] = {}
    for name, (place, path) in (listed or {}).items():
        if not is_key(name):
            continue
        file = folder / "tenants" / f"{name}.yaml"
        tenant, own_files, tenant_document, more = _tenant_in(file, folder / "customers" / file.name)
        read_files += own_files
        if [problem.actual for problem in more] == [NO_SUCH_FILE]:
            actual, remediation = f"{name!r}, and no file {shown(file)}", f"create {shown(file)}, or remove {name!r}"
            more = [mistake(actual, "names of files under tenants/", remediation, path, unreadable=True).at(place)]
        problems += more
        if tenant and tenant_document:
            tenants[name], documents[name] = tenant, tenant_document
    problems += _unlisted(folder, listed, document)
    if problems or partner is None or document is None:
        raise DeclarationError(problems)
    declaration = Declaration(folder.resolve().name, partner, tenants, document, documents, tuple(read_files))
    return declaration.as_of(today or date.today())


def partner_folders(partners: Path) -> list[Path]:
    """The folders of a folder that hold a partner, by name."""
    return sorted(file.parent for file in partners.glob("*/partner.yaml"))


def load_stack(partners: Path, name: str, today: date | None = None, named_at: NamedAt | None = None) -> Stack:
    """Load the tenant that a stack names: ``contoso/us`` is tenant ``us`` of the partner in ``contoso``.

    Raises :class:`DeclarationError` as :func:`load` does, and where there is no such partner or tenant: at the place
    where the stack names it, if that is known.
    """
    partner, _, tenant = name.partition("/")
    if not _is_folder(partners) or partner not in (item.name for item in partners.iterdir() if _is_folder(item)):
        place, path = named_at or (Place(shown(partners)), ())
        raise DeclarationError([_no_partner(partners, partner, tenant, path).at(place)])
    declaration = load(partners / partner, today)
    stacks = [stack.name for stack in declaration.stacks()]
    if name not in stacks:
        actual, remediation = f"no partner tenant {quoted(name)}", f"set `tenantry:tenant` to {_any_of(stacks)}"
        if tenant in declaration.tenants:
            actual += " (it is for own use and has no stack)"
        else:
            remediation = did_you_mean(name, stacks, remediation)
        place, path = named_at or (declaration.partner_document.place(("tenants",)), ("tenants",))
        expected = ", ".join(stacks) or "a partner tenant"
        raise DeclarationError([mistake(actual, expected, remediation, path).at(place)])
    return Stack(declaration, tenant)


def _any_of(names: list[str]) -> str:
    return names[0] if len(names) == 1 else "one of them"


def _no_partner(partners: Path, partner: str, tenant: str, path: FieldPath) -> Finding:
    existing = [folder.name for folder in partner_folders(partners)]
    if existing:
        expected = f"PARTNER/TENANT with the name of a folder under {shown(partners)}/: {', '.join(existing)}"
        near = alike(partner, existing)
        meant = f"{near}/{tenant}" if near and is_key(tenant) else ""
        remediation = (
            f"did you mean `{meant}`?" if meant else f"set `tenantry:tenant` to a tenant of {_any_of(existing)}"
        )
    else:
        expected, remediation = f"a partner under {shown(partners)}/, which has none", DECLARE_ONE
    return mistake(f"no partner {quoted(partner)}", expected, remediation, path, unreadable=True)


def _is_folder(path: Path) -> bool:
    try:
        return path.is_dir()
    except OSError:
        return False


def _listed(document: Document | None) -> dict[str, tuple[Place, FieldPath]] | None:
    """The tenants that a partner's file lists, valid or not, with each entry's place and path; None without a list."""
    names = document.content.get("tenants") if document else None
    if document is None or not isinstance(names, list):
        return None
    return {
        name: (document.place(("tenants", index)), ("tenants", index))
        for index, name in enumerate(names)
        if isinstance(name, str)
    }


def _unlisted(folder: Path, listed: Collection[str] | None, document: Document | None) -> list[Finding]:
    """Mistakes of files under tenants/ that the partner's file does not list, and of what they hold.

    Tenantry never leaves a file out silently: its people would be left out with it.
    """
    problems: list[Finding] = []
    for file in sorted((folder / "tenants").glob("*")):
        named_right = file.suffix == ".yaml"
        if file.suffix.lower() not in (".yaml", ".yml") or (named_right and file.stem in (listed or ())):
            continue
        if document and listed is not None:
            reason = "which is not listed" if named_right else "whose name does not end in .yaml"
            remediation = f"add {quoted(file.stem)} to the list" if named_right else "rename it"
            actual, place = f"{quoted(f'tenants/{file.name}')}, {reason}", document.place(("tenants",))
            expected = "a list that names every file under tenants/"
            problems.append(mistake(actual, expected, f"{remediation}, or remove the file", ("tenants",)).at(place))
        if is_key(file.stem):
            problems += _model_in(Tenant, file)[2]
    for file in sorted((folder / "customers").glob("*")):
        if file.suffix.lower() in (".yaml", ".yml") and not (file.suffix == ".yaml" and file.stem in (listed or ())):
            actual = f"{quoted(f'customers/{file.name}')}, and no tenant of this name"
            expected = "files under customers/ that have the name of a tenant's file"
            found = mistake(actual, expected, "rename it, or remove it")
            problems.append(found.at(Place(shown(file))))
    return problems


def _tenant_in(file: Path, customers: Path) -> tuple[Tenant | None, list[Document], Document | None, list[Finding]]:
    """A tenant's file with its file of customers, where there is one; each as it was read; and every problem."""
    if not customers.exists():
        tenant, document, problems = _model_in(Tenant, file)
        return tenant, [document] if document else [], document, problems
    try:
        document, more = read(file), read(customers)
    except DeclarationError as error:
        return None, [], None, list(error.problems)
    problems = [
        mistake(
            f"`{name}`, which {shown(file)} has too" if name in OF_CUSTOMERS else f"the unknown key {quoted(name)}",
            ", ".join(OF_CUSTOMERS),
            "keep one of the two" if name in OF_CUSTOMERS else "move it to the tenant's file, or remove it",
            (name,),
        ).at(more.place((name,), key=True))
        for name in more.content
        if name not in OF_CUSTOMERS or name in document.content
    ]
    if problems:
        return None, [], None, problems
    both = document.with_fields_of(more)
    try:
        return valid(Tenant, both), [document, more], both, []
    except DeclarationError as error:
        return None, [], both, list(error.problems)


def _model_in(model: type[_Model], file: Path) -> tuple[_Model | None, Document | None, list[Finding]]:
    """A file as the model that it is, as far as it can be read, and every problem of it."""
    try:
        document = read(file)
    except DeclarationError as error:
        return None, None, list(error.problems)
    try:
        return valid(model, document), document, []
    except DeclarationError as error:
        return None, document, list(error.problems)
