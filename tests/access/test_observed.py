"""What a tenant really gives, read from the embedded directory: as declared, and as it should not be."""

import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

import httpx
import pytest

from tenantry.access import AccessDiff, AccessMap, Answer, AssignmentType, Grant, Kind, Principal, diff
from tenantry.access import declared as declaring
from tenantry.access.inverse import FTOP_APPLICATION
from tenantry.access.observed import GroupMembers, ObservedTenant, access_map, observe
from tenantry.access.parts import NotRead
from tenantry.access.principals import By, Identity
from tenantry.declaration import Tenant as Declared
from tenantry.declaration import load
from tenantry.directory import eligibility, licences, roles
from tenantry.directory.enrolment import DEPLOYMENT_PERMISSIONS, deployment_client_id, deployment_principal_id
from tenantry.directory.local import LocalGraph
from tenantry.directory.onboarding import enrol
from tenantry.directory.store import Store
from tenantry.directory.tenant import Term
from tenantry.engine.enrolments import enrolments
from tenantry.graph.errors import Cause, UnreachableError
from tenantry.graph.models import Member, MemberKind
from tenantry.roles import AgentGroup, DirectoryRole
from tests.directory.samples import CLIENT_SECRET, NOBODY, Tenant
from tests.graph.in_process import reader_of
from tests.ten_years import AT, grown

PARTNERS = Path(__file__).resolve().parents[2] / "partners"
ROLES = "/v1.0/roleManagement/directory"
CSP = [Answer(Kind.AGENT_GROUP, group) for group in AgentGroup]


@dataclass
class World:
    """The sample's US tenant, in a directory, provisioned as declared by nobody that is tested here."""

    declared: Declared
    store: Store
    tenant: Tenant
    ids: dict[str, str]

    def permit(self, *permissions: str) -> None:
        enrol(self.store, replace(self.tenant.enrolment, permissions=frozenset(permissions)), CLIENT_SECRET)

    def lack(self, *permissions: str) -> None:
        self.permit(*DEPLOYMENT_PERMISSIONS.difference(permissions))

    def observe(self, **instead: httpx.Response) -> ObservedTenant:
        answers = {f"/{path}": answer for path, answer in instead.items()}
        with reader_of(self.store, self.declared.id, answers) as reader:
            return observe(reader, self.declared.agent_groups.ids)

    def view(self, ftop: str | None = None, **instead: httpx.Response) -> AccessMap:
        return access_map(self.observe(**instead), declaring.identities(self.declared), ftop_application=ftop)

    def drift(self) -> AccessDiff:
        return diff(declaring.access_map(self.declared), self.view())

    def named(self, key: str) -> Principal:
        return Principal(By.UPN, self.declared.members[key].upn)

    def join(self, group: str, member: str) -> None:
        self.tenant.post(f"/beta/groups/{group}/members/$ref", self.tenant.reference(member))

    def assign(self, member: str, role: DirectoryRole = DirectoryRole.GLOBAL_ADMINISTRATOR, scope: str = "/") -> str:
        body = {"principalId": member, "roleDefinitionId": role.template_id, "directoryScopeId": scope}
        return str(self.tenant.post(f"{ROLES}/roleAssignments", body)["id"])

    def make_eligible(self, member: str, role: DirectoryRole, justification: str | None = "x") -> None:
        body = {"action": "adminAssign", "justification": justification, "principalId": member, "directoryScopeId": "/"}
        given = {"roleDefinitionId": role.template_id, "scheduleInfo": {"startDateTime": "2026-01-01T00:00:00Z"}}
        self.tenant.post(f"{ROLES}/roleEligibilityScheduleRequests", {**body, **given})

    def activate(self, member: str, role: DirectoryRole) -> None:
        """Activate an eligible role for an hour, as its holder would."""
        begins = datetime.now(UTC)
        start, end = (moment.strftime("%Y-%m-%dT%H:%M:%SZ") for moment in (begins, begins + timedelta(hours=1)))
        with self.store.writing(self.declared.id) as tenant:
            eligible = eligibility.find(tenant, role.template_id, member, "/")
            assert eligible is not None
            tenant.limit(roles.assign(tenant, role.template_id, member), Term(start, end, NOBODY, eligible.id))

    def undeclared_account(self, name: str) -> tuple[str, Principal]:
        upn = f"{name}@{self.declared.domains.initial}"
        return self.tenant.add_user(name, userPrincipalName=upn), Principal(By.UPN, upn)

    def unlicense(self) -> None:
        """Take the tenant's licences away."""
        with self.store.writing(self.declared.id) as tenant:
            licences.give(tenant, ())

    @property
    def admin_agents(self) -> str:
        return self.tenant.group(AgentGroup.ADMIN_AGENTS)


