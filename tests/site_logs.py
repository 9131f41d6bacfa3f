"""The logs of a sample database as the stages between load and findings see them, for tests that judge without leaving a folder."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa

from auditor.audit import Input, admit
from auditor.derive.logs import Logs
from auditor.instants import DEFAULT_ZONE, from_iso, to_iso
from auditor.judge import Judged, judge
from auditor.load import open_source, read_record
from auditor.periods import parse_period
from auditor.rulebook import Ruleset, load_ruleset
from auditor.validate import Admitted
from auditor.vocabulary.questions import VERDICTS
from auditor.waivers import Waivers
from tests.rulesets.sheet_runner import InProcess, own_calendar, own_parameters

Case = tuple[str, str]
Found = tuple[str, str, str | None, str | None]


@dataclass(frozen=True)
class SiteLogs:
    """The admitted records of one database, to be judged at any period and as-of."""

    ruleset: Ruleset
    source: Input
    admitted: dict[str, Admitted]
    absent: dict[str, str]
    refusals: pa.Table

    def logs(self, period: str, as_of: str) -> Logs:
        """As `auditor.audit.logs_of` gives them; parameters and calendar are read once."""
        ruleset = self.ruleset
        return Logs(
            self.admitted,
            contract=ruleset.contract,
            absent=self.absent,
            facts=ruleset.facts,
            parameters=own_parameters(ruleset.folder),
            calendar=own_calendar(),
            period=parse_period(period),
            as_of=from_iso(as_of, DEFAULT_ZONE),
            zone=DEFAULT_ZONE,
            data=ruleset.tables,
        )

    def judge(self, period: str, as_of: str, waivers: Waivers | None = None) -> list[Judged]:
        return self.judge_logs(self.logs(period, as_of), waivers)

    def judge_logs(self, logs: Logs, waivers: Waivers | None = None) -> list[Judged]:
        return judge(self.ruleset, logs, waivers or Waivers(), InProcess())  # type: ignore[arg-type]


def read_site(ruleset: str, database: Path) -> SiteLogs:
    loaded = load_ruleset(ruleset)
    source = open_source(f"sqlite:///{database}")

    def read(contract, names) -> Iterator[object]:  # type: ignore[no-untyped-def]
        for name in names:
            yield read_record(source, contract[name])

    given = Input(ruleset, read, {})  # type: ignore[arg-type]
    admitted, absent, refusals = admit(given, loaded, DEFAULT_ZONE)
    source.close()
    return SiteLogs(loaded, given, admitted, absent, refusals)


def cases_of(judged: list[Judged]) -> dict[Case, list[Found]]:
    """(rule, case id) → verdict, counted_at, liable unit and reason; a list, so that a case that stands twice shows."""
    found: dict[Case, list[Found]] = {}
    for one in judged:
        if one.cases is None or one.verdict is None:
            continue
        ids, org = np.asarray(one.cases.case_ids(), object), np.asarray(one.org, object)
        for i in range(one.size):
            said = (
                VERDICTS[one.verdict[i]],
                str(to_iso(int(one.cases.counted_at[i]), DEFAULT_ZONE)),
                org[i] if isinstance(org[i], str) else None,
                one.reason[i],
            )
            found.setdefault((one.rule.code, ids[i]), []).append(said)
    return found
