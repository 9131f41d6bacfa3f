"""findings.xlsx: the same numbers as the PDF and the JSON, and no formula, link or number made from text."""

from __future__ import annotations

import json
import os
import re
import zipfile
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import openpyxl
import pypdf
import pytest

from auditor.copies import POSSIBLE, Copy, CopyLost
from auditor.report import build_pdf, build_xlsx, spreadsheet
from auditor.report.reading import VERDICTS, read_run
from auditor.report.words import LANGUAGES, Words
from tests.report_run import make_run


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = make_run(tmp_path_factory.mktemp("runs") / "run", findings=160, units=11)
    build_xlsx(folder, "en")
    return folder


@pytest.fixture(scope="module")
def book(run: Path) -> dict[str, list[dict[str, Any]]]:
    """Sheet → its rows as {head: value}."""
    sheets = {}
    for sheet in openpyxl.load_workbook(run / "findings.xlsx"):
        head, *rows = sheet.iter_rows(values_only=True)
        sheets[sheet.title] = [dict(zip(head, row, strict=True)) for row in rows]
    return sheets


def summary_of(run: Path) -> dict[str, Any]:
    return dict(json.loads((run / "summary.json").read_text("utf-8")))


def test_every_total_is_the_same_number_in_pdf_xlsx_and_json(run: Path, book: dict[str, list[dict[str, Any]]], tmp_path: Path) -> None:
    build_pdf(run, "en", out=tmp_path / "report.pdf")
    text = " ".join(" ".join(page.extract_text() for page in pypdf.PdfReader(tmp_path / "report.pdf").pages).split())
    words = Words("en")
    titles = {"heating": "Heating service", "power95598": "95598 power service"}
    findings = [json.loads(line) for line in (run / "findings.jsonl").open(encoding="utf-8")]
    counts = book["verdict counts"]
    scores = book["scores"]
    for ruleset, told in summary_of(run)["rulesets"].items():
        totals = {v: sum(rule[v] for rule in told["rules"].values()) for v in VERDICTS}
        population = sum(rule["population"] for rule in told["rules"].values())
        total_row = next(r for r in counts if r["Ruleset"] == ruleset and r["Rule"] == "Total")
        assert {v: total_row[v.capitalize()] for v in VERDICTS} == totals
        assert total_row["Population"] == population
        for verdict in ("breach", "waived", "indicator", "merit", "indeterminate"):
            assert totals[verdict] == sum(f["ruleset"] == ruleset and f["verdict"] == verdict for f in findings)
            listed = [r for r in book["findings"] if r["Ruleset"] == ruleset and r["Verdict"] == verdict]
            assert totals[verdict] == len(listed)
        for rule, told_counts in told["rules"].items():
            row = next(r for r in counts if r["Ruleset"] == ruleset and r["Rule"] == rule)
            assert [row[v.capitalize()] for v in VERDICTS] == [told_counts[v] for v in VERDICTS]
        judged = totals["compliant"] + totals["breach"] + totals["waived"]
        figures = " ".join(
            words.number(n) for n in (population, *(totals[v] for v in ("compliant", "breach", "pending", "indeterminate", "waived")))
        )
        assert f"All rules {figures} {words.percent(judged - totals['breach'], judged)}" in text
        whole = next(r for r in scores if r["Ruleset"] == ruleset and r["Holder"] == "all cases")
        assert f"{titles[ruleset]}: grade {whole['Grade']}, {whole['Score']:.1f} points of 100" in text
        assert (whole["Judged"], whole["Breach"]) == (judged, totals["breach"])
        for kind, label in (("units", "org_id"), ("persons", "staff_id")):
            for line in told[kind]:
                row = next(r for r in scores if r["Ruleset"] == ruleset and r["Holder id"] == line[label])
                assert (row["Score"], row["Compliance rate (%)"], row["Judged"], row["Sheet (points)"]) == (
                    line["score"], line["compliance_rate"], line["judged"], line["sheet"]["total"],
                )  # fmt: skip
        for unit in told["units"]:
            lines = [r for r in book["sheets"] if r["Ruleset"] == ruleset and r["Holder id"] == unit["org_id"]]
            assert 100 - sum(r["Deducted"] or 0 for r in lines) == unit["sheet"]["total"] == lines[0]["Total"]
            row = next(r for r in scores if r["Ruleset"] == ruleset and r["Holder id"] == unit["org_id"])
            if row["Breach"]:
                assert f"{row['Breach']} of {unit['judged']} judged cases in breach; compliance rate {unit['compliance_rate']:.1f}%" in text
                assert f"sheet {unit['sheet']['total']} points" in text


def test_numbers_of_findings_are_those_of_the_pdf(run: Path, book: dict[str, list[dict[str, Any]]], tmp_path: Path) -> None:
    build_pdf(run, "zh-Hans", out=tmp_path / "report.pdf")
    text = re.sub(r"\s", "", "".join(page.extract_text() for page in pypdf.PdfReader(tmp_path / "report.pdf").pages))
    numbers = {re.sub(r"\s", "", r["Number"]) for r in book["findings"] if r["Verdict"] == "breach"}
    assert len(numbers) > 40
    assert {n for n in numbers if n not in text} == set()


