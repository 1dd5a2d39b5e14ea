"""A file in a receiver's place."""

from __future__ import annotations

import select
from io import RawIOBase

from lambda_src.log_processor.errors import DeliveryError


class Output:
    """Takes batches of events; what the system has taken is confirmed.

    The file has no buffer: what stayed in one would be lost, and counted as written.
    """

    def __init__(self, file: RawIOBase, name: str) -> None:
        self._file, self._name = file, name

    def deliver(self, batch: bytes) -> None:
        """Write a batch, or raise a DeliveryError; BrokenPipeError means that nobody reads on."""
        rest = memoryview(batch)
        try:
            while rest:
                written = self._file.write(rest)
                if written is None:  # whoever shares the pipe has made it non-blocking
                    select.select([], [self._file], [])
                else:
                    rest = rest[written:]
        except BrokenPipeError:
            raise
        except OSError as error:
            raise DeliveryError(f"{self._name}: {error.strerror}") from error
