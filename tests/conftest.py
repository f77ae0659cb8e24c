"""What all tests share: comparing with golden files, renewed by ``pytest --renew-goldens``."""

from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
GOLDENS = Path(__file__).parent / "goldens"


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--renew-goldens", action="store_true", help="write tests/goldens anew instead of comparing")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The engine's tests mostly wait for the provider: begun first, they wait while the others run."""
    items.sort(key=lambda item: item.get_closest_marker("engine") is None)


@pytest.fixture(scope="session")
def root() -> Path:
    """The project's folder."""
    return ROOT


@pytest.fixture(scope="session")
def matches_golden(request: pytest.FixtureRequest) -> Callable[[str, str], None]:
    """Asserts that a text is the committed one."""

    def compare(name: str, text: str) -> None:
        golden = GOLDENS / name
        if request.config.getoption("--renew-goldens"):
            golden.parent.mkdir(parents=True, exist_ok=True)
            golden.write_text(text, encoding="utf-8")
        assert text == golden.read_text(encoding="utf-8"), f"{name} differs; renew: make docs"

    return compare
