"""The three questions that a rule asks of a case, and the verdicts that their answers give.

    indeterminate = unknown
    compliant     = not unknown and not broken
    pending       = not unknown and broken and open
    breach        = not unknown and broken and not open

Facts are total, so every case has exactly one of the four.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

from auditor.vocabulary.expressions import ConditionError, Expr


class Verdict(IntEnum):
    """The code that a column of verdicts (int8) holds.

    The screen and the engine give the first four; a breach of an indicator or a merit rule becomes INDICATOR or MERIT, a waived one WAIVED,
    after they have decided.
    """

    COMPLIANT = 0
    BREACH = 1
    PENDING = 2
    INDETERMINATE = 3
    WAIVED = 4
    INDICATOR = 5
    MERIT = 6

    @property
    def label(self) -> str:
        """The name that findings, verdicts.parquet and the summary use: `compliant`."""
        return self.name.lower()


VERDICTS: tuple[str, ...] = tuple(verdict.label for verdict in Verdict)
"""The label of each code, in order: `VERDICTS[code]`."""


@dataclass(frozen=True, slots=True)
class Questions:
    """Is what the rule needs to know unknown; is the duty broken; and is there still time to do it?

    A question that a rule does not ask is `NEVER_TRUE`. Raises ConditionError where one is no condition.
    """

    unknown: Expr
    broken: Expr
    open: Expr

    def __post_init__(self) -> None:
        for name in ("unknown", "broken", "open"):
            value = getattr(self, name)
            if not isinstance(value, Expr):
                what = f"the question '{name}' is {value!r}, which is no condition"
                raise ConditionError(f"{what}: give a comparison of facts, or NEVER_TRUE where the rule does not ask it")
