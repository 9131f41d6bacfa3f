"""Every clause of the regulation is accounted for, in its order; and codes stay what they are."""

from __future__ import annotations

from auditor.rulebook import load_ruleset
from auditor.rulebook.checks import check_complete

CLAUSES = [
    *("1",),
    *("2.1.(1)", "2.1.(2)", "2.1.(3)", "2.1.(4)", "2.2"),
    *("2.3.(1)", "2.3.(2)", "2.3.(3)", "2.3.(4)", "2.3.(5)", "2.3.(6)"),
    *("2.4.(1)", "2.4.(2)", "2.5.(1)", "2.5.(2)", "2.6.(1)", "2.6.(2)"),
    *("3.1", "3.2", "3.3", "3.4"),
    *("4.1.(1)", "4.1.(2)", "4.1.(3)", "4.1.(4)", "4.1.(5)", "4.2.(1)", "4.2.(2)", "4.2.(3)", "4.2.(4)", "4.2.(5)"),
    *("4.3", "4.4.(1)", "4.4.(2)", "4.5.(1)", "4.5.(2)", "4.6.(1)", "4.6.(2)", "4.7", "4.8", "4.9"),
    *("5",),
]

CITED = {
    "1": ["PW901"],
    "2.1.(1)": ["PW101", "PW102", "PW103", "PW104", "PW105", "PW106"],
    "2.1.(2)": ["PW107"],
    "2.1.(3)": ["PW108"],
    "2.1.(4)": ["PW109", "PW110", "PW111", "PW112"],
    "2.2": ["PW201", "PW202"],
    "2.3.(1)": ["PW302"],
    "2.3.(2)": ["PW303", "PW304", "PW305", "PW314"],
    "2.3.(3)": ["PW306", "PW307", "PW315"],
    "2.3.(4)": ["PW308", "PW309"],
    "2.3.(5)": ["PW301", "PW310", "PW311"],
    "2.3.(6)": ["PW312"],
    "2.4.(1)": ["PW401", "PW402", "PW403"],
    "2.5.(1)": ["PW501", "PW502"],
    "2.5.(2)": ["PW503"],
    "2.6.(1)": ["PW601", "PW602"],
    "3.3": ["PW701", "PW708"],
    "4.1.(3)": ["PW707"],
    "4.1.(5)": ["PW706"],
    "4.2.(1)": ["PW313"],
    "4.2.(3)": ["PW702", "PW703"],
    "4.2.(4)": ["PW704", "PW902"],
    "4.2.(5)": ["PW707"],
    "4.4.(1)": ["PW705"],
    "4.5.(1)": ["PW705"],
    "4.6.(2)": ["PW106"],
}

SEVERITIES = {
    "critical": ["PW105", "PW307", "PW401", "PW402"],
    "major": [
        *("PW101", "PW102", "PW103", "PW109", "PW110", "PW112", "PW201", "PW305", "PW306", "PW308", "PW501", "PW503", "PW601"),
        *("PW703", "PW704", "PW706", "PW707"),
    ],
    "merit": ["PW901", "PW902"],
}


def test_every_clause_stands_in_its_order() -> None:
    assert [c.number for c in load_ruleset("power95598").clauses] == CLAUSES


def test_each_clause_is_cited_by_the_rules_that_prove_it() -> None:
    ruleset = load_ruleset("power95598")
    assert {c.number: sorted(ruleset.rules_of(c.number)) for c in ruleset.clauses if ruleset.rules_of(c.number)} == CITED


def test_nothing_is_left_without_a_rule_a_check_or_words() -> None:
    check_complete(load_ruleset("power95598"))


def test_what_no_rule_proves_is_looked_at_by_hand_save_the_closing_clause() -> None:
    assert [c.number for c in load_ruleset("power95598").clauses if c.coverage == "no_duty"] == ["5"]


def test_severities_are_those_of_the_catalogue() -> None:
    rules = load_ruleset("power95598").rules
    assert len(rules) == 47
    graver = {code: severity for severity, codes in SEVERITIES.items() for code in codes}
    assert {code: rule.severity.value for code, rule in rules.items()} == {code: graver.get(code, "minor") for code in rules}
