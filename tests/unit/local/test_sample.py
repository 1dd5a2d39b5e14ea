"""The sample traffic: always the same, and as load balancers write it."""

from __future__ import annotations

import gzip
import re
from pathlib import Path

from infra.local import sample
from infra.local.log_files import count_lines
from lambda_src.log_processor.formats import FORMATS
from lambda_src.log_processor.kinds import Kind, kind_of_key
from lambda_src.log_processor.single import record


def written(directory: Path) -> list[Path]:
    directory.mkdir()
    return list(sample.write(directory, "123456789012", "eu-west-1"))


def text(path: Path) -> str:
    content = path.read_bytes()
    return (gzip.decompress(content) if path.suffix == ".gz" else content).decode("ascii")


def test_it_is_the_same_bytes_every_time(tmp_path: Path) -> None:
    """Names and contents do not depend on when and where they are written."""
    first, second = written(tmp_path / "a"), written(tmp_path / "b")
    assert [(one.name, one.read_bytes()) for one in first] == [
        (one.name, one.read_bytes()) for one in second
    ]


def test_it_has_twenty_thousand_lines_and_the_control_object(tmp_path: Path) -> None:
    """Enough to see the speed, and what AWS writes to try the bucket out."""
    *logs, control = written(tmp_path / "a")
    assert sum(count_lines(path) or 0 for path in logs) == 20_000
    assert control.name == "ELBAccessLogTestFile"


def test_names_are_those_of_load_balancers(tmp_path: Path) -> None:
    """Each kind has its own; only a network load balancer does not name its node."""
    *logs, _ = written(tmp_path / "a")
    for path in logs:
        assert re.fullmatch(
            r"(conn_log_|health_check_log_)?123456789012_elasticloadbalancing_eu-west-1_"
            r"(net\.[\w.-]+_\d{8}T\d{4}Z|[\w.-]+_\d{8}T\d{4}Z_[\d.]+)_\w{8}\.log(\.gz)?",
            path.name,
        )


def test_there_is_every_kind_of_log_with_the_fields_that_exist(tmp_path: Path) -> None:
    """Classic logs are plain, the others compressed."""
    *logs, _ = written(tmp_path / "a")
    widths: dict[str, list[int]] = {}
    for path in logs:
        line = text(path).split("\n")[1]
        kind = kind_of_key(path.name)
        plain = "" if kind is Kind.NLB else r'"(?:\\.|[^"])*"|'
        widths.setdefault(kind, []).append(len(re.findall(rf"{plain}\S+", line)))
        assert (path.suffix == ".gz") is (kind is not Kind.CLASSIC)
    assert widths == {
        "classic": [15, 15, 12, 15],
        "alb": [34, 34, 33, 30, 36],
        "alb-connection": [15],
        "alb-health-check": [10],
        "nlb": [22],
    }


def test_only_lines_that_are_cut_short_are_no_log_lines(tmp_path: Path) -> None:
    """The function's own parser understands every other one."""
    *logs, _ = written(tmp_path / "a")
    rejected = [
        path.name.split("_")[3]
        for path in logs
        for line in text(path).splitlines()
        if isinstance(record(FORMATS[kind_of_key(path.name)], line), str)
    ]
    assert rejected == ["shop", "queue-tcp", "app.api.9a1c30f1f2d8e6b7"]


def test_it_holds_what_breaks_parsers(tmp_path: Path) -> None:
    """IPv6 clients, requests never dispatched, quotes in both escapes, TCP rows, WebSockets."""
    everything = "".join(text(path) for path in written(tmp_path / "a"))
    for each in (
        " 2001:db8::",
        " -1 -1 -1 ",
        r"\"quoted\"",
        r"\x22quoted\x22",
        '"- - - "',
        "\nwss",
        ' - - - "-" - - - TID_',
        "Failed:ClientCertUntrusted",
        "ResponseCodeMismatch",
        '"h2","http/1.1"',
    ):
        assert each in everything


def test_keys_stand_below_the_prefix_as_aws_has_them() -> None:
    """A prefix of the load balancer's comes first, with one slash."""
    assert sample.folder("a/b", "123456789012", "eu-west-1") == (
        "a/b/AWSLogs/123456789012/elasticloadbalancing/eu-west-1/2026/10/14/"
    )
    assert sample.control_folder("", "123456789012") == "AWSLogs/123456789012/"
