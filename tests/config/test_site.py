"""A site's configuration: what it may say, and how each mistake is named."""

from __future__ import annotations

from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from auditor.config import SiteConfig, check_mapping, has_literal_secret, load_site
from auditor.contract import SHARED_RECORDS, load_contract
from auditor.errors import UsageError

SITE = '''
[site]
name = "North"
zone = "Asia/Taipei"
key_file = "site.key"
calendars = ["2027.toml"]

[rulesets.heating.sources.calls]
url = "postgresql://auditor:${PW}@db/calls?sslmode=verify-full"
schema = "crm"
statement_timeout = 300

[rulesets.heating.parameters.accept_limit]
values = [{ from = 2026-01-01, value = 20 }]

[[rulesets.heating.waivers]]
rule = "HT101"

[rulesets.heating.records.ticket]
table = "orders"
zone = "UTC"

[rulesets.heating.records.ticket.columns]
ticket_id = "no"
category = { column = "kind", codes = { 1 = "heat_repair", "2" = "heat_event" }, other = "other" }
received_at = { column = "created", epoch = "ms", zero = "0" }
level = { value = "general" }
no_visit_needed = { column = "phone_only", default = false }

[rulesets.heating.records.ticket.milestones]
table = "history"
key = "order_no"
kind = "action"
at = "at"
[rulesets.heating.records.ticket.milestones.columns]
accepted_at = { event = "ACC" }
handler_staff_id = { event = ["DONE", "AUTO"], take = "last", value = "operator" }

[[rulesets.heating.records.staff]]
table = "people"
[[rulesets.heating.records.staff]]
sql = """
SELECT id FROM contractors
"""
[rulesets.heating.records.staff.columns]
staff_id = { column = "id", prefix = "C-" }

[rulesets.heating.records.approval]
missing = "on paper"
'''


def site(tmp_path: Path, text: str) -> SiteConfig:
    path = tmp_path / "site.toml"
    path.write_text(text, encoding="utf-8")
    return load_site(path)


def test_all_that_a_site_may_say(tmp_path: Path) -> None:
    config = site(tmp_path, SITE)
    assert (config.name, config.zone) == ("North", ZoneInfo("Asia/Taipei"))
    assert (config.key_file, config.calendars) == (tmp_path / "site.key", (tmp_path / "2027.toml",))
    heating = config.rulesets["heating"]
    assert heating.sources["calls"].schema_ == "crm"
    assert heating.sources["calls"].statement_timeout == 300
    assert heating.config.parameters["accept_limit"]["values"][0]["value"] == 20
    assert heating.config.waivers == [{"rule": "HT101"}]
    (ticket,) = heating.feeds["ticket"]
    assert ticket.config.columns["ticket_id"].column == "no"
    assert ticket.config.columns["category"].codes == {"1": "heat_repair", "2": "heat_event"}
    assert ticket.config.columns["received_at"].zero == ("0",)
    assert ticket.config.columns["no_visit_needed"].default == "false"
    assert ticket.config.zone == ZoneInfo("UTC")
    assert ticket.config.milestones[0].columns["accepted_at"].event == ("ACC",)
    assert [f.config.table for f in heating.feeds["staff"]] == ["people", None]
    assert heating.feeds["approval"][0].config.missing == "on paper"
    lines = SITE.splitlines()
    line = int(ticket.where("columns", "category").split("line ")[1].split(",")[0])
    assert lines[line - 1].startswith("category =")
    second = heating.feeds["staff"][1].where("columns", "staff_id")
    assert second.endswith("rulesets.heating.records.staff[2].columns.staff_id")
    assert config.check.suspect_above == 0.6


def test_the_least_that_a_site_must_say(tmp_path: Path) -> None:
    config = site(tmp_path, '[rulesets.heating.sources.main]\nurl = "sqlite:///x.db"\n')
    assert config.name == tmp_path.name
    assert config.zone == ZoneInfo("Asia/Shanghai")
    assert config.rulesets["heating"].feeds == {}


def test_a_mapping_in_a_file_of_its_own(tmp_path: Path) -> None:
    (tmp_path / "heating.toml").write_text('[records.staff]\ntable = "people"\n', encoding="utf-8")
    text = '[rulesets.heating]\nmapping = "heating.toml"\n[rulesets.heating.sources.main]\nurl = "sqlite:///x.db"\n'
    (feed,) = site(tmp_path, text).rulesets["heating"].feeds["staff"]
    assert feed.where("table") == f"{tmp_path / 'heating.toml'}, line 2, records.staff.table"
    twice = text + '[rulesets.heating.records.staff]\ntable = "others"\n'
    with pytest.raises(UsageError, match=r"heating\.toml, line 1, records\.staff: the record staff is mapped in .*site\.toml as well"):
        site(tmp_path, twice)


