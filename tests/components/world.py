"""A tenant that answers look-ups, and a run of a program against it that keeps every registration."""

import asyncio
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import grpc
import pulumi
import pulumi_azuread as azuread
from google.protobuf.json_format import MessageToDict
from pulumi.runtime import rpc, test
from pulumi.runtime.mocks import MockCallArgs, MockMonitor, MockResourceArgs, Mocks, set_mocks

from components import PartnerTenant, PartnerTenantArgs
from tenantry.declaration import Tenant
from tenantry.roles import AgentGroup
from tests.acme import GROUP_IDS

SECRET = "canary-0123456789-abcdefghij-secret"
ADMIN_AGENTS, HELPDESK_AGENTS, SALES_AGENTS = (GROUP_IDS[group] for group in AgentGroup)
GROUPS = tuple((object_id, group.value) for group, object_id in GROUP_IDS.items())

USER = "azuread:index/user:User"
GROUP = "azuread:index/group:Group"
ROLE = "azuread:index/directoryRole:DirectoryRole"
APPLICATION = "azuread:index/servicePrincipal:ServicePrincipal"
CONSENT = "azuread:index/servicePrincipalDelegatedPermissionGrant:ServicePrincipalDelegatedPermissionGrant"
ELIGIBILITY = "azuread:index/directoryRoleEligibilityScheduleRequest:DirectoryRoleEligibilityScheduleRequest"
ASSIGNMENT = "azuread:index/directoryRoleAssignment:DirectoryRoleAssignment"


class LookUpError(grpc.RpcError):
    """A look-up that the provider answers with an error, as the engine passes it on."""

    def __init__(self, details: str) -> None:
        self._details = details

    def code(self) -> grpc.StatusCode:
        return grpc.StatusCode.UNKNOWN

    def details(self) -> str:
        return self._details


@dataclass
class World(Mocks):
    """The tenant that the program is signed in to."""

    tenant_id: str
    initial_domains: Sequence[str]
    groups: Sequence[tuple[str, str]] = GROUPS
    members: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """Who is in a group already, by its object id."""
    users: Sequence[tuple[str, str]] = ()
    """The accounts that there are, by object id and UPN."""
    failures: Mapping[str, str] = field(default_factory=dict)
    """Look-up to what the provider says when it fails."""
    preview: bool = False
    recorded: bool = True
    """Whether the program knows that no tenant is behind these answers, whose holders could be read."""
    owned: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """URN to the outputs of what the stack's state holds already."""

    @classmethod
    def of(cls, tenant: Tenant, **more: Any) -> "World":
        """The very tenant that is declared."""
        return replace(cls(tenant.id, (tenant.domains.initial,)), **more)

    def call(self, args: MockCallArgs) -> Any:
        look_up = args.token.rpartition(":")[2]
        if look_up in self.failures:
            raise LookUpError(self.failures[look_up])
        match look_up:
            case "getClientConfig":
                return {"id": "i", "clientId": "c", "objectId": "o", "tenantId": self.tenant_id}
            case "getDomains":
                assert args.args == {"onlyInitial": True}
                return {"id": "d", "domains": [{"domainName": name, "initial": True} for name in self.initial_domains]}
            case "getServicePrincipal":
                return {"id": "s", "objectId": f"principal-of-{args.args['clientId']}"}
            case "getServicePrincipals":
                assert args.args["ignoreMissing"] is True
                return {"id": "s", "objectIds": [f"principal-of-{known}" for known in args.args["clientIds"]]}
            case "getGroups":
                prefix, names = args.args.get("displayNamePrefix"), args.args.get("displayNames", [])
                found = [
                    (oid, name) for oid, name in self.groups if name in names or (prefix and name.startswith(prefix))
                ]
                if not found and not args.args.get("ignoreMissing"):
                    raise LookUpError(f"No groups found with display name prefix {prefix!r}")
                return {"id": "g", "objectIds": [i for i, _ in found], "displayNames": [name for _, name in found]}
            case "getGroup":
                names = dict(self.groups)
                oid = args.args["objectId"]
                if oid not in names:
                    raise LookUpError(f"Group not found\nwith object id {oid}")
                members = list(self.members.get(oid, ()))
                return {"id": oid, "objectId": oid, "displayName": names[oid], "members": members}
            case "getUsers":
                assert args.args["ignoreMissing"] is True
                asked = args.args["userPrincipalNames"]
                existing = [
                    {"objectId": oid, "userPrincipalName": upn, "displayName": "Found"} for oid, upn in self.users
                ]
                return {"id": "u", "users": [user for user in existing if user["userPrincipalName"] in asked]}
            case "readStackResourceOutputs":
                assert args.args == {"stackName": f"organization/tenantry/{pulumi.get_stack()}"}
                state = {urn: {"outputs": dict(outputs)} for urn, outputs in self.owned.items()}
                return {"outputs": state, "recorded": self.recorded}
        raise AssertionError(f"unexpected look-up {args.token}")

    def new_resource(self, args: MockResourceArgs) -> tuple[str | None, dict[str, Any]]:
        if not args.custom:
            return "", {}
        if args.typ.startswith("pulumi:providers:"):
            return "provider-id", args.inputs
        if self.preview and not args.resource_id:
            return None, args.inputs
        object_id = (args.resource_id or f"object-id-of-{args.name}").removeprefix("/groups/")
        object_id = object_id.removeprefix("/servicePrincipals/")
        return object_id, {**args.inputs, "objectId": object_id}


