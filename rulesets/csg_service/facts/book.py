"""Where the facts of this ruleset are registered."""

from auditor.derive import FactBook

FACTS = FactBook()
