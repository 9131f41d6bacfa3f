"""Whole records: which rows are admitted, which are refused and why, in which order."""

from __future__ import annotations

import random
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from auditor.contract import Field, Record, load_contract
from auditor.evidence import decimal_text, digest_rows, row_json, rows_json
from auditor.load import RawRecord
from auditor.validate import REFUSALS, Admitted, arrow_type, validate

ZONE = ZoneInfo("Asia/Shanghai")


@pytest.fixture(scope="module")
def record(tmp_path_factory: pytest.TempPathFactory) -> Record:
    path: Path = tmp_path_factory.mktemp("contract") / "records.toml"
    path.write_text(
        '[visit]\nvisit_id = "id*"\nkind = "code*(a|b)"\nat = "time* event"\ncount = "int"\nfee = "num"\nseen = "bool"\n'
        'day = "date"\nitems = "list"\nnote = "text personal:free_text"\n',
        encoding="utf-8",
    )
    return load_contract(path)["visit"]


def rows(*given: dict[str, Any]) -> pa.Table:
    full = [{"visit_id": f"V{i}", "kind": "a", "at": "2026-09-10T15:30:00", **row} for i, row in enumerate(given)]
    names = list(dict.fromkeys(n for row in full for n in row))
    return pa.table({n: pa.array([row.get(n) for row in full], pa.string()) for n in names})


def check(record: Record, table: pa.Table, chunks: int = 0) -> tuple[Admitted, list[dict[str, Any]]]:
    raw = RawRecord.of_table(record, table, "main", "visits")
    if chunks:
        raw.batches = lambda: iter(table.to_batches(max_chunksize=chunks))
    admitted, refused = validate(raw, "demo", ZONE)
    assert refused.schema == REFUSALS
    return admitted, refused.to_pylist()


def keys(admitted: Admitted) -> list[str]:
    return admitted.table["visit_id"].to_pylist()  # type: ignore[no-any-return]


def test_rows_stand_in_the_order_of_their_keys(record: Record) -> None:
    admitted, refused = check(record, rows({"visit_id": "b"}, {"visit_id": "線"}, {"visit_id": "B"}, {"visit_id": "a"}))
    assert keys(admitted) == ["B", "a", "b", "線"]
    assert refused == []
    assert (admitted.rows_read, admitted.rows_refused, admitted.source, admitted.table_name) == (4, 0, "main", "visits")


def test_types_are_the_contract_s(record: Record) -> None:
    admitted, _ = check(
        record,
        rows({"count": "3", "fee": "1.5", "seen": "1", "day": "2026-09-10", "items": '["x"]', "note": " "}),
    )
    assert {n: admitted.table.schema.field(n).type for n in record.names} == {f.name: arrow_type(f) for f in record.fields}
    assert admitted.table["at"].to_pylist() == [datetime(2026, 9, 10, 7, 30, tzinfo=UTC)]
    assert admitted.table["note"].to_pylist() == [None]


def test_one_refusal_a_fault(record: Record) -> None:
    _, refused = check(record, rows({"kind": "A", "at": "soon", "count": "x", "fee": "inf", "seen": "maybe", "day": "?", "items": "x"}))
    assert [(r["field"], r["value"], r["reason"]) for r in refused] == [
        ("kind", "A", "unknown_code"),
        ("at", "soon", "not_a_time"),
        ("count", "x", "not_a_number"),
        ("fee", "inf", "not_a_number"),
        ("seen", "maybe", "not_a_flag"),
        ("day", "?", "not_a_date"),
        ("items", "x", "not_a_list"),
    ]
    assert {(r["ruleset"], r["source"], r["record"], r["key"]) for r in refused} == {("demo", "main", "visit", "V0")}


def test_a_missing_value_refuses_the_row_a_missing_column_does_not(record: Record) -> None:
    table = rows({}, {"at": "\t"}, {"visit_id": None}, {"kind": None})
    admitted, refused = check(record, table)
    assert keys(admitted) == ["V0"]
    assert admitted.rows_refused == 3
    assert [(r["key"], r["field"], r["value"], r["reason"]) for r in refused] == [
        ("V1", "at", None, "missing"),
        ("V3", "kind", None, "missing"),
        (None, "visit_id", None, "missing"),
    ]
    admitted, refused = check(record, table.slice(0, 1).drop_columns(["kind", "at"]))
    assert keys(admitted) == ["V0"]
    assert refused == []
    assert set(admitted.missing) == {"kind", "at", "count", "fee", "seen", "day", "items", "note"}
    assert admitted.missing["at"] == "the table visits has no column at"
    assert admitted.table.column_names == ["visit_id"]


