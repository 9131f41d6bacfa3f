"""The type that the report is set in: which font the machine has, and which characters it can print."""

from __future__ import annotations

import subprocess
import unicodedata
from collections.abc import Callable
from functools import lru_cache

from fontTools.ttLib import TTCollection, TTFont

from auditor.report.reading import ReportError

FAMILIES = {
    "zh-Hant": ("Noto Sans CJK TC", "Noto Sans CJK HK", "Noto Sans CJK SC"),
    "zh-Hans": ("Noto Sans CJK SC", "Noto Sans CJK TC"),
    "en": ("Noto Sans CJK TC", "Noto Sans CJK SC"),
}
"""Per language the families that hold its regional glyphs, the best first. English reports print Chinese names, too."""

GETA = "〓"
"""Stands for a character that the font cannot print (the printers' mark for a missing sort)."""


def family_for(lang: str) -> str:
    """The font family of a language. Raises ReportError where the machine has none: the Chinese would be boxes."""
    for family in FAMILIES[lang]:
        if _file_of(family) is not None:
            return family
    raise ReportError(
        f"no font for {lang} is installed (looked for {', '.join(FAMILIES[lang])}), so that Chinese would print as boxes: "
        "install the package fonts-noto-cjk, or run with --no-pdf"
    )


def slow_fonts_warning() -> str | None:
    """A sentence where the library that makes fonts small is missing; rendering then takes a minute instead of a second."""
    from weasyprint.text.ffi import harfbuzz_subset

    if harfbuzz_subset:
        return None
    return "libharfbuzz-subset is not installed: the PDF will take up to a minute longer; install the package libharfbuzz-subset0"


def printable(family: str) -> Callable[[str], str]:
    """A function that makes any text fit to print in the family: no control or direction marks, 〓 for what it lacks."""
    known = _characters(family)

    def clean(text: str) -> str:
        if text.isascii() and text.isprintable():
            return text
        return "".join(c if ord(c) in known else _replacement(c) for c in text)

    return clean


def _replacement(character: str) -> str:
    if character in "\n\t\r\u2028\u2029" or unicodedata.category(character) == "Zs":
        return " "
    return "" if unicodedata.category(character) in ("Cc", "Cf", "Mn", "Me") else GETA


@lru_cache(maxsize=4)
def _characters(family: str) -> frozenset[int]:
    found = _file_of(family)
    if found is None:
        return frozenset(range(0x20, 0x7F))
    path, index = found
    with TTCollection(path, lazy=True) if path.endswith((".ttc", ".otc")) else TTFont(path, lazy=True) as opened:
        font = opened.fonts[index] if isinstance(opened, TTCollection) else opened
        return frozenset(code for code in font.getBestCmap() if unicodedata.category(chr(code)) not in ("Cc", "Cf"))


@lru_cache(maxsize=16)
def _file_of(family: str) -> tuple[str, int] | None:
    """The file and the face of a family's regular weight; None where fontconfig would take another family."""
    try:
        answer = subprocess.run(
            ["fc-match", "-f", "%{family}\t%{file}\t%{index}", f"{family}:style=Regular"],
            capture_output=True,
            text=True,
            timeout=60,
            check=True,
        ).stdout
    except (OSError, subprocess.SubprocessError) as error:
        raise ReportError(
            f"fc-match cannot tell which fonts are installed ({error}): install the package fontconfig, or run with --no-pdf"
        ) from None
    names, path, index = answer.split("\t")
    return (path, int(index) & 0xFFFF) if family in names.split(",") else None
