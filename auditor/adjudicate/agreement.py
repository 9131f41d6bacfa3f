"""Screen and engine guard each other: where they differ on one case, the run stops."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from auditor.errors import RunError
from auditor.vocabulary.questions import VERDICTS


class DisagreementError(RunError):
    """Screen and engine give one case different verdicts; nothing of the run may be published."""


def check_agreement(
    rule: str,
    screen_verdicts: npt.NDArray[np.int8],
    engine_verdicts: npt.NDArray[np.int8],
    case_ids: Sequence[Any] | npt.NDArray[Any],
    unjudged: Collection[int] = (),
) -> None:
    """Raise DisagreementError, naming rule, case and both verdicts, where the two differ.

    The three are arrays over the adjudicated cases, in one order. `unjudged`: positions that the engine could not judge (the `failed` of
    `Adjudicator.adjudicate`), which have no verdict to compare. Raises ValueError where the lengths differ.
    """
    if not len(screen_verdicts) == len(engine_verdicts) == len(case_ids):
        raise ValueError(f"rule {rule}: {len(screen_verdicts)} screened, {len(engine_verdicts)} adjudicated, {len(case_ids)} case ids")
    differs = np.asarray(screen_verdicts) != np.asarray(engine_verdicts)
    differs[list(unjudged)] = False
    if not differs.any():
        return
    first = int(np.flatnonzero(differs)[0])
    others = int(differs.sum()) - 1
    more = f" ({others} more cases of this rule differ)" if others else ""
    raise DisagreementError(
        f"rule {rule}, case {str(case_ids[first])!r}: the screen says {VERDICTS[screen_verdicts[first]]}, "
        f"durable-rules says {VERDICTS[engine_verdicts[first]]}{more}. One of them is wrong, so the run stops and publishes nothing. "
        f"Report it with the output of `auditor explain` for this case; a ruleset cannot cause it."
    )
