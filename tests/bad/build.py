"""``python -m tests.bad.build`` writes tests/data/bad anew: a partner's folder a case, and an index of what is said."""

import json
import shutil
from pathlib import Path

from tests.bad.cases import CASES

FOLDER = Path(__file__).parent.parent / "data" / "bad"


def content() -> dict[str, bytes]:
    """Every file of the folder, by its path in it."""
    files = {f"{case.name}/{name}": data for case in CASES for name, data in case.files.items()}
    index = {case.name: case.expected for case in CASES}
    return {"expected.json": (json.dumps(index, indent=1) + "\n").encode(), **files}


def main() -> None:
    """Write the folder; what no case makes any more goes."""
    shutil.rmtree(FOLDER, ignore_errors=True)
    for name, data in content().items():
        file = FOLDER / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(data)


if __name__ == "__main__":
    main()
