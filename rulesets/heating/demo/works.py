"""Planted: stops of the heat and swaps of meters that break a rule."""

from __future__ import annotations

from .ledger import Ledger, after, at
from .season import emergency_stop, meter_swap, planned_stop


def plant_works(ledger: Ledger) -> None:
    _planned(ledger)
    _emergency(ledger)
    _meters(ledger)


def _planned(ledger: Ledger) -> None:
    begun = at("2026-01-14 08:00")
    ledger.plant(planned_stop(ledger, "FW3", begun, approved_at=after(begun, hours=3)), "HT301")
    begun = at("2026-01-26 09:00")
    ledger.plant(planned_stop(ledger, "FW2", begun, written_notice_dispatch_at=None), "HT302")
    begun = at("2026-02-04 07:30")
    stop_id = planned_stop(ledger, "FW4", begun, communities=2, posted=after(begun, hours=-6))
    ledger.plant(f"{stop_id}-1", "HT303")
    ledger.plant(f"{stop_id}-2", "HT303")
    begun = at("2026-02-12 09:30")
    # Due on 24 February, the first working day after the Spring Festival: the 13th and the make-up Saturday of the 14th count.
    ledger.plant(planned_stop(ledger, "GW", begun, filed_at=at("2026-02-26 08:40")), "HT304")
    ledger.plant(planned_stop(ledger, "FW3", at("2026-03-11 08:00"), communities=0), "HT305")


def _emergency(ledger: Ledger) -> None:
    ledger.plant(emergency_stop(ledger, "GW", at("2026-01-17 03:10"), valves=None, planned_restore_at=None), "HT311")
    begun = at("2026-02-06 03:40")
    ledger.plant(emergency_stop(ledger, "GW", begun, reported_cs_at=after(begun, minutes=47)), "HT312")
    begun = at("2026-02-18 14:00")
    stop_id = emergency_stop(ledger, "FW4", begun, communities=1, posted=after(begun, hours=5))
    ledger.plant(f"{stop_id}-1", "HT313")
    ledger.plant(emergency_stop(ledger, "FW2", at("2026-03-08 18:20"), restore_reported_at=None), "HT314")


def _meters(ledger: Ledger) -> None:
    when = at("2026-03-18 10:00")
    ledger.plant(meter_swap(ledger, "FW2", when, customer_present=False), "HT401")
    ledger.plant(meter_swap(ledger, "JL", after(when, hours=4), formalities_done_at=after(when, hours=29)), "HT402")
    ledger.plant(meter_swap(ledger, "JL", after(when, days=1), periodic=True, notice_posted_at=after(when, hours=8)), "HT403")
