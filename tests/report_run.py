"""Builds the folder of a finished run for the tests of the report, and for its benchmark: no audit needed.

Two rulesets with the regulations' own words, every kind of verdict, hostile text where a database may hold some.
The same arguments make the same bytes.
"""

from __future__ import annotations

import json
import random
import tomllib
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from auditor.score import ScoringModel
from tests.scored import score

ROOT = Path(__file__).parents[1]
LANGUAGES = ("zh-Hant", "zh-Hans", "en")
LOCAL = timezone(timedelta(hours=8))
HOSTILE = ("<script>alert(1)</script>所", "{{ 7 * 7 }} & <b>Co</b>", "=1+1", "W" * 90, "\u202eevil\u0007\u0000所", "龍\U000e0001𠮷所")

# code, name, clause, severity, kind, record, parameters, limit in seconds (None: no time limit; "working_day": n)
RULES: dict[str, list[tuple[str, str, str, str, str, str, list[str]]]] = {
    "power95598": [
        ("PW101", "late-planned-notice", "2.1.(1)", "major", "deadline", "outage_notice", ["planned_notice"]),
        ("PW105", "unannounced-outage", "2.1.(1)", "critical", "deadline", "outage", []),
        ("PW107", "incomplete-notice", "2.1.(2)", "minor", "content", "outage_notice", []),
        ("PW110", "late-restoration-unreported", "2.1.(4)", "major", "deadline", "outage", ["change_notice"]),
        ("PW112", "change-users-not-told", "2.1.(4)", "major", "content", "outage_change", []),
        ("PW201", "late-customer-contact", "2.2", "major", "deadline", "ticket", ["contact_limit"]),
        ("PW301", "late-acceptance", "2.3.(5)", "minor", "deadline", "ticket", ["accept_limit"]),
        ("PW305", "wrong-return", "2.3.(2)", "major", "forbidden", "ticket_event", []),
        ("PW307", "left-before-handover", "2.3.(3)", "critical", "forbidden", "ticket", []),
        ("PW308", "late-arrival", "2.3.(4)", "major", "deadline", "ticket", ["arrival_urban"]),
        ("PW311", "repair-not-fed-back", "2.3.(5)", "minor", "deadline", "ticket", ["repair_feedback"]),
        ("PW313", "late-dispatch", "4.2.(1)", "minor", "deadline", "ticket", ["dispatch_limit"]),
        ("PW401", "unanswered-complaint", "2.4.(1)", "critical", "deadline", "ticket", ["complaint_limit"]),
        ("PW501", "late-inquiry", "2.5.(1)", "major", "deadline", "ticket", ["inquiry_limit"]),
        ("PW706", "unreviewed-publication", "4.1.(5)", "major", "forbidden", "publication", []),
        ("PW901", "customer-praise", "1", "merit", "merit", "ticket", []),
    ],
    "heating": [
        ("HT101", "late-acceptance", "12", "minor", "deadline", "ticket", ["accept_limit"]),
        ("HT104", "return-without-consent", "13.4.3", "major", "forbidden", "ticket_event", []),
        ("HT201", "late-arrival-routine", "13.3.1", "major", "deadline", "ticket", ["routine_arrival"]),
        ("HT105", "phone-unreachable", "12", "major", "forbidden", "contact_attempt", []),
        ("HT109", "contractor-not-urged", "17", "minor", "deadline", "ticket", []),
    ],
}
PARAMETERS: dict[str, tuple[float, str, str]] = {
    "planned_notice": (7, "d", "clause"),
    "change_notice": (1, "h", "clause"),
    "contact_limit": (3, "working_day", "clause"),
    "accept_limit": (5, "min", "clause"),
    "arrival_urban": (45, "min", "site"),
    "repair_feedback": (24, "h", "site"),
    "dispatch_limit": (10, "min", "site"),
    "complaint_limit": (7, "working_day", "site"),
    "inquiry_limit": (3, "working_day", "clause"),
    "routine_arrival": (60, "min", "clause"),
}
SECONDS = {"min": 60, "h": 3600, "d": 86400}
UNITS = [
    ("D01", "調度室", "dispatch"),
    ("M01", "營銷科", "marketing"),
    ("K01", "客戶服務中心", "service_center"),
    ("R01", "搶修中心", "repair_center"),
    *[
        (f"S{i:02}", f"{name}供電所", "supply_station")
        for i, name in enumerate(("玉城", "坎門", "大麥嶼", "清港", "楚門", "沙門", "蘆浦", "海山"), 1)
    ],
]
INDETERMINATE = ("planned_off_at", "calendar 2027", "jurisdiction", "engine")


