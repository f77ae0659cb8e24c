"""Raw programs: azuread's own resources without a component, and what somebody may add to them."""
