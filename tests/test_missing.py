"""A site that lacks a table or a column: the rules that need it are not auditable, with the reason, and only those; and no audit fails."""

from __future__ import annotations

import dataclasses
import functools
import json
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from auditor import verdicts
from auditor.audit import Audited, Request, _publish, _Verdicts, publisher_of
from auditor.derive.logs import Logs
from auditor.instants import DEFAULT_ZONE, from_iso
from auditor.judge import Judged
from auditor.masking import Masker
from auditor.periods import parse_period
from auditor.rulebook import rulesets_available
from auditor.telling import Tellers
from auditor.waivers import Waivers
from tests.audits import AUDITS, sample_database
from tests.site_logs import SiteLogs, cases_of, read_site

RULESETS = tuple(rulesets_available())
PERIOD, AS_OF = AUDITS["year"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("samples")


@functools.cache
def site(ruleset: str, folder: Path) -> SiteLogs:
    return read_site(ruleset, sample_database(ruleset, "year", folder))


@functools.cache
def whole(ruleset: str, folder: Path) -> list[Judged]:
    return site(ruleset, folder).judge(PERIOD, AS_OF)


def without(full: SiteLogs, *lacks: str) -> SiteLogs:
    """The site without records (`ticket`) and columns (`ticket.org_id`)."""
    admitted, absent = dict(full.admitted), dict(full.absent)
    for lack in lacks:
        record, _, column = lack.partition(".")
        if column in ("", full.ruleset.contract[record].key.name):
            admitted.pop(record, None)
            absent[record] = f"there is no {lack}"
        else:
            kept = admitted[record]
            admitted[record] = dataclasses.replace(
                kept, table=kept.table.drop_columns([column]), missing={**kept.missing, column: f"there is no {lack}"}
            )
    return dataclasses.replace(full, admitted=admitted, absent=absent)


def not_auditable(judged: list[Judged]) -> dict[str, str]:
    return {one.rule.code: one.not_auditable for one in judged if one.not_auditable is not None}


def codes(text: str) -> set[str]:
    return set(text.split())


# Worked out from the regulations by hand: what a rule's population, clock, act and breach need, but not who is liable.
NEEDED = {
    ("power95598", "outage_change.notified_at"): "PW109 PW110 PW111 PW112",
    ("power95598", "outage"): "PW105 PW109 PW110",  # of PW111 and PW112 it tells the liable unit alone
    ("power95598", "org_unit"): "PW106 PW312 PW702 PW704 PW706 PW707 PW902",  # those that ask for a unit's kind
    ("power95598", "ticket.org_id"): "PW314",  # "by org_id" there; for all other orders it names the liable unit
    ("power95598", "ticket.arrived_at"): "PW308 PW309",  # PW312 and PW703 still have other rules to look at
    ("power95598", "ticket.area_type"): "PW308",
    ("power95598", "ticket_event"): "PW303 PW304 PW305 PW307 PW308 PW309 PW312 PW313 PW314 PW315 PW503 PW702 PW703",
    ("power95598", "ticket_event.reason"): "PW303",
    ("power95598", "grid_asset.reported_at"): "PW705",
    ("power95598", "hot_issue.own_remit"): "PW701",
    ("power95598", "duty_record"): "PW704",
    ("power95598", "staff"): "",
    ("heating", "contact_attempt"): "HT105",
    ("heating", "heat_stop.approved_at"): "HT301",
    ("heating", "heat_stop_posting"): "HT303 HT305 HT313",
    ("heating", "conduct_case.verified"): "HT501 HT503 HT504 HT505 HT506 HT507",
    ("heating", "ticket.severity"): "HT204 HT216",  # HT208 and HT215 have HT205 and HT206 left
    ("heating", "leak_repair.contractor"): "",
    ("heating", "leak_repair"): "HT214",
    ("insurance_brokerage", "claim.estimated_loss"): "IB301 IB302",
    ("insurance_brokerage", "score_sheet.base_fee"): "IB601",
    ("insurance_brokerage", "team_member"): "IB101 IB102",
    ("insurance_brokerage", "staff"): "IB102",
    ("csg_service", "rectification.due_at"): "GR105",
    ("csg_service", "service_kpi"): "GR305 GR306 GR308 GR902",  # GR306 looks at GR305 alone
    ("csg_service", "commendation"): "GR901",
    ("csg_service", "duty_record.items"): "GR103 GR202",
    ("insurance_brokerage", "duty_record.items"): "IB412",
    ("bank_cis", "access_event.terminal"): "BK503 BK505",
    ("bank_cis", "terminal_event"): "BK505",
    ("bank_cis", "access_event.seq"): "BK506 BK509",  # elsewhere it tells two events of one second apart, "none" being the last
    ("bank_cis", "access_event.session_id"): "BK503 BK504",
    ("bank_cis", "cis_user.level"): "BK110 BK201 BK211 BK214 BK216 BK403",
    ("bank_cis", "approval.approver_org_id"): "BK214 BK303",
    ("bank_cis", "customer_assignment.specialist_id"): "BK105 BK114 BK206",
    ("bank_cis", "staff"): "BK217 BK304 BK305 BK306 BK307 BK308",
    ("bank_cis", "customer_assignment"): "BK101 BK104 BK105 BK106 BK107 BK113 BK114 BK206 BK603",
    ("bank_cis", "cis_user.password_changed_at"): "BK502",
    ("bank_cis", "branch_golive"): "BK202 BK203 BK204 BK205 BK207 BK701 BK702 BK703 BK704 BK709",
    ("bank_cis", "incident.escalated_at"): "BK708",
    ("bank_cis", "approval"): "BK213 BK214 BK303",
}


@pytest.mark.parametrize(("ruleset", "lack"), NEEDED, ids=lambda value: value)
def test_only_the_rules_that_need_what_is_missing_are_not_auditable_and_say_why(ruleset: str, lack: str, folder: Path) -> None:
    judged = without(site(ruleset, folder), lack).judge(PERIOD, AS_OF)
    lost = not_auditable(judged)
    assert set(lost) == codes(NEEDED[ruleset, lack])
    assert all(f"there is no {lack}" in reason for reason in lost.values())
    # A rule on other rules, or on a clean quarter, sees fewer of their breaches; every other rule judges as before.
    touched = {one.rule.code for one in judged if set(one.rule.reasons_on) & set(lost)} | set(lost)
    shown = [
        {case: said[0][0] for case, said in cases_of(found).items() if case[0] not in touched} for found in (judged, whole(ruleset, folder))
    ]
    assert shown[0] == shown[1]


def test_a_site_without_any_table_is_audited_and_no_rule_is_auditable(folder: Path) -> None:
    for ruleset in RULESETS:
        full = site(ruleset, folder)
        judged = without(full, *full.admitted).judge(PERIOD, AS_OF)
        assert {one.rule.code for one in judged} == set(not_auditable(judged)) == set(full.ruleset.rules)


class NoFolder:
    """Takes what a run writes and keeps the lines."""

    def __init__(self) -> None:
        self.lines: dict[str, list[Any]] = {}

    def write_lines(self, name: str, values: Iterable[Any]) -> None:
        self.lines[name] = list(values)

    def write(self, name: str, pieces: Iterable[bytes]) -> None:
        self.lines[name] = [json.loads(line) for line in b"".join(pieces).splitlines()]

    @contextmanager
    def table(self, name: str, schema: pa.Schema, repeating: Collection[str]) -> Iterator[Callable[[pa.Table], None]]:
        parts = [schema.empty_table()]
        yield lambda part: parts.append(part.cast(schema))
        self.lines[name] = pa.concat_tables(parts).to_pylist()

    def write_json(self, name: str, value: Any) -> None:
        self.lines[name] = [value]


def published(lacking: SiteLogs, folder: Path) -> tuple[Logs, dict[str, list[Any]]]:
    """Everything that a run on these logs writes."""
    request = Request([lacking.source], parse_period(PERIOD), from_iso(AS_OF, DEFAULT_ZONE), Path(), Masker(b"0123456789abcdef"))
    logs = lacking.logs(PERIOD, AS_OF)
    written = NoFolder()
    with Tellers(folder, 1) as tellers, written.table("verdicts.parquet", verdicts.schema("UTC"), ()) as write:
        telling = tellers.telling(publisher_of(lacking.ruleset, logs, lacking.admitted, request))
        judged, tables = lacking.judge_logs(logs), _Verdicts(telling, request, sorted(lacking.ruleset.rules), write)
        for one in judged:
            tables.add(one)
        audited = Audited(lacking.ruleset, logs, lacking.admitted, lacking.refusals, judged, tables.scores, telling, Waivers(), {})
        _publish([audited], {}, request, written)  # type: ignore[arg-type]
    return logs, written.lines


def trimmed(full: SiteLogs, rows: int) -> SiteLogs:
    """The first rows of every record."""
    return dataclasses.replace(
        full, admitted={name: dataclasses.replace(a, table=a.table.slice(0, rows)) for name, a in full.admitted.items()}
    )


@pytest.mark.parametrize("ruleset", RULESETS)
def test_any_single_column_may_be_missing_and_the_run_still_tells_everything(ruleset: str, folder: Path, tmp_path: Path) -> None:
    few = trimmed(site(ruleset, folder), 8)
    logs, _ = published(few, tmp_path)
    # Whatever column a run does not look at may be missing without anybody noticing.
    read = [f"{name}.{column}" for name, a in few.admitted.items() for column in a.table.column_names if column in logs[name].own]
    assert len(read) > 40
    lost: dict[str, int] = {}
    for lack in read:
        _, written = published(without(few, lack), tmp_path)
        [summary] = written["summary.json"]
        rules = summary["rulesets"][ruleset]["rules"]
        assert set(rules) == set(few.ruleset.rules)
        reasons = [line["not_auditable"] for line in rules.values() if line["not_auditable"]]
        assert all(f"there is no {lack}" in reason for reason in reasons), lack
        lost[lack] = len(reasons)
    assert sum(n > 0 for n in lost.values()) > len(read) / 2
