"""The locked versions are those that pyproject.toml asks for, and the same in every lock file."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[2]
PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def locked(name: str) -> dict[str, str]:
    text = (ROOT / name).read_text(encoding="utf-8")
    found = re.findall(r"^([\w.-]+)==(\S+)", text, re.MULTILINE)
    assert text.count("--hash=sha256:") >= len(found) > 0
    return {canonicalize_name(package): version for package, version in found}


def asked() -> list[Requirement]:
    groups = PROJECT["dependency-groups"]
    optional = PROJECT["project"]["optional-dependencies"]
    lines = [*PROJECT["project"]["dependencies"], *optional["postgresql"], *optional["mysql"], *groups["build"], *groups["dev"]]
    return [Requirement(line) for line in lines if isinstance(line, str)]


@pytest.mark.parametrize("requirement", asked(), ids=lambda requirement: requirement.name)
def test_what_is_asked_for_is_locked(requirement: Requirement) -> None:
    version = locked("requirements-dev.lock").get(canonicalize_name(requirement.name))
    assert version is not None, f"{requirement.name} is not locked; run `make lock`"
    assert requirement.specifier.contains(version), f"{requirement} is locked at {version}; run `make lock`"


@pytest.mark.parametrize("name", ["requirements.lock", "requirements-build.lock"])
def test_what_is_tested_is_what_is_installed(name: str) -> None:
    tested = locked("requirements-dev.lock")
    assert {package: version for package, version in locked(name).items() if tested.get(package) != version} == {}


def test_a_lock_file_names_no_registry() -> None:
    for path in ROOT.glob("requirements*.lock"):
        assert "://" not in path.read_text(encoding="utf-8")
