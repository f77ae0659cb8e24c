"""A family's declaration gives its requests: each once, with what it takes and what the audit trail calls it."""

from collections import Counter

import pytest

from tenantry.directory import errors, graph_schema
from tenantry.directory.app import endpoints
from tenantry.directory.endpoint import Activity, Category, Endpoint
from tenantry.directory.families import Family, declared
from tenantry.directory.licences import Licence
from tenantry.directory.permissions import READ_POLICIES, WRITE_POLICIES
from tenantry.directory.resources import CLAIMS_MAPPING_POLICY, RESOURCES, Kind
from tenantry.directory.schema import Resource

from .samples import ADA, Tenant, reads

PATH = "/policies/samples/{sample}"


def requests(family: Family) -> dict[tuple[str, str], Endpoint]:
    return {(endpoint.method, endpoint.path): endpoint for endpoint in declared(family)}


def test_no_two_endpoints_answer_the_same_request():
    counted = Counter((endpoint.method, endpoint.path) for endpoint in endpoints())
    assert [request for request, times in counted.items() if times > 1] == []


@pytest.mark.parametrize("endpoint", list(endpoints()), ids=lambda one: f"{one.method} {one.path}")
def test_every_request_takes_a_permission_and_every_change_has_an_activity(endpoint: Endpoint):
    assert endpoint.requires.any_of
    assert (endpoint.activity is None) is reads(endpoint.method, endpoint.path)


def test_every_kind_of_object_has_its_properties():
    assert RESOURCES.keys() == set(Kind)


def test_a_family_that_nothing_may_write_is_read_only():
    assert requests(Family(CLAIMS_MAPPING_POLICY, PATH, READ_POLICIES)).keys() == {
        ("GET", "/policies/samples"),
        ("GET", PATH),
    }


def test_a_family_says_what_its_requests_take_and_what_they_are_called():
    family = Family(
        CLAIMS_MAPPING_POLICY,
        PATH,
        READ_POLICIES,
        WRITE_POLICIES,
        noun="sample",
        category=Category.POLICIES,
        licence=Licence.ENTRA_ID_P2,
        deletion="Remove sample",
    )
    found = requests(family)
    assert {request: endpoint.activity for request, endpoint in found.items() if endpoint.activity} == {
        ("POST", "/policies/samples"): Activity("Add sample", Category.POLICIES),
        ("PATCH", PATH): Activity("Update sample", Category.POLICIES),
        ("DELETE", PATH): Activity("Remove sample", Category.POLICIES),
    }
    assert {endpoint.licence for endpoint in found.values()} == {Licence.ENTRA_ID_P2}
    assert {method for (method, _), endpoint in found.items() if endpoint.requires is WRITE_POLICIES} == {
        "POST",
        "PATCH",
        "DELETE",
    }


def refusal(resource: Resource, relation: str, *, creating: bool) -> int:
    """The status of the refusal of a body that binds something; zero where it is taken."""
    try:
        resource.accept({f"{relation}@odata.bind": []}, creating=creating)
    except errors.GraphError as refused:
        # What a new object needs is asked for after what the body says.
        return 0 if "A value is required" in refused.message else refused.status
    return 0


@pytest.mark.parametrize("resource", RESOURCES.values(), ids=lambda one: one.title)
def test_a_reference_that_a_body_binds_is_taken_or_refused_and_never_passed_over(resource: Resource):
    names = {*graph_schema.relationships(resource.type_name), *resource.bound, *resource.bound_on_creation, "shoes"}
    changing = {name: refusal(resource, name, creating=False) for name in names}
    creating = {name: refusal(resource, name, creating=True) for name in names}
    assert {name for name, status in changing.items() if not status} == resource.bound
    assert {name for name, status in creating.items() if not status} == resource.bound | resource.bound_on_creation
    assert (changing.pop("shoes"), creating.pop("shoes")) == (400, 400)
    assert {*changing.values(), *creating.values()} <= {0, 501}


def test_a_change_that_binds_what_is_not_read_there_changes_nothing(tenant: Tenant):
    ada = tenant.reference(ADA.object_id)["@odata.id"]
    unit = tenant.post("/v1.0/directory/administrativeUnits", {"displayName": "West"})["id"]
    application = tenant.post("/v1.0/applications", {"displayName": "App"})["id"]
    for path, relation in (
        (f"directory/administrativeUnits/{unit}", "members"),
        (f"applications/{application}", "owners"),
    ):
        body = {"displayName": "Changed", f"{relation}@odata.bind": [ada]}
        assert tenant.refused("PATCH", f"/v1.0/{path}", body)[0] == 501
        assert tenant.get(f"/v1.0/{path}")["displayName"] != "Changed"
