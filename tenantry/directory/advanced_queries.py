"""What a query of directory objects may ask, and what it may ask only as an advanced query.

A query is an advanced one with the header `ConsistencyLevel: eventual` and `$count=true`; `$search` needs the header
alone. Source: Microsoft Graph, "Advanced query capabilities on Microsoft Entra ID objects", with its tables of what
properties of users can be filtered by and what objects can be sorted by. What it leaves open is allowed.
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

_USERS_ONLY_ADVANCED: Final = frozenset(
    {"companyName", "employeeHireDate", "employeeType", "mobilePhone", "officeLocation"}
    | {"onPremisesImmutableId", "onPremisesLastSyncDateTime", "onPremisesSamAccountName"}
    | {"passwordPolicies", "postalCode", "preferredLanguage", "showInAddressList", "streetAddress"}
)
"""The properties of users that only an advanced query can filter by."""
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
_SORTED_AS_A_LOG: Final[Mapping[str, frozenset[str]]] = {Kind.DIRECTORY_AUDIT: frozenset({"activityDateTime"})}
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
    if use.operator is Operator.ENDS_WITH and use.property not in _WITH_AN_END:
        raise errors.unsupported_filter(use.property, resource.title)
    if is_advanced:
        return
    if use.operator is Operator.ENDS_WITH:
        raise errors.operator_needs_advanced_query("endsWith")
    if use.negated:
        raise errors.operator_needs_advanced_query("not")
    if use.operator is Operator.NE:
        raise errors.not_equal_needs_advanced_query()
    is_user = resource.type_name == Kind.USER
    if is_user and (use.value is None or use.property in _USERS_ONLY_ADVANCED):
        raise errors.unsupported_filter(use.property, resource.title)


def _check_order(resource: Resource, query: Query, *, is_advanced: bool) -> None:
    by_default = _SORTED_BY_DEFAULT.get(resource.type_name, frozenset())
    for order in query.order:
        if is_advanced and order.property not in _SORTED.get(resource.type_name, _SORTED_OTHERWISE):
            raise errors.unsupported_query("An unsupported property was specified.")
        if not is_advanced and query.where:
            raise errors.unsupported_query("Sorting not supported for current query.")
        if not is_advanced and order.property not in by_default:
            raise errors.unsupported_query(f"Unsupported sort property '{order.property}' for '{resource.title}'.")
