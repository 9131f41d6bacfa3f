"""A ruleset of five rules, written to a folder, for tests that break it in one place."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from auditor.rulebook import Ruleset, loader, locate

INIT = '''"""A regulation of two clauses and a half."""

from datetime import date

from auditor.vocabulary import Regulation

REGULATION = Regulation(name="tiny", version="1", in_force_from=date(2026, 1, 1), reads=("org_unit", "ticket", "duty_record"))
'''

CHAPTER = '''"""Chapter 1."""

from auditor.vocabulary import MAJOR, MINOR, MONTH, Content, Deadline, Duty, Forbidden, State, blank, holds, m, present
from auditor.vocabulary import after, after_period, before, unit, units

RESPONSIBLE = unit("org_id")

TI101 = Deadline(
    code="TI101",
    name="late-reply",
    clause="1.(1)",
    severity=MAJOR,
    record="ticket",
    population=m.category == "complaint",
    act="fed_back_at",
    due=after("received_at", "reply_limit"),
    liable=RESPONSIBLE,
)
TI102 = Content(
    code="TI102",
    name="no-opinion",
    clause="1.(2)",
    severity=MINOR,
    record="ticket",
    at="closed_at",
    fields=("opinion",),
    liable=RESPONSIBLE,
)
TI103 = Forbidden(
    code="TI103",
    name="closed-early",
    clause="1.(1)",
    severity=MINOR,
    record="ticket",
    unknown={"level": blank.level},
    at="closed_at",
    broken=holds.closed_early & (m.level == "major"),
    liable=RESPONSIBLE,
    shows=("handled_at",),
    cites=("unit",),
    reasons_on=("TI101",),
)
TI104 = Duty(
    code="TI104",
    name="no-report",
    clause="2",
    severity=MINOR,
    duty="monthly_report",
    obliged=units("service_center"),
    every=MONTH,
    due=after_period("report_days"),
    liable=RESPONSIBLE,
)
TI105 = State(code="TI105", name="no-kind", clause="2", severity=MINOR, record="org_unit", broken=blank.kind, liable=RESPONSIBLE)
'''

FACTS = '''"""Facts."""

import numpy as np

from auditor.derive import FactBook, rows_of

FACTS = FactBook()


@FACTS.fact("ticket")
def closed_early(tickets):
    """Closed before it was answered."""
    return tickets["closed_at"] < tickets["fed_back_at"]


@FACTS.row("ticket", of="org_unit")
def unit(tickets):
    """The unit responsible."""
    return rows_of(tickets, "org_id", "org_unit")
'''

CLAUSES = """
[[clause]]
number = "1.(1)"
coverage = "by_rule"

[[clause]]
number = "1.(2)"
coverage = "by_rule"

[[clause]]
number = "2"
coverage = "by_rule"

[[clause]]
number = "3"
coverage = "by_hand"
"""

PARAMETERS = """
[reply_limit]
unit = "working_day"
basis = "clause"
clause = "1.(1)"
values = [{ from = 2026-01-01, value = 7 }]

[report_days]
unit = "d"
basis = "site"
values = [{ from = 2026-01-01, value = 10 }]

[duty_tenure]
unit = "d"
basis = "site"
values = [{ from = 2026-01-01, value = 90 }]
"""

WORDING = """
[regulation]
title = "Rules"
issuer = "Office"
short = "Rules"

[clauses."1.(1)"]
summary = "Reply in time."
[clauses."1.(2)"]
summary = "Say an opinion."
[clauses."2"]
summary = "Report every month."
[clauses."3"]
summary = "Be kind."
check = "Listen to calls."

[parameters.reply_limit]
name = "limit of a reply"
[parameters.report_days]
name = "days of a report"
[parameters.duty_tenure]
name = "tenure"

[facts.closed_early]
name = "closed early"
[facts.level]
name = "level"

[rules.TI101]
title = "Late reply"
duty = "reply"
effect = "Waits."
remedy = "Reply."
breach = "{unit} was to {duty} by {due}: {fed_back_at}"
[rules.TI102]
title = "No opinion"
duty = "say an opinion"
effect = "Unclear."
remedy = "Say it."
[rules.TI103]
title = "Closed early"
deed = "closed {case} early"
effect = "Unclear."
remedy = "Wait."
breach = "{unit} closed {case} at {closed_at}, handled {handled_at}"
[rules.TI104]
title = "No report"
duty = "report"
effect = "Blind."
remedy = "Report."
[rules.TI105]
title = "No kind"
deed = "has no kind"
effect = "Unclear."
remedy = "Name it."
"""

RECORDS = """
[visit]
visit_id = "id*"
at = "time* event"
"""

FILES = {
    "__init__.py": INIT,
    "chapter_1.py": CHAPTER,
    "facts.py": FACTS,
    "clauses.toml": CLAUSES,
    "parameters.toml": PARAMETERS,
    "records.toml": RECORDS,
    **{f"wording/{language}.toml": WORDING for language in ("zh-Hant", "zh-Hans", "en")},
}


def write_tiny(folder: Path, **changed: tuple[str, str]) -> Path:
    """The ruleset's folder; `changed`: a file's name (chapter_1, facts, en) → the text to replace in it, and by what."""
    for name, text in FILES.items():
        path = folder / name
        old, new = changed.pop(path.stem, ("", ""))
        assert text.count(old) or not old, f"{name} has no {old!r}"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text.replace(old, new, 1) if old else text + new, encoding="utf-8")
    assert not changed, f"there is no file {', '.join(changed)}"
    return folder


def load_tiny(folder: Path, patch: pytest.MonkeyPatch, name: str = "tiny") -> Ruleset:
    """Loads the folder as the one ruleset that there is."""
    for module in [module for module in sys.modules if module.startswith(f"auditor.rulesets.{name}")]:
        del sys.modules[module]
    for place in (loader, locate):
        patch.setattr(place, "rulesets_available", lambda: {name: folder})
    patch.setattr(loader, "_LOADED", {})
    return loader.load_ruleset(name)
