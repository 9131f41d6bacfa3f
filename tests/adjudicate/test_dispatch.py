"""Judging in processes: complete and in order, whatever happens to a process."""

from __future__ import annotations

import logging
import os
import signal
import subprocess
import sys
import textwrap
import threading
import time
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from auditor.adjudicate import Adjudicator, dispatch
from auditor.engine import CompiledRule, EngineError, compile_rule
from auditor.errors import RunError
from auditor.vocabulary.expressions import NEVER_TRUE, blank, m
from auditor.vocabulary.questions import Questions, Verdict
from tests.adjudicate import poisoned

ROOT = Path(__file__).parents[2]

RULE = compile_rule("RR001", Questions(blank.kind, m.rows > m.limit, m.rows == 7), {"rows": "int", "limit": "int"})
BY_TEXT = compile_rule("RR002", Questions(NEVER_TRUE, m.kind == "bad", NEVER_TRUE), {"kind": "str"})


def table(size: int) -> pa.Table:
    """Cases of RULE with all four verdicts."""
    numbers = np.arange(size)
    names = pa.array([f"case {number}" for number in numbers], pa.string())
    return pa.table({"case_id": names, "rows": numbers % 10, "limit": np.full(size, 5), "blank_kind": numbers % 13 == 0})


def expected(size: int) -> list[int]:
    """What RULE says of `table(size)`."""
    by_rows = [Verdict.COMPLIANT] * 6 + [Verdict.BREACH, Verdict.PENDING, Verdict.BREACH, Verdict.BREACH]
    return [by_rows[number % 10] if number % 13 else Verdict.INDETERMINATE for number in range(size)]


def texts(size: int, **special: str) -> pa.Table:
    """Cases of BY_TEXT; `p17="crash"` gives case 17 that text."""
    kinds = ["good" if number % 3 else "bad" for number in range(size)]
    for name, kind in special.items():
        kinds[int(name[1:])] = kind
    return pa.table({"case_id": [f"case {number}" for number in range(size)], "kind": kinds})


def of_texts(size: int, *failed: int) -> list[int]:
    """What BY_TEXT says of `texts(size)`."""
    return [Verdict.INDETERMINATE if number in failed else Verdict.COMPLIANT if number % 3 else Verdict.BREACH for number in range(size)]


def test_verdicts_come_in_the_order_of_the_cases_whatever_the_number_of_workers() -> None:
    size = 11_003
    for workers in (1, 2, 3):
        with Adjudicator(workers) as adjudicator:
            verdicts, failed = adjudicator.adjudicate(RULE, table(size))
        assert verdicts.dtype == np.int8
        assert verdicts.tolist() == expected(size)
        assert failed == []


def test_processes_serve_one_rule_after_another() -> None:
    with Adjudicator(2) as adjudicator:
        assert adjudicator.adjudicate(RULE, table(40)).verdicts.tolist() == expected(40)
        first = adjudicator._workers[0].process.pid
        assert adjudicator.adjudicate(BY_TEXT, texts(40)).verdicts.tolist() == of_texts(40)
        assert adjudicator.adjudicate(RULE, table(0)).verdicts.tolist() == []
        assert adjudicator.adjudicate(RULE, table(41)).verdicts.tolist() == expected(41)
        assert [worker.process.pid for worker in adjudicator._workers] == [first]


def test_few_cases_take_one_process_and_many_take_all() -> None:
    with Adjudicator(2) as adjudicator:
        assert adjudicator._workers == [], "none before it is needed"
        adjudicator.adjudicate(RULE, table(dispatch.WORTH_SEVERAL - 1))
        assert len(adjudicator._workers) == 1
        adjudicator.adjudicate(RULE, table(dispatch.WORTH_SEVERAL))
        assert len(adjudicator._workers) == 2
        processes = [worker.process for worker in adjudicator._workers]
        pids = [process.pid for process in processes]
    assert adjudicator._workers == []
    assert not any(alive(pid) for pid in pids if pid)


def test_a_rule_that_reads_no_fact() -> None:
    rule = compile_rule("RR003", Questions(NEVER_TRUE, NEVER_TRUE, NEVER_TRUE), {})
    with Adjudicator(1) as adjudicator:
        assert adjudicator.adjudicate(rule, pa.table({"case_id": ["a", "b"]})).verdicts.tolist() == [Verdict.COMPLIANT] * 2


