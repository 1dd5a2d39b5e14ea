"""What PostgreSQL keeps in place of a password: it lets the password be checked, and tells it not.

https://www.rfc-editor.org/rfc/rfc5802 · https://www.rfc-editor.org/rfc/rfc7677
https://www.postgresql.org/docs/current/catalog-pg-authid.html
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
import stringprep
import unicodedata

ITERATIONS, SALT_BYTES = 4096, 16
"""PostgreSQL's own, which RFC 7677 asks for at least. The password is a generated one: more would
only make every login slower."""

_PROHIBITED = (
    stringprep.in_table_c12,
    stringprep.in_table_c21_c22,
    stringprep.in_table_c3,
    stringprep.in_table_c4,
    stringprep.in_table_c5,
    stringprep.in_table_c6,
    stringprep.in_table_c7,
    stringprep.in_table_c8,
    stringprep.in_table_c9,
    stringprep.in_table_a1,
)


def verifier(password: str, salt: bytes | None = None, iterations: int = ITERATIONS) -> str:
    """Return the SCRAM-SHA-256 verifier of a password, with a salt of its own each time."""
    salt = secrets.token_bytes(SALT_BYTES) if salt is None else salt
    salted = hashlib.pbkdf2_hmac("sha256", prepared(password).encode(), salt, iterations)
    stored = hashlib.sha256(_signed(salted, b"Client Key")).digest()
    keys = f"{_base64(stored)}:{_base64(_signed(salted, b'Server Key'))}"
    return f"SCRAM-SHA-256${iterations}:{_base64(salt)}${keys}"


def prepared(password: str) -> str:
    """Return the password as SASLprep has it, or as it is where SASLprep forbids something in it.

    Clients and servers of PostgreSQL do the same. https://www.rfc-editor.org/rfc/rfc4013
    """
    mapped = "".join(
        " " if stringprep.in_table_c12(one) else one
        for one in password
        if not stringprep.in_table_b1(one)
    )
    # The tables are those of Unicode 3.2, and so must be the normal form.
    normal = unicodedata.ucd_3_2_0.normalize("NFKC", mapped)
    return normal if normal and _is_allowed(normal) else password


def _is_allowed(text: str) -> bool:
    if any(forbids(one) for one in text for forbids in _PROHIBITED):
        return False
    # Text from right to left stands alone, and at both ends: RFC 3454, section 6.
    right = [stringprep.in_table_d1(one) for one in text]
    if not any(right):
        return True
    return right[0] and right[-1] and not any(map(stringprep.in_table_d2, text))


def _signed(key: bytes, text: bytes) -> bytes:
    return hmac.digest(key, text, "sha256")


def _base64(content: bytes) -> str:
    return base64.b64encode(content).decode("ascii")
