"""A partner's own repository: the files that a release of tenantry brings, and what became of them since."""
