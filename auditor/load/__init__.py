"""The only place that talks to a source database. It reads, and cannot write."""

from auditor.load.ahead import read_ahead
from auditor.load.catalogue import SourceColumn, SourceTable, inspect_source, read_table, table_names
from auditor.load.mapped import read_mapped
from auditor.load.read import Absent, RawRecord, read_record, read_statement
from auditor.load.sample import count_rows, count_values, sample_table
from auditor.load.site_sources import RulesetSources
from auditor.load.source import Source, open_source
from auditor.load.urls import parse_url, safe_url

__all__ = [
    "Absent",
    "RawRecord",
    "RulesetSources",
    "Source",
    "SourceColumn",
    "SourceTable",
    "count_rows",
    "count_values",
    "inspect_source",
    "open_source",
    "parse_url",
    "read_ahead",
    "read_mapped",
    "read_record",
    "read_statement",
    "read_table",
    "safe_url",
    "sample_table",
    "table_names",
]
