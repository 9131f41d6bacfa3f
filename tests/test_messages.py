"""Sentences: which template tells a case, what stands where it names something, and that many cases are told like each alone."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from auditor.instants import NEVER, from_iso
from auditor.messages import Teller, Told, span_in_words
from auditor.rulebook import LANGUAGES, OWN_WORDING, Wording, load_wording
from auditor.toml_source import TomlSource
from auditor.vocabulary.expressions import Blank
from auditor.vocabulary.limits import After
from auditor.vocabulary.rules import INDICATOR, MINOR, Deadline, Forbidden, Rule

ZONE = ZoneInfo("Asia/Shanghai")
DUE, DONE, AS_OF = (from_iso(f"2026-07-0{day}T09:00:00", ZONE) for day in (1, 3, 5))

LATE = Deadline(code="X1", name="x", clause="1", severity=MINOR, record="ticket", act="done_at", due=After("received_at", "limit"))
BAD = Forbidden(code="X1", name="x", clause="1", severity=MINOR, record="ticket", at="at", broken=Blank("at"))


def told(**columns: list[Any]) -> Told:
    """Cases with these columns; what is not given is plain."""
    size = len(next(iter(columns.values())))
    plain: dict[str, Any] = {
        "verdict": ["breach"] * size,
        "case": [f"T{i}" for i in range(size)],
        "unit": ["Unit"] * size,
        "person": [None] * size,
        "counted_at": [DUE] * size,
        "due_at": [DUE] * size,
        "done_at": [NEVER] * size,
        "reason": [None] * size,
        "blank_fields": [()] * size,
    }
    facts = {name: column for name, column in columns.items() if name not in plain}
    given = plain | {name: column for name, column in columns.items() if name in plain}
    for name in ("counted_at", "due_at", "done_at"):
        given[name] = np.array(given[name], np.int64)
    return Told(**given, facts=facts)


def teller(rule: Rule = BAD, codes: dict[str, Any] | None = None, **words: str) -> Teller:
    data = {"rules": {"X1": {"title": "Title", "deed": "the deed", "duty": "act", **words}}, "codes": codes or {}}
    sources = {language: TomlSource(Path("words.toml"), data, {}) for language in LANGUAGES}
    return Teller(rule, Wording(sources), load_wording(OWN_WORDING), AS_OF, ZONE)


def english(told_by: Teller, cases: Told) -> list[str]:
    return [said["en"] for said in told_by.tell(cases)]


def test_each_case_is_told_by_the_sentence_of_its_own_outcome() -> None:
    cases = told(
        done_at=[NEVER, DONE, DUE, NEVER, NEVER, NEVER],
        verdict=["breach", "breach", "breach", "indeterminate", "indeterminate", "indeterminate"],
        reason=[None, None, None, "received_at", "calendar 2031", "engine"],
        blank_fields=[(), (), ("cause", "result"), (), (), ()],
    )
    assert english(teller(LATE), cases) == [
        "Unit had to act by 2026-07-01 09:00:00; it was not done by 2026-07-05 09:00:00, overdue by 4 d (case T0).",
        "Unit had to act by 2026-07-01 09:00:00; it was done at 2026-07-03 09:00:00, late by 2 d (case T1).",
        "Unit had to act by 2026-07-01 09:00:00; what must be on record is not complete: cause, result (case T2).",
        "Title: case T3 of Unit cannot be judged, because received at is not on record or cannot be placed.",
        "Title: case T4 of Unit cannot be judged, because the working calendar of 2031 is not known.",
        "Title: case T5 of Unit cannot be judged, because the rules engine gave no answer.",
    ]


def test_a_rules_own_sentence_goes_before_the_auditors() -> None:
    rule = teller(LATE, late="own late {case}", breach="own breach {case}", indeterminate="own doubt {case}")
    assert english(rule, told(done_at=[DONE, NEVER], verdict=["breach", "indeterminate"])) == ["own breach T0", "own doubt T1"]
    assert english(teller(LATE, late="own late {case}"), told(done_at=[DONE])) == ["own late T0"]


def test_an_indicator_is_told_as_one() -> None:
    rule = Forbidden(code="X1", name="x", clause="1", severity=INDICATOR, record="ticket", at="at", broken=Blank("at"))
    assert english(teller(rule), told(verdict=["indicator"]))[0].startswith("For a supervisor to look at")


def test_a_waived_breach_is_told_with_the_reason_of_the_waiver_behind_it() -> None:
    cases = told(verdict=["breach", "waived"], reason=[None, "storm {x}"])
    plain = "Unit: the deed (2026-07-01 09:00:00, case {})."
    assert english(teller(), cases) == [plain.format("T0"), plain.format("T1") + " Waived: storm {x}."]
    assert english(teller(breach="why: {reason}"), cases) == ["why: ", "why:  Waived: storm {x}."]


def test_a_deed_or_duty_with_names_is_filled_in_and_one_without_stands_as_it_is() -> None:
    assert english(teller(deed="{{{case}}} by {person}", breach="{deed}!"), told(person=["Li", None])) == ["{T0} by Li!", "{T1} by !"]
    assert english(teller(deed="a lone }", breach="{deed}"), told(case=["T0"])) == ["a lone }"]


def test_a_value_with_braces_is_said_and_not_read() -> None:
    assert english(teller(deed="{text}", breach="{deed} {unit}"), told(text=["{case} %s"], unit=["{0}"])) == ["{case} %s {0}"]


def test_forms_of_a_template_mean_what_they_mean_in_python() -> None:
    rule = teller(breach="{case:>4}|{text!r}|{number:05d}|{text:{case}}|{number}{{}}|{case}")
    cases = told(case=["6", "2"], text=["ab", "c"], number=[7, 8])
    assert english(rule, cases) == ["   6|'ab'|00007|ab    |7{}|6", "   2|'c'|00008|c |8{}|2"]


def test_a_fact_is_said_in_words_or_as_a_dash_where_the_case_has_none() -> None:
    rule = teller(breach="{kind} {flag} {number} {nowhere}", codes={"kind": {"a": "first kind"}})
    cases = told(kind=["a", "b", None], flag=[True, False, None], number=[0, 1, None])
    assert english(rule, cases) == ["first kind yes 0 —", "b no 1 —", "— — — —"]


def test_what_is_not_known_is_said_in_the_language_of_the_sentence() -> None:
    [said] = teller(breach="{unit} {due} {overdue}").tell(told(unit=[None], due_at=[NEVER]))
    assert said["en"] == "no unit on record a time that is not on record 0 s"
    assert len(set(said.values())) == len(LANGUAGES)


@pytest.mark.parametrize(
    ("seconds", "words"), [(0, "0 s"), (59, "59 s"), (3600, "1 h"), (90_061, "1 d 1 h"), (86_405, "1 d 5 s"), (3_725, "1 h 2 min")]
)
def test_a_span_is_said_in_its_two_largest_units(seconds: int, words: str) -> None:
    own = load_wording(OWN_WORDING)
    assert span_in_words(seconds, "en", own) == words
    rule, cases = teller(breach="{overdue}"), told(done_at=[DUE + seconds, DUE - 5])
    assert english(rule, cases) == [words, "0 s"]


def test_many_cases_are_told_like_each_alone() -> None:
    size = 60
    cases = told(
        done_at=[[NEVER, DONE, DUE][i % 3] for i in range(size)],
        verdict=[["breach", "waived", "indeterminate", "breach"][i % 4] for i in range(size)],
        reason=[[None, "storm", "received_at", None][i % 4] for i in range(size)],
        kind=[["a", None][i % 2] for i in range(size)],
    )
    rule = teller(LATE, {"kind": {"a": "first"}}, duty="do {kind}")
    assert rule.tell(cases) == [said for i in range(size) for said in rule.tell(cases.at([i]))]
    assert rule.duty(cases) == [said for i in range(size) for said in rule.duty(cases.at(slice(i, i + 1)))]
    assert rule.tell(cases.at([])) == []


def test_the_facts_that_sentences_may_name_are_those_in_braces_anywhere_in_the_rules_words() -> None:
    assert {"kind", "at", "width", "period"} <= teller(deed="{kind}", late="{at!r:{width}}").names
