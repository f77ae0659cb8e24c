"""The least permissions: with exactly those of the table each thing is read, and with one fewer it says which one.

The embedded directory refuses by the permission tables of Microsoft Graph's reference, and so evaluates our own table.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import pytest

from tenantry.access import Kind
from tenantry.access.observed import ObservedTenant, access_map, observe
from tenantry.access.parts import NotRead, or_none, read
from tenantry.access.posture import Posture, read_posture
from tenantry.declaration.customers import GdapGroup
from tenantry.directory.enrolment import deployment_client_id, deployment_principal_id
from tenantry.directory.local import LocalGraph
from tenantry.directory.onboarding import enrol
from tenantry.directory.store import Store
from tenantry.graph.client import GraphReader
from tenantry.graph.errors import Cause, NotReadableError
from tenantry.graph.permissions import (
    EVERY_FEATURE,
    FEATURES,
    READINGS,
    SUFFICES,
    WRITINGS,
    Feature,
    Need,
    Reading,
    Writing,
)
from tenantry.graph_permissions import permissions
from tenantry.roles import AgentGroup
from tests.directory.samples import (
    ADA,
    CLIENT_SECRET,
    GLOBAL_ADMINISTRATOR,
    REQUIRED,
    UNITED_STATES,
    USER_ADMINISTRATOR,
    Tenant,
)
from tests.graph.in_process import reader_of

ADMIN_AGENTS = UNITED_STATES.group_id("AdminAgents")
OWN = deployment_principal_id(UNITED_STATES.tenant_id)
FTOP = deployment_client_id(UNITED_STATES.tenant_id)
"""An application that the tenant has, in FTOP's place."""

REGISTERED: list[str] = []
"""The object id of an application that is registered in the tenant."""

RELATIONSHIP: list[str] = []
"""The id of a relationship with a customer."""

READ: dict[Reading, list[Callable[[GraphReader], object]]] = {
    Reading.ORGANIZATION: [lambda graph: graph.organization()],
    Reading.DOMAINS: [lambda graph: list(graph.domains())],
    Reading.USERS: [
        lambda graph: list(graph.users()),
        lambda graph: graph.user(ADA.upn),
        lambda graph: list(graph.users_by_id([ADA.object_id])),
        lambda graph: list(graph.users_named([ADA.upn])),
        lambda graph: list(graph.users_with_address([ADA.upn])),
    ],
    Reading.DELETED_USERS: [lambda graph: list(graph.deleted_users())],
    Reading.GROUPS: [
        lambda graph: graph.group(ADMIN_AGENTS),
        lambda graph: list(graph.groups_named(["AdminAgents"])),
        lambda graph: list(graph.groups_by_id([ADMIN_AGENTS])),
        lambda graph: list(graph.groups_with_address([ADA.upn])),
        lambda graph: list(graph.role_assignable_groups()),
        lambda graph: list(graph.members(ADMIN_AGENTS)),
        lambda graph: list(graph.owners(ADMIN_AGENTS)),
        lambda graph: list(graph.transitive_members(ADMIN_AGENTS)),
        lambda graph: graph.enabled_people_in(ADMIN_AGENTS),
        lambda graph: list(graph.groups_with_owners([ADMIN_AGENTS])),
    ],
    Reading.ROLE_ASSIGNMENTS: [lambda graph: list(graph.role_assignments())],
    Reading.ROLE_DEFINITIONS: [lambda graph: list(graph.role_definitions())],
    Reading.ADMINISTRATIVE_UNITS: [lambda graph: list(graph.administrative_units())],
    Reading.ROLE_ELIGIBILITIES: [
        lambda graph: list(graph.role_eligibilities()),
        lambda graph: list(graph.role_eligibility_requests()),
    ],
    Reading.ROLE_ACTIVATIONS: [lambda graph: list(graph.activated_roles())],
    Reading.CONSENT_GRANTS: [lambda graph: list(graph.consent_grants())],
    Reading.SERVICE_PRINCIPALS: [
        lambda graph: graph.service_principal(FTOP),
        lambda graph: list(graph.service_principals_by_id([OWN])),
        lambda graph: list(graph.service_principals_with_owners([OWN])),
        lambda graph: list(graph.permissions_granted()),
    ],
    Reading.GROUP_ELIGIBILITIES: [lambda graph: list(graph.group_eligibilities(ADMIN_AGENTS))],
    Reading.APPLICATIONS: [
        lambda graph: list(graph.applications_with_owners([FTOP])),
        lambda graph: list(graph.federated_identities(REGISTERED[0])),
    ],
    Reading.REGISTRATIONS: [lambda graph: list(graph.registrations())],
    Reading.METHODS: [lambda graph: list(graph.authentication_methods(ADA.object_id))],
    Reading.SIGN_INS: [lambda graph: list(graph.sign_ins([ADA.object_id]))],
    Reading.SECURITY_DEFAULTS: [lambda graph: graph.security_defaults()],
    Reading.CONDITIONAL_ACCESS: [lambda graph: list(graph.conditional_access())],
    Reading.RELATIONSHIPS: [
        lambda graph: list(graph.relationships()),
        lambda graph: list(graph.relationships("Fabrikam everyday")),
        lambda graph: graph.relationship(RELATIONSHIP[0]),
        lambda graph: list(graph.access_assignments(RELATIONSHIP[0])),
    ],
    Reading.AUDIT_LOG: [lambda graph: list(graph.audit_log("GroupManagement"))],
}
CASES = [(reading, number) for reading, ways in READ.items() for number in range(len(ways))]
NOT_READ_BY_ITSELF = {"from_environment", "close", "requests", "caller"}


