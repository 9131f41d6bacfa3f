"""The Simplified wording is made from the Traditional, and never behind it."""

from __future__ import annotations

import importlib.util
import tomllib
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def tool() -> ModuleType:
    spec = importlib.util.spec_from_file_location("make_zh_hans", ROOT / "tools" / "make_zh_hans.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_no_simplified_wording_is_missing_or_stale(tool: ModuleType) -> None:
    assert [str(path.relative_to(ROOT)) for path in tool.stale()] == [], "run tools/make_zh_hans.py"


@pytest.mark.parametrize(
    ("authored", "made"),
    [
        ("稽核：逾期工單的責任單位", "稽核：逾期工单的责任单位"),
        ("徵求意見，請於三日內回覆「複核」結果", "征求意见，请于三日内回复“复核”结果"),
        ("資料庫欄位與客戶檔案", "数据库字段与客户档案"),
        ("隨著、顯著、著手、餘額、其餘、乾等", "随着、显著、着手、余额、其余、干等"),
        ("{n}件，見findings.xlsx「{sheet}」表", "{n}件，见findings.xlsx“{sheet}”表"),
    ],
)
def test_words_of_the_trade_are_converted_as_words(tool: ModuleType, authored: str, made: str) -> None:
    assert tool.converter()(authored) == made


def test_keys_and_slots_stay(tool: ModuleType) -> None:
    def keys(table: dict[str, object]) -> object:
        return {k: keys(v) if isinstance(v, dict) else None for k, v in table.items()}

    for source in tool.authored():
        made = tool.simplified(source, tool.converter())
        assert keys(tomllib.loads(made)) == keys(tomllib.loads(source.read_text("utf-8"))), source


def test_a_stale_file_is_found(tool: ModuleType, tmp_path: Path) -> None:
    folder = tmp_path / "reports" / "wording"
    folder.mkdir(parents=True)
    (folder / "zh-Hant.toml").write_text('a = "問題"\n', "utf-8")
    assert tool.stale(tmp_path) == [folder / "zh-Hans.toml"]
    (folder / "zh-Hans.toml").write_text(tool.HEAD + 'a = "问题"\n', "utf-8")
    assert tool.stale(tmp_path) == []
