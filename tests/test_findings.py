"""Findings as they are published: which cases become findings, and that it does not matter how many are made at a time."""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from auditor import citations, findings
from auditor.citations import EvidenceBook
from auditor.findings import Publisher
from auditor.instants import DEFAULT_ZONE
from auditor.judge import Judged
from auditor.masking import Masker
from auditor.rulebook import OWN_WORDING, load_wording
from auditor.score import ScoringModel
from tests.audits import sample_database
from tests.site_logs import SiteLogs, read_site

Published = tuple[list[tuple[str, int, dict[str, Any]]], pa.Table, dict[str, dict[str, int]]]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> SiteLogs:
    return read_site("power95598", sample_database("power95598", "after", tmp_path_factory.mktemp("power95598")))


@pytest.fixture(scope="module")
def judged(site: SiteLogs) -> list[Judged]:
    return site.judge("2026Q3", "2026-10-12T00:00:00")


def publish(site: SiteLogs, judged: list[Judged]) -> Published:
    """(rule, case, finding) of every rule, the evidence, and how many cases are not listed."""
    logs = next(one.cases.frame.logs for one in judged if one.cases is not None)
    masker = Masker(b"a key for these tests alone")
    book = EvidenceBook(site.ruleset.name, site.admitted, logs, masker)
    publisher = Publisher(site.ruleset, logs, masker, ScoringModel(), load_wording(OWN_WORDING), book, DEFAULT_ZONE)
    told = []
    for one in judged:
        if (chosen := publisher.chosen(one)) is not None:
            findings = list(publisher.findings(chosen))
            assert [finding["finding_id"] for finding in findings] == chosen.ids
            told += [(one.rule.code, case, finding) for case, finding in zip(chosen.places.tolist(), findings, strict=True)]
    return told, book.table(), publisher.cut


def test_findings_are_the_same_however_many_are_made_at_a_time(
    site: SiteLogs, judged: list[Judged], monkeypatch: pytest.MonkeyPatch
) -> None:
    told, evidence, _ = publish(site, judged)
    assert len(told) > 50
    monkeypatch.setattr(findings, "_AT_ONCE", 3)
    monkeypatch.setattr(citations, "_AT_ONCE", 2)
    some_told, some_evidence, _ = publish(site, judged)
    assert some_told == told
    assert some_evidence.equals(evidence)


def test_every_finding_names_its_own_case_and_stands_in_the_order_of_case_ids(site: SiteLogs, judged: list[Judged]) -> None:
    told, _, _ = publish(site, judged)
    by_code = {one.rule.code: one for one in judged}
    for code, case, finding in told:
        one = by_code[code]
        assert one.cases is not None and one.verdict is not None
        assert finding["verdict"] == findings._LABELS[one.verdict[case]]
        assert finding["message"]["en"] and (finding["verdict"] == "indeterminate") == (finding["breach_at"] is None)
        if not one.rule.case_personal:
            assert finding["case_id"] == one.cases.case_ids()[case]
    for code in by_code:
        ids = [finding["case_id"] for rule, _, finding in told if rule == code]
        assert ids == sorted(ids)


def test_a_finding_cites_every_row_that_it_rests_on_and_each_once(site: SiteLogs, judged: list[Judged]) -> None:
    logs = next(one.cases.frame.logs for one in judged if one.cases is not None)
    book = EvidenceBook(site.ruleset.name, site.admitted, logs, Masker(b"a key for these tests alone"))
    cited: list[list[dict[str, Any]]] = [[], []]
    book._add(cited, np.array([0, 0, 0, 1]), "ticket", np.array([3, 4, 3, 3]))
    book._add(cited, np.array([1, 1]), "ticket", np.array([3, 0]))
    keys = site.admitted["ticket"].table["ticket_id"].to_pylist()
    assert [[entry["key"] for entry in own] for own in cited] == [[keys[3], keys[4]], [keys[3], keys[0]]]
    assert book.table()["key"].to_pylist() == [keys[0], keys[3], keys[4]]


def test_of_many_cases_that_cannot_be_judged_for_one_reason_the_first_are_listed(
    site: SiteLogs, judged: list[Judged], monkeypatch: pytest.MonkeyPatch
) -> None:
    every, _, cut = publish(site, judged)
    assert cut == {}
    monkeypatch.setattr(findings, "MOST_INDETERMINATE", 1)
    first, _, cut = publish(site, judged)
    seen: Counter[tuple[str, str]] = Counter()
    wanted = []
    for line in every:
        key = (line[0], str(line[2]["reason"]))
        seen[key] += line[2]["verdict"] == "indeterminate"
        if line[2]["verdict"] != "indeterminate" or seen[key] == 1:
            wanted.append(line)
    assert len(first) < len(every)
    assert first == wanted
    assert {(code, reason): n + 1 for code, reasons in cut.items() for reason, n in reasons.items()} == {
        key: n for key, n in seen.items() if n > 1
    }
