"""The wheel, installed elsewhere: everything that the auditor reads at run time comes with it, under its own name."""

from __future__ import annotations

import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def run(*command: Path | str, cwd: Path) -> str:
    done = subprocess.run([*map(str, command)], cwd=cwd, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=240)
    assert done.returncode == 0, f"{command} ended with {done.returncode}\n{done.stdout}\n{done.stderr}"
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    run(sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", folder, cwd=ROOT)
    [built] = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def site(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An environment that holds the wheel alone; what it depends on is borrowed from the one that runs the test."""
    folder = tmp_path_factory.mktemp("elsewhere")
    run(sys.executable, "-m", "venv", "--without-pip", folder / "venv", cwd=folder)
    python = folder / "venv" / "bin" / "python"
    run(sys.executable, "-m", "pip", "--python", python, "install", "--no-deps", "--no-index", wheel, cwd=folder)
    [packages] = (folder / "venv" / "lib").glob("python3*/site-packages")
    # A folder that a .pth file names has its own .pth files left alone, so that the work tree does not come in by this way.
    (packages / "borrowed.pth").write_text(sysconfig.get_path("purelib") + "\n", encoding="utf-8")
    return packages


def command_of(site: Path, name: str) -> Path:
    return site.parents[2] / "bin" / name


def test_every_file_of_the_auditor_the_rulesets_and_the_reports_is_in_the_wheel(wheel: Path) -> None:
    inside = set(zipfile.ZipFile(wheel).namelist())
    places = {"auditor": "auditor", "rulesets": "auditor/rulesets", "reports": "auditor/reports", "tests/rulesets": "auditor/rulesets"}
    expected = {
        f"{place}/{path.relative_to(ROOT / folder).as_posix()}"
        for folder, place in places.items()
        for path in (ROOT / folder).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts and (folder != "tests/rulesets" or "sheets" in path.parts)
    }
    expected |= {
        f"auditor/rulesets/{path.parents[1].name}/sheets/{path.name}" for path in (ROOT / "tests" / "rulesets").glob("*/sheets/*.toml")
    }
    assert expected - inside == set()


def test_nothing_but_the_auditor_stands_at_the_top_of_site_packages(wheel: Path) -> None:
    top = {name.partition("/")[0] for name in zipfile.ZipFile(wheel).namelist()}
    assert {name for name in top if not name.endswith(".dist-info")} == {"auditor"}


def test_the_installed_package_is_the_one_that_runs(site: Path) -> None:
    where = run(command_of(site, "python"), "-c", "import auditor; print(auditor.__file__)", cwd=site.parents[3])
    assert Path(where.strip()) == site / "auditor" / "__init__.py"


def test_the_command_lists_every_ruleset_where_only_the_wheel_is_installed(site: Path) -> None:
    shown = run(command_of(site, "auditor"), "rules", "list", cwd=site.parents[3])
    for folder in sorted((ROOT / "rulesets").glob("*/__init__.py")):
        assert folder.parent.name in shown


def test_the_command_shows_a_rule_with_its_words_and_its_sheet(site: Path) -> None:
    """A rule's title comes from the wording beside the ruleset, its parameters from the dated numbers, its cases from the sheets."""
    shown = run(command_of(site, "auditor"), "rules", "show", "PW101", cwd=site.parents[3])
    assert "late-planned-notice" in shown
    assert "2.1.(1)" in shown
    assert "entered one second late" in shown
