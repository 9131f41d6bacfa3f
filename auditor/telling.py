"""Findings told by several processes at once: this one, and copies of it, which share the logs and all facts worked out so far.

What a copy tells comes back as lines in a file and a short message. Where a copy is lost, or none can be made, its rules are told here,
and the findings are the same.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from itertools import count
from pathlib import Path
from types import TracebackType
from typing import NamedTuple

from auditor.citations import Cited
from auditor.copies import LOOK_SECONDS, POSSIBLE, Copy, CopyLost, that_have_said
from auditor.findings import Chosen, Publisher
from auditor.json_lines import json_lines

log = logging.getLogger(__name__)

WORTH_APART = 1_000
"""Findings that are worth a copy."""

_PIECE_BYTES = 1 << 20


class Lines(NamedTuple):
    """Where the findings of a rule stand."""

    path: Path
    start: int
    end: int


class _Said(NamedTuple):
    """What a copy sends back."""

    lines: dict[str, Lines]
    cited: Cited


class Tellers:
    """The copies of a run, `processes` - 1 at most, and the files that they write under `folder`. Use as a context manager."""

    def __init__(self, folder: Path, processes: int) -> None:
        self._folder = folder
        self.processes = processes if POSSIBLE else 1
        self._numbers = count(1)
        self._copies: dict[Copy[_Said], tuple[Telling, list[Chosen]]] = {}
        self._done: list[Copy[_Said]] = []

    def telling(self, publisher: Publisher) -> Telling:
        """What tells the findings of one ruleset."""
        return Telling(publisher, self)

    @property
    def free(self) -> bool:
        """Whether one more copy may be made now."""
        self.hear()
        return len(self._copies) < self.processes - 1

    def part(self) -> Path:
        """A new file for lines."""
        return self._folder / f"findings-{next(self._numbers)}.part"

    def start(self, telling: Telling, rules: list[Chosen]) -> None:
        """Makes a copy that tells the rules."""
        path = self.part()
        try:
            self._copies[Copy(lambda: _tell_apart(telling.publisher, rules, path))] = telling, rules
        except CopyLost as lost:
            self._instead(telling, rules, lost)

    def hear(self, seconds: float = 0.0) -> None:
        """Takes what the copies have said, and waits so long for one of them to say something."""
        said = that_have_said(self._copies, seconds)
        for copy, (telling, rules) in list(self._copies.items()):
            if copy not in said and not copy.stands_still():
                continue
            del self._copies[copy]
            self._done.append(copy)
            try:
                telling.take(copy.answer())
            except CopyLost as lost:
                self._instead(telling, rules, lost)

    def _instead(self, telling: Telling, rules: list[Chosen], lost: CopyLost) -> None:
        codes = ", ".join(chosen.judged.rule.code for chosen in rules)
        log.warning("no process of its own told the findings of %s: %s; they are told here instead", codes, lost)
        telling.tell(rules)

    def close(self) -> None:
        """Ends the copies, whatever they are at."""
        for copy in (*self._copies, *self._done):
            copy.end()
        self._copies, self._done = {}, []

    def __enter__(self) -> Tellers:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()
        if kind is None:
            for path in self._folder.glob("findings-*.part"):
                path.unlink()


class Telling:
    """Tells the findings of one ruleset, here and in copies of this process."""

    def __init__(self, publisher: Publisher, tellers: Tellers) -> None:
        self.publisher = publisher
        self._tellers = tellers
        self._codes: list[str] = []
        self._waiting: list[Chosen] = []
        self._told: dict[str, Lines] = {}

    def add(self, chosen: Chosen) -> None:
        """Takes what is to be told of the next rule."""
        self._codes.append(chosen.judged.rule.code)
        self._waiting.append(chosen)

    def lines(self) -> Iterator[bytes]:
        """The findings of all rules as JSON lines, in the order of codes and case ids. Meanwhile no rule may be judged."""
        codes = sorted(self._codes)
        while len(self._told) < len(codes):
            self.share()
            if self._waiting:
                self.tell([self._waiting.pop()])
            else:
                self._tellers.hear(LOOK_SECONDS)
        for code in codes:
            path, start, end = self._told[code]
            with path.open("rb") as file:
                file.seek(start)
                while start < end:
                    piece = file.read(min(_PIECE_BYTES, end - start))
                    start += len(piece)
                    yield piece

    def tell(self, rules: Sequence[Chosen]) -> None:
        """Tells the rules here and now."""
        self._told |= _tell(self.publisher, rules, self._tellers.part())

    def take(self, said: _Said) -> None:
        """Takes what a copy has told."""
        self._told |= said.lines
        self.publisher.evidence.take(said.cited)

    def share(self) -> None:
        """Gives its share of what waits to a copy, where one is to be had and that is worth while: what is done next, is done meanwhile."""
        if not self._tellers.free:
            return
        share = sum(map(_size, self._waiting)) / self._tellers.processes
        if share < WORTH_APART:
            return
        given: list[Chosen] = []
        for chosen in sorted(self._waiting, key=_size, reverse=True):
            if not given or sum(map(_size, given)) + _size(chosen) <= share:
                given.append(chosen)
        self._waiting = [chosen for chosen in self._waiting if chosen not in given]
        self._tellers.start(self, given)


def _size(chosen: Chosen) -> int:
    return len(chosen.ids)


def _tell(publisher: Publisher, rules: Sequence[Chosen], path: Path) -> dict[str, Lines]:
    told = {}
    with path.open("wb") as file:
        for chosen in rules:
            start = file.tell()
            file.writelines(json_lines(publisher.findings(chosen)))
            told[chosen.judged.rule.code] = Lines(path, start, file.tell())
    return told


def _tell_apart(publisher: Publisher, rules: Sequence[Chosen], path: Path) -> _Said:
    """What a copy does; the publisher is its own."""
    publisher.evidence = publisher.evidence.anew()
    return _Said(_tell(publisher, rules, path), publisher.evidence.cited())
