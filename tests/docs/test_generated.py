"""The generated pages say what the program says."""

from __future__ import annotations

from pathlib import Path

import pytest

from tools.make_docs import DOCS, pages


@pytest.fixture(scope="module")
def generated() -> dict[Path, str]:
    return pages()


def test_no_generated_page_is_missing_or_stale(generated: dict[Path, str]) -> None:
    stale = [path.name for path, text in generated.items() if not path.is_file() or path.read_text(encoding="utf-8") != text]
    assert stale == [], "run `make docs`"


def test_no_page_is_left_of_a_ruleset_that_is_gone(generated: dict[Path, str]) -> None:
    assert set((DOCS / "rulesets").glob("*.md")) <= set(generated)
