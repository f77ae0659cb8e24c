"""The digest of a change: what an approval is for.

The text that is digested, and that anybody can write down and check::

    ["tenantry removals 1","<tenant id>"]
    ["account","deleted","<object id>"]
    ["access","removed","AdminAgents","<object id>","active","/"]

A JSON array a line, without blanks: first the form and the tenant, then, sorted as text and each once, a line for every
account that is deleted or disabled and a line for everything that a holder loses: how, the agent group's name or the
role's template id, the holder's object id, active or eligible, and the scope. A role at a customer has the customer's
tenant id in place of the group or role, and the role's template id in place of the scope. A relationship with a
customer that ends has a line with its display name: ``["relationship","terminated","fabrikam everyday"]``. Ids and
display names are in lower case. Lines end in a line feed.
"""

import json
from hashlib import sha256
from typing import Final

from tenantry.access.change import Cause, Change
from tenantry.spelling import folded

#: Of 64 hexadecimal digits. 128 bits: with fewer, two changes of one digest could be searched for, and one approved.
SHOWN: Final = 32


def removals_text(change: Change) -> str:
    """What a change takes, as the text that is digested."""
    accounts = [(Cause.DELETED, item) for item in change.deleted] + [(Cause.DISABLED, item) for item in change.disabled]
    lines = {_line("account", cause, account.principal.object_id) for cause, account in accounts}
    lines |= {
        _line(
            "access",
            loss.cause,
            loss.grant.target,
            loss.grant.principal.object_id,
            loss.grant.assignment_type,
            loss.grant.scope.casefold(),
        )
        for loss in (*change.losses, *change.at_customers)
    }
    lines |= {_line("relationship", "terminated", folded(item.name)) for item in change.terminated}
    return "".join([_line("tenantry removals 1", change.tenant_id.casefold()), *sorted(lines)])


def digest(change: Change) -> str:
    """The digest of what a change takes, as a refusal shows it and an override names it."""
    return sha256(removals_text(change).encode()).hexdigest()[:SHOWN]


def _line(*parts: str) -> str:
    return json.dumps(parts, separators=(",", ":"), ensure_ascii=True) + "\n"
