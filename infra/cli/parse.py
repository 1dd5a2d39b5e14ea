"""`infra parse`: load balancer logs as events on stdout."""

from __future__ import annotations

import sys
from io import RawIOBase

import typer

from infra.cli import options, processing
from infra.cli.processing import Place, Wanted
from infra.errors import InputError
from infra.processing.output import Output
from infra.processing.report import as_json
from infra.processing.transformation import Wishes

WRITTEN = "written"


def parse(
    files: options.Files,
    env: options.EventsOf = None,
    schema: options.Schema = None,
    kind: options.Kind = None,
    filters: options.Filters = None,
    redact: options.Redact = None,
    rejected: options.Rejected = None,
    json: options.Json = False,
    endpoint_url: options.EndpointUrl = None,
    profile: options.Profile = None,
    region: options.Region = None,
) -> None:
    """Turn load balancer logs into events: JSON, one a line, on stdout.

    The function's own code does it, so these are the events that it sends, and their ids are the
    same for objects in S3. Logs may be compressed. Folders are read with all that is in them.
    What is skipped, rejected or failed is told on stderr, and the summary. Exit code 0 if every
    line is accounted for and none was rejected, 2 if lines were rejected, 1 if anything failed.

    \b
    Examples:
      infra parse access.log | jq .Status
      infra parse logs/ more/*.log.gz --schema ecs > events.jsonl
      infra parse s3://shop-logs/AWSLogs/ --env prod --rejected rejected
    """
    stdout = _stdout()
    wanted = Wanted(
        arguments=files,
        wishes=Wishes(env, schema, filters, redact),
        kind=kind,
        rejected=rejected,
        place=Place(endpoint_url, profile, region),
    )
    result = processing.carried_out(
        wanted, Output(stdout, "stdout"), WRITTEN, quiet=json, output=stdout
    )
    if json and sys.stderr is not None:
        print(as_json(result, WRITTEN), file=sys.stderr)
    raise typer.Exit(processing.exit_code(result))


def _stdout() -> RawIOBase:
    """Stdout without the buffers that Python puts before it."""
    if sys.stdout is None:
        raise InputError("stdout is closed: events need a place to go")
    raw = getattr(sys.stdout.buffer, "raw", sys.stdout.buffer)  # PYTHONUNBUFFERED has none at all
    assert isinstance(raw, RawIOBase)
    return raw
