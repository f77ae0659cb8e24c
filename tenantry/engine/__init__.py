"""The engine: the Pulumi CLI, found or installed, and pointed at the embedded directory.

- `pulumi_cli` finds the CLI or installs it, `provider` installs the azuread plugin; `bounded` runs what may hang.
- `enrolments` says what the embedded directory starts with, and `directory_process` runs it in the background.
- `own_environment` is the `.venv` of a repository that `tenantry init` made.
- `environment` is everything that a plain `pulumi` command needs to reach it.
- `up` is `make up` and `make down`; `recover` repairs the state after an update was killed.
- `rehearsal` stands in where no engine can be installed.
"""
