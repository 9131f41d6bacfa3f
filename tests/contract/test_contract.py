"""The notation of records.toml, and that the records that ship are read whole."""

from __future__ import annotations

from pathlib import Path

import pytest

from auditor.contract import SHARED_RECORDS, ContractError, Field, load_contract

RULESETS = sorted(Path(__file__).parents[2].glob("rulesets/*/records.toml"))


def write(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "records.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_one_line_a_field(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        '# a comment\n[visit]\nvisit_id = "id*"\nkind = "code*(a|b_c)"\nat = "time* event"\nplanned_at = "time plan"\n'
        'left_on = "date valid_to"\nborn_on = "date"\nphone = "text personal:phone"\nended_at = "time"\n',
    )
    record = load_contract(path)["visit"]
    assert record.key == Field("visit_id", "id", mandatory=True)
    assert record.field("kind") == Field("kind", "code", mandatory=True, codes=("a", "b_c"))
    assert record.field("at") == Field("at", "time", mandatory=True, role="event")
    assert record.field("planned_at").role == "plan"
    assert record.field("left_on").role == "valid_to"
    assert record.field("born_on").role == "plan"
    assert record.field("phone").personal == "phone"
    assert record.field("ended_at").role == "act"
    assert record.times_after("at") == ("ended_at",)
    assert record.times_after("ended_at") == ()
    assert "ended_at" in record and "begun_at" not in record
    with pytest.raises(KeyError, match="visit has no field 'begun_at'"):
        record.field("begun_at")


@pytest.mark.parametrize(
    ("text", "line", "says"),
    [
        ('[a]\nx = "id"\n', 2, "the key of a"),
        ('[a]\nx = "text*"\n', 2, "the key of a"),
        ('[a]\nx = "id*"\n\ny = "timestamp"\n', 4, "'timestamp' is no kind"),
        ('[a]\nx = "id*"\ny = "code"\n', 3, "lists its values"),
        ('[a]\nx = "id*"\ny = "code(p|p)"\n', 3, "distinct"),
        ('[a]\nx = "id*"\ny = "code(p|)"\n', 3, "distinct"),
        ('[a]\nx = "id*"\ny = "text(p|q)"\n', 3, "no other kind"),
        ('[a]\nx = "id*"\ny = "text event"\n', 3, "'event' is no role"),
        ('[a]\nx = "id*"\ny = "time later"\n', 3, "'later' is no role"),
        ('[a]\nx = "id*"\ny = "time event plan"\n', 3, "'plan' is no role"),
        ('[a]\nx = "id*"\ny = "text personal:colour"\n', 3, "one tag, of"),
        ('[a]\nx = "id*"\ny = 5\n', 3, "5 is no field"),
        ('[a]\nx = "id*"\nY = "id"\n', 3, "small letters"),
        ('[a]\nx = "id*"\n[b]\n', 3, "one line a field"),
        ('[a]\nx = "id*"\n[a.b]\ny = "id"\n', 3, "is no field"),
        ('a = "id*"\n', 1, "is a table"),
    ],
)
def test_a_mistake_is_named_with_its_line(tmp_path: Path, text: str, line: int, says: str) -> None:
    with pytest.raises(ContractError) as caught:
        load_contract(write(tmp_path, text))
    assert f"records.toml, line {line}, " in str(caught.value)
    assert says in str(caught.value)


def test_a_record_is_defined_once(tmp_path: Path) -> None:
    path = write(tmp_path, '[staff]\nstaff_id = "id*"\n')
    with pytest.raises(ContractError, match=r"line 1, staff: the record staff is defined in .* already"):
        load_contract(SHARED_RECORDS, path)


@pytest.mark.parametrize("path", RULESETS, ids=lambda p: p.parent.name)
def test_the_records_of_a_ruleset_stand_beside_the_shared_ones(path: Path) -> None:
    records = load_contract(SHARED_RECORDS, path)
    assert {"org_unit", "staff", "ticket", "ticket_event", "duty_record", "approval", "commendation"} < set(records)
    for record in records.values():
        for field in record.fields:
            # a phone or an identity number in a text column is never shown by oversight
            if any(word in field.name for word in ("phone", "id_number", "customer_id")):
                assert field.personal, f"{record.name}.{field.name}"


def test_five_rulesets_ship_records() -> None:
    assert [p.parent.name for p in RULESETS] == ["bank_cis", "csg_service", "heating", "insurance_brokerage", "power95598"]
