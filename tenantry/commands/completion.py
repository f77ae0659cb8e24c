"""What a shell completes: names that stand in the files here. A file that cannot be read completes nothing."""

from collections.abc import Iterator
from pathlib import Path

import typer

from tenantry.declaration import DeclarationError
from tenantry.declaration.document import read
from tenantry.errors import EngineError
from tenantry.roles import CompanyRole, PartnerRole


def partners(incomplete: str) -> list[str]:
    """The partners' folders."""
    return _beginning(incomplete, (file.parent.as_posix() for file in Path().glob("partners/*/partner.yaml")))


def tenants(context: typer.Context, incomplete: str) -> list[str]:
    """The tenants of the partner that is meant."""
    return _beginning(incomplete, (file.stem for file in _tenant_files(context)))


def people(context: typer.Context, incomplete: str) -> list[str]:
    """The keys of the people who are declared there."""
    return _beginning(incomplete, _keys(context, "people"))


def customers(context: typer.Context, incomplete: str) -> list[str]:
    """The keys of the customers who are declared there."""
    return _beginning(incomplete, _keys(context, "customers"))


def stacks(incomplete: str) -> list[str]:
    """The stacks that have a file here."""
    from tenantry.project.paths import Project
    from tenantry.project.stacks import stack_names

    try:
        return _beginning(incomplete, stack_names(Project.around(Path.cwd())))
    except EngineError:
        return []


def pages(incomplete: str) -> list[str]:
    """The pages of the documentation."""
    from tenantry.commands.docs import pages as all_pages

    return _beginning(incomplete, iter(all_pages()))


def roles(incomplete: str) -> list[str]:
    """The roles of Partner Center."""
    return _beginning(incomplete, (role.value for role in (*PartnerRole, *CompanyRole)))


def _keys(context: typer.Context, field: str) -> Iterator[str]:
    files = list(_tenant_files(context))
    files += [file.parents[1] / "customers" / file.name for file in files if field == "customers"]
    for file in files:
        try:
            content = read(file).content.get(field)
        except (DeclarationError, OSError):
            continue
        if isinstance(content, dict):
            yield from content


def _tenant_files(context: typer.Context) -> Iterator[Path]:
    partner, tenant = context.params.get("partner"), context.params.get("tenant")
    folder = Path(partner) if isinstance(partner, str | Path) else None
    files = folder.glob("tenants/*.yaml") if folder else Path().glob("partners/*/tenants/*.yaml")
    return (file for file in sorted(files) if tenant in (None, file.stem))


def _beginning(incomplete: str, names: "Iterator[str] | list[str]") -> list[str]:
    return sorted({name for name in names if name.startswith(incomplete)})
