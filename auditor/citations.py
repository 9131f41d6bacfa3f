"""The source rows that findings rest on: each cited by source, table, key and digest, and kept in the run's folder."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from auditor.contract import Record
from auditor.derive.logs import Frame, Logs, NotAuditable
from auditor.derive.obligations import PROOF
from auditor.derive.verbs import positions
from auditor.evidence import rows_json
from auditor.judge import Judged
from auditor.masking import Masker
from auditor.validate import Admitted
from auditor.vocabulary.rules import Duty

EVIDENCE_SCHEMA = pa.schema([(name, pa.string()) for name in ("ruleset", "record", "source", "table", "key", "digest", "row")])


@dataclass
class EvidenceBook:
    """Collects the rows that the findings of one ruleset cite; a row that many findings cite is kept once."""

    ruleset: str
    admitted: Mapping[str, Admitted]
    logs: Logs
    masker: Masker
    _kept: dict[str, dict[int, dict[str, Any]]] = field(default_factory=dict)

    def cite(self, judged: Judged, rows: npt.NDArray[np.int64]) -> list[list[dict[str, Any]]]:
        """For each of the cases its evidence: the row judged, and the rows that the rule cites."""
        cases = judged.cases
        assert cases is not None
        cited: list[list[dict[str, Any]]] = [[] for _ in range(len(rows))]
        frame, frame_rows = cases.frame, cases.view.rows[rows]
        if frame.record is not None and frame.rows is not None:
            self._add(cited, np.arange(len(rows)), frame.record.name, frame.rows[frame_rows])
        elif isinstance(judged.rule, Duty) and self.logs.has("org_unit"):
            units = self.logs["org_unit"]
            self._add_frame_rows(cited, np.arange(len(rows)), units, positions(units["org_id"], cases.view["org_id"])[rows])
            if PROOF in frame:
                self._add_frame_rows(cited, np.arange(len(rows)), self.logs["duty_record"], frame[PROOF][frame_rows])
        for name in judged.rule.cites:
            fact = frame.fact(name)
            assert fact is not None and fact.row_of is not None
            try:
                found, target = frame[name], self.logs[fact.row_of]
            except NotAuditable:
                continue
            if isinstance(found, tuple):
                self._add_pairs(cited, frame_rows, target, *found)
            else:
                self._add_frame_rows(cited, np.arange(len(rows)), target, found[frame_rows])
        return cited

    def table(self) -> pa.Table:
        """The rows cited, as evidence.parquet holds them: ordered by record and key."""
        lines = [kept[row] for _, kept in sorted(self._kept.items()) for row in sorted(kept)]
        return pa.Table.from_pylist([{**line, "ruleset": self.ruleset} for line in lines], EVIDENCE_SCHEMA)

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
        kept = self._kept.setdefault(record, {})
        admitted = self.admitted[record]
        new = np.array(sorted(set(rows.tolist()) - kept.keys()), np.int64)
        if len(new):
            keys = admitted.table[admitted.record.key.name].take(pa.array(new)).to_pylist()
            for row, text, key in zip(new.tolist(), rows_json(admitted, new), keys, strict=True):
                kept[row] = {
                    "record": record,
                    "source": admitted.source,
                    "table": admitted.table_name,
                    "key": key,
                    "digest": self.masker.digest(text.encode()),
                    "row": self._masked(admitted.record, text),
                }
        for case, row in zip(cases.tolist(), rows.tolist(), strict=True):
            line = kept[row]
            entry = {name: line[name] for name in ("source", "table", "key", "digest")}
            if entry not in cited[case]:
                cited[case].append(entry)

    def _masked(self, record: Record, canonical: str) -> str:
        """The row as it may be kept: personal data masked, free text only as blank or not."""
        tags = {f.name: f.personal for f in record.fields if f.personal}
        return json.dumps(self.masker.row(tags, json.loads(canonical)), ensure_ascii=False, separators=(",", ":"))
