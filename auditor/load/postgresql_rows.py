"""The rows of a PostgreSQL statement as they come over the wire: a batch at a time, straight into Arrow.

psycopg connects and sends the statement within COPY ... TO STDOUT (FORMAT binary); from there on the server's messages are read from the
socket itself, and the rows, one a message, are taken apart by column for thousands of them at once. A library's own COPY costs a call
or more a value, and the texts of times cost the server more than to send them, and us more than to take them.

Rows are complete only when the trailer of the binary form, CopyDone, CommandComplete with as many rows as have come, and ReadyForQuery
are there: whatever else ends the stream is an error.
"""

from __future__ import annotations

import os
import socket
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from struct import Struct
from typing import Any

import numpy as np
import pyarrow as pa

from auditor.load.postgresql_values import Misfit, finished, values_of
from auditor.load.source import Source
from auditor.load.text_sql import Shape
from auditor.load.texts import Places

BLOCK_BYTES = 1 << 21
"""So much is taken apart at once: what has just come from the socket is still in the cache of the processor, column after column."""

BATCH_BYTES = 16 << 20
"""A batch of wide rows is given out before it has its number of rows."""

LOOK_SECONDS = 0.5
"""After so long without a byte what is there is looked at, whether it seems to be the end or not."""

CANCEL_SECONDS = 2.0
"""How long a server may take to hear that nobody wants its rows any more."""

_MOST_BYTES = (1 << 31) - 1
"""Of a message and of what Arrow's texts reach; a row has 1 GB at most."""

_HEAD = Struct(">xI").unpack_from
"""The length of a message, after the letter that says its kind; it counts itself."""
_ROW = ord("d")
_READY = b"Z\0\0\0\5"
"""Before the letter that says whether a transaction is open."""
_SIGNATURE = b"PGCOPY\n\xff\r\n\x00"
_TRAILER = b"\xff\xff"

Receive = Callable[[memoryview], int]
"""Fills the first so many bytes of what is given; 0 where no more will come. Raises TimeoutError where none came for a while."""

Block = tuple[bytearray, Places, Places]
"""Whole rows: the bytes that they stand in, and where each begins and ends."""


def reads_binary(source: Source) -> bool:
    """Whether this source's connections can be read so: those of psycopg, over a plain socket, on a machine whose numbers are read so.

    Raises what connecting raises.
    """
    if source.engine.driver != "psycopg" or os.name != "posix" or sys.byteorder != "little":
        return False
    with source.engine.connect() as connection:
        libpq: Any = connection.connection.driver_connection.pgconn  # type: ignore[union-attr]
        return not (libpq.ssl_in_use or libpq.used_gssapi or _hidden_by_gssapi(libpq))


def _hidden_by_gssapi(libpq: Any) -> bool:
    """Whether GSSAPI encrypts what the socket carries, of which libpq tells nothing where another method has proved who we are."""
    if libpq.server_version < 120_000:
        return False
    answer = libpq.exec_(b"SELECT count(*) FROM pg_catalog.pg_stat_gssapi WHERE pid = pg_backend_pid() AND encrypted")
    return bool(answer.ntuples != 1 or answer.get_value(0, 0) != b"0")


def postgresql_batches(source: Source, sql: str, shapes: Sequence[Shape] | None, batch_rows: int) -> Iterator[pa.RecordBatch]:
    """The rows of the statement in batches of about `batch_rows`; the names of the columns are their numbers.

    `shapes`: of each column; times, dates, flags and whole numbers (bigint) come as such (see `finished`). Of all others, and where
    nothing is said, the statement gives text. Errors are the driver's own, by the server's SQLSTATE.
    """
    driver: Any = source.engine.dialect.dbapi
    with source.engine.connect() as connection:
        wire: Any = connection.connection.driver_connection
        answer = _Answer(driver)
        stream: socket.socket | None = None
        try:
            _ask_for_utf8(wire.pgconn, driver)
            # Not as a simple query, which might be several statements.
            wire.pgconn.send_query_params(f"COPY (\n{sql}\n) TO STDOUT (FORMAT binary)".encode(), None)
            if wire.pgconn.flush():
                raise driver.OperationalError("the connection does not take the statement")
            stream = socket.socket(fileno=os.dup(wire.pgconn.socket))
            stream.settimeout(LOOK_SECONDS)
            yield from _batches(stream.recv_into, answer, shapes, batch_rows)
        except OSError as error:
            raise driver.OperationalError(f"the connection to the server failed: {error}") from error
        except Misfit as misfit:
            raise driver.InternalError(f"the server's rows cannot be read: {misfit}") from misfit
        finally:
            if stream is not None and not answer.over:
                with suppress(Exception):  # a server that does not hear it finds the connection gone when it sends the next rows
                    wire.cancel_safe(timeout=CANCEL_SECONDS)
            if stream is not None:
                stream.close()
            connection.invalidate()  # libpq has not seen the answer: nobody can use this connection any more


