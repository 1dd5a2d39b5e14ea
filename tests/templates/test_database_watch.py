"""Alarms and dashboard of a database, looked up in the template of the stack that watches it."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from infra.lint.engines import examine
from infra.lint.references import undefined
from infra.model import Output, Stack
from infra.weight import REQUEST_BYTES
from tests.templates.aws_metrics import Key, known
from tests.templates.dashboard_body import metrics_of, problems
from tests.templates.databases import stacks, watch_of
from tests.templates.test_database import FULL, SECOND, WEIRD
from tests.templates.test_rules import resources_of
from tests.templates.watching import alarms_of, text_of, values_of
from tests.unit.test_database_settings import READER, REPLICA

TOPIC = "arn:aws:sns:eu-west-1:123456789012:alarms"
LOGGING = {"log_exports": {"retention_days": 30}}
SERVER = {"cpu", "memory", "storage", "connections"}
MASTER = {"slot-lag", "transaction-logs", "transaction-ids"}
GRANTS = {"grant-errors", "grant-problems"}
LARGE = {"instance_class": "db.m7g.large"}


@pytest.fixture(name="stack", params=[{}, FULL, {"reporting_user": None}])
def _stack(request: pytest.FixtureRequest) -> Stack:
    return watch_of(**request.param)


def filled(stack: Stack) -> dict[str, str]:
    """What every placeholder becomes; what other stacks tell, at its longest."""
    return values_of(stack) | dict.fromkeys(stack.wiring, "p" * 64)


def body(stack: Stack) -> str:
    """The dashboard's body as CloudWatch gets it."""
    (dashboard,) = resources_of(stack, "AWS::CloudWatch::Dashboard").values()
    return text_of(dashboard["DashboardBody"], filled(stack))


def each(server: str, *alarms: str) -> set[str]:
    return {f"{server}-{name}" for name in (*SERVER, *alarms)}


def test_each_server_has_the_alarms_of_its_kind() -> None:
    """Credits only where there are some, failed logins only where the log is read."""
    master, analysts = "master", "analysts-replica"
    alone = {*MASTER, *GRANTS}
    assert alarms_of(watch_of()).keys() == (
        each(master, "cpu-credits") | each(analysts, "cpu-credits", "lag") | alone
    )
    assert alarms_of(watch_of(**LARGE)).keys() == (
        each(master) | each(analysts, "cpu-credits", "lag") | alone
    )
    assert alarms_of(watch_of(**LARGE, **LOGGING, replicas=[REPLICA, SECOND])).keys() == (
        each(master, "failed-logins")
        | each(analysts, "cpu-credits", "lag", "failed-logins")
        | each("sales-team-replica", "cpu-credits", "lag", "failed-logins")
        | alone
    )
    assert alarms_of(watch_of(**LARGE, reporting_user=None)).keys() & GRANTS == set()


def metrics(stack: Stack) -> set[Key]:
    return known("Logs") | {
        ("Database/${AWS::StackName}", one["MetricTransformations"][0]["MetricName"], ())
        for one in resources_of(stack, "AWS::Logs::MetricFilter").values()
    }


def test_every_metric_that_is_watched_exists(stack: Stack) -> None:
    """A misspelt metric has no data, and an alarm without data is silent for ever."""
    alarmed = {
        (
            text if isinstance(text := one["Namespace"], str) else text["Fn::Sub"],
            one["MetricName"],
            tuple(sorted(dimension["Name"] for dimension in one.get("Dimensions", ()))),
        )
        for one in alarms_of(stack).values()
    }
    assert alarmed - metrics(stack) == set()
    drawn = {
        ("Database/${AWS::StackName}" if namespace.startswith("Database/") else namespace, *rest)
        for namespace, *rest in metrics_of(body(stack))
    }
    assert drawn - metrics(stack) == set()


def test_only_a_replica_that_is_silent_rings_for_want_of_data(stack: Stack) -> None:
    """One that has stopped replicating has no lag any more; elsewhere nothing is nothing bad."""
    bad = {n for n, one in alarms_of(stack).items() if one["TreatMissingData"] != "notBreaching"}
    assert bad == {name for name in alarms_of(stack) if name.endswith("replica-lag")}


def test_every_alarm_says_what_to_do_first_in_what_cloudwatch_keeps(stack: Stack) -> None:
    """1,024 characters, also with the longest names there are; plain ASCII for every mail."""
    values = filled(stack)
    shown = {n: text_of(one["AlarmDescription"], values) for n, one in alarms_of(stack).items()}
    assert [name for name, text in shown.items() if len(text) > 1024] == []
    assert [name for name, text in shown.items() if "First " not in text] == []
    assert [name for name, text in shown.items() if not text.isascii()] == []


