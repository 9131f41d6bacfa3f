"""Times and dates: every notation of one instant gives one instant, and what is none is refused."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from auditor.calendar.time_text import read_one, to_utc
from auditor.contract import Field
from auditor.validate import REASONS
from auditor.validate.values import typed

SHANGHAI = ZoneInfo("Asia/Shanghai")
TIME, DAY = Field("at", "time"), Field("on", "date")


def time_of(text: object, zone: ZoneInfo = SHANGHAI, kind: pa.DataType | None = None) -> object:
    """What one value becomes: a datetime, or the reason."""
    result = typed(pa.array([text], kind), TIME, zone)
    return result.values[0].as_py() or (_reason(result.faults[0]) if result.faults[0] else None)


def day_of(text: object, kind: pa.DataType | None = None) -> object:
    result = typed(pa.array([text], kind), DAY, SHANGHAI)
    return result.values[0].as_py() or (_reason(result.faults[0]) if result.faults[0] else None)


def _reason(number: int) -> str:
    return REASONS[number - 1]


NINE = datetime(2026, 9, 10, 7, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    [
        "2026-09-10T15:30:00+08:00",
        "2026-09-10T15:30:00",
        "2026-09-10 15:30:00",
        "2026-09-10 15:30",
        "2026-09-10T07:30:00Z",
        "2026-09-10t07:30:00z",
        "2026-09-10 07:30:00+00",
        "2026-09-10T15:30:00+0800",
        "2026-09-10T15:30:00 +08:00",
        "2026-09-10T15:30:00.999999999+08:00",
        "2026-09-10T15:30:00,5",
        "2026-09-10T15:30:00.1234567890123",
        "2026-09-10T00:00:00.000001-07:30",
        "20260910T153000",
        "20260910T153000.25+08",
        "20260910T0730Z",
        "\t2026-09-10T15:30:00\u3000",
    ],
)
def test_notations_of_one_instant(text: str) -> None:
    assert time_of(text) == NINE
    # in a column where every row is written otherwise, the same
    result = typed(pa.array(["2026-09-10T15:30:00+08:00", text, "2026-09-10 15:30:00", "rubbish", None]), TIME, SHANGHAI)
    assert result.values.to_pylist() == [NINE, NINE, NINE, None, None]
    assert [bool(f) for f in result.faults] == [False, False, False, True, False]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("2026-02-30T00:00:00", "impossible_time"),
        ("2025-02-29 10:00:00+08:00", "impossible_time"),
        ("2026-13-01T00:00:00Z", "impossible_time"),
        ("2026-09-10T24:00:00", "impossible_time"),
        ("2026-09-10T23:59:60", "impossible_time"),
        ("0000-00-00 00:00:00", "impossible_time"),
        ("1969-12-31T23:59:59", "impossible_time"),
        ("1969-12-31T15:59:59Z", "impossible_time"),
        ("2200-01-01T00:00:00", "impossible_time"),
        ("2199-12-31T16:00:00Z", "impossible_time"),
        ("9999-12-31T23:59:59", "impossible_time"),
        ("9999-12-31T23:59:59Z", "impossible_time"),
        ("0001-01-01", "impossible_time"),
        ("2026-09-10T15:30:00+25:00", "not_a_time"),
        ("2026-09-10T15:30:00+08:99", "not_a_time"),
        ("2026-09-10T15:30:00 CST", "not_a_time"),
        ("10/09/2026 15:30", "not_a_time"),
        ("2026-9-10 15:30:00", "not_a_time"),
        ("2026-09-10T5:30:00", "not_a_time"),
        ("2026-W37-4", "not_a_time"),
        ("1757489400", "not_a_time"),
        ("infinity", "not_a_time"),
        ("２０２６-09-10T15:30:00", "not_a_time"),
        ("2026-09-10T15:30:00+08:00; DROP TABLE ticket", "not_a_time"),
        ("yesterday", "not_a_time"),
        ("-2026-09-10T15:30:00", "not_a_time"),
    ],
)
def test_what_is_no_time_is_refused(text: str, reason: str) -> None:
    assert time_of(text) == reason


def test_the_first_and_the_last_second_that_a_log_can_show() -> None:
    assert time_of("1970-01-01T00:00:00") == datetime(1969, 12, 31, 16, tzinfo=UTC)
    assert time_of("2199-12-31T23:59:59.9") == datetime(2199, 12, 31, 15, 59, 59, tzinfo=UTC)


@pytest.mark.parametrize("blank", [None, "", " ", "\t\t", "\u3000", "\u00a0 \n", "\u2028"])
def test_blank_is_not_a_fault(blank: str | None) -> None:
    assert time_of(blank, kind=pa.string()) is None
    assert day_of(blank, kind=pa.string()) is None


@pytest.mark.parametrize("unit", ["s", "ms", "us", "ns"])
def test_native_times(unit: str) -> None:
    stamp = pa.array([NINE, None], pa.timestamp(unit, "UTC"))
    assert typed(stamp, TIME, SHANGHAI).values.to_pylist() == [NINE, None]
    local = pa.array([datetime(2026, 9, 10, 15, 30), None], pa.timestamp(unit))
    assert typed(local, TIME, SHANGHAI).values.to_pylist() == [NINE, None]


def test_native_fractions_are_dropped_toward_the_earlier_second() -> None:
    late = pa.array([datetime(2026, 9, 10, 7, 30, 0, 999_999, tzinfo=UTC)], pa.timestamp("us", "UTC"))
    assert typed(late, TIME, SHANGHAI).values.to_pylist() == [NINE]
    far = pa.array([datetime(1960, 1, 1, tzinfo=UTC), datetime(2300, 1, 1, tzinfo=UTC)], pa.timestamp("s", "UTC"))
    result = typed(far, TIME, SHANGHAI)
    assert result.values.null_count == 2
    assert [_reason(f) for f in result.faults] == ["impossible_time"] * 2


@given(
    st.lists(st.none() | st.datetimes(datetime(1969, 12, 28), datetime(2200, 1, 4)), max_size=20),
    st.integers(0, 9),
    st.booleans(),
    st.sampled_from(["Asia/Shanghai", "America/New_York", "Pacific/Kiritimati", "Etc/GMT+12"]),
)
def test_native_times_are_taken_as_their_texts_are(moments: list[datetime | None], start: int, mandatory: bool, zone: str) -> None:
    field = Field("at", "time", mandatory)
    native = pa.array([m and m.replace(tzinfo=UTC) for m in moments], pa.timestamp("us", "UTC")).slice(start)
    texts = pa.array([m and f"{m.isoformat(' ')}+00" for m in moments], pa.string()).slice(start)
    ours, theirs = typed(native, field, ZoneInfo(zone)), typed(texts, field, ZoneInfo(zone))
    assert ours.values.equals(theirs.values)
    assert ours.faults.tolist() == theirs.faults.tolist()


def test_a_native_date_in_a_time_column_is_local_midnight() -> None:
    assert time_of(date(2026, 9, 10), kind=pa.date32()) == datetime(2026, 9, 9, 16, tzinfo=UTC)
    assert time_of("2026-09-10") == datetime(2026, 9, 9, 16, tzinfo=UTC)


@pytest.mark.parametrize(
    ("value", "kind", "expected"),
    [
        ("2026-09-10", None, date(2026, 9, 10)),
        ("20260910", None, date(2026, 9, 10)),
        ("2026-09-10T23:59:59", None, date(2026, 9, 10)),
        ("2026-09-10T16:00:00Z", None, date(2026, 9, 11)),
        ("2026-09-10T15:59:59Z", None, date(2026, 9, 10)),
        (date(2026, 9, 10), pa.date32(), date(2026, 9, 10)),
        (datetime(2026, 9, 10, 16, tzinfo=UTC), pa.timestamp("us", "UTC"), date(2026, 9, 11)),
        (datetime(2026, 9, 10, 23), pa.timestamp("us"), date(2026, 9, 10)),
        ("2026-09-31", None, "impossible_date"),
        ("1899-12-31", None, "impossible_date"),
        ("2200-01-01", None, "impossible_date"),
        ("9999-12-31", None, "impossible_date"),
        ("soon", None, "not_a_date"),
        ("10.09.2026", None, "not_a_date"),
    ],
)
def test_dates(value: object, kind: pa.DataType | None, expected: object) -> None:
    assert day_of(value, kind) == expected
    if kind is None:
        mixed = typed(pa.array(["2026-01-01", str(value), "x"]), DAY, SHANGHAI)
        assert (mixed.values[1].as_py() or _reason(mixed.faults[1])) == expected


ZONES = ["Asia/Shanghai", "Europe/Berlin", "America/New_York", "UTC"]


@given(st.datetimes(datetime(1971, 1, 1), datetime(2198, 12, 31)), st.sampled_from(ZONES))
@example(datetime(1986, 5, 4, 1, 30), "Asia/Shanghai")
@example(datetime(1986, 9, 14, 0, 30), "Asia/Shanghai")
@example(datetime(2026, 3, 29, 2, 30), "Europe/Berlin")
@example(datetime(2026, 10, 25, 2, 30), "Europe/Berlin")
def test_local_times_are_read_as_python_reads_them(moment: datetime, zone_name: str) -> None:
    zone = ZoneInfo(zone_name)
    wall = int(moment.replace(microsecond=0, tzinfo=UTC).timestamp())
    expected = int(moment.replace(microsecond=0, tzinfo=zone).timestamp())
    assert to_utc(np.array([wall], np.int64), zone).tolist() == [expected]


offsets = st.none() | st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))


moments = st.tuples(st.datetimes(datetime(1971, 1, 1), datetime(2198, 12, 31)), offsets, st.sampled_from("T "))


@given(st.lists(moments, min_size=1, max_size=400))
def test_a_column_is_read_as_its_values_one_by_one(rows: list[tuple[datetime, timezone | None, str]]) -> None:
    texts = [moment.replace(tzinfo=offset).isoformat(sep=sep) for moment, offset, sep in rows]
    expected = [moment.replace(tzinfo=offset or SHANGHAI, microsecond=0).astimezone(UTC) for moment, offset, _ in rows]
    assert typed(pa.array(texts), TIME, SHANGHAI).values.to_pylist() == expected


@st.composite
def nearly_times(draw: st.DrawFn) -> str:
    """A time with some characters changed, dropped or put in."""
    moment = draw(st.datetimes(datetime(1, 1, 1), datetime(9999, 12, 31)))
    forms = [moment.isoformat(), moment.isoformat(" ") + "+08:00", moment.isoformat() + "Z", moment.strftime("%Y%m%dT%H%M%S")]
    text = draw(st.sampled_from(forms))
    for _ in range(draw(st.integers(0, 3))):
        at = draw(st.integers(0, len(text)))
        text = text[:at] + draw(st.sampled_from(["", *"0123456789-:TZ+., "])) + text[at + draw(st.integers(0, 2)) :]
    return text


@given(nearly_times())
@example("2026-01-01T10")
@example("2026-01-01T10Z")
@example("2026-01-01T10:30+08")
@example("2026-01-0110:30")
@example("2026-01-01+08:00")
@example("2026-01-01Z")
@example("2026-0101")
def test_arrow_takes_no_text_that_we_would_not(text: str) -> None:
    """The quick way and the careful way agree on every text, so that the neighbours of a row change nothing about it."""
    alone = typed(pa.array([text]), TIME, SHANGHAI)
    stripped = text.strip()
    if not stripped:
        assert alone.faults[0] == 0
        return
    seconds, zoned, fault = read_one(stripped)
    among = typed(pa.array(["rubbish", text, "2026-09-10T15:30:00Z", "2026-09-10T15:30:00"]), TIME, SHANGHAI)
    assert alone.faults[0] == among.faults[1]
    assert alone.values[0] == among.values[1] or not alone.values[0].is_valid
    if fault == 1:
        assert _reason(alone.faults[0]) == "not_a_time"
    elif zoned and not alone.faults[0]:
        assert alone.values.cast(pa.int64()).to_pylist() == [seconds]
