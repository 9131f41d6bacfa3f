"""The tree of units as it stood at a moment: what lies within a unit, and the nearest unit of a kind above one.

The way up follows parent_id through units in force at that moment. Where it meets a unit that is unknown or not in force, or ends below a
kind that may stand at the top, nothing can be told.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from auditor.derive.logs import Logs
from auditor.derive.verbs import Instants, Rows, positions
from auditor.instants import NEVER
from auditor.masks import Mask
from auditor.vocabulary.expressions import NO, UNSAID, YES

Answers = npt.NDArray[np.int8]
"""YES, NO or UNSAID (it cannot be told)."""

_NO_PARENT, _UNKNOWN = -2, -1


class Tree:
    """The units of one audit. Units are named by their rows of `org_unit` (-1: blank or unknown)."""

    def __init__(self, logs: Logs, tops: tuple[str, ...]) -> None:
        units = logs["org_unit"]
        self.size = units.size
        self.ids = units["org_id"]
        self.kinds = units["kind"]
        parent_ids = units["parent_id"]
        self.parents: Rows = np.where(np.asarray(parent_ids.isna()), _NO_PARENT, positions(self.ids, parent_ids))
        self._top = np.asarray(self.kinds.isin(list(tops)))
        self._has_kind = ~np.asarray(self.kinds.isna())
        start, end = units["valid_from"], units["valid_to"]
        # Between two cuts nothing changes, so a moment is told by the number of cuts that lie not later than it.
        self._cuts = np.unique(np.concatenate([start[start < NEVER], end[end < NEVER]]))
        self._start = np.where(start < NEVER, self._epoch(start), 0)
        self._end = np.where(end < NEVER, self._epoch(end), len(self._cuts) + 1)

    def rows(self, org_ids: Any) -> Rows:
        """The rows of units named by id; -1 where blank or unknown."""
        return positions(self.ids, org_ids)

    def in_force(self, units: Rows, at: Instants) -> Mask:
        """Which of the units are known and in force at the moments."""
        return self._stands(units, self._epoch(at))

    def within(self, units: Rows, roots: Rows, at: Instants) -> Answers:
        """Whether each unit is, or lies below, its root at the moment. The same unit is within whatever its dates."""
        epochs = self._epoch(at)
        width, span = self.size + 1, len(self._cuts) + 1
        codes, ways = pd.factorize(((units + 1) * width + roots + 1) * span + epochs)
        pairs, epochs = np.divmod(ways, span)
        units, roots = pairs // width - 1, pairs % width - 1
        answers = np.full(len(ways), UNSAID, np.int8)
        same = (units == roots) & (units >= 0)
        answers[same] = YES
        todo = np.flatnonzero(~same & self._stands(units, epochs) & self._stands(roots, epochs))
        here = units.copy()
        # A way longer than there are units runs in a circle and tells nothing.
        for _ in range(self.size):
            if not len(todo):
                break
            above = self.parents[here[todo]]
            answers[todo[(above == _NO_PARENT) & self._top[here[todo]]]] = NO
            stands = self._stands(above, epochs[todo])
            found = stands & (above == roots[todo])
            answers[todo[found]] = YES
            here[todo] = above
            todo = todo[stands & ~found]
        return answers[codes]

    def above(self, units: Rows, kind: str, at: Instants) -> tuple[Rows, Mask]:
        """The nearest unit of the kind at or above each unit (-1: there is none), and whether it can be told.

        A unit without a kind on the way up leaves it untold as well: it might be of the kind.
        """
        epochs = self._epoch(at)
        span = len(self._cuts) + 1
        codes, ways = pd.factorize((units + 1) * span + epochs)
        here, epochs = np.divmod(ways, span)
        here = here - 1
        found = np.full(len(ways), -1, np.int64)
        told = np.zeros(len(ways), bool)
        of_kind = np.asarray(self.kinds == kind)
        todo = np.arange(len(ways))
        for _ in range(self.size + 1):
            if not len(todo):
                break
            unit = here[todo]
            stands = self._stands(unit, epochs[todo])
            todo, unit = todo[stands], unit[stands]
            todo, unit = todo[self._has_kind[unit]], unit[self._has_kind[unit]]
            hit = of_kind[unit]
            found[todo[hit]] = unit[hit]
            above = self.parents[unit]
            told[todo[hit | ((above == _NO_PARENT) & self._top[unit])]] = True
            here[todo] = above
            todo = todo[~hit & (above != _NO_PARENT)]
        return found[codes], told[codes]

    def _epoch(self, at: Instants) -> npt.NDArray[np.int64]:
        return np.searchsorted(self._cuts, at, side="right")

    def _stands(self, units: Rows, epochs: npt.NDArray[np.int64]) -> Mask:
        known = units >= 0
        if not self.size:
            return np.zeros(len(units), bool)
        row = np.where(known, units, 0)
        return known & (self._start[row] <= epochs) & (epochs < self._end[row])


def unit_tree(logs: Logs, *tops: str) -> Tree:
    """The tree of the site's units; only units of the kinds `tops` may stand without a parent."""
    return logs.memo(("unit_tree", tops), lambda: Tree(logs, tops))


def nearest_in_force(logs: Logs, units: Rows, kind: str, at: Instants) -> Rows:
    """The nearest unit of the kind above each unit that is in force at its moment; -1 where there is none.

    Here the way up goes on through units that are not in force, of another kind or of none: only the unit sought must stand.
    """
    org_units = logs["org_unit"]
    parents = positions(org_units["org_id"], org_units["parent_id"])
    fits = np.asarray(org_units["kind"] == kind)
    start, end = org_units["valid_from"], org_units["valid_to"]
    start = np.where(start < NEVER, start, -NEVER)
    found = np.full(len(units), -1, np.int64)
    todo = np.flatnonzero(units >= 0)
    here = np.where(units >= 0, units, 0)
    # A way longer than there are units runs in a circle.
    for _ in range(org_units.size):
        here[todo] = parents[here[todo]]
        todo = todo[here[todo] >= 0]
        above = here[todo]
        hit = fits[above] & (start[above] <= at[todo]) & (at[todo] < end[above])
        found[todo[hit]] = above[hit]
        todo = todo[~hit]
        if not len(todo):
            break
    return found