def test_all_rows_of_a_duplicate_key_are_refused(record: Record) -> None:
    admitted, refused = check(
        record, rows({"visit_id": "x"}, {"visit_id": "y"}, {"visit_id": "x"}, {"visit_id": "x", "kind": "?"}, {"visit_id": "x "}), chunks=2
    )
    assert keys(admitted) == ["x ", "y"]
    twice, unknown = ("x", "visit_id", "duplicate_key"), ("x", "kind", "unknown_code")
    assert [(r["key"], r["field"], r["reason"]) for r in refused] == [twice, twice, twice, unknown]
    assert admitted.rows_refused == 3
    assert admitted.rows_read == admitted.table.num_rows + admitted.rows_refused


def test_rows_without_key_are_not_duplicates_of_each_other(record: Record) -> None:
    admitted, refused = check(record, rows({"visit_id": None}, {"visit_id": ""}, {}))
    assert [r["reason"] for r in refused] == ["missing", "missing"]
    assert admitted.rows_refused == 2


def test_an_empty_table(record: Record) -> None:
    admitted, refused = check(record, rows({}).slice(0, 0))
    assert admitted.table.num_rows == 0
    assert admitted.table.schema.field("at").type == pa.timestamp("s", "UTC")
    assert refused == []
    nothing = RawRecord(record, "main", "visits", lambda: iter(()), {"note": "gone"})
    admitted, _ = validate(nothing, "demo", ZONE)
    assert admitted.rows_read == 0
    assert "note" not in admitted.table.column_names


def test_a_long_hostile_value_is_shown_in_part(record: Record) -> None:
    _, refused = check(record, rows({"kind": "線" * 5000}))
    assert refused[0]["value"] == "線" * 200


values = st.fixed_dictionaries(
    {
        "visit_id": st.sampled_from(["a", "b", "c", "d", " ", None]) | st.text(max_size=3),
        "kind": st.sampled_from(["a", "b", "c", None]),
        "at": st.sampled_from(["2026-01-01", "2026-01-01T00:00:00Z", "2026-01-01 08:00:00.5", "x", None]),
        "fee": st.sampled_from(["1", "1.50", "1e3", "x", None]),
    }
)


@given(st.lists(values, max_size=40), st.integers(1, 7), st.randoms())
def test_neither_order_nor_batches_change_the_outcome(given: list[dict[str, Any]], chunks: int, shuffle: random.Random) -> None:
    record = RECORD
    table = pa.table({n: pa.array([row[n] for row in given], pa.string()) for n in ("visit_id", "kind", "at", "fee")})
    admitted, refused = check(record, table)
    order = list(range(len(given)))
    shuffle.shuffle(order)
    again, refused_again = check(record, table.take(pa.array(order, pa.int64())), chunks)
    assert again.table.equals(admitted.table)
    assert refused_again == refused
    assert admitted.rows_read == len(given) == admitted.table.num_rows + admitted.rows_refused
    assert keys(admitted) == sorted(set(keys(admitted)))


RECORD = Record(
    "visit",
    (Field("visit_id", "id", True), Field("kind", "code", True, ("a", "b")), Field("at", "time", True), Field("fee", "num")),
)


def test_the_canonical_row_and_its_digest(record: Record) -> None:
    full = {"count": "3", "fee": "1200.50", "seen": "true", "day": "2026-09-10", "items": '["x", "y"]', "note": '線"路\n'}
    admitted, _ = check(record, rows(full, {"fee": "100"}))
    assert row_json(admitted, 0) == (
        '{"at":1789025400,"count":3,"day":"2026-09-10","fee":"1200.5","items":["x","y"],"kind":"a","note":"線\\"路\\n","seen":true,"visit_id":"V0"}'
    )
    assert rows_json(admitted, [1, 0])[0] == (
        '{"at":1789025400,"count":null,"day":null,"fee":"100","items":null,"kind":"a","note":null,"seen":null,"visit_id":"V1"}'
    )
    first, second = digest_rows(admitted, [0, 1], b"k" * 32)
    assert len(first) == 64 and first != second
    assert digest_rows(admitted, [0], b"K" * 32) != [first]
    assert digest_rows(admitted, [0], b"k" * 32) == [first]


def test_the_digest_does_not_depend_on_how_a_value_was_written(record: Record) -> None:
    one, _ = check(record, rows({"at": "2026-09-10T15:30:00.25+08:00", "fee": "1.50", "seen": "1"}))
    other, _ = check(record, rows({"at": "2026-09-10 07:30:00Z", "fee": "1.5", "seen": "TRUE"}))
    assert digest_rows(one, [0], b"k" * 32) == digest_rows(other, [0], b"k" * 32)


def test_decimal_text() -> None:
    assert [decimal_text(Decimal(d)) for d in ("0E-18", "-0.000", "1E+3", "12.3400", "-7")] == ["0", "0", "1000", "12.34", "-7"]
