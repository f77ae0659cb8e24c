"""Each rule that is evaluated on a tenant itself, by what it finds there: pure facts, one change a row."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from tenantry.access.declared import identities
from tenantry.access.observed import Counted, GroupMembers, ObservedTenant
from tenantry.access.parts import NotRead
from tenantry.access.posture import Posture, PoweredApplication
from tenantry.access.relationships import AtCustomers, CustomerGroup, ObservedRelationship
from tenantry.declaration import Declaration, Tenant
from tenantry.findings import Level
from tenantry.graph.errors import Cause
from tenantry.graph.models import (
    GUESTS,
    AccessAssignment,
    ConditionalAccessPolicy,
    ConditionApplications,
    Conditions,
    ConditionUsers,
    ConsentGrant,
    ConsentType,
    Credential,
    Domain,
    GrantControls,
    GroupEligibility,
    OwnedServicePrincipal,
    Registration,
    Relationship,
    ServicePrincipal,
    SignInActivity,
    User,
)
from tenantry.roles import AgentGroup, DirectoryRole
from tenantry.rules import RULES, Observed, Result, Verdict, View, evaluate, evidence_of
from tests import acme
from tests.acme import AT, EXCHANGE_ADMINISTRATOR, GROUP_IDS, assignment, group, member, tenant_file, user

TODAY = date(2026, 11, 24)
NOW = datetime(2026, 11, 24, tzinfo=UTC)
ADA, BEN, CARLA, RESCUE, RESCUE_2, ZOE = (f"{number:08}-0000-4000-8000-000000000000" for number in range(1, 7))
FTOP = "aaaaaaaa-0000-4000-8000-0000000000f7"
APP = "aaaaaaaa-0000-4000-8000-0000000000a9"
PEOPLE: dict[str, dict[str, Any]] = {
    "ada": {"full_name": "Ada Moss", "upn": f"ada{AT}", "roles": ["Global admin"], "adopted": ADA},
    "ben": {"full_name": "Ben Vale", "upn": f"ben{AT}", "roles": ["Global admin"], "adopted": BEN},
    "carla": {"full_name": "Carla Wood", "upn": f"carla{AT}", "roles": ["Admin agent"]},
    "rescue": {"full_name": "Rescue", "upn": f"rescue{AT}", "roles": ["Global admin"], "emergency": True},
    "rescue-2": {"full_name": "Second", "upn": f"rescue-2{AT}", "roles": ["Global admin"], "emergency": True},
}
IDS = {"ada": ADA, "ben": BEN, "carla": CARLA, "rescue": RESCUE, "rescue-2": RESCUE_2}
GLOBAL = DirectoryRole.GLOBAL_ADMINISTRATOR.template_id
MADE = NOW - timedelta(days=400)


def policy(
    name: str = "MFA", *, state: str = "enabled", users: Any = None, **conditions: Any
) -> ConditionalAccessPolicy:
    """A policy that requires multifactor authentication of everybody for everything, but for what is given."""
    controls = conditions.pop("controls", {"operator": "OR", "built_in_controls": ("mfa",)})
    given: dict[str, Any] = {
        "users": ConditionUsers(**(users or {"include_users": ("All",)})),
        "applications": ConditionApplications(include_applications=("All",)),
        "client_app_types": ("all",),
        **conditions,
    }
    return ConditionalAccessPolicy(
        id=name,
        display_name=name,
        state=state,
        conditions=Conditions(**given),
        grant_controls=GrantControls(**controls),
    )


def application(**changes: Any) -> PoweredApplication:
    principal = OwnedServicePrincipal(
        id=APP,
        app_id=APP,
        display_name="Sync",
        password_credentials=(),
        key_credentials=(),
        owners=(),
        account_enabled=True,
        app_owner_organization_id=None,
        service_principal_type="Application",
    )
    return PoweredApplication(**{"principal": principal, "permissions": (), "credentials": (), "owners": (), **changes})


def place(principal: str, access: str = "member") -> GroupEligibility:
    group_id = GROUP_IDS[AgentGroup.ADMIN_AGENTS]
    return GroupEligibility(group_id=group_id, principal_id=principal, access_id=access, end_date_time=None)


def until(*ends: datetime) -> tuple[Credential, ...]:
    return tuple(Credential(end_date_time=end) for end in ends)


@dataclass
class World:
    """A declaration, and a tenant in which nothing is wrong."""

    declared: dict[str, Any] = field(
        default_factory=lambda: tenant_file(
            PEOPLE, agent_groups={"ids": {of.value: id_ for of, id_ in GROUP_IDS.items()}}
        )
    )
    users: dict[str, User] = field(
        default_factory=lambda: {
            key: user(
                id_,
                str(PEOPLE[key]["full_name"]),
                str(PEOPLE[key]["upn"]),
                created_date_time=MADE,
                last_password_change_date_time=MADE + timedelta(days=1),
            )
            for key, id_ in IDS.items()
        }
    )
    parts: dict[str, Any] = field(default_factory=dict)
    posture: dict[str, Any] = field(default_factory=dict)
    partner: dict[str, Any] = field(default_factory=dict)

    def change(self, key: str, **changes: Any) -> None:
        self.users[key] = self.users[key].model_copy(update=changes)

    @property
    def declaration(self) -> Declaration:
        made = acme.declaration(Tenant.model_validate(self.declared))
        return replace(made, partner=made.partner.model_validate({**made.partner.model_dump(), **self.partner}))

    @property
    def observed(self) -> ObservedTenant:
        admins = tuple(
            member(IDS[key], self.users[key].display_name or "", self.users[key].user_principal_name)
            for key in ("ada", "ben", "carla")
        )
        given: dict[str, Any] = {
            "at_customers": AtCustomers((), {}),
            "users": tuple(self.users.values()),
            "domains": (Domain(id=acme.DOMAIN, is_verified=True, is_initial=True),),
            "role_assignments": tuple(
                assignment(f"a-{key}", GLOBAL, IDS[key]) for key in ("ada", "ben", "rescue", "rescue-2")
            ),
            "counted": Counted(5, 5, 0, 0, 0, ()),
            **self.parts,
        }
        return acme.observed({AgentGroup.ADMIN_AGENTS: admins}, **given)

    @property
    def guarded(self) -> Posture:
        proved = Registration(
            id=ADA, is_mfa_registered=True, is_mfa_capable=True, methods_registered=("passKeyDeviceBound",)
        )
        given: dict[str, Any] = {
            "owners": {},
            "in_all_users": 5,
            "registrations": {id_: proved.model_copy(update={"id": id_}) for id_ in IDS.values()},
            "sign_ins": {id_: SignInActivity(last_sign_in_date_time=NOW - timedelta(days=30)) for id_ in IDS.values()},
            "security_defaults": True,
            **self.posture,
        }
        return Posture(**given)

    def results(self) -> dict[str, Result]:
        declaration = self.declaration
        tenant = declaration.tenants["us"]
        ftop = tenant.ftop.application_id if tenant.ftop else None
        seen = Observed(self.observed, self.guarded, tuple(identities(tenant)), ftop)
        evidence = evidence_of(declaration, "us", today=TODAY, observed=seen)
        return {
            one.rule.id: one for one in evaluate(evidence, views=[View.OBSERVED]) if View.OBSERVED in one.rule.views
        }


@dataclass(frozen=True)
class Row:
    """One change in the tenant, and what the rule finds then."""

    fires: str
    what: str
    change: Callable[[World], object]
    names: str
    says: str
    level: Level = Level.ADVISORY
    also: frozenset[str] = frozenset()


def of(**posture: Any) -> Callable[[World], object]:
    return lambda world: world.posture.update(posture)


def part(**parts: Any) -> Callable[[World], object]:
    return lambda world: world.parts.update(parts)


def account(key: str, **changes: Any) -> Callable[[World], object]:
    return lambda world: world.change(key, **changes)


def both(*changes: Callable[[World], object]) -> Callable[[World], object]:
    return lambda world: [change(world) for change in changes]


def registered(key: str, *methods: str, capable: bool = True) -> Callable[[World], object]:
    def change(world: World) -> None:
        known = dict(world.guarded.registrations)  # type: ignore[arg-type]
        changed = {"is_mfa_capable": capable, "methods_registered": methods}
        world.posture["registrations"] = {**known, IDS[key]: known[IDS[key]].model_copy(update=changed)}

    return change


def seen(key: str, last: datetime | None) -> Callable[[World], object]:
    def change(world: World) -> None:
        known = dict(world.guarded.sign_ins)  # type: ignore[arg-type]
        activity = SignInActivity(last_non_interactive_sign_in_date_time=last) if last else None
        world.posture["sign_ins"] = {**known, IDS[key]: activity}

    return change


def consent(by: str | None) -> ConsentGrant:
    kind = ConsentType.PRINCIPAL if by else ConsentType.ALL_PRINCIPALS
    return ConsentGrant(id="c", client_id=APP, consent_type=kind, principal_id=by, resource_id=APP, scope="User.Read")


def delegated(scope: str, of: str, by: str | None = None) -> ConsentGrant:
    return consent(by).model_copy(update={"id": "d", "client_id": of, "scope": scope})


def ftop(consents: tuple[ConsentGrant, ...], **stated: Any) -> Callable[[World], object]:
    def change(world: World) -> None:
        world.declared["ftop"] = {"application_id": FTOP, **stated}
        known = ServicePrincipal(id=APP, app_id=FTOP, display_name="FTOP", account_enabled=True)
        world.parts.update(consents=consents, service_principals=(known,))

    return change


def holding(number: int) -> Callable[[World], object]:
    """So many more Global Administrators whom undeclared."""

    def change(world: World) -> None:
        ids = [f"{100 + one:08}-0000-4000-8000-000000000000" for one in range(number)]
        for id_ in ids:
            world.users[id_] = user(id_, f"Admin {id_[:8]}", f"admin-{id_[:8]}{AT}", created_date_time=NOW)
        kept = [*world.observed.role_assignments]  # type: ignore[misc]
        world.parts["role_assignments"] = (*kept, *(assignment(f"x-{id_}", GLOBAL, id_) for id_ in ids))
        proved = next(iter(world.guarded.registrations.values()))  # type: ignore[union-attr]
        world.posture["registrations"] = {
            **world.guarded.registrations,  # type: ignore[dict-item]
            **{id_: proved.model_copy(update={"id": id_}) for id_ in ids},
        }

    return change


def address(**stated: str) -> Callable[[World], object]:
    def change(world: World) -> None:
        legal = {"street": "1 Main Street", "city": "Redmond", "postal_code": "98052", "country": "US"}
        world.partner["legal"] = {"name": "Acme Inc.", "address": legal}
        world.parts["organization"] = world.observed.organization.model_copy(update=stated)  # type: ignore[union-attr]

    return change


def renamed(world: World) -> None:
    groups = dict(world.observed.agent_groups)
    admins = groups[AgentGroup.ADMIN_AGENTS]
    assert isinstance(admins, GroupMembers)
    called = admins.group.model_copy(update={"display_name": "Friends"})
    world.parts["agent_groups"] = {**groups, AgentGroup.ADMIN_AGENTS: replace(admins, group=called)}


ZOE_MEMBER = member(ZOE, "Zoe Berg", f"zoe{AT}")
ADA_MEMBER = member(ADA, "Ada Moss", f"ada{AT}")
NO_DEFAULTS = {"security_defaults": False}
LEFT_OUT = {"include_users": ("All",), "exclude_users": (RESCUE,)}
GROUP = "bbbbbbbb-0000-4000-8000-000000000001"
MUST = Level.MANDATORY
ROWS = [
    Row(
        "PT-105",
        "a look-alike",
        of(look_alikes=(group(ZOE, "Admin Agents"),)),
        "the group Admin Agents",
        "has the name of an agent group",
    ),
    Row("PT-105", "a renamed group", renamed, "AdminAgents", "renamed to Friends", Level.ALWAYS),
    Row(
        "PT-106",
        "a declared guest",
        account("ben", user_type="Guest"),
        "Ben Vale",
        "a guest account",
        Level.ALWAYS,
        frozenset({"PT-201"}),
    ),
    Row("PT-110", "somebody is not in All Users", of(in_all_users=4), "All Users", "4 of 5 enabled members"),
    Row(
        "PT-201",
        "one administrator is left",
        account("ben", account_enabled=False),
        "Acme Partner",
        "only Ada Moss",
        Level.MANDATORY,
    ),
    Row(
        "PT-201",
        "nobody is",
        both(account("ben", account_enabled=False), account("ada", account_enabled=False)),
        "Acme Partner",
        "nobody is Global Administrator",
        Level.ALWAYS,
    ),
    Row("PT-202", "too many", holding(1), "Acme Partner", "the tenant has 5 Global Administrators"),
    Row("PT-202", "too many assignments", holding(6), "Acme Partner", "the tenant has 10 privileged assignments"),
    Row(
        "PT-203",
        "a disabled emergency account",
        account("rescue", account_enabled=False),
        "Rescue",
        "that is disabled",
        Level.ALWAYS,
    ),
    Row(
        "PT-203",
        "a synchronised one",
        account("rescue", on_premises_sync_enabled=True),
        "Rescue",
        "is synchronised",
        also=frozenset({"PT-312"}),
    ),
    Row(
        "PT-305",
        "a domain that is not verified",
        lambda w: w.declared.update(domains={"initial": acme.DOMAIN, "verified": ["acme.example"]}),
        "Acme Partner",
        "acme.example, which is not verified in the tenant",
        Level.ALWAYS,
    ),
    Row(
        "PT-305",
        "a domain that nobody declared",
        part(
            domains=(
                Domain(id=acme.DOMAIN, is_verified=True, is_initial=True),
                Domain(id="acme.example", is_verified=True, is_initial=False),
            )
        ),
        "Acme Partner",
        "has verified acme.example as well",
    ),
    Row(
        "PT-307",
        "the first password",
        account("carla", last_password_change_date_time=MADE),
        "Carla Wood",
        "the temporary password of 2025-10-20",
        Level.MANDATORY,
    ),
    Row(
        "PT-309",
        "people beside",
        part(counted=Counted(7, 7, 0, 0, 2, (f"x{AT}", f"y{AT}"))),
        "Acme Partner",
        f"2 enabled accounts of undeclared people without partner access (x{AT}, y{AT})",
        also=frozenset({"PT-110"}),
    ),
    Row(
        "PT-312",
        "a synchronised administrator",
        account("ada", on_premises_sync_enabled=True),
        "Ada Moss",
        "with Global Administrator",
        Level.MANDATORY,
    ),
    Row(
        "PT-404",
        "another country",
        address(country_letter_code="CA"),
        "Acme Partner",
        "its country is CA",
        Level.ALWAYS,
    ),
    Row(
        "PT-409",
        "another street",
        address(street="2 Side Street", city="Redmond"),
        "Acme Partner",
        "its street is '2 Side Street'",
    ),
    Row(
        "PT-501",
        "no consent, and one is declared",
        ftop((), approval={"on": date(2026, 1, 2), "by": "ada"}),
        "Acme Partner",
        "no consent to FTOP",
        Level.MANDATORY,
    ),
    Row(
        "PT-501",
        "a consent that nobody declared",
        ftop((consent(None),), approval={"state": "pending"}),
        "Acme Partner",
        "an undeclared consent to FTOP",
        Level.MANDATORY,
    ),
    Row("PT-502", "somebody's own consent", ftop((consent(CARLA),)), "Carla Wood", "their own consent to FTOP"),
    Row(
        "PT-701", "nothing requires it", of(**NO_DEFAULTS), "Acme Partner", "security defaults are off", Level.MANDATORY
    ),
    Row(
        "PT-701",
        "a policy that is only reported",
        of(**NO_DEFAULTS, conditional_access=(policy(state="enabledForReportingButNotEnforced"),)),
        "Acme Partner",
        "`MFA` would, but is not enabled",
        Level.MANDATORY,
    ),
    Row(
        "PT-701",
        "a policy for some places",
        of(**NO_DEFAULTS, conditional_access=(policy(users=LEFT_OUT, locations={"includeLocations": ["x"]}),)),
        "Acme Partner",
        "no Conditional Access policy",
        Level.MANDATORY,
    ),
    Row(
        "PT-701",
        "a policy with another way out",
        of(
            **NO_DEFAULTS,
            conditional_access=(
                policy(users=LEFT_OUT, controls={"operator": "OR", "built_in_controls": ("mfa", "compliantDevice")}),
            ),
        ),
        "Acme Partner",
        "no Conditional Access policy",
        Level.MANDATORY,
    ),
    Row(
        "PT-701",
        "guests are left out",
        of(
            **NO_DEFAULTS,
            conditional_access=(policy(users={**LEFT_OUT, "exclude_guests_or_external_users": {"x": "y"}}),),
        ),
        "Acme Partner",
        "no Conditional Access policy",
        Level.MANDATORY,
    ),
    Row(
        "PT-701",
        "a policy for browsers alone",
        of(**NO_DEFAULTS, conditional_access=(policy(users=LEFT_OUT, client_app_types=("browser",)),)),
        "Acme Partner",
        "no Conditional Access policy",
        Level.MANDATORY,
    ),
    Row(
        "PT-701",
        "somebody is left out",
        of(
            **NO_DEFAULTS,
            conditional_access=(policy(users={"include_users": ("All",), "exclude_users": (CARLA, RESCUE)}),),
        ),
        "Carla Wood",
        "excluded from `MFA`",
        Level.MANDATORY,
    ),
    Row(
        "PT-701",
        "a role is left out",
        of(**NO_DEFAULTS, conditional_access=(policy(users={"include_users": ("All",), "exclude_roles": (GLOBAL,)}),)),
        "Ada Moss",
        "excluded from `MFA`",
        Level.MANDATORY,
    ),
    Row(
        "PT-701",
        "a group is left out",
        of(
            **NO_DEFAULTS,
            conditional_access=(policy(users={"include_users": ("All",), "exclude_groups": (GROUP.upper(),)}),),
            left_out_groups={GROUP: (member(CARLA, "Carla Wood", f"carla{AT}"), member(RESCUE, "R", f"rescue{AT}"))},
        ),
        "Carla Wood",
        "excluded from `MFA`",
        Level.MANDATORY,
    ),
    Row(
        "PT-701",
        "people who hold nothing are left out",
        of(
            **NO_DEFAULTS,
            conditional_access=(
                policy(users={**LEFT_OUT, "exclude_users": (RESCUE, ZOE), "exclude_groups": (GROUP,)}),
                policy("Second", users={**LEFT_OUT, "exclude_users": (RESCUE, ZOE)}),
            ),
            left_out_accounts=(user(ZOE, "Zoe Berg", f"zoe{AT}"), user(RESCUE, "Rescue", f"rescue{AT}")),
            left_out_groups={GROUP: (member(GROUP, "Max", f"max{AT}"),)},
        ),
        "Acme Partner",
        f"1 account that holds nothing, excluded from `MFA`, `Second`, may sign in without multifactor authentication "
        f"(Zoe Berg (zoe{AT}))",
        Level.MANDATORY,
    ),
    *(
        Row("PT-701", what, of(**NO_DEFAULTS, conditional_access=(one,)), "Acme Partner", "no Conditional", MUST)
        for what, one in (
            ("guests are left out by a word", policy(users={**LEFT_OUT, "exclude_users": (RESCUE, GUESTS)})),
            (
                "a filter of applications",
                policy(
                    users=LEFT_OUT,
                    applications=ConditionApplications(
                        include_applications=("All",), application_filter={"mode": "exclude", "rule": "x"}
                    ),
                ),
            ),
            ("a policy for risky insiders", policy(users=LEFT_OUT, insider_risk_levels="elevated")),
            (
                "a strength that a password satisfies",
                policy(
                    users=LEFT_OUT,
                    controls={"operator": "OR", "authentication_strength": {"requirementsSatisfied": "none"}},
                ),
            ),
        )
    ),
    Row(
        "PT-702",
        "no strong method",
        registered("carla", "mobilePhone", capable=False),
        "Carla Wood",
        "registered: mobilePhone, which is not strong enough",
        Level.MANDATORY,
    ),
    Row(
        "PT-703",
        "every emergency account is bound",
        of(**NO_DEFAULTS, conditional_access=(policy(),)),
        "Acme Partner",
        "every emergency account is subject to a Conditional Access policy",
    ),
    Row("PT-703", "a telephone", registered("rescue", "mobilePhone"), "Rescue", "with mobilePhone registered"),
    Row("PT-704", "never tried", seen("rescue", None), "Rescue", "last used never, as far as the tenant knows"),
    Row("PT-704", "used yesterday", seen("rescue", NOW - timedelta(days=1)), "Rescue", "was used on 2026-11-23"),
    Row("PT-705", "never", seen("ada", None), "Ada Moss", "and has never signed in, as far as the tenant knows"),
    Row("PT-705", "asleep", seen("ada", NOW - timedelta(days=91)), "Ada Moss", "last signed in on 2026-08-25"),
    Row(
        "PT-706",
        "an owner",
        of(owners={GROUP_IDS[AgentGroup.ADMIN_AGENTS]: (ZOE_MEMBER,)}),
        "Zoe Berg",
        "owns the group AdminAgents",
        Level.MANDATORY,
    ),
    Row(
        "PT-706",
        "an owner who may do it anyway",
        of(owners={GROUP_IDS[AgentGroup.ADMIN_AGENTS]: (ADA_MEMBER,)}),
        "Ada Moss",
        "owns the group AdminAgents",
    ),
    Row(
        "PT-710",
        "somebody may become a member",
        of(eligible={GROUP_IDS[AgentGroup.ADMIN_AGENTS]: (place(ZOE),)}),
        ZOE,
        "may activate membership of the group AdminAgents",
        Level.MANDATORY,
    ),
    Row(
        "PT-710",
        "a declared member may become an owner",
        of(eligible={GROUP_IDS[AgentGroup.ADMIN_AGENTS]: (place(CARLA, "owner"),)}),
        "Carla Wood",
        "may activate ownership of the group AdminAgents",
        Level.MANDATORY,
    ),
    Row(
        "PT-707",
        "an application that writes",
        of(applications=(application(permissions=("Group.ReadWrite.All",)),)),
        "the application Sync",
        "(Group.ReadWrite.All)",
        Level.MANDATORY,
    ),
    Row(
        "PT-707",
        "an application that writes in the names of all",
        both(
            ftop((consent(None),), approval={"on": date(2026, 1, 2), "by": "ada"}),
            part(consents=(consent(None), delegated("openid User.ReadWrite Directory.ReadWrite.All", of=ZOE))),
        ),
        f"the application {ZOE}",
        "in the name of anybody who signs in to it (Directory.ReadWrite.All)",
    ),
    Row(
        "PT-708",
        "its owner",
        of(applications=(application(owners=(ZOE_MEMBER,)),)),
        "Zoe Berg",
        "can sign in as it and use its access in the tenant",
        Level.MANDATORY,
    ),
    Row(
        "PT-708",
        "its owner who may do it anyway",
        of(applications=(application(owners=(ADA_MEMBER,)),)),
        "Ada Moss",
        "owns the application Sync",
    ),
    *(
        Row(
            rule,
            "registered in another tenant",
            of(applications=(application(registered_in=ZOE),)),
            f"the application Sync ({APP})",
            f"registered in the tenant {ZOE}, and only that tenant shows {what}: not evaluated",
            also=frozenset({"PT-708", "PT-709"}) - {rule},
        )
        for rule, what in (("PT-708", "who owns it"), ("PT-709", "its credentials"))
    ),
    Row(
        "PT-709",
        "ended",
        of(applications=(application(credentials=until(NOW - timedelta(days=1), NOW + timedelta(days=30))),)),
        "the application Sync",
        "1 credential valid, until 2026-12-24: 1 that expired",
    ),
    Row(
        "PT-709",
        "several",
        of(applications=(application(credentials=until(NOW + timedelta(days=20), NOW + timedelta(days=30))),)),
        "the application Sync",
        "2 valid at the same time",
    ),
    Row(
        "PT-709",
        "for years",
        of(applications=(application(credentials=until(NOW + timedelta(days=900))),)),
        "the application Sync",
        "one that is valid until 2029",
    ),
]


def relationship(days: int, name: str = "Fabrikam everyday", **more: Any) -> ObservedRelationship:
    """An active relationship that ends in so many days."""
    read = {
        "id": name,
        "@odata.etag": "1",
        "display_name": name,
        "duration": "P730D",
        "auto_extend_duration": "PT0S",
        "status": "active",
        "customer": {"tenant_id": ZOE, "display_name": "Fabrikam"},
        "access_details": {"unified_roles": [{"role_definition_id": EXCHANGE_ADMINISTRATOR}]},
        "activated_date_time": NOW,
        "end_date_time": NOW + timedelta(days=days),
        **more,
    }
    found = Relationship.model_validate(read)
    given = {
        "id": name,
        "@odata.etag": "1",
        "status": "active",
        "access_container": {"access_container_id": GROUP, "access_container_type": "securityGroup"},
        "access_details": {"unified_roles": [{"role_definition_id": role} for role in sorted(found.roles)]},
    }
    return ObservedRelationship(found, (AccessAssignment.model_validate(given),))


def with_customers(*relationships: ObservedRelationship) -> Callable[[World], object]:
    return part(at_customers=AtCustomers(relationships, {}))


ROWS += [
    Row("PT-609", "soon", with_customers(relationship(60)), "Fabrikam", "Fabrikam everyday ends on"),
    Row(
        "PT-609",
        "soon, beside one with other roles",
        with_customers(
            relationship(60),
            relationship(700, "Next", access_details={"unified_roles": [{"role_definition_id": ZOE}]}),
        ),
        "Fabrikam",
        "nothing replaces it",
    ),
    Row(
        "PT-612",
        "given to nobody",
        with_customers(replace(relationship(700), assignments=())),
        "Fabrikam",
        "Exchange Administrator in Fabrikam everyday, and no group holds it",
    ),
]


@pytest.mark.parametrize(
    "relationships",
    [
        [relationship(91)],
        [relationship(60, auto_extend_duration="P180D")],
        [relationship(60), relationship(700, "Next")],
        [relationship(60, status="terminated")],
    ],
)
def test_a_relationship_that_goes_on_or_is_renewed_is_no_finding(relationships: list[ObservedRelationship]) -> None:
    world = World()
    with_customers(*relationships)(world)
    assert world.results()["PT-609"].verdict is Verdict.PASSED


WITHOUT_FTOP = {"PT-501": Verdict.NOT_APPLICABLE, "PT-502": Verdict.NOT_APPLICABLE}
APPROVED = {"on": date(2026, 1, 2), "by": "ada"}


def test_in_the_honest_tenant_every_rule_passes() -> None:
    every = {rule.id: Verdict.PASSED for rule in RULES if View.OBSERVED in rule.views}
    world = World()
    assert {id_: one.verdict for id_, one in world.results().items()} == every | WITHOUT_FTOP
    ftop((consent(None),), approval=APPROVED)(world)
    assert {id_: one.verdict for id_, one in world.results().items()} == every


@pytest.mark.parametrize(
    ("stated", "verdict"),
    [
        ({}, Verdict.NOT_APPLICABLE),
        ({"approval": {"state": "pending"}}, Verdict.NOT_APPLICABLE),
        ({"approval": APPROVED}, Verdict.NOT_EVALUATED),
        ({"approval": {"state": "per user"}}, Verdict.NOT_EVALUATED),
        ({"consents": {"carla": date(2026, 1, 2)}}, Verdict.NOT_EVALUATED),
    ],
)
def test_without_the_id_of_ftop_no_consent_to_it_is_said_to_be_as_declared(
    stated: dict[str, Any], verdict: Verdict
) -> None:
    world = World()
    world.declared["ftop"] = stated
    for rule in ("PT-501", "PT-502"):
        result = world.results()[rule]
        assert result.verdict is verdict
        assert "application_id" in result.because
        assert bool(result.unread) is (verdict is Verdict.NOT_EVALUATED), "what undeclared is no reason to fail"


@pytest.mark.parametrize("row", ROWS, ids=[f"{row.fires} {row.what}" for row in ROWS])
def test_one_change_in_the_tenant_breaks_its_rule(row: Row) -> None:
    world = World()
    row.change(world)
    results = world.results()
    found = [one for one in results[row.fires].findings if row.says in one.actual]
    assert found, [str(one) for one in results[row.fires].findings]
    assert row.names in found[0].subject
    assert found[0].level is row.level
    assert found[0].place, "a finding points at a field"
    failed = {id_ for id_, one in results.items() if one.verdict is Verdict.FAILED}
    assert failed == {row.fires, *row.also}


def test_every_rule_with_a_check_of_its_own_is_broken_by_a_row() -> None:
    assert {row.fires for row in ROWS} == {rule.id for rule in RULES if View.OBSERVED in rule.checks}


WHY = NotRead(Cause.PERMISSION, "the permission is missing")
ABOUT_HOLDERS = {"PT-702", "PT-705", "PT-706", "PT-708", "PT-709", "PT-710"}


def unread() -> Iterator[tuple[str, dict[str, Any], dict[str, Any], set[str]]]:
    """What is not known where a part was not read: its name, and the rules that say so."""
    yield (
        "users",
        {"users": WHY},
        {},
        {"PT-110", "PT-201", "PT-202", "PT-203", "PT-307", "PT-309", "PT-312", *ABOUT_HOLDERS},
    )
    yield "roles", {"role_assignments": WHY}, {}, {"PT-201", "PT-202", "PT-203", "PT-312", *ABOUT_HOLDERS}
    holding = {"role_groups": (group(GROUP, "Crew"),), "inside": {GROUP: WHY}}
    yield "who is in a group with a role", holding, {}, {"PT-202", "PT-203", "PT-312", *ABOUT_HOLDERS}
    agents = {**World().observed.agent_groups, AgentGroup.ADMIN_AGENTS: WHY}
    yield "an agent group", {"agent_groups": agents}, {}, {"PT-105", *ABOUT_HOLDERS}
    bound = {**NO_DEFAULTS, "conditional_access": (policy(users={**LEFT_OUT, "exclude_groups": (GROUP,)}),)}
    yield (
        "who holds something, where policies leave people out",
        {"role_assignments": WHY},
        bound,
        {
            "PT-201",
            "PT-202",
            "PT-203",
            "PT-312",
            "PT-701",
            *ABOUT_HOLDERS,
        },
    )
    yield "a group that a policy leaves out", {}, {**bound, "left_out_groups": {GROUP: WHY}}, {"PT-701"}
    yield "the groups that policies leave out", {}, {**bound, "left_out_groups": WHY}, {"PT-701"}
    yield "whom policies leave out", {}, {**bound, "left_out_accounts": WHY}, {"PT-701"}
    yield "domains", {"domains": WHY}, {}, {"PT-305"}
    yield "relationships", {"at_customers": AtCustomers(WHY, {})}, {}, {"PT-609", "PT-612", *ABOUT_HOLDERS}
    given = replace(relationship(700), assignments=WHY)
    yield "what a relationship gives", {"at_customers": AtCustomers((given,), {})}, {}, {"PT-612", *ABOUT_HOLDERS}
    yield "the groups for customers", {"at_customers": AtCustomers((), WHY)}, {}, ABOUT_HOLDERS
    desk = CustomerGroup(group(GROUP, "GDAP Desk"), WHY)
    yield "who is in a group for customers", {"at_customers": AtCustomers((), {GROUP: desk})}, {}, ABOUT_HOLDERS
    yield "organization", {"organization": WHY}, {}, {"PT-404", "PT-409"}
    yield "look-alikes", {}, {"look_alikes": WHY}, {"PT-105"}
    yield "All Users", {}, {"in_all_users": WHY}, {"PT-110"}
    yield "registrations", {}, {"registrations": WHY}, {"PT-702", "PT-703"}
    yield "sign-ins", {}, {"sign_ins": WHY}, {"PT-704", "PT-705"}
    yield "policies", {}, {**NO_DEFAULTS, "conditional_access": WHY}, {"PT-701", "PT-703"}
    yield "security defaults", {}, {"security_defaults": WHY}, {"PT-701"}
    yield "owners", {}, {"owners": {ZOE: WHY}}, {"PT-706"}
    yield "eligibilities", {}, {"eligible": {ZOE: WHY}}, {"PT-710"}
    yield "applications", {}, {"applications": WHY}, {"PT-707", "PT-708", "PT-709"}
    yield "credentials", {}, {"applications": (application(credentials=WHY, owners=WHY),)}, {"PT-708", "PT-709"}


@pytest.mark.parametrize(("parts", "posture", "rules"), [one[1:] for one in unread()], ids=[one[0] for one in unread()])
def test_a_part_that_was_not_read_is_no_pass(parts: dict[str, Any], posture: dict[str, Any], rules: set[str]) -> None:
    results = World(parts=parts, posture=posture).results()
    assert {id_ for id_, one in results.items() if one.unread == (WHY.text,)} == rules
    assert {results[id_].verdict for id_ in rules} <= {Verdict.NOT_EVALUATED, Verdict.FAILED}
    assert not any(results[id_].verdict is Verdict.PASSED for id_ in rules)


def test_of_two_groups_with_one_name_neither_is_known_to_be_the_look_alike() -> None:
    world = World()
    two = NotRead(Cause.AMBIGUOUS, "There are two of them.")
    world.parts["agent_groups"] = {**world.observed.agent_groups, AgentGroup.ADMIN_AGENTS: two}
    world.posture["look_alikes"] = (group(ZOE, "AdminAgents"), group(CARLA, "Admin Agents"))
    result = world.results()["PT-105"]
    assert (result.verdict, result.findings, result.unread) == (Verdict.NOT_EVALUATED, (), (two.text,))


def test_an_exception_is_not_one_too_many_while_what_it_is_for_was_not_read() -> None:
    stated = {"rule": "PT-707", "object": APP, "reason": "The panel", "owner": "Ada Moss"}
    days = {"granted_on": TODAY, "expires_on": TODAY + timedelta(days=9)}
    world = World(posture={"applications": WHY})
    world.declared["exceptions"] = {"panel": {**stated, **days}}
    assert world.results()["PT-707"].findings == ()
    world.posture["applications"] = ()
    (unneeded,) = world.results()["PT-707"].findings
    assert "PT-707 has no finding" in unneeded.actual


def test_consents_that_were_not_read_are_no_pass() -> None:
    world = World()
    ftop(())(world)
    world.parts["consents"] = WHY
    results = world.results()
    assert {id_ for id_, one in results.items() if one.verdict is Verdict.NOT_EVALUATED} == {
        "PT-501",
        "PT-502",
        "PT-707",
    }


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(
            of(
                **NO_DEFAULTS,
                conditional_access=(
                    policy(
                        users=LEFT_OUT,
                        client_app_types=("browser", "mobileAppsAndDesktopClients", "exchangeActiveSync", "other"),
                    ),
                ),
            ),
            id="every client by its name",
        ),
        pytest.param(
            of(**NO_DEFAULTS, conditional_access=(policy(users=LEFT_OUT),)),
            id="a policy with the emergency account left out",
        ),
        pytest.param(
            of(
                **NO_DEFAULTS,
                conditional_access=(
                    policy(
                        users=LEFT_OUT, controls={"operator": "AND", "built_in_controls": ("mfa", "compliantDevice")}
                    ),
                ),
            ),
            id="and more is asked",
        ),
        pytest.param(
            of(
                **NO_DEFAULTS,
                conditional_access=(
                    policy(users=LEFT_OUT, controls={"operator": "OR", "authentication_strength": {"id": "x"}}),
                ),
            ),
            id="a strength",
        ),
        pytest.param(
            of(eligible={GROUP_IDS[AgentGroup.ADMIN_AGENTS]: (place(CARLA),)}),
            id="a declared member may",
        ),
        pytest.param(seen("ada", NOW - timedelta(days=90)), id="ninety days"),
        pytest.param(
            account("carla", last_password_change_date_time=None, created_date_time=NOW - timedelta(days=14)),
            id="two weeks to sign in",
        ),
        pytest.param(
            both(account("carla", account_enabled=False), registered("carla", capable=False), seen("carla", None)),
            id="who cannot sign in",
        ),
        pytest.param(
            of(applications=(application(credentials=(Credential(display_name="federated"),)),)),
            id="a federated identity",
        ),
        pytest.param(of(applications=(application(credentials=until(NOW + timedelta(days=366))),)), id="a year"),
        pytest.param(address(street="1 MAIN ST.REET", postal_code="98 052"), id="an address that is set otherwise"),
        pytest.param(ftop((consent(None),), approval={"on": date(2026, 1, 2), "by": "ada"}), id="the declared consent"),
        pytest.param(
            ftop((delegated("Directory.ReadWrite.All", of=APP),), approval={"on": date(2026, 1, 2), "by": "ada"}),
            id="FTOP may write",
        ),
        pytest.param(
            part(
                consents=(
                    delegated("Directory.ReadWrite.All", of=ZOE, by=CARLA),
                    delegated("User.ReadWrite Directory.Read.All", of=ZOE),
                )
            ),
            id="a consent to read, and somebody's own",
        ),
        pytest.param(
            lambda w: (w.declared.update(programs={}), w.posture.update(in_all_users=WHY)),
            id="no All Users without CSP",
        ),
    ],
)
def test_what_is_right_breaks_no_rule(change: Callable[[World], object]) -> None:
    world = World()
    change(world)
    wrong = {id_ for id_, one in world.results().items() if one.verdict is not Verdict.PASSED}
    assert wrong == (set() if "ftop" in world.declared else WITHOUT_FTOP.keys())
