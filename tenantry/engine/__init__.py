"""The engine: the Pulumi CLI, found or installed, and pointed at the embedded directory.

- `paths` says where a project keeps its things; `stacks` reads which tenant a stack is.
- `pulumi_cli` finds the CLI or installs it, `provider` sees to the azuread plugin; `bounded` runs what may hang.
- `enrolments` says what the embedded directory starts with, and `directory_process` runs it in the background.
- `environment` is everything that a plain `pulumi` command needs to reach it.
- `up` is the story of `make up` and `make down`.

The rehearsal, for places where no engine can be had, stands beside it.
"""
