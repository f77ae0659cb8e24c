"""What ``make fuzz`` does for an hour, for a moment; and every input that is kept, each time."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings

from tests.depth import DEEP
from tests.fuzz.targets import CORPUS, Target, targets

TARGETS = {target.name: target for target in targets()}
KEPT = sorted(file for file in CORPUS.rglob("*") if file.is_file())


@pytest.mark.parametrize("target", TARGETS.values(), ids=TARGETS)
def test_damaged_inputs_are_answered_or_refused(target: Target) -> None:
    tried: list[Any] = []

    @settings(
        max_examples=200 if DEEP else 3,
        database=None,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.generate, Phase.shrink],
    )
    @given(target.inputs)
    def attempt(value: Any) -> None:
        tried.append(value)
        target.run(value)

    attempt()
    assert tried


@pytest.mark.parametrize("file", KEPT, ids=lambda file: file.relative_to(CORPUS).as_posix())
def test_an_input_that_is_kept_is_answered_or_refused(file: Path) -> None:
    target = TARGETS[file.parent.name]
    assert target.from_bytes is not None
    target.run(target.from_bytes(file.read_bytes()))


def test_every_folder_of_the_corpus_is_a_targets() -> None:
    assert {folder.name for folder in CORPUS.iterdir()} <= TARGETS.keys()
