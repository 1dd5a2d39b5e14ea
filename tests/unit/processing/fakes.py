"""S3 of a few lines, and what a run tells."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from infra.aws.services import ListedObject, StoredContent
from infra.errors import AwsError
from infra.processing.progress import Progress

CLASSIC = (
    "2014-02-15T23:39:43.945958Z shop 192.0.2.1:2817 10.0.0.1:80 0.000073 0.001048 0.000057"
    ' 200 200 0 29 "GET http://www.example.com:80/?token=abc HTTP/1.1"'
)


@dataclass
class FakeS3:
    """The objects of the bucket `logs`; any other bucket does not exist."""

    objects: Mapping[str, bytes]
    closed: list[str] = field(default_factory=list)

    def listed(self, bucket: str, prefix: str) -> Iterator[ListedObject]:
        if bucket != "logs":
            raise AwsError("There is no such bucket.")
        for key in sorted(self.objects):
            if key.startswith(prefix):
                yield ListedObject(key, len(self.objects[key]))

    def opened(self, bucket: str, key: str) -> StoredContent:
        if bucket != "logs" or key not in self.objects:
            raise AwsError("There is no such object.")
        content = self.objects[key]
        return StoredContent(iter([content]), "version", lambda: self.closed.append(key))


@dataclass
class Told:
    """Keeps what is told."""

    values: list[Progress] = field(default_factory=list)

    def __call__(self, value: Progress) -> None:
        self.values.append(value)
