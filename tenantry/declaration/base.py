"""What the models of a declaration have in common: strict fields, and checks that see the fields above.

Strict: an unknown key is a mistake. Absent and empty differ: an absent optional field is not managed, an empty
list means exactly nobody. All models are frozen.

All fields are checked, in the order in which they stand. A check of two fields belongs to the later one, and is left
out where the earlier one is wrong already.
"""

from collections.abc import Callable, Iterator
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationInfo, field_validator

from tenantry.declaration.fields import checked
from tenantry.findings import Finding


class Model(BaseModel):
    """Base of all of a declaration's models."""

    # Deferred, as all validators are that not every command needs: a part of a tenant is built with the tenant's own.
    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True, defer_build=True)


def optional(description: str, *examples: Any) -> Any:
    """A field that is None where it is left out; its checks see that too."""
    return Field(default=None, description=description, examples=list(examples) or None, validate_default=True)


def mapping(description: str, *examples: Any) -> Any:
    """A field with a map, which is empty where it is left out."""
    return Field(default_factory=dict, description=description, examples=list(examples) or None)


def check(*fields: str) -> Callable[[Callable[[Any, ValidationInfo], Iterator[Finding]]], Any]:
    """Makes a static method that yields the mistakes in these fields a check of its model."""

    def decorated(mistakes: Callable[[Any, ValidationInfo], Iterator[Finding]]) -> Any:
        def validated(value: Any, info: ValidationInfo) -> Any:
            return checked(value, mistakes(value, info))

        return field_validator(*fields)(validated)

    return decorated
