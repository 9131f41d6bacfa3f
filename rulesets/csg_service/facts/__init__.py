"""Facts of the grid company's measures: each reading of a clause stands here once."""

from . import records, targets
from .book import FACTS

__all__ = ["FACTS", "records", "targets"]
