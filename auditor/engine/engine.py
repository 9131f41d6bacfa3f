"""durable-rules judges one case: assert its record, read which rules fired, retract it.

The C library is driven directly. The package's `Host` starts two timer threads and encodes, decodes and stores each
record several times; called so, one process judges some 200,000 cases a second instead of some 40,000.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Mapping, Sequence
from json.encoder import encode_basestring
from types import TracebackType
from typing import Any

import durable_rules_engine

from auditor.engine.compiled import CompiledRule
from auditor.engine.definition import ALWAYS_SET
from auditor.engine.refusals import LONGEST_TEXT, WHOLE_NUMBERS, EngineError
from auditor.vocabulary.questions import Verdict

_IDENTITY = '"id":"case"'
"""Every record bears the same identity: it is retracted before the next, and the library compares no hash of its content."""

_RETRACT = "{" + _IDENTITY + "}"
_ONLY_STATE = "0"
_HANDLED, _NOT_HANDLED = 0, 1
_CODES = {verdict.label: int(verdict) for verdict in Verdict}


class Engine:
    """One rule's engine: one small network, one state, no threads, no timers. Use it in one thread and close it (or `with`).

    Raises EngineError where the library does not take the rule.
    """

    def __init__(self, compiled: CompiledRule) -> None:
        if ctypes.sizeof(ctypes.c_long) < 8:
            what = "durable-rules keeps the numbers of a rule in 32 bits on this platform, where no instant fits"
            raise EngineError(f"{what}; run the audit on 64-bit Linux or macOS")
        self.compiled = compiled
        self.broken = False
        """The library failed: what it holds is no longer trusted, and only `close` may follow."""
        self._names = tuple(name for name, _ in compiled.fields)
        self._encoders = tuple(_ENCODERS[kind] for _, kind in compiled.fields)
        slots = "".join(f',"{name}":%s' for name in self._names)
        self._record = "{" + _IDENTITY + f',"{ALWAYS_SET}":true{slots}}}'
        self._has_state = False
        try:
            self._handle: int | None = durable_rules_engine.create_ruleset(compiled.code, compiled.definition)
        except Exception as error:
            raise EngineError(f"rule {compiled.code}: durable-rules does not take its definition: {error}") from error

    def decide(self, fact: Mapping[str, object], case: str = "") -> str:
        """The verdict's label of one case: `indeterminate`, `compliant`, `pending` or `breach`.

        `fact` must have every field of the rule (more do not matter), each of its type; `case` names the case in errors.
        Raises EngineError.
        """
        missing = [name for name in self._names if name not in fact]
        if missing:
            raise EngineError(f"{self._where(case)}: the record lacks {', '.join(missing)}")
        return Verdict(self.judge([fact[name] for name in self._names], case)).label

    def judge(self, values: Sequence[object], case: str = "") -> int:
        """The verdict's code of one case whose values stand in the order of the rule's fields. Raises EngineError."""
        if len(values) != len(self._encoders):
            raise EngineError(f"{self._where(case)}: the record has {len(values)} values for {len(self._encoders)} fields")
        if self.broken or self._handle is None:
            raise EngineError(f"{self._where(case)}: this engine is {'broken' if self.broken else 'closed'}; make another")
        try:
            record = self._record % tuple([encode(value) for encode, value in zip(self._encoders, values, strict=True)])
        except (TypeError, ValueError) as error:
            raise EngineError(f"{self._where(case)}: {self._refused(values) or error}") from error
        fired = self._fired(record, case)
        if len(fired) != 1:
            what = f"{' and '.join(sorted(fired))} are all true" if fired else "none of its rules is true"
            raise EngineError(f"{self._where(case)}: durable-rules gives no single verdict: {what}")
        return _CODES[fired.pop()]

    def _fired(self, record: str, case: str) -> set[str]:
        """The names of the engine rules that are true of the record."""
        engine, handle = durable_rules_engine, self._handle
        fired: set[str] = set()
        try:
            outcome, state = engine.assert_fact(handle, record)
            if outcome == _NOT_HANDLED:
                return fired
            if outcome != _HANDLED:
                raise RuntimeError(f"the record was not taken (outcome {outcome})")
            started = engine.start_action_for_state(handle, state)
            if started is None:
                raise RuntimeError("the record was taken, but no rule can be read")
            self._has_state = True
            answer: str | None = started[1]
            while answer is not None:  # {"breach":[{"m":{...}}]}
                fired.add(answer[2 : answer.index('"', 2)])
                answer = engine.complete_and_start_action(handle, state)
            engine.retract_fact(handle, _RETRACT)
        except Exception as error:
            self.broken = True
            raise EngineError(f"{self._where(case)}: durable-rules failed: {error}") from error
        return fired

    def _where(self, case: str) -> str:
        return f"rule {self.compiled.code}" + (f", case {case!r}" if case else "")

    def _refused(self, values: Sequence[object]) -> str:
        for (name, kind), encode, value in zip(self.compiled.fields, self._encoders, values, strict=True):
            try:
                encode(value)
            except (TypeError, ValueError):
                return f"'{name}' is no {_MEANING[kind]} (a {type(value).__name__})"  # not the value, which may be personal
        return ""

    def close(self) -> None:
        """Give the memory back. A state is deleted only after it has acted: before, the library frees what it never set."""
        if self._handle is not None:
            handle, self._handle = self._handle, None
            if self._has_state and not self.broken:
                durable_rules_engine.delete_state(handle, _ONLY_STATE)
            durable_rules_engine.delete_ruleset(handle)

    def __enter__(self) -> Engine:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()


def _whole_number(value: Any) -> str:
    if type(value) is int and value in WHOLE_NUMBERS:
        return str(value)
    raise TypeError


def _yes_or_no(value: Any) -> str:
    if value is True:
        return "true"
    if value is False:
        return "false"
    raise TypeError


def _text(value: Any) -> str:
    if type(value) is not str:
        raise TypeError
    text = value if len(value) <= LONGEST_TEXT else value[:LONGEST_TEXT]
    if not text.isascii():
        text.encode()  # half of a surrogate pair is no text: UnicodeEncodeError, a ValueError
    return encode_basestring(text)


_ENCODERS: dict[str, Callable[[Any], str]] = {"int": _whole_number, "bool": _yes_or_no, "str": _text}
_MEANING = {"int": "whole number of 64 bits", "bool": "yes or no (bool)", "str": "text (str)"}
