"""Every Markdown report fits where it is posted, says how much it leaves out, and keeps what matters most."""

import re
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tenantry.declaration.tenant import Tenant
from tenantry.reports import ftop_sheet, markdown, who_document
from tenantry.reports.truncate import LIMIT, fitted
from tenantry.reports.who import TenantAccess, notes, who
from tests.acme import tenant_file

LARGE = 1_500
"""People of one tenant, whose table is longer than a code host takes."""


def large_tenant() -> Tenant:
    people = {
        f"p{number}": {
            "full_name": f"Person {number} of the department for everything",
            "upn": f"person.{number}@acme-partner.onmicrosoft.com",
            "roles": ["Helpdesk agent"],
        }
        for number in range(LARGE)
    }
    assigned = {key: ["FastTrack Engineer"] for key in people}
    customers = {"fabrikam": {"name": "Fabrikam", "assignments": assigned}}
    return Tenant.model_validate(tenant_file(people, ftop={"customers": customers}))


def who_report(tenant: Tenant) -> str:
    access = TenantAccess(tenant="acme/us", name=tenant.name, people=who(tenant), answers={}, notes=notes(tenant))
    return markdown.render(who_document.as_matrix([access]))


def ftop_report(tenant: Tenant) -> str:
    return markdown.render(ftop_sheet.layout(ftop_sheet.sheet(tenant), tenant.name))


@pytest.mark.parametrize("report", [who_report, ftop_report])
def test_a_large_table_is_cut_to_what_a_code_host_takes_and_counts_what_it_leaves_out(
    report: Callable[[Tenant], str],
) -> None:
    tenant = large_tenant()
    message = report(tenant)
    assert LIMIT * 0.95 < len(message.encode()) <= LIMIT
    shown = len(re.findall(r"Person \d+ of", message))
    found = re.search(r"Not shown: ([\d,]+) of 1,500 (?:people|rows)", message)
    assert found
    assert int(found[1].replace(",", "")) + shown == LARGE
    few = replace_people(tenant, 3)
    assert "Left out" not in report(few)


def replace_people(tenant: Tenant, number: int) -> Tenant:
    people = dict(list(tenant.members.items())[:number])
    assert tenant.ftop
    customer = tenant.ftop.customers["fabrikam"]
    some = customer.model_copy(update={"assignments": {key: customer.assignments[key] for key in people}})
    return tenant.model_copy(
        update={"people": people, "ftop": tenant.ftop.model_copy(update={"customers": {"fabrikam": some}})}
    )


@given(st.lists(st.text(min_size=10, max_size=40), max_size=40), st.integers(0, 1200))
def test_as_many_items_as_fit_are_kept_and_no_more(items: list[str], limit: int) -> None:
    def shortened(most: int) -> str:
        return f"{len(items) - most} left out" + "".join(items[:most])

    whole = "".join(items)
    message = fitted(whole, shortened, len(items), limit)
    if len(whole.encode()) <= limit:
        assert message == whole
        return
    fits = [most for most in range(len(items) + 1) if len(shortened(most).encode()) <= limit]
    assert message == shortened(max(fits, default=0))
