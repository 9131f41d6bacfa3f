"""Which cases go to the engine."""

from __future__ import annotations

from hashlib import blake2b
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from auditor.vocabulary.questions import Verdict

SAMPLE_SIZE = 200
"""Cases of each rule that go to the engine although the screen found nothing."""


def choose(screen_verdicts: npt.NDArray[np.int8], case_ids: Any, rule: str, sample_size: int = SAMPLE_SIZE) -> npt.NDArray[np.int64]:
    """Positions, ascending, of the cases to adjudicate: all that are not simply compliant or pending, and a sample of the others.

    The sample is drawn by a keyed hash of the case id, the rule's code being the key: it is the same in every run, whatever the order of
    the cases, and another for each rule. `case_ids`: texts, an array of any kind, one per verdict.
    """
    simple = (screen_verdicts == Verdict.COMPLIANT) | (screen_verdicts == Verdict.PENDING)
    chosen = np.flatnonzero(~simple)
    others = np.flatnonzero(simple)
    if len(others) > sample_size:
        ids = pd.array(case_ids, dtype="str")[others].to_numpy(dtype=object)
        lots = pd.util.hash_array(ids, hash_key=blake2b(rule.encode(), digest_size=8).hexdigest(), categorize=False)
        near = np.flatnonzero(lots <= np.partition(lots, sample_size - 1)[sample_size - 1]) if sample_size else np.zeros(0, dtype=np.int64)
        near = near[np.lexsort((ids[near].astype(str), lots[near]))][:sample_size]
        others = others[near]
    return np.sort(np.concatenate([chosen, others])).astype(np.int64)
