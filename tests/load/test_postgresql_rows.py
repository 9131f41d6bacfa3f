"""Rows of PostgreSQL come as a stream: few of them are held, none is lost, and nothing is left behind when it ends early."""

from __future__ import annotations

import errno
import gc
import struct
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch

import numpy as np
import psycopg
import pyarrow as pa
import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from auditor.contract import Field, Record
from auditor.errors import SourceError
from auditor.load import RawRecord, Source, open_source, read_record
from auditor.load import postgresql_rows as rows_module
from auditor.load.arrow_drivers import BATCH_ROWS, arrow_batches, arrow_driver
from auditor.load.postgresql_rows import BATCH_BYTES, _Answer, _batches, message_heads, postgresql_batches, reads_binary
from auditor.load.postgresql_values import Misfit, values_of
from auditor.load.read import read_statement
from auditor.load.statement import Column, Statement, column_of, query_of
from auditor.load.text_sql import Shape
from tests.databases import Make, text_url, writer
from tests.load.peak_memory import peak_of_reading

Row = tuple[bytes | None, ...]


@pytest.fixture(name="source")
def _source(make_database: Make) -> Iterator[Source]:
    source = open_source(text_url(make_database("postgresql")))
    yield source
    source.close()


def many(rows: int, note: str) -> str:
    """A statement that gives so many rows without any table."""
    return f"SELECT CAST(i AS text) AS visit_id, {note} AS note FROM generate_series(0, {rows - 1}) i"


def under_way(source: Source, condition: str = "") -> list[str]:
    """What the server does on the connections that the source has open, apart from the one that asks."""
    engine = writer(source.url)
    with engine.connect() as connection:
        others = "FROM pg_stat_activity WHERE datname = current_database() AND state = 'active' AND pid <> pg_backend_pid()"
        found = [str(one) for one in connection.exec_driver_sql(f"SELECT query {others} {condition}").scalars()]
    engine.dispose()
    return found


def kill(source: Source) -> None:
    engine = writer(source.url)
    with engine.connect() as connection:
        others = "FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
        connection.exec_driver_sql("SELECT pg_terminate_backend(pid) " + others)
    engine.dispose()


def read(source: Source, sql: str) -> list[list[str | None]]:
    return [list(row.values()) for batch in arrow_batches(source, "psycopg", sql) for row in batch.to_pylist()]


def test_this_is_the_way_that_is_taken(source: Source) -> None:
    assert arrow_driver(source) == "psycopg"


@pytest.mark.parametrize("hidden", ["ssl_in_use", "used_gssapi", "gssapi", "windows", "driver"])
def test_a_connection_that_is_encrypted_or_has_no_socket_of_ours_is_left_to_the_driver(
    monkeypatch: pytest.MonkeyPatch, hidden: str
) -> None:
    answer = SimpleNamespace(ntuples=1, get_value=lambda *_: b"1" if hidden == "gssapi" else b"0")
    flags = {name: name == hidden for name in ("ssl_in_use", "used_gssapi")}
    libpq = SimpleNamespace(server_version=150_000, exec_=lambda _sql: answer, **flags)

    @contextmanager
    def connect() -> Iterator[Any]:
        yield SimpleNamespace(connection=SimpleNamespace(driver_connection=SimpleNamespace(pgconn=libpq)))

    engine = SimpleNamespace(
        driver="psycopg2" if hidden == "driver" else "psycopg", connect=connect, dialect=SimpleNamespace(name="postgresql")
    )
    source: Any = SimpleNamespace(engine=engine, dialect="postgresql")
    if hidden == "windows":
        monkeypatch.setattr(rows_module.os, "name", "nt")
    assert not reads_binary(source)
    assert arrow_driver(source) == "adbc_driver_postgresql.dbapi"


def test_memory_does_not_grow_with_the_number_of_rows(source: Source) -> None:
    peaks = {}
    for rows in (20_000, 60_000):  # of 4 kB: 80 MB and 240 MB
        read_rows, peaks[rows] = peak_of_reading(source, "psycopg", many(rows, "repeat('x', 4000)"))
        assert read_rows == rows
    assert peaks[60_000] < peaks[20_000] + 80


