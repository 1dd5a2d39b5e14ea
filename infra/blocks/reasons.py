"""Why something that looks wrong is right: in the template, beside what it is about.

A resource's Metadata never changes the resource.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

WILDCARD_REASONS = "WildcardReasons"
"""The key under which a resource with policies has, by Sid, why a statement names no resource."""


def reasons(
    *, wildcards: Mapping[str, str] | None = None, accepted: Mapping[str, str] | None = None
) -> dict[str, Any]:
    """The Metadata of a resource.

    `wildcards` says of statements, by Sid, why they hold for every resource or action; a test asks
    for it. `accepted` says of checkov's checks, by id, why what they find is right here; checkov
    itself reads it. `scripts/checkov` lists both what it is for and what is for nothing.
    https://www.checkov.io/2.Basics/Suppressing%20and%20Skipping%20Policies.html
    """
    metadata: dict[str, Any] = {}
    if wildcards:
        metadata[WILDCARD_REASONS] = dict(wildcards)
    if accepted:
        metadata["checkov"] = {
            "skip": [{"id": check, "comment": reason} for check, reason in accepted.items()]
        }
    return metadata
