"""Faults: what each does to a request, to which requests, and how they are switched."""

import asyncio
import json
import sqlite3
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from tenantry.declaration import DeclarationError
from tenantry.directory.app import create_app
from tenantry.directory.control import CLOCK, FAULTS, controlled
from tenantry.directory.enrolment import deployment_client_id, deployment_principal_id
from tenantry.directory.fault_layer import FaultLayer
from tenantry.directory.faults import Faults, TenantSize
from tenantry.directory.state import State
from tenantry.directory.store import Store
from tenantry.directory.throttling import UNIT_SECONDS, UNITS, WRITE_SECONDS, WRITES, Bucket, resource_units
from tenantry.directory.tokens import token_for_application
from tenantry.engine.directory_files import parse_faults, read_faults

from .samples import ADA, CLIENT_SECRET, ORIGIN, UNITED_KINGDOM, UNITED_STATES, LiveDirectory, user_body
from .test_server import signed_in

SECRET = "the-control-secret"
DAY = timedelta(days=1)


class Faulty:
    """The directory in process, with the layer around it and a clock that only a test moves."""

    def __init__(self, store: Store) -> None:
        self.now = 1_000.0
        self._store = store
        layer = FaultLayer(create_app(store), store, clock=lambda: self.now)
        self._runner = asyncio.Runner()
        transport = httpx.ASGITransport(controlled(layer, store, SECRET, parse_faults))
        self._client = httpx.AsyncClient(transport=transport, base_url=ORIGIN)
        self.sign_in_as(UNITED_STATES.tenant_id)

    def sign_in_as(self, tenant_id: str, principal_id: str = "") -> None:
        application = principal_id or deployment_principal_id(tenant_id)
        token = token_for_application(self._store, tenant_id, application, ORIGIN)
        self._client.headers["Authorization"] = f"Bearer {token}"

    def __call__(self, method: str, path: str, **options: Any) -> httpx.Response:
        return self._runner.run(self._client.request(method, path, **options))

    def statuses(self, method: str, path: str, times: int) -> list[int]:
        return [self(method, path).status_code for _ in range(times)]

    def control(self, method: str, *faults: dict[str, Any], secret: str = SECRET) -> httpx.Response:
        content = json.dumps({"faults": faults}) if method == "PUT" else None
        return self(method, FAULTS, content=content, headers={"Authorization": f"Bearer {secret}"})

    def switch(self, *faults: dict[str, Any]) -> None:
        answer = self.control("PUT", *faults)
        assert answer.status_code == 200, answer.text

    def add_user(self, name: str) -> str:
        answer = self("POST", "/v1.0/users", json=user_body(name))
        assert answer.status_code == 201, answer.text
        return str(answer.json()["id"])

    def sign_in(self) -> httpx.Response:
        client_id = deployment_client_id(UNITED_STATES.tenant_id)
        form = {"grant_type": "client_credentials", "client_id": client_id, "client_secret": CLIENT_SECRET}
        return self("POST", f"/{UNITED_STATES.tenant_id}/oauth2/v2.0/token", data=form)

    def close(self) -> None:
        self._runner.run(self._client.aclose())
        self._runner.close()


@pytest.fixture
def faulty(store: Store) -> Iterator[Faulty]:
    client = Faulty(store)
    yield client
    client.close()


def names(answer: httpx.Response) -> set[str]:
    return {item["displayName"] for item in answer.json()["value"]}


# --- what is consistent late


def test_a_new_object_is_not_found_by_its_first_reads_and_then_is(faulty: Faulty):
    faulty.switch({"kind": "replication_lag", "reads": 2, "path": "/users"})
    bob = faulty.add_user("bob")
    answers = [faulty("GET", f"/beta/users/{bob}") for _ in range(3)]
    assert [answer.status_code for answer in answers] == [404, 404, 200]
    assert answers[0].json()["error"]["code"] == "Request_ResourceNotFound"
    assert bob in answers[0].json()["error"]["message"]
    assert faulty.statuses("GET", f"/v1.0/users/{ADA.object_id}", 1) == [200]


def test_a_new_user_is_not_found_by_name_either(faulty: Faulty):
    faulty.switch({"kind": "replication_lag", "reads": 1})
    faulty.add_user("bob")
    assert faulty.statuses("GET", "/v1.0/users/Bob@contoso.example", 2) == [404, 200]


