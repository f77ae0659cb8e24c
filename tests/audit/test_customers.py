"""What an audit says of access at customers: by the declaration, by what it may read, and by what it finds."""

from tenantry.declaration.customers import CUSTOMER_ADMINISTRATION
from tenantry.graph.permissions import EVERY_FEATURE
from tests.access.customers import Customers
from tests.access.test_customers import CUSTOMERS, EXCHANGE_ADMINISTRATOR, FABRIKAM, PLAN

from .world import Audited

READ = "DelegatedAdminRelationship.Read.All"
WITHOUT = tuple(one for one in EVERY_FEATURE if one != READ)


def test_an_audit_that_may_finds_a_relationship_although_no_customer_is_declared(tenant: Audited) -> None:
    tenant.directory.post("/v1.0/servicePrincipals", {"appId": CUSTOMER_ADMINISTRATION})
    customers = Customers(tenant.world)
    customer = {"tenantId": FABRIKAM, "displayName": "Fabrikam"}
    customers.relationship("By hand", customer, [EXCHANGE_ADMINISTRATOR])
    customers.assign("By hand", customers.group("Mail", tenant.id_of("emma")), EXCHANGE_ADMINISTRATOR)
    found = tenant.audit()
    (change,) = found.changes
    assert (change.subject, change.what, change.rule) == ("the customer Fabrikam", "the relationship", "PT-108")
    assert "Exchange Administrator for Mail" in change.how
    assert tenant.audit(permissions=WITHOUT).changes == ()


def test_where_nothing_is_declared_and_nothing_may_be_read_the_report_says_that_it_did_not_look(
    tenant: Audited,
) -> None:
    found = tenant.audit(permissions=WITHOUT)
    assert (found.at_customers, found.exit_code) == (False, 0)
    (ends,) = [one for one in found.results if one.rule == "PT-609"]
    assert (ends.verdict, "were not read" in ends.because) == ("not applicable", True), "no pass"


def test_where_customers_are_declared_the_missing_permission_is_named(tenant: Audited) -> None:
    tenant.declare(gdap=PLAN, customers=CUSTOMERS)
    found = tenant.audit(permissions=WITHOUT)
    (part,) = [one for one in found.not_evaluated if READ in one.why]
    assert part.what.startswith("access at customers; PT-609")
    assert (found.at_customers, found.exit_code) == (True, 1)
    (undeclared,) = [one for one in found.results if one.rule == "PT-108"]
    assert (undeclared.verdict, READ in undeclared.because) == ("not evaluated", True)
