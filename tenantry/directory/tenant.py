"""One tenant within a transaction: its objects, the links between them, its role assignments, its secrets.

Every statement names the tenant, and nothing outside this module speaks SQL about tenants: that is what keeps
them apart. Rules about what may be written are with the families of resources; this module only keeps.
"""

import json
import sqlite3
from collections.abc import Callable, Iterable, Iterator
from dataclasses import astuple, dataclass, fields, replace
from enum import StrEnum
from typing import Final

from tenantry.spelling import folded

from .documents import JsonObject, now
from .identifiers import TENANT_SCOPE, new_id, role_assignment_id
from .resources import Kind
from .schema import Resource


class Relation(StrEnum):
    """How one object refers to another."""

    MEMBER = "members"
    OWNER = "owners"
    MANAGER = "manager"
    CLAIMS_MAPPING_POLICY = "claimsMappingPolicies"
    AUTHENTICATION_METHOD = "authenticationMethods"
    FEDERATED_CREDENTIAL = "federatedIdentityCredentials"
    ACCESS_ASSIGNMENT = "accessAssignments"
    RELATIONSHIP_REQUEST = "requests"
    RELATIONSHIP_OPERATION = "operations"


@dataclass(frozen=True)
class Entity:
    """An object of the directory. `position` is its place in the listing that it was read from."""

    position: int
    id: str
    kind: Kind
    document: JsonObject

    def text(self, name: str) -> str:
        """Return a property that is known to be text."""
        value = self.document[name]
        if not isinstance(value, str):
            raise TypeError(f"{name} of {self.kind} {self.id} is not text")
        return value


@dataclass(frozen=True)
class Term:
    """For how long something is held, and what gave it. Moments are as Microsoft Graph writes them, in UTC."""

    starts: str | None = None
    ends: str | None = None
    request: str | None = None
    """The id of the request of Privileged Identity Management that gave it; None where it was given without."""
    eligibility: str | None = None
    """The id of the eligibility that was activated; None for what was assigned."""


STANDING: Final = Term()
"""What is held until somebody takes it away."""


@dataclass(frozen=True)
class RoleAssignment:
    """A directory role held by a principal, in the whole tenant (``/``) or in another scope."""

    position: int
    id: str
    template_id: str
    principal_id: str
    scope: str = TENANT_SCOPE
    term: Term = STANDING


@dataclass(frozen=True)
class GroupPlace:
    """A place in a group: that of a member or of an owner."""

    position: int
    group_id: str
    relation: Relation
    principal_id: str
    term: Term


@dataclass(frozen=True)
class Secret:
    """The hash of a password or of a client secret, and whether it must be changed at the next sign-in."""

    hash: str
    must_change: bool


def _not_ended(holder: str) -> str:
    """Return the condition that something has not ended: by its term, or with the eligibility that was activated.

    Who activated what a group is eligible for keeps it for as long as they are in the group.
    """
    eligible = "json_extract(e.document, '$.principalId')"
    return (
        "((held.ends IS NULL OR held.ends > directory_time()) AND (held.eligibility IS NULL OR EXISTS "
        "(SELECT 1 FROM objects e WHERE e.tenant = held.tenant AND e.id = held.eligibility "
        f"AND ({eligible} = held.{holder} OR EXISTS "
        "(SELECT 1 FROM links m JOIN objects g ON g.tenant = m.tenant AND g.id = m.source AND g.deleted IS NULL "
        f"WHERE m.tenant = held.tenant AND m.source = {eligible} AND m.relation = 'members' "
        f"AND m.target = held.{holder} AND (m.starts IS NULL OR m.starts <= directory_time()) "
        "AND (m.ends IS NULL OR m.ends > directory_time()))))))"
    )


