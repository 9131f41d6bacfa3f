"""A site folder: a commented configuration, a mapping for each ruleset, and the site's key."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from pathlib import Path

from auditor.contract import Field, Record
from auditor.errors import UsageError
from auditor.propose import POSSIBLE, SURE, Candidate, Proposal, ProposedColumn

CONFIGURATION, KEY = "site.toml", "site.key"

_SITE = """\
# The site's configuration. `auditor check --config {file}` tries it, `auditor audit --config {file} --period 2026Q3` audits.
# Passwords do not belong here: write ${{NAME}} in a URL and set the environment variable NAME.

[site]
name = {name}
# Times without an offset are local here; a column may say otherwise (zone = "UTC").
zone = "Asia/Shanghai"
# Keys pseudonyms and digests. Keep it secret, and keep it: with another key nothing compares with earlier runs.
key_file = "{key}"
# Calendars of years that the auditor does not know yet, announced each autumn:
# calendars = ["calendar-2027.toml"]

[check]
# A rule that is broken in more than this share of a population of at least this size points at the mapping first.
suspect_above = 0.6
suspect_population = 20
"""

_RULESET = """
[rulesets.{ruleset}]
# Which tables and columns are which: see this file. Without it, tables are looked up under the canonical names.
mapping = "{mapping}"

[rulesets.{ruleset}.sources.main]
# sqlite:///path/to/file.db · postgresql://user:${{PASSWORD}}@host:5432/database?sslmode=verify-full
# mysql://user:${{PASSWORD}}@host:3306/database · oracle://… · mssql://…
url = {url}
{schema}# Seconds that one statement may take; 0 is no limit. A read replica is a good choice of host.
statement_timeout = 0

# A number of the site's own, from a day on (`auditor rules show CODE` names the parameters):
# [rulesets.{ruleset}.parameters.NAME]
# values = [{{ from = 2026-01-01, value = 30 }}]

# A breach that is let pass, by whom, why, and until when:
# [[rulesets.{ruleset}.waivers]]
# rule = "CODE"
# unit = "ORG_ID"
# reason = "…"
# asked_by = "…"
# granted_by = "…"
# from = 2026-07-01
# until = 2026-07-31
"""

_MAPPING = """\
# Which of the site's tables and columns are the canonical records of {ruleset}. A record that is not named here is looked up
# under its own name; a column that is not listed is missing, and the rules that need it are not auditable.
#
#   column = "created"                            one of the table's columns, or alias.column of a join
#   sql = "coalesce(t.a, t.b)"                    an expression of the database
#   value = "general"                             the same for all rows
#   codes = {{ "01" = "complaint" }}, other = "…"   the site's code = the canonical one
#   default = "…"                                 what a blank becomes
#   zone = "UTC"                                  where times without an offset are local
#   ignore_offset = true                          the offset on record is wrong: read the time as local
#   epoch = "s" | "ms" | "us"                     times are counted since 1970
#   zero = "0000-00-00"                           what stands for no time
#   split = ","                                   a list in one text
#   max_length = 200                              read no more of a long text
#
# Instead of `table` a record may have `sql = '''SELECT …'''`. Several tables that feed one record: [[records.NAME]] once for each.
# A history becomes columns with [records.NAME.milestones]: table, key, kind, at, order, and
# columns.accepted_at = {{ event = "ACCEPT", take = "first" }}.
# A record that the site does not have: missing = "why". One that is there and has no rows, because nothing of the kind ever
# happens, which the rules may rely on: empty = "why". A column that is there and always blank: value = "".
"""


def make_site(
    folder: Path,
    rulesets: Mapping[str, Sequence[Record]],
    *,
    url: str | None = None,
    schema: str | None = None,
    proposals: Mapping[str, Sequence[Proposal]] | None = None,
) -> list[Path]:
    """Makes the folder's files and returns them. The key's file is readable by its owner alone.

    Raises UsageError where one of them is there already: nothing is overwritten.
    """
    files = {
        CONFIGURATION: _configuration(folder, list(rulesets), url, schema),
        **{
            f"{name}.toml": _MAPPING.format(ruleset=name) + "".join(_record(r, p) for r, p in _paired(records, (proposals or {}).get(name)))
            for name, records in rulesets.items()
        },
    }
    there = [folder / name for name in (*files, KEY) if (folder / name).exists()]
    if there:
        raise UsageError(f"{', '.join(map(str, there))}: there already; nothing is overwritten, so choose another folder or move them away")
    folder.mkdir(parents=True, exist_ok=True)
    key = folder / KEY
    key.touch(mode=0o600)
    key.write_text(secrets.token_hex(32) + "\n", encoding="ascii")
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8")
    ignore = folder / ".gitignore"
    if not ignore.exists():
        ignore.write_text(f"{KEY}\n", encoding="utf-8")
    return [folder / name for name in (*files, KEY)]


def _configuration(folder: Path, rulesets: Sequence[str], url: str | None, schema: str | None) -> str:
    text = _SITE.format(file=CONFIGURATION, name=quoted(folder.resolve().name), key=KEY)
    line = f"schema = {quoted(schema)}\n" if schema else '# schema = "…"\n'
    for ruleset in rulesets:
        text += _RULESET.format(ruleset=ruleset, mapping=f"{ruleset}.toml", url=quoted(url or "sqlite:///logs.db"), schema=line)
    return text


def _paired(records: Sequence[Record], proposals: Sequence[Proposal] | None) -> list[tuple[Record, Proposal | None]]:
    by_name = {p.record.name: p for p in proposals or ()}
    return [(record, by_name.get(record.name)) for record in records]


def _record(record: Record, proposal: Proposal | None) -> str:
    """One record's part of the mapping; all of it a comment where nothing is sure."""
    if proposal is None:
        fields = "".join(f"# {f.name} = {quoted(f.name)}{_asked(f)}\n" for f in record.fields)
        return f"\n# [records.{record.name}]\n# table = {quoted(record.name)}\n# [records.{record.name}.columns]\n{fields}"
    if proposal.table is None:
        return f'\n# QUESTION: no table looks like {record.name}. Which is it? Without one: missing = "why"\n# [records.{record.name}]\n'
    others = ", ".join(f"{name} ({score:.2f})" for name, score in proposal.others)
    lines = [f"{proposal.table.name} has {proposal.rows} rows and is likely to be {record.name} ({proposal.score:.2f})"]
    if others:
        lines.append(f"Others that look like it: {others}")
    body = [f"[records.{record.name}]", f"table = {quoted(proposal.table.name)}", f"[records.{record.name}.columns]"]
    later: list[str] = []
    for column in proposal.columns:
        mine, codes = _column(record, column)
        body += mine
        later += codes
    if not proposal.sure:
        lines.append("QUESTION: is it? Nothing below holds until the signs of a comment are taken away.")
        body = [line if line.startswith("#") else f"# {line}" for line in body]
        later = [line if line.startswith("#") or not line else f"# {line}" for line in later]
    return "\n" + "\n".join([*(f"# {line}" for line in lines), *body, *later]) + "\n"


