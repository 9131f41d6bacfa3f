"""The loop of a judging process: parts of a table come in, verdict codes go out.

It imports neither pandas nor pyarrow, so that a process stands ready in a fraction of a second.
"""

from __future__ import annotations

import signal
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection

from auditor.engine.compiled import CompiledRule
from auditor.engine.engine import Engine
from auditor.engine.refusals import EngineError

UNJUDGED = 255
"""The code of a case of which the engine gave no single verdict."""

READY = "ready"
"""What a process says first."""


@dataclass(frozen=True, slots=True)
class Part:
    """Some consecutive cases of a rule: a list per field, in the order of the rule's fields. `rule` as `CompiledRule.to_json` wrote it."""

    rule: str
    size: int
    columns: tuple[Sequence[object], ...]


@dataclass(frozen=True, slots=True)
class Refused:
    """The library does not take the rule at all."""

    why: str


@dataclass(frozen=True, slots=True)
class Judged:
    """The codes of a part's cases, one byte each, and of those that are UNJUDGED position and why."""

    codes: bytes
    unjudged: tuple[tuple[int, str], ...]


def serve(connection: Connection, make_engine: Callable[[CompiledRule], Engine] = Engine) -> None:
    """Judge part after part until the other end sends None or closes, also when the main process was killed.

    An interrupt is its affair, not ours.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    engine: Engine | None = None
    loaded = ""
    try:
        connection.send(READY)
        while True:
            part: Part | None = connection.recv()
            if part is None:
                return
            try:
                if engine is None or part.rule != loaded:
                    if engine is not None:
                        engine.close()
                    engine, loaded = make_engine(CompiledRule.from_json(part.rule)), part.rule
                judged, engine = judge_part(part, engine, make_engine)
            except EngineError as error:
                connection.send(Refused(str(error)))
                return
            connection.send(judged)
    except (EOFError, ConnectionError):
        return


def judge_part(part: Part, engine: Engine, make_engine: Callable[[CompiledRule], Engine]) -> tuple[Judged, Engine]:
    """The verdicts of a part, and the engine to go on with (a new one where the old one broke)."""
    codes = bytearray()
    unjudged: list[tuple[int, str]] = []
    rows = zip(*part.columns, strict=True) if part.columns else [()] * part.size
    for position, values in enumerate(rows):
        try:
            codes.append(engine.judge(values))
        except EngineError as error:
            codes.append(UNJUDGED)
            unjudged.append((position, str(error)))
            if engine.broken:
                rule = engine.compiled
                engine.close()
                engine = make_engine(rule)
    return Judged(bytes(codes), tuple(unjudged)), engine
