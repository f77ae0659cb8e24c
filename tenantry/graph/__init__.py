"""Microsoft Graph, read and never written; what writes (`components/relationships`) signs in and retries by these too.

- `clouds` says which addresses make up the cloud: a national one, or what a metadata endpoint answers.
- `credentials` signs in as the azuread provider does, from the same variables; azure-identity does the work.
- `client` is the reader: GET and nothing else, page by page, with the waits that Microsoft Graph asks for.
- `models` are what it answers with, `errors` what can go wrong, and `permissions` what each reading takes.

`models`, `errors` and `permissions` import nothing beyond the core; the others need `tenantry[graph]`.
"""
