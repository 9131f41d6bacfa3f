"""A mapping proposed from what a database shows: tables and columns by name, type and sample values.

It proposes and never decides: what it is not sure of stays a question in the file.
"""

from __future__ import annotations

import difflib
import re
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from zoneinfo import ZoneInfo

import pyarrow as pa
import pyarrow.compute as pc

from auditor.config import Epoch, TimeReading
from auditor.contract import Field, Record
from auditor.load import Source, SourceColumn, SourceTable, count_rows, count_values, inspect_source, sample_table
from auditor.load.transform import shown_times
from auditor.validate.values import typed

SURE, POSSIBLE = 0.75, 0.45
"""From SURE on a candidate is written as the mapping, from POSSIBLE on it stands in a question."""

MOST_CODES = 40

_WORDS: Mapping[str, Collection[str]] = {
    "id": ("id", "no", "nr", "num", "number", "code", "key", "uuid", "sn"),
    "ticket": ("ticket", "tickets", "case", "cases", "incident", "order", "orders", "workorder", "request", "issue", "call", "sr"),
    "event": ("event", "events", "history", "log", "logs", "action", "actions", "article", "articles", "activity", "journal", "trace"),
    "staff": ("staff", "user", "users", "agent", "agents", "employee", "employees", "operator", "person", "people", "worker", "handler"),
    "org": ("org", "organisation", "organization", "unit", "department", "dept", "group", "groups", "team", "office", "branch", "queue"),
    "unit": ("unit", "units", "org", "department", "departments", "dept", "group", "groups", "team", "teams", "office", "offices"),
    "customer": ("customer", "client", "caller", "requester", "contact", "consumer", "user"),
    "category": ("category", "type", "kind", "class"),
    "kind": ("kind", "type", "category", "class"),
    "action": ("action", "event", "type", "operation", "activity"),
    "level": ("level", "priority", "urgency", "severity", "grade"),
    "severity": ("severity", "size", "scale", "priority"),
    "source": ("source", "channel", "origin", "via"),
    "subject": ("subject", "subcategory", "topic", "subtype", "title"),
    "received": ("received", "created", "create", "opened", "open", "reported", "registered", "logged", "accept", "start"),
    "dispatched": ("dispatched", "dispatch", "assigned", "assign", "sent", "routed", "issued"),
    "accepted": ("accepted", "accept", "acknowledged", "ack", "taken", "confirmed"),
    "contacted": ("contacted", "contact", "called", "replied", "response", "responded"),
    "arrived": ("arrived", "arrive", "arrival", "onsite", "visit"),
    "restored": ("restored", "restore", "repaired", "recovered", "restoration"),
    "handled": ("handled", "handle", "resolved", "solved", "completed", "finished", "done", "solution"),
    "fed": ("fed", "feedback", "returned", "answered", "replied"),
    "closed": ("closed", "close", "ended", "archived", "finished"),
    "revisited": ("revisited", "revisit", "followup", "callback"),
    "at": ("at", "time", "date", "on", "datetime", "ts", "timestamp"),
    "name": ("name", "title", "label", "fullname", "login"),
    "parent": ("parent", "superior", "upper", "father"),
    "opinion": ("opinion", "remark", "comment", "note", "conclusion"),
    "result": ("result", "outcome", "resolution", "solution"),
    "cause": ("cause", "reason", "rootcause"),
    "reason": ("reason", "cause", "remark", "comment", "note"),
    "document": ("document", "doc", "file", "attachment"),
    "period": ("period", "month", "quarter"),
    "hired": ("hired", "hire", "joined", "entry"),
    "left": ("left", "leave", "quit", "resigned", "dismissed"),
    "from": ("from", "start", "begin", "since"),
    "to": ("to", "end", "until", "expire"),
}
_ZEROES = ("0000-00-00", "1900-01-01", "0001-01-01", "1753-01-01")
_WEAK = frozenset({"at", "id", "on"})
_TRIVIAL = frozenset({"t", "tb", "tbl", "f", "fld", "dim", "fact", "sys", "cs", "crm", "the", "of"})