def alive(pid: int) -> bool:
    """Whether the process runs."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    status = Path(f"/proc/{pid}/status")
    return not status.exists() or "\nState:\tZ" not in status.read_text()


def test_a_worker_killed_in_the_middle_loses_no_case() -> None:
    size = 6_000
    with Adjudicator(2, target=poisoned.serve_slowly) as adjudicator:
        killed: list[int] = []

        def kill_two() -> None:
            while len(killed) < 2:
                time.sleep(0.7)
                busy = [worker.process.pid for worker in adjudicator._workers if worker.span]
                killed.extend(pid for pid in busy[:1] if pid)
                for pid in busy[:1]:
                    if pid:
                        os.kill(pid, signal.SIGKILL)

        killer = threading.Thread(target=kill_two)
        killer.start()
        verdicts, failed = adjudicator.adjudicate(RULE, table(size))
        killer.join()
    assert len(killed) == 2
    assert verdicts.tolist() == expected(size)
    assert failed == []


@pytest.mark.parametrize("special", [{"p17": "crash"}, {"p0": "crash", "p2499": "crash"}, {"p700": "crash", "p701": "crash"}])
def test_a_poisoned_case_is_isolated_and_named(special: dict[str, str], caplog: pytest.LogCaptureFixture) -> None:
    bad = [int(name[1:]) for name in special]
    with Adjudicator(1, target=poisoned.serve_poisoned) as adjudicator, caplog.at_level(logging.WARNING):
        verdicts, failed = adjudicator.adjudicate(BY_TEXT, texts(2_500, **special))
        assert failed == bad
        assert verdicts.tolist() == of_texts(2_500, *bad)
        for position in bad:
            assert f"rule RR002: the engine cannot judge case case {position}" in caplog.text
        assert "signal SIGSEGV" in caplog.text
        assert adjudicator.adjudicate(RULE, table(20)).verdicts.tolist() == expected(20), "and the next rule is judged"


def test_a_poisoned_case_gives_the_same_with_any_number_of_workers() -> None:
    results = []
    for workers in (1, 2):
        with Adjudicator(workers, target=poisoned.serve_poisoned) as adjudicator:
            verdicts, failed = adjudicator.adjudicate(BY_TEXT, texts(6_000, p4321="crash"))
            results.append((verdicts.tolist(), failed))
    assert results[0] == results[1] == (of_texts(6_000, 4321), [4321])


def test_a_case_on_which_the_engine_hangs_is_isolated(caplog: pytest.LogCaptureFixture) -> None:
    with Adjudicator(1, seconds_per_part=2, target=poisoned.serve_poisoned) as adjudicator, caplog.at_level(logging.WARNING):
        verdicts, failed = adjudicator.adjudicate(BY_TEXT, texts(4, p2="hang"))
    assert failed == [2]
    assert verdicts.tolist() == of_texts(4, 2)
    assert "it did not answer within 2 s" in caplog.text


@pytest.mark.skipif(os.name != "posix", reason="stops a process with a signal")
def test_a_process_that_stands_still_holds_nothing_up() -> None:
    with Adjudicator(1, seconds_per_part=2) as adjudicator:
        adjudicator.adjudicate(BY_TEXT, texts(1))
        stopped = adjudicator._workers[0].process.pid
        assert stopped
        os.kill(stopped, signal.SIGSTOP)
        large = texts(2_000, **{f"p{number}": "x" * 400 for number in range(1, 2_000)})
        verdicts, failed = adjudicator.adjudicate(BY_TEXT, large)
        assert not alive(stopped)
    assert failed == []
    assert verdicts.tolist() == [Verdict.BREACH] + [Verdict.COMPLIANT] * 1_999


def test_a_case_of_which_the_engine_is_silent_is_named_and_costs_no_process(caplog: pytest.LogCaptureFixture) -> None:
    gap = CompiledRule("RR004", '{"compliant":{"all":[{"m":{"kind":"good"}}]},"breach":{"all":[{"m":{"kind":"bad"}}]}}', (("kind", "str"),))
    with Adjudicator(1) as adjudicator, caplog.at_level(logging.WARNING):
        adjudicator.adjudicate(gap, texts(10))
        pid = adjudicator._workers[0].process.pid
        verdicts, failed = adjudicator.adjudicate(gap, texts(10, p4="neither"))
        assert adjudicator._workers[0].process.pid == pid
    assert failed == [4]
    assert verdicts.tolist() == of_texts(10, 4)
    assert "the engine cannot judge case case 4, which counts as indeterminate" in caplog.text
    assert "none of its rules is true" in caplog.text


def test_a_rule_that_the_library_does_not_take_fails_the_run() -> None:
    with Adjudicator(1) as adjudicator, pytest.raises(EngineError, match="rule RR005: durable-rules does not take its definition"):
        adjudicator.adjudicate(CompiledRule("RR005", '{"breach":{"all":5}}', ()), pa.table({"case_id": ["a"]}))


def test_processes_that_do_not_start_fail_the_run() -> None:
    says = "do not start: the judging process ended .exit code 7"
    with Adjudicator(2, target=poisoned.never_start) as adjudicator, pytest.raises(RunError, match=says):
        adjudicator.adjudicate(RULE, table(10))


def test_a_rule_that_costs_process_after_process_fails_the_run(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dispatch, "MOST_DEATHS", 3)
    with Adjudicator(1, target=poisoned.always_crash) as adjudicator:
        with pytest.raises(
            RunError, match="rule RR001: 3 judging processes died or did not answer .*signal SIGKILL.*use fewer workers"
        ) as caught:
            adjudicator.adjudicate(RULE, table(100))
        assert caught.value.exit_code == 4
        assert adjudicator._workers == []


def test_an_answer_that_is_none_fails_the_run() -> None:
    with Adjudicator(1, target=poisoned.talk_nonsense) as adjudicator, pytest.raises(EngineError, match="gave int for an answer"):
        adjudicator.adjudicate(RULE, table(10))


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda facts: facts.drop_columns(["rows"]), "rule RR001: the table of facts lacks 'rows'"),
        (lambda facts: facts.drop_columns(["case_id"]), "the table of facts lacks 'case_id'"),
        (lambda facts: facts.set_column(1, "rows", pa.array([1.0] * 3)), "'rows' is double in the table of facts where the rule has int64"),
        (lambda facts: facts.set_column(1, "rows", pa.array([1, None, 3])), "'rows' is null in 1 rows"),
    ],
)
def test_a_table_that_does_not_fit_the_rule_is_refused(change: Any, says: str) -> None:
    with Adjudicator(1) as adjudicator, pytest.raises(EngineError, match=says):
        adjudicator.adjudicate(RULE, change(table(3)))


def test_no_worker_is_no_number_of_workers() -> None:
    with pytest.raises(ValueError, match="give 1 or more"):
        Adjudicator(0)


PROGRAM = """
import sys
sys.path.insert(0, {root!r})
if __name__ == "__main__":
    from auditor.adjudicate import Adjudicator
    from tests.adjudicate import poisoned
    from tests.adjudicate.test_dispatch import RULE, table
    with Adjudicator(2, target=poisoned.serve_slowly) as adjudicator:
        adjudicator.adjudicate(RULE, table(60_000))
