from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.databases import Make, databases


@pytest.fixture(name="make_database")
def _make_database(tmp_path: Path) -> Iterator[Make]:
    with databases(tmp_path) as make:
        yield make
