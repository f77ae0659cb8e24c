"""The tenant's consent to FTOP: what exists is pinned as it is, or refused; people's own is reported."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from typing import Any

import httpx
import pytest

from tenantry.access.existing import ExistingConsent, Part
from tenantry.access.existing_reader import read_existing
from tenantry.access.parts import NotRead
from tenantry.declaration.consent import MICROSOFT_GRAPH
from tenantry.declaration.ftop import FtopPlan
from tenantry.graph.errors import Cause
from tenantry.rules.change.advice import advice
from tenantry.rules.change.refusal import Kind
from tests.access.test_observed import World as Directory
from tests.access.test_observed import provisioned
from tests.graph.in_process import reader_of

from .builder import UNDECLARED, World
from .test_reading import owned

FTOP = "7d3fa1c2-0b7e-4a55-9a53-0f6f3b1f0c11"
GRANTS = "/v1.0/oauth2PermissionGrants"
USUAL = frozenset({"User.Read", "openid", "profile"})
THERE = ExistingConsent("grant-1", MICROSOFT_GRAPH, USUAL)


def world_of(*consents: ExistingConsent, **ftop: Any) -> World:
    world = World()
    approval = {"on": date(2026, 5, 1), "by": "ada"}
    world.file["ftop"] = {"application_id": FTOP, "approval": approval, **ftop}
    world.facts(consents=consents)
    return world


def test_a_consent_that_is_not_there_or_the_stacks_own_is_no_reason_to_refuse() -> None:
    assert world_of().refusals == []
    assert world_of(replace(THERE, owned=True)).refusals == []
    assert world_of(replace(THERE, owned=True, permissions=frozenset({"Mail.Send"}))).refusals == []
    assert world_of(replace(THERE, resource_id=FTOP)).refusals == []
    assert world_of(replace(THERE, person=UNDECLARED)).refusals == []
    assert world_of(THERE, pins={"consent_grant": "grant-1"}).refusals == []
    assert world_of(THERE, approval={"state": "pending"}).refusals == []


@pytest.mark.parametrize(
    ("existing", "pin", "messages"),
    [
        (THERE, None, ("by the grant grant-1 (User.Read, openid, profile)", "`pins: {consent_grant: grant-1}`")),
        (
            replace(THERE, permissions=frozenset({"openid", "Mail.Send"})),
            None,
            ("under `ftop`: `pins: {consent_grant: grant-1}` and `permissions: [Mail.Send, openid]`",),
        ),
        (
            replace(THERE, permissions=frozenset({"openid"})),
            "grant-1",
            (
                "the pinned consent grant grant-1 gives FTOP openid, but",
                "`permissions: [openid]`",
            ),
        ),
        (THERE, "grant-2", ("grant-2, which is not a consent to", "write `pins: {consent_grant: grant-1}` instead")),
        (
            replace(THERE, person=UNDECLARED),
            "grant-1",
            (f"grant-1, which is for {UNDECLARED}", "remove the pin: the stack will give the consent"),
        ),
        (
            replace(THERE, resource_id=FTOP),
            "grant-1",
            (f"which is on the application {FTOP}", "remove the pin: the stack will give the consent"),
        ),
        (replace(THERE, owned=True), "grant-2", ("remove the pin: the stack has given the consent",)),
    ],
)
def test_a_consent_that_exists_and_is_not_pinned_as_it_is_is_refused(
    existing: ExistingConsent, pin: str | None, messages: tuple[str, ...]
) -> None:
    (refusal,) = world_of(existing, **({"pins": {"consent_grant": pin}} if pin else {})).refusals
    assert (refusal.kind, refusal.rule, refusal.liftable) == (Kind.CONSENT_GRANT_PIN, "PT-108", False)
    for text in messages:
        assert text in str(refusal)


def test_consents_that_may_not_be_read_are_refused_only_where_one_is_given() -> None:
    unread = {Part.CONSENT_GRANTS: NotRead(Cause.PERMISSION, "the permission is missing")}
    world = world_of()
    world.facts(not_read=unread)
    (refusal,) = world.refusals
    assert refusal.kind is Kind.NOT_EVALUATED
    assert "the consents to FTOP could not be read" in str(refusal)
    pending = world_of(approval={"state": "pending"})
    pending.facts(not_read=unread)
    assert pending.refusals == []


@pytest.mark.parametrize(
    ("approval", "message"), [({}, "approval covers them"), ({"state": "pending"}, "have a Global admin")]
)
def test_a_persons_own_consent_is_advice(approval: dict[str, Any], message: str) -> None:
    world = world_of(replace(THERE, person=UNDECLARED), **({"approval": approval} if approval else {}))
    assert world.refusals == []
    (sentence,) = advice(world.tenant, world.existing)
    assert sentence.startswith(
        f"Advice (PT-502): {UNDECLARED} has consented to FTOP for themselves, by the grant grant-1"
    )
    assert message in sentence
    assert advice(world.tenant, replace(world.existing, consents=(THERE,))) == []


# Read from the embedded directory


@pytest.fixture
def directory() -> Iterator[Directory]:
    with provisioned() as directory:
        yield directory


def test_consents_to_ftop_are_read_with_whom_they_are_for_and_on_what(directory: Directory) -> None:
    tenant = directory.tenant
    application = tenant.post("/v1.0/applications", {"displayName": "FTOP"})["appId"]
    plan = FtopPlan.model_validate({"application_id": application, "approval": {"on": date(2026, 5, 1), "by": "ada"}})
    declared = directory.declared.model_copy(update={"ftop": plan})
    with reader_of(directory.store, declared.id) as reader:
        before = read_existing(reader, declared, {}, owned(directory))
    assert (before.ftop_principal, before.consents, before.not_read) == (None, (), {})
    denied = httpx.Response(403, json={"error": {"code": "Authorization_RequestDenied", "message": "no"}})
    with reader_of(directory.store, declared.id, {"/oauth2PermissionGrants": denied}) as reader:
        unread = read_existing(reader, declared, {}, owned(directory))
    assert unread.why_not_read(Part.CONSENT_GRANTS) is not None

    client = tenant.post("/v1.0/servicePrincipals", {"appId": application})["id"]
    (graph,) = tenant.get(f"/v1.0/servicePrincipals?$filter=appId eq '{MICROSOFT_GRAPH}'")["value"]
    body = {"clientId": client, "resourceId": graph["id"], "scope": "openid User.Read"}
    whole = tenant.post(GRANTS, {**body, "consentType": "AllPrincipals"})["id"]
    person = {"consentType": "Principal", "principalId": directory.ids["ines"]}
    theirs = tenant.post(GRANTS, {**body, **person})["id"]
    with reader_of(directory.store, declared.id) as reader:
        now = read_existing(reader, declared, {}, replace(owned(directory), consents=frozenset({whole})))
    found = {item.id: item for item in now.consents}
    assert now.ftop_principal == client
    assert found[whole] == ExistingConsent(whole, MICROSOFT_GRAPH, frozenset({"openid", "User.Read"}), owned=True)
    theirs_by = found[theirs].person
    assert (theirs_by and theirs_by.upn, found[theirs].owned) == (
        declared.members["ines"].upn,
        False,
    )
