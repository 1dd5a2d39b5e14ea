"""How the kind of an object, and of a line, is told."""

from __future__ import annotations

import pytest

from lambda_src.log_processor.formats import FORMATS
from lambda_src.log_processor.kinds import Kind, kind_of_key, kind_of_line

from .samples import CLASSIC_KEY, FIELDS, FOLDER, KEYS, line

STEM = "123456789012_elasticloadbalancing_eu-west-1_"


@pytest.mark.parametrize("prefix", ["", "a prefix/", "conn_log_/", "_app./AWSLogs/", "/"])
@pytest.mark.parametrize(("kind", "key"), KEYS.items(), ids=KEYS)
def test_the_file_name_tells_the_kind(kind: Kind, key: str, prefix: str) -> None:
    """Only the last part of the key counts."""
    assert kind_of_key(prefix + key) == kind_of_key(key.rpartition("/")[2]) == kind


@pytest.mark.parametrize(
    ("key", "kind"),
    [
        (FOLDER + f"conn_log.{STEM}app.shop.50dc_20260801T2340Z_x.log.gz", Kind.ALB_CONNECTION),
        (
            FOLDER + f"health_check_log.{STEM}app.shop.50dc_20260801T2340Z_x.log.gz",
            Kind.ALB_HEALTH_CHECK,
        ),
        (FOLDER + f"{STEM}app_20260801T2340Z_192.0.2.7_4k1x.log", Kind.CLASSIC),
        (FOLDER + f"{STEM}net_20260801T2340Z_192.0.2.7_4k1x.log", Kind.CLASSIC),
        (f"copies/{STEM}app.shop.50dc_20260801T2340Z_x.log", Kind.ALB),
        (CLASSIC_KEY + ".gz", Kind.CLASSIC),
    ],
)
def test_names_are_told_by_their_beginning(key: str, kind: Kind) -> None:
    """The word before the account comes first, then what stands before the balancer's name."""
    assert kind_of_key(key) == kind


@pytest.mark.parametrize(
    "key",
    [
        "AWSLogs/123456789012/ELBAccessLogTestFile",
        "a prefix/AWSLogs/123456789012/ELBAccessLogTestFile",
        "AWSLogs/123456789012/ELBConnectionLogTestFile",
        "AWSLogs/123456789012/ELBHealthCheckLogTestFile",
        "copies/ELBAccessLogTestFile",
    ],
)
def test_a_test_file_is_no_log(key: str) -> None:
    """Load balancers write one when logs are switched on."""
    assert kind_of_key(key) == Kind.CONTROL


@pytest.mark.parametrize(
    "key",
    [
        "",
        "renamed.log",
        "my_app.log",
        "access_net.log",
        "conn_logs.log",
        f"my_{STEM}app.shop.50dc_20260801T2340Z_x.log.gz",
        "_app./_net./conn_log_/renamed.log",
        FOLDER + "myTestFile",
        FOLDER,
    ],
)
def test_any_other_name_tells_nothing(key: str) -> None:
    """A name that only resembles a load balancer's is nobody's promise."""
    assert kind_of_key(key) == Kind.UNKNOWN


@pytest.mark.parametrize("kind", FIELDS)
def test_a_line_of_any_width_tells_its_kind(kind: Kind) -> None:
    """Its first three fields are enough."""
    widths = FORMATS[kind].widths
    assert {kind_of_line(" ".join(FIELDS[kind][:width])) for width in widths} == {kind}


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        # A name can look like a number or a word of another format, but has no dot or colon.
        (line(Kind.CLASSIC, elb="443"), Kind.CLASSIC),
        (line(Kind.CLASSIC, elb="tls"), Kind.CLASSIC),
        (line(Kind.CLASSIC, timestamp="2026-08-01T23:39:43"), Kind.CLASSIC),
        (line(Kind.ALB_CONNECTION, client_ip="192.0.2.1"), Kind.ALB_CONNECTION),
        (line(Kind.ALB_CONNECTION, client_ip="::1"), Kind.ALB_CONNECTION),
        (line(Kind.ALB, type="grpcs"), Kind.ALB),
        (line(Kind.ALB, type="tls"), Kind.ALB),
        (line(Kind.ALB_HEALTH_CHECK, latency="-"), Kind.ALB_HEALTH_CHECK),
        (line(Kind.ALB_HEALTH_CHECK, latency="-1"), Kind.ALB_HEALTH_CHECK),
        (line(Kind.ALB_HEALTH_CHECK, latency="12"), Kind.ALB_HEALTH_CHECK),
        (line(Kind.NLB, version="3"), Kind.NLB),
    ],
)
def test_what_two_kinds_share_is_told_apart_by_what_follows(text: str, kind: Kind) -> None:
    """A time begins lines of two kinds, and `https` those of two others."""
    assert kind_of_line(text) == kind


@pytest.mark.parametrize("text", ["", " ", "nonsense", "https", "https 2026", "\x00", "é - x"])
def test_nonsense_has_a_kind_as_well(text: str) -> None:
    """Its line is then rejected with a reason."""
    assert kind_of_line(text) in FORMATS
