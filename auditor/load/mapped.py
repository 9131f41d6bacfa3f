"""A mapped record: the site's own tables, queries, joins and histories, read under canonical names."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

import pyarrow as pa
import sqlalchemy as sa
from sqlalchemy.sql import FromClause

from auditor.config import ColumnConfig, Feed, FeedConfig, MilestonesConfig, TimeReading
from auditor.contract import Field, Record
from auditor.load.catalogue import SourceColumn, find_name, read_table
from auditor.load.describe import describe_query
from auditor.load.milestones import AT, KEY, KIND, ORDER, attach, pivot
from auditor.load.read import Absent, RawRecord, qualified, read_record, read_statement, sent
from auditor.load.source import Source
from auditor.load.statement import Column, Statement, column_of, query_of
from auditor.load.text_sql import Expression, Shape, is_native
from auditor.load.transform import leaves_as_it_is, transformed


@dataclass(frozen=True)
class _Relation:
    """What columns are taken from: the tables and joins (or the query), and the columns known by alias."""

    clause: FromClause
    columns: Mapping[str, tuple[FromClause, Mapping[str, SourceColumn]]]
    main: str
    name: str

    def find(self, name: str) -> tuple[Expression, Shape] | None:
        """`column` of the record's own table, or `alias.column`."""
        alias, _, rest = name.partition(".")
        for where, column in ((alias, rest), (self.main, name)):
            if column and where in self.columns:
                clause, known = self.columns[where]
                found = find_name(column, known)
                if found is not None:
                    return column_of(clause, found.name), found.shape
        return None


class _Lacking(Exception):
    """The source does not have what the mapping names; the text is the reason."""


@dataclass(frozen=True)
class _Plan:
    """One feed, ready to be read."""

    source: Source
    name: str
    statement: Statement
    taken: Mapping[str, tuple[Field, ColumnConfig, TimeReading]]
    constants: Mapping[str, str]
    histories: Sequence[tuple[MilestonesConfig, Statement]]
    missing: Mapping[str, str]
    tables: Sequence[str]

    @property
    def names(self) -> set[str]:
        return {*self.taken, *self.constants, *(n for config, _ in self.histories for n in config.columns)}


def read_mapped(sources: Mapping[str, Source], record: Record, feeds: Sequence[Feed], zone: ZoneInfo) -> RawRecord | Absent:
    """The record from the feeds that the site maps onto it, or, without any, from the one source that has a table of its name.

    A table or column that a mapping names and a source lacks makes the record absent or the column missing, with the reason.
    Columns that any feed has are there for all; the rows of the others are blank in them. Nothing is read before `batches()`
    is called. Raises SourceError where a source cannot be read, or a query of the site's own does not run.
    """
    if not feeds:
        return _by_name(sources, record)
    plans: list[_Plan] = []
    for feed in feeds:
        if feed.config.missing is not None:
            return Absent(record, f"the site says: {feed.config.missing}")
        if feed.config.empty is not None:
            continue
        source = sources[feed.config.source] if feed.config.source else next(iter(sources.values()))
        try:
            plans.append(_plan(source, record, feed.config))
        except _Lacking as lacking:
            return Absent(record, str(lacking))
    if not plans:
        return RawRecord(record, "+".join(sources), f"(empty: {feeds[0].config.empty})", lambda: iter(()))
    names = [n for n in record.names if any(n in p.names for p in plans)]
    reasons = {n: why for p in plans for n, why in p.missing.items()}
    missing = {n: reasons.get(n, f"the mapping of {record.name} names no column for {n}") for n in record.names if n not in names}
    if record.key.name in missing:
        return Absent(record, f"{missing[record.key.name]}, which is its key")
    statements = [sent(p.source, s) for p in plans for s in (p.statement, *(h for _, h in p.histories))]
    return RawRecord(
        record,
        "+".join(dict.fromkeys(p.source.name for p in plans)),
        "+".join(dict.fromkeys(p.name for p in plans)),
        lambda: (batch for plan in plans for batch in _batches(plan, record, names, zone)),
        missing,
        tuple(statements),
        tuple(dict.fromkeys((p.source.name, table) for p in plans for table in p.tables)),
    )


def _by_name(sources: Mapping[str, Source], record: Record) -> RawRecord | Absent:
    found = [read_record(source, record) for source in sources.values()]
    there = [one for one in found if isinstance(one, RawRecord)]
    if len(there) > 1:
        several = " and ".join(one.source for one in there)
        return Absent(record, f"the sources {several} have a table {record.name} each: say in the mapping which of them feed the record")
    return there[0] if there else found[0]