def test_every_alarm_rings_when_it_begins_and_when_it_is_over(stack: Stack) -> None:
    """Nobody has to ask whether it still goes on."""
    topic = [{"Ref": "AlarmTopic"}]
    for one in alarms_of(stack).values():
        assert (one["AlarmActions"], one["OKActions"]) == (topic, topic)


def test_thresholds_are_parameters_in_cloudwatchs_units() -> None:
    """Bytes, seconds and sessions; by default parts of the storage that there is."""
    stack = watch_of(storage={"allocated_gb": 200, "max_allocated_gb": 400}, max_connections=500)
    gigabyte = 1 << 30
    assert {
        name: int(stack.parameters[alarms_of(stack)[name]["Threshold"]["Ref"]])
        for name in (
            *("master-cpu", "master-memory", "master-storage", "master-connections"),
            *("analysts-replica-lag", "slot-lag", "transaction-logs"),
        )
    } == {
        "master-cpu": 90,
        "master-memory": 128 << 20,
        "master-storage": 10 * gigabyte,
        "master-connections": 400,
        "analysts-replica-lag": 900,
        "slot-lag": 20 * gigabyte,
        "transaction-logs": 40 * gigabyte,
    }


def test_the_lag_that_idle_servers_have_rings_nothing() -> None:
    """Up to five minutes where nothing is written.

    https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_PostgreSQL.Replication.ReadReplicas.html
    """
    stack = watch_of(operations={"thresholds": {"replica_lag_minutes": 6}})
    assert int(stack.parameters["ReplicaLagThreshold"]) > 300


def test_failed_logins_are_counted_in_each_servers_log() -> None:
    """Wrong passwords, and whoever comes without TLS or to a database that is none of theirs."""
    stack = watch_of(**LOGGING)
    filters = resources_of(stack, "AWS::Logs::MetricFilter")
    assert {title: one["LogGroupName"] for title, one in filters.items()} == {
        "MasterFailedLogins": {"Ref": "MasterLogGroupName"},
        "AnalystsReplicaFailedLogins": {"Ref": "AnalystsReplicaLogGroupName"},
    }
    assert stack.values["MasterLogGroupName"] == Output("database", "MasterLogGroupName")
    (pattern,) = {one["FilterPattern"] for one in filters.values()}
    for words in ("password authentication failed", "no pg_hba.conf entry"):
        assert f'?"{words}"' in pattern


@pytest.mark.parametrize(
    ("operations", "value", "made"),
    [
        ({}, Output("log-processor", "AlarmTopicArn"), 0),
        ({"topic_arn": TOPIC}, TOPIC, 0),
        ({"emails": ["a@example.net"]}, None, 1),
    ],
)
def test_it_rings_the_log_processors_topic_unless_the_settings_say_otherwise(
    operations: dict[str, Any], value: Output | str | None, made: int
) -> None:
    """The same people are told."""
    stack = watch_of(topic=Output("log-processor", "AlarmTopicArn"), operations=operations)
    assert stack.values.get("AlarmTopicArn") == value
    assert len(resources_of(stack, "AWS::SNS::Topic")) == made


def test_without_alarms_and_dashboard_there_is_no_such_stack() -> None:
    """Nor anything of it in the other one."""
    nothing = {"alarms": False, "dashboard": False}
    assert [one.id for one in stacks(operations=nothing).stacks] == ["database"]
    alone = watch_of(operations={"alarms": False})
    assert {one["Type"] for one in alone.template["Resources"].values()} == {
        "AWS::CloudWatch::Dashboard"
    }


def test_the_dashboards_body_is_what_cloudwatch_takes(stack: Stack) -> None:
    """JSON after every substitution, laid out on its grid, nothing undefined in it."""
    assert problems(body(stack)) == []
    (states,) = (one for one in json.loads(body(stack))["widgets"] if one["type"] == "alarm")
    assert len(states["properties"]["alarms"]) == len(alarms_of(stack))


def test_the_dashboard_shows_every_metric_that_an_alarm_watches(stack: Stack) -> None:
    """Whoever is woken sees the figure that woke them."""
    shown = {name for _, name, _ in metrics_of(body(stack))}
    watched = {one["MetricName"] for one in alarms_of(stack).values()}
    assert watched - shown == set()


def test_each_stack_fits_into_a_request_with_two_replicas_and_everything_switched_on() -> None:
    """With more of them it goes through S3; the servers' own stack fits with three."""
    for stack in stacks(**FULL).stacks:
        assert len(json.dumps(stack.template, separators=(",", ":"))) <= REQUEST_BYTES, stack.id
    replicas = [REPLICA | {"name": f"replica-{number}"} for number in range(3)]
    for stack in stacks(**FULL | {"replicas": replicas}).stacks[:1]:
        assert len(json.dumps(stack.template, separators=(",", ":"))) <= REQUEST_BYTES, stack.id


