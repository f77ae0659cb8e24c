"""The command line, as the tests of commands have it."""

from tests.cli.conftest import tenantry

__all__ = ["tenantry"]
