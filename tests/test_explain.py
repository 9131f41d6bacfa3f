"""`auditor explain`: the last line says the verdict that a run gives the case, whatever the verdict, for every kind of rule."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from auditor import explain as explaining
from auditor import rule_reference
from auditor.audit import Request
from auditor.explain import Explanation, explain, lines
from auditor.instants import DEFAULT_ZONE, from_iso
from auditor.masking import Masker
from auditor.periods import parse_period
from auditor.rulebook import OWN_WORDING, load_ruleset, load_wording, read_sheets, rulesets_available
from tests.audits import AUDITS, expected_verdicts, rows_of, run, sample_database
from tests.rulesets.sheet_runner import InProcess
from tests.site_logs import SiteLogs, read_site

RULESETS = tuple(rulesets_available())
PERIOD, AS_OF = AUDITS["during"]
"""The sample that has pending cases."""

NOBODY = "nobody of that name"


class Inside(InProcess):
    """In this process, where a context manager is asked for."""

    def __init__(self, workers: int) -> None:
        assert workers == 1

    def __enter__(self) -> Inside:
        return self

    def __exit__(self, *_: object) -> None:
        return None


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("samples")


@functools.cache
def site(ruleset: str, folder: Path) -> SiteLogs:
    return read_site(ruleset, sample_database(ruleset, "during", folder))


@pytest.fixture
def explained(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """(ruleset, rule, case) → its explanation, over records that were read once."""

    def told(ruleset: str, code: str, case: str, period: str = PERIOD) -> Explanation:
        logs = site(ruleset, folder)
        monkeypatch.setattr(explaining, "admit", lambda *_: (logs.admitted, logs.absent, logs.refusals))
        monkeypatch.setattr(explaining, "Adjudicator", Inside)
        masker = Masker(b"0123456789abcdef", unmask=True)
        request = Request([logs.source], parse_period(period), from_iso(AS_OF, DEFAULT_ZONE), Path(), masker)
        return explain(logs.source, request, code, case, load_wording(OWN_WORDING))

    return told


def chosen(ruleset: str) -> Iterator[tuple[str, str, str, str]]:
    """Kind, rule, case and verdict: one case of every verdict that a kind of rule gives in the sample."""
    seen = set()
    rules = load_ruleset(ruleset).rules
    for (code, case), (verdict, _, _) in expected_verdicts(ruleset, "during").items():
        kind = rules[code].kind
        if (kind, verdict) not in seen:
            seen.add((kind, verdict))
            yield kind, code, case, verdict


CASES = [(ruleset, *case) for ruleset in RULESETS for case in chosen(ruleset)]


@pytest.mark.parametrize(("ruleset", "kind", "code", "case", "verdict"), CASES, ids=lambda value: value)
def test_the_last_line_says_the_verdict_of_the_run(ruleset: str, kind: str, code: str, case: str, verdict: str, explained: Any) -> None:
    told = explained(ruleset, code, case)
    assert told.verdict == verdict
    assert told.steps[-1].what == "verdict"
    assert told.steps[-1].told.split(":")[0] == verdict
    said = "\n".join(lines(told))
    # What the run counts, and who answers, are those of the samples too.
    _, counted, liable = expected_verdicts(ruleset, "during")[code, case]
    assert "counts at" in said
    assert counted in said
    assert liable in said
    assert "durable-rules says" in said


def test_the_samples_give_a_case_of_every_verdict_to_explain() -> None:
    assert {case[4] for case in CASES} >= {"compliant", "pending", "breach", "indeterminate", "indicator", "merit"}
    assert {case[1] for case in CASES} == {"deadline", "forbidden", "content", "state", "merit", "duty"}


@pytest.mark.parametrize("ruleset", RULESETS)
def test_a_case_that_a_rule_does_not_judge_is_explained_as_outside_with_the_reason(ruleset: str, explained: Any, folder: Path) -> None:
    loaded, judged = load_ruleset(ruleset), expected_verdicts(ruleset, "during")
    outside = 0
    for code, rule in loaded.rules.items():
        if rule.record not in loaded.contract or rule.record not in site(ruleset, folder).admitted:
            continue
        keys = site(ruleset, folder).admitted[rule.record].table[0].to_pylist()
        strange = next((key for key in keys if (code, key) not in judged), None)
        if strange is None:
            continue
        told = explained(ruleset, code, strange)
        assert told.verdict == "outside", (code, strange)
        last = told.steps[-1].told
        assert last.startswith("outside: ") or told.steps[-1].what == "outside"
        assert len(last) > 20
        outside += 1
    assert outside >= 4


def test_a_case_of_another_period_is_outside_and_says_what_it_would_be(explained: Any) -> None:
    case, verdict = next(
        (key[1], said[0])
        for key, said in expected_verdicts("heating", "during").items()
        if key[0] == "HT201" and said[1].startswith("2026-08") and said[0] == "breach"
    )
    told = explained("heating", "HT201", case, period="2026-07")
    assert told.verdict == "outside"
    assert told.steps[-1].told == f"outside: the case belongs to another period (it would be {verdict})"
    assert explained("heating", "HT201", case, period="2026-08").verdict == verdict


@pytest.mark.parametrize("ruleset", RULESETS)
def test_a_case_that_no_record_has_is_said_to_be_missing(ruleset: str, explained: Any) -> None:
    for code in load_ruleset(ruleset).rules:
        told = explained(ruleset, code, NOBODY)
        assert told.verdict == "outside"
        assert NOBODY in told.steps[-1].told


def test_a_quarantined_row_is_said_to_be_in_quarantine(explained: Any, folder: Path) -> None:
    refusal = next(row for row in site("heating", folder).refusals.to_pylist() if row["record"] == "ticket" and row["key"])
    told = explained("heating", "HT201", refusal["key"])
    assert "quarantine" in told.steps[-1].told
    assert refusal["reason"] in told.steps[-1].told


def test_the_command_explains_a_case_of_a_database(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    database = sample_database("power95598", "during", tmp_path)
    (code, case), (verdict, counted, _) = next(
        item for item in expected_verdicts("power95598", "during").items() if item[0][0] == "PW401" and item[1][0] == "breach"
    )
    assert run("explain", "power95598", code, case, "--source", f"sqlite:///{database}", "--period", PERIOD, "--as-of", AS_OF) == 0
    said = capsys.readouterr().out
    assert said.splitlines()[-1].split() == ["verdict", verdict]
    assert counted in said
    assert "complaint_limit" in said
    assert "working" in said


@pytest.mark.parametrize("ruleset", RULESETS)
def test_every_rule_is_listed_and_shown_and_every_clause_covered(
    ruleset: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    loaded = load_ruleset(ruleset)
    sheets = read_sheets(loaded)
    monkeypatch.setattr(rule_reference, "read_sheets", lambda _: sheets)
    for language in ("en", "zh-Hant", "zh-Hans"):
        assert run("rules", "list", ruleset, "--lang", language) == 0
        listed = capsys.readouterr().out
        assert all(f"  {code}  " in listed for code in loaded.rules)
        assert run("rules", "coverage", ruleset, "--lang", language) == 0
        covered = capsys.readouterr().out
        assert [line.split()[0] for line in covered.splitlines() if line[:1].strip()][: len(loaded.clauses)] == [
            c.number for c in loaded.clauses
        ]
    for code, rule in loaded.rules.items():
        assert run("rules", "show", code, "--at", "2026-09-01") == 0
        shown = capsys.readouterr().out
        assert rule.name in shown
        assert f"clause {rule.clause}" in shown
        assert "Remedy: " in shown
        assert "Sheet of cases:" in shown
        assert all(name in shown for name in loaded.parameters_of(rule))
        assert "{" not in shown


def test_who_sees_personal_data_in_an_explanation_is_recorded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    database = sample_database("power95598", "after", tmp_path)
    source = ("--source", f"sqlite:///{database}", "--period", "2026Q3", "--as-of", "2026-10-12")
    asked = ("explain", "power95598", "PW101", "N000023", *source)
    assert run(*asked) == 0
    assert not (tmp_path / "unmasked.jsonl").exists()
    assert run(*asked, "--unmask") == 2
    assert run(*asked, "--unmask", "--reason", "the clerk asked") == 0
    record = rows_of(tmp_path / "unmasked.jsonl")
    assert [(line["command"], line["why"]) for line in record] == [("explain power95598 PW101", "the clerk asked")]
    assert (tmp_path / "unmasked.jsonl").stat().st_mode & 0o077 == 0
