"""The settings of the user that may read what is named, and nothing else."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    PlainValidator,
    Strict,
    ValidationInfo,
    WithJsonSchema,
    field_validator,
)

from infra.config.replicas import parsed_date
from infra.config.values import PrefixListId, ReportingUsername, RetentionDays, Settings, refusal
from infra.runtime import Architecture

NAME_LIMIT = 63
"""Bytes: https://www.postgresql.org/docs/current/sql-syntax-lexical.html#SQL-SYNTAX-IDENTIFIERS."""

VARIABLE = "REPORTING_USER"
"""Tells the function what a run is for: see lambda_src/reporting_user/handler.py."""

_PROPERTIES_LIMIT = 3000
"""Bytes, of the 4,096 that Lambda has for all variables: names of AWS's own are in them as well.

https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
"""

_LONGEST_MINUTES = 7 * 24 * 60
_SHORTEST_MINUTES = 5


def _name(value: Any) -> str:
    """Whatever PostgreSQL takes: the function quotes it.

    CloudFormation would replace a dynamic reference, also in the middle of a name, and Octopus
    what it takes for its variables.
    """
    size = len(value.encode(errors="replace")) if isinstance(value, str) else 0
    if not 1 <= size <= NAME_LIMIT or "\0" in value:
        raise refusal(f"a name as PostgreSQL takes it: text of 1 to {NAME_LIMIT} bytes")
    if not value.isprintable() or "{{resolve:" in value or "#{" in value:
        raise refusal("a name without control characters, {{resolve: and #{")
    return str(value)


SqlName = Annotated[str, PlainValidator(_name), WithJsonSchema({"type": "string"})]


def _names(values: tuple[str, ...]) -> tuple[str, ...]:
    if len(set(values)) < len(values):
        raise refusal("each name once")
    return values


SqlNames = Annotated[tuple[SqlName, ...], Field(strict=False), AfterValidator(_names)]


def _minutes_or_never(value: Any) -> Any:
    if value == "never" or (type(value) is int and _SHORTEST_MINUTES <= value <= _LONGEST_MINUTES):
        return value
    raise refusal(
        f"a whole number of minutes from {_SHORTEST_MINUTES} to {_LONGEST_MINUTES}, or never"
    )


Repetition = Annotated[
    int | Literal["never"],
    PlainValidator(_minutes_or_never),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "integer", "minimum": _SHORTEST_MINUTES, "maximum": _LONGEST_MINUTES},
                {"const": "never"},
            ]
        }
    ),
]
Seconds = Annotated[int, Strict(), Field(ge=1, le=2_000_000)]


class ReportingUser(Settings):
    """Who reads, and what of which database."""

    name: ReportingUsername = Field(
        default="reporting",
        description="what it is called on the server; another one makes another user and another "
        "secret, and removes the old ones",
    )
    read_all_data: Annotated[bool, Strict()] = Field(
        default=False,
        description="whether it reads all tables of all schemas, present and future "
        "(pg_read_all_data): true or false; schemas are then not named",
    )
    databases: dict[SqlName, SqlNames] = Field(
        description="database: [schema, …], whose tables and sequences it reads; what is not there "
        "yet is served once it is"
    )
    owners: SqlNames = Field(
        default=(),
        validate_default=True,
        description="roles whose later tables it is to read as well, besides those who own "
        "something in the schemas or may create in them",
    )
    revoke_public: Annotated[bool, Strict()] = Field(
        default=True,
        description="whether CONNECT and TEMPORARY are taken from PUBLIC on all databases, and "
        "given to each role that can log in now: true or false; with false the user can enter "
        "every database",
    )
    connection_limit: Annotated[int, Strict(), Field(ge=1, le=10_000)] = Field(
        default=10, description="its sessions at once on each server, 1 to 10000"
    )
    statement_timeout_seconds: Seconds = Field(
        default=3600, description="seconds after which a query of its is ended, 1 to 2000000"
    )
    idle_in_transaction_timeout_seconds: Seconds = Field(
        default=600,
        description="seconds after which a session of its that does nothing in a transaction is "
        "ended, 1 to 2000000",
    )
    valid_until: Annotated[date, BeforeValidator(parsed_date)] | None = Field(
        default=None,
        description="the day on which its password stops being valid, such as 2027-06-30",
    )
    repeat_minutes: Repetition = Field(
        default=60,
        description="minutes after which the grants are repeated, so that later databases, "
        f"schemas and owners are covered, {_SHORTEST_MINUTES} to {_LONGEST_MINUTES}, or never",
    )
    architecture: Architecture = Field(
        default="arm64", description="of the function's processor: arm64 or x86_64"
    )
    log_retention_days: RetentionDays = Field(
        default=30, description="days that the function's log is kept"
    )
    s3_prefix_list_id: PrefixListId | None = Field(
        default=None,
        description="the id of the region's S3 prefix list, as the log processor has it: the "
        "function answers CloudFormation through S3",
    )

    @field_validator("databases")
    @classmethod
    def _says_what_is_read(
        cls, databases: Mapping[str, tuple[str, ...]], info: ValidationInfo
    ) -> Mapping[str, tuple[str, ...]]:
        if not databases:
            raise refusal("one database or more")
        all_data = info.data.get("read_all_data")
        if all_data and any(databases.values()):
            raise refusal("database: [] with read_all_data, which reads all schemas")
        empty = [name for name, schemas in databases.items() if not schemas]
        if all_data is False and empty:
            raise refusal(f"a schema or more of {empty[0]}, or read_all_data: true")
        return databases

    @field_validator("owners")
    @classmethod
    def _fits_into_a_variable(
        cls, owners: tuple[str, ...], info: ValidationInfo
    ) -> tuple[str, ...]:
        names = {"Databases": _listed(info.data.get("databases", {})), "Owners": list(owners)}
        # Inside of the variables' own JSON every quotation mark counts twice.
        size = len(json.dumps(json.dumps(names)))
        if size > _PROPERTIES_LIMIT:
            raise refusal(
                f"names that fit into {_PROPERTIES_LIMIT:,} bytes together with the schemas; these "
                f"take {size:,}: name fewer, or use read_all_data"
            )
        return owners


def properties(settings: ReportingUser) -> dict[str, Any]:
    """What lambda_src/reporting_user/properties.py asks for, as far as settings can know it."""
    until = settings.valid_until
    return {
        "Databases": _listed(settings.databases),
        "Owners": list(settings.owners),
        "ReadAllData": settings.read_all_data,
        "RevokePublic": settings.revoke_public,
        "ConnectionLimit": settings.connection_limit,
        "StatementTimeoutSeconds": settings.statement_timeout_seconds,
        "IdleInTransactionTimeoutSeconds": settings.idle_in_transaction_timeout_seconds,
        **({"ValidUntil": until.isoformat()} if until else {}),
    }


def _listed(databases: Mapping[str, tuple[str, ...]]) -> list[dict[str, Any]]:
    return [{"Name": name, "Schemas": list(schemas)} for name, schemas in databases.items()]
