"""The database stack: each trap of RDS and PostgreSQL, looked up in the synthesised template."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Mapping
from datetime import date
from typing import Any

import pytest

from infra.config import load
from infra.lint.engines import examine
from infra.lint.references import undefined
from infra.model import Output, Stack
from lambda_src.reporting_user import handler
from lambda_src.reporting_user import properties as reporting_properties
from tests.templates.databases import database_of, stacks
from tests.templates.test_rules import resources_of
from tests.unit.test_database_settings import EXISTING, READER, REPLICA, approved

TOPOLOGIES = ["isolated", "shared"]
SECOND = REPLICA | {"name": "sales-team", "public": False}
FULL: dict[str, Any] = {
    "replicas": [
        REPLICA | {"dns": {"hosted_zone_id": "Z0123456", "name": "r.example.net"}},
        SECOND,
    ],
    "log_exports": {"kinds": ["postgresql", "upgrade"], "retention_days": 30},
    "monitoring_seconds": 60,
    "backup_window": "02:00-02:30",
    "maintenance_window": "sun:03:00-sun:04:00",
    "rotation": {"every_days": 30},
}

ROTATION_ARN = "arn:aws:lambda:eu-west-1:123456789012:function:rotation"


def resource(stack: Stack, title: str) -> dict[str, Any]:
    found: dict[str, Any] = stack.template["Resources"][title]
    return found


def properties(stack: Stack, title: str) -> dict[str, Any]:
    found: dict[str, Any] = resource(stack, title)["Properties"]
    return found


def instances(stack: Stack) -> dict[str, dict[str, Any]]:
    return resources_of(stack, "AWS::RDS::DBInstance")


def replicas(stack: Stack) -> dict[str, dict[str, Any]]:
    return {title: one for title, one in instances(stack).items() if title != "Master"}


@pytest.fixture(name="stack", params=[(one, more) for one in TOPOLOGIES for more in ({}, FULL)])
def _stack(request: pytest.FixtureRequest) -> Stack:
    topology, more = request.param
    return database_of(topology=topology, **more)


def test_the_master_is_private_encrypted_backed_up_and_leaves_a_snapshot(stack: Stack) -> None:
    """Whatever is left out of the settings."""
    master = resource(stack, "Master")
    found = master["Properties"]
    assert (master["DeletionPolicy"], master["UpdateReplacePolicy"]) == ("Snapshot", "Snapshot")
    assert {
        name: found[name]
        for name in (
            *("PubliclyAccessible", "StorageEncrypted", "StorageType", "DeletionProtection"),
            *("MaxAllocatedStorage", "BackupRetentionPeriod", "CACertificateIdentifier"),
        )
    } == {
        "PubliclyAccessible": False,
        "StorageEncrypted": True,
        "StorageType": "gp3",
        "DeletionProtection": True,
        "MaxAllocatedStorage": {"Ref": "MaxAllocatedStorage"},
        "BackupRetentionPeriod": {"Ref": "BackupRetentionDays"},
        "CACertificateIdentifier": "rds-ca-rsa2048-g1",
    }
    assert stack.template["Parameters"]["BackupRetentionDays"]["MinValue"] == 7


def test_no_password_stands_anywhere(stack: Stack) -> None:
    """Secrets Manager makes it; the template has a reference that is resolved and never shown."""
    master, text = properties(stack, "Master"), json.dumps(stack.template)
    reference = "{{resolve:secretsmanager:${MasterSecret}:SecretString:password}}"
    assert master["MasterUserPassword"] == {"Fn::Sub": reference}
    assert "ManageMasterUserPassword" not in text
    for secret in resources_of(stack, "AWS::SecretsManager::Secret").values():
        assert "SecretString" not in secret
        assert secret["GenerateSecretString"]["PasswordLength"] == 48
        assert secret["GenerateSecretString"]["ExcludePunctuation"] is True
    assert [name for name in stack.values if "password" in name.lower()] == []
    assert properties(stack, "MasterSecretAttachment") == {
        "SecretId": {"Ref": "MasterSecret"},
        "TargetId": {"Ref": "Master"},
        "TargetType": "AWS::RDS::DBInstance",
    }


FORBIDDEN = {
    *("BackupRetentionPeriod", "DBName", "MasterUsername", "MasterUserPassword", "MultiAZ"),
    *("PreferredBackupWindow", "StorageEncrypted", "DatabaseInsightsMode", "DBSnapshotIdentifier"),
    *("KmsKeyId", "ManageMasterUserPassword", "EngineVersion", "AllocatedStorage"),
}
"""https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-rds-dbinstance.html"""


def test_a_replica_has_nothing_that_it_has_to_inherit(stack: Stack) -> None:
    """Nor a deletion policy, which would be ignored and looked as if it helped."""
    for title, found in replicas(stack).items():
        assert found.keys() & FORBIDDEN == set()
        assert resource(stack, title).keys() & {"DeletionPolicy", "UpdateReplacePolicy"} == set()


def test_a_replica_always_has_its_source_and_its_security_group(stack: Stack) -> None:
    """Without the one it would be promoted, without the other get the VPC's default group."""
    for title, found in replicas(stack).items():
        assert "SourceDBInstanceIdentifier" in found
        assert found["VPCSecurityGroups"] == [{"Fn::GetAtt": [f"{title}SecurityGroup", "GroupId"]}]
        assert found["Engine"] == "postgres"
        assert found["MaxAllocatedStorage"] == {"Ref": "MaxAllocatedStorage"}


