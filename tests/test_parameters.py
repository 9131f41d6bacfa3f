"""Dated numbers: which is in force at which instant, what a site may set, and every mistake with its place."""

from __future__ import annotations

import dataclasses
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from auditor.instants import DEFAULT_ZONE, from_iso
from auditor.parameters import ParameterError, Parameters, load_parameters
from auditor.rulebook import load_ruleset, read_sheets
from auditor.toml_source import read_toml
from tests.audits import rows_of, run, sample_database
from tests.rulesets.sheet_runner import outcome_of

OWN = """
[limit]
unit = "h"
basis = "clause"
clause = "1"
values = [{ from = 2020-01-01, value = 24 }, { from = 2026-07-01, value = 12 }]

[share]
unit = "ratio"
basis = "site"
values = [{ from = 2020-01-01, value = "0.70" }]

[hours]
unit = "text"
basis = "site"
values = [{ from = 2020-01-01, value = "07:30" }]
"""


def parameters(folder: Path, site: str = "") -> Parameters:
    """The parameters above with a site's configuration on top."""
    own, override = folder / "parameters.toml", folder / "site.toml"
    own.write_text(OWN, encoding="utf-8")
    override.write_text(site, encoding="utf-8")
    place = read_toml(override)
    return load_parameters(own, place.data, place, DEFAULT_ZONE)


def at(time: str) -> int:
    return from_iso(time, DEFAULT_ZONE)


def test_a_value_is_in_force_from_the_first_second_of_its_day_in_local_time(tmp_path: Path) -> None:
    given = parameters(tmp_path)
    instants = np.array([at("1999-01-01T00:00:00"), at("2026-06-30T23:59:59"), at("2026-07-01T00:00:00")], np.int64)
    assert given.at("limit", instants).tolist() == [86400, 86400, 43200]
    assert given.one("share", at("2026-01-01")) == Decimal("0.70")
    assert given.entry("limit", at("2026-07-01T00:00:00")).value == 12


