from dataclasses import replace

import pytest

from tenantry.directory.enrolment import (
    ADMIN_AGENTS,
    ALL_USERS,
    HELPDESK_AGENTS,
    SALES_AGENTS,
    Enrolment,
    FirstUser,
    deployment_client_id,
    deployment_principal_id,
    partner_group_id,
)
from tenantry.directory.identifiers import role_assignment_id
from tenantry.directory.local import LocalGraph
from tenantry.directory.onboarding import enrol
from tenantry.directory.resources import Kind
from tenantry.directory.store import Store

from .samples import ADA, CLIENT_SECRET, GLOBAL_ADMINISTRATOR, NOBODY, UNITED_STATES, Tenant


def test_a_role_assignment_has_the_id_that_microsoft_graph_gives_it():
    # The example in Microsoft's documentation of role assignments.
    billing_administrator, principal = "b0f54661-2d74-4c50-afa3-1ec803f12efe", "a98eb769-7bd4-4489-86f6-ad96e1d58b62"
    assert role_assignment_id(billing_administrator, principal) == "YUb1sHQtUEyvox7IA_Eu_mm3jqnUe4lEhvatluHVi2I-1"


def test_derived_ids_do_not_change_between_releases():
    tenant_id = UNITED_STATES.tenant_id
    assert partner_group_id(tenant_id, ADMIN_AGENTS) == "8e7860c0-c030-5654-a8b4-ef4a940ab027"
    assert deployment_client_id(tenant_id) == "28848bde-8437-51d3-8af5-5139b76ba73f"


def test_a_tenant_of_the_solution_provider_program_begins_with_its_groups(tenant: Tenant):
    groups = tenant.get("/beta/groups?$select=id,displayName,securityEnabled,mailEnabled,isAssignableToRole")["value"]
    assert {group["displayName"]: group["id"] for group in groups} == {
        name: partner_group_id(UNITED_STATES.tenant_id, name)
        for name in (ADMIN_AGENTS, HELPDESK_AGENTS, SALES_AGENTS, ALL_USERS)
    }
    assert all(group["securityEnabled"] and not group["mailEnabled"] for group in groups)


def test_the_enrolling_administrator_is_global_administrator_and_admin_agent(tenant: Tenant):
    assert tenant.ids(f"/beta/groups/{tenant.group(ADMIN_AGENTS)}/members") == [ADA.object_id]
    assert tenant.ids(f"/beta/groups/{tenant.group(ALL_USERS)}/members") == [ADA.object_id]
    assert tenant.ids("/v1.0/roleManagement/directory/roleAssignments") == [
        role_assignment_id(GLOBAL_ADMINISTRATOR, ADA.object_id)
    ]


def test_only_the_global_administrator_role_is_activated_at_first(tenant: Tenant):
    assert [role["displayName"] for role in tenant.get("/v1.0/directoryRoles")["value"]] == ["Global Administrator"]


def test_enrolling_again_leaves_the_tenant_as_it_is(store: Store, tenant: Tenant):
    tenant.delete(f"/beta/groups/{tenant.group(SALES_AGENTS)}")
    tenant.patch(f"/v1.0/users/{ADA.object_id}", {"displayName": "Ada Lovelace"})

    assert enrol(store, UNITED_STATES, CLIENT_SECRET) is False

    assert tenant.refused("GET", f"/beta/groups/{tenant.group(SALES_AGENTS)}")[0] == 404
    assert tenant.get(f"/v1.0/users/{ADA.object_id}")["displayName"] == "Ada Lovelace"


def test_pinned_groups_have_the_ids_that_are_known():
    pinned = "12345678-0000-4000-8000-000000000000"
    enrolment = Enrolment(
        tenant_id="99999999-0000-4000-8000-000000000000",
        display_name="Pinned",
        country="US",
        initial_domain="pinned.onmicrosoft.com",
        global_admins=(FirstUser(ADA.object_id, "ada@pinned.onmicrosoft.com", "Ada"),),
        pinned_groups={ADMIN_AGENTS: pinned},
    )
    store = Store()
    assert enrol(store, enrolment, CLIENT_SECRET) is True
    with LocalGraph(store, enrolment.tenant_id) as graph:
        assert Tenant(graph, enrolment).get(f"/beta/groups/{pinned}")["displayName"] == ADMIN_AGENTS


def test_service_principals_are_there_under_their_ids_and_names():
    bridge = "0f7a1f5e-31f6-4b0e-8a53-0c8f3d1b7c21"
    enrolment = replace(
        UNITED_STATES, tenant_id="99999999-0000-4000-8000-000000000000", service_principals={bridge: "Backup Bridge"}
    )
    store = Store()
    enrol(store, enrolment, CLIENT_SECRET)
    with LocalGraph(store, enrolment.tenant_id) as graph:
        found = Tenant(graph, enrolment).get(f"/v1.0/servicePrincipals/{bridge}")
        assert found["displayName"] == "Backup Bridge"


