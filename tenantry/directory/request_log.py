"""What was asked of the directory, counted by kind from the log that its server writes."""

from collections import Counter
from pathlib import Path
from urllib.parse import unquote

from starlette.routing import compile_path

from .app import VERSIONS, endpoints

_SIGN_IN = "/{tenant}/oauth2/v2.0/token"


def counts(log: Path) -> Counter[tuple[str, str]]:
    """Return how often each method was asked on each kind of path; a path of no known kind counts as itself."""
    templates = [(endpoint.method, f"/{version}{endpoint.path}") for version in VERSIONS for endpoint in endpoints()]
    known = [(method, compile_path(path)[0], path) for method, path in [*templates, ("POST", _SIGN_IN)]]
    counted: Counter[tuple[str, str]] = Counter()
    for line in log.read_text(encoding="utf-8").splitlines() if log.exists() else ():
        method, quoted, _ = line.split(" ")
        path = unquote(quoted)
        matching = (
            template for known_method, pattern, template in known if known_method == method and pattern.match(path)
        )
        counted[method, next(matching, quoted)] += 1
    return counted
