"""The policy pack: `pulumi preview --policy-pack policies`. Its code is tenantry/policy/."""

import sys
from pathlib import Path

try:
    from tenantry.memory import collect_seldom

    collect_seldom()  # before the imports, which are most of what a pack does for a small tenant
    from tenantry.policy import pack
except ModuleNotFoundError as missing:
    sys.exit(
        f"The policy pack needs the Python package {missing.name!r}, which {sys.executable} does not have. "
        'Run `make setup` and `eval "$(tenantry env)"`, or: pip install -r policies/requirements.txt'
    )

pack(Path(__file__).parent)