def subnets_of(stack: Stack, found: Mapping[str, Any]) -> Any:
    group = properties(stack, found["DBSubnetGroupName"]["Ref"])
    return stack.values[group["SubnetIds"]["Ref"]]


PUBLIC, PRIVATE = Output("network", "PublicSubnetIds"), Output("network", "PrivateSubnetIds")


def test_isolated_a_replica_named_by_arn_has_subnets_of_its_own() -> None:
    """By id, RDS would put it beside the master, out of everybody's reach."""
    stack = database_of(topology="isolated", **FULL)
    source = {"Fn::GetAtt": ["Master", "DBInstanceArn"]}
    found = instances(stack)
    assert [one["SourceDBInstanceIdentifier"] for one in replicas(stack).values()] == [source] * 2
    assert {title: subnets_of(stack, one) for title, one in found.items()} == {
        "Master": PRIVATE,
        "AnalystsReplica": PUBLIC,
        "SalesTeamReplica": PRIVATE,
    }
    assert {title: one["PubliclyAccessible"] for title, one in found.items()} == {
        "Master": False,
        "AnalystsReplica": True,
        "SalesTeamReplica": False,
    }


def test_shared_a_replica_named_by_id_stands_beside_its_master() -> None:
    """A subnet group of its own would be refused."""
    stack = database_of(topology="shared", **FULL)
    for found in replicas(stack).values():
        assert found["SourceDBInstanceIdentifier"] == {"Ref": "Master"}
        assert "DBSubnetGroupName" not in found
    assert subnets_of(stack, properties(stack, "Master")) == PUBLIC
    assert len(resources_of(stack, "AWS::RDS::DBSubnetGroup")) == 1


def test_replicas_are_made_one_after_the_other() -> None:
    """While one is made the master is busy, and another one would be refused."""
    stack = database_of(replicas=[REPLICA, SECOND])
    assert resource(stack, "SalesTeamReplica")["DependsOn"] == ["AnalystsReplica"]


