"""The policy pack: `pulumi preview --policy-pack policies`. Its code is tenantry/policy/."""

import gc
import sys
from pathlib import Path

# What is imported stays until the end, and would be looked through in vain again and again.
gc.set_threshold(50_000, 20, 20)
try:
    from tenantry.policy import pack
except ModuleNotFoundError as missing:
    sys.exit(
        f"The policy pack needs the Python package {missing.name!r}, which {sys.executable} does not have. "
        'Run `make setup` and `eval "$(tenantry env)"`, or: pip install -r policies/requirements.txt'
    )

pack(Path(__file__).parent)
