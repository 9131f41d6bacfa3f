"""The fee statement: score, coefficient, due, paid and difference per centre, exact in the file, the spreadsheet and the report alike."""

from __future__ import annotations

import json
import sqlite3
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pypdf
import pytest

from auditor import cli
from auditor.demo import demonstration, write_database
from auditor.statements import money

STEPS = ((90, "1.0"), (80, "0.9"), (70, "0.8"), (60, "0.6"))


def audit(folder: Path, *changes: str, options: tuple[str, ...] = ("--no-pdf",)) -> Path:
    """The run of the demonstration with these changes to its database."""
    demo = demonstration("insurance_brokerage")
    write_database(demo, folder / "logs.db")
    connection = sqlite3.connect(folder / "logs.db")
    for change in changes:
        connection.execute(change)
    connection.commit()
    connection.close()
    where = ["--source", f"sqlite:///{folder / 'logs.db'}", "--ruleset", demo.ruleset, "--period", demo.period, "--as-of", demo.as_of]
    assert cli.run(["audit", *where, "--out", str(folder / "run"), *options]) == 0
    return folder / "run"


def statement(run: Path) -> dict[str, Any]:
    (one,) = json.loads((run / "statements.json").read_text("utf-8"))["insurance_brokerage"]
    return dict(one)


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return audit(tmp_path_factory.mktemp("fees"), options=())


def test_every_scored_sheet_of_the_year_stands_in_it(run: Path) -> None:
    """Sheets are scored in the month after their own, so the year holds those of December before to November."""
    told = statement(run)
    assert [column["name"] for column in told["columns"]] == [
        "period", "score", "base_fee", "coefficient", "due_fee", "paid_fee", "fee_difference",
    ]  # fmt: skip
    months = {h["org_id"]: [line[0] for line in h["rows"]] for h in told["holders"]}
    assert len(months) == 6
    every = ["2025-12", *(f"2026-{n:02d}" for n in range(1, 12))]
    assert months["SC-JS"] == every
    assert months["SC-LN"] == [label for label in every if label != "2026-06"]


def test_due_is_base_times_coefficient_in_decimal_arithmetic(run: Path) -> None:
    for holder in statement(run)["holders"]:
        for _, score, base, coefficient, due, paid, difference in holder["rows"]:
            step = next((Decimal(part) for least, part in STEPS if Decimal(score) >= least), Decimal(0))
            assert Decimal(coefficient) == step
            assert Decimal(due) == Decimal(base) * step
            assert (difference is None) == (paid is None)
            assert paid is None or Decimal(difference) == Decimal(paid) - Decimal(due)


def test_totals_agree_with_each_other_and_leave_out_a_month_that_was_not_paid(run: Path) -> None:
    for holder in statement(run)["holders"]:
        *_, due, paid, difference = holder["totals"]
        whole = [line for line in holder["rows"] if line[5] is not None]
        assert Decimal(due) == sum(Decimal(line[4]) for line in whole)
        assert Decimal(paid) - Decimal(due) == Decimal(difference)
    (unpaid,) = [line for h in statement(run)["holders"] if h["org_id"] == "SC-TJ" for line in h["rows"] if line[5] is None]
    assert unpaid[0] == "2026-10"


def test_the_difference_is_what_the_findings_say(run: Path) -> None:
    off = {
        f["facts"]["paid_fee"]: f["facts"]["due_fee"]
        for line in (run / "findings.jsonl").open(encoding="utf-8")
        if (f := json.loads(line))["rule"] == "IB601"
    }
    lines = [line for h in statement(run)["holders"] for line in h["rows"] if line[6] not in (None, "0.00")]
    assert len(lines) == len(off) == 2
    assert {Decimal(line[5]): Decimal(line[4]) for line in lines} == {Decimal(paid): Decimal(due) for paid, due in off.items()}


def test_the_spreadsheet_shows_the_same_numbers(run: Path) -> None:
    told = statement(run)
    sheet = openpyxl.load_workbook(run / "findings.xlsx")[told["title"]["zh-Hant"]]
    rows = list(sheet.iter_rows(min_row=2, values_only=True))
    expected = [(h["org_id"], line) for h in told["holders"] for line in h["rows"]]
    assert len(rows) == len(expected) == 71
    by_key = {(org, line[0]): line for org, line in expected}
    for org, _, label, *figures in rows:
        for shown, exact in zip(figures, by_key[org, label][1:], strict=True):
            assert shown is None if exact is None else Decimal(repr(shown)) == Decimal(exact)


def test_the_report_prints_a_table_for_each_centre_with_the_largest_difference_first(run: Path) -> None:
    text = "\n".join(page.extract_text() for page in pypdf.PdfReader(run / "report.pdf").pages)
    names = ["遼寧客戶服務中心", "山西客戶服務中心", "北京客戶服務中心"]
    places = [text.index(f"{name}：月度考核分數與費用核發（元）") for name in names]
    assert places == sorted(places)
    for holder in statement(run)["holders"]:
        for line in holder["rows"]:
            assert all(value in text for value in line if value is not None)


def test_digits_beyond_a_double_survive(tmp_path: Path) -> None:
    base, paid = "12345678901234567.123456789", "11111111011111110.411111110"
    run = audit(
        tmp_path,
        # Columns of an expression take text as it is; those of the demonstration would make a double of it.
        "create table sheets as select sheet_id, org_id, period, score, '' || base_fee as base_fee, '' || paid_fee as paid_fee, scored_at "
        "from score_sheet",
        "drop table score_sheet",
        "alter table sheets rename to score_sheet",
        f"update score_sheet set base_fee = '{base}', paid_fee = '{paid}', score = '85' where sheet_id = 'SS-SC-BJ-2026-03'",
    )
    (line,) = [line for h in statement(run)["holders"] if h["org_id"] == "SC-BJ" for line in h["rows"] if line[0] == "2026-03"]
    assert line[4] == "11111111011111110.4111111101"
    assert line[6] == "-0.0000000001"


def test_a_site_without_fees_is_told_why_there_is_no_statement(tmp_path: Path) -> None:
    run = audit(tmp_path, "alter table score_sheet drop column paid_fee")
    assert statement(run)["holders"] == []
    assert "paid_fee" in statement(run)["not_available"]


@pytest.mark.parametrize(
    ("value", "text"),
    [("0", "0.00"), ("5", "5.00"), ("5.5", "5.50"), ("1E+3", "1000.00"), ("-0.010000", "-0.01"), ("0.0631", "0.0631"), ("12.000", "12.00")],
)
def test_money_has_two_decimals_at_least_and_loses_none(value: str, text: str) -> None:
    assert money(Decimal(value)) == text
