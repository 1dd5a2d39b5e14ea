"""The function's entry: CloudFormation's requests, the schedule that repeats the grants, operators.

An event with a RequestType is CloudFormation's; it is answered exactly once. Any other is a run of
its own, for what its member `ResourceProperties` says, or else the environment's variable
REPORTING_USER, as JSON: the properties that properties.py lists. It fails if the run does, so that
Lambda's metric of errors tells. One with an Action is an operator's: invocation.py lists what can
be asked, always of the variable's properties.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/crpg-ref-requesttypes.html
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from ..custom_resource import Context, Course, Deadline, Made, Request, serve
from ..custom_resource.log import Log as Line
from . import properties, report, secrets, tls
from .connection import Server
from .errors import ForeignRoleError, PropertiesError, SecretError, UnreachableError
from .invocation import Action, Wish, answer, wish
from .properties import Properties
from .removal import planned_removal, remove
from .report import Log
from .secrets import SecretsManager
from .work import Access, Job, Outcome

VARIABLE = "REPORTING_USER"

_MARGIN_SECONDS = 5.0
"""Kept of a scheduled run's time for saying what happened, or a tenth where it is short."""

_SAID = {Action.GRANT: report.KEPT, Action.REVOKE: report.REMOVED}
"""In the log, of what changes something."""


def handle(event: object, context: Context) -> dict[str, Any] | None:
    """Answer CloudFormation, or run once and return what was done."""
    return process(event, context, secrets.client, os.environ)


def process(
    event: object,
    context: Context,
    manager: Callable[[], SecretsManager],
    environment: Mapping[str, str],
) -> dict[str, Any] | None:
    """Do what `handle` does, with this Secrets Manager and these variables."""
    name = environment.get("AWS_LAMBDA_FUNCTION_NAME", "reporting-user")
    user = ReportingUser(Log(context.aws_request_id, name), manager)
    if isinstance(event, Mapping) and "RequestType" in event:
        serve(event, context, lambda: user)
        return None
    left = context.get_remaining_time_in_millis() / 1000
    deadline = Deadline(left - min(_MARGIN_SECONDS, left / 10))
    course = Course(deadline, Line({"requestId": context.aws_request_id}), time.sleep)
    if isinstance(event, Mapping) and "Action" in event:
        asked = wish(event)
        return user.asked(asked, asked.properties(scheduled(None, environment)), course)
    return report.data(user.keep(scheduled(event, environment), course))


def scheduled(event: object, environment: Mapping[str, str]) -> Mapping[str, Any]:
    """Return the properties of a run that CloudFormation did not ask for."""
    found = event.get("ResourceProperties") if isinstance(event, Mapping) else None
    if found is None:
        try:
            found = json.loads(environment.get(VARIABLE) or "null")
        except ValueError:
            raise PropertiesError(f"{VARIABLE} is not JSON") from None
    if not isinstance(found, Mapping):
        raise PropertiesError(
            f"neither the event's ResourceProperties nor {VARIABLE} has properties, as JSON"
        )
    return found


@dataclass(frozen=True)
class ReportingUser:
    """What custom resources are asked to do."""

    log: Log
    manager: Callable[[], SecretsManager]
    clock: Callable[[], float] = time.monotonic

    def create(self, request: Request, course: Course) -> Made:
        """Make the role, or bring one up to date that was made here before."""
        outcome = self.keep(request.properties, course)
        return Made(outcome.role, report.data(outcome))

    def update(self, request: Request, course: Course) -> Made:
        """Bring the role up to date; one of another name makes CloudFormation delete the old."""
        return self.create(request, course)

    def delete(self, request: Request, course: Course) -> None:
        """Remove the role; nothing where it, its server or the way there is gone."""
        assert request.physical_id is not None
        role, start = request.physical_id, self.clock()
        try:
            parsed = properties.parse(request.properties)
            outcome = remove(role, self._access(parsed, self.manager(), course))
        except (PropertiesError, SecretError, UnreachableError, ForeignRoleError) as error:
            self.log.warn(f"the role is left where it may be: {error}", role)
        else:
            self.log.report(report.REMOVED, outcome, self.clock() - start)

    def keep(self, asked: Mapping[str, Any], course: Course) -> Outcome:
        """Run once, and say in the log what was done."""
        start = self.clock()
        job = self._job(properties.parse(asked), course)
        course.may_exist(job.reporting.user)
        outcome = job.done()
        self.log.report(report.KEPT, outcome, self.clock() - start)
        return outcome

    def asked(self, wish: Wish, found: Mapping[str, Any], course: Course) -> dict[str, Any]:
        """Do what an operator asks for, or plan it, and return all there is to say of it."""
        start, parsed = self.clock(), properties.parse(found)
        job = self._job(parsed, course)
        user = job.reporting.user
        work: dict[Action, Callable[[], Outcome]] = {
            Action.GRANT: job.done,
            Action.PLAN: job.planned,
            Action.REVOKE: partial(remove, user, job.access),
            Action.PLAN_REVOKE: partial(planned_removal, user, job.access),
        }
        outcome = work[wish.action]()
        if said := _SAID.get(wish.action):
            self.log.report(said, outcome, self.clock() - start)
        return answer(wish.action, outcome, parsed.wanted.databases if wish.action.adds else {})

    def _job(self, parsed: Properties, course: Course) -> Job:
        manager = self.manager()
        course.doing("reading the secrets")
        reporting = secrets.reporting(manager, parsed.server.reporting_secret)
        course.conceal(reporting.password)
        return Job(self._access(parsed, manager, course), reporting, parsed.wanted)

    def _access(self, parsed: Properties, manager: SecretsManager, course: Course) -> Access:
        wanted = parsed.server
        opening = secrets.opening(manager, wanted.administrator_secret)
        course.conceal(opening.login.password)
        host = wanted.host or opening.host
        if host is None:
            raise PropertiesError("Host must be set, as the administrator's secret has no host")
        context = tls.context(wanted.certificates)
        server = Server(host, wanted.port or opening.port, context, course.left)
        return Access(server, opening.login, wanted.database, course)
