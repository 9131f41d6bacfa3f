"""A TOML file read together with the line on which each key stands, so that a mistake is reported with its place."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from auditor.errors import UsageError

_HEADER = re.compile(r"^\s*(\[\[?)\s*([^\]]+?)\s*\]\]?\s*(?:#.*)?$")
_KEY = re.compile(r"""^\s*((?:[A-Za-z0-9_-]+|"[^"]*"|'[^']*')(?:\s*\.\s*(?:[A-Za-z0-9_-]+|"[^"]*"|'[^']*'))*)\s*=""")
_PART = re.compile(r"""[A-Za-z0-9_-]+|"([^"]*)"|'([^']*)'""")

KeyPath = tuple[str | int, ...]


@dataclass(frozen=True)
class TomlSource:
    """The values of a TOML file and where they stand."""

    path: Path
    data: dict[str, Any]
    lines: dict[KeyPath, int] = field(repr=False)

    def line_of(self, *keys: str | int) -> int:
        """The line of a key (a table's header for a table); of its nearest parent that is written out; 1 for none."""
        for end in range(len(keys), 0, -1):
            if keys[:end] in self.lines:
                return self.lines[keys[:end]]
        return 1

    def place(self, *keys: str | int) -> str:
        """`file.toml, line 12, sources.main.url`: how an error names the place."""
        where = f"{self.path}, line {self.line_of(*keys)}"
        return f"{where}, {key_text(keys)}" if keys else where


def key_text(keys: KeyPath) -> str:
    """`rulesets.NAME.records[2].table`."""
    return "".join(f"[{k + 1}]" if isinstance(k, int) else f".{k}" for k in keys).lstrip(".")


def read_toml(path: Path | str) -> TomlSource:
    """Reads a TOML file. Raises UsageError, with the line, where it is missing or is no TOML."""
    path = Path(path)
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise UsageError(f"{path}: there is no such file; check the path") from None
    except UnicodeDecodeError as error:
        raise UsageError(f"{path}: the file is not UTF-8 (byte {error.start}); save it as UTF-8") from None
    except OSError as error:
        raise UsageError(f"{path}: the file cannot be read ({error.strerror}); check its permissions") from None
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise UsageError(f"{path}: not valid TOML: {error}") from None
    return TomlSource(path, data, _lines(text))


def _lines(text: str) -> dict[KeyPath, int]:
    """The line of every table header and of every key that starts a line (keys inside an inline table stand with it)."""
    lines: dict[KeyPath, int] = {}
    counts: dict[KeyPath, int] = {}
    table: KeyPath = ()
    open_quote = ""
    depth = 0
    for number, line in enumerate(text.splitlines(), 1):
        if not open_quote and not depth:
            if header := _HEADER.match(line):
                names = _parts(header[2])
                parent = _resolve(names[:-1], counts)
                if header[1] == "[[":
                    index = counts[(*parent, names[-1])] = counts.get((*parent, names[-1]), -1) + 1
                    table = (*parent, names[-1], index)
                    lines.setdefault((*parent, names[-1]), number)
                else:
                    table = _resolve(names, counts)
                lines.setdefault(table, number)
                continue
            if key := _KEY.match(line):
                names = _parts(key[1])
                for end in range(1, len(names) + 1):
                    lines.setdefault((*table, *names[:end]), number)
        open_quote, depth = _after(line, open_quote, depth)
    return lines


def _parts(dotted: str) -> tuple[str, ...]:
    return tuple(m[1] if m[1] is not None else m[2] if m[2] is not None else m[0] for m in _PART.finditer(dotted))


def _resolve(names: tuple[str, ...], counts: dict[KeyPath, int]) -> KeyPath:
    """A header below an array of tables speaks of the array's last table."""
    keys: KeyPath = ()
    for name in names:
        keys = (*keys, name)
        if keys in counts:
            keys = (*keys, counts[keys])
    return keys


def _after(line: str, open_quote: str, depth: int) -> tuple[str, int]:
    """Whether a multi-line text or a list is still open after the line."""
    at = 0
    while at < len(line):
        if open_quote:
            end = line.find(open_quote, at)
            if end < 0:
                return (open_quote, depth) if len(open_quote) == 3 else ("", depth)
            if open_quote[0] == '"' and (end - len(line[:end].rstrip("\\"))) % 2:
                at = end + 1
                continue
            at, open_quote = end + len(open_quote), ""
        elif line[at] == "#":
            break
        elif line[at] in "\"'":
            open_quote = line[at] * 3 if line.startswith(line[at] * 3, at) else line[at]
            at += len(open_quote)
        else:
            depth += {"[": 1, "{": 1, "]": -1, "}": -1}.get(line[at], 0)
            at += 1
    return (open_quote if len(open_quote) == 3 else ""), max(depth, 0)
