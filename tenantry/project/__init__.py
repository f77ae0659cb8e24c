"""A partner's repository: where it keeps its things, and its stacks."""
