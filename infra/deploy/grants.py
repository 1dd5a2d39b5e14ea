"""What the reporting user's function is asked for, and what it answers.

Effects come from the function alone, which is invoked as its schedule does:
lambda_src/reporting_user/invocation.py says what it takes and gives.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from infra.aws.services import Account
from infra.config import Environment, ReportingUser
from infra.errors import AwsError, InputError
from infra.naming import DATABASE, stack_name

FUNCTION_OUTPUT = "ReportingFunctionName"


@dataclass(frozen=True)
class Wish:
    """What is to be done, or only planned."""

    added: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Schemas by database, besides those of the settings that are deployed."""
    revoke: bool = False
    only_planned: bool = False

    def event(self) -> dict[str, Any]:
        """As the function takes it."""
        actions = {
            (False, False): "grant",
            (False, True): "plan",
            (True, False): "revoke",
            (True, True): "plan-revoke",
        }
        action = {"Action": actions[self.revoke, self.only_planned]}
        if not self.added:
            return dict(action)
        named = [{"Name": name, "Schemas": [*schemas]} for name, schemas in self.added.items()]
        return {**action, "Databases": named}


@dataclass(frozen=True)
class DatabasePlan:
    """What is done in one database, in one transaction, and what is left."""

    database: str
    statements: tuple[str, ...]
    missing: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()


@dataclass(frozen=True)
class Answer:
    """What the function says that it has done, or would do."""

    role: str
    named: Mapping[str, tuple[str, ...]]
    """Schemas by database: what the run was for."""
    plans: tuple[DatabasePlan, ...]
    omitted: int
    """Statements that the answer had no room for."""

    @property
    def statements(self) -> int:
        """How many there are in all."""
        return sum(len(plan.statements) for plan in self.plans) + self.omitted

    @property
    def missing(self) -> tuple[str, ...]:
        """What is not there yet, and covered once it is."""
        return tuple(dict.fromkeys(text for plan in self.plans for text in plan.missing))

    @property
    def problems(self) -> tuple[str, ...]:
        """What an operator has to see to."""
        return tuple(dict.fromkeys(text for plan in self.plans for text in plan.problems))

    def beyond(self, settings: ReportingUser) -> dict[str, tuple[str, ...]]:
        """What of it the settings do not name."""
        found = {
            name: tuple(each for each in schemas if each not in settings.databases.get(name, ()))
            for name, schemas in self.named.items()
        }
        return {
            name: schemas
            for name, schemas in found.items()
            if schemas or name not in settings.databases
        }


def reporting_user(environment: Environment) -> ReportingUser:
    """The settings of that user; an InputError where there is none."""
    if environment.database is None:
        raise InputError(f"{environment.name} has no database: nothing can be granted.")
    if environment.database.reporting_user is None:
        raise InputError(
            f"The database of {environment.name} has no reporting_user: name one in its settings "
            "and deploy."
        )
    return environment.database.reporting_user


def function_of(environment: Environment, account: Account) -> str | None:
    """The name of the deployed function; None where the stack is not there yet."""
    name = stack_name(environment.name, DATABASE)
    stack = account.stacks.deployed(name)
    if stack is None:
        return None
    function = stack.value(FUNCTION_OUTPUT)
    if function is None:
        raise AwsError(
            f"Stack {name} ({stack.status}) tells no {FUNCTION_OUTPUT}: it has no reporting user "
            "yet, or was never finished. Deploy it again."
        )
    return function


def not_deployed(environment: Environment) -> AwsError:
    """What is said where there is nothing to ask."""
    name = stack_name(environment.name, DATABASE)
    return AwsError(f"Stack {name} is not deployed: there is no function to ask. Deploy it first.")


def ask(account: Account, function: str, wish: Wish) -> Answer:
    """Invoke the function, and understand what it says."""
    event = wish.event()
    said = account.functions.invoke(function, event)
    try:
        if said["Action"] != event["Action"]:
            raise ValueError
        return Answer(
            role=str(said["Role"]),
            named={str(name): tuple(schemas) for name, schemas in said["Named"].items()},
            plans=tuple(_plans(said["Plans"])),
            omitted=int(said["Omitted"]),
        )
    except (TypeError, KeyError, ValueError, AttributeError):
        raise AwsError(
            f"Function {function} answered as another version of it does. Deploy the stack again."
        ) from None


def _plans(said: Any) -> Iterator[DatabasePlan]:
    for each in said:
        yield DatabasePlan(
            database=str(each["Database"]),
            statements=tuple(map(str, each["Statements"])),
            missing=tuple(map(str, each["Missing"])),
            problems=tuple(map(str, each["Problems"])),
        )
