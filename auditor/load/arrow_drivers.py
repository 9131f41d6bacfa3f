"""The quick way out of a database: drivers that give Arrow instead of Python objects, ten times as fast.

Each is optional. They run the same SQL as the plain way, so they give the same.
"""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote, urlencode

import pyarrow as pa

from auditor.load.source import Source, postgresql_options, session_settings

BATCH_ROWS = 65_536
"""Rows of a batch: some 10 MB for a dozen columns."""


def arrow_driver(source: Source) -> str | None:
    """The module that reads this source as Arrow, where it is installed."""
    module = {"sqlite": "adbc_driver_sqlite.dbapi", "postgresql": "adbc_driver_postgresql.dbapi", "mysql": "connectorx"}.get(source.dialect)
    if module is None or (module == "connectorx" and not _connectorx_can(source)):
        return None
    try:
        importlib.import_module(module)
    except ImportError:
        return None
    return module


def arrow_batches(source: Source, module: str, sql: str) -> Iterator[pa.RecordBatch]:
    """The rows of the statement. Errors are the driver's own."""
    if module == "connectorx":
        return _connectorx(source, sql)
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
    user = quote(url.username or "", safe="")
    password = f":{quote(str(url.password), safe='')}" if url.password is not None else ""
    at = f"{user}{password}@" if url.username else ""
    host = url.host or ""
    host = f"[{host}]" if ":" in host and not host.startswith("[") else quote(host, safe=",.-_")
    port = f":{url.port}" if url.port else ""
    return f"postgresql://{at}{host}{port}/{quote(url.database or '', safe='')}?{urlencode(query, quote_via=quote)}"


def _connectorx_can(source: Source) -> bool:
    """connectorx reads its settings from the URL alone: what it does not know (TLS files, a socket) goes the plain way."""
    return bool(source.url.host) and not set(source.url.query) - {"charset"}


def _connectorx(source: Source, sql: str) -> Iterator[pa.RecordBatch]:
    connectorx: Any = importlib.import_module("connectorx")
    url = source.url
    login = quote(url.username or "", safe="") + (f":{quote(str(url.password), safe='')}" if url.password else "")
    uri = f"mysql://{login}@{url.host}:{url.port or 3306}/{quote(url.database or '', safe='')}"
    settings = list(session_settings("mysql", source.statement_seconds))
    if getattr(source.engine.dialect, "is_mariadb", False) is False:
        settings = [s.replace("max_statement_time", "max_execution_time") + "000" if "max_statement_time" in s else s for s in settings]
    # its stream would panic, with a report of its own on standard error, where the server cuts the connection
    table: pa.Table = connectorx.read_sql(uri, sql, return_type="arrow", pre_execution_query=settings)
    yield from table.to_batches(max_chunksize=BATCH_ROWS)
