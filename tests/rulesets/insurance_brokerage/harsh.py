"""Random rows of the brokerage's records."""

from __future__ import annotations

from datetime import timedelta
from random import Random

from tests.rulesets.harsh_rows import Harsh
from tests.rulesets.plain_logs import Row, Rows, day_start, instant, month_of_label, spans

SANCTIONS = ("warning", "demerit", "demotion", "pay_cut", "transfer", "dismissal", None, " ")
DUTIES = (
    "claims_tracking",
    "claims_phone_sample",
    "motor_list_review",
    "monthly_assessment",
    "monthly_plan_and_summary",
    "fee_ledger",
    "annual_assessment",
    "on_site_inspection",
    "experience_exchange",
    "risk_brief",
    "insurance_brief",
    "half_year_report",
    "annual_report",
    "feedback_analysis",
    "return_visit",
    "satisfaction_survey",
    "central_training",
    "minutes",
)
LABELS = {
    "risk_brief": "q",
    "insurance_brief": "q",
    "half_year_report": "h",
    "feedback_analysis": "h",
    "annual_assessment": "y",
    "annual_report": "y",
}


def build(seed: int, as_of: str) -> Rows:
    """Rows of every record."""
    h = Harsh(Random(seed), as_of)
    r = h.random
    units = h.units(
        {
            "HO": ("head_office", 2),
            "HQ": ("client_head_office", 2),
            "SC": ("service_center", 8),
            "BA": ("client_branch_1", 5),
            "BB": ("client_branch_2", 5),
        },
        {"SC": ("HO",), "BA": ("HQ",), "BB": ("HQ",)},
    )
    ids = [str(u["org_id"]) for u in units]
    of = {p: [i for i in ids if i.startswith(p)] for p in ("HO", "HQ", "SC", "BA", "BB")}
    branches, anyone = of["BA"] + of["BB"] + of["HQ"], [*ids, "NOBODY"]
    staff = [{"staff_id": f"P{n}", "broker_licence": h.maybe("BJ1", 0.5)} for n in range(25)]
    agreements = h.rows("agreement", "agreement_id", [{"signed_at": h.moment()} for _ in range(6)])
    signed = {str(a["agreement_id"]): month_start(a) for a in agreements}
    deliveries: list[Row] = []
    for _ in range(140):
        agreement = r.choice([*signed, "AGNONE"])
        start = signed.get(agreement) or h.moment()
        deliveries.append(
            {
                "agreement_id": agreement,
                "org_id": r.choice((*branches, *of["HQ"] * 3, "NOBODY")),
                "delivered_at": h.maybe(h.near(start, 15)),
                "copies": h.maybe(r.choice((1, 4, 5, 10, 19, 20)), 0.2),
            }
        )
    # One centre that does its duties, so that an award is within reach: random omissions would always spoil it.
    *others, model = of["SC"]
    members = [
        {
            "org_id": r.choice([*others, "NOBODY"]),
            "staff_id": h.maybe(f"P{r.randrange(28)}", 0.1),
            "role": r.choice(("lead", "service", "service")),
            "valid_from": h.moment(),
            "valid_to": h.maybe(h.moment(), 0.7),
        }
        for _ in range(60)
    ]
    members += [
        {"org_id": model, "staff_id": f"P{n}", "role": role, "valid_from": day_start(2024, 1)} for n, role in enumerate(("lead", "service"))
    ]
    staff[0]["broker_licence"] = "BJ0"
    return {
        "org_unit": units,
        "staff": staff,
        "agreement": agreements,
        "manual_delivery": h.rows("delivery", "delivery_id", deliveries),
        "team_member": h.rows("member", "member_id", members),
        "claim": h.rows("claim", "claim_id", [_claim(h, [*others, "NOBODY"]) for _ in range(80)]),
        "disclosure": h.rows(
            "disclosure",
            "disclosure_id",
            [
                {
                    "org_id": r.choice([a for a in anyone if a != model]),
                    "staff_id": h.maybe("P1"),
                    "at": h.moment(),
                    "recipient_kind": r.choice(("client", "third_party", "third_party")),
                    "consent_doc": h.maybe("doc", 0.4),
                }
                for _ in range(30)
            ],
        ),
        "score_sheet": h.rows("sheet", "sheet_id", [*(_sheet(h, [*others, "NOBODY"]) for _ in range(250)), *_model_sheets(h, model)]),
        "service_failure": h.rows("failure", "failure_id", [_failure(h, anyone) for _ in range(40)]),
        "duty_record": h.rows(
            "record",
            "record_id",
            [*(_duty(h, of, anyone, list(signed.values())) for _ in range(r.choice((300, 900, 1500)))), *_model_duties(h, model)],
        ),
        "contact_attempt": h.rows(
            "attempt",
            "attempt_id",
            [
                {
                    "org_id": r.choice(of["SC"][:3]),
                    "at": h.random.choice(h.moments[:8] if h.chance(0.5) else h.moments),
                    "outcome": r.choice(("answered", "no_answer", "refused", "unreachable")),
                }
                for _ in range(150)
            ],
        ),
        "ticket": h.rows("ticket", "ticket_id", [ticket(h, anyone, 5, 7, 9) for _ in range(60)]),
    }


def _model_sheets(h: Harsh, org: str) -> list[Row]:
    """Sheets of every month, of scores about the award's, paid as they are due, now and then one missing."""
    sheets: list[Row] = []
    high = h.chance(0.7)
    for span in spans("month", 2025, 2026):
        if h.chance(0.03):
            continue
        scored = h.near(span.end, 5, 10)
        score = h.random.choice(("95", "96", "95.5") if high else ("94.9", "95", "95"))
        sheets.append({"org_id": org, "period": span.label, "score": score, "base_fee": "100", "paid_fee": "100", "scored_at": scored})
    return sheets


