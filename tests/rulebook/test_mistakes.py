"""Every mistake that a ruleset may hold is found when it is loaded, and told with its file and line."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from auditor.rulebook import RulesetError
from auditor.rulebook.checks import check_complete
from tests.rulebook.tiny import load_tiny, write_tiny

FLAG = '\n\n@FACTS.fact("ticket")\ndef {name}(tickets):\n    return tickets["closed_at"] < 5\n'
BROKEN = 'holds.closed_early & (m.level == "major")'

TOO_LARGE = " & ".join(f"(blank.level | (present.subject & (m.closed_at > {n})))" for n in range(9))

# What is wrong → file, the text in it and what takes its place, the line that is named (by what stands on it), what the error says.
CONDITIONS = {
    "unknown field in a population": ('m.category == "complaint"', 'm.categori == "complaint"', "TI101 = ", "'categori'"),
    "unknown act": ('act="fed_back_at"', 'act="fed_back_on"', "TI101 = ", "'fed_back_on'"),
    "unknown clock": ('after("received_at"', 'after("received_on"', "TI101 = ", "'received_on'"),
    "unknown instant": ('at="closed_at",\n    fields', 'at="closed_on",\n    fields', "TI102 = ", "'closed_on'"),
    "unknown field of content": ('("opinion",)', '("opinions",)', "TI102 = ", "'opinions'"),
    "unknown fact in a condition": ("holds.closed_early", "holds.closed_too_early", "TI103 = ", "'closed_too_early'"),
    "unknown fact in an unknown": ('{"level": blank.level}', '{"level": blank.levels}', "TI103 = ", "'levels'"),
    "unknown unit": ('unit("org_id")', 'unit("org")', "TI101 = ", "'org'"),
    "unknown fact shown": ('shows=("handled_at",)', 'shows=("handled_on",)', "TI103 = ", "'handled_on'"),
    "unknown rows cited": ('cites=("unit",)', 'cites=("units",)', "TI103 = ", "'units'"),
    "a fact cited that holds no rows": ('cites=("unit",)', 'cites=("closed_early",)', "TI103 = ", "no row fact"),
    "unknown subject": ('shows=("handled_at",)', 'subject="house"', "TI103 = ", "'house'"),
    "what a due gives asked in a population": ('m.category == "complaint"', "present.due_at", "TI101 = ", "'due_at'"),
    "unknown record": ('record="org_unit"', 'record="org_units"', "TI105 = ", "'org_units'"),
    "unknown parameter": ('"reply_limit"', '"answer_limit"', "TI101 = ", "'answer_limit'"),
    "a limit before an event in working days": (
        'after("received_at", "reply_limit")',
        'before("received_at", "reply_limit")',
        "TI101 = ",
        "working days",
    ),
    "unknown parameter of a duty": ('"report_days"', '"report_day"', "TI104 = ", "'report_day'"),
    "unknown proof of a duty": ("every=MONTH,", 'every=MONTH, proofs="reports",', "TI104 = ", "'reports'"),
    "unknown period of a duty": ("every=MONTH,", 'every=MONTH, falls="when_due",', "TI104 = ", "'when_due'"),
    "unknown code": ('m.category == "complaint"', 'm.category == "complaints"', "TI101 = ", "never 'complaints'"),
    "unknown code of several": ('m.category == "complaint"', 'm.category.one_of("report", "complaints")', "TI101 = ", "never"),
    "another name than the code": ("TI105 = State(", "TI106 = State(", "TI106 = ", "name it TI105"),
    "a code used twice in a file": ('TI105 = State(code="TI105"', 'TI102 = State(code="TI102"', "TI102 = State", "TI102 stands in line"),
    "rules on rules in a circle": ('act="fed_back_at",', 'act="fed_back_at", reasons_on=("TI103",),', "TI101 = ", "TI101 → TI103 → TI101"),
    "a rule on a rule that is none": ('reasons_on=("TI101",)', 'reasons_on=("TI999",)', "TI103 = ", "TI999"),
    "and between conditions": (BROKEN, 'holds.closed_early and m.level == "major"', "TI103 = ", "not with and"),
    "or between conditions": (BROKEN, 'holds.closed_early or m.level == "major"', "TI103 = ", "not with and, or"),
    "not before a condition": (BROKEN, "not holds.closed_early", "TI103 = ", "not with and, or, not"),
    "a chained comparison": (BROKEN, "1 < m.received_at < m.closed_at", "TI103 = ", "chained comparison"),
    "a bare flag": (BROKEN, "holds.closed_early & m.in_warranty", "TI103 = ", "bare flag"),
    "a field alone": (BROKEN, "m.in_warranty", "TI103 = ", "no condition"),
    "a field for a truth": (BROKEN, "holds.closed_early if m.in_warranty else holds.closed_early", "TI103 = ", "alone is no condition"),
    "a comparison with nothing": (BROKEN, "m.level == None", "TI103 = ", "None"),
    "a comparison with a blank": (BROKEN, 'm.level == " "', "TI103 = ", "blank.level"),
    "a comparison with a decimal": (BROKEN, "m.loss_amount > 1.5", "TI103 = ", "whole number"),
    "a sum": (BROKEN, "m.closed_at > m.received_at + 60", "TI103 = ", "unsupported operand"),
    "a text in order": (BROKEN, 'm.level > "general"', "TI103 = ", "=="),
    "a text compared with a number": (BROKEN, "m.opinion == 5", "TI103 = ", "the fact is str, the value is int"),
    "a time compared with a text": (BROKEN, 'm.closed_at == "2026-01-01"', "TI103 = ", "the fact is int, the value is str"),
    "a flag compared with True": (BROKEN, "m.in_warranty == True", "TI103 = ", "the fact is int, the value is bool"),
    "two texts compared": (BROKEN, "m.org_id == m.handler_org_id", "TI103 = ", "two facts compare as whole numbers only"),
    "a decimal compared": (BROKEN, "m.loss_amount > 5", "TI103 = ", "its type is 'num'"),
    "a number beyond the engine's": (BROKEN, f"m.closed_at > {2**63}", "TI103 = ", "whole numbers from"),
    "a condition too large": (BROKEN, TOO_LARGE, "TI103 = ", "Derive a fact"),
    "a rule without a clause": ('clause="1.(2)",', "", "TI102 = ", "clause"),
    "no Python": ("TI105 = State(", "TI105 = = State(", "TI105 = = ", "invalid syntax"),
    "no word of the vocabulary": ("Content, Deadline", "Contents, Deadline", "from auditor.vocabulary import MAJOR", "Contents"),
}


def line_of(path: Path, marker: str) -> int:
    [line] = [number for number, text in enumerate(path.read_text(encoding="utf-8").splitlines(), 1) if text.startswith(marker)]
    return line


@pytest.mark.parametrize("mistake", CONDITIONS)
def test_a_mistake_in_a_rule_is_told_with_file_and_line(mistake: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    old, new, marker, says = CONDITIONS[mistake]
    folder = write_tiny(tmp_path / "tiny", chapter_1=(old, new))
    with pytest.raises(RulesetError) as raised:
        load_tiny(folder, monkeypatch)
    told = str(raised.value)
    first = line_of(folder / "chapter_1.py", marker)
    found = re.search(r"chapter_1\.py, line (\d+)", told)
    assert found, told
    # A condition's line is that of the condition, which stands within its rule.
    assert first <= int(found[1]) <= first + 15, told
    assert says in told


@pytest.mark.parametrize("name", ["id", "sid", "alias", "define", "matches", "imatches", "allItems", "anyItem", "blank_level"])
def test_a_fact_whose_name_the_engine_misreads_is_refused(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = write_tiny(tmp_path / "tiny", facts=("", FLAG.format(name=name)), chapter_1=(BROKEN, f"holds.{name}"))
    line = line_of(folder / "chapter_1.py", "TI103 = ")
    with pytest.raises(RulesetError, match=rf"chapter_1\.py, line {line}, TI103: .*cannot be named '{name}'"):
        load_tiny(folder, monkeypatch)


FILES = {
    "a fact registered twice": ("facts", "def unit(", "def closed_early(", "facts.py, line", "TI103|unit|registered twice"),
    "no book of facts": ("facts", "FACTS = FactBook()", "BOOK = FactBook()", "facts.py, line 10", "FACTS"),
    "a limit in a unit that measures no time": (
        "parameters",
        'unit = "working_day"',
        'unit = "count"',
        "chapter_1.py, line",
        "count, which measures no time limit",
    ),
    "a duty's limit in hours": (
        "parameters",
        '[report_days]\nunit = "d"',
        '[report_days]\nunit = "h"',
        "chapter_1.py, line",
        "limit is in d",
    ),
    "no tenure for a duty": ("parameters", "[duty_tenure]", "[tenure]", "chapter_1.py, line", "duty_tenure"),
    "unknown unit of a parameter": ("parameters", 'unit = "d"', 'unit = "days"', "parameters.toml, line 8", "'days' is no unit"),
    "unknown basis": ("parameters", 'basis = "site"', 'basis = "law"', "parameters.toml, line 8", "'law'"),
    "no whole number": ("parameters", "value = 10", "value = 1.5", "parameters.toml, line 8", "no whole number"),
    "no date": ("parameters", "from = 2026-01-01, value = 10", 'from = "2026", value = 10', "parameters.toml, line 8", "`from`, a date"),
    "no TOML": ("parameters", "[report_days]", "[report_days", "parameters.toml: not valid TOML", "line 8"),
    "unknown record to read": ("__init__", '"duty_record"', '"duty_records"', "__init__.py, line", "'duty_records'"),
    "no regulation": ("__init__", "REGULATION = ", "REGULATIONS = ", "__init__.py, line", "REGULATION"),
    "unknown kind of a field": ("records", "time* event", "moment*", "records.toml, line 4", "'moment' is no kind"),
    "unknown coverage": ("clauses", '"by_hand"', '"by_foot"', "clauses.toml, line 14", "by_rule, by_hand, no_duty"),
    "no title": ("en", 'title = "No kind"\n', "", "en.toml, line", "TI105|no title in en"),
    "no duty": ("zh-Hant", 'duty = "report"\n', "", "zh-Hant.toml, line", "no duty in zh-Hant"),
    "no deed": ("zh-Hans", 'deed = "has no kind"\n', "", "zh-Hans.toml, line", "no deed in zh-Hans"),
    "no effect": ("en", 'effect = "Waits."\n', "", "en.toml, line", "no effect in en"),
    "no remedy": ("en", 'remedy = "Wait."\n', "", "en.toml, line", "no remedy in en"),
    "a message that names what the rule does not show": (
        "en",
        "{fed_back_at}",
        "{feedback_at}",
        "en.toml, line 34, rules.TI101.breach",
        "{feedback_at}",
    ),
    "a message that reaches into a value": (
        "en",
        "{fed_back_at}",
        "{fed_back_at.__class__}",
        "en.toml, line 34, rules.TI101.breach",
        "__class__",
    ),
    "a message with a number": ("en", "{fed_back_at}", "{0}", "en.toml, line 34, rules.TI101.breach", "{0}"),
    "a message with an open brace": ("en", "{fed_back_at}", "{fed_back_at", "en.toml, line 34, rules.TI101.breach", "brace"),
    "a duty that names what no message has": (
        "en",
        'duty = "reply"',
        'duty = "reply to {caller}"',
        "en.toml, line 31, rules.TI101.duty",
        "{caller}",
    ),
}


@pytest.mark.parametrize("mistake", FILES)
def test_a_mistake_in_a_file_of_the_ruleset_is_told_with_file_and_line(
    mistake: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file, old, new, place, says = FILES[mistake]
    with pytest.raises(Exception, match=re.escape(place)) as raised:
        load_tiny(write_tiny(tmp_path / "tiny", **{file: (old, new)}), monkeypatch)
    assert getattr(raised.value, "exit_code", None) == 2
    assert any(part in str(raised.value) for part in says.split("|"))


def test_a_code_that_stands_in_two_chapters_is_told_with_both_places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = write_tiny(tmp_path / "tiny")
    (folder / "chapter_2.py").write_text((folder / "chapter_1.py").read_text(encoding="utf-8"), encoding="utf-8")
    with pytest.raises(RulesetError, match=r"chapter_2\.py, line \d+, TI101: the code stands at .*chapter_1\.py, line \d+, TI101"):
        load_tiny(folder, monkeypatch)


INCOMPLETE = {
    "a clause that is not listed": (
        "chapter_1",
        'clause="1.(1)",\n    severity=MINOR',
        'clause="1.(9)",\n    severity=MINOR',
        "clause 1.(9)",
    ),
    "a clause by rule without a rule": ("clauses", '"by_hand"', '"by_rule"', "clause 3 is marked by_rule, but no rule cites it"),
    "a clause by hand that a rule cites": ("clauses", '"2"\ncoverage = "by_rule"', '"2"\ncoverage = "by_hand"', "TI104, TI105 cite it"),
    "a clause listed twice": ("clauses", 'number = "1.(2)"', 'number = "1.(1)"', "stands twice"),
    "a clause without a summary": ("en", 'summary = "Be kind."\n', "", "no summary in en"),
    "a clause by hand that says nothing to look at": ("zh-Hant", 'check = "Listen to calls."\n', "", "no check in zh-Hant"),
    "a parameter that no rule uses": (
        "parameters",
        "[duty_tenure]",
        '[spare]\nunit = "d"\nbasis = "site"\nvalues = [{ from = 2026-01-01, value = 1 }]\n[duty_tenure]',
        "spare",
    ),
    "a parameter without a name": ("en", 'name = "tenure"\n', "", "duty_tenure has no name in en"),
    "a field without a name": ("en", '[facts.closed_early]\nname = "closed early"\n', "", "closed_early, which has no name"),
}


@pytest.mark.parametrize("mistake", INCOMPLETE)
def test_what_a_ruleset_leaves_out_is_told_with_its_file(mistake: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file, old, new, says = INCOMPLETE[mistake]
    ruleset = load_tiny(write_tiny(tmp_path / "tiny", **{file: (old, new)}), monkeypatch)
    with pytest.raises(RulesetError, match=re.escape(says)) as raised:
        check_complete(ruleset)
    assert str(tmp_path) in str(raised.value)


def test_a_ruleset_without_a_mistake_is_loaded_and_complete(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ruleset = load_tiny(write_tiny(tmp_path / "tiny"), monkeypatch)
    assert list(ruleset.rules) == ["TI101", "TI102", "TI103", "TI104", "TI105"]
    assert [rule.code for rule in ruleset.ordered].index("TI101") < [rule.code for rule in ruleset.ordered].index("TI103")
    check_complete(ruleset)
