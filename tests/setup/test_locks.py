"""The locked versions are those that pyproject.toml asks for, and the same in every lock file."""

from __future__ import annotations

import re
import tomllib
from importlib.metadata import distributions
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[2]
PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def pins(name: str) -> list[Requirement]:
    text = (ROOT / name).read_text(encoding="utf-8")
    found = re.findall(r"^[\w.\[\],-]+==[^\s;]+", text, re.MULTILINE)
    assert text.count("--hash=sha256:") >= len(found) > 0
    return [Requirement(pin) for pin in found]


def locked(name: str) -> dict[str, str]:
    return {canonicalize_name(pin.name): str(pin.specifier).removeprefix("==") for pin in pins(name)}


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


def test_what_a_package_asks_for_with_an_extra_is_locked_with_it() -> None:
    """Else pip refuses the lock file on the day that a newer release of it comes out."""
    extras = {canonicalize_name(pin.name): pin.extras for pin in pins("requirements-dev.lock")}
    packages = [package for package in distributions() if canonicalize_name(package.name) in extras]
    lines = [Requirement(line) for package in packages for line in package.requires or []]
    needed = [line for line in lines if line.extras and (line.marker is None or line.marker.evaluate({"extra": ""}))]
    assert {"coverage", "fonttools"} <= {line.name for line in needed}
    assert [str(line) for line in needed if not line.extras <= extras[canonicalize_name(line.name)]] == []


def test_a_lock_file_names_no_registry() -> None:
    for path in ROOT.glob("requirements*.lock"):
        assert "://" not in path.read_text(encoding="utf-8")
