"""``tenantry env``: the shell exports for plain ``pulumi``."""

from pathlib import Path

from tenantry.commands.shared import StackName


def env(stack: StackName = "dev") -> None:
    """The shell exports with which plain `pulumi` reaches the embedded directory: eval "$(tenantry env)"."""
    from tenantry.engine.environment import current_environment, exports
    from tenantry.project.paths import Project

    print(exports(current_environment(Project.around(Path.cwd()), stack)))
