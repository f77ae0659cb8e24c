"""Customers on the real engine: made once, approved one by one, assigned then, changed by others, and ended."""

import random
import re
import sys
from contextlib import suppress
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from tenantry.drift.run import drift
from tests.depth import deep

from .test_interrupted import killed_at, recovered
from .test_review_plan import reviewed
from .world import Ran, World

pytestmark = [pytest.mark.engine, pytest.mark.xdist_group("engine-customers"), deep]

PATH = "/tenantRelationships/delegatedAdminRelationships"
HELPDESK, SUPPORT = "729827e3-9c14-49f7-bb1b-9608f156bbb8", "f023fd81-a637-4b56-95fd-791ac0226033"
A_MINUTE = 1 / 1440
_AT = "@contoso-partner.onmicrosoft.com"
CUSTOMER = "c0000000-0000-4000-8000-{:012}"


class Partner:
    """A partner tenant that has its people already, and the customers that are declared there."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.ask = world.graph
        self._minutes = 0
        self.ask("POST", "/servicePrincipals", appId="2832473f-ec63-45fb-976f-5d45a7d4bb91")
        body = {"displayName": "GDAP Service Desk", "mailNickname": "gdap", "mailEnabled": False}
        self.group = str(self.ask("POST", "/groups", **body, securityEnabled=True)["id"])

    def declare(self, customers: int, **relationship: Any) -> None:
        """So many customers with the group of those who were there before."""
        with self.world.declaration() as tenant:
            group = {"name": "GDAP Service Desk", "people": ["emma", "ines"], "adopted": self.group}
            roles = ["Helpdesk Administrator", "Service Support Administrator"]
            tenant["gdap"] = {
                "groups": {"service-desk": group},
                "templates": {"everyday": {"assignments": {"service-desk": roles}}},
            }
            tenant["customers"] = {
                f"customer-{number}": {
                    "name": f"Customer {number}",
                    "tenant_id": CUSTOMER.format(number),
                    "domain": f"customer-{number}.example",
                    "country": "US",
                    "reseller": {
                        "requested_on": date(2026, 1, 12),
                        "approved_on": date(2026, 1, 20),
                        "approved_by": "Jane Doe",
                    },
                    "gdap": {"everyday": dict(relationship)},
                }
                for number in range(1, customers + 1)
            }

    def update(self) -> Ran:
        return self.world.pulumi("up", "--yes", "--skip-preview", "--diff", "--policy-pack", "policies").ok()

    def make(self, number: int, *roles: str) -> str:
        """A relationship that somebody made by hand, as it would be declared; active."""
        made = self.asked(number)
        self.approve(made)
        if roles:
            held = {"unifiedRoles": [{"roleDefinitionId": role} for role in roles]}
            container = {"accessContainerId": self.group, "accessContainerType": "securityGroup"}
            self.ask("POST", f"{PATH}/{made}/accessAssignments", accessContainer=container, accessDetails=held)
        return made

    def asked(self, number: int) -> str:
        """The same, and the customer has not answered."""
        details = {"unifiedRoles": [{"roleDefinitionId": role} for role in (HELPDESK, SUPPORT)]}
        customer = {"tenantId": CUSTOMER.format(number), "displayName": f"Customer {number}"}
        body = {"displayName": f"Customer {number} everyday", "duration": "P730D"}
        made = str(self.ask("POST", PATH, **body, customer=customer, accessDetails=details)["id"])
        self.ask("POST", f"{PATH}/{made}/requests", action="lockForApproval")
        return made

    def approve(self, *relationships: str) -> None:
        """What customers do, elsewhere, and the half minute that Microsoft takes."""
        if relationships:
            self.world.run(sys.executable, "-m", "tenantry", "directory", "approve", *relationships).ok()
        self._minutes += 1
        self.world.let_days_pass(self._minutes * A_MINUTE)

    def found(self) -> dict[str, dict[str, Any]]:
        """The relationships, by the number of their customer."""
        listed = self.ask("GET", PATH)["value"]
        by_name = {one["displayName"].split()[1]: one for one in listed}
        assert len(by_name) == len(listed), "none twice"
        return by_name

    def held(self, number: int) -> set[str]:
        """What the group holds at a customer."""
        listed = self.ask("GET", f"{PATH}/{self.found()[str(number)]['id']}/accessAssignments")["value"]
        kept = [one for one in listed if one["status"] in ("pending", "active")]
        assert {one["accessContainer"]["accessContainerId"] for one in kept} <= {self.group}
        return {role["roleDefinitionId"] for one in kept for role in one["accessDetails"]["unifiedRoles"]}

    def by_hand(self, number: int, method: str, **body: Any) -> None:
        """What somebody does to the group's assignment in the portal."""
        base = f"{PATH}/{self.found()[str(number)]['id']}/accessAssignments"
        (one,) = self.ask("GET", base)["value"]
        self._matching(method, f"{base}/{one['id']}", one, body)

    def change(self, number: int, **body: Any) -> None:
        """What somebody does to the relationship itself."""
        one = self.found()[str(number)]
        self._matching("PATCH", f"{PATH}/{one['id']}", one, body)

    def give(self, number: int, group: str, role: str) -> None:
        """What somebody assigns to another group."""
        container = {"accessContainerId": group, "accessContainerType": "securityGroup"}
        held = {"unifiedRoles": [{"roleDefinitionId": role}]}
        self.ask(
            "POST",
            f"{PATH}/{self.found()[str(number)]['id']}/accessAssignments",
            accessContainer=container,
            accessDetails=held,
        )

    def _matching(self, method: str, path: str, one: dict[str, Any], body: dict[str, Any]) -> None:
        headers = {**self.ask._headers, "If-Match": one["@odata.etag"]}
        answer: httpx.Response = self.ask._http.request(method, f"/v1.0{path}", headers=headers, json=body or None)
        assert answer.is_success, answer.text


