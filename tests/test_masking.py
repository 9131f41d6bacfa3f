"""Masking: what may be printed of personal data, and what may stand in an error text."""

from __future__ import annotations

import hashlib
import hmac
import re

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from auditor.masking import BLANK, HIDDEN, ON_RECORD, Masker

KEY = b"0123456789abcdef0123456789abcdef"
TAGS = ("id", "name", "phone", "id_number", "search_term")


def test_the_same_customer_has_the_same_pseudonym_in_every_run_with_the_key() -> None:
    assert Masker(KEY).value("id", "C10086") == Masker(KEY).value("id", "C10086")
    assert Masker(KEY).value("id", "C10086") != Masker(KEY).value("id", "C10087")
    assert Masker(KEY).value("id", "C10086") != Masker(b"another key of 16").value("id", "C10086")


def test_a_pseudonym_tells_its_kind_and_one_kind_says_nothing_of_another() -> None:
    masked = {tag: Masker(KEY).value(tag, "13800138000") for tag in TAGS}
    assert [value[:2] for value in masked.values()] == ["C-", "N-", "T-", "D-", "S-"]
    assert len({value[2:] for value in masked.values()}) == len(TAGS)


@pytest.mark.parametrize("spelling", ["138 0013 8000", "+86 138-0013-8000", "８６13800138000", "0086 13800138000"])
def test_spelling_variants_of_a_phone_are_one_phone(spelling: str) -> None:
    assert Masker(KEY).value("phone", spelling) == Masker(KEY).value("phone", "13800138000")


def test_spelling_variants_of_an_identity_number_are_one_number() -> None:
    assert Masker(KEY).value("id_number", "33102119900101001x") == Masker(KEY).value("id_number", "331021 19900101 001X")


@given(st.text(min_size=3), st.sampled_from(TAGS))
def test_a_pseudonym_has_one_form_whatever_it_stands_for(value: str, tag: str) -> None:
    masked = Masker(KEY).value(tag, value)
    assert re.fullmatch(r"[CNTDS]-[0-9A-HJKMNP-TV-Z]{12}", masked)


def test_of_free_text_only_its_presence_is_said_even_without_masking() -> None:
    for masker in (Masker(KEY), Masker(KEY, unmask=True)):
        assert [masker.value("free_text", text) for text in (None, " \t\u3000", "called 13800138000")] == [BLANK, BLANK, ON_RECORD]
        assert masker.column("free_text", pa.array([None, "\u3000", "x"])).to_pylist() == [BLANK, BLANK, ON_RECORD]


def test_a_column_is_masked_like_its_values() -> None:
    values = ["a", None, "b", "a"]
    masker = Masker(KEY)
    assert masker.column("name", pa.array(values)).to_pylist() == [masker.value("name", v) for v in values]
    assert masker.column("name", pa.chunked_array([["a"], ["b", "a"]])).to_pylist() == [masker.value("name", v) for v in "aba"]
    assert masker.column("", pa.array(values)).to_pylist() == values


@given(st.lists(st.one_of(st.none(), st.text(max_size=3), st.integers(0, 3))), st.sampled_from([*TAGS, "free_text", ""]), st.booleans())
def test_values_of_one_field_are_masked_like_each_of_them(values: list[str | int | None], tag: str, unmask: bool) -> None:
    masker = Masker(KEY, unmask=unmask)
    assert masker.values(tag, values) == [masker.value(tag, value) for value in values]


def test_digests_are_hmac_sha256_under_the_key_and_pseudonyms_its_last_sixty_bits() -> None:
    masker = Masker(KEY)
    for _ in range(2):
        assert masker.digest(b"row") == hmac.new(KEY, b"row", hashlib.sha256).hexdigest()
        assert masker.keyed("finding", b"x") == hmac.new(KEY, b"finding\0x", hashlib.sha256).hexdigest()
    number = int(hmac.new(KEY, b"pseudonym:id\0C1", hashlib.sha256).hexdigest(), 16)
    assert masker.value("id", "C1") == "C-" + "".join("0123456789ABCDEFGHJKMNPQRSTVWXYZ"[number >> 5 * i & 31] for i in range(12))


def test_unmasked_values_stand_as_they_are() -> None:
    assert Masker(KEY, unmask=True).row({"customer_id": "id"}, {"customer_id": "C1", "line": "L1"}) == {"customer_id": "C1", "line": "L1"}
    assert Masker(KEY).row({"customer_id": "id"}, {"customer_id": "C1", "line": "L1"})["line"] == "L1"


def test_without_a_key_a_run_makes_its_own_and_says_so() -> None:
    one, two = Masker(None), Masker(None)
    assert one.own_key and not Masker(KEY).own_key
    assert one.value("id", "C1") == one.value("id", "C1") != two.value("id", "C1")


def test_a_short_key_is_refused_and_a_key_is_never_shown() -> None:
    with pytest.raises(ValueError, match="has 5 bytes"):
        Masker(b"short")
    assert KEY.decode() not in repr(Masker(KEY))


def test_an_unknown_tag_is_an_error_and_never_plain_text() -> None:
    with pytest.raises(ValueError, match="'address' is unknown"):
        Masker(KEY).value("address", "1 High Street")


@pytest.mark.parametrize(
    ("error", "shown"),
    [
        (
            "(sqlite3.IntegrityError) failed\n[SQL: SELECT * FROM t WHERE n = ?]\n[parameters: ('王小明',)]",
            "(sqlite3.IntegrityError) failed",
        ),
        ("could not convert string to float: '王小明'", f"could not convert string to float: '{HIDDEN}'"),
        ('DETAIL: Key (phone)=(13800138000) already exists in "ticket"', f'DETAIL: Key (phone)={HIDDEN} already exists in "ticket"'),
        ("call +86 138-0013-8000 or 33102119900101001X now", f"call {HIDDEN} or {HIDDEN} now"),
        ("mail wang@example.org at 2026-09-30 12:00:00", f"mail {HIDDEN} at 2026-09-30 12:00:00"),
        ("could not reach postgresql://reader:s3cret@db/logs", "could not reach postgresql://reader:***@db/logs"),
        ("can't read 'x' nor b'\\xe7'", f"can't read '{HIDDEN}' nor b'{HIDDEN}'"),
        ("column 'opinion' of 'ticket' has 12 rows", f"column '{HIDDEN}' of 'ticket' has 12 rows"),
    ],
)
def test_an_error_text_keeps_the_cause_and_loses_the_values(error: str, shown: str) -> None:
    assert Masker(KEY).scrub(error, keep={"ticket"}) == shown


def test_a_password_is_hidden_even_where_masking_is_off() -> None:
    assert Masker(KEY, unmask=True).scrub("mysql://u:p@ss@h/db '王小明'") == "mysql://u:***@h/db '王小明'"
