"""Phrases that take more than one sentence of the wording: reasons, lists and names, in one language."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from markupsafe import Markup

from auditor.report.pages import Change, Report, RulesetPart, UnitSection
from auditor.report.words import Words
from auditor.score import FLOOR, MERIT, MERIT_CAP, SAME_ACT, rate


class Phrases:
    """Phrases of one report in one language."""

    def __init__(self, report: Report, words: Words) -> None:
        self._report = report
        self._words = words

    def short(self, part: RulesetPart) -> str:
        """The regulation's short name."""
        return self._words.pick(part.regulation.get("short")) or self._words.pick(part.regulation.get("title")) or part.ruleset

    def rule(self, part: RulesetPart, code: str) -> str:
        """A rule's title, else its code."""
        about = self._report.run.rules(part.ruleset).get(code, {})
        return self._words.pick(about.get("title")) or str(about.get("name") or code)

    def parameter(self, part: RulesetPart, name: str) -> str:
        """A parameter's name in words, where the ruleset has one."""
        for row in part.regulation.get("parameters") or ():
            if row["name"] == name:
                return self._words.pick(row.get("title") or row.get("label")) or name
        return name

    def field(self, part: RulesetPart, name: str) -> str:
        """A field in words, where the run tells them; of `record.field` the record stays."""
        record, _, bare = name.rpartition(".")
        words = self._words.pick((part.regulation.get("fields") or {}).get(bare))
        if not words or words == bare:
            return name
        return str(self._words("with_note", text=words, note=name).unescape()) if record else words

    def audited(self) -> str:
        """Who is audited: as the manifest says, else who issued the regulation; with the site's name."""
        told = self._words.pick(self._report.run.manifest.get("audited"))
        issuers = list(dict.fromkeys(self._words.pick(p.regulation.get("issuer")) for p in self._report.parts))
        named = told or str(self._words("list_join")).join(i for i in issuers if i)
        site = self._words.pick(self._report.run.manifest.get("site"))
        return str(self._words("with_note", text=named, note=site).unescape()) if site and site not in named else named

    def why(self, part: RulesetPart, line: Mapping[str, Any]) -> Markup | str:
        """The reason of a sheet's line."""
        words, model = self._words, self._report.run.model(part.ruleset)
        head, _, charged = str(line["reason"]).partition(":")
        if head in (MERIT_CAP, FLOOR, "ceiling"):
            return words(f"reasons.{head}", n={MERIT_CAP: model.merit_cap, FLOOR: model.floor}.get(head, model.ceiling))
        if head == MERIT:
            return words("reasons.merit", n=line["count"] or 1)
        finding = self._report.finding(line["finding_id"])
        rule = f"{finding['rule']} {self.rule(part, finding['rule'])}" if finding else ""
        if head == SAME_ACT:
            other = self._report.finding(charged)
            return words("reasons.same_act", rule=rule, case=other["case_id"] if other else charged)
        return words("reasons.breach", rule=rule)

    def persons(self, section: UnitSection) -> Markup:
        """The persons named in a unit's breaches, with figures."""
        join = self._words("list_join")
        return join.join(self._words("unit.person", person=staff, n=breaches, sheet=sheet) for staff, breaches, sheet in section.persons)

    def lack(self, part: RulesetPart, reason: str) -> Markup:
        """What an indeterminate case lacks."""
        if reason.startswith("calendar"):
            return self._words("rules.calendar", year=reason.removeprefix("calendar").strip())
        if reason == "engine":
            return self._words("rules.engine")
        return self._words("rules.missing", field=self.field(part, reason) if reason else "—")

    def lacking_fields(self) -> Markup:
        """What most of the indeterminate cases lack, with numbers."""
        counts: dict[Markup, int] = {}
        for part in self._report.parts:
            for _, reason, cases in part.indeterminate:
                lack = self.lack(part, reason)
                counts[lack] = counts.get(lack, 0) + cases
        names = sorted(counts, key=lambda r: (-counts[r], r))
        listed = [self._words("limits.lack", what=name, n=counts[name]) for name in names[:5]]
        return self._words("list_join").join(listed)

    def site_parameters(self) -> str:
        """The first of the parameters that the site set, in words."""
        names = list(
            dict.fromkeys(
                self.parameter(part, row["name"])
                for part in self._report.parts
                for row in part.regulation.get("parameters") or ()
                if row["basis"] == "site"
            )
        )
        return str(self._words("list_join")).join(names[:6]) + ("…" if len(names) > 6 else "")

    def aside(self, part: RulesetPart) -> Markup:
        """The rules whose cases are indicators or merits, with their numbers."""
        listed = [(code, n) for code, _, counts in part.rules if (n := counts["indicator"] + counts["merit"])]
        return self._words("list_join").join(Markup("{} {}").format(code, self._words.number(n)) for code, n in listed)

    def points(self, change: Change) -> str:
        """The change of the breach rate in percentage points, from the exact rates."""
        now, before = rate(change.now, change.judged_now), rate(change.before, change.judged_before)
        return "—" if now is None or before is None else self._words.points(now - before)

    def cut(self, text: str, width: int) -> str:
        """A label of at most `width` small letters' room (a Chinese character takes two), with … where it is cut."""
        room, kept = float(width), ""
        for character in text:
            room -= 2 if not character.isascii() else 1.5 if character.isupper() else 1
            if room < 1 and len(kept) + 1 < len(text):
                return kept + "…"
            kept += character
        return kept

    def signed(self, value: int) -> str:
        """+3, −10, 0."""
        return "0" if not value else f"{'+' if value > 0 else '−'}{self._words.number(abs(value))}"

    def fact(self, value: Any) -> str:
        """One value that a verdict rests on."""
        words = self._words
        if value is None:
            return str(words("blank"))
        if isinstance(value, bool):
            return str(words("yes" if value else "no"))
        if value in ("(blank)", "(on record)"):
            return str(words("blank" if value == "(blank)" else "on_record"))
        if isinstance(value, str) and len(value) in (20, 25) and value[10] == "T":
            return words.instant(value, seconds=True)
        if isinstance(value, (list, tuple)):
            return ", ".join(self.fact(v) for v in value[:12]) + ("…" if len(value) > 12 else "")
        return str(value)

    def cover(self, part: RulesetPart, waiver: Mapping[str, Any]) -> str:
        """What a waiver covers: rule, case, unit."""
        return " · ".join(str(waiver[k]) for k in ("rule", "case_id", "unit") if waiver.get(k))
