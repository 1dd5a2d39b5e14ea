"""One environment as the truth table sees it: the function, its bucket, and what surrounds them.

Everything is found by its type and by what refers to it, never by its title: so the table holds for
whatever stacks the settings make.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from infra.assembly import assemble
from infra.config import Environment

from .documents import Policies, policies
from .identities import Place, Resource
from .requests import Caller
from .resolver import Concrete, concrete


@dataclass(frozen=True)
class Sender:
    """A service that hands something over: to a queue, a topic or a function."""

    service: str
    action: str
    target: str
    """The ARN of what it is handed to."""
    source: str
    """The ARN of what it acts for."""
    sends_account: bool
    """Whether it tells policies the source's account as well."""


@dataclass(frozen=True)
class Scene:
    """An environment's stacks with their policies."""

    environment: Environment
    place: Place
    stacks: tuple[Concrete, ...]
    policies: Policies

    def of_type(self, *types: str) -> list[Resource]:
        """All resources of these types, of all stacks."""
        return [
            each for stack in self.stacks for each in stack.resources.values() if each.type in types
        ]

    @cached_property
    def function(self) -> Resource:
        """The function that delivers to Logstash."""
        (found,) = (
            each
            for each in self.of_type("AWS::Lambda::Function")
            if "LOGSTASH_HOST" in each.properties.get("Environment", {}).get("Variables", {})
        )
        return found

    @property
    def variables(self) -> dict[str, str]:
        """Its environment variables."""
        found: dict[str, str] = self.function.properties["Environment"]["Variables"]
        return found

    @cached_property
    def role(self) -> Resource:
        """Its role."""
        wanted = self.function.properties["Role"]
        (found,) = (each for each in self.of_type("AWS::IAM::Role") if each.arn == wanted)
        return found

    @property
    def code(self) -> Caller:
        """The function's code: Lambda tells policies of each of its calls which function it is.

        https://docs.aws.amazon.com/lambda/latest/dg/permissions-source-function-arn.html
        """
        return Caller(
            "the function",
            self._session,
            role=self.role.arn,
            within=True,
            context={"lambda:SourceFunctionArn": self.function.arn},
        )

    @property
    def lambda_itself(self) -> Caller:
        """Lambda in the function's role, for what it does before and around the code."""
        return Caller("Lambda in the function's role", self._session, role=self.role.arn)

    @property
    def _session(self) -> str:
        return self.place.global_arn("sts", f"assumed-role/{self.role.name}/{self.function.name}")

    @property
    def bucket(self) -> str:
        """The ARN of the bucket that logs are read from, and state is kept in."""
        name = self.variables["STATE_LOCATION"].removeprefix("s3://").partition("/")[0]
        return self.place.global_arn("s3", name)

    @property
    def log_prefix(self) -> str:
        """What the keys of all this account's logs begin with, with its slash."""
        settings = self.environment.log_processor
        assert settings is not None
        above = f"{settings.key_prefix}/" if settings.key_prefix else ""
        return f"{above}AWSLogs/{self.place.account}/"

    @property
    def log_group(self) -> str:
        """The ARN of the function's log group, without that of its streams."""
        name = self.function.properties["LoggingConfig"]["LogGroup"]
        return self.place.arn("logs", f"log-group:{name}")

    @property
    def polled(self) -> list[str]:
        """The ARNs of the queues that Lambda takes messages from for the function."""
        return [
            each.properties["EventSourceArn"]
            for each in self.of_type("AWS::Lambda::EventSourceMapping")
            if each.properties["FunctionName"] in {self.function.ref, self.function.arn}
        ]

    @property
    def other_queues(self) -> list[str]:
        """The ARNs of all other queues."""
        queues = [each.arn for each in self.of_type("AWS::SQS::Queue")]
        return [arn for arn in queues if arn not in self.polled]

    @property
    def failures(self) -> list[str]:
        """Where Lambda puts events that the function failed on: it does so in the function's role.

        https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html
        """
        settings = [
            each.properties.get("DestinationConfig", {}).get("OnFailure", {}).get("Destination")
            for each in self.of_type("AWS::Lambda::EventInvokeConfig")
        ]
        dead = self.function.properties.get("DeadLetterConfig", {}).get("TargetArn")
        return [arn for arn in (*settings, dead) if arn is not None]

    @property
    def senders(self) -> list[Sender]:
        """Who hands what to whom, as buckets, rules and subscriptions are set up."""
        return [*self._notifications(), *self._rules(), *self._alarms()]

    def _notifications(self) -> Iterator[Sender]:
        kinds = {
            "QueueConfigurations": "Queue",
            "TopicConfigurations": "Topic",
            "LambdaConfigurations": "Function",
        }
        for bucket in self.of_type("AWS::S3::Bucket"):
            notification = bucket.properties.get("NotificationConfiguration", {})
            for kind, key in kinds.items():
                for each in notification.get(kind, ()):
                    arn = each[key]
                    yield Sender("s3.amazonaws.com", _action(arn), arn, bucket.arn, True)

    def _rules(self) -> Iterator[Sender]:
        """EventBridge tells the rule, whose ARN has the account in it."""
        for rule in self.of_type("AWS::Events::Rule"):
            for target in rule.properties["Targets"]:
                dead = target.get("DeadLetterConfig", {}).get("Arn")
                for arn in (target["Arn"], *([dead] if dead else [])):
                    yield Sender("events.amazonaws.com", _action(arn), arn, rule.arn, False)

    def _alarms(self) -> Iterator[Sender]:
        """A topic without a policy of its own takes what its account's alarms say."""
        for alarm in self.of_type("AWS::CloudWatch::Alarm"):
            told = (alarm.properties.get(f"{kind}Actions", ()) for kind in ("Alarm", "OK"))
            for arn in {each for arns in told for each in arns}:
                if arn in self.policies.resource:
                    yield Sender("cloudwatch.amazonaws.com", _action(arn), arn, alarm.arn, True)


_ACTIONS = {"sqs": "sqs:SendMessage", "sns": "sns:Publish", "lambda": "lambda:InvokeFunction"}


def _action(arn: str) -> str:
    """What handing something over to it is called."""
    return _ACTIONS[arn.split(":")[2]]


def scene(environment: Environment) -> Scene:
    """The stacks of these settings, as they would be created."""
    place = Place(region=environment.region)
    stacks = concrete(assemble(environment), place)
    return Scene(environment, place, stacks, policies(stacks))