def parameters_of(stack: Stack, instance: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
    group = properties(stack, instance["DBParameterGroupName"]["Ref"])
    return group["Family"], group["Parameters"]


def test_nobody_connects_without_tls(stack: Stack) -> None:
    """It is said on each server: the default depends on the version."""
    for found in instances(stack).values():
        family, parameters = parameters_of(stack, found)
        assert family == "postgres18"
        assert parameters["rds.force_ssl"] == "1"
        assert parameters["password_encryption"] == "scram-sha-256"


def test_a_replica_has_no_fewer_sessions_and_workers_than_its_master(stack: Stack) -> None:
    """With fewer, as a smaller class would have by itself, it stops replaying."""
    _, of_master = parameters_of(stack, properties(stack, "Master"))
    for found in replicas(stack).values():
        _, of_replica = parameters_of(stack, found)
        for name in ("max_connections", "max_worker_processes"):
            assert of_replica[name] == of_master[name]


def test_long_queries_end_neither_at_once_nor_never() -> None:
    """Each replica for itself; the master keeps changes for one that is behind, but not all."""
    long = {
        "hot_standby_feedback": False,
        "standby_delay_minutes": 5,
        "statement_timeout_minutes": 15,
        "idle_in_transaction_timeout_minutes": 3,
    }
    stack = database_of(replicas=[REPLICA | {"long_queries": long}])
    _, found = parameters_of(stack, properties(stack, "AnalystsReplica"))
    names = (
        *("hot_standby_feedback", "max_standby_streaming_delay", "max_standby_archive_delay"),
        *("statement_timeout", "idle_in_transaction_session_timeout"),
    )
    values = {name: found[name] for name in names}
    assert {
        name: one if isinstance(one, str) else int(stack.parameters[one["Ref"]])
        for name, one in values.items()
    } == {
        "hot_standby_feedback": "0",
        "max_standby_streaming_delay": 300_000,
        "max_standby_archive_delay": 300_000,
        "statement_timeout": 900_000,
        "idle_in_transaction_session_timeout": 180_000,
    }
    _, of_master = parameters_of(stack, properties(stack, "Master"))
    assert of_master["max_slot_wal_keep_size"] == {"Ref": "SlotMegabytes"}
    assert int(stack.parameters["SlotMegabytes"]) == 20 * 1024 // 2


def test_the_family_goes_with_the_version() -> None:
    """Which stands in the template itself, where a linter knows the versions that are no more."""
    stack = database_of(engine_version="17.9")
    assert {parameters_of(stack, one)[0] for one in instances(stack).values()} == {"postgres17"}
    assert properties(stack, "Master")["EngineVersion"] == "17.9"
    assert examine(stacks(engine_version="17.1")).findings != ()


def test_logs_are_kept_for_as_long_as_is_asked() -> None:
    """Each group is there before its server, which would make one that is kept for ever."""
    stack = database_of(**FULL)
    names = {"Master": "master", "AnalystsReplica": "analysts", "SalesTeamReplica": "sales-team"}
    for title, name in names.items():
        found = properties(stack, title)
        assert found["DBInstanceIdentifier"] == {"Fn::Sub": f"${{AWS::StackName}}-{name}"}
        assert found["EnableCloudwatchLogsExports"] == ["postgresql", "upgrade"]
        for kind in ("Postgresql", "Upgrade"):
            group = properties(stack, f"{title}{kind}LogGroup")
            path = f"/aws/rds/instance/${{AWS::StackName}}-{name}/{kind.lower()}"
            assert group["LogGroupName"] == {"Fn::Sub": path}
            assert group["RetentionInDays"] == {"Ref": "LogRetentionDays"}
            assert f"{title}{kind}LogGroup" in resource(stack, title)["DependsOn"]


NOWHERE = {"IpProtocol": "-1", "CidrIp": "127.0.0.1/32"}


def test_a_server_admits_the_approved_and_lets_nothing_out(stack: Stack) -> None:
    """Left out, egress would mean that all is allowed."""
    groups = resources_of(stack, "AWS::EC2::SecurityGroup")
    for title in instances(stack):
        (egress,) = groups[f"{title}SecurityGroup"]["SecurityGroupEgress"]
        assert {name: egress[name] for name in NOWHERE} == NOWHERE
    assert "SecurityGroupIngress" not in groups["MasterSecurityGroup"]
    assert groups["AnalystsReplicaSecurityGroup"]["SecurityGroupIngress"] == [
        {
            "Description": {"Ref": "AnalystsReplicaApproved1Description"},
            "IpProtocol": "tcp",
            "FromPort": {"Ref": "Port"},
            "ToPort": {"Ref": "Port"},
            "CidrIp": {"Ref": "AnalystsReplicaApproved1Cidr"},
        }
    ]
    assert stack.parameters["AnalystsReplicaApproved1Cidr"] == "203.0.113.0/24"
    assert stack.parameters["AnalystsReplicaApproved1Description"] == "Office"


def test_nobody_opens_a_server_to_the_world_by_a_parameter() -> None:
    """Unless the settings say why, which then stands at the group."""
    closed = database_of().template["Parameters"]["AnalystsReplicaApproved1Cidr"]
    entry = {"cidr": "0.0.0.0/0", "description": "All"}
    stack = database_of(**approved(entry, open_to_the_world_because="A workshop"))
    opened = stack.template["Parameters"]["AnalystsReplicaApproved1Cidr"]
    assert [_matches(one, "0.0.0.0/0") for one in (closed, opened)] == [False, True]
    assert [_matches(one, "128.0.0.0/1") for one in (closed, opened)] == [False, True]
    assert _matches(closed, "10.0.0.0/8")
    reason = {"OpenToTheWorldBecause": "A workshop"}
    assert resource(stack, "AnalystsReplicaSecurityGroup")["Metadata"] == reason


def _matches(parameter: Mapping[str, str], text: str) -> bool:
    return re.search(parameter["AllowedPattern"], text) is not None


def test_a_security_group_may_be_approved_in_place_of_a_network() -> None:
    """So may what is in the VPC itself."""
    entry = {"security_group_id": "sg-0a1b2c3d", "description": "Applications"}
    stack = database_of(approved=[entry])
    (rule,) = properties(stack, "MasterSecurityGroup")["SecurityGroupIngress"]
    assert rule["SourceSecurityGroupId"] == {"Ref": "MasterApproved1SecurityGroupId"}
    assert "CidrIp" not in rule


def test_the_function_reaches_master_secrets_and_s3_and_nothing_reaches_it() -> None:
    """The master admits it by a rule of its own, as the two groups name each other."""
    stack = database_of(network=EXISTING)
    group = properties(stack, "ReportingUserSecurityGroup")
    assert "SecurityGroupIngress" not in group
    assert [
        {k: v for k, v in rule.items() if k not in ("Description", "IpProtocol", "FromPort")}
        for rule in group["SecurityGroupEgress"]
    ] == [
        {
            "ToPort": {"Ref": "Port"},
            "DestinationSecurityGroupId": {"Fn::GetAtt": ["MasterSecurityGroup", "GroupId"]},
        },
        {"ToPort": 443, "CidrIp": {"Ref": "VpcCidr"}},
        {"ToPort": 443, "DestinationPrefixListId": {"Ref": "S3PrefixListId"}},
    ]
    assert resources_of(stack, "AWS::EC2::SecurityGroupIngress") == {
        "ReportingUserIngress": {
            "GroupId": {"Fn::GetAtt": ["MasterSecurityGroup", "GroupId"]},
            "SourceSecurityGroupId": {"Fn::GetAtt": ["ReportingUserSecurityGroup", "GroupId"]},
            "IpProtocol": "tcp",
            "FromPort": {"Ref": "Port"},
            "ToPort": {"Ref": "Port"},
            "Description": "Our function",
        }
    }


WEIRD = """we"ird'; DROP TABLE x; -- ${Master} \\ ü"""
READING = {
    "databases": {"shop": ["public", WEIRD], WEIRD: ["public"]},
    "owners": [WEIRD],
    "connection_limit": 3,
    "revoke_public": False,
    "valid_until": date(2027, 6, 30),
}


def resolved(value: Any) -> Any:
    """As CloudFormation hands it over: references as some text, numbers and truths as text."""
    match value:
        case {"Ref": str(name)}:
            return f"arn:{name}"
        case {"Fn::Join": [str(between), parts]}:
            return between.join(parts)
        case {"Fn::GetAtt": ["Master", "Endpoint.Port"]}:
            return "5432"
        case {"Fn::GetAtt": [str(name), str(attribute)]}:
            return f"{name}.{attribute}"
        case Mapping():
            return {key: resolved(each) for key, each in value.items()}
        case list():
            return [resolved(each) for each in value]
        case bool():
            return str(value).lower()
        case _:
            return value if isinstance(value, str) else str(value)


def test_the_function_understands_what_cloudformation_and_the_schedule_ask_of_it() -> None:
    """Both the same, whatever the names are: nothing in them is taken for a reference."""
    stack = database_of(reporting_user=READING)
    asked = reporting_properties.parse(resolved(properties(stack, "ReportingUser")))
    function = properties(stack, "ReportingUserFunction")
    (text,) = (one["Fn::Sub"] for one in function["Environment"]["Variables"].values())
    for name in ("MasterSecret", "ReportingSecret"):
        text = text.replace(f"${{{name}}}", f"arn:{name}")
    text = text.replace("${Master.Endpoint.Address}", "Master.Endpoint.Address")
    text = text.replace("${Master.Endpoint.Port}", "5432").replace("${!", "${")
    (variable,) = function["Environment"]["Variables"]
    assert variable == handler.VARIABLE
    assert reporting_properties.parse(handler.scheduled({}, {variable: text})) == asked
    assert asked.wanted == reporting_properties.Wanted(
        databases={"shop": ("public", WEIRD), WEIRD: ("public",)},
        owners=(WEIRD,),
        connection_limit=3,
        revoke_public=False,
        valid_until=1814313600,
    )
    assert asked.server == reporting_properties.Server(
        administrator_secret="arn:MasterSecret",
        reporting_secret="arn:ReportingSecret",
        host="Master.Endpoint.Address",
        port=5432,
    )


def test_the_user_comes_after_its_way_to_the_server_and_goes_before_it() -> None:
    """And the schedule goes first of all: a late run would make the user once more."""
    stack = database_of()
    assert resource(stack, "ReportingUser")["DependsOn"] == [
        "ReportingUserFunctionInvocation",
        "ReportingUserIngress",
    ]
    assert resource(stack, "ReportingUserSchedule")["DependsOn"] == "ReportingUser"
    invocation = properties(stack, "ReportingUserFunctionInvocation")
    timeout = properties(stack, "ReportingUserFunction")["Timeout"]
    waits = properties(stack, "ReportingUser")["ServiceTimeout"]
    assert waits == timeout + invocation["MaximumEventAgeInSeconds"]


def test_another_user_has_another_secret() -> None:
    """So that CloudFormation sees that it is another one, and removes the old one."""
    name = properties(database_of(), "ReportingSecret")["Name"]
    assert name == {"Fn::Sub": "${AWS::StackName}/reporting/${ReportingUsername}"}


def test_grants_are_repeated_as_often_as_is_asked_or_never() -> None:
    """What is made later is covered later."""
    rule = properties(database_of(), "ReportingUserSchedule")
    assert rule["ScheduleExpression"] == {"Fn::Sub": "rate(${RepeatMinutes} minutes)"}
    never = database_of(reporting_user=READER | {"repeat_minutes": "never"})
    assert resources_of(never, "AWS::Events::Rule") == {}


def test_without_a_reporting_user_there_is_no_function_and_no_secret_of_its() -> None:
    """Nor a way for it."""
    stack = database_of(reporting_user=None)
    assert resources_of(stack, "AWS::Lambda::Function") == {}
    assert list(resources_of(stack, "AWS::SecretsManager::Secret")) == ["MasterSecret"]
    assert stack.assets == ()
    assert stack.capabilities == ()


def test_the_master_password_is_rotated_by_a_function_that_reaches_it() -> None:
    """AWS makes it, in our subnets; it waits until the secret says where the master is."""
    stack = database_of(rotation={"every_days": 30})
    assert stack.template["Transform"] == "AWS::SecretsManager-2024-09-16"
    assert stack.capabilities == ("CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND")
    assert resource(stack, "MasterSecretRotation")["DependsOn"] == "MasterSecretAttachment"
    hosted = properties(stack, "MasterSecretRotation")["HostedRotationLambda"]
    assert hosted["RotationType"] == "PostgreSQLSingleUser"
    assert hosted["VpcSecurityGroupIds"] == {"Fn::GetAtt": ["RotationSecurityGroup", "GroupId"]}
    assert "RotationIngress" in stack.template["Resources"]


@pytest.mark.parametrize(
    ("changes", "logged"),
    [
        ({}, True),
        ({"rotation": {"every_days": 30}}, False),
        ({"rotation": {"every_days": 30, "function_arn": ROTATION_ARN}}, True),
    ],
)
def test_no_statement_is_logged_where_a_password_stands_in_one(
    changes: dict[str, Any], logged: bool
) -> None:
    """AWS's rotation function writes it there in clear, and one that fails is logged otherwise."""
    parameters = properties(database_of(**changes), "MasterParameters")["Parameters"]
    silent = {
        "log_statement": "none",
        "log_min_duration_statement": "-1",
        "log_min_error_statement": "panic",
    }
    assert {name: parameters.get(name) for name in silent} == (
        dict.fromkeys(silent) if logged else silent
    )


def test_a_rotation_function_of_ones_own_needs_no_transform() -> None:
    """Nor does anything else have to change."""
    stack = database_of(rotation={"every_days": 30, "function_arn": ROTATION_ARN})
    assert "Transform" not in stack.template
    assert properties(stack, "MasterSecretRotation")["RotationLambdaARN"] == {
        "Ref": "RotationFunctionArn"
    }


def test_the_line_to_connect_with_verifies_the_server_by_its_own_name() -> None:
    """A name of one's own is not in the certificate, however it leads there."""
    stack = database_of(**FULL)
    line = stack.template["Outputs"]["AnalystsReplicaPsql"]["Value"]["Fn::Sub"]
    program, conninfo = shlex.split(line)
    assert program == "psql"
    assert conninfo == (
        "host=${AnalystsReplica.Endpoint.Address} port=${AnalystsReplica.Endpoint.Port} "
        "dbname=shop user=${ReportingUsername} sslmode=verify-full sslrootcert=global-bundle.pem"
    )
    assert properties(stack, "AnalystsReplicaName")["ResourceRecords"] == [
        {"Fn::GetAtt": ["AnalystsReplica", "Endpoint.Address"]}
    ]


def test_the_line_to_connect_with_holds_for_any_name() -> None:
    """Quoted twice: for the shell and for libpq."""
    stack = database_of(reporting_user={"databases": {WEIRD: ["public"]}})
    line = stack.template["Outputs"]["AnalystsReplicaPsql"]["Value"]["Fn::Sub"]
    _, conninfo = shlex.split(line.replace("${!", "${"))
    escaped = WEIRD.replace("\\", "\\\\").replace("'", "\\'")
    assert f" dbname='{escaped}' user=" in conninfo


def test_what_holds_data_is_neither_replaced_nor_deleted_by_an_update(stack: Stack) -> None:
    """The master, and the secret that opens it; a replica may be made anew."""
    assert stack.termination_protection
    assert stack.stack_policy is not None
    assert stack.stack_policy["Statement"][1]["Resource"] == [
        "LogicalResourceId/Master",
        "LogicalResourceId/MasterSecret",
    ]


@pytest.mark.parametrize("topology", TOPOLOGIES)
@pytest.mark.parametrize("more", [{}, FULL | {"network": EXISTING}])
def test_the_linters_find_nothing(topology: str, more: dict[str, Any]) -> None:
    """Both engines, with the parameters at the values of the settings."""
    assembly = stacks(topology=topology, **more)
    assert examine(assembly).findings == ()
    assert [problem for each in assembly.stacks for problem in undefined(each.template)] == []


@pytest.mark.parametrize("name", ["prod", "reporting"])
def test_the_examples_show_both_topologies(name: str) -> None:
    """And between them every group of settings."""
    settings = load(name).database
    assert settings is not None
    assert settings.topology == {"prod": "isolated", "reporting": "shared"}[name]
