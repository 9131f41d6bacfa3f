"""Verdicts → scores of units and persons: the weighted compliance rate and the deduction sheet.

Both models are worked out from one table of verdicts in whole numbers and exact fractions; a figure is rounded once,
half up, when it is published. What the scoring rules leave open is settled here, once:

- A unit has a line when any case of any verdict names it, also when it stands in no org_unit row; its kind is then
  unknown, and the units without a kind are ranked among themselves.
- Cases of an indicator rule that turned out compliant count as judged (they are) and weigh nothing (indicators do).
- `compliance_rate` is given from the first judged case on; `score`, grade and rank from `minimum_cases` on. A unit
  whose judged cases all weigh nothing has no score either.
- Grade and rank go by the published score (one decimal), so that two units that print the same score share a rank.
- A breach without a subject is an act of its own.
- The sheet shows every breach and merit at its full cost; where the merits pass their cap, or the sheet would end
  below its floor or above its ceiling, a line of its own (without finding_id) makes up the difference. So
  `total` = `start` − Σ `deducted`, always. Merits deduct a negative amount.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from types import MappingProxyType
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

JUDGED = ("compliant", "breach", "waived")
"""The verdicts that a rate is taken over."""

BREACH, SAME_ACT, MERIT, MERIT_CAP, FLOOR, CEILING = "breach", "same_act", "merit", "merit_cap", "floor", "ceiling"
"""The reasons in a sheet; `same_act:FINDING_ID` names the heavier breach that was charged for the act."""

TOO_FEW = "too few cases"


@dataclass(frozen=True, slots=True)
class ScoringModel:
    """The numbers of both models; a site may set each, with a date, and hands in those in force at the period's end."""

    weights: Mapping[str, int] = field(default_factory=lambda: MappingProxyType({"critical": 10, "major": 5, "minor": 2}))
    """Severity → weight; a severity that is not named weighs nothing."""
    merit: int = 3
    merit_cap: int = 10
    start: int = 100
    floor: int = 0
    ceiling: int = 110
    minimum_cases: int = 10
    grades: tuple[tuple[str, int], ...] = (("A", 95), ("B", 90), ("C", 80))
    lowest_grade: str = "D"

    def __post_init__(self) -> None:
        for name, weight in self.weights.items():
            if isinstance(weight, bool) or not isinstance(weight, int) or weight < 0:
                raise ValueError(f"scoring weight of {name} is {weight!r}: give a whole number, 0 or more")
        if not self.floor <= self.start <= self.ceiling:
            raise ValueError(
                f"a sheet that starts at {self.start} cannot end between {self.floor} and {self.ceiling}: set start within them"
            )
        if self.merit < 0 or self.merit_cap < 0 or self.minimum_cases < 1:
            raise ValueError("merit and merit_cap must be 0 or more, minimum_cases 1 or more")
        if [limit for _, limit in self.grades] != sorted((limit for _, limit in self.grades), reverse=True):
            raise ValueError(f"grades must stand from the highest limit to the lowest, not {self.grades}")

    def described(self) -> dict[str, Any]:
        """The numbers as plain values, for the run's folder; ScoringModel(**described) is the model again."""
        values = {name: getattr(self, name) for name in self.__dataclass_fields__}
        return values | {"weights": dict(self.weights), "grades": [list(grade) for grade in self.grades]}

    def points(self, verdict: str, severity: str) -> int:
        """What a finding shows as its points: the weight of a breach, the award for a merit, else 0."""
        if verdict == "breach":
            return self.weights.get(severity, 0)
        return self.merit if verdict == "merit" else 0

    def grade(self, score: float | Fraction) -> str:
        """The grade of a published score."""
        return next((name for name, limit in self.grades if score >= limit), self.lowest_grade)


def rate(part: int, whole: int) -> Fraction | None:
    """`part` of `whole` in per cent, exactly; None where there is no whole."""
    return Fraction(100 * part, whole) if whole else None


