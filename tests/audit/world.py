"""The sample's tenant in the United States, provisioned as declared, safe and used: an audit of it finds nothing.

A test changes one thing in the tenant, as somebody would in a portal, and audits it with the permissions to read alone.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

import httpx

from tenantry.audit.model import TenantAudit
from tenantry.audit.run import audit_tenant
from tenantry.declaration import Declaration, Stack, Tenant, load
from tenantry.directory import authentication_methods
from tenantry.directory.enrolment import DEPLOYMENT_PERMISSIONS
from tenantry.directory.local import LocalGraph
from tenantry.directory.resources import Kind
from tenantry.graph.permissions import EVERY_FEATURE
from tests.access.test_observed import PARTNERS, World, provisioned
from tests.directory.samples import Tenant as Directory
from tests.graph.in_process import reader_of

TODAY = date.today()
OTHERS = DEPLOYMENT_PERMISSIONS | {
    "Policy.ReadWrite.ConditionalAccess",
    "Policy.ReadWrite.SecurityDefaults",
    "RoleAssignmentSchedule.ReadWrite.Directory",
    "Organization.ReadWrite.All",
    "Directory.Read.All",
}
"""What others are permitted, who change the tenant."""


@dataclass
class Audited:
    """A tenant that others change, and that is then audited."""

    world: World
    declaration: Declaration
    tenant: Tenant

    @property
    def directory(self) -> Directory:
        return self.world.tenant

    @contextmanager
    def copied(self) -> Iterator["Audited"]:
        """The same in another directory, to change."""
        store = self.world.store.copy()
        with LocalGraph(store, self.tenant.id) as graph:
            tenant = Directory(graph, self.world.tenant.enrolment)
            world = replace(self.world, store=store, tenant=tenant, ids=dict(self.world.ids))
            yield Audited(world, replace(self.declaration, tenants=dict(self.declaration.tenants)), self.tenant)
        store.close()

    def declare(self, **fields: Any) -> None:
        """Change fields of the tenant's file."""
        content = {**self.tenant.model_dump(mode="python", by_alias=True, exclude_unset=True), **fields}
        self.tenant = Tenant.model_validate(content)
        self.declaration.tenants["us"] = self.tenant  # type: ignore[index]

    def id_of(self, key: str) -> str:
        """The object id of a declared person's account."""
        return self.world.ids[key]

    def update(self, object_id: str, **properties: Any) -> None:
        """Change what the directory keeps of an account and nobody can change in a request."""
        with self.world.store.writing(self.tenant.id) as tenant:
            entity = tenant.get(Kind.USER, object_id)
            assert entity is not None
            tenant.update(entity, properties)

    def newcomer(self, name: str = "mallory", **properties: Any) -> str:
        """An account that nobody declared, which proves itself well and was just used."""
        made, _ = self.world.undeclared_account(name)
        self.settle(made)
        if properties:
            self.update(made, **properties)
        return made

    def settle(self, object_id: str, method: str = "passKeyDeviceBound", day: date = TODAY) -> None:
        """Let somebody have a method, and have signed in on a day."""
        with self.world.store.writing(self.tenant.id) as tenant:
            entity = tenant.get(Kind.USER, object_id)
            assert entity is not None
            authentication_methods.register(tenant, entity, authentication_methods.Method(method), f"{day}T00:00:00Z")
            tenant.update(entity, {"signInActivity": {"lastSignInDateTime": f"{day}T00:00:00Z"}})

    def audit(
        self,
        *,
        permissions: tuple[str, ...] = EVERY_FEATURE,
        instead: Mapping[str, httpx.Response] | None = None,
        today: date = TODAY,
    ) -> TenantAudit:
        """Audit the tenant as an application that reads."""
        self.world.permit(*permissions)
        try:
            with reader_of(self.world.store, self.tenant.id, instead) as graph:
                return audit_tenant(graph, Stack(self.declaration, "us"), today)
        finally:
            self.world.permit(*OTHERS)


@contextmanager
def audited() -> Iterator[Audited]:
    """The sample's tenant, safe and used."""
    declaration = load(PARTNERS / "contoso")
    with provisioned() as world:
        world.permit(*OTHERS)
        with LocalGraph(world.store, world.declared.id) as graph:
            world.tenant = Directory(graph, world.tenant.enrolment)
            one = Audited(world, declaration, world.declared)
            for key, object_id in world.ids.items():
                emergency = world.declared.members[key].emergency
                one.settle(object_id, day=TODAY - timedelta(days=30 if emergency else 0))
            yield one
