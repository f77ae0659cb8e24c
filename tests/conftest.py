"""What all tests share: comparing with golden files, renewed by ``pytest --renew-goldens``."""

import gc
import warnings
from collections.abc import Callable, Iterator
from functools import lru_cache
from pathlib import Path

import pytest
from hypothesis import settings
from ruamel.yaml.nodes import Node
from xdist.remote import Producer

from tenantry.declaration import DeclarationError, document
from tenantry.memory import collect_seldom
from tests.depth import DEEP
from tests.schedule import ByFile, ordered

# How long an example takes says how busy the machine is, and nothing of the code.
# The same examples each time: what CI says of a commit does not depend on luck. The deep run looks for new ones.
settings.register_profile("tenantry", deadline=None, derandomize=not DEEP, max_examples=1000 if DEEP else 100)
settings.load_profile("tenantry")

gc.disable()  # while tests are collected: all of it stays

ROOT = Path(__file__).parent.parent
GOLDENS = Path(__file__).parent / "goldens"


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--renew-goldens", action="store_true", help="write tests/goldens anew instead of comparing")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items[:] = ordered(items)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> ByFile | None:
    if config.getvalue("dist") != "loadfile":
        return None
    config.option.loadscopereorder = False  # the order of the tests is meant
    return ByFile(config, log)


def pytest_collection_finish(session: pytest.Session) -> None:
    """Set aside what is collected, which stays: else the garbage collector looks at it again and again.

    Without groups every worker provisions every shared tenant for itself, and nothing fails: say so.
    """
    gc.freeze()
    gc.enable()
    collect_seldom()
    if not getattr(session.config.option, "loadgroup", False):
        return
    grouped = [item.nodeid for item in session.items if item.get_closest_marker("xdist_group")]
    if not all("@" in nodeid.rpartition("]")[2] for nodeid in grouped):
        warnings.warn(
            pytest.PytestWarning("pytest-xdist does not keep the groups of --dist loadgroup: the run takes far longer"),
            stacklevel=1,
        )


@pytest.fixture(scope="session", autouse=True)
def _parsed_once() -> Iterator[None]:
    """Most tests read files that others read before, and nothing changes what is parsed of a text: it is kept."""
    composed = document.composed
    kept = lru_cache(256)(lambda text: composed("", text))

    def once(name: str, text: str) -> Node | None:
        try:
            return kept(text)
        except DeclarationError:
            return composed(name, text)  # which names the file

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(document, "composed", once)
        yield


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
