"""The table of every verdict of a ruleset: what verdicts.parquet holds, and what scores are counted from."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from auditor.bitmaps import bits, present
from auditor.derive.coded_text import arrow_text
from auditor.instants import NEVER
from auditor.judge import Judged
from auditor.vocabulary.questions import VERDICTS, Verdict

COUNTED = ("compliant", "breach", "pending", "indeterminate", "waived", "indicator", "merit")

REPEATING = ("ruleset", "rule", "verdict", "liable_org", "liable_staff", "liable_party", "reason", "severity")
"""The columns of few texts."""


def schema(zone: str) -> pa.Schema:
    """The columns of verdicts.parquet; times in the site's zone."""
    time = pa.timestamp("s", zone)
    text = pa.string()
    return pa.schema(
        [
            *((name, text) for name in ("ruleset", "rule", "case_id", "verdict")),
            *((name, time) for name in ("counted_at", "due_at", "done_at")),
            *((name, text) for name in ("liable_org", "liable_staff", "liable_party", "subject", "reason", "severity", "finding_id")),
        ]
    )


def verdict_table(ruleset: str, judged: Judged, case_ids: Any, findings: Mapping[int, str], subjects: Any, zone: str) -> pa.Table:
    """The verdicts of one rule, ordered by case id. `case_ids`, `subjects`: texts; `findings`: case → id, for those that are findings.

    The columns of `schema`; texts that repeat are of the dictionary type.
    """
    layout = schema(zone)
    if judged.cases is None or judged.verdict is None:
        return layout.empty_table()
    size = judged.size
    codes = pa.DictionaryArray.from_arrays(pa.array(judged.verdict, pa.int8()), pa.array(VERDICTS))
    told = np.flatnonzero((judged.verdict == Verdict.INDETERMINATE) | (judged.verdict == Verdict.WAIVED))
    table = pa.table(
        {
            "ruleset": _throughout(ruleset, size),
            "rule": _throughout(judged.rule.code, size),
            "case_id": arrow_text(case_ids).cast(pa.string()),
            "verdict": codes,
            "counted_at": _times(judged.cases.counted_at, layout),
            "due_at": _times(judged.cases.due_at, layout),
            "done_at": _times(judged.cases.done_at, layout),
            "liable_org": _coded(judged.org),
            "liable_staff": _coded(judged.staff),
            "liable_party": _coded(judged.party),
            "subject": _coded(subjects),
            "reason": _texts_at(size, told, judged.at(told).reason.tolist()),
            "severity": _throughout(judged.rule.severity.value, size),
            "finding_id": _texts_at(size, np.fromiter(findings, np.int64, len(findings)), list(findings.values())),
        }
    )
    ids = table["case_id"]
    return table if pc.all(pc.less_equal(ids.slice(0, size - 1), ids.slice(1))).as_py() or size < 2 else table.sort_by("case_id")


def _throughout(text: str, size: int) -> pa.Array:
    return pa.DictionaryArray.from_arrays(pa.repeat(pa.scalar(0, pa.int8()), size), pa.array([text]))


def _coded(column: Any) -> pa.Array | pa.ChunkedArray:
    """A text column as it is held: with a table of its texts, or plain."""
    if isinstance(column, pd.Categorical):
        codes = pa.array(column.codes, mask=column.codes < 0)
        return pa.DictionaryArray.from_arrays(codes, arrow_text(column.categories.array).combine_chunks().cast(pa.string()))
    return arrow_text(column).cast(pa.string())


def _texts_at(size: int, places: npt.NDArray[np.int64], texts: list[str | None]) -> pa.Array:
    """A text column that is blank but for these places."""
    if not len(places):
        return pa.nulls(size, pa.string())
    order = np.argsort(places)
    given, places = pa.array(texts, pa.string()).take(pa.array(order)), places[order]
    shown = np.zeros(size, bool)
    shown[places] = present(given)
    ends = np.zeros(size + 1, np.int32)
    ends[places + 1] = pc.fill_null(pc.binary_length(given), 0).to_numpy()
    np.cumsum(ends, out=ends)
    return pa.Array.from_buffers(pa.string(), size, [bits(shown), pa.py_buffer(ends), given.buffers()[2]])


def rule_counts(judged: Judged) -> dict[str, Any]:
    """The summary's line of one rule."""
    counts = dict.fromkeys(COUNTED, 0)
    if judged.verdict is not None:
        for code, number in zip(*np.unique(judged.verdict, return_counts=True), strict=True):
            counts[Verdict(int(code)).label] = int(number)
    return {"population": sum(counts.values()), **counts, "not_auditable": judged.not_auditable}


def _times(instants: Any, layout: pa.Schema) -> pa.Array:
    return pa.array(instants, pa.int64(), mask=instants >= NEVER).cast(layout.field("counted_at").type)