def make_run(
    folder: Path,
    *,
    findings: int = 420,
    units: int = 12,
    seed: int = 7,
    rulesets: tuple[str, ...] = ("power95598", "heating"),
    hostile: bool = True,
    period: str = "2026Q3",
    as_of: str = "2026-10-12T00:00:00+08:00",
    open_until: str | None = "2026-10-21T23:59:59+08:00",
) -> Path:
    """Write the folder of a run with about `findings` breaches and a fifth of other findings; return it."""
    folder.mkdir(parents=True, exist_ok=True)
    rng = random.Random(seed)
    until = datetime.fromisoformat(as_of)
    all_findings: list[dict[str, Any]] = []
    verdict_rows: list[dict[str, Any]] = []
    summary: dict[str, Any] = {"period": period, "as_of": as_of, "rulesets": {}}
    regulations: dict[str, Any] = {}
    quarantine: list[dict[str, Any]] = []
    for position, ruleset in enumerate(rulesets):
        share = findings * (4 if ruleset == "power95598" else 1) // (5 if len(rulesets) > 1 else 4 + (position == 0))
        org_units = _units(units, hostile)
        cases = _cases(ruleset, share if len(rulesets) > 1 else findings, org_units, rng, until)
        all_findings += [c["finding"] for c in cases if c["finding"]]
        rows = [c["row"] | {"ruleset": ruleset} for c in cases]
        verdict_rows += rows
        summary["rulesets"][ruleset] = _summary(ruleset, cases, org_units)
        regulations[ruleset] = _regulation(ruleset, org_units, open_until, cases)
        quarantine += [
            {
                "ruleset": ruleset,
                "source": "crm",
                "record": "ticket",
                "key": f"T9{i:04}",
                "field": field,
                "value": "(hidden)",
                "reason": reason,
            }
            for i, (field, reason) in enumerate(
                [
                    ("category", "unknown code"),
                    ("received_at", "unreadable time"),
                    ("category", "unknown code"),
                    ("ticket_id", "duplicate key"),
                ]
            )
        ]
    all_findings.sort(key=lambda f: (f["ruleset"], f["rule"], f["case_id"]))
    verdict_rows.sort(key=lambda r: (r["ruleset"], r["rule"], r["case_id"]))
    _write_lines(folder / "findings.jsonl", all_findings)
    _write_lines(folder / "quarantine.jsonl", quarantine)
    _write(folder / "summary.json", summary)
    _write(folder / "regulations.json", regulations)
    _write_verdicts(folder / "verdicts.parquet", verdict_rows)
    _write(
        folder / "manifest.json",
        {
            "program": {"name": "auditor", "version": "0.1.0"},
            "read_at": as_of,
            "masking": {"on": True, "unmasked": None, "own_key": False},
            "audited": "玉環供電局 & Co",
        },
    )
    return folder


def _units(count: int, hostile: bool) -> dict[str, dict[str, Any]]:
    listed = list(UNITS[:count]) + [(f"X{i:02}", f"第{i}供電所", "supply_station") for i in range(count - len(UNITS))]
    if hostile:
        for offset, name in enumerate(HOSTILE[: max(0, count - 5)]):
            org_id, _, kind = listed[5 + offset]
            listed[5 + offset] = (org_id, name, kind)
    return {org_id: {"name": name, "kind": kind} for org_id, name, kind in listed}


def _words(ruleset: str, lang: str) -> dict[str, Any]:
    folder = ROOT / "rulesets" / ruleset / "wording"
    for name in (lang, "zh-Hant" if lang.startswith("zh") else "en", "en"):
        if (folder / f"{name}.toml").exists():
            return tomllib.loads((folder / f"{name}.toml").read_text("utf-8"))
    raise FileNotFoundError(folder)


def _in_languages(ruleset: str, *path: str) -> dict[str, str] | None:
    texts = {}
    for lang in LANGUAGES:
        value: Any = _words(ruleset, lang)
        for key in path:
            value = value.get(key) if isinstance(value, dict) else None
        if value is not None:
            texts[lang] = value
    return texts or None


