"""The resource itself: DNS resolution from the other VPC, switched on and off again."""

from __future__ import annotations

from ..custom_resource import Course, Made, RefusedError, Request
from . import properties
from .connection import Ec2, GoneError, NotActiveError, PassingError, allow
from .properties import Wanted

_FIRST_PAUSE, _LONGEST_PAUSE = 1.0, 8.0


class Options:
    """Options of peering connections, for CloudFormation."""

    def __init__(self, ec2: Ec2) -> None:
        self._ec2 = ec2

    def create(self, request: Request, course: Course) -> Made:
        """Switch it on, once the connection is active."""
        wanted = properties.parse(request.properties)
        course.may_exist(wanted.physical_id)
        self._switch_on(wanted, course)
        return Made(wanted.physical_id)

    def update(self, request: Request, course: Course) -> Made:
        """The same: of another connection or side CloudFormation deletes the old one then."""
        return self.create(request, course)

    def delete(self, request: Request, course: Course) -> None:
        """Switch it off, where there still is a connection that has it on."""
        wanted = properties.named(request.physical_id)
        if wanted is None:
            course.doing("leaving everything as it is: there is nothing to switch off")
            return
        try:
            course.doing(f"switching off {wanted.physical_id}")
            allow(self._ec2, wanted, False)
        except (GoneError, NotActiveError) as error:
            course.doing(f"nothing more: {error}")

    def _switch_on(self, wanted: Wanted, course: Course) -> None:
        """Try until it is done; a RefusedError when that cannot be, or is not to be expected."""
        began, pause = course.left(), _FIRST_PAUSE
        course.doing(f"switching on {wanted.physical_id}")
        while True:
            try:
                allow(self._ec2, wanted, True)
                return
            except PassingError as error:
                tried = began - course.left()
                if tried + pause > error.patience or pause >= course.left():
                    raise RefusedError(f"{error} (tried for {tried:.0f} s)") from error
                course.doing(f"waiting for another attempt at {wanted.physical_id}: {error}")
            course.pause(pause)
            pause = min(_LONGEST_PAUSE, 2 * pause)
