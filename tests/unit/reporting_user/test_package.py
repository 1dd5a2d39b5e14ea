"""What stands beside the function's code: the CAs of RDS, and the driver's versions."""

from __future__ import annotations

import re
import ssl
from datetime import UTC, datetime, timedelta
from importlib.metadata import requires, version
from pathlib import Path

import pytest

from lambda_src import reporting_user
from lambda_src.reporting_user import tls
from lambda_src.reporting_user.errors import PropertiesError

PINS = dict(
    re.findall(
        r"^([a-z0-9-]+)==(\S+) ",
        Path(reporting_user.__file__).with_name("requirements.txt").read_text(),
        re.MULTILINE,
    )
)


def test_the_cas_of_rds_are_trusted_and_will_be_for_years() -> None:
    """Three for each of the regions that the bundle's text names; all are roots."""
    found = tls.context(None).get_ca_certs()
    assert len(found) == 81
    soon = datetime.now(UTC) + timedelta(days=365 * 20)
    for certificate in found:
        subject = dict(pair for part in certificate["subject"] for pair in part)  # type: ignore[misc]
        assert re.fullmatch(
            r"Amazon RDS [a-z0-9-]+ Root CA (RSA2048|RSA4096|ECC384) G1", subject["commonName"]
        )
        assert certificate["subject"] == certificate["issuer"]
        end = ssl.cert_time_to_seconds(str(certificate["notAfter"]))
        assert datetime.fromtimestamp(end, UTC) > soon


def test_other_cas_are_trusted_in_their_place() -> None:
    """Not besides them."""
    text = tls.BUNDLE.read_text()
    [one, *_] = re.findall(r"-----BEGIN.+?END CERTIFICATE-----", text, re.DOTALL)
    assert len(tls.context(one).get_ca_certs()) == 1


def test_what_is_no_ca_is_refused_without_being_shown() -> None:
    """It may be a key."""
    with pytest.raises(PropertiesError) as caught:
        tls.context("hush")
    assert str(caught.value) == "Certificates must be CAs in PEM"


def test_the_tests_run_with_the_versions_that_are_packaged() -> None:
    """And these are all that the driver needs."""
    assert {name: version(name) for name in PINS} == PINS
    needed = {"pg8000"}
    while (
        found := {
            re.split(r"[^a-z0-9-]", requirement.lower())[0]
            for name in needed
            for requirement in requires(name) or ()
            if "extra ==" not in requirement
        }
        - needed
    ):
        needed |= found
    assert set(PINS) == needed


def test_the_runtimes_botocore_accepts_what_is_packaged() -> None:
    """The zip's packages come before the runtime's own."""
    [asked] = [each for each in requires("botocore") or () if each.startswith("python-dateutil")]
    assert "<3.0.0" in asked
    assert PINS["python-dateutil"].startswith("2.")