def test_a_write_reaches_an_object_that_reads_do_not_find_yet(faulty: Faulty):
    faulty.switch({"kind": "replication_lag", "reads": 1})
    bob = faulty.add_user("bob")
    assert faulty("PATCH", f"/v1.0/users/{bob}", json={"displayName": "Robert"}).status_code == 204
    assert faulty.statuses("GET", f"/v1.0/users/{bob}", 2) == [404, 200]


def test_listings_are_stale_for_some_reads_after_a_write_and_objects_are_not(faulty: Faulty):
    before = names(faulty("GET", "/v1.0/users"))
    faulty.switch({"kind": "stale_listing", "reads": 2})
    assert names(faulty("GET", "/v1.0/users")) == before
    bob = faulty.add_user("bob")
    assert names(faulty("GET", "/v1.0/users")) == before
    assert faulty("GET", f"/v1.0/users/{bob}").json()["displayName"] == "Bob"
    assert names(faulty("GET", "/v1.0/users")) == before
    assert names(faulty("GET", "/v1.0/users")) == before | {"Bob"}
    assert faulty("DELETE", f"/v1.0/users/{bob}").status_code == 204
    assert "Bob" in names(faulty("GET", "/v1.0/users"))


def test_a_write_that_was_refused_makes_nothing_stale(faulty: Faulty):
    faulty.switch({"kind": "stale_listing", "reads": 1})
    assert faulty("POST", "/v1.0/users", json={}).status_code == 400
    faulty.add_user("bob")
    assert "Bob" not in names(faulty("GET", "/v1.0/users"))
    assert "Bob" in names(faulty("GET", "/v1.0/users"))


def test_a_write_that_was_refused_keeps_no_copy_for_the_next(faulty: Faulty):
    faulty.switch({"kind": "stale_listing", "reads": 1, "methods": ["GET", "POST"]})
    bob = faulty.add_user("bob")
    assert "Bob" not in names(faulty("GET", "/v1.0/users"))
    assert faulty("POST", "/v1.0/users", json={}).status_code == 400
    assert faulty("PATCH", f"/v1.0/users/{bob}", json={"displayName": "Robert"}).status_code == 204
    faulty.add_user("carol")
    listed = names(faulty("GET", "/v1.0/users"))
    assert ("Robert" in listed, "Carol" in listed) == (True, False)


def test_a_write_that_another_fault_hit_makes_nothing_stale(faulty: Faulty):
    failure = {"kind": "server_error", "status": 503, "methods": ["POST"], "count": 1}
    faulty.switch({"kind": "stale_listing", "reads": 1, "methods": ["GET", "POST"]}, failure)
    assert faulty("POST", "/v1.0/users", json=user_body("bob")).status_code == 503
    assert faulty("PATCH", f"/v1.0/users/{ADA.object_id}", json={"displayName": "Ada Lovelace"}).status_code == 204
    assert "Ada Lovelace" in names(faulty("GET", "/v1.0/users"))


@pytest.mark.parametrize(
    "hit",
    [
        {"kind": "server_error", "status": 503},
        {"kind": "too_many_requests", "requests": 0, "seconds": 1},
        {"kind": "dropped", "when": "before"},
        {"kind": "dropped", "when": "after"},
    ],
    ids=str,
)
@pytest.mark.parametrize("behind", [True, False], ids=["stale listings first", "stale listings last"])
def test_a_write_that_another_fault_answered_keeps_no_copy_for_the_next(
    faulty: Faulty, hit: dict[str, Any], behind: bool
):
    stale = {"kind": "stale_listing", "reads": 1, "methods": ["GET", "POST"]}
    faults = [stale, {**hit, "methods": ["POST"], "count": 1}]
    faulty.switch(*(faults if behind else reversed(faults)))
    with suppress(ConnectionResetError):
        assert faulty("POST", "/v1.0/users", json=user_body("bob")).status_code >= 400
    # Whatever became of that one, it is over once its listing was behind; and this is not a write that counts.
    faulty("GET", "/v1.0/users")
    assert faulty("PATCH", f"/v1.0/users/{ADA.object_id}", json={"displayName": "Ada Lovelace"}).status_code == 204
    faulty.add_user("carol")
    listed = names(faulty("GET", "/v1.0/users"))
    assert ("Ada Lovelace" in listed, "Carol" in listed) == (True, False)


