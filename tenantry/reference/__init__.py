"""Pages and schemas that are rendered from the code."""
