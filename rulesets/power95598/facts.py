"""Facts of the power regulation: each reading of a clause stands once, in the module of what it is about."""

from . import facts_duties, facts_events, facts_follow_up, facts_outages, facts_repairs
from .facts_book import FACTS

__all__ = ["FACTS", "facts_duties", "facts_events", "facts_follow_up", "facts_outages", "facts_repairs"]
