"""The rows of a MySQL or MariaDB statement as they come over the wire: a batch at a time, straight into Arrow.

No driver of these servers does that. connectorx sets no bound to what it reads ahead of whoever takes its rows, ends in a Rust panic
where the server cuts the connection, and in earlier versions ended then as if all rows had come. PyMySQL makes a Python object of
each value. So PyMySQL connects, sends the statement and reads the names of its columns; from there on the rows, which in the server's text
protocol are packets of texts with their lengths before them, are split by column for thousands of rows at once. The server
waits while nobody takes them.

Rows are complete only when the packet that ends them has come: whatever else ends the stream is an error.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from struct import Struct
from typing import Any

import numpy as np
import pyarrow as pa

from auditor.load.source import Source
from auditor.load.texts import texts_between

READ_BYTES = 1 << 18
BATCH_BYTES = 16 << 20
"""A batch of wide rows is given out before it has its number of rows."""

NET_WRITE_TIMEOUT = 3600
"""Seconds that the server waits for rows to be taken (of itself it takes 60 for a client that is gone)."""

_HEADER = Struct("<I")  # a packet's length in three bytes, and its number
_LENGTH = 0xFFFFFF
"""Mask of the length. A packet of just this length goes on in the next one."""
_NULL, _END, _ERROR = 0xFB, 0xFE, 0xFF
_WIDE = ((0xFC, 2), (0xFD, 3), (0xFE, 8))
"""First byte of a length that is not itself the length → in how many bytes the length follows."""

Rows = tuple[bytearray, list[int]]
"""Whole packets, one a row, and where each begins and the last one ends."""


def mysql_batches(source: Source, sql: str, batch_rows: int) -> Iterator[pa.RecordBatch]:
    """The rows of the statement, every value as text, in batches of about `batch_rows`. Errors are the driver's own."""
    driver: Any = source.engine.dialect.dbapi
    with source.engine.connect() as connection:
        wire: Any = connection.connection.driver_connection
        try:
            wire.query(f"SET SESSION net_write_timeout = {NET_WRITE_TIMEOUT}")
            wire.query(sql, unbuffered=True)
            result = wire._result  # noqa: SLF001 - PyMySQL shows its columns and its stream nowhere else
            if not result.unbuffered_active:
                raise driver.ProgrammingError("the statement gives no rows")
            result.unbuffered_active = False  # the rows are ours: PyMySQL is not to wait for them when it closes
            names = [column[0] for column in result.description]
            for buffer, heads in _rows(wire._rfile.read1, driver, batch_rows):  # noqa: SLF001
                yield pa.RecordBatch.from_arrays(_columns(buffer, heads, len(names), driver), names=names)
        finally:
            connection.invalidate()  # closed, read to its end or not: what is still on the way is not for the next statement


def _rows(read: Callable[[int], bytes], driver: Any, batch_rows: int) -> Iterator[Rows]:
    header = _HEADER.unpack_from
    buffer, heads, end = bytearray(), [0], 0
    while True:
        received = read(READ_BYTES)
        if not received:
            raise driver.OperationalError(2013, "Lost connection to MySQL server during query")
        buffer += received
        size = len(buffer)
        while end + 4 <= size:
            length = header(buffer, end)[0] & _LENGTH
            after = end + 4 + length if length < _LENGTH else _joined(buffer, end)
            size = len(buffer)
            if after > size:
                break
            heads.append(end := after)
        ended = len(heads) > 1 and _ended(buffer, heads, driver)
        if len(heads) > 1 and (ended or len(heads) > batch_rows or end >= BATCH_BYTES):
            yield buffer, heads
            buffer, heads, end = buffer[end:], [0], 0
        if ended:
            return


def _joined(buffer: bytearray, start: int) -> int:
    """Makes one packet of a row of 16 MB or more. Where it ends; beyond the buffer as long as parts of it are on the way."""
    seams, end, length = [], start, _LENGTH
    while length == _LENGTH:
        if end + 4 > len(buffer):
            return len(buffer) + 1
        seams.append(end)
        length = _HEADER.unpack_from(buffer, end)[0] & _LENGTH
        end += 4 + length
    if end <= len(buffer):
        for seam in reversed(seams[1:]):
            del buffer[seam : seam + 4]
            end -= 4
    return end


def _ended(buffer: bytearray, heads: list[int], driver: Any) -> bool:
    """True where the last packet says that there are no more rows; it is then taken off. An error that it tells is raised."""
    start, end = heads[-2] + 4, heads[-1]
    if buffer[start] == _ERROR:
        driver.err.raise_mysql_exception(bytes(buffer[start:end]))
    if buffer[start] == _END and end - start < _LENGTH:  # a longer one is a row whose first value has 16 MB
        heads.pop()
        return True
    return False


def _columns(buffer: bytearray, heads: list[int], count: int, driver: Any) -> list[pa.Array]:
    """The values of each column. All rows are gone through at once, from column to column."""
    raw = np.frombuffer(buffer, np.uint8)
    at = np.array(heads, np.int64)
    ends, at = at[1:], at[:-1] + 4
    columns = []
    for _ in range(count):
        first = raw[at]
        length = first.astype(np.int64)
        begin = at + 1
        blank = first == _NULL
        if (first >= _NULL).any():
            length[blank] = 0
            for marker, width in _WIDE:
                rows = np.flatnonzero(first == marker)
                length[rows] = sum(raw[begin[rows] + i].astype(np.int64) << 8 * i for i in range(width))
                begin[rows] += width
        at = begin + length
        columns.append(texts_between(buffer, begin, length, blank if blank.any() else None))
    if not np.array_equal(at, ends):
        raise driver.InternalError("a row does not end where its packet does")
    return columns
