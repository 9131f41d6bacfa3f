"""Facts of the customer system's regulation: each reading of an article stands here once."""

from __future__ import annotations

from . import accounts, actors, assignments, branches, days, explanations, functions, log, merits, powers, reviews, sessions
from .book import FACTS

__all__ = [
    "FACTS",
    "accounts",
    "actors",
    "assignments",
    "branches",
    "days",
    "explanations",
    "functions",
    "log",
    "merits",
    "powers",
    "reviews",
    "sessions",
]
