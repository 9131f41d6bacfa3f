"""The folder that a run leaves: written aside, then moved into place whole, readable by its owner alone."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import shutil
from collections.abc import Callable, Collection, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from json.encoder import encode_basestring
from pathlib import Path
from tempfile import mkdtemp
from types import TracebackType
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from auditor.errors import RunError, UsageError
from auditor.json_lines import json_lines

MANIFEST = "manifest.json"

_GROUP_ROWS = 1 << 17
"""Rows that stand together in a parquet file, and are held as plain texts while they are written."""


class RunFolder:
    """A run's folder in the making. Use as a context manager: left with an error, nothing of it remains.

    `out` must not exist yet, or be an empty folder, or an earlier run (which is replaced once this one is whole). Raises UsageError
    where it holds something else.
    """

    def __init__(self, out: Path) -> None:
        self.out = out
        if out.exists() and (not out.is_dir() or (any(out.iterdir()) and not (out / MANIFEST).is_file())):
            raise UsageError(f"{out} exists and is no finished run; give another folder with --out, or move it away")
        self.path = out
        """Where the files are written until the run is whole."""

    def __enter__(self) -> RunFolder:
        try:
            self.out.parent.mkdir(parents=True, exist_ok=True)
            # A name of its own (and mode 0700): a process id comes again, and a killed run may have left a folder.
            self.path = Path(mkdtemp(prefix=f".{self.out.name}.partial-", dir=self.out.parent))
        except OSError as error:
            raise UsageError(f"{self.out}: the folder cannot be made ({error.strerror}); give another with --out") from None
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        try:
            if kind is None:
                self._move_into_place()
        except OSError as failed:
            error = failed
        finally:
            shutil.rmtree(self.path, ignore_errors=True)
        if isinstance(error, OSError) and error.errno is not None:
            raise RunError(
                f"{self.out}: writing the run failed ({os.strerror(error.errno)}); nothing of it was left. "
                f"Make room, or give another folder with --out"
            ) from error

    def _move_into_place(self) -> None:
        """Whoever looks finds the old run or the new one, never half of one; a failure or an interrupt leaves the old one."""
        if not self.out.exists():
            self.path.rename(self.out)
            return
        old = Path(mkdtemp(prefix=f".{self.out.name}.old-", dir=self.out.parent)) / "run"
        try:
            self.out.rename(old)
            self.path.rename(self.out)
        finally:
            if not self.out.exists():
                old.rename(self.out)
            shutil.rmtree(old.parent, ignore_errors=True)

    def write_json(self, name: str, value: Any) -> None:
        """A JSON file with keys in the order given."""
        self.write(name, [(indented(value) + "\n").encode()])

    def write_lines(self, name: str, values: Iterable[Any]) -> int:
        """A file of one JSON object a line; returns how many."""
        count = 0

        def counted() -> Iterator[Any]:
            nonlocal count
            for value in values:
                count += 1
                yield value

        self.write(name, json_lines(counted()))
        return count

    @contextmanager
    def table(self, name: str, schema: pa.Schema, repeating: Collection[str]) -> Iterator[Callable[[pa.Table], None]]:
        """A parquet file in the making: what is given takes its parts one after the other, and casts them to the schema.

        `repeating`: the columns of few texts, which are written as numbers and a list of the texts. A thread of its own writes the parts,
        one at a time, so that the next is made meanwhile and no more than two are held.
        """
        # To look for repetitions in the other columns, or for their least and greatest values, took half the time of writing; to write
        # out the texts that repeat, only to have their repetitions found, a third of the rest. So those are given as the file keeps them,
        # and what is said of the types, by which readers go, is said of the texts.
        kept = pa.schema([f.with_type(pa.dictionary(pa.int32(), f.type)) if f.name in repeating else f for f in schema])
        types = {"ARROW:schema": base64.b64encode(schema.serialize().to_pybytes())}
        encodings = {field.name: "DELTA_BINARY_PACKED" for field in schema if pa.types.is_timestamp(field.type)}
        options = {"compression": "zstd", "use_dictionary": list(repeating), "write_statistics": False, "store_schema": False}
        options["column_encoding"] = encodings
        with self._open(name), pq.ParquetWriter(self.path / name, kept, **options) as writer, ThreadPoolExecutor(1) as thread:
            writer.add_key_value_metadata(types)
            pending: Future[None] | None = None

            def write_groups(part: pa.Table) -> None:
                for start in range(0, part.num_rows, _GROUP_ROWS):
                    writer.write_table(part.slice(start, _GROUP_ROWS).cast(kept))

            def write(part: pa.Table) -> None:
                nonlocal pending
                if pending is not None:
                    pending.result()
                pending = thread.submit(write_groups, part)

            yield write
            if pending is not None:
                pending.result()

    def seal(self, manifest: dict[str, Any]) -> None:
        """Writes the manifest with the SHA-256 of every other file."""
        for path in self.path.iterdir():
            path.chmod(0o600)
        files = {path.name: _sha256(path) for path in sorted(self.path.iterdir())}
        self.write_json(MANIFEST, {"files": files, **manifest})

    def write(self, name: str, pieces: Iterable[bytes]) -> None:
        """A file of these bytes, one piece after the other."""
        with self._open(name) as file:
            for piece in pieces:
                file.write(piece)

    def _open(self, name: str) -> Any:
        return open(os.open(self.path / name, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb")  # noqa: PTH123


def indented(value: Any, margin: str = "\n") -> str:
    """What `json.dumps(value, ensure_ascii=False, indent=1)` gives; where it indents, that leaves its quick encoder for a slow one."""
    if isinstance(value, str):
        return encode_basestring(value)
    if value is None or type(value) is int:
        return "null" if value is None else str(value)
    inner = margin + " "
    if isinstance(value, dict) and value:
        parts = [f"{inner}{encode_basestring(key)}: {indented(one, inner)}" for key, one in value.items()]
        return f"{{{','.join(parts)}{margin}}}"
    if isinstance(value, list | tuple) and value:
        parts = [f"{inner}{indented(one, inner)}" for one in value]
        return f"[{','.join(parts)}{margin}]"
    return json.dumps(value, ensure_ascii=False)


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
