"""Where a key stands in a TOML file."""

from __future__ import annotations

from pathlib import Path

import pytest

from auditor.errors import UsageError
from auditor.toml_source import key_text, read_toml

TEXT = '''# site
name = "x"   # [not.a.header]
[a.b]
sql = """
select 1
[c]
d = 2
"""
"odd key" = 1
list = [
  "x",  # y = 3
  "]",
]
tail.deep = 4
[[r]]
t = 1
[r.inner]
u = 2
[[r]]
t = "\\""
v = { w = 1 }
'''


def test_lines(tmp_path: Path) -> None:
    path = tmp_path / "site.toml"
    path.write_text(TEXT, encoding="utf-8")
    source = read_toml(path)
    lines = TEXT.splitlines()

    def line(*keys: str | int) -> str:
        return lines[source.line_of(*keys) - 1]

    assert line("name").startswith("name")
    assert line("a", "b") == "[a.b]"
    assert line("a", "b", "odd key").startswith('"odd key"')
    assert line("a", "b", "list", 1).startswith("list")
    assert line("a", "b", "tail", "deep") == "tail.deep = 4"
    assert source.line_of("r", 0, "t") == 16 and source.line_of("r", 1, "t") == 20
    assert line("r", 0, "inner", "u") == "u = 2"
    assert line("r", 1, "v", "w").startswith("v =")
    assert ("c",) not in source.lines and ("a", "b", "y") not in source.lines
    assert source.place("r", 1, "v") == f"{path}, line 21, r[2].v"
    assert key_text(("a", 0, "b")) == "a[1].b"


def test_unreadable_files(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no such file"):
        read_toml(tmp_path / "none.toml")
    bad = tmp_path / "bad.toml"
    bad.write_text("a = \n", encoding="utf-8")
    with pytest.raises(UsageError, match=r"not valid TOML.*line 1"):
        read_toml(bad)
    bad.write_bytes(b"a = '\xff'\n")
    with pytest.raises(UsageError, match="not UTF-8"):
        read_toml(bad)
