"""Verifiers are those of the RFCs, of PostgreSQL and of the driver, for any password."""

from __future__ import annotations

import base64

import pytest
import scramp
from hypothesis import given
from hypothesis import strategies as st

from lambda_src.reporting_user.verifier import prepared, verifier

SALT = base64.b64decode("W22ZaJ0SNY7soEsUEjb6gQ==")


def test_the_verifier_is_that_of_the_rfcs_example() -> None:
    """RFC 7677, section 3: its client's proof and its server's signature follow from these keys."""
    assert verifier("pencil", SALT, 4096) == (
        "SCRAM-SHA-256$4096:W22ZaJ0SNY7soEsUEjb6gQ==$"
        "WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY=:wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU="
    )


def test_a_salt_is_used_once() -> None:
    """Two users of one password cannot be told to have it."""
    assert verifier("pencil") != verifier("pencil")


@given(st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1))
def test_the_driver_finds_its_own_keys_in_it(password: str) -> None:
    """Any password that Secrets Manager generates."""
    mechanism = scramp.ScramMechanism("SCRAM-SHA-256")
    salt, stored, server, iterations = mechanism.make_auth_info(password, 4096, SALT)
    keys = (base64.b64encode(key).decode() for key in (stored, server))
    assert verifier(password, salt, iterations) == (
        f"SCRAM-SHA-256$4096:{base64.b64encode(SALT).decode()}${':'.join(keys)}"
    )


@pytest.mark.parametrize(
    ("password", "as_keyed"),
    [
        ("user", "user"),
        ("USER", "USER"),
        ("I\u00adX", "IX"),  # RFC 4013, section 3
        ("\u00aa", "a"),
        ("\u2168", "IX"),
        ("\u0007", "\u0007"),  # forbidden: as it is
        ("\u0627\u0031", "\u0627\u0031"),
        ("a\u00a0b", "a b"),
        ("\u00ad", "\u00ad"),  # nothing would be left of it
        ("\u0221", "\u0221"),  # younger than Unicode 3.2
        ("\u0627b\u0627", "\u0627b\u0627"),
        ("\u0627\u0628", "\u0627\u0628"),
    ],
)
def test_passwords_are_keyed_as_clients_do_it(password: str, as_keyed: str) -> None:
    """SASLprep, or nothing at all where it forbids something."""
    assert prepared(password) == as_keyed
