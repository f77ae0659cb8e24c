"""Whom the pack takes the account of a UPN for, and what an identity is: what the tenant says, never the program."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date

import pytest

from tenantry.access.principals import Identity
from tenantry.declaration.tenant import Tenant
from tenantry.directory.enrolment import deployment_principal_id
from tenantry.directory.store import Store
from tenantry.graph.client import GraphReader
from tenantry.graph.errors import SignInError
from tenantry.policy.preview import _look_up, _unfit
from tests.acme import tenant_file
from tests.directory.samples import ADA, UNITED_KINGDOM, UNITED_STATES, enrolled
from tests.graph.in_process import reader_of

TENANT = Tenant.model_validate(
    {
        "id": UNITED_STATES.tenant_id,
        "name": "Acme",
        "country": "US",
        "purpose": ["own use"],
        "domains": {"initial": UNITED_STATES.initial_domain},
        "people": {
            "ada": {"full_name": "Ada Admin", "upn": ADA.upn.upper(), "roles": [], "adopted": "by-upn"},
            "zoe": {"full_name": "Zoe Kay", "upn": "zoe@contoso.example", "roles": [], "adopted": "by-upn"},
        },
    }
)


@pytest.fixture
def store() -> Iterator[Store]:
    store = enrolled()
    yield store
    store.close()


def signed_in(monkeypatch: pytest.MonkeyPatch, store: Store, tenant_id: str) -> None:
    @contextmanager
    def reader(_environment: object = None) -> Iterator[GraphReader]:
        with reader_of(store, tenant_id) as graph:
            yield graph

    monkeypatch.setattr(GraphReader, "from_environment", reader)


def test_only_who_has_an_account_is_known(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    signed_in(monkeypatch, store, UNITED_STATES.tenant_id)
    found = _look_up(TENANT)
    assert found.identities == (Identity(upn=ADA.upn, object_id=ADA.object_id),)
    (problem,) = found.problems
    assert "`people.zoe` is adopted by UPN, but this tenant has no account zoe@contoso.example" in problem


def test_another_tenant_tells_nothing(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    signed_in(monkeypatch, store, UNITED_KINGDOM.tenant_id)
    found = _look_up(TENANT)
    assert found.identities == ()
    (problem,) = found.problems
    assert "people.ada, people.zoe: adopted by UPN, but the tenant cannot be read:" in problem
    assert f"signs in to the tenant {UNITED_KINGDOM.tenant_id}" in problem


def test_without_an_answer_nobody_is_known_and_it_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(_environment: object = None) -> GraphReader:
        raise SignInError("The application cannot sign in: AADSTS7000215.")

    monkeypatch.setattr(GraphReader, "from_environment", refused)
    found = _look_up(TENANT)
    assert found.identities == ()
    (problem,) = found.problems
    assert "the tenant cannot be read: The application cannot sign in: AADSTS7000215." in problem
    assert "write the object id in place of `by-upn`" in problem


def naming(object_id: str) -> Tenant:
    decided = {"owner": "Ada Admin", "reason": "The move", "decided_on": date(2026, 1, 31), "until": date(2026, 12, 31)}
    identity = {"object_id": object_id, "name": "Backup Bridge", "groups": ["AdminAgents"], **decided}
    return Tenant.model_validate({**tenant_file({}), "id": UNITED_STATES.tenant_id, "identities": {"bridge": identity}})


def test_a_person_or_nothing_under_identities_is_refused_whatever_program_names_it(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    signed_in(monkeypatch, store, UNITED_STATES.tenant_id)
    (person,) = _unfit(naming(ADA.object_id))
    assert f"`identities.bridge` names {ADA.object_id}, which is an account" in person
    (nothing,) = _unfit(naming("00000000-0000-4000-8000-000000000b1d"))
    assert "the tenant has no such object" in nothing
    assert list(_unfit(naming(deployment_principal_id(UNITED_STATES.tenant_id)))) == []


def test_what_an_identity_is_that_nobody_may_ask_about_is_no_service_principal(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    signed_in(monkeypatch, store, UNITED_KINGDOM.tenant_id)
    (problem,) = _unfit(naming(ADA.object_id))
    assert (
        "identities.bridge: whether it is a service principal is unknown, since the tenant cannot be read:" in problem
    )
