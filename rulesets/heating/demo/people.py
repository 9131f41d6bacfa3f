"""Planted: conduct found true, pipe work found bad, and merits."""

from __future__ import annotations

from .ledger import Ledger, at

CONDUCT = (
    ("2026-01-22 12:00", "media_exposure", "media", "FW4", None, True, "HT501"),
    ("2026-02-10 15:00", "misconduct_extortion", "named_complaint", "FW2", "FW2-3", True, "HT503"),
    ("2026-01-29 16:30", "negligence_damage", "named_complaint", "FW3", "FW3-2", True, "HT504"),
    ("2026-02-20 12:10", "unsafe_site_injury", "superior", "GW", None, True, "HT505"),
    ("2026-02-12 09:00", "unreported_major_event", "superior", "FW4", "FW4-1", True, "HT506"),
    ("2026-03-12 10:00", "bribery", "inspection", "ZK", "ZK-2", True, "HT507"),
    # Looked into and not borne out: no breach.
    ("2026-02-26 11:00", "misconduct_extortion", "named_complaint", "FW3", "FW3-3", False, None),
    ("2026-03-04 09:00", "media_exposure", "media", "FW1", None, False, None),
    # Found true, but neither by a superior nor on a named complaint: article 22 does not reach it.
    ("2026-03-09 09:00", "negligence_damage", "inspection", "FW2", "FW2-2", True, None),
)
INSPECTIONS = (
    ("2026-01-16 10:00", "none", True, None),
    ("2026-02-03 10:00", "flush_incomplete", True, "HT502"),
    ("2026-02-27 10:00", "dirt_introduced", False, None),
    ("2026-03-13 10:00", "water_sample_false", True, "HT502"),
)
PRAISE = (
    ("2026-02-14 08:00", "media_city", "FW1", None, True, None, "市電視台《供暖進行時》", "HT901"),
    ("2026-03-20 09:00", "circular_bureau", "FW1", None, True, None, "住建局通報〔2026〕示例號", "HT902"),
    ("2026-02-23 17:00", "violation_caught", "FW3", "FW3-3", True, 12600, "私接暖氣查處記錄", "HT903"),
    # Without a loss averted, and not verified yet: no merit.
    ("2026-03-02 17:00", "violation_caught", "FW2", "FW2-2", True, None, "私開閥門查處記錄", None),
    ("2026-03-15 09:00", "media_province", "FW4", None, False, None, "省報（待核）", None),
    ("2026-03-06 10:00", "customer_praise", "FW1", "FW1-2", True, None, "錦旗一面", None),
)


def plant_people(ledger: Ledger) -> None:
    for when, kind, origin, org_id, staff_id, verified, code in CONDUCT:
        case_id = ledger.next_id("XW")
        loss = 8000 if kind == "bribery" else None
        ledger.add(
            "conduct_case",
            case_id=case_id,
            org_id=org_id,
            staff_id=staff_id,
            at=at(when),
            kind=kind,
            origin=origin,
            verified=verified,
            loss_amount=loss,
        )
        if code:
            ledger.plant(case_id, code)
    for when, finding, verified, code in INSPECTIONS:
        inspection_id = ledger.next_id("JC")
        ledger.add("inspection", inspection_id=inspection_id, org_id="GW", at=at(when), finding=finding, verified=verified)
        if code:
            ledger.plant(inspection_id, code)
    for when, kind, org_id, staff_id, verified, loss_avoided, document, code in PRAISE:
        commendation_id = ledger.next_id("BY")
        ledger.add(
            "commendation",
            commendation_id=commendation_id,
            at=at(when),
            org_id=org_id,
            staff_id=staff_id,
            kind=kind,
            verified=verified,
            loss_avoided=loss_avoided,
            document=document,
        )
        if code:
            ledger.plant(commendation_id, code)