def _ask_for_utf8(libpq: Any, driver: Any) -> None:
    """Texts come in UTF-8 then, and in nothing else: of a database that knows no encoding the server checks them, and fails."""
    if libpq.parameter_status(b"client_encoding") != b"UTF8":
        libpq.exec_(b"SET client_encoding TO UTF8")
        if libpq.parameter_status(b"client_encoding") != b"UTF8":
            raise driver.OperationalError("the server does not send its texts in UTF-8")


class _Answer:
    """What the server has said so far besides rows."""

    def __init__(self, driver: Any) -> None:
        self.driver = driver
        self._said = ""
        self.over = False
        """The server is done with the statement."""
        self.columns = 0
        self.rows_told = -1
        """With how many rows the server says it has ended."""
        self.header = False
        self.trailer = False

    def rows(self, count: int) -> None:
        """So many rows come here. Raises where none can."""
        if count and (not self._said.endswith("H") or self.trailer):
            raise Misfit("rows come where none can be")

    def message(self, kind: str, body: bytes) -> None:
        """Takes a message that is no row. Raises what the server raises, and where it stands in the wrong place."""
        if kind in "NSA":  # a notice, a setting, a notification: they may come at any time
            return
        if kind == "E":
            self.over = True
            raise self._error(body)
        order = "12nHcCZ"  # parsed, bound, no rows of its own, CopyOutResponse, CopyDone, CommandComplete, ReadyForQuery
        self._said += kind
        if not order.startswith(self._said):
            raise Misfit("the server does not answer with the rows of a COPY")
        if kind == "H":
            self.columns = int.from_bytes(body[1:3], "big")
            if body[:1] != b"\x01":
                raise Misfit("they are not in binary")
        elif kind == "C":
            words = body.rstrip(b"\x00").split()
            self.rows_told = int(words[1]) if len(words) == 2 and words[0] == b"COPY" and words[1].isdigit() else -1
        self.over = kind == "Z"

    def _error(self, body: bytes) -> Exception:
        parts = {part[:1]: part[1:].decode("utf-8", "replace") for part in body.split(b"\x00") if part}
        try:
            kind = self.driver.errors.lookup(parts.get(b"C", ""))
        except KeyError:  # a state of an extension, or of a server newer than the driver
            kind = self.driver.DatabaseError
        return kind(f"{parts.get(b'V') or parts.get(b'S') or 'ERROR'}: {parts.get(b'M', 'the server names no reason')}")


def _batches(receive: Receive, answer: _Answer, shapes: Sequence[Shape] | None, batch_rows: int) -> Iterator[pa.RecordBatch]:
    parts: list[list[pa.Array]] = []
    rows = size = total = 0
    for buffer, starts, ends in _blocks(receive, answer):
        if shapes is None:
            shapes = [Shape.TEXT] * answer.columns
        values, at = values_of(buffer, starts, ends, shapes)
        if int(ends[-1] - at[-1]) == len(_TRAILER) and buffer[int(at[-1]) : int(ends[-1])] == _TRAILER:
            answer.trailer, at[-1] = True, ends[-1]
        if not np.array_equal(at, ends):
            raise Misfit("a row does not end where its message does")
        parts.append(values)
        rows += len(starts)
        total += len(starts)
        size += int(ends[-1] - starts[0])
        if rows >= batch_rows or size >= BATCH_BYTES:
            yield _batch(parts, shapes)
            parts, rows, size = [], 0, 0
    if not answer.trailer or answer.rows_told != total:
        raise Misfit(f"{total} rows have come, and the server says that it has sent {answer.rows_told}")
    if rows:
        yield _batch(parts, shapes or ())


def _batch(parts: list[list[pa.Array]], shapes: Sequence[Shape]) -> pa.RecordBatch:
    columns = [finished(column, shape) for column, shape in zip(zip(*parts, strict=True), shapes, strict=True)]
    return pa.RecordBatch.from_arrays(columns, names=[str(number) for number in range(len(columns))])


