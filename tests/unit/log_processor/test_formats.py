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
        ("renamed.log", Kind.UNKNOWN),
        ("_app./_net./conn_log_/renamed.log", Kind.UNKNOWN),
        ("", Kind.UNKNOWN),
    ],
)
def test_the_file_name_tells_the_kind(key: str, kind: Kind) -> None:
    """Only the last part of the key counts, and the prefix counts before the load balancer."""
    assert kind_of_key(key) == kind


@pytest.mark.parametrize(
    ("line", "kind"),
    [(CLASSIC_12, Kind.CLASSIC), (ALB_34, Kind.ALB), ("", Kind.ALB), ("nonsense", Kind.ALB)],
)
def test_the_first_field_tells_classic_from_alb(line: str, kind: Kind) -> None:
    """A line that starts with a time is classic."""
    assert kind_of_line(line) == kind


def test_the_widest_documented_line_has_all_columns() -> None:
    """The last width of a format is the number of its columns, and widths grow."""
    for format_ in FORMATS.values():
        assert format_.widths[-1] == len(format_.columns) == len(set(format_.names))
        assert list(format_.widths) == sorted(set(format_.widths))
