"""A command run as a process of its own: how long it takes, and the most memory that it and its children hold at once."""

from __future__ import annotations

import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
_PAUSE_SECONDS = 0.1
_BETWEEN_SECONDS = 0.5
"""To add up a process's share of each page holds it up, by some hundredths of a second a gigabyte: not oftener than that."""


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
        most, looked = 0, start
        while process.poll() is None:
            family = _family(process.pid)
            # What each has used at most is quick to see. More than that they have together only where they have more now.
            most = max(most, *(_most(one) for one in family))
            if time.perf_counter() - looked > _BETWEEN_SECONDS and sum(map(_resident, family)) > most:
                most, looked = max(most, sum(map(_share, family))), time.perf_counter()
            time.sleep(_PAUSE_SECONDS)
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


def _share(pid: int) -> int:
    """The process's share of the memory: a page that n processes share counts an n-th in each (Pss)."""
    return _told(pid, "smaps_rollup", "Pss:")


def _resident(pid: int) -> int:
    """All that the process has, shared or not."""
    return _told(pid, "status", "VmRSS:")


def _most(pid: int) -> int:
    """All that the process has ever had at once, shared or not."""
    return _told(pid, "status", "VmHWM:")


def _told(pid: int, name: str, word: str) -> int:
    try:
        for line in Path(f"/proc/{pid}/{name}").read_text().splitlines():
            if line.startswith(word):
                return int(line.split()[1]) * 1024
    except OSError:  # it has just ended
        return 0
    return 0
