"""What a stack owns, as its state says it."""

import pytest

from tenantry.access.principals import Principal
from tenantry.access.state import read_state

PARENT = "urn:pulumi:us::tenantry::tenantry:index:PartnerTenant$tenantry:index"
ADA = f"{PARENT}:People$azuread:index/user:User::us-ada"
DESK = f"{PARENT}:AgentGroups$azuread:index/group:Group::us-HelpdeskAgents"
HERS, ITS = "ad26d4b3-051a-4159-ac87-505c4e634c8b", "d1ddc8f6-a54a-40a1-93dd-a2cb71aad468"


@pytest.mark.parametrize("unread", [{"objectId": None}, {}])
def test_an_account_that_was_created_and_not_read_is_owned(unread: dict[str, None]) -> None:
    """So the azuread provider leaves it where a request after the creating one fails."""
    found = read_state({ADA: {"id": f"/users/{HERS.upper()}", "displayName": "Ada Moss", **unread}})
    assert [account.principal for account in found.accounts] == [Principal.in_directory(HERS, "Ada Moss", None)]


def test_a_group_that_was_created_and_not_read_is_owned() -> None:
    found = read_state({DESK: {"id": f"/groups/{ITS}", "objectId": None, "members": [HERS]}})
    assert found.groups == {"us-HelpdeskAgents": ITS}
    assert found.members == {ITS: {HERS}}