_BEGUN: Final = "(held.starts IS NULL OR held.starts <= directory_time())"
_ROLE_NOT_ENDED: Final = _not_ended("principal")
_ROLE_IN_FORCE: Final = f"{_BEGUN} AND {_ROLE_NOT_ENDED}"
_LINK_NOT_ENDED: Final = _not_ended("target")
_LINK_IN_FORCE: Final = f"{_BEGUN} AND {_LINK_NOT_ENDED}"
_TERM: Final = ", ".join(field.name for field in fields(Term))
_OBJECTS: Final = "SELECT o.position, o.id, o.kind, o.document FROM objects o WHERE o.tenant = ?"
_LINKED: Final = (
    "SELECT held.position, o.id, o.kind, o.document FROM links held JOIN objects o ON o.tenant = held.tenant AND "
)
_TARGETS: Final = f"{_LINKED} o.id = held.target WHERE held.tenant = ? AND {_LINK_IN_FORCE}"
_SOURCES: Final = f"{_LINKED} o.id = held.source WHERE held.tenant = ? AND {_LINK_IN_FORCE}"
_HOLDERS: Final = (
    "SELECT held.position, o.id, o.kind, o.document FROM role_assignments held "
    f"JOIN objects o ON o.tenant = held.tenant AND o.id = held.principal WHERE held.tenant = ? AND {_ROLE_IN_FORCE}"
)


_WITH_AN_OBJECT: Final = (
    "DELETE FROM secrets WHERE tenant = :tenant AND (owner = :id OR owner LIKE :id || '/%')",
    "DELETE FROM links WHERE tenant = :tenant AND (source = :id OR target = :id)",
    "DELETE FROM role_assignments WHERE tenant = :tenant AND (:id IN (principal, template) OR scope LIKE '%/' || :id)",
    "DELETE FROM objects "
    f"WHERE tenant = :tenant AND kind IN ('{Kind.ELIGIBILITY_SCHEDULE}', '{Kind.GROUP_ELIGIBILITY_SCHEDULE}') "
    "AND (:id IN (json_extract(document, '$.principalId'), json_extract(document, '$.groupId'), "
    "json_extract(document, '$.roleDefinitionId')) OR json_extract(document, '$.directoryScopeId') LIKE '%/' || :id)",
    "DELETE FROM objects "
    f"WHERE tenant = :tenant AND kind = '{Kind.ROLE_POLICY}' AND (name LIKE :id || '/%' OR name LIKE '%/' || :id)",
)
"""What goes with an object, a role or a scope that is deleted for good."""


def _closure(start: str, step: Callable[[str], Iterator[Entity]]) -> Iterator[Entity]:
    """Yield what can be reached from an object, step by step; only groups lead further."""
    seen, waiting = {start}, [start]
    while waiting:
        for entity in step(waiting.pop(0)):
            if entity.id not in seen:
                seen.add(entity.id)
                yield entity
                if entity.kind is Kind.GROUP:
                    waiting.append(entity.id)


