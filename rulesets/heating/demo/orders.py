"""Planted: orders and their events that break a rule."""

from __future__ import annotations

from .ledger import Ledger, after, at
from .season import DELAY_SHOWN


def plant_orders(ledger: Ledger) -> None:
    _one_delay_many_rules(ledger)
    _burst_under_warranty(ledger)
    _bursts_badly_kept(ledger)
    _late_and_unexplained(ledger)
    _first_contact(ledger)
    _asked_again(ledger)


def _one_delay_many_rules(ledger: Ledger) -> None:
    """A cold home reported through the mayor's hotline, taken up late at night: late at each step, and charged once."""
    ticket_id = ledger.order(
        "FW4",
        at("2026-01-19 21:40"),
        subject="no_heat",
        source="mayor_hotline",
        dispatched_at=at("2026-01-19 21:46"),
        accepted_at=at("2026-01-19 22:31"),
        arrived_at=at("2026-01-20 00:05"),
        handled_at=at("2026-01-20 16:20"),
        fed_back_at=at("2026-01-20 19:05"),
        closed_at=at("2026-01-20 19:30"),
        revisited_at=at("2026-01-21 10:15"),
        loss_amount=4200,
        cause="夜班值守一人，備用循環泵故障",
    )
    if ticket_id != DELAY_SHOWN:
        raise ValueError(f"demo/season.py speaks of {DELAY_SHOWN}, but the delay is {ticket_id}: leave its day out of the ordinary season")
    ledger.plant(ticket_id, "HT101", "HT201", "HT205", "HT208", "HT209", "HT211", "HT215")


def _burst_under_warranty(ledger: Ledger) -> None:
    """Late on site is the station's; the late repair is the contractor's; that dispatch did not urge the contractor is dispatch's."""
    ticket_id = ledger.order(
        "GW",
        at("2026-02-06 02:55"),
        subject="burst",
        in_warranty=True,
        contractor="恒遠管道安裝隊（示例）",
        dispatched_at=at("2026-02-06 02:59"),
        accepted_at=at("2026-02-06 03:10"),
        arrived_at=at("2026-02-06 04:02"),
        restored_at=at("2026-02-07 08:20"),
        handled_at=at("2026-02-07 09:00"),
    )
    ledger.plant(ticket_id, "HT109", "HT203", "HT204", "HT208")


def _bursts_badly_kept(ledger: Ledger) -> None:
    unattended = ledger.order("GW", at("2026-02-20 11:30"), subject="valve_leak", site_attended=False)
    ledger.plant(unattended, "HT212")
    left = ledger.order(
        "GW",
        at("2026-03-05 19:10"),
        subject="burst",
        severity="large",
        level="major",
        restored_at=at("2026-03-06 22:40"),
        handled_at=at("2026-03-06 23:30"),
    )
    ledger.event(left, "escalate", at("2026-03-05 19:32"), "GW")
    ledger.event(left, "leave_site", at("2026-03-06 01:15"), "GW", reason="等待吊車，人員回站休息")
    ledger.event(left, "handover", at("2026-03-06 07:50"), "GW", reason="早班到場")
    ledger.plant(left, "HT216")


def _late_and_unexplained(ledger: Ledger) -> None:
    silent = ledger.order(
        "FW3", at("2026-01-15 09:20"), category="heat_event", subject="room_temperature", handled_at=at("2026-01-16 15:45")
    )
    ledger.plant(silent, "HT206", "HT208")
    explained = ledger.order(
        "FW3", at("2026-02-03 16:00"), category="heat_event", subject="facility_damage", handled_at=at("2026-02-04 18:30")
    )
    ledger.event(explained, "delay_notice", at("2026-02-04 14:20"), "FW3", reason="單元立管須排水焊接，已告知用戶")
    ledger.plant(explained, "HT206")
    hanging = ledger.order(
        "FW2",
        at("2026-01-21 10:05"),
        subject="routine",
        handled_at=at("2026-01-22 15:30"),
        closed_at=at("2026-01-22 17:40"),
        revisited_at=at("2026-01-23 10:00"),
    )
    ledger.plant(hanging, "HT202")
    talks = ledger.order(
        "FW3",
        at("2026-02-24 08:30"),
        category="heat_event",
        subject="room_temperature",
        long_coordination=True,
        handled_at=at("2026-02-27 17:00"),
    )
    ledger.event(talks, "written_report", at("2026-02-24 18:05"), "FW3", reason="樓上私拆散熱器")
    ledger.plant(talks, "HT207")
    web = ledger.order(
        "FW2",
        at("2026-03-01 13:00"),
        category="heat_event",
        subject="room_temperature",
        source="web",
        handled_at=at("2026-03-02 12:10"),
        fed_back_at=at("2026-03-02 13:20"),
    )
    ledger.plant(web, "HT211")
    # Closed on the eve of the Spring Festival: the make-up Saturday of 14 February counts, the holiday from 15 to 23 does not;
    # due is the 25th.
    for revisited, late in (("2026-02-25 17:30", False), ("2026-02-26 09:10", True)):
        ticket_id = ledger.order(
            "FW2",
            at("2026-02-13 08:50"),
            subject="routine",
            closed_at=at("2026-02-13 17:20"),
            handled_at=at("2026-02-13 15:40"),
            revisited_at=at(revisited),
        )
        if late:
            ledger.plant(ticket_id, "HT210")


