"""What CloudFormation would call each resource: physical names, ids and ARNs, made up alike.

A name that the template gives is taken; any other is made of stack and title, as AWS makes it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any


@dataclass(frozen=True)
class Place:
    """The account and region that stacks are created in."""

    region: str = "eu-west-1"
    account: str = "123456789012"

    @property
    def partition(self) -> str:
        """Of the region, as ARNs have it."""
        special = {"cn-": "aws-cn", "us-gov-": "aws-us-gov"}
        found = (name for start, name in special.items() if self.region.startswith(start))
        return next(found, "aws")

    @property
    def url_suffix(self) -> str:
        """Of the names of AWS's own services."""
        return "amazonaws.com.cn" if self.partition == "aws-cn" else "amazonaws.com"

    def arn(self, service: str, resource: str) -> str:
        """The ARN of something of this account and region."""
        return f"arn:{self.partition}:{service}:{self.region}:{self.account}:{resource}"

    def global_arn(self, service: str, resource: str) -> str:
        """The ARN of something that has no region."""
        account = "" if service == "s3" else self.account
        return f"arn:{self.partition}:{service}::{account}:{resource}"


@dataclass(frozen=True)
class Resource:
    """One resource of a stack, its properties without any function."""

    stack: str
    title: str
    type: str
    properties: Mapping[str, Any]
    place: Place
    metadata: Mapping[str, Any] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """Its physical name, or its id where it has no name."""
        if self.type == "AWS::S3::Bucket":
            return self._bucket_name()
        if self.type.startswith("AWS::EC2::"):
            prefix = _EC2_IDS.get(self.type, self.type.rpartition("::")[2].lower())
            return f"{prefix}-0{self._digest(16)}"
        named = self.properties.get(_NAMES.get(self.type, "Name"))
        return named if isinstance(named, str) else self._generated()

    @property
    def ref(self) -> str:
        """What `Ref` gives."""
        if self.type in _REF_IS_ARN:
            return self.arn
        if self.type == "AWS::SQS::Queue":
            host = f"sqs.{self.place.region}.{self.place.url_suffix}"
            return f"https://{host}/{self.place.account}/{self.name}"
        return self.name

    @property
    def arn(self) -> str:
        """Its ARN; a type whose ARNs are not known here is an error, and no guess."""
        if self.type not in _ARNS:
            raise LookupError(
                f"{self.stack}: {self.title}: the ARN of {self.type} is not known to the tests; "
                "say in tests/policies/identities.py what it looks like"
            )
        return _ARNS[self.type](self)

    def attribute(self, name: str) -> Any:
        """What `Fn::GetAtt` gives."""
        if name in {"Arn", "TopicArn", "PolicyArn"}:
            # Of a log group, and of it alone, Arn is that of its streams.
            return f"{self.arn}:*" if self.type == "AWS::Logs::LogGroup" else self.arn
        if name in self.properties:
            return self.properties[name]
        return self.name if name.endswith(("Id", "Name")) else f"{self.name}.{name}"

    def _bucket_name(self) -> str:
        """With the suffix of an account-regional one.

        https://docs.aws.amazon.com/AmazonS3/latest/userguide/gpbucketnamespaces.html
        """
        prefix = self.properties.get("BucketNamePrefix")
        if isinstance(prefix, str):
            return f"{prefix}-{self.place.account}-{self.place.region}-an"
        named = self.properties.get("BucketName")
        return named if isinstance(named, str) else self._generated().lower()

    def _generated(self) -> str:
        return f"{self.stack}-{self.title}-{self._digest(12).upper()}"

    def _digest(self, length: int) -> str:
        return sha256(f"{self.stack}.{self.title}".encode()).hexdigest()[:length]


_NAMES = {
    "AWS::CloudWatch::Alarm": "AlarmName",
    "AWS::IAM::ManagedPolicy": "ManagedPolicyName",
    "AWS::IAM::Role": "RoleName",
    "AWS::Lambda::Function": "FunctionName",
    "AWS::Logs::LogGroup": "LogGroupName",
    "AWS::RDS::DBInstance": "DBInstanceIdentifier",
    "AWS::SNS::Topic": "TopicName",
    "AWS::SQS::Queue": "QueueName",
}
_EC2_IDS = {
    "AWS::EC2::EIP": "eipalloc",
    "AWS::EC2::InternetGateway": "igw",
    "AWS::EC2::NatGateway": "nat",
    "AWS::EC2::RouteTable": "rtb",
    "AWS::EC2::SecurityGroup": "sg",
    "AWS::EC2::VPCEndpoint": "vpce",
    "AWS::EC2::VPCPeeringConnection": "pcx",
}
_REF_IS_ARN = {
    "AWS::IAM::ManagedPolicy",
    "AWS::SNS::Subscription",
    "AWS::SNS::Topic",
    "AWS::SecretsManager::Secret",
}


def _regional(service: str, form: str) -> Callable[[Resource], str]:
    return lambda resource: resource.place.arn(service, form.format(resource.name))


def _global(service: str, form: str) -> Callable[[Resource], str]:
    return lambda resource: resource.place.global_arn(service, form.format(resource.name))


def _iam(kind: str) -> Callable[[Resource], str]:
    def arn(resource: Resource) -> str:
        path = resource.properties.get("Path", "/")
        return resource.place.global_arn("iam", f"{kind}{path}{resource.name}")

    return arn


_ARNS: dict[str, Callable[[Resource], str]] = {
    "AWS::CloudWatch::Alarm": _regional("cloudwatch", "alarm:{}"),
    "AWS::EC2::SecurityGroup": _regional("ec2", "security-group/{}"),
    "AWS::EC2::Subnet": _regional("ec2", "subnet/{}"),
    "AWS::EC2::VPC": _regional("ec2", "vpc/{}"),
    "AWS::Events::Rule": _regional("events", "rule/{}"),
    "AWS::IAM::ManagedPolicy": _iam("policy"),
    "AWS::IAM::Role": _iam("role"),
    "AWS::KMS::Key": _regional("kms", "key/{}"),
    "AWS::Lambda::Function": _regional("lambda", "function:{}"),
    "AWS::Logs::LogGroup": _regional("logs", "log-group:{}"),
    "AWS::RDS::DBInstance": _regional("rds", "db:{}"),
    "AWS::S3::Bucket": _global("s3", "{}"),
    "AWS::SNS::Subscription": _regional("sns", "{}"),
    "AWS::SNS::Topic": _regional("sns", "{}"),
    "AWS::SQS::Queue": _regional("sqs", "{}"),
    "AWS::SecretsManager::Secret": _regional("secretsmanager", "secret:{}-AbCdEf"),
}
