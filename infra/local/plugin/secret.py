"""Secrets as CloudFormation has them, where MiniStack's are different.

`Ref` is the ARN, by which policies and functions name a secret, and what is generated has no
punctuation where none is wanted.
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-secretsmanager-secret.html
"""

from __future__ import annotations

import string
from typing import Any

from ministack.services import secretsmanager

from infra.local.plugin.adaptation import Attributes, adapted
from infra.local.plugin.calls import Handler, Properties

_GENERATED = "GenerateSecretString"


def named_by_its_arn(original: Handler) -> Handler:
    """MiniStack's own handlers, told in the words that they know."""
    own = adapted(original, given=_in_its_words)

    def create(logical_id: str, properties: Properties, *rest: Any) -> tuple[str, Attributes]:
        _, attributes = own["create"](logical_id, properties, *rest)
        return attributes["Arn"], attributes

    def update(arn: str, *rest: Any, **named: Any) -> tuple[str, Attributes]:
        _, attributes = own["update"](_name(arn), *rest, **named)
        return attributes["Arn"], attributes

    def delete(arn: str, properties: Properties) -> None:
        own["delete"](_name(arn), properties)

    return {**own, "create": create, "update": update, "delete": delete}


def _name(arn: str) -> str:
    found = secretsmanager._resolve(arn)[0]
    return str(found or arn)


def _in_its_words(properties: Properties) -> Properties:
    asked = properties.get(_GENERATED)
    if not asked or str(asked.get("ExcludePunctuation", "false")).lower() != "true":
        return properties
    left_out = asked.get("ExcludeCharacters", "") + string.punctuation
    return {**properties, _GENERATED: {**asked, "ExcludeCharacters": left_out}}
