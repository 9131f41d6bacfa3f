"""A site's configuration: read, checked, and every mistake named with its file, line and key."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ValidationError

from auditor.config.models import CheckConfig, FeedConfig, MappingFile, RulesetConfig, SiteModel, SourceConfig
from auditor.config.secrets import has_literal_secret
from auditor.contract import Record
from auditor.errors import UsageError
from auditor.toml_source import KeyPath, TomlSource, key_text, read_toml

M = TypeVar("M", bound=BaseModel)


@dataclass(frozen=True)
class Feed:
    """One feed of a record, and where the configuration says so."""

    config: FeedConfig
    place: TomlSource
    keys: KeyPath

    def where(self, *keys: str | int) -> str:
        """`file, line, key` of a part of the feed."""
        return place_of(self.place, (*self.keys, *keys))


@dataclass(frozen=True)
class RulesetSite:
    """One ruleset at the site: its sources, the feeds of each mapped record, and what is handed on."""

    name: str
    config: RulesetConfig
    feeds: Mapping[str, tuple[Feed, ...]]
    keys: tuple[str, ...]
    folder: Path
    """Where the configuration stands, and relative paths start."""

    @property
    def sources(self) -> Mapping[str, SourceConfig]:
        return self.config.sources


@dataclass(frozen=True)
class SiteConfig:
    """A site: files are resolved against the folder in which the configuration stands."""

    name: str
    zone: ZoneInfo
    key_file: Path | None
    calendars: tuple[Path, ...]
    check: CheckConfig
    scoring: Mapping[str, Any]
    rulesets: Mapping[str, RulesetSite]
    place: TomlSource

    @property
    def folder(self) -> Path:
        return self.place.path.parent


def load_site(path: Path | str) -> SiteConfig:
    """Reads a configuration. Raises UsageError that lists every mistake with its line and key."""
    place = read_toml(path)
    model = _checked(SiteModel, place)
    folder = place.path.parent
    rulesets = {name: _ruleset(name, config, place, folder) for name, config in model.rulesets.items()}
    mistakes = [
        f"{place_of(place, ('rulesets', name, 'sources', source, 'url'))}: the password stands in the file; "
        "put it into an environment variable and write ${NAME} in its place"
        for name, config in model.rulesets.items()
        for source, one in config.sources.items()
        if has_literal_secret(one.url)
    ]
    _raise(mistakes)
    return SiteConfig(
        name=model.site.name or place.path.resolve().parent.name,
        zone=model.site.zone,
        key_file=folder / model.site.key_file if model.site.key_file else None,
        calendars=tuple(folder / file for file in model.site.calendars),
        check=model.check,
        scoring=model.scoring,
        rulesets=rulesets,
        place=place,
    )


def check_mapping(site: RulesetSite, contract: Mapping[str, Record], reads: Collection[str]) -> None:
    """Holds a ruleset's feeds against its records. Raises UsageError that lists every name and code that does not exist."""
    mistakes: list[str] = []
    for name, feeds in site.feeds.items():
        record = contract.get(name)
        if record is None or name not in reads:
            known = ", ".join(sorted(reads))
            mistakes += [f"{f.where()}: the ruleset {site.name} reads no record {name!r}; it reads {known}" for f in feeds[:1]]
            continue
        for feed in feeds:
            mistakes += _feed_mistakes(feed, record, site)
    _raise(mistakes)


