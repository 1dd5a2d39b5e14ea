"""`infra outputs`: what an environment's stacks tell, and how analysts connect."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

from infra import config
from infra.assembly import outline
from infra.cli import options
from infra.cli.account import connected
from infra.cli.lines import talk, tell
from infra.deploy.analysts import CERTIFICATES, Connection, Place, connections
from infra.deploy.deployed import Found, look_up
from infra.errors import AwsError
from infra.model import Assembly
from infra.naming import DATABASE

_WIDEST = 60
"""Of a value that others are lined up with."""


def outputs(
    env: options.Env,
    as_json: options.AsJson = False,
    endpoint_url: options.EndpointUrl = None,
    profile: options.Profile = None,
    region: options.Region = None,
) -> None:
    """Print what the stacks of an environment tell: each output with its value and meaning.

    Stacks that are not there are told on stderr. With a database, prints for each public replica
    how an analyst connects: the server's certificate is verified, and the password comes out of
    Secrets Manager into a variable, past the list of processes. No password is printed. Exit code
    1 if no stack is there.

    \b
    Examples:
      infra outputs dev
      infra outputs reporting --json | jq -r '.connections[].psql'
      infra outputs environments/shop.yaml --profile shop
    """
    environment = config.load(env)
    assembly = outline(environment)
    account, place = connected(environment, endpoint_url, profile, region)
    found = look_up(assembly, account.stacks)
    talk(_absent(assembly, found))
    if not any(each.deployed for each in found):
        raise AwsError(f"No stack of {environment.name} is deployed in {place.region}.")
    ways = _ways(environment, found, place)
    if as_json:
        print(json.dumps(_data(environment.name, place.region, found, ways), indent=2))
        return
    tell((*_table(found), *_connecting(ways)))


def _absent(assembly: Assembly, found: Sequence[Found]) -> Iterator[str]:
    for each in found:
        if each.deployed is None:
            yield f"{each.stack.name} is not deployed"
    for stack in assembly.elsewhere:
        where = stack.region or f"account {stack.account}"
        yield f"{stack.name} is for {where}, where nobody has looked"


def _ways(
    environment: config.Environment, found: Sequence[Found], place: Place
) -> list[Connection]:
    return [
        way
        for each in found
        if each.stack.id == DATABASE and each.deployed and environment.database
        for way in connections(environment.database, each.deployed, place)
    ]


def _table(found: Sequence[Found]) -> Iterator[str]:
    """A block for each stack, which it begins with: `key  value  description`."""
    told = [output for each in found if each.deployed for output in each.deployed.outputs]
    keys = max((len(each.key) for each in told), default=0)
    values = max((len(each.value) for each in told if len(each.value) <= _WIDEST), default=0)
    for each in found:
        if each.deployed:
            yield f"{each.deployed.name} {each.deployed.status}"
            for one in each.deployed.outputs:
                yield f"  {one.key:{keys}}  {one.value:{values}}  {one.description}".rstrip()


def _connecting(ways: Sequence[Connection]) -> Iterator[str]:
    for way in ways:
        place = f"{way.host}:{way.port}, database {way.database}, user {way.user}"
        yield ""
        yield f"replica {way.replica}: {place}"
        yield f"  certificates: {CERTIFICATES}"
        yield f"  password:     {way.password}"
        yield f"  connect:      {way.line}"


def _data(name: str, region: str, found: Sequence[Found], ways: Sequence[Connection]) -> Any:
    return {
        "environment": name,
        "region": region,
        "stacks": [_stack(each) for each in found],
        "connections": [
            {
                "replica": way.replica,
                "host": way.host,
                "port": int(way.port),
                "database": way.database,
                "user": way.user,
                "psql": way.psql,
                "certificates": CERTIFICATES,
                "password_command": way.password,
            }
            for way in ways
        ],
    }


def _stack(each: Found) -> dict[str, Any]:
    told = each.deployed.outputs if each.deployed else ()
    return {
        "name": each.stack.name,
        "status": each.deployed.status if each.deployed else None,
        "outputs": [
            {"key": one.key, "value": one.value, "description": one.description} for one in told
        ],
    }
