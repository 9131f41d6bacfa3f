"""The demonstration site: for each ruleset an embedded database of a made-up organisation, with known breaches."""

from __future__ import annotations

import json
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from auditor.contract import Record
from auditor.rulebook import load_ruleset, rulesets_available
from auditor.rulebook.locate import import_ruleset

SEED = 20260930

Row = Mapping[str, Any]


@dataclass(frozen=True)
class Demonstration:
    """One ruleset's made-up organisation: its rows, and the (rule, case id) pairs of what was planted."""

    ruleset: str
    period: str
    as_of: str
    rows: Mapping[str, Sequence[Row]]
    planted: Sequence[tuple[str, str]]


def demonstrations() -> list[Demonstration]:
    """The demonstration of every ruleset that has one, by name; the same in every run."""
    found = []
    for name, folder in rulesets_available().items():
        if (folder / "demo.py").is_file() or (folder / "demo").is_dir():
            found.append(demonstration(name))
    return found


def demonstration(ruleset: str) -> Demonstration:
    """The demonstration of one ruleset."""
    module = import_ruleset(ruleset, "demo")["demo"]
    rows, planted = module.build(random.Random(SEED))  # noqa: S311
    return Demonstration(ruleset, module.PERIOD, module.AS_OF, rows, planted)


def write_database(demo: Demonstration, path: Path) -> None:
    """The rows as canonical tables of a new SQLite database."""
    contract = load_ruleset(demo.ruleset).contract
    engine = sa.create_engine(f"sqlite:///{path}")
    metadata = sa.MetaData()
    tables = {name: _table(contract[name], metadata) for name in load_ruleset(demo.ruleset).regulation.reads}
    metadata.create_all(engine)
    with engine.begin() as connection:
        for name, rows in demo.rows.items():
            if rows:
                columns = contract[name].names
                connection.execute(tables[name].insert(), [{c: _stored(row.get(c)) for c in columns} for row in rows])
    engine.dispose()


def _table(record: Record, metadata: sa.MetaData) -> sa.Table:
    kinds: dict[str, Any] = {"bool": sa.Boolean, "int": sa.BigInteger, "num": sa.Numeric(20, 4, asdecimal=False)}
    return sa.Table(
        record.name, metadata, *(sa.Column(f.name, kinds.get(f.kind, sa.Text), primary_key=f is record.key) for f in record.fields)
    )


def _stored(value: Any) -> Any:
    return json.dumps(value, ensure_ascii=False) if isinstance(value, list | tuple) else value
