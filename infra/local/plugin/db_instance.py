"""RDS's instances with real servers, of which MiniStack has records alone.

A master is a primary, a replica a streaming standby of it. Their endpoints are on this machine, and
what their parameter groups say holds where it is PostgreSQL's own; the class does not.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ministack.services import rds

from infra.local import postgresql, rds_roles
from infra.local.plugin import database_servers
from infra.local.plugin.adaptation import Attributes
from infra.local.plugin.calls import Handler, Properties
from infra.local.plugin.database_servers import HOST, First
from infra.local.postgresql import Server
from lambda_src.reporting_user.verifier import verifier

TYPE = "AWS::RDS::DBInstance"

_SOURCE = "SourceDBInstanceIdentifier"
_FIRST_DATABASE = "postgres"
"""Of a master for which no name is given."""
_INHERITED = (
    "AllocatedStorage",
    "BackupRetentionPeriod",
    "DBName",
    "KmsKeyId",
    "MasterUsername",
    "StorageEncrypted",
    "StorageType",
)
_OF_RDS = "rds."

Record = dict[str, Any]


def with_a_server(original: Handler) -> Handler:
    """MiniStack's own handlers, which then have something to tell of."""

    def create(logical_id: str, properties: Properties, *rest: Any) -> tuple[str, Attributes]:
        name, attributes = original["create"](logical_id, properties, *rest)
        try:
            return name, {**attributes, **_begun(name, properties)}
        except BaseException:
            # What failed has no physical id by which anybody would delete it.
            original["delete"](name, properties)
            raise

    def update(
        name: str, old: Properties, new: Properties, *rest: Any, **named: Any
    ) -> tuple[str, Attributes]:
        changed, attributes = original["update"](name, old, new, *rest, **named)
        if changed != name:
            database_servers.end(name)
            return changed, {**attributes, **_begun(changed, new)}
        return changed, {**attributes, **_changed(name, old, new)}

    def delete(name: str, properties: Properties) -> None:
        if rds._instances.get(name, {}).get("DeletionProtection"):
            raise ValueError(
                "Cannot delete protected DB Instance, please disable deletion protection and try "
                "again."
            )
        original["delete"](name, properties)
        _ended(name)

    return {**original, "create": create, "update": update, "delete": delete}


def with_their_parameters(original: Handler) -> Handler:
    """MiniStack's own handlers of parameter groups, whose changes reach the servers."""

    def update(group: str, *rest: Any, **named: Any) -> tuple[str, Attributes]:
        changed: tuple[str, Attributes] = original["update"](group, *rest, **named)
        for name, record in rds._instances.items():
            server = database_servers.running(name)
            if server is not None and _group(record) == group:
                postgresql.reconfigure(server, _settings(record))
        return changed

    return {**original, "update": update}


def ended_by_its_api(original: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """MiniStack's own DeleteDBInstance, which then ends a server as well."""

    def delete(parameters: Any) -> Any:
        before = set(rds._instances)
        answer = original(parameters)
        for name in before.difference(rds._instances):
            _ended(name)
        return answer

    return delete


def on_a_thread(original: Callable[[str], bool]) -> Callable[[str], bool]:
    """Which types MiniStack waits for without keeping everybody else waiting."""

    def runs(resource_type: str) -> bool:
        return resource_type == TYPE or original(resource_type)

    return runs


def _begun(name: str, properties: Properties) -> Attributes:
    record = rds._instances[name]
    settings = _settings(record)
    if _SOURCE not in properties:
        first = _first(record, properties)
        record["DBName"] = first.database
        return _told(record, database_servers.begin(name, first, settings))
    source = str(properties[_SOURCE]).rpartition(":")[2]
    server = database_servers.follow(name, source, settings)
    _follows(record, rds._instances[source], properties)
    return _told(record, server)


def _first(record: Record, properties: Properties) -> First:
    major = str(properties.get("EngineVersion", "")).partition(".")[0]
    return First(
        database=properties.get("DBName") or _FIRST_DATABASE,
        user=record["MasterUsername"],
        password=record["_MasterUserPassword"],
        major=int(major) if major else None,
    )


def _follows(record: Record, source: Record, properties: Properties) -> None:
    """What a replica has of its source; its subnets too, unless it has others."""
    record.update({each: source[each] for each in _INHERITED if each in source})
    if "DBSubnetGroupName" not in properties:
        record["DBSubnetGroup"] = source["DBSubnetGroup"]
    record["ReadReplicaSourceDBInstanceIdentifier"] = source["DBInstanceIdentifier"]
    source["ReadReplicaDBInstanceIdentifiers"].append(record["DBInstanceIdentifier"])


def _told(record: Record, server: Server) -> Attributes:
    """Where the server is and what it runs, in the record and as attributes."""
    record["Endpoint"] = {**record["Endpoint"], "Address": HOST, "Port": server.port}
    record["EngineVersion"] = server.installation.version
    return {"Endpoint.Address": HOST, "Endpoint.Port": str(server.port)}


def _changed(name: str, old: Properties, new: Properties) -> Attributes:
    server = database_servers.running(name)
    if server is None:
        raise ValueError(f"DBInstance {name} not found")
    record, password = rds._instances[name], new.get("MasterUserPassword")
    if password != old.get("MasterUserPassword"):
        rds_roles.set_password(server, record["MasterUsername"], verifier(str(password)))
    if old.get("DBParameterGroupName") != new.get("DBParameterGroupName"):
        postgresql.reconfigure(server, _settings(record))
    return _told(record, server)


def _settings(record: Record) -> Mapping[str, str]:
    """What the parameter group says, as far as PostgreSQL itself knows of it."""
    parameters = rds._param_groups.get(_group(record), {}).get("Parameters", {})
    return {
        name: str(each["ParameterValue"])
        for name, each in parameters.items()
        if not name.startswith(_OF_RDS)
    }


def _group(record: Record) -> str:
    return str(record["DBParameterGroups"][0]["DBParameterGroupName"])


def _ended(name: str) -> None:
    database_servers.end(name)
    for record in rds._instances.values():
        replicas = record["ReadReplicaDBInstanceIdentifiers"]
        if name in replicas:
            replicas.remove(name)
