"""The sources of one ruleset as a site's configuration names them, opened when they are first needed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from zoneinfo import ZoneInfo

from auditor.config import RulesetSite, SourceConfig, check_mapping
from auditor.contract import Record
from auditor.errors import SourceError
from auditor.load.mapped import read_mapped
from auditor.load.read import Absent, RawRecord
from auditor.load.source import Source, open_source
from auditor.load.urls import parse_url, safe_url


class RulesetSources:
    """One ruleset's databases: they are opened by the first `read` or `opened`, and closed by `close`."""

    def __init__(self, site: RulesetSite, zone: ZoneInfo) -> None:
        self.site = site
        self.zone = zone
        self._opened: dict[str, Source] = {}
        self._failed: dict[str, SourceError] = {}

    def safe_urls(self) -> dict[str, str]:
        """Source name → URL without secrets. Raises UsageError for a URL that cannot be read or a variable that is not set."""
        return {name: safe_url(parse_url(source.url)) for name, source in self.site.sources.items()}

    def opened(self, name: str) -> Source:
        """One source, opened read-only. Raises UsageError or SourceError."""
        if name in self._failed:  # a server that is down is asked once, not for every record
            raise self._failed[name]
        if name not in self._opened:
            try:
                self._opened[name] = self._open(name, self.site.sources[name])
            except SourceError as error:
                self._failed[name] = error
                raise
        return self._opened[name]

    def read(self, contract: Mapping[str, Record], names: Sequence[str]) -> Iterator[RawRecord | Absent]:
        """Each record as the site maps it. Raises UsageError for a mapping that does not fit, SourceError where a source fails."""
        check_mapping(self.site, contract, names)
        for name in names:
            yield self.read_one(contract[name])

    def read_one(self, record: Record) -> RawRecord | Absent:
        """One record as the site maps it; the sources that it needs, and no others, are opened."""
        feeds = self.site.feeds.get(record.name, ())
        wanted = [feed.config.source for feed in feeds]
        names = [n for n in self.site.sources if not feeds or None in wanted or n in wanted]
        return read_mapped({n: self.opened(n) for n in names}, record, feeds, self.zone)

    def close(self) -> None:
        """Closes what was opened."""
        for source in self._opened.values():
            source.close()
        self._opened.clear()

    def _open(self, name: str, config: SourceConfig) -> Source:
        return open_source(
            config.url,
            name=name,
            schema=config.schema_,
            statement_seconds=config.statement_timeout,
            connect_seconds=config.connect_timeout,
            folder=self.site.folder,
        )
