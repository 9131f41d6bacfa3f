"""findings.xlsx: the same findings, counts and scores for a spreadsheet; no formula, link or number is ever made from text."""

from __future__ import annotations

import json
import logging
import os
import re
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from datetime import datetime, timedelta, timezone
from decimal import Decimal
from functools import cache, lru_cache
from itertools import islice
from operator import itemgetter
from pathlib import Path
from types import TracebackType
from typing import Any, NamedTuple

import xlsxwriter

from auditor.copies import POSSIBLE, Copy, CopyLost
from auditor.report.pdf import file_part
from auditor.report.quick_sheet import QuickBook, QuickSheet, RowsApart, Value
from auditor.report.reading import JUDGED, VERDICTS, FinishedRun, read_run
from auditor.report.tallies import finding_number, liable_of
from auditor.report.words import Words
from auditor.score import published, rate, whole_score

log = logging.getLogger(__name__)

ROWS = 1_048_576
"""Rows that a sheet of this format holds, the head included."""
CELL = 32_767
"""Characters that a cell holds."""

WORTH_APART = 2_000
"""Half of so many findings at least is worth a copy of the process."""

_SUMMARY_WEIGHT = 1.5
"""So many bytes of findings take as long as a byte of summary.json, of which the other sheets are made."""

_REMEMBERED = 4096
"""Numbers and times that are looked up once: the same ones stand in rows near one another, and memory does not grow with the run."""
_TIMES = ("counted_at", "breach_at", "due_at", "done_at")


def build_xlsx(
    folder: Path,
    lang: str = "zh-Hant",
    unit: str | None = None,
    *,
    out: Path | None = None,
    manifest: Mapping[str, Any] | None = None,
    progress: Callable[[str], None] = lambda step: None,
    rows: int = ROWS,
    processes: int = 1,
) -> None:
    """Write the spreadsheet of a finished run, its heads in one of zh-Hant, zh-Hans, en; messages are in all three.

    To `out`, else `findings.xlsx` in the run's folder (`findings-UNIT.xlsx` for one unit). `rows`: rows a sheet holds; what is beyond
    is named in its last row. `processes`: with 2 or more, a copy of this one makes a part of the findings' rows. Times are dates of the
    spreadsheet, local to as-of's zone. The same folder gives the same bytes.
    Raises ReportError where the folder is no finished run.
    """
    run = read_run(folder, unit, manifest=manifest)
    zone = timezone(run.as_of.utcoffset() or timedelta(0))
    words = Words(lang, zone=zone)
    target = out or folder / ("findings.xlsx" if unit is None else f"findings-{file_part(unit)}.xlsx")
    handle, name = tempfile.mkstemp(prefix=".findings-", suffix=".xlsx", dir=target.parent)
    os.close(handle)
    try:
        options = {
            "constant_memory": True,
            "strings_to_formulas": False,
            "strings_to_urls": False,
            "strings_to_numbers": False,
            "remove_timezone": True,
        }
        with QuickBook(name, options) as book:
            book.set_properties(
                {
                    "title": str(words("title")),
                    "created": run.as_of.astimezone(zone).replace(tzinfo=None),
                    "comments": f"run {run.run_id}, {run.fingerprint}",
                }
            )
            with _Sheets(book, words, zone, rows) as sheets:
                for key, columns, content in _content(run, words, processes):
                    progress(f"sheet {key}")
                    sheets.add(str(words(f"sheet.{key}")), columns, [str(words(f"columns.{column}")) for column in columns], content)
                for ruleset in run.rulesets:
                    for statement in run.statements(ruleset):
                        progress(f"sheet {ruleset} {statement['name']}")
                        sheets.add(*_statement(run, words, ruleset, statement))
                sheets.finish()
        Path(name).replace(target)
    except xlsxwriter.exceptions.FileCreateError as failed:
        # XlsxWriter wraps what the system said (a full disk), by which the run tells its user what to do.
        Path(name).unlink(missing_ok=True)
        raise failed.args[0] from None
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


