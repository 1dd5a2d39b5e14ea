"""What can go wrong with one request, as one tree.

CustomResourceError
├── RequestError      the event lacks something, or has something wrong: the answer is FAILED
├── RefusedError      what is asked for cannot be had: the answer is FAILED
├── OutOfTimeError    the invocation's time is up for anything new: the answer is FAILED
└── NotAnsweredError  there is nobody to answer, or the answer was not taken: the invocation fails

The messages of the first three become the Reason that the stack's events show.
"""

from __future__ import annotations


class CustomResourceError(Exception):
    """Base of all errors whose message says everything that an operator needs."""


class RequestError(CustomResourceError):
    """An event that is no request of CloudFormation's."""


class RefusedError(CustomResourceError):
    """Something that is asked for and cannot be had."""


class OutOfTimeError(CustomResourceError):
    """A step that is not begun, as the invocation may end in the middle of it."""


class NotAnsweredError(CustomResourceError):
    """A request that CloudFormation will wait for until its own time is up."""
