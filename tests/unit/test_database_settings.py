"""What settings may say of the database, and what contradicts itself, each with the way out."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from infra import config
from infra.config import windows
from infra.config.reporting_user import properties
from infra.errors import SettingsError
from infra.yaml_source import parse

NEW = {"cidr": "10.20.0.0/16", "zones": 2, "nat": "none"}
EXISTING = {
    "vpc_id": "vpc-0a1b2c3d",
    "private_subnet_ids": ["subnet-0a1b2c3d", "subnet-1a1b2c3d"],
    "public_subnet_ids": ["subnet-2a1b2c3d", "subnet-3a1b2c3d"],
    "cidr": "10.20.0.0/16",
}
REPLICA: dict[str, Any] = {
    "name": "analysts",
    "public": True,
    "instance_class": "db.t4g.small",
    "approved": [{"cidr": "203.0.113.0/24", "description": "Office"}],
}
READER: dict[str, Any] = {"databases": {"shop": ["public"]}}
DATABASE: dict[str, Any] = {
    "database_name": "shop",
    "instance_class": "db.t4g.small",
    "multi_az": False,
    "replicas": [REPLICA],
    "reporting_user": READER,
}


def environment(
    database: dict[str, Any], network: dict[str, Any] | None = None, **others: Any
) -> dict[str, Any]:
    """An environment of a database alone, as a file has it."""
    return {
        "name": "shop",
        "application": "shop",
        "region": "eu-west-1",
        "artifact_bucket": "artifacts",
        "network": network or NEW,
        "database": DATABASE | database,
        **others,
    }


def read(data: dict[str, Any]) -> config.Environment:
    """The same as settings, by way of YAML."""
    text = yaml.safe_dump(data, sort_keys=False, allow_unicode=True)
    return config.parse(parse(text, "shop.yaml"))


def settings(**database: Any) -> config.Database:
    """The database's settings with these instead of the usual ones."""
    found = read(environment(database)).database
    assert found is not None
    return found


def said_of(data: dict[str, Any]) -> list[str]:
    """What is said of the settings, without the place in the file; nothing if all is well."""
    try:
        read(data)
    except SettingsError as error:
        return [problem.partition(": ")[2] for problem in error.problems]
    return []


def allowed(database: dict[str, Any], **others: Any) -> list[str]:
    """Of each problem what would be allowed."""
    return [said.partition("allowed: ")[2] for said in said_of(environment(database, **others))]


def replica(**changes: Any) -> dict[str, Any]:
    return {"replicas": [REPLICA | changes]}


def approved(*entries: dict[str, Any], **changes: Any) -> dict[str, Any]:
    return replica(approved=list(entries), **changes)


@pytest.mark.parametrize("network", [NEW, EXISTING])
@pytest.mark.parametrize("topology", ["isolated", "shared"])
def test_each_topology_goes_with_each_network(network: dict[str, Any], topology: str) -> None:
    """None of the four is refused."""
    assert said_of(environment({"topology": topology}, network)) == []


