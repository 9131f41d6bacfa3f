"""Which cases the engine judges, and what happens where it differs from the screen."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from auditor.adjudicate import DisagreementError, check_agreement, choose, lots
from auditor.errors import RunError
from auditor.vocabulary.questions import Verdict

ROOT = Path(__file__).parents[2]
CODES = [Verdict.COMPLIANT, Verdict.BREACH, Verdict.PENDING, Verdict.INDETERMINATE]


def ids(size: int) -> Any:
    return np.array([f"T-{number:07}" for number in range(size)], dtype=object)


def chosen(verdicts: Any, names: Any, rule: str, *sample_size: int) -> Any:
    return choose(verdicts, lots(names), lambda places: pd.array(names, dtype="str")[places], rule, *sample_size)


@given(st.lists(st.sampled_from(CODES), max_size=80), st.integers(0, 30))
def test_every_case_that_is_not_simply_compliant_or_pending_is_chosen(codes: list[Verdict], sample_size: int) -> None:
    verdicts = np.array(codes, np.int8)
    positions = chosen(verdicts, ids(len(codes)), "PW101", sample_size).tolist()
    assert positions == sorted(set(positions))
    must = {position for position, code in enumerate(codes) if code in (Verdict.BREACH, Verdict.INDETERMINATE)}
    assert must <= set(positions)
    assert len(positions) - len(must) == min(sample_size, len(codes) - len(must))


def test_the_sample_is_of_200_and_does_not_depend_on_the_order_of_the_cases() -> None:
    verdicts = np.where(np.arange(5_000) % 2, Verdict.COMPLIANT, Verdict.PENDING).astype(np.int8)
    names = ids(5_000)
    sample = set(names[chosen(verdicts, names, "PW101")])
    assert len(sample) == 200
    shuffled = np.random.default_rng(1).permutation(5_000)
    assert set(names[shuffled][chosen(verdicts[shuffled], names[shuffled], "PW101")]) == sample
    assert len(set(names[chosen(verdicts, names, "PW102")]) & sample) < 50, "another rule, another sample"


def test_the_sample_is_the_same_in_another_process() -> None:
    program = """
import numpy as np
from auditor.adjudicate import choose, lots
ids = np.array([f"T-{n:07}" for n in range(1000)], object)
print(*choose(np.zeros(1000, np.int8), lots(ids), ids.__getitem__, "PW101", 5))
"""
    said = {
        subprocess.run(
            [sys.executable, "-c", program], cwd=ROOT, env={"PYTHONHASHSEED": seed}, capture_output=True, text=True, check=True
        ).stdout
        for seed in ("1", "2")
    }
    assert said == {" ".join(map(str, chosen(np.zeros(1000, np.int8), ids(1000), "PW101", 5))) + "\n"}


def test_case_ids_may_be_an_array_of_any_kind() -> None:
    verdicts = np.zeros(1_000, np.int8)
    names = ids(1_000)
    first = chosen(verdicts, names, "PW101").tolist()
    for kind in (
        names.tolist(),
        pd.array(names, dtype="str"),
        pd.Series(names),
        pa.array(names),
        pa.chunked_array([names[:10], names[10:]]),
    ):
        assert chosen(verdicts, kind, "PW101").tolist() == first


def test_a_disagreement_names_rule_case_and_both_verdicts() -> None:
    with pytest.raises(DisagreementError) as caught:
        check_agreement("PW101", np.array([0, 1, 2, 1], np.int8), np.array([0, 0, 2, 3], np.int8), ["a", "b", "c", "d"])
    assert "rule PW101, case 'b': the screen says breach, durable-rules says compliant (1 more cases of this rule differ)" in str(
        caught.value
    )
    assert isinstance(caught.value, RunError)
    assert caught.value.exit_code == 4


def test_cases_that_the_engine_could_not_judge_are_not_compared() -> None:
    check_agreement("PW101", np.array([0, 1], np.int8), np.array([0, 3], np.int8), ["a", "b"], unjudged=[1])
    with pytest.raises(DisagreementError, match="case 'b'"):
        check_agreement("PW101", np.array([0, 1], np.int8), np.array([0, 3], np.int8), ["a", "b"])


def test_agreement_of_columns_of_different_length_is_no_agreement() -> None:
    with pytest.raises(ValueError, match="rule PW101: 1 screened, 2 adjudicated, 1 case ids"):
        check_agreement("PW101", np.array([0], np.int8), np.array([0, 0], np.int8), ["a"])
