"""Waivers: what one covers, what it must say, and that none goes without a word where it has no effect."""

from __future__ import annotations

import random
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from auditor.instants import DEFAULT_ZONE
from auditor.waivers import WaiverError, Waivers, read_waivers
from tests.audits import rows_of, run, sample_database, summary_of
from tests.site_logs import SiteLogs, cases_of, read_site

PERIOD, AS_OF = "2026Q3", "2026-10-12T00:00:00"

GRANTED = "reason = 'storm'\nasked_by = 'Unit head'\ngranted_by = 'Supervisor'\nfrom = 2026-01-01\nuntil = 2026-12-31\n"


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return sample_database("power95598", "after", tmp_path_factory.mktemp("power95598"))


@pytest.fixture(scope="module")
def site(database: Path) -> SiteLogs:
    return read_site("power95598", database)


def waiver(**said: Any) -> dict[str, Any]:
    given = {"reason": "storm", "asked_by": "Unit head", "granted_by": "Supervisor", "from": date(2026, 1, 1), "until": date(2026, 12, 31)}
    return {**given, **said}


def read(*entries: dict[str, Any]) -> Waivers:
    return read_waivers(entries, "power95598", DEFAULT_ZONE)


def judged(site: SiteLogs, *entries: dict[str, Any]) -> tuple[dict[tuple[str, str], tuple[str, str, str | None, str | None]], list[str]]:
    """(rule, case) → verdict, counted_at, unit and reason; and the warnings."""
    waivers = read(*entries)
    cases = cases_of(site.judge(PERIOD, AS_OF, waivers))
    units = set(site.admitted["org_unit"].table["org_id"].to_pylist())
    return {case: said for case, [said] in cases.items()}, waivers.warnings(site.ruleset.rules, units)


def test_a_waiver_of_a_case_covers_that_breach_alone(site: SiteLogs) -> None:
    plain, _ = judged(site)
    case = next(key for key, said in plain.items() if key[0] == "PW101" and said[0] == "breach")
    waived, warnings = judged(site, waiver(rule="PW101", case_id=case[1]))
    assert waived[case] == ("waived", *plain[case][1:3], "storm (Unit head → Supervisor)")
    assert {key: said for key, said in waived.items() if key != case} == {key: said for key, said in plain.items() if key != case}
    assert warnings == []


def test_a_waiver_of_a_unit_covers_all_its_breaches_of_the_rule_and_no_other_verdict(site: SiteLogs) -> None:
    plain, _ = judged(site)
    of_unit = {key: said for key, said in plain.items() if key[0] == "PW301" and said[2] == "S2"}
    assert {said[0] for said in of_unit.values()} >= {"breach", "compliant"}
    waived, warnings = judged(site, waiver(rule="PW301", unit="S2"))
    for key, said in plain.items():
        covered = key in of_unit and said[0] == "breach"
        assert waived[key][0] == ("waived" if covered else said[0])
    assert warnings == []


def test_a_waiver_of_case_and_unit_needs_both(site: SiteLogs) -> None:
    plain, _ = judged(site)
    case, said = next((key, said) for key, said in plain.items() if key[0] == "PW301" and said[0] == "breach" and said[2] == "S2")
    waived, warnings = judged(site, waiver(rule="PW301", case_id=case[1], unit="S4"))
    assert waived[case] == said
    assert len(warnings) == 1


def test_a_waiver_counts_from_the_first_second_of_its_first_day_to_the_last_of_its_last(site: SiteLogs) -> None:
    plain, _ = judged(site)
    case, said = next((key, said) for key, said in plain.items() if key[0] == "PW301" and said[0] == "breach")
    breach = datetime.fromisoformat(said[1])
    day, second = breach.date(), timedelta(seconds=1)
    spans = {
        (day, day): "waived",
        (day + timedelta(1), day + timedelta(9)): "breach",
        (day - timedelta(9), day - timedelta(1)): "breach",
        (breach, breach): "waived",
        (breach + second, breach + 2 * second): "breach",
        (breach - 2 * second, breach - second): "breach",
    }
    for (start, end), verdict in spans.items():
        found, warnings = judged(site, {**waiver(rule="PW301", case_id=case[1]), "from": start, "until": end})
        assert found[case][0] == verdict, (start, end)
        assert len(warnings) == (verdict == "breach")
        assert all("was not in force when the breach" in warning for warning in warnings)


def test_rules_on_rules_see_a_waived_breach(site: SiteLogs) -> None:
    """Orders with an overdue act must be followed up whether or not the breach was waived."""
    plain, _ = judged(site)
    waived, _ = judged(site, *(waiver(rule=rule, unit=unit) for rule in ("PW301", "PW308", "PW311") for unit in ("S2", "S4", "RC")))
    on_rules = {key: said for key, said in plain.items() if key[0] in ("PW312", "PW702", "PW703")}
    assert on_rules
    assert {key: said for key, said in waived.items() if key[0] in ("PW312", "PW702", "PW703")} == on_rules


