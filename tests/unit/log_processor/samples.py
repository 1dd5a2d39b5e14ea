"""Log lines and the events they become, shared by the tests."""

from __future__ import annotations

from typing import Any

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

CLASSIC_12 = (
    "2014-02-15T23:39:43.945958Z shop 192.0.2.1:2817 10.0.0.1:80 0.000073 0.001048 0.000057"
    ' 200 404 5 29 "GET http://www.example.com:80/ HTTP/1.1"'
)
CLASSIC_15 = CLASSIC_12 + ' "curl/8.5.0 (\\"x\\"y)" ECDHE-RSA-AES128-GCM-SHA256 TLSv1.2'

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
