"""The rules of the power regulation once more, row by row in plain Python: what the ruleset is held against."""

from tests.rulesets.power95598.independent.judge import judge_rows

__all__ = ["judge_rows"]
