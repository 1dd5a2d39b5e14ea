"""What would keep an environment from working: each thing looked at, and what it is like.

Nothing is changed. What cannot be looked at is said to be so; nobody is to take it for good.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date

from infra.assembly import outline
from infra.aws.services import Account
from infra.config import Environment, load
from infra.deploy.checkup.check import Check, failed, not_checked, ok
from infra.deploy.checkup.network import network_checks
from infra.deploy.checkup.stacks import stack_checks
from infra.deploy.deployed import look_up
from infra.errors import AwsError, SettingsError
from infra.lint import approvals, public_access
from infra.model import Assembly
from infra.words import counted

Connect = Callable[[Environment], Account]


def examine(name_or_path: str, connect: Connect, today: date) -> Iterator[Check]:
    """Every check of an environment, in the order in which they build on each other."""
    try:
        environment = load(name_or_path)
    except SettingsError as error:
        yield from (failed("settings", problem) for problem in error.problems)
        for name in ("credentials", "stacks", "network", "approvals"):
            yield not_checked(name, "the settings cannot be used")
        return
    assembly = outline(environment)
    yield from _settings(environment, assembly)
    yield from _in_aws(environment, assembly, connect)
    yield from _approvals(environment, today)


def _settings(environment: Environment, assembly: Assembly) -> Iterator[Check]:
    found = public_access.findings(assembly)
    yield from (failed("settings", str(finding)) for finding in found)
    if not found:
        stacks = ", ".join(stack.id for stack in assembly.stacks)
        yield ok("settings", f"{environment.name}, {environment.region}: {stacks or 'no stack'}")


def _in_aws(environment: Environment, assembly: Assembly, connect: Connect) -> Iterator[Check]:
    try:
        account = connect(environment)
        caller = account.identity.caller()
    except AwsError as error:
        yield failed("credentials", str(error))
        for name in ("stacks", "network"):
            yield not_checked(name, "nobody can be asked without credentials")
        return
    where = f"account {caller.account}, region {account.region}"
    yield ok("credentials", f"{caller.arn}: {where}")
    try:
        found = look_up(assembly, account.stacks)
    except AwsError as error:
        yield not_checked("stacks", str(error))
        found = []
    yield from stack_checks(assembly, found)
    yield from network_checks(environment, found, account.networks)


def _approvals(environment: Environment, today: date) -> Iterator[Check]:
    if environment.database is None:
        return
    found = approvals.warnings(environment, today)
    yield from (failed("approvals", warning) for warning in found)
    if not found:
        days = counted(approvals.SOON_DAYS, "day")
        yield ok("approvals", f"none has expired or expires within {days}")