@pytest.fixture(scope="module")
def store() -> Iterator[Store]:
    """A tenant in which groups hold what makes them worth reading."""
    store = Store()
    enrol(store, UNITED_STATES, CLIENT_SECRET)
    with LocalGraph(store, UNITED_STATES.tenant_id) as graph:
        tenant = Tenant(graph, UNITED_STATES)
        admins = tenant.add_group("Admins", isAssignableToRole=True)
        body = {"principalId": admins, "roleDefinitionId": GLOBAL_ADMINISTRATOR, "directoryScopeId": "/"}
        tenant.post("/v1.0/roleManagement/directory/roleAssignments", body)
        resource = tenant.ids("/v1.0/servicePrincipals?$filter=appId eq '00000003-0000-0000-c000-000000000000'")[0]
        grant = {"clientId": OWN, "consentType": "AllPrincipals", "resourceId": resource, "scope": "User.Read"}
        tenant.post("/v1.0/oauth2PermissionGrants", grant)
        made = tenant.post("/v1.0/applications", {"displayName": "Reports"})
        REGISTERED[:] = [made["id"]]
        tenant.post("/v1.0/servicePrincipals", {"appId": "2832473f-ec63-45fb-976f-5d45a7d4bb91"})
        asked = {"displayName": "Fabrikam everyday", "duration": "P730D"}
        details = {"unifiedRoles": [{"roleDefinitionId": USER_ADMINISTRATOR}]}
        where = "/v1.0/tenantRelationships/delegatedAdminRelationships"
        RELATIONSHIP[:] = [tenant.post(where, {**asked, "accessDetails": details})["id"]]
        reports = tenant.post("/v1.0/servicePrincipals", {"appId": made["appId"]})["id"]
        (role,) = [known for known, name in permissions().application.items() if name == "Group.ReadWrite.All"]
        body = {"principalId": reports, "resourceId": resource, "appRoleId": role}
        tenant.post(f"/v1.0/servicePrincipals/{resource}/appRoleAssignedTo", body)
    yield store
    enrol(store, UNITED_STATES, CLIENT_SECRET)
    store.close()