@dataclass(frozen=True)
class Registered:
    """What the program asked the engine for."""

    type: str
    name: str
    urn: str
    provider: str
    inputs: dict[str, Any]
    """Secrets unwrapped; ``secrets`` says which they were."""
    secrets: frozenset[str]
    import_id: str
    protect: bool
    retain: bool
    ignored: frozenset[str]
    after: frozenset[str]
    """The names of the resources that are to be there first."""
    dependencies: Mapping[str, frozenset[str]]
    """Property to the names of the resources that it came from."""


class Monitor(MockMonitor):
    """The SDK's mock monitor, which keeps the requests and not only what they hold."""

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self.registered: list[Registered] = []
        self.looked_up: list[tuple[str, str]] = []
        self.outputs: dict[str, dict[str, Any]] = {}
        self._lock = threading.Lock()

    def RegisterResource(self, request: Any) -> Any:  # noqa: N802 (the SDK's name)
        if request.type != "pulumi:pulumi:Stack":
            raw = MessageToDict(request.object)
            secrets = frozenset(name for name, value in raw.items() if rpc.is_rpc_secret(value))
            kept = Registered(
                request.type,
                request.name,
                self.make_urn(request.parent, request.type, request.name),
                request.provider,
                {name: value["value"] if name in secrets else value for name, value in raw.items()},
                secrets,
                request.importId,
                request.protect,
                request.retainOnDelete,
                frozenset(request.ignoreChanges),
                frozenset(urn.split("::")[3] for urn in request.dependencies),
                {
                    name: frozenset(urn.split("::")[3] for urn in of.urns)
                    for name, of in request.propertyDependencies.items()
                },
            )
            with self._lock:
                self.registered.append(kept)
        return super().RegisterResource(request)

    def RegisterResourceOutputs(self, request: Any) -> Any:  # noqa: N802 (the SDK's name)
        self.outputs[request.urn] = MessageToDict(request.outputs)
        return super().RegisterResourceOutputs(request)

    def Invoke(self, request: Any) -> Any:  # noqa: N802 (the SDK's name)
        self.looked_up.append((request.tok.rpartition(":")[2], request.provider))
        return super().Invoke(request)


@dataclass
class Run:
    """A finished program: what it registered, what it looked up, and what it was refused with."""

    monitor: Monitor
    error: Exception | None = None
    tenant: PartnerTenant | None = None
    passwords: dict[str, str] | None = None

    def of(self, type_: str) -> dict[str, Registered]:
        return {kept.name: kept for kept in self.monitor.registered if kept.type == type_}

    @property
    def refusal(self) -> str:
        """Why the program was refused; nothing was registered before that."""
        assert isinstance(self.error, pulumi.RunError), repr(self.error)
        assert self.monitor.registered == []
        assert SECRET not in str(self.error)
        return str(self.error)


Program = Callable[[Run], Any]

#: The mocks run in the thread's own loop, which `asyncio.run` of any test before has taken away.
_LOOP = asyncio.new_event_loop()


def run(
    world: World,
    program: Program,
    *,
    stack: str = "prod",
    config: Mapping[str, str] | None = None,
    secret_keys: Sequence[str] = ("tenantry:passwordSecret",),
) -> Run:
    """Run a program under the mocks; a refusal is kept, any other exception is raised."""
    asyncio.set_event_loop(_LOOP)
    monitor = Monitor(world)
    set_mocks(
        world,
        project="tenantry",
        stack=stack,
        preview=world.preview,
        monitor=monitor,
        organization="organization",
    )
    pulumi.runtime.set_all_config(dict(config or {}), list(secret_keys))
    finished = Run(monitor)

    @test
    def body() -> Any:
        return program(finished)

    try:
        body()
    except pulumi.RunError as error:
        finished.error = error
    return finished


def provision(
    tenant: Tenant,
    world: World | None = None,
    *,
    secret: str = SECRET,
    opts: Callable[[], pulumi.ResourceOptions] | None = None,
    stack: str = "prod",
) -> Run:
    """Run :class:`PartnerTenant` for a tenant, on the tenant that it declares unless stated otherwise."""

    def program(finished: Run) -> Any:
        args = PartnerTenantArgs(tenant, pulumi.Output.secret(secret))
        finished.tenant = PartnerTenant("us", args, opts() if opts else None)

        def keep(passwords: dict[str, str]) -> None:
            finished.passwords = passwords

        return finished.tenant.temporary_passwords.apply(keep)

    return run(world or World.of(tenant), program, stack=stack)


def changed(tenant: Tenant, **people: Mapping[str, Any]) -> Tenant:
    """A tenant in which some people's fields differ; hyphens in keys are written as underscores."""
    members = dict(tenant.members)
    for key, fields in people.items():
        key = key.replace("_", "-")
        members[key] = members[key].model_copy(update=dict(fields))
    return tenant.model_copy(update={"people": members})


def elsewhere() -> azuread.Provider:
    """A provider that is not the default one."""
    return azuread.Provider("elsewhere", use_cli=False)
