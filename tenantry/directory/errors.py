"""What the directory refuses, in Microsoft Graph's words.

Clients act on the status, on the code, and some on the text itself (the azuread provider retries on a few
sentences), so the catalogue is kept in one place and nothing else writes an error.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TypeVar

from .documents import JsonObject

_Thing = TypeVar("_Thing")


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

    def body(self, request_id: str, client_request_id: str = "") -> JsonObject:
        """Return the answer's body, with what a person quotes to find the request again.

        `request_id` is the directory's own id of it, and `client_request_id` the one that the caller gave, if any.
        """
        error: JsonObject = {
            "code": self.code,
            "message": self.message,
            "innerError": {
                "date": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S"),
                "request-id": request_id,
                "client-request-id": client_request_id or request_id,
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


def unsupported_query(message: str) -> GraphError:
    """The query can be read, and is not answered: not on this resource, or not without what it takes."""
    return GraphError(400, "Request_UnsupportedQuery", message)


def needs_eventual_consistency() -> GraphError:
    """Counting is answered from an index that may be a little late, and the caller has to say that this will do.

    Source: "Advanced query capabilities on Microsoft Entra ID objects", as for the refusals below.
    """
    return bad_request("$count is not currently supported.")


def search_needs_eventual_consistency() -> GraphError:
    """Searching is answered from the same index."""
    return unsupported_query(
        "Request with $search query parameter only works through MSGraph with a special request header: "
        "'ConsistencyLevel: eventual'"
    )


def operator_needs_advanced_query(operator: str) -> GraphError:
    """The operator is answered from that index. The page shows the text for `endsWith`; `not` is taken to be alike."""
    return unsupported_query(
        f"Operator '{operator}' is not supported because the required parameters might be missing. "
        "Try adding $count=true query parameter and ConsistencyLevel:eventual header. "
        "Refer to https://aka.ms/graph-docs/advanced-queries for more information"
    )


def not_equal_needs_advanced_query() -> GraphError:
    """`ne` is answered from that index. The text is of field reports."""
    return unsupported_query("Filter operator 'NotEqualsMatch' is not supported.")


def unsupported_filter(property_name: str, resource: str) -> GraphError:
    """The property is not indexed for this filter, or only in that index."""
    return unsupported_query(
        f"Unsupported or invalid query filter clause specified for property '{property_name}' of resource '{resource}'."
    )


def cast_needs_advanced_query() -> GraphError:
    """The page says that this takes an advanced query. It does not say what the refusal is: the text is ours."""
    return unsupported_query(
        "OData cast on a transitive relationship is not supported because the required parameters might be missing. "
        "Try adding $count=true query parameter and ConsistencyLevel:eventual header."
    )


def impossible_cast(type_name: str) -> GraphError:
    """A Microsoft 365 group has no groups as members. Source: "List group members"; the text is ours."""
    return unsupported_query(f"An object of the type 'microsoft.graph.{type_name}' cannot be a member here.")


def too_many_clauses(number: int, most: int) -> GraphError:
    """The filter compares too often. Source: the known issues of query parameters; the text is of field reports."""
    return unsupported_query(
        "Too many child clauses specified in search filter expression containing 'OR' operators: "
        f"{number}. Max allowed: {most}."
    )


def skip_not_supported() -> GraphError:
    """Pages of directory objects follow one another by a token. Source: microsoft-graph-docs, issue 9279."""
    return bad_request("'$skip' is not supported by the service.")


def no_page_sizes() -> GraphError:
    """The set is answered as a whole. The text is of field reports."""
    return unsupported_query(
        "This resource does not support custom page sizes. Please retry without a page size argument."
    )


def method_not_allowed() -> GraphError:
    """No address in Microsoft Graph has this method."""
    return GraphError(405, "Request_BadRequest", "Specified HTTP method is not allowed for the request target.")


def no_such_segment(segment: str) -> GraphError:
    """No address in Microsoft Graph has this part in this place."""
    return malformed(f"Resource not found for the segment '{segment}'.")


def not_found(name: str) -> GraphError:
    """The object does not exist here, or no longer."""
    return GraphError(
        404,
        "Request_ResourceNotFound",
        f"Resource '{name}' does not exist or one of its queried reference-property objects are not present.",
    )


def existing(thing: _Thing | None, name: str) -> _Thing:
    """Return what a request names, or refuse where it does not exist."""
    if thing is None:
        raise not_found(name)
    return thing


def not_implemented(what: str) -> GraphError:
    """Microsoft Graph has this and the embedded directory does not: it says so rather than guess."""
    return GraphError(501, "NotImplemented", f"The embedded directory does not implement {what}.")


def unauthenticated(message: str) -> GraphError:
    """The request carries no valid token."""
    return GraphError(401, "InvalidAuthenticationToken", message)


def unknown_tenant() -> GraphError:
    """The token is for a tenant that is not here, or no longer."""
    return unauthenticated("Access token validation failure. Invalid tenant.")


def needs_person() -> GraphError:
    """An application asked for what belongs to the signed-in person.

    Source: microsoftgraph/msgraph-sdk-php, issue 1163.
    """
    return GraphError(400, "BadRequest", "/me request is only valid with delegated authentication flow.")


def denied() -> GraphError:
    """The caller is known, and may not do this."""
    return GraphError(403, "Authorization_RequestDenied", "Insufficient privileges to complete the operation.")


def management_restricted() -> GraphError:
    """The object is in a restricted management administrative unit. The second sentence is that of the admin centre."""
    return GraphError(
        403,
        "Authorization_RequestDenied",
        "Insufficient privileges to complete the operation. Target object is a member of a restricted management "
        "administrative unit. Management rights are limited to administrators scoped on that administrative unit.",
    )


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


def not_valid(property_name: str) -> GraphError:
    """A group could not be given this value, which another one has. Source: "group: validateProperties"."""
    message = f"Another object with the same value for property {property_name} already exists."
    return GraphError(
        422,
        "Request_UnprocessableEntity",
        "The values provided contain one or more validation errors.",
        ErrorDetail("PropertyConflict", property_name, message),
    )


def invalid_value(property_name: str, resource: str) -> GraphError:
    """The property exists and cannot have this value."""
    return bad_request(f"Invalid value specified for property '{property_name}' of resource '{resource}'.")


def unknown_property(property_name: str, type_name: str) -> GraphError:
    """The property exists nowhere on this type."""
    return bad_request(
        f"The property '{property_name}' does not exist on type 'microsoft.graph.{type_name}'. "
        "Make sure to only use property names that are defined by the type."
    )


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


def already_in_directory(object_id: str, *, enabled: bool) -> GraphError:
    """The invited address is the one of a user who is no guest."""
    account = f"The invited user already exists in the directory as object ID: {object_id}"
    use = "they can use that account to sign in to shared apps and resources."
    blocked = "but the account is blocked from signing in. If the account is unblocked"
    return malformed(f"{account}. {use.capitalize()}" if enabled else f"{account}, {blocked}, {use}")


def own_domain_invited() -> GraphError:
    """The invited address is in a domain of the tenant, in which nobody is a guest."""
    return malformed(
        "This user cannot be invited because the domain of the user's email address is a verified domain of this "
        "directory."
    )


def federated_credential_exists(name: str) -> GraphError:
    """The application has a federated identity credential of this name."""
    message = f"FederatedIdentityCredential with name {name} already exists."
    return GraphError(409, "Request_MultipleObjectsWithSameKeyValue", message)


def federated_token_taken(issuer: str, subject: str) -> GraphError:
    """Another federated identity credential of the application takes the tokens of this issuer for this subject."""
    return GraphError(
        400,
        "InvalidFederatedIdentityCredentialValue",
        "The combination of issuer and subject must be unique for the application. "
        f"Issuer {issuer} and Subject: {subject} already exist. "
        f"paramName: FederatedIdentityCredential.Subject, paramValue: {subject}, "
        "objectType: Microsoft.Online.DirectoryServices.Application",
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


def request_pending() -> GraphError:
    """A request for the same waits for its approval."""
    return GraphError(
        400, "PendingRoleAssignmentRequest", "There is already an existing pending Role assignment request."
    )


def cannot_cancel() -> GraphError:
    """The request has given something already, or is cancelled. Microsoft documents the status, and not the words."""
    return GraphError(400, "RoleAssignmentRequestCannotBeCancelled", "The role assignment request cannot be cancelled.")


def bad_schedule() -> GraphError:
    """The eligibility would end before it begins. Not documented: the code and the text are of field reports."""
    return GraphError(400, "InvalidRoleAssignmentRequestSchedule", "The role assignment request schedule is invalid.")


def invalid_assignment_request() -> GraphError:
    """The request asks for what can never be given. The words are those of a field report (azuread provider, 1464)."""
    return GraphError(400, "InvalidRoleAssignmentRequest", "The role assignment request is invalid.")


def active_too_short() -> GraphError:
    """What was given less than five minutes ago is not taken away. The words, with their slip, are of field reports."""
    return GraphError(
        400, "ActiveDurationTooShort", "The Active duration is too short. Miniumum Required is 5 minutes."
    )


def policy_rules_failed(*rules: str) -> GraphError:
    """The settings of the role refuse it. Source: "Common errors" of role assignment schedule requests in Azure."""
    named = ",".join(f'"{rule}"' for rule in rules)
    return GraphError(
        400, "RoleAssignmentRequestPolicyValidationFailed", f"The following policy rules failed: [{named}]"
    )


def no_premium_licence() -> GraphError:
    """Eligible roles are shown and changed only in a tenant with the licence for them."""
    return GraphError(
        400,
        "AadPremiumLicenseRequired",
        "The tenant needs to have Microsoft Entra ID P2 or Microsoft Entra ID Governance license.",
    )


def not_premium() -> GraphError:
    """Sign-in activity and the reports of authentication methods are shown only in a tenant with a premium licence.

    The code and the text are those of microsoftgraph/microsoft-graph-docs, issues 12772 and 14118.
    """
    return GraphError(
        403,
        "Authentication_RequestFromNonPremiumTenantOrB2CTenant",
        "Neither tenant is B2C or tenant doesn't have premium license",
    )


def no_audit_permission() -> GraphError:
    """Sign-in activity takes a permission of its own. As in microsoftgraph/microsoft-graph-explorer-v4, issue 2731."""
    return GraphError(
        403,
        "Authentication_MSGraphPermissionMissing",
        "Calling principal does not have required MSGraph permissions AuditLog.Read.All",
    )


def sign_in_activity_by_name() -> GraphError:
    """The sign-in activity of one user is found by object id alone. The text is of field reports."""
    return bad_request("Get By Key only supports UserId and the key has to be a valid Guid")


def mastered_on_premises() -> GraphError:
    """What is synchronised from a local Active Directory is changed there.

    The text is that of microsoftgraph/microsoft-graph-docs, issues 7301 and 18038.
    """
    return bad_request(
        "Unable to update the specified properties for on-premises mastered Directory Sync objects or objects "
        "currently undergoing migration."
    )


def no_usage_location() -> GraphError:
    """A licence is only given to somebody of whom it is known in which country they use it."""
    return bad_request("License assignment cannot be done for user with invalid usage location.")


def no_such_licence(sku_id: str) -> GraphError:
    """The tenant has not bought this. The text is of field reports."""
    return bad_request(f"License {sku_id} does not correspond to a valid company License.")


def no_licence_left(sku_id: str) -> GraphError:
    """Everything that the tenant bought of this is in use. The text is of field reports."""
    return bad_request(f"Subscription with SKU {sku_id} does not have any available licenses.")


def licence_not_assigned() -> GraphError:
    """The user does not have the licence that is to be taken. The text is of field reports."""
    return bad_request("User does not have a corresponding license.")


def no_licence_for(what: str) -> GraphError:
    """The tenant has no Microsoft Entra ID P1 or P2, which this takes.

    Microsoft documents the licence, and not the refusal: the code and the text are those of another part of the
    licence, group lifecycle policies (microsoftgraph/microsoft-graph-docs, issue 3924).
    """
    return GraphError(400, "NoLicenseForOperation", f"Tenant does not have proper license to {what}.")


def nesting_in_role_assignable_group() -> GraphError:
    """A group cannot be put into a group that directory roles may be given to."""
    return bad_request("Nesting is currently not supported for groups that can be assigned to a role.")


def group_not_role_assignable() -> GraphError:
    """A directory role cannot be given to an ordinary group."""
    return bad_request("Groups without IsAssignableToRole property set cannot be assigned to roles.")


def last_global_administrator() -> GraphError:
    """The tenant would be left with nobody who can administer it."""
    return bad_request("The last Global Administrator of the organization cannot be removed.")


def not_licensed() -> GraphError:
    """The tenant lacks the licence for a feature. Not documented: the code and the text are of field reports."""
    return GraphError(
        403,
        "AccessDenied",
        "Your tenant is not licensed for this feature. Please upgrade your subscription to access it.",
    )


def invalid_role_policy_rule(rule_id: str) -> GraphError:
    """A rule of a role's policy does not have this type, or this value. Microsoft does not document the words."""
    return malformed(f"The rule '{rule_id}' has another '@odata.type', an unknown property or an invalid value.")


