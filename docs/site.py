"""Hooks of MkDocs: the site shows pages beside docs/, so that a link leads where it leads in the repository."""

import re
from pathlib import Path
from typing import Any, Final

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

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


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, **_: Any) -> str:
    """A link that is called by its file, as in the repository, is called by its page's title."""
    here = Path(config.config_file_path).parent / Path(page.file.src_uri).parent

    def by_title(link: re.Match[str]) -> str:
        target = here / link[2]
        title = target.read_text(encoding="utf-8").partition("\n")[0] if target.is_file() else link[1]
        return f"[{title.removeprefix('# ')}]({link[2]}{link[3] or ''})"

    return re.sub(r"\[([\w/-]+\.md)\]\(([^)#]+\.md)(#[^)]*)?\)", by_title, markdown)