NAMES = st.text(
    st.characters(exclude_categories=["C", "Z"], max_codepoint=0x2FF), min_size=1, max_size=20
).filter(lambda name: "{{resolve:" not in name and "#{" not in name)
APPROVED = st.fixed_dictionaries(
    {
        "cidr": st.integers(0, 255).map(lambda number: f"203.0.{number}.0/24"),
        "description": st.from_regex(r"[A-Za-z0-9 ._:/()#,@+=&;!$*-]{1,40}", fullmatch=True),
    },
    optional={"expires": st.dates(date(2020, 1, 1), date(2040, 1, 1))},
)
REPLICAS = st.lists(
    st.fixed_dictionaries(
        {
            "name": st.from_regex(r"[a-l](-?[a-z0-9]){0,5}", fullmatch=True),
            "public": st.booleans(),
            "instance_class": st.sampled_from(["db.t4g.micro", "db.m7g.large", "db.r7g.xlarge"]),
            "approved": st.lists(APPROVED, max_size=3, unique_by=lambda one: one["cidr"]),
        },
        optional={
            "dns": st.just({"hosted_zone_id": "Z0123456", "name": "reports.example.net"}),
            "long_queries": st.fixed_dictionaries(
                {
                    "hot_standby_feedback": st.booleans(),
                    "standby_delay_minutes": st.integers(1, 1440),
                    "statement_timeout_minutes": st.integers(1, 1440),
                    "idle_in_transaction_timeout_minutes": st.integers(1, 1440),
                }
            ),
        },
    ),
    min_size=1,
    max_size=3,
    unique_by=lambda one: str(one["name"]).replace("-", ""),
).filter(lambda replicas: any(one["public"] for one in replicas))
READERS = st.one_of(
    st.none(),
    st.fixed_dictionaries(
        {"databases": st.dictionaries(NAMES, st.lists(NAMES, min_size=1, max_size=3, unique=True))},
        optional={
            "owners": st.lists(NAMES, max_size=3, unique=True),
            "repeat_minutes": st.integers(5, 10_080) | st.just("never"),
            "revoke_public": st.booleans(),
            "architecture": st.sampled_from(["arm64", "x86_64"]),
        },
    ).filter(lambda reader: reader["databases"]),
    st.just({"databases": {WEIRD: []}, "read_all_data": True}),
)
DATABASES = st.fixed_dictionaries(
    {"replicas": REPLICAS, "reporting_user": READERS},
    optional={
        "topology": st.sampled_from(["isolated", "shared"]),
        "engine_version": st.sampled_from(["18", "18.6", "17.9", "16.13", "15.17"]),
        "multi_az": st.booleans(),
        "storage": st.integers(20, 59_578).map(
            lambda size: {"allocated_gb": size, "max_allocated_gb": -(-size * 11 // 10)}
        ),
        "backup_retention_days": st.integers(7, 35),
        "backup_window": st.sampled_from(["02:00-02:30", "23:45-00:30"]),
        "maintenance_window": st.sampled_from(["sun:03:00-sun:04:00", "sun:23:00-sun:23:30"]),
        "deletion_protection": st.booleans(),
        "performance_insights": st.booleans(),
        "monitoring_seconds": st.sampled_from([0, 1, 60]),
        "log_exports": st.just({"kinds": ["postgresql"], "retention_days": 7}),
        "max_connections": st.integers(25, 5000),
        "approved": st.lists(APPROVED, max_size=2, unique_by=lambda one: one["cidr"]),
        "rotation": st.integers(1, 1000).map(lambda days: {"every_days": days}),
        "operations": st.fixed_dictionaries(
            {}, optional={"alarms": st.booleans(), "dashboard": st.booleans()}
        ),
    },
)


@settings(max_examples=5)
@given(DATABASES)
def test_whatever_can_be_set_gives_templates_without_findings(database: dict[str, Any]) -> None:
    """No combination of what is allowed is refused further down."""
    assembly = stacks(**database)
    assert examine(assembly).findings == ()
    for stack in assembly.stacks:
        assert undefined(stack.template) == []
        for name, parameter in stack.template["Parameters"].items():
            if parameter["Type"] == "Number" and "MinValue" in parameter:
                value = int(stack.parameters[name])
                assert parameter["MinValue"] <= value <= parameter["MaxValue"], name


def test_nothing_in_it_is_a_variable_of_octopus(stack: Stack) -> None:
    """One that it cannot read would leave the whole template unsubstituted, without a word."""
    assert "#{" not in json.dumps(stack.template)


def test_a_reader_is_watched_by_its_function_and_its_log() -> None:
    """Both are outputs of the stack that has them."""
    stack = watch_of(reporting_user=READER)
    assert stack.values["ReportingFunctionName"] == Output("database", "ReportingFunctionName")
    assert stack.values["ReportingLogGroupName"] == Output("database", "ReportingLogGroupName")
