"""A worksheet that writes a row as one text, and a workbook that is packed quickly.

XlsxWriter's way from cell to cell costs more than all else that a spreadsheet needs, and after it packing does.

XlsxWriter lets a worksheet be of a class of one's own. In its constant_memory mode a finished row goes to a temporary file and is not
looked at again, so a row that is written there in the same words makes the same workbook. Widths, formats, frozen panes, filters and
packing stay with XlsxWriter. What is used of it beyond its documented calls is used in this module alone; tests/test_quick_sheet.py
compares every kind of cell with what XlsxWriter's own calls write, and fails where another version of it differs.
"""

from __future__ import annotations

import math
import re
import shutil
from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache, partial
from pathlib import Path
from typing import NamedTuple
from zipfile import ZipFile

from xlsxwriter import workbook
from xlsxwriter.format import Format
from xlsxwriter.utility import xl_col_to_name
from xlsxwriter.worksheet import Worksheet

from auditor.report.reading import ReportError

Value = str | int | float | datetime | None
"""What a cell holds: a text, a number, a time without a zone; None: there is no cell."""

UNITS = 32_767
"""UTF-16 units of text that a cell holds: XlsxWriter and the spreadsheet programs count in these, not in characters."""
_SURELY_SHORT = UNITS // 2
"""Characters that are no more than `UNITS`, whatever they are: none takes more than two units."""

_START = datetime(1899, 12, 31)  # noqa: DTZ001 # the format knows no zones
_LIKE_AN_ESCAPE = re.compile("(_x[0-9a-fA-F]{4}_)")
_NOT_FOR_XML = re.compile("[\x00-\x08\x0b-\x1f\ufffe\uffff]")


_PIECE = 1 << 20

PACKING = 2
"""Zip's level: takes a third of the time of the usual one (6), and makes the file a fifth larger."""


class QuickBook(workbook.Workbook):  # type: ignore[misc] # XlsxWriter comes without types
    """A workbook that is packed at the level `PACKING`."""

    def _store_workbook(self) -> None:
        # It opens the file itself and lets nobody say how.
        workbook.ZipFile = partial(ZipFile, compresslevel=PACKING)
        try:
            super()._store_workbook()
        finally:
            workbook.ZipFile = ZipFile


class RowsApart(NamedTuple):
    """Rows that a copy of the process wrote to a file: the row below them, and the corners of what the sheet then holds."""

    path: Path
    previous_row: int
    corners: tuple[tuple[int, int], tuple[int, int]]