def _first_contact(ledger: Ledger) -> None:
    slow = ledger.order(
        "FW3",
        at("2026-01-09 18:02"),
        subject="routine",
        dispatched_at=at("2026-01-09 18:24"),
        accepted_at=at("2026-01-09 18:30"),
        arrived_at=at("2026-01-09 18:58"),
    )
    ledger.plant(slow, "HT107")
    unaccepted = ledger.order("FW2", at("2026-02-02 19:30"), subject="routine", dispatched_at=at("2026-02-02 19:35"), accepted_at=None)
    ledger.plant(unaccepted, "HT101")
    silent = ledger.order("FW4", at("2026-02-11 06:45"), subject="quality", category="heat_event", level="major")
    ledger.event(silent, "escalate", at("2026-02-11 09:30"), "FW4")
    ledger.plant(silent, "HT108")
    sent_away = ledger.order("FW3", at("2026-01-28 09:00"), subject="routine")
    ledger.plant(
        ledger.event(sent_away, "refuse", at("2026-01-28 09:12"), "FW3", staff_id="FW3-4", reason="稱屬物業，讓用戶自行聯繫"), "HT102"
    )
    passed_on = ledger.order("FW3", at("2026-03-06 10:40"), category="heat_event", subject="other")
    ledger.plant(ledger.event(passed_on, "transfer", at("2026-03-06 10:55"), "FW3", to_org_id="JL"), "HT103")
    sent_back = ledger.order("FW4", at("2026-01-30 14:10"), subject="routine")
    ledger.plant(ledger.event(sent_back, "return", at("2026-01-30 15:20"), "FW2", outcome="rejected", reason="稱不屬本片區"), "HT104")
    for minute, outcome in enumerate(("answered", "no_answer", "unreachable", "refused")):
        ledger.add(
            "contact_attempt",
            attempt_id=ledger.next_id("BH"),
            org_id="FW3",
            at=after(at("2026-02-08 22:10"), minutes=6 * minute),
            outcome=outcome,
        )
    ledger.plant("FW3:2026-02-08", "HT105")
    roster = ledger.next_id("MD")
    ledger.add(
        "duty_roster_change",
        change_id=roster,
        org_id="ZK",
        changed_at=at("2026-02-14 08:30"),
        notified_in_writing_at=at("2026-02-24 09:00"),
    )
    ledger.plant(roster, "HT106")


def _asked_again(ledger: Ledger) -> None:
    """The same customer complains of the same matter within thirty days; a leak is dug up again within a month, once the contractor's."""
    ledger.order("FW4", at("2026-02-16 08:20"), category="heat_event", subject="room_temperature", customer_id="YH-A")
    again = ledger.order("FW4", at("2026-03-01 19:45"), category="heat_event", subject="room_temperature", customer_id="YH-A")
    ledger.plant(again, "HT213")
    for point, repaired, warranty, planted in (
        ("LD-03", "2026-01-10 13:00", False, False),
        ("LD-03", "2026-02-09 21:30", False, True),
        ("LD-05", "2026-02-01 10:00", True, False),
        ("LD-05", "2026-02-28 16:00", False, True),
    ):
        repair_id = ledger.next_id("XF")
        ledger.add(
            "leak_repair",
            repair_id=repair_id,
            leak_point_id=point,
            org_id="GW",
            repaired_at=at(repaired),
            in_warranty=warranty,
            contractor="恒遠管道安裝隊（示例）" if warranty else None,
        )
        if planted:
            ledger.plant(repair_id, "HT214")
