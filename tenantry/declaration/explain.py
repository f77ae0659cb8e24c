"""What a model finds wrong, in words for the writer of the file: pydantic's errors as :class:`Finding`."""

from collections.abc import Iterator
from datetime import date
from types import NoneType, UnionType
from typing import Annotated, Any, Final, TypeVar, Union, get_args, get_origin

from pydantic import BaseModel, SecretStr, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from tenantry.declaration.document import DeclarationError, Document, described, kind_of
from tenantry.findings import FieldPath, Finding, mistake
from tenantry.roles import AgentGroup, DirectoryRole
from tenantry.sanitize import quoted
from tenantry.spelling import alike, misspelt

_Model = TypeVar("_Model", bound=BaseModel)

_ACCESS: Final = frozenset[str]((*AgentGroup, *DirectoryRole))

#: What pydantic calls a wrong type, and what a person would call the right one.
_WANTED: Final = {
    "string_type": "text (in quotes where it looks like a number)",
    "bool_type": "true or false",
    "int_type": "a whole number",
    "float_type": "a number",
    "finite_number": "a finite number",
    "list_type": "a list",
    "mapping_type": "a map",
    "tuple_type": "a list",
    "frozen_set_type": "a list",
    "dict_type": "a map",
    "model_type": "a map",
    "model_attributes_type": "a map",
}


def valid(model: type[_Model], document: Document) -> _Model:
    """A document as the model that it is. Raises :class:`DeclarationError` with every problem of it."""
    problems = list(document.problems)
    try:
        made = model.model_validate(document.content)
    except ValidationError as error:
        raise DeclarationError(problems + explained(error, model, document)) from None
    if problems:
        raise DeclarationError(problems)
    return made


def explained(error: ValidationError, model: type[BaseModel], document: Document) -> list[Finding]:
    """Every mistake that a model found in a document, each with its place."""
    details = error.errors(include_url=False, include_input=False)
    return [problem for detail in details for problem in _problems(model, document, detail)]


def did_you_mean(value: object, names: list[str], otherwise: str) -> str:
    """How to mend a name that is none: the nearest of those there are, if one is near.

    Of agent groups and directory roles only one that was plainly misspelt: another would be other access.
    """
    gives_access = not _ACCESS.isdisjoint(names)
    near = (misspelt if gives_access else alike)(str(value), names)
    return f"did you mean `{near}`?" if near else otherwise


