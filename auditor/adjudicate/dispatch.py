"""Judging in processes of their own, which survive a crash of the engine.

The library may take its process down with it. So a part of the cases whose process dies, or does not answer in time, is
judged again in smaller parts, down to the one case that cannot be judged. `ProcessPoolExecutor` with max_tasks_per_child
deadlocks, and a `Pool` never notices a killed worker; this is a process and a pipe each, and `wait`.
"""

from __future__ import annotations

import logging
import multiprocessing
import os
import signal
import socket
import struct
import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing import resource_tracker
from multiprocessing.connection import Connection, wait
from multiprocessing.context import SpawnProcess
from types import TracebackType
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from auditor.adjudicate.facts import CASE_ID, check_facts
from auditor.engine import CompiledRule, EngineError
from auditor.engine.worker import READY, Judged, Part, Refused, serve
from auditor.errors import RunError
from auditor.interrupts import interrupts_held
from auditor.vocabulary.questions import Verdict

log = logging.getLogger(__name__)

WORTH_SEVERAL = 5_000
"""Below so many cases one process is done before a second has started."""

PART_SIZE = 2_000
"""Cases that go to a process at once."""

SPLIT_INTO = 4
"""Parts that a failed part is judged again in."""

SECONDS_PER_PART = 60.0
"""Time that a process has for a part (which takes some hundredths of a second), and for its start."""

MOST_DEATHS = 200
"""Processes that one rule may cost before the run gives up on it."""

MOST_FAILED_STARTS = 3


class Adjudication(NamedTuple):
    """What the engine said of the cases of a table."""

    verdicts: npt.NDArray[np.int8]
    """The verdict code of each case, in the order of the table; INDETERMINATE for those that failed."""
    failed: list[int]
    """Positions, ascending, of the cases that the engine could not judge (reason `engine`)."""


@dataclass(slots=True, eq=False)
class _Worker:
    process: SpawnProcess
    connection: Connection
    deadline: float
    ready: bool = False
    span: tuple[int, int] | None = None


