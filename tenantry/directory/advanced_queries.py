"""What a query of directory objects may ask, and what it may ask only as an advanced query.

A query is an advanced one with the header `ConsistencyLevel: eventual` and `$count=true`; `$search` needs the header
alone. Source: Microsoft Graph, "Advanced query capabilities on Microsoft Entra ID objects", with its tables of what
objects can be filtered and sorted by. `groupTypes` and a few other properties that those tables lack are as the pages
of the resources say. A listing of several kinds of object has no table: every property is allowed there.
"""

from collections.abc import Mapping
from typing import Final

from . import errors
from .filters import Operator, Use
from .odata import Query
from .resources import DIRECTORY_OBJECTS, Kind
from .schema import Resource

MIXED: Final = "directoryObject"
"""The type of a listing of several kinds of object."""

_ADVANCED: Final = DIRECTORY_OBJECTS - {Kind.DIRECTORY_ROLE} | {MIXED}
_MOST_CLAUSES: Final = 15

_FILTERED: Final[Mapping[str, Mapping[str, str]]] = {
    Kind.ADMINISTRATIVE_UNIT: {
        "AAA": "description",
        "DDA": "displayName",
        "D--": "isMemberManagementRestricted",
    },
    Kind.APPLICATION: {
        "AAA": "description notes serviceManagementReference",
        "DDA": "displayName",
        "DD-": "identifierUris publisherDomain tags uniqueName",
        "D-A": "createdDateTime",
        "D--": "appId applicationTemplateId disabledByMicrosoftStatus signInAudience",
    },
    Kind.GROUP: {
        "AAA": "description preferredLanguage",
        "AA-": "onPremisesSamAccountName",
        "A--": "expirationDateTime",
        "DDA": "displayName mail mailNickname",
        "DD-": "classification membershipRule proxyAddresses",
        "D-A": "onPremisesSecurityIdentifier onPremisesSyncEnabled",
        "D--": """
            groupTypes isAssignableToRole mailEnabled membershipRuleProcessingState onPremisesLastSyncDateTime
            renewedDateTime resourceBehaviorOptions resourceProvisioningOptions securityEnabled
        """,
    },
    Kind.SERVICE_PRINCIPAL: {
        "AAA": "description homepage notes",
        "A--": "appOwnerOrganizationId appRoleAssignmentRequired",
        "DDA": "displayName",
        "DD-": "alternativeNames servicePrincipalNames tags",
        "D--": "accountEnabled appId applicationTemplateId preferredSingleSignOnMode servicePrincipalType",
    },
    Kind.USER: {
        "AAA": """
            companyName faxNumber mobilePhone officeLocation onPremisesDistinguishedName postalCode preferredLanguage
            streetAddress
        """,
        "AA-": "businessPhones onPremisesSamAccountName",
        "A--": "employeeHireDate employeeType showInAddressList",
        "--A": "passwordPolicies",
        "DDA": """
            city country department displayName givenName jobTitle mail mailNickname surname usageLocation
        """,
        "DD-": "imAddresses onPremisesUserPrincipalName otherMails proxyAddresses userPrincipalName",
        "D-A": """
            createdDateTime employeeId onPremisesSecurityIdentifier onPremisesSyncEnabled state userType
        """,
        "D--": """
            accountEnabled ageGroup consentProvidedForMinor creationType externalUserState onPremisesImmutableId
            onPremisesLastSyncDateTime
        """,
    },
}
"""How properties are compared with a value, begin with a text, and are compared with null: D by default, A by an
advanced query alone, - not at all. A property that is not listed cannot be filtered by."""
_SUPPORT: Final = {
    kind: {name: support for support, names in listed.items() for name in names.split()}
    | {"id": "D--", "deletedDateTime": "D--"}
    for kind, listed in _FILTERED.items()
}
_WITH_AN_END: Final = frozenset({"mail", "otherMails", "proxyAddresses", "userPrincipalName"})
"""The properties that `endsWith` can be asked of."""

