"""A source is read and never written; what goes wrong with it is said in one paragraph, without its password."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
import sqlalchemy as sa

from auditor.contract import Field, Record
from auditor.errors import SourceError, UsageError
from auditor.load import Absent, RawRecord, Source, inspect_source, open_source, parse_url, read_record, safe_url
from auditor.load.arrow_drivers import arrow_batches, arrow_driver
from auditor.load.read import read_statement
from auditor.load.statement import Column, Statement, column_of, relation_of
from auditor.load.text_sql import Shape
from tests.databases import DIALECTS, Make, text_url, writer

VISIT = Record("visit", (Field("visit_id", "id", True), Field("note", "text")))

WRITES = (
    "INSERT INTO visit VALUES ('2', 'x')",
    "UPDATE visit SET note = 'x'",
    "DELETE FROM visit",
    "CREATE TABLE other (a integer)",
    "DROP TABLE visit",
)


def filled(make_database: Make, dialect: str, rows: int = 1, note: str = "as it was") -> str:
    url = make_database(dialect)
    engine = writer(url)
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE visit (visit_id varchar(20), note text)")
        connection.execute(sa.text("INSERT INTO visit VALUES (:i, :n)"), [{"i": str(i), "n": note} for i in range(1, rows + 1)])
    engine.dispose()
    return text_url(url)


def visits(source: Source) -> RawRecord:
    raw = read_record(source, VISIT)
    assert isinstance(raw, RawRecord)
    return raw


@pytest.mark.parametrize("statement", WRITES)
@pytest.mark.parametrize("dialect", DIALECTS)
def test_nothing_can_be_written_through_a_source(make_database: Make, dialect: str, statement: str) -> None:
    source = open_source(filled(make_database, dialect))
    with pytest.raises(SourceError, match="read.?only|READ ONLY"), source.errors("writing"), source.engine.begin() as connection:
        connection.exec_driver_sql(statement)
    driver = arrow_driver(source)
    assert driver is not None
    with pytest.raises(SourceError), source.errors("writing"):
        list(arrow_batches(source, driver, statement))
    assert [b.to_pylist() for b in visits(source).batches()] == [[{"visit_id": "1", "note": "as it was"}]]
    assert list(inspect_source(source)) == ["visit"]
    source.close()


def test_a_missing_sqlite_file_is_not_made(tmp_path: Path) -> None:
    path = tmp_path / "nowhere.db"
    with pytest.raises(SourceError, match=r"there is no file .*nowhere\.db; check the path"):
        open_source(f"sqlite:///{path}")
    assert not path.exists()
    for url in ("sqlite://", "sqlite:///:memory:"):
        with pytest.raises(SourceError, match="a SQLite source is a file"):
            open_source(url)


def test_a_file_that_is_no_database(tmp_path: Path) -> None:
    path = tmp_path / "letter.db"
    path.write_text("Dear Sir or Madam, " * 100, encoding="utf-8")
    with pytest.raises(SourceError, match="Check that the file is a SQLite database"):
        open_source(f"sqlite:///{path}")


def test_a_path_with_odd_characters(tmp_path: Path) -> None:
    path = tmp_path / "用戶 100% #1.db"
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE visit (visit_id)")
        connection.execute("INSERT INTO visit VALUES ('1')")
    source = open_source(f"sqlite:///{path}")
    assert [b.num_rows for b in visits(source).batches()] == [1]
    source.close()


@pytest.mark.parametrize(
    ("url", "remedy"),
    [
        ("postgresql://nobody:${PW}@127.0.0.1:5432/postgres", "Check user and password"),
        ("mysql://root:${PW}@127.0.0.1:3306/mysql", "Check user and password"),
        ("postgresql://postgres:${PW}@127.0.0.1:1/postgres", "Check host and port"),
        ("mysql://root:${PW}@127.0.0.1:1/mysql", "Check host and port"),
        ("postgresql://postgres:${PW}@127.0.0.1:5432/no_such_database", "Check the names in the URL"),
    ],
)
def test_a_failed_connection_says_what_to_do_and_keeps_the_password(url: str, remedy: str) -> None:
    secret = "hunter2 p@ss:/w%rd"
    with pytest.raises(SourceError) as caught:
        open_source(url, name="calls", environment={"PW": secret}, connect_seconds=3)
    message = str(caught.value)
    assert message.startswith("source calls (") and "***" in message
    assert remedy in message
    assert "hunter2" not in message and "\n" not in message and "(hidden)" not in message
    assert caught.value.exit_code == 3


def test_a_driver_that_repeats_the_password_is_not_quoted(tmp_path: Path) -> None:
    source = Source("calls", parse_url("postgresql://u:${PW}@h/d", {"PW": "hunter2"}), sa.create_engine("sqlite://"))
    with pytest.raises(SourceError) as caught, source.errors("connecting"):
        raise RuntimeError("cannot parse postgresql://u:hunter2@h/d")
    assert "hunter2" not in str(caught.value)
    assert "withheld" in str(caught.value)


def test_an_error_does_not_quote_a_person(make_database: Make) -> None:
    """A cast that fails names the value that it failed on, which may be a phone number."""
    source = open_source(filled(make_database, "postgresql", note="13800000000 X"))
    relation = relation_of("visit", None)
    cast = Column("note", sa.cast(column_of(relation, "note"), sa.Integer()), Shape.INT)
    for arrow in (True, False):
        with pytest.raises(SourceError) as caught:
            list(read_statement(source, Statement(relation, (cast,)), "visit", arrow=arrow))
        assert "type integer" in str(caught.value)
        assert "13800000000" not in str(caught.value)
    source.close()


def test_secrets_come_from_the_environment() -> None:
    environment = {"USER_NAME": "an@user", "PW": "p@s/s:%w", "HOST": "db.example", "PORT": "6543", "WHOLE": "postgresql://u:p@h/d"}
    url = parse_url("postgresql://${USER_NAME}:${PW}@${HOST}:${PORT}/calls?sslmode=verify-full&sslpassword=${PW}", environment)
    assert (url.username, url.password, url.host, url.port) == ("an@user", "p@s/s:%w", "db.example", 6543)
    assert dict(url.query) == {"sslmode": "verify-full", "sslpassword": "p@s/s:%w"}
    assert safe_url(url) == "postgresql+psycopg://an%40user:***@db.example:6543/calls?sslmode=verify-full&sslpassword=%2A%2A%2A"
    assert parse_url("${WHOLE}", environment).password == "p"
    with pytest.raises(UsageError, match="variable MISSING, named in a source's URL, is not set"):
        parse_url("postgresql://u:${MISSING}@h/d", {})
    with pytest.raises(UsageError) as caught:
        parse_url("not a url with hunter2")
    assert "hunter2" not in str(caught.value)


def test_a_driver_that_is_not_installed() -> None:
    with pytest.raises(SourceError, match="install its SQLAlchemy dialect"):
        open_source("nosuchdialect://h/d")


@pytest.mark.parametrize("dialect", DIALECTS)
def test_a_table_that_is_not_there_and_one_that_vanishes(make_database: Make, dialect: str) -> None:
    url = filled(make_database, dialect)
    source = open_source(url)
    other = read_record(source, Record("ghost", (Field("ghost_id", "id", True),)))
    assert isinstance(other, Absent)
    assert other.reason == "the source main has no table ghost"
    keyless = read_record(source, Record("visit", (Field("key", "id", True), Field("note", "text"))))
    assert isinstance(keyless, Absent)
    assert keyless.reason == "the table visit has no column key, which is its key"
    raw = visits(source)
    engine = writer(parse_url(url))
    with engine.begin() as connection:
        connection.exec_driver_sql("DROP TABLE visit")
    engine.dispose()
    with pytest.raises(SourceError, match=r"reading visit failed.*Check the names in the URL and the mapping"):
        list(raw.batches())
    source.close()


CUT = """
import sys, time
import sqlalchemy as sa
engine = sa.create_engine(sys.argv[1], isolation_level="AUTOCOMMIT")
with engine.connect() as connection:
    time.sleep(2)
    if engine.dialect.name == "postgresql":
        others = "FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
        connection.exec_driver_sql("SELECT pg_terminate_backend(pid) " + others)
    else:
        others = f"FROM information_schema.processlist WHERE db = '{engine.url.database}' AND id <> connection_id()"
        for (thread,) in connection.exec_driver_sql("SELECT id " + others).all():
            connection.exec_driver_sql(f"KILL {thread}")
