"""Times, dates, flags and whole numbers that PostgreSQL sends in binary say what its own text of them says."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from auditor.config import ColumnConfig, Feed, FeedConfig
from auditor.contract import Field, Record
from auditor.load import Absent, RawRecord, Source, open_source, read_mapped, read_record, read_statement
from auditor.load import read as read_module
from auditor.load.arrow_drivers import arrow_batches
from auditor.load.postgresql_values import date_text, time_text
from auditor.load.statement import Column, Statement, column_of, query_of
from auditor.load.text_sql import Shape
from auditor.validate import validate
from auditor.validate.blank import as_string
from auditor.validate.values import typed
from tests.databases import databases, text_url, writer

ADBC = "adbc_driver_postgresql.dbapi"
ZONES = [ZoneInfo(name) for name in ("Asia/Shanghai", "America/New_York", "Pacific/Kiritimati", "Etc/GMT+12")]
DAY = 86_400 * 10**6
FIRST, LAST = -2_451_545, 106_751_990 - 10_957
"""Days since 2000 of the first and of the last timestamp that PostgreSQL knows."""
LAST_DATE = 2_145_031_948
TYPES = {Shape.ZONED_TIME: "timestamptz", Shape.TIME: "timestamp", Shape.DATE: "date", Shape.BOOL: "boolean", Shape.INT: "bigint"}
FIELDS = {
    Shape.ZONED_TIME: Field("at", "time"),
    Shape.TIME: Field("at", "time"),
    Shape.DATE: Field("at", "date"),
    Shape.BOOL: Field("at", "bool"),
    Shape.INT: Field("at", "int"),
}

NEAR = st.integers(-11_000, 73_200)
"""Days about those that a log can show."""
FRACTIONS = st.sampled_from([0, 1, DAY - 1, 500_000, 10 * 10**6, 3_600_000_100]) | st.integers(0, DAY - 1)
INSTANTS = st.tuples(NEAR | st.integers(FIRST + 1, LAST - 1), FRACTIONS)
EDGES = [(-10_957 + day, us) for day in (-1, 0, 1, 2) for us in (0, DAY - 1)] + [
    (73_046 + day, us) for day in range(5) for us in (0, DAY - 1)
]


@pytest.fixture(name="source", scope="module")
def _source(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Source]:
    with databases(tmp_path_factory.mktemp("databases")) as make:
        source = open_source(text_url(make("postgresql")))
        yield source
        source.close()


def moment(value: tuple[int, int] | str | None) -> str:
    """SQL of a timestamp: days since 2000 and microseconds, or what PostgreSQL calls it."""
    if value is None or isinstance(value, str):
        return "NULL::timestamp" if value is None else f"'{value}'::timestamp"
    return f"'2000-01-01'::timestamp + {value[0]} * interval '1 day' + {value[1]} * interval '1 microsecond'"


def both(source: Source, kind: str, shape: Shape, values: Sequence[str]) -> tuple[pa.Array, pa.Array]:
    """The values as they come in binary, and the server's text of them."""
    rows = ", ".join(f"({number}, {value})" for number, value in enumerate(values))
    sql = f"SELECT v::{kind}, CAST(v::{kind} AS text) FROM (VALUES {rows}) AS given(n, v) ORDER BY n"
    (batch,) = arrow_batches(source, "psycopg", sql, [shape, Shape.TEXT])
    return batch.column(0), batch.column(1)


def same(native: pa.Array, text: pa.Array, field: Field) -> None:
    """Validation makes the same of both, and shows the same of what it refuses."""
    for zone in ZONES:
        ours, theirs = typed(native, field, zone), typed(text, field, zone)
        assert ours.values.equals(theirs.values)
        assert ours.faults.tolist() == theirs.faults.tolist()
        refused = pa.array([n for n, fault in enumerate(ours.faults) if fault], pa.int64())
        assert as_string(ours.raw.take(refused)).equals(as_string(theirs.raw.take(refused)))


