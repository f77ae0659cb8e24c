"""Every case of a bad declaration: those of its structure, and those that a rule finds."""

from tests.bad.rules import RULE_CASES
from tests.bad.structure import STRUCTURE_CASES

CASES = (*STRUCTURE_CASES, *RULE_CASES)
