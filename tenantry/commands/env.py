"""``tenantry env``: the shell exports for plain ``pulumi``."""

from pathlib import Path

from tenantry.commands.shared import StackName, stack_name


def env(stack: StackName = None) -> None:
    """Print the shell exports that let `pulumi` use the embedded directory: eval "$(tenantry env)"."""
    from tenantry.engine.environment import current_environment, exports
    from tenantry.project.paths import Project

    project = Project.around(Path.cwd())
    variables = current_environment(project, stack_name(project, stack))
    # Pulumi takes no folder for its state that is not there.
    project.backend.mkdir(mode=0o700, parents=True, exist_ok=True)
    print(exports(variables))