@cache
def _provisioned() -> World:
    declaration = load(PARTNERS / "contoso")
    declared = declaration.tenants["us"]
    (enrolment,) = [known for known in enrolments(declaration) if known.tenant_id == declared.id]
    store = Store()
    enrol(store, enrolment, CLIENT_SECRET)
    with LocalGraph(store, declared.id) as graph:
        world = World(declared, store, Tenant(graph, enrolment), {})
        for key, person in declared.members.items():
            local = person.upn.partition("@")[0]
            made = person.adopted or world.tenant.add_user(
                local,
                userPrincipalName=person.upn,
                displayName=person.full_name,
                **({"mail": person.email} if person.email else {}),
            )
            world.ids[key] = made
            for power in declaring.powers_of(declared, person):
                if isinstance(power, AgentGroup):
                    group = world.tenant.group(power)
                    if made not in world.tenant.ids(f"/beta/groups/{group}/members"):
                        world.join(group, made)
                elif not person.adopted:  # it was there at enrolment
                    world.assign(made, power)
    return world


@contextmanager
def provisioned() -> Iterator[World]:
    made = _provisioned()
    store = made.store.copy()
    with LocalGraph(store, made.declared.id) as graph:
        yield World(made.declared, store, Tenant(graph, made.tenant.enrolment), dict(made.ids))
    store.close()


@pytest.fixture
def world() -> Iterator[World]:
    with provisioned() as world:
        yield world


def agent(principal: Principal, group: AgentGroup = AgentGroup.ADMIN_AGENTS) -> Grant:
    return Grant(principal, Kind.AGENT_GROUP, group.value)


def role(principal: Principal, held: DirectoryRole = DirectoryRole.GLOBAL_ADMINISTRATOR) -> Grant:
    return Grant(principal, Kind.DIRECTORY_ROLE, held.template_id)


def reasons(view: AccessMap, grant: Grant) -> list[str]:
    return sorted(reason.text for reason in view.grants[grant])


def test_a_tenant_that_is_as_declared_has_gained_and_lost_nothing(world: World) -> None:
    drift = world.drift()
    assert (drift.gained, drift.lost) == ({}, {})
    view = world.view()
    assert view.answers == {*CSP, Answer(Kind.DIRECTORY_ROLE)}
    both = {grant for grant in declaring.access_map(world.declared).grants if view.answered(grant)}
    assert set(view.grants) == both
    assert len(both) == 14


def test_the_facts_of_a_tenant_are_plain(world: World) -> None:
    seen = world.observe()
    assert not isinstance(seen.organization, NotRead)
    assert (seen.tenant_id, seen.organization.country_letter_code) == (world.declared.id, "US")
    assert not isinstance(seen.domains, NotRead)
    assert {domain.id for domain in seen.domains} == set(world.declared.domains.all)
    assert not isinstance(seen.users, NotRead)
    assert {user.id for user in seen.users} == set(world.ids.values())
    assert seen.consents == seen.role_eligibilities == ()


def test_a_tenant_after_ten_years_is_read_whole_and_shows_who_holds_what() -> None:
    with grown() as (declaration, store, tenant), reader_of(store, declaration.tenants["us"].id) as reader:
        seen = observe(reader, {AgentGroup.ADMIN_AGENTS: tenant.group(AgentGroup.ADMIN_AGENTS)})
    assert seen.roles_not_read is seen.consents_not_read is None
    assert not any(isinstance(part, NotRead) for part in (*seen.agent_groups.values(), *seen.inside.values()))
    assert not isinstance(seen.users, NotRead)
    view = access_map(seen)
    enabled = {user.user_principal_name: user.account_enabled for user in seen.users}
    agents = [grant.principal for grant in view.grants if grant.target == AgentGroup.ADMIN_AGENTS]
    disabled = {item.value for item in agents if item.by is By.UPN and not enabled.get(item.value, True)}
    assert disabled == {f"erik.dahl{AT}", f"petra.schulz{AT}"}
    through = agent(Principal(By.UPN, f"dorde.petrovic{AT}"))
    assert reasons(view, through) == ["a member of AdminAgents, through the group Support Team"]
    guests = [
        grant
        for grant in view.grants
        if grant.target == AgentGroup.HELPDESK_AGENTS and "#ext#" in grant.principal.value
    ]
    assert len(guests) == 2
    deleted = Principal(By.UPN, f"maria.garcia{AT}")
    assert {grant.target for grant in view.grants if grant.principal == deleted} == {AgentGroup.SALES_AGENTS}