SOURCE = '[rulesets.heating.sources.main]\nurl = "sqlite:///x.db"\n'
TICKET = SOURCE + '[rulesets.heating.records.ticket]\ntable = "a"\n'
COLUMNS = TICKET + "[rulesets.heating.records.ticket.columns]\n"


@pytest.mark.parametrize(
    ("text", "line", "says"),
    [
        ("", 1, "rulesets: this key is missing"),
        ("[rulesets]\n", 1, "rulesets: "),
        ("[rulesets.heating]\n", 1, "rulesets.heating.sources: this key is missing"),
        ('[rulesets.heating.sources.main]\nurl = "postgresql://u:hunter2@h/d"\n', 2, "the password stands in the file"),
        (SOURCE + '[site]\nzone = "Peking"\n', 4, "'Peking' is no time zone"),
        (SOURCE + '[site]\nnmae = "x"\n', 4, "there is no such key here"),
        (SOURCE + 'schemata = "x"\n', 3, "there is no such key here"),
        (SOURCE + 'statement_timeout = "long"\n', 3, "valid integer"),
        (SOURCE + "[rulesets.heating.records.ticket]\n", 3, "name a table"),
        (SOURCE + '[rulesets.heating.records.ticket]\ntable = "a"\nsql = "b"\n', 3, "here is table and sql"),
        (SOURCE + '[rulesets.heating.records.ticket]\nsql = "b"\nwhere = "c"\n', 3, "put them into the query"),
        (COLUMNS + "level = {}\n", 6, "not none"),
        (
            COLUMNS + 'level = { column = "a", value = 1 }\n',
            6,
            "not column and value",
        ),
        (
            COLUMNS + 'received_at = { column = "a", epoch = "h" }\n',
            6,
            "epoch: Input should be 's', 'ms' or 'us'",
        ),
        (
            SOURCE + '[[rulesets.heating.records.ticket]]\ntable = "a"\n[[rulesets.heating.records.ticket]]\ntabel = "b"\n',
            6,
            "records.ticket[2].tabel",
        ),
    ],
)
def test_a_mistake_is_named_with_its_line(tmp_path: Path, text: str, line: int, says: str) -> None:
    with pytest.raises(UsageError) as caught:
        site(tmp_path, text)
    message = str(caught.value)
    assert f"site.toml, line {line}" in message
    assert says in message
    assert "hunter2" not in message


@pytest.mark.parametrize(
    ("text", "line", "says"),
    [
        (SOURCE + '[rulesets.heating.records.tiket]\ntable = "a"\n', 3, "reads no record 'tiket'"),
        (TICKET + 'source = "other"\n', 5, "there is no source 'other'; there is main"),
        (TICKET + '[rulesets.heating.sources.second]\nurl = "sqlite:///y.db"\n', 3, "say which with source = one of main, second"),
        (COLUMNS + 'acepted_at = "x"\n', 6, "has no field 'acepted_at'"),
        (COLUMNS + 'level = { value = "big" }\n', 6, "'big' is no code of ticket.level"),
        (COLUMNS + 'level = { column = "a", codes = { 1 = "big" } }\n', 6, "'big' is no code"),
        (COLUMNS + 'level = { column = "a", epoch = "s" }\n', 6, "epoch goes with a time or a date"),
        (COLUMNS + 'level = { column = "a", split = "," }\n', 6, "split goes with a list"),
        (
            TICKET
            + '[rulesets.heating.records.ticket.milestones]\ntable = "h"\nkey = "k"\nkind = "a"\nat = "t"\n'
            + 'columns.level = { event = "x" }\n',
            10,
            "level is no time; say with value",
        ),
    ],
)
def test_the_mapping_is_held_against_the_records(tmp_path: Path, text: str, line: int, says: str) -> None:
    config = site(tmp_path, text)
    contract = load_contract(SHARED_RECORDS)
    with pytest.raises(UsageError) as caught:
        check_mapping(config.rulesets["heating"], contract, contract)
    assert f"site.toml, line {line}, " in str(caught.value)
    assert says in str(caught.value)


def test_every_mistake_is_listed_at_once(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"line 3.*; .*line 4"):
        site(tmp_path, '[rulesets.heating.sources.main]\nurl = "sqlite:///x.db"\na = 1\nb = 2\n')


@pytest.mark.parametrize(
    ("url", "literal"),
    [
        ("postgresql://u:secret@h/d", True),
        ("postgresql://u:${PW}@h:${PORT}/d", False),
        ("${URL}", False),
        ("postgresql://u@h/d?sslpassword=x", True),
        ("postgresql://u@h/d?sslpassword=${PW}", False),
        ("sqlite:///x.db", False),
    ],
)
def test_a_password_spelt_out_is_noticed(url: str, literal: bool) -> None:
    assert has_literal_secret(url) is literal
