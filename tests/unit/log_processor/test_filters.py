"""Rules that say which lines are delivered."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from ipaddress import ip_network
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambda_src.log_processor.conditions import Above, Below, Cidr, In, Matches
from lambda_src.log_processor.errors import SettingsError
from lambda_src.log_processor.filters import Clause, Filter, Rule, parse
from lambda_src.log_processor.formats import FORMATS
from lambda_src.log_processor.kinds import Kind

NAMES = {
    kind: {column.event_key: column.name for column in format_.columns if column.event_key}
    for kind, format_ in FORMATS.items()
}

HEALTH_CHECKS: dict[str, Any] = {
    "name": "health checks",
    "action": "exclude",
    "field": "UserAgent",
    "matches": "^ELB-HealthChecker",
}
ERRORS: dict[str, Any] = {
    "name": "errors",
    "action": "include",
    "field": "Status",
    "in": ["500", "502", "503", "504"],
}
FAST: dict[str, Any] = {
    "name": "fast",
    "action": "exclude",
    "field": "TimeTaken",
    "below": 5,
    "count_only": True,
}

COLUMNS: Mapping[str, Sequence[str]] = {
    "client:port": ["192.0.2.1:80", "2001:db8::1:4430", "[2001:db8::2]:80", "-", "10.0.0.1:80"],
    "user_agent": ["ELB-HealthChecker/2.0", "curl", "-", "curl", "ELB-HealthChecker/2.0"],
    "elb_status_code": ["200", "200", "500", "502", "503"],
    "target_processing_time": ["0.001", "0.005", "-1", "2", "0.004999"],
    "request": ["GET / HTTP/1.1", "GET /a HTTP/1.1", "- - - ", "GET / HTTP/1.1", "GET /b HTTP/1.1"],
    "sent_bytes": ["0", "1", "-1", "18", "19"],
}


def made(*rules: object) -> Filter:
    return Filter(parse(json.dumps(rules), NAMES), NAMES)


def kept(
    *rules: object, kind: Kind = Kind.ALB, columns: Mapping[str, Sequence[str]] = COLUMNS
) -> tuple[list[int], dict[str, int]]:
    """Return the places of the lines that rules keep, and what they count."""
    counts: Counter[str] = Counter()
    keep = made(*rules).keep(kind, columns, 5, counts)
    assert keep is None or not all(keep)
    return [at for at in range(5) if keep is None or keep[at]], dict(counts)


def matching(**clause: object) -> list[int]:
    """Return the places of the lines that a clause holds for."""
    return kept({"action": "include", **clause})[0]


def test_rules_are_read_from_json() -> None:
    """A rule without a name has its place in the list for one."""
    unnamed = {key: value for key, value in ERRORS.items() if key != "name"}
    several = {
        "action": "exclude",
        "all": [
            {"field": "client:port", "cidr": ["10.0.0.0/8", "2001:db8::/32"], "not": True},
            {"field": "sent_bytes", "above": 1, "below": 2.5},
        ],
    }
    assert parse(json.dumps([HEALTH_CHECKS, unnamed, FAST, several]), NAMES) == (
        Rule(
            "health checks",
            "exclude",
            (Clause("UserAgent", (Matches(re.compile("^ELB-HealthChecker")),)),),
        ),
        Rule(
            "rule 2",
            "include",
            (Clause("Status", (In(frozenset({"500", "502", "503", "504"})),)),),
        ),
        Rule("fast", "exclude", (Clause("TimeTaken", (Below(5.0),)),), count_only=True),
        Rule(
            "rule 4",
            "exclude",
            (
                Clause(
                    "client:port",
                    (Cidr((ip_network("10.0.0.0/8"), ip_network("2001:db8::/32"))),),
                    inverted=True,
                ),
                Clause("sent_bytes", (Below(2.5), Above(1.0))),
            ),
        ),
    )


@pytest.mark.parametrize("text", ["", " \n", "[]"])
def test_no_rules_keep_everything(text: str) -> None:
    """An empty variable is as good as an empty list."""
    assert parse(text, NAMES) == ()
    assert Filter((), NAMES).keep(Kind.ALB, COLUMNS, 5, Counter()) is None


def test_an_exclude_rule_drops_and_counts_what_it_matches() -> None:
    """The count has the rule's name."""
    assert kept(HEALTH_CHECKS) == ([1, 2, 3], {"health checks": 2})


def test_include_rules_drop_what_none_of_them_matches() -> None:
    """Together, so they are counted together."""
    root = {"name": "root", "action": "include", "field": "FullRequest", "matches": " / "}
    assert kept(ERRORS) == ([2, 3, 4], {"errors": 2})
    assert kept(ERRORS, root) == ([0, 2, 3, 4], {"errors or root": 1})