def test_an_undeclared_account_in_an_agent_group_is_access_that_nobody_declared(world: World) -> None:
    mallory, name = world.undeclared_account("mallory")
    world.join(world.admin_agents, mallory)
    drift = world.drift()
    assert list(drift.gained) == [agent(name)]
    assert drift.lost == {}


def test_who_was_taken_out_by_hand_has_lost_it(world: World) -> None:
    world.tenant.delete(f"/beta/groups/{world.admin_agents}/members/{world.ids['carla']}/$ref")
    drift = world.drift()
    assert (list(drift.lost), drift.gained) == ([agent(world.named("carla"))], {})


def test_an_undeclared_global_administrator_is_shown_with_the_assignment_to_end(world: World) -> None:
    mallory, name = world.undeclared_account("mallory")
    assignment = world.assign(mallory)
    drift = world.drift()
    assert list(drift.gained) == [role(name)]
    (reason,) = drift.gained[role(name)]
    assert reason.source == f"role assignment {assignment}"
    assert reason.assignment_id == assignment


def test_who_is_eligible_holds_it_as_eligible(world: World) -> None:
    mallory, name = world.undeclared_account("mallory")
    world.make_eligible(mallory, DirectoryRole.GLOBAL_ADMINISTRATOR)
    assert list(world.drift().gained) == [replace(role(name), assignment_type=AssignmentType.ELIGIBLE)]


def test_an_activated_role_is_held_as_eligible_and_says_until_when(world: World) -> None:
    mallory, name = world.undeclared_account("mallory")
    world.make_eligible(mallory, DirectoryRole.GLOBAL_ADMINISTRATOR)
    world.activate(mallory, DirectoryRole.GLOBAL_ADMINISTRATOR)
    eligible = replace(role(name), assignment_type=AssignmentType.ELIGIBLE)
    drift = world.drift()
    assert list(drift.gained) == [eligible]
    texts = sorted(reason.text for reason in drift.gained[eligible])
    assert texts[1] == "eligible"
    assert re.fullmatch(r"activated until \d{4}-\d\d-\d\d \d\d:\d\d UTC", texts[0])


def test_a_role_that_is_assigned_for_a_time_is_active_beside_being_eligible(world: World) -> None:
    mallory, name = world.undeclared_account("mallory")
    world.make_eligible(mallory, DirectoryRole.GLOBAL_ADMINISTRATOR)
    world.assign(mallory)
    view = world.view()
    assert reasons(view, role(name)) == ["assigned"]
    assert replace(role(name), assignment_type=AssignmentType.ELIGIBLE) in view.grants


def test_nobody_is_active_by_activation_without_the_licence(world: World) -> None:
    world.unlicense()
    assert world.observe().role_activations == ()
    drift = world.drift()
    assert (drift.lost, drift.gained) == ({}, {})


def test_where_activations_are_not_read_a_role_is_shown_as_both_and_says_so(world: World) -> None:
    mallory, name = world.undeclared_account("mallory")
    world.make_eligible(mallory, DirectoryRole.GLOBAL_ADMINISTRATOR)
    world.activate(mallory, DirectoryRole.GLOBAL_ADMINISTRATOR)
    denied = httpx.Response(403, json={"error": {"code": "Authorization_RequestDenied", "message": "no"}})
    view = world.view(roleAssignmentScheduleInstances=denied)
    assert reasons(view, role(name)) == ["assigned; also eligible, so it may be only activated now"]
    assert replace(role(name), assignment_type=AssignmentType.ELIGIBLE) in view.grants


def test_where_activations_are_not_read_a_role_is_shown_as_both_also_by_an_eligible_group(world: World) -> None:
    admins = world.tenant.add_group("Admins", isAssignableToRole=True)
    mallory, name = world.undeclared_account("mallory")
    world.join(admins, mallory)
    world.make_eligible(admins, DirectoryRole.GLOBAL_ADMINISTRATOR)
    world.assign(mallory)
    denied = httpx.Response(403, json={"error": {"code": "Authorization_RequestDenied", "message": "no"}})
    view = world.view(roleAssignmentScheduleInstances=denied)
    assert reasons(view, role(name)) == ["assigned; also eligible, so it may be only activated now"]
    unread = world.view(roleAssignmentScheduleInstances=denied, transitiveMembers=denied)
    assert reasons(unread, role(name)) == [
        "assigned; perhaps activated now, through a group whose members could not be read"
    ]
    assert reasons(world.view(), role(name)) == ["assigned"]


