"""What a user sees when something is wrong: the contract's exit code, and one paragraph that names the cause and the remedy."""

from __future__ import annotations

import operator
import os
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest

from auditor import judge, masks
from auditor.load import open_source
from tests.audits import KEY, environment, run, sample_database


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return sample_database("heating", "after", tmp_path_factory.mktemp("heating"))


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def told(capsys: pytest.CaptureFixture[str]) -> str:
    """What went to standard error: one paragraph, without a traceback."""
    said = capsys.readouterr().err
    assert said.startswith("auditor: ")
    assert said.count("\n") == 1
    assert "Traceback" not in said
    return said


WRONG_USAGE = {
    "no source": ("audit --ruleset heating --period 2026Q3", "--source URL"),
    "source and configuration": ("audit --source sqlite:///a.db --config site.toml --ruleset heating --period 2026Q3", "give one of them"),
    "no ruleset": ("audit --source sqlite:///a.db --period 2026Q3", "exactly one --ruleset"),
    "two rulesets": ("audit --source sqlite:///a.db --ruleset heating --ruleset power95598 --period 2026Q3", "exactly one --ruleset"),
    "unknown ruleset": ("audit --source sqlite:///a.db --ruleset cooling --period 2026Q3", "there is no ruleset 'cooling'; there are"),
    "no period": ("audit --source sqlite:///a.db --ruleset heating", "--period"),
    "unknown period": ("audit --source sqlite:///DB --ruleset heating --period 2026Q5", "2026Q3, 2026-09"),
    "period backwards": ("audit --source sqlite:///DB --ruleset heating --period 2026-09-02..2026-09-01", "ends before it begins"),
    "unknown as-of": ("audit --source sqlite:///DB --ruleset heating --period 2026Q3 --as-of yesterday", "2026-10-12T00:00:00"),
    "unmasked without a reason": ("audit --source sqlite:///DB --ruleset heating --period 2026Q3 --unmask", "--reason TEXT"),
    "a reason and masked": ("audit --source sqlite:///DB --ruleset heating --period 2026Q3 --reason court", "--unmask"),
    "a blank reason": ("audit --source sqlite:///DB --ruleset heating --period 2026Q3 --unmask --reason _", "--reason TEXT"),
    "no workers": ("audit --source sqlite:///DB --ruleset heating --period 2026Q3 --workers 0", "--workers"),
    "unknown severity": ("audit --source sqlite:///DB --ruleset heating --period 2026Q3 --fail-on fatal", "critical"),
    "unknown language": ("audit --source sqlite:///DB --ruleset heating --period 2026Q3 --lang de", "zh-Hant"),
    "unknown option": ("audit --sauce sqlite:///DB", "--sauce"),
    "unknown command": ("audits", "audits"),
    "no such configuration": ("audit --config nowhere.toml --period 2026Q3", "nowhere.toml"),
    "unknown rule": ("explain heating HT999 T1 --source sqlite:///DB", "HT999"),
    "unknown rule to show": ("rules show HT999", "rules list"),
    "unknown ruleset to list": ("rules list cooling", "there is no ruleset 'cooling'"),
}


@pytest.mark.parametrize("mistake", WRONG_USAGE)
def test_wrong_usage_ends_with_2_and_says_what_to_write(mistake: str, database: Path, capsys: pytest.CaptureFixture[str]) -> None:
    line, remedy = WRONG_USAGE[mistake]
    assert run(*[word.replace("DB", str(database)).replace("_", " ") for word in line.split()]) == 2
    assert remedy in told(capsys)
    assert not Path("runs").exists()


