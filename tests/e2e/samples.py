"""Lines and keys of both kinds of log."""

from __future__ import annotations

FOLDER = "AWSLogs/123456789012/elasticloadbalancing/eu-west-1/2026/08/01/"
STEM = "123456789012_elasticloadbalancing_eu-west-1_"
CLASSIC_KEY = f"with space/{FOLDER}{STEM}shop_20260801T2340Z_192.0.2.7_4k1x.log"
ALB_KEY = f"{FOLDER}{STEM}app.shop.50dc6c495c0c9188_20260801T2340Z_192.0.2.7_4k1x.log.gz"

CLASSIC_LINE = (
    "2026-08-01T23:39:43.945958Z shop 192.0.2.1:2817 10.0.0.1:80 0.000073 0.001048 -1"
    ' 200 200 0 29 "GET http://www.example.com:80/ HTTP/1.1" "curl/8.5.0" - -'
)
ALB_LINE = (
    "https 2026-08-01T23:39:44.000001Z app/shop/50dc6c495c0c9188 192.0.2.1:2817 - -1 -1 -1"
    ' 460 - 17 0 "GET https://www.example.com:443/ HTTP/2.0" "a \\x22 \\xC3\\x88" - -'
    ' - "Root=1-5" "*" "session-reused"'
)

STATIC = {
    "Component": "edge",
    "SourceModuleName": "elb",
    "Environment": "test",
    "Application": "shop",
    "Type": "access",
}
