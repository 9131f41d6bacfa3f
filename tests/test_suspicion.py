"""A rule that hits most of its population is flagged, with the likeliest fault; a source that is down costs only its own ruleset."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from tests.audits import audit, run, sample_database, summary_of

TICKETS = 30


def orders(
    folder: Path,
    *,
    dispatched: str = "2026-07-{day:02}T01:00:00Z",
    accepted: str | None = "2026-07-{day:02}T01:01:00Z",
    count: int = TICKETS,
) -> Path:
    """Repair orders of one station, each accepted a minute after it was dispatched, if the two columns speak of the same zone."""
    path = folder / "logs.db"
    path.unlink(missing_ok=True)
    rows = [
        (f"T{n:03}", "fault_repair", "S1", dispatched.format(day=n + 1), accepted.format(day=n + 1) if accepted else None, "own")
        for n in range(count)
    ]
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE org_unit (org_id, name, kind, parent_id, valid_from, valid_to)")
        connection.execute("INSERT INTO org_unit VALUES ('S1', '供電所', 'supply_station', NULL, NULL, NULL)")
        connection.execute("CREATE TABLE ticket (ticket_id, category, org_id, dispatched_at, accepted_at, jurisdiction)")
        connection.executemany("INSERT INTO ticket VALUES (?, ?, ?, ?, ?, ?)", rows)
    connection.close()
    return path


def suspects(folder: Path, database: Path, *more: str) -> dict[str, Any]:
    out = audit(database, "power95598", folder / "run", *more)
    found = json.loads((out / "regulations.json").read_text(encoding="utf-8"))["power95598"]["suspect"]
    return {one["rule"]: one for one in found}


def test_times_that_lie_a_zone_apart_are_told_as_that(tmp_path: Path) -> None:
    # The acceptance is written in local time but read as UTC: eight hours late in every case.
    suspect = suspects(tmp_path, orders(tmp_path, accepted="2026-07-{day:02}T09:01:00Z"))["PW301"]
    assert (suspect["breach"], suspect["population"]) == (TICKETS, TICKETS)
    assert "8 h" in suspect["likeliest"]["en"] and "8小時" in suspect["likeliest"]["zh-Hant"] and "8小时" in suspect["likeliest"]["zh-Hans"]


def test_a_column_that_is_blank_throughout_is_told_as_that(tmp_path: Path) -> None:
    assert "接單時間" in suspects(tmp_path, orders(tmp_path, accepted=None))["PW301"]["likeliest"]["zh-Hant"]


def test_a_code_that_no_row_bears_is_told_as_that(tmp_path: Path) -> None:
    database = orders(tmp_path)
    with sqlite3.connect(database) as connection:
        connection.execute("CREATE TABLE outage_notice (notice_id, kind, org_id, entered_at)")
        rows = [(f"N{n:03}", "rationing", "S1", f"2026-07-{n + 1:02}T08:00:00") for n in range(TICKETS)]
        connection.executemany("INSERT INTO outage_notice VALUES (?, ?, ?, ?)", rows)
    connection.close()
    assert "code dispatch" in suspects(tmp_path, database)["PW106"]["likeliest"]["en"]


@pytest.mark.parametrize(("count", "flagged"), [(19, False), (20, True)])
def test_a_small_population_flags_nothing(count: int, flagged: bool, tmp_path: Path) -> None:
    assert ("PW301" in suspects(tmp_path, orders(tmp_path, accepted=None, count=count))) is flagged


def test_a_rule_that_is_kept_a_merit_and_an_indicator_are_never_flagged(tmp_path: Path) -> None:
    assert "PW301" not in suspects(tmp_path, orders(tmp_path))
    out = audit(sample_database("power95598", "after", tmp_path), "power95598", tmp_path / "sample")
    regulation = json.loads((out / "regulations.json").read_text(encoding="utf-8"))["power95598"]
    flagged = {one["rule"] for one in regulation["suspect"]}
    assert flagged
    assert not {code for code in flagged if regulation["rules"][code]["severity"] in ("indicator", "merit")}
    counts = summary_of(out)["rulesets"]["power95598"]["rules"]
    high = {c for c, n in counts.items() if n["population"] >= 20 and n["breach"] + n["waived"] > 0.6 * n["population"]}
    assert flagged == high


def test_one_source_that_is_down_costs_only_its_own_ruleset(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    power = orders(tmp_path)
    config = tmp_path / "site.toml"
    config.write_text(
        f'[rulesets.power95598.sources.main]\nurl = "sqlite:///{power}"\n[rulesets.heating.sources.main]\nurl = "sqlite:///{tmp_path}/gone.db"\n',
        encoding="utf-8",
    )
    out = tmp_path / "run"
    assert run("audit", "--config", config, "--period", "2026Q3", "--as-of", "2026-10-12", "--out", out, "--no-pdf") == 3
    summary = summary_of(out)
    assert list(summary["rulesets"]) == ["power95598"] and "gone.db" in summary["unreached"]["heating"]
    assert "heating was not audited" in capsys.readouterr().err
    assert (out / "findings.xlsx").is_file()
