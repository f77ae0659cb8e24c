"""The end of the serving process at any moment: what was acknowledged is there, and nothing is there by half."""

import random
import signal
import threading
from pathlib import Path

import httpx
import pytest

from tenantry.directory.local import LocalGraph
from tenantry.directory.store import Store

from .samples import UNITED_STATES, LiveDirectory, Tenant, user_body
from .test_server import signed_in

AUDITS = "/v1.0/auditLogs/directoryAudits?$top=999"


class Writers:
    """Clients that make users and groups at once until nobody answers any more, and keep what was acknowledged."""

    def __init__(self, directory: LiveDirectory, enough: int) -> None:
        self.users: list[str] = []
        self.groups: list[tuple[str, str]] = []
        self.enough = threading.Event()
        self._acknowledged_until_kill = enough
        self._lock = threading.Lock()
        self._threads = [threading.Thread(target=self._write, args=(signed_in(directory), name)) for name in ("x", "y")]

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def join(self) -> None:
        for thread in self._threads:
            thread.join()

    def _write(self, client: httpx.Client, name: str) -> None:
        number = 0
        try:
            while True:
                number += 1
                made = client.post("/v1.0/users", json=user_body(f"{name}{number}"))
                assert made.status_code == 201, made.text
                user = made.json()["id"]
                with self._lock:
                    self.users.append(user)
                group = {
                    "displayName": f"{name}{number}",
                    "mailEnabled": False,
                    "mailNickname": f"{name}{number}",
                    "securityEnabled": True,
                    "members@odata.bind": [f"https://localhost/v1.0/directoryObjects/{user}"],
                }
                made = client.post("/beta/groups", json=group)
                assert made.status_code == 201, made.text
                with self._lock:
                    self.groups.append((made.json()["id"], user))
                    if len(self.groups) >= self._acknowledged_until_kill:
                        self.enough.set()
        except httpx.TransportError:
            client.close()
        finally:
            self.enough.set()


@pytest.mark.parametrize("seed", range(4))
def test_no_acknowledged_write_is_lost_and_none_is_there_by_half(state_dir: Path, seed: int):
    chance = random.Random(seed)
    with LiveDirectory(state_dir) as directory:
        writers = Writers(directory, enough=chance.randrange(1, 40))
        writers.start()
        writers.enough.wait()
        # The writers go on, so that the moment falls somewhere within a request of theirs.
        directory.stop(signal.SIGKILL)
        writers.join()
    assert writers.groups

    store = Store(state_dir / "directory.sqlite")
    with LocalGraph(store, UNITED_STATES.tenant_id) as graph:
        tenant = Tenant(graph, UNITED_STATES)
        users = {user["id"] for user in tenant.get("/v1.0/users?$top=999")["value"]}
        assert set(writers.users) <= users
        for group, user in writers.groups:
            assert tenant.ids(f"/beta/groups/{group}/members") == [user]
        made = users - {admin.object_id for admin in UNITED_STATES.global_admins}
        everybody = set(tenant.ids(f"/beta/groups/{tenant.group('All Users')}/members?$top=999"))
        audits = tenant.get(AUDITS)["value"]
        with store.reading(UNITED_STATES.tenant_id) as opened:
            # A user is an object, a password, a place in the group of all users and an entry in the audit trail.
            assert all(opened.secret(user) is not None for user in made)
        assert users == everybody
        # Neither without the other, also for the last requests, which may be there without an acknowledgement.
        for activity, there in (("Add user", made), ("Add group", _added_groups(tenant))):
            noted = {one["targetResources"][0]["id"] for one in audits if one["activityDisplayName"] == activity}
            assert noted == there
        for group in _added_groups(tenant):
            assert len(tenant.ids(f"/beta/groups/{group}/members")) == 1
    store.close()


def _added_groups(tenant: Tenant) -> set[str]:
    groups = tenant.get("/beta/groups?$top=999")["value"]
    return {group["id"] for group in groups if group["displayName"][0] in "xy"}