@pytest.fixture
def permitted(store: Store) -> Callable[..., Store]:
    def with_these(*permissions: str) -> Store:
        enrol(store, replace(UNITED_STATES, permissions=frozenset(permissions)), CLIENT_SECRET)
        return store

    return with_these


def test_every_way_to_read_is_tried_below() -> None:
    public = {name for name in vars(GraphReader) if not name.startswith("_")}
    tried = {name for ways in READ.values() for way in ways for name in way.__code__.co_names}
    assert public - tried == NOT_READ_BY_ITSELF
    assert set(READ) == set(Reading)


@pytest.mark.parametrize(("reading", "way"), CASES)
def test_one_permission_suffices_for_a_reading(permitted: Callable[..., Store], reading: Reading, way: int) -> None:
    with reader_of(permitted(*READINGS[reading].permissions), UNITED_STATES.tenant_id) as graph:
        assert READ[reading][way](graph) is not None
        assert set(graph.requests) == {reading}


@pytest.mark.parametrize(("reading", "way"), CASES)
def test_all_others_do_not_and_the_refusal_names_the_missing_one(
    permitted: Callable[..., Store], reading: Reading, way: int
) -> None:
    need = READINGS[reading]
    enough = {permission for request in need.requests for permission in REQUIRED[request].any_of}
    others = {known for need in READINGS.values() if (known := need.permission) not in enough}
    assert others
    with (
        reader_of(permitted(*others), UNITED_STATES.tenant_id) as graph,
        pytest.raises(NotReadableError) as refused,
    ):
        READ[reading][way](graph)
    assert (refused.value.reading, refused.value.cause) == (reading, Cause.PERMISSION)
    message = str(refused.value)
    assert f"the application {FTOP} read {reading} " in message
    assert f"the application permission {' or '.join(need.permissions)} is missing" in message
    assert "App registrations, API permissions, and have an administrator consent to it." in message


@dataclass(frozen=True)
class Seen:
    """All that is read of a tenant."""

    tenant: ObservedTenant
    posture: Posture
    log: object


def not_told(whole: Seen) -> dict[Feature, NotRead]:
    """The features that a reading of a tenant does not tell, and why."""
    seen, posture = whole.tenant, whole.posture
    agent_groups = list(seen.agent_groups.values())
    parts: dict[Feature, list[object]] = {
        Feature.TENANT: [seen.organization, seen.domains],
        Feature.AGENT_GROUPS: list(seen.agent_groups.values()),
        Feature.DIRECTORY_ROLES: [seen.roles_not_read],
        Feature.CONSENT: [seen.consents_not_read],
        Feature.APPLICATIONS: [posture.applications, *(item.credentials for item in or_none(posture.applications))],
        Feature.PROOF: [posture.registrations, posture.security_defaults, posture.conditional_access],
        Feature.GROUP_ELIGIBILITIES: [*posture.eligible.values(), *agent_groups],
        Feature.SIGN_INS: [posture.sign_ins],
        Feature.AUDIT_LOG: [whole.log],
        Feature.CUSTOMERS: list(_at_customers(seen)),
    }
    why = {f: next((part for part in some if isinstance(part, NotRead)), None) for f, some in parts.items()}
    return {feature: because for feature, because in why.items() if because}


def _at_customers(seen: ObservedTenant) -> Iterator[object]:
    assert seen.at_customers
    yield from (seen.at_customers.relationships, seen.at_customers.groups)
    yield from (group.members for group in seen.customer_groups.values())


def observed(store: Store) -> Seen:
    with reader_of(store, UNITED_STATES.tenant_id) as graph:
        tenant = observe(graph, customer_groups=[GdapGroup(name="AdminAgents", people=())])
        return Seen(tenant, read_posture(graph, tenant), read(lambda: tuple(graph.audit_log("GroupManagement"))))


ANSWERS = {
    Feature.AGENT_GROUPS: Kind.AGENT_GROUP,
    Feature.DIRECTORY_ROLES: Kind.DIRECTORY_ROLE,
    Feature.CONSENT: Kind.CONSENT,
    Feature.CUSTOMERS: Kind.CUSTOMER_ROLE,
}


