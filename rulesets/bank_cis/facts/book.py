"""The book in which every module of this folder writes its facts."""

from __future__ import annotations

from auditor.derive import FactBook

FACTS = FactBook()
PROVINCE = "province"
"""The only kind of unit that stands without a parent."""
