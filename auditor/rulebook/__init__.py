"""Rulesets: where they are, and what they say; every mistake in one is found when it is loaded."""

from auditor.rulebook.loader import load_ruleset
from auditor.rulebook.locate import rulesets_available
from auditor.rulebook.ruleset import Clause, Ruleset, RulesetError
from auditor.rulebook.wording import LANGUAGES, OWN_WORDING, Wording, load_wording

__all__ = ["LANGUAGES", "OWN_WORDING", "Clause", "Ruleset", "RulesetError", "Wording", "load_ruleset", "load_wording", "rulesets_available"]
