"""From a record to one event, as a line of JSON.

A schema is data: for each kind of log, the event's keys and the column that each takes its value
from; the column's type says how the value is written. Only the values are encoded line by line;
keys and everything that is the same in each event are put together once.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from json.encoder import encode_basestring
from operator import itemgetter
from typing import Any

from .formats import COUNT, FORMATS, SECONDS, Format, Kind, Type
from .parsing import Record

Write = Callable[[Record], str]
"""Returns one event as compact JSON in one line, its newline included."""


def original(static: Mapping[str, str]) -> Write:
    """Return the writer of the schema `original`: one key for each column, in the log's order.

    After them come `ExtraFields`, `LogKind` and the static keys. Times are milliseconds.
    """
    writers = {
        kind: _writer(FORMATS[kind], keys, {"LogKind": kind.value, **static})
        for kind, keys in ORIGINAL.items()
    }
    return lambda record: writers[record.kind](record)


def event(line: str) -> dict[str, Any]:
    """Return an event that a writer has written as a mapping, its keys in order."""
    read: dict[str, Any] = json.loads(line)
    return read


ORIGINAL: Mapping[Kind, Mapping[str, str]] = {
    Kind.CLASSIC: {
        "EventReceivedTime": "timestamp",
        "LoadBalancerName": "elb",
        "PublicIpAndPort": "client:port",
        "InternalIpAndPort": "backend:port",
        "TimeToForwardRequest": "request_processing_time",
        "TimeTaken": "backend_processing_time",
        "TimeToForwardResponse": "response_processing_time",
        "Status": "elb_status_code",
        "BackendStatus": "backend_status_code",
        "BytesUploadedFromClient": "received_bytes",
        "BytesDownloadedByClient": "sent_bytes",
        "FullRequest": "request",
        "UserAgent": "user_agent",
        "SslCipher": "ssl_cipher",
        "SslProtocol": "ssl_protocol",
    },
    Kind.ALB: {
        "EventReceivedTime": "time",
        "LoadBalancerName": "elb",
        "PublicIpAndPort": "client:port",
        "InternalIpAndPort": "target:port",
        "TimeToForwardRequest": "request_processing_time",
        "TimeTaken": "target_processing_time",
        "TimeToForwardResponse": "response_processing_time",
        "Status": "elb_status_code",
        "BackendStatus": "target_status_code",
        "BytesUploadedFromClient": "received_bytes",
        "BytesDownloadedByClient": "sent_bytes",
        "FullRequest": "request",
        "UserAgent": "user_agent",
        "SslCipher": "ssl_cipher",
        "SslProtocol": "ssl_protocol",
        "TargetGroupArn": "target_group_arn",
        "TraceId": "trace_id",
        "DomainName": "domain_name",
        "ChosenCertArn": "chosen_cert_arn",
        "MatchedRulePriority": "matched_rule_priority",
        "RequestCreationTime": "request_creation_time",
        "ActionsExecuted": "actions_executed",
        "RedirectUrl": "redirect_url",
        "ErrorReason": "error_reason",
        "TargetPortList": "target:port_list",
        "TargetStatusCodeList": "target_status_code_list",
        "Classification": "classification",
        "ClassificationReason": "classification_reason",
        "ConnTraceId": "conn_trace_id",
        "TransformedHost": "transformed_host",
        "TransformedUri": "transformed_uri",
        "RequestTransformStatus": "request_transform_status",
        "IpAddress": "ip_address",
    },
}


def milliseconds(text: str) -> str:
    """Write seconds as milliseconds, moving the decimal point instead of calculating."""
    return repr(float(text + "e3"))


def _whole_number(text: str) -> str:
    return str(int(text))


_encode: Callable[[str], str] = encode_basestring
_ENCODERS: Mapping[Type, Callable[[str], str]] = {SECONDS: milliseconds, COUNT: _whole_number}


def _writer(format_: Format, keys: Mapping[str, str], static: Mapping[str, str]) -> Write:
    names = format_.names
    columns = [names.index(name) for name in keys.values()]
    pick = itemgetter(*columns)
    numbers = [
        (place, _ENCODERS[format_.columns[column].type])
        for place, column in enumerate(columns)
        if format_.columns[column].type in _ENCODERS
    ]
    constant = _constant_parts(keys, static)

    def write(record: Record) -> str:
        picked = pick(record.values)
        encoded = ["null" if value is None else _encode(value) for value in picked]
        for place, encode in numbers:
            if picked[place] is not None:
                encoded[place] = encode(picked[place])
        encoded.append(f"[{','.join(map(_encode, record.extra))}]" if record.extra else "[]")
        parts = constant.copy()
        parts[1::2] = encoded
        return "".join(parts)

    return write


def _constant_parts(keys: Mapping[str, str], static: Mapping[str, str]) -> list[str]:
    """Return the event as pieces of text; every second one is empty, for what varies by line."""
    parts = ["{"]
    for key in (*keys, "ExtraFields"):
        parts[-1] += f"{_encode(key)}:"
        parts += ["", ","]
    parts[-1] += ",".join(f"{_encode(key)}:{_encode(value)}" for key, value in static.items())
    parts[-1] += "}\n"
    return parts
