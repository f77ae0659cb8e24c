"""Where the directory keeps everything: one SQLite file for all tenants, and transactions on it."""

import secrets
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Final

from tenantry.spelling import folded

from .clock import ahead
from .documents import now
from .tenant import Tenant

_SCHEMA_VERSION: Final = 3

_SCHEMA: Final = """
CREATE TABLE tenants (
    id              TEXT PRIMARY KEY,
    all_users_group TEXT
) WITHOUT ROWID;

-- Users, groups, service principals, activated directory roles, the organization, its domains. A deleted
-- object stays, out of sight; its name is free again.
CREATE TABLE objects (
    position INTEGER PRIMARY KEY AUTOINCREMENT,
    tenant   TEXT NOT NULL REFERENCES tenants,
    id       TEXT NOT NULL,
    kind     TEXT NOT NULL,
    name     TEXT,             -- what is unique in its kind: user principal name, client id, domain name
    deleted  TEXT,             -- when
    document TEXT NOT NULL,
    UNIQUE (tenant, id)
);
CREATE UNIQUE INDEX objects_by_name ON objects (tenant, kind, name) WHERE deleted IS NULL AND name IS NOT NULL;
CREATE INDEX objects_by_kind ON objects (tenant, kind, position);

-- Members and owners of groups, managers of users.
CREATE TABLE links (
    position INTEGER PRIMARY KEY AUTOINCREMENT,
    tenant   TEXT NOT NULL REFERENCES tenants,
    source   TEXT NOT NULL,
    relation TEXT NOT NULL,
    target   TEXT NOT NULL,
    UNIQUE (tenant, source, relation, target)
);
CREATE INDEX links_by_source ON links (tenant, source, relation, position);
CREATE INDEX links_by_target ON links (tenant, target, relation, position);

CREATE TABLE role_assignments (
    position  INTEGER PRIMARY KEY AUTOINCREMENT,
    tenant    TEXT NOT NULL REFERENCES tenants,
    id        TEXT NOT NULL,
    template  TEXT NOT NULL,
    principal TEXT NOT NULL,
    scope     TEXT NOT NULL,     -- "/" for the whole tenant
    UNIQUE (tenant, id)
);
CREATE INDEX role_assignments_by_principal ON role_assignments (tenant, principal, position);
CREATE INDEX role_assignments_by_template ON role_assignments (tenant, template, position);

-- Hashes of passwords and client secrets; nothing that was handed in is kept.
CREATE TABLE secrets (
    tenant      TEXT NOT NULL REFERENCES tenants,
    owner       TEXT NOT NULL,
    hash        TEXT NOT NULL,
    must_change INTEGER NOT NULL,
    PRIMARY KEY (tenant, owner)
) WITHOUT ROWID;

-- The application permissions for Microsoft Graph that an application has here.
CREATE TABLE permissions (
    tenant     TEXT NOT NULL REFERENCES tenants,
    principal  TEXT NOT NULL,
    permission TEXT NOT NULL,
    PRIMARY KEY (tenant, principal, permission)
) WITHOUT ROWID;

-- What was changed, when and by whom; names of properties, and no values.
CREATE TABLE audits (
    position INTEGER PRIMARY KEY AUTOINCREMENT,
    tenant   TEXT NOT NULL REFERENCES tenants,
    document TEXT NOT NULL
);
CREATE INDEX audits_by_tenant ON audits (tenant, position);

-- The one key with which this directory signs the tokens that it issues itself.
CREATE TABLE signing_key (key BLOB NOT NULL);
"""


#: Beside the schema, since it keeps nothing that the objects do not say: a store of before is given it as well.
_BY_MAIL: Final = (
    "CREATE INDEX IF NOT EXISTS objects_by_mail ON objects (tenant, lower(json_extract(document, '$.mail'))) "
    "WHERE deleted IS NULL AND kind IN ('user', 'group')"
)

_WITH_A_RULE: Final = (
    "CREATE INDEX IF NOT EXISTS groups_with_a_rule ON objects (tenant, position) "
    "WHERE kind = 'group' AND json_extract(document, '$.membershipRule') IS NOT NULL AND deleted IS NULL"
)


