"""Ten and more kinds of change behind the stack's back, each reported with the person and with what it was."""

from pathlib import Path

import pytest

from tenantry.access.danger import Danger
from tenantry.drift.model import Drift, DriftReport
from tenantry.drift.run import drift
from tenantry.engine.directory_process import dumped
from tenantry.engine.pulumi_cli import PulumiCli
from tenantry.reports import drift as formats
from tenantry.reports import markdown
from tests.depth import deep

from .conftest import copied
from .world import HAND_MADE_PASSWORD, World

AT = "@contoso-partner.onmicrosoft.com"
GLOBAL_ADMINISTRATOR = "62e90394-69f5-4237-9190-012177145e10"
USER_ADMINISTRATOR = "fe930be7-5e62-47db-91af-98c3a49a38b1"


class Behind:
    """What somebody does in a portal."""

    def __init__(self, world: World) -> None:
        self.graph = world.graph

    def person(self, upn: str) -> str:
        return str(self.graph.user(f"{upn}{AT}")["id"])

    def make(self, name: str, **more: str) -> str:
        return self.graph.make(f"{name.lower()}{AT}", displayName=name, **more)

    def make_eligible(self, role: str, principal: str) -> None:
        self.graph(
            "POST",
            "/roleManagement/directory/roleEligibilityScheduleRequests",
            action="adminAssign",
            principalId=principal,
            roleDefinitionId=role,
            directoryScopeId="/",
            justification="x",
            scheduleInfo={"expiration": {"type": "noExpiration"}},
        )

    def unassign(self, principal: str) -> None:
        where = "/roleManagement/directory/roleAssignments"
        for item in self.graph("GET", where)["value"]:
            if item["principalId"] == principal:
                self.graph("DELETE", f"{where}/{item['id']}")

    def change(self, upn: str, **properties: str) -> None:
        self.graph("PATCH", f"/users/{self.person(upn)}", **properties)


pytestmark = pytest.mark.engine


def sentences(report: DriftReport) -> set[str]:
    return {f"{item.sentence} [{item.seen_by}]" for item in report.drift}


def of(report: DriftReport, what: str) -> Drift:
    (item,) = (item for item in report.changes if what in item.sentence)
    return item


