"""What a site's configuration may say, as pydantic models. Nothing here opens a file or a database."""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, model_validator

_NAME = re.compile(r"^[A-Za-z][A-Za-z0-9_-]*$")


class Model(BaseModel):
    """A table of the configuration; a key that it does not know is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True, arbitrary_types_allowed=True)


def _zone(value: Any) -> ZoneInfo:
    if isinstance(value, ZoneInfo):
        return value
    try:
        return ZoneInfo(value)
    except (ZoneInfoNotFoundError, ValueError, TypeError, OSError):
        raise ValueError(f"{value!r} is no time zone; write one as Asia/Shanghai or UTC") from None


def _name(value: str) -> str:
    if not _NAME.match(value):
        raise ValueError(f"{value!r}: a name starts with a letter and goes on with letters, digits, _ and -")
    return value


def _texts(value: Any) -> Any:
    return (value,) if isinstance(value, str) else value


def _table(value: Any) -> Any:
    return (value,) if isinstance(value, dict) else value


def _column(value: Any) -> Any:
    return {"column": value} if isinstance(value, str) else value


def _scalar(value: Any) -> Any:
    """A code, constant or default may be written as a number or a flag; a source gives text."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, (int, float)) else value


Zone = Annotated[ZoneInfo, BeforeValidator(_zone)]
Name = Annotated[str, AfterValidator(_name)]
Texts = Annotated[tuple[str, ...], BeforeValidator(_texts)]
Scalar = Annotated[str, BeforeValidator(_scalar)]
Epoch = Literal["s", "ms", "us"]


class TimeReading(Model):
    """How a column shows times, where it does not show them as ISO 8601 in the site's zone."""

    zone: Zone | None = None
    """Where a time without an offset is local."""
    ignore_offset: bool = False
    """The offset on record is wrong: read the time as local."""
    epoch: Epoch | None = None
    """Seconds, milliseconds or microseconds since 1970-01-01 UTC."""
    zero: Texts = ()
    """What stands for "no time": 0000-00-00, 1900-01-01, 0."""


class ColumnConfig(TimeReading):
    """Where a canonical column comes from: a column, an expression or a constant, and what is done to its values."""

    column: str | None = None
    sql: str | None = None
    value: Scalar | None = None
    codes: dict[str, Scalar] = Field(default_factory=dict)
    """The site's code → the canonical one; "" makes it blank."""
    other: Scalar | None = None
    """What every code not listed becomes; without it such a row is quarantined."""
    default: Scalar | None = None
    """What a blank becomes."""
    prefix: str = ""
    """Put before an id, where two tables count from 1."""
    split: str | None = None
    """The separator of a list in one text."""
    max_length: int | None = Field(default=None, ge=1)
    """Read no more of a long text than this."""

    @model_validator(mode="after")
    def _one_origin(self) -> ColumnConfig:
        origins = [n for n in ("column", "sql", "value") if getattr(self, n) is not None]
        if len(origins) != 1:
            raise ValueError(f"say where the values come from with one of column, sql and value, not {' and '.join(origins) or 'none'}")
        if self.value is not None and self.model_fields_set - {"value"}:
            raise ValueError("a constant value stands alone")
        if self.other is not None and not self.codes:
            raise ValueError("`other` goes with `codes`")
        return self


class JoinConfig(Model):
    """A table joined to the record's own; without `kind = "inner"` rows without a partner stay."""

    table: str
    alias: Name
    on: str
    kind: Literal["left", "inner"] = "left"


class MilestoneConfig(Model):
    """A canonical column taken from a history: of the first or last event of a kind its time, or another of its columns."""

    event: Texts
    take: Literal["first", "last"] = "first"
    value: str | None = None


class MilestonesConfig(TimeReading):
    """A history, one row an event, whose events become columns of the record."""

    table: str | None = None
    sql: str | None = None
    key: str
    """The column that names the record's key."""
    kind: str
    at: str
    order: str | None = None
    """Settles which of two events of one second is the earlier."""
    columns: dict[str, MilestoneConfig]

    @model_validator(mode="after")
    def _one_relation(self) -> MilestonesConfig:
        if (self.table is None) == (self.sql is None):
            raise ValueError("name the history's table, or give a query as sql")
        return self


class FeedConfig(TimeReading):
    """One table or query that feeds a record. `zone`, `epoch` and so on hold for each of its time columns that says nothing else."""

    source: Name | None = None
    table: str | None = None
    sql: str | None = None
    alias: Name = "t"
    joins: tuple[JoinConfig, ...] = ()
    where: str | None = None
    columns: dict[str, Annotated[ColumnConfig, BeforeValidator(_column)]] = Field(default_factory=dict)
    same_names: bool | None = None
    """Columns that are not listed come from columns of their own name (the default where none is listed)."""
    milestones: Annotated[tuple[MilestonesConfig, ...], BeforeValidator(_table)] = ()
    missing: str | None = None
    """Why the site does not have the record."""
    empty: str | None = None
    """Why the record has no rows: nothing of the kind ever happens here, which the rules may rely on."""

    @model_validator(mode="after")
    def _one_relation(self) -> FeedConfig:
        given = [n for n in ("table", "sql", "missing", "empty") if getattr(self, n) is not None]
        if len(given) != 1:
            here = " and ".join(given) or "none"
            raise ValueError(f"name a table, give a query as sql, or say why the record is missing or empty; here is {here}")
        if self.sql is not None and (self.joins or self.where):
            raise ValueError("joins and where go with a table; put them into the query")
        return self


class SourceConfig(Model):
    """A database. The password comes from the environment: ${NAME} in the URL."""

    url: str
    schema_: str | None = Field(default=None, alias="schema")
    statement_timeout: int = Field(default=0, ge=0)
    """Seconds; 0 is no limit."""
    connect_timeout: int = Field(default=10, ge=1)


class RulesetConfig(Model):
    """What a site says of one ruleset. Parameters, waivers and tables are read by the stages that use them."""

    sources: Annotated[dict[Name, SourceConfig], Field(min_length=1)]
    mapping: str | None = None
    """A file with the `records` tables, beside the configuration."""
    records: dict[str, Annotated[tuple[FeedConfig, ...], BeforeValidator(_table)]] = Field(default_factory=dict)
    parameters: dict[str, Any] = Field(default_factory=dict)
    waivers: list[dict[str, Any]] = Field(default_factory=list)
    tables: dict[str, Any] = Field(default_factory=dict)


class MappingFile(Model):
    """A file of its own for the mapping."""

    records: dict[str, Annotated[tuple[FeedConfig, ...], BeforeValidator(_table)]] = Field(default_factory=dict)


class CheckConfig(Model):
    """When a rule's own rate says that the mapping, not the unit, is at fault."""

    suspect_above: float = Field(default=0.6, gt=0, le=1)
    suspect_population: int = Field(default=20, ge=1)


class SiteTable(Model):
    """The site as a whole."""

    name: str = ""
    zone: Zone = ZoneInfo("Asia/Shanghai")
    key_file: str | None = None
    calendars: Texts = ()


class SiteModel(Model):
    """The whole configuration."""

    site: SiteTable = SiteTable()
    check: CheckConfig = CheckConfig()
    scoring: dict[str, Any] = Field(default_factory=dict)
    rulesets: Annotated[dict[str, RulesetConfig], Field(min_length=1)]