@dataclass(slots=True)
class _Work:
    """The parts of one table: those that wait, and what came back."""

    rule: CompiledRule
    rule_json: str
    facts: pa.Table
    waiting: deque[tuple[int, int]]
    verdicts: npt.NDArray[np.int8]
    failed: dict[int, str]
    tried_alone: set[int]
    deaths: int = 0

    def part(self, span: tuple[int, int]) -> Part:
        rows = self.facts.slice(span[0], span[1] - span[0])
        return Part(self.rule_json, rows.num_rows, tuple(rows.column(name).to_pylist() for name, _ in self.rule.fields))

    def take(self, span: tuple[int, int], judged: Judged) -> None:
        self.verdicts[slice(*span)] = np.frombuffer(judged.codes, dtype=np.uint8).astype(np.int8)
        for position, why in judged.unjudged:
            self.fail(span[0] + position, why)

    def fail(self, position: int, why: str) -> None:
        self.failed[position] = why
        self.verdicts[position] = Verdict.INDETERMINATE
        case = self.facts.column(CASE_ID)[position].as_py()
        log.warning("rule %s: the engine cannot judge case %s, which counts as indeterminate: %s", self.rule.code, case, why)

    def again(self, span: tuple[int, int], why: str) -> None:
        """The cases of a span whose process died go back in smaller parts; one case alone gets a second chance."""
        start, stop = span
        self.deaths += 1
        if self.deaths > MOST_DEATHS:
            first = min(self.failed, default=start)
            raise RunError(
                f"rule {self.rule.code}: {MOST_DEATHS} judging processes died or did not answer ({why}; first near case "
                f"{self.facts.column(CASE_ID)[first].as_py()!r}). If the machine is short of memory, use fewer workers; "
                f"else report the rule."
            )
        if stop - start > 1:
            step = -(-(stop - start) // SPLIT_INTO)
            self.waiting.extendleft((at, min(at + step, stop)) for at in reversed(range(start, stop, step)))
        elif start in self.tried_alone:
            self.fail(start, why)
        else:
            self.tried_alone.add(start)
            self.waiting.appendleft(span)


class Adjudicator:
    """Processes that judge cases with durable-rules. Use as a context manager, once per run; processes start when first needed.

    `workers`: processes at most (1 or more). `seconds_per_part`: how long one may be silent. `target`: what a process runs.
    """

    def __init__(self, workers: int, *, seconds_per_part: float = SECONDS_PER_PART, target: Callable[[Connection], None] = serve) -> None:
        if workers < 1:
            raise ValueError(f"{workers} workers: give 1 or more")
        self._most = workers
        self._seconds = seconds_per_part
        self._target = target
        self._workers: list[_Worker] = []
        self._leaving: list[_Worker] = []
        self._failed_starts = 0

    def adjudicate(self, rule: CompiledRule, facts: pa.Table) -> Adjudication:
        """The engine's verdict on every row of `facts` (`case_id` and the rule's fields, as `fact_table` makes them).

        The result does not depend on the number of workers. Raises EngineError where the table does not fit the rule, RunError where the
        processes do not start or keep dying.
        """
        check_facts(rule, facts)
        size = facts.num_rows
        spans = deque((start, min(start + PART_SIZE, size)) for start in range(0, size, PART_SIZE))
        work = _Work(rule, rule.to_json(), facts, spans, np.full(size, Verdict.INDETERMINATE, dtype=np.int8), {}, set())
        wanted = min(self._most, len(spans)) if size >= WORTH_SEVERAL else 1
        try:
            self._run(work, wanted)
        except BaseException:
            self.close(kill=True)  # a process in the middle of a part would answer the next question
            raise
        return Adjudication(work.verdicts, sorted(work.failed))

    def start_ahead(self) -> None:
        """Starts a process that will be needed soon, and does not wait for it."""
        if not self._workers:
            self._workers.append(self._start())

    def _run(self, work: _Work, wanted: int) -> None:
        while work.waiting or any(worker.span for worker in self._workers):
            while work.waiting and len(self._workers) < wanted:
                self._workers.append(self._start())
            for worker in self._workers[:wanted]:
                if worker.ready and worker.span is None and work.waiting:
                    self._send(worker, work)
            awaited = [worker for worker in self._workers if worker.span or not worker.ready]
            if not awaited:
                continue
            first = min(worker.deadline for worker in awaited)
            answered = wait([worker.connection for worker in awaited], timeout=max(0.0, first - time.monotonic()))
            for worker in awaited:
                if worker.connection in answered:
                    self._hear(worker, work)
                elif worker.deadline <= time.monotonic():
                    self._lose(worker, work, f"it did not answer within {self._seconds:g} s")

    def _start(self) -> _Worker:
        ours, theirs = multiprocessing.Pipe()
        _limit_sending(ours, self._seconds)
        process = multiprocessing.get_context("spawn").Process(target=self._target, args=(theirs,), name="auditor-judge", daemon=True)
        # Python starts it with the first process, and lifts the block on interrupts when it has.
        resource_tracker.ensure_running()
        with interrupts_held():
            process.start()
        theirs.close()  # only the process holds it now, so that its death closes the pipe
        return _Worker(process, ours, time.monotonic() + self._seconds)

    def _send(self, worker: _Worker, work: _Work) -> None:
        worker.span = work.waiting.popleft()
        worker.deadline = time.monotonic() + self._seconds
        try:
            worker.connection.send(work.part(worker.span))
        except OSError as error:
            self._lose(worker, work, f"it took no more cases ({error})")

    def _hear(self, worker: _Worker, work: _Work) -> None:
        try:
            said = worker.connection.recv()
        except (EOFError, OSError):
            worker.process.join(self._seconds)
            self._lose(worker, work, f"the judging process ended ({_how(worker.process.exitcode)})")
            return
        if said == READY:
            worker.ready, self._failed_starts = True, 0
        elif isinstance(said, Judged) and worker.span is not None and len(said.codes) == worker.span[1] - worker.span[0]:
            work.take(worker.span, said)
            worker.span = None
        elif isinstance(said, Refused):
            raise EngineError(said.why)
        else:
            raise EngineError(f"rule {work.rule.code}: a judging process gave {type(said).__name__} for an answer; report this as a fault")

    def _lose(self, worker: _Worker, work: _Work, why: str) -> None:
        self._workers.remove(worker)
        _end(worker, kill=True)
        if worker.span is not None:
            work.again(worker.span, why)
            return
        self._failed_starts += not worker.ready
        if self._failed_starts >= MOST_FAILED_STARTS:
            raise RunError(
                f"the processes that judge cases do not start: {why}. Check that durable-rules is installed for this Python: "
                f'`python -c "import durable_rules_engine"`, and that the machine has memory left.'
            )

    def dismiss(self) -> None:
        """Tells the processes to leave, and does not wait for it."""
        for worker in self._workers:
            # Another process may hold the pipe too, so that closing it alone would tell nobody.
            with suppress(OSError):
                worker.connection.send(None)
            worker.connection.close()
        self._leaving += self._workers
        self._workers = []

    def close(self, *, kill: bool = False) -> None:
        """Ends the processes: they are told to leave; with `kill` they are killed."""
        if not kill:
            self.dismiss()
        workers, self._workers, self._leaving = self._leaving + self._workers, [], []
        for worker in workers:
            _end(worker, kill=kill)

    def __enter__(self) -> Adjudicator:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close(kill=kind is not None)


def _end(worker: _Worker, *, kill: bool) -> None:
    worker.connection.close()
    if not kill:
        worker.process.join(5)
    if worker.process.is_alive():
        worker.process.kill()
    worker.process.join()
    worker.process.close()


def _how(exit_code: int | None) -> str:
    if exit_code is not None and exit_code < 0:
        with suppress(ValueError):
            return f"signal {signal.Signals(-exit_code).name}"
    return f"exit code {exit_code}"


def _limit_sending(connection: Connection, seconds: float) -> None:
    """Without a limit a process that stands still, and so reads nothing, would hold the main process for ever."""
    if os.name == "posix":
        with socket.socket(fileno=os.dup(connection.fileno())) as pipe:
            pipe.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, struct.pack("ll", int(seconds), int(seconds % 1 * 1_000_000)))