#: For how long a role, or a place in a group, is held: beside the schema, for a store of before is given it as well.
_TERM: Final = ("starts", "ends", "request", "eligibility")


class StoreError(Exception):
    """The store cannot be read or written: not a directory's, damaged, of another version, or the disk is full.

    The message says which, and what to do.
    """


class Store:
    """All tenants, in one file; without a path, in memory for as long as the object lives.

    A store may be opened by several processes at once, and used from several threads: writers wait for each
    other, readers see the last finished transaction.
    """

    def __init__(self, path: Path | None = None) -> None:
        if path is not None:
            # Made by us rather than by SQLite, so that nobody else can read it for even a moment.
            path.touch(mode=0o600)
        self._name = "The store in memory" if path is None else str(path)
        self._lock = threading.RLock()
        self._connection = sqlite3.connect(
            path or ":memory:", timeout=30, isolation_level=None, check_same_thread=False
        )
        try:
            self._prepare()
        except sqlite3.DatabaseError as error:
            self._connection.close()
            if error.sqlite_errorcode & 0xFF == sqlite3.SQLITE_NOTADB:
                raise StoreError(f"{path} is not the store of an embedded directory: {error}.") from error
            raise StoreError(f"{self._name} {_explained(error)}") from error
        except StoreError:
            self._connection.close()
            raise

    def _prepare(self) -> None:
        self._connection.execute("PRAGMA journal_mode = WAL")
        # With the write-ahead log this survives the end of the process at any moment, which is what a local
        # directory has to survive; only a loss of power could undo the last transactions.
        self._connection.execute("PRAGMA synchronous = NORMAL")
        self._connection.execute("PRAGMA foreign_keys = ON")
        with self._transaction("IMMEDIATE") as connection:
            (version,) = connection.execute("PRAGMA user_version").fetchone()
            if version == 0:
                for statement in _SCHEMA.split(";\n"):
                    connection.execute(statement)
                connection.execute("INSERT INTO signing_key VALUES (?)", (secrets.token_bytes(32),))
                connection.execute(f"PRAGMA user_version = {_SCHEMA_VERSION}")
            elif version != _SCHEMA_VERSION:
                raise StoreError(
                    f"The embedded directory's store has version {version}, and this release reads version "
                    f"{_SCHEMA_VERSION}: move the file away and start again."
                )
            # How many seconds the clock is ahead of this machine's. A store of an earlier release has none.
            connection.execute("CREATE TABLE IF NOT EXISTS clock (seconds REAL NOT NULL)")
            connection.execute(_BY_MAIL)
            connection.execute(_WITH_A_RULE)
            for table in ("links", "role_assignments"):
                known = {row[1] for row in connection.execute(f"PRAGMA table_info({table})")}
                for column in _TERM:
                    if column not in known:
                        connection.execute(f"ALTER TABLE {table} ADD COLUMN {column} TEXT")
        # What is held for a time ends by the directory's clock, with nobody doing anything.
        self._connection.create_function("directory_time", 0, now)

    def copy(self) -> "Store":
        """Return a store in memory that holds what this one holds now."""
        copied = Store()
        with self._lock:
            self._connection.backup(copied._connection)
        return copied

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._connection.close()

    @contextmanager
    def _transaction(self, mode: str) -> Iterator[sqlite3.Connection]:
        with self._lock:
            try:
                self._connection.execute(f"BEGIN {mode}")
                try:
                    yield self._connection
                    self._connection.execute("COMMIT")
                except BaseException:
                    if self._connection.in_transaction:  # SQLite ends one itself where the disk is full
                        self._connection.execute("ROLLBACK")
                    raise
            except sqlite3.DatabaseError as error:
                if isinstance(error, sqlite3.IntegrityError | sqlite3.ProgrammingError):
                    raise  # a mistake of this program, and no fault of the file
                raise StoreError(f"{self._name} {_explained(error)}") from error

    @contextmanager
    def reading(self, tenant_id: str) -> Iterator[Tenant]:
        """Open a tenant on one unchanging state of the store. Raises UnknownTenantError."""
        with self._transaction("DEFERRED") as connection, ahead(_ahead(connection)):
            yield self._enrolled(connection, tenant_id)

    @contextmanager
    def writing(self, tenant_id: str) -> Iterator[Tenant]:
        """Open a tenant for changes: all that the block does is kept, or none if it raises."""
        with self._transaction("IMMEDIATE") as connection, ahead(_ahead(connection)):
            yield self._enrolled(connection, tenant_id)

    @contextmanager
    def creating(self, tenant_id: str) -> Iterator[Tenant]:
        """Open a tenant for changes, and create it if it does not exist."""
        with self._transaction("IMMEDIATE") as connection, ahead(_ahead(connection)):
            connection.execute("INSERT OR IGNORE INTO tenants (id) VALUES (?)", (tenant_id.lower(),))
            yield self._enrolled(connection, tenant_id)

    def _enrolled(self, connection: sqlite3.Connection, tenant_id: str) -> Tenant:
        known = connection.execute("SELECT 1 FROM tenants WHERE id = ?", (tenant_id.lower(),)).fetchone()
        if known is None:
            raise UnknownTenantError(tenant_id)
        return Tenant(connection, tenant_id.lower())

    def tenant_ids(self) -> tuple[str, ...]:
        """Return the ids of all tenants."""
        with self._transaction("DEFERRED") as connection:
            return tuple(row[0] for row in connection.execute("SELECT id FROM tenants ORDER BY id"))

    def tenant_of_domain(self, domain: str) -> str | None:
        """Return the id of the tenant that has the domain."""
        with self._transaction("DEFERRED") as connection:
            row = connection.execute(
                "SELECT tenant FROM objects WHERE kind = 'domain' AND name = ?", (folded(domain),)
            ).fetchone()
            return None if row is None else str(row[0])

    @property
    def ahead(self) -> timedelta:
        """How far the directory's clock is ahead of this machine's."""
        with self._transaction("DEFERRED") as connection:
            return _ahead(connection)

    @ahead.setter
    def ahead(self, by: timedelta) -> None:
        with self._transaction("IMMEDIATE") as connection:
            connection.execute("DELETE FROM clock")
            connection.execute("INSERT INTO clock VALUES (?)", (by.total_seconds(),))

    def signing_key(self) -> bytes:
        """Return the key for the directory's own tokens."""
        with self._transaction("DEFERRED") as connection:
            (key,) = connection.execute("SELECT key FROM signing_key").fetchone()
            return bytes(key)


