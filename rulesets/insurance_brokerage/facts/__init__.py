"""Facts of the brokerage measures: each reading of an article stands here once."""

from . import agreements, assessment, centres, claims, fees
from .book import FACTS

__all__ = ["FACTS", "agreements", "assessment", "centres", "claims", "fees"]
