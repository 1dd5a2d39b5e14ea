"""Which lines are delivered, by rules that an operator writes as JSON.

    [{"name": "health checks", "action": "exclude", "field": "UserAgent",
      "matches": "^ELB-HealthChecker"},
     {"action": "include", "field": "Status", "in": ["500", "502", "503", "504"]},
     {"action": "exclude", "field": "TimeTaken", "below": 5, "count_only": true}]

A line is delivered if an include rule matches it, or there is none, and no exclude rule does.

- `field` is a key of the schema `original` or AWS's name of the column. A rule is no rule for kinds
  of logs that lack its field: an include rule about `UserAgent` drops no line of a log of
  connections.
- The conditions of a rule must all hold: `matches` (a regular expression that is searched for),
  `in` (a list of whole texts), `below` and `above` (numbers; those of durations are milliseconds),
  `cidr` (networks of an address, its port aside). `"not": true` turns them around together. An
  absent number or address is neither within nor beyond anything: the rule does not match.
- Conditions on several fields stand in a list: `"all": [{"field": …, "in": …}, {"field": …, …}]`.
- With `"count_only": true` a rule drops nothing: what it would drop is only counted.

A regular expression meets what anybody on the internet sends. One that can match the same text in
many ways, such as `(a+)+$`, can take longer for one line than an invocation lasts: write `a+$`.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from operator import and_, not_, or_, xor
from typing import Any, Literal, NamedTuple

from .conditions import READERS, Condition, check, shown
from .errors import SettingsError
from .formats import ABSENT, FORMATS, Type
from .kinds import Kind

Names = Mapping[Kind, Mapping[str, str]]
"""For each kind, the keys of its events and the columns they come from."""


class Clause(NamedTuple):
    """What is asked of one field."""

    field: str
    conditions: tuple[Condition, ...]
    inverted: bool = False


class Rule(NamedTuple):
    """One rule; all of its clauses must hold."""

    name: str
    """Under which lines are counted."""
    action: Literal["include", "exclude"]
    clauses: tuple[Clause, ...]
    count_only: bool = False


class Filter:
    """Rules, ready for the columns of each kind."""

    def __init__(self, rules: Sequence[Rule], names: Names) -> None:
        self._steps = {kind: _steps(rules, kind, keys) for kind, keys in names.items()}

    def keep(
        self,
        kind: Kind,
        columns: Mapping[str, Sequence[str]],
        count: int,
        counts: Counter[str],
    ) -> list[bool] | None:
        """Say of each of `count` lines whether it is kept; None keeps them all.

        `columns` has texts as the log wrote them, by AWS's names; in a column that is not there
        all values are absent. Each dropped line is counted once: include rules come first, and
        count what they drop together under all of their names; then each exclude rule counts what
        it drops of the lines that are left. Where `count_only` rules alone include, they count
        what they would drop; beside others they would only keep more, and count nothing.
        """
        kept = [True] * count
        for step in self._steps.get(kind, ()):
            dropped = list(map(and_, kept, step.drops(columns, count)))
            number = dropped.count(True)
            if number:
                counts[step.name] += number
            if number and not step.count_only:
                kept = list(map(xor, kept, dropped))
        return None if all(kept) else kept


def parse(text: str, names: Names) -> tuple[Rule, ...]:
    """Return the rules of a JSON text, none for an empty one.

    A SettingsError names every problem, with the rule's place in the list, from 1, and the key.
    """
    problems: list[str] = []
    read = [
        _Reader(f"rule {place}", names, problems).rule(found)
        for place, found in enumerate(_listed(text), start=1)
    ]
    rules = tuple(rule for rule in read if rule is not None)
    for name, times in Counter(rule.name for rule in rules).items():
        if times > 1:
            problems.append(f"rules: {times} have the name {name!r}")
    if problems:
        raise SettingsError("; ".join(f"filter {problem}" for problem in problems))
    return rules


def _listed(text: str) -> list[Any]:
    if not text.strip():
        return []
    try:
        found = json.loads(text, object_pairs_hook=_unique, parse_constant=_no_number)
    except (ValueError, RecursionError) as error:
        raise SettingsError(f"filter rules are not JSON: {error}") from error
    if not isinstance(found, list):
        raise SettingsError(f"filter rules are {shown(found)}, expected a list: [{{…}}, …]")
    return found


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    for key, times in Counter(key for key, _ in pairs).items():
        if times > 1:
            raise ValueError(f"{key!r} stands {times} times in one object")
    return dict(pairs)


def _no_number(constant: str) -> None:
    raise ValueError(f"{constant} is no number")


class _Reader:
    """Reads one rule and notes its problems."""

    def __init__(self, place: str, names: Names, problems: list[str]) -> None:
        self._place = place
        self._names = names
        self._problems = problems

    def rule(self, found: object) -> Rule | None:
        before = len(self._problems)
        if not isinstance(found, dict):
            self._note("", f"is {shown(found)}, expected an object")
            return None
        action = self._action(found.get("action"))
        clauses = self._clauses(found)
        name = self._name(found.get("name", self._place))
        count_only = self._flag(found, "count_only", "")
        if action is None or len(self._problems) > before:
            return None
        return Rule(name, action, clauses, count_only)

    def _note(self, key: str, problem: str) -> None:
        place = f"{self._place}: {key}" if key else self._place
        self._problems.append(f"{place} {problem}")

    def _action(self, action: object) -> Literal["include", "exclude"] | None:
        if action == "include":
            return "include"
        if action == "exclude":
            return "exclude"
        self._note("action", f"{_found(action)}, expected 'include' or 'exclude'")
        return None

    def _name(self, name: object) -> str:
        if isinstance(name, str) and name.strip():
            return name
        self._note("name", f"is {shown(name)}, expected text")
        return ""

    def _flag(self, found: Mapping[str, Any], key: str, inside: str) -> bool:
        flag = found.get(key, False)
        if not isinstance(flag, bool):
            self._note(f"{inside}{key}", f"is {shown(flag)}, expected true or false")
        return flag is True

    def _clauses(self, found: Mapping[str, Any]) -> tuple[Clause, ...]:
        if "all" not in found:
            self._known(found, (*_RULE_KEYS, *_CLAUSE_KEYS), "")
            return (self._clause(found, ""),)
        self._known(found, (*_RULE_KEYS, "all"), "")
        listed = found["all"]
        if not isinstance(listed, list) or not listed:
            self._note("all", f"is {shown(listed)}, expected a list of conditions")
            return ()
        return tuple(self._listed(each, f"all {at}") for at, each in enumerate(listed, start=1))

    def _listed(self, found: object, place: str) -> Clause:
        if not isinstance(found, dict):
            self._note(place, f"is {shown(found)}, expected an object")
            return Clause("", ())
        self._known(found, _CLAUSE_KEYS, f"{place}: ")
        return self._clause(found, f"{place}: ")

    def _known(self, found: Mapping[str, Any], known: Sequence[str], inside: str) -> None:
        for key in found:
            if key not in known:
                hint = _did_you_mean(key, known)
                self._note(f"{inside}{key}", f"is not known here{hint}")

    def _clause(self, found: Mapping[str, Any], inside: str) -> Clause:
        field = self._field(found.get("field"), inside)
        given = [key for key in READERS if key in found]
        if not given:
            self._note(inside.removesuffix(": "), f"needs one of {', '.join(READERS)}")
        conditions = []
        for key in given:
            try:
                conditions.append(READERS[key](found[key]))
            except ValueError as error:
                self._note(f"{inside}{key}", str(error))
        return Clause(field, tuple(conditions), self._flag(found, "not", inside))

    def _field(self, field: object, inside: str) -> str:
        known = {name for kind, keys in self._names.items() for name in _columns(kind, keys)}
        if isinstance(field, str) and field in known:
            return field
        hint = _did_you_mean(field, known) if isinstance(field, str) else ""
        self._note(f"{inside}field", f"{_found(field)}, expected a field of a log{hint}")
        return ""


_RULE_KEYS = ("name", "action", "count_only")
_CLAUSE_KEYS = ("field", *READERS, "not")


def _found(value: object) -> str:
    return "is missing" if value is None else f"is {shown(value)}"


def _did_you_mean(name: str, known: Iterable[str]) -> str:
    from difflib import get_close_matches

    by_lower_case = {each.lower(): each for each in sorted(known)}
    near = get_close_matches(name.lower(), by_lower_case, n=1)
    return f" (did you mean {by_lower_case[near[0]]!r}?)" if near else ""


def _columns(kind: Kind, keys: Mapping[str, str]) -> dict[str, str]:
    """Return the columns of a kind by all of their names."""
    return {name: name for name in _types(kind)} | dict(keys)


def _types(kind: Kind) -> dict[str, Type]:
    return {column.name: column.type for column in FORMATS[kind].columns}


def _steps(rules: Sequence[Rule], kind: Kind, keys: Mapping[str, str]) -> list[_Step]:
    """Return the rules that can be applied to a kind, those that include as one."""
    columns = _columns(kind, keys)
    able = [rule for rule in rules if all(clause.field in columns for clause in rule.clauses)]
    including = [rule for rule in able if rule.action == "include"]
    binding = [rule for rule in including if not rule.count_only] or including
    together = [binding] if binding else []
    alone = [[rule] for rule in able if rule.action == "exclude"]
    types = _types(kind)
    return [_Step(step, columns, types) for step in together + alone]


class _Step:
    """Exclude rules drop what any of them matches; include rules what none of them does."""

    def __init__(
        self, rules: Sequence[Rule], columns: Mapping[str, str], types: Mapping[str, Type]
    ) -> None:
        self.name = " or ".join(rule.name for rule in rules)
        self.count_only = rules[0].count_only
        self._include = rules[0].action == "include"
        self._rules = [
            [
                (name := columns[clause.field], _verdict(clause, name, types[name]))
                for clause in rule.clauses
            ]
            for rule in rules
        ]

    def drops(self, columns: Mapping[str, Sequence[str]], count: int) -> list[bool]:
        matched = [False] * count
        for rule in self._rules:
            matched = list(map(or_, matched, _matched(rule, columns, count)))
        return list(map(not_, matched)) if self._include else matched


Verdict = Callable[[str], bool]


def _verdict(clause: Clause, column: str, type_: Type) -> Verdict:
    checks = [check(condition, column, type_) for condition in clause.conditions]

    def verdict(text: str) -> bool:
        results = [answer(text) for answer in checks]
        return None not in results and all(results) is not clause.inverted

    return verdict


def _matched(
    rule: Iterable[tuple[str, Verdict]], columns: Mapping[str, Sequence[str]], count: int
) -> list[bool]:
    matched = [True] * count
    for name, verdict in rule:
        values = columns.get(name) or [ABSENT] * count
        # Most columns repeat few values, and finding them costs less than a verdict on each.
        verdicts = {value: verdict(value) for value in set(values)}
        matched = list(map(and_, matched, map(verdicts.__getitem__, values)))
    return matched