def role_policies_need_a_scope() -> GraphError:
    """Policies of roles are listed for one scope at a time. Microsoft does not document the words."""
    return malformed("The filter must say which 'scopeId' and which 'scopeType' the policies are of.")


# --- Conditional Access. Microsoft documents none of these texts. Those with a number, and the one about security
# --- defaults, are of field reports; of the others the reference knows the rule, and the words are this directory's.


def no_access_policy() -> GraphError:
    """A part of a policy has an unknown property, or one with a value of another type."""
    return malformed(
        "1007: Incoming ConditionalAccessPolicy object is null or does not match the schema of ConditionalAccessPolicy "
        "type. For examples, please see API documentation at "
        "https://docs.microsoft.com/en-us/graph/api/conditionalaccessroot-post-policies?view=graph-rest-1.0."
    )


def invalid_access_policy(reason: str) -> GraphError:
    """The parts of a policy do not go together; the reason is one word, such as `InvalidControls`."""
    return malformed(f"1032: ConditionalActionPolicy validation failed due to {reason}.")


def incomplete_access_policy(missing: str) -> GraphError:
    """A policy says nothing about who, about what, or about which controls."""
    return malformed(f"The Conditional Access policy must have {missing}.")


def unknown_applications(client_ids: list[str]) -> GraphError:
    """A policy names applications that have no service principal in the tenant."""
    reasons = ",".join(f'"{client_id}":"ServicePrincipalNotFound"' for client_id in client_ids)
    return malformed(f"1034: Policy contains invalid applications: {{{reasons}}}")