@settings(max_examples=60, deadline=None)
@given(st.lists(st.none() | INSTANTS | st.sampled_from(["infinity", "-infinity"]), min_size=1, max_size=30), st.booleans())
@example([None, None], True)
@example([(0, 0), (0, 1), (-1, DAY - 1)], True)
@example([*EDGES, None], True)
@example([*EDGES, None], False)
@example([(FIRST, 0), (LAST - 1, DAY - 1), (-730_120, 0), (-730_119, 0), (-730_485, 0), (2_921_939, DAY - 1), (2_921_940, 0)], True)
def test_times(source: Source, values: list[tuple[int, int] | str | None], zoned: bool) -> None:
    shape = Shape.ZONED_TIME if zoned else Shape.TIME
    native, text = both(source, TYPES[shape], shape, [moment(v) for v in values])
    if pa.types.is_string(native.type):
        assert native.equals(text)
    else:
        assert native.type == pa.timestamp("us", "UTC" if zoned else None)
        since = pa.array(native.cast(pa.int64()).to_numpy(zero_copy_only=False) - 10_957 * DAY, pa.int64(), from_pandas=True)
        assert time_text(since, zoned=zoned).equals(text)
    same(native, text, FIELDS[shape])


@pytest.mark.parametrize("edge", EDGES)
def test_a_time_that_a_log_cannot_show_on_some_clock_is_text(source: Source, edge: tuple[int, int]) -> None:
    native, text = both(source, "timestamptz", Shape.ZONED_TIME, [moment(edge), moment((0, 0)), moment(None)])
    inside = datetime(1970, 1, 3) <= datetime.fromisoformat(text[0].as_py()).replace(tzinfo=None) < datetime(2199, 12, 30)
    assert native.type == (pa.timestamp("us", "UTC") if inside else pa.string())


@settings(max_examples=60, deadline=None)
@given(st.lists(st.none() | NEAR | st.integers(FIRST, LAST_DATE) | st.sampled_from(["infinity", "-infinity"]), min_size=1, max_size=30))
@example([FIRST, LAST_DATE, -730_120, -730_119, -730_485, 2_921_939, 2_921_940])
@example([*(-10_957 + day for day in range(-2, 4)), None])
@example([*range(73_045, 73_052), None])
@example([0, None, 73_046])
def test_dates(source: Source, values: list[int | str | None]) -> None:
    given = ["NULL::date" if v is None else f"'{v}'::date" if isinstance(v, str) else f"'2000-01-01'::date + {v}" for v in values]
    native, text = both(source, "date", Shape.DATE, given)
    if pa.types.is_string(native.type):
        assert native.equals(text)
    else:
        assert native.type == pa.date32()
        assert date_text(pa.array([None if v is None else (v - date(2000, 1, 1)).days for v in native.to_pylist()], pa.int32())).equals(
            text
        )
    same(native, text, FIELDS[Shape.DATE])


@settings(max_examples=40, deadline=None)
@given(st.lists(st.none() | st.integers(-(2**63), 2**63 - 1) | st.sampled_from([10**15, -(10**15), 10**15 - 1, 1 - 10**15]), min_size=1))
@example([-(2**63), 2**63 - 1])
@example([1 - 10**15, 10**15 - 1, None])
def test_whole_numbers(source: Source, values: list[int | None]) -> None:
    native, text = both(source, "bigint", Shape.INT, ["NULL::numeric" if v is None else f"({v})::numeric" for v in values])
    assert native.type == pa.int64()
    assert native.to_pylist() == values
    same(native, text, FIELDS[Shape.INT])


@settings(max_examples=20, deadline=None)
@given(st.lists(st.sampled_from([None, True, False]), min_size=1, max_size=40))
def test_flags(source: Source, values: list[bool | None]) -> None:
    native, text = both(source, "boolean", Shape.BOOL, ["NULL::boolean" if v is None else str(v).lower() for v in values])
    assert native.type == pa.bool_()
    assert native.to_pylist() == values
    same(native, text, FIELDS[Shape.BOOL])


VISIT = Record(
    "visit",
    (
        Field("visit_id", "id", True),
        Field("at", "time", True, role="event"),
        Field("ended_at", "time"),
        Field("day", "date"),
        Field("whole", "int"),
        Field("small", "int"),
        Field("fee", "num"),
        Field("seen", "bool", True),
        Field("kind", "code", False, ("planned", "urgent")),
        Field("note", "text"),
    ),
)
COLUMNS = """visit_id integer, at timestamptz, ended_at timestamp(3), day date, whole bigint, small smallint, fee numeric, seen boolean,
    kind varchar(20), note text"""
