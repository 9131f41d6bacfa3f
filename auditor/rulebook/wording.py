"""The words that a supervisor reads: Traditional Chinese and English are authored, Simplified Chinese is made at build time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from auditor.toml_source import TomlSource, read_toml

OWN_WORDING = Path(__file__).resolve().parent.parent / "wording"
"""The auditor's own words."""

LANGUAGES = ("zh-Hant", "zh-Hans", "en")


@dataclass(frozen=True)
class Wording:
    """Texts by language and key."""

    sources: Mapping[str, TomlSource]

    def get(self, language: str, *keys: str) -> str | None:
        """The text under the keys; None where there is none."""
        value: Any = self.sources[language].data
        for key in keys:
            if not isinstance(value, dict) or key not in value:
                return None
            value = value[key]
        return value if isinstance(value, str) else None

    def text(self, language: str, *keys: str) -> str:
        """The text under the keys. Raises KeyError naming file and keys where there is none."""
        value = self.get(language, *keys)
        if value is None:
            raise KeyError(f"{self.sources[language].path} has no text for {'.'.join(keys)}")
        return value

    def texts(self, language: str, *keys: str) -> dict[str, str]:
        """The texts that stand straight below the keys, by their last key; empty where there are none."""
        value: Any = self.sources[language].data
        for key in keys:
            value = value.get(key) if isinstance(value, dict) else None
        return {key: text for key, text in value.items() if isinstance(text, str)} if isinstance(value, dict) else {}

    def all(self, *keys: str) -> dict[str, str]:
        """Language → text."""
        return {language: self.text(language, *keys) for language in LANGUAGES}

    def all_or_none(self, *keys: str) -> dict[str, str] | None:
        """Language → text, or None where the keys are not written."""
        return self.all(*keys) if self.get("en", *keys) is not None else None

    def place(self, language: str, *keys: str) -> str:
        return self.sources[language].place(*keys)


def load_wording(folder: Path) -> Wording:
    """The wording files of a folder, one a language."""
    return Wording({language: read_toml(folder / f"{language}.toml") for language in LANGUAGES})