def test_a_tenant_without_the_solution_provider_program_has_no_groups():
    enrolment = Enrolment(
        tenant_id="99999999-0000-4000-8000-000000000000",
        display_name="Own use",
        country="US",
        initial_domain="own.onmicrosoft.com",
        global_admins=(FirstUser(ADA.object_id, "ada@own.onmicrosoft.com", "Ada"),),
        agent_groups=False,
    )
    store = Store()
    enrol(store, enrolment, CLIENT_SECRET)
    with LocalGraph(store, enrolment.tenant_id) as graph:
        tenant = Tenant(graph, enrolment)
        assert tenant.ids("/beta/groups") == []
        assert tenant.get(f"/v1.0/users/{ADA.object_id}")["displayName"] == "Ada"


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"tenant_id": "contoso"}, "tenant id must be a GUID"),
        ({"country": "USA"}, "two-letter code"),
        ({"global_admins": ()}, "must have a Global Administrator"),
        ({"global_admins": (FirstUser(ADA.object_id, "ada@elsewhere.example", "Ada"),)}, "verified domain"),
        ({"pinned_groups": {ADMIN_AGENTS: "x"}}, "group AdminAgents must be a GUID"),
    ],
)
def test_an_enrolment_that_no_tenant_can_have_is_refused(changes, message):
    sound = {
        "tenant_id": UNITED_STATES.tenant_id,
        "display_name": "Contoso",
        "country": "US",
        "initial_domain": "contoso.onmicrosoft.com",
        "global_admins": (FirstUser(ADA.object_id, "ada@contoso.onmicrosoft.com", "Ada"),),
    }
    with pytest.raises(ValueError, match=message):
        Enrolment(**{**sound, **changes})


def test_the_organization_is_where_and_what_it_was_enrolled_as(tenant: Tenant):
    (organization,) = tenant.get("/v1.0/organization")["value"]
    assert organization["id"] == UNITED_STATES.tenant_id
    assert organization["countryLetterCode"] == "US"
    assert (organization["street"], organization["city"], organization["postalCode"]) == (
        "1 Main Street",
        "Redmond",
        "98052",
    )
    assert [
        (domain["name"], domain["isDefault"], domain["isInitial"]) for domain in organization["verifiedDomains"]
    ] == [
        ("contoso.example", True, False),
        ("contoso-partner.onmicrosoft.com", False, True),
    ]
    assert tenant.get(f"/v1.0/organization/{UNITED_STATES.tenant_id}")["displayName"] == organization["displayName"]


def test_domains_are_verified(tenant: Tenant):
    domains = tenant.get("/v1.0/domains")["value"]
    assert [(domain["id"], domain["isVerified"], domain["isDefault"]) for domain in domains] == [
        ("contoso-partner.onmicrosoft.com", True, False),
        ("contoso.example", True, True),
    ], "the initial domain is older than any other"
    assert tenant.get("/v1.0/domains/contoso.example")["id"] == "contoso.example"
    assert tenant.refused("GET", "/v1.0/domains/fabrikam.example")[0] == 404


def test_a_subdomain_of_a_verified_domain_is_no_root(store: Store):
    enrolment = replace(UNITED_STATES, tenant_id=NOBODY, domains=("contoso.example", "eu.contoso.example"))
    enrol(store, enrolment, CLIENT_SECRET)
    with store.reading(NOBODY) as tenant:
        roots = {domain.id: domain.document["isRoot"] for domain in tenant.scan(Kind.DOMAIN)}
    assert roots == {
        "contoso-partner.onmicrosoft.com": True,
        "contoso.example": True,
        "eu.contoso.example": False,
    }


def test_the_deploying_application_is_found_by_its_client_id(tenant: Tenant):
    client_id = deployment_client_id(UNITED_STATES.tenant_id)
    (principal,) = tenant.get(f"/v1.0/servicePrincipals?$filter=appId eq '{client_id}'")["value"]
    assert principal["id"] == deployment_principal_id(UNITED_STATES.tenant_id)
    assert tenant.get(f"/v1.0/servicePrincipals/{principal['id']}")["appId"] == client_id
    assert tenant.get(f"/v1.0/directoryObjects/{principal['id']}")["@odata.type"] == "#microsoft.graph.servicePrincipal"


def test_whoever_had_an_account_without_a_role_is_there_without_one():
    enrolment = Enrolment(
        tenant_id="99999999-0000-4000-8000-000000000000",
        display_name="People",
        country="US",
        initial_domain="people.onmicrosoft.com",
        global_admins=(FirstUser(ADA.object_id, "ada@people.onmicrosoft.com", "Ada"),),
        users=(FirstUser("cccccccc-0000-4000-8000-000000000003", "emma@people.onmicrosoft.com", "Emma"),),
    )
    store = Store()
    enrol(store, enrolment, CLIENT_SECRET)
    with LocalGraph(store, enrolment.tenant_id) as graph:
        tenant = Tenant(graph, enrolment)
        assert tenant.get("/v1.0/users/cccccccc-0000-4000-8000-000000000003")["displayName"] == "Emma"
        assert tenant.ids(f"/beta/groups/{tenant.group(ADMIN_AGENTS)}/members") == [ADA.object_id]
