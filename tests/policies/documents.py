"""The policies of an environment's stacks, each where AWS would look for it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from .identities import Resource
from .resolver import Concrete

Document = dict[str, Any]


@dataclass(frozen=True)
class Placed:
    """A policy and where it hangs, in words."""

    place: str
    document: Document
    on: str | None = None
    """The ARN of the resource whose policy it is."""
    of: str | None = None
    """The ARN of the role whose policy it is."""


@dataclass(frozen=True)
class Policies:
    """Every policy, by what it hangs on."""

    identity: Mapping[str, Mapping[str, Document]]
    """By the role's ARN, then by the policy's name: what the role may do."""
    resource: Mapping[str, Document]
    """By the resource's ARN: who may do what to it. Of a role: who may take it on."""
    endpoint: Mapping[str, Document]
    """By the service, such as `s3`: what may pass the VPC's endpoint for it."""
    assumed: Mapping[str, Document] = field(default_factory=dict)
    """By the resource's ARN: what others have to allow, in accounts of theirs."""

    def of_resource(self, arn: str) -> Document | None:
        """The policy of a resource; that of a bucket holds for its objects."""
        named = bearer(arn)
        return self.resource.get(named) or self.assumed.get(named)

    def placed(self) -> Iterator[Placed]:
        """Each of them."""
        for role, policies in self.identity.items():
            for name, document in policies.items():
                yield Placed(f"policy {name} of {role}", document, of=role)
        for arn, document in self.resource.items():
            yield Placed(f"policy of {arn}", document, on=arn)
        for service, document in self.endpoint.items():
            yield Placed(f"policy of the endpoint for {service}", document)


def bearer(arn: str) -> str:
    """The resource whose policy holds for this one: the bucket of an object, else itself."""
    return arn.partition("/")[0] if ":s3:::" in arn else arn


def admitting(account: str, bucket: str) -> Document:
    """The policy of a bucket elsewhere that leaves it to an account who of it may do what."""
    return _document(
        [
            {
                "Sid": "Admitted",
                "Effect": "Allow",
                "Principal": {"AWS": account},
                "Action": "s3:*",
                "Resource": [bucket, f"{bucket}/*"],
            }
        ]
    )


def policies(stacks: Iterable[Concrete]) -> Policies:
    """All policies of all stacks."""
    resources = [each for stack in stacks for each in stack.resources.values()]
    found: dict[str, list[Any]] = {}
    for each in resources:
        for arn, statements in _on_resources(each, resources):
            found.setdefault(arn, []).extend(statements)
    return Policies(
        identity={
            role.arn: dict(_of_role(role, resources)) for role in _all(resources, "AWS::IAM::Role")
        },
        resource={arn: _document(statements) for arn, statements in found.items()},
        endpoint={
            each.properties["ServiceName"].rpartition(".")[2]: each.properties["PolicyDocument"]
            for each in _all(resources, "AWS::EC2::VPCEndpoint")
            if "PolicyDocument" in each.properties
        },
    )


def _document(statements: Sequence[Any]) -> Document:
    return {"Version": "2012-10-17", "Statement": list(statements)}


def _all(resources: Iterable[Resource], *types: str) -> list[Resource]:
    return [each for each in resources if each.type in types]


def _of_role(role: Resource, resources: Sequence[Resource]) -> Iterator[tuple[str, Document]]:
    """What stands in the role, and what other resources attach to it."""
    for policy in role.properties.get("Policies", ()):
        yield policy["PolicyName"], policy["PolicyDocument"]
    for each in _all(resources, "AWS::IAM::Policy", "AWS::IAM::ManagedPolicy"):
        if role.name in each.properties.get("Roles", ()):
            yield each.title, each.properties["PolicyDocument"]
    for each in _all(resources, "AWS::IAM::RolePolicy"):
        if role.name == each.properties["RoleName"]:
            yield each.properties["PolicyName"], each.properties["PolicyDocument"]
    managed = {each.arn: each for each in _all(resources, "AWS::IAM::ManagedPolicy")}
    for arn in role.properties.get("ManagedPolicyArns", ()):
        if arn not in managed:
            raise LookupError(f"{role.title}: {arn}: what it allows is not in the templates")
        yield managed[arn].title, managed[arn].properties["PolicyDocument"]


def _on_resources(
    each: Resource, resources: Sequence[Resource]
) -> Iterator[tuple[str, Sequence[Any]]]:
    """The statements that a resource puts on itself or on others, by the others' ARNs."""
    if each.type in _PLACES:
        statements = each.properties[_DOCUMENTS.get(each.type, "PolicyDocument")]["Statement"]
        for arn in _PLACES[each.type](each, resources):
            yield arn, statements
    elif each.type == "AWS::Lambda::Permission":
        yield _function_arn(each), [_permission(each)]


def _queues(policy: Resource, resources: Sequence[Resource]) -> list[str]:
    arns = {queue.ref: queue.arn for queue in _all(resources, "AWS::SQS::Queue")}
    return [arns[url] for url in policy.properties["Queues"]]


_PLACES: Mapping[str, Callable[[Resource, Sequence[Resource]], list[str]]] = {
    # A trust policy names no resource: it is about the role.
    "AWS::IAM::Role": lambda role, _: [role.arn],
    "AWS::KMS::Key": lambda key, _: [key.arn],
    "AWS::S3::BucketPolicy": lambda policy, _: [
        policy.place.global_arn("s3", policy.properties["Bucket"])
    ],
    "AWS::SNS::TopicPolicy": lambda policy, _: policy.properties["Topics"],
    "AWS::SQS::QueuePolicy": _queues,
    "AWS::SecretsManager::ResourcePolicy": lambda policy, _: [policy.properties["SecretId"]],
}
"""The ARNs of what a policy of each type is about."""

_DOCUMENTS = {
    "AWS::IAM::Role": "AssumeRolePolicyDocument",
    "AWS::KMS::Key": "KeyPolicy",
    "AWS::SecretsManager::ResourcePolicy": "ResourcePolicy",
}


def _function_arn(permission: Resource) -> str:
    name: str = permission.properties["FunctionName"]
    return name if name.startswith("arn:") else permission.place.arn("lambda", f"function:{name}")


def _permission(permission: Resource) -> Document:
    """The statement that Lambda makes of it.

    https://docs.aws.amazon.com/lambda/latest/dg/permissions-function-services.html
    """
    given = permission.properties
    principal: str = given["Principal"]
    kind = "Service" if principal.endswith((".amazonaws.com", ".amazon.com")) else "AWS"
    conditions = {
        "ArnLike": {"aws:SourceArn": given.get("SourceArn")},
        "StringEquals": {
            "aws:SourceAccount": given.get("SourceAccount"),
            "aws:PrincipalOrgID": given.get("PrincipalOrgID"),
        },
    }
    kept = {
        operator: {key: value for key, value in entries.items() if value is not None}
        for operator, entries in conditions.items()
    }
    return {
        "Sid": permission.title,
        "Effect": "Allow",
        "Principal": {kind: principal},
        "Action": [given["Action"]],
        "Resource": [_function_arn(permission)],
        **({"Condition": used} if (used := {k: v for k, v in kept.items() if v}) else {}),
    }
