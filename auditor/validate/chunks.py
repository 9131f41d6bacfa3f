"""The chunks of a typed column as they come in: texts that repeat are kept as a number a row and a table of the texts.

The codes, units and persons of millions of rows are a few thousand texts; they then need a fifth of the memory, and what is asked
of them later is asked once a text.
"""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

CODED_FROM = 10_000
"""Rows of a batch from which on it is worth looking whether its texts repeat."""

FEW_TEXTS = 256
"""So many are worth a table whatever the rows: codes of which most rows show none."""


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

    def append(self, values: pa.Array) -> None:
        """Takes the next chunk, of the column's kind."""
        if self._coded is None and self._may_repeat and len(values) >= CODED_FROM:
            self._coded = repeats(values)
        self._chunks.append(values.dictionary_encode() if self._coded else values)

    def whole(self) -> pa.ChunkedArray:
        """The column; of dictionary type, with one dictionary for all chunks, where its texts repeat."""
        if not self._coded:
            return pa.chunked_array(self._chunks, self._kind)
        chunks = [chunk if isinstance(chunk, pa.DictionaryArray) else chunk.dictionary_encode() for chunk in self._chunks]
        return pa.chunked_array(chunks).unify_dictionaries()