def published(value: Fraction | None, decimals: int = 1) -> float | None:
    """The value rounded half up to `decimals` places, as it is printed everywhere."""
    if value is None:
        return None
    scale: int = 10**decimals
    return int((value * scale * 2 + 1) // 2) / scale


class Scores:
    """Counts the verdicts of one ruleset part by part, so that they need not be held; then works out the scores."""

    def __init__(self, model: ScoringModel) -> None:
        self._model = model
        self._holders = [_Holders(model, "liable_org", "org_id"), _Holders(model, "liable_staff", "staff_id")]

    def add(self, verdicts: pa.Table) -> None:
        """Counts a part.

        `verdicts`: one row a case with rule, case_id, finding_id, verdict, severity, subject, liable_org, liable_staff (texts, plain or of
        the dictionary type, nullable; waivers applied). A case for which a contractor answers (liable_party) names no unit and no person,
        and so counts for none.
        """
        if absent := [c for c in _COLUMNS if c not in verdicts.column_names]:
            raise ValueError(f"the verdict table lacks {', '.join(absent)}: scoring needs {', '.join(_COLUMNS)}")
        for holders in self._holders:
            holders.add(verdicts.select(_COLUMNS))

    def result(self, units: Mapping[str, tuple[str, str | None]]) -> dict[str, list[dict[str, Any]]]:
        """The summary's `units` and `persons`. `units`: org_id → (name, kind)."""
        org, staff = self._holders
        lines = org.lines()
        for unit in lines:
            unit["grade"] = None if unit["score"] is None else self._model.grade(unit["score"])
        _rank(lines, units)
        order = ("org_id", "score", "grade", "rank", "rank_of", "compliance_rate", "judged", "sheet")
        return {"units": [{name: unit[name] for name in order} for unit in lines], "persons": staff.lines()}


_COLUMNS = ("rule", "case_id", "finding_id", "verdict", "severity", "subject", "liable_org", "liable_staff")


class _Holders:
    """The units, or the persons, that any case names: their cases counted, and the cases that a sheet shows."""

    def __init__(self, model: ScoringModel, column: str, label: str) -> None:
        self._model, self._column, self._label = model, column, label
        self._counts: list[pa.Table] = []
        self._charged: list[pa.Table] = []

    def add(self, verdicts: pa.Table) -> None:
        named = verdicts[self._column].is_valid()
        if not pc.any(named).as_py():
            return
        grouped = [self._column, "verdict", "severity"]
        counts = verdicts.select(grouped).group_by(grouped).aggregate([([], "count_all")])
        self._counts.append(counts.cast(pa.schema([*((name, pa.string()) for name in grouped), ("count_all", pa.int64())])))
        charged = verdicts.filter(pc.and_(named, _among(verdicts["verdict"], "breach", "merit")))
        self._charged.append(charged.cast(pa.schema([(c, pa.string()) for c in _COLUMNS])))

    def lines(self) -> list[dict[str, Any]]:
        """One line per unit or person that any case names, ordered by id."""
        sheets = _sheets(pa.concat_tables(self._charged), self._column, self._model) if self._charged else {}
        lines = []
        for holder, tally in sorted(self._tallies().items()):
            weighted = rate(tally["weight_judged"] - tally["weight_breach"], tally["weight_judged"])
            lines.append(
                {
                    self._label: holder,
                    "score": published(weighted) if tally["judged"] >= self._model.minimum_cases else None,
                    "compliance_rate": published(rate(tally["judged"] - tally["breach"], tally["judged"])),
                    "judged": tally["judged"],
                    "sheet": _closed(sheets.get(holder, []), self._model),
                }
            )
        return lines

    def _tallies(self) -> dict[str, dict[str, int]]:
        """Holder → its cases judged and in breach, plain and by weight."""
        tallies: dict[str, dict[str, int]] = defaultdict(lambda: {"judged": 0, "breach": 0, "weight_judged": 0, "weight_breach": 0})
        if not self._counts:
            return tallies
        grouped = [self._column, "verdict", "severity"]
        counts = pa.concat_tables(self._counts).group_by(grouped).aggregate([("count_all", "sum")])
        for holder, verdict, severity, cases in zip(*(counts[name].to_pylist() for name in (*grouped, "count_all_sum")), strict=True):
            if holder is None:
                continue
            tally = tallies[holder]
            if verdict in JUDGED:
                weight = self._model.weights.get(severity, 0) * cases
                tally["judged"] += cases
                tally["weight_judged"] += weight
                if verdict == "breach":
                    tally["breach"] += cases
                    tally["weight_breach"] += weight
        return tallies


def _among(column: pa.ChunkedArray, *texts: str) -> pa.ChunkedArray:
    """Where a text column, plain or of the dictionary type, shows one of the texts."""
    wanted = pa.array(texts, pa.string())
    if not pa.types.is_dictionary(column.type):
        return pc.is_in(column, wanted)
    return pa.chunked_array([pc.is_in(c.dictionary, wanted).take(c.indices) for c in column.chunks], pa.bool_())


def _sheets(charged: pa.Table, column: str, model: ScoringModel) -> dict[str, list[dict[str, Any]]]:
    """Holder → the sheet's lines, heaviest first; of one act's breaches the heaviest alone deducts."""
    frame = charged.to_pandas()
    if frame.empty:
        return {}
    frame["is_merit"] = frame["verdict"] == "merit"
    frame["weight"] = frame["severity"].map(dict(model.weights)).fillna(0).astype("int64").where(~frame["is_merit"], model.merit)
    frame = frame.sort_values(
        [column, "is_merit", "weight", "rule", "case_id"], ascending=[True, True, False, True, True], kind="stable"
    ).reset_index(drop=True)
    own_act = frame["is_merit"] | frame["subject"].isna()
    act = frame["subject"].where(~own_act, "")
    alone = pd.Series(frame.index, index=frame.index).where(own_act, -1)
    grouped = frame.assign(act=act, alone=alone).groupby([column, "act", "alone"], sort=False)
    charged = grouped["finding_id"].transform("first")
    repeated = grouped.cumcount() > 0
    deducted = frame["weight"].where(~repeated, 0).where(~frame["is_merit"], -model.merit)
    reason = pd.Series(BREACH, index=frame.index, dtype=object).where(~repeated, SAME_ACT + ":" + charged.fillna("").astype(str))
    reason = reason.where(~frame["is_merit"], MERIT)
    sheets: dict[str, list[dict[str, Any]]] = defaultdict(list)
    finding = frame["finding_id"].astype(object).where(frame["finding_id"].notna(), None)
    for holder, finding_id, weight, cost, why in zip(frame[column], finding, frame["weight"], deducted, reason, strict=True):
        sheets[holder].append({"finding_id": finding_id, "weight": int(weight), "deducted": int(cost), "reason": why})
    return sheets


def _closed(lines: list[dict[str, Any]], model: ScoringModel) -> dict[str, Any]:
    """The sheet with the lines that hold it within its limits, and its total."""
    merits = -sum(line["deducted"] for line in lines if line["reason"] == MERIT)
    if merits > model.merit_cap:
        lines = [*lines, _limit(merits - model.merit_cap, MERIT_CAP)]
    total = model.start - sum(line["deducted"] for line in lines)
    if total < model.floor:
        lines = [*lines, _limit(total - model.floor, FLOOR)]
    elif total > model.ceiling:
        lines = [*lines, _limit(total - model.ceiling, CEILING)]
    return {"total": min(max(total, model.floor), model.ceiling), "lines": lines}


def _limit(deducted: int, reason: str) -> dict[str, Any]:
    return {"finding_id": None, "weight": 0, "deducted": deducted, "reason": reason}


def _rank(lines: Sequence[dict[str, Any]], units: Mapping[str, tuple[str, str | None]]) -> None:
    """Rank every scored unit among the scored units of its kind; equal scores share the better rank."""
    peers: dict[str | None, list[float]] = defaultdict(list)
    for line in lines:
        if line["score"] is not None:
            peers[units.get(line["org_id"], ("", None))[1]].append(line["score"])
    for line in lines:
        scores = peers[units.get(line["org_id"], ("", None))[1]]
        scored = line["score"] is not None
        line["rank"] = 1 + sum(other > line["score"] for other in scores) if scored else None
        line["rank_of"] = len(scores) if scored else None


def whole_score(counts: Mapping[tuple[str, str], int], model: ScoringModel | None = None) -> float | None:
    """The weighted compliance rate of all cases together, whoever answers for them; `counts`: (severity, verdict) → cases."""
    model = model or ScoringModel()
    judged = sum(cases * model.weights.get(severity, 0) for (severity, verdict), cases in counts.items() if verdict in JUDGED)
    broken = sum(cases * model.weights.get(severity, 0) for (severity, verdict), cases in counts.items() if verdict == "breach")
    if sum(cases for (_, verdict), cases in counts.items() if verdict in JUDGED) < model.minimum_cases:
        return None
    return published(rate(judged - broken, judged))
