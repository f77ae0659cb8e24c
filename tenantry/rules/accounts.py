"""What the rules on a tenant itself share: the accounts that hold power, and how a finding names them."""

from collections.abc import Iterator

from tenantry.access.grants import Grant
from tenantry.access.parts import NotRead, or_none
from tenantry.declaration import Person
from tenantry.findings import FieldPath, Finding, Level, Severity
from tenantry.graph.errors import Cause
from tenantry.rules.model import Evidence, violation


def declared(evidence: Evidence, object_id: str) -> tuple[str, Person] | None:
    """The declared person whose account it is, with their key."""
    return evidence.declared_by_object_id.get(object_id)


def of_account(
    evidence: Evidence,
    object_id: str,
    actual: str,
    expected: str,
    remediation: str,
    *,
    level: Level | None = None,
    severity: Severity | None = None,
) -> Finding:
    """A finding about an account, by the field of the person whom it is where somebody is declared."""
    person = declared(evidence, object_id)
    known = evidence.seen.known.get(object_id)
    subject = f"{person[1].full_name} ({person[1].upn})" if person else str(known or object_id)
    path: FieldPath = ("people", person[0]) if person else ("people",)
    about = person[0] if person else object_id
    return violation(subject, actual, expected, remediation, path, about=about, level=level, severity=severity)


def enabled_people(evidence: Evidence) -> Iterator[tuple[str, tuple[Grant, ...]]]:
    """Those who hold something, here or at customers, and can sign in: by object id, with what they hold here."""
    seen = evidence.seen
    return ((id_, seen.people.get(id_, ())) for id_ in seen.holders if seen.known[id_].enabled)


def unread_roles(evidence: Evidence) -> Iterator[NotRead]:
    """Why it is not known who holds directory roles; nothing where it is."""
    tenant = evidence.seen.tenant
    parts = [tenant.roles_not_read, *(tenant.inside.get(group.id) for group in or_none(tenant.role_groups))]
    yield from (item for item in parts if isinstance(item, NotRead))


def unread_holders(evidence: Evidence) -> Iterator[NotRead]:
    """Why it is not known who holds power; nothing where it is. An agent group that is not there holds nobody."""
    tenant = evidence.seen.tenant
    parts = [*tenant.agent_groups.values(), *tenant.inside.values(), tenant.roles_not_read]
    parts += tenant.at_customers.not_read if tenant.at_customers else ()
    yield from (item for item in parts if isinstance(item, NotRead) and item.cause is not Cause.GONE)