def test_every_kind_of_change_is_named_by_person_and_decisions_are_heard(own_copy: World) -> None:
    world = own_copy
    clean = drift(world.project, "dev")
    assert (clean.headline, clean.exit_code) == ("No drift.", 0)

    behind = Behind(world)
    undeclared, other = behind.make("Stranger"), behind.make("Other")
    nested = world.graph(
        "POST", "/groups", displayName="Nested", mailNickname="nested", mailEnabled=False, securityEnabled=True
    )["id"]
    world.graph.join("Nested", other)
    world.graph.join("AdminAgents", undeclared)
    world.graph.join("HelpdeskAgents", nested)
    world.graph.join("SalesAgents", behind.person("carla.jensen"))
    world.graph.leave("SalesAgents", behind.person("dmitri.okafor"))
    behind.unassign(behind.person("farid.haddad"))
    world.graph.assign(GLOBAL_ADMINISTRATOR, undeclared)
    world.graph.assign(USER_ADMINISTRATOR, behind.person("carla.jensen"))
    behind.make_eligible(GLOBAL_ADMINISTRATOR, other)
    behind.change("hiro.tanaka", displayName="Hiro T.")
    behind.change("grace.mbeki", mail="grace@gmail.com")
    behind.change("emma.lindqvist", userPrincipalName=f"emma.l{AT}")
    world.graph("DELETE", f"/users/{behind.person('ines.costa')}")

    with world.writes() as writes:
        report = drift(world.project, "dev")
    assert writes == [], "looking changes nothing"
    assert report.not_evaluated == ()
    assert report.exit_code == 7
    assert sentences(report) == {
        f"Stranger (stranger{AT}) has AdminAgents, which is not declared [the engine]",
        "the group Nested has HelpdeskAgents (a member of HelpdeskAgents, as the group Nested), which is not declared "
        "[the engine]",
        f"Other (other{AT}) has HelpdeskAgents (a member of HelpdeskAgents, through the group Nested), which is not "
        "declared [Microsoft Graph alone]",
        f"Carla Jensen (carla.jensen{AT}) has SalesAgents, which is not declared [the engine]",
        f"Dmitri Okafor (dmitri.okafor{AT}) no longer has SalesAgents [the engine]",
        f"Farid Haddad (farid.haddad{AT}) no longer has Billing Administrator [the engine]",
        f"Stranger (stranger{AT}) has Global Administrator, which is not declared [Microsoft Graph alone]",
        f"Carla Jensen (carla.jensen{AT}) has User Administrator, which is not declared [Microsoft Graph alone]",
        f"Other (other{AT}) has Global Administrator (eligible), which is not declared [Microsoft Graph alone]",
        f"Hiro Tanaka (hiro.tanaka{AT}): the name was changed from 'Hiro Tanaka' to 'Hiro T.' [the engine]",
        f"Grace Mbeki (grace.mbeki{AT}): the e-mail address was changed from 'grace.mbeki@contoso.com' to "
        "'grace@gmail.com' [the engine]",
        f"Emma Lindqvist (emma.lindqvist{AT}): the sign-in name was changed from 'emma.lindqvist{AT}' to 'emma.l{AT}' "
        "[the engine]",
        f"Ines Costa (ines.costa{AT}): the account was deleted [the engine]",
        f"Ines Costa (ines.costa{AT}) no longer has HelpdeskAgents [the engine]",
    }
    # What the next update would refuse stands beside what changed, and keeps nothing of it back.
    refused = "\n".join(report.refusals)
    assert f"Grace Mbeki (grace.mbeki{AT}) holds User Administrator: changing their name" in refused
    assert "the deleted account Ines Costa" in refused
    first = {item.sentence for item in report.drift if item.danger is Danger.EVERYTHING}
    assert f"Stranger (stranger{AT}) has Global Administrator, which is not declared" in first
    assert of(report, "Stranger (stranger" + AT + ") has AdminAgents").next_update == "removes it"
    assert "adopted: " + undeclared in of(report, "Stranger (stranger" + AT + ") has AdminAgents").to_keep
    assert of(report, "has Global Administrator, which").next_update.startswith("leaves it")
    assert of(report, "Carla Jensen (carla.jensen" + AT + ") has SalesAgents").to_keep == (
        "declare it: write under `people.carla`: `roles: [Admin agent, Sales agent]`"
    )
    assert HAND_MADE_PASSWORD not in report.model_dump_json() + markdown.render(formats.layout(report))

    # What is decided is reported with who decided it; what is accepted for a time is no drift until then.
    with world.declaration() as document:
        document["drift"] = {
            "migration": {
                "principal": f"stranger{AT}",
                "what": "Global Administrator",
                "assignment": "active",
                "state": "accepted",
                "reason": "The migration ends in May",
                "owner": "Grace Mbeki",
                "decided_on": "2026-11-01",
                "until": "2999-01-01",
            }
        }
    _days(world.tenant_file)
    decided = drift(world.project, "dev")
    assert [item.sentence for item in decided.accepted] == [
        f"Stranger (stranger{AT}) has Global Administrator, which is not declared"
    ]
    assert len(decided.drift) == len(report.drift) - 1


