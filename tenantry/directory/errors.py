"""What the directory refuses, in Microsoft Graph's words.

Clients act on the status, on the code, and some on the text itself (the azuread provider retries on a few
sentences), so the catalogue is kept in one place and nothing else writes an error.
"""

from dataclasses import dataclass
from datetime import UTC, datetime

from .documents import JsonObject


@dataclass(frozen=True)
class ErrorDetail:
    """One entry of an error's `details`."""

    code: str
    target: str
    message: str


class GraphError(Exception):
    """A refusal: an HTTP status with the error that goes into the body."""

    def __init__(self, status: int, code: str, message: str, *details: ErrorDetail) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.details = details

    def body(self, request_id: str) -> JsonObject:
        """Return the answer's body; `request_id` is what a person quotes to find the request again."""
        error: JsonObject = {
            "code": self.code,
            "message": self.message,
            "innerError": {
                "date": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S"),
                "request-id": request_id,
                "client-request-id": request_id,
            },
        }
        if self.details:
            error["details"] = [
                {"code": detail.code, "target": detail.target, "message": detail.message} for detail in self.details
            ]
        return {"error": error}


def bad_request(message: str, *details: ErrorDetail) -> GraphError:
    """The directory understood the request and its rules forbid it."""
    return GraphError(400, "Request_BadRequest", message, *details)


def malformed(message: str) -> GraphError:
    """The request itself cannot be read: its JSON, its query options, a property name."""
    return GraphError(400, "BadRequest", message)


def needs_eventual_consistency() -> GraphError:
    """Counting is answered from an index that may be a little late, and the caller has to say that this will do."""
    return GraphError(
        400,
        "Request_UnsupportedQuery",
        "$count is not currently supported without the header 'ConsistencyLevel: eventual'.",
    )


def not_found(name: str) -> GraphError:
    """The object does not exist here, or no longer."""
    return GraphError(
        404,
        "Request_ResourceNotFound",
        f"Resource '{name}' does not exist or one of its queried reference-property objects are not present.",
    )


def not_implemented(what: str) -> GraphError:
    """Microsoft Graph has this and the embedded directory does not: it says so rather than guess."""
    return GraphError(501, "NotImplemented", f"The embedded directory does not implement {what}.")


def unauthenticated(message: str) -> GraphError:
    """The request carries no valid token."""
    return GraphError(401, "InvalidAuthenticationToken", message)


def denied() -> GraphError:
    """The caller is known, and may not do this."""
    return GraphError(403, "Authorization_RequestDenied", "Insufficient privileges to complete the operation.")


def throttled() -> GraphError:
    """The caller has asked too much in too short a time."""
    return GraphError(
        429, "Request_ThrottledTemporarily", "Your request is throttled temporarily. Please try after some time."
    )


def unavailable(status: int) -> GraphError:
    """The service fails, for the moment."""
    codes = {500: "InternalServerError", 503: "ServiceUnavailable", 504: "GatewayTimeout"}
    return GraphError(status, codes[status], "The service cannot answer the request at the moment.")


def taken(property_name: str) -> GraphError:
    """Another object has this value already."""
    message = f"Another object with the same value for property {property_name} already exists."
    return bad_request(message, ErrorDetail("ObjectConflict", property_name, message))


def invalid_value(property_name: str, resource: str) -> GraphError:
    """The property exists and cannot have this value."""
    return bad_request(f"Invalid value specified for property '{property_name}' of resource '{resource}'.")


def value_required(property_name: str, resource: str) -> GraphError:
    """The property must be given when an object is created."""
    return bad_request(f"A value is required for property '{property_name}' of resource '{resource}'.")


def unverified_domain() -> GraphError:
    """The user principal name is not under a domain of this tenant."""
    return bad_request(
        "The domain portion of the userPrincipalName property is invalid. "
        "You must use one of the verified domain names in your organization."
    )


def weak_password() -> GraphError:
    """The password is too short or too plain."""
    return bad_request(
        "The specified password does not comply with password complexity requirements. "
        "Please provide a different password."
    )


def reference_exists(relation: str) -> GraphError:
    """The member or owner is in the list already."""
    return bad_request(
        f"One or more added object references already exist for the following modified properties: '{relation}'."
    )


def duplicate_values() -> GraphError:
    """A list of references in one request names the same object twice."""
    return bad_request("Request contains a property with duplicate values.")


def conflicting_object() -> GraphError:
    """The role assignment, or the activated role, exists already."""
    return bad_request(
        "A conflicting object with one or more of the specified property values is present in the directory."
    )


def service_principal_exists(client_id: str) -> GraphError:
    """The application has an identity in this tenant."""
    return GraphError(
        409,
        "Request_MultipleObjectsWithSameKeyValue",
        f"The service principal cannot be created, updated, or restored because the service principal name {client_id} "
        "is already in use.",
    )


def no_such_application(client_id: str) -> GraphError:
    """A service principal can only be created for an application that exists."""
    return bad_request(
        f"The appId '{client_id}' of the service principal does not reference a valid application object."
    )


def grant_exists() -> GraphError:
    """The client has delegated permissions for this resource already: they are changed, not added."""
    return GraphError(409, "Request_MultipleObjectsWithSameKeyValue", "Permission entry already exists.")


def app_role_assigned() -> GraphError:
    """The principal has this role of the application."""
    return bad_request("Permission being assigned already exists on the object")


def eligibility_exists() -> GraphError:
    """The principal is eligible for this role already."""
    return GraphError(400, "RoleAssignmentExists", "The Role assignment already exists.")


def no_such_eligibility() -> GraphError:
    """The principal is not eligible for this role."""
    return GraphError(400, "RoleAssignmentDoesNotExist", "The Role assignment does not exist.")


def no_such_eligibility_request() -> GraphError:
    """The request does not exist, or the directory has purged it."""
    return GraphError(404, "RoleAssignmentRequestNotFound", "The role assignment request is not found.")


def bad_schedule() -> GraphError:
    """The eligibility would end before it begins. Not documented: the code and the text are of field reports."""
    return GraphError(400, "InvalidRoleAssignmentRequestSchedule", "The role assignment request schedule is invalid.")


def no_premium_licence() -> GraphError:
    """Eligible roles are shown and changed only in a tenant with the licence for them."""
    return GraphError(
        400,
        "AadPremiumLicenseRequired",
        "The tenant needs to have Microsoft Entra ID P2 or Microsoft Entra ID Governance license.",
    )


def nesting_in_role_assignable_group() -> GraphError:
    """A group cannot be put into a group that directory roles may be given to."""
    return bad_request("Nesting is currently not supported for groups that can be assigned to a role.")


def group_not_role_assignable() -> GraphError:
    """A directory role cannot be given to an ordinary group."""
    return bad_request("Groups without IsAssignableToRole property set cannot be assigned to roles.")


def last_global_administrator() -> GraphError:
    """The tenant would be left with nobody who can administer it."""
    return bad_request("The last Global Administrator of the organization cannot be removed.")