class _Sheets:
    """Writes sheets one after the other, row by row; they are whole after `finish`. Use as a context manager."""

    def __init__(self, book: xlsxwriter.Workbook, words: Words, zone: timezone, rows: int) -> None:
        self._book, self._words, self._zone, self._rows = book, words, zone, rows
        self._head = book.add_format({"bold": True, "text_wrap": True, "valign": "top", "bg_color": "#DCE4EC"})
        self._text = book.add_format({"num_format": "@", "valign": "top"})
        self._date = book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss", "valign": "top"})
        self._said = {True: str(words("yes")), False: str(words("no"))}
        self._local = lru_cache(_REMEMBERED)(self._local_of)
        self._unfinished: list[tuple[QuickSheet, _Halves, Copy[RowsApart]]] = []
        self._left = ExitStack()

    def add(self, title: str, columns: Sequence[str], heads: Sequence[str], content: Iterable[Sequence[Any]] | _Halves) -> None:
        """A sheet of that title; `heads` stand above the columns."""
        sheet = self._book.add_worksheet(_sheet_name(title), worksheet_class=QuickSheet)
        sheet.freeze_panes(1, 1)
        for position, column in enumerate(columns):
            sheet.set_column(position, position, 40 if column.startswith(("message", "facts", "value")) else 20)
            sheet.write_string(0, position, heads[position], self._head)
        if isinstance(content, _Halves):
            rows = self._write_halves(sheet, content)
        else:
            rows = self._write(sheet, 1, content)
        # The last row is kept free for the line that says what is not here.
        shown = min(rows, self._rows - 2)
        sheet.autofilter(0, 0, max(shown, 1), len(columns) - 1)
        if rows > shown:
            sheet.write_string(shown + 1, 0, str(self._words("sheet.beyond", n=rows - shown)), self._head)

    def _write(self, sheet: QuickSheet, at: int, rows: Iterable[Sequence[Any]]) -> int:
        """Writes rows from row `at` on, as far as the sheet goes; returns how many there are."""
        number = 0
        for row in rows:
            number += 1
            if at + number > self._rows - 1:
                continue
            # Most cells are short texts or none, and a call for each would double what a row costs.
            cells = [value if value is None or (value.__class__ is str and len(value) <= CELL) else self._cell(value) for value in row]
            sheet.write_values(at + number - 1, cells, self._text, self._date)
        return number

    def _write_halves(self, sheet: QuickSheet, content: _Halves) -> int:
        """Writes rows of which a copy of the process makes the second part meanwhile, where that is worth while; see `finish`."""
        first = iter(content.first)
        written = self._write(sheet, 1, islice(first, 1))
        if not (content.apart and sheet.has_used(self._text, self._date) and content.rows + content.rest < self._rows - 1):
            written += self._write(sheet, written + 1, first)
            return written + self._write(sheet, written + 1, content.second)
        sheet.settle()
        path = Path(f"{sheet.row_data_filename}.second")
        self._left.callback(path.unlink, missing_ok=True)

        def second() -> RowsApart:
            sheet.write_to(path)
            self._write(sheet, content.rows + 1, content.second)
            return sheet.apart()

        try:
            copy = self._left.enter_context(Copy(second))
        except CopyLost as lost:
            self._write(sheet, written + 1, first)
            self._write_instead(sheet, content, lost)
        else:
            self._unfinished.append((sheet, content, copy))
            self._write(sheet, written + 1, first)
        return content.rows + content.rest

    def _write_instead(self, sheet: QuickSheet, content: _Halves, lost: CopyLost) -> None:
        log.warning("no process of its own made the second part of the findings' sheet: %s; it is made here instead", lost)
        self._write(sheet, content.rows + 1, content.second)

    def finish(self) -> None:
        """Takes what copies of the process have written, or writes it here where one was lost."""
        for sheet, content, copy in self._unfinished:
            try:
                sheet.take(copy.answer())
            except CopyLost as lost:
                self._write_instead(sheet, content, lost)
        self._unfinished.clear()

    def __enter__(self) -> _Sheets:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._left.close()

    def _cell(self, value: Any) -> Value:
        """A value that is there as a cell holds it."""
        if isinstance(value, datetime):
            return self._local(value)
        if isinstance(value, bool):
            return self._said[value]
        if isinstance(value, (int, float)):
            return value
        text = str(value)
        return text if len(text) <= CELL else text[: CELL - 1] + "…"

    def _local_of(self, moment: datetime) -> datetime:
        return moment.astimezone(self._zone).replace(tzinfo=None)


def _sheet_name(title: str) -> str:
    """A title as this format takes it: no more than 31 characters, and none of those that it keeps for itself."""
    return re.sub(r"[\[\]:*?/\\]", " ", title)[:31].strip("' ")


