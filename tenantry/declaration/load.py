"""Loads a partner's folder: ``partner.yaml`` and a file a tenant, valid as a whole or not at all."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Final, TypeVar, get_args

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from tenantry.declaration.document import Document, kind_of, read
from tenantry.declaration.fields import quoted
from tenantry.declaration.models import Partner, Tenant
from tenantry.declaration.problems import DeclarationError, FieldPath, Place, Problem, field_name, shown

_Model = TypeVar("_Model", bound=BaseModel)


@dataclass(frozen=True)
class Declaration:
    """A valid partner: its file, its tenants by name, and the documents that say where each field stands."""

    key: str
    partner: Partner
    tenants: Mapping[str, Tenant]
    partner_document: Document
    tenant_documents: Mapping[str, Document]

    def place(self, tenant: str | None, path: FieldPath) -> Place:
        """Where a field stands: of a tenant's file, or of the partner's with ``tenant=None``."""
        document = self.partner_document if tenant is None else self.tenant_documents[tenant]
        return document.place(path)

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


def load(folder: Path) -> Declaration:
    """Load the partner in a folder.

    Raises :class:`DeclarationError` with every problem of every file; nothing is returned of a declaration that
    is wrong anywhere.
    """
    if not folder.is_dir():
        raise DeclarationError(
            [
                Problem(
                    Place(shown(folder)),
                    "",
                    "no such folder" if not folder.exists() else "a file",
                    "a partner's folder with partner.yaml in it",
                    "name the folder, such as partners/contoso",
                    unreadable=True,
                )
            ]
        )
    document = read(folder / "partner.yaml")
    partner, problems = _validated(Partner, document)
    names = partner.tenants if partner else _names_in(document)
    tenants: dict[str, Tenant] = {}
    documents: dict[str, Document] = {}
    for index, name in enumerate(names):
        try:
            documents[name] = read(folder / "tenants" / f"{name}.yaml")
        except DeclarationError as error:
            listed = document.place(("tenants", index))
            problems += [
                problem
                if problem.found != "no such file"
                else Problem(
                    listed,
                    f"tenants[{index}]",
                    f"{name!r}, and no file {problem.place.file}",
                    "names of files under tenants/",
                    f"create {problem.place.file}, or remove {name!r}",
                    unreadable=True,
                )
                for problem in error.problems
            ]
            continue
        tenant, more = _validated(Tenant, documents[name])
        problems += more
        if tenant:
            tenants[name] = tenant
    problems += _unlisted(folder, names, document)
    if problems or partner is None:
        raise DeclarationError(problems)
    return Declaration(folder.resolve().name, partner, tenants, document, documents)


def load_stack(partners: Path, name: str) -> Stack:
    """Load the tenant that a stack names: ``contoso/us`` is tenant ``us`` of the partner in ``contoso``.

    Raises :class:`DeclarationError` as :func:`load` does, and where there is no such tenant.
    """
    partner, _, tenant = name.partition("/")
    declaration = load(partners / partner)
    stacks = [stack.name for stack in declaration.stacks()]
    if name not in stacks:
        near = get_close_matches(name, stacks, n=1)
        own_use = tenant in declaration.tenants
        raise DeclarationError(
            [
                Problem(
                    declaration.partner_document.place(("tenants",)),
                    "tenants",
                    f"no partner tenant {name!r}" + (" (it is for own use, which no stack manages)" if own_use else ""),
                    ", ".join(stacks) or "a tenant whose purpose is partner",
                    f"did you mean `{near[0]}`?" if near else "set `tenantry:tenant` to one of them",
                )
            ]
        )
    return Stack(declaration, tenant)


def _names_in(document: Document) -> tuple[str, ...]:
    """The tenants that an invalid partner file lists, so that their mistakes are shown in the same run."""
    names = document.content.get("tenants")
    return tuple(name for name in names if isinstance(name, str)) if isinstance(names, list) else ()


def _unlisted(folder: Path, names: tuple[str, ...], document: Document) -> list[Problem]:
    """A tenant's file that the partner does not list would be silently left out: it is a mistake."""
    found = sorted(path.stem for path in (folder / "tenants").glob("*.y*ml") if path.stem not in names)
    return [
        Problem(
            document.place(("tenants",)),
            "tenants",
            f"a file tenants/{name}.yaml that is not listed",
            "a list of every file under tenants/",
            f"add {name!r} to the list, or remove the file",
        )
        for name in found
    ]


def _validated(model: type[_Model], document: Document) -> tuple[_Model | None, list[Problem]]:
    try:
        return model.model_validate(document.content), []
    except ValidationError as error:
        return None, [_problem(model, document, detail) for detail in error.errors(include_url=False)]


#: What pydantic calls a wrong type, and what a person would call the right one.
_WANTED: Final = {
    "string_type": "text (in quotes where it looks like a number)",
    "bool_type": "true or false",
    "int_type": "a whole number",
    "tuple_type": "a list",
    "frozen_set_type": "a list",
    "dict_type": "a map",
    "model_type": "a map",
    "model_attributes_type": "a map",
}


def _problem(model: type[BaseModel], document: Document, error: ErrorDetails) -> Problem:
    """One of pydantic's errors as a message for the writer of the file."""
    context = error.get("ctx", {})
    about_key = error["type"] == "extra_forbidden" or "[key]" in error["loc"]
    path: FieldPath = tuple(step for step in error["loc"] if step != "[key]")
    value = _at(document.content, path)
    match error["type"]:
        case "declaration":
            found, allowed, mend = context["found"], context["allowed"], context["mend"]
        case "missing":
            found, allowed = "nothing", f"`{path[-1]}`, which is required"
            mend = f"add `{path[-1]}:`"
        case "extra_forbidden":
            names = _fields_at(model, path[:-1])
            near = get_close_matches(str(path[-1]), names, n=1)
            found, allowed = f"the unknown key `{path[-1]}`", ", ".join(names)
            mend = f"did you mean `{near[0]}`?" if near else "remove it"
        case "enum":
            found, allowed = quoted(value), str(context["expected"])
            near = get_close_matches(
                str(value), [name.strip("'") for name in allowed.replace(" or ", ", ").split(", ")], n=1
            )
            mend = f"did you mean `{near[0]}`?" if near else "choose one of them"
        case kind if kind in _WANTED:
            found = f"a {kind_of(value)}" if value is not None else "nothing"
            allowed, mend = _WANTED[kind], f"write {_WANTED[kind]} there"
        case _:
            found = quoted(value) if isinstance(value, str | int | float) else f"a {kind_of(value)}"
            allowed, mend = (
                error["msg"].removeprefix("Input ").removeprefix("should be "),
                "correct the value",
            )
    place = document.place(path, key=about_key)
    return Problem(place, field_name(path), found, allowed, mend)


def _at(content: Any, path: FieldPath) -> Any:
    for step in path:
        try:
            content = content[step]
        except (KeyError, IndexError, TypeError):
            return None
    return content


def _fields_at(model: type[BaseModel], path: FieldPath) -> list[str]:
    """The field names that the model has at a path, looking through maps and optional fields."""
    here: Any = model
    for step in path:
        if isinstance(here, type) and issubclass(here, BaseModel):
            here = here.model_fields[str(step)].annotation
        here = _model_in(here)
    return sorted(here.model_fields) if isinstance(here, type) and issubclass(here, BaseModel) else []


def _model_in(annotation: Any) -> Any:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    models = [_model_in(argument) for argument in get_args(annotation)]
    return next((model for model in models if isinstance(model, type) and issubclass(model, BaseModel)), None)
