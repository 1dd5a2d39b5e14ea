"""No statement holds for whatever there is, unless its resource's metadata says why it has to."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from infra.assembly import assemble
from infra.blocks.reasons import WILDCARD_REASONS

from .environments import environments
from .identities import Place, Resource
from .resolver import concrete

OBJECTS = re.compile(r"[^*?/]+(/[^*?/]+)*/\*")
"""`bucket/folder/*`: what is in a folder, or in a bucket."""

PARTS = re.compile(r"[^*?/:]+[/:][^*?]+[/:]\*")
"""`log-group:/aws/lambda/name:*`: what belongs to one thing of a kind."""


def is_boundless(resource: str) -> bool:
    """Whether it means more than one thing of ours and what belongs to it."""
    if not re.search(r"[*?]", resource):
        return False
    _, *outer, last = resource.split(":", 5) if resource.startswith("arn:") else ("", "*", resource)
    service = outer[1] if len(outer) > 1 else ""
    whole = OBJECTS if service == "s3" else PARTS
    return any(re.search(r"[*?]", part) for part in outer) or not whole.fullmatch(last)


@pytest.mark.parametrize(
    ("resource", "boundless"),
    [
        ("*", True),
        ("arn:aws:s3:::*", True),
        ("arn:aws:s3:::logs-*/AWSLogs/1/x", True),
        ("arn:aws:s3:::logs/state*", True),
        ("arn:aws:s3:::logs/*", False),
        ("arn:aws:s3:::logs/state/*", False),
        ("arn:aws:s3:::logs", False),
        ("arn:*:s3:::logs/state/*", True),
        ("arn:aws:sqs:eu-west-1:123456789012:*", True),
        ("arn:aws:sqs:*:123456789012:orders", True),
        ("arn:aws:sqs:eu-west-1:123456789012:orders", False),
        ("arn:aws:logs:eu-west-1:123456789012:log-group:*", True),
        ("arn:aws:logs:eu-west-1:123456789012:log-group:/aws/lambda/*:*", True),
        ("arn:aws:logs:eu-west-1:123456789012:log-group:/aws/lambda/one:*", False),
        ("arn:aws:secretsmanager:eu-west-1:123456789012:secret:logstash-??????", True),
        ("arn:aws:lambda:eu-west-1:123456789012:function:one:*", False),
    ],
)
def test_a_wildcard_may_only_stand_for_what_belongs_to_one_thing(
    resource: str, boundless: bool
) -> None:
    """Objects of a bucket, streams of a log group, versions of a function."""
    assert is_boundless(resource) is boundless


@pytest.mark.parametrize("name", environments())
def test_every_boundless_statement_has_its_reason_and_no_other_has(name: str) -> None:
    """It stands under WildcardReasons in the resource's metadata, by the statement's Sid."""
    resources = [
        each
        for stack in concrete(assemble(environments()[name]))
        for each in stack.resources.values()
    ]
    without = [
        f"{each.title}: {sid}"
        for each in resources
        for sid in boundless(each)
        if sid not in reasons(each)
    ]
    in_vain = [
        f"{each.title}: {sid}"
        for each in resources
        for sid in reasons(each)
        if sid not in boundless(each)
    ]
    assert (without, in_vain) == ([], [])
    assert all(len(why.split()) > 3 for each in resources for why in reasons(each).values())


def test_a_statement_without_a_reason_is_named() -> None:
    """Also one that allows every action, or everything but some."""
    wide = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": ["*"]}
    every = {"Effect": "Allow", "Action": "s3:*", "Resource": ["arn:aws:s3:::logs/*"]}
    other = {"Effect": "Allow", "NotAction": "s3:GetObject", "Resource": ["arn:aws:s3:::logs/*"]}
    deny = {"Effect": "Deny", "Action": "s3:*", "Resource": ["arn:aws:s3:::logs/*"]}
    statements = {"A": wide, "B": every, "C": other, "D": deny, "E": {**deny, "Resource": "*"}}
    policy = {"PolicyDocument": {"Statement": [{"Sid": k, **v} for k, v in statements.items()]}}
    role = Resource("dev", "Role", "AWS::IAM::Role", {"Policies": [policy]}, Place())
    assert boundless(role) == ["A", "B", "C", "E"]


def reasons(resource: Resource) -> Mapping[str, str]:
    """What the resource's metadata gives as reasons, by Sid."""
    found: Mapping[str, str] = resource.metadata.get(WILDCARD_REASONS, {})
    return found


def boundless(resource: Resource) -> list[str]:
    """The Sids of the statements, wherever in the resource, that hold for whatever there is."""
    return [
        statement.get("Sid", "a statement without a Sid")
        for statement in statements_in(resource.properties)
        if is_wide(statement)
    ]


def is_wide(statement: Mapping[str, Any]) -> bool:
    """Whether it is about every resource, or allows every action."""
    actions, resources = (many(statement.get(key, ())) for key in ("Action", "Resource"))
    widest = "NotAction" in statement or any("*" in action for action in actions)
    return (
        "NotResource" in statement
        or any(map(is_boundless, resources))
        or (statement["Effect"] == "Allow" and widest)
    )


def statements_in(node: Any) -> Iterator[Mapping[str, Any]]:
    """Every statement of every policy document, however deep."""
    match node:
        case {"Statement": list(statements)}:
            yield from statements
        case dict():
            for value in node.values():
                yield from statements_in(value)
        case list():
            for value in node:
                yield from statements_in(value)


def many(value: Any) -> tuple[str, ...]:
    """One or several, as policies have both."""
    return (value,) if isinstance(value, str) else tuple(value)