def _statement(
    run: FinishedRun, words: Words, ruleset: str, statement: dict[str, Any]
) -> tuple[str, list[str], list[str], Iterator[list[Any]]]:
    """A statement as a sheet: its title, columns, heads, and a row a line."""
    names = [column["name"] for column in statement["columns"]]
    heads = [str(words("columns.org")), str(words("columns.name")), *(words.pick(column["title"]) for column in statement["columns"])]
    lines = (
        [holder["org_id"], run.unit_name(ruleset, holder["org_id"]) if holder["org_id"] else None, *map(_figure, line)]
        for holder in statement["holders"]
        for line in holder["rows"]
    )
    return words.pick(statement["title"]), ["org", "name", *names], heads, lines


def _figure(value: Any) -> Any:
    """A decimal as a number where a spreadsheet's number holds every digit of it; else the text itself."""
    if not isinstance(value, str):
        return value
    try:
        number = Decimal(value)
    except ArithmeticError:
        return value
    return float(number) if number.is_finite() and Decimal(repr(float(number))) == number else value


class _Halves(NamedTuple):
    """Rows that can be made in two parts at once: of each the rows and their number; and whether that is worth while."""

    first: Iterable[Sequence[Any]]
    rows: int
    second: Iterable[Sequence[Any]]
    rest: int
    apart: bool


_Content = Iterator[tuple[str, Sequence[str], Iterable[Sequence[Any]] | _Halves]]


def _content(run: FinishedRun, words: Words, processes: int) -> _Content:
    """Every sheet as (key, columns, rows)."""
    yield "findings", FINDING_COLUMNS, _in_halves(run, words, processes) if run.unit is None else _findings(run, words)
    yield (
        "counts",
        ("ruleset", "rule", "title", "clause", "severity", "population", *VERDICTS, "rate", "not_auditable"),
        _counts(run, words),
    )
    yield "scores", SCORE_COLUMNS, _scores(run, words)
    yield "sheets", ("ruleset", "holder", "holder_id", "finding_id", "weight", "deducted", "reason", "total"), _sheets(run)
    yield (
        "parameters",
        ("ruleset", "parameter", "title", "value_number", "unit_of_value", "in_force_from", "basis", "overridden", "rules"),
        _parameters(run, words),
    )
    yield "quarantine", ("ruleset", "source", "record", "key", "field", "value", "reason"), _quarantine(run)


FINDING_COLUMNS = (
    "number",
    "finding_id",
    "ruleset",
    "rule",
    "title",
    "clause",
    "case_id",
    "subject",
    "verdict",
    "severity",
    "reason",
    "points",
    "counted_at",
    "breach_at",
    "due_at",
    "done_at",
    "overdue_seconds",
    "liable_org",
    "liable_name",
    "liable_staff",
    "liable_party",
    "message_zh_hant",
    "message_zh_hans",
    "message_en",
    "facts",
    "evidence",
)
SCORE_COLUMNS = (
    "ruleset",
    "holder",
    "holder_id",
    "name",
    "kind",
    "score",
    "grade",
    "rank",
    "rank_of",
    "compliance_rate",
    "judged",
    "breach",
    "sheet_total",
)


def _in_halves(run: FinishedRun, words: Words, processes: int) -> _Halves:
    # Meanwhile this process makes the other sheets too.
    beside = int((run.folder / "summary.json").stat().st_size * _SUMMARY_WEIGHT)
    middle, before, after = run.middle(beside)
    apart = POSSIBLE and processes > 1 and after >= WORTH_APART
    return _Halves(_findings(run, words, 0, middle), before, _findings(run, words, middle), after, apart)


def _findings(run: FinishedRun, words: Words, start: int = 0, end: int | None = None) -> Iterator[Sequence[Any]]:
    # A million cells name the same few rules, units and words.
    named, unit_name = cache(words.named), cache(run.unit_name)
    number, moment = lru_cache(_REMEMBERED)(finding_number), lru_cache(_REMEMBERED)(datetime.fromisoformat)
    title = cache(lambda ruleset, rule: words.pick(run.rules(ruleset).get(rule, {}).get("title")))
    facts = json.JSONEncoder(ensure_ascii=False, sort_keys=True).encode
    row = itemgetter(*FINDING_COLUMNS)
    for f in run.findings(start, end):
        message = f["message"] or {}
        f.update(
            {
                "number": number(f["rule"], f["clause"], liable_of(f)),
                "title": title(f["ruleset"], f["rule"]) or f["name"],
                "verdict": named("verdicts", f["verdict"]),
                "severity": named("severities", f["severity"]),
                "liable_name": unit_name(f["ruleset"], f["liable_org"]) if f["liable_org"] else None,
                "message_zh_hant": message.get("zh-Hant"),
                "message_zh_hans": message.get("zh-Hans"),
                "message_en": message.get("en"),
                "facts": facts(f["facts"] or {}),
                "evidence": "; ".join([f"{e['source']} {e['table']} {e['key']} {e['digest']}" for e in f["evidence"] or ()]),
            }
        )
        for time in _TIMES:
            if f[time]:
                f[time] = moment(f[time])
        yield row(f)


