"""Waivers: who let which breach pass, and why. Applied last, never in the engine."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt

from auditor.errors import UsageError
from auditor.instants import to_iso
from auditor.masks import Mask
from auditor.toml_source import TomlSource

FIELDS = ("rule", "case_id", "unit", "reason", "asked_by", "granted_by", "from", "until")


class WaiverError(UsageError):
    """A waiver that cannot hold; the text names file and line."""


@dataclass(frozen=True, slots=True)
class Waiver:
    """A rule's breaches of one case or one unit (or both), let pass from one instant to another."""

    ruleset: str
    rule: str
    case_id: str | None
    unit: str | None
    reason: str
    asked_by: str
    granted_by: str
    starts_at: int
    ends_at: int
    place: str

    def label(self) -> str:
        """What a waived finding says of it, in no language of ours: the reason, who asked and who granted."""
        return f"{self.reason} ({self.asked_by} → {self.granted_by})"

    def described(self, zone: ZoneInfo) -> dict[str, Any]:
        """The waiver as the run's folder tells it, field by field."""
        texts = {name: getattr(self, name) for name in ("rule", "case_id", "unit", "reason", "asked_by", "granted_by")}
        return {**texts, "from": to_iso(self.starts_at, zone), "until": to_iso(self.ends_at, zone)}


@dataclass
class Waivers:
    """The waivers of one ruleset; `warnings` says which have no effect, and why."""

    waivers: Sequence[Waiver] = ()
    used: set[Waiver] = field(default_factory=set)
    met: set[Waiver] = field(default_factory=set)

    def name(self, rule: str) -> bool:
        """Whether any of them is for the rule."""
        return any(waiver.rule == rule for waiver in self.waivers)

    def cover(self, rule: str, case_ids: Any, org: Any, counted_at: npt.NDArray[np.int64], breach: Mask) -> Any:
        """For each case the label of the waiver in force at its breach, or None (an object array)."""
        labels = np.full(len(counted_at), None, object)
        for waiver in self.waivers:
            if waiver.rule != rule:
                continue
            fits = breach.copy()
            if waiver.case_id is not None:
                fits &= np.asarray(case_ids == waiver.case_id)
            if waiver.unit is not None:
                fits &= np.asarray(org == waiver.unit)
            if fits.any():
                self.met.add(waiver)
            fits &= (waiver.starts_at <= counted_at) & (counted_at <= waiver.ends_at)
            if fits.any():
                self.used.add(waiver)
                labels[fits & np.array([label is None for label in labels], bool)] = waiver.label()
        return labels

    def warnings(self, rules: Collection[str], units: Collection[str]) -> list[str]:
        """One sentence for each waiver that covered nothing."""
        told = []
        for waiver in self.waivers:
            if waiver.rule not in rules:
                told.append(f"{waiver.place}: the waiver names the rule {waiver.rule}, which {waiver.ruleset} does not have")
            elif waiver.unit is not None and waiver.unit not in units:
                told.append(f"{waiver.place}: the waiver names the unit {waiver.unit}, which is not on record")
            elif waiver not in self.used and waiver in self.met:
                told.append(
                    f"{waiver.place}: the waiver of {waiver.rule} was not in force when the breach that it names happened; "
                    f"check from and until"
                )
            elif waiver not in self.used:
                told.append(f"{waiver.place}: the waiver of {waiver.rule} covers no breach of this period")
        return told


def read_waivers(
    entries: Sequence[Mapping[str, Any]], ruleset: str, zone: ZoneInfo, source: TomlSource | None = None, *keys: str
) -> Waivers:
    """The waivers of a ruleset from a site's configuration.

    Raises WaiverError for one without a reason, without rule, without case and unit, granted by the person who asked, or ending before
    it begins.
    """
    waivers = []
    for number, entry in enumerate(entries):
        place = source.place(*keys, number) if source is not None else f"waiver {number + 1}"
        unknown = set(entry) - set(FIELDS)
        if unknown:
            raise WaiverError(f"{place}: {', '.join(sorted(unknown))} is no part of a waiver; it has {', '.join(FIELDS)}")
        for name in ("rule", "reason", "asked_by", "granted_by"):
            if not str(entry.get(name, "")).strip():
                raise WaiverError(f"{place}: the waiver has no {name}; say it")
        if not entry.get("case_id") and not entry.get("unit"):
            raise WaiverError(f"{place}: the waiver names neither a case_id nor a unit; name one or both")
        if str(entry["asked_by"]).strip().casefold() == str(entry["granted_by"]).strip().casefold():
            raise WaiverError(f"{place}: asked_by and granted_by are the same person; another person must grant it")
        starts, ends = (
            _instant(entry.get("from"), zone, place, "from", end=False),
            _instant(entry.get("until"), zone, place, "until", end=True),
        )
        if ends < starts:
            raise WaiverError(f"{place}: the waiver ends before it begins")
        waivers.append(
            Waiver(
                ruleset,
                str(entry["rule"]),
                entry.get("case_id"),
                entry.get("unit"),
                str(entry["reason"]),
                str(entry["asked_by"]),
                str(entry["granted_by"]),
                starts,
                ends,
                place,
            )
        )
    return Waivers(waivers)


def _instant(value: Any, zone: ZoneInfo, place: str, name: str, *, end: bool) -> int:
    """A day's first or last second, or a time as it is written."""
    if isinstance(value, datetime):
        return int((value if value.tzinfo else value.replace(tzinfo=zone)).timestamp())
    if isinstance(value, date):
        day = datetime.combine(value + timedelta(days=1) if end else value, time(), zone)
        return int(day.timestamp()) - (1 if end else 0)
    raise WaiverError(f"{place}: {name} is no date; a waiver says from when until when it holds")
