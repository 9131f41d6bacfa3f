"""Everything that can be wrong in a ruleset, found when it is loaded."""

from __future__ import annotations

import string

from auditor.contract import Record
from auditor.derive.questions import BUILT, ask
from auditor.engine import RuleRefusedError, compile_rule
from auditor.instants import DEFAULT_ZONE
from auditor.parameters import SECONDS, load_parameters
from auditor.rulebook.ruleset import Ruleset, RulesetError, place
from auditor.rulebook.tables import check_tables
from auditor.rulebook.wording import LANGUAGES, OWN_WORDING, load_wording
from auditor.vocabulary.expressions import NEVER_TRUE, Blank, Compare, Expr, Ref, fields_of, leaves
from auditor.vocabulary.limits import After, AfterPeriod, Before, By, FollowingMonth, FromPeriodStart, Given
from auditor.vocabulary.rules import Content, Deadline, Duty, Forbidden, Merit, Rule, State

PLACEHOLDERS = (
    "unit",
    "person",
    "case",
    "due",
    "done",
    "overdue",
    "counted",
    "as_of",
    "reason",
    "blank_fields",
    "duty",
    "deed",
    "limit",
    "period",
)
"""What every message may name."""

OBLIGATION_FIELDS = ("case_id", "org_id", "subject_id", "period", "period_start", "period_end", "clock_at", "due_at", "done_at")
MESSAGES = ("duty", "deed", "breach", "late", "undone", "incomplete", "indeterminate", "indicator", "merit")
"""What a rule may say in its own words, with the names of values in braces."""

_TYPES = {
    "id": "str",
    "text": "str",
    "code": "str",
    "bool": "int",
    "int": "int",
    "time": "int",
    "date": "int",
    "num": "num",
    "list": "list",
}
"""What a column of a record is to the engine, which takes neither decimals nor lists."""

_WORDS = {"deadline": "duty", "duty": "duty", "content": "duty", "forbidden": "deed", "state": "deed", "merit": "deed"}


def check_ruleset(ruleset: Ruleset) -> None:
    """Raises RulesetError for the first mistake found, with file and line."""
    parameters = load_parameters(ruleset.folder / "parameters.toml", None, None, DEFAULT_ZONE)
    for record in ruleset.regulation.reads:
        if record not in ruleset.contract:
            raise RulesetError(f"{ruleset.folder / '__init__.py'}, line 1: reads names {record!r}, which is no canonical record")
    check_tables(ruleset)
    for rule in ruleset.rules.values():
        _check_questions(rule)
        _check_fields(rule, ruleset)
        _check_links(rule, ruleset)
        _check_parameters(rule, ruleset, {p.name: p.unit for p in parameters})
        _check_wording(rule, ruleset)
    _ = ruleset.ordered
    for rule in ruleset.rules.values():
        _check_engine(rule, ruleset)


def check_complete(ruleset: Ruleset) -> None:
    """Raises RulesetError where a clause or a parameter is left without a rule, or without words."""
    _check_clauses(ruleset)
    _check_statements(ruleset)
    _check_field_names(ruleset)
    _check_parameter_names(ruleset, {p.name for p in load_parameters(ruleset.folder / "parameters.toml", None, None, DEFAULT_ZONE)})


def _check_questions(rule: Rule) -> None:
    """Each question of the rule is a condition."""
    try:
        for _, condition in _conditions(rule):
            list(leaves(condition))
        ask(rule)
    except TypeError as error:
        raise RulesetError(f"{place(rule)}: {error}") from error


