"""The generated pages say what the program says."""

from __future__ import annotations

from pathlib import Path

import pytest

from tools.make_docs import DOCS, pages

PAGES = pages()


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.relative_to(DOCS).as_posix())
def test_a_generated_page_is_not_stale(path: Path) -> None:
    assert path.is_file(), f"docs/{path.relative_to(DOCS)} is missing; run `make docs`"
    assert path.read_text(encoding="utf-8") == PAGES[path], f"docs/{path.relative_to(DOCS)} is stale; run `make docs`"


def test_no_page_is_left_of_a_ruleset_that_is_gone() -> None:
    assert set((DOCS / "rulesets").glob("*.md")) <= set(PAGES)
