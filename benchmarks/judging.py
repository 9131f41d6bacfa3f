"""(a) Judging, from frames in memory to verdicts and findings, against feeding every case to durable-rules."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np
import pyarrow as pa

from auditor.adjudicate import Adjudicator, fact_table
from auditor.audit import Input, Request, logs_of
from auditor.citations import EvidenceBook
from auditor.derive.logs import Logs
from auditor.engine import CompiledRule
from auditor.engine.definition import ALWAYS_SET
from auditor.findings import Publisher
from auditor.instants import DEFAULT_ZONE, from_iso
from auditor.judge import Judged, compiled_rule, judge_each
from auditor.load.arrow_drivers import BATCH_ROWS
from auditor.masking import Masker
from auditor.periods import parse_period
from auditor.rulebook import OWN_WORDING, Ruleset, load_ruleset, load_wording
from auditor.score import ScoringModel
from auditor.telling import Tellers
from auditor.validate import Admitted
from auditor.validate.chunks import Chunks, settled
from auditor.verdicts import verdict_table
from auditor.waivers import Waivers
from benchmarks.logs import AS_OF, PERIOD

SLICE = 20_000
"""Cases of each rule that the package's own interface is fed; it takes some hundred seconds a million."""


@dataclass
class Bench:
    """One ruleset with logs in memory."""

    ruleset: Ruleset
    admitted: Mapping[str, Admitted]
    workers: int
    masker: Masker = field(default_factory=lambda: Masker(b"the key of the benchmarks"))

    @classmethod
    def of(cls, tables: Mapping[str, pa.Table], workers: int, ruleset: str = "power95598") -> Bench:
        loaded = load_ruleset(ruleset)
        admitted = {n: _as_admitted(t, loaded.contract[n].key.name) for n, t in tables.items()}
        return cls(loaded, {n: Admitted(loaded.contract[n], t, "main", n, t.num_rows) for n, t in admitted.items()}, workers)

    def logs(self) -> Logs:
        """Frames of which nothing has been read yet."""
        request = Request([], parse_period(PERIOD, DEFAULT_ZONE), from_iso(AS_OF), Path(), self.masker, workers=self.workers)
        return logs_of(Input(self.ruleset.name, lambda *_: [], {}), self.ruleset, request, self.admitted, {})


def _as_admitted(table: pa.Table, key: str) -> pa.Table:
    """The rows as validation leaves them."""
    columns = {name: Chunks(table.schema.field(name).type, may_repeat=name != key) for name in table.column_names}
    for batch in table.to_batches(max_chunksize=BATCH_ROWS):
        for name, column in columns.items():
            column.append(batch.column(name))
    return pa.table({name: settled(column.whole(), None) for name, column in columns.items()})


@dataclass
class Judgement:
    """What judging gave, and what it took."""

    seconds: float
    cases: int
    breaches: int
    findings: int
    judged: Sequence[Judged] = ()

    @property
    def share(self) -> float:
        """Of the cases, those that are breaches or indeterminate."""
        return self.breaches / max(self.cases, 1)


def judging(bench: Bench, adjudicator: Adjudicator) -> Judgement:
    """Frames → verdicts, findings as JSON lines, and the table of verdicts, by as many processes as an audit may use."""
    logs = bench.logs()
    judged = []
    with tempfile.TemporaryDirectory() as folder, Tellers(Path(folder), bench.workers) as tellers:
        start = perf_counter()
        book = EvidenceBook(bench.ruleset.name, bench.admitted, logs, bench.masker)
        publisher = Publisher(bench.ruleset, logs, bench.masker, ScoringModel(), load_wording(OWN_WORDING), book, DEFAULT_ZONE)
        telling = tellers.telling(publisher)
        for one in judge_each(bench.ruleset, logs, Waivers(()), adjudicator, ahead=bench.workers > 1):
            judged.append(one)
            if one.cases is None:
                continue
            ids: dict[int, str] = {}
            if (chosen := publisher.chosen(one)) is not None:
                ids = dict(zip(chosen.places.tolist(), chosen.ids, strict=True))
                telling.add(chosen)
            verdict_table(bench.ruleset.name, one, publisher.case_ids(one), ids, one.subject, str(DEFAULT_ZONE))
            one.forget()
        told = sum(piece.count(b"\n") for piece in telling.lines())
        book.table()
        seconds = perf_counter() - start
    verdicts = np.concatenate([one.verdict for one in judged if one.verdict is not None])
    return Judgement(seconds, len(verdicts), int(np.isin(verdicts, (1, 3)).sum()), told, judged)


def every_case(bench: Bench, judged: Sequence[Judged], adjudicator: Adjudicator) -> tuple[float, int]:
    """Seconds, and cases: every case of every rule through our own door to durable-rules, facts already at hand."""
    seconds, cases = 0.0, 0
    for rule, one in _with_cases(bench, judged):
        assert one.cases is not None
        start = perf_counter()
        adjudicator.adjudicate(rule, fact_table(rule, one.cases.view, one.cases.case_ids(), np.arange(one.size)))
        seconds, cases = seconds + perf_counter() - start, cases + one.size
        one.forget()
    return seconds, cases


def package_seconds(bench: Bench, judged: Sequence[Judged]) -> tuple[float, int]:
    """Seconds, and cases, of a part of each rule's cases through the package's own interface: `assert_fact`, then `retract_fact`.

    The cases of a rule are split among as many processes; the time is that of the slowest.
    """
    seconds, cases = 0.0, 0
    with get_context("spawn").Pool(bench.workers) as pool:
        pool.map(_ready, range(bench.workers))
        for rule, one in _with_cases(bench, judged):
            assert one.cases is not None
            size = min(one.size, SLICE)
            some = np.arange(size)
            records = fact_table(rule, one.cases.view, one.cases.case_ids_at(some), some).drop_columns(["case_id"]).to_pylist()
            parts = [records[at :: bench.workers] for at in range(bench.workers)]
            took = pool.map(partial(_feed, rule.code, rule.definition), parts)
            # Each rule counts with all its cases.
            seconds, cases = seconds + max(took) * one.size / max(size, 1), cases + one.size
            one.forget()
    return seconds, cases


def _with_cases(bench: Bench, judged: Sequence[Judged]) -> list[tuple[CompiledRule, Judged]]:
    asked = bench.ruleset.asked
    return [(compiled_rule(j.rule, asked[j.rule.code], j.cases), j) for j in judged if j.cases is not None and j.size]


def _ready(_: int) -> None:
    import durable.engine  # noqa: F401


def _feed(code: str, definition: str, records: list[dict[str, Any]]) -> float:
    """Seconds that durable-rules takes for the records, one at a time, as its documentation shows."""
    from durable.engine import Host

    fired: list[object] = []
    note: Callable[[Any], None] = lambda context: fired.append(context.m)  # noqa: E731
    rules = {name: {**rule, "run": note} for name, rule in json.loads(definition).items()}
    host = Host()
    host.set_rulesets({code: rules})
    start = perf_counter()
    for number, record in enumerate(records):
        fact = {"id": str(number), ALWAYS_SET: True, **record}
        host.assert_fact(code, fact)
        host.retract_fact(code, fact)
    seconds = perf_counter() - start
    if len(fired) != len(records):
        raise RuntimeError(f"rule {code}: durable-rules fired {len(fired)} times for {len(records)} cases")
    return seconds
