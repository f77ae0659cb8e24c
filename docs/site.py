"""What the site shows beside docs/, so that a link leads where it leads in the repository (a hook of MkDocs)."""

from pathlib import Path
from typing import Any, Final

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files

#: Pages, and files that pages lead to.
BESIDE: Final = (
    "CHANGELOG.md",
    "CONTRIBUTING.md",
    "SECURITY.md",
    "examples/*.md",
    "examples/*/*.*",
    "examples/*/*/*.*",
    "partners/*/*.yaml",
    "partners/*/*/*.yaml",
    "pipelines/README.md",
    "pipelines/*/*.yml",
    "policies/README.md",
    "schemas/*.json",
)


def on_config(config: MkDocsConfig) -> MkDocsConfig:
    """A path with ``*`` in the navigation stands for all pages that it matches."""
    config.nav = _matched(config.nav, Path(config.config_file_path).parent)
    return config


def _matched(nav: Any, root: Path) -> Any:
    if isinstance(nav, dict):
        return {title: _matched(item, root) for title, item in nav.items()}
    if not isinstance(nav, list):
        return nav
    matched: list[Any] = []
    for item in nav:
        matched += _paths(item, root) if isinstance(item, str) and "*" in item else [_matched(item, root)]
    return matched


def _paths(pattern: str, root: Path) -> list[str]:
    return [file.relative_to(root).as_posix() for file in sorted(root.glob(pattern)) if file.is_file()]


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Name every file as the repository does; the addresses of docs/ stay without that folder's name."""
    root = Path(config.config_file_path).parent
    shown = Files([])
    for file in files:
        if file.src_dir == config.docs_dir:
            shown.append(_file(f"docs/{file.src_uri}", root, config, file.dest_uri))
        else:
            shown.append(file)
    for path in (path for pattern in BESIDE for path in _paths(pattern, root)):
        shown.append(_file(path, root, config))
    return shown


def _file(path: str, root: Path, config: MkDocsConfig, address: str | None = None) -> File:
    return File(path, str(root), config.site_dir, config.use_directory_urls, dest_uri=address)
