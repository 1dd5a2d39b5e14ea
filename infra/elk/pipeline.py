"""The pipeline that takes the events in, `pipeline.conf`.

The inputs keep `@metadata` as the function sends it: tcp's codec json_lines and beats both make
the event from the whole JSON object, and an event takes its metadata from there.
https://github.com/elastic/logstash/blob/v9.5.2/logstash-core/src/main/java/org/logstash/Event.java
https://github.com/logstash-plugins/logstash-codec-json_lines/blob/v3.2.2/lib/logstash/codecs/json_lines.rb
https://github.com/logstash-plugins/logstash-input-beats/blob/v7.0.9/lib/logstash/inputs/beats/message_listener.rb
"""

from __future__ import annotations

from collections.abc import Iterator

from infra.config import LogProcessor, Protocol
from infra.config.elk import Pipeline
from infra.elk.names import Names
from infra.elk.output import into, with_an_id
from infra.elk.syntax import Lines, Plugin, comment, commented_out, plugin, section

UNDATED = "_timestamp_failed"
"""The tag of an event whose own time is no time; it stands where it came instead."""

# A line has 1 MiB at most, a control character six bytes in JSON, and in ecs a URL stands twice.
LONGEST_EVENT = 32 * 1024 * 1024

# Three of the four are comments: take the # away, and give a port of its own, to have more.
_PROTOCOLS: tuple[Protocol, ...] = ("tcp", "tls", "lumberjack", "lumberjack+tls")


def pipeline(settings: LogProcessor, names: Names) -> str:
    """The file's text."""
    lines = [
        *comment(_HEAD),
        "",
        *section("input", *_inputs(settings)),
        "",
        *section("filter", with_an_id(), _original(), _ecs()),
        "",
        *section("output", into(names.events, settings.elk)),
    ]
    return "\n".join(lines) + "\n"


_HEAD = """
Load balancer logs from the log processor's function, to Elasticsearch.
For Logstash 8.19 and 9; written by infra synth, which overwrites changes.

An event can come more than once, with the same id each time: it overwrites itself, for the name
of its index follows from its own time. What cannot be indexed goes to the dead letter queue,
and from there to refused.conf.
"""


def _inputs(settings: LogProcessor) -> Iterator[Lines]:
    port, chosen = settings.logstash.port, settings.logstash.protocol
    for protocol in sorted(_PROTOCOLS, key=lambda each: each != chosen):
        lines = _input(protocol, port, settings.elk.pipeline)
        if protocol == chosen:
            yield lines
        else:
            yield [*comment(f"For the protocol {protocol}:"), *commented_out(lines)]


def _input(protocol: Protocol, port: int, machine: Pipeline) -> Lines:
    return (
        _tcp(port, machine, tls=protocol == "tls")
        if protocol in {"tcp", "tls"}
        else (_beats(port, machine, tls=protocol == "lumberjack+tls"))
    )


def _tcp(port: int, machine: Pipeline, *, tls: bool) -> Lines:
    return plugin(
        "tcp",
        id="events_tls" if tls else "events_tcp",
        port=port,
        codec=Plugin("json_lines", {"decode_size_limit_bytes": LONGEST_EVENT}),
        # Without it the connection's address would become the event's fields `host` and `port`.
        ecs_compatibility="v8",
        # By default every new connection waits for the DNS.
        dns_reverse_lookup_enabled=False,
        # A connection of a function that is no more would stay for ever.
        tcp_keep_alive=True,
        **_tls(machine) if tls else {},
    )


def _beats(port: int, machine: Pipeline, *, tls: bool) -> Lines:
    return plugin(
        "beats",
        id="events_lumberjack_tls" if tls else "events_lumberjack",
        port=port,
        ecs_compatibility="v8",
        # Otherwise each event gets a tag and the connection's address.
        enrich=["none"],
        **_tls(machine) if tls else {},
    )


def _tls(machine: Pipeline) -> dict[str, str | bool | list[str] | None]:
    return {
        "ssl_enabled": True,
        "ssl_certificate": machine.certificate,
        "ssl_key": machine.private_key,
        "ssl_supported_protocols": ["TLSv1.2", "TLSv1.3"],
        # Said in any case: the default is none of beats, but required of tcp.
        "ssl_client_authentication": "required" if machine.client_ca else "none",
        "ssl_certificate_authorities": [machine.client_ca] if machine.client_ca else None,
    }


def _original() -> Lines:
    """What events of the schema `original` lack: they are a log's columns under other names."""
    return section(
        "if [LogKind]",
        [
            *comment("A time without a zone, as in logs of network load balancers, is UTC."),
            *plugin(
                "date",
                match=["EventReceivedTime", "ISO8601"],
                timezone="UTC",
                tag_on_failure=[UNDATED],
            ),
        ],
        [
            *comment("The port stands behind the last colon, an IPv6 address without brackets."),
            *section("if [PublicIpAndPort]", _taken_apart("PublicIpAndPort", "Public")),
            *section(
                "else if [ClientIp]",
                plugin("mutate", copy={"ClientIp": "PublicIp", "ClientPort": "PublicPort"}),
            ),
        ],
        section("if [InternalIpAndPort]", _taken_apart("InternalIpAndPort", "Internal")),
        [
            *comment("Without its query, so that equal ones can be counted."),
            *section(
                "if [FullRequest]",
                _grok("FullRequest", "^(?<RequestMethod>[A-Za-z][^ ]*) (?<RequestUrl>[^ ?#]+)"),
            ),
        ],
    )


def _taken_apart(field: str, of: str) -> Lines:
    return _grok(field, f"^(?<{of}Ip>[0-9A-Fa-f.:]+):(?<{of}Port>[0-9]+)$")


def _grok(field: str, pattern: str) -> Lines:
    # What does not match, a request that was none for one, is no failure: the field is there.
    return plugin("grok", match={field: pattern}, tag_on_failure=[])


def _ecs() -> Lines:
    """Events of the schema `ecs` have their time in @timestamp, or as text where it was none."""
    return section(
        "if [aws][elb][raw][time] or [aws][elb][raw][timestamp]",
        plugin("mutate", add_tag=[UNDATED]),
    )
