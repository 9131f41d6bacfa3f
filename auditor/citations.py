"""The source rows that findings rest on: each cited by source, table, key and digest, and kept in the run's folder."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from auditor.derive.cases import Cases
from auditor.derive.logs import Frame, Logs, NotAuditable
from auditor.derive.obligations import PROOF
from auditor.derive.verbs import positions
from auditor.evidence import json_columns, row_texts
from auditor.masking import Masker
from auditor.validate import Admitted
from auditor.vocabulary.rules import Duty

_AT_ONCE = 20_000
"""Rows of which the texts are made at a time: Arrow holds at most two gigabytes of text in one piece."""

EVIDENCE_SCHEMA = pa.schema([(name, pa.string()) for name in ("ruleset", "record", "source", "table", "key", "digest", "row")])
REPEATING = ("ruleset", "record", "source", "table")
"""The columns of few texts."""


Cited = Mapping[str, tuple[list[int], pa.Table]]
"""Record → rows of its admitted table, and what evidence.parquet says of each."""


@dataclass
class _Kept:
    """The rows of one record cited so far: how a finding names each, and what evidence.parquet says of them."""

    entries: dict[int, dict[str, Any]] = field(default_factory=dict)
    rows: list[int] = field(default_factory=list)
    tables: list[pa.Table] = field(default_factory=list)


@dataclass
class EvidenceBook:
    """Collects the rows that the findings of one ruleset cite; a row that many findings cite is kept once."""

    ruleset: str
    admitted: Mapping[str, Admitted]
    logs: Logs
    masker: Masker
    _kept: dict[str, _Kept] = field(default_factory=dict)

    def cite(self, cases: Cases) -> list[list[dict[str, Any]]]:
        """For each of the cases its evidence: the row judged, and the rows that the rule cites."""
        rule, every = cases.rule, np.arange(cases.size)
        cited: list[list[dict[str, Any]]] = [[] for _ in range(cases.size)]
        frame, frame_rows = cases.frame, cases.view.rows
        if frame.record is not None and frame.rows is not None:
            self._add(cited, every, frame.record.name, frame.rows[frame_rows])
        elif isinstance(rule, Duty) and self.logs.has("org_unit"):
            units = self.logs["org_unit"]
            self._add_frame_rows(cited, every, units, positions(units["org_id"], cases.view["org_id"]))
            if PROOF in frame:
                self._add_frame_rows(cited, every, self.logs["duty_record"], frame[PROOF][frame_rows])
        for name in rule.cites:
            fact = frame.fact(name)
            assert fact is not None and fact.row_of is not None
            try:
                found, target = frame[name], self.logs[fact.row_of]
            except NotAuditable:
                continue
            if isinstance(found, tuple):
                self._add_pairs(cited, frame_rows, target, *found)
            else:
                self._add_frame_rows(cited, every, target, found[frame_rows])
        return cited

    def anew(self) -> EvidenceBook:
        """A book of the same logs in which nothing stands yet."""
        return EvidenceBook(self.ruleset, self.admitted, self.logs, self.masker)

    def cited(self) -> Cited:
        """What stands in the book, for another one to take."""
        return {record: (kept.rows, pa.concat_tables(kept.tables)) for record, kept in self._kept.items() if kept.tables}

    def take(self, cited: Cited) -> None:
        """Adds what stands in another book of the same logs."""
        for record, (rows, table) in cited.items():
            kept = self._kept.setdefault(record, _Kept())
            kept.rows.extend(rows)
            kept.tables.append(table)

    def table(self) -> pa.Table:
        """The rows cited, as evidence.parquet holds them: ordered by record and key."""
        tables = [EVIDENCE_SCHEMA.empty_table()]
        for _, (rows, table) in sorted(self.cited().items()):
            _, first = np.unique(rows, return_index=True)
            tables.append(table.take(pa.array(first)))
        return pa.concat_tables(tables)

    def _add_pairs(
        self,
        cited: list[list[dict[str, Any]]],
        frame_rows: npt.NDArray[np.int64],
        target: Frame,
        owners: npt.NDArray[np.int64],
        found: npt.NDArray[np.int64],
    ) -> None:
        """Rows of which a case may have several: `owners` are rows of the frame judged."""
        if not len(owners):
            return
        case_of = np.full(max(int(owners.max()), int(frame_rows.max(initial=0))) + 1, -1, np.int64)
        case_of[frame_rows] = np.arange(len(frame_rows))
        cases = case_of[owners]
        self._add_frame_rows(cited, cases[cases >= 0], target, found[cases >= 0])

    def _add_frame_rows(
        self, cited: list[list[dict[str, Any]]], cases: npt.NDArray[np.int64], target: Frame, rows: npt.NDArray[np.int64]
    ) -> None:
        if target.record is None or target.rows is None:
            return
        there = rows >= 0
        self._add(cited, cases[there], target.record.name, target.rows[rows[there]])

    def _add(self, cited: list[list[dict[str, Any]]], cases: npt.NDArray[np.int64], record: str, rows: npt.NDArray[np.int64]) -> None:
        kept = self._kept.setdefault(record, _Kept())
        new = np.array(sorted(set(rows.tolist()) - kept.entries.keys()), np.int64)
        for start in range(0, len(new), _AT_ONCE):
            self._keep(kept, record, new[start : start + _AT_ONCE])
        entries = kept.entries
        for case, row in zip(cases.tolist(), rows.tolist(), strict=True):
            entry, own = entries[row], cited[case]
            if not own or not any(entry is other for other in own):
                own.append(entry)

    def _keep(self, kept: _Kept, record: str, new: npt.NDArray[np.int64]) -> None:
        admitted = self.admitted[record]
        table = admitted.rows(new)
        columns = json_columns(table, admitted.record)
        texts = row_texts(columns)
        digests = [self.masker.digest(text.encode()) for text in texts.to_pylist()]
        tags = {f.name: f.personal for f in admitted.record.fields if f.personal and f.name in columns}
        masked = {name: self.masker.column(tag, table[name]) for name, tag in tags.items()}
        shown = row_texts(columns | json_columns(pa.table(masked), admitted.record)) if masked else texts
        keys = table[admitted.record.key.name]
        size = len(new)
        kept.rows.extend(new.tolist())
        kept.tables.append(
            pa.table(
                {
                    "ruleset": pa.repeat(self.ruleset, size),
                    "record": pa.repeat(record, size),
                    "source": pa.repeat(admitted.source, size),
                    "table": pa.repeat(admitted.table_name, size),
                    "key": keys,
                    "digest": digests,
                    "row": shown,
                },
                schema=EVIDENCE_SCHEMA,
            )
        )
        for row, key, digest in zip(new.tolist(), keys.to_pylist(), digests, strict=True):
            kept.entries[row] = {"source": admitted.source, "table": admitted.table_name, "key": key, "digest": digest}
