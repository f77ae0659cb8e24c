"""What is installed with `pip install tenantry`."""

import subprocess
import sys
import zipfile
from pathlib import Path


def test_the_wheel_holds_every_template_and_style_and_no_package_but_tenantry(root: Path, tmp_path: Path) -> None:
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
    subprocess.run(build, cwd=root, check=True, capture_output=True)
    (wheel,) = tmp_path.glob("*.whl")
    names = zipfile.ZipFile(wheel).namelist()
    pages = [file for kind in ("*.j2", "*.css", "data/*") for file in (root / "tenantry").rglob(kind)]
    assert {file.relative_to(root).as_posix() for file in pages} <= set(names)
    assert len(pages) >= 3
    assert {name.split("/")[0] for name in names if ".dist-info/" not in name} == {"tenantry"}
