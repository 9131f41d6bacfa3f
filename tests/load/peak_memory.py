"""What memory it takes to read a statement, in a process of its own."""

from __future__ import annotations

import subprocess
import sys

from auditor.load import Source
from tests.databases import text_url

READ = """
import sys
from pathlib import Path
from auditor.load import open_source
from auditor.load.arrow_drivers import arrow_batches
rows = sum(b.num_rows for b in arrow_batches(open_source(sys.argv[1]), sys.argv[2], sys.argv[3]))
(peak,) = [line.split()[1] for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM")]
print(rows, int(peak) // 1024)
"""


def peak_of_reading(source: Source, module: str, sql: str) -> tuple[int, int]:
    """The rows read, and the most memory held, in MB."""
    call = [sys.executable, "-c", READ, text_url(source.url), module, sql]
    rows, peak = subprocess.run(call, capture_output=True, text=True, check=True).stdout.split()
    return int(rows), int(peak)