class Tenant:
    """A tenant, for the length of one transaction."""

    def __init__(self, connection: sqlite3.Connection, tenant_id: str) -> None:
        self._connection = connection
        self.id = tenant_id

    # --- objects

    def create(
        self, resource: Resource, given: JsonObject, *, object_id: str | None = None, name: str | None = None
    ) -> Entity:
        """Keep a new object with the properties that are given; `name` must be free in its kind."""
        document: JsonObject = {**resource.blank(), **given, "id": object_id or new_id()}
        if document.get("createdDateTime", "") is None:
            document["createdDateTime"] = now()
        entity = Entity(0, str(document["id"]), Kind(resource.type_name), document)
        cursor = self._connection.execute(
            "INSERT INTO objects (tenant, id, kind, name, document) VALUES (?, ?, ?, ?, ?)",
            (self.id, entity.id, entity.kind, name and folded(name), json.dumps(document)),
        )
        return replace(entity, position=cursor.lastrowid or 0)

    def update(self, entity: Entity, changes: JsonObject, *, name: str | None = None) -> Entity:
        """Keep changed properties of an object and, with `name`, another name."""
        document: JsonObject = {**entity.document, **changes}
        self._connection.execute(
            "UPDATE objects SET document = ?, name = coalesce(?, name) WHERE tenant = ? AND id = ?",
            (json.dumps(document), name and folded(name), self.id, entity.id),
        )
        return replace(entity, document=document)

    def soft_delete(self, entity: Entity) -> Entity:
        """Delete an object so that it can be restored: it is out of sight, with all that leads to it."""
        return self._keep_deleted(entity, now())

    def restore(self, entity: Entity) -> Entity:
        """Bring a deleted object back; its name must be free in its kind."""
        return self._keep_deleted(entity, None)

    def _keep_deleted(self, entity: Entity, moment: str | None) -> Entity:
        document: JsonObject = {**entity.document, "deletedDateTime": moment}
        self._connection.execute(
            "UPDATE objects SET deleted = ?, document = ? WHERE tenant = ? AND id = ?",
            (moment, json.dumps(document), self.id, entity.id),
        )
        return replace(entity, document=document)

    def purge(self, entity: Entity) -> None:
        """Delete an object for good, with all that leads to it and comes from it."""
        for contained in tuple(self.targets(entity.id, Relation.FEDERATED_CREDENTIAL)):
            self.remove(contained)
        self.remove(entity)
        for statement in _WITH_AN_OBJECT:
            self._connection.execute(statement, {"tenant": self.id, "id": entity.id})

    def find_deleted(self, object_id: str) -> Entity | None:
        """Return the deleted object with this id."""
        return self._first(f"{_OBJECTS} AND o.id = ? AND o.deleted IS NOT NULL", object_id.lower())

    def scan_deleted(self, kind: Kind, after: int = 0) -> Iterator[Entity]:
        """Yield the deleted objects of this kind, behind a position."""
        where = "AND o.kind = ? AND o.position > ? AND o.deleted IS NOT NULL ORDER BY o.position"
        return self._entities(f"{_OBJECTS} {where}", kind, after)

    def remove(self, entity: Entity) -> None:
        """Delete an object that has no deleted items: a grant, an assignment, a definition."""
        self._connection.execute("DELETE FROM objects WHERE tenant = ? AND id = ?", (self.id, entity.id))

    def get(self, kind: Kind, object_id: str) -> Entity | None:
        """Return the object of this kind with this id."""
        entity = self.find(object_id)
        return entity if entity is not None and entity.kind is kind else None

    def find(self, object_id: str) -> Entity | None:
        """Return the object with this id, of whatever kind."""
        return self._first(f"{_OBJECTS} AND o.id = ? AND o.deleted IS NULL", object_id.lower())

    def named(self, kind: Kind, name: str) -> Entity | None:
        """Return the object of this kind with this unique name."""
        return self._first(f"{_OBJECTS} AND o.kind = ? AND o.name = ? AND o.deleted IS NULL", kind, folded(name))

    def with_mail(self, address: str) -> Iterator[Entity]:
        """Yield the users and groups whose e-mail address this is, compared without case."""
        return self._entities(
            f"{_OBJECTS} AND lower(json_extract(o.document, '$.mail')) = lower(?) "
            "AND o.deleted IS NULL AND o.kind IN ('user', 'group') ORDER BY o.position",
            address,
        )

    def groups_with_a_rule(self) -> Iterator[Entity]:
        """Yield the groups that have a membership rule."""
        # Read whole, since who is in them changes meanwhile.
        return iter(
            [
                *self._entities(
                    f"{_OBJECTS} AND o.kind = 'group' AND json_extract(o.document, '$.membershipRule') IS NOT NULL "
                    "AND o.deleted IS NULL ORDER BY o.position"
                )
            ]
        )

    def scan(self, kind: Kind, after: int = 0) -> Iterator[Entity]:
        """Yield the objects of this kind behind a position, in the order in which they were made."""
        where = "AND o.kind = ? AND o.position > ? AND o.deleted IS NULL ORDER BY o.position"
        return self._entities(f"{_OBJECTS} {where}", kind, after)

    # --- links

    def link(self, source: str, relation: Relation, target: str) -> bool:
        """Link one object to another; False if they are linked, or will be."""
        where = (self.id, source, relation, target)
        # What ended because they were out of a group does not begin again when they are back.
        for table, holder, not_ended in (
            ("links", "target", _LINK_NOT_ENDED),
            ("role_assignments", "principal", _ROLE_NOT_ENDED),
        ):
            self._connection.execute(
                f"DELETE FROM {table} AS held "
                f"WHERE tenant = ? AND {holder} = ? AND eligibility IS NOT NULL AND NOT {not_ended}",
                (self.id, target),
            )
        self._connection.execute(
            "DELETE FROM links AS held WHERE tenant = ? AND source = ? AND relation = ? AND target = ? "
            f"AND NOT {_LINK_NOT_ENDED}",
            where,
        )
        cursor = self._connection.execute(
            "INSERT OR IGNORE INTO links (tenant, source, relation, target) VALUES (?, ?, ?, ?)", where
        )
        return cursor.rowcount == 1

    def limit_link(self, source: str, relation: Relation, target: str, term: Term) -> None:
        """Let a link hold for a term."""
        self._connection.execute(
            f"UPDATE links SET ({_TERM}) = (?, ?, ?, ?) "
            "WHERE tenant = ? AND source = ? AND relation = ? AND target = ?",
            (*astuple(term), self.id, source, relation, target),
        )

    def unlink(self, source: str, relation: Relation, target: str) -> bool:
        """Take a link away; False if there was none."""
        cursor = self._connection.execute(
            "DELETE FROM links AS held WHERE tenant = ? AND source = ? AND relation = ? AND target = ? "
            f"AND {_LINK_NOT_ENDED}",
            (self.id, source, relation, target.lower()),
        )
        return cursor.rowcount == 1

    def unlink_all(self, source: str, relation: Relation) -> bool:
        """Take all links of a relation away, also those to deleted objects; False if there was none."""
        cursor = self._connection.execute(
            "DELETE FROM links WHERE tenant = ? AND source = ? AND relation = ?", (self.id, source, relation)
        )
        return cursor.rowcount > 0

    def targets(self, source: str, relation: Relation, after: int = 0) -> Iterator[Entity]:
        """Yield the objects that one object is linked to, behind a position."""
        where = "AND held.source = ? AND held.relation = ? AND held.position > ? AND o.deleted IS NULL"
        return self._entities(f"{_TARGETS} {where} ORDER BY held.position", source, relation, after)

    def target(self, source: str, relation: Relation, target: str) -> Entity | None:
        """Return an object if the other one is linked to it."""
        where = "AND held.source = ? AND held.relation = ? AND held.target = ? AND o.deleted IS NULL"
        return self._first(f"{_TARGETS} {where}", source, relation, target.lower())

    def places(self, *, group_id: str = "", principal_id: str = "") -> Iterator[GroupPlace]:
        """Yield the places in a group, or of a principal in whatever groups, with those that are to begin later."""
        rows = self._connection.execute(
            f"SELECT held.position, held.source, held.relation, held.target, {_TERM} FROM links held "
            "JOIN objects o ON o.tenant = held.tenant AND o.id = held.source "
            "JOIN objects t ON t.tenant = held.tenant AND t.id = held.target "
            "WHERE held.tenant = ? AND (held.source = ? OR held.target = ?) "
            "AND held.relation IN ('members', 'owners') AND o.kind = 'group' "
            f"AND o.deleted IS NULL AND t.deleted IS NULL AND {_LINK_NOT_ENDED} ORDER BY held.position",
            (self.id, group_id.lower(), principal_id.lower()),
        )
        return (GroupPlace(row[0], row[1], Relation(row[2]), row[3], Term(*row[4:])) for row in rows)

    def groups_of(self, object_id: str, relation: Relation = Relation.MEMBER) -> Iterator[Entity]:
        """Yield the groups that an object is directly in, or that it owns."""
        where = "AND held.target = ? AND held.relation = ? AND o.deleted IS NULL ORDER BY held.position"
        return self._entities(f"{_SOURCES} {where}", object_id, relation)

    def all_members(self, group_id: str) -> Iterator[Entity]:
        """Yield everything in a group, also through groups in it, once each."""
        return _closure(group_id, lambda entity_id: self.targets(entity_id, Relation.MEMBER))

    def all_groups_of(self, member_id: str) -> Iterator[Entity]:
        """Yield every group that an object is in, also through other groups, once each."""
        return _closure(member_id, self.groups_of)

    # --- role assignments

    def assign(self, template_id: str, principal_id: str, scope: str = TENANT_SCOPE) -> RoleAssignment | None:
        """Give a role to a principal in a scope; None if it holds the role there, or will."""
        assignment_id = role_assignment_id(template_id, principal_id, scope)
        self._connection.execute(
            f"DELETE FROM role_assignments AS held WHERE tenant = ? AND id = ? AND NOT {_ROLE_NOT_ENDED}",
            (self.id, assignment_id),
        )
        cursor = self._connection.execute(
            "INSERT OR IGNORE INTO role_assignments (tenant, id, template, principal, scope) VALUES (?, ?, ?, ?, ?)",
            (self.id, assignment_id, template_id, principal_id, scope),
        )
        if cursor.rowcount == 0:
            return None
        return RoleAssignment(cursor.lastrowid or 0, assignment_id, template_id, principal_id, scope)

    def limit(self, assignment: RoleAssignment, term: Term) -> RoleAssignment:
        """Let a role assignment hold for a term."""
        self._connection.execute(
            f"UPDATE role_assignments SET ({_TERM}) = (?, ?, ?, ?) WHERE tenant = ? AND id = ?",
            (*astuple(term), self.id, assignment.id),
        )
        return replace(assignment, term=term)

    def unassign(self, assignment: RoleAssignment) -> None:
        """Take a role from a principal."""
        self._connection.execute("DELETE FROM role_assignments WHERE tenant = ? AND id = ?", (self.id, assignment.id))

    def assignment(self, assignment_id: str) -> RoleAssignment | None:
        """Return the role assignment with this id."""
        return next(self._assignments("held.id = ?2", assignment_id), None)

    def assignments(self, after: int = 0) -> Iterator[RoleAssignment]:
        """Yield the role assignments behind a position."""
        return self._assignments("held.position > ?2", after)

    def assignments_of(self, principal_id: str) -> Iterator[RoleAssignment]:
        """Yield the role assignments that a principal holds itself."""
        return self._assignments("held.principal = ?2", principal_id)

    def assignments_to(self, template_id: str) -> Iterator[RoleAssignment]:
        """Yield the role assignments that give a role."""
        return self._assignments("held.template = ?2", template_id)

    def scheduled_assignments(self, after: int = 0) -> Iterator[RoleAssignment]:
        """Yield the role assignments behind a position, with those that are to begin later."""
        return self._assignments("held.position > ?2", after, _ROLE_NOT_ENDED)

    def scheduled_assignment(self, assignment_id: str) -> RoleAssignment | None:
        """Return the role assignment with this id, also one that is to begin later."""
        return next(self._assignments("held.id = ?2", assignment_id, _ROLE_NOT_ENDED), None)

    def roles_kept_for(self, principal_id: str) -> set[str]:
        """Return the roles that a principal holds itself, over any scope: also a deleted one, who may come back."""
        rows = self._connection.execute(
            f"SELECT template FROM role_assignments held WHERE tenant = ? AND principal = ? AND {_ROLE_IN_FORCE}",
            (self.id, principal_id),
        )
        return {str(template) for (template,) in rows}

    def role_members(self, template_id: str) -> Iterator[Entity]:
        """Yield the principals that hold a role themselves, in the whole tenant."""
        where = "AND held.template = ? AND held.scope = '/' AND o.deleted IS NULL ORDER BY held.position"
        return self._entities(f"{_HOLDERS} {where}", template_id)

    def _assignments(self, condition: str, value: str | int, when: str = _ROLE_IN_FORCE) -> Iterator[RoleAssignment]:
        # Those of a deleted principal are out of sight with it.
        rows = self._connection.execute(
            f"SELECT held.position, held.id, held.template, held.principal, held.scope, {_TERM} "
            "FROM role_assignments held JOIN objects o ON o.tenant = held.tenant AND o.id = held.principal "
            f"WHERE held.tenant = ?1 AND {condition} AND {when} AND o.deleted IS NULL ORDER BY held.position",
            (self.id, value),
        )
        for position, assignment_id, template, principal, scope, *term in rows:
            yield RoleAssignment(position, assignment_id, template, principal, scope, Term(*term))

    # --- secrets

    def keep_secret(self, owner_id: str, secret: Secret) -> None:
        """Keep the hash of the one secret that a user or an application has."""
        self._connection.execute(
            "INSERT OR REPLACE INTO secrets (tenant, owner, hash, must_change) VALUES (?, ?, ?, ?)",
            (self.id, owner_id, secret.hash, secret.must_change),
        )

    def secret(self, owner_id: str) -> Secret | None:
        """Return the hash of a user's or an application's secret."""
        row = self._connection.execute(
            "SELECT hash, must_change FROM secrets WHERE tenant = ? AND owner = ?", (self.id, owner_id)
        ).fetchone()
        return None if row is None else Secret(row[0], bool(row[1]))

    def drop_secret(self, owner_id: str) -> None:
        """Forget a secret."""
        self._connection.execute("DELETE FROM secrets WHERE tenant = ? AND owner = ?", (self.id, owner_id))

    # --- permissions

    def permit(self, principal_id: str, permissions: Iterable[str]) -> None:
        """Let an application have these permissions, and no others."""
        self._connection.execute("DELETE FROM permissions WHERE tenant = ? AND principal = ?", (self.id, principal_id))
        self._connection.executemany(
            "INSERT OR IGNORE INTO permissions (tenant, principal, permission) VALUES (?, ?, ?)",
            [(self.id, principal_id, permission) for permission in permissions],
        )

    def permissions(self, principal_id: str) -> list[str]:
        """Return the permissions that an application was enrolled with, sorted."""
        rows = self._connection.execute(
            "SELECT permission FROM permissions WHERE tenant = ? AND principal = ? ORDER BY permission",
            (self.id, principal_id),
        )
        return [row[0] for row in rows]

    # --- the audit trail

    def note(self, document: JsonObject) -> None:
        """Keep an entry of the audit trail."""
        self._connection.execute("INSERT INTO audits (tenant, document) VALUES (?, ?)", (self.id, json.dumps(document)))

    def audits(self, before: int = 0) -> Iterator[tuple[int, JsonObject]]:
        """Yield the entries in front of a position, or all of them, the newest first, with their positions."""
        rows = self._connection.execute(
            "SELECT position, document FROM audits WHERE tenant = ?1 AND (?2 = 0 OR position < ?2) "
            "ORDER BY position DESC",
            (self.id, before),
        )
        return ((position, json.loads(document)) for position, document in rows)

    # --- the group that the directory fills itself

    @property
    def all_users_group(self) -> str | None:
        """The id of the group of all enabled members, where the tenant has one."""
        row = self._connection.execute("SELECT all_users_group FROM tenants WHERE id = ?", (self.id,)).fetchone()
        return None if row is None or row[0] is None else str(row[0])

    @all_users_group.setter
    def all_users_group(self, group_id: str) -> None:
        self._connection.execute("UPDATE tenants SET all_users_group = ? WHERE id = ?", (group_id, self.id))

    # --- reading rows

    def _first(self, statement: str, *values: str | int) -> Entity | None:
        return next(self._entities(statement, *values), None)

    def _entities(self, statement: str, *values: str | int) -> Iterator[Entity]:
        for position, object_id, kind, document in self._connection.execute(statement, (self.id, *values)):
            yield Entity(position, object_id, Kind(kind), json.loads(document))