def test_a_dropped_line_is_counted_once() -> None:
    """What was read is what was delivered, rejected, or counted by one rule."""
    again = HEALTH_CHECKS | {"name": "again", "field": "UserAgent"}
    assert kept(HEALTH_CHECKS, again, ERRORS) == ([2, 3], {"errors": 2, "health checks": 1})


def test_a_rule_can_be_tried_without_dropping() -> None:
    """It counts what it would drop of the lines that are left to it."""
    assert kept(FAST) == ([0, 1, 2, 3, 4], {"fast": 2})
    assert kept(HEALTH_CHECKS, FAST) == ([1, 2, 3], {"health checks": 2})
    assert kept(FAST, HEALTH_CHECKS) == ([1, 2, 3], {"fast": 2, "health checks": 2})


def test_an_include_rule_on_trial_counts_what_it_would_drop() -> None:
    """Beside one that is in force it could only keep more."""
    trial = ERRORS | {"name": "trial", "count_only": True}
    assert kept(trial) == ([0, 1, 2, 3, 4], {"trial": 2})
    assert kept(trial, HEALTH_CHECKS) == ([1, 2, 3], {"trial": 2, "health checks": 2})
    assert kept(trial, ERRORS | {"in": ["200"]}) == ([0, 1], {"errors": 3})


def test_all_conditions_of_a_rule_must_hold() -> None:
    """On one field, and on several."""
    assert matching(field="sent_bytes", above=0, below=19) == [1, 3]
    both = [{"field": "UserAgent", "in": ["curl"]}, {"field": "Status", "in": ["200"]}]
    assert matching(all=both) == [1]


@pytest.mark.parametrize(
    ("clause", "lines"),
    [
        ({"field": "UserAgent", "matches": "^curl$"}, [1, 3]),
        ({"field": "UserAgent", "matches": "(?i)HEALTH"}, [0, 4]),
        ({"field": "UserAgent", "in": ["-"]}, [2]),
        ({"field": "UserAgent", "in": ["cur"]}, []),
        ({"field": "user_agent", "in": ["curl"], "not": True}, [0, 2, 4]),
        ({"field": "Status", "above": 499}, [2, 3, 4]),
        ({"field": "Status", "above": 500}, [3, 4]),
        ({"field": "Status", "above": 500, "not": True}, [0, 1, 2]),
        ({"field": "sent_bytes", "below": 18}, [0, 1]),
        ({"field": "sent_bytes", "below": 18, "not": True}, [3, 4]),
        ({"field": "UserAgent", "below": 5}, []),
        ({"field": "UserAgent", "below": 5, "not": True}, []),
    ],
)
def test_conditions(clause: dict[str, Any], lines: list[int]) -> None:
    """Texts are compared as the log wrote them; an absent number matches in no way."""
    assert matching(**clause) == lines


def test_durations_are_compared_in_milliseconds() -> None:
    """As the events have them, whatever the log has."""
    assert matching(field="TimeTaken", below=5) == [0, 4]
    assert matching(field="target_processing_time", above=4.999) == [1, 3]
    times = {"connection_time": ["5", "4", "-", "0.5", "5000"]}
    below = {"action": "include", "field": "connection_time", "below": 5}
    assert kept(below, kind=Kind.NLB, columns=times)[0] == [1, 3]


@pytest.mark.parametrize(
    ("networks", "lines"),
    [
        ("192.0.2.0/24", [0]),
        ("2001:db8::1/128", [1]),
        ("2001:db8::/32", [1, 2]),
        (["10.0.0.0/8", "192.0.2.1"], [0, 4]),
        ("0.0.0.0/0", [0, 4]),
        ("203.0.113.0/24", []),
    ],
)
def test_addresses_are_compared_with_networks(networks: object, lines: list[int]) -> None:
    """A port, after the last colon, is no part of the address."""
    assert matching(field="PublicIpAndPort", cidr=networks) == lines


def test_addresses_stand_in_other_columns_too() -> None:
    """With a port or without one, and IPv4 may come as IPv6."""
    addresses = ["10.0.0.1", "::ffff:10.0.0.2", "2001:db8::1", "-", "x"]
    inside = {"action": "include", "field": "client_ip", "cidr": "10.0.0.0/8"}
    columns = {"client_ip": addresses}
    assert kept(inside, kind=Kind.ALB_CONNECTION, columns=columns)[0] == [0, 1]
    assert kept(inside | {"not": True}, kind=Kind.ALB_CONNECTION, columns=columns)[0] == [2]
    checked = {"target_addr": ["10.0.0.1:80", "10.0.0.1", "2001:db8::1:80", "-", ":80"]}
    target = {"action": "include", "field": "InternalIpAndPort", "cidr": "10.0.0.0/8"}
    assert kept(target, kind=Kind.ALB_HEALTH_CHECK, columns=checked)[0] == [0, 1]


