"""The packages that the locks name: by which terms they may be used, and which faults of theirs are known."""