@pytest.mark.parametrize(
    ("database", "said"),
    [
        (
            {"backup_retention_days": 0},
            "7 to 35: a master without backups can have no read replica, and nothing to go back to",
        ),
        ({"backup_retention_days": 6}, "7 to 35"),
        ({"backup_retention_days": 36}, "7 to 35"),
        (
            {"password": "managed"},
            "generated, the only way: Secrets Manager makes it and keeps it. One that RDS manages "
            "itself forbids read replicas, and one written here would be read by others",
        ),
        (
            {"engine_version": "16"},
            "a full version of PostgreSQL from 15 on, such as 17.9, or 18, the newest of its kind",
        ),
        ({"backup_window": "02:00-02:29"}, "a window of 30 minutes or more"),
        (
            {"maintenance_window": "sun:03:00-sun:03:29"},
            "a window of 30 minutes or more, below a day",
        ),
        (
            {"maintenance_window": "sun:03:00-mon:03:00"},
            "a window of 30 minutes or more, below a day",
        ),
        (
            {"backup_window": "23:45-00:15", "maintenance_window": "mon:00:00-mon:01:00"},
            "a window apart from backup_window, 23:45-00:15: RDS refuses two that meet",
        ),
        (
            {"storage": {"allocated_gb": 100, "max_allocated_gb": 109}},
            "110 or more, a tenth above allocated_gb: RDS refuses less, and a full disk stops the "
            "server",
        ),
        ({"monitoring_seconds": 2}, "one of 0, 1, 5, 10, 15, 30, 60; 0 for none"),
        (
            {"log_exports": {"kinds": [], "retention_days": 7}},
            "one or more of postgresql, upgrade, each once",
        ),
        (
            {"approved": [{"cidr": "0.0.0.0/0", "description": "All"}]},
            "networks of /8 or smaller, unlike 0.0.0.0/0: the master is for us alone",
        ),
        ({"replicas": []}, "1 to 5 entries"),
        (replica(public=False), "one replica or more with public: true"),
        ({"replicas": [REPLICA, REPLICA]}, "each name once, hyphens apart"),
        (
            replica(name="master"),
            "lower-case letters, digits and single hyphens, beginning with a letter, at most 20 "
            "characters; not master",
        ),
        (
            {"master_username": "reporting"},
            "another name than reporting, which is the administrator's",
        ),
        (
            {"max_connections": 25, "reporting_user": READER | {"connection_limit": 25}},
            "a connection_limit below 25, max_connections: others need some",
        ),
    ],
)
def test_what_contradicts_itself_is_refused_with_the_reason_and_the_way_out(
    database: dict[str, Any], said: str
) -> None:
    """Nobody learns of it from a stack that rolls back after half an hour."""
    assert allowed(database) == [said]


@pytest.mark.parametrize(
    ("database", "said"),
    [
        (
            approved({"cidr": "203.0.113.7/24", "description": "x"}),
            "an IPv4 network such as 203.0.113.0/24, or 203.0.113.7/32 for one address "
            "(203.0.113.7/24 has host bits set)",
        ),
        (
            approved({"cidr": "203.0.113.7", "description": "x"}),
            "an IPv4 network such as 203.0.113.0/24, or 203.0.113.7/32 for one address: with its "
            "slash",
        ),
        (
            approved({"cidr": "2001:db8::/32", "description": "x"}),
            "an IPv4 network such as 203.0.113.0/24, or 203.0.113.7/32 for one address: the "
            "servers have no IPv6 addresses",
        ),
        (
            approved({"description": "x"}),
            "either a cidr or a security_group_id",
        ),
        (
            approved(
                {
                    "cidr": "203.0.113.0/24",
                    "security_group_id": "sg-0a1b2c3d",
                    "description": "x",
                }
            ),
            "either a cidr or a security_group_id",
        ),
        (
            approved(*[{"cidr": "203.0.113.0/24", "description": "x"}] * 2),
            "each network and each security group once",
        ),
        (
            approved({"cidr": "203.0.113.0/24", "description": "x", "expires": "soon"}),
            "a date such as 2027-03-31",
        ),
        (
            approved({"cidr": "203.0.113.0/24", "description": "Müller"}),
            "1 to 255 letters, digits, spaces and . _ - : / ( ) # , @ [ ] + = & ; { } ! $ *",
        ),
        (
            approved({"cidr": "0.0.0.0/0", "description": "All"}),
            "networks of /8 or smaller, unlike 0.0.0.0/0: it lets everybody try passwords. If it "
            "has to be, write the reason into open_to_the_world_because",
        ),
        (
            approved(
                {"cidr": "0.0.0.0/1", "description": "Half"},
                {"cidr": "128.0.0.0/1", "description": "The other half"},
            ),
            "networks of /8 or smaller, unlike 0.0.0.0/1: it lets everybody try passwords. If it "
            "has to be, write the reason into open_to_the_world_because",
        ),
        (
            replica(open_to_the_world_because="A workshop"),
            "one network larger than /8 with open_to_the_world_because, or leave the reason out",
        ),
    ],
)
def test_only_networks_and_groups_that_mean_somebody_are_approved(
    database: dict[str, Any], said: str
) -> None:
    """The whole world is nobody in particular, in one piece or in two halves."""
    assert allowed(database) == [said]


