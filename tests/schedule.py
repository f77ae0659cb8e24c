"""Which worker runs which tests, where several do: a file's tests stay together.

What a file's tests share - fixtures, what is read and kept, the fork server - is then made once, and not once by each
worker. Half of the workers begin with the engine's files, whose tests mostly wait, and the others with the rest, so
that the machine is never idle: both help the others in the end.
"""

from collections.abc import Sequence
from typing import Final

import pytest
from xdist.scheduler import LoadFileScheduling
from xdist.workermanage import WorkerController

ENGINE: Final = "tests/engine/"
LONGEST: Final = (
    "tests/engine/test_init.py",
    "tests/engine/test_changes.py",
    "tests/engine/test_pages.py",
    "tests/engine/test_adopt.py",
    "tests/engine/test_refusals.py",
    "tests/engine/test_partner_tenant.py",
    "tests/engine/test_plugin.py",
    "tests/engine/test_access_that_ends.py",
    "tests/engine/test_pipelines.py",
    "tests/doctor/test_set_ups.py",
    "tests/docs/test_run.py",
    "tests/rules/change/test_properties.py",
    "tests/directory/test_answers_fit_the_schema.py",
    "tests/unit_engine/test_rehearsal.py",
    "tests/review/test_render_hostile.py",
    "tests/review/test_changes.py",
    "tests/sandbox/test_shortcuts.py",
    "tests/cli/test_review.py",
    "tests/review/test_hostile.py",
    "tests/pipelines/test_pull_request.py",
)
"""The files that take longest come first: begun last, one of them would be waited for."""


def _place(item: pytest.Item) -> tuple[bool, int]:
    file = item.nodeid.partition("::")[0]
    return not file.startswith(ENGINE), LONGEST.index(file) if file in LONGEST else len(LONGEST)


def ordered(items: Sequence[pytest.Item]) -> list[pytest.Item]:
    """The engine's tests before the others, and of both those of the longest files first."""
    return sorted(items, key=_place)


class ByFile(LoadFileScheduling):
    """pytest-xdist's ``--dist loadfile``, but for where a worker begins."""

    def _assign_work_unit(self, node: WorkerController) -> None:
        engine = self.nodes.index(node) % 2 == 0
        files = (file for file in self.workqueue if file.startswith(ENGINE) == engine)
        self.workqueue.move_to_end(next(files, next(iter(self.workqueue))), last=False)
        super()._assign_work_unit(node)
