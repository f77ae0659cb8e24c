"""``python -m tenantry``: the command line."""

from tenantry.commands.app import main

main()
