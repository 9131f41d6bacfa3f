"""Audits for the tests: the sample databases, the command line in this process, and what a run leaves."""

from __future__ import annotations

import csv
import json
import lzma
import os
from collections import defaultdict
from collections.abc import Mapping
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow.parquet as pq

from auditor import cli

SAMPLES = Path(__file__).parent / "samples"
AUDITS = {
    "after": ("2026Q3", "2026-10-12T00:00:00"),
    "during": ("2026Q3", "2026-09-10T15:30:00"),
    "year": ("2026", "2026-11-20T09:00:00"),
}
"""Sample → period and as-of."""

KEY = "the key of a site of the tests"
LOCAL = ZoneInfo("Asia/Shanghai")

Told = tuple[str, str, str]
"""Verdict, counted_at (local), liable party or unit."""


def sample_database(ruleset: str, name: str, folder: Path) -> Path:
    """The sample database, unpacked into the folder."""
    path = folder / f"{ruleset}-{name}.db"
    path.write_bytes(lzma.decompress((SAMPLES / ruleset / f"{name}.db.xz").read_bytes()))
    return path


def expected_verdicts(ruleset: str, name: str) -> dict[tuple[str, str], Told]:
    """(rule, case id) → what an independent implementation says of the sample."""
    with lzma.open(SAMPLES / ruleset / f"{name}.csv.xz", "rt", newline="") as file:
        return {(row["rule"], row["case_id"]): (row["verdict"], local(row["counted_at"]), row["liable"]) for row in csv.DictReader(file)}


def local(time: str | datetime) -> str:
    value = datetime.fromisoformat(time) if isinstance(time, str) else time
    return (value if value.tzinfo else value.replace(tzinfo=LOCAL)).astimezone(LOCAL).isoformat(timespec="seconds")


@contextmanager
def environment(**variables: str | None) -> Any:
    """Variables of the process for a while; None takes one away."""
    before = {name: os.environ.get(name) for name in variables}
    _set(variables)
    try:
        yield
    finally:
        _set(before)


def _set(variables: Mapping[str, str | None]) -> None:
    for name, value in variables.items():
        if value is None:
            os.environ.pop(name, None)
        else:
            os.environ[name] = value


def run(*arguments: str | Path, key: str | None = KEY) -> int:
    """The exit code of `auditor ARGUMENTS`, run in this process with the site key `key`."""
    with environment(AUDITOR_KEY=key, AUDITOR_DEBUG=None):
        return cli.run([str(argument) for argument in arguments])


def audit(
    database: Path, ruleset: str, out: Path, *more: str | Path, period: str = "2026Q3", as_of: str = "2026-10-12T00:00:00", workers: int = 1
) -> Path:
    """A finished audit without a PDF; returns its folder."""
    source = ("--source", f"sqlite:///{database}", "--ruleset", ruleset)
    code = run("audit", *source, "--period", period, "--as-of", as_of, "--out", out, "--no-pdf", "--workers", str(workers), *more)
    assert code == 0, f"the audit of {database} ended with {code}"
    return out


def verdicts(folder: Path) -> dict[tuple[str, str], list[Told]]:
    """(rule, case id) → what a run says; a list, so that a case that stands twice shows."""
    found: dict[tuple[str, str], list[Told]] = defaultdict(list)
    for row in rows_of(folder / "verdicts.parquet"):
        found[row["rule"], row["case_id"]].append(
            (row["verdict"], local(row["counted_at"]), row["liable_party"] or row["liable_org"] or "")
        )
    return dict(found)


def rows_of(path: Path) -> list[dict[str, Any]]:
    """The rows of a parquet or JSON lines file of a run."""
    if path.suffix == ".parquet":
        return pq.read_table(path).to_pylist()
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def summary_of(folder: Path) -> dict[str, Any]:
    return json.loads((folder / "summary.json").read_text(encoding="utf-8"))
