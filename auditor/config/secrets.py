"""Secrets come from the environment alone: a password that is spelt out in a file is a mistake."""

from __future__ import annotations

import re

_PASSWORD = re.compile(r"^[^:/]+://[^:/@]*:(?P<secret>[^@]*)@")
_PARAMETER = re.compile(r"[?&][^=&]*(?:pass|pwd|secret|token)[^=&]*=(?P<secret>[^&]*)", re.IGNORECASE)
_PLACEHOLDER = re.compile(r"\$\{[A-Za-z_][A-Za-z0-9_]*\}")


def has_literal_secret(url: str) -> bool:
    """Whether the text of a URL spells a password out instead of naming an environment variable as ${NAME}."""
    found = [m["secret"] for form in (_PASSWORD, _PARAMETER) for m in form.finditer(url)]
    return any(secret and not _PLACEHOLDER.fullmatch(secret) for secret in found)
