"""Random rows that lie where readings differ: at limits and one second beside them, null, unknown, out of order, in every notation."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from random import Random

from tests.rulesets.plain_logs import LOCAL, Row, day_start, month

BLANKS = (None, "", " ", "\t", "\u3000")


class Harsh:
    """A source of rows; `moments` are the instants around which times gather."""

    def __init__(self, random: Random, as_of: str) -> None:
        self.random = random
        self.as_of = datetime.fromisoformat(as_of).replace(tzinfo=LOCAL)
        months = [month(y, n) for y in (2024, 2025, 2026) for n in range(1, 13)]
        self.moments = [self.as_of, *(m.start for m in months), *(m.end for m in months)]
        self.moments += [day_start(y, n, d) - timedelta(seconds=1) for y in (2026, 2027) for n in (1, 2, 3, 8) for d in (16, 21)]

    def chance(self, part: float) -> bool:
        return self.random.random() < part

    def moment(self) -> datetime:
        """Any instant of three years, or one of the moments or a second beside it."""
        if self.chance(0.4):
            return self.random.choice(self.moments) + timedelta(seconds=self.random.choice((-1, 0, 0, 1)))
        return day_start(2024, 10) + timedelta(seconds=self.random.randrange(1000 * 86400))

    def near(self, start: datetime, *days: int) -> datetime:
        """So many days after `start`, to the second or one beside it, or anywhere about."""
        if self.chance(0.6):
            return start + timedelta(days=self.random.choice(days), seconds=self.random.choice((-1, 0, 1)))
        return start + timedelta(seconds=self.random.randrange(-3 * 86400, (max(days) + 5) * 86400))

    def end_of_working_day(self, start: datetime, *days: int) -> datetime:
        """About the end of a day some days on."""
        day = start + timedelta(days=self.random.choice(days))
        return day_start(day.year, day.month, day.day) + timedelta(days=1, seconds=self.random.choice((-2, -1, 0)))

    def maybe(self, value: object, nulls: float = 0.15) -> object:
        return self.random.choice(BLANKS) if self.chance(nulls) else value

    def written(self, moment: object) -> object:
        """A time in one of the notations of ISO 8601; anything else as it is."""
        if not isinstance(moment, datetime):
            return moment
        match self.random.randrange(6):
            case 0:
                return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")
            case 1:
                return moment.replace(tzinfo=None).isoformat(sep=" ")
            case 2:
                return (moment + timedelta(milliseconds=self.random.choice((1, 500, 999)))).isoformat()
        return moment.isoformat()

    def rows(self, record: str, key: str, made: list[Row]) -> list[Row]:
        """The rows shuffled and numbered, so that the order of keys is not the order of time."""
        self.random.shuffle(made)
        return [
            {key: f"{record[:2].upper()}{n:04d}", **{name: self.written(value) for name, value in row.items()}}
            for n, row in enumerate(made)
        ]

    def units(self, kinds: dict[str, tuple[str, int]], parents: dict[str, tuple[str, ...]]) -> list[Row]:
        """Units of each kind (prefix → kind, number), most of them in force throughout, some blank, some in circles."""
        ids = {prefix: [f"{prefix}{n}" for n in range(count)] for prefix, (_, count) in kinds.items()}
        made: list[Row] = []
        for prefix, (kind, _) in kinds.items():
            for org in ids[prefix]:
                above = [u for p in parents.get(prefix, ()) for u in ids[p]]
                start = self.random.choice((None, None, day_start(2004, 1), day_start(2004, 1), self.moment()))
                end = self.moment() if self.chance(0.2) else None
                made.append(
                    {
                        "org_id": org,
                        "name": org,
                        "kind": self.maybe(kind, 0.04),
                        "parent_id": self.maybe(self.random.choice(above), 0.05) if above else None,
                        "valid_from": start,
                        "valid_to": end,
                    }
                )
        self.random.shuffle(made)
        return [{name: self.written(value) for name, value in row.items()} for row in made]

    def label(self, kinds: str = "mqhy") -> object:
        """The label of a period of 2025 or 2026, now and then of none."""
        year = self.random.choice((2025, 2025, 2026, 2026, 2026, 2024, 2027))
        match self.random.choice(kinds):
            case "m":
                text = f"{year}-{self.random.randint(1, 12):02d}"
            case "q":
                text = f"{year}Q{self.random.randint(1, 4)}"
            case "h":
                text = f"{year}H{self.random.randint(1, 2)}"
            case _:
                text = str(year)
        return self.random.choice((None, "2026-13", "2026-1", "2026Q5", "x", " 2026-01")) if self.chance(0.03) else text


AUDITS = (
    ("2026", "2027-01-20T09:00:00"),
    ("2026", "2026-11-20T09:00:00"),
    ("2026Q1", "2026-03-31T23:59:59"),
    ("2026H1", "2026-06-30T12:00:00"),
    ("2026-02", "2026-02-15T23:59:59"),
    ("2025-12-15..2026-02-10", "2026-02-01T00:00:00"),
    ("2025-10-01..2025-12-31", "2026-01-01T00:00:00"),
    ("2025", "2025-12-31T23:59:59"),
    ("2025", "2026-06-01T00:00:00"),
    ("2027", "2027-02-01T00:00:00"),
    ("2027Q1", "2027-03-02T00:00:00"),
    ("2026Q4", "2026-12-31T23:59:58"),
    ("2026-01", "2026-01-31T23:59:59"),
    ("2026-01", "2026-02-01T00:00:00"),
    ("2026Q2", "2026-09-01T00:00:00"),
    ("2026-05-01..2026-06-30", "2026-08-01T00:00:00"),
)
"""Periods and as-of instants at the edges of each other."""
