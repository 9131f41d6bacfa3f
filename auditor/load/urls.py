"""Connection URLs: secrets from the environment go in, and never come out again."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping

from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

from auditor.errors import UsageError

_PLACEHOLDER = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")
_PORT = re.compile(r":\$\{([A-Za-z_][A-Za-z0-9_]*)\}(?=/|\?|$)")
_SECRET = re.compile(r"pass|pwd|secret|token", re.IGNORECASE)

_DRIVERS = {
    "postgres": "postgresql+psycopg",
    "postgresql": "postgresql+psycopg",
    "mysql": "mysql+pymysql",
    "mariadb": "mariadb+pymysql",
    "oracle": "oracle+oracledb",
    "mssql": "mssql+mssqlpython",
}
"""The driver taken where a URL names none."""


def parse_url(text: str, environment: Mapping[str, str] | None = None) -> URL:
    """The URL with every `${NAME}` filled in from the environment.

    A value may hold any character (`@`, `/`, `%`): it is put into the part that names it, not into the text.
    Raises UsageError where the text is no URL or a variable is not set; the message shows no secret.
    """
    environment = os.environ if environment is None else environment

    def value(name: str) -> str:
        if name not in environment:
            raise UsageError(f"the environment variable {name}, named in a source's URL, is not set; set it before the command")
        return environment[name]

    if whole := _PLACEHOLDER.fullmatch(text.strip()):
        text = value(whole[1])
    text = _PORT.sub(lambda m: ":" + value(m[1]), text.strip())
    names: list[str] = []

    def token(match: re.Match[str]) -> str:
        value(match[1])
        names.append(match[1])
        return f"auditorsecret{len(names) - 1}x"

    marked = _PLACEHOLDER.sub(token, text)

    def filled(part: str) -> str:
        return re.sub(r"auditorsecret(\d+)x", lambda m: value(names[int(m[1])]), part)

    try:
        url = make_url(marked)
    except (ArgumentError, ValueError):
        raise UsageError(
            "a source's URL cannot be read; write it as dialect://user:${PASSWORD}@host:port/database, or sqlite:///path/to/file.db"
        ) from None
    return url.set(
        drivername=_DRIVERS.get(url.drivername, url.drivername),
        username=filled(url.username) if url.username else None,
        password=filled(str(url.password)) if url.password is not None else None,
        host=filled(url.host) if url.host else None,
        database=filled(url.database) if url.database else None,
        query={k: filled(v) if isinstance(v, str) else tuple(filled(one) for one in v) for k, v in url.query.items()},
    )


def safe_url(url: URL) -> str:
    """The URL as it may be shown: the password, and query parameters that hold one, as `***`."""
    query = {k: "***" if _SECRET.search(k) else v for k, v in url.query.items()}
    return url.set(query=query).render_as_string(hide_password=True)


def secrets_of(url: URL) -> tuple[str, ...]:
    """The texts that must stand in no message."""
    secrets = [str(url.password)] if url.password else []
    for key, value in url.query.items():
        if _SECRET.search(key):
            secrets += [value] if isinstance(value, str) else list(value)
    return tuple(s for s in secrets if s)
