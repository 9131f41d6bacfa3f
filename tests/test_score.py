"""Scores of units and persons: figures worked by hand, and the invariants as properties."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from auditor.score import ScoringModel, published
from tests.scored import score

COLUMNS = ("rule", "case_id", "finding_id", "verdict", "severity", "subject", "liable_org", "liable_staff", "liable_party")
UNITS = {"U1": ("North", "station"), "U2": ("South", "station"), "U3": ("Desk", "centre")}


def table(rows: list[dict[str, Any]]) -> pa.Table:
    return pa.table({c: pa.array([r.get(c) for r in rows], pa.string()) for c in COLUMNS})


def case(number: int, verdict: str, severity: str = "major", org: str | None = "U1", **more: Any) -> dict[str, Any]:
    row = {
        "rule": "R1",
        "case_id": f"c{number:05}",
        "finding_id": f"f{number:05}",
        "verdict": verdict,
        "severity": severity,
        "subject": f"s{number}",
        "liable_org": org,
    }
    return row | more


def unit(rows: list[dict[str, Any]], org: str = "U1", model: ScoringModel | None = None) -> dict[str, Any]:
    return next(u for u in score(table(rows), UNITS, model)["units"] if u["org_id"] == org)


def test_weighted_rate_weighs_by_severity_and_rounds_half_up() -> None:
    rows = [case(i, "compliant", "minor") for i in range(9)] + [case(9, "breach", "critical"), case(10, "waived", "major")]
    line = unit(rows)
    # judged weight 9·2 + 10 + 5 = 33, breaches 10: 23/33 = 69.69… ; without weights 10 of 11 = 90.90…
    assert (line["score"], line["grade"], line["judged"], line["compliance_rate"]) == (69.7, "D", 11, 90.9)


@pytest.mark.parametrize(
    ("value", "shown"), [(Fraction(1345, 100), 13.5), (Fraction(13449, 1000), 13.4), (Fraction(0), 0.0), (Fraction(100), 100.0)]
)
def test_published_rounds_half_up(value: Fraction, shown: float) -> None:
    assert published(value) == shown


def test_fewer_than_minimum_cases_have_no_score_but_a_rate_and_a_sheet() -> None:
    line = unit([case(i, "compliant") for i in range(8)] + [case(8, "breach")])
    assert (line["score"], line["grade"], line["rank"], line["rank_of"]) == (None, None, None, None)
    assert (line["judged"], line["compliance_rate"], line["sheet"]["total"]) == (9, 88.9, 95)


def test_indicators_weigh_nothing_and_are_not_judged() -> None:
    line = unit(
        [case(i, "compliant") for i in range(10)] + [case(10, "indicator", "indicator"), case(11, "indeterminate"), case(12, "pending")]
    )
    assert (line["score"], line["judged"], line["sheet"]) == (100.0, 10, {"total": 100, "lines": []})


def test_one_act_one_penalty_charges_the_heaviest_then_the_lower_code() -> None:
    rows = [
        case(1, "breach", "minor", subject="T1", rule="R9"),
        case(2, "breach", "critical", subject="T1", rule="R8"),
        case(3, "breach", "critical", subject="T1", rule="R7"),
        case(4, "breach", "major", subject="T1", org="U2", rule="R2"),
    ]
    sheet = unit(rows)["sheet"]
    assert [(x["finding_id"], x["weight"], x["deducted"], x["reason"]) for x in sheet["lines"]] == [
        ("f00003", 10, 10, "breach"),
        ("f00002", 10, 0, "same_act:f00003"),
        ("f00001", 2, 0, "same_act:f00003"),
    ]
    assert sheet["total"] == 90
    assert unit(rows, "U2")["sheet"]["total"] == 95, "the other unit's breach on the same ticket is its own act"


def test_a_breach_without_subject_is_an_act_of_its_own() -> None:
    assert unit([case(1, "breach", subject=None), case(2, "breach", subject=None)])["sheet"]["total"] == 90


def test_merits_add_at_most_the_cap_and_the_line_says_so() -> None:
    sheet = unit([case(i, "merit", "merit", subject="same") for i in range(5)])["sheet"]
    assert [x["deducted"] for x in sheet["lines"]] == [-3, -3, -3, -3, -3, 5]
    assert (sheet["total"], sheet["lines"][-1]["reason"]) == (110, "merit_cap")


def test_the_sheet_ends_at_its_floor_and_the_line_says_so() -> None:
    sheet = unit([case(i, "breach", "critical") for i in range(13)])["sheet"]
    assert sheet["total"] == 0
    assert sheet["lines"][-1] == {"finding_id": None, "weight": 0, "deducted": -30, "reason": "floor"}


def test_equal_scores_share_a_rank_within_the_kind() -> None:
    rows = [case(i, "compliant", org=org) for i in range(10) for org in ("U1", "U2", "U3", "U9")] + [case(90, "breach", org="U9")]
    lines = {u["org_id"]: u for u in score(table(rows), {**UNITS, "U4": ("West", "station")})["units"]}
    assert {o: (x["rank"], x["rank_of"]) for o, x in lines.items()} == {"U1": (1, 2), "U2": (1, 2), "U3": (1, 1), "U9": (1, 1)}
    worse = {u["org_id"]: u for u in score(table([*rows, case(91, "breach", org="U1")]), UNITS)["units"]}
    assert (worse["U1"]["rank"], worse["U2"]["rank"]) == (2, 1)


def test_persons_have_the_sheet_without_grade_and_rank() -> None:
    rows = [case(i, "compliant", liable_staff="P1") for i in range(10)] + [
        case(10, "breach", org=None, liable_staff="P1"),
        case(11, "breach"),
    ]
    persons = score(table(rows), UNITS)["persons"]
    assert [set(p) for p in persons] == [{"staff_id", "score", "compliance_rate", "judged", "sheet"}]
    assert (persons[0]["staff_id"], persons[0]["judged"], persons[0]["sheet"]["total"]) == ("P1", 11, 95)


def test_a_table_without_a_column_is_refused_by_name() -> None:
    with pytest.raises(ValueError, match="lacks severity"):
        score(table([]).drop_columns(["severity"]), UNITS)


@pytest.mark.parametrize(
    "bad",
    [{"weights": {"major": -1}}, {"weights": {"major": 2.5}}, {"start": 120}, {"minimum_cases": 0}, {"grades": (("B", 90), ("A", 95))}],
)
def test_a_model_that_cannot_be_is_refused(bad: dict[str, Any]) -> None:
    with pytest.raises(ValueError):
        ScoringModel(**bad)


VERDICTS = ("compliant", "breach", "waived", "pending", "indeterminate", "indicator", "merit")


@st.composite
def cases(draw: st.DrawFn) -> list[dict[str, Any]]:
    rows = []
    for number in range(draw(st.integers(0, 40))):
        verdict = draw(st.sampled_from(VERDICTS))
        severity = verdict if verdict in ("indicator", "merit") else draw(st.sampled_from(("critical", "major", "minor")))
        rows.append(
            {
                "rule": draw(st.sampled_from(("R1", "R2", "R3"))),
                "case_id": f"c{number}",
                "finding_id": f"f{number}",
                "verdict": verdict,
                "severity": severity,
                "subject": draw(st.sampled_from(("T1", "T2", "T3", "T4", None))),
                "liable_org": draw(st.sampled_from(("U1", "U2", "U3", "U9", None))),
                "liable_staff": draw(st.sampled_from(("P1", "P2", None))),
            }
        )
    return rows


def by_holder(result: dict[str, list[dict[str, Any]]]) -> dict[tuple[str, str], dict[str, Any]]:
    return {(k, x.get("org_id") or x.get("staff_id")): x for k in ("units", "persons") for x in result[k]}


def assert_never_lower(before: dict[tuple[str, str], dict[str, Any]], after: dict[tuple[str, str], dict[str, Any]]) -> None:
    for holder, old in before.items():
        new = after[holder]
        assert new["sheet"]["total"] >= old["sheet"]["total"]
        for figure in ("score", "compliance_rate"):
            if old[figure] is not None:
                assert new[figure] >= old[figure]


MODELS = st.sampled_from((ScoringModel(), ScoringModel(minimum_cases=1), ScoringModel(merit=7, merit_cap=30, floor=60, ceiling=105)))


@settings(max_examples=80, deadline=None)
@given(cases(), MODELS, st.data())
def test_waiving_a_breach_never_lowers_a_score_or_a_sheet(rows: list[dict[str, Any]], model: ScoringModel, data: st.DataObject) -> None:
    breaches = [i for i, r in enumerate(rows) if r["verdict"] == "breach"]
    waived = data.draw(st.sets(st.sampled_from(breaches))) if breaches else set()
    after = [r | {"verdict": "waived"} if i in waived else r for i, r in enumerate(rows)]
    assert_never_lower(by_holder(score(table(rows), UNITS, model)), by_holder(score(table(after), UNITS, model)))


@settings(max_examples=80, deadline=None)
@given(cases(), MODELS, st.sampled_from(("critical", "major", "minor")), st.sampled_from(("U1", "U9")))
def test_adding_a_compliant_case_never_lowers_a_score_or_a_sheet(
    rows: list[dict[str, Any]], model: ScoringModel, severity: str, org: str
) -> None:
    extra = case(999, "compliant", severity, org, subject="T1", liable_staff="P1")
    assert_never_lower(by_holder(score(table(rows), UNITS, model)), by_holder(score(table([*rows, extra]), UNITS, model)))


@settings(max_examples=80, deadline=None)
@given(cases(), MODELS, st.randoms(use_true_random=False))
def test_the_order_of_findings_does_not_matter(rows: list[dict[str, Any]], model: ScoringModel, random: Any) -> None:
    shuffled = list(rows)
    random.shuffle(shuffled)
    assert score(table(rows), UNITS, model) == score(table(shuffled), UNITS, model)


@settings(max_examples=80, deadline=None)
@given(cases(), MODELS)
def test_the_lines_of_a_sheet_add_up_to_its_total_within_its_limits(rows: list[dict[str, Any]], model: ScoringModel) -> None:
    result = by_holder(score(table(rows), UNITS, model))
    for (kind, holder), line in result.items():
        sheet = line["sheet"]
        assert model.start - sum(x["deducted"] for x in sheet["lines"]) == sheet["total"]
        assert model.floor <= sheet["total"] <= model.ceiling
        column = "liable_org" if kind == "units" else "liable_staff"
        mine = [r["finding_id"] for r in rows if r[column] == holder and r["verdict"] in ("breach", "merit")]
        assert sorted(x["finding_id"] for x in sheet["lines"] if x["finding_id"]) == sorted(mine)
        charged = [x["finding_id"] for x in sheet["lines"] if x["reason"] == "breach"]
        acts = [next(r for r in rows if r["finding_id"] == f)["subject"] for f in charged]
        assert len([a for a in acts if a]) == len({a for a in acts if a}), "one act is charged once"


@settings(max_examples=60, deadline=None)
@given(cases())
def test_every_unit_that_any_case_names_has_a_line(rows: list[dict[str, Any]]) -> None:
    result = score(table(rows), UNITS)
    assert [u["org_id"] for u in result["units"]] == sorted({r["liable_org"] for r in rows if r["liable_org"]})
    assert [p["staff_id"] for p in result["persons"]] == sorted({r["liable_staff"] for r in rows if r["liable_staff"]})
