"""Reports: what they say, in which order, and one renderer a format."""