def test_a_role_over_a_part_of_the_tenant_keeps_its_scope(world: World) -> None:
    unit = world.tenant.post("/v1.0/directory/administrativeUnits", {"displayName": "Oslo"})["id"]
    mallory, name = world.undeclared_account("mallory")
    scope = f"/administrativeUnits/{unit}"
    world.assign(mallory, DirectoryRole.USER_ADMINISTRATOR, scope)
    assert list(world.drift().gained) == [replace(role(name, DirectoryRole.USER_ADMINISTRATOR), scope=scope)]


def test_everybody_in_a_nested_group_is_in_the_agent_group_and_so_is_the_group(world: World) -> None:
    outer, inner = world.tenant.add_group("Outer"), world.tenant.add_group("Inner")
    mallory, name = world.undeclared_account("mallory")
    world.join(inner, mallory)
    world.join(outer, inner)
    world.join(world.admin_agents, outer)
    view = world.view()
    nested = {agent(Principal(By.OBJECT_ID, outer)), agent(Principal(By.OBJECT_ID, inner)), agent(name)}
    assert set(diff(declaring.access_map(world.declared), view).gained) == nested
    assert reasons(view, agent(name)) == ["a member of AdminAgents, through the group Outer"]
    assert reasons(view, agent(Principal(By.OBJECT_ID, outer))) == ["a member of AdminAgents, as the group Outer"]


def test_everybody_in_a_group_that_holds_a_role_holds_it(world: World) -> None:
    admins = world.tenant.add_group("Admins", isAssignableToRole=True)
    mallory, name = world.undeclared_account("mallory")
    world.join(admins, mallory)
    world.assign(admins)
    view = world.view()
    assert set(diff(declaring.access_map(world.declared), view).gained) == {
        role(name),
        role(Principal(By.OBJECT_ID, admins)),
    }
    assert reasons(view, role(name)) == ["assigned, through the group Admins"]


def test_a_service_principal_in_an_agent_group_is_named(world: World) -> None:
    application = deployment_principal_id(world.declared.id)
    world.join(world.admin_agents, application)
    view = world.view()
    (text,) = reasons(view, agent(Principal(By.OBJECT_ID, application)))
    assert text.startswith("a member of AdminAgents, as the service principal ")
    assert application not in text


def test_an_adopted_person_who_was_renamed_is_still_who_was_declared(world: World) -> None:
    with world.tenant.as_administrator():
        world.tenant.patch(
            f"/v1.0/users/{world.ids['ada']}", {"userPrincipalName": f"ada.new@{world.declared.domains.initial}"}
        )
    drift = world.drift()
    assert (drift.gained, drift.lost) == ({}, {})


def test_an_undeclared_account_with_the_name_of_an_adopted_person_is_an_undeclared_account(world: World) -> None:
    domain = world.declared.domains.initial
    with world.tenant.as_administrator():
        world.tenant.patch(f"/v1.0/users/{world.ids['ada']}", {"userPrincipalName": f"ada.new@{domain}"})
    mallory, _ = world.undeclared_account("ada.nakamura")
    world.join(world.admin_agents, mallory)
    drift = world.drift()
    assert (list(drift.gained), drift.lost) == ([agent(Principal(By.OBJECT_ID, mallory))], {})


@pytest.mark.parametrize("missing", ["RoleManagement.ReadWrite.Directory", "User.ReadWrite.All"])
def test_roles_are_not_answered_where_a_part_of_them_was_not_read(world: World, missing: str) -> None:
    world.lack(missing)
    drift = world.drift()
    assert Answer(Kind.DIRECTORY_ROLE) not in world.view().answers
    assert {grant.kind for grant in (*drift.gained, *drift.lost)} == set()
    assert role(world.named("bruno")) in declaring.access_map(world.declared).grants
    why = world.observe().roles_not_read
    assert why is not None
    assert why.cause is Cause.PERMISSION
    assert missing.replace("ReadWrite", "Read") in why.text


def test_roles_are_not_answered_where_a_holder_may_be_a_group_and_groups_are_not_readable(world: World) -> None:
    world.assign(world.tenant.add_group("Admins", isAssignableToRole=True))
    world.lack("Group.ReadWrite.All")
    why = world.observe().roles_not_read
    assert why is not None
    assert "GroupMember.Read.All is missing" in why.text
    assert Answer(Kind.DIRECTORY_ROLE) not in world.view().answers


