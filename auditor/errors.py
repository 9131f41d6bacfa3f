"""The errors that a user sees: one paragraph that names what is wrong, where, and what to do."""

from __future__ import annotations


class AuditorError(Exception):
    """An error that ends the command with `exit_code`; its text is the whole message, without a traceback."""

    exit_code = 4


class UsageError(AuditorError):
    """Wrong usage, a mistake in the configuration, in a ruleset or in the contract."""

    exit_code = 2


class SourceError(AuditorError):
    """A source (or the store) cannot be reached or read. The text never holds a password."""

    exit_code = 3


class RunError(AuditorError):
    """The run failed part-way; nothing of it stands under the name of a finished run."""

    exit_code = 4
