"""Joins with histories: the rows of a record in force at the moment of a case, and the last row at or before it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from auditor.derive.coded_text import coded
from auditor.derive.logs import Frame
from auditor.derive.verbs import Instants, Rows, positions
from auditor.instants import NEVER
from auditor.masks import Mask

_BLOCK = 2_000_000
"""Pairs looked at together; what is not in force is dropped before the next."""


@dataclass(frozen=True)
class Pairs:
    """Rows of a frame, each with the rows of another that belong to it: `owners` ascending, `found` beside them."""

    owners: Rows
    found: Rows
    size: int
    """Rows of the frame."""

    def any(self, mask: Mask) -> Mask:
        """For each row of the frame, whether the mask (one value a pair) holds for any of its pairs."""
        result = np.zeros(self.size, bool)
        result[self.owners[mask]] = True
        return result

    def count(self) -> Rows:
        """How many pairs each row of the frame has."""
        return np.bincount(self.owners, minlength=self.size)


def pairs_by_key(
    frame: Frame, column: str, other: Frame, key: str, holds: Callable[[Rows, Rows], Mask], *, among: Mask | None = None
) -> Pairs:
    """The rows of `other` whose `key` is the row's `column` and for which `holds(rows of the frame, rows of the other)` is true.

    Rows with a blank column, and those outside `among`, have none.
    """
    codes, texts = coded(other[key])
    by_key = np.argsort(codes, kind="stable")
    counts = np.bincount(codes[codes >= 0], minlength=len(texts))
    starts = np.cumsum(counts) - counts + int((codes < 0).sum())
    rows = np.flatnonzero(~frame.blank(column) if among is None else among & ~frame.blank(column))
    found = positions(texts, frame[column].take(rows))
    rows, found = rows[found >= 0], found[found >= 0]
    owners: list[Rows] = [np.zeros(0, np.int64)]
    partners: list[Rows] = [np.zeros(0, np.int64)]
    for block in _blocks(counts[found]):
        of, n = found[block], counts[found[block]]
        owner = np.repeat(rows[block], n)
        partner = by_key[np.repeat(starts[of] - (np.cumsum(n) - n), n) + np.arange(len(owner))]
        kept = holds(owner, partner)
        owners.append(owner[kept])
        partners.append(partner[kept])
    return Pairs(np.concatenate(owners), np.concatenate(partners), frame.size)


def in_force_pairs(frame: Frame, column: str, history: str, key: str, *, at: str = "at", among: Mask | None = None) -> Pairs:
    """The rows of `history` whose `key` is the row's `column` and whose validity (valid_from ≤ t < valid_to) holds at the row's `at`."""
    other, moments = frame.logs[history], frame[at]
    start, end = other["valid_from"], other["valid_to"]
    start = np.where(start < NEVER, start, -NEVER)
    return pairs_by_key(frame, column, other, key, lambda o, p: (start[p] <= moments[o]) & (moments[o] < end[p]), among=among)


def last_before(keys: Rows, times: Instants, event_keys: Rows, event_times: Instants) -> Rows:
    """For each (key, time) the position of the last event of the same key at or before it; -1 where there is none.

    Keys are numbers from 0 (-1: none). Of events of one key and time the last in their given order counts.
    """
    order = np.lexsort((event_times, event_keys))
    order = order[event_keys[order] >= 0]
    if not len(order):
        return np.full(len(keys), -1, np.int64)
    # A time has fewer than 34 bits (until the year 2500), so key and time fit one number, and one search answers all.
    place = np.searchsorted((event_keys[order] << 34) + event_times[order], (keys << 34) + times, side="right") - 1
    found = order[np.maximum(place, 0)]
    return np.where((place >= 0) & (keys >= 0) & (event_keys[found] == keys), found, -1)


def _blocks(counts: Rows) -> Iterator[slice]:
    """Slices of the rows whose pairs together are about `_BLOCK`."""
    total = np.cumsum(counts)
    first = 0
    while first < len(counts):
        done = int(total[first - 1]) if first else 0
        last = max(int(np.searchsorted(total, done + _BLOCK, side="right")), first + 1)
        yield slice(first, last)
        first = last
