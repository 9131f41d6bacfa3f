"""tools/setup.sh where it may not install system packages: one line that says exactly what is missing."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
TOOLS = ("cat", "cc", "cksum", "dirname", "grep", "sed", "sh", "tail", "touch", "tr", "uname")


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A work tree, and beside it a folder of commands: those of a plain user's system without font, poppler-utils or compiler."""
    tree = tmp_path / "tree"
    (tree / "tools").mkdir(parents=True)
    shutil.copy(ROOT / "tools" / "setup.sh", tree / "tools")
    for name in ("pyproject.toml", "requirements-build.lock", "requirements-dev.lock"):
        shutil.copy(ROOT / name, tree)
    commands = tmp_path / "bin"
    commands.mkdir()
    for name in TOOLS:
        found = shutil.which(name)
        assert found is not None, name
        (commands / name).symlink_to(found)
    for name, script in {"id": "echo 1000", "fc-list": "exit 0", "cc": "exit 1"}.items():
        (commands / name).unlink(missing_ok=True)
        (commands / name).write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
        (commands / name).chmod(0o755)
    return tree


def set_up(tree: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    variables = {"PATH": str(tree.parent / "bin"), "HOME": str(tree), "PYTHON": sys.executable, **environment}
    if "LD_LIBRARY_PATH" in os.environ:
        variables["LD_LIBRARY_PATH"] = os.environ["LD_LIBRARY_PATH"]
    return subprocess.run(
        ["sh", "tools/setup.sh"], cwd=tree, env=variables, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60
    )


def test_a_plain_user_is_told_what_to_install(tree: Path) -> None:
    apt = tree.parent / "bin" / "apt-get"
    apt.write_text("#!/bin/sh\nexit 0\n", encoding="utf-8")
    apt.chmod(0o755)
    done = set_up(tree)
    assert done.returncode == 1
    [line] = done.stderr.splitlines()
    assert line.startswith("setup: system packages are missing: run 'sudo apt-get install ")
    for package in ("fonts-noto-cjk", "poppler-utils", "gcc", "libc6-dev"):
        assert package in line


def test_another_system_is_told_so_too(tree: Path) -> None:
    done = set_up(tree)
    assert done.returncode == 1
    [line] = done.stderr.splitlines()
    assert "fonts-noto-cjk" in line
    assert "your system's equivalents" in line


def test_an_unfit_interpreter_is_named(tree: Path) -> None:
    done = set_up(tree, PYTHON="/bin/false")
    assert done.returncode == 1
    assert "PYTHON=/bin/false is no Python 3.11, 3.12 or 3.13" in done.stderr