@pytest.fixture
def partner(own_copy: World) -> Partner:
    return Partner(own_copy)


def test_who_has_approved_is_opened_by_the_next_update_and_nobody_waits_for_the_others(partner: Partner) -> None:
    """Three customers: a relationship that was made by hand is adopted, and one of two new ones is approved."""
    world = partner.world
    partner.declare(3)
    existing = partner.make(3, HELPDESK, SUPPORT)
    with world.declaration() as tenant:
        tenant["customers"]["customer-3"]["gdap"]["everyday"]["adopted"] = existing
    with world.writes() as writes:
        first = partner.update()
    assert not [write for write in writes if existing in write], "what is adopted is as declared"
    assert f"Waiting for Customer 1 to approve 'Customer 1 everyday': {_LINK}" in first.output
    assert set(world.outputs()["customers"]) == {"customer-1.everyday", "customer-2.everyday"}
    assert {number: one["status"] for number, one in partner.found().items()} == {
        "1": "approvalPending",
        "2": "approvalPending",
        "3": "active",
    }

    partner.approve(partner.found()["2"]["id"])
    with world.writes() as writes:
        second = partner.update()
    assert [write.rpartition("/")[2] for write in writes] == ["accessAssignments"]
    assert partner.held(2) == partner.held(3) == {HELPDESK, SUPPORT}
    assert "Waiting for Customer 1" in second.output
    assert list(world.outputs()["customers"]) == ["customer-1.everyday"]

    state = world.pulumi("stack", "export", "--show-secrets").ok().output
    assert world.env["ARM_CLIENT_SECRET"] not in state + first.output + second.output
    assert "eyJ" not in state, "no token"
    with world.declaration() as tenant:
        del tenant["customers"]["customer-2"]
        tenant["customers"]["customer-3"]["gdap"]["everyday"]["duration"] = "P365D"
    refused = world.preview()
    assert refused.exit_code != 0
    assert "'Customer 2 everyday' with Customer 2 is active, and would continue undeclared" in refused.output
    assert "Put it back with `terminate: " in refused.output
    assert "it lasts P730D, not P365D" in refused.output
    assert "DelegatedAdminRelationship us-" not in refused.output.replace("refresh", "")


_LINK = "https://admin.microsoft.com/AdminPortal/Home#/partners/invitation/granularAdminRelationships/"