def no_such_named_location(location_id: str) -> GraphError:
    """A policy names a location that does not exist."""
    return malformed(f"1040: NamedLocation with id {location_id} does not exist in the directory.")


def no_such_strength(strength_id: str) -> GraphError:
    """A policy names an authentication strength that does not exist."""
    return malformed(f"The authentication strength policy {strength_id} does not exist.")


def security_defaults_are_enabled() -> GraphError:
    """Security defaults and an enabled Conditional Access policy exclude each other."""
    return malformed(
        "Security Defaults is enabled in the tenant. You must disable Security defaults before enabling a Conditional "
        "Access policy."
    )


def access_policies_are_enabled() -> GraphError:
    """Security defaults and an enabled Conditional Access policy exclude each other."""
    return malformed("Security defaults cannot be enabled while a Conditional Access policy is enabled.")


def invalid_named_location(reason: str) -> GraphError:
    """A named location is not as its type must be."""
    return malformed(f"Invalid named location: {reason}.")


def named_location_is_trusted() -> GraphError:
    """A trusted location is deleted only once it is trusted no longer."""
    return malformed("A named location that is marked as trusted cannot be deleted.")


def in_use_by_access_policies(name: str) -> GraphError:
    """A location or an authentication strength that policies refer to stays."""
    return malformed(f"'{name}' is in use by Conditional Access policies.")


