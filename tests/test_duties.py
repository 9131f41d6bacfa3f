"""The obligation register: what `auditor duties` lists, how each duty stands, and the same list as a calendar."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import icalendar
import pytest

from auditor import cli
from auditor.audit import Request
from auditor.calendar_file import calendar_text
from auditor.cli.options import open_site
from auditor.demo import demonstration, write_database
from auditor.duties import Obligation, Register, register
from auditor.instants import DEFAULT_ZONE, NEVER, from_iso
from auditor.masking import Masker
from auditor.periods import parse_period

OCTOBER = "2026-10-12T00:00:00"


@pytest.fixture(scope="module")
def grid(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("duties") / "grid.db"
    write_database(demonstration("csg_service"), path)
    return path


@pytest.fixture(scope="module")
def brokerage(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("duties") / "brokerage.db"
    write_database(demonstration("insurance_brokerage"), path)
    return path


def listed(path: Path, ruleset: str, period: str, as_of: str, *, events: bool = True) -> Register:
    site = open_site(None, f"sqlite:///{path}", [ruleset])
    try:
        request = Request(site.inputs, parse_period(period), from_iso(as_of, DEFAULT_ZONE), Path(), Masker(None, False))
        return register(site.inputs[0], request, events=events)
    finally:
        site.close()


def states(found: Register, rule: str) -> dict[str, str]:
    return {o.case_id: o.state for o in found.obligations if o.rule == rule}


def test_it_lists_what_falls_due_though_its_month_still_runs_or_has_not_begun(grid: Path) -> None:
    found = listed(grid, "csg_service", "2026Q4", OCTOBER)
    assert found.not_auditable == {}
    # September's brief is due on 15 October, October's on 15 November, November's on 15 December.
    assert states(found, "GR102")["service_brief:GD:2026-10"] == "pending"
    assert states(found, "GR102")["service_brief:GD:2026-11"] == "pending"
    assert len(states(found, "GR102")) == 15
    assert states(found, "GR302") == {"window_assessment:CSG:2026": "pending"}


def test_it_says_done_late_missing_and_pending(grid: Path) -> None:
    briefs = states(listed(grid, "csg_service", "2026", OCTOBER), "GR102")
    assert briefs["service_brief:GD:2026-03"] == "done"
    assert briefs["service_brief:YN:2026-07"] == "late"
    assert briefs["service_brief:HI:2026-03"] == "missing"
    assert briefs["service_brief:HI:2026-10"] == "pending"


def test_a_unit_that_never_filed_anything_is_found(grid: Path) -> None:
    found = listed(grid, "csg_service", "2026", "2027-01-20T09:00:00")
    missing = {o.rule for o in found.obligations if o.org_id == "HI" and o.state == "missing"}
    assert {"GR203", "GR204", "GR303", "GR310", "GR206"} <= missing


def test_a_limit_that_an_event_started_is_listed_once(brokerage: Path) -> None:
    found = listed(brokerage, "insurance_brokerage", "2026-03", "2026-03-10T09:00:00")
    manuals = [o for o in found.obligations if o.rule == "IB201"]
    assert len(manuals) == 10
    assert {o.every for o in manuals} == {"event"}
    assert {o.due_at for o in manuals} == {from_iso("2026-03-17T10:30:00", DEFAULT_ZONE)}
    assert all(o.duty["en"].startswith("deliver the insurance manual of agreement AG-2026 to branch B") for o in manuals)
    repeating = listed(brokerage, "insurance_brokerage", "2026-03", "2026-03-10T09:00:00", events=False)
    assert "event" not in {o.every for o in repeating.obligations}


def test_a_month_with_a_claim_brings_its_own_duty(brokerage: Path) -> None:
    found = listed(brokerage, "insurance_brokerage", "2026-06", "2026-06-01T00:00:00", events=False)
    assert states(found, "IB401") == {"claims_tracking:HO:2026-05": "pending"}
    assert "claims_phone_sample:HO:SC-LN:2026-05" in states(found, "IB402")


def test_every_obligation_names_unit_period_and_duty_in_three_languages(brokerage: Path) -> None:
    for o in listed(brokerage, "insurance_brokerage", "2026", "2026-11-20T09:00:00").obligations:
        assert set(o.duty) == {"zh-Hant", "zh-Hans", "en"}
        assert all(text and "{" not in text for text in o.duty.values())
        assert o.unit is not None
        assert (o.period is None) == (o.every == "event")


def test_what_is_handed_in_ahead_of_its_clock_is_done(grid: Path) -> None:
    """The plan of 2026 was adopted in January; on New Year's Eve it had not been."""
    plans = states(listed(grid, "csg_service", "2026-01", "2025-12-31T12:00:00"), "GR201")
    assert set(plans.values()) == {"pending"}
    assert len(plans) == 6
    assert "done" in states(listed(grid, "csg_service", "2026-01", "2026-01-31T12:00:00"), "GR201").values()


def test_a_rule_that_cannot_be_audited_is_told_with_the_reason(grid: Path, tmp_path: Path) -> None:
    import shutil
    import sqlite3

    path = tmp_path / "grid.db"
    shutil.copy(grid, path)
    with sqlite3.connect(path) as connection:
        connection.execute("drop table duty_record")
    connection.close()
    found = listed(path, "csg_service", "2026Q4", OCTOBER)
    assert "duty_record" in found.not_auditable["GR101"]
    assert {o.rule for o in found.obligations} == {"GR104", "GR105", "GR307", "GR308", "GR309"}