"""


@pytest.mark.parametrize("arrow", [True, False], ids=["arrow", "plain"])
@pytest.mark.parametrize("dialect", ["postgresql", "mariadb"])
def test_a_server_that_cuts_the_connection_half_way(make_database: Make, dialect: str, arrow: bool) -> None:
    """Half the rows are never taken for all of them."""
    url = filled(make_database, dialect, rows=2, note="x" * 20_000)
    engine = writer(parse_url(url))
    with engine.begin() as connection:
        for _ in range(13):  # 16,384 rows of 20 kB: more than any buffer on the way holds
            connection.exec_driver_sql("INSERT INTO visit SELECT concat(visit_id, 'x'), note FROM visit")
    source = open_source(url)
    relation = relation_of("visit", None)
    slow = "pg_sleep(0.001)" if dialect == "postgresql" else "sleep(0.001)"
    names = [Column(n, column_of(relation, n), Shape.TEXT) for n in ("visit_id", "note")]
    statement = Statement(relation, (*names, Column("wait", sa.literal_column(slow), Shape.INT)))
    cutter = subprocess.Popen([sys.executable, "-c", CUT, engine.url.render_as_string(hide_password=False)])
    with pytest.raises(SourceError, match=r"reading visit failed.*(The server cut the connection|Try the same)"):
        list(read_statement(source, statement, "visit", arrow=arrow))
    assert cutter.wait() == 0
    engine.dispose()
    source.close()


def test_a_statement_that_takes_too_long(make_database: Make) -> None:
    for dialect in ("postgresql", "mariadb"):
        source = open_source(filled(make_database, dialect), statement_seconds=1)
        slow = "pg_sleep(5)" if dialect == "postgresql" else "sleep(5) + (SELECT count(*) FROM information_schema.tables)"
        statement = Statement(relation_of("visit", None), (Column("visit_id", sa.literal_column(slow), Shape.INT),))
        for arrow in (True, False):
            with pytest.raises(SourceError, match="Raise the source's statement timeout"):
                list(read_statement(source, statement, "visit", arrow=arrow))
        source.close()
