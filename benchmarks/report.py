"""The report of a large run, 10 000 findings of 40 units, in under 60 s and 1 GB: `python -m benchmarks.report`."""

from __future__ import annotations

import argparse
import resource
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter

from auditor.report import build_pdf, build_xlsx
from tests.report_run import make_run

SECONDS, MEGABYTES = 60.0, 1024.0
"""What the report of this size may take."""


@dataclass(frozen=True)
class Measured:
    """One rendering, in a process of its own: wall time, and the most memory that the process held."""

    what: str
    seconds: float
    megabytes: float
    bytes_written: int


def measure(folder: Path, lang: str) -> list[Measured]:
    """Render PDF and spreadsheet of a run's folder, each in a new process."""
    return [_in_new_process(folder, what, lang) for what in ("pdf", "xlsx")]


def _in_new_process(folder: Path, what: str, lang: str) -> Measured:
    command = [sys.executable, "-m", "benchmarks.report", "--render", what, str(folder), "--lang", lang]
    seconds, megabytes, written = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()
    return Measured(f"{what} {lang}", float(seconds), float(megabytes), int(written))


def _render(what: str, folder: Path, lang: str) -> None:
    target = folder / {"pdf": "report.pdf", "xlsx": "findings.xlsx"}[what]
    start = perf_counter()
    if what == "pdf":
        build_pdf(folder, lang)
    else:
        build_xlsx(folder, lang)
    seconds = perf_counter() - start
    print(f"{seconds:.2f} {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} {target.stat().st_size}")


def main() -> int:
    """Make the run, render it, and say whether it keeps within time and memory."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--findings", type=int, default=10_000)
    parser.add_argument("--units", type=int, default=40)
    parser.add_argument("--lang", default="zh-Hant")
    parser.add_argument("--render", nargs=2, metavar=("WHAT", "FOLDER"))
    options = parser.parse_args()
    if options.render:
        _render(options.render[0], Path(options.render[1]), options.lang)
        return 0
    with tempfile.TemporaryDirectory() as folder:
        # A sixth of the findings are no breaches; the run holds about as many as asked for.
        run = make_run(Path(folder) / "run", findings=options.findings * 2 // 3, units=options.units)
        findings = sum(1 for _ in (run / "findings.jsonl").open(encoding="utf-8"))
        results = measure(run, options.lang)
    print(f"{findings} findings of {options.units} units, two rulesets")
    for result in results:
        print(f"{result.what:12} {result.seconds:6.1f} s  {result.megabytes:6.0f} MB  {result.bytes_written / 1e6:6.1f} MB written")
    return int(any(r.seconds > SECONDS or r.megabytes > MEGABYTES for r in results))


if __name__ == "__main__":
    sys.exit(main())
