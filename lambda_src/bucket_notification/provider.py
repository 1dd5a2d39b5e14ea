"""The resource itself: our notification among others', put there, changed and taken away.

Ours is the one with our id; to be taken away it must also still go to our queue or function.

EventBridge is switched on and never off again. It has no id, so nobody can tell who else relies on
it by now: rules may stand in any account. Left on it does no harm, and switched off it would take
their events away without a word.
"""

from __future__ import annotations

from functools import partial

from ..custom_resource import Course, Made, RefusedError, Request
from . import properties
from .bucket import S3, Bucket, BucketGoneError, OverlapError, UnvalidatedError
from .configuration import Configuration, Entry, entries, including, named, rivals, without
from .properties import Wanted
from .settling import settle


class Notifications:
    """Notifications of buckets, for CloudFormation."""

    def __init__(self, s3: S3) -> None:
        self._s3 = s3

    def create(self, request: Request, course: Course) -> Made:
        """Add the notification."""
        return self._put(properties.parse(request.properties), None, course)

    def update(self, request: Request, course: Course) -> Made:
        """Replace the notification.

        What another id or destination has made of it goes in the same write: beside each other
        S3 would refuse the two. From another bucket CloudFormation deletes it afterwards.
        """
        wanted = properties.parse(request.properties)
        before = properties.place_of(request.old_properties, request.physical_id)
        if before is None or before.bucket != wanted.place.bucket:
            return self._put(wanted, None, course)
        return self._put(wanted, (before.id or "", request.old_properties.get("Arn")), course)

    def delete(self, request: Request, course: Course) -> None:
        """Remove the notification, if it is there and ours."""
        place = properties.place_of(request.properties, request.physical_id)
        if place is None or place.id is None:
            course.doing("leaving everything as it is: there is nothing to remove")
            return
        bucket = Bucket(self._s3, place.bucket, place.owner)
        change = partial(_removed, name=place.id, arn=request.properties.get("Arn"))
        try:
            settle(bucket, change, course, partial(_write, bucket, None))
        except BucketGoneError:
            course.doing(f"nothing more: bucket {place.bucket} is gone")

    def _put(self, wanted: Wanted, replaced: tuple[str, object] | None, course: Course) -> Made:
        bucket = Bucket(self._s3, wanted.place.bucket, wanted.place.owner)

        def write(whole: Configuration) -> None:
            course.may_exist(wanted.place.physical_id)
            _write(bucket, wanted, whole)

        settle(bucket, partial(_put_in, wanted=wanted, replaced=replaced), course, write)
        return Made(wanted.place.physical_id)


def _put_in(
    found: Configuration, *, wanted: Wanted, replaced: tuple[str, object] | None
) -> Configuration:
    """Return the configuration with what is wanted, and without what it replaces."""
    taken = named(found, wanted.place.id)
    ours = replaced is not None and replaced[0] == wanted.place.id
    if taken and taken.arn != wanted.arn and not ours:
        raise RefusedError(
            f"bucket {wanted.place.bucket} has a notification {taken} already: choose another Id, "
            f"or remove that one if nobody needs it"
        )
    if replaced is not None and not ours:
        found = _removed(found, name=replaced[0], arn=replaced[1])
    return including(found, wanted)


def _removed(found: Configuration, *, name: str, arn: object) -> Configuration:
    """Return the configuration without ours; one that goes elsewhere by now is not ours."""
    entry = named(found, name)
    if entry is None or (isinstance(arn, str) and entry.arn != arn):
        return found
    return without(found, entry)


def _write(bucket: Bucket, wanted: Wanted | None, whole: Configuration) -> None:
    """Write the configuration; errors that S3 leaves in the dark name whose notification it is."""
    try:
        bucket.write(whole)
    except OverlapError as error:
        raise RefusedError(_overlap(bucket, wanted, whole, error)) from error
    except UnvalidatedError as error:
        others = [entry for entry in entries(whole) if error.names(entry.arn)]
        if others and not (wanted and error.names(wanted.arn)):
            raise RefusedError(
                f"S3 changes no notification of bucket {bucket.name} as long as it cannot send to "
                f"somebody else's: {_listed(others)}. Mend or remove that first. "
                f"S3 says: {error.words}"
            ) from error
        raise


def _overlap(
    bucket: Bucket, wanted: Wanted | None, whole: Configuration, error: OverlapError
) -> str:
    found = rivals(whole, wanted) if wanted else []
    if not (wanted and found):
        return f"S3 refuses the notifications of bucket {bucket.name}: {error}"
    return (
        f'the notification "{wanted.place.id}" of {", ".join(wanted.events)} below '
        f'"{wanted.prefix}" overlaps with what others have on bucket {bucket.name}: '
        f"{_listed(found)}. S3 allows one for each event and key: choose another Prefix, or the "
        f"Type eventbridge, which stands beside others. S3 says: {error}"
    )


def _listed(found: list[Entry]) -> str:
    return ", ".join(map(str, found))