@dataclass(frozen=True)
class Candidate:
    """A source column that may be a canonical one, and how likely that is (0 to 1)."""

    column: SourceColumn
    score: float
    epoch: Epoch | None = None
    """Where the values look like counted seconds."""
    zero: tuple[str, ...] = ()
    """What stands for "no time" among the values."""


@dataclass(frozen=True)
class ProposedColumn:
    """The candidates of a canonical column, the likeliest first; for a code the values seen with their rows."""

    field: Field
    candidates: Sequence[Candidate]
    values: Sequence[tuple[str | None, int]] = ()
    taken: bool = False
    """The first candidate is likelier to be another canonical column."""

    @property
    def sure(self) -> bool:
        """The first candidate is likely, clearly likelier than the second, and no other column's."""
        best = self.candidates
        return not self.taken and bool(best) and best[0].score >= SURE and (len(best) == 1 or best[0].score - best[1].score >= 0.05)


@dataclass(frozen=True)
class Proposal:
    """A record's likeliest table, the other candidates, and its columns."""

    record: Record
    table: SourceTable | None
    score: float
    others: Sequence[tuple[str, float]] = ()
    rows: int = 0
    columns: Sequence[ProposedColumn] = ()

    @property
    def sure(self) -> bool:
        """The table and the record's key are likely."""
        return self.score >= SURE and bool(self.columns) and self.columns[0].sure


def propose(source: Source, records: Sequence[Record], zone: ZoneInfo) -> list[Proposal]:
    """A proposal for each record. Reads a sample of each candidate table. Raises SourceError."""
    tables = inspect_source(source)
    prefix = _common_prefix(list(tables))
    samples: dict[str, pa.Table] = {}
    return [_propose(source, record, tables, samples, prefix, zone) for record in records]


def _common_prefix(names: Sequence[str]) -> str:
    """What most tables of an application begin with: ost_, glpi_, hd_."""
    starts = Counter(m[0] for m in (re.match(r"[A-Za-z0-9]+_", n) for n in names) if m)
    return next((p for p, n in starts.most_common(1) if n >= 3 and n >= 0.6 * len(names)), "")


def _propose(
    source: Source, record: Record, tables: Mapping[str, SourceTable], samples: dict[str, pa.Table], prefix: str, zone: ZoneInfo
) -> Proposal:
    ranked = sorted(((_table_score(record, t, prefix), t.name) for t in tables.values()), key=lambda one: (-one[0], one[1]))
    likely = [(score, name) for score, name in ranked if score >= POSSIBLE][:5]
    if not likely:
        return Proposal(record, None, 0.0)
    score, name = likely[0]
    table = tables[name]
    if name not in samples:
        samples[name] = sample_table(source, table)
    columns = [_propose_column(source, record, f, table, samples[name], zone) for f in record.fields]
    return Proposal(record, table, score, [(n, s) for s, n in likely[1:]], count_rows(source, table), _each_once(columns))


def _each_once(columns: Sequence[ProposedColumn]) -> list[ProposedColumn]:
    """A source column is surely one canonical column at most: the likeliest, of equals the first."""
    owner: dict[str, tuple[float, str]] = {}
    for column in columns:
        if column.sure:
            best = column.candidates[0]
            if best.score > owner.get(best.column.name, (0.0, ""))[0]:
                owner[best.column.name] = (best.score, column.field.name)
    return [replace(c, taken=True) if c.sure and owner[c.candidates[0].column.name][1] != c.field.name else c for c in columns]


def _propose_column(source: Source, record: Record, field: Field, table: SourceTable, sample: pa.Table, zone: ZoneInfo) -> ProposedColumn:
    candidates = []
    for column in table.columns:
        by_name = _name_score(field.name, column.name, record, key=field is record.key)
        if by_name < POSSIBLE - 0.15:
            continue
        fits, times = _fit(sample[column.name].combine_chunks(), field, zone)
        score = round(by_name * fits, 3)
        if score >= POSSIBLE:
            candidates.append(Candidate(column, score, times.epoch, times.zero))
    candidates.sort(key=lambda c: (-c.score, c.column.name))
    values: list[tuple[str | None, int]] = []
    if field.kind == "code" and candidates:
        values = count_values(source, table, candidates[0].column.name, MOST_CODES)
    return ProposedColumn(field, candidates[:4], values)


