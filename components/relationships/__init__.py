"""GDAP relationships as a resource of the plugin: the one place that writes to Microsoft Graph by itself.

- `lifecycle` says which steps lead from what there is to what is declared, and what cannot be changed. It is pure.
- `graph` reads and writes a relationship with its access assignments.
- `resource` does what the engine asks of a resource, by the two.
- `serving` is the plugin's side of the engine's protocol.
"""
