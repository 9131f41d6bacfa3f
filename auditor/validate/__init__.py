"""Rows as a source gives them → admitted records and quarantine, by the record contract."""

from auditor.validate.admitted import REASONS, REFUSALS, Admitted, arrow_type, few_rows
from auditor.validate.validate import TypedRecord, read_typed, validate

__all__ = ["REASONS", "REFUSALS", "Admitted", "TypedRecord", "arrow_type", "few_rows", "read_typed", "validate"]
