"""What the benchmarks share: each size is measured in a process of its own, so that its memory is its own."""

import json
import subprocess
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table

Measured = dict[str, float]


def measured(module: str, sizes: Sequence[int], measure: Callable[[int], Measured]) -> list[Measured]:
    """Measure every size. With a size on the command line, print that one as JSON and exit."""
    if len(sys.argv) > 1:
        print(json.dumps(measure(int(sys.argv[1]))))
        raise SystemExit
    return [
        json.loads(subprocess.run([sys.executable, "-m", module, str(size)], check=True, stdout=subprocess.PIPE).stdout)
        for size in sizes
    ]


def report(
    file: Path,
    results: Sequence[Mapping[str, object]],
    title: str,
    headings: Iterable[str],
    rows: Iterable[Iterable[str]],
) -> None:
    """Write the results as JSON, and print a table of them."""
    file.parent.mkdir(exist_ok=True)
    file.write_text(json.dumps(results, indent=2) + "\n")
    table = Table(title=f"{file}: {title}", title_justify="left")
    for heading in headings:
        table.add_column(heading, justify="right")
    for row in rows:
        table.add_row(*row)
    Console(width=None if sys.stdout.isatty() else 140).print(table)
