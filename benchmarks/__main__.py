"""Tables of speed and memory: `python -m benchmarks [--tickets N] [--runs N] [PART ...]`.

The parts are `starting`, `judging`, `sql`, `sources` and `growth`. Times are medians; what is compared is measured by turns in one run
on the same generated data. Databases are made and dropped: PostgreSQL and MariaDB as the tests find them, SQLite under `benchmarks/data/`.
"""

from __future__ import annotations

import argparse
import gc
import json
import os
import platform
from collections.abc import Callable
from pathlib import Path
from statistics import median

from sqlalchemy.exc import OperationalError

from auditor.adjudicate import Adjudicator
from auditor.memory import kept_for_reuse
from auditor.rulebook import load_ruleset
from benchmarks import by_hand
from benchmarks.databases import NAMES, database
from benchmarks.fetched import DRIVERS
from benchmarks.judging import Bench, every_case, judging, package_seconds
from benchmarks.logs import make_logs
from benchmarks.processes import Ran, python, run

DATA = Path(__file__).with_name("data")

FEW, MANY = 0.0035, 0.038
"""How often a step is amiss so that 0.5 % and 5 % of the cases are breaches or indeterminate."""

GROWTH = (1, 2, 4, 8)
"""Sizes in quarters of the size asked for, doubled: 0.5, 1, 2 and 4 million tickets with `--tickets 2000000`."""


