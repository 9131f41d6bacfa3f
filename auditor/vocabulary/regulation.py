"""What a regulation is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date


@dataclass(frozen=True, kw_only=True)
class Regulation:
    """A regulation and how its rules charge.

    `reads`: the canonical records that the rules read. `subjects`: per record (or table of cases) the fields, the first on record first,
    that name what one act is charged for once, as (kind of subject, field); else it is the row judged.
    """

    name: str
    version: str
    in_force_from: date | None
    """None where the text itself bears no date; the report then says so."""
    in_force_to: date | None = None
    reads: tuple[str, ...]
    subjects: Mapping[str, tuple[tuple[str, str], ...]] = field(default_factory=dict)