def _explained(error: sqlite3.DatabaseError) -> str:
    """What is wrong with the file, what became of the change, and what to do."""
    undone = "Nothing of this change was kept, and all before it was."
    match error.sqlite_errorcode & 0xFF:  # without what extends it
        case sqlite3.SQLITE_FULL:
            return f"cannot be written: the disk is full. {undone} Fix: free some space, and do it again."
        case sqlite3.SQLITE_IOERR | sqlite3.SQLITE_READONLY | sqlite3.SQLITE_CANTOPEN | sqlite3.SQLITE_PERM:
            fix = "see that its folder can be written and its disk is not full, and do it again"
            return f"cannot be written: {error}. {undone} Fix: {fix}."
        case sqlite3.SQLITE_BUSY | sqlite3.SQLITE_LOCKED:
            return f"is being written by somebody else for too long. {undone} Fix: do it again."
    return (
        f"is damaged: {error}. Nothing was changed. Fix: stop what serves it, move the file and those beside it with "
        "the same name away, and start again, which makes a new one."
    )


def _ahead(connection: sqlite3.Connection) -> timedelta:
    (seconds,) = connection.execute("SELECT coalesce(max(seconds), 0) FROM clock").fetchone()
    return timedelta(seconds=seconds)


class UnknownTenantError(LookupError):
    """There is no such tenant in the store."""

    def __init__(self, tenant_id: str) -> None:
        super().__init__(f"The embedded directory has no tenant {tenant_id}.")
        self.tenant_id = tenant_id
