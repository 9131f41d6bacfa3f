"""The chunks of a typed column as they come in: texts that repeat are kept as a number a row and a table of the texts.

The codes, units and persons of millions of rows are a few thousand texts; they then need a fifth of the memory, and what is asked
of them later is asked once a text.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from auditor.bitmaps import bits, present
from auditor.instants import NEVER

CODED_FROM = 10_000
"""Rows of a batch from which on it is worth looking whether its texts repeat."""

FEW_TEXTS = 256
"""So many are worth a table whatever the rows: codes of which most rows show none."""

_ONE_PIECE_BYTES = 1 << 26
"""Texts of more bytes stay in pieces: to join them takes longer than all that is asked of them later, and an array holds 2 GB at most."""

_ONE_ARRAY_BYTES = 1 << 30
"""Half of what an array of texts can hold."""

_PIECE_ROWS = 1 << 16
_NEAR = 4
"""Rows that stand together are taken together where they do not lie further apart than so many times their number."""

_NUMBERS = (pa.int8(), pa.int16(), pa.int32())


def repeats(values: pa.Array | pa.ChunkedArray) -> bool:
    """Whether the texts stand twice each on average where a row shows one, or are few: then a table of them is worth its place."""
    return bool(pc.count_distinct(values).as_py() <= max((len(values) - values.null_count) / 2, FEW_TEXTS))


class Chunks:
    """One column in the making. `may_repeat`: False for a key, of which each text stands once."""

    def __init__(self, kind: pa.DataType, *, may_repeat: bool) -> None:
        self._kind = kind
        self._chunks: list[pa.Array] = []
        self._may_repeat = may_repeat and pa.types.is_string(kind)
        self._coded: bool | None = None

    def coded(self, values: pa.Array) -> pa.Array:
        """The next chunk as it has come; with a table of its texts where those of the column repeat."""
        return values.dictionary_encode() if self._coded and pa.types.is_string(values.type) else values

    def append(self, values: pa.Array) -> None:
        """Takes the next chunk, of the column's kind, or with a table of its texts."""
        if self._coded is None and self._may_repeat and len(values) >= CODED_FROM:
            self._coded = repeats(values)
        self._chunks.append(self.coded(values))

    def whole(self) -> pa.ChunkedArray:
        """The column, in one piece where one can hold it; of dictionary type where its texts repeat."""
        if self._coded:
            self._chunks = [_coded(self._chunks)]
        elif len(self._chunks) > 1 and (_of_one_width(self._kind) or sum(chunk.nbytes for chunk in self._chunks) <= _ONE_PIECE_BYTES):
            self._chunks = [pa.concat_arrays(self._chunks)]
        return pa.chunked_array(self._chunks, None if self._coded else self._kind)


def _coded(chunks: list[pa.Array]) -> pa.DictionaryArray:
    """The texts as numbers, as narrow as may be, with one table of them."""
    if len(chunks) == 1 and isinstance(chunks[0], pa.DictionaryArray):
        alike = chunks
    else:
        coded = [chunk if isinstance(chunk, pa.DictionaryArray) else chunk.dictionary_encode() for chunk in chunks]
        alike = pa.chunked_array(coded).unify_dictionaries().chunks
    texts = alike[0].dictionary
    kind = next(kind for kind in _NUMBERS if len(texts) <= 1 << (kind.bit_width - 1))
    return pa.DictionaryArray.from_arrays(pa.concat_arrays([chunk.indices.cast(kind) for chunk in alike]), texts)


def _of_one_width(kind: pa.DataType) -> bool:
    return not (pa.types.is_string(kind) or pa.types.is_list(kind))


def _taken(column: pa.ChunkedArray, places: npt.NDArray[np.int64]) -> pa.ChunkedArray:
    if column.num_chunks <= 1:
        return pc.take(column, pa.array(places), boundscheck=False)
    pieces: list[pa.Array] = []
    for start in range(0, len(places), _PIECE_ROWS):
        some = places[start : start + _PIECE_ROWS]
        low, high = int(some.min()), int(some.max()) + 1
        if high - low > _NEAR * len(some):
            # Far apart: taking from one array is several times as fast as from many chunks.
            if column.nbytes < _ONE_ARRAY_BYTES:
                column = pa.chunked_array([column.combine_chunks()], column.type)
            return pc.take(column, pa.array(places), boundscheck=False)
        near = column.slice(low, high - low)
        near = near.chunk(0) if near.num_chunks == 1 else near.combine_chunks()
        pieces.append(pc.take(near, pa.array(some - low), boundscheck=False))
    return pa.chunked_array(pieces, column.type)


def settled(column: pa.ChunkedArray, places: npt.NDArray[np.int64] | None) -> pa.ChunkedArray:
    """The rows at these places (None: all, as they stand) of a column in the making, as an admitted table holds them.

    Under the gaps of times, where Arrow looks at nothing, stands NEVER: so they can be worked with as they are.
    """
    if places is not None:
        if column.null_count == len(column):
            return pa.chunked_array([pa.nulls(len(places), column.type)])
        column = _taken(column, places)
    if not pa.types.is_timestamp(column.type) or not column.null_count or column.num_chunks != 1:
        return column
    times = column.chunk(0)
    shown = present(times)
    numbers = np.where(shown, np.frombuffer(times.buffers()[1], np.int64)[times.offset : times.offset + len(times)], NEVER)
    return pa.chunked_array([pa.Array.from_buffers(times.type, len(times), [bits(shown), pa.py_buffer(numbers)])])