def _model_duties(h: Harsh, org: str) -> list[Row]:
    return [
        {"duty": duty, "org_id": org, "period": span.label, "done_at": span.end + timedelta(days=h.random.randint(1, 15))}
        for span in spans("month", 2024, 2026)
        for duty in ("monthly_plan_and_summary", "fee_ledger")
        if not h.chance(0.01)
    ]


def month_start(row: Row):  # type: ignore[no-untyped-def]
    return instant(row["signed_at"])


def ticket(h: Harsh, orgs: list[str], *days: int) -> Row:
    """A ticket answered about the end of a limit in working days."""
    received = h.moment()
    answered = h.end_of_working_day(received, *days)
    return {
        "category": h.random.choice(("complaint", "complaint", "report", "report", "inquiry")),
        "received_at": h.maybe(received),
        "dispatched_at": h.maybe(h.near(received, 0), 0.5),
        "org_id": h.maybe(h.random.choice(orgs)),
        "eta_restore_at": h.maybe(h.moment(), 0.7),
        "handled_at": h.maybe(h.near(received, 1), 0.6),
        "fed_back_at": h.maybe(answered, 0.3),
        "closed_at": h.maybe(h.near(answered, 1), 0.5),
        "revisited_at": h.maybe(h.near(answered, 2), 0.8),
    }


def _claim(h: Harsh, orgs: list[str]) -> Row:
    reported = h.moment()
    declared = h.end_of_working_day(reported, 1, 2, 3, 4)
    joined = h.end_of_working_day(declared, 3, 4, 5)
    return {
        "org_id": h.random.choice(orgs),
        "line": h.random.choice(("motor", "non_motor")),
        "estimated_loss": h.maybe(h.random.choice(("30000", "29999.99", "200000", "199999.999999", "1000000", "0"))),
        "reported_at": reported,
        "declared_at": h.maybe(declared, 0.25),
        "group_joined_at": h.maybe(joined, 0.25),
        "closed_at": h.maybe(h.near(reported, 20), 0.3),
        "registered": h.maybe(h.random.choice((0, 1, 1, "true", "false"))),
        "client_file": h.maybe(h.random.choice((0, 1, 1, "true", "false"))),
    }


def _sheet(h: Harsh, orgs: list[str]) -> Row:
    label = h.label("m")
    span = month_of_label(label)
    scored = h.near(span.end, 15) if span else h.moment()
    score = h.random.choice(("90", "89.99", "80", "79.999999999999999999", "70", "60", "59.9", "0", "95", "95", "98.5", "101", "94.9"))
    base = h.random.choice(("1000", "3333.33", "0", "12345.678901234567890123"[:24]))
    part = {"9": "1.0", "8": "0.9", "7": "0.8", "6": "0.6"}.get(score[0], "0")
    return {
        "org_id": h.random.choice(orgs),
        "period": label or "none",
        "score": h.maybe(score, 0.08),
        "base_fee": h.maybe(base, 0.08),
        "paid_fee": h.maybe(paid(base, part, h.random.choice(("0", "0.01", "-0.01", "0.011", "-0.010000000001", "5"))), 0.15),
        "scored_at": h.maybe(scored, 0.12),
    }


def paid(base: str, part: str, off: str) -> str:
    """The due fee, or a little beside it, in at most 18 decimals."""
    from decimal import Decimal, localcontext

    with localcontext() as context:
        context.prec = 60
        return str((Decimal(base) * Decimal(part) + Decimal(off)).quantize(Decimal("1e-18")))


def _failure(h: Harsh, orgs: list[str]) -> Row:
    at = h.moment()
    return {
        "org_id": h.random.choice(orgs),
        "staff_id": "P1",
        "at": at,
        "impact": h.random.choice(("slight", "moderate", "serious", "severe", "grave")),
        "sanction": h.random.choice(SANCTIONS),
        "sanctioned_at": h.maybe(h.near(at, 30), 0.2),
    }


def _duty(h: Harsh, of: dict[str, list[str]], anyone: list[str], signed: list[object]) -> Row:
    duty = h.random.choice(DUTIES)
    label = h.label(LABELS.get(duty, "m"))
    span = month_of_label(label)
    done = h.near(span.end, 15) if span and h.chance(0.8) else h.moment()
    if duty == "central_training" and h.chance(0.8):
        done = h.near(h.random.choice(signed), 0, 60)  # type: ignore[arg-type]
    if label and len(str(label)) == 6 and h.chance(0.8):
        year, part, number = int(str(label)[:4]), str(label)[4], int(str(label)[5])
        ending = month_of_label(f"{year}-{number * (3 if part == 'Q' else 6):02d}") if number <= 4 else None
        done = h.near(ending.end, 30, 45) if ending else done
    elif duty in ("annual_assessment", "annual_report") and label and str(label).isdigit() and h.chance(0.8):
        ending = month_of_label(f"{label}-12")
        done = h.near(ending.end, 60) if ending else done
    items = h.maybe(
        h.random.choice(('["underwriting_summary"]', '["claims_analysis"]', '["claims_analysis", "underwriting_summary"]', "[]")), 0.2
    )
    org = h.random.choice(of["HO"] + of["HO"] + of["SC"]) if h.chance(0.95) else h.random.choice(anyone)
    return {
        "duty": duty,
        "org_id": org,
        "period": label,
        "done_at": done,
        "subject_id": h.maybe(h.random.choice(of["SC"] + of["BA"] + of["BB"])),
        "items": items,
    }
