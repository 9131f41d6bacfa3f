"""The quick way out of a database: Arrow instead of Python objects, several times as fast, and a batch at a time.

The drivers are optional; for MySQL and MariaDB there is none that streams, and `auditor.load.mysql_rows` does it; from PostgreSQL
`auditor.load.postgresql_rows` takes the rows in a third of the time, and the driver does it where the connection is encrypted.
They run the same SQL as the plain way, so they give the same; postgresql_rows alone may be given times, dates, flags and whole numbers.
"""

from __future__ import annotations

import importlib
from collections.abc import Iterator, Sequence
from typing import Any
from urllib.parse import quote, urlencode

import pyarrow as pa

from auditor.load.mysql_rows import mysql_batches
from auditor.load.postgresql_rows import postgresql_batches, reads_binary
from auditor.load.source import Source, postgresql_options
from auditor.load.text_sql import Shape

BATCH_ROWS = 65_536
"""Rows of a batch: some 10 MB for a dozen columns."""


def arrow_driver(source: Source) -> str | None:
    """The module that reads this source as Arrow, where it is installed. Raises what connecting raises."""
    if source.dialect == "mysql":
        return "pymysql" if source.engine.driver == "pymysql" else None
    if source.dialect == "postgresql" and reads_binary(source):
        return "psycopg"
    module = {"sqlite": "adbc_driver_sqlite.dbapi", "postgresql": "adbc_driver_postgresql.dbapi"}.get(source.dialect)
    if module is None:
        return None
    try:
        importlib.import_module(module)
    except ImportError:
        return None
    return module


def arrow_batches(source: Source, module: str, sql: str, shapes: Sequence[Shape] | None = None) -> Iterator[pa.RecordBatch]:
    """The rows of the statement. Errors are the driver's own. `shapes`: for psycopg, see `postgresql_batches`."""
    if module == "pymysql":
        return mysql_batches(source, sql, BATCH_ROWS)
    if module == "psycopg":
        return postgresql_batches(source, sql, shapes, BATCH_ROWS)
    return _adbc(source, module, sql)


def _adbc(source: Source, module: str, sql: str) -> Iterator[pa.RecordBatch]:
    driver: Any = importlib.import_module(module)
    uri = str(source.url.database) if source.dialect == "sqlite" else _libpq_uri(source)
    if source.dialect == "sqlite":
        own = {k: str(v) for k, v in source.url.query.items() if k in ("immutable", "cache", "vfs", "nolock")}
        uri += "?" + urlencode({"mode": "ro", **own})
    connection = driver.connect(uri)
    try:
        cursor = connection.cursor()
        try:
            if source.dialect == "sqlite":
                cursor.adbc_statement.set_options(**{"adbc.sqlite.query.batch_rows": str(BATCH_ROWS)})
            cursor.execute(sql)
            yield from cursor.fetch_record_batch()
        finally:
            cursor.close()
    finally:
        connection.close()


def _libpq_uri(source: Source) -> str:
    url = source.url
    query = {k: v if isinstance(v, str) else v[-1] for k, v in url.query.items()}
    query["options"] = postgresql_options(source.statement_seconds, query.get("options", ""))
    query.setdefault("connect_timeout", "10")
    query["client_encoding"] = "UTF8"  # the driver takes every text for that
    user = quote(url.username or "", safe="")
    password = f":{quote(str(url.password), safe='')}" if url.password is not None else ""
    at = f"{user}{password}@" if url.username else ""
    host = url.host or ""
    host = f"[{host}]" if ":" in host and not host.startswith("[") else quote(host, safe=",.-_")
    port = f":{url.port}" if url.port else ""
    return f"postgresql://{at}{host}{port}/{quote(url.database or '', safe='')}?{urlencode(query, quote_via=quote)}"
