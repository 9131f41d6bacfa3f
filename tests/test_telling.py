"""Findings are the same whoever tells them: this process alone, or copies of it too; also where a copy is lost."""

from __future__ import annotations

import json
import os
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from auditor import telling
from auditor.citations import EvidenceBook
from auditor.copies import POSSIBLE
from auditor.findings import Chosen, Publisher
from auditor.instants import DEFAULT_ZONE
from auditor.judge import Judged
from auditor.masking import Masker
from auditor.rulebook import OWN_WORDING, load_wording
from auditor.score import ScoringModel
from auditor.telling import Tellers, Telling
from tests.audits import AUDITS, sample_database
from tests.site_logs import SiteLogs, read_site

PERIOD, AS_OF = AUDITS["after"]

Told = tuple[bytes, pa.Table]
"""The lines, and the evidence."""

copied = pytest.mark.skipif(not POSSIBLE, reason="no copies are made on this system")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> SiteLogs:
    return read_site("power95598", sample_database("power95598", "after", tmp_path_factory.mktemp("power95598")))


@pytest.fixture(scope="module")
def judged(site: SiteLogs) -> list[Judged]:
    return site.judge(PERIOD, AS_OF)


def publisher_of(site: SiteLogs, judged: list[Judged]) -> Publisher:
    logs = next(one.cases.frame.logs for one in judged if one.cases is not None)
    masker = Masker(b"a key for these tests alone")
    book = EvidenceBook(site.ruleset.name, site.admitted, logs, masker)
    return Publisher(site.ruleset, logs, masker, ScoringModel(), load_wording(OWN_WORDING), book, DEFAULT_ZONE)


def add_all(one: Telling, judged: list[Judged]) -> int:
    """How many rules have findings. They come in another order than that of codes, as rules are judged that reason on others."""
    chosen = [found for rule in judged[::-1] if (found := one.publisher.chosen(rule)) is not None]
    for found in chosen:
        one.add(found)
    return len(chosen)


def told(site: SiteLogs, judged: list[Judged], folder: Path, processes: int) -> Told:
    publisher = publisher_of(site, judged)
    folder.mkdir()
    with Tellers(folder, processes) as tellers:
        one = tellers.telling(publisher)
        add_all(one, judged)
        one.share()
        lines = b"".join(one.lines())
    assert list(folder.iterdir()) == []
    findings = [json.loads(line) for line in lines.splitlines()]
    order = [(finding["rule"], finding["case_id"]) for finding in findings]
    assert order == sorted(order)
    return lines, publisher.evidence.table()


def same(one: Told, other: Told) -> bool:
    return one[0] == other[0] and one[1].equals(other[1])


@pytest.fixture
def counted(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """How many copies were made, and how many rules were told here."""
    counts: Counter[str] = Counter()
    made, here = telling.Copy, telling._tell

    def make(work: Callable[[], Any]) -> Any:
        counts["copies"] += 1
        return made(work)

    def tell(publisher: Publisher, rules: list[Chosen], path: Path) -> Any:
        counts["here"] += len(rules)
        return here(publisher, rules, path)

    monkeypatch.setattr(telling, "Copy", make)
    monkeypatch.setattr(telling, "_tell", tell)
    return counts


def test_one_process_tells_every_rule_itself(site: SiteLogs, judged: list[Judged], tmp_path: Path, counted: Counter[str]) -> None:
    lines, evidence = told(site, judged, tmp_path / "one", 1)
    assert set(counted) == {"here"} and counted["here"] > 10
    assert lines.count(b"\n") > 50 and evidence.num_rows > 50


@copied
@pytest.mark.parametrize("apart", [1, 5, 20])
def test_copies_tell_what_one_process_tells(
    apart: int, site: SiteLogs, judged: list[Judged], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, counted: Counter[str]
) -> None:
    alone = told(site, judged, tmp_path / "one", 1)
    rules = counted["here"]
    monkeypatch.setattr(telling, "WORTH_APART", apart)
    counted.clear()
    assert same(told(site, judged, tmp_path / "two", 2), alone)
    assert counted["copies"] >= 1 and counted["here"] < rules
    assert same(told(site, judged, tmp_path / "four", 4), alone)


@copied
@pytest.mark.parametrize("worst", ["every copy dies", "no copy can be made"])
def test_the_rules_of_a_copy_that_is_lost_are_told_here_and_the_administrator_hears_of_it(
    worst: str,
    site: SiteLogs,
    judged: list[Judged],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    counted: Counter[str],
) -> None:
    alone = told(site, judged, tmp_path / "one", 1)
    rules = counted["here"]
    monkeypatch.setattr(telling, "WORTH_APART", 20)
    if worst == "every copy dies":
        monkeypatch.setattr(telling, "_tell_apart", lambda *_: os._exit(9))
    else:

        def no_fork() -> int:
            raise OSError(12, "Cannot allocate memory")

        monkeypatch.setattr(os, "fork", no_fork)
    counted.clear()
    assert same(told(site, judged, tmp_path / "two", 2), alone)
    assert counted["copies"] >= 1 and counted["here"] == rules
    assert "are told here instead" in caplog.text and "PW" in caplog.text


@copied
def test_a_run_that_fails_leaves_no_copy_behind(
    site: SiteLogs, judged: list[Judged], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(telling, "_tell_apart", lambda *_: time.sleep(600))
    with Tellers(tmp_path, 2) as tellers:
        one = tellers.telling(publisher_of(site, judged))
        chosen = one.publisher.chosen(next(rule for rule in judged if one.publisher.chosen(rule) is not None))
        assert chosen is not None and tellers.free
        tellers.start(one, [chosen])
        [copy] = tellers._copies
        pid = copy._process.pid
        assert pid is not None and not tellers.free
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
