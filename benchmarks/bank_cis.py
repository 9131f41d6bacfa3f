"""Who looked at whom, at scale: `python -m benchmarks.bank_cis [EVENTS ...]` (default 1, 5 and 20 million).

20 000 accounts, 2 million customers with assignment history, one quarter. Logs above five million events are judged in parts, each read
when its turn comes (benchmarks/bank_cis_parts.py says why the verdicts are those of the whole; the clean quarter, which adds up all parts,
is then left out). Measured is the way from records in memory to verdicts with the engine's word: derive, screen and adjudicate. Every size
runs in a process of its own, so that its memory is its own; the logs are made beforehand, in another.

Two cores (shared with other work), Python 3.11, 2026-11:

| events | parts | cases | breaches | seconds | events a second | processor s | peak GB |
| ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |
| 1,000,000 | 1 | 9,068,682 | 474 | 5.4 | 185,830 | 4.4 | 1.48 |
| 5,000,000 | 1 | 43,126,715 | 2,254 | 14.0 | 357,578 | 13.2 | 4.58 |
| 20,000,000 | 4 | 170,181,198 | 8,948 | 41.7 | 479,530 | 41.3 | 3.94 |

Two to three seconds of each size are the 2.5 million assignments, whatever the events.
"""

from __future__ import annotations

import gc
import json
import resource
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from time import perf_counter, process_time
from typing import Any

import numpy as np
import pyarrow as pa

from auditor.adjudicate import Adjudicator
from auditor.audit import OWN_CALENDAR
from auditor.calendar.working_calendar import WorkingCalendar
from auditor.derive import Logs
from auditor.instants import DEFAULT_ZONE, from_iso
from auditor.judge import Judged, judge
from auditor.parameters import load_parameters
from auditor.periods import parse_period
from auditor.rulebook import load_ruleset
from auditor.validate import Admitted
from auditor.vocabulary.questions import VERDICTS
from auditor.waivers import Waivers
from benchmarks.bank_cis_logs import AS_OF, PERIOD, admit, bank_logs
from benchmarks.bank_cis_parts import BY_NUMBER, by_user, once, own_cases, part_of_users, parts_of_numbers, with_events

SIZES = (1_000_000, 5_000_000, 20_000_000)
IN_ONE = 5_000_000
"""Events that are judged at once; more are judged in parts."""

CUSTOMERS = 2_000_000
WORKERS = 2
RULESET = load_ruleset("bank_cis")


