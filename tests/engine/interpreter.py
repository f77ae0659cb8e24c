"""A Python for the engine that answers at once what Pulumi's Python host asks anew before every run.

Which version, which packages, which of them bring a provider: the answers are the same all through the tests, and to
find them takes as much as the program itself. Programs and policy packs run in the environment's own interpreter.
"""

import functools
import sys
import tempfile
from pathlib import Path

_SCRIPT = """#!/bin/sh
case "$*" in
  --version | "-m pip --version" | "-m pip list "* | "-c import "*)
    answer="{folder}/answers/$(printf %s "$*" | cksum | tr ' ' -)"
    if [ ! -e "$answer" ]; then
      "{python}" "$@" > "$answer.$$" || exit
      mv "$answer.$$" "$answer"
    fi
    exec cat "$answer" ;;
esac
exec "{python}" "$@"
"""


@functools.cache
def _made() -> tempfile.TemporaryDirectory[str]:
    made = tempfile.TemporaryDirectory()
    folder = Path(made.name)
    (folder / "answers").mkdir()
    (folder / "bin").mkdir()
    (folder / "pyvenv.cfg").write_text(f"home = {Path(sys.executable).parent}\n")
    for name in ("python", "python3"):
        script = folder / "bin" / name
        script.write_text(_SCRIPT.format(folder=folder, python=sys.executable))
        script.chmod(0o755)
    return made


def environment_folder() -> Path:
    """What stands for a virtual environment, for as long as this process lives."""
    return Path(_made().name)
