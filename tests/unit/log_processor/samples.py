"""Log lines of every kind and the events they become, shared by the tests."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lambda_src.log_processor.formats import FORMATS
from lambda_src.log_processor.kinds import Kind

STATIC = {
    "Component": "edge",
    "SourceModuleName": "elb",
    "Environment": "test",
    "Application": "shop",
    "Type": "access",
}

ENVIRONMENT = {
    "LOGSTASH_HOST": "127.0.0.1",
    "LOGSTASH_PORT": "5000",
    "EVENT_COMPONENT": "edge",
    "EVENT_SOURCE_MODULE_NAME": "elb",
    "EVENT_ENVIRONMENT": "test",
    "EVENT_APPLICATION": "shop",
    "EVENT_TYPE": "access",
}

FOLDER = "AWSLogs/123456789012/elasticloadbalancing/eu-west-1/2026/08/01/"
CLASSIC_KEY = (
    FOLDER + "123456789012_elasticloadbalancing_eu-west-1_shop_20260801T2340Z_192.0.2.7_4k1x.log"
)
ALB_KEY = (
    FOLDER + "123456789012_elasticloadbalancing_eu-west-1_app.shop.50dc6c495c0c9188"
    "_20260801T2340Z_192.0.2.7_4k1x.log.gz"
)

CONNECTION_KEY = (
    FOLDER + "conn_log_123456789012_elasticloadbalancing_eu-west-1_app.shop.50dc6c495c0c9188"
    "_20260801T2340Z_192.0.2.7_4k1x.log.gz"
)
HEALTH_CHECK_KEY = (
    FOLDER + "health_check_log_123456789012_elasticloadbalancing_eu-west-1"
    "_app.shop.50dc6c495c0c9188_20260801T2340Z_192.0.2.7_4k1x.log.gz"
)
NLB_KEY = (
    FOLDER + "123456789012_elasticloadbalancing_eu-west-1_net.shop.c6e77e28c25b2234"
    "_20260801T2340Z_4k1x.log.gz"
)

CLASSIC_12 = (
    "2014-02-15T23:39:43.945958Z shop 192.0.2.1:2817 10.0.0.1:80 0.000073 0.001048 0.000057"
    ' 200 404 5 29 "GET http://www.example.com:80/ HTTP/1.1"'
)
CLASSIC_15 = CLASSIC_12 + ' "curl/8.5.0 (\\"x\\"y)" ECDHE-RSA-AES128-GCM-SHA256 TLSv1.2'
CLASSIC_FIELDS = (
    *CLASSIC_12.split(" ", 11),
    '"curl/8.5.0 (\\"x\\"y)"',
    "ECDHE-RSA-AES128-GCM-SHA256",
    "TLSv1.2",
)

CLASSIC_EVENT: dict[str, Any] = {
    "EventReceivedTime": "2014-02-15T23:39:43.945958Z",
    "LoadBalancerName": "shop",
    "PublicIpAndPort": "192.0.2.1:2817",
    "InternalIpAndPort": "10.0.0.1:80",
    "TimeToForwardRequest": 0.073,
    "TimeTaken": 1.048,
    "TimeToForwardResponse": 0.057,
    "Status": "200",
    "BackendStatus": "404",
    "BytesUploadedFromClient": 5,
    "BytesDownloadedByClient": 29,
    "FullRequest": "GET http://www.example.com:80/ HTTP/1.1",
    "UserAgent": 'curl/8.5.0 (\\"x\\"y)',
    "SslCipher": "ECDHE-RSA-AES128-GCM-SHA256",
    "SslProtocol": "TLSv1.2",
    "ExtraFields": [],
    "LogKind": "classic",
    **STATIC,
}

ALB_FIELDS = (
    "h2",
    "2026-08-01T23:39:43.945958Z",
    "app/shop/50dc6c495c0c9188",
    "2001:db8:0:0:b5f3:aaaa:bbbb:64ec:53016",
    "10.0.0.1:80",
    "0.086",
    "0.048",
    "0.037",
    "200",
    "201",
    "17",
    "57",
    '"GET https://www.example.com:443/a b HTTP/2.0"',
    '"Mozilla/5.0 \\x22quoted\\x22"',
    "ECDHE-RSA-AES128-GCM-SHA256",
    "TLSv1.2",
    "arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup/shop/73e2d6bc24d8a067",
    '"Root=1-58337281-1d84f3d73c47ec4e58577259"',
    '"www.example.com"',
    '"session-reused"',
    "-1",
    "2026-08-01T23:39:43.774000Z",
    '"waf,forward"',
    '"-"',
    '"-"',
    '"10.0.0.1:80 10.0.0.2:80"',
    '"200 201"',
    '"Acceptable"',
    '"SpaceInUri"',
    "TID_1234abcd5678ef90",
    '"-"',
    '"/b"',
    '"TransformSuccess"',
    "192.0.2.7",
)
ALB_34 = " ".join(ALB_FIELDS)

ALB_EVENT: dict[str, Any] = {
    "EventReceivedTime": "2026-08-01T23:39:43.945958Z",
    "LoadBalancerName": "app/shop/50dc6c495c0c9188",
    "PublicIpAndPort": "2001:db8:0:0:b5f3:aaaa:bbbb:64ec:53016",
    "InternalIpAndPort": "10.0.0.1:80",
    "TimeToForwardRequest": 86.0,
    "TimeTaken": 48.0,
    "TimeToForwardResponse": 37.0,
    "Status": "200",
    "BackendStatus": "201",
    "BytesUploadedFromClient": 17,
    "BytesDownloadedByClient": 57,
    "FullRequest": "GET https://www.example.com:443/a b HTTP/2.0",
    "UserAgent": "Mozilla/5.0 \\x22quoted\\x22",
    "SslCipher": "ECDHE-RSA-AES128-GCM-SHA256",
    "SslProtocol": "TLSv1.2",
    "TargetGroupArn": (
        "arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup/shop/73e2d6bc24d8a067"
    ),
    "TraceId": "Root=1-58337281-1d84f3d73c47ec4e58577259",
    "DomainName": "www.example.com",
    "ChosenCertArn": "session-reused",
    "MatchedRulePriority": "-1",
    "RequestCreationTime": "2026-08-01T23:39:43.774000Z",
    "ActionsExecuted": "waf,forward",
    "RedirectUrl": None,
    "ErrorReason": None,
    "TargetPortList": "10.0.0.1:80 10.0.0.2:80",
    "TargetStatusCodeList": "200 201",
    "Classification": "Acceptable",
    "ClassificationReason": "SpaceInUri",
    "ConnTraceId": "TID_1234abcd5678ef90",
    "TransformedHost": None,
    "TransformedUri": "/b",
    "RequestTransformStatus": "TransformSuccess",
    "IpAddress": "192.0.2.7",
    "ExtraFields": [],
    "LogKind": "alb",
    **STATIC,
}

CONNECTION_FIELDS = (
    "2026-08-01T23:39:43.945958Z",
    "2001:db8:0:0:b5f3:aaaa:bbbb:64ec",
    "36280",
    "443",
    "TLSv1.3",
    "TLS_AES_128_GCM_SHA256",
    "4.036",
    '"CN=client.example.com,O=Shop, Inc."',
    "NotBefore=2026-01-01T00:00:00Z;NotAfter=2027-01-01T00:00:00Z",
    "FEF257372D5C14D4",
    "Failed:ClientCertUntrusted",
    "TID_1234abcd5678ef90",
    "X25519",
    "app/shop/50dc6c495c0c9188",
    "192.0.2.7",
)

CONNECTION_EVENT: dict[str, Any] = {
    "EventReceivedTime": "2026-08-01T23:39:43.945958Z",
    "ClientIp": "2001:db8:0:0:b5f3:aaaa:bbbb:64ec",
    "ClientPort": "36280",
    "ListenerPort": "443",
    "TlsProtocol": "TLSv1.3",
    "TlsCipher": "TLS_AES_128_GCM_SHA256",
    "TlsHandshakeLatency": 4036.0,
    "LeafClientCertSubject": "CN=client.example.com,O=Shop, Inc.",
    "LeafClientCertValidity": "NotBefore=2026-01-01T00:00:00Z;NotAfter=2027-01-01T00:00:00Z",
    "LeafClientCertSerialNumber": "FEF257372D5C14D4",
    "TlsVerifyStatus": "Failed:ClientCertUntrusted",
    "ConnTraceId": "TID_1234abcd5678ef90",
    "TlsKeyexchange": "X25519",
    "LoadBalancerName": "app/shop/50dc6c495c0c9188",
    "IpAddress": "192.0.2.7",
    "ExtraFields": [],
    "LogKind": "alb-connection",
    **STATIC,
}

HEALTH_CHECK_FIELDS = (
    "https",
    "2026-08-01T23:39:43.945958Z",
    "0.003",
    "10.0.0.1:80",
    "shop/73e2d6bc24d8a067",
    "FAIL",
    "502",
    "ResponseCodeMismatch",
    "app/shop/50dc6c495c0c9188",
    "192.0.2.7",
)

HEALTH_CHECK_EVENT: dict[str, Any] = {
    "RequestType": "https",
    "EventReceivedTime": "2026-08-01T23:39:43.945958Z",
    "Latency": 3.0,
    "InternalIpAndPort": "10.0.0.1:80",
    "TargetGroupId": "shop/73e2d6bc24d8a067",
    "Status": "FAIL",
    "StatusCode": "502",
    "ReasonCode": "ResponseCodeMismatch",
    "LoadBalancerName": "app/shop/50dc6c495c0c9188",
    "IpAddress": "192.0.2.7",
    "ExtraFields": [],
    "LogKind": "alb-health-check",
    **STATIC,
}

NLB_FIELDS = (
    "tls",
    "2.0",
    "2026-08-01T23:39:43",
    "net/shop/c6e77e28c25b2234",
    "g3d4b5e8bb8464cd",
    "192.0.2.1:51341",
    "10.0.0.1:443",
    "5",
    "2",
    "98",
    "246",
    "-",
    "arn:aws:acm:eu-west-1:123456789012:certificate/2a108f19-aded-46b0-8493-c63eb1ef4a99",
    "-",
    "ECDHE-RSA-AES128-SHA",
    "tlsv12",
    "x25519",
    "shop.example.com",
    "h2",
    "http/1.1",
    '"h2","http/1.1"',
    "2026-08-01T23:39:38",
)

NLB_EVENT: dict[str, Any] = {
    "RequestType": "tls",
    "Version": "2.0",
    "EventReceivedTime": "2026-08-01T23:39:43",
    "LoadBalancerName": "net/shop/c6e77e28c25b2234",
    "Listener": "g3d4b5e8bb8464cd",
    "PublicIpAndPort": "192.0.2.1:51341",
    "InternalIpAndPort": "10.0.0.1:443",
    "ConnectionTime": 5.0,
    "TlsHandshakeTime": 2.0,
    "BytesUploadedFromClient": 98,
    "BytesDownloadedByClient": 246,
    "IncomingTlsAlert": None,
    "ChosenCertArn": (
        "arn:aws:acm:eu-west-1:123456789012:certificate/2a108f19-aded-46b0-8493-c63eb1ef4a99"
    ),
    "ChosenCertSerial": None,
    "TlsCipher": "ECDHE-RSA-AES128-SHA",
    "TlsProtocolVersion": "tlsv12",
    "TlsKeyexchange": "x25519",
    "DomainName": "shop.example.com",
    "AlpnFeProtocol": "h2",
    "AlpnBeProtocol": "http/1.1",
    "AlpnClientPreferenceList": '"h2","http/1.1"',
    "TlsConnectionCreationTime": "2026-08-01T23:39:38",
    "ExtraFields": [],
    "LogKind": "nlb",
    **STATIC,
}

KEYS: Mapping[Kind, str] = {
    Kind.CLASSIC: CLASSIC_KEY,
    Kind.ALB: ALB_KEY,
    Kind.ALB_CONNECTION: CONNECTION_KEY,
    Kind.ALB_HEALTH_CHECK: HEALTH_CHECK_KEY,
    Kind.NLB: NLB_KEY,
}
FIELDS: Mapping[Kind, tuple[str, ...]] = {
    Kind.CLASSIC: CLASSIC_FIELDS,
    Kind.ALB: ALB_FIELDS,
    Kind.ALB_CONNECTION: CONNECTION_FIELDS,
    Kind.ALB_HEALTH_CHECK: HEALTH_CHECK_FIELDS,
    Kind.NLB: NLB_FIELDS,
}
"""Of a line of each kind that has all columns."""
EVENTS: Mapping[Kind, Mapping[str, Any]] = {
    Kind.CLASSIC: CLASSIC_EVENT,
    Kind.ALB: ALB_EVENT,
    Kind.ALB_CONNECTION: CONNECTION_EVENT,
    Kind.ALB_HEALTH_CHECK: HEALTH_CHECK_EVENT,
    Kind.NLB: NLB_EVENT,
}
"""What such a line becomes in the schema `original`, without `@metadata`."""


def line(kind: Kind, **fields: str) -> str:
    """Return the line of a kind that has all columns, some of its fields replaced."""
    names = [name.replace(":", "_") for name in FORMATS[kind].names]
    usual = dict(zip(names, FIELDS[kind], strict=True))
    assert fields.keys() <= usual.keys()
    return " ".join((usual | fields).values())
