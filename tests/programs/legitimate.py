"""Programs that are right: the raw one, and what people rightly add to it. None of them may raise an alarm."""

from collections.abc import Mapping
from dataclasses import dataclass, field

_NO_GROUPS = "members.clear()\n"


@dataclass(frozen=True)
class Legitimate:
    """What is added to the raw program, and to its declaration."""

    title: str
    before: str = ""
    after: str = ""
    replace: Mapping[str, str] = field(default_factory=dict)
    declare: str = ""
    settings: Mapping[str, object] = field(default_factory=dict)
    engine: str = ""
    """Why it cannot be previewed on the engine here."""


LEGITIMATE = (
    Legitimate("nothing but the access that is declared"),
    Legitimate(
        "an application of one's own, with everything that belongs to it",
        after="""
app = azuread.Application(
    "app",
    display_name="Orders",
    app_roles=[
        {
            "id": "00000000-0000-4000-8000-00000000a001",
            "allowed_member_types": ["User", "Application"],
            "description": "May write orders",
            "display_name": "Orders.Write",
            "value": "Orders.Write",
        }
    ],
)
azuread.ApplicationRedirectUris(
    "app", application_id=app.id, type="Web", redirect_uris=["https://orders.acme.example/"]
)
azuread.ApplicationPassword("app", application_id=app.id)
azuread.ApplicationOwner("app", application_id=app.id, owner_object_id=bruno.object_id)
azuread.ApplicationFederatedIdentityCredential(
    "app",
    application_id=app.id,
    display_name="main",
    audiences=["api://AzureADTokenExchange"],
    issuer="https://token.actions.githubusercontent.com",
    subject="repo:acme/orders:ref:refs/heads/main",
)
identity = azuread.ServicePrincipal("app", client_id=app.client_id, owners=[bruno.object_id])
azuread.ServicePrincipalPassword("app", service_principal_id=identity.id)
azuread.AppRoleAssignment(
    "app-for-bruno",
    app_role_id="00000000-0000-4000-8000-00000000a001",
    principal_object_id=bruno.object_id,
    resource_object_id=identity.object_id,
)
""",
    ),
    Legitimate(
        "permissions that only read",
        after="""
graph = azuread.ServicePrincipal(
    "graph", client_id="00000003-0000-0000-c000-000000000000", use_existing=True
)
app = azuread.Application("report", display_name="Report")
identity = azuread.ServicePrincipal("report", client_id=app.client_id)
azuread.AppRoleAssignment(
    "reads-users",
    app_role_id="df021288-bdef-4463-88db-98f22de89214",
    principal_object_id=identity.object_id,
    resource_object_id=graph.object_id,
)
azuread.ServicePrincipalDelegatedPermissionGrant(
    "signs-in",
    service_principal_object_id=identity.object_id,
    resource_service_principal_object_id=graph.object_id,
    claim_values=["openid", "profile", "User.Read", "GroupMember.Read.All"],
)
""",
    ),
    Legitimate(
        "groups that are nobody's business",
        after="""
club = azuread.Group(
    "club", display_name="Book club", security_enabled=True, members=[carla.object_id], owners=[bruno.object_id]
)
azuread.GroupMember("dora-reads", group_object_id=club.object_id, member_object_id=dora.object_id)
azuread.Group("nested", display_name="All clubs", security_enabled=True, members=[club.object_id])
azuread.Group(
    "sales-team",
    display_name="Sales team",
    security_enabled=True,
    types=["DynamicMembership"],
    dynamic_membership={"enabled": True, "rule": 'user.department -eq "Sales"'},
)
""",
    ),
    Legitimate(
        "a group that exists, and is known to hold nothing",
        after='azuread.GroupMember("dora-reads", group_object_id=CLUB, member_object_id=dora.object_id)\n',
        settings={"allowedGroups": ["cccccccc-0000-4000-8000-0000000000c1"]},
    ),
    Legitimate(
        "locations, and protection that leaves out emergency accounts alone",
        after="""
office = azuread.NamedLocation("office", display_name="Office", ip={"ip_ranges": ["203.0.113.0/24"]})
azuread.NamedLocation("home", display_name="Home", country={"countries_and_regions": ["US"]})
azuread.ConditionalAccessPolicy(
    "mfa",
    display_name="MFA for all",
    state="enabled",
    conditions={
        "client_app_types": ["all"],
        "applications": {"included_applications": ["All"]},
        "users": {"included_users": ["All"], "excluded_users": [rescue_1.object_id, rescue_2.object_id]},
    },
    grant_controls={"operator": "OR", "built_in_controls": ["mfa"]},
)
""",
    ),
    Legitimate(
        "an administrative unit of ordinary people",
        after="""
unit = azuread.AdministrativeUnit("unit", display_name="Field", members=[dora.object_id])
azuread.AdministrativeUnitMember(
    "carla", administrative_unit_object_id=unit.object_id, member_object_id=carla.object_id
)
""",
    ),
    Legitimate(
        "an access package of one's own",
        after="""
club = azuread.Group("club", display_name="Book club", security_enabled=True)
catalog = azuread.AccessPackageCatalog("catalog", display_name="Clubs", description="Clubs")
inside = azuread.AccessPackageResourceCatalogAssociation(
    "club", catalog_id=catalog.id, resource_origin_id=club.object_id, resource_origin_system="AadGroup"
)
package = azuread.AccessPackage("package", catalog_id=catalog.id, display_name="Clubs", description="Clubs")
azuread.AccessPackageResourcePackageAssociation(
    "club", access_package_id=package.id, catalog_resource_association_id=inside.id
)
azuread.AccessPackageAssignmentPolicy(
    "all", access_package_id=package.id, display_name="All", description="All", duration_in_days=90
)
""",
    ),
    Legitimate(
        "the roles' activation, and components of one's own",
        after="""
for template_id in (GLOBAL_ADMINISTRATOR, USER_ADMINISTRATOR, BILLING_ADMINISTRATOR):
    azuread.DirectoryRole(f"role-{template_id}", template_id=template_id)


class Team(pulumi.ComponentResource):
    def __init__(self, name):
        super().__init__("acme:index:Team", name)
        group = azuread.Group(
            name, display_name=name, security_enabled=True, opts=pulumi.ResourceOptions(parent=self)
        )
        self.register_outputs({"object_id": group.object_id})


Team("Readers")
""",
    ),
    Legitimate(
        "the declared tenant's provider, named in the program",
        after='azuread.Provider("same", tenant_id="6F1F7C0E-52A3-4D0B-9E57-2B8B9F4C1A10")\n',
    ),
    Legitimate(
        "eligible for the role that one has",
        after="""
azuread.DirectoryRoleEligibilityScheduleRequest(
    "bruno",
    role_definition_id=GLOBAL_ADMINISTRATOR,
    principal_id=bruno.object_id,
    directory_scope_id="/",
    justification="a second way",
)
""",
    ),
    Legitimate(
        "a type of another provider that is known to be harmless",
        after='pulumi.CustomResource("acme:index:Ticket", "x", {"title": "new people"})\n',
        settings={"allowedTypes": ["acme:*"]},
        engine="there is no such provider",
    ),
    Legitimate(
        "a nested group that is excepted",
        before="""
team = azuread.Group("azure-team", display_name="Azure team", security_enabled=True)
members["AdminAgents"].append(team.object_id)
""",
        declare="""
exceptions:
  azure:
    rule: PT-107
    object: azure-team
    reason: It manages the customers' Azure subscriptions.
    owner: Bruno Vale
    granted_on: {today}
    expires_on: {later}
""",
    ),
    Legitimate(
        "one GroupMember a person where the tenant is additive",
        before="""
listed, members = members, {}
for name, people in listed.items():
    for number, person in enumerate(people):
        azuread.GroupMember(f"{name}-{number}", group_object_id=GROUPS[name], member_object_id=person)
""",
        declare="mode: additive\n",
    ),
    Legitimate(
        "groups that a sandbox makes",
        before='for name in options:\n    options[name] = {"ignore_changes": ["owners"]}\n',
        declare="agent_groups: {source: create, ids: null}\n",
    ),
    Legitimate(
        "a tenant without agent groups",
        before=_NO_GROUPS,
        replace={'dora = account("dora.lake", "Dora Lake", "dora.lake@acme.example")\n': "dora = bruno\n"},
        after="""
azuread.DirectoryRoleAssignment("carla", role_id=BILLING_ADMINISTRATOR, principal_object_id=carla.object_id)
""",
        declare="""
programs: {CSP: null, MAICPP: {enrolled_on: 2025-02-17}}
agent_groups: null
people: {carla: {roles: [Billing admin]}, dora: null}
""",
    ),
    Legitimate(
        "a tenant of both purposes with the roles that it allows",
        after="""
azuread.DirectoryRoleAssignment(
    "carla", role_id="29232cdf-9323-42fd-ade2-1d097af3e4de", principal_object_id=carla.object_id
)
account("olga.reed", "Olga Reed", "olga.reed@acme.example")
""",
        declare="""
purpose: [partner, own use]
allowed_roles: {Exchange Administrator: 29232cdf-9323-42fd-ade2-1d097af3e4de}
exceptions:
  one-tenant:
    rule: PT-401
    object: us
    reason: We choose to keep that model.
    owner: Bruno Vale
    granted_on: {today}
    expires_on: {later}
""",
    ),
)
