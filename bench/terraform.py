"""Terraform on the same work: the accounts, groups and role assignments of a Pulumi state, as a configuration."""

import json
import os
import shutil
import subprocess
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

USER = "azuread:index/user:User"
GROUP = "azuread:index/group:Group"
ROLE_ASSIGNMENT = "azuread:index/directoryRoleAssignment:DirectoryRoleAssignment"
PASSWORD = "a-Pass-w0rd-for-the-bench"


def configuration(resources: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """The configuration, as JSON, that gives a tenant what these resources of a Pulumi state give it.

    The agent groups are adopted there and made here, since they have to be of a fresh directory.
    """
    kinds: dict[str, list[Mapping[str, Any]]] = {USER: [], GROUP: [], ROLE_ASSIGNMENT: []}
    for item in resources:
        kinds.get(item["type"], []).append(item)
    names = {user["outputs"]["objectId"]: f"p{number}" for number, user in enumerate(kinds[USER])}
    users = {
        names[user["outputs"]["objectId"]]: {
            "user_principal_name": user["outputs"]["userPrincipalName"],
            "display_name": user["outputs"]["displayName"],
            "mail": user["outputs"]["mail"],
            "password": PASSWORD,
            "force_password_change": True,
        }
        for user in kinds[USER]
    }
    groups = {
        f"g{number}": {
            "display_name": f"Bench {group['outputs']['displayName']}",
            "security_enabled": True,
            "members": [_object_id(names[member]) for member in group["outputs"]["members"]],
        }
        for number, group in enumerate(kinds[GROUP])
    }
    roles = {
        f"r{number}": {
            "role_id": assignment["outputs"]["roleId"],
            "principal_object_id": _object_id(names[assignment["outputs"]["principalObjectId"]]),
        }
        for number, assignment in enumerate(kinds[ROLE_ASSIGNMENT])
    }
    return {
        "terraform": {"required_providers": {"azuread": {"source": "hashicorp/azuread"}}},
        "resource": {"azuread_user": users, "azuread_group": groups, "azuread_directory_role_assignment": roles},
    }


def _object_id(name: str) -> str:
    return f"${{azuread_user.{name}.object_id}}"


class Terraform:
    """Terraform in a folder of its own."""

    def __init__(self, folder: Path, resources: Iterable[Mapping[str, Any]], env: Mapping[str, str]) -> None:
        self._folder = folder
        self._env = {**env, "TF_IN_AUTOMATION": "1", "CHECKPOINT_DISABLE": "1"}
        (folder / "main.tf.json").write_text(json.dumps(configuration(resources), indent=1))

    @staticmethod
    def missing() -> str | None:
        """Why it cannot be compared with, if so."""
        if shutil.which("terraform") is None:
            return "no `terraform` on PATH"
        mirror = Path(os.environ.get("TF_CLI_CONFIG_FILE", "~/.terraformrc")).expanduser()
        return None if mirror.exists() else f"no {mirror}, which names a mirror of its providers"

    def __call__(self, *arguments: str) -> None:
        """Run a command of it; raises SystemExit where it fails."""
        ran = subprocess.run(
            ["terraform", *arguments], cwd=self._folder, env=self._env, capture_output=True, text=True, check=False
        )
        if ran.returncode:
            raise SystemExit(f"terraform {' '.join(arguments)}: {ran.stdout[-3000:]}{ran.stderr[-3000:]}")
