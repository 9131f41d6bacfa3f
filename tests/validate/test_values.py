"""Flags, numbers, codes, lists and text: what is taken as it stands, and what is refused."""

from __future__ import annotations

import sys
from decimal import Context, Decimal
from zoneinfo import ZoneInfo

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from auditor.contract import Field
from auditor.validate import REASONS
from auditor.validate.blank import blank_to_null
from auditor.validate.values import typed

ZONE = ZoneInfo("Asia/Shanghai")


def one(value: object, field: Field, kind: pa.DataType | None = None) -> object:
    """The typed value, or the reason why it is refused."""
    result = typed(pa.array([value], kind), field, ZONE)
    if result.faults[0]:
        assert not result.values[0].is_valid
        return REASONS[result.faults[0] - 1]
    return result.values[0].as_py()


FLAG, WHOLE, NUM, LIST = Field("f", "bool"), Field("n", "int"), Field("x", "num"), Field("l", "list")
CODE, TEXT, MUST = Field("c", "code", codes=("major", "minor")), Field("t", "text"), Field("m", "text", mandatory=True)


@pytest.mark.parametrize("text", ["1", "true", "TRUE", "True", "1.0", "1.00", " 1 "])
def test_yes(text: str) -> None:
    assert one(text, FLAG) is True


@pytest.mark.parametrize("text", ["0", "false", "FALSE", "False", "0.0", "-0.0", "0\t"])
def test_no(text: str) -> None:
    assert one(text, FLAG) is False


@pytest.mark.parametrize("text", ["yes", "Y", "t", "f", "2", "-1", "01", "10", "1.1", "是", "true false", "on", "null"])
def test_neither_yes_nor_no(text: str) -> None:
    assert one(text, FLAG) == "not_a_flag"


def test_native_flags_and_numbers() -> None:
    assert one(True, FLAG) is True
    assert one(0, FLAG) is False
    assert one(1.0, FLAG) is True
    assert one(2, FLAG) == "not_a_flag"
    assert one(12, WHOLE) == 12
    assert one(12.0, WHOLE) == 12
    assert one(12.5, WHOLE) == "not_a_number"
    assert one(0.1, NUM) == Decimal("0.1")
    assert one(Decimal("1234.55"), NUM) == Decimal("1234.55")
    assert one(float("nan"), NUM) == "not_a_number"
    assert one(2**63, WHOLE, pa.uint64()) == "out_of_range"


AT_THE_BOUNDS = st.sampled_from([sign * (10**15 + beyond) for sign in (-1, 1) for beyond in (-1, 0, 1)])


@given(st.lists(st.none() | AT_THE_BOUNDS | st.integers(-(2**63), 2**63 - 1) | st.integers(-9, 9)), st.integers(0, 9), st.booleans())
def test_native_whole_numbers_are_taken_as_their_texts_are(numbers: list[int | None], start: int, mandatory: bool) -> None:
    field = Field("n", "int", mandatory)
    native = pa.array(numbers, pa.int64()).slice(start)
    ours, theirs = typed(native, field, ZONE), typed(native.cast(pa.string()), field, ZONE)
    assert ours.values.equals(theirs.values)
    assert ours.faults.tolist() == theirs.faults.tolist()
    assert ours.raw.cast(pa.string()).equals(theirs.raw)


@given(st.lists(st.none() | st.booleans()), st.integers(0, 9), st.booleans())
def test_native_flags_are_taken_as_their_texts_are(flags: list[bool | None], start: int, mandatory: bool) -> None:
    field = Field("f", "bool", mandatory)
    native = pa.array(flags, pa.bool_()).slice(start)
    ours, theirs = typed(native, field, ZONE), typed(native.cast(pa.string()), field, ZONE)
    assert ours.values.equals(theirs.values)
    assert ours.faults.tolist() == theirs.faults.tolist()
    assert one(float("inf"), NUM) == "not_a_number"
    assert one(True, WHOLE) == "not_a_number"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("12", 12),
        ("-3", -3),
        ("+5", 5),
        ("12.0", 12),
        ("1.2e1", 12),
        ("007", 7),
        ("999999999999999", 999999999999999),
        ("12.5", "not_a_number"),
        ("1000000000000000", "out_of_range"),
        ("-1000000000000000", "out_of_range"),
        ("1e999999", "out_of_range"),
        ("0x1F", "not_a_number"),
        ("1,200", "not_a_number"),
        ("1_200", "not_a_number"),
        ("１２", "not_a_number"),
        ("twelve", "not_a_number"),
        ("--1", "not_a_number"),
    ],
)
def test_whole_numbers(text: str, expected: object) -> None:
    assert one(text, WHOLE) == expected
    assert typed(pa.array(["1", text, None, "2"]), WHOLE, ZONE).values.to_pylist()[::2] == [1, None]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("0.1", Decimal("0.1")),
        ("1234.55", Decimal("1234.55")),
        ("-0.01", Decimal("-0.01")),
        (".5", Decimal("0.5")),
        ("5.", Decimal(5)),
        ("1.0e-07", Decimal("0.0000001")),
        ("1e+19", Decimal(10**19)),
        ("99999999999999999999.999999999999999999", Decimal("99999999999999999999.999999999999999999")),
        ("0.33333333333333333333", Decimal("0.333333333333333333")),
        ("0.0000000000000000015", Decimal("0.000000000000000002")),
        ("4.9406564584124654e-324", Decimal(0)),
        ("100000000000000000000", "out_of_range"),
        ("1e20", "out_of_range"),
        ("NaN", "not_a_number"),
        ("Infinity", "not_a_number"),
        ("-inf", "not_a_number"),
        ("1,234.55", "not_a_number"),
        ("1234,55", "not_a_number"),
        ("¥12", "not_a_number"),
        ("1 000", "not_a_number"),
        ("", None),
        ("\u3000", None),
    ],
)
def test_decimals(text: str, expected: object) -> None:
    assert one(text, NUM) == expected
    among = typed(pa.array(["2.5", text, "x"]), NUM, ZONE)
    assert among.values[0].as_py() == Decimal("2.5")
    assert among.values[1].as_py() == (expected if isinstance(expected, Decimal) else None)


