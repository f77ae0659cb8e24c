"""The plugin that Pulumi programs in other languages use: `pulumi package add …/components` (docs/plugin.md)."""

import sys
from pathlib import Path

# Python puts this folder first, since it runs it. What is run are the packages beside it.
sys.path[0] = str(Path(__file__).resolve().parent.parent)

try:
    from components.plugin import serve
    from tenantry.memory import collect_seldom
except ModuleNotFoundError as missing:
    sys.exit(
        f"The plugin needs the Python package {missing.name!r}, which {sys.executable} does not have. "
        "Run `pulumi package add` with this folder again: it installs what the plugin needs."
    )

collect_seldom()
serve()
