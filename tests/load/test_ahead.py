"""Reading ahead: order, errors and ends are those of the reading itself, and nothing goes on reading for nobody."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator

import pytest

from auditor.load import read_ahead
from auditor.load.ahead import AHEAD


def readers() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name == "auditor-read"]


def test_every_batch_comes_once_and_in_order() -> None:
    assert list(read_ahead(iter(range(1_000)))) == list(range(1_000))
    assert list(read_ahead(iter(()))) == []
    assert not readers()


def test_an_error_comes_after_the_batches_before_it_whatever_its_kind() -> None:
    class Panic(BaseException):
        pass

    def batches() -> Iterator[int]:
        yield from range(10)
        raise Panic("half-way")

    ahead = read_ahead(batches())
    assert [next(ahead) for _ in range(10)] == list(range(10))
    with pytest.raises(Panic, match="half-way"):
        next(ahead)
    assert not readers()


def test_no_more_is_read_ahead_than_a_few_batches() -> None:
    read = 0

    def batches() -> Iterator[int]:
        nonlocal read
        for number in range(100):
            read += 1
            yield number

    ahead = read_ahead(batches())
    assert next(ahead) == 0
    time.sleep(0.3)
    # One in hand, some that wait, one that finds no room.
    assert 1 < read <= AHEAD + 2
    ahead.close()  # type: ignore[attr-defined]


def test_who_stops_asking_stops_the_reading_and_closes_it() -> None:
    closed = threading.Event()

    def batches() -> Iterator[int]:
        try:
            while True:
                yield 1
        finally:
            closed.set()

    for _ in read_ahead(batches()):
        break
    assert closed.wait(5)
    deadline = time.monotonic() + 5
    while readers() and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not readers()


def test_an_interrupt_does_not_wait_for_a_source_that_says_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("auditor.load.ahead._LEAVE_SECONDS", 0.1)
    released = threading.Event()

    def batches() -> Iterator[int]:
        yield 1
        released.wait(30)

    start = time.monotonic()

    def asked() -> None:
        for _ in read_ahead(batches()):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        asked()
    assert time.monotonic() - start < 5
    released.set()