def test_a_sites_value_holds_from_its_date_and_the_rulesets_own_before_it(tmp_path: Path) -> None:
    site = "[limit]\nunit = 'h'\nvalues = [{ from = 2026-03-01, value = 48 }, { from = 2026-09-01, value = 36 }]\n"
    given = parameters(tmp_path, site)
    shown = {day: given.one("limit", at(day)) // 3600 for day in ("2026-02-28", "2026-03-01", "2026-08-31", "2026-09-01")}
    assert shown == {"2026-02-28": 24, "2026-03-01": 48, "2026-08-31": 48, "2026-09-01": 36}
    assert given["limit"].overridden
    assert not given["share"].overridden
    assert [(v.value, v.site) for v in given["limit"].values] == [(24, False), (48, True), (36, True)]


def test_values_may_name_their_last_days_where_they_leave_no_gap(tmp_path: Path) -> None:
    site = "[limit]\nvalues = [{ from = 2026-03-01, until = 2026-03-31, value = 48 }, { from = 2026-04-01, value = 36 }]\n"
    assert parameters(tmp_path, site).one("limit", at("2026-04-01")) == 36 * 3600


MISTAKES = {
    "unknown parameter": ("[limits]\nvalues = [{ from = 2026-01-01, value = 1 }]", "no parameter 'limits'; it has hours, limit, share"),
    "wrong unit": ("[limit]\nunit = 'd'\nvalues = [{ from = 2026-01-01, value = 1 }]", "the unit of limit is h, not d"),
    "overlap": ("[limit]\nvalues = [{ from = 2026-03-01, value = 1 }, { from = 2026-02-01, value = 2 }]", "overlaps the one before"),
    "the same day twice": ("[limit]\nvalues = [{ from = 2026-03-01, value = 1 }, { from = 2026-03-01, value = 2 }]", "overlaps"),
    "overlap of last days": (
        "[limit]\nvalues = [{ from = 2026-03-01, until = 2026-04-30, value = 1 }, { from = 2026-04-30, value = 2 }]",
        "overlaps",
    ),
    "gap": (
        "[limit]\nvalues = [{ from = 2026-03-01, until = 2026-03-30, value = 1 }, { from = 2026-04-01, value = 2 }]",
        "a gap between 2026-03-30 and 2026-04-01",
    ),
    "an end without a successor": (
        "[limit]\nvalues = [{ from = 2026-03-01, until = 2026-03-30, value = 1 }]",
        "no value is in force after",
    ),
    "an end before its start": ("[limit]\nvalues = [{ from = 2026-03-01, until = 2026-02-01, value = 1 }]", "`until` of value 1"),
    "no date": ("[limit]\nvalues = [{ from = '2026', value = 1 }]", "`from`, a date"),
    "a time for a date": ("[limit]\nvalues = [{ from = 2026-01-01T10:00:00, value = 1 }]", "`from`, a date"),
    "no value": ("[limit]\nvalues = [{ from = 2026-01-01 }]", "`value`"),
    "no values": ("[limit]\nunit = 'h'", "values lists at least one"),
    "an empty list": ("[limit]\nvalues = []", "values lists at least one"),
    "a number alone": ("limit = 5", "values lists at least one"),
    "a fraction of an hour": ("[limit]\nvalues = [{ from = 2026-01-01, value = 1.5 }]", "no whole number of h"),
    "a text for a number": ("[limit]\nvalues = [{ from = 2026-01-01, value = '12' }]", "no whole number of h"),
    "a negative limit": ("[limit]\nvalues = [{ from = 2026-01-01, value = -1 }]", "no whole number of h"),
    "a flag": ("[limit]\nvalues = [{ from = 2026-01-01, value = true }]", "no whole number of h"),
    "no decimal": ("[share]\nvalues = [{ from = 2026-01-01, value = 'seventy' }]", "no decimal number of ratio"),
    "not a number": ("[share]\nvalues = [{ from = 2026-01-01, value = nan }]", "no decimal number of ratio"),
    "a blank text": ("[hours]\nvalues = [{ from = 2026-01-01, value = ' ' }]", "write it as text"),
    "a word that no value has": ("[limit]\nvalues = [{ from = 2026-01-01, value = 1, til = 2026-02-01 }]", "'til' is not understood"),
    "a word that no parameter has": ("[limit]\nvalue = 5\nvalues = [{ from = 2026-01-01, value = 1 }]", "'value'"),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_in_a_sites_value_is_told_with_file_and_line(mistake: str, tmp_path: Path) -> None:
    text, says = MISTAKES[mistake]
    with pytest.raises(ParameterError) as raised:
        parameters(tmp_path, f"# the site\n\n{text}\n")
    assert f"{tmp_path / 'site.toml'}, line 3" in str(raised.value)
    assert says in str(raised.value)


def configuration(folder: Path, database: Path, parameters: str) -> Path:
    path = folder / "site.toml"
    path.write_text(f'[rulesets.power95598.sources.logs]\nurl = "sqlite:///{database}"\n\n{parameters}\n', encoding="utf-8")
    return path


def late_notice(entered: str, off: str, **site: Any) -> str:
    """The verdict of PW101 (seven days ahead) on one planned notice."""
    some = read_sheets(load_ruleset("power95598"))[0]
    notice = {"notice_id": "N1", "kind": "planned", "org_id": "DD", "entered_at": entered, "planned_off_at": off}
    case = dataclasses.replace(
        some, rule="PW101", case_id="N1", as_of="2026-10-12", period="2026", rows={"outage_notice": [notice]}, parameters=site
    )
    return outcome_of(case).verdict


def test_the_value_in_force_at_the_clock_decides_and_not_that_of_another_day() -> None:
    site = {"planned_notice": {"unit": "d", "values": [{"from": date(2026, 9, 1), "value": 5}]}}
    assert late_notice("2026-08-25T00:00:00", "2026-08-31T00:00:00", **site) == "breach"
    assert late_notice("2026-08-27T00:00:01", "2026-09-01T00:00:00", **site) == "breach"
    assert late_notice("2026-08-27T00:00:00", "2026-09-01T00:00:00", **site) == "compliant"
    assert late_notice("2026-08-27T00:00:00", "2026-09-01T00:00:00") == "breach"


def test_findings_manifest_and_rules_show_say_which_value_is_the_sites_own(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    database = sample_database("power95598", "after", tmp_path)
    config = configuration(
        tmp_path, database, "[rulesets.power95598.parameters.planned_notice]\nunit = 'd'\nvalues = [{ from = 2026-08-01, value = 9 }]"
    )
    out = tmp_path / "run"
    given = ("--config", config, "--period", "2026Q3", "--as-of", "2026-10-12", "--out", out, "--no-pdf", "--workers", "1")
    assert run("audit", *given) == 0
    bases = {
        (f["parameters"]["planned_notice"]["basis"], f["parameters"]["planned_notice"]["value"])
        for f in rows_of(out / "findings.jsonl")
        if f["rule"] == "PW101"
    }
    assert bases == {("clause", 7), ("site", 9)}
    assert '"site": true' in (out / "manifest.json").read_text(encoding="utf-8")
    capsys.readouterr()
    assert run("rules", "show", "PW101", "--config", config, "--at", "2026-09-01") == 0
    shown = capsys.readouterr().out
    assert "* planned_notice = 9 d, from 2026-08-01 (set by this site)" in shown
    assert "  planned_notice = 7 d, from 2000-01-01 (clause 2.1.(1))" in shown


def test_a_wrong_value_in_a_configuration_ends_the_audit_with_2(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    database = sample_database("power95598", "after", tmp_path)
    config = configuration(
        tmp_path, database, "[rulesets.power95598.parameters.planned_notice]\nunit = 'h'\nvalues = [{ from = 2026-08-01, value = 9 }]"
    )
    assert run("audit", "--config", config, "--period", "2026Q3", "--out", tmp_path / "run", "--no-pdf") == 2
    said = capsys.readouterr().err
    assert f"{config}, line 4" in said
    assert "the unit of planned_notice is d, not h" in said
    assert not (tmp_path / "run").exists()