def _column(record: Record, column: ProposedColumn) -> tuple[list[str], list[str]]:
    """The column's line, and the table of its codes, which stands after all lines of the record."""
    field = column.field
    if not column.candidates:
        need = " (every row needs it)" if field.mandatory else ""
        return [f"# {field.name}: no column looks like it{need}.{_asked(field)}"], []
    best = column.candidates[0]
    shown = "; ".join(f"{c.column.name} ({c.column.type}, {c.score:.2f})" for c in column.candidates)
    if field.kind == "code" and _unlisted(column):
        return _coded(record, column, shown)
    line = f"{field.name} = {_value(best)}"
    if column.sure:
        return [f"{line}{_asked(field, best)}"], []
    return [f"# QUESTION: {field.name} is one of {shown}?", f"# {line}"], []


def _coded(record: Record, column: ProposedColumn, shown: str) -> tuple[list[str], list[str]]:
    field, best = column.field, column.candidates[0]
    comment = "" if column.sure else "# "
    table = f"records.{record.name}.columns.{field.name}"
    seen = [f"# {quoted(v)} = {quoted('?')}  # {n} rows" for v, n in _unlisted(column)]
    same = [f"# {v} {n}" for v, n in column.values if v in field.codes]
    return (
        [f"# {field.name} stands below, with the codes seen: {shown}"],
        [
            "",
            f"# QUESTION: which code is which? One of {', '.join(field.codes)}; a code without a line is quarantined.",
            *([f"# As they are: {', '.join(line.removeprefix('# ') for line in same)}"] if same else []),
            f"{comment}[{table}]",
            f"{comment}column = {quoted(best.column.name)}",
            f"{comment}[{table}.codes]",
            *seen,
        ],
    )


def _unlisted(column: ProposedColumn) -> list[tuple[str, int]]:
    return [(v, n) for v, n in column.values if v and v not in column.field.codes]


def _value(candidate: Candidate) -> str:
    options = [f"column = {quoted(candidate.column.name)}"]
    if candidate.epoch:
        options.append(f"epoch = {quoted(candidate.epoch)}")
    if candidate.zero:
        options.append(f"zero = [{', '.join(map(quoted, candidate.zero))}]")
    return quoted(candidate.column.name) if len(options) == 1 else f"{{ {', '.join(options)} }}"


def _asked(field: Field, candidate: Candidate | None = None) -> str:
    """What to look at: times have zones, codes have lists."""
    kind = f"  # {candidate.column.type}, {candidate.score:.2f}" if candidate else ""
    if field.kind == "time" and candidate and candidate.column.shape == "time":
        return f'{kind}. QUESTION: local, or UTC (zone = "UTC")?'
    if field.kind == "code" and candidate is None:
        return f"  # {', '.join(field.codes)}"
    return kind


def quoted(text: str) -> str:
    """The text as a TOML string."""
    escaped = "".join(_ESCAPES.get(c) or (c if c >= " " and c != "\x7f" else f"\\u{ord(c):04x}") for c in text)
    return f'"{escaped}"'


_ESCAPES = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\t": "\\t", "\r": "\\r"}

__all__ = ["CONFIGURATION", "KEY", "POSSIBLE", "SURE", "make_site", "quoted"]
