"""What a change of access takes from whom, and what the rules refuse of it.

:mod:`tenantry.access.change` says what a change takes and gives. Each rule of the registry names its checks of one
(``Rule.of_changes``), and :mod:`tenantry.rules.change.evaluate` asks them all: for the program before its first
resource (:mod:`tenantry.rules.change.preflight`), for a plan, and for a change in git. All of it is pure but the
preflight, which reads the tenant.
"""
