"""What is wrong with a set-up, and how to fix it.

`look` reads this machine, the environment and the tenant: it alone does I/O; what it cannot reach is a fact too. One
module an area evaluates those facts: `repository`, `engine`, `python`, `state`, `network`, `sign_in`, `tenant` and
`review`. `run` puts both together. Nothing is written, and no secret is kept: of a variable that may hold one, whether
it is set is all that a fact says.
"""
