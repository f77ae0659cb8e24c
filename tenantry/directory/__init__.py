"""The embedded directory: a small local Microsoft Entra ID behind the HTTP that its real clients speak.

From the outside in:

- `server` runs it over TLS on a loopback address; `local` reaches it in process, without a network.
- `app` is the web application; `tokens` and `metadata` are its doors for signing in and for discovery.
- `users`, `groups`, `roles`, `organization`, `service_principals` and `objects` hold one family of Microsoft
  Graph resources each: the endpoints and the directory's own rules about them.
- `endpoint` is what a family is given and what it answers, `odata` the query options, `filters` the one of them
  that is a language, `counts` the numbers behind `$count`, `errors` the refusals.
- `resources` says which properties each kind of object has, in the terms of `schema`.
- `deleted_items` brings back what was deleted, and `batch` answers many requests in one.
- `enrolment` describes what Partner Center leaves in a tenant, and `onboarding` puts it there.
- `permissions` are what endpoints require, `authorization` asks for it and for the roles that sensitive actions take,
  and `audit` keeps who changed what.
- `faults` are what can be made to go wrong, `fault_layer` and `throttling` do it, `control` switches them, and
  `protocol` cuts connections.
- `dump` shows a tenant as text, `seed` puts a file into one, and `request_log` counts what was asked.
- `store` keeps everything in one SQLite file, and `tenant` is one tenant's view of it.
- `state` is the folder in which all of this lies on disk, and who serves it at the moment.
"""
