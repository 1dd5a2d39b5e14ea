"""What an update must not do to what holds data, as a stack policy."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any


def stack_policy(titles: Iterable[str]) -> dict[str, Any]:
    """Every update is allowed, but for one that deletes or replaces a resource of these titles.

    A policy is for updates alone: what deletes the stack, termination protection has to refuse.
    https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/protect-stack-resources.html
    """
    return {
        "Statement": [
            # Without it every update would be denied: a policy allows only what it names.
            {"Effect": "Allow", "Principal": "*", "Action": "Update:*", "Resource": "*"},
            {
                "Effect": "Deny",
                "Principal": "*",
                "Action": ["Update:Replace", "Update:Delete"],
                "Resource": [f"LogicalResourceId/{title}" for title in titles],
            },
        ]
    }
