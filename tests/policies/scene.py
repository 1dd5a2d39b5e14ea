"""One environment as the truth table sees it: its functions, its buckets, and what surrounds them.

Everything is found by its type and by what refers to it, never by its title: so the table holds for
whatever stacks the settings make.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

from infra.assembly import assemble
from infra.config import Environment, LogProcessor

from .documents import Policies, admitting, policies
from .identities import Place, Resource
from .requests import Caller
from .resolver import Concrete, concrete


@dataclass(frozen=True)
class Actor:
    """A function and the role that it acts in."""

    function: Resource
    role: Resource

    @property
    def code(self) -> Caller:
        """The function's code: Lambda tells policies of each of its calls which function it is.

        https://docs.aws.amazon.com/lambda/latest/dg/permissions-source-function-arn.html
        """
        return Caller(
            f"the code of {self.function.title}",
            self._session,
            role=self.role.arn,
            within="VpcConfig" in self.function.properties,
            context={"lambda:SourceFunctionArn": self.function.arn},
        )

    @property
    def lambda_itself(self) -> Caller:
        """Lambda in the function's role, for what it does before and around the code."""
        return Caller(f"Lambda for {self.function.title}", self._session, role=self.role.arn)

    @property
    def variables(self) -> dict[str, str]:
        """The function's environment variables."""
        found: dict[str, str] = self.function.properties.get("Environment", {}).get("Variables", {})
        return found

    @property
    def log_group(self) -> str:
        """The ARN of the function's log group, without that of its streams."""
        name = self.function.properties["LoggingConfig"]["LogGroup"]
        return self.function.place.arn("logs", f"log-group:{name}")

    @property
    def _session(self) -> str:
        session = f"assumed-role/{self.role.name}/{self.function.name}"
        return self.role.place.global_arn("sts", session)


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
    def actors(self) -> list[Actor]:
        """Every function with its role."""
        roles = {role.arn: role for role in self.of_type("AWS::IAM::Role")}
        return [
            Actor(function, roles[function.properties["Role"]])
            for function in self.of_type("AWS::Lambda::Function")
        ]

    @cached_property
    def processor(self) -> Actor:
        """The function that delivers to Logstash."""
        (found,) = (each for each in self.actors if "LOGSTASH_HOST" in each.variables)
        return found

    @property
    def settings(self) -> LogProcessor:
        """What the settings say of it."""
        assert self.environment.log_processor is not None
        return self.environment.log_processor

    @property
    def state_bucket(self) -> str:
        """The ARN of the bucket that it keeps its state in."""
        name = self.processor.variables["STATE_LOCATION"].removeprefix("s3://").partition("/")[0]
        return self.place.global_arn("s3", name)

    @property
    def log_bucket(self) -> str:
        """The ARN of the bucket that it reads logs from."""
        existing = self.settings.existing_bucket
        return self.place.global_arn("s3", existing) if existing else self.state_bucket

    @property
    def log_bucket_owner(self) -> str:
        """The account that has it."""
        return self.settings.existing_bucket_account or self.place.account

    @property
    def log_prefix(self) -> str:
        """What the keys of all this account's logs begin with, with its slash."""
        above = f"{self.settings.key_prefix}/" if self.settings.key_prefix else ""
        return f"{above}AWSLogs/{self.place.account}/"

    @property
    def polled(self) -> list[str]:
        """The ARNs of the queues that Lambda takes messages from for it."""
        names = {self.processor.function.ref, self.processor.function.arn}
        return [
            each.properties["EventSourceArn"]
            for each in self.of_type("AWS::Lambda::EventSourceMapping")
            if each.properties["FunctionName"] in names
        ]

    @property
    def other_queues(self) -> list[str]:
        """The ARNs of all other queues."""
        queues = [each.arn for each in self.of_type("AWS::SQS::Queue")]
        return [arn for arn in queues if arn not in self.polled]

    @property
    def failures(self) -> list[str]:
        """Where Lambda puts events that it failed on: it does so in the function's role.

        https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html
        """
        names = {self.processor.function.ref, self.processor.function.arn}
        destinations = [
            each.properties.get("DestinationConfig", {}).get("OnFailure", {}).get("Destination")
            for each in self.of_type("AWS::Lambda::EventInvokeConfig")
            if each.properties["FunctionName"] in names
        ]
        dead = self.processor.function.properties.get("DeadLetterConfig", {}).get("TargetArn")
        return [arn for arn in (*destinations, dead) if arn is not None]


def scene(environment: Environment) -> Scene:
    """The stacks of these settings, as they would be created.

    A log bucket in another account is taken to admit ours: then our own policies decide.
    """
    place = Place(region=environment.region)
    stacks = concrete(assemble(environment), place)
    found = Scene(environment, place, stacks, policies(stacks))
    if found.log_bucket_owner == place.account:
        return found
    theirs = {found.log_bucket: admitting(place.account, found.log_bucket)}
    return replace(found, policies=replace(found.policies, assumed=theirs))
