"""The embedded directory: a small local Microsoft Entra ID behind the HTTP that its real clients speak.

From the outside in:

- `server` runs it over TLS on a loopback address; `local` reaches it in process, without a network.
- `app` is the web application; clients sign in through `tokens` and discover addresses through `metadata`.
- `families` declares families of Microsoft Graph resources as data, and says how to add one. `simple_families` has
  those without rules of their own; `users`, `groups`, `roles`, `applications`, `service_principals`,
  `permission_grants` and `administrative_units` have the others, with their rules.
- Privileged Identity Management is `eligibility` and `active_roles` for directory roles, `group_schedules` for groups;
  `schedules` is what their requests have in common.
- `endpoint` is the call that a family is given and the answers it makes, `odata` the query options, `filters` the
  language of `$filter`, `searches` that of `$search` (`token_reader` reads both), `errors` the refusals.
- `resources` says which properties each kind of object has, in the terms of `schema`.
- `deleted_items` brings back what was deleted, and `batch` answers many requests in one.
- `enrolment` describes what Partner Center leaves in a tenant, and `onboarding` puts it there.
- `permissions` are what endpoints require, `authorization` asks for it and for the roles that sensitive actions take,
  `restricted_units` protects their members, and `audit` keeps who changed what.
- `faults` are what can be made to go wrong, `fault_layer` and `throttling` do it, `control` switches them, and
  `protocol` cuts connections.
- `dump` shows a tenant as text, `seed` puts a file into one, and `request_log` counts what was asked.
- `store` keeps everything in one SQLite file, and `tenant` is one tenant's view of it.
- `state` is the folder in which all of this lies on disk, and who serves it at the moment.
"""
