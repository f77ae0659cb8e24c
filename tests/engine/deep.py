"""What `make test` leaves to `make test-deep`, so that it stays within five minutes on two cores."""

import os

import pytest

deep = pytest.mark.skipif(os.environ.get("TENANTRY_DEEP") != "1", reason="a minute long: `make test-deep` runs it")
