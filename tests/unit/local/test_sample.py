"""The sample traffic: always the same, and as load balancers write it."""

from __future__ import annotations

import gzip
import re
from pathlib import Path

from infra.local import sample
from infra.local.log_files import count_lines


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


def test_names_and_formats_are_those_of_load_balancers(tmp_path: Path) -> None:
    """Classic logs are plain, the others compressed, each with the fields that exist."""
    *logs, _ = written(tmp_path / "a")
    widths = {}
    for path in logs:
        assert re.fullmatch(
            r"123456789012_elasticloadbalancing_eu-west-1_[\w.-]+_\d{8}T\d{4}Z_[\d.]+_\w{8}"
            r"\.log(\.gz)?",
            path.name,
        )
        line = text(path).split("\n")[1]
        balancer = path.name.split("_")[3]
        widths[balancer] = len(re.findall(r'"(?:\\.|[^"])*"|\S+', line))
    assert widths == {
        "shop": 15,
        "shop-before-2015": 12,
        "queue-tcp": 15,
        "app.web.50dc6c495c0c9188": 34,
        "app.api.9a1c30f1f2d8e6b7": 30,
        "app.beta.3c5d7e9f1a2b4c6d": 36,
    }


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
    ):
        assert each in everything


def test_keys_stand_below_the_prefix_as_aws_has_them() -> None:
    """A prefix of the load balancer's comes first, with one slash."""
    assert sample.folder("a/b", "123456789012", "eu-west-1") == (
        "a/b/AWSLogs/123456789012/elasticloadbalancing/eu-west-1/2026/10/14/"
    )
    assert sample.control_folder("", "123456789012") == "AWSLogs/123456789012/"
