"""`infra doctor`: what would keep an environment from working, and the fix."""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

import typer

from infra.aws.services import Account
from infra.cli import options
from infra.cli.account import connected
from infra.config import Environment
from infra.deploy.checkup import examine
from infra.deploy.checkup.check import Check, State
from infra.words import printable

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

    found = examine(env, connect, datetime.now(UTC).date())
    checks = list(found) if as_json else _told(found)
    if as_json:
        print(json.dumps([_data(each) for each in checks], indent=2))
    counts = Counter(each.state for each in checks)
    print(", ".join(f"{counts[state]:,} {state}" for state in State), file=sys.stderr)
    if counts[State.FAILED]:
        raise typer.Exit(1)


def _told(checks: Iterable[Check]) -> Sequence[Check]:
    """Each as soon as it is known."""
    told = []
    for each in checks:
        told.append(each)
        print(printable(f"{each.state:{_WIDTH}}  {each.name}: {each.text}"), flush=True)
    return told


def _data(check: Check) -> dict[str, str]:
    return {"check": check.name, "state": check.state.value, "text": check.text}