def calendar_of(path: Path, arguments: list[str], tmp_path: Path) -> icalendar.Calendar:
    file = tmp_path / "duties.ics"
    period = ["--period", "2026Q4", "--as-of", OCTOBER]
    assert cli.run(["duties", "--source", f"sqlite:///{path}", "--ruleset", "csg_service", *period, "--ics", str(file), *arguments]) == 0
    return icalendar.Calendar.from_ical(file.read_bytes())


def test_the_calendar_holds_the_list(grid: Path, tmp_path: Path) -> None:
    found = listed(grid, "csg_service", "2026Q4", OCTOBER).obligations
    calendar = calendar_of(grid, [], tmp_path)
    assert not calendar.errors
    events = calendar.walk("VEVENT")
    assert len(events) == len(found) > 40
    assert len({str(e["UID"]) for e in events}) == len(events)
    for event, o in zip(events, found, strict=True):
        assert event["DTSTART"].dt == datetime.fromtimestamp(o.due_at, UTC)
        assert str(event["SUMMARY"]).endswith(o.duty["zh-Hant"] + (f" ({o.period})" if o.period else ""))
        assert o.case_id in str(event["DESCRIPTION"])
        assert o.state in [str(c) for c in event["CATEGORIES"].cats]
        alarms = event.walk("VALARM")
        assert len(alarms) == (1 if o.state == "pending" else 0)
        assert all(a["TRIGGER"].dt == timedelta(days=-7) for a in alarms)


def test_an_entry_keeps_its_uid_when_its_state_changes(grid: Path, tmp_path: Path) -> None:
    first = {str(e["UID"]) for e in calendar_of(grid, [], tmp_path).walk("VEVENT")}
    second = {str(e["UID"]) for e in calendar_of(grid, ["--as-of", "2026-12-01T00:00:00", "--lang", "en"], tmp_path).walk("VEVENT")}
    assert first <= second


def test_a_filtered_list_gives_a_filtered_calendar(grid: Path, tmp_path: Path) -> None:
    calendar = calendar_of(grid, ["--state", "pending", "--unit", "HI", "--every", "year", "--remind", "0"], tmp_path)
    categories = [[str(c) for c in e["CATEGORIES"].cats] for e in calendar.walk("VEVENT")]
    assert sorted(rule for _, rule, _ in categories) == ["GR203", "GR204", "GR303", "GR310"]
    assert not calendar.walk("VALARM")


PLAIN = Obligation(
    ruleset="r", rule="R1", name="n", clause="1", severity="major", every="month", case_id="a,b;c\\d", org_id="U", unit="名, 稱;\\ 甲" * 20,
    period="2026-10", subject_id=None, due_at=1_790_000_000, done_at=NEVER, state="pending",
    duty={"en": "say\nthis; and, that", "zh-Hant": "辦理", "zh-Hans": "办理"},
)  # fmt: skip


def test_signs_that_separate_values_come_back_as_they_were() -> None:
    text = calendar_text([PLAIN], as_of=1_780_000_000, zone=ZoneInfo("Asia/Shanghai"), language="en", name="n", remind_days=3)
    calendar = icalendar.Calendar.from_ical(text)
    (event,) = calendar.walk("VEVENT")
    assert str(event["SUMMARY"]) == f"[pending] {PLAIN.unit}: say\nthis; and, that (2026-10)"
    assert "case a,b;c\\d" in str(event["DESCRIPTION"]).split("\n")


def test_no_line_is_longer_than_75_octets_and_no_character_is_cut() -> None:
    text = calendar_text([PLAIN], as_of=1_780_000_000, zone=ZoneInfo("Asia/Shanghai"), language="zh-Hant", name="n", remind_days=3)
    assert text.endswith("END:VCALENDAR\r\n")
    assert max(len(line.encode()) for line in text.split("\r\n")) <= 75
    assert "\n" not in text.replace("\r\n", "")


def test_the_same_list_gives_the_same_bytes() -> None:
    def text(obligation: Obligation) -> str:
        return calendar_text([obligation], as_of=1_780_000_000, zone=DEFAULT_ZONE, language="en", name="n", remind_days=7)

    assert text(PLAIN) == text(replace(PLAIN))


def test_the_command_prints_the_list_and_its_sum(grid: Path, capsys: pytest.CaptureFixture[str]) -> None:
    command = ["duties", "--source", f"sqlite:///{grid}", "--ruleset", "csg_service", "--period", "2026Q4", "--as-of", OCTOBER]
    assert cli.run([*command, "--unit", "HI", "--every", "month"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[1] == "2026-11-15 23:59:59  pending  GR102  海南公司 (HI): 上報當月客戶服務信息簡報 (2026-10)  [service_brief:HI:2026-10]"
    assert lines[-1] == "3 duties fall due in 2026Q4: 1 done, 0 late, 0 missing, 2 pending, 0 unknown, 0 waived"


def test_the_command_gives_json(grid: Path, capsys: pytest.CaptureFixture[str]) -> None:
    command = ["duties", "--source", f"sqlite:///{grid}", "--ruleset", "csg_service", "--period", "2026-08", "--as-of", OCTOBER, "--json"]
    assert cli.run([*command, "--state", "late"]) == 0
    (one,) = [o for o in json.loads(capsys.readouterr().out) if o["rule"] == "GR102"]
    assert one["case_id"] == "service_brief:YN:2026-07"
    assert one["due_at"] == "2026-08-15T23:59:59+08:00"
    assert one["done_at"].startswith("2026-08-16T")
    assert one["every"] == "month"


def test_a_calendar_that_cannot_be_written_is_wrong_usage(grid: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    command = ["duties", "--source", f"sqlite:///{grid}", "--ruleset", "csg_service", "--period", "2026-08", "--as-of", OCTOBER]
    assert cli.run([*command, "--ics", str(tmp_path / "no" / "x.ics")]) == 2
    assert "--ics" in capsys.readouterr().err