def make(events: int, folder: Path) -> None:
    """Writes the logs: a file a record, and of the access log a file a part."""
    admitted = bank_logs(dict(RULESET.contract), events=events, customers=CUSTOMERS)
    parts = -(-events // IN_ONE)
    log = admitted.pop("access_event").table
    for name, one in admitted.items():
        _write(folder / f"{name}.arrow", one.table)
    for part in range(parts):
        _write(folder / f"users-{part}.arrow", log if parts == 1 else part_of_users(log, part, parts))
    if parts > 1:
        for part, numbers in enumerate(parts_of_numbers(log, from_iso(AS_OF, DEFAULT_ZONE), parts)):
            _write(folder / f"numbers-{part}.arrow", numbers)


def measure(events: int, folder: Path) -> dict[str, Any]:
    """Judges what `make` wrote; time is that of judging, memory that of this process at its highest."""
    parts = len(list(folder.glob("users-*.arrow")))
    others = {name: admit(record, _read(folder / f"{name}.arrow")) for name, record in RULESET.contract.items() if name != "access_event"}
    verdicts: Counter[str] = Counter()
    spent = 0.0
    with Adjudicator(WORKERS) as adjudicator:
        before = process_time()
        for codes, path, part in _steps(folder, parts):
            events_here = admit(RULESET.contract["access_event"], _read(path) if path is not None else {})
            logs = _logs(with_events({**others, "access_event": events_here}, events_here.table))
            start = perf_counter()
            judged = judge(RULESET, logs, Waivers(), adjudicator, only=codes)
            spent += perf_counter() - start
            for one in judged:
                verdicts.update(_counts(one, part, parts))
            del judged, logs, events_here, one
            # Frames and logs know each other, and Arrow keeps what it has freed: both wait to be told.
            gc.collect()
            pa.default_memory_pool().release_unused()
        processor = process_time() - before
    return {
        "events": events,
        "parts": parts,
        "seconds": spent,
        "processor": processor,
        "peak": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6,
        "verdicts": dict(verdicts),
    }


def _steps(folder: Path, parts: int) -> Iterator[tuple[list[str] | None, Path | None, int | None]]:
    """What is judged one after the other: rules (None: all), the file of events (None: none), the part of the users (None: all)."""
    if parts == 1:
        yield None, folder / "users-0.arrow", None
        return
    yield once(RULESET), None, None
    for part in range(parts):
        yield by_user(RULESET), folder / f"users-{part}.arrow", part
    for part in range(parts):
        yield list(BY_NUMBER), folder / f"numbers-{part}.arrow", None


def _counts(judged: Judged, part: int | None, parts: int) -> dict[str, int]:
    assert judged.not_auditable is None, f"{judged.rule.code}: {judged.not_auditable}"
    assert judged.verdict is not None
    own = judged.verdict if part is None else judged.verdict[own_cases(judged, part, parts)]
    counts = np.bincount(own, minlength=len(VERDICTS)).tolist()
    judged.forget()
    return {name: count for name, count in zip(VERDICTS, counts, strict=True) if count}


def _logs(admitted: Mapping[str, Admitted]) -> Logs:
    return Logs(
        admitted,
        contract=RULESET.contract,
        absent={},
        facts=RULESET.facts,
        parameters=load_parameters(RULESET.folder / "parameters.toml", None, None, DEFAULT_ZONE),
        calendar=WorkingCalendar.from_files(OWN_CALENDAR),
        period=parse_period(PERIOD),
        as_of=from_iso(AS_OF, DEFAULT_ZONE),
        zone=DEFAULT_ZONE,
        data=RULESET.tables,
    )


def _write(path: Path, table: pa.Table) -> None:
    with pa.OSFile(str(path), "wb") as file, pa.ipc.new_file(file, table.schema) as writer:
        writer.write_table(table)


def _read(path: Path) -> dict[str, Any]:
    # Read into memory rather than mapped, so that the measure is that of a log that came over the wire.
    with pa.OSFile(str(path), "rb") as file:
        table = pa.ipc.open_file(file).read_all()
    return dict(zip(table.column_names, table.columns, strict=True))


def main(sizes: list[int]) -> None:
    """Prints a row a size."""
    print("| events | parts | cases | breaches | seconds | events a second | processor s | peak GB |")
    print("| ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |")
    for events in sizes:
        with tempfile.TemporaryDirectory() as folder:
            subprocess.run([sys.executable, "-m", "benchmarks.bank_cis", "make", str(events), folder], check=True)
            done = subprocess.run(
                [sys.executable, "-m", "benchmarks.bank_cis", "measure", str(events), folder], check=True, capture_output=True, text=True
            )
        found = json.loads(done.stdout)
        cases, breaches = sum(found["verdicts"].values()), found["verdicts"].get("breach", 0)
        print(
            f"| {events:,} | {found['parts']} | {cases:,} | {breaches:,} | {found['seconds']:.1f} | {events / found['seconds']:,.0f} "
            f"| {found['processor']:.1f} | {found['peak']:.2f} |",
            flush=True,
        )


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["make", events, folder]:
            make(int(events), Path(folder))
        case ["measure", events, folder]:
            print(json.dumps(measure(int(events), Path(folder))))
        case sizes:
            main([int(size) for size in sizes] or list(SIZES))
