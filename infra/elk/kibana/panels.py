"""The dashboard's charts, from the top to the bottom."""

from __future__ import annotations

from dataclasses import dataclass

from infra.elk.kibana.lens import (
    Chart,
    Column,
    count,
    most,
    number,
    over_time,
    percentile,
    queries,
    series,
    table,
    total_bytes,
)
from infra.elk.kibana.vocabulary import Vocabulary, refused_types

GRID = 48
"""Columns that a dashboard is wide."""


@dataclass(frozen=True)
class Panel:
    """A chart and its place."""

    id: str
    title: str
    description: str
    chart: Chart
    width: int
    height: int
    of_refused: bool = False
    """Whether it shows what Elasticsearch refused instead of events."""


def panels(words: Vocabulary) -> list[Panel]:
    """All of them; each row is full, so they follow each other."""
    return [
        *_numbers(words),
        *_over_time(words),
        *_rankings(words),
        *_targets(words),
        *_to_look_at(words),
    ]


_EVENTS = count("Events")
_REQUESTS = count("Requests")


def _numbers(words: Vocabulary) -> list[Panel]:
    p95 = percentile(f"Time taken by 95 % ({words.time_unit})", words.time_taken, 95)
    charts = {
        "events": ("Events", "Of all kinds of logs.", number(_EVENTS)),
        "requests": ("Requests", "Of ALB and classic logs.", number(_REQUESTS, words.requests)),
        "client-errors": (
            "Client errors",
            "Status 400 to 499.",
            number(count("Client errors"), words.status_class(4)),
        ),
        "server-errors": (
            "Server errors",
            "Status 500 to 599.",
            number(count("Server errors"), words.status_class(5)),
        ),
        "time-taken": ("Time taken", "By the targets.", number(p95, words.requests)),
        "refused": (
            "Refused by Elasticsearch",
            "Events that are in no index but that of the refused ones.",
            number(count("Refused")),
        ),
    }
    return [
        Panel(id_, title, text, chart, GRID // len(charts), 6, of_refused=id_ == "refused")
        for id_, (title, text, chart) in charts.items()
    ]


def _over_time(words: Vocabulary) -> list[Panel]:
    by_status = queries("Status", {f"{each}xx": words.status_class(each) for each in range(1, 6)})
    percents = [
        percentile(f"{percent} % ({words.time_unit})", words.time_taken, percent)
        for percent in (50, 95, 99)
    ]
    balancers = _most(words, "Load balancer", words.load_balancer, by=_REQUESTS)
    kinds = _most(words, "Kind of log", words.kind, by=_EVENTS)
    time = over_time()
    return [
        _half(
            "requests-by-status",
            "Requests by status",
            "What the load balancers answered.",
            series("bar_stacked", time, [_REQUESTS], split=by_status, query=words.requests),
        ),
        _half(
            "server-errors-by-load-balancer",
            "Server errors by load balancer",
            "Status 500 to 599.",
            series("bar_stacked", time, [_REQUESTS], split=balancers, query=words.status_class(5)),
        ),
        _half(
            "time-taken-over-time",
            "Time taken by the targets",
            "What half, 95 and 99 per cent of the requests stayed below.",
            series("line", time, percents, query=words.requests),
        ),
        _half(
            "events-by-kind",
            "Events by kind of log",
            "Also shows when one of them stays away.",
            series("bar_stacked", time, [_EVENTS], split=kinds),
        ),
    ]


def _rankings(words: Vocabulary) -> list[Panel]:
    errors = count("Server errors", words.status_class(5))
    p95 = percentile(f"95 % ({words.time_unit})", words.time_taken, 95)
    sent = total_bytes("Sent", words.response_bytes)
    urls = most("URL", words.url, words.types, by=_REQUESTS, size=20)
    clients = _most(words, "Client", words.client, by=_REQUESTS, size=20)
    return [
        _half(
            "urls",
            "Most requested URLs",
            "Without their queries.",
            table([urls, _REQUESTS, errors, p95], words.requests),
        ),
        _half(
            "clients",
            "Clients with most requests",
            "By address.",
            table([clients, _REQUESTS, errors, sent], words.requests),
        ),
    ]


def _targets(words: Vocabulary) -> list[Panel]:
    errors = count("Server errors", words.status_class(5))
    p95 = percentile(f"95 % ({words.time_unit})", words.time_taken, 95)
    targets = most("Target", words.target, words.types, by=_REQUESTS, size=20)
    statuses = _most(words, "Status", words.target_status, by=_REQUESTS)
    checks = count("Failed checks")
    groups = _most(words, "Target group", words.target_group, by=checks)
    failed = f'{words.kind}: "alb-health-check" and {words.failed_check}'
    agents = _most(words, "User agent", words.user_agent, by=_REQUESTS, size=20)
    return [
        _half(
            "targets",
            "Targets",
            "With the requests that each answered.",
            table([targets, _REQUESTS, errors, p95], words.requests),
        ),
        _half(
            "status-by-target",
            "Status by target",
            "What the targets answered.",
            series(
                "bar_horizontal_stacked",
                targets,
                [_REQUESTS],
                split=statuses,
                query=words.requests,
            ),
        ),
        _half(
            "user-agents",
            "User agents with most requests",
            "As they call themselves.",
            table([agents, _REQUESTS, errors], words.requests),
        ),
        _half(
            "failed-health-checks",
            "Failed health checks by target group",
            "Where load balancers log them.",
            series("bar_stacked", over_time(), [checks], split=groups, query=failed),
        ),
    ]


def _to_look_at(words: Vocabulary) -> list[Panel]:
    found = queries(
        "Events",
        {
            "with a tag, as Logstash found something wrong": "tags: *",
            "with a value that did not fit its field and is not indexed": "_ignored: *",
            "with fields that are newer than the function": f"{words.extra}: *",
        },
    )
    tags = _most(words, "Tag", "tags", by=_EVENTS)
    refusals = count("Refused")
    reasons = most("Reason", ("error.type",), refused_types(), by=refusals)
    return [
        _third("to-look-at", "To look at", "Better none.", table([found, _EVENTS])),
        _third("tags", "Tags by Logstash", "Better none.", table([tags, _EVENTS])),
        Panel(
            "refused-by-reason",
            "Refused by Elasticsearch, by reason",
            "The whole events are in the data view of the refused ones.",
            table([reasons, refusals]),
            GRID // 3,
            _HEIGHT,
            of_refused=True,
        ),
    ]


_HEIGHT = 12


def _half(id_: str, title: str, description: str, chart: Chart) -> Panel:
    return Panel(id_, title, description, chart, GRID // 2, _HEIGHT)


def _third(id_: str, title: str, description: str, chart: Chart) -> Panel:
    return Panel(id_, title, description, chart, GRID // 3, _HEIGHT)


def _most(words: Vocabulary, label: str, field: str, *, by: Column, size: int = 10) -> Column:
    return most(label, (field,), words.types, by=by, size=size, others=size <= 10)
