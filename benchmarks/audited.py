"""One audit in a process of its own, as the command line runs it, with the time of each stage: `python -m benchmarks.audited URL OUT`."""

from __future__ import annotations

import functools
import json
import os
import sys
from collections import defaultdict
from collections.abc import Callable
from time import perf_counter
from typing import Any


def main(url: str, out: str) -> int:
    """The exit code of the audit; the last line of standard output is the stages' seconds as JSON."""
    started = perf_counter()
    # Judging processes import this module again, and need none of these.
    import auditor.audit as audit
    from auditor import cli
    from benchmarks.logs import AS_OF, PERIOD

    seconds: dict[str, float] = defaultdict(float)
    seconds["imports"] = perf_counter() - started

    def timed(name: str, work: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(work)
        def run(*given: Any, **named: Any) -> Any:
            start = perf_counter()
            try:
                return work(*given, **named)
            finally:
                seconds[name] += perf_counter() - start

        return run

    for name, function in (("load, validate", "admit"), ("judge", "audit_ruleset"), ("publish", "_publish"), ("findings.xlsx", "_report")):
        setattr(audit, function, timed(name, getattr(audit, function)))
    os.environ.setdefault("AUDITOR_KEY", "the key of the benchmarks, of no site")
    given = ["audit", "--source", url, "--ruleset", "power95598", "--period", PERIOD, "--as-of", AS_OF, "--out", out, "--no-pdf"]
    try:
        cli.main(given)
        code = 0
    except SystemExit as end:
        code = int(end.code or 0)
    seconds["judge"] -= seconds["load, validate"]  # the one is done within the other
    seconds["rest"] = perf_counter() - started - sum(seconds.values())
    print(json.dumps(seconds))
    return code


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
