"""Rulesets: where they are, and what they say; every mistake in one is found when it is loaded."""

from auditor.rulebook.loader import load_ruleset
from auditor.rulebook.locate import rulesets_available
from auditor.rulebook.ruleset import Clause, Ruleset, RulesetError
from auditor.rulebook.sheets import SheetCase, read_sheets, sheets_folder
from auditor.rulebook.tables import with_site_rows
from auditor.rulebook.wording import LANGUAGES, OWN_WORDING, Wording, load_wording

__all__ = [
    "LANGUAGES",
    "OWN_WORDING",
    "Clause",
    "Ruleset",
    "RulesetError",
    "SheetCase",
    "Wording",
    "load_ruleset",
    "load_wording",
    "read_sheets",
    "rulesets_available",
    "sheets_folder",
    "with_site_rows",
]