def _counts(run: FinishedRun, words: Words) -> Iterator[list[Any]]:
    for ruleset in run.rulesets:
        for code, told in run.summary["rulesets"][ruleset]["rules"].items():
            counts, about = run.rule_counts(ruleset, code), run.rules(ruleset).get(code, {})
            yield [
                ruleset,
                code,
                words.pick(about.get("title")),
                about.get("clause"),
                words.named("severities", about.get("severity")),
                sum(counts.values()),
                *(counts[v] for v in VERDICTS),
                _rate(counts),
                told["not_auditable"],
            ]
        totals = run.totals(ruleset)
        yield [ruleset, str(words("total")), None, None, None, sum(totals.values()), *(totals[v] for v in VERDICTS), _rate(totals), None]


def _rate(counts: dict[str, int]) -> float | None:
    judged = sum(counts[v] for v in JUDGED)
    return published(rate(judged - counts["breach"], judged))


def _scores(run: FinishedRun, words: Words) -> Iterator[list[Any]]:
    for ruleset in run.rulesets:
        for unit in run.units(ruleset):
            yield [
                ruleset,
                str(words("columns.org")),
                unit["org_id"],
                unit["name"],
                words.named("kinds", unit["kind"]),
                unit["score"],
                unit["grade"],
                unit["rank"],
                unit["rank_of"],
                unit["compliance_rate"],
                unit["judged"],
                unit["breaches"],
                unit["sheet"]["total"],
            ]
        breaches: dict[str, int] = {}
        for (r, _, staff), cases in run.staff_breaches.items():
            if r == ruleset:
                breaches[staff] = breaches.get(staff, 0) + cases
        for person in run.persons(ruleset):
            yield [
                ruleset,
                str(words("columns.staff")),
                person["staff_id"],
                None,
                None,
                person["score"],
                None,
                None,
                None,
                person["compliance_rate"],
                person["judged"],
                breaches.get(person["staff_id"], 0),
                person["sheet"]["total"],
            ]
        totals = run.totals(ruleset)
        severity = {code: str(rule.get("severity", "")) for code, rule in run.rules(ruleset).items()}
        by_severity: dict[tuple[str, str], int] = {}
        for code in run.summary["rulesets"][ruleset]["rules"]:
            for verdict, cases in run.rule_counts(ruleset, code).items():
                key = (severity.get(code, ""), verdict)
                by_severity[key] = by_severity.get(key, 0) + cases
        whole = whole_score(by_severity, run.model(ruleset))
        grade = None if whole is None else run.model(ruleset).grade(whole)
        judged = sum(totals[v] for v in JUDGED)
        yield [
            ruleset,
            str(words("sheet.whole")),
            None,
            None,
            None,
            whole,
            grade,
            None,
            None,
            _rate(totals),
            judged,
            totals["breach"],
            None,
        ]


def _sheets(run: FinishedRun) -> Iterator[list[Any]]:
    for ruleset in run.rulesets:
        for kind, lines in (("org_id", run.units(ruleset)), ("staff_id", run.persons(ruleset))):
            for holder in lines:
                start = run.model(ruleset).start
                yield [ruleset, kind, holder[kind], None, None, None, f"start {start}", holder["sheet"]["total"]]
                for line in holder["sheet"]["lines"]:
                    yield [ruleset, kind, holder[kind], line["finding_id"], line["weight"], line["deducted"], line["reason"], None]


def _parameters(run: FinishedRun, words: Words) -> Iterator[list[Any]]:
    for ruleset in run.rulesets:
        for p in run.regulations.get(ruleset, {}).get("parameters") or ():
            title = words.pick(p.get("title") or p.get("label"))
            yield [
                ruleset,
                p["name"],
                title,
                p["value"],
                p["unit"],
                p["in_force_from"],
                words.named("bases", p["basis"]),
                bool(p["overridden"]),
                ", ".join(p["rules"]),
            ]


def _quarantine(run: FinishedRun) -> Iterator[list[Any]]:
    """The refused rows; none in a spreadsheet for one unit, as they may be another's."""
    path = run.folder / "quarantine.jsonl"
    if run.unit is not None or not path.exists():
        return
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            row = json.loads(line)
            yield [row[c] for c in ("ruleset", "source", "record", "key", "field", "value", "reason")]