class QuickSheet(Worksheet):  # type: ignore[misc] # XlsxWriter comes without types
    """A worksheet of a workbook in constant_memory mode whose rows `write_values` writes, from the top down."""

    previous_row: int
    """XlsxWriter's name for the row in hand: it takes none above it any more."""

    def __init__(self) -> None:
        super().__init__()
        # The same time stands in several columns of a row, and in rows near it.
        self._serial = lru_cache(4096)(self._serial_of)
        self._openings: list[str] = []
        self._styles: set[int] = set()

    def write_values(self, row: int, values: Sequence[Value], text: Format, date: Format) -> None:
        """Write a row, counted from 0, below all that are written. A text is never read as a formula, a link, a number or markup.

        `text` and `date`: the formats of texts and of times; numbers have none. A text beyond `UNITS` is cut off there.
        Raises ReportError where a spreadsheet has no such number (NaN, infinity), ValueError where the row cannot be written there.
        """
        if row < self.previous_row or row in self.table:
            raise ValueError(f"sheet {self.name}: row {row} is not below those that are written")
        if row > self.previous_row:
            # Heads are held back as the row in hand, so they have to go first.
            self._write_single_row(row)
        while len(self._openings) < len(values):
            self._openings.append(f'<c r="{xl_col_to_name(len(self._openings))}')
        number = str(row + 1)
        text_style = date_style = ""
        cells = []
        for opening, value in zip(self._openings, values, strict=False):
            if value is None:
                continue
            if isinstance(value, str):
                text_style = text_style or f'{number}" s="{self._index(text)}" t="inlineStr"><is><t'
                # Most texts need no care. A printable one holds no control character, and no white space but blanks. A call for each
                # of a million texts would cost more than all of these tests.
                if (
                    value.isprintable()
                    and "&" not in value
                    and "<" not in value
                    and ">" not in value
                    and "_x" not in value
                    and value[:1] != " " != value[-1:]
                    and len(value) <= _SURELY_SHORT
                ):
                    cells.append(f"{opening}{text_style}>{value}</t></is></c>")
                else:
                    cells.append(f"{opening}{text_style}{_escaped(value)}</t></is></c>")
            elif isinstance(value, datetime):
                date_style = date_style or f'{number}" s="{self._index(date)}"><v>'
                cells.append(f"{opening}{date_style}{self._serial(value)}</v></c>")
            elif math.isfinite(value):
                cells.append(f'{opening}{number}"><v>{value:.16G}</v></c>')
            else:
                raise ReportError(f"sheet {self.name}, row {number}: {value} is no number that a spreadsheet holds: run the audit again")
        if cells:
            filled = [column for column, value in enumerate(values) if value is not None]
            if self._check_dimensions(row, filled[0]) or self._check_dimensions(row, filled[-1]):
                raise ValueError(f"sheet {self.name}: row {row} is beyond the format's limits")
            self.row_data_fh.write(f'<row r="{number}">{"".join(cells)}</row>')
            self.previous_row = row + 1

    def has_used(self, *styles: Format) -> bool:
        """Whether each of the formats has its number, so that rows written apart will bear the same."""
        return self._styles >= set(map(id, styles))

    def settle(self) -> None:
        """Leaves nothing in hand of the rows that `write_values` has written, which a copy of the process would else write once more."""
        self.row_data_fh.flush()

    def write_to(self, path: Path) -> None:
        """From now on rows go to a file of their own, in which nothing stands yet; for a copy of the process, made after `settle`."""
        self.row_data_fh = path.open("w", encoding="utf-8")

    def apart(self) -> RowsApart:
        """What another process needs to take the rows that were written to a file of their own."""
        self.row_data_fh.close()
        corners = (self.dim_rowmin, self.dim_colmin), (self.dim_rowmax, self.dim_colmax)
        return RowsApart(Path(self.row_data_fh.name), self.previous_row, corners)

    def take(self, rows: RowsApart) -> None:
        """Adds rows that were written apart, below those that are written."""
        self.row_data_fh.flush()
        with rows.path.open("rb") as file:
            shutil.copyfileobj(file, self.row_data_fh.buffer, _PIECE)
        for row, column in rows.corners:
            self._check_dimensions(max(row, self.previous_row), column)
        self.previous_row = rows.previous_row

    def _write_optimized_sheet_data(self) -> None:
        """XlsxWriter's step from the temporary file to the sheet, in bytes; in texts it took as long as packing does."""
        if self.dim_rowmin is None:
            super()._write_optimized_sheet_data()
            return
        self._xml_start_tag("sheetData")
        self.fh.flush()
        self.row_data_fh.close()
        path = Path(self.row_data_filename)
        with path.open("rb") as file:
            shutil.copyfileobj(file, self.fh.buffer, _PIECE)
        path.unlink()
        self._xml_end_tag("sheetData")

    def _index(self, style: Format) -> int:
        """The number of a format among the workbook's styles.

        It gets one where it is first asked for, so none is asked for before its cell.
        """
        self._styles.add(id(style))
        return int(style._get_xf_index())  # noqa: SLF001 # a cell's text names its format by this number, and no documented call tells it

    def _serial_of(self, moment: datetime) -> str:
        """A time as the format counts it: days since the start of 1900, with their fraction."""
        if moment.year <= 1900:
            # The format has a 29 February 1900: XlsxWriter knows what to make of the days about it.
            return f"{self._convert_date_time(moment):.16G}"
        since = moment - _START
        # In this order, as another one may round to another last digit.
        return f"{since.days + (since.seconds + since.microseconds / 1e6) / 86_400 + 1:.16G}"


def _escaped(text: str) -> str:
    """Any text as it stands after `<t`: cut, escaped, and with its white space kept, as XlsxWriter does it."""
    if len(text) > _SURELY_SHORT:
        # What the cut leaves of a pair is no character, and is left out.
        text = text.encode("utf-16-le")[: 2 * UNITS].decode("utf-16-le", "ignore")
    text = _LIKE_AN_ESCAPE.sub(r"_x005F\1", text)
    text = _NOT_FOR_XML.sub(lambda found: f"_x{ord(found[0]):04X}_", text)
    space = ' xml:space="preserve"' if text != text.strip() else ""
    text = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return f"{space}>{text}"
