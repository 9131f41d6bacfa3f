"""Lots of case ids: a 64-bit hash of each text, over whole columns and without a Python object a text."""

from __future__ import annotations

from hashlib import blake2b
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

Lots = npt.NDArray[np.uint64]

_WORD = 8
_MASKS = np.array([(1 << 8 * n) - 1 for n in range(_WORD)] + [2**64 - 1], np.uint64)
"""What is kept of a word of which n bytes belong to the text."""

_AT_ONCE = 1 << 15
"""Texts that are worked on together: what comes of them between two steps stays in the processor's cache."""

_ODD = np.uint64(0x9E3779B97F4A7C15)


def lots(case_ids: Any) -> Lots:
    """The same lot for the same text in every run, whatever stands beside it."""
    texts = _large_text(case_ids)
    drawn = np.empty(len(texts), np.uint64)
    for start in range(0, len(texts), _AT_ONCE):
        drawn[start : start + _AT_ONCE] = _lots_of(texts.slice(start, _AT_ONCE))
    return drawn


def _lots_of(texts: pa.Array) -> Lots:
    size = len(texts)
    _, ends, data = texts.buffers()
    offsets = np.frombuffer(ends, np.int64, size + 1, texts.offset * 8) if size else np.zeros(1, np.int64)
    letters = np.frombuffer(data, np.uint8) if data is not None else np.zeros(0, np.uint8)
    padded = np.concatenate([letters[int(offsets[0]) : int(offsets[-1])], np.zeros(_WORD, np.uint8)])
    # Every place of the letters as the beginning of a word of eight.
    words: npt.NDArray[np.uint64] = np.ndarray((len(padded) - _WORD + 1,), "<u8", padded, strides=(1,))
    place, left = offsets[:-1] - offsets[0], np.diff(offsets)
    lot = left.astype(np.uint64)
    rows: Any = slice(None)
    while len(left):
        more = left > 0
        if not more.all():
            rows = np.arange(size)[rows][more]
            place, left = place[more], left[more]
        word = words[place]
        if len(left) and left.min() < _WORD:
            word &= _MASKS[np.minimum(left, _WORD)]
        lot[rows] = _turned((lot[rows] ^ word) * _ODD)
        place, left = place + _WORD, left - _WORD
    return lot


def keyed(drawn: Lots, key: str) -> Lots:
    """Other lots for each key: each bit of them depends on each bit of the lots and of the key."""
    secret = int.from_bytes(blake2b(key.encode(), digest_size=_WORD).digest(), "little")
    # The finishing steps of SplitMix64.
    values = drawn ^ np.uint64(secret)
    values ^= values >> np.uint64(30)
    values *= np.uint64(0xBF58476D1CE4E5B9)
    values ^= values >> np.uint64(27)
    values *= np.uint64(0x94D049BB133111EB)
    values ^= values >> np.uint64(31)
    return values


def _large_text(case_ids: Any) -> pa.Array:
    values = case_ids if isinstance(case_ids, pa.Array | pa.ChunkedArray) else pa.array(case_ids)
    if isinstance(values, pa.ChunkedArray):
        values = values.combine_chunks()
    return values.cast(pa.large_string()).fill_null("")


def _turned(values: Lots) -> Lots:
    """High bits brought down, where the next multiplication needs them."""
    values ^= values >> np.uint64(29)
    return values
