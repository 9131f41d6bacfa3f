"""The generated logs in a database of each kind, under the canonical names, with native types; dropped when done.

The servers are those of the tests: AUDITOR_TEST_POSTGRESQL_URL and AUDITOR_TEST_MARIADB_URL, or a local one.
"""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.csv as pc_csv
import sqlalchemy as sa
from sqlalchemy.engine import URL, make_url

from auditor.contract import Record

SERVERS = {
    "postgresql": ("AUDITOR_TEST_POSTGRESQL_URL", "postgresql://postgres@127.0.0.1:5432/postgres"),
    "mariadb": ("AUDITOR_TEST_MARIADB_URL", "mysql://root@127.0.0.1:3306/mysql"),
}
NAMES = ("postgresql", "mariadb", "sqlite")

_TYPES = {
    "postgresql": {"bool": "boolean", "int": "bigint", "num": "numeric", "date": "date", "time": "timestamptz"},
    "mariadb": {"id": "varchar(40)", "code": "varchar(40)", "bool": "boolean", "int": "bigint", "num": "decimal(20,4)", "date": "date"}
    | {"time": "timestamp NULL"},
    "sqlite": {"bool": "boolean", "int": "integer", "num": "numeric", "date": "date", "time": "timestamp"},
}
NAME = "auditor_bench"


@contextmanager
def database(kind: str, contract: Mapping[str, Record], logs: Mapping[str, pa.Table], folder: Path) -> Iterator[str]:
    """The URL of a database that holds the logs; times are in UTC. Raises SQLAlchemy's OperationalError where there is no server."""
    if kind == "sqlite":
        path = folder / "logs.db"
        path.unlink(missing_ok=True)
        _fill_sqlite(path, contract, logs)
        yield f"sqlite:///{path.resolve()}"
        path.unlink()
        return
    server = make_url(os.environ.get(*SERVERS[kind]))
    drop = f"DROP DATABASE IF EXISTS {NAME}"
    _run(server, drop, f"CREATE DATABASE {NAME}" + (" CHARACTER SET utf8mb4" if kind == "mariadb" else ""))
    try:
        url = server.set(database=NAME)
        (_fill_postgresql if kind == "postgresql" else _fill_mariadb)(url, contract, logs)
        yield url.render_as_string(hide_password=False)
    finally:
        with suppress(sa.exc.OperationalError):
            _run(server, drop + (" WITH (FORCE)" if kind == "postgresql" else ""))


def _engine(url: URL, **arguments: Any) -> sa.Engine:
    driver = "postgresql+psycopg" if url.get_backend_name() == "postgresql" else "mysql+pymysql"
    return sa.create_engine(url.set(drivername=driver), isolation_level="AUTOCOMMIT", connect_args={"connect_timeout": 5, **arguments})


def _run(url: URL, *statements: str, **arguments: Any) -> None:
    engine = _engine(url, **arguments)
    try:
        with engine.connect() as connection:
            for statement in statements:
                connection.exec_driver_sql(statement)
    finally:
        engine.dispose()


def _create(kind: str, record: Record, columns: list[str]) -> str:
    types = _TYPES[kind]
    quote = "`" if kind == "mariadb" else '"'
    written = ", ".join(f"{quote}{name}{quote} {types.get(record.field(name).kind, 'text')}" for name in columns)
    return f"CREATE TABLE {record.name} ({written})"


def _plain(table: pa.Table, *, times_as_text: bool) -> pa.Table:
    """Lists as JSON text; decimals (of which the logs have none) as text."""
    columns: dict[str, Any] = {}
    for name in table.column_names:
        column = table[name]
        if pa.types.is_list(column.type):
            column = pa.array([None if v is None else json.dumps(v) for v in column.to_pylist()], pa.string())
        elif times_as_text and pa.types.is_timestamp(column.type):
            column = column.cast(pa.timestamp("s")).cast(pa.string())
        columns[name] = column
    return pa.table(columns)


def _fill_postgresql(url: URL, contract: Mapping[str, Record], logs: Mapping[str, pa.Table]) -> None:
    import adbc_driver_postgresql.dbapi as adbc

    _run(url, *(_create("postgresql", contract[name], table.column_names) for name, table in logs.items()))
    with adbc.connect(url.render_as_string(hide_password=False)) as connection, connection.cursor() as cursor:
        for name, table in logs.items():
            cursor.adbc_ingest(name, _plain(table, times_as_text=False), mode="append")
        connection.commit()
    _run(url, "VACUUM ANALYZE")


def _fill_sqlite(path: Path, contract: Mapping[str, Record], logs: Mapping[str, pa.Table]) -> None:
    import adbc_driver_sqlite.dbapi as adbc

    with adbc.connect(str(path)) as connection, connection.cursor() as cursor:
        for name, table in logs.items():
            cursor.execute(_create("sqlite", contract[name], table.column_names))
            # "Z": a time without a zone would be local.
            plain = _plain(table, times_as_text=True)
            for number, column in enumerate(plain.column_names):
                if contract[name].field(column).kind == "time":
                    zoned = pa.compute.binary_join_element_wise(plain[column], "Z", "")
                    plain = plain.set_column(number, column, zoned)
                elif contract[name].field(column).kind in ("bool", "num"):
                    plain = plain.set_column(number, column, plain[column].cast(pa.int64()))
            cursor.adbc_ingest(name, plain, mode="append")
        connection.commit()


def _fill_mariadb(url: URL, contract: Mapping[str, Record], logs: Mapping[str, pa.Table]) -> None:
    statements = []
    with tempfile.TemporaryDirectory() as folder:
        for name, table in logs.items():
            path = Path(folder) / f"{name}.csv"
            pc_csv.write_csv(_plain(table, times_as_text=True), path, pc_csv.WriteOptions(include_header=False))
            names = table.column_names
            truth = {n for n in names if contract[name].field(n).kind == "bool"}
            # Blank fields of the file are nulls.
            values = ", ".join(
                f"`{n}` = CASE @v{i} WHEN 'true' THEN 1 WHEN 'false' THEN 0 END" if n in truth else f"`{n}` = NULLIF(@v{i}, '')"
                for i, n in enumerate(names)
            )
            statements.append(_create("mariadb", contract[name], names))
            statements.append(
                f"LOAD DATA LOCAL INFILE '{path}' INTO TABLE {name} CHARACTER SET utf8mb4 FIELDS TERMINATED BY ',' "
                f"OPTIONALLY ENCLOSED BY '\"' ESCAPED BY '' ({', '.join(f'@v{i}' for i in range(len(names)))}) SET {values}"
            )
        _run(url, "SET time_zone = '+00:00'", *(s.replace("%", "%%") for s in statements), local_infile=True)