# --- throttling


def test_requests_above_the_rate_are_told_when_to_come_again(faulty: Faulty):
    faulty.switch({"kind": "too_many_requests", "requests": 2, "seconds": 10})
    assert faulty.statuses("GET", "/v1.0/users", 2) == [200, 200]
    faulty.now += 3
    refused = faulty("GET", "/v1.0/users")
    assert (refused.status_code, refused.headers["retry-after"]) == (429, "7")
    assert refused.json()["error"]["code"] == "Request_ThrottledTemporarily"
    faulty.now += 7
    assert faulty.statuses("GET", "/v1.0/users", 3) == [200, 200, 429]


def test_a_retry_after_may_be_given(faulty: Faulty):
    faulty.switch({"kind": "too_many_requests", "requests": 0, "seconds": 1, "retry_after": 42, "count": 1})
    assert faulty("GET", "/v1.0/users").headers["retry-after"] == "42"
    assert faulty("GET", "/v1.0/users").status_code == 200


@pytest.mark.parametrize(
    ("method", "path", "options", "cost"),
    [
        ("GET", "/users", {}, 2),
        ("GET", "/users", {"$top": "5"}, 1),
        ("GET", "/users", {"$top": "20"}, 2),
        ("GET", "/users/x", {"$select": "id"}, 1),
        ("GET", "/groups", {"$select": "id"}, 1),
        ("GET", "/groups/x", {"$expand": "members"}, 2),
        ("GET", "/groups/x/members", {}, 3),
        ("GET", "/groups/x/members", {"select": "id", "top": "5"}, 1),
        ("GET", "/groups/x/transitiveMembers", {}, 5),
        ("GET", "/oauth2PermissionGrants", {}, 2),
        ("GET", "/servicePrincipals/x/appRoleAssignments", {}, 2),
        ("POST", "/users", {}, 1),
    ],
)
def test_a_request_costs_what_microsoft_says(method: str, path: str, options: dict[str, str], cost: int):
    assert resource_units(method, path, options) == cost


def test_every_answer_of_graph_says_what_it_cost(faulty: Faulty):
    assert faulty("GET", "/v1.0/users?$top=5").headers["x-ms-resource-unit"] == "1"
    assert faulty("GET", "/v1.0/users").headers["x-ms-resource-unit"] == "2"
    assert faulty("GET", "/v1.0/users/nobody").headers["x-ms-resource-unit"] == "2"


def test_a_bucket_empties_and_fills_again_evenly():
    bucket = Bucket(capacity=100, seconds=10, at=50)
    assert bucket.wait(100, 50) == 0
    bucket.take(100)
    assert bucket.wait(1, 50) == pytest.approx(0.1)
    assert bucket.wait(20, 51) == pytest.approx(1)
    assert bucket.wait(20, 52) == 0
    assert bucket.wait(100, 999) == 0


def test_the_limits_are_those_that_microsoft_publishes():
    assert UNITS == {TenantSize.S: 3_500, TenantSize.M: 5_000, TenantSize.L: 8_000}
    assert (UNIT_SECONDS, WRITES, WRITE_SECONDS) == (10, 3_000, 150)


