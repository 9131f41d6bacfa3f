"""Which cases go to the engine."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from auditor.adjudicate.lots import Lots, keyed, lots
from auditor.vocabulary.questions import Verdict

SAMPLE_SIZE = 200
"""Cases of each rule that go to the engine although the screen found nothing."""


def choose(
    screen_verdicts: npt.NDArray[np.int8], case_ids: Any, rule: str, sample_size: int = SAMPLE_SIZE, drawn: Lots | None = None
) -> npt.NDArray[np.int64]:
    """Positions, ascending, of the cases to adjudicate: all that are not simply compliant or pending, and a sample of the others.

    The sample is drawn by a keyed hash of the case id, the rule's code being the key: it is the same in every run, whatever the order of
    the cases, and another for each rule. `case_ids`: texts, an array of any kind, one per verdict; `drawn`: their `lots`, where they have
    been drawn before.
    """
    simple = (screen_verdicts == Verdict.COMPLIANT) | (screen_verdicts == Verdict.PENDING)
    chosen = np.flatnonzero(~simple)
    others = np.flatnonzero(simple)
    if len(others) > sample_size:
        sample = keyed((lots(case_ids) if drawn is None else drawn)[others], rule)
        near = np.flatnonzero(sample <= np.partition(sample, sample_size - 1)[sample_size - 1]) if sample_size else np.zeros(0, np.int64)
        ids = pd.array(case_ids, dtype="str")[others[near]].to_numpy(dtype=object).astype(str)
        others = others[near[np.lexsort((ids, sample[near]))][:sample_size]]
    return np.sort(np.concatenate([chosen, others])).astype(np.int64)
