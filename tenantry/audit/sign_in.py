"""The variables that sign in to each tenant of a partner."""

import os
from collections.abc import Callable, Mapping
from pathlib import Path

from tenantry.engine import directory_process
from tenantry.errors import DirectoryError, NoProjectError
from tenantry.graph.errors import CredentialsError
from tenantry.project.paths import Project


def environments(folder: Path, outside: Mapping[str, str] | None = None) -> Callable[[str], Mapping[str, str]]:
    """What signs in to the tenant of an id: the environment's own sign-in, which is to know every tenant.

    Where the environment leads to this project's embedded directory, each tenant's own credentials are taken.
    """
    variables = dict(os.environ if outside is None else outside)
    try:
        project = Project.around(folder)
        directory = directory_process.running(project) if variables.get("ARM_METADATA_HOSTNAME") else None
    except NoProjectError:
        return lambda tenant_id: {**variables, "ARM_TENANT_ID": tenant_id}
    embedded = directory is not None and directory.metadata_host == variables["ARM_METADATA_HOSTNAME"]

    def of(tenant_id: str) -> Mapping[str, str]:
        signs_in = {**variables, "ARM_TENANT_ID": tenant_id}
        if not embedded:
            return signs_in
        try:
            known = directory_process.credentials(project, tenant_id)
        except DirectoryError as error:
            raise CredentialsError(str(error)) from None
        return {**signs_in, "ARM_CLIENT_ID": known.client_id, "ARM_CLIENT_SECRET": known.client_secret}

    return of
