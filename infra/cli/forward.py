"""`infra forward`: load balancer logs to a receiver, as the function sends them."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from infra.cli import options, processing
from infra.cli.processing import Place, Wanted
from infra.processing.report import as_json
from infra.processing.target import TlsFiles, receiver, target
from infra.processing.transformation import Wishes

DELIVERED = "delivered"


def forward(
    sources: options.Sources,
    to: Annotated[
        list[str],
        typer.Option(
            metavar="URL",
            help="tcp://HOST:PORT, tls://…, lumberjack://… or lumberjack+tls://…; more of them, or "
            "more HOST:PORT after commas, to fail over.",
            show_default=False,
        ),
    ],
    env: options.EventsOf = None,
    schema: options.Schema = None,
    kind: options.Kind = None,
    filters: options.Filters = None,
    redact: options.Redact = None,
    rejected: options.Rejected = None,
    ca: Annotated[
        Path | None, typer.Option(metavar="FILE", help="TLS: certificates to trust, PEM.")
    ] = None,
    certificate: Annotated[
        Path | None, typer.Option(metavar="FILE", help="TLS: your own certificate, PEM.")
    ] = None,
    private_key: Annotated[
        Path | None, typer.Option(metavar="FILE", help="TLS: its key, PEM without passphrase.")
    ] = None,
    server_name: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="TLS: in the receiver's certificate, if not the host."),
    ] = None,
    compression_level: Annotated[
        int | None, typer.Option(min=0, max=9, metavar="0-9", help="Lumberjack: 0 is none.")
    ] = None,
    json: options.Json = False,
    endpoint_url: options.EndpointUrl = None,
    profile: options.Profile = None,
    region: options.Region = None,
) -> None:
    """Send load balancer logs to Logstash, or whatever takes JSON lines or Lumberjack.

    The function's own code does it: every batch is confirmed, repeated until it is, and every line
    accounted for. A repeat sends the same ids. What is skipped, rejected or failed is told on
    stderr, and the summary; with --json that stands on stdout. Exit code 0 if every line is
    accounted for and none was rejected, 2 if lines were rejected, 1 if anything failed or is
    unconfirmed.

    \b
    Examples:
      infra forward access.log --to tcp://127.0.0.1:5045
      infra forward s3://shop-logs/AWSLogs/ --env prod --to lumberjack://logs-a:5044,logs-b:5044
      infra forward logs/*.log.gz --to tls://logs.example.com:5046 --ca ca.pem --rejected rejected
    """
    goal = target(to, TlsFiles(ca, certificate, private_key, server_name), compression_level)
    wanted = Wanted(
        arguments=sources,
        wishes=Wishes(env, schema, filters, redact),
        kind=kind,
        rejected=rejected,
        place=Place(endpoint_url, profile, region),
    )
    with receiver(goal) as taker:
        result = processing.carried_out(wanted, taker, DELIVERED)
    if json:
        print(as_json(result, DELIVERED))
    raise typer.Exit(processing.exit_code(result))
