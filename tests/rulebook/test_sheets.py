"""A sheet that says too little, or what its ruleset does not have, is refused with its file and line."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from auditor.rulebook import RulesetError, read_sheets, sheets_folder
from tests.rulebook.tiny import load_tiny, write_tiny

SHEET = """
[base]
org_unit = [{ org_id = "U1", kind = "service_center" }, { org_id = "U2" }]

[[case]]
rule = "TI105"
says = "no kind"
as_of = "2026-09-01T00:00:00"
case_id = "U1"
verdict = "breach"
liable = "U1"
[case.records]
org_unit = [{ org_id = "U1" }]
"""

MISTAKES = {
    "no sentence": ('says = "no kind"\n', "", "the case has no says"),
    "no as-of": ('as_of = "2026-09-01T00:00:00"\n', "", "the case has no as_of"),
    "unknown verdict": ('"breach"', '"guilty"', "'guilty' is no verdict"),
    "unknown rule": ('"TI105"', '"TI999"', "tiny has no rule TI999"),
    "a word that no case has": ("liable", "guilty", "guilty is no part of a case"),
    "unknown record": ("[case.records]\norg_unit", "[case.records]\norg_units", "'org_units' is no record that tiny reads"),
    "unknown field": ('[{ org_id = "U1" }]', '[{ org_id = "U1", sort = "x" }]', "org_unit has no field 'sort'"),
}


def folder_with(sheet: str, folder: Path) -> Path:
    write_tiny(folder)
    (folder / "sheets").mkdir()
    (folder / "sheets" / "chapter_1.toml").write_text(sheet, encoding="utf-8")
    return folder


def test_a_case_has_the_rows_of_its_file_and_its_own_in_place_of_those_of_one_key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ruleset = load_tiny(folder_with(SHEET, tmp_path / "tiny"), monkeypatch)
    assert sheets_folder(ruleset) == tmp_path / "tiny" / "sheets"
    [case] = read_sheets(ruleset)
    assert case.rows == {"org_unit": [{"org_id": "U2"}, {"org_id": "U1"}]}
    assert case.checked == {"liable": "U1"}
    assert case.period == "2026"


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_in_a_sheet_is_told_with_file_and_line(mistake: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    old, new, says = MISTAKES[mistake]
    assert old in SHEET
    ruleset = load_tiny(folder_with(SHEET.replace(old, new, 1), tmp_path / "tiny"), monkeypatch)
    with pytest.raises(RulesetError, match=rf"chapter_1\.toml, line 5.*{re.escape(says)}"):
        read_sheets(ruleset)


def test_a_sheet_changes_no_fingerprint(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with_sheet = load_tiny(folder_with(SHEET, tmp_path / "one" / "tiny"), monkeypatch).fingerprint
    assert load_tiny(write_tiny(tmp_path / "two" / "tiny"), monkeypatch).fingerprint == with_sheet
