"""Rows of MariaDB come as a stream: few of them are held, none is lost, and nothing is left behind when it ends early."""

from __future__ import annotations

import gc
import threading
import time
from collections.abc import Callable, Iterator

import pymysql
import pytest
from hypothesis import given
from hypothesis import strategies as st

from auditor.errors import SourceError
from auditor.load import Source, open_source
from auditor.load.arrow_drivers import BATCH_ROWS, arrow_batches, arrow_driver
from auditor.load.mysql_rows import BATCH_BYTES, _columns, _rows
from auditor.load.read import read_statement
from auditor.load.statement import Column, Statement, column_of, query_of
from auditor.load.text_sql import Shape
from tests.databases import Make, text_url, writer
from tests.load.peak_memory import peak_of_reading

Row = tuple[bytes | None, ...]
LONGEST = 0xFFFFFF


@pytest.fixture(name="source")
def _source(make_database: Make) -> Iterator[Source]:
    source = open_source(text_url(make_database("mariadb")))
    yield source
    source.close()


def many(rows: int, note: str, order: str = "") -> str:
    """A statement that gives so many rows (of at most a million) without any table."""
    numbers = "WITH RECURSIVE n AS (SELECT 0 AS i UNION ALL SELECT i + 1 FROM n WHERE i < 999) "
    return f"{numbers}SELECT CAST(a.i * 1000 + b.i AS CHAR) AS visit_id, {note} AS note FROM n a CROSS JOIN n b {order} LIMIT {rows}"


def under_way(source: Source) -> list[int]:
    """The server's numbers of the connections that the source has open, apart from the one that asks."""
    engine = writer(source.url)
    with engine.connect() as connection:
        others = f"FROM information_schema.processlist WHERE db = '{source.url.database}' AND command <> 'Sleep' AND id <> connection_id()"
        found = [int(one) for one in connection.exec_driver_sql("SELECT id " + others).scalars()]
    engine.dispose()
    return found


def read(source: Source, sql: str) -> list[dict[str, str | None]]:
    return [row for batch in arrow_batches(source, "pymysql", sql) for row in batch.to_pylist()]


def test_memory_does_not_grow_with_the_number_of_rows(source: Source) -> None:
    peaks = {}
    for rows in (20_000, 60_000):  # of 4 kB: 80 MB and 240 MB
        read_rows, peaks[rows] = peak_of_reading(source, "pymysql", many(rows, "repeat('x', 4000)"))
        assert read_rows == rows
    assert peaks[60_000] < peaks[20_000] + 80


def test_the_server_is_still_at_the_statement_when_the_first_rows_are_given(source: Source) -> None:
    batches = arrow_batches(source, "pymysql", many(20_000, "repeat('x', 4000)"))
    first = next(batches)
    assert first.column("visit_id")[0].as_py() == "0"
    assert first.nbytes < 2 * BATCH_BYTES
    assert len(under_way(source)) == 1
    assert first.num_rows + sum(batch.num_rows for batch in batches) == 20_000
    assert under_way(source) == []


def test_each_row_is_given_once_and_in_its_order_across_batches(source: Source) -> None:
    batches = list(arrow_batches(source, "pymysql", many(150_000, "if(b.i % 3 = 0, NULL, concat('線', a.i))", "ORDER BY a.i, b.i")))
    assert [batch.num_rows >= BATCH_ROWS for batch in batches] == [True, True, False]
    assert [v for batch in batches for v in batch.column("visit_id").to_pylist()] == [str(i) for i in range(150_000)]
    notes = [v for batch in batches for v in batch.column("note").to_pylist()]
    assert notes == [None if i % 1000 % 3 == 0 else f"線{i // 1000}" for i in range(150_000)]