def _table_score(record: Record, table: SourceTable, prefix: str) -> float:
    """Mostly the name; a table in which many of the record's columns are found by name gains, one with hardly any loses."""
    name = _likeness(_tokens(record.name), _tokens(table.name.removeprefix(prefix)))
    found = [max((_name_score(f.name, c.name, record, key=f is record.key) for c in table.columns), default=0.0) for f in record.fields]
    share = sum(1 for s in found if s >= SURE) / len(found)
    return round(min(1.0, 0.75 * name + 0.5 * share), 3)


def _name_score(canonical: str, name: str, record: Record, *, key: bool) -> float:
    if canonical == name.lower():
        return 1.0
    wanted, given = _tokens(canonical), _tokens(name)
    scores = [_likeness(wanted, given)]
    if key and given in (("id",), ("no",), ("number",), ("code",)):
        scores.append(0.9)  # a table's own id
    own = _tokens(record.name)
    trimmed = tuple(t for t in given if not any(t in _WORDS.get(o, (o,)) for o in own))
    if trimmed and trimmed != given:
        scores.append(_likeness(wanted, trimmed) * 0.95)
    return max(scores)


def _likeness(wanted: Sequence[str], given: Sequence[str]) -> float:
    """How many of the wanted words are there, in the word itself or one that stands for it, less what is there besides."""
    if not wanted or not given:
        return 0.0
    if "".join(wanted) == "".join(given):
        return 1.0
    each = [max(_word(w, g) for g in given) for w in wanted]
    told = [score for word, score in zip(wanted, each, strict=True) if word not in _WEAK]
    if told and max(told) < 0.7:
        return 0.0  # only "at" or "id" is alike, which says nothing
    weights = [0.25 if word in _WEAK else 1.0 for word in wanted]
    forth = sum(w * score for w, score in zip(weights, each, strict=True)) / sum(weights)
    back = sum(max(_word(w, g) for w in wanted) for g in given) / len(given)
    return round(0.7 * forth + 0.3 * back, 3)


def _word(wanted: str, given: str) -> float:
    if wanted == given:
        return 1.0
    if given in _WORDS.get(wanted, ()):
        return 0.9
    ratio = difflib.SequenceMatcher(None, wanted, given).ratio()
    return ratio * 0.9 if ratio > 0.8 else 0.0


def _tokens(name: str) -> tuple[str, ...]:
    parts = re.sub(r"([a-z0-9])([A-Z])", r"\1_\2", name).lower()
    return tuple(t for t in re.split(r"[^a-z0-9\u4e00-\u9fff]+", parts) if t and t not in _TRIVIAL)


def _fit(values: pa.Array, field: Field, zone: ZoneInfo) -> tuple[float, TimeReading]:
    """The share of the sample that the field's kind can read (a code need not fit: it is mapped), and how its times are to be read."""
    plain = TimeReading()
    if field.kind == "code":
        distinct = len(values.drop_null().unique())
        return (1.0 if distinct <= MOST_CODES else 0.4), plain
    best = (_share(values, field, zone), plain)
    if field.kind not in ("time", "date") or best[0] == 1.0:
        return best
    zero = tuple(z for z in _ZEROES if pc.any(pc.starts_with(values, z)).as_py()) + (("0",) if _shows(values, "0") else ())
    for epoch in (None, *(("s", "ms") if field.kind == "time" else ())):
        reading = TimeReading(epoch=epoch, zero=zero)
        share = _share(shown_times(values, reading), field, zone)
        if share > best[0]:
            best = (share, reading)
    return best


def _shows(values: pa.Array, text: str) -> bool:
    return bool(pc.any(pc.equal(values, text)).as_py())


def _share(values: pa.Array, field: Field, zone: ZoneInfo) -> float:
    result = typed(values, Field(field.name, field.kind, codes=field.codes, role=field.role), zone)
    shown = len(values) - result.raw.null_count
    if not shown:
        return 0.9  # nothing speaks against it
    return 1.0 - float((result.faults > 0).sum()) / shown
