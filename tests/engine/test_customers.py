"""Customers on the real engine: relationships are made, approved one by one, changed, ended, and never made twice."""

import json
from contextlib import closing
from typing import Any

import pytest

from tenantry.directory import relationships
from tenantry.directory.onboarding import open_store
from tenantry.directory.resources import Kind
from tenantry.directory.state import State

from .world import Ran, World

pytestmark = [pytest.mark.engine, pytest.mark.xdist_group("engine-customers")]

PATH = "/tenantRelationships/delegatedAdminRelationships"
HELPDESK, SUPPORT = "729827e3-9c14-49f7-bb1b-9608f156bbb8", "f023fd81-a637-4b56-95fd-791ac0226033"


def declare(world: World, customers: int) -> None:
    adopted = world.graph(
        "POST", "/groups", displayName="GDAP Service Desk", mailEnabled=False, mailNickname="gdap", securityEnabled=True
    )["id"]
    with world.declaration() as tenant:
        tenant["gdap"] = {
            "groups": {
                "service-desk": {"name": "GDAP Service Desk", "people": ["emma"], "adopted": adopted},
            },
            "templates": {
                "everyday": {
                    "auto_extend": True,
                    "assignments": {"service-desk": ["Helpdesk Administrator", "Service Support Administrator"]},
                }
            },
        }
        tenant["customers"] = {
            f"customer-{number}": {
                "name": f"Customer {number}",
                "tenant_id": f"c0000000-0000-4000-8000-{number:012}",
                "domain": f"customer-{number}.example",
                "country": "US",
                "gdap": {"everyday": {}},
            }
            for number in range(1, customers + 1)
        }


def found(world: World) -> dict[str, dict[str, Any]]:
    return {one["displayName"]: one for one in world.graph("GET", PATH)["value"]}


def approve(world: World, name: str) -> None:
    """What the customer does, elsewhere; and the half minute that Microsoft takes."""
    wanted = found(world)[name]["id"]
    with closing(open_store(State(world.project.directory), [])) as store, store.writing(world.tenant.id) as tenant:
        one = tenant.get(Kind.RELATIONSHIP, wanted)
        assert one is not None
        relationships.act(tenant, one, "approve")


def assigned(world: World, name: str) -> dict[str, set[str]]:
    listed = world.graph("GET", f"{PATH}/{found(world)[name]['id']}/accessAssignments")["value"]
    return {
        one["accessContainer"]["accessContainerId"]: {
            role["roleDefinitionId"] for role in one["accessDetails"]["unifiedRoles"]
        }
        for one in listed
        if one["status"] not in ("deleting", "deleted")
    }


def update(world: World) -> Ran:
    return world.pulumi("up", "--yes", "--skip-preview")


def test_trial(own_copy: World) -> None:
    world = own_copy
    declare(world, 3)
    first = update(world)
    first.ok()
    print(json.dumps(world.outputs()["customers"], indent=1), found(world))
    approve(world, "Customer 1 everyday")
    world.let_days_pass(0.001)
    print(world.preview("--diff").output)
    print(update(world).ok().output)
    print(assigned(world, "Customer 1 everyday"), world.outputs()["customers"])
    state = world.pulumi("stack", "export").output
    for r in json.loads(state)["deployment"]["resources"]:
        if "Delegated" in r["type"]:
            r.pop("stackTrace", 0)
            print(json.dumps(r, indent=1))
    group = world.graph.group_id("GDAP Service Desk")
    base = f"{PATH}/{found(world)['Customer 1 everyday']['id']}"
    one = world.graph("GET", f"{base}/accessAssignments")["value"][0]
    world.graph._headers["If-Match"] = one["@odata.etag"]
    world.graph(
        "PATCH",
        f"{base}/accessAssignments/{one['id']}",
        accessDetails={"unifiedRoles": [{"roleDefinitionId": HELPDESK}]},
    )
    print(world.pulumi("refresh", "--yes", "--diff").output)
    print(world.drift().output)
    update(world).ok()
    print(assigned(world, "Customer 1 everyday"))
    with world.declaration() as tenant:
        del tenant["customers"]["customer-1"]
        del tenant["customers"]["customer-2"]
    print(world.preview().output)
    raise AssertionError
