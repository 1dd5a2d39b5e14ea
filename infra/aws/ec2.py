"""EC2's managed prefix lists over boto3."""

from __future__ import annotations

from typing import Any

from infra.aws.refusal import refusals
from infra.errors import AwsError


class BotoPrefixLists:
    """Managed prefix lists of one region."""

    def __init__(self, client: Any) -> None:
        self._client = client

    def id_of(self, name: str) -> str:
        """The id of the list with this name, such as `com.amazonaws.eu-west-1.s3`."""
        with refusals("DescribeManagedPrefixLists", f"prefix list {name}"):
            answer = self._client.describe_managed_prefix_lists(
                Filters=[{"Name": "prefix-list-name", "Values": [name]}]
            )
        for found in answer["PrefixLists"]:
            if found["PrefixListName"] == name:
                return str(found["PrefixListId"])
        raise AwsError(f"This region has no prefix list {name}. Check the region's name.")
