"""Which cases go to the engine."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

from auditor.adjudicate.lots import Lots, keyed
from auditor.vocabulary.questions import Verdict

Places = npt.NDArray[np.int64]

SAMPLE_SIZE = 200
"""Cases of each rule that go to the engine although the screen found nothing."""


def choose(
    screen_verdicts: npt.NDArray[np.int8], drawn: Lots, case_ids: Callable[[Places], Any], rule: str, sample_size: int = SAMPLE_SIZE
) -> Places:
    """Positions, ascending, of the cases to adjudicate: all that are not simply compliant or pending, and a sample of the others.

    The sample is drawn by a keyed hash of the case id, the rule's code being the key: it is the same in every run, whatever the order of
    the cases, and another for each rule. `drawn`: the `lots` of all case ids; `case_ids` gives those at some positions, as texts.
    """
    simple = (screen_verdicts == Verdict.COMPLIANT) | (screen_verdicts == Verdict.PENDING)
    chosen = np.flatnonzero(~simple)
    others = np.flatnonzero(simple)
    if len(others) > sample_size:
        sample = keyed(drawn[others], rule)
        near = np.flatnonzero(sample <= np.partition(sample, sample_size - 1)[sample_size - 1]) if sample_size else np.zeros(0, np.int64)
        ids = np.asarray(case_ids(others[near]), object).astype(str)
        others = others[near[np.lexsort((ids, sample[near]))][:sample_size]]
    return np.sort(np.concatenate([chosen, others])).astype(np.int64)
