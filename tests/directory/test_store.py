import sqlite3
from pathlib import Path

import pytest

from tenantry.directory.local import LocalGraph
from tenantry.directory.onboarding import enrol
from tenantry.directory.store import Store, StoreError, UnknownTenantError

from .samples import ADA, CLIENT_SECRET, PASSWORD, UNITED_STATES, Tenant


def test_a_second_start_finds_everything(tmp_path: Path):
    path = tmp_path / "directory.sqlite"
    store = Store(path)
    enrol(store, UNITED_STATES, CLIENT_SECRET)
    with LocalGraph(store, UNITED_STATES.tenant_id) as graph:
        tenant = Tenant(graph, UNITED_STATES)
        bob, ops = tenant.add_user("bob"), tenant.add_group("Ops")
        tenant.post(f"/beta/groups/{ops}/members/$ref", tenant.reference(bob))
    store.close()

    again = Store(path)
    assert enrol(again, UNITED_STATES, CLIENT_SECRET) is False
    with LocalGraph(again, UNITED_STATES.tenant_id) as graph:
        tenant = Tenant(graph, UNITED_STATES)
        assert tenant.ids("/v1.0/users") == [ADA.object_id, bob]
        assert tenant.ids(f"/beta/groups/{ops}/members") == [bob]
    again.close()


def test_tokens_hold_over_a_restart(tmp_path: Path):
    first = Store(tmp_path / "directory.sqlite")
    key = first.signing_key()
    first.close()
    assert Store(tmp_path / "directory.sqlite").signing_key() == key


def test_two_processes_worth_of_stores_see_each_others_writes(tmp_path: Path):
    path = tmp_path / "directory.sqlite"
    one, other = Store(path), Store(path)
    enrol(one, UNITED_STATES, CLIENT_SECRET)
    with LocalGraph(one, UNITED_STATES.tenant_id) as here, LocalGraph(other, UNITED_STATES.tenant_id) as there:
        bob = Tenant(here, UNITED_STATES).add_user("bob")
        assert Tenant(there, UNITED_STATES).get(f"/v1.0/users/{bob}")["id"] == bob


def test_secrets_are_not_in_the_files_in_clear(tmp_path: Path):
    store = Store(tmp_path / "directory.sqlite")
    enrol(store, UNITED_STATES, CLIENT_SECRET)
    with LocalGraph(store, UNITED_STATES.tenant_id) as graph:
        Tenant(graph, UNITED_STATES).empower()
        bob = Tenant(graph, UNITED_STATES).add_user("bob")
        change = {"passwordProfile": {"password": "Another-Horse-9"}}
        Tenant(graph, UNITED_STATES).patch(f"/v1.0/users/{bob}", change)
    files = list(tmp_path.iterdir())
    assert any(b"bob@contoso.example" in file.read_bytes() for file in files)
    for file in files:
        assert file.stat().st_mode & 0o077 == 0
        for secret in (PASSWORD, "Another-Horse-9", CLIENT_SECRET):
            assert secret.encode() not in file.read_bytes()
    store.close()


def test_a_transaction_that_fails_leaves_nothing(store: Store):
    def fail_half_way() -> None:
        with store.writing(UNITED_STATES.tenant_id) as tenant:
            tenant.assign("b0f54661-2d74-4c50-afa3-1ec803f12efe", ADA.object_id)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fail_half_way()
    with store.reading(UNITED_STATES.tenant_id) as tenant:
        assert len(list(tenant.assignments())) == 1


def test_an_unknown_tenant_is_an_error(store: Store):
    with pytest.raises(UnknownTenantError, match="has no tenant"), store.reading("nowhere"):
        pass


@pytest.mark.parametrize("content", [b"not a database at all", b"x" * 10_000])
def test_a_file_that_is_no_store_is_refused_and_left_alone(tmp_path: Path, content: bytes):
    path = tmp_path / "directory.sqlite"
    path.write_bytes(content)
    with pytest.raises(StoreError, match="is not the store of an embedded directory"):
        Store(path)
    assert path.read_bytes() == content


def test_a_store_of_a_later_release_is_refused(tmp_path: Path):
    path = tmp_path / "directory.sqlite"
    Store(path).close()
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA user_version = 99")
    connection.close()
    with pytest.raises(StoreError, match="version 99"):
        Store(path)
