"""Reading ahead: the next batches come from the source while the last one is worked on."""

from __future__ import annotations

from collections.abc import Iterator
from queue import Empty, Full, Queue
from threading import Event, Thread
from typing import TypeVar

T = TypeVar("T")

AHEAD = 3
"""Batches that wait at most; more would only cost memory."""

_LOOK_SECONDS = 0.2
"""How often a thread that waits looks whether it is still wanted."""

_LEAVE_SECONDS = 2.0
"""How long the reading thread is waited for when it is no longer wanted: a driver that waits for its server cannot be told."""


def read_ahead(batches: Iterator[T]) -> Iterator[T]:
    """The batches in their order, read by a thread of its own. What reading raises is raised here, after the batches before it."""
    waiting: Queue[T | _End] = Queue(AHEAD)
    unwanted = Event()
    thread = Thread(target=_read, args=(batches, waiting, unwanted), name="auditor-read", daemon=True)
    thread.start()
    try:
        while True:
            given = _next(waiting, thread)
            if isinstance(given, _End):
                if given.error is not None:
                    raise given.error
                return
            yield given
    finally:
        unwanted.set()
        thread.join(_LEAVE_SECONDS)


class _End:
    """No more batches; `error` says why, where it is not simply their end."""

    def __init__(self, error: BaseException | None = None) -> None:
        self.error = error


def _next(waiting: Queue[T | _End], thread: Thread) -> T | _End:
    while True:
        try:
            return waiting.get(timeout=_LOOK_SECONDS)
        except Empty:
            if not thread.is_alive() and waiting.empty():
                raise RuntimeError("the thread that reads ended without a word; run the audit again") from None


def _read(batches: Iterator[T], waiting: Queue[T | _End], unwanted: Event) -> None:
    end = _End()
    try:
        for batch in batches:
            if not _put(waiting, batch, unwanted):
                break
    except BaseException as error:  # noqa: BLE001 - it is raised where the batches are asked for; a driver in Rust panics with no Exception
        end = _End(error)
    finally:
        close = getattr(batches, "close", None)
        if close is not None:
            close()
    _put(waiting, end, unwanted)


def _put(waiting: Queue[T | _End], given: T | _End, unwanted: Event) -> bool:
    """Whether it was still wanted."""
    while not unwanted.is_set():
        try:
            waiting.put(given, timeout=_LOOK_SECONDS)
        except Full:
            continue
        return True
    return False