def test_the_server_is_still_at_the_statement_when_the_first_rows_are_given(source: Source) -> None:
    batches = arrow_batches(source, "psycopg", many(20_000, "repeat('x', 4000)"))
    first = next(batches)
    assert first.column(0)[0].as_py() == "0"
    assert first.nbytes < 2 * BATCH_BYTES
    assert len(under_way(source)) == 1
    assert first.num_rows + sum(batch.num_rows for batch in batches) == 20_000
    assert under_way(source) == []


def test_each_row_is_given_once_and_in_its_order_across_batches(source: Source) -> None:
    batches = list(arrow_batches(source, "psycopg", many(250_000, "CASE WHEN i % 3 <> 0 THEN concat('線', i / 1000) END")))
    assert [batch.num_rows >= BATCH_ROWS for batch in batches][:-1] == [True] * (len(batches) - 1)
    assert len(batches) > 1
    assert [v for batch in batches for v in batch.column(0).to_pylist()] == [str(i) for i in range(250_000)]
    notes = [v for batch in batches for v in batch.column(1).to_pylist()]
    assert notes == [None if i % 3 == 0 else f"線{i // 1000}" for i in range(250_000)]


def test_a_row_that_is_longer_than_any_block_stays_whole(source: Source) -> None:
    long = "repeat('a', 9000000), repeat('b', 5000000), 'c'"
    rows = read(source, f"SELECT {long} UNION ALL SELECT 'x', 'y', NULL UNION ALL SELECT {long}")
    assert rows == [["a" * 9_000_000, "b" * 5_000_000, "c"], ["x", "y", None], ["a" * 9_000_000, "b" * 5_000_000, "c"]]


