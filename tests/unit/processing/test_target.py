"""Where events go, as a command line has it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from infra.errors import InputError
from infra.processing.target import TlsFiles, target
from lambda_src.log_processor.delivery import Endpoint, Protocol, Target, TlsOptions
from tests.unit.log_processor.certificates import certificates

NO_FILES = TlsFiles()
FORMS = "write tcp://HOST:PORT, tls://…, lumberjack://… or lumberjack+tls://…"


def problems(
    urls: Sequence[str], tls: TlsFiles = NO_FILES, compression_level: int | None = None
) -> list[str]:
    with pytest.raises(InputError) as caught:
        target(urls, tls, compression_level)
    return str(caught.value).splitlines()


@pytest.mark.parametrize("protocol", Protocol)
def test_the_scheme_is_the_protocol(protocol: Protocol) -> None:
    """All four."""
    assert target([f"{protocol}://a:5045"]) == Target(protocol, (Endpoint("a", 5045),))


def test_several_hosts_are_those_of_all_urls_together() -> None:
    """After commas, or in a URL of their own; an IPv6 address stands in brackets."""
    assert target(["tcp://a:1,b.example.com:2/", "tcp://[::1]:3"]).endpoints == (
        Endpoint("a", 1),
        Endpoint("b.example.com", 2),
        Endpoint("::1", 3),
    )


def test_every_problem_of_the_urls_is_named_at_once() -> None:
    """With what to write instead."""
    urls = ["udp://a:1", "a:1", "tpc://a:1", "tcp://a", "tcp://a:70000", "tcp://::1:5045"]
    assert problems([*urls, "tls://u@a:1", "tcp://"]) == [
        f"--to 'udp://a:1' is no receiver: {FORMS}",
        f"--to 'a:1' is no receiver: {FORMS}",
        f"--to 'tpc://a:1' is no receiver (did you mean \"tcp\"?): {FORMS}",
        "--to 'tcp://a': 'a' names no port",
        "--to 'tcp://a:70000': the port of 'a:70000' is not a number from 1 to 65535",
        "--to 'tcp://::1:5045': '::1:5045': write an IPv6 address in brackets, such as [::1]:5045",
        "--to 'tls://u@a:1': 'u@a:1' is more than a host and a port",
        "--to 'tcp://': '' names no host",
        "--to names tcp and tls: use one of them",
    ]


def test_options_that_have_no_effect_are_refused() -> None:
    """Nobody is to believe that a connection is encrypted."""
    assert problems(["tcp://a:1"], TlsFiles(ca=Path("x"), server_name="y"), 3) == [
        "--ca is for tls:// and lumberjack+tls://, not for tcp://",
        "--server-name is for tls:// and lumberjack+tls://, not for tcp://",
        "--compression-level is for lumberjack:// and lumberjack+tls://, not for tcp://",
    ]


def test_tls_s_files_are_read_and_tried_at_once(tmp_path: Path) -> None:
    """A wrong one is found before the first batch."""
    ca, certificate, key, wrong = (tmp_path / name for name in ("ca", "own", "key", "wrong"))
    ca.write_text(certificates().ca)
    certificate.write_text(certificates().client.certificate)
    key.write_text(certificates().client.key)
    wrong.write_text("nothing")
    url = ["lumberjack+tls://a:1"]
    assert target(url, TlsFiles(ca, certificate, key, "name"), 9) == Target(
        Protocol.LUMBERJACK_TLS,
        (Endpoint("a", 1),),
        TlsOptions(ca.read_text(), certificate.read_text(), key.read_text(), "name"),
        9,
    )
    gone = tmp_path / "gone"
    assert problems(url, TlsFiles(ca=gone)) == [
        f"--ca {gone} cannot be read: No such file or directory"
    ]
    assert problems(url, TlsFiles(ca=wrong))[0].startswith("the CA cannot be used: ")
    assert problems(url, TlsFiles(private_key=key)) == [
        "a client's private key is set without its certificate: set both"
    ]
