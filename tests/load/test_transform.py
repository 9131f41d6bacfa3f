"""What a mapping does to values, one at a time."""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from auditor.config import ColumnConfig, TimeReading
from auditor.contract import Field
from auditor.load.transform import shown_times, transformed

TIME, DAY, ID, LIST = Field("at", "time"), Field("on", "date"), Field("i", "id"), Field("l", "list")
CODE = Field("c", "code", codes=("a", "b"))


def shown(text: str | None, field: Field = TIME, **options: Any) -> str | None:
    column = ColumnConfig(column="x", **options)
    times = TimeReading(**{n: getattr(column, n) for n in TimeReading.model_fields})
    result: str | None = transformed(pa.array([text], pa.string()), field, column, times)[0].as_py()
    return result


@pytest.mark.parametrize(
    ("text", "options", "expected"),
    [
        ("1789025400", {"epoch": "s"}, "2026-09-10T07:30:00Z"),
        ("1789025400.999", {"epoch": "s"}, "2026-09-10T07:30:00Z"),
        ("1789025400999", {"epoch": "ms"}, "2026-09-10T07:30:00Z"),
        ("1789025400999999", {"epoch": "us"}, "2026-09-10T07:30:00Z"),
        (" 1789025400 ", {"epoch": "s"}, "2026-09-10T07:30:00Z"),
        ("1789025400999", {"epoch": "s"}, "1789025400999"),
        ("-5", {"epoch": "s"}, "-5"),
        ("2026-09-10", {"epoch": "s"}, "2026-09-10"),
        (None, {"epoch": "s"}, None),
        ("0", {"epoch": "s", "zero": "0"}, None),
        ("0000-00-00", {"zero": "0000-00-00"}, None),
        ("0000-00-00 00:00:00.000000", {"zero": "0000-00-00"}, None),
        ("1900-01-01T00:00:00", {"zero": ["1900-01-01", "0000-00-00"]}, None),
        ("1900-01-011", {"zero": "1900-01-01"}, "1900-01-011"),
        ("2026-09-10T15:30:00Z", {"ignore_offset": True}, "2026-09-10T15:30:00"),
        ("2026-09-10 15:30:00.5+00:00", {"ignore_offset": True}, "2026-09-10 15:30:00.5"),
        ("2026-09-10 15:30:00+00", {"ignore_offset": True}, "2026-09-10 15:30:00"),
        ("2026-09-10T15:30-0500", {"ignore_offset": True}, "2026-09-10T15:30"),
        ("2026-09-10", {"ignore_offset": True}, "2026-09-10"),
        ("2026-09-10T07:30:00", {"zone": "UTC"}, "2026-09-10T07:30:00Z"),
        ("2026-09-10T15:30:00.9", {"zone": "Asia/Shanghai"}, "2026-09-10T07:30:00Z"),
        ("2026-09-10T15:30:00+08:00", {"zone": "UTC"}, "2026-09-10T07:30:00Z"),
        ("2026-09-10T15:30:00Z", {"zone": "Asia/Shanghai", "ignore_offset": True}, "2026-09-10T07:30:00Z"),
        ("rubbish", {"zone": "UTC"}, "rubbish"),
        ("2026-02-30", {"zone": "UTC"}, "2026-02-30"),
        ("\t", {"zone": "UTC"}, "\t"),
    ],
)
def test_times(text: str | None, options: dict[str, Any], expected: str | None) -> None:
    assert shown(text, **options) == expected


def test_dates_of_another_zone() -> None:
    assert shown("2026-09-10T20:00:00Z", DAY, zone="Asia/Shanghai") == "2026-09-11"
    assert shown("2026-09-10", DAY, zone="UTC") == "2026-09-10"
    assert shown("some day", DAY, zone="UTC") == "some day"


def test_codes() -> None:
    codes = {"1": "a", "2": "b", "": "b", "9": ""}
    assert [shown(t, CODE, codes=codes) for t in ("1", " 2 ", "9", "3", "a", None)] == ["a", "b", None, "3", "a", None]
    assert [shown(t, CODE, codes={"1": "a"}, other="b") for t in ("1", "7", " ", None)] == ["a", "b", " ", None]
    assert [shown(t, CODE, codes={"1": "a", "9": ""}, default="b") for t in ("1", "9", None, "")] == ["a", "b", "b", "b"]


def test_ids_and_lists() -> None:
    assert [shown(t, ID, prefix="N-") for t in ("1", None, "")] == ["N-1", None, ""]
    assert [shown(t, LIST, split=";") for t in ("a; b;;", None, "  ", "x")] == ['["a", "b"]', None, "  ", '["x"]']


@given(st.lists(st.text(max_size=12) | st.none(), max_size=20))
def test_nothing_that_is_not_understood_is_changed(texts: list[str | None]) -> None:
    """Whatever stands in a column, a reading of times either understands it or leaves it for quarantine."""
    column = pa.array(texts, pa.string())
    reading = TimeReading(zone=ZoneInfo("UTC"), epoch="s", ignore_offset=True, zero=("0",))
    result = shown_times(column, reading).to_pylist()
    for before, after in zip(texts, result, strict=True):
        if before is not None and not any(c.isdigit() for c in before):
            assert after == before
