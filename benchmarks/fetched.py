"""Merely fetching what an audit reads, in a process of its own: `python -m benchmarks.fetched DRIVER URL`.

The same columns of the same tables with their own types, thrown away batch by batch.
"""

from __future__ import annotations

import sys

from auditor.rulebook import load_ruleset

DRIVERS = {"postgresql": ("adbc", "connectorx"), "mariadb": ("connectorx",), "sqlite": ("adbc",)}
"""Database → the drivers that give Arrow; the fastest of them is what an audit is held against."""


def main(driver: str, url: str) -> int:
    """The rows read, printed."""
    ruleset = load_ruleset("power95598")
    rows = 0
    quote = "`" if url.startswith("mysql") else '"'
    for name in ruleset.regulation.reads:
        columns = ", ".join(f"{quote}{column}{quote}" for column in ruleset.contract[name].names)
        rows += (_adbc if driver == "adbc" else _connectorx)(url, f"SELECT {columns} FROM {name}")
    print(rows)
    return 0


def _adbc(url: str, sql: str) -> int:
    if url.startswith("sqlite"):
        from adbc_driver_sqlite.dbapi import connect

        place = url.removeprefix("sqlite:///")
    else:
        from adbc_driver_postgresql.dbapi import connect

        place = url
    with connect(place) as connection, connection.cursor() as cursor:
        if url.startswith("sqlite"):
            cursor.adbc_statement.set_options(**{"adbc.sqlite.query.batch_rows": "65536"})
        cursor.execute(sql)
        return sum(batch.num_rows for batch in cursor.fetch_record_batch())


def _connectorx(url: str, sql: str) -> int:
    import connectorx

    return int(connectorx.read_sql(url, sql, return_type="arrow").num_rows)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
