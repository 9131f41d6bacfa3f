#!/usr/bin/env python3
"""Make the Simplified Chinese wording from the Traditional: make_zh_hans.py [--check]

Every `zh-Hant.toml` of the project's wording folders gives a `zh-Hans.toml` beside it: characters by OpenCC (t2s), and what characters
alone get wrong by the hand-checked list `zh_hans_words.toml`. Keys, slots and the order of lines stay. With --check nothing is written,
and the exit code is 1 where a file is missing or stale.
"""

from __future__ import annotations

import re
import sys
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path

from opencc import OpenCC

ROOT = Path(__file__).parents[1]
WORDS = Path(__file__).with_name("zh_hans_words.toml")
FOLDERS = ("reports/wording", "auditor/wording", "rulesets/*/wording")
HEAD = "# Made from zh-Hant.toml by tools/make_zh_hans.py; change that file, not this one.\n"


def converter() -> Callable[[str], str]:
    """A function from Traditional to Simplified text."""
    words = tomllib.loads(WORDS.read_text("utf-8"))["words"]
    pattern = re.compile("|".join(re.escape(word) for word in sorted(words, key=len, reverse=True)))
    characters = OpenCC("t2s")

    def convert(text: str) -> str:
        done, at = [], 0
        for match in pattern.finditer(text):
            done += [characters.convert(text[at : match.start()]), words[match[0]]]
            at = match.end()
        return "".join([*done, characters.convert(text[at:])])

    return convert


def authored(root: Path = ROOT) -> Iterator[Path]:
    """Every zh-Hant.toml that supervisors read, in order."""
    for pattern in FOLDERS:
        yield from sorted(root.glob(f"{pattern}/zh-Hant.toml"))


def simplified(source: Path, convert: Callable[[str], str]) -> str:
    """The whole text of the zh-Hans.toml that belongs beside `source`."""
    return HEAD + convert(source.read_text("utf-8"))


def stale(root: Path = ROOT) -> list[Path]:
    """The zh-Hans.toml files that are missing or do not say what their zh-Hant.toml says."""
    convert = converter()
    wanted = [(source.with_name("zh-Hans.toml"), simplified(source, convert)) for source in authored(root)]
    return [target for target, text in wanted if not target.exists() or target.read_text("utf-8") != text]


def main(arguments: list[str]) -> int:
    if arguments == ["--check"]:
        behind = stale()
        for target in behind:
            print(f"{target.relative_to(ROOT)} is missing or stale: run tools/make_zh_hans.py", file=sys.stderr)
        return 1 if behind else 0
    if arguments:
        print(__doc__, file=sys.stderr)
        return 2
    convert = converter()
    for source in authored():
        source.with_name("zh-Hans.toml").write_text(simplified(source, convert), "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
