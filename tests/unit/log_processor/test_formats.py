"""How the kind of an object is told."""

from __future__ import annotations

import pytest

from lambda_src.log_processor.formats import FORMATS, Kind, kind_of_key, kind_of_line

from .samples import ALB_34, ALB_KEY, CLASSIC_12, CLASSIC_KEY, FOLDER

STEM = "123456789012_elasticloadbalancing_eu-west-1_"


@pytest.mark.parametrize(
    ("key", "kind"),
    [
        (CLASSIC_KEY, Kind.CLASSIC),
        ("a prefix/" + CLASSIC_KEY, Kind.CLASSIC),
        (ALB_KEY, Kind.ALB),
        (FOLDER + f"conn_log_{STEM}app.shop.50dc_20260801T2340Z_x.log.gz", Kind.ALB_CONNECTION),
        (
            FOLDER + f"health_check_log_{STEM}app.shop.50dc_20260801T2340Z_x.log.gz",
            Kind.ALB_HEALTH_CHECK,
        ),
        (FOLDER + f"{STEM}net.shop.50dc_20260801T2340Z_4k1x.log.gz", Kind.NLB),
        ("AWSLogs/123456789012/ELBAccessLogTestFile", Kind.CONTROL),
        ("AWSLogs/123456789012/ELBConnectionLogTestFile", Kind.CONTROL),
        ("copies/ELBAccessLogTestFile", Kind.CONTROL),
        (FOLDER + "myTestFile", Kind.UNKNOWN),
        ("renamed.log", Kind.UNKNOWN),
        ("my_app.log", Kind.UNKNOWN),
        ("access_net.log", Kind.UNKNOWN),
        (f"my_{STEM}app.shop.50dc_20260801T2340Z_x.log.gz", Kind.UNKNOWN),
        ("_app./_net./conn_log_/renamed.log", Kind.UNKNOWN),
        ("", Kind.UNKNOWN),
    ],
)
def test_the_file_name_tells_the_kind(key: str, kind: Kind) -> None:
    """Only the last part of the key counts, and the prefix counts before the load balancer."""
    assert kind_of_key(key) == kind


@pytest.mark.parametrize(
    ("line", "kind"),
    [
        (CLASSIC_12, Kind.CLASSIC),
        (ALB_34, Kind.ALB),
        ("", Kind.ALB),
        ("nonsense", Kind.ALB),
        ('2026-08-01T23:39:43.9Z 203.0.113.1 36280 80 - - - "-" - - - TID_1', Kind.ALB_CONNECTION),
        ("2026-08-01T23:39:43.9Z 2001:db8::1 36280 443 TLSv1.3", Kind.ALB_CONNECTION),
        ("tls 2.0 2026-08-01T23:39:43 net/shop/50dc 9f", Kind.NLB),
    ],
)
def test_the_first_two_fields_tell_the_kind(line: str, kind: Kind) -> None:
    """A connection log's lines begin with a time as well, but then comes an address."""
    assert kind_of_line(line) == kind


def test_the_widest_documented_line_has_all_columns() -> None:
    """The last width of a format is the number of its columns, and widths grow."""
    for format_ in FORMATS.values():
        assert format_.widths[-1] == len(format_.columns) == len(set(format_.names))
        assert list(format_.widths) == sorted(set(format_.widths))
