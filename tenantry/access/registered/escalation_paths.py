"""The other ways to partner power: schedules and access packages, applications, consents, protection switched off."""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Final

from tenantry.access.grants import Kind, Unresolved
from tenantry.access.registered.lookup import Lookup, UnknownGroupError, is_unknown, items
from tenantry.access.registered.resources import OutOfPolicyGrant, RegisteredResource
from tenantry.access.resource_types import PACKAGE, TYPES, USER, Power
from tenantry.access.state import RELATIONSHIP
from tenantry.declaration.consent import TenantConsent
from tenantry.graph_permissions import permissions
from tenantry.roles import AgentGroup

_PROVIDERS: Final = "pulumi:providers:"
#: Providers beside azuread that reach no directory and run no command.
_HARMLESS_PACKAGES: Final = frozenset({"pulumi", "random", "time", "tls"})

_READS: Final = re.compile(r"[\w-]+(\.[\w-]+)?\.Read(Basic)?(\.(All|Shared))?")
#: The access that every user of an application has by being assigned to it.
_DEFAULT_APP_ROLE: Final = "00000000-0000-0000-0000-000000000000"
_ALLOW: Final = "if the group holds no role, list its id under `allowedGroups` in the configuration of the pack"
_PACKAGE_CONTENTS: Final = "catalogResourceAssociationId"


