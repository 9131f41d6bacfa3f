"""A copy of the process does a part of the work; one that is lost is said to be lost, whatever became of it."""

from __future__ import annotations

import os
import signal
import threading
import time

import pytest

from auditor import copies
from auditor.copies import POSSIBLE, Copy, CopyLost, that_have_said

pytestmark = pytest.mark.skipif(not POSSIBLE, reason="no copies are made on this system")


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def test_a_copy_knows_what_the_process_knows_and_its_answer_comes_back() -> None:
    known = {"text": "x" * 1_000_000}
    with Copy(lambda: (os.getpid(), known["text"] + "y")) as copy:
        pid, text = copy.answer()
    assert pid != os.getpid() and text == known["text"] + "y"


def test_what_a_copy_changes_is_its_own() -> None:
    known = [1]

    def work() -> list[int]:
        known.append(2)
        return known

    with Copy(work) as copy:
        assert copy.answer() == [1, 2]
    assert known == [1]


def fails() -> None:
    raise RuntimeError("a mistake")


@pytest.mark.parametrize("work", [fails, lambda: os.kill(os.getpid(), signal.SIGKILL), lambda: os._exit(0), lambda: threading.Lock()])
def test_a_copy_that_fails_dies_or_has_no_answer_that_can_be_sent_is_lost_and_says_nothing(
    work: object, capfd: pytest.CaptureFixture[str]
) -> None:
    with Copy(work) as copy, pytest.raises(CopyLost, match="without an answer"):  # type: ignore[arg-type]
        copy.answer()
    assert capfd.readouterr() == ("", "")


def test_a_copy_that_waits_for_ever_is_lost_and_one_that_works_is_not(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(copies, "STILL_SECONDS", 0.6)
    monkeypatch.setattr(copies, "LOOK_SECONDS", 0.1)
    lock = threading.Lock()
    with lock, Copy(lambda: lock.acquire()) as copy, pytest.raises(CopyLost, match="did nothing"):
        copy.answer()

    def works() -> str:
        end = time.monotonic() + 1.5
        while time.monotonic() < end:
            sum(range(10_000))
        return "done"

    with Copy(works) as copy:
        assert copy.answer() == "done"


def test_a_copy_is_gone_when_it_is_let_go_of() -> None:
    with Copy(lambda: time.sleep(600)) as copy:
        pid = copy._process.pid
        assert pid is not None and alive(pid)
    assert not alive(pid)


def test_a_copy_leaves_an_interrupt_to_the_process_that_made_it() -> None:
    def work() -> str:
        os.kill(os.getpid(), signal.SIGINT)
        return "went on"

    with Copy(work) as copy:
        assert copy.answer() == "went on"


def test_where_the_system_makes_no_process_the_copy_is_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    def no_fork() -> int:
        raise BlockingIOError(11, "Resource temporarily unavailable")

    monkeypatch.setattr(os, "fork", no_fork)
    with pytest.raises(CopyLost, match="Resource temporarily unavailable"):
        Copy(lambda: 1)


def test_of_several_copies_those_are_told_that_have_said_something() -> None:
    with Copy(lambda: time.sleep(600)) as silent, Copy(lambda: 1) as quick:
        assert that_have_said([silent, quick], 30) == [quick]
        assert that_have_said([silent], 0) == []
        assert quick.answer() == 1
    assert that_have_said([], 0) == []