def _cases(ruleset: str, breaches: int, org_units: dict[str, Any], rng: random.Random, as_of: datetime) -> list[dict[str, Any]]:
    orgs = list(org_units)
    clean = set(orgs[-2:])
    rules = RULES[ruleset]
    weights = [1 + 9 * (i % 3 == 0) for i in range(len(rules))]
    cases = []
    for number in range(breaches * 6):
        verdict = (
            "breach"
            if number < breaches
            else rng.choices(("compliant", "pending", "indeterminate", "waived", "indicator", "merit"), (82, 6, 5, 2, 2, 3))[0]
        )
        if verdict == "merit":
            rule = rules[-1] if rules[-1][4] == "merit" else rules[0]
            verdict = "merit" if rule[4] == "merit" else "compliant"
        else:
            rule = rng.choices([r for r in rules if r[4] != "merit"], weights[: len([r for r in rules if r[4] != "merit"])])[0]
        org: str | None = rng.choices(orgs, [1 + 12 / (1 + i) for i in range(len(orgs))])[0]
        if verdict == "breach" and org in clean:
            org = orgs[0]
        cases.append(_case(ruleset, rule, number, verdict, org, rng, as_of))
    return cases


def _case(
    ruleset: str,
    rule: tuple[str, str, str, str, str, str, list[str]],
    number: int,
    verdict: str,
    org: str | None,
    rng: random.Random,
    as_of: datetime,
) -> dict[str, Any]:
    code, name, clause, severity, kind, record, parameters = rule
    case_id = f"{record[0].upper()}{number:06}"
    subject = f"T{number % max(50, number // 2 + 1):06}"
    start = as_of - timedelta(days=rng.randint(20, 100), seconds=rng.randint(0, 86399))
    value, unit, _ = PARAMETERS[parameters[0]] if parameters else (0.0, "h", "clause")
    not_counted: list[str] = []
    if unit == "working_day":
        due = start
        left = int(value)
        while left:
            due += timedelta(days=1)
            if due.weekday() >= 5:
                not_counted.append(due.date().isoformat())
            else:
                left -= 1
        due = due.replace(hour=23, minute=59, second=59)
    else:
        due = start + timedelta(seconds=value * SECONDS[unit])
    has_due = kind == "deadline"
    done = due + timedelta(seconds=rng.choice((1, 40, 600, 5000, 90000, 400000)) * rng.randint(1, 3)) if rng.random() < 0.7 else None
    if verdict in ("compliant", "pending", "merit"):
        done = due - timedelta(seconds=60)
    contractor = "宏達 <i>建設</i> & 有限公司" if ruleset == "heating" and code == "HT109" and number % 2 else None
    nobody = contractor is not None or number % 41 == 0
    liable = None if nobody else org
    staff = None if nobody or number % 3 else f"P{org}-{number % 4}"
    reason = {"indeterminate": INDETERMINATE[number % 4], "waived": "W2026-03"}.get(verdict)
    shown = verdict if verdict in ("indicator", "merit") else severity
    row = {
        "rule": code,
        "case_id": case_id,
        "verdict": verdict,
        "counted_at": due.astimezone(UTC),
        "due_at": due.astimezone(UTC) if has_due else None,
        "done_at": done.astimezone(UTC) if done else None,
        "liable_org": liable,
        "liable_staff": staff,
        "liable_party": contractor,
        "subject": subject,
        "reason": reason,
        "severity": shown,
        "finding_id": None,
    }
    if verdict in ("compliant", "pending"):
        return {"row": row, "finding": None}
    finding_id = f"{code.lower()}-{number:08x}"
    row["finding_id"] = finding_id
    overdue = int(((done or as_of) - due).total_seconds()) if has_due and verdict in ("breach", "waived") else None
    model = ScoringModel()
    when = due.astimezone(LOCAL).isoformat(timespec="seconds")
    finding = {
        "finding_id": finding_id,
        "ruleset": ruleset,
        "rule": code,
        "name": name,
        "clause": clause,
        "case_id": case_id,
        "subject": subject,
        "verdict": verdict,
        "severity": shown,
        "reason": reason,
        "points": model.points(verdict, shown),
        "counted_at": when,
        "breach_at": None if verdict == "indeterminate" else when,
        "due_at": when if has_due else None,
        "done_at": done.astimezone(LOCAL).isoformat(timespec="seconds") if done else None,
        "overdue_seconds": overdue,
        "liable_org": liable,
        "liable_staff": staff,
        "liable_party": contractor,
        "parameters": {
            p: {"value": PARAMETERS[p][0], "unit": PARAMETERS[p][1], "in_force_from": "2026-01-01", "basis": PARAMETERS[p][2]}
            for p in parameters
        },
        "facts": {
            "start_at": start.astimezone(LOCAL).isoformat(timespec="seconds"),
            "area_type": "urban",
            "customer_id": "C-7F3K9Q2MZX4P",
            "opinion": "(blank)",
        },
        "clock": {"start": "start_at", "start_at": start.astimezone(LOCAL).isoformat(timespec="seconds"), "not_counted": not_counted}
        if has_due and parameters
        else None,
        "evidence": [{"source": "crm", "table": record, "key": case_id, "digest": f"{number:064x}"}],
        "message": {
            "zh-Hant": f"{record} {case_id}應於{when[:16].replace('T', ' ')}前辦結，"
            + ("實際逾期辦理。" if done else "截至稽核時仍未辦理。"),
            "zh-Hans": f"{record} {case_id}应于{when[:16].replace('T', ' ')}前办结，"
            + ("实际逾期办理。" if done else "截至稽核时仍未办理。"),
            "en": f"{record} {case_id} was due {when[:16].replace('T', ' ')} and was " + ("done late." if done else "not done by as-of."),
        },
    }
    return {"row": row, "finding": finding}


