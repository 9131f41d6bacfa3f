"""A finished run's folder → the audit report (PDF) and the spreadsheet. Reads nothing but that folder."""

from auditor.report.pdf import build_pdf
from auditor.report.reading import ReportError
from auditor.report.spreadsheet import build_xlsx

__all__ = ["ReportError", "build_pdf", "build_xlsx"]
