"""Instants as text, over whole columns: what `to_iso` says of each, at a fraction of the price."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from auditor.calendar.local_time import DAY, local_day, seconds_of_day
from auditor.instants import NEVER, to_iso

Instants = npt.NDArray[np.int64]

_END = 7_258_118_400
"""2200-01-01T00:00:00Z: from 1970 until then the offsets of a zone are at hand for whole columns."""


def iso_texts(instants: Instants, zone: ZoneInfo) -> list[str | None]:
    """Each instant as `2026-07-01T09:00:00+08:00`, on the zone's clock; None where it is not on record."""
    return _texts(instants, zone, iso=True)


def local_texts(instants: Instants, zone: ZoneInfo) -> list[str | None]:
    """What the zone's clock shows at each instant, `2026-07-01 09:00:00`; None where it is not on record."""
    return _texts(instants, zone, iso=False)


def _texts(instants: Instants, zone: ZoneInfo, *, iso: bool) -> list[str | None]:
    instants = np.asarray(instants, np.int64)
    usual = (instants >= 0) & (instants < _END)
    if usual.any():
        asked = np.where(usual, instants, 0)
        wall = local_day(asked, zone) * DAY + seconds_of_day(asked, zone)
        days = pa.array((wall // DAY).astype(np.int32), pa.date32(), mask=~usual).cast(pa.string())
        times = pa.array((wall % DAY).astype(np.int32), pa.time32("s"), mask=~usual).cast(pa.string())
        parts = [days, "T", times, _offsets(asked, wall - asked, zone)] if iso else [days, " ", times]
        texts = pc.binary_join_element_wise(*parts, "").to_pylist()
    else:
        texts = [None] * len(instants)
    # What is on record all the same is written one by one.
    for place in np.flatnonzero(~usual & (instants < NEVER)).tolist():
        text = str(to_iso(int(instants[place]), zone))
        texts[place] = text if iso else text[:19].replace("T", " ")
    return texts


def _offsets(instants: Instants, offsets: npt.NDArray[np.int64], zone: ZoneInfo) -> str | pa.Array:
    """How each offset is written, `+08:00`; one text where all are the same."""
    if (offsets == offsets[0]).all():
        return str(to_iso(int(instants[0]), zone))[19:]
    _, first, which = np.unique(offsets, return_index=True, return_inverse=True)
    return pa.array([str(to_iso(instant, zone))[19:] for instant in instants[first].tolist()]).take(pa.array(which))
