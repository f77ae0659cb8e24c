from pathlib import Path

import pytest

from .change import Reviewer


@pytest.fixture(scope="session")
def reviewer(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Reviewer:
    return Reviewer(root, tmp_path_factory.mktemp("review"))
