"""Whether the S3 prefix list that the function is let out to is the region's, and no other.

In another region the same id may be another service's: pl-6fa54006 is S3 in one and DynamoDB in
another. CloudFormation takes it, and the function then waits for S3 until its time is up.
"""

from __future__ import annotations

from collections.abc import Mapping

from infra.aws.services import Aws
from infra.config.prefix_lists import s3_prefix_list_name
from infra.errors import AwsError, InputError
from infra.stacks.log_processor.reach import S3_PREFIX_LIST


def problem(parameters: Mapping[str, str], aws: Aws) -> str | None:
    """What is wrong with a stack's parameter, and the fix; an AwsError if AWS does not say."""
    chosen = parameters.get(S3_PREFIX_LIST)
    if chosen is None:
        return None
    name = s3_prefix_list_name(aws.region)
    right = aws.prefix_lists.id_of(name)
    if chosen == right:
        return None
    return (
        f"Parameter {S3_PREFIX_LIST} is {chosen}, but {name} is {right}: the function would not "
        f"reach S3. Set log_processor.s3_prefix_list_id to {right}."
    )


def refuse_another(parameters: Mapping[str, str], aws: Aws) -> None:
    """Raise an InputError before a stack is made with another list.

    Who may not look the list up is not kept from deploying: the check is a convenience.
    """
    try:
        found = problem(parameters, aws)
    except AwsError:
        return
    if found is not None:
        raise InputError(found)
