"""A made-up third quarter of a county power bureau, with planted breaches of every rule of the regulation.

Summer heat, a typhoon on 12 and 13 August, the make-up Sunday of 20 September and the Mid-Autumn holiday of 25 September fall into it.
Everything that is not planted is compliant.
"""

from __future__ import annotations

from random import Random

from .book import Book, Row
from .bureau import register
from .desk import desk_orders
from .duties import duties
from .outages import outages
from .repairs import repairs

PERIOD = "2026Q3"
AS_OF = "2026-11-20T09:00:00"


def build(random: Random) -> tuple[dict[str, list[Row]], list[tuple[str, str]]]:
    """The rows of every canonical record, and the planted (rule, case id) of breaches and merits, sorted."""
    book = Book(random)
    register(book)
    outages(book)
    repairs(book)
    desk_orders(book)
    duties(book)
    return book.rows, sorted(book.planted)