def test_the_world_is_let_in_with_a_reason() -> None:
    """Which is then there for whoever reads the settings."""
    entry = {"cidr": "0.0.0.0/0", "description": "All", "expires": date(2027, 3, 31)}
    found = settings(**approved(entry, open_to_the_world_because="A workshop")).replicas[0]
    assert found.open_to_the_world_because == "A workshop"
    assert found.approved == (
        config.Approved(cidr="0.0.0.0/0", description="All", expires=date(2027, 3, 31)),
    )


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        (
            {"public_subnet_ids": None},
            "also network.public_subnet_ids, subnets with a route to an internet gateway in two "
            "zones or more: a public replica stands there",
        ),
        (
            {"public_subnet_ids": ["subnet-2a1b2c3d"]},
            "two network.public_subnet_ids or more, in different zones: RDS asks for that",
        ),
        (
            {"private_subnet_ids": ["subnet-2a1b2c3d"]},
            "two network.private_subnet_ids or more, in different zones: RDS asks for that (or the "
            "topology shared)",
        ),
        (
            {"cidr": None},
            "with reporting_user or rotation also network.cidr: there Secrets Manager's endpoint "
            "is",
        ),
    ],
)
def test_an_existing_network_has_to_have_what_the_servers_need(
    changes: dict[str, Any], said: str
) -> None:
    """A replica without public subnets would be one that nobody reaches."""
    assert allowed({}, network=EXISTING | changes) == [said]


def test_shared_needs_no_second_private_subnet() -> None:
    """The master stands in the public ones then."""
    network = EXISTING | {"private_subnet_ids": ["subnet-0a1b2c3d"]}
    assert said_of(environment({"topology": "shared"}, network)) == []


def test_an_endpoint_for_the_database_alone_is_no_contradiction() -> None:
    """It is made where anything in the VPC reads secrets, and refused where nothing does."""
    network = EXISTING | {"secrets_manager_endpoint": True}
    assert said_of(environment({}, network)) == []
    assert allowed({"reporting_user": None}, network=network) == [
        "settings of it, with logstash.secret_arn, for network.secrets_manager_endpoint"
    ]


@pytest.mark.parametrize(
    ("database", "others", "said"),
    [
        (
            {"rotation": {"every_days": 30}},
            {"roles": {"permissions_boundary": "arn:aws:iam::123456789012:policy/boundary"}},
            "with roles.permissions_boundary a rotation.function_arn, or no rotation: the role of "
            "the function that AWS makes cannot be given a boundary",
        ),
        (
            {},
            {"region": "eu-north-1"},
            "also reporting_user.s3_prefix_list_id, as the S3 prefix list of eu-north-1 is not "
            "among the known ones; look it up with `aws ec2 describe-managed-prefix-lists --region "
            "eu-north-1 --filters Name=prefix-list-name,Values=com.amazonaws.eu-north-1.s3 "
            "--query PrefixLists[].PrefixListId --output text`",
        ),
        (
            {"operations": {"topic_arn": "arn:aws:sns:eu-west-2:123456789012:alarms"}},
            {},
            "operations.topic_arn of the region eu-west-1",
        ),
    ],
)
def test_what_the_rest_of_the_environment_forbids_is_refused(
    database: dict[str, Any], others: dict[str, Any], said: str
) -> None:
    """With the name of the setting that stands against it."""
    assert allowed(database, **others) == [said]


