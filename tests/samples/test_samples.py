"""The sample databases, judged elsewhere by an independent implementation: every verdict, instant and liable party is the same here."""

from __future__ import annotations

from pathlib import Path

import pytest

from auditor.derive import coded_text, verbs
from auditor.rulebook import rulesets_available
from auditor.validate import chunks
from tests.audits import AUDITS, SAMPLES, audit, expected_verdicts, sample_database, verdicts


@pytest.mark.parametrize("name", AUDITS)
@pytest.mark.parametrize("ruleset", sorted(path.name for path in SAMPLES.iterdir() if path.is_dir() and not path.name.startswith("_")))
def test_every_verdict_its_instant_and_who_is_liable_are_those_of_the_sample(ruleset: str, name: str, tmp_path: Path) -> None:
    _check(ruleset, name, tmp_path)


@pytest.mark.parametrize("ruleset", sorted(path.name for path in SAMPLES.iterdir() if path.is_dir() and not path.name.startswith("_")))
def test_the_ways_that_long_logs_take_give_the_same_verdicts(ruleset: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # Ids found by their number and texts held as codes are chosen by length alone; here every column is long enough.
    monkeypatch.setattr(verbs, "WORTH_IT", 0)
    monkeypatch.setattr(coded_text, "CODED_FROM", 0)
    monkeypatch.setattr(chunks, "CODED_FROM", 0)
    _check(ruleset, "year", tmp_path)


def _check(ruleset: str, name: str, tmp_path: Path) -> None:
    period, as_of = AUDITS[name]
    database = sample_database(ruleset, name, tmp_path)
    run = audit(database, ruleset, tmp_path / "run", "--unmask", "--reason", "samples hold no person's data", period=period, as_of=as_of)
    found, expected = verdicts(run), expected_verdicts(ruleset, name)
    wrong = {key: (expected.get(key), found.get(key)) for key in {*found, *expected} if [expected.get(key)] != found.get(key)}
    assert not wrong, f"{len(wrong)} cases differ (expected, found), among them {dict(sorted(wrong.items())[:5])}"


def test_every_ruleset_has_samples() -> None:
    assert {path.name for path in SAMPLES.iterdir() if (path / "year.db.xz").is_file()} >= set(rulesets_available())
