"""The one door to durable-rules: it is asked one thing, which rules are true of one flat, complete record."""

from auditor.engine.compiled import CompiledRule, FieldType, compile_rule
from auditor.engine.engine import Engine
from auditor.engine.refusals import EngineError, RuleRefusedError

__all__ = ["CompiledRule", "Engine", "EngineError", "FieldType", "RuleRefusedError", "compile_rule"]
