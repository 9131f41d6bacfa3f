"""One JSON object a line, as a run's files hold it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any

_LINE_BREAKS = "\x85\u2028\u2029"
"""JSON lets them stand in a text; many a reader of lines takes them for the end of one."""
_ESCAPED = {ord(mark): f"\\u{ord(mark):04x}" for mark in _LINE_BREAKS}


def json_lines(values: Iterable[Any]) -> Iterator[bytes]:
    """Each value as a line of UTF-8, its end included."""
    encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
    for value in values:
        line = encode(value)
        if any(mark in line for mark in _LINE_BREAKS):
            line = line.translate(_ESCAPED)
        yield (line + "\n").encode()