@deep
def test_a_change_that_every_update_is_refused_for_is_reported_with_everything_else(own_copy: World) -> None:
    """Two undeclared accounts among three agents are more than one update may take out."""
    world, behind = own_copy, Behind(own_copy)
    ids = [behind.make("Stranger"), behind.make("Other")]
    for item in ids:
        world.graph.join("AdminAgents", item)
    world.graph.leave("SalesAgents", behind.person("dmitri.okafor"))
    with world.writes() as writes:
        report = drift(world.project, "dev")
    assert writes == []
    assert (report.exit_code, report.not_evaluated) == (7, ())
    assert report.headline == "3 things changed outside this stack; the next update would be refused."
    assert sentences(report) == {
        f"Stranger (stranger{AT}) has AdminAgents, which is not declared [the engine]",
        f"Other (other{AT}) has AdminAgents, which is not declared [the engine]",
        f"Dmitri Okafor (dmitri.okafor{AT}) no longer has SalesAgents [the engine]",
    }
    (refusal,) = report.refusals
    assert refusal.startswith("Refused (PT-204): this change removes AdminAgents from 2 of the 5 holders who can ")

    # Plain `pulumi` says it too, where it says no more than that it is refused.
    plain = world.drift()
    assert plain.exit_code not in (0, 7)
    assert (
        f"Changed outside this stack since the last update: Other (other{AT}) and Stranger (stranger{AT}) were added "
        f"to AdminAgents; Dmitri Okafor (dmitri.okafor{AT}) was removed from SalesAgents. `tenantry drift` "
        "shows the details."
    ) in plain.output


@deep
def test_no_refusal_of_the_program_keeps_anything_from_being_reported(own_copy: World) -> None:
    world, behind = own_copy, Behind(own_copy)
    world.graph.leave("SalesAgents", behind.person("dmitri.okafor"))
    missing = f"Dmitri Okafor (dmitri.okafor{AT}) no longer has SalesAgents [the engine]"

    # Human resources rename an adopted account.
    with world.graph.as_administrator():
        world.graph("PATCH", f"/users/{behind.person('ada.nakamura')}", userPrincipalName=f"ada.n{AT}")
    report = drift(world.project, "dev")
    assert (report.exit_code, report.not_evaluated, len(report.refusals)) == (7, (), 1)
    assert sentences(report) == {
        missing,
        f"Ada Nakamura (ada.nakamura{AT}): the sign-in name was changed from 'ada.nakamura{AT}' to 'ada.n{AT}' "
        "[Microsoft Graph alone]",
    }
    with world.graph.as_administrator():
        world.graph("PATCH", f"/users/{behind.person('ada.n')}", userPrincipalName=f"ada.nakamura{AT}")

    # Somebody renames an agent group.
    group = world.graph.group_id("HelpdeskAgents")
    world.graph("PATCH", f"/groups/{group}", displayName="Helpdesk (old)")
    report = drift(world.project, "dev")
    assert (report.exit_code, report.not_evaluated, len(report.refusals)) == (7, (), 1)
    assert sentences(report) == {
        missing,
        "the group HelpdeskAgents: the name was changed from 'HelpdeskAgents' to 'Helpdesk (old)' [the engine]",
    }
    assert of(report, "the group HelpdeskAgents").to_take_back == "rename the group back in the Entra admin center"
    world.graph("PATCH", f"/groups/{group}", displayName="HelpdeskAgents")

    # A program that does not even begin.
    world.program.write_text(world.program.read_text() + "\nraise KeyError('x')\n")
    report = drift(world.project, "dev")
    assert (report.exit_code, report.not_evaluated) == (7, ())
    assert sentences(report) == {missing}
    assert "KeyError: 'x'" in report.refusals[0]


