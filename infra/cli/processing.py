"""What `infra parse` and `infra forward` have in common: from their options to an exit code."""

from __future__ import annotations

import os
import signal
import stat
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from io import IOBase
from pathlib import Path
from types import FrameType
from typing import NoReturn

from infra.aws.connection import object_reader
from infra.cli import summary
from infra.processing import sources
from infra.processing.content import Places
from infra.processing.outcome import Result
from infra.processing.rejected import RejectedLines
from infra.processing.run import FUTILE, Job, run
from infra.processing.sources import Exempt, Source
from infra.processing.transformation import Wishes, transformation
from lambda_src.log_processor.forwarding import Receiver
from lambda_src.log_processor.kinds import Kind


@dataclass(frozen=True)
class Place:
    """Where S3 is; None leaves it to the machine's own set-up."""

    endpoint_url: str | None
    profile: str | None
    region: str | None


@dataclass(frozen=True)
class Wanted:
    """What was asked for, whatever takes the events."""

    arguments: Sequence[str]
    wishes: Wishes
    kind: str | None
    rejected: Path | None
    place: Place


def carried_out(
    wanted: Wanted,
    receiver: Receiver,
    delivered: str,
    *,
    quiet: bool = False,
    output: IOBase | None = None,
) -> Result:
    """Send what was asked for through the stages, and tell on stderr what becomes of it.

    `output` is the file that the events are written to: that ends a run if it cannot be.
    """
    sources.check(wanted.arguments)
    job = Job(
        transformation=transformation(wanted.wishes),
        receiver=receiver,
        places=_places(wanted),
        kind=Kind(wanted.kind) if wanted.kind else None,
        rejected=RejectedLines(wanted.rejected) if wanted.rejected else None,
        futile=1 if output else FUTILE,
    )
    found = _found(wanted, job.places, output)
    quiet = quiet or sys.stderr is None
    console = summary.console(sys.stderr)
    result = Result()
    to_terminal = output is not None and output.isatty()
    with (
        summary.progress(console, found, quiet=quiet, bar=not to_terminal) as tell,
        _interrupted_by_sigterm(result),
    ):
        run(job, found, result, tell)
    if not quiet:
        summary.show(console, result, delivered)
    return result


def exit_code(result: Result) -> int:
    """0 all is accounted for and nothing rejected, 2 lines were rejected, 1 anything else."""
    if result.interrupted:
        return 128 + result.by_signal
    if not result.accounted:
        return 1
    return 2 if result.counts.rejected else 0


@contextmanager
def _interrupted_by_sigterm(result: Result) -> Iterator[None]:
    """Have SIGTERM end a run as Ctrl-C does, with the account of how far it came."""

    def interrupt(number: int, _frame: FrameType | None) -> NoReturn:
        result.by_signal = number
        raise KeyboardInterrupt

    previous = signal.signal(signal.SIGTERM, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, previous)


def _places(wanted: Wanted) -> Places:
    place = wanted.place
    stdin = sys.stdin.buffer if sys.stdin is not None else None
    if not any(map(sources.in_s3, wanted.arguments)):
        return Places(None, stdin)
    return Places(object_reader(place.region, place.endpoint_url, place.profile), stdin)


def _found(wanted: Wanted, places: Places, output: IOBase | None) -> Iterable[Source]:
    """What there is to read; on this machine alone it is known before anything is read."""
    found = sources.found(wanted.arguments, places.reader, _exempt(wanted.rejected, output))
    return list(found) if places.reader is None else found


def _exempt(rejected: Path | None, output: IOBase | None) -> Exempt:
    """What we write ourselves is nothing to read, wherever it is."""
    own = None if output is None else os.fstat(output.fileno())
    folder = None if rejected is None else sources.absolute(rejected)

    def reason(path: Path) -> str | None:
        if path == folder:
            return "rejected lines are kept there"
        if own is not None and stat.S_ISREG(own.st_mode) and os.path.samestat(path.stat(), own):
            return "the events are written there"
        return None

    return reason
