"""Databases for the tests: a file, and the PostgreSQL and MariaDB servers that the environment names."""

from __future__ import annotations

import os
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import URL, Engine, make_url

SERVERS = {
    "postgresql": ("AUDITOR_TEST_POSTGRESQL_URL", "postgresql://postgres@127.0.0.1:5432/postgres"),
    "mariadb": ("AUDITOR_TEST_MARIADB_URL", "mysql://root@127.0.0.1:3306/mysql"),
}
DIALECTS = ("sqlite", *SERVERS)

Make = Callable[[str], URL]
"""An empty database of a dialect, as the URL under which it may be written to."""


def text_url(url: URL) -> str:
    """The URL as a user writes it, without naming a driver."""
    plain = {"postgresql+psycopg": "postgresql", "mysql+pymysql": "mysql"}
    return url.set(drivername=plain.get(url.drivername, url.drivername)).render_as_string(hide_password=False)


def writer(url: URL) -> Engine:
    """An engine that writes, to put rows in."""
    return sa.create_engine(url)


@contextmanager
def databases(folder: Path) -> Iterator[Make]:
    """Makes databases, and drops them when done. A server that does not answer skips the test, and says so."""
    made: list[tuple[URL, str]] = []

    def make(dialect: str) -> URL:
        name = f"auditor_test_{uuid.uuid4().hex[:12]}"
        if dialect == "sqlite":
            return make_url(f"sqlite:///{folder / name}.db")
        server = _server(dialect)
        _run(server, f"CREATE DATABASE {name}" + (" CHARACTER SET utf8mb4" if dialect == "mariadb" else ""))
        made.append((server, name))
        return server.set(database=name)

    try:
        yield make
    finally:
        for server, name in made:
            _run(server, f"DROP DATABASE {name}" + (" WITH (FORCE)" if server.get_backend_name() == "postgresql" else ""))


def _server(dialect: str) -> URL:
    variable, default = SERVERS[dialect]
    url = make_url(os.environ.get(variable, default))
    url = url.set(drivername="postgresql+psycopg" if url.get_backend_name() == "postgresql" else "mysql+pymysql")
    try:
        _run(url, "SELECT 1")
    except sa.exc.OperationalError as error:
        pytest.skip(f"NO {dialect.upper()} SERVER under {variable} (default {default}): {error.orig}. What this test holds is not tested.")
    return url


def _run(url: URL, statement: str) -> None:
    engine = sa.create_engine(url, isolation_level="AUTOCOMMIT", connect_args={"connect_timeout": 5})
    try:
        with engine.connect() as connection:
            connection.exec_driver_sql(statement)
    finally:
        engine.dispose()
