"""Every rule, in order of its id."""

from typing import Final

from tenantry.rules import administrators, consent, customers, ends, mapping, people, security, tenants
from tenantry.rules.model import Rule

RULES: Final[tuple[Rule, ...]] = (
    *mapping.RULES,
    *administrators.RULES,
    *ends.RULES,
    *people.RULES,
    *tenants.RULES,
    *consent.RULES,
    *customers.RULES,
    *security.RULES,
)
