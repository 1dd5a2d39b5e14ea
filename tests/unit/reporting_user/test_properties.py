"""Properties are parsed once, every problem at once, as CloudFormation writes them."""

from __future__ import annotations

from typing import Any

import pytest

from lambda_src.reporting_user.errors import PropertiesError
from lambda_src.reporting_user.properties import NEVER, Properties, Server, Wanted, parse

SMALLEST = {
    "AdministratorSecret": "arn:a",
    "ReportingSecret": "arn:r",
    "Databases": [{"Name": "shop", "Schemas": ["sales"]}],
}


def test_what_is_left_out_has_a_safe_value() -> None:
    """The least that a stack has to say."""
    assert parse(SMALLEST) == Properties(
        Server("arn:a", "arn:r"),
        Wanted(
            databases={"shop": ("sales",)},
            owners=(),
            read_all_data=False,
            revoke_public=True,
            connection_limit=10,
            statement_timeout=3600,
            idle_in_transaction_timeout=600,
            valid_until=NEVER,
        ),
    )


def test_numbers_and_truths_may_be_text() -> None:
    """CloudFormation makes text of them; a schedule's JSON need not."""
    texts = {
        "Port": "5433",
        "ConnectionLimit": "-1",
        "StatementTimeoutSeconds": "0",
        "IdleInTransactionTimeoutSeconds": "60",
        "RevokePublic": "false",
        "ReadAllData": "true",
    }
    values: dict[str, Any] = {
        "Port": 5433,
        "ConnectionLimit": -1,
        "StatementTimeoutSeconds": 0,
        "IdleInTransactionTimeoutSeconds": 60,
        "RevokePublic": False,
        "ReadAllData": True,
    }
    more: dict[str, Any] = {
        "ServiceToken": "arn:function",
        "Host": "master.example",
        "MaintenanceDatabase": "admin",
        "Certificates": "PEM",
        "ValidUntil": "2027-06-30T12:00:00+02:00",
        "Owners": ["app", "app", "jobs"],
        "Databases": [{"Name": "shop"}, {"Name": 'Bücher; "neu"'}],
    }
    found = parse(SMALLEST | texts | more)
    assert found == parse(SMALLEST | values | more)
    assert found == Properties(
        Server("arn:a", "arn:r", "master.example", 5433, "admin", "PEM"),
        Wanted(
            databases={"shop": (), 'Bücher; "neu"': ()},
            owners=("app", "jobs"),
            read_all_data=True,
            revoke_public=False,
            connection_limit=-1,
            statement_timeout=0,
            idle_in_transaction_timeout=60,
            valid_until=1814349600.0,
        ),
    )


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        (
            {"AdministratorSecret": "", "ReportingSecret": None, "Databases": []},
            "AdministratorSecret must be set; ReportingSecret must be set; Databases must be a "
            'list of {"Name": …, "Schemas": […]}, with one or more',
        ),
        (
            {"Databases": [{"Name": "a", "Schemas": "public"}, "b", {"Name": "a", "Owner": "c"}]},
            "Databases[0].Schemas must be a list of names; "
            "Databases[1] must be an object such as "
            '{"Name": "shop", "Schemas": ["public"]}; '
            "Databases[2] must be only Name and Schemas in it, not Owner; "
            "Databases[2].Name must be a name that stands there once, not 'a'",
        ),
        (
            {"Databases": [{"Name": "x" * 64}, {"Schemas": ["", 5, "a\0"]}]},
            "Databases[0].Name must be a name: text of 1 to 63 bytes; "
            "Databases[1].Name must be a name: text of 1 to 63 bytes; "
            'Databases must be a list of {"Name": …, "Schemas": […]}, with one or more',
        ),
        (
            {"ConnectionLimit": "many", "Port": "0", "StatementTimeoutSeconds": 1.5},
            "Port must be a whole number of 1 to 65535; "
            "ConnectionLimit must be a whole number of -1 to 10000; "
            "StatementTimeoutSeconds must be a whole number of 0 to 2000000",
        ),
        (
            {"ReadAllData": "perhaps", "ValidUntil": "soon", "Host": ["a"]},
            "Host must be text; ReadAllData must be true or false; ValidUntil must be a date, or "
            "a date and time, such as 2027-06-30T12:00:00Z",
        ),
        (
            {"ReadAllData": "true", "Owner": "app", "Owners": "app"},
            "Owner is no known property; Databases[0].Schemas must be left out with ReadAllData, "
            "which reads them all; Owners must be a list of names",
        ),
    ],
)
def test_every_problem_is_said_at_once(changes: dict[str, Any], said: str) -> None:
    """With what is allowed."""
    with pytest.raises(PropertiesError) as caught:
        parse(SMALLEST | changes)
    assert str(caught.value) == said


@pytest.mark.parametrize("name", ["Certificates", "AdministratorSecret"])
def test_values_are_not_repeated(name: str) -> None:
    """Somebody may have put a password there."""
    with pytest.raises(PropertiesError) as caught:
        parse(SMALLEST | {name: ["hush"]})
    assert "hush" not in str(caught.value)
