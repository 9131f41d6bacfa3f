"""A row written as one text is the very row that XlsxWriter's own calls write, whatever its cells hold."""

from __future__ import annotations

import math
import random
import zipfile
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path

import openpyxl
import pytest
import xlsxwriter

from auditor.report.quick_sheet import UNITS, QuickBook, QuickSheet, Value
from auditor.report.reading import ReportError

OPTIONS = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
HEADS = ("first <head>", "second", "third")

TEXTS = (
    "", " ", "plain", " leading", "trailing ", "\tleading tab", "trailing line\n", "two\nlines", "a\ttab", "carriage\r\nreturn",
    "\u3000ideographic space", "no-break space\u00a0", "inner\u3000space", "\x1cseparator", "nul \x00 bell \x07 escape \x1b delete \x7f",
    "\x85", "zero\u200bwidth", "\u202eright to left", "\ufeff", "\ufffe", "\uffff", "_x0041_", "_x0041_x0042_", "_x00G1_", "_x",
    "x_x000d_\r", "&", "<", ">", '"', "'", "&amp;", "a < b && b > c", '&<>"', "]]>", "<t>", "<r>one end", "=1+1", "{=A1}", "+1", "-1", "@x",
    "http://x.example", "mailto:a@b.example", "internal:Sheet!A1", "007", "1e5", "NaN", "TRUE", "#DIV/0!", "玉城供電所", "龍\U000e0001𠮷所",
    "😀",
    "x" * (UNITS // 2), "x" * (UNITS // 2 + 1), "x" * UNITS, "x" * (UNITS + 1), "&" * UNITS, "😀" * (UNITS // 2), "😀" * UNITS,
    "x" + "😀" * UNITS, "\x00" * 20_000, " " * 40_000,
)  # fmt: skip
NUMBERS = (
    0, 1, -1, 2**31, 2**53 + 1, -(10**20), 10**300, True, 0.0, -0.0, 0.1, 1 / 3, -2.5, 100.0, 1e-7, 5e-324, 1.7976931348623157e308, 1e16,
    123456789012345678,
)  # fmt: skip
TIMES = (
    datetime(1899, 12, 31), datetime(1900, 1, 1), datetime(1900, 1, 1, 12), datetime(1900, 2, 28, 23, 59, 59), datetime(1900, 3, 1),
    datetime(1900, 12, 31, 23, 59, 59), datetime(1901, 1, 1), datetime(1989, 9, 17, 5, 4, 3), datetime(1989, 9, 18, 5, 4, 3),
    datetime(2026, 3, 29, 1, 59, 59), datetime(2026, 3, 29, 3), datetime(2026, 10, 25, 2, 30), datetime(2026, 10, 25, 2, 30, fold=1),
    datetime(2026, 7, 2, 1, 46, 10, 123456), datetime(2079, 6, 4, 7, 7, 7), datetime(2079, 6, 5, 7, 7, 7), datetime(2079, 6, 6, 7, 7, 7),
    datetime(9999, 12, 31, 23, 59, 59, 999999),
)  # fmt: skip


def public_calls(sheet: xlsxwriter.worksheet.Worksheet, row: int, values: Sequence[Value], text: object, date: object) -> None:
    for column, value in enumerate(values):
        if isinstance(value, str):
            sheet.write_string(row, column, value, text)
        elif isinstance(value, datetime):
            sheet.write_datetime(row, column, value, date)
        elif value is not None:
            sheet.write_number(row, column, value)


def written(path: Path, rows: Sequence[Sequence[Value]], quick: bool, heads: Sequence[str] = HEADS) -> Path:
    """A workbook of two sheets with these rows, by `write_values` or by XlsxWriter's public calls."""
    with (QuickBook if quick else xlsxwriter.Workbook)(path, OPTIONS) as book:
        book.set_properties({"created": datetime(2026, 1, 1)})
        head, text = book.add_format({"bold": True}), book.add_format({"num_format": "@"})
        date = book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"})
        for name in ("one", "two"):
            sheet = book.add_worksheet(name, worksheet_class=QuickSheet if quick else None)
            sheet.freeze_panes(1, 1)
            sheet.set_column(0, 0, 40)
            for column, title in enumerate(heads):
                sheet.write_string(0, column, title, head)
            for row, values in enumerate(rows, 1):
                if quick:
                    sheet.write_values(row, values, text, date)
                else:
                    public_calls(sheet, row, values, text, date)
            sheet.autofilter(0, 0, max(len(rows), 1), 2)
            sheet.write_string(len(rows) + 1, 0, "last", head)
    return path


def assert_same(tmp_path: Path, rows: Sequence[Sequence[Value]], heads: Sequence[str] = HEADS) -> None:
    quick, public = written(tmp_path / "quick.xlsx", rows, True, heads), written(tmp_path / "public.xlsx", rows, False, heads)
    with zipfile.ZipFile(quick) as one, zipfile.ZipFile(public) as other:
        for ours, theirs in zip(one.infolist(), other.infolist(), strict=True):
            about = [(i.filename, i.date_time, i.compress_type, i.external_attr, i.CRC, i.file_size) for i in (ours, theirs)]
            assert about[0] == about[1]
            assert one.read(ours) == other.read(theirs), ours.filename


def test_a_book_is_packed_quickly_and_those_of_others_as_ever(tmp_path: Path) -> None:
    random.seed(5)
    rows = [["".join(random.choices("abcdefgh", k=40)) * 3] for _ in range(2_000)]
    before = written(tmp_path / "before.xlsx", rows, False)
    quick = written(tmp_path / "quick.xlsx", rows, True)
    after = written(tmp_path / "after.xlsx", rows, False)
    assert before.read_bytes() == after.read_bytes()
    assert len(before.read_bytes()) < len(quick.read_bytes()) < 1.5 * len(before.read_bytes())


@pytest.mark.parametrize("values", [TEXTS, NUMBERS, TIMES], ids=["texts", "numbers", "times"])
def test_each_cell_is_what_xlsxwriter_s_public_calls_write(values: tuple[Value, ...], tmp_path: Path) -> None:
    assert_same(tmp_path, [[value] for value in values])


def test_rows_of_mixed_cells_are_what_xlsxwriter_s_public_calls_write(tmp_path: Path) -> None:
    rng = random.Random(5)
    short = [t for t in TEXTS if len(t) < 100]
    letters = "aZ _x04&<>\"'\n\r\t\x00\x1f\x85\u3000\ufffe\uffff供😀"
    rows: list[list[Value]] = []
    for _ in range(500):
        texts = ["".join(rng.choices(letters, k=rng.randrange(12))) for _ in range(4)]
        times = [datetime(1900, 1, 1) + timedelta(microseconds=rng.randrange(10**16)) for _ in range(4)]
        row: list[Value] = [*rng.sample(short, 4), *texts, *rng.sample(NUMBERS, 4), *times, *[None] * 6]
        rng.shuffle(row)
        rows.append(row)
    assert_same(tmp_path, rows)


@pytest.mark.parametrize(
    ("rows", "heads"),
    [
        ([], HEADS),
        ([[None, None, None]], HEADS),
        ([[None, "a", None], [None, None, None], [None, None, 1]], HEADS),
        ([[None, "a", None], [None, None, None], [None, 1, None]], ()),
        ([[datetime(2026, 1, 1), "time before text"]], HEADS),
        ([[1, 2], [3, datetime(2026, 1, 1)], ["text after time", None]], HEADS),
        ([["column 30"] * 30], HEADS),
    ],
)
def test_what_is_empty_and_what_comes_first_changes_nothing(rows: list[list[Value]], heads: tuple[str, ...], tmp_path: Path) -> None:
    assert_same(tmp_path, rows, heads)


@pytest.mark.parametrize("text", ["lone \ud800 surrogate", "\udfff", "\ud800" * (UNITS + 1)])
def test_a_lone_surrogate_which_no_file_can_hold_is_refused_as_xlsxwriter_does(text: str, tmp_path: Path) -> None:
    for quick in (True, False):
        with pytest.raises(UnicodeEncodeError):
            written(tmp_path / "x.xlsx", [[text]], quick)


def test_a_text_that_looks_like_markup_stays_text(tmp_path: Path) -> None:
    texts = ["<r><t>x</t></r>", "<r>& <unclosed></r>"]
    sheet = openpyxl.load_workbook(written(tmp_path / "x.xlsx", [texts], True))["one"]
    assert [sheet.cell(2, 1).value, sheet.cell(2, 2).value] == texts


@pytest.mark.parametrize("number", [math.nan, math.inf, -math.inf])
def test_a_number_that_a_spreadsheet_does_not_hold_is_refused_and_its_row_named(number: float, tmp_path: Path) -> None:
    with pytest.raises(ReportError, match="sheet one, row 3: (nan|inf|-inf) is no number that a spreadsheet holds"):
        written(tmp_path / "x.xlsx", [[1], [number]], True)


@pytest.mark.parametrize("row", [0, 1, 2, 1_048_576])
def test_a_row_that_cannot_be_written_there_is_refused(row: int, tmp_path: Path) -> None:
    with xlsxwriter.Workbook(tmp_path / "x.xlsx", OPTIONS) as book:
        sheet = book.add_worksheet("one", worksheet_class=QuickSheet)
        style = book.add_format({"bold": True})
        sheet.write_string(0, 0, "head")
        sheet.write_values(1, ["a"], style, style)
        with pytest.raises(ValueError, match="sheet one: row 1 is not below"):
            sheet.write_values(1, ["again"], style, style)
        sheet.write_string(2, 0, "held back")
        with pytest.raises(ValueError, match=f"sheet one: row {row} is (not below|beyond)"):
            sheet.write_values(row, ["b"], style, style)
