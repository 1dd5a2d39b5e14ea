"""Stacks in the local AWS, driven by CloudFormation's own API."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

import boto3
from troposphere import Template

from infra.local.emulator import Emulator
from infra.render import to_compact_json, to_plain
from infra.weight import REQUEST_BYTES

Client = Callable[[str], Any]
"""boto3's client of a service, by its name."""

TEMPLATES = "cf-templates"
"""The bucket of the templates that no request can carry."""


def client_of(here: Emulator) -> Client:
    session = boto3.Session(
        aws_access_key_id=here.credentials.access_key,
        aws_secret_access_key=here.credentials.secret_key,
        region_name=here.region,
    )
    # Making one takes longer than most of its calls.
    return cache(lambda service: session.client(service, endpoint_url=here.endpoint_url))


class Stack:
    """One stack; a template that is too long for a request stands in S3."""

    def __init__(self, client: Client, name: str) -> None:
        self._client, self.name = client, name
        self._formation = client("cloudformation")

    def create(self, template: Template | Mapping[str, Any], **parameters: str) -> str:
        return self._do("create", template, parameters)

    def update(self, template: Template | Mapping[str, Any], **parameters: str) -> str:
        return self._do("update", template, parameters)

    def delete(self) -> None:
        self._formation.update_termination_protection(
            StackName=self.name, EnableTerminationProtection=False
        )
        self._formation.delete_stack(StackName=self.name)
        self._formation.get_waiter("stack_delete_complete").wait(
            StackName=self.name, WaiterConfig={"Delay": 0.1, "MaxAttempts": 1200}
        )

    def outputs(self) -> dict[str, str]:
        [stack] = self._formation.describe_stacks(StackName=self.name)["Stacks"]
        return {one["OutputKey"]: one["OutputValue"] for one in stack["Outputs"]}

    def resources(self) -> dict[str, str]:
        """The physical id of each resource that there is, by its title."""
        found = self._formation.describe_stack_resources(StackName=self.name)["StackResources"]
        return {one["LogicalResourceId"]: one["PhysicalResourceId"] for one in found}

    def reason(self, title: str) -> str:
        """Why a resource could not be made or changed."""
        events = self._formation.describe_stack_events(StackName=self.name)["StackEvents"]
        return next(
            str(event["ResourceStatusReason"])
            for event in events
            if event["LogicalResourceId"] == title
            and event["ResourceStatus"] in ("CREATE_FAILED", "UPDATE_FAILED")
        )

    def _do(
        self, verb: str, template: Template | Mapping[str, Any], parameters: dict[str, str]
    ) -> str:
        plain = to_plain(template) if isinstance(template, Template) else template
        getattr(self._formation, f"{verb}_stack")(
            StackName=self.name,
            Parameters=[
                {"ParameterKey": key, "ParameterValue": value} for key, value in parameters.items()
            ],
            Capabilities=["CAPABILITY_IAM"],
            **carried(self._client, self.name, to_compact_json(plain)),
        )
        while (status := self._status()).endswith("_IN_PROGRESS"):
            time.sleep(0.1)
        return status

    def _status(self) -> str:
        [stack] = self._formation.describe_stacks(StackName=self.name)["Stacks"]
        return str(stack["StackStatus"])


def carried(client: Client, name: str, template: str) -> dict[str, str]:
    """The template in the request, or where it stands in S3."""
    if len(template.encode()) <= REQUEST_BYTES:
        return {"TemplateBody": template}
    s3 = client("s3")
    if TEMPLATES not in {one["Name"] for one in s3.list_buckets()["Buckets"]}:
        place = {"LocationConstraint": s3.meta.region_name}
        s3.create_bucket(Bucket=TEMPLATES, CreateBucketConfiguration=place)
    s3.put_object(Bucket=TEMPLATES, Key=name, Body=template.encode())
    return {"TemplateURL": f"{s3.meta.endpoint_url}/{TEMPLATES}/{name}"}
