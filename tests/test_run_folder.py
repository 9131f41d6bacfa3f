"""The folder that a run leaves: whole or not at all, for its owner alone, and as its manifest says."""

from __future__ import annotations

import errno
import hashlib
import json
import resource
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from auditor import report
from auditor.errors import RunError, UsageError
from auditor.run_folder import RunFolder, indented
from tests.audits import audit, rows_of, run, sample_database, summary_of

CONTRACT = {"findings.jsonl", "verdicts.parquet", "evidence.parquet", "summary.json", "quarantine.jsonl", "findings.xlsx", "manifest.json"}


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return sample_database("heating", "after", tmp_path_factory.mktemp("heating"))


@pytest.fixture(scope="module")
def finished(database: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return audit(database, "heating", tmp_path_factory.mktemp("runs") / "run")


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def arguments(database: Path, out: Path) -> list[str]:
    source = ["--source", f"sqlite:///{database}", "--ruleset", "heating"]
    return ["audit", *source, "--period", "2026Q3", "--as-of", "2026-10-12T00:00:00", "--out", str(out), "--no-pdf", "--workers", "1"]


def test_a_run_leaves_every_file_of_the_contract_and_nothing_beside_its_folder(finished: Path) -> None:
    assert names(finished) >= CONTRACT
    assert names(finished.parent) == {finished.name}


def test_folder_and_files_are_readable_by_their_owner_alone(finished: Path) -> None:
    assert stat.S_IMODE(finished.stat().st_mode) == 0o700
    assert {path.name: oct(stat.S_IMODE(path.stat().st_mode)) for path in finished.iterdir()} == dict.fromkeys(names(finished), "0o600")


def test_the_manifest_gives_the_sha256_of_every_other_file(finished: Path) -> None:
    manifest = json.loads((finished / "manifest.json").read_text(encoding="utf-8"))
    others = [path for path in finished.iterdir() if path.name != "manifest.json"]
    assert manifest["files"] == {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(others)}


def test_the_manifest_says_by_what_the_run_was_made_and_holds_no_secret(database: Path, finished: Path) -> None:
    manifest = json.loads((finished / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["period"] == "2026Q3"
    assert manifest["as_of"] == "2026-10-12T00:00:00+08:00"
    assert manifest["masking"] == {"on": True, "unmasked": None, "own_key": False}
    assert set(manifest["libraries"]) >= {"durable-rules", "pandas", "sqlalchemy", "python"}
    assert manifest["rulesets"]["heating"]["fingerprint"]
    assert manifest["parameters"]["heating"]["burst_repair"][0]["unit"] == "h"
    assert manifest["sources"]["heating"]["rows"] == summary_of(finished)["rulesets"]["heating"]["rows"]


def test_the_manifest_says_who_unmasked_and_why(database: Path, tmp_path: Path) -> None:
    assert run(*arguments(database, tmp_path / "run"), "--unmask", "--reason", "asked for by the court", key=None) == 0
    masking = json.loads((tmp_path / "run" / "manifest.json").read_text(encoding="utf-8"))["masking"]
    assert masking["on"] is False
    assert masking["own_key"] is True
    assert masking["unmasked"]["why"] == "asked for by the court"
    assert masking["unmasked"]["who"]


def test_every_number_of_the_summary_is_that_of_the_verdicts_and_findings(finished: Path) -> None:
    rules = summary_of(finished)["rulesets"]["heating"]["rules"]
    counted: dict[tuple[str, str], int] = {}
    for row in rows_of(finished / "verdicts.parquet"):
        counted[row["rule"], row["verdict"]] = counted.get((row["rule"], row["verdict"]), 0) + 1
    told = {
        (code, verdict): n for code, line in rules.items() for verdict, n in line.items() if verdict not in ("population", "not_auditable")
    }
    assert {key: n for key, n in told.items() if n} == counted
    for code, line in rules.items():
        assert line["population"] == sum(n for (rule, _), n in told.items() if rule == code)
    findings = [(f["rule"], f["verdict"]) for f in rows_of(finished / "findings.jsonl")]
    assert {key: findings.count(key) for key in set(findings)} == {
        key: n for key, n in counted.items() if key[1] not in ("compliant", "pending")
    }


def test_findings_are_ordered_and_each_has_evidence_that_is_kept(finished: Path) -> None:
    findings = rows_of(finished / "findings.jsonl")
    order = [(f["ruleset"], f["rule"], f["case_id"]) for f in findings]
    assert order == sorted(order)
    kept = {(row["source"], row["table"], row["key"], row["digest"]) for row in rows_of(finished / "evidence.parquet")}
    cited = {tuple(entry.values()) for finding in findings for entry in finding["evidence"]}
    assert cited == kept
    assert all(f["evidence"] for f in findings)
    assert all(f["counted_at"] and set(f["message"]) == {"zh-Hant", "zh-Hans", "en"} for f in findings)


def test_a_second_run_takes_the_place_of_the_first(database: Path, tmp_path: Path) -> None:
    out = audit(database, "heating", tmp_path / "run")
    (out / "left-over.txt").write_text("of the first run", encoding="utf-8")
    audit(database, "heating", out, period="2026-08")
    assert summary_of(out)["period"] == "2026-08"
    assert "left-over.txt" not in names(out)
    assert names(tmp_path) == {"run"}


@pytest.mark.parametrize("content", ["a file", "a folder with other things"])
def test_what_is_no_run_is_never_replaced(content: str, database: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "mine"
    if content == "a file":
        out.write_text("mine", encoding="utf-8")
    else:
        out.mkdir()
        (out / "notes.txt").write_text("mine", encoding="utf-8")
    assert run(*arguments(database, out)) == 2
    assert "is no finished run" in capsys.readouterr().err
    assert (out if out.is_file() else out / "notes.txt").read_text(encoding="utf-8") == "mine"
    assert names(tmp_path) == {"mine"}


def full_disk() -> Iterator[str]:
    yield "{}"
    raise OSError(errno.ENOSPC, "No space left on device")


@pytest.mark.parametrize("earlier", [False, True])
def test_a_full_disk_leaves_nothing_of_the_run_and_the_earlier_run_as_it_was(earlier: bool, tmp_path: Path) -> None:
    out = tmp_path / "run"
    if earlier:
        with RunFolder(out) as folder:
            folder.write_json("summary.json", {"run": "earlier"})
            folder.seal({})
    with pytest.raises(RunError, match="No space left on device.*give another folder with --out"), RunFolder(out) as folder:
        folder.write_lines("findings.jsonl", full_disk())
    assert names(tmp_path) == ({"run"} if earlier else set())
    if earlier:
        assert summary_of(out) == {"run": "earlier"}


@contextmanager
def short_files(size: int) -> Iterator[None]:
    """No file may grow beyond so many bytes: it fails in the same places as a full disk does."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@pytest.mark.parametrize(
    ("module", "step"),
    [
        (RunFolder, "write_lines"),
        (RunFolder, "table"),
        (RunFolder, "write_json"),
        (report, "build_xlsx"),
        (RunFolder, "seal"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_wherever_a_file_cannot_grow_the_run_ends_with_4_in_one_paragraph_and_leaves_nothing(
    module: Any, step: str, database: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    write = getattr(module, step)

    def cramped(*given: Any, **named: Any) -> Any:
        with short_files(1_000):
            return write(*given, **named)

    @contextmanager
    def cramped_in_the_end(*given: Any, **named: Any) -> Iterator[Any]:
        with short_files(1_000), write(*given, **named) as writing:
            # What is written meanwhile has room.
            soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
            resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))
            yield writing
            resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))

    monkeypatch.setattr(module, step, cramped_in_the_end if step == "table" else cramped)
    assert run(*arguments(database, tmp_path / "runs" / "run")) == 4
    said = capsys.readouterr().err
    assert "writing the run failed (File too large)" in said
    assert said.count("\n") == 1
    assert names(tmp_path / "runs") == set()


@pytest.mark.parametrize("group", [2, 100])
def test_a_table_holds_its_parts_in_the_order_given_as_the_schema_says(group: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("auditor.run_folder._GROUP_ROWS", group)
    schema = pa.schema([("rule", pa.string()), ("n", pa.int64())])
    parts = [pa.table({"rule": pa.array([code] * 3).dictionary_encode(), "n": [1, 2, 3]}) for code in ("A", "B", "C")]
    with RunFolder(tmp_path / "run") as folder:
        with folder.table("t.parquet", schema, ["rule"]) as write:
            for part in [schema.empty_table(), *parts]:
                write(part)
        with folder.table("empty.parquet", schema, ["rule"]):
            pass
        folder.seal({})
    written = pq.read_table(tmp_path / "run" / "t.parquet")
    assert written.schema == schema
    assert written.to_pydict() == {"rule": [*"AAABBBCCC"], "n": [1, 2, 3] * 3}
    assert pq.read_table(tmp_path / "run" / "empty.parquet").num_rows == 0


def test_a_part_that_cannot_be_written_ends_the_run(tmp_path: Path) -> None:
    schema = pa.schema([("n", pa.int64())])
    with pytest.raises(pa.ArrowInvalid), RunFolder(tmp_path / "run") as folder, folder.table("t.parquet", schema, ["rule"]) as write:
        write(pa.table({"n": ["no number"]}))
    assert not (tmp_path / "run").exists()


def test_a_folder_that_cannot_be_made_is_wrong_usage(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(UsageError, match="cannot be made"), RunFolder(tmp_path / "file" / "run"):
        pytest.fail("there is no such folder")


def test_an_interrupt_while_the_new_run_moves_into_place_leaves_the_old_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    out = tmp_path / "run"
    for number in (1, 2):
        folder = RunFolder(out)
        folder.__enter__()
        folder.write_json("summary.json", {"run": number})
        folder.seal({})
        if number == 1:
            folder.__exit__(None, None, None)
    rename = Path.rename

    def interrupted(self: Path, target: Path) -> Path:
        if self.name.startswith(".run.partial"):
            raise KeyboardInterrupt
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", interrupted)
    with pytest.raises(KeyboardInterrupt):
        folder.__exit__(None, None, None)
    assert summary_of(out) == {"run": 1}
    assert names(tmp_path) == {"run"}


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
        lambda parts: st.lists(parts, max_size=4) | st.dictionaries(st.text(max_size=5), parts, max_size=4),
        max_leaves=20,
    )
)
def test_json_files_are_indented_as_the_standard_library_does(value: Any) -> None:
    assert indented(value) == json.dumps(value, ensure_ascii=False, indent=1)
