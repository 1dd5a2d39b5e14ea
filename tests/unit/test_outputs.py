"""`infra outputs` as a user runs it."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from tests.unit.aws_server import AwsServer, aws_server
from tests.unit.commands import Infra

SECRET = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:reporting-database/reporting-AbCdEf"
HOST = "replica.abcdefgh.eu-west-1.rds.amazonaws.com"
PSQL = (
    f"psql 'host={HOST} port=5432 dbname=shop user=reporting sslmode=verify-full "
    "sslrootcert=global-bundle.pem'"
)
DATABASE = {
    "DatabaseName": "shop",
    "AnalystsReplicaHost": HOST,
    "AnalystsReplicaPsql": PSQL,
    "ReportingSecretArn": SECRET,
}
CERTIFICATES = "curl -fsSO https://truststore.pki.rds.amazonaws.com/global/global-bundle.pem"


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[AwsServer]:
    with aws_server(monkeypatch) as here:
        yield here


def password(aws: AwsServer, *options: str) -> str:
    words = " ".join(["--region eu-west-1", *options, f"--endpoint-url {aws.url}"])
    return (
        f"aws secretsmanager get-secret-value {words} --secret-id {SECRET} --query SecretString "
        "--output text | jq -r .password"
    )


def test_each_stack_tells_what_it_has_to_tell(infra: Infra, aws: AwsServer) -> None:
    """In columns; what is not there is said on stderr."""
    aws.stacks = {"dev-network": {"VpcId": "vpc-1", "VpcCidr": "10.0.0.0/16"}}
    done = infra("outputs", "dev", "--endpoint-url", aws.url)
    assert (done.code, done.talk) == (0, ["dev-log-processor is not deployed"])
    assert done.stdout.decode() == (
        "dev-network CREATE_COMPLETE\n"
        "  VpcId    vpc-1        What VpcId is\n"
        "  VpcCidr  10.0.0.0/16  What VpcCidr is\n"
    )


def test_an_analyst_is_told_how_to_connect(infra: Infra, aws: AwsServer) -> None:
    """With a verified certificate, and a password that no list of processes shows."""
    aws.stacks = {"reporting-database": DATABASE}
    done = infra("outputs", "reporting", "--endpoint-url", aws.url)
    assert done.stdout.decode().splitlines()[-5:] == [
        "",
        f"replica analysts: {HOST}:5432, database shop, user reporting",
        f"  certificates: {CERTIFICATES}",
        f"  password:     {password(aws)}",
        f'  connect:      PGPASSWORD="$({password(aws)})" {PSQL}',
    ]


def test_a_script_reads_the_same_as_json(infra: Infra, aws: AwsServer) -> None:
    """Stacks that are not there have no status."""
    aws.stacks = {"reporting-database": DATABASE}
    done = infra("outputs", "reporting", "--json", "--endpoint-url", aws.url)
    told = json.loads(done.stdout)
    assert {each["name"]: each["status"] for each in told["stacks"]} == {
        "reporting-network": None,
        "reporting-endpoints": None,
        "reporting-database": "CREATE_COMPLETE",
        "reporting-database-watch": None,
    }
    assert told["stacks"][2]["outputs"][0] == {
        "key": "DatabaseName",
        "value": "shop",
        "description": "What DatabaseName is",
    }
    assert told["connections"] == [
        {
            "replica": "analysts",
            "host": HOST,
            "port": 5432,
            "database": "shop",
            "user": "reporting",
            "psql": PSQL,
            "certificates": CERTIFICATES,
            "password_command": password(aws),
        }
    ]


def test_an_environment_that_nobody_has_deployed_is_exit_code_1(
    infra: Infra, aws: AwsServer
) -> None:
    """Where it was looked for is part of the message."""
    done = infra("outputs", "dev", "--region", "eu-west-2", "--endpoint-url", aws.url)
    assert (done.code, done.stdout) == (1, b"")
    assert done.talk[-1] == "infra: No stack of dev is deployed in eu-west-2."


def test_stacks_of_other_accounts_are_said_to_be_elsewhere(infra: Infra, aws: AwsServer) -> None:
    """Nobody waits for them here."""
    aws.stacks = {"prod-network": {}}
    done = infra("outputs", "prod", "--endpoint-url", aws.url)
    assert [line for line in done.talk if "peering-accepter" in line] == [
        "prod-peering-accepter is for account 210987654321, where nobody has looked"
    ]