def _summary(ruleset: str, cases: list[dict[str, Any]], org_units: dict[str, Any]) -> dict[str, Any]:
    kinds = ("compliant", "breach", "pending", "indeterminate", "waived", "indicator", "merit")
    rules: dict[str, Any] = {}
    for code, *_ in RULES[ruleset]:
        counts = {k: sum(c["row"]["rule"] == code and c["row"]["verdict"] == k for c in cases) for k in kinds}
        rules[code] = {"population": sum(counts.values())} | counts | {"not_auditable": None}
    absent = {"power95598": ("PW703", "ticket_event.action: no column"), "heating": ("HT106", "duty_roster_change: no table")}[ruleset]
    rules[absent[0]] = {"population": 0} | dict.fromkeys(kinds, 0) | {"not_auditable": absent[1]}
    table = pa.table(
        {
            c: pa.array([case["row"][c] for case in cases], pa.string())
            for c in ("rule", "case_id", "finding_id", "verdict", "severity", "subject", "liable_org", "liable_staff", "liable_party")
        }
    )
    scored = score(table, {o: (u["name"], u["kind"]) for o, u in org_units.items()})
    return {
        "rules": dict(sorted(rules.items())),
        **scored,
        "rows": {"ticket": 5230, "ticket_event": 18004, "org_unit": len(org_units)},
        "quarantined": {"ticket": 4},
    }