@pytest.mark.filterwarnings("error::pytest.PytestUnraisableExceptionWarning")
def test_a_statement_that_is_killed_half_way_is_an_error_and_leaves_standard_error_alone(
    source: Source, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    relation = query_of(many(20_000, "repeat('x', 4000)"), ["visit_id", "note"])
    columns = tuple(Column(name, column_of(relation, name), Shape.TEXT) for name in ("visit_id", "note"))
    batches = read_statement(source, Statement(relation, columns), "visit")
    next(batches)
    kill(source)
    with pytest.raises(SourceError, match=r"reading visit failed: .*The server cut the connection"):
        list(batches)
    gc.collect()
    assert capfd.readouterr().err == "" and not caplog.records
    assert read(source, "SELECT 'x' AS a") == [["x"]]


def _close(batches: Iterator[object]) -> None:
    batches.close()  # type: ignore[attr-defined]


def _interrupt(batches: Iterator[object]) -> None:
    with pytest.raises(KeyboardInterrupt):
        batches.throw(KeyboardInterrupt)  # type: ignore[attr-defined]


@pytest.mark.filterwarnings("error::pytest.PytestUnraisableExceptionWarning", "error::ResourceWarning")
@pytest.mark.parametrize("leave", [_close, _interrupt])
def test_who_stops_half_way_leaves_no_connection_and_no_thread_behind(
    source: Source,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
    leave: Callable[[Iterator[object]], None],
) -> None:
    """The server, too, is told: it works long at a row here, and would find out only with the next one that nobody is there."""
    monkeypatch.setattr(rows_module, "BLOCK_BYTES", 1 << 16)
    threads = threading.active_count()
    work = "CASE WHEN i = 40 THEN CAST(pg_sleep(60) AS text) ELSE repeat('x', 4000) END"
    batches = postgresql_batches(source, many(1_000_000, work), None, 1)
    next(batches)
    started = time.monotonic()
    while not under_way(source, "AND wait_event = 'PgSleep'"):
        assert time.monotonic() - started < 10, "the server has not come to the row at which it sleeps"
    started = time.monotonic()
    leave(batches)
    assert time.monotonic() - started < 1, "the rest has been waited for"
    while under_way(source) and time.monotonic() - started < 10:
        time.sleep(0.1)
    assert under_way(source) == []
    assert threading.active_count() == threads
    gc.collect()
    assert capfd.readouterr().err == "" and not caplog.records
    assert read(source, "SELECT 'x' AS a") == [["x"]]


@pytest.mark.parametrize(
    "sql", ["SELECT CAST('x' AS text) AS a WHERE false", "SELECT CAST('x' AS text) AS a, CAST('y' AS text) AS b LIMIT 0"]
)
def test_a_statement_without_rows_gives_none(source: Source, sql: str) -> None:
    assert read(source, sql) == []


@pytest.mark.parametrize("sql", ["SET work_mem = '1MB'", "SELECT 'a'; SELECT 'b'", "SELECT 'a') TO STDOUT; SELECT ('b'"])
def test_what_is_no_single_query_is_refused(source: Source, sql: str) -> None:
    with pytest.raises(psycopg.Error, match="syntax error|cannot insert multiple commands"):
        read(source, sql)


def test_errors_are_the_driver_s_own_and_name_their_state(source: Source) -> None:
    for sql, kind, said in (
        ("SELECT 1 / (random() * 0)::int::text", psycopg.errors.UndefinedFunction, "ERROR: operator does not exist"),
        ("SELECT (1 / (random() * 0)::int)::text", psycopg.errors.DivisionByZero, "ERROR: division by zero"),
        ("SELECT x FROM nowhere", psycopg.errors.UndefinedTable, 'relation "nowhere" does not exist'),
    ):
        with pytest.raises(kind, match=said):
            read(source, sql)


def test_a_table_that_may_not_be_read(source: Source) -> None:
    engine = writer(source.url)
    role = f"{source.url.database}_reader"
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE visit (visit_id text)")
        connection.exec_driver_sql(f"CREATE ROLE {role} LOGIN")
    try:
        other = open_source(text_url(source.url.set(username=role)))
        raw = read_record(other, Record("visit", (Field("visit_id", "id", True),)))
        assert isinstance(raw, RawRecord)
        with pytest.raises(SourceError, match=r"permission denied for table visit.*auditor check --sql"):
            list(raw.batches())
        other.close()
    except SourceError as error:
        if "Check user and password" not in str(error):
            raise
        pytest.skip(f"this server lets no new role in without a password: {error}. What this test holds is not tested.")
    finally:
        with engine.begin() as connection:
            connection.exec_driver_sql(f"DROP ROLE {role}")
        engine.dispose()


def test_the_session_is_the_one_that_the_source_sets_up(source: Source) -> None:
    bounded = open_source(text_url(source.url), statement_seconds=77)
    names = ("transaction_read_only", "transaction_isolation", "TimeZone", "DateStyle", "statement_timeout", "client_encoding")
    asked = ", ".join(f"current_setting('{name}')" for name in names)
    assert read(bounded, f"SELECT {asked}") == [["on", "repeatable read", "UTC", "ISO, MDY", "77s", "UTF8"]]
    bounded.close()


def test_the_statement_that_is_shown_is_the_one_that_runs(source: Source) -> None:
    engine = writer(source.url)
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE visit (visit_id integer, at timestamptz, note text)")
        connection.exec_driver_sql("INSERT INTO visit SELECT i, now(), repeat('x', 4000) FROM generate_series(1, 20000) i")
    engine.dispose()
    raw = read_record(source, Record("visit", (Field("visit_id", "id", True), Field("at", "time"), Field("note", "text"))))
    assert isinstance(raw, RawRecord)
    (shown,) = raw.statements
    assert "CAST(visit.at AS TIMESTAMP WITH TIME ZONE) AS at" in shown
    batches = raw.batches()
    assert next(batches).schema.field("at").type == pa.timestamp("us", "UTC")
    (query,) = under_way(source)
    _close(batches)
    assert shown in query


@pytest.mark.parametrize("encoding", ["LATIN1", "SQL_ASCII"])
def test_a_database_of_another_encoding(source: Source, encoding: str) -> None:
    """Of one that knows no encoding the server itself says whether its bytes are UTF-8."""
    name = f"{source.url.database}_{encoding.lower()}"
    engine = sa.create_engine(source.url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.exec_driver_sql(f"CREATE DATABASE {name} ENCODING '{encoding}' TEMPLATE template0 LC_COLLATE 'C' LC_CTYPE 'C'")
    try:
        other = open_source(text_url(source.url.set(database=name, query={"client_encoding": "utf8"})))
        if encoding == "LATIN1":
            other.close()
            other = open_source(text_url(source.url.set(database=name)))
        # in LATIN1 the letter by its number there, so that no server has but to give back what it was sent
        sql = "SELECT CAST('caf' || chr(233) AS text) AS a" if encoding == "LATIN1" else "SELECT CAST('café' AS text) AS a"
        for driver in ("psycopg", "adbc_driver_postgresql.dbapi"):
            assert [list(r.values()) for b in arrow_batches(other, driver, sql) for r in b.to_pylist()] == [["café"]]
        if encoding == "SQL_ASCII":
            with pytest.raises(psycopg.errors.CharacterNotInRepertoire):
                read(other, r"SELECT convert_from('\x636166e9', 'SQL_ASCII')")
        other.close()
    finally:
        with engine.connect() as connection:
            connection.exec_driver_sql(f"DROP DATABASE {name} WITH (FORCE)")
        engine.dispose()


def test_a_column_of_another_type_than_was_asked_for_is_never_read_as_such(source: Source) -> None:
    for sql, shape in (
        ("SELECT CAST(1 AS integer)", Shape.TIME),
        ("SELECT 'ab'", Shape.BOOL),
        ("SELECT CAST(now() AS text)", Shape.ZONED_TIME),
    ):
        with pytest.raises(psycopg.InternalError, match="bytes that its type has"):
            list(arrow_batches(source, "psycopg", sql, [shape]))
    with pytest.raises(psycopg.InternalError, match="another number of values"):
        list(arrow_batches(source, "psycopg", "SELECT 'a', 'b'", [Shape.TEXT]))


def message(kind: bytes, body: bytes = b"") -> bytes:
    return kind + struct.pack(">I", len(body) + 4) + body


def tuple_of(row: Row) -> bytes:
    values = (b"\xff\xff\xff\xff" if value is None else struct.pack(">i", len(value)) + value for value in row)
    return struct.pack(">h", len(row)) + b"".join(values)


HEADER = b"PGCOPY\n\xff\r\n\x00" + bytes(8)
TRAILER = b"\xff\xff"
READY = message(b"Z", b"I")
NOTICES = message(b"N", b"SNOTICE\x00\x00") + message(b"S", b"TimeZone\x00UTC\x00")


def begun(columns: int) -> bytes:
    return message(b"1") + message(b"2") + message(b"n") + message(b"H", b"\x01" + struct.pack(">h", columns) + b"\x00\x01" * columns)


def ended(rows: int) -> bytes:
    return message(b"c") + message(b"C", b"COPY %d\x00" % rows) + READY


def stream_of(rows: list[Row], columns: int, *, header_joined: bool = True, trailer_joined: bool = False, noisy: bool = False) -> bytes:
    parts = [tuple_of(row) for row in rows] + [TRAILER]
    if trailer_joined and rows:
        parts[-2:] = [parts[-2] + TRAILER]
    parts = [HEADER + parts[0], *parts[1:]] if header_joined else [HEADER, *parts]
    between = NOTICES if noisy else b""
    return begun(columns) + between + between.join(message(b"d", part) for part in parts) + between + ended(len(rows))


def decoded(stream: bytes, piece: int = 1 << 18, batch_rows: int = 3) -> list[Row]:
    """The rows of a stream that arrives in pieces of so many bytes."""
    at = 0

    def receive(into: memoryview) -> int:
        nonlocal at
        assert len(into), "there is no room for what comes"
        some = stream[at : at + min(piece, len(into))]
        into[: len(some)] = some
        at += len(some)
        return len(some)

    rows: list[Row] = []
    for batch in _batches(receive, _Answer(psycopg), None, batch_rows):
        rows += zip(*(column.view("binary").to_pylist() for column in batch.columns), strict=True)
    return rows


VALUES = st.none() | st.binary(max_size=40) | st.sampled_from([0, 1, 255, 256, 65_535, 65_536]).map(lambda n: b"d" * n)
LIKE_A_ROW = st.sampled_from([b"d\x00\x00\x00\x08\x00\x02", b"d\x00\x00\x01\x00\x00\x03xx", b"d\x00\x00", b"d"])
"""What looks like the beginning of a row, or does so with the bytes that follow."""
COLUMNS = st.integers(1, 5)


@given(
    COLUMNS.flatmap(lambda n: st.lists(st.tuples(*[VALUES | LIKE_A_ROW] * n), min_size=0, max_size=12)),
    st.integers(1, 300),
    st.booleans(),
    st.booleans(),
    st.booleans(),
    st.sampled_from([7, 64, 300, rows_module.BLOCK_BYTES]),
)
def test_values_of_any_length_and_bytes_are_read_as_they_were_written_however_they_arrive(
    rows: list[Row], piece: int, header_joined: bool, trailer_joined: bool, noisy: bool, block: int
) -> None:
    columns = len(rows[0]) if rows else 1
    stream = stream_of(rows, columns, header_joined=header_joined, trailer_joined=trailer_joined, noisy=noisy)
    with patch.object(rows_module, "BLOCK_BYTES", block):
        assert decoded(stream, piece * (1 + len(stream) // 2000)) == rows


def heads_one_by_one(stream: bytes) -> list[int]:
    heads = [0]
    while heads[-1] + 5 <= len(stream):
        heads.append(heads[-1] + 1 + struct.unpack_from(">I", stream, heads[-1] + 1)[0])
    return heads if heads[-1] <= len(stream) else heads[:-1]


@given(
    st.lists(
        COLUMNS.flatmap(lambda n: st.tuples(*[VALUES | LIKE_A_ROW] * n)).map(lambda row: message(b"d", tuple_of(row)))
        | st.sampled_from([NOTICES, READY, message(b"d", HEADER)])
        | LIKE_A_ROW,
        max_size=12,
    ),
    COLUMNS,
    st.integers(0, 9),
)
def test_messages_found_at_once_are_those_that_are_found_one_by_one(messages: list[bytes], columns: int, cut: int) -> None:
    stream = b"".join(messages)
    whole = max(len(stream) - cut, 0)
    assert message_heads(bytearray(stream), whole, columns).tolist() == heads_one_by_one(stream[:whole])


def test_many_rows_are_found_without_a_step_for_each(monkeypatch: pytest.MonkeyPatch) -> None:
    steps = 0
    unpack = rows_module._HEAD

    def head(buffer: bytearray, at: int) -> tuple[int, ...]:
        nonlocal steps
        steps += 1
        return unpack(buffer, at)

    monkeypatch.setattr(rows_module, "_HEAD", head)
    rows: list[Row] = [(b"%d" % number, b"word" * (number % 7), None) for number in range(5_000)]
    stream = b"".join(message(b"d", tuple_of(row)) for row in rows) + ended(5_000)
    assert message_heads(bytearray(stream), len(stream), 3).tolist() == heads_one_by_one(stream)
    assert steps == 3


@pytest.mark.parametrize("more", [b"", NOTICES])
def test_a_server_that_says_something_after_its_last_word_is_not_waited_for(more: bytes) -> None:
    stream = stream_of(ROWS, 3) + more
    given = [stream]

    def receive(into: memoryview) -> int:
        if not given:
            raise TimeoutError("timed out")
        said = given.pop()
        into[: len(said)] = said
        return len(said)

    batches = list(_batches(receive, _Answer(psycopg), None, 100))
    assert [batch.num_rows for batch in batches] == [len(ROWS)]


def test_a_network_that_gives_up_is_an_error() -> None:
    def receive(_into: memoryview) -> int:
        raise TimeoutError(errno.ETIMEDOUT, "Connection timed out")

    with pytest.raises(TimeoutError, match="Connection timed out"):
        list(_batches(receive, _Answer(psycopg), None, 100))


ROWS: list[Row] = [(b"1", None, b"x" * 300), (b"2", b"", b"y"), (None, None, None), (b"\xfe", b"\xff", b"")]


def test_a_stream_that_ends_anywhere_before_its_end_is_an_error() -> None:
    for joined in (False, True):
        stream = stream_of(ROWS, 3, trailer_joined=joined)
        assert decoded(stream) == ROWS
        for cut in range(len(stream)):
            with pytest.raises(psycopg.OperationalError, match="closed the connection"):
                decoded(stream[:cut])


def test_a_message_that_lacks_between_the_others_is_an_error() -> None:
    rows = b"".join(message(b"d", part) for part in (HEADER, tuple_of(ROWS[0]), tuple_of(ROWS[1]), TRAILER))
    assert decoded(begun(3) + rows + ended(2)) == ROWS[:2]
    for wrong in (
        begun(3) + rows.removesuffix(message(b"d", TRAILER)) + ended(2),
        begun(3) + rows + ended(3),
        begun(3) + rows + message(b"C", b"COPY 2\x00") + READY,
        begun(3) + rows + message(b"c") + READY,
        begun(3) + rows + message(b"d", tuple_of(ROWS[0])) + ended(3),
        begun(3) + rows + message(b"c") + message(b"d", tuple_of(ROWS[0])) + message(b"C", b"COPY 3\x00") + READY,
        begun(3) + rows[len(message(b"d", HEADER)) :] + ended(2),
        rows + ended(2),
        begun(3).replace(b"\x01\x00\x03", b"\x00\x00\x03") + rows + ended(2),
        begun(3) + rows + message(b"?") + ended(2),
        begun(2) + rows + ended(2),
    ):
        with pytest.raises(Misfit):
            decoded(wrong)


def test_a_message_that_is_shorter_than_its_own_head_is_an_error() -> None:
    for length in range(4):
        with pytest.raises(Misfit, match="shorter than its head"):
            decoded(begun(3) + b"N" + struct.pack(">I", length) + bytes(40) + stream_of(ROWS, 3))


def test_rows_that_do_not_begin_with_the_signature_are_an_error() -> None:
    stream = stream_of(ROWS, 3)
    for at in range(11):
        place = stream.index(HEADER) + at
        with pytest.raises(Misfit, match="do not begin as"):
            decoded(stream[:place] + b"?" + stream[place + 1 :])


def test_an_extension_of_the_header_is_passed_over() -> None:
    header = HEADER[:-4] + struct.pack(">I", 5) + b"extra"
    rows = message(b"d", header + tuple_of(ROWS[0])) + message(b"d", TRAILER)
    assert decoded(begun(3) + rows + ended(1)) == ROWS[:1]


def test_an_error_of_the_server_amid_the_rows_is_raised() -> None:
    told = b"SFEHLER\x00VERROR\x00C57014\x00Mcanceling statement due to statement timeout\x00\x00"
    stream = begun(1) + message(b"d", HEADER + tuple_of((b"1",))) + message(b"d", tuple_of((b"2",))) + message(b"E", told) + READY
    with pytest.raises(psycopg.errors.QueryCanceled, match="^ERROR: canceling statement due to statement timeout$"):
        decoded(stream)
    unknown = told.replace(b"57014", b"ZZ999")
    with pytest.raises(psycopg.DatabaseError, match="statement timeout"):
        decoded(begun(1) + message(b"E", unknown) + READY)


def test_a_row_whose_values_do_not_end_where_its_message_does_is_never_given() -> None:
    good = tuple_of((b"1", b"2"))
    for wrong in (
        tuple_of((b"1", b"2", b"3")),
        tuple_of((b"1",)),
        good + b"x",
        good[:-1],
        good.replace(struct.pack(">i", 1), struct.pack(">i", 2), 1),
        good.replace(struct.pack(">i", 1), struct.pack(">i", -2), 1),
        tuple_of((None, b"2")).replace(struct.pack(">i", -1), struct.pack(">i", -2)),
        good.replace(struct.pack(">i", 1), struct.pack(">i", 0x7FFFFFFF), 1),
    ):
        for rows in ([good, wrong], [wrong, good]):
            messages = message(b"d", HEADER) + b"".join(message(b"d", row) for row in rows) + message(b"d", TRAILER)
            with pytest.raises(Misfit):
                decoded(begun(2) + messages + ended(2))


@pytest.mark.parametrize("shape", [Shape.TEXT, Shape.INT])
def test_nothing_beyond_the_buffer_is_read(shape: Shape) -> None:
    row = tuple_of((b"12345678", None, b"12345678"))
    for cut in range(len(row)):
        with pytest.raises(Misfit):
            values_of(bytearray(row[:cut]), np.array([0]), np.array([cut]), [shape, Shape.TEXT, shape])


@given(st.binary(max_size=300), st.integers(0, 400))
def test_bytes_of_any_kind_are_an_error_or_rows_and_nothing_else(noise: bytes, at: int) -> None:
    stream = stream_of(ROWS, 3)
    at = min(at, len(stream))
    with suppress(Misfit, psycopg.Error):
        assert len(decoded(stream[:at] + noise + stream[at + len(noise) :])) == len(ROWS)
