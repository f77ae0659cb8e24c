"""What the azuread provider answers to a program's look-ups, for a tenant whose objects are known."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from tenantry.access.principals import Principal
from tenantry.declaration.customers import CUSTOMER_ADMINISTRATION
from tenantry.roles import AgentGroup
from tenantry.sandbox.recording import InvokeAnswer


@dataclass(frozen=True)
class KnownGroup:
    """A group that a program may look up."""

    object_id: str
    name: str
    members: tuple[str, ...] = ()
    """Object ids."""


def answers(
    tenant_id: str,
    initial_domain: str,
    *,
    accounts: Iterable[Principal],
    applications: Mapping[str, str],
    groups: Iterable[KnownGroup],
) -> Iterator[InvokeAnswer]:
    """One answer for each look-up that a program may make. ``applications``: client id to the principal's object id.

    As from the provider, a name that several groups have finds none of them.
    """
    groups = list(groups)
    yield _answer("getClientConfig", {}, {"tenantId": tenant_id, "clientId": "", "objectId": ""})
    domains = [{"domainName": initial_domain, "initial": True}]
    yield _answer("getDomains", {"onlyInitial": True}, {"domains": domains, "onlyInitial": True})
    users = [{"objectId": item.object_id, "userPrincipalName": item.upn, "displayName": item.name} for item in accounts]
    yield _answer("getUsers", {}, {"users": users})
    for client_id, object_id in applications.items():
        known = {"clientId": client_id, "objectId": object_id}
        yield _answer("getServicePrincipal", {"clientId": client_id}, known)
    ids = [applications[CUSTOMER_ADMINISTRATION]] if CUSTOMER_ADMINISTRATION in applications else []
    yield _answer("getServicePrincipals", {"clientIds": [CUSTOMER_ADMINISTRATION]}, {"objectIds": ids})
    named = Counter(group.name for group in groups)
    for group in groups:
        found = {"objectId": group.object_id, "displayName": group.name, "members": list(group.members)}
        yield _answer("getGroup", {"objectId": group.object_id}, {"id": group.object_id, **found})
        if named[group.name] == 1:
            yield _answer("getGroup", {"displayName": group.name}, {"id": group.object_id, **found})
    for prefix in (name.removesuffix("Agents") for name in AgentGroup):
        some = [group for group in groups if group.name.casefold().startswith(prefix.casefold())]
        listed = {"objectIds": [item.object_id for item in some], "displayNames": [item.name for item in some]}
        yield _answer("getGroups", {"displayNamePrefix": prefix}, {**listed, "displayNamePrefix": prefix})


def _answer(function: str, args: Mapping[str, object], result: Mapping[str, object]) -> InvokeAnswer:
    token = f"azuread:index/{function}:{function}"
    return InvokeAnswer(token=token, args=args, result={"id": "recorded", **result})
