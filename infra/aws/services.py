"""What the project asks of AWS, as narrow protocols over plain values."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple, Protocol


@dataclass(frozen=True)
class NewStack:
    """Everything that creating one stack needs."""

    name: str
    template: str = field(repr=False)
    """The template's text, JSON or YAML; without a URL of 51,200 bytes at most."""
    parameters: Mapping[str, str]
    tags: Mapping[str, str]
    capabilities: tuple[str, ...]
    termination_protection: bool = False
    stack_policy: str | None = None
    """The policy's text, JSON of 16,384 bytes at most."""
    template_url: str | None = None
    """Where the same template stands in S3; a request carries no longer one."""


@dataclass(frozen=True)
class StackState:
    """A stack as it stands now."""

    status: str
    """CloudFormation's own word, such as `CREATE_COMPLETE`."""
    reason: str
    outputs: Mapping[str, str]


@dataclass(frozen=True)
class StackEvent:
    """One change of one resource (or of the stack itself) while a stack is worked on."""

    id: str
    logical_id: str
    type: str
    status: str
    reason: str

    @property
    def failed(self) -> bool:
        """Whether the change could not be made."""
        return self.status.endswith("_FAILED")


class Stacks(Protocol):
    """CloudFormation's stacks."""

    def create(self, stack: NewStack) -> str:
        """Begin to create a stack; gives its ARN and does not wait."""

    def state(self, name: str) -> StackState:
        """The stack of this name or ARN."""

    def events(self, name: str) -> list[StackEvent]:
        """All its events, oldest first."""


class Objects(Protocol):
    """S3's buckets and objects."""

    def create_bucket(self, bucket: str) -> None:
        """Create a bucket in the connection's region."""

    def put(self, bucket: str, key: str, content: bytes) -> None:
        """Write an object."""

    def upload(self, bucket: str, key: str, path: Path) -> None:
        """Write a file of any size as an object, in parts and without holding it in memory."""

    def url(self, bucket: str, key: str) -> str:
        """Where an object is, as CloudFormation has a template named to it."""


class ListedObject(NamedTuple):
    """An object as a listing names it."""

    key: str
    size: int
    """In bytes, as it is stored."""


@dataclass(frozen=True)
class StoredContent:
    """An object that has been opened; to be closed."""

    chunks: Iterator[bytes]
    """As they arrive."""
    version: str
    """The version id, or the ETag where the bucket keeps no versions."""
    close: Callable[[], None]


class ObjectReader(Protocol):
    """S3's objects, to be read alone."""

    def listed(self, bucket: str, prefix: str) -> Iterator[ListedObject]:
        """The objects whose keys begin so, in the order of their keys, a page at a time."""

    def opened(self, bucket: str, key: str) -> StoredContent:
        """The newest version of an object."""


@dataclass(frozen=True)
class LogLine:
    """One event of a log group."""

    id: str
    milliseconds: int
    """Since 1970-01-01 UTC."""
    message: str


class Logs(Protocol):
    """CloudWatch's log groups."""

    def lines(self, group: str, since: int = 0) -> Iterator[LogLine]:
        """The group's events from this time on (milliseconds), all streams in order of time."""


@dataclass(frozen=True)
class QueueCounts:
    """How many messages a queue holds; approximate, as SQS says."""

    waiting: int
    in_flight: int

    def __bool__(self) -> bool:
        """Whether anything is in the queue."""
        return self.waiting + self.in_flight > 0


class Queues(Protocol):
    """SQS's queues."""

    def counts(self, url: str) -> QueueCounts:
        """What the queue holds now."""


class PrefixLists(Protocol):
    """EC2's managed prefix lists."""

    def id_of(self, name: str) -> str:
        """The id of the list with this name, such as `com.amazonaws.eu-west-1.s3`."""


@dataclass(frozen=True)
class NetworkFacts:
    """What a VPC and some subnets of it are like."""

    dns_support: bool
    dns_hostnames: bool
    leads_to_internet: Mapping[str, bool]
    """For each of the subnets, whether it has a route to an internet gateway."""
    zones: Mapping[str, str]
    """The availability zone of each subnet; one that the VPC has not is missing."""


class Networks(Protocol):
    """EC2's VPCs."""

    def facts(self, vpc_id: str, subnet_ids: Sequence[str]) -> NetworkFacts:
        """What this VPC and these subnets of it are like now."""


class Secrets(Protocol):
    """Secrets Manager's secrets."""

    def text(self, secret: str) -> str:
        """What the secret of this name or ARN holds."""


class Functions(Protocol):
    """Lambda's functions."""

    def invoke(self, name: str, event: Mapping[str, Any]) -> Any:
        """What a function answers, once it has; an AwsError says why it failed."""


@dataclass(frozen=True)
class Aws:
    """One account in one region."""

    region: str
    stacks: Stacks
    objects: Objects
    logs: Logs
    queues: Queues
    prefix_lists: PrefixLists
    networks: Networks
    secrets: Secrets
    functions: Functions


@dataclass(frozen=True)
class StackOutput:
    """What a stack tells."""

    key: str
    value: str
    description: str


@dataclass(frozen=True)
class DeployedStack:
    """A stack that is there, and all that it tells."""

    name: str
    status: str
    """CloudFormation's own word, such as `CREATE_COMPLETE`."""
    reason: str
    outputs: tuple[StackOutput, ...]

    def value(self, key: str) -> str | None:
        """What an output tells; None where there is none of this key."""
        return next((each.value for each in self.outputs if each.key == key), None)


class DeployedStacks(Protocol):
    """CloudFormation's stacks, to be read alone."""

    def deployed(self, name: str) -> DeployedStack | None:
        """The stack of this name; None where there is none."""


@dataclass(frozen=True)
class Caller:
    """Whom AWS takes us for."""

    account: str
    arn: str


class Identity(Protocol):
    """STS."""

    def caller(self) -> Caller:
        """Whose credentials these are."""


@dataclass(frozen=True)
class Account:
    """An account in one region, as somebody sees it who looks after an environment."""

    region: str
    stacks: DeployedStacks
    networks: Networks
    functions: Functions
    identity: Identity
