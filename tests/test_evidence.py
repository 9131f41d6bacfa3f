"""Source rows as evidence: their canonical text, whatever stands in them and however their table is held."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from auditor.contract import Field, Record
from auditor.evidence import canonical_texts, json_columns, row_texts
from auditor.validate import Admitted, arrow_type

RECORD = Record(
    "visit",
    (
        Field("visit_id", "id", True),
        Field("kind", "code", False, ("a", "b")),
        Field("note", "text"),
        Field("count", "int"),
        Field("seen", "bool"),
        Field("items", "list"),
    ),
)

texts = st.one_of(st.none(), st.text(), st.sampled_from(['say "x"', "a\\b", "line\nbreak", "\x00", "\x7f", "線路", ""]))
visits = st.fixed_dictionaries(
    {
        "visit_id": st.text(),
        "kind": st.sampled_from(["a", "b", None]),
        "note": texts,
        "count": st.one_of(st.none(), st.integers(-(2**63), 2**63 - 1)),
        "seen": st.sampled_from([True, False, None]),
        "items": st.one_of(st.none(), st.lists(st.text())),
    }
)


def table_of(rows: list[dict[str, Any]]) -> pa.Table:
    return pa.table({f.name: pa.array([row[f.name] for row in rows], arrow_type(f)) for f in RECORD.fields})


def written(row: dict[str, Any]) -> str:
    return json.dumps(row, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


@given(st.lists(visits))
def test_the_canonical_text_is_json_with_sorted_keys(rows: list[dict[str, Any]]) -> None:
    assert canonical_texts(table_of(rows), RECORD).to_pylist() == [written(row) for row in rows]


@pytest.mark.parametrize("odd", ['"', "\\", *map(chr, range(0x21)), "\x7f", "\u2028"])
def test_each_character_is_written_as_json_writes_it(odd: str) -> None:
    row = {"visit_id": "V1", "kind": "a", "note": f"x{odd}", "count": 1, "seen": True, "items": []}
    assert canonical_texts(table_of([row]), RECORD).to_pylist() == [written(row)]


@given(st.lists(visits, min_size=1))
def test_a_column_can_be_put_in_the_place_of_another(rows: list[dict[str, Any]]) -> None:
    masked = pa.table({"note": pa.array(['"hidden"'] * len(rows))})
    shown = row_texts(json_columns(table_of(rows), RECORD) | json_columns(masked, RECORD))
    assert shown.to_pylist() == [written(row | {"note": '"hidden"'}) for row in rows]


@pytest.mark.parametrize("chunk", [1, 3, 100])
@pytest.mark.parametrize("coded", [False, True])
def test_rows_are_found_in_any_order_and_in_any_chunks(chunk: int, coded: bool) -> None:
    rows = [{"visit_id": f"V{i}", "kind": "ab"[i % 2], "note": None, "count": i, "seen": None, "items": [str(i)]} for i in range(20)]
    table = pa.Table.from_batches(table_of(rows).to_batches(max_chunksize=chunk))
    if coded:
        kinds = pa.chunked_array([part.dictionary_encode() for part in table["kind"].chunks])
        table = table.set_column(1, "kind", kinds)
    admitted = Admitted(RECORD, table, "main", "visit", 20)
    for places in ([19, 0, 7, 7, 3], list(range(20)), []):
        found = admitted.rows(np.array(places, np.int64))
        assert found.to_pylist() == [rows[place] for place in places]
        assert found.schema.types == [arrow_type(f) for f in RECORD.fields]
