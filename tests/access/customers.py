"""A partner's customers in the embedded directory, as the declaration wants them, and what others change there."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any, Final

from tenantry.access.declared import identities
from tenantry.access.grants import AccessMap
from tenantry.access.observed import ObservedTenant, access_map, observe
from tenantry.declaration import Tenant
from tenantry.declaration.customers import CUSTOMER_ADMINISTRATION
from tenantry.directory import relationships
from tenantry.directory.local import LocalGraph
from tenantry.directory.resources import Kind
from tests.directory.samples import Tenant as Directory
from tests.graph.in_process import reader_of

from .test_observed import World, provisioned

_PATH: Final = "/v1.0/tenantRelationships/delegatedAdminRelationships"
_PROVISIONED: Final = timedelta(seconds=31)


def details(roles: Iterable[str]) -> dict[str, Any]:
    return {"unifiedRoles": [{"roleDefinitionId": role} for role in sorted(roles)]}


@dataclass
class Customers:
    """Relationships by display name and groups by name, each with its id."""

    world: World
    relationships: dict[str, str] = field(default_factory=dict)
    groups: dict[str, str] = field(default_factory=dict)

    @classmethod
    @contextmanager
    def provided(cls, gdap: Any, customers: Any) -> Iterator["Customers"]:
        """What is declared, with every customer's approval, in a directory of its own."""
        with provisioned() as world:
            one = cls(world)
            world.tenant.post("/v1.0/servicePrincipals", {"appId": CUSTOMER_ADMINISTRATION})
            one.declare(gdap=gdap, customers=customers)
            one.provide()
            yield one

    @contextmanager
    def copied(self) -> Iterator["Customers"]:
        """The same in another directory, to change."""
        store = self.world.store.copy()
        with LocalGraph(store, self.world.declared.id) as graph:
            tenant = Directory(graph, self.world.tenant.enrolment)
            world = replace(self.world, store=store, tenant=tenant, ids=dict(self.world.ids))
            yield Customers(world, dict(self.relationships), dict(self.groups))
        store.close()

    def declare(self, **fields: Any) -> Tenant:
        """Change fields of the tenant's file."""
        written = self.world.declared.model_dump(mode="python", by_alias=True, exclude_unset=True)
        self.world.declared = Tenant.model_validate({**written, **fields})
        return self.world.declared

    def provide(self) -> None:
        """Make what is declared, with every customer's approval."""
        tenant = self.world.declared
        for key, group in (tenant.gdap.groups if tenant.gdap else {}).items():
            self.group(group.name, *(self.world.ids[person] for person in group.people))
            self.groups[key] = self.groups[group.name]
        for one in tenant.relationships:
            customer = {"tenantId": one.customer.tenant_id, "displayName": one.customer.name}
            self.relationship(
                one.display_name,
                customer,
                [role.id for role in one.roles],
                duration=one.duration,
                autoExtendDuration="P180D" if one.auto_extend else "PT0S",
            )
            for key, roles in one.assignments.items():
                self.assign(one.display_name, self.groups[key], *(role.id for role in roles))
        self.wait(_PROVISIONED)

    def group(self, name: str, *members: str) -> str:
        self.groups[name] = self.world.tenant.add_group(name, mailNickname=name.replace(" ", "-"))
        for member in members:
            self.world.join(self.groups[name], member)
        return self.groups[name]

    def relationship(self, name: str, customer: Any, roles: Iterable[str], **more: Any) -> str:
        """An active relationship."""
        id_ = self.asked(name, customer, roles, **more)
        self.act(name, "approve")
        self.wait(_PROVISIONED)
        return id_

    def asked(self, name: str, customer: Any, roles: Iterable[str], **more: Any) -> str:
        """A relationship that waits for its customer."""
        body = {"displayName": name, "duration": "P730D", "customer": customer, "accessDetails": details(roles), **more}
        self.relationships[name] = str(self.world.tenant.post(_PATH, body)["id"])
        self.world.tenant.post(f"{_PATH}/{self.relationships[name]}/requests", {"action": "lockForApproval"})
        return self.relationships[name]

    def act(self, name: str, action: str) -> None:
        """What the customer does, elsewhere."""
        with self.world.store.writing(self.world.declared.id) as opened:
            found = opened.get(Kind.RELATIONSHIP, self.relationships[name])
            assert found is not None
            relationships.act(opened, found, action)

    def terminate(self, name: str) -> None:
        self.world.tenant.post(f"{_PATH}/{self.relationships[name]}/requests", {"action": "terminate"})
        self.wait(_PROVISIONED)

    def assign(self, name: str, group: str, *roles: str) -> None:
        container = {"accessContainerId": group, "accessContainerType": "securityGroup"}
        body = {"accessContainer": container, "accessDetails": details(roles)}
        self.world.tenant.post(f"{_PATH}/{self.relationships[name]}/accessAssignments", body)
        self.wait(_PROVISIONED)

    def change(self, name: str, group: str, *roles: str) -> None:
        """Give a group other roles; none takes the assignment away."""
        where = f"{_PATH}/{self.relationships[name]}/accessAssignments"
        (found,) = [
            one
            for one in self.world.tenant.get(where)["value"]
            if one["accessContainer"]["accessContainerId"] == group and one["status"] == "active"
        ]
        body: Any = {"accessDetails": details(roles)} if roles else None
        method = "PATCH" if roles else "DELETE"
        match = {"If-Match": found["@odata.etag"]}
        status, answer = self.world.tenant.graph.request(method, f"{where}/{found['id']}", body, match)
        assert status < 300, answer
        self.wait(_PROVISIONED)

    def wait(self, time: timedelta) -> None:
        self.world.store.ahead += time

    def observe(self) -> ObservedTenant:
        declared = self.world.declared
        groups = declared.gdap.groups.values() if declared.gdap else ()
        with reader_of(self.world.store, declared.id) as reader:
            return observe(reader, declared.agent_groups.ids, customer_groups=groups)

    def view(self) -> AccessMap:
        return access_map(self.observe(), identities(self.world.declared))
