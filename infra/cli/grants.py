"""`infra grants`: what the reporting user may read, brought up to date, shown, or taken away."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, Any

import typer

from infra import config
from infra.aws.services import Account
from infra.cli import options
from infra.cli.account import connected
from infra.cli.lines import talk, tell, tell_exactly, waiting
from infra.config import Environment, ReportingUser
from infra.deploy import schedule
from infra.deploy.analysts import Place
from infra.deploy.general_plan import general_plan
from infra.deploy.grants import Answer, Wish, ask, function_of, not_deployed, reporting_user
from infra.errors import AwsError
from infra.words import counted, printable


def grants(
    env: options.Env,
    database: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME", help="Another database, besides the settings'; may be repeated."
        ),
    ] = None,
    schema: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME", help="A schema of each --database; may be repeated."),
    ] = None,
    revoke: Annotated[
        bool, typer.Option("--revoke", help="Take everything from the user, and remove it.")
    ] = False,
    print_: Annotated[
        bool, typer.Option("--print", help="Print the SQL that would be run; change nothing.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask before --revoke.")] = False,
    as_json: options.AsJson = False,
    endpoint_url: options.EndpointUrl = None,
    profile: options.Profile = None,
    region: options.Region = None,
) -> None:
    """Let the reporting user read what the deployed settings name, now.

    Invokes the function that its schedule invokes, and tells what it did in each database, what is
    not there yet, and what stands in the way (exit code 1).

    With --database and --schema the user may read those as well, until the next scheduled run:
    that takes away what the settings do not name. To keep it, name it in
    database.reporting_user.databases and deploy.

    --revoke ends the user's sessions, takes all it has and drops it; if it owns something, it
    stays without login. The next scheduled run makes it again, so disable the schedule first, or
    take reporting_user out of the settings and deploy.

    --print asks the function for its plan. Where the stack is not deployed, or nobody can be asked,
    it prints the general plan, as for a new server. A password is in none of them.

    \b
    Examples:
      infra grants prod
      infra grants prod --database shop --schema audit --schema sales
      infra grants prod --print > plan.sql
      infra grants prod --revoke --yes
    """
    environment = config.load(env)
    settings = reporting_user(environment)
    wish = Wish(_added(database or [], schema or [], settings, revoke), revoke, print_)
    account, place = connected(environment, endpoint_url, profile, region)
    answer = _answer(environment, account, wish, _Question(place, yes))
    if as_json:
        print(json.dumps(_data(answer), indent=2))
    elif print_:
        tell_exactly(_sql(answer))
    else:
        tell(_told(answer))
    talk(_summary(environment, answer, wish))
    if answer.problems and not print_:
        raise typer.Exit(1)


def _added(
    databases: list[str], schemas: list[str], settings: ReportingUser, revoke: bool
) -> dict[str, tuple[str, ...]]:
    """Each schema of each database; what cannot be meant is a wrong command line."""
    if revoke and (databases or schemas):
        raise typer.BadParameter("--revoke takes everything: leave --database and --schema out")
    if schemas and not databases:
        raise typer.BadParameter("--schema needs a --database that it is in")
    if schemas and settings.read_all_data:
        raise typer.BadParameter("--schema: with read_all_data it reads all schemas; leave it out")
    if databases and not schemas and not settings.read_all_data:
        raise typer.BadParameter("--database needs a --schema of it that is to be read")
    return {name: tuple(dict.fromkeys(schemas)) for name in databases}


def _answer(environment: Environment, account: Account, wish: Wish, question: _Question) -> Answer:
    settings = reporting_user(environment)
    can_do_without = wish.only_planned and not wish.revoke
    try:
        function = function_of(environment, account)
        why = str(not_deployed(environment))
    except AwsError as error:
        if not can_do_without:
            raise
        function, why = None, str(error)
    if function is not None:
        if wish.revoke and not wish.only_planned:
            question.confirm(environment, settings)
        with waiting(f"{function} is at work"):
            return ask(account, function, wish)
    if not can_do_without:
        raise AwsError(why)
    talk([why, "This is the general plan, as for a new server."])
    return general_plan(environment, wish.added)


@dataclass(frozen=True)
class _Question:
    """What is asked before everything is taken away."""

    place: Place
    yes: bool

    def confirm(self, environment: Environment, settings: ReportingUser) -> None:
        """Ask on a terminal; without one, somebody has to have said yes."""
        talk(_comes_back(environment, settings, self.place))
        if self.yes:
            return
        if sys.stdin is None or not sys.stdin.isatty():
            raise typer.BadParameter("--revoke asks on a terminal; where there is none, add --yes")
        words = f"Remove user {settings.name} of {environment.name}, and end its sessions?"
        if not typer.confirm(words, err=True):
            talk(["nothing was changed"])
            raise typer.Exit(1)


def _comes_back(environment: Environment, settings: ReportingUser, place: Place) -> Iterator[str]:
    if settings.repeat_minutes != "never":
        yield (
            f"The schedule (every {counted(settings.repeat_minutes, 'minute')}) makes the user "
            "again. To keep it away, take reporting_user out of the settings and deploy, or "
            "disable the schedule before:"
        )
        yield f"  {schedule.disabling(environment, place)}"


def _told(answer: Answer) -> Iterator[str]:
    """A block for each database, and what is left."""
    for name, schemas in answer.named.items():
        yield f"named: {name}: {', '.join(schemas) or 'all schemas'}"
    for plan in answer.plans:
        done = counted(len(plan.statements), "statement") if plan.statements else "no change"
        yield f"{plan.database}: {done}"
        yield from (f"  {statement}" for statement in plan.statements)
    yield from (f"missing: {text}" for text in answer.missing)
    yield from (f"problem: {text}" for text in answer.problems)


def _sql(answer: Answer) -> Iterator[str]:
    for plan in answer.plans:
        # A name with a new line in it must not end the comment.
        yield f"-- database {printable(plan.database)}"
        yield from (f"{statement};" for statement in plan.statements)
        yield from (f"-- {printable(note)}" for note in (*plan.missing, *plan.problems))


def _summary(environment: Environment, answer: Answer, wish: Wish) -> Iterator[str]:
    settings = reporting_user(environment)
    verb = "to run" if wish.only_planned else "run"
    counts = f"{counted(answer.statements, 'statement')} {verb}"
    left = f"{len(answer.missing):,} missing, {counted(len(answer.problems), 'problem')}"
    yield f"{environment.name}: user {answer.role}: {counts}, {left}"
    if answer.omitted:
        yield f"{counted(answer.omitted, 'statement')} more than the answer has room for"
    if not wish.only_planned and answer.beyond(settings):
        yield _until(answer, settings)


def _until(answer: Answer, settings: ReportingUser) -> str:
    names = ", ".join(
        f"{name} ({', '.join(schemas)})" if schemas else name
        for name, schemas in answer.beyond(settings).items()
    )
    when = (
        "until the function runs again"
        if settings.repeat_minutes == "never"
        else f"until the next scheduled run, within {counted(settings.repeat_minutes, 'minute')}"
    )
    return (
        f"{names}: not in the settings, so this lasts {when}. To keep it, name it in "
        "database.reporting_user.databases and deploy."
    )


def _data(answer: Answer) -> Any:
    return {
        "role": answer.role,
        "named": {name: list(schemas) for name, schemas in answer.named.items()},
        "databases": [
            {
                "database": plan.database,
                "statements": list(plan.statements),
                "missing": list(plan.missing),
                "problems": list(plan.problems),
            }
            for plan in answer.plans
        ],
        "omitted": answer.omitted,
    }
