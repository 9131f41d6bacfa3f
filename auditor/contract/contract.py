"""The record contract: what the canonical records are, as `records.toml` writes them.

One table a record, one line a field: `NAME = "KIND[*][(a|b|c)] [ROLE] [personal:TAG]"`. The first field is the key.
`*` marks a field without which a row is quarantined.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from auditor.errors import UsageError
from auditor.toml_source import TomlSource, read_toml

KINDS = ("id", "text", "code", "bool", "int", "num", "date", "time", "list")
ROLES = ("act", "event", "plan", "valid_from", "valid_to")
PERSONAL = ("id", "name", "phone", "id_number", "free_text", "search_term")

SHARED_RECORDS = Path(__file__).with_name("records.toml")
"""The records that every ruleset may read."""

_SPEC = re.compile(r"^(?P<kind>[a-z]+)(?P<star>\*?)(?:\((?P<codes>[^()]*)\))?(?P<rest>(?: [a-z_:]+)*)$")
_NAME = re.compile(r"^[a-z][a-z0-9_]*$")


class ContractError(UsageError):
    """A records.toml that breaks its notation; the text names file and line."""


@dataclass(frozen=True, slots=True)
class Field:
    """One column of a record.

    `role` says how a time or date is read at as-of: `act` (a later one counts as null), `event` (a row whose time is later
    does not exist; a null one does), `plan` (as it stands), `valid_from` (a row that starts later does not exist),
    `valid_to` (a later end counts as null); "" for every other kind. `personal` is "" where the value may be shown.
    """

    name: str
    kind: str
    mandatory: bool = False
    codes: tuple[str, ...] = ()
    role: str = ""
    personal: str = ""

    @property
    def is_text(self) -> bool:
        """Its values are texts, whatever they mean."""
        return self.kind in ("id", "text", "code")


@dataclass(frozen=True)
class Record:
    """A canonical record: its fields in the order of the steps; the first is the key."""

    name: str
    fields: tuple[Field, ...]

    @cached_property
    def _by_name(self) -> dict[str, Field]:
        return {f.name: f for f in self.fields}

    @property
    def key(self) -> Field:
        """The field that tells the rows apart."""
        return self.fields[0]

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the fields, in order."""
        return tuple(f.name for f in self.fields)

    def __contains__(self, name: object) -> bool:
        return name in self._by_name

    def field(self, name: str) -> Field:
        """The field of that name. Raises KeyError, naming the record and its fields, where there is none."""
        try:
            return self._by_name[name]
        except KeyError:
            raise KeyError(f"record {self.name} has no field {name!r}; it has {', '.join(self._by_name)}") from None

    def times_after(self, name: str) -> tuple[str, ...]:
        """The names of the act times that stand after the field in the order of the steps."""
        start = self.fields.index(self.field(name)) + 1
        return tuple(f.name for f in self.fields[start:] if f.kind == "time" and f.role == "act")


def load_contract(*paths: Path | str) -> dict[str, Record]:
    """Record name → Record, from one or more records.toml, in the order written.

    Raises ContractError, with file and line, for a field that breaks the notation, a record without a mandatory id as its
    key, or a record that two files define.
    """
    records: dict[str, Record] = {}
    came_from: dict[str, Path] = {}
    for path in paths:
        source = read_toml(path)
        for name, table in source.data.items():
            if name in records:
                first = came_from[name]
                raise ContractError(f"{source.place(name)}: the record {name} is defined in {first} already; give it another name")
            records[name] = _record(source, name, table)
            came_from[name] = source.path
    return records


def _record(source: TomlSource, name: str, table: object) -> Record:
    if not _NAME.match(name):
        raise ContractError(f"{source.place(name)}: a record's name is written in small letters, digits and _")
    if not isinstance(table, dict) or not table:
        raise ContractError(f'{source.place(name)}: a record is a table with one line a field, as in [{name}] and {name}_id = "id*"')
    fields = tuple(_field(source, name, field_name, spec) for field_name, spec in table.items())
    key = fields[0]
    if key.kind != "id" or not key.mandatory:
        raise ContractError(f'{source.place(name, key.name)}: the first field is the key of {name}: write it as "id*"')
    return Record(name, fields)


def _field(source: TomlSource, record: str, name: str, spec: object) -> Field:
    def wrong(what: str) -> ContractError:
        return ContractError(f"{source.place(record, name)}: {what}")

    if not _NAME.match(name):
        raise wrong("a field's name is written in small letters, digits and _")
    match = _SPEC.match(spec) if isinstance(spec, str) else None
    if match is None:
        raise wrong(f'{spec!r} is no field: write "KIND[*][(a|b)] [ROLE] [personal:TAG]", for instance "time* event"')
    kind = match["kind"]
    if kind not in KINDS:
        raise wrong(f"{kind!r} is no kind: use one of {', '.join(KINDS)}")
    codes = tuple(match["codes"].split("|")) if match["codes"] is not None else ()
    if (kind == "code") != bool(codes):
        raise wrong('a code lists its values, and no other kind does: write "code(a|b|c)"')
    if len(set(codes)) != len(codes) or not all(c.strip() == c and c for c in codes):
        raise wrong("the codes are to be distinct and not blank")
    role = personal = ""
    for word in match["rest"].split():
        if word.startswith("personal:"):
            if personal or word.removeprefix("personal:") not in PERSONAL:
                raise wrong(f"{word!r}: one tag, of {', '.join('personal:' + p for p in PERSONAL)}")
            personal = word.removeprefix("personal:")
        elif word in ROLES and kind in ("time", "date") and not role:
            role = word
        else:
            raise wrong(f"{word!r} is no role of this field: a time or date may have one of {', '.join(ROLES)}")
    return Field(name, kind, bool(match["star"]), codes, role or ({"time": "act", "date": "plan"}.get(kind, "")), personal)
