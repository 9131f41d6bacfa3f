"""Memory given back (what nothing leads to any more, also where two things know each other as logs and frames do), and memory kept."""

from __future__ import annotations

import gc
import subprocess
import sys
import weakref

import numpy as np
import pyarrow as pa
import pytest

from auditor.memory import WORTH_BYTES, _glibc, give_back, kept_for_reuse


class Held:
    def __init__(self) -> None:
        self.column = np.zeros(1_000_000)
        self.other: Held | None = None


def test_things_that_know_each_other_are_given_back() -> None:
    gc.disable()
    try:
        one, two = Held(), Held()
        one.other, two.other = two, one
        seen = weakref.ref(one.column)
        del one, two
        assert seen() is not None
        give_back(WORTH_BYTES - 1)
        assert seen() is not None
        give_back(WORTH_BYTES)
        assert seen() is None
    finally:
        gc.enable()


KEPT = """
from pathlib import Path
import numpy as np
from auditor.memory import kept_for_reuse

def resident():
    return next(int(line.split()[1]) >> 10 for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmRSS"))

def used_and_let_go():
    column = np.ones(8_000_000)
    before = resident()
    del column
    return before - resident()

outside, = [used_and_let_go()]
with kept_for_reuse():
    within = used_and_let_go()
print(outside, within, used_and_let_go())
"""


@pytest.mark.skipif(_glibc("mallopt") is None, reason="the C library is not glibc")
def test_memory_let_go_of_stays_with_the_process_within_and_goes_back_to_the_system_before_and_after() -> None:
    done = subprocess.run([sys.executable, "-c", KEPT], capture_output=True, text=True, check=True)
    before, within, after = map(int, done.stdout.split())
    assert before > 50 and after > 50 and abs(within) < 5  # of 61 MB


def test_arrow_takes_its_memory_where_it_did_before_also_after_an_error() -> None:
    usual = pa.default_memory_pool().backend_name
    with pytest.raises(RuntimeError), kept_for_reuse():
        raise RuntimeError
    assert pa.default_memory_pool().backend_name == usual


BEYOND = """
from pathlib import Path
import numpy as np
from auditor.memory import give_back_beyond, kept_for_reuse

def resident():
    return next(int(line.split()[1]) >> 10 for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmRSS"))

with kept_for_reuse():
    let_go = [np.ones(1_000_000) for _ in range(16)]
    held = np.ones(1_000_000)  # above them: what is below would not go back of itself
    before = resident()
    del let_go
    give_back_beyond(1_000_000_000)
    kept = before - resident()
    give_back_beyond(50_000_000)
    print(kept, before - resident(), int(held.sum()))
"""


@pytest.mark.skipif(_glibc("mallinfo2") is None, reason="the C library does not tell what is free")
def test_what_is_kept_goes_back_where_it_is_more_than_wanted() -> None:
    done = subprocess.run([sys.executable, "-c", BEYOND], capture_output=True, text=True, check=True)
    kept, given_back, held = map(int, done.stdout.split())
    assert abs(kept) < 5 and given_back > 100 and held == 1_000_000  # of 122 MB
