"""The report's skeleton: numbered chapters, tables and figures, so that every mention and every heading agree."""

from __future__ import annotations

from dataclasses import dataclass

from markupsafe import Markup

from auditor.report.pages import Report
from auditor.report.words import Words

PART_CHAPTERS = ("results", "findings", "unit", "statements", "other", "rules", "coverage", "data", "parameters")
END_CHAPTERS = ("method", "limits", "reply", "numbers", "signatures")


@dataclass(frozen=True, slots=True)
class Chapter:
    number: int
    name: str
    ruleset: str | None
    title: str

    @property
    def anchor(self) -> str:
        return f"c-{self.name}-{self.ruleset}" if self.ruleset else f"c-{self.name}"


class Outline:
    """Chapters in order, and the numbers of tables and figures: each gets the next number when first mentioned."""

    def __init__(self, report: Report, words: Words) -> None:
        self._words = words
        self._tables: dict[str, int] = {}
        self._figures: dict[str, int] = {}
        self.chapters: list[Chapter] = []
        several = len(report.parts) > 1
        for part in report.parts:
            short = words.pick(part.regulation.get("short")) or words.pick(part.regulation.get("title")) or part.ruleset
            for name in PART_CHAPTERS:
                if name == "unit" and not part.unit_sections:
                    continue
                if name == "statements" and not report.run.statements(part.ruleset):
                    continue
                title = str(words(f"{name}.title"))
                self._add(name, part.ruleset, words("chapter_of", title=title, ruleset=short) if several else title)
        for name in END_CHAPTERS:
            self._add(name, None, str(words(f"{name}.title")))

    def _add(self, name: str, ruleset: str | None, title: str) -> None:
        plain = title.unescape() if isinstance(title, Markup) else title
        self.chapters.append(Chapter(len(self.chapters) + 1, name, ruleset, plain))

    def chapter(self, name: str, ruleset: str | None = None) -> Chapter:
        return next(c for c in self.chapters if (c.name, c.ruleset) == (name, ruleset))

    def table(self, key: str) -> Markup:
        """The linked mention of a table."""
        return self._mention("table", self._tables, key)

    def figure(self, key: str) -> Markup:
        """The linked mention of a figure."""
        return self._mention("figure", self._figures, key)

    def label(self, kind: str, key: str) -> Markup:
        """The label above the table or figure itself; it must have been mentioned."""
        return self._words(kind, n=str((self._tables if kind == "table" else self._figures)[key]))

    def _mention(self, kind: str, numbers: dict[str, int], key: str) -> Markup:
        number = numbers.setdefault(key, len(numbers) + 1)
        return Markup('<a href="#{}-{}">{}</a>').format(kind, key, self._words(kind, n=str(number)))