def test_text_stays_text(run: Path) -> None:
    with zipfile.ZipFile(run / "findings.xlsx") as parts:
        sheets = {name: parts.read(name).decode() for name in parts.namelist() if name.startswith("xl/worksheets/sheet")}
    assert not [name for name, xml in sheets.items() if "<f>" in xml or "<hyperlink" in xml]
    names = [c for sheet in openpyxl.load_workbook(run / "findings.xlsx") for row in sheet.iter_rows() for c in row if c.value == "=1+1"]
    assert names
    assert {c.data_type for c in names} == {"s"}


def test_times_are_dates_numbers_are_numbers_heads_are_frozen_and_filtered(run: Path, book: dict[str, list[dict[str, Any]]]) -> None:
    row = next(r for r in book["findings"] if r["Due at"])
    finding = next(f for f in map(json.loads, (run / "findings.jsonl").open(encoding="utf-8")) if f["finding_id"] == row["Finding id"])
    assert row["Due at"] == datetime.fromisoformat(finding["due_at"]).replace(tzinfo=None)
    assert all(isinstance(r["Overdue (s)"], int) for r in book["findings"] if r["Overdue (s)"] is not None)
    for sheet in openpyxl.load_workbook(run / "findings.xlsx"):
        assert sheet.freeze_panes == "B2"
        assert sheet.auto_filter.ref


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_same_folder_gives_the_same_bytes_in_each_language(run: Path, tmp_path: Path, lang: str) -> None:
    for name in ("one.xlsx", "two.xlsx"):
        build_xlsx(run, lang, out=tmp_path / name)
    assert (tmp_path / "one.xlsx").read_bytes() == (tmp_path / "two.xlsx").read_bytes()


def test_rows_beyond_the_format_s_limit_are_named(run: Path, tmp_path: Path, book: dict[str, list[dict[str, Any]]]) -> None:
    build_xlsx(run, "en", out=tmp_path / "short.xlsx", rows=50)
    sheet = openpyxl.load_workbook(tmp_path / "short.xlsx")["findings"]
    assert sheet.max_row == 50
    assert sheet.cell(50, 1).value == f"{len(book['findings']) - 48} more rows than this format holds: verdicts.parquet has every case"


def test_one_unit_s_spreadsheet_holds_its_cases_and_people_alone(run: Path, tmp_path: Path) -> None:
    build_xlsx(run, "en", unit="M01", out=tmp_path / "unit.xlsx")
    book = openpyxl.load_workbook(tmp_path / "unit.xlsx")
    texts = [str(c.value) for sheet in book for row in sheet.iter_rows() for c in row if c.value is not None]
    assert not [t for t in texts if re.search(r"P(?:D01|K01|R01|S0\d)-\d", t)]
    assert {row[17] for row in book["findings"].iter_rows(min_row=2, values_only=True)} == {"M01"}
    assert book["quarantine"].max_row == 1


def test_a_failed_write_leaves_nothing_behind(run: Path, tmp_path: Path) -> None:
    def stop(step: str) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        build_xlsx(run, "en", out=tmp_path / "x.xlsx", progress=stop)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(not POSSIBLE, reason="no copies are made on this system")
@pytest.mark.parametrize("copy", ["works", "dies", "cannot be made"])
def test_two_processes_make_the_very_bytes_that_one_makes(
    copy: str, run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    build_xlsx(run, "en", out=tmp_path / "one.xlsx")
    monkeypatch.setattr(spreadsheet, "WORTH_APART", 2)
    made: list[object] = []

    def counted(work: Callable[[], Any]) -> Copy[Any]:
        made.append(work)
        if copy == "cannot be made":
            raise CopyLost("it cannot be made")
        return Copy(work if copy == "works" else lambda: os._exit(1))

    monkeypatch.setattr(spreadsheet, "Copy", counted)
    build_xlsx(run, "en", out=tmp_path / "two.xlsx", processes=2)
    assert len(made) == 1
    assert ("it is made here instead" in caplog.text) == (copy != "works")
    assert (tmp_path / "two.xlsx").read_bytes() == (tmp_path / "one.xlsx").read_bytes()
    build_xlsx(run, "en", out=tmp_path / "short.xlsx", rows=50)
    build_xlsx(run, "en", out=tmp_path / "shorter.xlsx", rows=50, processes=2)
    assert len(made) == 1  # more rows than a sheet holds are not made twice as fast
    assert (tmp_path / "shorter.xlsx").read_bytes() == (tmp_path / "short.xlsx").read_bytes()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["one.xlsx", "short.xlsx", "shorter.xlsx", "two.xlsx"]


def test_the_middle_of_the_findings_is_the_beginning_of_a_line(run: Path) -> None:
    found = read_run(run)
    place, before, after = found.middle()
    lines = (run / "findings.jsonl").read_bytes().splitlines(keepends=True)
    assert len(b"".join(lines[:before])) == place and before + after == len(lines) and abs(before - after) < len(lines) / 4
    earlier, few, many = found.middle(place)
    assert len(b"".join(lines[:few])) == earlier and few + many == len(lines) and few < before
    assert found.middle(10**9)[1] <= 1
    every = [finding["finding_id"] for finding in found.findings()]
    assert [f["finding_id"] for f in (*found.findings(0, place), *found.findings(place))] == every