def _plan(source: Source, record: Record, config: FeedConfig) -> _Plan:
    relation = _relation(source, config)
    columns: list[Column] = []
    taken: dict[str, tuple[Field, ColumnConfig, TimeReading]] = {}
    constants: dict[str, str] = {}
    missing: dict[str, str] = {}
    for name, column in _columns(relation, record, config).items():
        if column.value is not None:
            constants[name] = column.value
            continue
        read = _column(source, relation, column)
        if read is None:
            missing[name] = f"{relation.name} has no column {column.column}, which the mapping names for {record.name}.{name}"
            continue
        field, times = record.field(name), _times(column, config)
        expression, shape = read
        columns.append(Column(name, expression, shape, is_native(field.kind, shape) and leaves_as_it_is(column, times)))
        taken[name] = (field, column, times)
    if not columns:
        raise _Lacking(f"{relation.name} has none of the columns that the mapping names for {record.name}")
    statement = Statement(relation.clause, tuple(columns), config.where)
    histories = [(m, _history(source, m)) for m in config.milestones]
    tables = [config.table, *(join.table for join in config.joins), *(m.table for m in config.milestones)]
    named = [qualified(t, None if "." in t else source.schema) for t in tables if t is not None]
    return _Plan(source, relation.name, statement, taken, constants, histories, missing, named)


def _columns(relation: _Relation, record: Record, config: FeedConfig) -> Mapping[str, ColumnConfig]:
    columns = {n: config.columns[n] for n in record.names if n in config.columns}
    if config.same_names if config.same_names is not None else not columns:
        pivoted = {n for m in config.milestones for n in m.columns}
        by_name = {n: ColumnConfig(column=n) for n in record.names if n not in columns and n not in pivoted}
        columns |= {n: c for n, c in by_name.items() if relation.find(n) is not None}
    return columns


def _times(column: ColumnConfig, config: FeedConfig) -> TimeReading:
    """The column's own reading of times, the feed's where it says nothing."""
    own = {n for n in TimeReading.model_fields if n in column.model_fields_set}
    return TimeReading(**{n: getattr(column if n in own else config, n) for n in TimeReading.model_fields})


def _column(source: Source, relation: _Relation, column: ColumnConfig) -> tuple[Expression, Shape] | None:
    if column.sql is not None:
        return sa.literal_column(f"({column.sql})"), Shape.AS_IT_IS if source.dialect in ("oracle", "mssql") else Shape.OTHER
    assert column.column is not None
    found = relation.find(column.column)
    if found is None or column.max_length is None:
        return found
    expression, shape = found
    if source.dialect == "oracle":
        return sa.func.dbms_lob.substr(expression, column.max_length, 1), Shape.TEXT
    cut = sa.func.substring if source.dialect == "mssql" else sa.func.substr
    return cut(expression, sa.literal_column("1"), sa.literal_column(str(column.max_length))), shape


def _relation(source: Source, config: FeedConfig) -> _Relation:
    if config.sql is not None:
        known = {c.name: c for c in describe_query(source, config.sql, "the site's query")}
        query = query_of(config.sql, list(known))
        return _Relation(query, {config.alias: (query, known)}, config.alias, f"the query of {source.name}")
    assert config.table is not None
    main, columns = _table(source, config.table, config.alias)
    clause: FromClause = main
    known_columns = {config.alias: (main, columns)}
    for join in config.joins:
        other, columns = _table(source, join.table, join.alias)
        known_columns[join.alias] = (other, columns)
        clause = clause.join(other, sa.literal_column(f"({join.on})"), isouter=join.kind == "left")
    return _Relation(clause, known_columns, config.alias, config.table)


def _table(source: Source, name: str, alias: str) -> tuple[FromClause, Mapping[str, SourceColumn]]:
    schema, _, plain = name.rpartition(".")
    table = read_table(source, name) or (read_table(source, plain, schema) if schema else None)
    if table is None:
        raise _Lacking(f"the source {source.name} has no table {name}")
    return sa.table(table.name, schema=table.schema).alias(alias), {c.name: c for c in table.columns}


def _history(source: Source, config: MilestonesConfig) -> Statement:
    wanted = {KEY: config.key, KIND: config.kind, AT: config.at} | ({ORDER: config.order} if config.order else {})
    wanted |= {m.value: m.value for m in config.columns.values() if m.value is not None}
    relation = _relation(source, FeedConfig(table=config.table, sql=config.sql))
    columns = []
    for alias, name in wanted.items():
        found = relation.find(name)
        if found is None:
            raise _Lacking(f"{relation.name} has no column {name}, which the mapping's milestones name")
        columns.append(Column(alias, *found))
    return Statement(relation.clause, tuple(columns))


def _batches(plan: _Plan, record: Record, names: Sequence[str], zone: ZoneInfo) -> Iterator[pa.RecordBatch]:
    histories = [pivot(read_statement(plan.source, statement, plan.name), config, zone) for config, statement in plan.histories]
    for batch in read_statement(plan.source, plan.statement, plan.name):
        columns: dict[str, pa.Array] = {n: pa.repeat(pa.scalar(v, pa.string()), batch.num_rows) for n, v in plan.constants.items()}
        for name, (field, column, times) in plan.taken.items():
            given = batch.column(name)
            columns[name] = transformed(given, field, column, times) if pa.types.is_string(given.type) else given
        if record.key.name in plan.taken:
            for milestones in histories:
                columns |= attach(batch.column(record.key.name), milestones)
        nothing = pa.nulls(batch.num_rows, pa.string())
        yield pa.RecordBatch.from_arrays([columns.get(n, nothing) for n in names], names=list(names))
