"""The functions of the roles are dated data: the ruleset's table, and a site's rows on top of it."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from auditor.errors import UsageError
from auditor.instants import DEFAULT_ZONE, from_iso
from auditor.judge import judge
from auditor.periods import parse_period
from auditor.rulebook import load_ruleset, with_site_rows
from auditor.rulebook.ruleset import RulesetError
from auditor.rulebook.tables import check_tables
from auditor.toml_source import read_toml
from auditor.vocabulary.questions import VERDICTS
from auditor.waivers import Waivers
from tests.rulesets.sheet_runner import InProcess, logs_of_rows

RULESET = load_ruleset("bank_cis")


def verdict(site: dict[str, Any], role: str, level: str | None, action: str, at: str = "2026-08-05T10:00:00") -> str:
    """What BK110 says of the action at the site."""
    account = {"user_id": "U1", "role": role, "level": level, "registered_at": "2020-01-01T00:00:00"}
    event = {"event_id": "E1", "at": at, "user_id": "U1", "action": action}
    rows = {"cis_user": [account], "access_event": [event]}
    logs = logs_of_rows(RULESET, rows, parse_period("2026"), from_iso("2026-11-20T09:00:00", DEFAULT_ZONE))  # type: ignore[arg-type]
    logs.data = with_site_rows(RULESET, site, None)
    judged = judge(RULESET, logs, Waivers(), InProcess(), only=["BK110"])[0]  # type: ignore[arg-type]
    assert judged.verdict is not None
    return VERDICTS[judged.verdict[0]]


def grants(role: str, *functions: str, start: date = date(2026, 8, 1), **levels: list[str]) -> dict[str, Any]:
    return {"functions": {"grant": [{"role": role, **levels, "values": [{"from": start, "functions": list(functions)}]}]}}


def test_a_site_widens_a_role_from_a_date_on() -> None:
    site = grants("credit_investigator", "export", "query_statistics")
    assert verdict({}, "credit_investigator", "branch", "query_statistics") == "breach"
    assert verdict(site, "credit_investigator", "branch", "query_statistics") == "compliant"
    assert verdict(site, "credit_investigator", "branch", "query_statistics", "2026-08-01T00:00:00") == "compliant"
    assert verdict(site, "credit_investigator", "branch", "query_statistics", "2026-07-31T23:59:59") == "breach"


def test_a_site_narrows_a_role() -> None:
    assert verdict({}, "data_entry", "branch", "modify_customer") == "compliant"
    assert verdict(grants("data_entry"), "data_entry", "branch", "modify_customer") == "breach"


def test_a_site_grants_to_one_level_and_a_blank_level_becomes_unclear() -> None:
    site = grants("leader", "export", levels=["province"])
    assert verdict(site, "leader", "province", "export") == "compliant"
    assert verdict(site, "leader", "branch", "export") == "breach"
    assert verdict({}, "leader", None, "export") == "breach"
    assert verdict(site, "leader", None, "export") == "indeterminate"
    assert verdict(site, "leader", "branch", "query_report") == "compliant"


def test_what_a_site_does_not_touch_stays() -> None:
    site = grants("leader", "export")
    assert verdict(site, "account_manager", "outlet", "create_service_record") == "compliant"
    assert verdict(site, "leader", "branch", "query_report") == "breach"


@pytest.mark.parametrize(
    ("grant", "names"),
    [
        ('{ role = "cashier", values = [{ from = 2026-08-01, functions = [] }] }', "the role 'cashier'"),
        ('{ role = "leader", levels = ["nation"], values = [{ from = 2026-08-01, functions = [] }] }', "the level 'nation'"),
        ('{ role = "leader", values = [{ from = 2026-08-01, functions = ["exprot"] }] }', "the action 'exprot'"),
        ('{ role = "leader", values = [] }', "leader: values lists at least one"),
        ('{ role = "leader", values = [{ functions = ["export"] }] }', "leader: values lists at least one"),
        ('{ role = "leader", values = [{ from = "2026-08-01", functions = ["export"] }] }', "leader: values lists at least one"),
    ],
)
def test_a_mistake_of_a_site_is_named_with_its_place(tmp_path: Path, grant: str, names: str) -> None:
    path = tmp_path / "site.toml"
    path.write_text(f"[tables.functions]\n\ngrant = [{grant}]\n", encoding="utf-8")
    source = read_toml(path)
    with pytest.raises(UsageError, match=r"line 3, tables\.functions\.grant\[1\]: row 1 of grant") as error:
        with_site_rows(RULESET, source.data["tables"], source, "tables")
    assert names in str(error.value)


def test_a_table_that_the_ruleset_does_not_have_is_named() -> None:
    with pytest.raises(UsageError, match="no table 'fonctions'.*it has functions"):
        with_site_rows(RULESET, {"fonctions": {}}, None)


def test_a_row_under_another_name_is_named() -> None:
    with pytest.raises(UsageError, match="functions: there is no grants"):
        with_site_rows(RULESET, {"functions": {"grants": []}}, None)


def test_a_ruleset_without_the_table_that_its_facts_read_is_refused() -> None:
    lacking = type(RULESET)(**{**{name: getattr(RULESET, name) for name in RULESET.__dataclass_fields__}, "tables": {}})
    with pytest.raises(RulesetError, match=r"functions\.toml: there is no such file"):
        check_tables(lacking)


def test_every_role_has_a_row_and_the_matrix_is_that_of_the_regulation() -> None:
    rows = RULESET.tables["functions"]["grant"]
    assert {row["role"] for row in rows} == set(RULESET.contract["cis_user"].field("role").codes)
    assert [row["clause"] for row in rows] == [f"10.({n})" for n in (8, 9, 9, 1, 1, 2, 3, 4, 5, 6, 7, 10, 11, 12)]
