"""Memory given back: what nothing leads to any more is gone, also where two things know each other as logs and frames do."""

from __future__ import annotations

import gc
import weakref

import numpy as np

from auditor.memory import WORTH_BYTES, give_back


class Held:
    def __init__(self) -> None:
        self.column = np.zeros(1_000_000)
        self.other: Held | None = None


def test_things_that_know_each_other_are_given_back() -> None:
    gc.disable()
    try:
        one, two = Held(), Held()
        one.other, two.other = two, one
        seen = weakref.ref(one.column)
        del one, two
        assert seen() is not None
        give_back(WORTH_BYTES - 1)
        assert seen() is not None
        give_back(WORTH_BYTES)
        assert seen() is None
    finally:
        gc.enable()