def _check_fields(rule: Rule, ruleset: Ruleset) -> None:
    known = _known_fields(rule, ruleset)
    for what, name in _fields_named(rule):
        if name not in known and not (what.startswith("condition") and name in BUILT):
            raise RulesetError(f"{place(rule)}: {what} names {name!r}, which is neither a field nor a fact of {rule.record}")
    for what, condition in _conditions(rule):
        if what == "population":
            for leaf in leaves(condition):
                if leaf.field in BUILT and leaf.field not in known:
                    raise RulesetError(f"{place(rule)}: the population names {leaf.field!r}, which exists only once a case is due")
    for name in rule.cites:
        fact = ruleset.facts.facts.get((f"obligation:{rule.code}" if isinstance(rule, Duty) else rule.record, name))
        if fact is None or fact.row_of is None:
            raise RulesetError(f"{place(rule)}: cites names {name!r}, which is no row fact of {rule.record}")


def _known_fields(rule: Rule, ruleset: Ruleset) -> set[str]:
    known = {name for frame, name in ruleset.facts.facts if frame == rule.record}
    record: Record | None = ruleset.contract.get(rule.record)
    if record is not None:
        return known | set(record.names)
    if isinstance(rule, Duty):
        return known | set(OBLIGATION_FIELDS) | {n for f, n in ruleset.facts.facts if f == f"obligation:{rule.code}"}
    if rule.record not in ruleset.facts.tables:
        raise RulesetError(f"{place(rule)}: {rule.record!r} is neither a canonical record nor a table of cases of facts.py")
    return known | set(ruleset.facts.tables[rule.record].columns)


def _conditions(rule: Rule) -> list[tuple[str, Expr]]:
    found = [("population", rule.population), *((f"condition for {reason}", c) for reason, c in rule.unknown.items())]
    match rule:
        case Deadline():
            found += [("condition incomplete", rule.incomplete), ("condition wrong", rule.wrong)]
        case Forbidden() | State() | Content():
            found.append(("condition broken", rule.broken))
        case Merit():
            found.append(("condition earned", rule.earned))
    return found


def _fields_named(rule: Rule) -> list[tuple[str, str]]:
    named = [(what, name) for what, condition in _conditions(rule) for name in fields_of(condition)]
    named += [("liable", name) for name in (*rule.liable.units, *rule.liable.staff)]
    named += [("liable", name) for name in (rule.liable.warranty, rule.liable.contractor) if name]
    named += [("liable", rule.liable.sole_by[0])] if rule.liable.sole_by else []
    named += [("shows", name) for name in rule.shows]
    named += [("subject", name) for name in (rule.subject,) if name]
    named += [("unknown_at", name) for name in (rule.unknown_at,) if name]
    match rule:
        case Deadline():
            named += [("act", name) for name in rule.acts]
            match rule.due:
                case After(start=start, limit=limit):
                    named.append(("due", start))
                    if isinstance(limit, By):
                        named.append(("due", limit.field))
                case Before(event=event):
                    named.append(("due", event))
                case Given(due=due, start=start, year_unknown=year):
                    named += [("due", name) for name in (due, start, year) if name]
        case Forbidden() | Content():
            named.append(("at", rule.at))
        case Merit():
            named += [("at", name) for name in (rule.at,) if name]
    return named


def _check_links(rule: Rule, ruleset: Ruleset) -> None:
    for code in rule.reasons_on:
        if code not in ruleset.rules:
            raise RulesetError(f"{place(rule)}: reasons_on names {code}, which is no rule of {ruleset.name}")
    if isinstance(rule, Deadline) and not rule.acts and rule.incomplete == NEVER_TRUE:
        raise RulesetError(f"{place(rule)}: a time limit needs an act, or incomplete, which tells what must be on record once due is past")
    if isinstance(rule, Duty):
        for what, name in (("proofs", rule.proofs), ("falls", rule.falls)):
            if name is not None and name not in ruleset.facts.functions:
                raise RulesetError(f"{place(rule)}: {what} names {name!r}, which is no function of facts.py")
    for _, condition in _conditions(rule):
        for leaf in leaves(condition):
            if isinstance(leaf, Compare) and isinstance(leaf.value, Ref):
                continue
            if isinstance(leaf, Compare | Blank) and ruleset.contract.get(rule.record) is not None:
                _check_code(rule, ruleset, leaf)


