"""`infra doctor`: what would keep an environment from working, and the fix."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime

import typer

from infra.aws.services import Account
from infra.cli import options
from infra.cli.account import connected
from infra.cli.lines import talk, tell
from infra.config import Environment
from infra.deploy.checkup import examine
from infra.deploy.checkup.check import Check, State

_WIDTH = max(map(len, State))


def doctor(
    env: options.Env,
    as_json: options.AsJson = False,
    endpoint_url: options.EndpointUrl = None,
    profile: options.Profile = None,
    region: options.Region = None,
) -> None:
    """Look for what would keep an environment from working, and say how to mend it.

    Looks at the settings, the credentials, every stack, and the approvals that have expired or
    will within two weeks; with a database, or in a VPC that somebody else made, also at its
    subnets (do public ones lead to an internet gateway, are there two zones) and its DNS settings.
    Changes nothing. Each check is a line: ok, failed, or not checked and why. Exit code 1 if any
    failed.

    \b
    Examples:
      infra doctor prod
      infra doctor environments/shop.yaml --profile shop
      infra doctor prod --json | jq '.[] | select(.state == "failed")'
    """

    def connect(environment: Environment) -> Account:
        return connected(environment, endpoint_url, profile, region)[0]

    counts = Counter[State]()
    checks = _counted(examine(env, connect, datetime.now(UTC).date()), counts)
    if as_json:
        print(json.dumps([_data(each) for each in checks], indent=2))
    else:
        tell(f"{each.state:{_WIDTH}}  {each.name}: {each.text}" for each in checks)
    talk([", ".join(f"{counts[state]:,} {state}" for state in State)])
    if counts[State.FAILED]:
        raise typer.Exit(1)


def _counted(checks: Iterable[Check], counts: Counter[State]) -> Iterator[Check]:
    for each in checks:
        counts[each.state] += 1
        yield each


def _data(check: Check) -> dict[str, str]:
    return {"check": check.name, "state": check.state.value, "text": check.text}