def built_in_strength() -> GraphError:
    """Microsoft's own authentication strengths stay as they are."""
    return malformed("A built-in authentication strength policy cannot be changed or deleted.")


def strength_guards_mfa() -> GraphError:
    """A strength that policies rely on for multifactor authentication cannot be weakened below it."""
    return malformed(
        "The authentication strength is used to require multifactor authentication, which the combinations do not."
    )


# --- Relationships with customers. Microsoft documents none of these texts. That a taken name or container is 409 is of
# --- Microsoft's own tool for moving to such relationships; that the codes are in lower case, of
# --- microsoftgraph/microsoft-graph-docs, issue 21550; and 412 is what HTTP says of an etag.


def invalid_relationship(reason: str) -> GraphError:
    """What is asked of a relationship, or of what belongs to it, is nothing that it can have."""
    return GraphError(400, "badRequest", f"{reason}.")


def wrong_status(status: str, allowed: tuple[str, ...]) -> GraphError:
    """A relationship is in another status than one in which this can be asked for."""
    expected = " or ".join(f"'{name}'" for name in allowed)
    return invalid_relationship(f"The relationship has the status '{status}', and for this it must be {expected}")


def relationship_conflict(reason: str) -> GraphError:
    """Something exists already: a relationship of this name, or an assignment to this container."""
    return GraphError(409, "conflict", f"{reason}.")


def no_etag() -> GraphError:
    """A change does not say which state it is meant for. Documented: the header is required; not: the refusal."""
    return invalid_relationship("The header 'If-Match' is required, with the last known '@odata.etag' of the object")


def other_etag() -> GraphError:
    """The object is no longer as the caller knows it."""
    return GraphError(412, "preconditionFailed", "The 'If-Match' header does not match the current etag of the object.")
