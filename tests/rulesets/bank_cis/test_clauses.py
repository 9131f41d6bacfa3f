"""Every clause of the regulation is accounted for, and codes stay what they are."""

from __future__ import annotations

from auditor.rulebook import load_ruleset
from auditor.rulebook.checks import check_complete
from auditor.vocabulary.rules import INDICATOR

RULESET = load_ruleset("bank_cis")

CITED = {
    "4.(1).7": ["BK706", "BK901"],
    "5.(1)": ["BK201", "BK217"],
    "5.(2)": ["BK202", "BK217"],
    "7": ["BK101", "BK102", "BK103", "BK113", "BK115"],
    "10": ["BK109", "BK110", "BK112", "BK113", "BK403", "BK508"],
    "10.(1)": ["BK108", "BK116", "BK401", "BK603"],
    "10.(3)": ["BK203", "BK401", "BK602", "BK603"],
    "10.(4)": ["BK104", "BK204", "BK401", "BK602"],
    "10.(4).(2)": ["BK114"],
    "10.(5)": ["BK107", "BK205", "BK207", "BK401", "BK603"],
    "10.(6)": ["BK105", "BK106", "BK107", "BK206", "BK401", "BK602"],
    "10.(6).(2)": ["BK114"],
    "10.(8)": ["BK201", "BK211", "BK213"],
    "10.(9)": ["BK202", "BK211", "BK212"],
    "10.(10)": ["BK102", "BK115"],
    "10.(11)": ["BK111"],
    "10.(12)": ["BK217"],
    "9b": ["BK112", "BK306"],
    "9b.(1)": ["BK304", "BK305", "BK307"],
    "9b.(2)": ["BK307"],
    "9b.(4)": ["BK217"],
    "9b.(5)": ["BK308"],
    "10g": ["BK709"],
    "10g.(1)": ["BK701"],
    "10g.(2)": ["BK702"],
    "10g.(3)": ["BK302"],
    "10g.(4)": ["BK301"],
    "10g.(5)": ["BK703"],
    "12": ["BK703"],
    "12.(1)": ["BK704"],
    "12.(3)": ["BK709"],
    "13": ["BK303"],
    "14": ["BK302"],
    "15": ["BK211", "BK303", "BK309"],
    "16.(2)": ["BK705"],
    "16.(3)": ["BK216"],
    "20": ["BK214", "BK215"],
    "22": ["BK507"],
    "22.6": ["BK505"],
    "23": ["BK401", "BK402", "BK501", "BK502", "BK503"],
    "24": ["BK504", "BK506", "BK507", "BK509"],
    "25": ["BK301"],
    "26": ["BK601"],
    "30": ["BK707", "BK708"],
}

CRITICAL = "BK101 BK104 BK105 BK109 BK112 BK113 BK201 BK211 BK213 BK215 BK304 BK305 BK306 BK402 BK505 BK602 BK703"
MINOR = "BK206 BK217 BK302 BK309 BK502 BK504 BK509 BK704"


def test_each_clause_is_cited_by_the_rules_that_prove_it() -> None:
    assert {c.number: sorted(RULESET.rules_of(c.number)) for c in RULESET.clauses if RULESET.rules_of(c.number)} == CITED


def test_nothing_is_left_without_a_rule_a_check_or_words() -> None:
    check_complete(RULESET)


def test_all_thirty_three_articles_stand_in_the_order_of_the_text() -> None:
    articles = list(dict.fromkeys(clause.number.split(".")[0] for clause in RULESET.clauses))
    # The text numbers two articles 9 and two articles 10.
    assert articles == [*map(str, range(1, 9)), "9a", "10", "9b", "10g", *map(str, range(11, 34))]


def test_severities_are_those_laid_down() -> None:
    of = {
        severity: {code for code, rule in RULESET.rules.items() if rule.severity == severity} for severity in ("critical", "minor", "merit")
    }
    assert of == {"critical": set(CRITICAL.split()), "minor": set(MINOR.split()), "merit": {"BK901"}}
    assert {code for code, rule in RULESET.rules.items() if rule.severity is INDICATOR} == {"BK503", "BK507", "BK508"}


def test_one_rule_is_named_after_customers() -> None:
    assert [code for code, rule in RULESET.rules.items() if rule.case_personal] == ["BK206"]
