"""Findings told while judging goes on: what is judged so far is told by a copy of this process, on a core that would else be idle.

What a copy tells comes back as lines in a file and a short message. Where a copy is lost, or none can be made, its rules are told here,
and the findings are the same.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from itertools import count
from pathlib import Path
from types import TracebackType
from typing import Any, NamedTuple

import numpy as np

from auditor.citations import Cited
from auditor.copies import LOOK_SECONDS, POSSIBLE, Copy, CopyLost, that_have_said
from auditor.findings import PUBLISHED, Publisher
from auditor.json_lines import json_lines
from auditor.judge import Judged

log = logging.getLogger(__name__)

WORTH_MEANWHILE = 12_000
"""Findings from which on a copy is made while judging goes on: after it, what this process writes to must first be copied, page by page."""

WORTH_APART = 1_000
"""Findings from which on a copy is worth its start once all is judged."""

_PIECE_BYTES = 1 << 20


class Lines(NamedTuple):
    """Where the findings of a rule stand, and the id of each by its case."""

    ids: dict[int, str]
    path: Path
    start: int
    end: int


class _Said(NamedTuple):
    """What a copy sends back."""

    lines: dict[str, Lines]
    cut: dict[str, dict[str, int]]
    cited: Cited


class Tellers:
    """The copies of a run, `processes` - 1 at most, and the files that they write under `folder`. Use as a context manager."""

    def __init__(self, folder: Path, processes: int) -> None:
        self._folder = folder
        self._most = processes - 1 if POSSIBLE else 0
        self._numbers = count(1)
        self._copies: dict[Copy[_Said], tuple[Telling, list[Judged]]] = {}
        self._done: list[Copy[_Said]] = []

    def telling(self, publisher: Publisher) -> Telling:
        """What tells the findings of one ruleset."""
        return Telling(publisher, self)

    @property
    def free(self) -> bool:
        """Whether one more copy may be made now."""
        self.hear()
        return len(self._copies) < self._most

    def part(self) -> Path:
        """A new file for lines."""
        return self._folder / f"findings-{next(self._numbers)}.part"

    def start(self, telling: Telling, rules: list[Judged]) -> None:
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

    def _instead(self, telling: Telling, rules: list[Judged], lost: CopyLost) -> None:
        codes = ", ".join(judged.rule.code for judged in rules)
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
    """Tells the findings of one ruleset, rule by rule as they are judged, here or in a copy of this process."""

    def __init__(self, publisher: Publisher, tellers: Tellers) -> None:
        self.publisher = publisher
        self._tellers = tellers
        self._judged: dict[str, Judged] = {}
        self._waiting: list[Judged] = []
        self._lines: dict[str, Lines] = {}

    def add(self, judged: Judged) -> None:
        """Takes the next rule. What waits goes to a copy as soon as that is worth while."""
        self._judged[judged.rule.code] = judged
        self._waiting.append(judged)
        if self._tellers.free and _number(self._waiting) >= WORTH_MEANWHILE:
            self._tellers.start(self, self._waiting)
            self._waiting = []

    def rules(self) -> Iterator[tuple[Judged, dict[int, str]]]:
        """Every rule in the order of codes, and case → finding id of its findings. All of them have been added."""
        for code, judged in sorted(self._judged.items()):
            self._share()
            while code not in self._lines:
                if self._waiting:
                    self.tell([self._waiting.pop(0)])
                else:
                    self._tellers.hear(LOOK_SECONDS)
                self._share()
            yield judged, self._lines[code].ids

    def lines(self) -> Iterator[bytes]:
        """The findings of all rules as JSON lines, in the order of codes and case ids; `rules` has been gone through."""
        for _, (_, path, start, end) in sorted(self._lines.items()):
            with path.open("rb") as file:
                file.seek(start)
                while start < end:
                    piece = file.read(min(_PIECE_BYTES, end - start))
                    start += len(piece)
                    yield piece

    def tell(self, rules: Sequence[Judged]) -> None:
        """Tells the rules here and now."""
        self._lines |= _tell(self.publisher, rules, self._tellers.part())

    def take(self, said: _Said) -> None:
        """Takes what a copy has told."""
        self._lines |= said.lines
        self.publisher.cut |= said.cut
        self.publisher.evidence.take(said.cited)

    def _share(self) -> None:
        """Gives about half of what waits to a copy, the later rules, where one is to be had and that is worth while."""
        if not self._tellers.free or len(self._waiting) < 2:
            return
        numbers = np.cumsum([_number([judged]) for judged in self._waiting])
        if numbers[-1] < WORTH_APART:
            return
        here = int(np.clip(np.searchsorted(numbers, numbers[-1] / 2), 1, len(self._waiting) - 1))
        self._tellers.start(self, self._waiting[here:])
        self._waiting = self._waiting[:here]


def _number(rules: Sequence[Judged]) -> int:
    """Cases of the rules that are published."""
    return sum(int(np.isin(judged.verdict, PUBLISHED).sum()) for judged in rules if judged.verdict is not None)


def _tell(publisher: Publisher, rules: Sequence[Judged], path: Path) -> dict[str, Lines]:
    told = {}
    with path.open("wb") as file:
        for judged in rules:
            ids: dict[int, str] = {}

            def findings(judged: Judged = judged, ids: dict[int, str] = ids) -> Iterator[dict[str, Any]]:
                for case, finding in publisher.findings(judged):
                    ids[case] = finding["finding_id"]
                    yield finding

            start = file.tell()
            file.writelines(json_lines(findings()))
            told[judged.rule.code] = Lines(ids, path, start, file.tell())
            judged.forget()
    return told


def _tell_apart(publisher: Publisher, rules: Sequence[Judged], path: Path) -> _Said:
    """What a copy does; the publisher is its own."""
    publisher.cut = {}
    publisher.evidence = publisher.evidence.anew()
    lines = _tell(publisher, rules, path)
    return _Said(lines, publisher.cut, publisher.evidence.cited())