NEVER_SHOWN = st.sampled_from([None, "'infinity'", "'-infinity'", "'0044-03-15 BC'", "'12345-01-01'", "'1970-01-01'", "'2199-12-31'"])
USUAL_TIME = st.datetimes(datetime(1969, 12, 25), datetime(2200, 1, 5)).map(lambda t: f"'{t.isoformat()}'")
TEXTS = st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=8).map(lambda t: "'" + t.replace("'", "''") + "'")


def columns_of(draw: st.DrawFn) -> list[list[str | None]]:
    """Rows of which some columns are always blank, some never, and some show now and then what no log can show."""
    size = draw(st.integers(0, 12))
    times = USUAL_TIME | st.none() | NEVER_SHOWN if draw(st.booleans()) else USUAL_TIME | st.none()
    kinds: list[st.SearchStrategy[str | None]] = [
        st.integers(1, 9).map(str) | st.none(),
        times,
        times,
        times,
        (st.integers(-(2**63), 2**63 - 1) | st.integers(-9, 9)).map(lambda n: f"'{n}'") | st.none(),
        st.integers(-32_768, 32_767).map(lambda n: f"'{n}'") | st.none(),
        st.decimals(allow_infinity=False).map(lambda d: f"'{d}'".replace("sNaN", "NaN").replace("-NaN", "NaN")) | st.none(),
        st.sampled_from(["true", "false", None]),
        st.sampled_from(["'planned'", "'other'", "' '", None]),
        TEXTS | st.none(),
    ]
    columns: list[list[str | None]] = []
    for kind in kinds:
        columns.append([None] * size if draw(st.integers(0, 5)) == 0 else draw(st.lists(kind, min_size=size, max_size=size)))
    return columns


ROWS = st.composite(columns_of)()


def ways(raw: RawRecord, monkeypatch: pytest.MonkeyPatch) -> list[tuple[pa.Table, list[dict[str, Any]], int]]:
    """What validation makes of the record as each way of reading gives it."""
    found = []
    for way in ("psycopg", ADBC, None):
        with monkeypatch.context() as patch:
            patch.setattr(read_module, "arrow_driver", lambda _source, way=way: way)
            good, refused = validate(raw, "demo", ZONES[0])
        found.append((good.table, refused.to_pylist(), good.rows_read))
    return found


def alike(found: list[tuple[pa.Table, list[dict[str, Any]], int]]) -> None:
    table, refused, read = found[0]
    for other, refusals, number in found[1:]:
        assert other.schema == table.schema
        assert other.to_pylist() == table.to_pylist()
        assert refusals == refused
        assert number == read


def filled(source: Source, columns: list[list[str | None]]) -> None:
    engine = writer(source.url)
    with engine.begin() as connection:
        plain = connection.execution_options(no_parameters=True)
        plain.exec_driver_sql(f"DROP TABLE IF EXISTS visit; CREATE TABLE visit ({COLUMNS})")
        for row in zip(*columns, strict=True):
            plain.exec_driver_sql(f"INSERT INTO visit VALUES ({', '.join('NULL' if v is None else v for v in row)})")
    engine.dispose()


SETTINGS = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])


@SETTINGS
@given(ROWS)
def test_all_ways_of_reading_give_the_same_records_and_the_same_refusals(
    source: Source, monkeypatch: pytest.MonkeyPatch, columns: list[list[str | None]]
) -> None:
    filled(source, columns)
    raw = read_record(source, VISIT)
    assert isinstance(raw, RawRecord)
    alike(ways(raw, monkeypatch))


PLAIN = {name: ColumnConfig(column=name) for name in VISIT.names}
MAPPINGS: dict[str, dict[str, ColumnConfig]] = {
    "as it is": {},
    "another zone": {name: ColumnConfig(column=name, zone=ZONES[1]) for name in ("at", "ended_at", "day")},
    "zero": {name: ColumnConfig(column=name, zero=("1970-01-01", "infinity")) for name in ("at", "ended_at", "day")},
    "wrong offset": {"at": ColumnConfig(column="at", ignore_offset=True), "ended_at": ColumnConfig(column="ended_at", ignore_offset=True)},
    "default": {"at": ColumnConfig(column="at", default="2026-01-01"), "seen": ColumnConfig(column="seen", default="false")},
    "codes": {"seen": ColumnConfig(column="seen", codes={"true": "false"}), "small": ColumnConfig(column="small", codes={"0": "1"})},
    "other kinds": {"note": ColumnConfig(column="at"), "fee": ColumnConfig(column="whole"), "day": ColumnConfig(column="at")},
}


