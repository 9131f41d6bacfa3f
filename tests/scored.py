"""Scores of a table of verdicts that is at hand whole."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pyarrow as pa

from auditor.score import Scores, ScoringModel


def score(
    verdicts: pa.Table, units: Mapping[str, tuple[str, str | None]], model: ScoringModel | None = None
) -> dict[str, list[dict[str, Any]]]:
    """The summary's `units` and `persons`."""
    scores = Scores(model or ScoringModel())
    scores.add(verdicts)
    return scores.result(units)
