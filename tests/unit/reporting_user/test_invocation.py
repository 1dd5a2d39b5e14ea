"""What an operator asks of the function, and what it answers; servers stand in tests/postgresql."""

from __future__ import annotations

import json
from typing import Any

import pytest

from lambda_src.reporting_user import invocation
from lambda_src.reporting_user.errors import PropertiesError
from lambda_src.reporting_user.handler import VARIABLE, handle
from lambda_src.reporting_user.invocation import Action, Wish, answer, wish
from lambda_src.reporting_user.plan import Kind, Note, Plan
from lambda_src.reporting_user.work import Outcome
from tests.unit.custom_resource.cloudformation import Invocation

SHOP = {"Name": "shop", "Schemas": ["public"]}


@pytest.mark.parametrize("action", Action)
def test_each_action_is_understood(action: Action) -> None:
    """By its own word."""
    assert wish({"Action": action.value}) == Wish(action)


@pytest.mark.parametrize(
    ("event", "said"),
    [
        ({"Action": "drop"}, "Action must be one of grant, plan, revoke, plan-revoke"),
        ({"Action": ["grant"]}, "Action must be one of grant, plan, revoke, plan-revoke"),
        ({"Action": "plan", "Databases": "shop"}, "Databases must be a list"),
        (
            {"Action": "revoke", "Databases": [SHOP]},
            "Databases must be left out with revoke, which is of them all",
        ),
        (
            {"Action": "grant", "ResourceProperties": {}, 7: 7},
            "7 is no known member; ResourceProperties is no known member",
        ),
    ],
)
def test_what_is_not_understood_is_refused_before_anything_is_done(
    event: dict[Any, Any], said: str
) -> None:
    """Nobody has everything revoked by a slip."""
    with pytest.raises(PropertiesError) as caught:
        wish(event)
    assert str(caught.value) == said


@pytest.mark.parametrize(
    ("found", "added", "together"),
    [
        ([SHOP], [], [SHOP]),
        ([SHOP], [SHOP], [{"Name": "shop", "Schemas": ["public", "public"]}]),
        (
            [SHOP],
            [{"Name": "stock"}, {"Name": "shop", "Schemas": ["sales"]}],
            [{"Name": "shop", "Schemas": ["public", "sales"]}, {"Name": "stock", "Schemas": []}],
        ),
        ([SHOP], ["stock", {"Name": 7}], [SHOP, "stock", {"Name": 7}]),
        (None, [SHOP], [SHOP]),
    ],
)
def test_what_is_added_stands_beside_what_is_there(
    found: object, added: list[object], together: list[object]
) -> None:
    """A database named twice has the schemas of both; what is no database stays to be refused."""
    properties = {"Owners": ["app"], "Databases": found}
    asked = Wish(Action.GRANT, tuple(added))
    assert asked.properties(properties) == {"Owners": ["app"], "Databases": together}


def test_an_operator_asks_of_the_functions_own_properties_alone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """And what is wrong with what was added is said as of any properties."""
    own = {"AdministratorSecret": "a", "ReportingSecret": "b", "Databases": [SHOP]}
    monkeypatch.setenv(VARIABLE, json.dumps(own))
    with pytest.raises(PropertiesError, match=r"^Databases\[1\] must be an object such as "):
        handle({"Action": "plan", "Databases": ["stock"]}, Invocation())
    monkeypatch.delenv(VARIABLE)
    with pytest.raises(PropertiesError, match="neither the event's ResourceProperties nor"):
        handle({"Action": "plan"}, Invocation())


PLANS = (
    Plan("postgres", ("CREATE ROLE reading",), (Note(Kind.MISSING, "no stock yet"),)),
    Plan("shop", ("GRANT a", "GRANT b"), (Note(Kind.PROBLEM, "not yours"),)),
)


def test_an_answer_tells_each_database_by_itself() -> None:
    """What was done there, what is missing, and what stands in the way."""
    told = answer(Action.GRANT, Outcome("reading", PLANS), {"shop": ("public",)})
    assert told == {
        "Action": "grant",
        "Role": "reading",
        "Named": {"shop": ["public"]},
        "Plans": [
            {
                "Database": "postgres",
                "Statements": ["CREATE ROLE reading"],
                "Missing": ["no stock yet"],
                "Problems": [],
            },
            {
                "Database": "shop",
                "Statements": ["GRANT a", "GRANT b"],
                "Missing": [],
                "Problems": ["not yours"],
            },
        ],
        "Omitted": 0,
    }
    assert json.loads(json.dumps(told)) == told


def test_an_answer_is_never_longer_than_lambda_takes(monkeypatch: pytest.MonkeyPatch) -> None:
    """The invocation would fail after the work was done; how many are not told is."""
    monkeypatch.setattr(invocation, "_ROOM", 32)
    told = answer(Action.PLAN, Outcome("reading", PLANS), {})
    assert [each["Statements"] for each in told["Plans"]] == [["CREATE ROLE reading"], ["GRANT a"]]
    assert told["Omitted"] == 1