def test_a_rule_is_none_for_kinds_without_its_field() -> None:
    """A log of connections has no user agent: neither kind of rule drops its lines."""
    columns = {"client_ip": ["192.0.2.1"] * 5}
    for rule in (HEALTH_CHECKS, ERRORS, HEALTH_CHECKS | {"not": True}):
        assert kept(rule, kind=Kind.ALB_CONNECTION, columns=columns) == ([0, 1, 2, 3, 4], {})
    both = {"action": "exclude", "all": [{"field": "Status", "in": ["200"]}, CLIENT]}
    assert kept(both, kind=Kind.ALB_CONNECTION, columns=columns)[0] == [0, 1, 2, 3, 4]
    assert made(ERRORS).keep(Kind.UNKNOWN, {}, 5, Counter()) is None


CLIENT = {"field": "client_ip", "in": ["192.0.2.1"]}


def test_a_column_that_a_table_lacks_is_absent() -> None:
    """Lines of an old log are shorter."""
    columns = {"user_agent": COLUMNS["user_agent"]}
    missing = {"action": "exclude", "field": "Classification", "in": ["-"]}
    assert kept(missing, columns=columns)[0] == []
    assert kept(missing | {"in": ["Ambiguous"]}, columns=columns)[0] == [0, 1, 2, 3, 4]


FIELD = {"action": "exclude", "field": "UserAgent"}


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("[", "filter rules are not JSON: Expecting value: line 1 column 2 (char 1)"),
        ("{}", "filter rules are {}, expected a list: [{…}, …]"),
        ("[NaN]", "filter rules are not JSON: NaN is no number"),
        ('[{"in": 1, "in": 2}]', "filter rules are not JSON: 'in' stands 2 times in one object"),
        ("[5]", "filter rule 1 is 5, expected an object"),
    ],
)
def test_what_is_no_list_of_rules_is_refused(text: str, problem: str) -> None:
    """The message says what was found and what is expected."""
    with pytest.raises(SettingsError) as refused:
        parse(text, NAMES)
    assert str(refused.value) == problem


@pytest.mark.parametrize(
    ("rule", "problem"),
    [
        (FIELD, "rule 1 needs one of matches, in, below, above, cidr"),
        (
            FIELD | {"in": ["a"], "action": "drop"},
            "rule 1: action is 'drop', expected 'include' or 'exclude'",
        ),
        (
            {"field": "Status", "in": ["a"]},
            "rule 1: action is missing, expected 'include' or 'exclude'",
        ),
        ({"action": "exclude", "in": ["a"]}, "rule 1: field is missing, expected a field of a log"),
        (
            FIELD | {"field": "Useragent", "in": ["a"]},
            "rule 1: field is 'Useragent', expected a field of a log (did you mean 'UserAgent'?)",
        ),
        (
            FIELD | {"field": "elb_status", "in": ["a"]},
            "rule 1: field is 'elb_status', expected a field of a log "
            "(did you mean 'elb_status_code'?)",
        ),
        (FIELD | {"field": 5, "in": ["a"]}, "rule 1: field is 5, expected a field of a log"),
        (
            FIELD | {"match": "a", "in": ["a"]},
            "rule 1: match is not known here (did you mean 'matches'?)",
        ),
        (
            FIELD | {"matches": "a(b"},
            "rule 1: matches is 'a(b', no regular expression: "
            "missing ), unterminated subpattern at position 1",
        ),
        (
            FIELD | {"matches": "[[a]"},
            "rule 1: matches is '[[a]', no regular expression: Possible nested set at position 1",
        ),
        (FIELD | {"matches": 5}, "rule 1: matches is 5, expected a regular expression"),
        (FIELD | {"in": "a"}, "rule 1: in is 'a', expected a list of texts"),
        (FIELD | {"in": []}, "rule 1: in is [], expected a list of texts"),
        (FIELD | {"in": ["a", 500]}, "rule 1: in has 500, expected text: put it in quotes"),
        (FIELD | {"below": "5"}, "rule 1: below is '5', expected a number, not in quotes"),
        (FIELD | {"above": True}, "rule 1: above is True, expected a number, not in quotes"),
        (
            FIELD | {"cidr": "10.0.0.1/8"},
            "rule 1: cidr is '10.0.0.1/8': 10.0.0.1/8 has host bits set",
        ),
        (
            FIELD | {"cidr": []},
            "rule 1: cidr is [], expected a network such as '10.0.0.0/8', or a list",
        ),
        (FIELD | {"in": ["a"], "not": 1}, "rule 1: not is 1, expected true or false"),
        (
            FIELD | {"in": ["a"], "count_only": None},
            "rule 1: count_only is None, expected true or false",
        ),
        (FIELD | {"in": ["a"], "name": ""}, "rule 1: name is '', expected text"),
        ({"action": "exclude", "all": []}, "rule 1: all is [], expected a list of conditions"),
        ({"action": "exclude", "all": ["a"]}, "rule 1: all 1 is 'a', expected an object"),
        (
            {"action": "exclude", "all": [{"field": "Status", "in": ["a"]}, {"field": "Status"}]},
            "rule 1: all 2 needs one of matches, in, below, above, cidr",
        ),
        (
            {"action": "exclude", "all": [{"field": "Status", "in": ["a"], "name": "b"}]},
            "rule 1: all 1: name is not known here",
        ),
        (
            {"action": "exclude", "field": "Status", "all": [{"field": "Status", "in": ["a"]}]},
            "rule 1: field is not known here",
        ),
    ],
)
def test_a_problem_names_rule_key_and_what_is_expected(rule: object, problem: str) -> None:
    """Nobody has to guess which of twenty rules is meant."""
    with pytest.raises(SettingsError) as refused:
        parse(json.dumps([rule]), NAMES)
    assert str(refused.value) == f"filter {problem}"


