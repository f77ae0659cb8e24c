"""``make audit-dependencies``: licences, and known vulnerabilities by pip-audit.

    python -m tests.dependencies PYTHON-WITH-PIP-AUDIT

The database of vulnerabilities is at PyPI. What could not be looked up there is said, and fails nothing unless
TENANTRY_REQUIRE_AUDIT is 1: in a closed network there is no way to it.
"""

import os
import sys

from tests.dependencies.licences import LOCKS, Policy, look
from tests.dependencies.vulnerabilities import Audit, run


def main(python: str) -> int:
    """Print what was found. Returns 1 for a licence that is not allowed, a known vulnerability, or too little seen."""
    required = os.environ.get("TENANTRY_REQUIRE_AUDIT") == "1"
    failed = False
    for lock in LOCKS:
        looked = look(lock, Policy.read())
        for line in looked.refused:
            print(f"{lock}: the licence of {line} is not allowed. Fix: allow it in pyproject.toml, with the reason")
        if looked.not_looked_at:
            print(f"{lock}: not looked at, since not installed here: the licences of {', '.join(looked.not_looked_at)}")
        failed |= bool(looked.refused)
        audit = run(python, lock)
        for line in audit.vulnerable:
            print(f"{lock}: {line}")
        failed |= bool(audit.vulnerable) or (required and not audit.whole)
        print(_summary(lock, audit))
    return int(failed)


def _summary(lock: str, audit: Audit) -> str:
    seen = f"{lock}: {audit.looked_up} packages looked up, {len(audit.vulnerable)} known vulnerabilities"
    return seen if audit.whole else f"{seen}; NOT LOOKED UP: {audit.not_looked_up}"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
