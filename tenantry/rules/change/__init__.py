"""Safety before the first resource: what a change takes from whom, and whether it may (rules PT-203, PT-204, PT-206).

Pure but for :mod:`tenantry.access.reading`, which fills :class:`Existing` from Microsoft Graph and the stack's state,
and :mod:`tenantry.rules.change.preflight`, which asks everything at once;
:func:`change` says what applying the declaration takes and gives; :func:`judge` says everything that speaks against it.
"""
