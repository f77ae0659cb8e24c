"""Relationships and their access assignments in Microsoft Graph, read and written.

A write names the state that it is meant for (`If-Match`). It is never repeated blindly: only what was throttled is sent
again. After anything else that leaves open whether it was done, :class:`Overtaken` says: read again, and decide anew.
"""

import os
from collections.abc import Iterable, Mapping
from typing import Any, Final, Self
from urllib.parse import quote

import httpx
from httpx_retries import Retry, retry_request

from components.relationships.lifecycle import (
    NOTHING_ASSIGNED,
    Assign,
    Change,
    Extend,
    Found,
    Lock,
    Reduce,
    Step,
    Terminate,
    UntilActive,
    UntilProvided,
    Wanted,
    Withdraw,
)
from tenantry.graph.client import GraphReader
from tenantry.graph.clouds import Cloud, cloud_of
from tenantry.graph.credentials import Bearer, SignIn, sign_in
from tenantry.graph.errors import GraphError
from tenantry.graph.models import Relationship
from tenantry.graph.transport import RETRY, RETRY_OF_WRITES, client, code_of, reason

_PATH: Final = "/v1.0/tenantRelationships/delegatedAdminRelationships"
_READ_AGAIN: Final = frozenset(
    {httpx.codes.NOT_FOUND, httpx.codes.CONFLICT, httpx.codes.PRECONDITION_FAILED, httpx.codes.LOCKED}
)


class WriteError(GraphError):
    """Microsoft Graph refused a change; the message says why, and the fix."""


class Overtaken(Exception):  # noqa: N818 - no failure by itself
    """What was to be changed may have changed meanwhile, or the change may be done: it is to be read again."""


class Relationships:
    """The relationships of the tenant that is signed in to. Use it from as many threads as you like.

    Every method raises GraphError; those that write raise Overtaken, too.
    """

    def __init__(
        self,
        cloud: Cloud,
        identity: SignIn,
        environment: Mapping[str, str],
        *,
        transport: httpx.BaseTransport | None = None,
        retries: tuple[Retry, Retry] = (RETRY, RETRY_OF_WRITES),
    ) -> None:
        """``transport`` and ``retries``, of reads and writes, stand in for the network and its waits, in tests."""
        reads, self._retry = retries
        self._who = identity.who
        self._reader = GraphReader(cloud, identity, environment, transport=transport, retry=reads)
        auth = Bearer(identity, cloud)
        self._http = client(cloud.graph, environment, transport, auth=auth, writes=True)
        self._tenant_id: str | None = None

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] | None = None) -> Self:
        """Sign in as the azuread provider would."""
        variables = os.environ if environment is None else environment
        cloud = cloud_of(variables)
        return cls(cloud, sign_in(variables, cloud), variables)

    def tenant_id(self) -> str:
        """The tenant that is signed in to; empty where its token does not say."""
        if self._tenant_id is None:
            self._tenant_id = self._reader.caller().tenant_id or ""
        return self._tenant_id

    # --- read

    def get(self, relationship_id: str) -> Found | None:
        """A relationship by its id, if it exists."""
        read = self._reader.relationship(relationship_id)
        return self._whole(read) if read else None

    def named(self, display_name: str) -> Found | None:
        """The relationship with a display name, of which there is one at most."""
        read = next(self._reader.relationships(display_name), None)
        return self._whole(read) if read else None

    def _whole(self, read: Relationship) -> Found:
        return Found.of(read, () if read.status in NOTHING_ASSIGNED else self._reader.access_assignments(read.id))

    # --- write

    def create(self, wanted: Wanted) -> None:
        """Make a relationship that the customer does not know of yet."""
        customer = {"tenantId": wanted.customer_tenant_id, "displayName": wanted.customer_name}
        body = {
            "displayName": wanted.display_name,
            "duration": wanted.duration,
            "autoExtendDuration": wanted.auto_extend_duration,
            "customer": customer,
            "accessDetails": _details(wanted.role_definition_ids),
        }
        self._send("POST", "", body)

    def delete(self, found: Found) -> None:
        """Delete a relationship that the customer does not know of."""
        self._send("DELETE", f"/{_quoted(found.id)}", etag=found.etag)

    def take(self, step: Step, found: Found) -> None:
        """Take a step of a relationship as it was read."""
        here = f"/{_quoted(found.id)}"
        match step:
            case Lock():
                self._send("POST", f"{here}/requests", {"action": "lockForApproval"}, found.etag)
            case Terminate():
                self._send("POST", f"{here}/requests", {"action": "terminate"}, found.etag)
            case Assign(group, roles):
                container = {"accessContainerId": group, "accessContainerType": "securityGroup"}
                body = {"accessContainer": container, "accessDetails": _details(roles)}
                self._send("POST", f"{here}/accessAssignments", body)
            case Change(held, roles):
                body = {"accessDetails": _details(roles)}
                self._send("PATCH", f"{here}/accessAssignments/{_quoted(held.id)}", body, held.etag)
            case Withdraw(held):
                self._send("DELETE", f"{here}/accessAssignments/{_quoted(held.id)}", etag=held.etag)
            case Reduce(roles):
                self._send("PATCH", here, {"accessDetails": _details(roles)}, found.etag)
            case Extend(duration):
                self._send("PATCH", here, {"autoExtendDuration": duration}, found.etag)
            case UntilActive():
                raise Overtaken("it is being activated")
            case UntilProvided():
                raise Overtaken("what was assigned is being provided")

    def _send(self, method: str, path: str, body: Mapping[str, Any] | None = None, etag: str | None = None) -> None:
        headers = {"If-Match": etag} if etag else {}
        try:
            answer = retry_request(self._http, method, f"{_PATH}{path}", json=body, headers=headers, retry=self._retry)
        except httpx.HTTPError as error:
            raise Overtaken(reason(error)) from None
        if answer.is_success:
            return
        code = code_of(answer)
        if answer.status_code in _READ_AGAIN or answer.status_code >= httpx.codes.INTERNAL_SERVER_ERROR:
            raise Overtaken(f"Microsoft Graph answers {answer.status_code} ({code})")
        raise self._refusal(answer.status_code, code)

    def _refusal(self, status: int, code: str) -> WriteError:
        if status == httpx.codes.FORBIDDEN:
            return WriteError(
                f"Microsoft Graph does not let {self._who} change relationships with customers ({code}). It takes the "
                "application permission DelegatedAdminRelationship.ReadWrite.All, and in the tenant the application "
                "`Partner Customer Delegated Administration` (`tenantry docs permissions`)."
            )
        if status == httpx.codes.TOO_MANY_REQUESTS:
            return WriteError(f"Microsoft Graph limits requests at present ({code}): run the update again later.")
        return WriteError(f"Microsoft Graph refuses the change of a relationship: it answers {status} ({code}).")


def _details(roles: Iterable[str]) -> dict[str, Any]:
    return {"unifiedRoles": [{"roleDefinitionId": role} for role in sorted(roles)]}


def _quoted(name: str) -> str:
    return quote(name, safe="")