def test_roles_are_not_answered_without_who_is_eligible(world: World) -> None:
    denied = httpx.Response(403, json={"error": {"code": "Denied"}})
    view = world.view(roleEligibilitySchedules=denied)
    assert view.answers == set(CSP)
    assert not any(grant.kind is Kind.DIRECTORY_ROLE for grant in view.grants)


def test_without_the_licence_nobody_is_eligible_and_roles_are_answered(world: World) -> None:
    world.unlicense()
    assert world.observe().role_eligibilities == ()
    assert Answer(Kind.DIRECTORY_ROLE) in world.view().answers


def test_groups_are_not_answered_without_the_permission_and_nobody_has_lost_them(world: World) -> None:
    world.lack("Group.ReadWrite.All")
    drift = world.drift()
    assert (drift.gained, drift.lost) == ({}, {})
    found = world.observe().agent_groups[AgentGroup.ADMIN_AGENTS]
    assert isinstance(found, NotRead)
    assert "GroupMember.Read.All is missing" in found.text


def test_a_missing_agent_group_is_not_answered_and_the_others_are(world: World) -> None:
    world.tenant.patch(f"/beta/groups/{world.admin_agents}", {"displayName": "Somebody's"})
    view = world.view()
    assert Answer(Kind.AGENT_GROUP, AgentGroup.ADMIN_AGENTS) not in view.answers
    assert Answer(Kind.AGENT_GROUP, AgentGroup.SALES_AGENTS) in view.answers
    found = world.observe().agent_groups[AgentGroup.ADMIN_AGENTS]
    assert isinstance(found, NotRead)
    assert found.cause is Cause.GONE


def test_an_agent_group_with_a_look_alike_is_not_answered_until_its_id_is_given(world: World) -> None:
    other = world.tenant.add_group("admin agents", mailNickname="look-alike")
    found = world.observe().agent_groups[AgentGroup.ADMIN_AGENTS]
    assert isinstance(found, NotRead)
    assert found.cause is Cause.AMBIGUOUS
    assert other in found.text
    with reader_of(world.store, world.declared.id) as reader:
        pinned = observe(reader, {AgentGroup.ADMIN_AGENTS: world.admin_agents})
    assert isinstance(pinned.agent_groups[AgentGroup.ADMIN_AGENTS], GroupMembers)
    assert world.drift().lost == {}


def test_a_group_that_is_no_security_group_is_no_look_alike(world: World) -> None:
    unified = {"groupTypes": ["Unified"], "mailEnabled": True, "securityEnabled": False, "mailNickname": "agents"}
    world.tenant.add_group("Admin Agents", **unified)
    assert Answer(Kind.AGENT_GROUP, AgentGroup.ADMIN_AGENTS) in world.view().answers


def test_a_given_group_that_is_not_there_is_not_answered(world: World) -> None:
    with reader_of(world.store, world.declared.id) as reader:
        seen = observe(reader, {AgentGroup.ADMIN_AGENTS: NOBODY})
    found = seen.agent_groups[AgentGroup.ADMIN_AGENTS]
    assert isinstance(found, NotRead)
    assert (found.cause, NOBODY in found.text) == (Cause.GONE, True)


def test_a_group_whose_members_are_not_readable_is_unresolved(world: World) -> None:
    nested = world.tenant.add_group("Nested")
    world.join(world.admin_agents, nested)
    denied = httpx.Response(403, json={"error": {"code": "Denied"}})
    view = world.view(transitiveMembers=denied)
    (hidden,) = view.unresolved
    assert (hidden.kind, hidden.target, hidden.where) == (Kind.AGENT_GROUP, "AdminAgents", "the group Nested")
    assert agent(Principal(By.OBJECT_ID, nested)) in view.grants


def test_members_without_names_are_named_by_the_accounts_or_not_at_all(world: World) -> None:
    limited = {"value": [{"@odata.type": "#microsoft.graph.user", "id": world.ids["carla"]}]}
    view = world.view(members=httpx.Response(200, json=limited))
    assert agent(world.named("carla")) in view.grants
    world.lack("User.ReadWrite.All")
    assert world.view(members=httpx.Response(200, json=limited)).answers == frozenset()


def test_what_was_read_takes_no_library_of_the_reader() -> None:
    without = "import sys; sys.modules.update(dict.fromkeys(('azure', 'httpx', 'httpx_retries', 'jwt')))"
    subprocess.run([sys.executable, "-c", f"{without}; import tenantry.access.observed"], check=True)


