"""What is found, and what could not be looked at: the same from the first file that is read to the last report."""

from pydantic import BaseModel, ConfigDict


class NotEvaluated(BaseModel):
    """A part that could not be seen, why, and what to do. Never read as "no change"."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    side: str
    """"base", "head", "plan"."""
    what: str
    why: str
    mend: str
