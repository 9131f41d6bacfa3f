"""A value is worked out once, whoever asks; and two threads that ask for different values do not wait for each other."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from auditor.derive.once import Once


def test_two_threads_that_ask_for_one_value_get_the_same_and_it_is_worked_out_once() -> None:
    once: Once[str] = Once()
    counted: list[int] = []

    def compute() -> object:
        counted.append(1)
        time.sleep(0.05)
        return object()

    with ThreadPoolExecutor(8) as threads:
        values = list(threads.map(lambda _: once.get("column", compute), range(8)))
    assert len(set(map(id, values))) == 1 and len(counted) == 1


def test_a_value_is_worked_out_while_another_one_is() -> None:
    once: Once[str] = Once()
    other = threading.Event()
    with ThreadPoolExecutor(2) as threads:
        # The first is done only when the second has been.
        first = threads.submit(once.get, "first", lambda: other.wait(30))
        threads.submit(once.get, "second", lambda: other.set()).result(30)
        assert first.result(30) is True


def test_a_value_may_rest_on_others_and_on_itself_under_another_name() -> None:
    once: Once[str] = Once({"given": 1})
    assert once.get("sum", lambda: once.get("given", lambda: 0) + once.get("more", lambda: once.get("given", lambda: 0))) == 2
    assert once.values == {"given": 1, "more": 1, "sum": 2}


def test_a_value_that_cannot_be_had_is_asked_for_anew_and_one_let_go_of_is_worked_out_again() -> None:
    once: Once[str] = Once()
    for _ in range(2):
        with pytest.raises(KeyError, match="no such fact"):
            once.get("fact", lambda: {}["no such fact"])
    assert once.get("fact", lambda: 1) == 1
    once.forget(lambda key: key == "other")
    assert once.get("fact", lambda: 2) == 1
    once.forget(lambda key: key == "fact")
    assert once.get("fact", lambda: 3) == 3
