"""Every article of the regulation is accounted for, and codes stay what they are."""

from __future__ import annotations

from auditor.rulebook import load_ruleset
from auditor.rulebook.checks import check_complete

CITED = {
    "5": ["HT102", "HT103"],
    "7": ["HT108"],
    "8": ["HT210", "HT904"],
    "9": ["HT107"],
    "10.(1)": ["HT107"],
    "10.(2)": ["HT403"],
    "12": ["HT101", "HT106"],
    "13": ["HT208", "HT211"],
    "13.3.1": ["HT201", "HT202"],
    "13.3.2": ["HT203", "HT204", "HT216"],
    "13.3.3": ["HT205", "HT206"],
    "13.3.4": ["HT207"],
    "13.4.2": ["HT202", "HT208"],
    "13.4.3": ["HT104"],
    "14": ["HT301", "HT302", "HT303", "HT304", "HT305"],
    "15": ["HT305", "HT311", "HT312", "HT313", "HT314"],
    "16": ["HT401", "HT402"],
    "17": ["HT109"],
    "18.(1)": ["HT901"],
    "18.(2)": ["HT902"],
    "18.(3)": ["HT901", "HT902"],
    "18.(4)": ["HT903"],
    "19": ["HT501"],
    "20": ["HT215"],
    "21.(1)": ["HT502"],
    "21.(2)": ["HT502"],
    "21.(3)": ["HT502"],
    "22.(1)": ["HT503"],
    "22.(2)": ["HT211"],
    "22.(3)": ["HT504"],
    "22.(4)": ["HT505"],
    "22.(5)": ["HT506"],
    "23.(1)": ["HT201", "HT203", "HT204", "HT212"],
    "23.(3)": ["HT302"],
    "23.(4)": ["HT303"],
    "23.(5)": ["HT312"],
    "23.(6)": ["HT214"],
    "24.(1)": ["HT105"],
    "24.(2)": ["HT101"],
    "24.(3)": ["HT213"],
    "24.(5)": ["HT209"],
    "24.(6)": ["HT102"],
    "25": ["HT109"],
    "26": ["HT507"],
}


def test_each_clause_is_cited_by_the_rules_that_prove_it() -> None:
    ruleset = load_ruleset("heating")
    assert {c.number: sorted(ruleset.rules_of(c.number)) for c in ruleset.clauses if ruleset.rules_of(c.number)} == CITED


def test_nothing_is_left_without_a_rule_a_check_or_words() -> None:
    check_complete(load_ruleset("heating"))


def test_all_twenty_eight_articles_stand_in_their_order() -> None:
    articles = [int(c.number.split(".")[0]) for c in load_ruleset("heating").clauses]
    assert list(dict.fromkeys(articles)) == list(range(1, 29))
    assert articles == sorted(articles)


def test_severities_are_those_of_the_clauses() -> None:
    critical = {code for code, rule in load_ruleset("heating").rules.items() if rule.severity == "critical"}
    assert critical == {"HT102", "HT203", "HT205", "HT211", "HT215", "HT301", "HT501", "HT503", "HT504", "HT505", "HT506", "HT507"}