def test_graphs_own_limit_is_per_application_and_tenant(faulty: Faulty, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(UNITS, TenantSize.S, 35)
    faulty.switch({"kind": "graph_limits", "size": "S"})
    member_lists = UNITS[TenantSize.S] // 3
    path = f"/v1.0/groups/{UNITED_STATES.group_id('AdminAgents')}/members"
    assert set(faulty.statuses("GET", path, member_lists)) == {200}
    refused = faulty("GET", path)
    assert (refused.status_code, refused.headers["retry-after"]) == (429, "1")
    assert refused.headers["x-ms-throttle-information"] == "ResourceUnitLimitExceeded"
    assert UNITED_STATES.tenant_id in refused.headers["x-ms-throttle-scope"]
    faulty.sign_in_as(UNITED_KINGDOM.tenant_id)
    assert faulty("GET", "/v1.0/users").status_code == 200
    faulty.sign_in_as(UNITED_STATES.tenant_id)
    faulty.now += 1
    assert faulty("GET", path).status_code == 200


def test_graphs_own_limit_leaves_another_application_of_the_tenant_alone(
    faulty: Faulty, monkeypatch: pytest.MonkeyPatch
):
    app = faulty("POST", "/v1.0/applications", json={"displayName": "Another"}).json()
    principal = faulty("POST", "/v1.0/servicePrincipals", json={"appId": app["appId"]}).json()
    monkeypatch.setitem(UNITS, TenantSize.S, 2)
    faulty.switch({"kind": "graph_limits", "size": "S"})
    assert faulty.statuses("GET", "/v1.0/users", 2) == [200, 429]
    faulty.sign_in_as(UNITED_STATES.tenant_id, principal["id"])
    # It may nothing, which it is told, and has spent nothing.
    assert faulty.statuses("GET", "/v1.0/users", 2) == [403, 429]


def test_nobody_is_refused_as_such_and_spends_nothing(faulty: Faulty, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(UNITS, TenantSize.S, 2)
    faulty.switch({"kind": "graph_limits", "size": "S"})
    for header in ("", "Bearer nonsense"):
        for _ in range(2):
            assert faulty("GET", "/v1.0/users", headers={"Authorization": header}).status_code == 401
    assert faulty("GET", "/v1.0/users").status_code == 200


def test_graphs_limit_of_writes_is_its_own(faulty: Faulty, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("tenantry.directory.fault_layer.WRITES", 30)
    faulty.switch({"kind": "graph_limits", "size": "L"})
    path = "/v1.0/users/nobody"
    assert set(faulty.statuses("DELETE", path, 30)) == {404}
    refused = faulty("DELETE", path)
    assert refused.status_code == 429
    assert refused.headers["x-ms-throttle-information"] == "WriteLimitExceeded"
    assert faulty("GET", "/v1.0/users").status_code == 200


# --- failures


def test_every_third_request_fails(faulty: Faulty):
    faulty.switch({"kind": "server_error", "status": 503, "every": 3, "retry_after": 9})
    assert faulty.statuses("GET", "/v1.0/users", 6) == [200, 200, 503, 200, 200, 503]


@pytest.mark.parametrize(("given", "sent"), [({"retry_after": 9}, "9"), ({}, None)])
@pytest.mark.parametrize("status", [500, 503, 504])
def test_a_failure_says_when_to_come_again_where_it_is_told_to(
    faulty: Faulty, status: int, given: dict[str, int], sent: str | None
):
    faulty.switch({"kind": "server_error", "status": status, **given})
    failed = faulty("GET", "/v1.0/users")
    assert (failed.status_code, failed.headers.get("retry-after")) == (status, sent)


def test_only_requests_below_the_path_fail_in_either_version(faulty: Faulty):
    faulty.switch({"kind": "server_error", "status": 503, "path": "/groups"})
    for version in ("v1.0", "beta"):
        assert faulty.statuses("GET", f"/{version}/users", 1) == [200]
        assert faulty.statuses("GET", f"/{version}/groups", 1) == [503]
        assert faulty.statuses("GET", f"/{version}/groups/{UNITED_STATES.group_id('AdminAgents')}", 1) == [503]


def test_the_next_requests_that_match_fail_and_take_no_effect(faulty: Faulty):
    faulty.switch({"kind": "server_error", "status": 500, "methods": ["POST"], "path": "/users", "count": 2})
    assert faulty("GET", "/v1.0/users").status_code == 200
    failed = [faulty("POST", "/v1.0/users", json=user_body("bob")) for _ in range(2)]
    assert [answer.status_code for answer in failed] == [500, 500]
    assert failed[0].json()["error"]["code"] == "InternalServerError"
    assert "Bob" not in names(faulty("GET", "/v1.0/users"))
    faulty.add_user("bob")


def test_the_token_endpoint_fails_in_its_own_words(faulty: Faulty):
    faulty.switch({"kind": "server_error", "status": 504, "at": "sign-in", "count": 1})
    assert faulty("GET", "/v1.0/users").status_code == 200
    failed = faulty.sign_in()
    assert (failed.status_code, failed.json()["error"]) == (504, "temporarily_unavailable")
    assert faulty.sign_in().status_code == 200


def test_an_answer_is_held_back(faulty: Faulty, monkeypatch: pytest.MonkeyPatch):
    slept: list[float] = []

    async def sleep(seconds: float) -> None:
        slept.append(seconds)

    monkeypatch.setattr("tenantry.directory.fault_layer.asyncio.sleep", sleep)
    faulty.switch({"kind": "held_back", "seconds": 75, "methods": ["POST"]})
    faulty("GET", "/v1.0/users")
    assert slept == []
    faulty.add_user("bob")
    assert slept == [75]


# --- tokens


def test_a_clock_that_is_behind_issues_tokens_that_have_expired(faulty: Faulty):
    faulty.switch({"kind": "clock_skew", "seconds": -7200, "count": 1})
    for expected in (401, 200):
        token = faulty.sign_in().json()["access_token"]
        answer = faulty("GET", "/v1.0/users", headers={"Authorization": f"Bearer {token}"})
        assert answer.status_code == expected


def test_a_token_expires_before_its_answer_says(faulty: Faulty):
    faulty.switch({"kind": "early_expiry", "seconds": 0})
    answer = faulty.sign_in().json()
    assert answer["expires_in"] == 3599
    refused = faulty("GET", "/v1.0/users", headers={"Authorization": f"Bearer {answer['access_token']}"})
    assert (refused.status_code, "expired" in refused.json()["error"]["message"]) == (401, True)


@pytest.mark.parametrize("kinds", [("clock_skew", "early_expiry"), ("early_expiry", "clock_skew")])
def test_two_faults_of_tokens_add_up_in_either_order(faulty: Faulty, kinds: tuple[str, str]):
    # An hour less 50 minutes is left of a token, and 40 minutes are, but nothing where both are taken.
    seconds = {"clock_skew": -50 * 60, "early_expiry": 40 * 60}
    faults = [{"kind": kind, "seconds": seconds[kind]} for kind in kinds]
    for switched, expected in ((faults[:1], 200), (faults[1:], 200), (faults, 401)):
        faulty.switch(*switched)
        token = faulty.sign_in().json()["access_token"]
        assert faulty("GET", "/v1.0/users", headers={"Authorization": f"Bearer {token}"}).status_code == expected


# --- switching


def test_faults_are_shown_with_how_often_they_struck_and_switched_off(faulty: Faulty):
    fault = {"kind": "server_error", "status": 503, "path": "/users"}
    faulty.switch(fault)
    faulty.statuses("GET", "/v1.0/users", 2)
    assert faulty.control("GET").json() == {"faults": [fault], "hits": [2]}
    assert faulty.control("DELETE").json() == {"faults": [], "hits": []}
    assert faulty("GET", "/v1.0/users").status_code == 200


def test_switching_closes_what_listings_were_read_from(faulty: Faulty, store: Store, monkeypatch: pytest.MonkeyPatch):
    copies: list[Store] = []
    copy = store.copy

    def noted() -> Store:
        copies.append(copy())
        return copies[-1]

    monkeypatch.setattr(store, "copy", noted)
    faulty.switch({"kind": "stale_listing", "reads": 9})
    faulty.add_user("bob")
    (earlier,) = copies
    assert UNITED_STATES.tenant_id in earlier.tenant_ids()
    faulty.switch()
    with pytest.raises(sqlite3.ProgrammingError, match="closed"):
        earlier.tenant_ids()
    assert "Bob" in names(faulty("GET", "/v1.0/users"))


def test_the_clock_is_moved_for_all_that_goes_by_it_and_put_back(faulty: Faulty) -> None:
    bearer = {"Authorization": f"Bearer {SECRET}"}
    graphs = {"Authorization": faulty("GET", "/v1.0/users").request.headers["Authorization"]}

    def made_on(days_ahead: float) -> str:
        answer = faulty("PUT", CLOCK, json={"days_ahead": days_ahead}, headers=bearer).json()
        assert answer["days_ahead"] == days_ahead
        made = faulty("POST", "/beta/users", json=user_body(f"made.{days_ahead}"), headers=graphs).json()
        assert abs(datetime.fromisoformat(made["createdDateTime"]) - datetime.fromisoformat(answer["now"])) < DAY
        return str(made["createdDateTime"])

    assert datetime.fromisoformat(made_on(46)) - datetime.fromisoformat(made_on(0)) > 45 * DAY
    faulty("PUT", CLOCK, json={"days_ahead": 1}, headers=bearer)
    assert faulty("DELETE", CLOCK, headers=bearer).json()["days_ahead"] == 0


@pytest.mark.parametrize("content", ['{"days_ahead": -1}', '{"days_ahead": "1"}', "{}", "now"])
def test_a_clock_that_is_none_is_refused(faulty: Faulty, content: str) -> None:
    refused = faulty("PUT", CLOCK, content=content, headers={"Authorization": f"Bearer {SECRET}"})
    assert (refused.status_code, "days_ahead" in refused.text) == (400, True)
    assert faulty("GET", CLOCK).status_code == 401


def test_the_controls_are_closed_without_their_secret(faulty: Faulty):
    fault = {"kind": "server_error", "status": 503}
    for method in ("GET", "PUT", "DELETE"):
        assert faulty.control(method, fault, secret="another").status_code == 401
        assert faulty(method, FAULTS).status_code == 401  # the token of an application
    assert faulty("GET", "/v1.0/users").status_code == 200


@pytest.mark.parametrize("header", [f"Basic {SECRET}", f"Digest {SECRET}", f" {SECRET}", SECRET])
def test_the_controls_take_their_secret_as_a_bearer_token_alone(faulty: Faulty, header: str):
    assert faulty("GET", FAULTS, headers={"Authorization": header}).status_code == 401
    assert faulty("GET", FAULTS, headers={"Authorization": f"bearer {SECRET}"}).status_code == 200


ANY_KIND = (
    "replication_lag, stale_listing, too_many_requests, graph_limits, server_error, held_back, dropped, clock_skew, "
    "early_expiry"
)


@dataclass(frozen=True)
class Wrong:
    """What somebody wrote, and everything that the message says of it, without the file's name."""

    content: str
    said: str


WRONG = {
    "not YAML": Wrong(
        '{"faults": [',
        "1:13: found invalid YAML (while parsing a flow node, expected the node content, but found '<stream "
        "end>'); expected: valid YAML. Fix: correct the file at this place",
    ),
    "a list": Wrong("[]", "1:1: found an empty list; expected: fields and values. Fix: begin with `field: value`"),
    "an unknown key": Wrong(
        '{"fault": []}',
        "1:2: fault: found the unknown key 'fault'; expected: faults. Fix: did you mean `faults`?",
    ),
    "an unknown key of a fault": Wrong(
        '{"faults": [{"kind": "held_back", "seconds": 1, "path ": "/users"}]}',
        "1:49: faults[0].path : found the unknown key 'path '; expected: one of: at, count, every, kind, methods, "
        "path, seconds. Fix: did you mean `path`?",
    ),
    "an unknown kind": Wrong(
        '{"faults": [{"kind": "drop"}]}',
        f"1:22: faults[0].kind: found the text 'drop'; expected: one of: {ANY_KIND}. Fix: did you mean `dropped`?",
    ),
    "no kind": Wrong(
        '{"faults": [{"status": 503}]}',
        f"1:13: faults[0]: found no `kind`; expected: `kind`, which is one of: {ANY_KIND}. Fix: add `kind:`",
    ),
    "another number": Wrong(
        '{"faults": [\n  {"kind": "server_error",\n\t"status": 501}]}',
        "3:12: faults[0].status: found the number 501; expected: one of: 500, 503, 504. Fix: choose one of them",
    ),
    "text for a number": Wrong(
        '{"faults": [{"kind": "held_back", "seconds": "1"}]}',
        "1:46: faults[0].seconds: found the text '1'; expected: a number. Fix: write a number",
    ),
    "true for a number": Wrong(
        '{"faults": [{"kind": "held_back", "seconds": true}]}',
        "1:46: faults[0].seconds: found true; expected: a number. Fix: write a number",
    ),
    "part of a number": Wrong(
        "faults:\n- kind: stale_listing\n  reads: 1.5\n",
        "3:10: faults[0].reads: found the number 1.5; expected: a whole number. Fix: write a whole number",
    ),
    "no end of seconds": Wrong(
        "faults: [{kind: held_back, seconds: .inf}]",
        "1:37: faults[0].seconds: found the number .inf; expected: a finite number. Fix: write a finite number",
    ),
    "too small": Wrong(
        '{"faults": [{"kind": "held_back", "seconds": 0}]}',
        "1:46: faults[0].seconds: found the number 0; expected: more than 0. Fix: write more than 0",
    ),
    "a path from nowhere": Wrong(
        '{"faults": [{"kind": "held_back", "seconds": 1, "path": "users"}]}',
        "1:57: faults[0].path: found the text 'users'; expected: a path below the version, such as /users. Fix: begin "
        "with `/`: '/users'",
    ),
    "an unknown method": Wrong(
        '{"faults": [{"kind": "dropped", "when": "before", "methods": ["POTS"]}]}',
        "1:63: faults[0].methods[0]: found 'POTS'; expected: one of: GET, POST, PATCH, PUT, DELETE. "
        "Fix: did you mean `POST`?",
    ),
}


@pytest.mark.parametrize("wrong", WRONG.values(), ids=WRONG)
def test_what_is_no_fault_is_said_with_its_place_and_how_to_mend_it(faulty: Faulty, tmp_path: Path, wrong: Wrong):
    answer = faulty("PUT", FAULTS, content=wrong.content, headers={"Authorization": f"Bearer {SECRET}"})
    assert answer.status_code == 400
    assert answer.json()["error"]["message"] == f"the request:{wrong.said}"
    file = tmp_path / "faults.json"
    file.write_text(wrong.content)
    with pytest.raises(DeclarationError) as raised:
        read_faults(file)
    assert str(raised.value) == f"{file}:{wrong.said}"
    assert faulty.control("GET").json()["faults"] == []


def test_all_mistakes_are_named_at_once_and_a_missing_file_is_one():
    wrong = b'{"faults": [{"kind": "held_back"}, {"kind": "dropped", "when": "now"}]}'
    with pytest.raises(ValueError, match="the request") as refused:
        parse_faults(wrong)
    assert [line.split(": ")[1] for line in str(refused.value).splitlines()] == ["faults[0].seconds", "faults[1].when"]
    with pytest.raises(DeclarationError, match=r"/nowhere/faults\.json:1:1: found no such file") as raised:
        read_faults(Path("/nowhere/faults.json"))
    assert raised.value.exit_code == 2
    assert parse_faults(b"{}") == Faults()


def test_faults_may_be_written_as_yaml():
    written = b"faults:\n- {kind: held_back, seconds: 1, methods: [GET, POST], at: sign-in}  # slow\n"
    as_json = b'{"faults": [{"kind": "held_back", "seconds": 1, "methods": ["GET", "POST"], "at": "sign-in"}]}'
    assert parse_faults(written) == parse_faults(as_json)


def test_a_connection_that_drops_before_does_not_drop_after_as_well(faulty: Faulty):
    faulty.switch({"kind": "dropped", "when": "before", "every": 2})
    for _ in range(2):
        assert faulty.statuses("GET", "/v1.0/users", 1) == [200]
        with pytest.raises(ConnectionResetError):
            faulty("GET", "/v1.0/users")
    assert faulty.control("GET").json()["hits"] == [2]


# --- over a real connection


@pytest.fixture
def switch(live: LiveDirectory) -> Iterator[Any]:
    headers = {"Authorization": f"Bearer {State(live.state_dir).control_secret()}"}
    with live.client() as client:

        def put(*faults: dict[str, Any]) -> None:
            answer = client.put(FAULTS, json={"faults": faults}, headers=headers)
            assert answer.status_code == 200, answer.text

        yield put
        assert client.delete(FAULTS, headers=headers).status_code == 200


@pytest.mark.parametrize(("when", "is_there"), [("before", False), ("after", True)])
def test_a_dropped_connection_gives_no_answer_and_the_write_is_there_or_not(
    live: LiveDirectory, switch: Any, when: str, is_there: bool
):
    switch({"kind": "dropped", "when": when, "methods": ["POST"], "count": 1})
    name = f"dropped-{when}"
    with signed_in(live) as client:
        with pytest.raises((httpx.RemoteProtocolError, httpx.ReadError)):
            client.post("/v1.0/users", json=user_body(name))
        found = client.get(f"/v1.0/users/{name}@contoso.example")
        assert (found.status_code == 200) is is_there
    assert live.output() == ""


def test_the_control_secret_is_for_the_owner_of_the_folder_alone(live: LiveDirectory):
    assert (live.state_dir / "control.json").stat().st_mode & 0o777 == 0o600
    with live.client() as client:
        assert client.get(FAULTS).status_code == 401
