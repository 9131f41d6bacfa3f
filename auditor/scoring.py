"""The scoring model of a site: our numbers, the site's own on top, those in force at an instant."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from auditor.errors import UsageError
from auditor.parameters import load_parameters
from auditor.score import ScoringModel
from auditor.toml_source import TomlSource

DEFAULTS = Path(__file__).with_name("scoring.toml")


def scoring_model(overrides: Mapping[str, Any], place: TomlSource | None, zone: ZoneInfo, at: int) -> ScoringModel:
    """The model in force at the instant. Raises UsageError, with file and line, for a number that cannot be or numbers that do not fit."""
    parameters = load_parameters(DEFAULTS, overrides, place, zone, ("scoring",))
    number = {parameter.name: int(parameters.one(parameter.name, at)) for parameter in parameters}
    try:
        return ScoringModel(
            weights={name: number[name] for name in ("critical", "major", "minor")},
            merit=number["merit"],
            merit_cap=number["merit_cap"],
            start=number["start"],
            floor=number["floor"],
            ceiling=number["ceiling"],
            minimum_cases=number["minimum_cases"],
            grades=(("A", number["grade_a"]), ("B", number["grade_b"]), ("C", number["grade_c"])),
        )
    except ValueError as error:
        raise UsageError(f"{place.place('scoring') if place else DEFAULTS}: {error}") from None
