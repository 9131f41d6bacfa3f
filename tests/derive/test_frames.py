"""Frames and views: what is asked of a column is answered the same, whether the column has been read whole or not at all."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from auditor.derive import coded_text, logs
from auditor.derive.coded_text import arrow_text
from auditor.derive.logs import View
from auditor.instants import NEVER, NEVER_DAY
from auditor.validate.chunks import settled
from tests.audits import sample_database
from tests.site_logs import SiteLogs, read_site

TEXTS = ("id", "text", "code")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> SiteLogs:
    return read_site("power95598", sample_database("power95598", "year", tmp_path_factory.mktemp("frames")))


@pytest.mark.parametrize("few", [0, 10**9], ids=["by the rows", "whole"])
def test_a_text_of_a_few_rows_is_the_same_taken_from_those_rows_or_from_the_whole_column(
    site: SiteLogs, few: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(logs, "_FEW", few)
    frame = site.logs("2026", "2026-11-20T09:00:00+08:00")["ticket"]
    assert frame.record is not None
    rows = np.array([frame.size - 1, 0, 7, 7], np.int64)
    for field in frame.record.fields:
        if field.kind in TEXTS and field.name not in site.admitted["ticket"].missing:
            shown = arrow_text(frame.at(field.name, rows)).to_pylist()
            assert shown == [arrow_text(frame[field.name]).to_pylist()[row] for row in rows]


def test_a_few_texts_are_told_without_reading_the_column(site: SiteLogs) -> None:
    frame = site.logs("2026", "2026-11-20T09:00:00+08:00")["ticket"]
    view = View(frame, np.array([3, 1], np.int64))
    few = arrow_text(view["opinion"]).to_pylist()
    assert "opinion" not in frame.own
    assert few == arrow_text(frame["opinion"]).to_pylist()[3:0:-2]


@pytest.mark.parametrize("coded_from", [0, 10**9], ids=["coded", "plain"])
def test_what_is_blank_is_the_same_before_and_after_a_column_is_read(
    site: SiteLogs, coded_from: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(coded_text, "CODED_FROM", coded_from)
    frame = site.logs("2026", "2026-11-20T09:00:00+08:00")["ticket"]
    assert frame.record is not None
    for field in frame.record.fields:
        if field.name in site.admitted["ticket"].missing:
            continue
        before = frame.blank(field.name)
        assert field.kind not in TEXTS or field.name not in frame.own
        frame[field.name]
        assert np.array_equal(before, frame.blank(field.name))
        rows = np.arange(0, frame.size, 3)
        assert np.array_equal(View(frame, rows).blank(field.name), before[rows])


def test_a_time_later_than_as_of_is_blank_though_it_is_written(site: SiteLogs) -> None:
    early = site.logs("2026Q1", "2026-02-01T00:00:00+08:00")["ticket"]
    late = site.logs("2026", "2026-11-20T09:00:00+08:00")["ticket"]
    assert early.blank("closed_at").sum() > late.blank("closed_at").sum()


@pytest.mark.parametrize("kind", [pa.timestamp("s", "UTC"), pa.date32()])
@given(parts=st.lists(st.lists(st.none() | st.integers(0, 9), max_size=5), max_size=4), cut=st.integers(0, 3), marked=st.booleans())
def test_times_are_read_alike_from_one_piece_or_several_with_whatever_under_their_gaps(
    kind: pa.DataType, parts: list[list[int | None]], cut: int, marked: bool
) -> None:
    word, never = ("time", NEVER) if pa.types.is_timestamp(kind) else ("date", NEVER_DAY)
    number = pa.int64() if word == "time" else pa.int32()
    column = pa.chunked_array([pa.array(part, number).view(kind) for part in parts], kind).slice(cut)
    if marked and column.num_chunks == 1:
        column = settled(column, None)
    expected = [never if n is None else n for n in [n for part in parts for n in part][cut:]]
    assert logs._times(column, word).tolist() == expected


def test_times_that_stand_as_they_are_worked_with_are_not_copied() -> None:
    kind = pa.timestamp("s", "UTC")
    for given_times in ([1, 2, 3], [1, None, 3]):
        column = settled(pa.chunked_array([pa.array(given_times, pa.int64()).view(kind)]), None)
        assert logs._times(column, "time").ctypes.data == column.chunk(0).buffers()[1].address
