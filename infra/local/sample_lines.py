"""Lines as load balancers write them, drawn from a given random generator and so repeatable.

Formats: https://docs.aws.amazon.com/elasticloadbalancing/latest/classic/access-log-collection.html
and https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-access-logs.html
"""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

_AGENTS = (
    "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15",
    "curl/8.14.1",
    "Example-Monitor/2.4 (+https://status.example.com/)",
)
_PATHS = ("/", "/login", "/api/orders/{}", "/api/orders?page={}", "/static/app.{}.js", "/healthz")
_METHODS = ("GET", "GET", "GET", "POST", "PUT", "DELETE", "HEAD")
_STATUSES = ("200", "200", "200", "200", "201", "204", "301", "304", "400", "404", "500", "503")
_CIPHER = "ECDHE-RSA-AES128-GCM-SHA256 TLSv1.2"
_TARGETS = "arn:aws:elasticloadbalancing:{}:{}:targetgroup/shop/73e2d6bc24d8a067"
_HOUR = 3600.0


@dataclass(frozen=True)
class Source:
    """A load balancer that writes logs."""

    name: str
    region: str
    account: str
    random: Random
    begin: datetime

    def time(self, position: float) -> datetime:
        """The time of a line that stands at this part (0 to 1) of the hour."""
        return self.begin + timedelta(seconds=position * _HOUR)

    def client(self) -> str:
        """An address and port out of the ranges for documentation; one in eight is IPv6."""
        pick = self.random
        if pick.random() < 0.125:
            address = str(ipaddress.IPv6Address((0x20010DB8 << 96) + pick.getrandbits(64)))
        else:
            address = (
                f"{pick.choice(('192.0.2', '198.51.100', '203.0.113'))}.{pick.randint(1, 254)}"
            )
        return f"{address}:{pick.randint(1024, 65535)}"

    def request(self, scheme: str, port: int) -> str:
        """A request as a browser sends it, or as nobody should."""
        pick = self.random
        chance = pick.random()
        if chance < 0.01:
            return f"- {scheme}://shop.example.com:{port}- "
        path = pick.choice(_PATHS).format(pick.randint(1, 9999))
        if chance < 0.02:
            path = "/search?q=two words %22quoted%22"
        return f"{pick.choice(_METHODS)} {scheme}://shop.example.com:{port}{path} HTTP/1.1"

    def agent(self) -> str:
        """A user agent, seldom with quotes in it."""
        return 'Odd "quoted" agent' if self.random.random() < 0.01 else self.random.choice(_AGENTS)


def classic(source: Source, position: float, fields: int) -> str:
    """A line of a classic load balancer with 12 or 15 fields."""
    pick = source.random
    time = source.time(position).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    if pick.random() < 0.02:
        # Not dispatched: no backend, no times.
        middle = f"{source.client()} - -1 -1 -1 504 0 {pick.randint(0, 900)} 0"
    else:
        status = pick.choice(_STATUSES)
        middle = (
            f"{source.client()} 10.0.{pick.randint(0, 3)}.{pick.randint(4, 250)}:8080 "
            f"{pick.random() / 1e4:.6f} {pick.random():.6f} {pick.random() / 1e4:.6f} "
            f"{status} {status} {pick.randint(0, 900)} {pick.randint(20, 90000)}"
        )
    line = f'{time} {source.name} {middle} "{source.request("https", 443)}"'
    agent = source.agent().replace('"', r"\"")
    return line if fields == 12 else f'{line} "{agent}" {_CIPHER}'


def classic_tcp(source: Source, position: float) -> str:
    """A line of a classic load balancer's TCP listener: no request, no statuses."""
    pick = source.random
    time = source.time(position).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    return (
        f"{time} {source.name} {source.client()} 10.0.0.{pick.randint(4, 250)}:5432 "
        f"{pick.random() / 1e3:.6f} 0.000028 0.000041 - - {pick.randint(0, 900)} "
        f'{pick.randint(20, 90000)} "- - - " "-" - -'
    )


def application(source: Source, position: float, fields: int) -> str:
    """A line of an application load balancer with 30 to 34 fields, or more."""
    pick = source.random
    all_fields = [*_application_start(source, position), *_application_end(source, position)]
    extra = ['"-"'] * (fields - len(all_fields))
    if fields >= len(all_fields) and pick.random() < 0.5:
        all_fields[33] = "10.0.1.17"
    return " ".join((*all_fields, *extra)[:fields])


def _application_start(source: Source, position: float) -> tuple[str, ...]:
    pick = source.random
    kind = pick.choices(("https", "h2", "wss", "http"), (50, 40, 4, 6))[0]
    status = "101" if kind == "wss" else pick.choice(_STATUSES)
    scheme, port = ("http", 80) if kind == "http" else (kind.replace("h2", "https"), 443)
    refused = pick.random() < 0.02
    reached = f"10.0.{pick.randint(0, 3)}.{pick.randint(4, 250)}:8080"
    times = (
        ("-1", "-1", "-1") if refused else ("0.001", f"{pick.random():.3f}", f"{pick.random():.3f}")
    )
    agent = source.agent().replace('"', r"\x22")
    return (
        kind,
        source.time(position).strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
        source.name,
        source.client(),
        "-" if refused else reached,
        *times,
        "403" if refused else status,
        "-" if refused else status,
        str(pick.randint(20, 900)),
        str(pick.randint(20, 90000)),
        f'"{source.request(scheme, port)}"',
        f'"{agent}"',
        *(("-", "-") if kind == "http" else tuple(_CIPHER.split())),
    )


def _application_end(source: Source, position: float) -> tuple[str, ...]:
    pick = source.random
    created = source.time(position).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    return (
        _TARGETS.format(source.region, source.account),
        f'"Root=1-{pick.getrandbits(32):08x}-{pick.getrandbits(96):024x}"',
        '"shop.example.com"',
        '"session-reused"',
        str(pick.randint(0, 40)),
        created,
        '"waf,forward"',
        *('"-"',) * 6,
        f"TID_{pick.getrandbits(128):032x}",
        *('"-"',) * 3,
        "10.0.0.17",
    )
