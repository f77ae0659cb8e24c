"""Identifiers: the ones that are derived, so that a declaration can name them before the object exists."""

import base64
import re
import uuid
import zlib

_NAMESPACE = uuid.UUID("6a2c9f0e-8d0b-5c55-9f2e-4b1d7c3f8a10")
_GUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")

TENANT_SCOPE = "/"
"""The scope of a role assignment that holds in the whole tenant."""


def is_guid(text: str) -> bool:
    """Whether the text is a GUID as Microsoft Graph writes object ids."""
    return _GUID.fullmatch(text) is not None


def new_id() -> str:
    """Return an object id for an object that did not exist before."""
    return str(uuid.uuid4())


def stable_id(tenant_id: str, name: str) -> str:
    """Return the object id that `name` has in this tenant, the same in every run and on every machine."""
    return str(uuid.uuid5(_NAMESPACE, f"{tenant_id.lower()}/{name}"))


def role_assignment_id(role_template_id: str, principal_id: str, scope: str = TENANT_SCOPE) -> str:
    """Return the id that Microsoft Graph gives an assignment of a role to a principal.

    It is the URL-safe base64 of the two GUIDs' bytes, in the order in which Windows keeps them, and a number of
    the scope, 1 for the whole tenant: `YUb1sHQtUEyvox7IA_Eu_mm3jqnUe4lEhvatluHVi2I-1`. Which number the real
    directory gives another scope is not known; here it follows from the scope. Raises ValueError for anything
    that is not a GUID.
    """
    guids = uuid.UUID(role_template_id).bytes_le + uuid.UUID(principal_id).bytes_le
    number = 1 if scope == TENANT_SCOPE else 2 + zlib.crc32(scope.lower().encode())
    return f"{base64.urlsafe_b64encode(guids).rstrip(b'=').decode()}-{number}"