@pytest.mark.filterwarnings("error::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize("kill", ["KILL CONNECTION", "KILL QUERY"])
def test_a_statement_that_is_killed_half_way_is_an_error_and_leaves_standard_error_alone(
    source: Source, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture, kill: str
) -> None:
    relation = query_of(many(20_000, "repeat('x', 4000)"), ["visit_id", "note"])
    columns = tuple(Column(name, column_of(relation, name), Shape.TEXT) for name in ("visit_id", "note"))
    batches = read_statement(source, Statement(relation, columns), "visit")
    next(batches)
    (number,) = under_way(source)
    engine = writer(source.url)
    with engine.connect() as connection:
        connection.exec_driver_sql(f"{kill} {number}")
    engine.dispose()
    with pytest.raises(SourceError, match=r"reading visit failed: (Lost connection|Query execution was interrupted|Connection was killed)"):
        list(batches)
    gc.collect()
    assert capfd.readouterr().err == "" and not caplog.records
    assert read(source, "SELECT 'x' AS a") == [{"a": "x"}]


def _close(batches: Iterator[object]) -> None:
    batches.close()  # type: ignore[attr-defined]


def _interrupt(batches: Iterator[object]) -> None:
    with pytest.raises(KeyboardInterrupt):
        batches.throw(KeyboardInterrupt)  # type: ignore[attr-defined]


@pytest.mark.filterwarnings("error::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize("leave", [_close, _interrupt])
def test_who_stops_half_way_leaves_no_connection_and_no_thread_behind(
    source: Source,
    capfd: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
    leave: Callable[[Iterator[object]], None],
) -> None:
    threads = threading.active_count()
    batches = arrow_batches(source, "pymysql", many(1_000_000, "repeat('x', 4000)"))
    next(batches)
    assert len(under_way(source)) == 1
    started = time.monotonic()
    leave(batches)
    assert time.monotonic() - started < 1, "the rest has been waited for"
    while under_way(source) and time.monotonic() - started < 10:
        time.sleep(0.1)
    assert under_way(source) == []
    assert threading.active_count() == threads
    gc.collect()
    assert capfd.readouterr().err == "" and not caplog.records
    assert read(source, "SELECT 'x' AS a") == [{"a": "x"}]


def test_a_table_without_rows_gives_none(source: Source) -> None:
    engine = writer(source.url)
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE visit (visit_id varchar(20), note text)")
    engine.dispose()
    assert read(source, "SELECT visit_id, note FROM visit") == []


def test_a_statement_that_gives_no_table_is_an_error_and_not_waited_for(source: Source) -> None:
    with pytest.raises(SourceError, match="the statement gives no rows"), source.errors("reading visit"):
        read(source, "SET @x = 1")


def test_the_session_is_the_one_that_the_source_sets_up(source: Source) -> None:
    bounded = open_source(text_url(source.url), statement_seconds=77)
    asked = "@@tx_read_only AS a, @@tx_isolation AS b, @@time_zone AS c, round(@@max_statement_time) AS d, @@character_set_results AS e"
    said = read(bounded, f"SELECT {asked}, @@net_write_timeout >= 600 AS f")
    assert said == [{"a": "1", "b": "REPEATABLE-READ", "c": "+00:00", "d": "77", "e": "utf8mb4", "f": "1"}]
    bounded.close()


def test_what_a_url_says_of_the_connection_holds(source: Source) -> None:
    engine = writer(source.url)
    with engine.connect() as connection:
        path = connection.exec_driver_sql("SELECT @@socket").scalar_one()
    engine.dispose()
    try:
        local = open_source(f"mysql://{source.url.username}@localhost/{source.url.database}?unix_socket={path}")
    except SourceError as error:
        pytest.skip(f"the server's socket is not reachable from here: {error}")
    assert arrow_driver(local) == "pymysql"
    host = "SELECT host FROM information_schema.processlist WHERE id = connection_id()"
    assert read(local, host) == [{"host": "localhost"}]
    local.close()


@pytest.mark.parametrize("beyond", [-1, 0, 1, 100])
def test_a_row_of_about_16_mb_and_more_stays_whole(source: Source, beyond: int) -> None:
    """It comes in two packets; at the very bound the second is empty."""
    second = LONGEST + beyond - (4 + 8_000_000) - 4 - 2
    row = f"repeat('a', 8000000) AS a, repeat('b', {second}) AS b, 'c' AS c"
    batches = list(arrow_batches(source, "pymysql", f"SELECT {row} UNION ALL SELECT 'x', 'y', NULL UNION ALL SELECT {row}"))
    long = {"a": "a" * 8_000_000, "b": "b" * second, "c": "c"}
    assert [row for batch in batches for row in batch.to_pylist()] == [long, {"a": "x", "b": "y", "c": None}, long]


def packet(payload: bytes) -> bytes:
    parts = [payload[i : i + LONGEST] for i in range(0, len(payload) + 1, LONGEST)]
    return b"".join(len(part).to_bytes(3, "little") + bytes([number % 256]) + part for number, part in enumerate(parts))


def value(text: bytes | None) -> bytes:
    if text is None:
        return b"\xfb"
    for marker, width in ((b"\xfc", 2), (b"\xfd", 3), (b"\xfe", 8)):
        if len(text) < 251:
            return bytes([len(text)]) + text
        if len(text) < 1 << 8 * width:
            return marker + len(text).to_bytes(width, "little") + text
    raise AssertionError


END = packet(b"\xfe\x00\x00\x02\x00")


def decoded(stream: bytes, columns: int, piece: int = 1 << 18, batch_rows: int = 3) -> list[Row]:
    """The rows of a stream that arrives in pieces of so many bytes."""
    at = 0

    def next_piece(_size: int) -> bytes:
        nonlocal at
        at += piece
        return stream[at - piece : at]

    rows: list[Row] = []
    for buffer, heads in _rows(next_piece, pymysql, batch_rows):
        arrays = [column.view("binary").to_pylist() for column in _columns(buffer, heads, columns, pymysql)]
        rows += zip(*arrays, strict=True)
    return rows


VALUES = st.none() | st.binary(max_size=40) | st.sampled_from([0, 1, 250, 251, 252, 65_535, 65_536]).map(lambda n: b"\xfe" * n)


@given(st.integers(1, 5).flatmap(lambda n: st.lists(st.tuples(*[VALUES] * n), min_size=0, max_size=12)), st.integers(1, 300))
def test_values_of_any_length_and_bytes_are_read_as_they_were_written_however_they_arrive(rows: list[Row], piece: int) -> None:
    stream = b"".join(packet(b"".join(map(value, row))) for row in rows) + END
    assert decoded(stream, len(rows[0]) if rows else 1, piece * (1 + len(stream) // 2000)) == rows


def test_a_stream_that_ends_anywhere_before_its_end_is_an_error() -> None:
    rows: list[Row] = [(b"1", None, b"x" * 300), (b"2", b"", b"y"), (None, None, None), (b"\xfe", b"\xff", b"")]
    stream = b"".join(packet(b"".join(map(value, row))) for row in rows) + END
    assert decoded(stream, 3) == rows
    for cut in range(len(stream)):
        with pytest.raises(pymysql.OperationalError, match="Lost connection"):
            decoded(stream[:cut], 3)


def test_an_error_of_the_server_amid_the_rows_is_raised() -> None:
    stream = packet(value(b"1")) * 2 + packet(b"\xff\xb1\x07#70100Query execution was interrupted (max_statement_time exceeded)")
    with pytest.raises(pymysql.OperationalError, match="max_statement_time exceeded"):
        decoded(stream, 1)


def test_a_row_with_more_or_fewer_values_than_columns_is_never_given() -> None:
    for rows in ([(b"1", b"2")], [(b"1", b"2", b"3", b"4")]):
        with pytest.raises((pymysql.InternalError, IndexError)):
            decoded(b"".join(packet(b"".join(map(value, row))) for row in rows) + END, 3)


def test_a_value_of_16_mb_is_told_from_the_end_of_the_rows() -> None:
    rows: list[Row] = [(b"x" * (1 << 24),), (b"y",)]
    assert decoded(b"".join(packet(value(row[0])) for row in rows) + END, 1) == rows
