"""`make bench`: what a review of one promotion costs, and how that grows with the number of people in the tenant.

Two folders of the whole project, in which one of so many people gets another role; the command as a user runs it.
The table gives seconds, and ratios to the smallest size in the same run.
"""

import json
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from bench.__main__ import partner
from bench.sizes import Measured, measured, report

ROOT = Path(__file__).parents[1]
SIZES = (300, 1_000, 3_000, 10_000)
RESULT = Path(".tenantry/bench-review.json")
PROGRAM = ("Pulumi.yaml", "__main__.py", "components", "policies", "requirements.lock")
PROMOTED = ("p00001:", "roles: [Sales agent]", "roles: [Global admin]")


def side(folder: Path, people: int) -> Path:
    """The project with one tenant of so many people, and one stack."""
    for name in PROGRAM:
        source = ROOT / name
        (shutil.copytree if source.is_dir() else shutil.copy)(source, folder / name)
    (folder / "Pulumi.one.yaml").write_text(
        "config:\n  tenantry:tenant: bench/one\n  tenantry:passwordSecret: {secure: v1:x}\n"
    )
    partner(folder / "partners" / "bench", people)
    return folder


def measure(people: int) -> Measured:
    """Seconds of a review in each format, from one run of it."""
    with tempfile.TemporaryDirectory() as folder:
        base, head = Path(folder) / "base", Path(folder) / "head"
        for item in (base, head):
            item.mkdir()
            side(item, people)
        file = head / "partners" / "bench" / "tenants" / "one.yaml"
        key, old, new = PROMOTED
        before, after = file.read_text().split(key, 1)
        assert old in after
        file.write_text(f"{before}{key}{after.replace(old, new, 1)}")
        command = [sys.executable, "-m", "tenantry", "review", str(base), str(head), "--format", "markdown"]
        begun = time.perf_counter()
        ran = subprocess.run(
            [*command, "--write", f"{folder}/report.json"], capture_output=True, text=True, check=False
        )
        seconds = time.perf_counter() - begun
        report = json.loads(Path(folder, "report.json").read_text())
        if ran.returncode or report["verdict"] != "access changes":
            raise SystemExit(f"{people} people: {report['verdict']}\n{ran.stdout[:2000]}{ran.stderr[-2000:]}")
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return {
        "people": people,
        "seconds": seconds,
        "cpu_s": children.ru_utime + children.ru_stime,
        "largest_process_mib": children.ru_maxrss / 1024,
    }


def main() -> None:
    """Measure every size; write JSON and show a table."""
    results = measured("bench.review", SIZES, measure)
    least = results[0]
    rows = [
        (
            f"{item['people']:,}",
            f"{item['seconds']:.1f} (×{item['seconds'] / least['seconds']:.1f})",
            f"{item['cpu_s']:.1f} (×{item['cpu_s'] / least['cpu_s']:.1f})",
            f"{item['largest_process_mib']:.0f} MiB",
        )
        for item in results
    ]
    headings = ("people", "seconds", "CPU seconds", "largest process")
    report(RESULT, results, "a review of one promotion, growth in one run", headings, rows)


if __name__ == "__main__":
    main()
