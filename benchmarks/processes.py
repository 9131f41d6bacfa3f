"""A command run as a process of its own: how long it takes, and the most memory that it and its children hold at once."""

from __future__ import annotations

import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
_PAUSE = 0.1


@dataclass(frozen=True)
class Ran:
    """Seconds from start to end, peak memory in bytes: of the whole family, a page that several of them share counted once."""

    seconds: float
    memory: int
    told: str


def python(*arguments: str) -> Ran:
    """Runs Python with the arguments. Raises RuntimeError where it fails."""
    return run(sys.executable, *arguments)


def run(*command: str) -> Ran:
    """Runs the command. Raises RuntimeError where it fails."""
    start = time.perf_counter()
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=ROOT) as process:
        most = 0
        while process.poll() is None:
            most = max(most, sum(_resident(one) for one in _family(process.pid)))
            time.sleep(_PAUSE)
        seconds = time.perf_counter() - start
        told, errors = process.communicate()
    if process.returncode:
        raise RuntimeError(f"{' '.join(command[:4])} ... ended with {process.returncode}: {errors.strip()[-600:]}")
    return Ran(seconds, most, told)


def _family(pid: int) -> list[int]:
    """The process and all that descend from it."""
    found = [pid]
    for one in found:
        try:
            tasks = list(Path(f"/proc/{one}/task").iterdir())
            for task in tasks:
                found += [int(child) for child in (task / "children").read_text().split()]
        except OSError:  # it has just ended
            continue
    return found


def _resident(pid: int) -> int:
    """The process's share of the memory: a page that n processes share counts an n-th in each (Pss)."""
    try:
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) * 1024
    except OSError:
        return 0
    return 0
