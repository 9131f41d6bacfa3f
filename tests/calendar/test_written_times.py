"""Times written by the column are those written one by one."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from auditor.calendar.written_times import iso_texts, local_texts
from auditor.instants import NEVER, from_iso, to_iso

# Always the same offset; one of an hour and one of half an hour in summer; one of seconds until 1972; one whose day was left out.
ZONES = [ZoneInfo(n) for n in ("Asia/Shanghai", "Europe/Berlin", "Australia/Lord_Howe", "Africa/Monrovia", "Pacific/Apia")]


@given(
    st.lists(st.one_of(st.integers(-(2**33), 2**33), st.sampled_from([NEVER, NEVER + 1, 0, -1, 7_258_118_399, 7_258_118_400]))),
    st.sampled_from(ZONES),
)
def test_a_column_is_written_like_each_of_its_instants(instants: list[int], zone: ZoneInfo) -> None:
    each = [to_iso(instant, zone) for instant in instants]
    column = np.array(instants, np.int64)
    assert iso_texts(column, zone) == each
    assert local_texts(column, zone) == [None if text is None else text[:19].replace("T", " ") for text in each]


@pytest.mark.parametrize(("zone", "summer", "winter"), [("Asia/Shanghai", "+08:00", "+08:00"), ("Europe/Berlin", "+02:00", "+01:00")])
def test_each_time_bears_the_offset_of_its_day(zone: str, summer: str, winter: str) -> None:
    here = ZoneInfo(zone)
    column = np.array([from_iso("2026-07-01T09:00:00", here), NEVER, from_iso("2026-12-01T23:59:59", here)], np.int64)
    assert iso_texts(column, here) == ["2026-07-01T09:00:00" + summer, None, "2026-12-01T23:59:59" + winter]
    assert local_texts(column, here) == ["2026-07-01 09:00:00", None, "2026-12-01 23:59:59"]


def test_nothing_on_record_is_nothing_written() -> None:
    for size in (0, 3):
        never = np.broadcast_to(np.int64(NEVER), (size,))
        assert iso_texts(never, ZONES[0]) == local_texts(never, ZONES[0]) == [None] * size