"""


@pytest.mark.skipif(os.name != "posix", reason="sends signals to a group of processes")
@pytest.mark.parametrize("how", ["ctrl-c", "kill"])
def test_an_interrupted_run_leaves_no_process_behind(how: str, tmp_path: Path) -> None:
    program = tmp_path / "run.py"
    program.write_text(textwrap.dedent(PROGRAM.format(root=str(ROOT))))
    notes = tmp_path / "notes"
    notes.mkdir()
    run = subprocess.Popen(
        [sys.executable, str(program)],
        env=os.environ | {"AUDITOR_TEST_NOTES": str(notes)},
        start_new_session=True,
        stderr=subprocess.PIPE,
        text=True,
    )
    until = time.monotonic() + 60
    while len(list(notes.iterdir())) < 2 and time.monotonic() < until:
        time.sleep(0.05)
    pids = [int(note.name) for note in notes.iterdir()]
    assert len(pids) == 2
    if how == "ctrl-c":
        os.killpg(run.pid, signal.SIGINT)  # what a terminal does: to all of them
    else:
        run.kill()
    _, errors = run.communicate(timeout=30)
    assert errors.count("Traceback") == (1 if how == "ctrl-c" else 0), "the main process alone says that it was interrupted"
    until = time.monotonic() + 20
    while any(alive(pid) for pid in pids) and time.monotonic() < until:
        time.sleep(0.05)
    assert not any(alive(pid) for pid in pids)


def test_a_process_started_ahead_is_the_one_that_judges_and_leaves_when_it_is_told_though_its_pipe_stays_open() -> None:
    with Adjudicator(2) as adjudicator:
        adjudicator.start_ahead()
        adjudicator.start_ahead()
        [worker] = adjudicator._workers
        process, pipe = worker.process, os.dup(worker.connection.fileno())
        try:
            assert adjudicator.adjudicate(RULE, table(10)).verdicts.tolist() == expected(10)
            assert [one.process for one in adjudicator._workers] == [process]
            start = time.monotonic()
            adjudicator.close()
            assert time.monotonic() - start < 4  # else it would be killed after five seconds
        finally:
            os.close(pipe)


def test_dismissed_processes_leave_without_being_waited_for_and_others_can_be_had() -> None:
    with Adjudicator(1) as adjudicator:
        assert adjudicator.adjudicate(RULE, table(40)).verdicts.tolist() == expected(40)
        gone = adjudicator._workers[0].process
        adjudicator.dismiss()
        gone.join(30)
        assert gone.exitcode == 0
        assert adjudicator.adjudicate(RULE, table(41)).verdicts.tolist() == expected(41)
        later = adjudicator._workers[0].process
        pid = later.pid
    assert pid is not None and not Path(f"/proc/{pid}").exists()
    with pytest.raises(ValueError, match="closed"):
        gone.is_alive()
