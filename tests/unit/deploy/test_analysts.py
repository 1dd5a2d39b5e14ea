"""How analysts connect, as the stack's outputs say."""

from __future__ import annotations

import re
from typing import Any

import pytest

from infra.aws.services import DeployedStack, StackOutput
from infra.config import Database, Environment
from infra.deploy.analysts import Connection, Place, connections
from tests.templates.databases import database_of
from tests.unit.test_database_settings import REPLICA, environment

PLACE = Place("eu-west-1", profile="the shop's")
SECRET = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:shop-database/reporting-AbCdEf"
VALUES = {
    "Endpoint.Address": "replica.example.com",
    "Endpoint.Port": "6432",
    "ReportingUsername": "reader",
}


def settings(**changes: Any) -> Database:
    found = Environment.model_validate(environment(changes)).database
    assert found is not None
    return found


def deployed(**changes: Any) -> DeployedStack:
    """The stack of these settings as CloudFormation tells it, as far as analysts need it."""
    told = database_of(**changes).template["Outputs"]
    outputs = {"ReportingSecretArn": SECRET}
    for key, output in told.items():
        if key.endswith("Psql"):
            line = output["Value"]["Fn::Sub"]
            outputs[key] = re.sub(
                r"\$\{(?:\w+Replica\.)?([^}]+)\}", lambda found: VALUES[found[1]], line
            )
    listed = tuple(StackOutput(key, value, "") for key, value in outputs.items())
    return DeployedStack("shop-database", "CREATE_COMPLETE", "", listed)


@pytest.mark.parametrize("database", ["shop", "a b", r"it's \ odd"])
def test_the_way_to_a_replica_is_read_from_what_the_stack_tells(database: str) -> None:
    """Whatever the database is called."""
    changes = {"reporting_user": {"databases": {database: ["public"]}}}
    [way] = connections(settings(**changes), deployed(**changes), PLACE)
    assert way == Connection(
        replica="analysts",
        host="replica.example.com",
        port="6432",
        database=database,
        user="reader",
        psql=way.psql,
        password="aws secretsmanager get-secret-value --region eu-west-1 "
        f"--profile 'the shop'\"'\"'s' --secret-id {SECRET} --query SecretString --output text "
        "| jq -r .password",
    )
    assert "sslmode=verify-full sslrootcert=global-bundle.pem" in way.psql
    assert way.line == f'PGPASSWORD="$({way.password})" {way.psql}'


def test_only_public_replicas_that_are_there_have_a_way() -> None:
    """Analysts reach no other; one that is yet to be deployed is not told of."""
    private = {**REPLICA, "name": "inside", "public": False}
    changes = {
        "replicas": [REPLICA, private],
        "reporting_user": {"databases": {"shop": ["public"]}},
    }
    stack = deployed(**changes)
    assert [way.replica for way in connections(settings(**changes), stack, PLACE)] == ["analysts"]
    later = {**changes, "replicas": [REPLICA, {**REPLICA, "name": "later"}]}
    assert len(list(connections(settings(**later), stack, PLACE))) == 1
