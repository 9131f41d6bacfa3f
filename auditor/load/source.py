"""A source database, opened for reading alone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.engine import URL, Engine
from sqlalchemy.exc import NoSuchModuleError

from auditor.errors import AuditorError, SourceError
from auditor.load.urls import parse_url, safe_url, secrets_of
from auditor.masking import Masker

CONNECT_SECONDS = 10
"""How long a server may take to answer the first connection."""

_EXTRAS = {"oracle": "oracle", "mssql": "mssql", "mysql": "mysql", "mariadb": "mysql", "postgresql": "postgresql"}


@dataclass(eq=False)
class Source:
    """One database. `schema` is where its tables stand (None: the connection's own); `statement_seconds` 0 is no limit."""

    name: str
    url: URL
    engine: Engine = field(repr=False)
    schema: str | None = None
    statement_seconds: int = 0
    shown_url: URL | None = None
    """The URL as the user gave it, where we open another."""
    words: set[str] = field(default_factory=set, repr=False)
    """Names of the schema and of the mapping, which an error may show; what else it quotes may be a person's."""
    tables: dict[str | None, tuple[str, ...]] = field(default_factory=dict, repr=False)
    """The names of the tables of each schema that has been listed."""

    @property
    def dialect(self) -> str:
        """sqlite, postgresql, mysql (MariaDB too), oracle or mssql."""
        name = self.engine.dialect.name
        return "mysql" if name == "mariadb" else name

    def safe_url(self) -> str:
        """The URL without its password."""
        return safe_url(self.shown_url or self.url)

    def close(self) -> None:
        """Gives back the connections."""
        self.engine.dispose()

    @contextmanager
    def errors(self, doing: str) -> Iterator[None]:
        """Turns whatever a driver raises into a SourceError that names source, step and remedy, and no secret."""
        try:
            yield
        except AuditorError:
            raise
        except BaseException as error:
            # ADBC takes Ctrl-C for itself: what its own cancelling raises, or the server says of it, stands for the interrupt.
            if isinstance(error.__cause__, KeyboardInterrupt) or "due to user request" in str(error):
                raise KeyboardInterrupt from None
            # drivers raise what they like; one written in Rust panics with an exception that is no Exception
            if isinstance(error, Exception) or type(error).__name__ == "PanicException":
                raise self.failure(doing, error) from None
            raise

    def failure(self, doing: str, error: BaseException) -> SourceError:
        """The error as one paragraph."""
        cause: BaseException = getattr(error, "orig", None) or error
        numbered = len(cause.args) == 2 and isinstance(cause.args[0], int)  # MySQL's (number, text) would show the text in quotes
        said = " ".join((f"{cause.args[1]} ({cause.args[0]})" if numbered else str(cause)).split())
        secret = any(one in said for one in secrets_of(self.url))
        told = {"(host)", self.url.username, self.url.database, self.schema} | self.words
        host = self.url.host or "(host)"  # an address in digits looks like a phone number
        said = Masker().scrub(said.replace(host, "(host)"), {word for word in told if word}).replace("(host)", host)
        if secret:
            said = f"{type(cause).__name__} (its text is withheld because it repeats a secret)"
        return SourceError(f"source {self.name} ({self.safe_url()}): {doing} failed: {said[:600].rstrip('.')}. {_remedy(said)}")


def open_source(
    url: str,
    *,
    name: str = "main",
    schema: str | None = None,
    statement_seconds: int = 0,
    connect_seconds: int = CONNECT_SECONDS,
    environment: Mapping[str, str] | None = None,
    folder: Path | None = None,
) -> Source:
    """Opens a database read-only and tries the connection. A relative path of a SQLite file starts at `folder`.

    `url` may name environment variables as `${NAME}`. Raises UsageError for a URL that cannot be read, SourceError where the
    database cannot be reached. A SQLite file that is missing is an error, never made.
    """
    parsed = given = parse_url(url, environment)
    if parsed.get_backend_name() == "sqlite":
        parsed = _sqlite_url(parsed, name, folder or Path())
    arguments, statements = _session(parsed, statement_seconds, connect_seconds)
    try:
        engine = sa.create_engine(parsed, connect_args=arguments, pool_pre_ping=False)
    except (ImportError, NoSuchModuleError) as error:
        extra = _EXTRAS.get(parsed.get_backend_name())
        remedy = f"pip install 'service-auditor[{extra}]'" if extra else "install its SQLAlchemy dialect"
        raise SourceError(f"source {name} ({safe_url(given)}): its driver is not installed ({error}); {remedy}") from None
    for statement in statements:
        _at_connect(engine, statement)
    if engine.dialect.name == "oracle":  # where read-only is a matter of each transaction, not of the session
        event.listen(engine, "begin", lambda connection: connection.exec_driver_sql("SET TRANSACTION READ ONLY"))
    source = Source(name, parsed, engine, schema, statement_seconds, given)
    with source.errors("connecting"), engine.connect() as connection:
        # SQLite looks into its file with the first table alone
        probe = {"sqlite": "SELECT count(*) FROM sqlite_master", "oracle": "SELECT 1 FROM dual"}
        connection.exec_driver_sql(probe.get(source.dialect, "SELECT 1"))
    return source


def _sqlite_url(url: URL, name: str, folder: Path) -> URL:
    """`file:PATH?mode=ro`, so that nothing can be written and a missing file is not made."""
    path = (url.database or "").removeprefix("file:")
    if not path or path == ":memory:":
        raise SourceError(f"source {name}: a SQLite source is a file; write sqlite:///relative.db or sqlite:////absolute/path.db")
    file = folder / path
    if not file.is_file():
        raise SourceError(f"source {name} ({safe_url(url)}): there is no file {file}; check the path")
    query = {k: v for k, v in url.query.items() if k not in ("mode", "uri")}
    return url.set(database=f"file:{quote(str(file.resolve()))}", query={**query, "mode": "ro", "uri": "true"})


def session_settings(dialect: str, statement_seconds: int) -> tuple[str, ...]:
    """The statements that make a session read-only, in UTC and bounded (MySQL, MariaDB, Oracle)."""
    if dialect in ("mysql", "mariadb"):
        limit = (f"SET SESSION max_statement_time = {statement_seconds}",) if statement_seconds else ()
        snapshot = "SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ"
        return ("SET SESSION TRANSACTION READ ONLY", snapshot, "SET SESSION time_zone = '+00:00'", *limit)
    if dialect == "oracle":
        return ("ALTER SESSION SET TIME_ZONE = 'UTC'",)
    return ()


def postgresql_options(statement_seconds: int, given: str = "") -> str:
    """libpq's `options`: read-only, one snapshot for a transaction, UTC and ISO dates, whatever the role's defaults."""
    settings = {
        "default_transaction_read_only": "on",
        "default_transaction_isolation": r"repeatable\ read",
        "TimeZone": "UTC",
        "DateStyle": "ISO",
        "extra_float_digits": "1",
    }
    if statement_seconds:
        settings["statement_timeout"] = f"{statement_seconds}s"
    return " ".join([given, *(f"-c {k}={v}" for k, v in settings.items())]).strip()


def _session(url: URL, statement_seconds: int, connect_seconds: int) -> tuple[dict[str, Any], tuple[str, ...]]:
    backend = url.get_backend_name()
    if backend == "postgresql":
        given = url.query.get("options", "")
        options = postgresql_options(statement_seconds, given if isinstance(given, str) else " ".join(given))
        return {"options": options, "connect_timeout": connect_seconds}, ()
    if backend in ("mysql", "mariadb"):
        return {"connect_timeout": connect_seconds, "charset": "utf8mb4"}, session_settings(backend, statement_seconds)
    return {}, session_settings(backend, statement_seconds)


def _at_connect(engine: Engine, statement: str) -> None:
    @event.listens_for(engine, "connect")
    def run(connection: Any, _record: object) -> None:
        cursor = connection.cursor()
        try:
            cursor.execute(statement)
        except Exception:
            # MySQL names the limit otherwise than MariaDB, and in milliseconds
            if "max_statement_time" not in statement:
                raise
            cursor.execute(f"SET SESSION max_execution_time = {int(statement.rsplit('=', 1)[1]) * 1000}")
        finally:
            cursor.close()


_REMEDIES: tuple[tuple[tuple[str, ...], str], ...] = (
    (
        ("password", "access denied", "authentication", "no pg_hba", "login failed", 'role "'),
        "Check user and password: the password comes from the environment variable that the URL names.",
    ),
    (
        ("no such table", "no such column", "does not exist", "doesn't exist", "unknown column", "unknown table", "unknown database"),
        "Check the names in the URL and the mapping, and that nobody changes the schema during the run.",
    ),
    (
        ("permission denied", "command denied", "insufficient priv", "ora-01031"),
        "Ask the database's administrator for the grants that `auditor check --sql` prints.",
    ),
    (("statement timeout", "max_statement_time", "max_execution_time"), "Raise the source's statement timeout, or read from a replica."),
    (
        ("lost connection", "server closed", "connection reset", "terminating connection", "broken pipe", "gone away", "eof", "no tuples"),
        "The server cut the connection; try again, or read from a replica.",
    ),
    (
        ("could not translate", "name or service", "refused", "timed out", "timeout", "can't connect", "unreachable", "no route"),
        "Check host and port, and that the server is up and reachable from here.",
    ),
    (("not a database", "malformed", "unable to open"), "Check that the file is a SQLite database and that it can be read."),
    (("locked",), "Another program holds the file; try again, or read a copy."),
)


def _remedy(said: str) -> str:
    low = said.lower()
    for words, remedy in _REMEDIES:
        if any(word in low for word in words):
            return remedy
    return "Try the same statement with the database's own client (`auditor check --sql` prints it)."