def main() -> None:
    """Prints the tables."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("parts", nargs="*", metavar="PART", help="judging, sql, sources, growth, starting (default: all)")
    parser.add_argument("--tickets", type=int, default=2_000_000, metavar="N", help="tickets; twice as many events, a tenth of outages")
    parser.add_argument("--runs", type=int, default=3, metavar="N", help="runs of which the median is told")
    given = parser.parse_args()
    DATA.mkdir(exist_ok=True)
    print(f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}; {given.tickets:,} tickets; {_load()}\n")
    parts: dict[str, Callable[[int, int], None]] = {
        "starting": _starting,
        "judging": _judging,
        "sql": _sql,
        "sources": _sources,
        "growth": _growth,
    }
    for name in given.parts or parts:
        parts[name](given.tickets, given.runs)


def _load() -> str:
    return f"load of the machine before the run {os.getloadavg()[0]:.1f}"


def _table(title: str, heads: list[str], rows: list[list[str]]) -> None:
    print(f"### {title}\n\n| {' | '.join(heads)} |\n|{' --- |' * len(heads)}")
    for row in rows:
        print(f"| {' | '.join(row)} |")
    print(flush=True)


def _bench(tickets: int, flaws: float) -> Bench:
    return Bench.of(make_logs(dict(load_ruleset("power95598").contract), tickets, flaws), os.cpu_count() or 1)


def _judging(tickets: int, runs: int) -> None:
    rows = []
    for flaws in (FEW, MANY):
        bench = _bench(tickets, flaws)
        ours, own_door, package = [], [], []
        with kept_for_reuse(), Adjudicator(bench.workers) as adjudicator:
            result = None
            for _ in range(runs):
                # As in an audit, memory is there when judging begins, and no earlier result holds it.
                result = None
                gc.collect()
                result = judging(bench, adjudicator)
                ours.append(result.seconds)
                own_door.append(every_case(bench, result.judged, adjudicator)[0])
                package.append(package_seconds(bench, result.judged)[0])
        assert result is not None
        here, engine, plain = median(ours), median(own_door), median(package)
        rows.append(
            [
                f"{100 * result.share:.2f} %",
                f"{result.cases:,}",
                f"{result.findings:,}",
                f"{here:.1f} s",
                f"{result.cases / here:,.0f}",
                f"{plain:.0f} s",
                f"**{plain / here:.1f}**",
                f"{engine:.0f} s",
                f"**{engine / here:.1f}**",
            ]
        )
    heads = ["breaches, indeterminate", "cases", "findings", "judging", "cases/s", "all to durable-rules, package's interface", "times"]
    _table("(a) Judging", [*heads, "all to durable-rules, our own door", "times"], rows)


def _sql(tickets: int, runs: int) -> None:
    bench = _bench(tickets, FEW)
    rows = []
    for code in by_hand.SQL:
        with kept_for_reuse():  # as in an audit, and as DuckDB does
            both = [by_hand.compare(bench, code) for _ in range(max(runs, 3))]
        ours, other = median(b.ours for b in both), median(b.by_hand for b in both)
        ratio = median(b.ours / b.by_hand for b in both)
        rows.append([code, f"{sum(both[0].verdicts.values()):,}", f"{ours:.2f} s", f"{other:.2f} s", f"**{ratio:.2f}**"])
    _table("(b) Derive and screen against DuckDB SQL", ["rule", "cases", "ours", "SQL by hand", "times its time"], rows)


def _sources(tickets: int, runs: int) -> None:
    contract = load_ruleset("power95598").contract
    logs = make_logs(dict(contract), tickets, FEW)
    rows = []
    for kind in NAMES:
        try:
            with database(kind, contract, logs, DATA) as url:
                audits, fetches = [], []
                for _ in range(runs):
                    fetches.append({driver: python("-m", "benchmarks.fetched", driver, url) for driver in DRIVERS[kind]})
                    audits.append(python("-m", "benchmarks.audited", url, str(DATA / "run")))
        except OperationalError as error:
            rows.append([kind, f"no server: {error.orig}"])
            continue
        fastest = min(DRIVERS[kind], key=lambda driver: median(f[driver].seconds for f in fetches))
        fetch, audit = median(f[fastest].seconds for f in fetches), median(a.seconds for a in audits)
        middle = sorted(audits, key=lambda a: a.seconds)[len(audits) // 2]
        stages = "; ".join(f"{name} {seconds:.1f}" for name, seconds in _stages(middle).items())
        memory = max(a.memory for a in audits) / 2**30
        rows.append([kind, f"{fetch:.1f} s ({fastest})", f"{audit:.1f} s", f"**{audit / fetch:.1f}**", f"{memory:.2f} GB", stages])
    _table("(c) End to end", ["source", "merely fetching", "audit", "times", "peak memory", "seconds by stage"], rows)


def _stages(ran: Ran) -> dict[str, float]:
    stages: dict[str, float] = json.loads(ran.told.strip().splitlines()[-1])
    return stages


def _growth(tickets: int, _runs: int) -> None:
    contract = load_ruleset("power95598").contract
    rows = []
    for quarters in GROWTH:
        size = tickets * quarters // 4
        with database("postgresql", contract, make_logs(dict(contract), size, FEW), DATA) as url:
            ran = python("-m", "benchmarks.audited", url, str(DATA / "run"))
        summary = json.loads((DATA / "run" / "summary.json").read_text(encoding="utf-8"))
        cases = sum(rule["population"] for rule in summary["rulesets"]["power95598"]["rules"].values())
        each = ran.seconds * 1e6 / cases
        rows.append([f"{size:,}", f"{cases:,}", f"{ran.seconds:.1f} s", f"**{each:.2f} s**", f"{ran.memory / 2**30:.2f} GB"])
    _table("(d) Growth", ["tickets", "cases", "audit from PostgreSQL", "a million cases", "peak memory"], rows)


def _starting(_tickets: int, runs: int) -> None:
    program = Path(__file__).parents[1] / ".venv" / "bin" / "auditor"
    rows = []
    for arguments in (("--help",), ("audit", "--help"), ("rules", "list")):
        seconds = median(run(str(program), *arguments).seconds for _ in range(max(runs, 5)))
        rows.append([f"`auditor {' '.join(arguments)}`", f"**{seconds:.2f} s**"])
    _table("(e) Starting", ["command", "seconds"], rows)


if __name__ == "__main__":
    main()
