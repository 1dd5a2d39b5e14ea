"""What functions behind custom resources share: CloudFormation's request in, one answer out.

A function brings a provider of three methods, and hands each event over:

    def handle(event: object, context: Context) -> None:
        serve(event, context, provider)

`serve` answers exactly once whatever happens: the provider returns or fails, the request is wrong,
or the invocation's time runs out. Providers have to be idempotent: CloudFormation may ask twice.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/crpg-ref.html
"""

from __future__ import annotations

from .course import Course
from .deadline import Clock, Deadline
from .errors import NotAnsweredError, OutOfTimeError, RefusedError
from .requests import Request, RequestType
from .serving import Context, Made, Provider, Surroundings, serve

__all__ = [
    "Clock",
    "Context",
    "Course",
    "Deadline",
    "Made",
    "NotAnsweredError",
    "OutOfTimeError",
    "Provider",
    "RefusedError",
    "Request",
    "RequestType",
    "Surroundings",
    "serve",
]
