"""A rules-engine compliance auditor for customer service."""

__version__ = "0.1.0"
