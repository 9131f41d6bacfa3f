"""Judging processes that crash, hang or die on certain cases; in a module of its own, which the processes import."""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Sequence
from multiprocessing.connection import Connection
from pathlib import Path

from auditor.engine import Engine
from auditor.engine.worker import serve

CRASH, HANG, SILENT = "crash", "hang", "silent"


class Poisoned(Engine):
    """It crashes or hangs on a case whose text says so, as the C library may."""

    def judge(self, values: Sequence[object], case: str = "") -> int:
        if CRASH in values:
            os.kill(os.getpid(), signal.SIGSEGV)
        while HANG in values:
            time.sleep(0.1)
        return super().judge(values, case)


class Slow(Engine):
    """It takes its time, so that it can be interrupted in the middle."""

    def judge(self, values: Sequence[object], case: str = "") -> int:
        time.sleep(0.002)
        return super().judge(values, case)


def serve_poisoned(connection: Connection) -> None:
    """Judge with the poisoned engine."""
    serve(connection, Poisoned)


def serve_slowly(connection: Connection) -> None:
    """Judge with the slow engine, and leave a note of the process in the folder that AUDITOR_TEST_NOTES names."""
    notes = os.environ.get("AUDITOR_TEST_NOTES")
    if notes:
        (Path(notes) / str(os.getpid())).touch()
    serve(connection, Slow)


def never_start(connection: Connection) -> None:
    """Die before saying that it is ready."""
    sys.exit(7)


def always_crash(connection: Connection) -> None:
    """Say that it is ready, and die of the first part."""
    connection.send("ready")
    connection.recv()
    os.kill(os.getpid(), signal.SIGKILL)


def talk_nonsense(connection: Connection) -> None:
    """Answer what nobody asked."""
    connection.send("ready")
    connection.recv()
    connection.send(5)
    connection.recv()