class EscalationPaths:
    """Collects what no declaration can give (``out_of_policy``), what is unknown, and whom a protection leaves out."""

    def __init__(self, lookup: Lookup, consent: TenantConsent | None = None) -> None:
        self._lookup = lookup
        self._consent = consent
        self.out_of_policy: list[OutOfPolicyGrant] = []
        self.unresolved: list[Unresolved] = []
        self.left_out: list[tuple[str | RegisteredResource, RegisteredResource]] = []
        self._by_power: Final[Mapping[Power, Callable[[RegisteredResource], Iterator[str]]]] = {
            Power.ACCOUNT: self._account,
            Power.GROUP: self._group,
            Power.MEMBERSHIP: self._into_a_group,
            Power.GROUP_PATH: self._into_a_group,
            Power.PACKAGE_PATH: self._into_a_package,
            Power.ROLE_DEFINITION: self._role_definition,
            Power.APPLICATION_PATH: self._application,
            Power.SERVICE_PRINCIPAL: self._service_principal,
            Power.DELEGATED_PERMISSION: self._delegated_permission,
            Power.APPLICATION_PERMISSION: self._application_permission,
            Power.UNIT: self._unit,
            Power.PROTECTION: self._protection,
        }

    def read(self) -> None:
        """Read every resource that is registered."""
        for spoofed in self._lookup.spoofed:
            what = f"a component that calls itself {spoofed.type}, with no provider behind it"
            self._refuse(spoofed, what, "give the component a type of its own")
        for resource in self._lookup.registered:
            self._read(resource)

    def _read(self, resource: RegisteredResource) -> None:
        if resource.type == f"{_PROVIDERS}{PACKAGE}":
            if resource.inputs.get("pluginDownloadURL"):
                what = "a provider from another source, which can do anything"
                self._refuse(resource, what, "use the provider published by Pulumi")
        elif resource.type == RELATIONSHIP:
            pass  # it is read: what it gives is access like any other
        elif resource.package != PACKAGE:
            self._of_another_package(resource)
        elif resource.type in TYPES:
            for what in self._by_power.get(TYPES[resource.type].power, _nothing)(resource):
                self._refuse(resource, what)
        else:
            what = f"{resource.type}, a type that this version of the policy pack does not know"
            self._refuse(resource, what, "update the policy pack, or remove the resource")

    def _of_another_package(self, resource: RegisteredResource) -> None:
        harmless = resource.component or resource.package in _HARMLESS_PACKAGES
        if not harmless and not self._lookup.allowed.has_type(resource.type):
            remediation = (
                "remove it from this stack, or, if it gives no partner access, list the type under `allowedTypes`"
            )
            self._refuse(resource, f"{resource.type}, whose powers are unknown", remediation)

    def _refuse(self, resource: RegisteredResource, what: str, *remediation: str) -> None:
        self.out_of_policy.append(OutOfPolicyGrant(resource.urn, what, *remediation))

    def _hide(self, kind: Kind, resource: RegisteredResource, why: str, remediation: str = "") -> None:
        self.unresolved.append(Unresolved(kind, "unknown", resource.urn, why, remediation))

    # Accounts and groups

    def _account(self, resource: RegisteredResource) -> Iterator[str]:
        if resource.inputs.get("onpremisesImmutableId") is not None:
            yield "an immutable id, by which an on-premises directory can take the account over"
        if resource.imported:
            yield "an import, which takes control of an existing account under this name (declare it as `adopted`)"

    def _group(self, resource: RegisteredResource) -> Iterator[str]:
        agent_group = self._lookup.agent_group(resource)
        if agent_group is None:
            members = [key for key in ("members", "owners", "dynamicMembership") if resource.inputs.get(key)]
            if members and resource.may_be("assignableToRole"):
                yield f"{members[0]} of a role-assignable group, who get every role that the group is given"
            if resource.urn in self._lookup.customer_groups:
                yield from self._into_a_customer_group(resource)
        elif resource.inputs.get("administrativeUnitIds") and not resource.ignores_changes_of("administrativeUnitIds"):
            yield f"{agent_group} in an administrative unit, whose administrators can change its members"

    def _into_a_customer_group(self, resource: RegisteredResource) -> Iterator[str]:
        """The ways into a group for customers beside its list of members."""
        name = self._group_with_power(resource)
        # A group that is taken over keeps the owners and units that it has: they are ignored, and only seen here.
        adopted = resource.object_id is not None
        if resource.inputs.get("owners") and not (adopted and resource.ignores_changes_of("owners")):
            yield f"owners of {name}, who can add members to it"
        if resource.inputs.get("dynamicMembership"):
            yield f"a dynamic membership rule of {name}"
        if resource.inputs.get("administrativeUnitIds") and not resource.ignores_changes_of("administrativeUnitIds"):
            yield f"{name} in an administrative unit, whose administrators can change its members"

    def _into_a_group(self, resource: RegisteredResource) -> Iterator[str]:
        if (resource.known("resourceOriginSystem") or "AadGroup") != "AadGroup":
            return  # an application in a catalogue
        key = TYPES[resource.type].over
        try:
            group = self._lookup.group(resource, key)
        except UnknownGroupError as why:
            self._hide(Kind.AGENT_GROUP, resource, str(why), _ALLOW if resource.known(key) else "")
            return
        if isinstance(group, RegisteredResource) and group.may_be("assignableToRole"):
            yield f"{resource.word} adds somebody to {group.name}, a role-assignable group, and so gives its roles"
        if TYPES[resource.type].power is not Power.GROUP_PATH:
            return
        name = self._group_with_power(group) if isinstance(group, RegisteredResource) else group
        if isinstance(group, AgentGroup) or (name and isinstance(group, RegisteredResource)):
            yield f"{resource.word} lets people become members of {name}"

    def _into_a_package(self, resource: RegisteredResource) -> Iterator[str]:
        keys = [TYPES[resource.type].over]
        if _PACKAGE_CONTENTS in resource.inputs:
            keys.append(_PACKAGE_CONTENTS)
        if not all(self._lookup.made_here(resource, key) for key in keys):
            yield f"{resource.word} opens an access package or a catalogue that this program does not create"

    def _unit(self, resource: RegisteredResource) -> Iterator[str]:
        key = TYPES[resource.type].over
        found = [self._lookup.by_id(item) for item in items(resource.inputs.get(key)) if isinstance(item, str)]
        found += [self._lookup.by_urn.get(urn) for urn in sorted(resource.depends.get(key, ()))]
        for name in sorted({name for entry in found if entry and (name := self._group_with_power(entry))}):
            yield f"{name} in an administrative unit, whose administrators can change its members"

    def _group_with_power(self, resource: RegisteredResource) -> str:
        """What an agent group or a group for customers is called; empty for every other resource."""
        if agent_group := self._lookup.agent_group(resource):
            return agent_group.value
        name = resource.known("displayName") or resource.name
        return f"{name} (roles at customers)" if resource.urn in self._lookup.customer_groups else ""

    def _role_definition(self, resource: RegisteredResource) -> Iterator[str]:
        given = resource.inputs.get("permissions")
        actions = [
            action
            for permission in items(given)
            for action in (
                items(permission.get("allowedResourceActions")) if isinstance(permission, Mapping) else [permission]
            )
        ]
        if any(not isinstance(action, str) for action in actions):
            self._hide(Kind.DIRECTORY_ROLE, resource, "`permissions`: it is unknown what the role may do")
        for action in sorted({action for action in actions if isinstance(action, str)}):
            if not action.endswith("/read"):
                yield f"a custom role that may {action}"

    # Applications

    def _application(self, resource: RegisteredResource) -> Iterator[str]:
        key = TYPES[resource.type].over
        if not key:
            if resource.imported:
                yield "an import, which takes control of an existing application"
        elif not self._lookup.made_here(resource, key):
            yield f"{resource.word} lets somebody act as an application that this program does not create"

    def _service_principal(self, resource: RegisteredResource) -> Iterator[str]:
        existed = resource.imported or resource.inputs.get("useExisting") not in (None, False)
        if existed and resource.inputs.get("owners"):
            yield "owners of an identity that existed already, who can act as it"

    def _delegated_permission(self, resource: RegisteredResource) -> Iterator[str]:
        client = self._lookup.application(resource, "servicePrincipalObjectId")
        if self._consent and client == self._consent.application_id:
            yield from self._consent_to_ftop(resource, self._consent)
            return
        if self._lookup.made_here(resource, "resourceServicePrincipalObjectId"):
            return
        allowed = permissions().harmless_delegated | self._lookup.allowed.permissions
        for claim in sorted(self._claims(resource)):
            if claim not in allowed and not _READS.fullmatch(claim):
                yield f"the delegated permission {claim}"

    def _consent_to_ftop(self, resource: RegisteredResource, declared: TenantConsent) -> Iterator[str]:
        """What a consent to FTOP is beside the one that the declaration gives, if it gives one."""
        if not declared.approved:
            yield "consent to FTOP, without a declared approval of a Global admin"
        if resource.inputs.get("userObjectId") is not None:
            yield "consent to FTOP for one person; the declaration gives it only for the tenant, or not at all"
        if self._lookup.application(resource, "resourceServicePrincipalObjectId") != declared.resource_id:
            yield f"consent to FTOP on another application than the declared one ({declared.resource_id})"
        if resource.ignores_changes_of("claimValues"):
            yield "consent to FTOP whose changes are ignored, so that it may get any permission"
        for claim in sorted(self._claims(resource) - declared.permissions):
            yield f"the delegated permission {claim} for FTOP, which the declaration does not grant it"

    def _claims(self, resource: RegisteredResource) -> set[str]:
        """The permissions that a consent names."""
        claims = items(resource.inputs.get("claimValues"))
        if any(is_unknown(claim) for claim in claims):
            self._hide(Kind.CONSENT, resource, "`claimValues`: the permission is unknown")
        return {claim for claim in claims if isinstance(claim, str)}

    def _application_permission(self, resource: RegisteredResource) -> Iterator[str]:
        if self._lookup.made_here(resource, "resourceObjectId"):
            return
        app_role = (resource.known("appRoleId") or "").lower()
        if not app_role:
            self._hide(Kind.CONSENT, resource, "`appRoleId`: the permission is unknown")
        elif app_role != _DEFAULT_APP_ROLE:
            name = permissions().application.get(app_role, app_role)
            if not (permissions().harmless_application | self._lookup.allowed.permissions) & {name, app_role}:
                yield f"the application permission {name}"

    # Protection

    def _protection(self, resource: RegisteredResource) -> Iterator[str]:
        if resource.known("state") == "disabled":
            yield "a Conditional Access policy that is switched off"
        conditions = resource.inputs.get("conditions")
        users = conditions.get("users") if isinstance(conditions, Mapping) else conditions
        if is_unknown(users):
            yield "a Conditional Access policy whose exclusions are unknown"
        if not isinstance(users, Mapping):
            return
        if users.get("excludedRoles"):
            yield "a Conditional Access policy that excludes holders of a directory role"
        left_out = items(users.get("excludedUsers"))
        self.left_out += [
            (item, resource) for item in left_out if isinstance(item, str) and item != "GuestsOrExternalUsers"
        ]
        if any(is_unknown(item) for item in left_out):
            # A dependency does not show which accounts the policy leaves out and which it is for.
            sources = (self._lookup.by_urn.get(urn) for urn in sorted(resource.depends.get("conditions", ())))
            self.left_out += [(item, resource) for item in sources if item and item.type == USER and not item.object_id]


def _nothing(_: RegisteredResource) -> Iterator[str]:
    return iter(())
