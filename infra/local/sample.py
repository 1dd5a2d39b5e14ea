"""Sample traffic: an hour of log objects of every kind, the same at every call.

A few lines are cut short on purpose, so that a rejection can be seen and is accounted for.
"""

from __future__ import annotations

import gzip
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from random import Random

from infra.local.sample_connection_lines import connection, health_check, network
from infra.local.sample_lines import Source, application, classic, classic_tcp

_BEGIN = datetime(2026, 10, 14, 9, 0, tzinfo=UTC)
_END = "20261014T1000Z"
TEST_FILE = "ELBAccessLogTestFile"
"""What AWS writes when access logs are switched on, to see whether it may."""

Line = Callable[[Source, float], str]


@dataclass(frozen=True)
class _Object:
    balancer: str
    lines: int
    line: Line
    compressed: bool = True
    is_cut: bool = False
    """Whether one of its lines is cut short."""
    file_prefix: str = ""

    def file_name(self, source: Source, number: int) -> str:
        """As each kind has it; only a network load balancer does not name its node."""
        where = f"{source.account}_elasticloadbalancing_{source.region}"
        node = "" if self.balancer.startswith("net/") else f"_10.0.{number}.17"
        end = f"{_END}{node}_{source.random.getrandbits(32):08x}"
        suffix = "log.gz" if self.compressed else "log"
        return f"{self.file_prefix}{where}_{self.balancer.replace('/', '.')}_{end}.{suffix}"


_WEB, _API = "app/web/50dc6c495c0c9188", "app/api/9a1c30f1f2d8e6b7"
_OBJECTS = (
    _Object("shop", 2500, partial(classic, fields=15), compressed=False, is_cut=True),
    _Object("shop", 2500, partial(classic, fields=15), compressed=False),
    _Object("shop-before-2015", 1500, partial(classic, fields=12), compressed=False),
    _Object("queue-tcp", 1000, classic_tcp, compressed=False, is_cut=True),
    _Object(_WEB, 3500, partial(application, fields=34)),
    _Object(_WEB, 3500, partial(application, fields=34)),
    _Object(_API, 2500, partial(application, fields=33), is_cut=True),
    _Object(_API, 1500, partial(application, fields=30)),
    # Fields that AWS has not documented yet.
    _Object("app/beta/3c5d7e9f1a2b4c6d", 500, partial(application, fields=36)),
    _Object(_WEB, 400, connection, file_prefix="conn_log_"),
    _Object(_WEB, 300, health_check, file_prefix="health_check_log_"),
    _Object("net/queue/c6e77e28c25b2234", 300, network),
)


def folder(prefix: str, account: str, region: str) -> str:
    """Where load balancers write on the sample's day, with a slash at its end."""
    day = _BEGIN.strftime("%Y/%m/%d")
    return f"{_root(prefix, account)}elasticloadbalancing/{region}/{day}/"


def control_folder(prefix: str, account: str) -> str:
    """Where the control object lies: above all the days."""
    return _root(prefix, account)


def write(directory: Path, account: str, region: str) -> Iterator[Path]:
    """Write the objects as files of their own names, the control object last."""
    for number, each in enumerate(_OBJECTS):
        source = Source(each.balancer, region, account, Random(number), _BEGIN)  # noqa: S311
        path = directory / each.file_name(source, number)
        content = _content(source, each)
        path.write_bytes(gzip.compress(content, mtime=0) if each.compressed else content)
        yield path
    path = directory / TEST_FILE
    path.write_text(f"Enable AccessLog for ELB: shop at {_BEGIN.isoformat()}")
    yield path


def _root(prefix: str, account: str) -> str:
    start = f"{prefix.strip('/')}/" if prefix.strip("/") else ""
    return f"{start}AWSLogs/{account}/"


def _content(source: Source, each: _Object) -> bytes:
    lines = [each.line(source, number / each.lines) for number in range(each.lines)]
    if each.is_cut:
        # Within its first fields, as a full disk would.
        middle = each.lines // 2
        lines[middle] = lines[middle][: source.random.randint(30, 60)]
    return "".join(f"{line}\n" for line in lines).encode("ascii")
