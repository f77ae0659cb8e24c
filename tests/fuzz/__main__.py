"""``make fuzz``: damaged inputs to every reader and renderer, new ones each time, for an hour or FUZZ_SECONDS.

    python -m tests.fuzz [TARGET …]

What breaks something is written, made as small as it goes, with its traceback to `.tenantry/fuzz/`. A fix goes with the
input, as a file under tests/fuzz/corpus/, which every run of the tests tries.
"""

import os
import sys
import time
import traceback
import warnings
from collections import Counter
from pathlib import Path
from typing import Any, Final

from hypothesis import HealthCheck, Phase, Verbosity, given, settings
from hypothesis.errors import HypothesisWarning

from tests.fuzz.targets import ROOT, Target, targets

SECONDS: Final = float(os.environ.get("FUZZ_SECONDS", "3600"))
_ROUND: Final = 200
"""How many inputs a target gets in turn."""
_FOUND: Final = ROOT / ".tenantry" / "fuzz"
_MOST_FAILURES: Final = 5


class _TimeIsUpError(BaseException):
    """The end, also in the middle of a round."""


def main(names: list[str]) -> int:
    """Fuzz in turn until the time is up. Returns 1 where something was found."""
    chosen = [target for target in targets() if not names or target.name in names]
    if unknown := set(names) - {target.name for target in chosen}:
        print(f"No target {', '.join(sorted(unknown))}; there are: {', '.join(t.name for t in targets())}")
        return 2
    tried: Counter[str] = Counter()
    spent: Counter[str] = Counter()
    failures: dict[tuple[str, str], int] = {}
    warnings.simplefilter("ignore", HypothesisWarning)  # of inputs that are long to show
    begun = time.monotonic()
    end = begun + SECONDS
    while time.monotonic() < end and chosen:
        # Whoever has had the least time is next: a slow target gets as much of it as a fast one.
        target = min(chosen, key=lambda one: spent[one.name])
        started = time.monotonic()
        failure = _failing(target, tried, end)
        spent[target.name] += max(time.monotonic() - started, 0.001)  # type: ignore[assignment]
        if failure is not None:
            where = _where(failure[0])
            failures[target.name, where] = failures.get((target.name, where), 0) + 1
            if failures[target.name, where] == 1:
                print(f"{target.name}: {where}\n  {_kept(target, *failure, len(failures))}", flush=True)
            if sum(number for (name, _), number in failures.items() if name == target.name) >= _MOST_FAILURES:
                print(f"{target.name}: left out from here on, since it fails again and again", flush=True)
                chosen.remove(target)
    seconds = time.monotonic() - begun
    for name, number in sorted(tried.items()):
        print(f"{name:<14} {number:>9,} inputs in {spent[name]:7.0f} s")
    print(f"{sum(tried.values()):,} inputs in {seconds:.0f} s; {len(failures)} failures")
    return 1 if failures else 0


def _failing(target: Target, tried: Counter[str], end: float) -> tuple[Exception, Any] | None:
    """Try some inputs; the failure that was found, with the input that shows it, made as small as it goes."""
    value: Any = None

    def attempt(drawn: Any) -> None:
        nonlocal value
        if time.monotonic() > end:
            raise _TimeIsUpError
        tried[target.name] += 1
        value = drawn
        target.run(drawn)

    once = settings(
        max_examples=_ROUND,
        derandomize=False,
        database=None,
        deadline=None,
        phases=[Phase.generate, Phase.shrink],
        suppress_health_check=list(HealthCheck),
        report_multiple_bugs=False,
        print_blob=False,
        verbosity=Verbosity.quiet,
    )
    try:
        once(given(target.inputs)(attempt))()
    except _TimeIsUpError:
        return None
    except Exception as error:  # noqa: BLE001 - whatever it is, it is what was looked for
        return error, value
    return None


def _where(failure: Exception) -> str:
    """What failed, by the deepest place in this repository's code: one fault, however many inputs show it."""
    places = [
        frame for frame in traceback.extract_tb(failure.__traceback__) if Path(frame.filename).is_relative_to(ROOT)
    ]
    ours = [frame for frame in places if "/tenantry/" in frame.filename and ".venv" not in frame.filename] or places
    last = ours[-1] if ours else None
    place = f"{Path(last.filename).relative_to(ROOT)}:{last.lineno}" if last else "?"
    return f"{type(failure).__name__} at {place}"


def _kept(target: Target, failure: Exception, value: Any, number: int) -> Path:
    _FOUND.mkdir(parents=True, exist_ok=True)
    file = _FOUND / f"{target.name}-{number}.txt"
    text = f"{''.join(traceback.format_exception(failure))}\n{value!r}\n"
    file.write_text(text, encoding="utf-8", errors="backslashreplace")
    return file


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