def test_what_others_change_shows_as_drift_and_is_put_right_and_an_end_is_declared(partner: Partner) -> None:
    world = partner.world
    partner.declare(2, duration="P30D")
    partner.update()
    for number in "12":
        partner.approve(partner.found()[number]["id"])
    partner.update()
    with world.writes() as writes:
        assert world.drift().exit_code == 0
        world.pulumi("up", "--yes", "--skip-preview", "--expect-no-changes").ok()
    assert writes == []

    partner.by_hand(1, "PATCH", accessDetails={"unifiedRoles": [{"roleDefinitionId": HELPDESK}]})
    partner.by_hand(2, "DELETE")
    world.let_days_pass(1)
    drift = world.drift()
    assert drift.exit_code == 7, drift.output
    assert f'+ [1]: "{SUPPORT}"' in drift.output
    assert "+ service-desk" in drift.output
    partner.update()
    assert partner.held(1) == partner.held(2) == {HELPDESK, SUPPORT}

    end = {"reason": "The contract has ended", "decided_by": "Ada Nakamura", "decided_on": date(2026, 11, 1)}
    with world.declaration() as tenant:
        tenant["customers"]["customer-1"]["gdap"]["everyday"]["terminate"] = end
    partner.update()
    world.let_days_pass(2)
    ended = partner.update()
    assert "its entry can be removed" in ended.output
    assert partner.found()["1"]["status"] == "terminated"
    with world.declaration() as tenant:
        del tenant["customers"]["customer-1"]
    partner.update()
    assert partner.held(2) == {HELPDESK, SUPPORT}
    # What runs out is said, and stands until the declaration says otherwise.
    world.let_days_pass(40)
    assert "(expired, " in partner.update().output


TEN_KINDS = {
    "a relationship that nobody declared": "the customer Customer 9 has the relationship (Customer 9 everyday, until",
    "a group that nobody declared": "(Customer 1) has an assignment (Helpdesk Administrator for Night shift)",
    "an agent group": "(Customer 2) has an assignment (Helpdesk Administrator for AdminAgents)",
    "fewer roles": "(Customer 3): the set of roles was changed for GDAP Desk by night from Helpdesk",
    "an assignment that was taken away": "(Customer 4) no longer has an assignment (Helpdesk Administrator, Service",
    "the extension": "(Customer 5): the extension was changed to extended when it ends",
    "an end": "(Customer 6): the status was changed from active to terminated",
    "somebody put into the group": "has a place in a GDAP group (GDAP Desk by night: Helpdesk Administrator at",
    "somebody taken out of it": "no longer has a place in a GDAP group (GDAP Desk by night: Helpdesk Administrator at",
    "another name of the group": "the name was changed from 'GDAP Service Desk' to 'GDAP Desk by night'",
}


def test_ten_kinds_of_drift_at_customers_are_named_and_put_right(partner: Partner) -> None:
    """One of each kind that somebody can make by hand, all at once; what an update puts right is gone after it."""
    world = partner.world
    partner.declare(6)
    partner.update()
    partner.approve(*(one["id"] for one in partner.found().values()))
    partner.update()
    partner.approve()
    assert drift(world.project, "dev").headline == "No drift."

    body = {"displayName": "Night shift", "mailNickname": "night", "mailEnabled": False, "securityEnabled": True}
    night = str(partner.ask("POST", "/groups", **body)["id"])
    partner.make(9)
    partner.give(9, night, HELPDESK)
    partner.give(1, night, HELPDESK)
    partner.give(2, world.graph.group_id("AdminAgents"), HELPDESK)
    partner.by_hand(3, "PATCH", accessDetails={"unifiedRoles": [{"roleDefinitionId": HELPDESK}]})
    partner.by_hand(4, "DELETE")
    partner.change(5, autoExtendDuration="P180D")
    partner.ask("POST", f"{PATH}/{partner.found()['6']['id']}/requests", action="terminate")
    world.graph.join("GDAP Service Desk", world.graph.user(f"carla.jensen{_AT}")["id"])
    world.graph.leave("GDAP Service Desk", world.graph.user(f"emma.lindqvist{_AT}")["id"])
    partner.ask("PATCH", f"/groups/{partner.group}", displayName="GDAP Desk by night")
    partner.approve()

    said = [one.sentence for one in drift(world.project, "dev").drift]
    for kind, sentence in TEN_KINDS.items():
        assert [one for one in said if sentence in one], (kind, said)
    assert len(said) == len(TEN_KINDS), said

    partner.update()
    partner.approve()
    left = [one.sentence for one in drift(world.project, "dev").drift]
    assert [one for one in left if TEN_KINDS["a relationship that nobody declared"] in one]
    assert [one for one in left if TEN_KINDS["an end"] in one]
    assert len(left) == 2, left
    assert partner.held(1) == partner.held(3) == partner.held(4) == {HELPDESK, SUPPORT}
    assert world.graph.members("GDAP Service Desk") == {"emma.lindqvist", "ines.costa"}


