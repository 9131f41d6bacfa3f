"""A heating season's quarter of one company: four service centres, a pipe network station, metering, automation and dispatch.

Ordinary traffic that keeps every limit, and incidents planted one by one. One of them (`DELAY`) is a single delay that touches
seven rules at once and that the deduction sheet charges once. All persons, addresses and firms are invented.
"""

from __future__ import annotations

import random as random_module

from .ledger import Ledger
from .orders import plant_orders
from .people import plant_people
from .season import DELAY_SHOWN as DELAY
from .season import open_units, ordinary_season
from .works import plant_works

PERIOD = "2026Q1"
AS_OF = "2026-04-20T09:00:00"

__all__ = ["AS_OF", "DELAY", "PERIOD", "build"]


def build(random: random_module.Random) -> tuple[dict[str, list[dict[str, object]]], list[tuple[str, str]]]:
    """Rows of canonical records, and the (rule, case id) of every breach and merit in them for PERIOD at AS_OF."""
    ledger = Ledger(random)
    open_units(ledger)
    ordinary_season(ledger)
    plant_orders(ledger)
    plant_works(ledger)
    plant_people(ledger)
    ledger.planted.append(("HT904", "FW1"))
    return ledger.rows, sorted(ledger.planted)
