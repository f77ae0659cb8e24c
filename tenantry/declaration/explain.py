"""A model's errors in words for the writer of the file: pydantic's as :class:`Finding`."""

import re
from collections.abc import Iterator, Mapping
from datetime import date
from enum import Enum
from types import NoneType, UnionType
from typing import Annotated, Any, Final, TypeVar, Union, get_args, get_origin

from pydantic import BaseModel, SecretStr, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from tenantry.declaration.document import DeclarationError, Document, described, kind_of
from tenantry.findings import FieldPath, Finding, choose, mistake, one_of
from tenantry.roles import AgentGroup, DirectoryRole
from tenantry.sanitize import quoted
from tenantry.spelling import alike, misspelt

_Model = TypeVar("_Model", bound=BaseModel)

_ACCESS: Final = frozenset[str]((*AgentGroup, *DirectoryRole))

#: Text that needs no quotes in a list.
_PLAIN: Final = re.compile(r"[A-Za-z][\w@. -]{0,59}")

#: What pydantic calls a wrong type, and what a person would call the right one.
_WANTED: Final = {
    "string_type": "text (in quotes if it looks like a number)",
    "bool_type": "true or false",
    "int_type": "a whole number",
    "float_type": "a number",
    "finite_number": "a finite number",
    "list_type": "a list",
    "tuple_type": "a list",
    "frozen_set_type": "a list",
    "dict_type": "names",
    "model_type": "fields",
    "model_attributes_type": "fields",
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
    """The fix for an unknown name: the nearest known one, else something else to do.

    An agent group or directory role is proposed only for a plain misspelling: any other one would give other access.
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
    actual, remediation = kind_of(value) if _bare(annotation) is SecretStr else described(value), "correct the value"
    match error["type"]:
        case "missing":
            actual, expected, remediation = "nothing", f"`{path[-1]}`, which is required", f"add `{path[-1]}:`"
        case "extra_forbidden":
            names = _fields_at(model, error["loc"][:-1])
            actual, expected = f"the unknown key {quoted(value)}", one_of(names)
            remediation = did_you_mean(value, names, "remove it")
        case "enum" | "literal_error":
            names = context["expected"].replace(" or ", ", ").replace("'", "").split(", ")
            actual, expected = quoted(value) if isinstance(value, str) else actual, one_of(names)
            remediation = choose(names)
            if isinstance(value, str):
                remediation = did_you_mean(value, names, remediation)
        case "union_tag_not_found":
            name = context["discriminator"].strip("'")
            kinds = one_of(list(_kinds(annotation)))
            actual, expected, remediation = f"no `{name}`", f"`{name}`, which is {kinds}", f"add `{name}:`"
        case "union_tag_invalid":
            names, path = list(_kinds(annotation)), (*path, context["discriminator"].strip("'"))
            actual, expected = described(_at(document.content, path)), one_of(names)
            remediation = did_you_mean(context["tag"], names, choose(names))
        case "string_too_short":
            expected, remediation = f"text of at least {_characters(context['min_length'])}", "write more"
        case "too_short":
            expected, remediation = f"at least {_entries(context['min_length'])}", "add an entry"
        case "too_long":
            actual = _entries(context["actual_length"])
            expected, remediation = f"at most {_entries(context['max_length'])}", "remove entries"
        case "greater_than_equal":
            expected, remediation = f"{context['ge']} or more", f"write {context['ge']} or more"
        case "greater_than":
            expected, remediation = f"more than {context['gt']:g}", f"write more than {context['gt']:g}"
        case "less_than_equal":
            expected, remediation = f"{context['le']} or less", f"write {context['le']} or less"
        case "string_type" if isinstance(value, int | float | date):
            written = str(value).lower() if isinstance(value, bool) else str(value)
            expected, remediation = _WANTED["string_type"], f'write it in quotes: "{written}"'
        case kind if kind in _WANTED:
            expected, remediation = _WANTED[kind], f"write {_WANTED[kind]}"
            if sketch := _sketch(annotation, value):
                last = path[-1] if path else None
                name = last if isinstance(last, str) and last.isprintable() else "it"
                remediation = f"`{name}` needs {expected}: `{name}: {sketch}`"
        case _:
            expected = error["msg"].removeprefix("Input ").removeprefix("should be ")
            remediation = context.get("remediation", remediation)
    yield mistake(actual, expected, remediation, path).at(document.place(path, key=about_key))


def _sketch(annotation: Any, value: object = None) -> str:
    """What a field looks like, such as ``{name: {rule: …}}``; empty for plain text, numbers and flags."""
    kind = _bare(annotation)
    if _is_model(kind):
        name, field = next(iter(kind.model_fields.items()))
        return f"{{{name}: {_sketch(field.annotation) or '…'}}}"
    if isinstance(kind, type) and issubclass(kind, Enum):
        return str(next(iter(kind)))
    inner = get_args(kind)
    if get_origin(kind) in (dict, Mapping):
        return f"{{{_sketch(inner[0]) or 'name'}: {_sketch(inner[1]) or '…'}}}"
    if get_origin(kind) in (tuple, frozenset, list):
        written = value if isinstance(value, str) and _PLAIN.fullmatch(value) else _sketch(inner[0])
        return f"[{written or '…'}]"
    return ""


def _characters(number: int) -> str:
    return f"{number} {'character' if number == 1 else 'characters'}"


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
    """The path of a field in its file, and its type if the model has one.

    Inside a choice that one field decides, pydantic's location names the choice too. The file has no such step.
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
    attached = (item for item in getattr(annotation, "__metadata__", ()) if isinstance(item, FieldInfo))
    deciding = next((item.discriminator for item in attached if isinstance(item.discriminator, str)), None)
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
