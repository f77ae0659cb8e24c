"""Many requests in one."""

from typing import Any

import pytest

from .samples import ADA, NOBODY, Tenant, user_body


def one(id_: str, url: str, method: str = "GET", **more: Any) -> dict[str, Any]:
    return {"id": id_, "method": method, "url": url, **more}


def run(tenant: Tenant, *requests: dict[str, Any]) -> dict[str, Any]:
    status, answer = tenant.graph.request("POST", "/v1.0/$batch", {"requests": list(requests)})
    assert status == 200, answer
    responses: Any = answer["responses"]
    return {response["id"]: response for response in responses}


def test_each_request_is_answered_as_by_itself(tenant: Tenant) -> None:
    made = run(
        tenant,
        one("a", "/users", "POST", body=user_body("bob"), headers={"Content-Type": "application/json"}),
        one("b", f"/users/{ADA.object_id}?$select=displayName", dependsOn=["a"]),
        one("c", f"users/{NOBODY}"),
        one("d", "/users/bob@contoso.example", "DELETE"),
    )
    assert {id_: response["status"] for id_, response in made.items()} == {"a": 201, "b": 200, "c": 404, "d": 204}
    assert made["b"]["body"]["displayName"] == ADA.display_name
    assert made["c"]["body"]["error"]["code"] == "Request_ResourceNotFound"
    assert made["d"]["body"] is None
    assert made["a"]["headers"]["Content-Type"].startswith("application/json")
    assert tenant.refused("GET", "/v1.0/users/bob@contoso.example")[0] == 404


def test_what_depends_on_a_failure_is_not_done(tenant: Tenant) -> None:
    made = run(
        tenant,
        one("a", f"/users/{NOBODY}"),
        one("b", "/users", "POST", body=user_body("bob"), dependsOn=["a"]),
        one("c", "/users/bob@contoso.example", dependsOn=["b"]),
    )
    assert [made[id_]["status"] for id_ in "abc"] == [404, 424, 424]
    assert tenant.refused("GET", "/v1.0/users/bob@contoso.example")[0] == 404


@pytest.mark.parametrize(
    "requests",
    [
        [],
        [one(str(number), "/users") for number in range(21)],
        [one("a", "/users"), one("a", "/groups")],
        [one("a", "/users", dependsOn=["b"]), one("b", "/users")],
        [{"id": "a", "method": "GET"}],
        [one("a", "/$batch", "POST", body={"requests": [one("b", "/users")]})],
        [one("a", "%24batch?x=1", "POST", body={"requests": [one("b", "/users")]})],
    ],
)
def test_a_batch_that_cannot_be_read_is_refused_as_a_whole(tenant: Tenant, requests: list[dict[str, Any]]) -> None:
    assert tenant.refused("POST", "/v1.0/$batch", {"requests": requests})[0] == 400


def test_twenty_are_taken(tenant: Tenant) -> None:
    assert len(run(tenant, *(one(str(number), "/domains") for number in range(20)))) == 20


def test_a_batch_needs_a_token(send: Any) -> None:
    assert send("POST", "/v1.0/$batch", json={"requests": [one("a", "/users")]}).status_code == 401


@pytest.mark.parametrize(
    ("item", "status"),
    [
        (one("a", "/users", "FOO"), 405),
        (one("a", "/users", "https://[::1"), 405),
        (one("a", "/users\u0000"), 400),
        (one("a", "/users", headers={"ConsistencyLevel": "é\n😀"}), 400),
        (one("a", "/" + "x" * 70_000), 400),
    ],
)
def test_what_can_be_no_request_is_refused_by_itself(tenant: Tenant, item: dict[str, Any], status: int) -> None:
    made = run(tenant, item, one("b", "/domains"))
    assert {id_: response["status"] for id_, response in made.items()} == {"a": status, "b": 200}
    assert made["a"]["body"]["error"]["code"]