def _blocks(receive: Receive, answer: _Answer) -> Iterator[Block]:
    """The rows, many at a time. A block is good until the next one is asked for: its bytes are used again."""
    buffer = bytearray(2 * BLOCK_BYTES)
    filled, worth = 0, BLOCK_BYTES
    while not answer.over:
        if filled == len(buffer):
            buffer = buffer + bytearray(len(buffer))  # not in place: arrays may look at it still
        with memoryview(buffer) as whole, whole[filled:] as free:
            received = _received(receive, free)
        filled += received or 0
        # Whatever the server says, it says last that it is ready: a look at every piece that comes would cost more than the rows.
        if received and filled < worth and buffer[max(filled - 6, 0) : filled - 1] != _READY:
            continue
        heads = message_heads(buffer, filled, answer.columns)
        if len(heads) > 1:
            yield from _rows(buffer, heads, answer)
            rest = buffer[int(heads[-1]) : filled]
            buffer[: len(rest)] = rest
            filled = len(rest)
        if received == 0 and not answer.over:
            raise answer.driver.OperationalError("the server closed the connection before its last row")
        begun = 1 + _HEAD(buffer, 0)[0] if filled > 4 else 0
        if begun > _MOST_BYTES:
            raise Misfit("a message is longer than a row can be")
        worth = max(begun, BLOCK_BYTES)


def _received(receive: Receive, free: memoryview) -> int | None:
    """How many bytes have come, 0 where no more will; None where none came for `LOOK_SECONDS`."""
    try:
        return receive(free)
    except TimeoutError as error:
        if error.errno is not None:  # the network's, not ours
            raise
        return None


def message_heads(buffer: bytearray, filled: int, columns: int) -> Places:
    """Where each message begins that is whole within the first `filled` bytes, and, last, where they end.

    Most are rows of so many columns, one right after the other. Whatever looks like the beginning of one is found at once; as far as each
    of them ends where the next one begins, they are what they look like. From there on one message is asked where the next one begins.
    """
    rows = _rows_in_a_row(np.frombuffer(buffer, np.uint8, filled), columns)
    heads, head = [int(rows[-1])], _HEAD
    end = heads[0]
    while end < filled - 4:
        end += 1 + head(buffer, end)[0]
        heads.append(end)
    if end > filled:  # the last one is still on the way
        heads.pop()
    return np.concatenate([rows[:-1], np.array(heads, np.int64)])


def _rows_in_a_row(raw: Any, columns: int) -> Places:
    """Where the rows of less than 64 KB begin that stand at the start, without a gap, and where the last of them ends."""
    at = np.flatnonzero(raw[: max(len(raw) - 6, 0)] == _ROW)
    for offset, byte in ((1, 0), (2, 0), (5, columns >> 8), (6, columns & 0xFF)):
        at = at[raw[at + offset] == byte]
    ends = at + 1 + (raw[at + 3].astype(np.int64) << 8) + raw[at + 4]
    as_it_looks = np.concatenate([[0], ends])[: len(at)] == at
    as_it_looks &= ends <= len(raw)
    count = len(at) if as_it_looks.all() else int(as_it_looks.argmin())
    return np.concatenate([[0], ends[:count]])


def _rows(buffer: bytearray, heads: Places, answer: _Answer) -> Iterator[Block]:
    """The rows among these messages; the others are taken by `answer`."""
    starts, ends = heads[:-1] + 5, heads[1:]
    kinds = np.frombuffer(buffer, np.uint8)[heads[:-1]]
    if bool((ends < starts).any()):
        raise Misfit("a message is shorter than its head")
    others = np.flatnonzero(kinds != _ROW)
    if len(others):
        before = 0
        for at in others.tolist():
            answer.rows(at - before)
            answer.message(chr(kinds[at]), bytes(buffer[starts[at] : ends[at]]))
            before = at + 1
        answer.rows(len(kinds) - before)
        rows = np.flatnonzero(kinds == _ROW)
        starts, ends = starts[rows], ends[rows]
    else:
        answer.rows(len(kinds))
    if len(starts) and not answer.header:
        starts[0] = _after_header(buffer, int(starts[0]), int(ends[0]))
        answer.header = True
        if starts[0] == ends[0]:
            starts, ends = starts[1:], ends[1:]
    if len(starts) and buffer[int(starts[-1]) : int(ends[-1])] == _TRAILER:
        answer.trailer = True
        starts, ends = starts[:-1], ends[:-1]
    if len(starts):
        yield buffer, starts, ends


def _after_header(buffer: bytearray, start: int, end: int) -> int:
    """Where the first row begins: after signature, flags, and an extension of which we need to know nothing."""
    flags = start + len(_SIGNATURE)
    after = flags + 8 + int.from_bytes(buffer[flags + 4 : flags + 8], "big")
    if buffer[start:flags] != _SIGNATURE or after > end:
        raise Misfit("they do not begin as COPY's binary form does")
    return after
