"""How many cases a second durable-rules judges behind our door, and what memory it takes.

    python benchmarks/engine.py [CASES]

The rule is a time limit with an unknown start, a text and an or: five facts, four verdicts.
"""

from __future__ import annotations

import resource
import sys
from collections.abc import Iterable
from pathlib import Path
from time import perf_counter

import numpy as np
import pyarrow as pa

sys.path.insert(0, str(Path(__file__).parents[1]))

from auditor.adjudicate import Adjudicator
from auditor.engine import Engine, compile_rule
from auditor.instants import NEVER
from auditor.vocabulary.expressions import blank, m
from auditor.vocabulary.questions import Questions

NOON = 1_700_000_000

RULE = compile_rule(
    "BM001",
    Questions(blank.received_at | (m.jurisdiction == "undetermined"), (m.done_at > m.due_at) | (m.kind != "計劃"), m.as_of <= m.due_at),
    {"done_at": "int", "due_at": "int", "as_of": "int", "jurisdiction": "str", "kind": "str"},
)


def cases(size: int) -> pa.Table:
    """Random cases of all four verdicts."""
    random = np.random.default_rng(1)
    columns = {
        "case_id": pa.array([f"T-{number:07}" for number in range(size)]),
        "jurisdiction": random.choice(["own", "other", "undetermined"], size),
        "done_at": random.choice([NOON - 1, NOON + 1, NEVER], size),
        "due_at": random.choice([NOON, NOON + 86_400], size),
        "as_of": np.full(size, NOON + 3_600),
        "kind": random.choice(["計劃", "臨時"], size),
        "blank_received_at": random.random(size) < 0.05,
    }
    return pa.table(columns)


def per_second(size: int, work: Iterable[object]) -> float:
    """Cases a second of some work."""
    start = perf_counter()
    for _ in work:
        pass
    return size / (perf_counter() - start)


def main(size: int) -> None:
    """Print the figures."""
    facts = cases(size)
    records = facts.drop_columns(["case_id"]).to_pylist()
    rows = list(zip(*(facts.column(name).to_pylist() for name, _ in RULE.fields), strict=True))
    with Engine(RULE) as engine:
        engine.decide(records[0])
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        print(f"decide, a record each          {per_second(size, map(engine.decide, records)):>10,.0f} cases/s")
        print(f"judge, values in field order   {per_second(size, map(engine.judge, rows)):>10,.0f} cases/s")
        print(
            f"peak memory grew by            {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before:>10,} KB over {2 * size:,} cases"
        )
    for workers in (1, 2):
        with Adjudicator(workers) as adjudicator:
            start = perf_counter()
            adjudicator.adjudicate(RULE, facts.slice(0, 1))
            first = perf_counter() - start
            start = perf_counter()
            adjudicator.adjudicate(RULE, facts)
            print(
                f"adjudicate, {workers} process(es)      {size / (perf_counter() - start):>10,.0f} cases/s (first case after {first:.2f} s)"
            )


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 200_000)
