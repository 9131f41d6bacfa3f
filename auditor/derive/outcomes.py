"""What other rules found: the facts of rules that reason on the outcome of rules."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from auditor.derive.logs import NotAuditable
from auditor.instants import NEVER
from auditor.masks import Mask
from auditor.vocabulary.questions import Verdict


@dataclass(frozen=True)
class Outcome:
    """The verdicts of one rule over all its cases, whatever their period, waived or not.

    `rows` are rows of the frame that the rule judged; the arrays stand beside them. `in_period`, `liable_org` and `final` (the verdict
    with waivers applied) serve merits of a whole period.
    """

    code: str
    size: int
    """Rows of the frame judged."""
    rows: npt.NDArray[np.int64]
    verdict: npt.NDArray[np.int8]
    counted_at: npt.NDArray[np.int64]
    due_at: npt.NDArray[np.int64]
    done_at: npt.NDArray[np.int64]
    in_period: Mask
    final: npt.NDArray[np.int8]
    """The verdicts with waivers applied, of the cases in the period."""
    liable: Callable[[], Any]

    @property
    def liable_org(self) -> Any:
        """Text: the units that are, or would be, liable for the cases in the period; worked out each time it is asked for."""
        return self.liable()

    @property
    def breach(self) -> Mask:
        """Which of the cases are breaches."""
        return self.verdict == Verdict.BREACH

    def at_breach(self, values: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
        """For each row of the frame judged, `values` (one a case) where it is a breach, else NEVER."""
        result = np.full(self.size, NEVER, np.int64)
        result[self.rows[self.breach]] = values[self.breach]
        return result


@dataclass
class Outcomes:
    """The outcomes so far, by code; a rule that is not auditable has a reason instead."""

    by_code: dict[str, Outcome] = field(default_factory=dict)
    not_auditable: dict[str, str] = field(default_factory=dict)

    def of(self, *codes: str) -> list[Outcome]:
        """The outcomes of those of the rules that are auditable. Raises NotAuditable where none is."""
        found = [self.by_code[code] for code in codes if code in self.by_code]
        if not found:
            raise NotAuditable("; ".join(f"{code}: {self.not_auditable[code]}" for code in codes if code in self.not_auditable))
        return found
