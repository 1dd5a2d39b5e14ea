"""A change of a bucket's notifications, made so that others' changes at the same time survive.

S3 knows only the whole configuration, and no condition on what it replaces. So it is read until two
readings agree, changed, written at once, and read back until the change is seen to have stayed;
else all of it begins again. Of two functions like this one that write at the same moment, the one
whose change is lost sees that, and repeats it.

S3 sends a test message to every queue and topic of a configuration that is written; so nothing is
written where nothing changes.
https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketNotificationConfiguration.html
"""

from __future__ import annotations

from collections.abc import Callable

from ..custom_resource import Course, RefusedError
from .bucket import Bucket, PassingError
from .configuration import Configuration, same

Change = Callable[[Configuration], Configuration]
"""What leaves a configuration as it is when nothing is to be changed, or any more."""

BETWEEN_READINGS = 1.0
READ_BACK_AFTER = (1.0, 2.0, 2.0, 4.0, 4.0)
"""Seconds; a bucket's configuration is not seen everywhere at once.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/Welcome.html#ConsistencyModel
"""

_FIRST_PAUSE, _LONGEST_PAUSE = 1.0, 8.0


def settle(
    bucket: Bucket,
    change: Change,
    course: Course,
    write: Callable[[Configuration], None],
) -> None:
    """Bring the change about; a RefusedError says why that cannot be.

    `write` is the bucket's own, or explains its errors.
    """
    began, pause = course.left(), _FIRST_PAUSE
    while True:
        try:
            if _changed(bucket, change, course, write):
                return
            reason = "what was written has not stayed: somebody else writes at the same time"
        except PassingError as error:
            tried = began - course.left()
            if tried + pause > error.patience or pause >= course.left():
                raise RefusedError(f"{error} (tried for {tried:.0f} s)") from error
            reason = str(error)
        course.doing(f"waiting for another attempt at bucket {bucket.name}: {reason}")
        course.pause(pause)
        pause = min(_LONGEST_PAUSE, 2 * pause)


def _changed(
    bucket: Bucket,
    change: Change,
    course: Course,
    write: Callable[[Configuration], None],
) -> bool:
    """Return whether the change was made and has stayed."""
    found = _read(bucket, course)
    changed = change(found)
    if same(changed, found):
        return True
    course.doing(f"writing the notifications of bucket {bucket.name}")
    write(changed)
    return _has_stayed(bucket, change, course)


def _read(bucket: Bucket, course: Course) -> Configuration:
    """Read until nothing older than what was read before is seen."""
    course.doing(f"reading the notifications of bucket {bucket.name}")
    found = bucket.read()
    while True:
        course.pause(BETWEEN_READINGS)
        course.check()
        last, found = found, bucket.read()
        if same(last, found):
            return found


def _has_stayed(bucket: Bucket, change: Change, course: Course) -> bool:
    """Return whether two readings in a row have it."""
    course.doing(f"reading back the notifications of bucket {bucket.name}")
    seen = False
    for pause in READ_BACK_AFTER:
        course.pause(pause)
        course.check()
        found = bucket.read()
        before, seen = seen, same(change(found), found)
        if before:
            return seen
    return False
