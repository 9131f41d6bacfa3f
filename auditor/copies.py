"""Copies of this process, made by fork: they share what it has worked out so far, and do a part of its work on another core.

Nothing may depend on one. It may die, and it may stand still for ever, as it may be made while another thread holds a lock that it then
finds held; so its work must be such that this process can do it again. Where there is no fork, there are no copies.
"""

from __future__ import annotations

import gc
import multiprocessing
import os
import signal
import sys
import time
import warnings
from collections.abc import Callable, Iterable
from contextlib import suppress
from multiprocessing.connection import Connection
from pathlib import Path
from types import TracebackType
from typing import Generic, TypeVar

from auditor.interrupts import interrupts_held

T = TypeVar("T")

POSSIBLE = sys.platform == "linux"
"""Elsewhere the system's own libraries do not bear to be copied."""

STILL_SECONDS = 60.0
"""A copy that has used no processor time for so long will not answer any more."""

LOOK_SECONDS = 0.5
"""How often a copy that is waited for is looked at."""


class CopyLost(Exception):  # it is no error: the work is done here instead
    """There is no answer of a copy, and will be none; the text says why."""


class Copy(Generic[T]):
    """One copy at one piece of work: `work()` is done there, and what it returns comes back by `answer`. Use as a context manager.

    Raises CopyLost where the system makes none.
    """

    def __init__(self, work: Callable[[], T]) -> None:
        self.connection, theirs = multiprocessing.Pipe(duplex=False)
        arguments = (work, self.connection, theirs)
        self._process = multiprocessing.get_context("fork").Process(target=_work, args=arguments, name="auditor-copy", daemon=True)
        self._worked_seconds, self._still_since = 0.0, time.monotonic()
        try:
            with interrupts_held(), warnings.catch_warnings():
                # Python warns of what is said above.
                warnings.simplefilter("ignore", DeprecationWarning)
                self._process.start()
        except OSError as error:
            self.connection.close()
            raise CopyLost(f"it cannot be made: {error}") from None
        finally:
            theirs.close()

    def answer(self) -> T:
        """What the copy's work gave; waits for it. Raises CopyLost."""
        while not self.connection.poll(LOOK_SECONDS):
            if self.stands_still():
                raise CopyLost(f"it did nothing for {STILL_SECONDS:g} s")
        try:
            said: T = self.connection.recv()
        except (EOFError, OSError):
            raise CopyLost("it ended without an answer") from None
        return said

    def stands_still(self) -> bool:
        """Whether it has used no processor time for long."""
        now, worked = time.monotonic(), _worked_seconds(self._process.pid)
        if worked > self._worked_seconds:
            self._worked_seconds, self._still_since = worked, now
        return now - self._still_since > STILL_SECONDS

    def end(self) -> None:
        """Ends it, whatever it is at."""
        self.connection.close()
        self._process.kill()
        self._process.join()
        self._process.close()

    def __enter__(self) -> Copy[T]:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.end()


def that_have_said(copies: Iterable[Copy[T]], seconds: float) -> list[Copy[T]]:
    """Those of the copies of which `answer` need not be waited for; waits so long for the first of them."""
    copies = list(copies)
    ready = multiprocessing.connection.wait([copy.connection for copy in copies], timeout=seconds)
    return [copy for copy in copies if copy.connection in ready]


def _work(work: Callable[[], T], ours: Connection, theirs: Connection) -> None:
    """What a copy does. It says nothing of its own mistakes: the main process does the work again, and meets them."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    ours.close()  # only the main process holds it now, so that its death closes the pipe
    gc.freeze()  # what was there before is looked at by nobody here, and stays shared
    with suppress(Exception):
        theirs.send(work())
        os._exit(0)
    os._exit(1)


def _worked_seconds(pid: int | None) -> float:
    """Processor time of a process until now; 0 where it is gone."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace").rsplit(")", 1)[1].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