def test_a_site_key_that_is_too_short_ends_with_2_and_is_not_repeated(database: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("audit", "--source", f"sqlite:///{database}", "--ruleset", "heating", "--period", "2026Q3", key="s3cret") == 2
    assert "s3cret" not in told(capsys)


def unreadable(kind: str, folder: Path) -> str:
    path = folder / "logs.db"
    if kind == "a text file":
        path.write_text("ticket_id,received_at\n" * 200, encoding="utf-8")
    elif kind == "a folder":
        path.mkdir()
    elif kind == "a damaged database":
        with sqlite3.connect(path) as connection:
            connection.execute("CREATE TABLE ticket (ticket_id, category)")
            connection.executemany("INSERT INTO ticket VALUES (?, 'complaint')", [(f"T{n:0200}",) for n in range(500)])
        connection.close()
        content = bytearray(path.read_bytes())
        content[4096:] = b"\xff" * (len(content) - 4096)
        path.write_bytes(content)
    elif kind == "no server":
        return "postgresql://auditor:s3cret@127.0.0.1:1/logs"
    elif kind == "no driver":
        return "nosuch://auditor:s3cret@127.0.0.1/logs"
    return f"sqlite:///{path}"


@pytest.mark.parametrize("kind", ["no driver", "no such file", "a text file", "a folder", "a damaged database", "no server"])
def test_a_source_that_cannot_be_read_ends_with_3_and_shows_no_password(
    kind: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("audit", "--source", unreadable(kind, tmp_path), "--ruleset", "heating", "--period", "2026Q3", "--out", "run") == 3
    assert "s3cret" not in told(capsys)
    assert not Path("run").exists()


def test_a_source_that_is_not_there_is_not_made(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("audit", "--source", f"sqlite:///{tmp_path}/no.db", "--ruleset", "heating", "--period", "2026Q3") == 3
    assert not (tmp_path / "no.db").exists()


def audit_of(database: Path, *more: str) -> int:
    source = ("--source", f"sqlite:///{database}", "--ruleset", "heating")
    return run("audit", *source, "--period", "2026Q3", "--as-of", "2026-10-12", "--out", "run", "--no-pdf", "--workers", "1", *more)


def test_a_mask_that_says_otherwise_than_the_engine_stops_the_run_and_nothing_is_published(
    database: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(masks._OPERATORS, ">", operator.ge)
    assert audit_of(database) == 4
    said = told(capsys)
    assert "the screen says breach, durable-rules says compliant" in said
    assert "rule HT" in said
    assert "case '" in said
    assert list(Path().iterdir()) == []


def test_what_nobody_expected_ends_with_4_without_a_word_of_the_data(
    database: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fails(*_: object) -> object:
        raise RuntimeError("customer 13900001111")

    monkeypatch.setattr(judge, "screen", fails)
    assert audit_of(database) == 4
    said = told(capsys)
    assert "auditor --debug" in said
    assert "13900001111" not in said
    assert list(Path().iterdir()) == []


def test_debug_shows_the_traceback(database: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("--debug", "audit", "--source", "sqlite:///no.db", "--ruleset", "heating", "--period", "2026Q3") == 3
    assert "Traceback" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("severity", "rules", "code"),
    [("critical", "CRITICAL", 1), ("critical", "MAJOR", 0), ("major", "CRITICAL", 1), ("major", "MINOR", 0), ("minor", "MINOR", 1)],
)
def test_fail_on_is_met_by_a_breach_of_that_severity_or_above(severity: str, rules: str, code: int, database: Path, tmp_path: Path) -> None:
    """A database whose only breach is of the given severity."""
    path = tmp_path / "one.db"
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE org_unit (org_id, name, kind)")
        connection.execute("CREATE TABLE ticket (ticket_id, category, subject, received_at, dispatched_at, org_id, contacted_at)")
        connection.execute("CREATE TABLE conduct_case (case_id, org_id, at, kind, origin, verified, staff_id, loss_amount)")
        connection.execute("CREATE TABLE inspection (inspection_id, org_id, at, finding, verified)")
        connection.execute("CREATE TABLE duty_roster_change (change_id, org_id, changed_at, notified_in_writing_at)")
        if rules == "CRITICAL":
            connection.execute("INSERT INTO conduct_case VALUES ('C1', 'U1', '2026-08-01T08:00:00', 'bribery', 'media', 1, 'S1', NULL)")
        if rules == "MAJOR":
            connection.execute("INSERT INTO inspection VALUES ('I1', 'U1', '2026-08-01T08:00:00', 'flush_incomplete', 1)")
        if rules == "MINOR":
            connection.execute("INSERT INTO duty_roster_change VALUES ('D1', 'U1', '2026-08-01T08:00:00', NULL)")
    assert audit_of(path, "--fail-on", severity) == code
    assert Path("run", "summary.json").is_file()


def sessions() -> dict[int, int]:
    """Process → its session, of every process that is alive."""
    found = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                state, _, _, session = (entry / "stat").read_text().rpartition(")")[2].split()[:4]
            except OSError:
                continue
            if state != "Z":
                found[int(entry.name)] = int(session)
    return found


def wait_for(sign: str, audit: subprocess.Popen[str], folder: Path) -> None:
    """Until the process has come so far (or is over): its libraries are being loaded, or its folder has been begun."""
    while audit.poll() is None:
        if sign == "libraries" and "libarrow" in Path(f"/proc/{audit.pid}/maps").read_text(encoding="utf-8"):
            return
        if sign == "folder" and any(folder.iterdir()):
            return
        time.sleep(0.002)


@pytest.mark.parametrize(
    ("sign", "seconds"),
    [("libraries", 0), ("libraries", 0.2), ("folder", 0), ("folder", 0.1), ("folder", 0.3), ("folder", 0.6), ("folder", 1)],
)
def test_an_interrupt_at_any_moment_leaves_no_half_written_folder_and_no_process(
    sign: str, seconds: float, database: Path, tmp_path: Path
) -> None:
    source = ["--source", f"sqlite:///{database}", "--ruleset", "heating", "--period", "2026Q3", "--as-of", "2026-10-12"]
    command = [sys.executable, "-m", "auditor", "audit", *source, "--out", "run", "--no-pdf", "--workers", "2"]
    with environment(AUDITOR_KEY=KEY):
        audit = subprocess.Popen(command, stderr=subprocess.PIPE, text=True, start_new_session=True, cwd=tmp_path)
    wait_for(sign, audit, tmp_path)
    time.sleep(seconds)
    os.killpg(audit.pid, signal.SIGINT)
    _, said = audit.communicate(timeout=60)
    # Python ends by the signal itself where it comes within an exec(); for a shell both are 130.
    assert audit.returncode in (130, -signal.SIGINT, 0), said
    assert audit.returncode or (sign, seconds) != ("folder", 0)
    assert "Traceback" not in said
    if audit.returncode:
        assert said.strip() == "auditor: interrupted; nothing half-written was left"
    assert [path.name for path in tmp_path.iterdir()] in ([], ["run"])
    assert not (tmp_path / "run").exists() or (tmp_path / "run" / "manifest.json").is_file()
    # A killed process takes a moment to be gone.
    patience = time.monotonic() + 10
    while left := [process for process, session in sessions().items() if session == audit.pid]:
        assert time.monotonic() < patience, f"processes {left} outlive the run"
        time.sleep(0.05)


@pytest.mark.parametrize("said", [RuntimeError("NOT_IMPLEMENTED"), RuntimeError("canceling statement due to user request")])
def test_an_interrupt_that_a_driver_takes_for_itself_is_an_interrupt(said: RuntimeError, database: Path) -> None:
    source = open_source(f"sqlite:///{database}")
    with pytest.raises(KeyboardInterrupt), source.errors("reading ticket"):
        raise said from (KeyboardInterrupt() if "IMPLEMENTED" in str(said) else None)
    source.close()