@pytest.mark.parametrize("feature", Feature)
def test_a_feature_is_readable_with_exactly_its_permissions(permitted: Callable[..., Store], feature: Feature) -> None:
    seen = observed(permitted(*FEATURES[feature]))
    assert feature not in not_told(seen)
    answered = {answer.kind for answer in access_map(seen.tenant, ftop_application=FTOP).answers}
    if feature in ANSWERS:
        assert ANSWERS[feature] in answered
    if feature is Feature.TENANT:
        assert answered == set()
    if feature is Feature.AGENT_GROUPS:
        assert len(access_map(seen.tenant).holders(Kind.AGENT_GROUP, AgentGroup.ADMIN_AGENTS)) == 1


@pytest.mark.parametrize(
    ("feature", "missing"), [(feature, missing) for feature, needed in FEATURES.items() for missing in needed]
)
def test_a_feature_is_not_readable_with_one_fewer_and_says_which(
    permitted: Callable[..., Store], feature: Feature, missing: str
) -> None:
    seen = observed(permitted(*(known for known in FEATURES[feature] if known != missing)))
    why = not_told(seen)[feature]
    assert why.cause is Cause.PERMISSION
    assert re.search(rf"the application permission .*\b{re.escape(missing)}\b.* is missing", why.text)


def test_some_permissions_tell_everything_and_none_can_be_left_out(permitted: Callable[..., Store]) -> None:
    assert not_told(observed(permitted(*EVERY_FEATURE))) == {}
    for missing in EVERY_FEATURE:
        rest = [known for known in EVERY_FEATURE if known != missing]
        assert not_told(observed(permitted(*rest)))


def test_no_permission_of_a_feature_writes() -> None:
    named = {permission for needed in (*FEATURES.values(), EVERY_FEATURE) for permission in needed}
    assert {known for known in named if ".Read." not in known} == set()


@pytest.mark.parametrize("need", WRITINGS, ids=[need.permission for need in WRITINGS])
def test_nothing_that_provisioning_takes_could_be_left_out(need: Need) -> None:
    others = {other.permission for other in WRITINGS if other is not need}
    assert [request for request in need.requests if not REQUIRED[request].any_of & others]


WRITES: dict[Writing, list[tuple[str, str]]] = {
    Writing.ACCOUNTS: [("POST", "/users"), ("PATCH", "/users/{user}"), ("GET", "/users/{user}")],
    Writing.DELETED_ACCOUNTS: [("DELETE", "/users/{user}")],
    Writing.AGENT_GROUPS: [
        ("GET", "/groups/{group}"),
        ("PATCH", "/groups/{group}"),
        ("GET", "/groups/{group}/members"),
        ("POST", "/groups/{group}/members/$ref"),
        ("DELETE", "/groups/{group}/members/{target}/$ref"),
    ],
    Writing.DIRECTORY_ROLES: [
        ("POST", "/roleManagement/directory/roleAssignments"),
        ("DELETE", "/roleManagement/directory/roleAssignments/{assignment}"),
        ("POST", "/roleManagement/directory/roleEligibilityScheduleRequests"),
    ],
}


@pytest.mark.parametrize("writing", Writing)
def test_each_permission_that_is_listed_as_enough_for_a_writing_is(writing: Writing) -> None:
    for request in WRITES[writing]:
        assert REQUIRED[request].any_of.issuperset(SUFFICES[writing]), request


@pytest.mark.parametrize("feature", [Feature.AGENT_GROUPS, Feature.DIRECTORY_ROLES])
def test_who_provisions_can_look_at_what_is_provisioned(permitted: Callable[..., Store], feature: Feature) -> None:
    store = permitted(*(need.permission for need in WRITINGS if not need.only_where))
    assert feature not in not_told(observed(store))