def _problems(model: type[BaseModel], document: Document, error: ErrorDetails) -> Iterator[Finding]:
    """One of pydantic's errors as messages for the writer of the file."""
    context = error.get("ctx", {})
    path, annotation = _field_at(model, error["loc"])
    about_key = error["type"] == "extra_forbidden"
    if path[-1:] == ("[key]",) and not about_key:
        about_key, path = True, path[:-1]
    if error["type"] == "declaration":
        for found_below in context["mistakes"]:
            below = (*path, *found_below.path)
            yield found_below.model_copy(update={"path": below}).at(document.place(below, key=about_key))
        return
    value = path[-1] if about_key else _at(document.content, path)
    found, remediation = kind_of(value) if _bare(annotation) is SecretStr else described(value), "correct the value"
    match error["type"]:
        case "missing":
            found, allowed, remediation = "nothing", f"`{path[-1]}`, which is required", f"add `{path[-1]}:`"
        case "extra_forbidden":
            names = _fields_at(model, error["loc"][:-1])
            found, allowed, remediation = (
                f"the unknown key {quoted(value)}",
                ", ".join(names),
                did_you_mean(value, names, "remove it"),
            )
        case "enum":
            names = context["expected"].replace("' or '", "', '").strip("'").split("', '")
            found, allowed, remediation = (
                quoted(value),
                ", ".join(names),
                did_you_mean(value, names, "choose one of them"),
            )
        case "literal_error":
            names = context["expected"].replace(" or ", ", ").replace("'", "").split(", ")
            nearest = did_you_mean(value, names, "choose one of them")
            allowed, remediation = ", ".join(names), nearest if isinstance(value, str) else "choose one of them"
        case "union_tag_not_found":
            name = context["discriminator"].strip("'")
            kinds = ", ".join(_kinds(annotation))
            found, allowed, remediation = f"no `{name}`", f"`{name}`, which is one of: {kinds}", f"add `{name}:`"
        case "union_tag_invalid":
            names, path = list(_kinds(annotation)), (*path, context["discriminator"].strip("'"))
            found, allowed = described(_at(document.content, path)), ", ".join(names)
            remediation = did_you_mean(context["tag"], names, "choose one of them")
        case "string_too_short":
            allowed, remediation = f"text of {context['min_length']} or more characters", "write more"
        case "too_short":
            allowed = f"at least {_entries(context['min_length'])}"
            remediation = "add one"
        case "too_long":
            found = _entries(context["actual_length"])
            allowed, remediation = f"at most {_entries(context['max_length'])}", "remove some"
        case "greater_than_equal":
            allowed = f"{context['ge']} or more"
        case "greater_than":
            allowed = f"more than {context['gt']:g}"
        case "less_than_equal":
            allowed = f"{context['le']} or less"
        case "string_type" if isinstance(value, int | float | date):
            written = str(value).lower() if isinstance(value, bool) else str(value)
            allowed, remediation = _WANTED["string_type"], f'write it in quotes: "{written}"'
        case kind if kind in _WANTED:
            allowed, remediation = _WANTED[kind], f"write {_WANTED[kind]} there"
        case _:
            allowed = error["msg"].removeprefix("Input ").removeprefix("should be ")
            remediation = context.get("remediation", remediation)
    yield mistake(found, allowed, remediation, path).at(document.place(path, key=about_key))


def _entries(number: int) -> str:
    return f"{number} {'entry' if number == 1 else 'entries'}"


def _at(content: Any, path: FieldPath) -> Any:
    for step in path:
        try:
            content = content[step]
        except (KeyError, IndexError, TypeError):
            return None
    return content


def _fields_at(model: type[BaseModel], location: FieldPath) -> list[str]:
    """The field names that the model has at one of pydantic's places."""
    here = _bare(_field_at(model, location)[1])
    return sorted(here.model_fields) if _is_model(here) else []


def _field_at(model: type[BaseModel], location: FieldPath) -> tuple[FieldPath, Any]:
    """The way to a field from the top of its file, and its type where the model has one.

    Inside of a choice by one field pydantic's way names the choice as well, which is no step in the file.
    """
    path: FieldPath = ()
    here: Any = model
    for step in location:
        kinds = _kinds(here)
        if step in kinds:
            here = kinds[str(step)]
            continue
        path = (*path, step)
        here = _bare(here)
        if _is_model(here):
            field = here.model_fields.get(step)
            here = field.annotation if field else None
        else:
            # A map has any key, and its values' type comes last.
            here = next((kind for kind in reversed(get_args(here)) if kind is not Ellipsis), None)
    return path, here


def _kinds(annotation: Any) -> dict[str, type[BaseModel]]:
    """The models of a choice that one field decides, by what stands in that field."""
    attached = (one for one in getattr(annotation, "__metadata__", ()) if isinstance(one, FieldInfo))
    deciding = next((one.discriminator for one in attached if isinstance(one.discriminator, str)), None)
    if deciding is None:
        return {}
    models = get_args(get_args(annotation)[0])
    return {name: model for model in models for name in get_args(model.model_fields[deciding].annotation)}


def _bare(annotation: Any) -> Any:
    """A type without what pydantic attaches to it, and without None."""
    while get_origin(annotation) in (Annotated, Union, UnionType):
        annotation = next(kind for kind in get_args(annotation) if kind is not NoneType)
    return annotation


def _is_model(annotation: Any) -> bool:
    return isinstance(annotation, type) and issubclass(annotation, BaseModel)