def test_what_is_not_as_declared_is_taken_over_by_no_update(partner: Partner) -> None:
    world = partner.world
    partner.declare(2)
    fewer, asked = partner.make(1, HELPDESK), partner.asked(2)
    with world.declaration() as tenant:
        for number, one in (("1", fewer), ("2", asked)):
            tenant["customers"][f"customer-{number}"]["gdap"]["everyday"]["adopted"] = one
    with world.writes() as writes:
        preview, update = world.preview(), world.pulumi("up", "--yes", "--skip-preview")
    assert writes == []
    for ran in (preview, update):
        assert ran.exit_code != 0
        assert (
            "the group `service-desk` holds Helpdesk Administrator, not Helpdesk Administrator, Service" in ran.output
        )
        assert "it waits for the customer, and no group holds anything by it yet" in ran.output


def test_two_ends_at_once_are_refused_until_exactly_they_are_approved(partner: Partner) -> None:
    """Two of three relationships end while one of two people leaves the group: program, plan and approval agree."""
    world = partner.world
    partner.declare(3)
    partner.update()
    for number in "123":
        partner.approve(partner.found()[number]["id"])
    partner.update()
    with world.declaration() as tenant:
        for number in "12":
            end = {"reason": "They left", "decided_by": "Ada Nakamura", "decided_on": date(2026, 11, 1)}
            tenant["customers"][f"customer-{number}"]["gdap"]["everyday"]["terminate"] = end
        tenant["gdap"]["groups"]["service-desk"]["people"] = ["emma"]
    with world.writes() as writes:
        refused = world.pulumi("up", "--yes", "--skip-preview")
    assert refused.exit_code != 0
    assert writes == []
    assert (
        "this change terminates 2 relationships: 'Customer 1 everyday' with Customer 1; "
        "'Customer 2 everyday' with Customer 2 (used by Emma Lindqvist ("
    ) in refused.output
    assert "; expected: at most 1 (`limits.termination_count`)" in refused.output
    assert "it also removes Helpdesk Administrator at customers from Ines" in refused.output

    (digest,) = set(re.findall(r'override: \{change: "([0-9a-f]{32})"', refused.output))
    override = {"change": digest, "reason": "The contracts have ended", "approved_by": "ada"}
    with world.declaration() as tenant:
        tenant["limits"] = {"override": {**override, "expires_on": date.today() + timedelta(days=3)}}
    report, _ = reviewed(world)
    assert "PT-204" not in {item.rule for item in report.tenants[0].findings.introduced}
    ceilings = {item.power: (item.before, item.taken, item.exceeded) for item in report.tenants[0].ceilings}
    assert ceilings["relationships with customers"] == (3, 2, True)
    assert ceilings["Helpdesk Administrator at customers"] == (2, 1, False)
    assert all(item.override for item in report.tenants[0].ceilings)

    partner.update()
    world.let_days_pass(1)
    assert {number: one["status"] for number, one in partner.found().items()} == {
        "1": "terminated",
        "2": "terminated",
        "3": "active",
    }
    assert partner.held(3) == {HELPDESK, SUPPORT}


def test_a_killed_update_makes_nothing_twice_and_loses_nothing(partner: Partner) -> None:
    """Ten kills, each with four more customers, so that there is something to interrupt; half approve in between."""
    world, moments = partner.world, random.Random(20261130)
    kills = 0
    for customers in range(4, 41, 4):
        partner.declare(customers)
        kills += killed_at(world, moments.randint(1, 8))
        recovered(world)
        for number, one in partner.found().items():
            if int(number) % 2 and one["status"] == "approvalPending":
                partner.approve(one["id"])
    assert kills == 10
    partner.update()
    assert set(partner.found()) == {str(number) for number in range(1, 41)}
    for number, one in partner.found().items():
        if one["status"] == "approvalPending" and int(number) % 2:
            partner.approve(one["id"])
    partner.update()
    for customer in range(1, 41):
        assert partner.held(customer) == ({HELPDESK, SUPPORT} if customer % 2 else set())
    assert world.drift().exit_code == 0
    assert not _plugins(world), "a plugin outlives its engine"


def _plugins(world: World) -> list[str]:
    """The processes that run this world's plugin."""
    here = str(world.project.root / "components")
    found = []
    for process in Path("/proc").glob("[0-9]*/cmdline"):
        with suppress(OSError):
            command = process.read_text(errors="replace")
            found += [command] if here in command else []
    return found
