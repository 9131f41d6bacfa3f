"""The fact book that the modules of facts write into."""

from auditor.derive import FactBook

FACTS = FactBook()