def _check_code(rule: Rule, ruleset: Ruleset, leaf: Compare | Blank) -> None:
    record = ruleset.contract[rule.record]
    if isinstance(leaf, Compare) and leaf.field in record:
        field = record.field(leaf.field)
        if field.kind == "code" and leaf.value not in field.codes:
            raise RulesetError(f"{place(rule)}: {leaf.field} is never {leaf.value!r}; its codes are {', '.join(field.codes)}")


def _check_engine(rule: Rule, ruleset: Ruleset) -> None:
    """The engine takes the rule's questions: no name that it misreads, nothing that it would convert, not too large."""
    questions = ruleset.asked[rule.code].questions
    record = ruleset.contract.get(rule.record)
    types: dict[str, str] = {}
    for leaf in (leaf for question in (questions.unknown, questions.broken, questions.open) for leaf in leaves(question)):
        if isinstance(leaf, Compare):
            # What a fact gives is known once it is derived; until then it is taken at the rule's word.
            said = "int" if isinstance(leaf.value, Ref) else type(leaf.value).__name__
            names = (leaf.field, leaf.value.name) if isinstance(leaf.value, Ref) else (leaf.field,)
            for name in names:
                types.setdefault(name, _TYPES[record.field(name).kind] if record is not None and name in record else said)
    try:
        compile_rule(rule.code, questions, types)
    except RuleRefusedError as refusal:
        raise RulesetError(f"{place(rule)}: {refusal}") from None


def _check_parameters(rule: Rule, ruleset: Ruleset, units: dict[str, str]) -> None:
    for name in ruleset.parameters_of(rule):
        if name not in units:
            raise RulesetError(f"{place(rule)}: there is no parameter {name!r} in {ruleset.folder / 'parameters.toml'}")
    limits: list[str] = []
    if isinstance(rule, Deadline):
        match rule.due:
            case After(limit=By(parameters=chosen)):
                limits = list(chosen.values())
            case After(limit=str(name)) | Before(limit=str(name)):
                limits = [name]
    for name in limits:
        if units[name] not in (*SECONDS, "working_day"):
            raise RulesetError(f"{place(rule)}: the parameter {name} is in {units[name]}, which measures no time limit")
        if isinstance(rule, Deadline) and isinstance(rule.due, Before) and units[name] == "working_day":
            raise RulesetError(f"{place(rule)}: a limit before an event runs on the clock; {name} is in working days")
    if isinstance(rule, Duty):
        match rule.due:
            case AfterPeriod(limit=name) | FromPeriodStart(days=name) if units[name] != "d":
                raise RulesetError(f"{place(rule)}: the parameter {name} is in {units[name]}; a period's limit is in d")
            case FollowingMonth(day=name) if units[name] != "day_of_month":
                raise RulesetError(f"{place(rule)}: the parameter {name} is in {units[name]}; it must be a day_of_month")


def _check_wording(rule: Rule, ruleset: Ruleset) -> None:
    wording = ruleset.wording
    names = {name for _, name in _fields_named(rule)} | set(PLACEHOLDERS) | set(rule.shows)
    for language in LANGUAGES:
        for key in ("title", _WORDS[rule.kind], "effect", "remedy"):
            if wording.get(language, "rules", rule.code, key) is None:
                raise RulesetError(f"{wording.place(language, 'rules', rule.code)}: the rule has no {key} in {language}")
        for key in MESSAGES:
            template = wording.get(language, "rules", rule.code, key)
            where = wording.place(language, "rules", rule.code, key)
            try:
                parts = list(string.Formatter().parse(template or ""))
            except ValueError:
                raise RulesetError(f"{where}: a brace of the message is open or alone; write {{name}}, or {{{{ for a brace") from None
            for _, name, _, _ in parts:
                if name is not None and name not in names:
                    raise RulesetError(
                        f"{where}: the message names {{{name}}}, which the rule does not show; "
                        f"add it to shows, or use one of {', '.join(sorted(names))}"
                    )