_SORTED_BY_DEFAULT: Final[Mapping[str, frozenset[str]]] = {
    Kind.GROUP: frozenset({"displayName"}),
    Kind.USER: frozenset({"displayName", "userPrincipalName"}),
}
_SORTED: Final[Mapping[str, frozenset[str]]] = {
    Kind.GROUP: frozenset({"deletedDateTime", "displayName"}),
    Kind.USER: frozenset({"createdDateTime", "deletedDateTime", "displayName", "userPrincipalName"}),
    MIXED: frozenset({"displayName"}),
}
_SORTED_AS_A_LOG: Final[Mapping[str, frozenset[str]]] = {
    Kind.DIRECTORY_AUDIT: frozenset({"activityDateTime"}),
    # The azuread provider takes the newest request of a schedule for what its resource says.
    Kind.ACTIVE_ROLE_REQUEST: frozenset({"createdDateTime"}),
    Kind.ELIGIBILITY_REQUEST: frozenset({"createdDateTime"}),
    Kind.GROUP_ASSIGNMENT_REQUEST: frozenset({"createdDateTime"}),
    Kind.GROUP_ELIGIBILITY_REQUEST: frozenset({"createdDateTime"}),
}
_SORTED_OTHERWISE: Final = frozenset({"createdDateTime", "deletedDateTime", "displayName"})


def supported_on(resource: Resource) -> bool:
    """Whether advanced queries are for this resource; others are asked without the header."""
    return resource.type_name in _ADVANCED


def check(resource: Resource, query: Query, *, eventual: bool) -> None:
    """Refuse what Microsoft Graph does not answer about directory objects, or not without the header."""
    if not supported_on(resource):
        sorted_by = {order.property for order in query.order}
        if query.search or not sorted_by <= _SORTED_AS_A_LOG.get(resource.type_name, frozenset()):
            raise errors.not_implemented(f"'$orderby' and '$search' on {resource.set_name}")
        return
    if query.search and not eventual:
        raise errors.search_needs_eventual_consistency()
    is_advanced = eventual and query.count
    uses = tuple(query.where.uses())
    for use in uses:
        _check_use(resource, use, is_advanced=is_advanced)
    if len(uses) > _MOST_CLAUSES and not is_advanced:
        raise errors.too_many_clauses(len(uses), _MOST_CLAUSES)
    _check_order(resource, query, is_advanced=is_advanced or (eventual and bool(query.search)))


def _check_use(resource: Resource, use: Use, *, is_advanced: bool) -> None:
    support = _support(resource, use)
    if support == "-":
        raise errors.unsupported_filter(use.property, resource.title)
    if is_advanced:
        return
    if use.operator is Operator.ENDS_WITH:
        raise errors.operator_needs_advanced_query("endsWith")
    if use.negated:
        raise errors.operator_needs_advanced_query("not")
    if use.operator is Operator.NE:
        raise errors.not_equal_needs_advanced_query()
    if support == "A":
        raise errors.unsupported_filter(use.property, resource.title)


def _support(resource: Resource, use: Use) -> str:
    if use.operator is Operator.ENDS_WITH:
        return "A" if use.property in _WITH_AN_END else "-"
    if resource.type_name == MIXED:
        return "D"
    column = 2 if use.value is None else 1 if use.operator is Operator.STARTS_WITH else 0
    return _SUPPORT[resource.type_name].get(use.property, "---")[column]


def _check_order(resource: Resource, query: Query, *, is_advanced: bool) -> None:
    by_default = _SORTED_BY_DEFAULT.get(resource.type_name, frozenset())
    for order in query.order:
        if is_advanced and order.property not in _SORTED.get(resource.type_name, _SORTED_OTHERWISE):
            raise errors.unsupported_query("An unsupported property was specified.")
        if not is_advanced and query.where:
            raise errors.unsupported_query("Sorting not supported for current query.")
        if not is_advanced and order.property not in by_default:
            raise errors.unsupported_query(f"Unsupported sort property '{order.property}' for '{resource.title}'.")
