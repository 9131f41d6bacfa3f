"""What several commands ask for: sources, periods, instants, keys."""

from __future__ import annotations

import getpass
import json
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from fractions import Fraction
from pathlib import Path
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

import click

from auditor.errors import UsageError
from auditor.instants import DEFAULT_ZONE, from_iso

F = TypeVar("F", bound=Callable[..., Any])

LANGUAGES = ("zh-Hant", "zh-Hans", "en")


def source_options(command: F) -> F:
    """--config, --source, --ruleset: where the records come from."""
    for option in (
        click.option(
            "--ruleset", "rulesets", multiple=True, metavar="NAME", help="Ruleset to audit (repeatable; exactly one with --source)."
        ),
        click.option("--source", metavar="URL", help="Database in canonical tables, as an SQLAlchemy URL (sqlite:///logs.db)."),
        click.option("--config", type=click.Path(path_type=Path), metavar="FILE", help="The site's configuration (TOML)."),
    ):
        command = option(command)
    return command


def period_options(command: F) -> F:
    """--period, --as-of."""
    for option in (
        click.option("--as-of", metavar="TIME", help="Judge as things stood at this time (default: now; without a zone: local)."),
        click.option(
            "--period", "period_text", required=True, metavar="PERIOD", help="2026, 2026H1, 2026Q3, 2026-09 or 2026-09-01..2026-09-30."
        ),
    ):
        command = option(command)
    return command


@dataclass(frozen=True)
class Site:
    """What the command line and a configuration say of a site."""

    inputs: Sequence[Any]
    zone: ZoneInfo = DEFAULT_ZONE
    calendars: Sequence[Path] = ()
    key: bytes | None = None
    name: str = ""
    scoring: Mapping[str, Any] = field(default_factory=dict)
    """The site's own numbers of the scoring model, dated."""
    place: Any = None
    """The configuration's file, for error messages."""
    suspect_above: Fraction = Fraction(60, 100)
    suspect_population: int = 20
    close: Callable[[], None] = lambda: None


def open_site(config: Path | None, source: str | None, rulesets: Sequence[str]) -> Site:
    """The rulesets to audit with their sources, from --config or --source. Raises UsageError for a combination that says too little."""
    if config is not None and source is not None:
        raise UsageError("--config and --source together: give one of them")
    if source is None and config is None:
        raise UsageError(
            "no source is given: name a database with --source URL --ruleset NAME, or a site's configuration with --config FILE"
        )
    if source is not None:
        if len(rulesets) != 1:
            raise UsageError(f"--source needs exactly one --ruleset (a source belongs to one ruleset), not {len(rulesets)}")
        return _one_source(source, rulesets[0])
    assert config is not None
    from auditor.cli.configured import configured_site

    return configured_site(config, rulesets)


def _one_source(url: str, ruleset: str) -> Site:
    from auditor.audit import Input
    from auditor.load import open_source, read_record
    from auditor.rulebook import load_ruleset

    load_ruleset(ruleset)
    source = open_source(url)

    def read(contract: Mapping[str, Any], names: Sequence[str]) -> Iterator[Any]:
        for name in names:
            yield read_record(source, contract[name])

    return Site([Input(ruleset, read, {source.name: source.safe_url()})], key=site_key(None), close=source.close)


def site_key(file: Path | None) -> bytes | None:
    """The site's key from AUDITOR_KEY, or from its key file; None where there is neither. Raises UsageError for one that cannot serve."""
    from auditor.masking import MINIMUM_KEY_BYTES

    text = os.environ.get("AUDITOR_KEY")
    where = "AUDITOR_KEY"
    if not text and file is not None:
        where = str(file)
        try:
            text = file.read_text(encoding="utf-8").strip()
        except OSError as error:
            raise UsageError(f"{file}: the site's key cannot be read ({error.strerror}); `auditor init` makes one") from None
    if not text:
        return None
    key = text.strip().encode()
    if len(key) < MINIMUM_KEY_BYTES:
        raise UsageError(
            f"{where}: the site's key has {len(key)} bytes; give at least {MINIMUM_KEY_BYTES}, made at random (`auditor init` makes one)"
        )
    return key


UNMASK_RECORD = "unmasked.jsonl"


def record_unmasking(folder: Path, zone: ZoneInfo, command: str, reason: str) -> Path:
    """Writes down who sees personal data on a screen, when, for what and why; returns the file. An audit's manifest says it of a run.

    Raises UsageError where it cannot be written down: then nothing is shown.
    """
    path = folder / UNMASK_RECORD
    entry = {"who": getpass.getuser(), "when": datetime.now(zone).isoformat(timespec="seconds"), "command": command, "why": reason}
    try:
        path.touch(mode=0o600)
        with path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(entry, ensure_ascii=False) + "\n")
    except OSError as error:
        raise UsageError(f"{path}: that personal data are shown cannot be recorded ({error.strerror}), so they are not shown") from None
    return path


def instant(text: str | None, zone: ZoneInfo) -> int:
    """--as-of in seconds; now where it is not given."""
    if text is None:
        return int(datetime.now(zone).timestamp())
    try:
        return from_iso(text, zone)
    except ValueError:
        raise UsageError(f"--as-of {text!r} is no time; write it as 2026-10-12T00:00:00 or 2026-10-12T00:00:00+08:00") from None