@given(st.decimals(-(10**20) + 1, 10**20 - 1, places=18))
def test_every_decimal_that_fits_comes_through_exactly(number: Decimal) -> None:
    assert one(str(number), NUM) == number


@given(st.floats(allow_nan=False, allow_infinity=False, min_value=-1e15, max_value=1e15))
def test_a_float_is_the_decimal_of_its_shortest_digits(number: float) -> None:
    assert one(number, NUM) == Decimal(repr(number)).quantize(Decimal("1e-18"), context=Context(prec=38))


def test_codes_are_exactly_those_listed() -> None:
    assert one("major", CODE) == "major"
    for text in ("Major", "major ", "majör", "maj", "critical", "major|minor"):
        assert one(text, CODE) == "unknown_code"
    assert one("\t", CODE) is None


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ('["a", "b"]', ["a", "b"]),
        ("[]", []),
        ('["線路甲"]', ["線路甲"]),
        ("null", None),
        ("", None),
        ('{"a": 1}', "not_a_list"),
        ('["a", 1]', "not_a_list"),
        ('["a", null]', "not_a_list"),
        ("a,b", "not_a_list"),
        ("{a,b}", "not_a_list"),
        ('"a"', "not_a_list"),
        ("[" * 100_000, "not_a_list"),
        (r'["\ud800"]', "not_a_list"),
    ],
)
def test_lists(value: str, expected: object) -> None:
    assert one(value, LIST) == expected


def test_native_lists() -> None:
    assert one(["a", "b"], LIST) == ["a", "b"]
    assert one([], LIST, pa.list_(pa.string())) == []
    assert one(["a", None], LIST) == "not_a_list"
    assert one([1], LIST) == "not_a_list"
    assert one(None, LIST, pa.list_(pa.string())) is None


def test_text_is_not_trimmed_and_not_interpreted() -> None:
    for text in (" x ", "=1+1", "<b>x</b>", "'; DROP TABLE ticket; --", "null", "0", "a\x00b", "\u202eabc", "😀" * 1000):
        assert one(text, TEXT) == text


def test_a_blank_is_missing_where_the_field_is_mandatory() -> None:
    for text in (None, "", " ", "\t\u3000\u00a0"):
        result = typed(pa.array(["x", text, "y"]), MUST, ZONE)
        assert result.values.to_pylist() == ["x", None, "y"]
        assert [f and REASONS[f - 1] for f in result.faults] == [0, "missing", 0]


def test_a_null_column_of_no_type() -> None:
    for field in (FLAG, WHOLE, NUM, LIST, CODE, TEXT, Field("at", "time"), Field("on", "date")):
        assert typed(pa.nulls(2), field, ZONE).values.to_pylist() == [None, None]


def test_every_white_space_character_is_blank_and_no_other_is() -> None:
    characters = [chr(c) for c in range(sys.maxunicode + 1) if not 0xD800 <= c <= 0xDFFF]
    blank = blank_to_null(pa.array(characters)).is_null().to_pylist()
    assert [c for c, is_blank in zip(characters, blank, strict=True) if is_blank != c.isspace()] == []


@given(st.lists(st.text(max_size=8) | st.none(), max_size=30))
def test_blank_is_null_and_nothing_else_changes(texts: list[str | None]) -> None:
    for start in range(min(len(texts), 10) + 1):
        column = pa.array(texts, pa.string()).slice(start)
        assert blank_to_null(column).to_pylist() == [t if t and t.strip() else None for t in texts[start:]]