def test_an_unreachable_directory_is_no_tenant_without_access(world: World) -> None:
    with pytest.raises(UnreachableError):
        world.observe(roleAssignments=httpx.Response(503))


FTOP = "99999999-0000-4000-8000-000000000009"


@pytest.fixture
def consent(world: World) -> Callable[..., str]:
    """Consent to an application, for everybody or for one person."""
    graph = "appId eq '00000003-0000-0000-c000-000000000000'"
    (resource,) = world.tenant.ids(f"/v1.0/servicePrincipals?$filter={graph}")

    def given(client: str, principal: str | None = None) -> str:
        whose = "Principal" if principal else "AllPrincipals"
        body = {"clientId": client, "consentType": whose, "principalId": principal, "resourceId": resource}
        return str(world.tenant.post("/v1.0/oauth2PermissionGrants", {**body, "scope": "User.Read"})["id"])

    return given


def test_consent_to_ftop_is_everybodys_or_one_persons_and_other_applications_are_left_out(
    world: World, consent: Callable[..., str]
) -> None:
    application = world.tenant.post("/v1.0/applications", {"displayName": "FTOP"})["appId"]
    ftop = world.tenant.post("/v1.0/servicePrincipals", {"appId": application})["id"]
    other = deployment_principal_id(world.declared.id)
    consent(ftop)
    consent(ftop, world.ids["ines"])
    consent(other)
    view = world.view(ftop=application.upper())
    who = {grant.principal for grant in view.grants if grant.kind is Kind.CONSENT}
    assert who == {Principal.everybody_in(world.declared.id), world.named("ines")}
    assert Answer(Kind.CONSENT, FTOP_APPLICATION) in view.answers
    assert len(world.observe().consents) == 3  # type: ignore[arg-type]


def test_without_ftops_application_or_the_grants_nothing_is_reported_of_consent(world: World) -> None:
    assert Kind.CONSENT not in {answer.kind for answer in world.view().answers}
    assert Kind.CONSENT in {answer.kind for answer in world.view(ftop=FTOP).answers}
    world.lack("DelegatedPermissionGrant.ReadWrite.All")
    assert Kind.CONSENT not in {answer.kind for answer in world.view(ftop=FTOP).answers}


@pytest.mark.parametrize("missing", ["Application.ReadWrite.All", "User.ReadWrite.All"])
def test_nothing_is_reported_of_consent_without_whose_it_is(
    world: World, consent: Callable[..., str], missing: str
) -> None:
    consent(deployment_principal_id(world.declared.id))
    world.lack(missing)
    why = world.observe().consents_not_read
    assert why is not None
    assert missing.replace("ReadWrite", "Read") in why.text
    assert Kind.CONSENT not in {answer.kind for answer in world.view(ftop=FTOP).answers}


def test_whose_consent_it_is_is_known_without_the_organization(world: World, consent: Callable[..., str]) -> None:
    consent(deployment_principal_id(world.declared.id))
    world.lack("Organization.Read.All")
    seen = world.observe()
    assert isinstance(seen.organization, NotRead)
    view = access_map(seen, ftop_application=deployment_client_id(world.declared.id))
    assert view.holders(Kind.CONSENT, FTOP_APPLICATION) == [Principal.everybody_in(world.declared.id)]


def test_a_consent_of_an_application_that_is_not_readable_is_unresolved(
    world: World, consent: Callable[..., str]
) -> None:
    grant = consent(deployment_principal_id(world.declared.id))
    view = world.view(ftop=FTOP, servicePrincipals=httpx.Response(200, json={"value": []}))
    (hidden,) = view.unresolved
    assert (hidden.kind, hidden.where) == (Kind.CONSENT, f"the consent grant {grant}")


def test_without_a_declaration_everybody_goes_by_the_name_of_now(world: World) -> None:
    view = access_map(world.observe())
    assert agent(world.named("carla")) in view.grants
    other = access_map(world.observe(), [Identity("carla@elsewhere.example", world.ids["carla"])])
    assert agent(Principal(By.UPN, "carla@elsewhere.example")) in other.grants


def test_a_member_whose_name_graph_left_out_is_still_a_user() -> None:
    """Where people may be read and members' names are left out, the name comes from the people, and so does no kind."""
    assert Member(id="5eed0000-0000-4000-8000-00000000dead", kind=MemberKind.USER).kind is MemberKind.USER
