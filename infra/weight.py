"""What a template weighs against what CloudFormation takes, and what to do where that is too much.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

REQUEST_BYTES = 51_200
"""Of a template that a request itself carries."""

S3_BYTES = 1_000_000
"""Of a template that a request names in S3."""


@dataclass(frozen=True)
class Weight:
    """A template's size; `str()` is the line that the user sees."""

    name: str
    bytes: int
    compact_bytes: int
    """As JSON without spaces."""
    embedded: bool
    """Whether functions' code is in it."""

    def __str__(self) -> str:
        if self.bytes <= REQUEST_BYTES:
            return f"{self.name}: {self.bytes:,} of {REQUEST_BYTES:,} bytes"
        if self.bytes <= S3_BYTES:
            limit = f"the {REQUEST_BYTES:,} that a request may carry"
        else:
            limit = f"the {S3_BYTES:,} that CloudFormation takes"
        return f"{self.name}: {self.bytes:,} bytes, more than {limit}: {', or '.join(self._ways())}"

    def _ways(self) -> Iterator[str]:
        """What helps, the least change first."""
        if self.bytes <= S3_BYTES:
            yield "deploy it through S3 (aws cloudformation deploy --s3-bucket BUCKET)"
        if self.embedded:
            if self.compact_bytes <= REQUEST_BYTES:
                yield f"write it with --format json ({self.compact_bytes:,} bytes)"
            yield "leave the code out of it, without --embed"
        elif self.bytes > S3_BYTES:
            yield "divide the stack"
