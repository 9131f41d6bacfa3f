"""The report's words in one language: sentences, numbers, times and clauses as a supervisor writes them."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta, timezone
from fractions import Fraction
from typing import Any

from markupsafe import Markup, escape

from auditor.report.reading import ASSETS, ReportError
from auditor.score import published, rate

WORDING = ASSETS / "wording"
LANGUAGES = ("zh-Hant", "zh-Hans", "en")

_SLOT = re.compile(r"\{(\w+)(?::([^{}|]*)\|([^{}|]*))?\}")
_CLAUSE_PART = re.compile(r"\.?\([^)]*\)|[^.()]+")
_MINUTE, _HOUR, _DAY = 60, 3600, 86400


class Words:
    """The wording of one language (`reports/wording/LANG.toml`).

    `words("page_one.title", n=3)` gives the sentence with its slots filled. A slot is `{n}`, or `{n:case|cases}` where the number
    decides the form ("1 case", "1,204 cases"). What is filled in is escaped; the wording itself may hold markup.
    `clean` is applied to every text before it is filled in.
    """

    def __init__(self, lang: str, clean: Callable[[str], str] = str, zone: timezone = timezone(timedelta(hours=8))) -> None:
        if lang not in LANGUAGES:
            raise ReportError(f"there is no report in {lang!r}: give one of {', '.join(LANGUAGES)}")
        self.lang = lang
        self.chinese = lang.startswith("zh")
        self._clean = clean
        self._zone = zone
        minutes = int(zone.utcoffset(None).total_seconds()) // 60
        self.zone = f"UTC{'-' if minutes < 0 else '+'}{abs(minutes) // 60:02}:{abs(minutes) % 60:02}"
        self._texts = tomllib.loads((WORDING / f"{lang}.toml").read_text("utf-8"))

    def __call__(self, key: str, /, **values: Any) -> Markup:
        """The sentence under a dotted key. Raises KeyError naming key and language where there is none."""
        text = self._find(key)
        if not isinstance(text, str):
            raise KeyError(f"reports/wording/{self.lang}.toml has no sentence {key}")
        # The wording is ours; every value is escaped on its way in.
        return Markup(_SLOT.sub(lambda slot: self._fill(slot, values, key), text))  # noqa: S704

    def has(self, key: str) -> bool:
        return isinstance(self._find(key), str)

    def named(self, group: str, name: str | None) -> str:
        """The word for a name of a closed list (`verdicts.breach`), or the name itself where a site has its own."""
        if name is None:
            return str(self("none"))
        return str(self(f"{group}.{name}")) if self.has(f"{group}.{name}") else name

    def pick(self, texts: Mapping[str, str] | str | None) -> str:
        """One text of {language: text}: this language's, else the other script's, else English, else any."""
        if texts is None or isinstance(texts, str):
            return texts or ""
        order = (self.lang, "zh-Hant", "zh-Hans", "en") if self.chinese else ("en", "zh-Hant", "zh-Hans")
        return next((texts[lang] for lang in order if texts.get(lang)), next(iter(texts.values()), ""))

    def number(self, value: float | None) -> str:
        """1,204 or 87.3; a dash where there is none."""
        if value is None:
            return "—"
        return f"{value:,}" if isinstance(value, int) else f"{value:,.1f}"

    def percent(self, part: int, whole: int) -> str:
        """`part` of `whole` in per cent, one decimal, rounded half up from the exact fraction; some, but too few to show, as <0.1%."""
        share = published(rate(part, whole))
        if share == 0 and part:
            return "<0.1%"
        return "—" if share is None else f"{share:.1f}%"

    def points(self, change: Fraction | float) -> str:
        """A change with its sign: +1.8, −0.4, ±0.0 (percentage points or points of a score)."""
        rounded = round(float(change), 1)
        return "±0.0" if not rounded else f"{'+' if rounded > 0 else '−'}{abs(rounded):.1f}"

    def duration(self, seconds: int) -> str:
        """The two largest units that count: "2 days 3 hours", "40 seconds"."""
        parts: list[tuple[str, int]] = []
        left = abs(seconds)
        for name, size in (("days", _DAY), ("hours", _HOUR), ("minutes", _MINUTE), ("seconds", 1)):
            count, left = divmod(left, size)
            if count or parts:
                parts.append((name, count))
        shown = [(name, count) for name, count in parts[:2] if count] or [("seconds", 0)]
        return str(self("duration.join")).join(str(self(f"duration.{name}", n=count)) for name, count in shown)

    def limit(self, value: int | str, unit: str) -> str:
        """A parameter with its unit: "3 working days". A decimal and a time of day are text ("0.70", "07:30:00")."""
        if unit in ("time_of_day", "text"):
            return str(value)
        count = int(value) if str(value).lstrip("-").isdigit() else value
        return str(self(f"units.{unit}", n=count)) if self.has(f"units.{unit}") else f"{count} {unit}"

    def instant(self, value: str | datetime | None, seconds: bool = False) -> str:
        """2026-09-30 23:59, local time."""
        if value is None:
            return "—"
        stamp = datetime.fromisoformat(value) if isinstance(value, str) else value
        stamp = stamp.astimezone(self._zone if stamp.tzinfo else UTC)
        return stamp.strftime("%Y-%m-%d %H:%M:%S" if seconds else "%Y-%m-%d %H:%M")

    def day(self, value: date | datetime | str | None) -> Markup:
        """2026-09-30; in Chinese 2026年9月30日. A date is not broken at a line's end."""
        if value is None:
            return Markup("—")
        return Markup('<span class="whole">{}</span>').format(self._day(value))

    def _day(self, value: date | datetime | str) -> str:
        day = date.fromisoformat(value[:10]) if isinstance(value, str) else value
        return f"{day.year}年{day.month}月{day.day}日" if self.chinese else f"{day:%Y-%m-%d}"

    def since(self, value: str | None) -> str:
        """Since when a regulation is in force; a text that bears no date is in force from its publication."""
        return str(self("since.day", day=self.day(value)) if value else self("since.publication"))

    def period(self, value: str) -> str:
        """2026Q3 as it is spoken: 2026年第3季度, 3rd quarter of 2026."""
        for pattern, key in (
            (r"(\d{4})", "year"),
            (r"(\d{4})H([12])", "half"),
            (r"(\d{4})Q([1-4])", "quarter"),
            (r"(\d{4})-(\d\d)", "month"),
        ):
            if match := re.fullmatch(pattern, value):
                return str(self(f"periods.{key}", y=match[1], p=match[2].lstrip("0") if match.lastindex == 2 else ""))
        first, _, last = value.partition("..")
        return str(self("periods.span", a=self._day(first), b=self._day(last))) if last else value

    def clause(self, number: str) -> str:
        """A clause as it is cited: 第2條第3款第(4)項; art. 2.3.(4)."""
        cited = []
        for one in re.split(r"\s*[,，;；、]\s*", number):
            figure, _, note = one.partition(" (")
            cited.append(self._one_clause(figure.strip()) if not note else f"{self._one_clause(figure.strip())}")
        return str(self("clause.join")).join(cited)

    def _one_clause(self, number: str) -> str:
        parts = [p.lstrip(".") for p in _CLAUSE_PART.findall(number)]
        if not self.chinese or not parts or len(parts) > 4 or not all(re.fullmatch(r"\(?[\w一-鿿]+\)?", p) for p in parts):
            return str(self("clause.plain", number=number))
        return "".join(f"第{part}{level}" for part, level in zip(parts, str(self("clause.levels")), strict=False))

    def _find(self, key: str) -> Any:
        value: Any = self._texts
        for part in key.split("."):
            value = value.get(part) if isinstance(value, dict) else None
        return value

    def _fill(self, slot: re.Match[str], values: Mapping[str, Any], key: str) -> str:
        name, one, many = slot.groups()
        if name not in values:
            raise KeyError(f"the sentence {key} of reports/wording/{self.lang}.toml needs {name}")
        value = values[name]
        shown = self.number(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else value
        text = str(shown) if isinstance(shown, Markup) else str(escape(self._clean(str(shown))))
        return text if one is None else f"{text} {one if value == 1 else many}"