def _check_clauses(ruleset: Ruleset) -> None:
    path = ruleset.folder / "clauses.toml"
    numbers = [c.number for c in ruleset.clauses]
    for clause in ruleset.clauses:
        if numbers.count(clause.number) > 1:
            raise RulesetError(f"{path}, line {clause.line}: the clause {clause.number} stands twice")
        rules = ruleset.rules_of(clause.number)
        if (clause.coverage == "by_rule") != bool(rules):
            said = (
                "is marked by_rule, but no rule cites it" if not rules else f"is marked {clause.coverage}, but {', '.join(rules)} cite it"
            )
            raise RulesetError(f"{path}, line {clause.line}: the clause {clause.number} {said}")
        for language in LANGUAGES:
            for key in ("summary", *(("check",) if clause.coverage == "by_hand" else ())):
                if ruleset.wording.get(language, "clauses", clause.number, key) is None:
                    raise RulesetError(
                        f"{ruleset.wording.place(language, 'clauses', clause.number)}: the clause has no {key} in {language}"
                    )
    for rule in ruleset.rules.values():
        for number in ruleset.clauses_of(rule):
            if number not in numbers:
                raise RulesetError(f"{place(rule)}: cites clause {number}, which {path} does not list")


def _check_statements(ruleset: Ruleset) -> None:
    own = load_wording(OWN_WORDING)
    for statement in ruleset.facts.statements.values():
        code = statement.function.__code__
        where = f"{code.co_filename}, line {code.co_firstlineno}, statement {statement.name}"
        if statement.rule not in ruleset.rules:
            raise RulesetError(f"{where}: {statement.rule} is no rule of {ruleset.name}")
        record = ruleset.contract.get(statement.frame)
        known = {name for frame, name in ruleset.facts.facts if frame == statement.frame} | set(record.names if record else ())
        for name in (statement.holder, *statement.columns):
            if name not in known:
                raise RulesetError(f"{where}: {name!r} is neither a field nor a fact of {statement.frame}")
        for name in (*statement.money, *statement.totals):
            if name not in statement.columns:
                raise RulesetError(f"{where}: {name!r} is no column of it")
        for language in LANGUAGES:
            for key in ("title", "note"):
                if ruleset.wording.get(language, "statements", statement.name, key) is None:
                    raise RulesetError(f"{ruleset.wording.place(language, 'statements', statement.name)}: it has no {key} in {language}")
            for name in statement.columns:
                if ruleset.wording.get(language, "facts", name, "name") is None and own.get(language, "fields", name) is None:
                    raise RulesetError(f"{ruleset.wording.place(language, 'facts')}: {name} of {statement.name} has no name in {language}")


def _check_field_names(ruleset: Ruleset) -> None:
    own = load_wording(OWN_WORDING)
    for rule in ruleset.rules.values():
        told = {*rule.unknown, *(n for what, n in _fields_named(rule) if what in ("condition broken", "condition incomplete"))}
        for name in sorted(told - set(BUILT)):
            for language in LANGUAGES:
                if ruleset.wording.get(language, "facts", name, "name") is None and own.get(language, "fields", name) is None:
                    raise RulesetError(
                        f"{ruleset.wording.place(language, 'facts')}: messages of {rule.code} speak of {name}, which has no name; "
                        f"write [facts.{name}] name = ..."
                    )


def _check_parameter_names(ruleset: Ruleset, names: set[str]) -> None:
    used = {name for rule in ruleset.rules.values() for name in ruleset.parameters_of(rule)}
    for name in sorted(names - used):
        raise RulesetError(
            f"{ruleset.folder / 'parameters.toml'}: no rule uses the parameter {name}; delete it, or name it in a rule's parameters"
        )
    for name in sorted(names):
        for language in LANGUAGES:
            if ruleset.wording.get(language, "parameters", name, "name") is None:
                raise RulesetError(f"{ruleset.wording.place(language, 'parameters', name)}: the parameter {name} has no name in {language}")