def _regulation(ruleset: str, org_units: dict[str, Any], open_until: str | None, cases: list[dict[str, Any]]) -> dict[str, Any]:
    used = {p for r in RULES[ruleset] for p in r[6]}
    clauses = []
    for number, words in _words(ruleset, "en")["clauses"].items():
        codes = [r[0] for r in RULES[ruleset] if r[2] == number]
        clauses.append(
            {
                "number": number,
                "coverage": "by_rule" if codes else "by_hand" if "check" in words else "no_duty",
                "rules": codes,
                "summary": _in_languages(ruleset, "clauses", number, "summary"),
                "check": _in_languages(ruleset, "clauses", number, "check"),
            }
        )
    absent = {"power95598": ("PW703", "overdue-not-escalated", "4.2.(3)"), "heating": ("HT106", "roster-change-not-told", "12")}[ruleset]
    rules = {}
    for code, name, clause, severity, kind, record, parameters in [*RULES[ruleset], (*absent, "major", "deadline", "ticket", [])]:
        rules[code] = {
            "name": name,
            "clause": clause,
            "severity": severity,
            "kind": kind,
            "record": record,
            "parameters": parameters,
            "limit": None,
        }
        rules[code] |= {key: _in_languages(ruleset, "rules", code, key) for key in ("title", "duty", "deed", "effect", "remedy")}
    breaches = sum(c["row"]["verdict"] == "breach" for c in cases)
    return {
        "title": _in_languages(ruleset, "regulation", "title"),
        "short": _in_languages(ruleset, "regulation", "short"),
        "issuer": _in_languages(ruleset, "regulation", "issuer"),
        "version": "2010 (trial)",
        "in_force_from": "2010-01-01",
        "in_force_to": None,
        "clauses": clauses,
        "rules": rules,
        "parameters": [
            {
                "name": p,
                "unit": PARAMETERS[p][1],
                "value": PARAMETERS[p][0],
                "in_force_from": "2026-01-01",
                "basis": PARAMETERS[p][2],
                "overridden": p == "arrival_urban",
                "rules": [r[0] for r in RULES[ruleset] if p in r[6]],
            }
            for p in sorted(used)
        ],
        "org_units": org_units,
        "waivers": [
            {
                "id": "W2026-03",
                "rule": RULES[ruleset][0][0],
                "case_id": None,
                "unit": "S01",
                "reason": "颱風 <b>「海葵」</b>應急響應期間",
                "asked_by": "P001",
                "granted_by": "P002",
                "from": "2026-08-01",
                "until": "2026-08-10",
            }
        ],
        "sources": {"crm": {"dialect": "postgresql", "tables": {"ticket": "crm.work_order", "ticket_event": "crm.work_order_log"}}},
        "data": {
            "rows_read": {"ticket": 5234, "ticket_event": 18004, "org_unit": len(org_units)},
            "use": {
                "ticket": {"judged": 4100, "looked_up": 1120, "later": 10, "refused": 4},
                "ticket_event": {"judged": 0, "looked_up": 18004, "later": 0, "refused": 0},
                "org_unit": {"judged": 0, "looked_up": len(org_units), "later": 0, "refused": 0},
            },
            "admitted": {"ticket": 5230, "ticket_event": 18004, "org_unit": len(org_units)},
            "quarantined": {"ticket": {"unknown code": 2, "unreadable time": 1, "duplicate key": 1}},
            "null_rates": {
                "ticket": {"accepted_at": "312/5230", "jurisdiction": "1800/5230", "category": "0/5230"},
                "ticket_event": {"reason": "9000/18004"},
            },
        },
        "calendar": {"version": "CN 2004-2026", "years": [2004, 2026]},
        "open_until": open_until,
        "tables": [
            {
                "title": {"zh-Hant": "各中心服務費核對", "zh-Hans": "各中心服务费核对", "en": "Service fees checked, by centre"},
                "columns": [
                    {"zh-Hant": a, "zh-Hans": b, "en": c}
                    for a, b, c in (
                        ("中心", "中心", "Centre"),
                        ("得分", "得分", "Score"),
                        ("應付（元）", "应付（元）", "Due (yuan)"),
                        ("差額（元）", "差额（元）", "Difference (yuan)"),
                    )
                ],
                "rows": [["城區", "92", "10000.00", "0.00"], ["=1+1", "75", "8000.00", "-1200.00"]],
                "note": {
                    "zh-Hant": f"共{breaches}件違規之外另列。",
                    "zh-Hans": f"共{breaches}件违规之外另列。",
                    "en": f"Beside the {breaches} breaches.",
                },
            }
        ]
        if ruleset == "heating"
        else [],
    }


def _write(path: Path, value: Any) -> None:
    path.write_text(json.dumps(value, ensure_ascii=False, indent=1, sort_keys=True) + "\n", "utf-8")


def _write_lines(path: Path, rows: list[dict[str, Any]]) -> None:
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), "utf-8")


def _write_verdicts(path: Path, rows: list[dict[str, Any]]) -> None:
    text, time = pa.string(), pa.timestamp("s", "UTC")
    columns = {
        "ruleset": text, "rule": text, "case_id": text, "verdict": text, "counted_at": time, "due_at": time, "done_at": time,
        "liable_org": text, "liable_staff": text, "liable_party": text, "subject": text, "reason": text,
    }  # fmt: skip
    pq.write_table(pa.table({name: pa.array([r[name] for r in rows], kind) for name, kind in columns.items()}), path)