def _feed_mistakes(feed: Feed, record: Record, site: RulesetSite) -> list[str]:
    mistakes = []
    config = feed.config
    if config.missing is not None or config.empty is not None:
        return []
    if config.source is None and len(site.sources) > 1:
        mistakes.append(f"{feed.where()}: the ruleset has several sources; say which with source = one of {', '.join(site.sources)}")
    elif config.source is not None and config.source not in site.sources:
        mistakes.append(f"{feed.where('source')}: there is no source {config.source!r}; there is {', '.join(site.sources)}")
    for name, column in config.columns.items():
        where = feed.where("columns", name)
        if name not in record:
            mistakes.append(f"{where}: the record {record.name} has no field {name!r}; it has {', '.join(record.names)}")
            continue
        field = record.field(name)
        if field.kind == "code":
            for code in {*column.codes.values(), *(v for v in (column.other, column.default, column.value) if v is not None)}:
                if code and code not in field.codes:
                    mistakes.append(f"{where}: {code!r} is no code of {record.name}.{name}; the codes are {', '.join(field.codes)}")
        for option in ("zone", "ignore_offset", "epoch", "zero"):
            if option in column.model_fields_set and field.kind not in ("time", "date"):
                mistakes.append(f"{where}: {option} goes with a time or a date, and {name} is a {field.kind}")
        if column.split is not None and field.kind != "list":
            mistakes.append(f"{where}: split goes with a list, and {name} is a {field.kind}")
    for index, milestones in enumerate(config.milestones):
        for name in milestones.columns:
            where = feed.where("milestones", index, "columns", name)
            if name not in record:
                mistakes.append(f"{where}: the record {record.name} has no field {name!r}; it has {', '.join(record.names)}")
            elif name in config.columns:
                mistakes.append(f"{where}: the column {name} is mapped twice, here and under columns")
            elif milestones.columns[name].value is None and record.field(name).kind not in ("time", "date"):
                mistakes.append(f"{where}: {name} is no time; say with value which column of the history it is")
    return mistakes


def _ruleset(name: str, config: RulesetConfig, place: TomlSource, folder: Path) -> RulesetSite:
    keys = ("rulesets", name)
    feeds = {r: tuple(Feed(f, place, (*keys, "records", r, i)) for i, f in enumerate(fs)) for r, fs in config.records.items()}
    if config.mapping is not None:
        other = read_toml(folder / config.mapping)
        for record, mapped in _checked(MappingFile, other).records.items():
            if record in feeds:
                raise UsageError(f"{other.place('records', record)}: the record {record} is mapped in {place.path} as well; keep one")
            feeds[record] = tuple(Feed(f, other, ("records", record, i)) for i, f in enumerate(mapped))
    return RulesetSite(name, config, feeds, keys, folder)


def _checked(model: type[M], place: TomlSource) -> M:
    try:
        return model.model_validate(place.data)
    except ValidationError as error:
        _raise([f"{place_of(place, _keys(place, one['loc']))}: {_said(dict(one))}" for one in error.errors()])
        raise  # _raise always does where there is a mistake


def _keys(place: TomlSource, loc: tuple[str | int, ...]) -> KeyPath:
    """The part of pydantic's location that stands in the file: without the names of its own that it adds."""
    value: Any = place.data
    keys: list[str | int] = []
    for part in loc:
        if isinstance(value, dict) and part in value:
            value = value[part]
        elif isinstance(part, int):
            if not isinstance(value, list):
                continue  # a single table where an array of tables may stand
            value = value[part]
        elif part != loc[-1]:
            continue
        keys.append(part)
    return tuple(keys)


def place_of(place: TomlSource, keys: KeyPath) -> str:
    """`file, line, key`; the index of a single table, which is written nowhere, is left out."""
    value: Any = place.data
    written: list[str | int] = []
    for key in keys:
        if isinstance(key, int) and not isinstance(value, list):
            continue
        written.append(key)
        if isinstance(value, dict):
            value = value.get(key)
        else:
            value = value[key] if isinstance(value, list) and isinstance(key, int) else None
    return f"{place.path}, line {place.line_of(*written)}" + (f", {key_text(tuple(written))}" if written else "")


def _said(error: dict[str, Any]) -> str:
    """Pydantic's message in the words of a configuration."""
    match error["type"]:
        case "extra_forbidden":
            return "there is no such key here; check its spelling"
        case "missing":
            return "this key is missing"
        case "value_error":
            return str(error["msg"]).removeprefix("Value error, ")
    return f"{error['msg']}, not {error['input']!r}"[:300]


def _raise(mistakes: list[str]) -> None:
    if mistakes:
        raise UsageError("; ".join(mistakes))