@deep
def test_advice_is_by_what_somebody_is_and_what_follows_it_is_accepted(own_copy: World) -> None:
    world, behind = own_copy, Behind(own_copy)
    application = world.graph("POST", "/applications", displayName="Robots")
    robots = world.graph("POST", "/servicePrincipals", appId=application["appId"])["id"]
    guest = behind.make("Guest", userType="Guest")
    nested = world.graph(
        "POST", "/groups", displayName="Nested", mailNickname="nested", mailEnabled=False, securityEnabled=True
    )["id"]
    eligible, supporter, undeclared = behind.make("Eligible"), behind.make("Supporter"), behind.make("Stranger")
    world.graph.join("SalesAgents", robots)
    world.graph.join("SalesAgents", guest)
    world.graph.join("HelpdeskAgents", nested)
    world.graph.join("HelpdeskAgents", undeclared)
    behind.make_eligible(GLOBAL_ADMINISTRATOR, eligible)
    world.graph.assign("e00e864a-17c5-4a4b-9c06-f5b95a8d5bd8", supporter)
    report = drift(world.project, "dev")
    assert (report.exit_code, report.not_evaluated) == (7, ())

    def keep(what: str) -> str:
        return of(report, what).to_keep

    assert keep("the service principal Robots").startswith("declare it until a date: write under `identities`")
    assert keep("the group Nested").startswith("it cannot stay: a group may not be in an agent group")
    (of_guest,) = (item for item in report.drift if item.principal == guest)
    assert of_guest.to_keep.startswith("it cannot stay: guests may hold no agent group")
    assert "accept it until a date" in keep(f"Eligible (eligible{AT}) has Global Administrator")
    assert dict(of(report, "has Global Administrator").decision)["assignment"] == "eligible"
    assert keep("has Partner Tier2 Support").startswith("it cannot stay: Microsoft lists Partner Tier2 Support")

    # What is advised is written as it is shown, and the next update keeps exactly that.
    with world.declaration() as document:
        for path, value in of(report, f"Stranger (stranger{AT})").advice.edit:
            assert path == ("people", "stranger")
            document["people"]["stranger"] = {**value, "email": "stranger@contoso.com"}
    for member in (robots, guest):
        world.graph.leave("SalesAgents", member)
    world.graph.leave("HelpdeskAgents", nested)
    assert "stranger" in world.graph.members("HelpdeskAgents")
    world.up().ok()
    assert "stranger" in world.graph.members("HelpdeskAgents")
    after = drift(world.project, "dev")
    assert {item.principal for item in after.changes} == {eligible, supporter}


def _days(file: Path) -> None:
    """Days are written as days; and no further off than a declaration may say."""
    text = file.read_text().replace("'2026-11-01'", "2026-11-01").replace("'2999-01-01'", "2027-10-01")
    file.write_text(text)


@deep
def test_where_drift_allows_it_an_update_does_the_same_without_a_refresh(provisioned: Path, engine: PulumiCli) -> None:
    """Also right after the update that made the accounts, of which the state then has no empty lists."""
    tenants = []
    for refresh in ("true", "false"):
        with copied(provisioned, engine) as world:
            world.graph.empower()
            assert drift(world.project, "dev").state_is_current
            with world.declaration() as document:
                document["people"]["grace"]["full_name"] = "Grace Mbeki-Jones"
                document["people"]["dmitri"]["roles"] = ["Helpdesk agent"]
            world.pulumi("up", "--yes", "--skip-preview", f"--refresh={refresh}", "--policy-pack", "policies").ok()
            tenants.append(dumped(world.project))
    assert tenants[0] == tenants[1]


@deep
def test_only_what_others_did_to_what_the_stack_manages_makes_the_next_update_refresh(own_copy: World) -> None:
    world, graph = own_copy, own_copy.graph
    guest = graph.make(f"mallory_fabrikam.com#EXT#{AT}", userType="Guest")
    graph.assign(USER_ADMINISTRATOR, guest)
    beside_it = drift(world.project, "dev")
    assert beside_it.changes, "somebody gained access, which is drift"
    assert beside_it.state_is_current, "and which is in no state"
    graph.join("AdminAgents", guest)
    assert not drift(world.project, "dev").state_is_current
    graph.leave("AdminAgents", guest)
    assert drift(world.project, "dev").state_is_current
    with graph.as_administrator():
        graph("PATCH", f"/users/{graph.user(f'grace.mbeki{AT}')['id']}", otherMails=["own@example.com"])
    assert not drift(world.project, "dev").state_is_current