@SETTINGS
@given(ROWS, st.sampled_from(sorted(MAPPINGS)))
def test_so_they_do_where_a_site_maps_its_columns(
    source: Source, monkeypatch: pytest.MonkeyPatch, columns: list[list[str | None]], mapping: str
) -> None:
    filled(source, columns)
    raw = mapped(source, MAPPINGS[mapping])
    alike(ways(raw, monkeypatch))


def mapped(source: Source, changed: dict[str, ColumnConfig], **times: Any) -> RawRecord:
    config = FeedConfig(table="visit", columns={**PLAIN, **changed}, **times)
    raw = read_mapped({"main": source}, VISIT, [Feed(config=config, place="site.toml", keys=())], ZONES[0])
    assert not isinstance(raw, Absent)
    return raw


NATIVE = {
    "at": "TIMESTAMP WITH TIME ZONE",
    "ended_at": "TIMESTAMP WITHOUT TIME ZONE",
    "day": "DATE",
    "whole": "BIGINT",
    "small": "BIGINT",
    "seen": "BOOLEAN",
}


@pytest.mark.parametrize(
    ("changed", "times", "text"),
    [
        ({}, {}, set()),
        ({"at": ColumnConfig(column="at", zone=ZONES[1])}, {}, {"at"}),
        ({"ended_at": ColumnConfig(column="ended_at", zero=("1900-01-01",))}, {}, {"ended_at"}),
        ({"whole": ColumnConfig(column="whole", default="0")}, {}, {"whole"}),
        ({"seen": ColumnConfig(column="seen", codes={"t": "true"})}, {}, {"seen"}),
        ({"small": ColumnConfig(column="small", prefix="1")}, {}, {"small"}),
        ({"at": ColumnConfig(column="at", ignore_offset=True)}, {}, {"at"}),
        ({"at": ColumnConfig(sql="now()")}, {}, {"at"}),
        ({"at": ColumnConfig(column="day")}, {}, {"at"}),
        ({}, {"epoch": "s"}, {"at", "ended_at", "day", "whole", "small", "seen"}),
    ],
)
def test_what_a_mapping_works_on_is_asked_for_as_text(
    source: Source, changed: dict[str, ColumnConfig], times: dict[str, Any], text: set[str]
) -> None:
    filled(source, [[] for _ in VISIT.names])
    (statement,) = mapped(source, changed, **times).statements
    for name, kind in NATIVE.items():
        asked = next(part for part in statement.split("SELECT ")[1].split(" \nFROM")[0].split(", ") if part.endswith(f" AS {name}"))
        assert asked.endswith(f" AS {'TEXT' if name in text else kind}) AS {name}"), asked


def test_the_rows_of_one_column_are_of_one_type_in_a_batch_and_may_be_of_another_in_the_next(source: Source) -> None:
    at = "CAST(CASE WHEN i = 9000 THEN 'infinity' ELSE '2026-07-01 01:00:00.5+00' END AS timestamptz)"
    sql = f"SELECT {at} AS at, repeat('x', 4000) AS note FROM generate_series(0, 9999) i"
    relation = query_of(sql, ["at", "note"])
    columns = (Column("at", column_of(relation, "at"), Shape.ZONED_TIME, True), Column("note", column_of(relation, "note"), Shape.TEXT))
    batches = list(read_statement(source, Statement(relation, columns), "visit"))
    kinds = [batch.schema.field("at").type for batch in batches]
    assert set(kinds) == {pa.timestamp("us", "UTC"), pa.string()}
    texts = next(batch.column("at") for batch, kind in zip(batches, kinds, strict=True) if kind == pa.string()).to_pylist()
    assert set(texts) == {"infinity", "2026-07-01 01:00:00.5+00"}
    assert sum(batch.num_rows for batch in batches) == 10_000