@pytest.mark.parametrize(
    ("reader", "said"),
    [
        ({"databases": {}}, "one database or more"),
        (
            {"databases": {"shop": ["public"]}, "read_all_data": True},
            "database: [] with read_all_data, which reads all schemas",
        ),
        ({"databases": {"shop": []}}, "a schema or more of shop, or read_all_data: true"),
        ({"databases": {"shop": ["public", "public"]}}, "each name once"),
        (
            {"databases": {"shop": ["ä" * 32]}},
            "a name as PostgreSQL takes it: text of 1 to 63 bytes",
        ),
        (
            {"databases": {"shop": ["{{resolve:ssm:x}}"]}},
            "a name without control characters, {{resolve: and #{",
        ),
        (
            {"databases": {"shop": ["public"]}, "name": "pg_reader"},
            "a lower-case name: a letter, then up to 39 letters, digits and underscores; not "
            "admin, none, public, root, user, nor what begins with rds or pg_, which the server "
            "keeps for itself",
        ),
        (
            {"databases": {"shop": ["public"]}, "name": "none"},
            "a lower-case name: a letter, then up to 39 letters, digits and underscores; not "
            "admin, none, public, root, user, nor what begins with rds or pg_, which the server "
            "keeps for itself",
        ),
        (
            {"databases": {"shop": ["public"]}, "repeat_minutes": 1},
            "a whole number of minutes from 5 to 10080, or never",
        ),
    ],
)
def test_what_is_read_is_named_so_that_it_can_be(reader: dict[str, Any], said: str) -> None:
    """A name that CloudFormation or Octopus would change is none."""
    assert allowed({"reporting_user": reader}) == [said]


def test_a_schema_may_be_called_whatever_postgresql_lets_it() -> None:
    """Quotes, semicolons and what looks like a variable: the function quotes them."""
    name = """we"ird'; DROP TABLE x; -- ${AWS::Region} $1 ü"""
    found = settings(reporting_user={"databases": {name: [name]}, "owners": [name]})
    assert found.reporting_user is not None
    assert properties(found.reporting_user) == {
        "Databases": [{"Name": name, "Schemas": [name]}],
        "Owners": [name],
        "ReadAllData": False,
        "RevokePublic": True,
        "ConnectionLimit": 10,
        "StatementTimeoutSeconds": 3600,
        "IdleInTransactionTimeoutSeconds": 600,
    }


def test_more_names_than_the_function_can_be_told_are_refused() -> None:
    """Lambda's variables have 4,096 bytes in all."""
    schemas = [f"a_rather_long_name_of_a_schema_{number:03}" for number in range(100)]
    (said,) = allowed({"reporting_user": {"databases": {"shop": schemas}}})
    assert said.startswith("names that fit into 3,000 bytes together with the schemas; these take")


def test_a_date_may_stand_in_quotes_or_not() -> None:
    """YAML makes a date of one, and text of the other."""
    for written in (date(2027, 6, 30), "2027-06-30"):
        found = settings(reporting_user=READER | {"valid_until": written}).reporting_user
        assert found is not None
        assert properties(found)["ValidUntil"] == "2027-06-30"


MINUTES = st.integers(0, windows._WEEK - 1)


@given(begin=st.integers(0, 1439), length=st.integers(30, 1439), start=MINUTES, span=MINUTES)
def test_windows_meet_where_they_have_a_minute_in_common(
    begin: int, length: int, start: int, span: int
) -> None:
    """By the minutes of a week, one by one, past midnight and past Sunday."""
    backup = f"{_time(begin)}-{_time(begin + length)}"
    maintenance = f"{_moment(start)}-{_moment(start + span)}"
    week = windows._WEEK
    daily = {(day * 1440 + begin + minute) % week for day in range(7) for minute in range(length)}
    weekly = {(start + minute) % week for minute in range(span)}
    assert windows.backup_minutes(backup) == length
    assert windows.maintenance_minutes(maintenance) == span
    if span:
        assert windows.overlap(backup, maintenance) == bool(daily & weekly)


def _time(minute: int) -> str:
    return f"{minute // 60 % 24:02}:{minute % 60:02}"


def _moment(minute: int) -> str:
    return f"{windows._DAYS[minute // 1440 % 7]}:{_time(minute)}"