def test_waived_breaches_do_not_spoil_a_clean_quarter(site: SiteLogs) -> None:
    plain, _ = judged(site)
    assert ("PW902", "S5") not in plain
    waived, _ = judged(site, *(waiver(rule=code, unit="S5") for code in site.ruleset.rules))
    assert waived["PW902", "S5"][0] == "merit"


WITHOUT_EFFECT = {
    "unknown rule": (waiver(rule="PW999", unit="S2"), "the rule PW999, which power95598 does not have"),
    "unknown unit": (waiver(rule="PW301", unit="nowhere"), "the unit nowhere, which is not on record"),
    "unknown case": (waiver(rule="PW301", case_id="nothing"), "covers no breach of this period"),
    "a rule of indicators or merits": (waiver(rule="PW901", unit="S2"), "covers no breach of this period"),
}


@pytest.mark.parametrize("kind", WITHOUT_EFFECT)
def test_a_waiver_without_effect_is_told(kind: str, site: SiteLogs) -> None:
    entry, says = WITHOUT_EFFECT[kind]
    found, warnings = judged(site, entry)
    assert found == judged(site)[0]
    assert [says in warning for warning in warnings] == [True]


MISTAKES = {
    "no rule": ({"rule": ""}, "has no rule"),
    "no reason": ({"reason": " "}, "has no reason"),
    "nobody asked": ({"asked_by": ""}, "has no asked_by"),
    "nobody granted": ({"granted_by": ""}, "has no granted_by"),
    "granted by who asked": ({"granted_by": "Unit head"}, "another person must grant it"),
    "granted by who asked, spelt otherwise": ({"granted_by": " unit HEAD "}, "another person must grant it"),
    "neither case nor unit": ({"case_id": None}, "neither a case_id nor a unit"),
    "no first day": ({"from": None}, "from is no date"),
    "no last day": ({"until": "2026"}, "until is no date"),
    "ends before it begins": ({"until": date(2025, 1, 1)}, "ends before it begins"),
    "a word that no waiver has": ({"because": "storm"}, "because is no part of a waiver"),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_waiver_that_cannot_hold_is_refused(mistake: str) -> None:
    change, says = MISTAKES[mistake]
    with pytest.raises(WaiverError, match=says):
        read({**waiver(rule="PW301", case_id="T1"), **change})


def configuration(folder: Path, database: Path, waivers: str) -> Path:
    path = folder / "site.toml"
    path.write_text(f'[rulesets.power95598.sources.logs]\nurl = "sqlite:///{database}"\n\n{waivers}', encoding="utf-8")
    return path


def audit(config: Path, out: Path) -> int:
    return run("audit", "--config", config, "--period", PERIOD, "--as-of", AS_OF, "--out", out, "--no-pdf", "--workers", "1")


def test_a_mistake_in_a_configuration_names_file_and_line(database: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = f"[[rulesets.power95598.waivers]]\nrule = 'PW301'\nunit = 'S2'\n{GRANTED.replace('storm', '')}"
    config = configuration(tmp_path, database, text)
    assert audit(config, tmp_path / "run") == 2
    assert f"{config}, line 4" in capsys.readouterr().err


def test_waived_breaches_are_published_counted_and_never_lower_a_score(
    database: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    entry = "[[rulesets.power95598.waivers]]\nrule = '{}'\nunit = '{}'\n" + GRANTED
    chance = random.Random(4)
    chosen = chance.sample([(rule, unit) for rule in ("PW301", "PW308", "PW311", "PW401", "PW501") for unit in ("S2", "S4", "RC")], 6)
    text = "\n".join(entry.format(*pair) for pair in (*chosen, ("PW301", "nowhere")))
    (tmp_path / "plain").mkdir()
    (tmp_path / "waived").mkdir()
    assert audit(configuration(tmp_path / "plain", database, ""), tmp_path / "plain" / "run") == 0
    assert audit(configuration(tmp_path / "waived", database, text), tmp_path / "waived" / "run") == 0
    said = capsys.readouterr().err
    assert "names the unit nowhere, which is not on record" in said
    plain, waived = (summary_of(tmp_path / name / "run")["rulesets"]["power95598"] for name in ("plain", "waived"))
    count = {name: sum(line[name] for line in waived["rules"].values()) for name in ("waived", "breach")}
    assert count["waived"] > 5
    assert count["waived"] + count["breach"] == sum(line["breach"] for line in plain["rules"].values())
    findings = [f for f in rows_of(tmp_path / "waived" / "run" / "findings.jsonl") if f["verdict"] == "waived"]
    assert len(findings) == count["waived"]
    assert {(f["points"], f["reason"]) for f in findings} == {(0, "storm (Unit head → Supervisor)")}
    assert all("storm" in f["message"]["en"] and f["breach_at"] for f in findings)
    before = {unit["org_id"]: unit for unit in plain["units"]}
    for unit in waived["units"]:
        old = before[unit["org_id"]]
        assert unit["judged"] == old["judged"]
        assert (unit["score"] or 0) >= (old["score"] or 0)
        assert unit["sheet"]["total"] >= old["sheet"]["total"]