@pytest.mark.parametrize("limit", ["1e999", "-1e19", "1" + "0" * 400])
def test_a_limit_is_a_number_that_a_column_can_have(limit: str) -> None:
    """Infinity is none."""
    rule = json.dumps([FIELD]).replace("}", f', "below": {limit}}}')
    with pytest.raises(SettingsError, match=r"rule 1: below is .*, expected a number"):
        parse(rule, NAMES)


def test_all_problems_are_reported_at_once() -> None:
    """Nobody corrects one rule to learn of the next."""
    rules = [{"action": "x"}, HEALTH_CHECKS, FIELD | {"in": 5, "not": 0}, HEALTH_CHECKS]
    with pytest.raises(SettingsError) as refused:
        parse(json.dumps(rules), NAMES)
    assert str(refused.value).split("; ") == [
        "filter rule 1: action is 'x', expected 'include' or 'exclude'",
        "filter rule 1: field is missing, expected a field of a log",
        "filter rule 1 needs one of matches, in, below, above, cidr",
        "filter rule 3: in is 5, expected a list of texts",
        "filter rule 3: not is 0, expected true or false",
        "filter rules: 2 have the name 'health checks'",
    ]


KEYS = (
    *("name", "action", "field", "all", "not", "count_only"),
    *("matches", "in", "below", "above", "cidr"),
)
values: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: (
        st.lists(inner)
        | st.dictionaries(
            st.sampled_from(KEYS),
            inner | st.sampled_from(["include", "exclude", "Status", "10.0.0.0/8"]),
        )
    ),
    max_leaves=20,
)


@given(st.text() | values.map(json.dumps) | st.lists(values).map(json.dumps))
def test_rules_are_read_or_refused(text: str) -> None:
    """Whatever the variable holds, and what is read can be used."""
    try:
        rules = parse(text, NAMES)
    except SettingsError:
        return
    Filter(rules, NAMES).keep(Kind.ALB, COLUMNS, 5, Counter())


rows = st.lists(
    st.tuples(
        st.sampled_from(["200", "404", "500", "-"]),
        st.sampled_from(["curl", "-", "ELB-HealthChecker/2.0"]),
    ),
    max_size=8,
)
rules = st.lists(
    st.fixed_dictionaries(
        {
            "action": st.sampled_from(["include", "exclude"]),
            "field": st.sampled_from(["Status", "UserAgent"]),
            "in": st.lists(st.sampled_from(["200", "500", "curl", "-"]), min_size=1),
            "not": st.booleans(),
            "count_only": st.booleans(),
        }
    ),
    max_size=4,
)


@given(rules, rows)
def test_columns_give_what_lines_would(
    listed: list[dict[str, Any]], lines: list[tuple[str, str]]
) -> None:
    """The rules in words, one line at a time; and every dropped line is counted."""
    columns = {
        "elb_status_code": [line[0] for line in lines],
        "user_agent": [line[1] for line in lines],
    }
    counts: Counter[str] = Counter()
    keep = made(*listed).keep(Kind.ALB, columns, len(lines), counts)

    def matches(rule: dict[str, Any], line: tuple[str, str]) -> bool:
        text = line[0] if rule["field"] == "Status" else line[1]
        return (text in rule["in"]) is not rule["not"]

    force = [rule for rule in listed if not rule["count_only"]]
    include = [rule for rule in force if rule["action"] == "include"]
    exclude = [rule for rule in force if rule["action"] == "exclude"]
    expected = [
        (not include or any(matches(rule, line) for rule in include))
        and not any(matches(rule, line) for rule in exclude)
        for line in lines
    ]
    assert keep == (None if all(expected) else expected)
    named = {f"rule {at}" for at, rule in enumerate(listed, start=1) if rule["count_only"]}
    dropped = sum(number for name, number in counts.items() if not named & set(name.split(" or ")))
    assert dropped == expected.count(False)
