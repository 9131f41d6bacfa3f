"""Screen: the rules' own conditions as column masks over the facts; every case gets its verdict.

It reads the same questions as the engine but shares no code with it beyond their values: the engine works out each
verdict's condition by negation, the screen combines the three answers, so that a fault in one shows as a disagreement.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from auditor.masks import Columns, evaluate
from auditor.vocabulary.questions import Questions, Verdict


def screen(questions: Questions, columns: Columns, size: int) -> npt.NDArray[np.int8]:
    """The verdict code (`Verdict`) of each of the `size` cases.

    Raises ConditionError where a condition compares a fact with a value of another kind.
    """
    unknown = evaluate(questions.unknown, columns, size)
    broken = evaluate(questions.broken, columns, size)
    still_open = evaluate(questions.open, columns, size)
    verdicts = np.full(size, Verdict.COMPLIANT, dtype=np.int8)
    verdicts[broken & ~still_open] = Verdict.BREACH
    verdicts[broken & still_open] = Verdict.PENDING
    verdicts[unknown] = Verdict.INDETERMINATE
    return verdicts
