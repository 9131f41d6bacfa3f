"""Rows as a source gives them → admitted records and quarantine, by the record contract."""

from auditor.validate.admitted import REASONS, REFUSALS, Admitted, arrow_type, few_rows
from auditor.validate.validate import validate

__all__ = ["REASONS", "REFUSALS", "Admitted", "arrow_type", "few_rows", "validate"]
