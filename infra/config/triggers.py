"""The settings of what stands between the log bucket and the function."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, Strict

from infra.config.values import Settings

Trigger = Literal["queue", "direct", "eventbridge"]

VISIBILITY_FACTOR = 6
"""Times the function's timeout that a message stays hidden, as Lambda's documentation asks.

https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html
"""

MAXIMUM_RECEIVES = 5
"""Attempts at an object before it becomes a dead letter: the least that the same page asks for."""

_LONGEST_VISIBILITY = 12 * 60 * 60


class QueueSettings(Settings):
    """The queue, with the trigger `queue`."""

    visibility_seconds: Annotated[int, Strict(), Field(ge=60, le=_LONGEST_VISIBILITY)] | None = (
        Field(
            default=None,
            description="seconds until an object that failed is tried again: at least, and by "
            f"default, {VISIBILITY_FACTOR} times the function's timeout",
        )
    )
    maximum_receives: Annotated[int, Strict(), Field(ge=1, le=1000)] = Field(
        default=MAXIMUM_RECEIVES,
        description=f"attempts at an object before it becomes a dead letter; Lambda's "
        f"documentation asks for {MAXIMUM_RECEIVES} or more",
    )


class Asynchronous(Settings):
    """How Lambda repeats what has failed, with the triggers `direct` and `eventbridge`.

    https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html
    """

    maximum_retries: Annotated[int, Strict(), Field(ge=0, le=2)] = Field(
        default=2, description="attempts after the first one, 0 to 2"
    )
    maximum_age_seconds: Annotated[int, Strict(), Field(ge=60, le=21600)] = Field(
        default=21600, description="seconds until it is given up, 60 to 21600"
    )
