"""Certificates of two small authorities, made with the `openssl` command when first asked for."""

from __future__ import annotations

import shutil
import ssl
import subprocess
import tempfile
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

from tests.conftest import unavailable

NAME = "receiver.example"
"""What the receiver's certificates are for, besides 127.0.0.1."""

PASSPHRASE = "secret"

_KEY = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256")
_DAY = timedelta(days=1)

_CONFIGURATION = """
[ca]
default_ca = small
[small]
database = {folder}/index
new_certs_dir = {folder}
certificate = {folder}/ca.pem
private_key = {folder}/ca.key
rand_serial = yes
unique_subject = no
default_md = sha256
policy = any
copy_extensions = copy
[any]
commonName = supplied
[req]
distinguished_name = nothing
[nothing]
"""


@dataclass(frozen=True)
class Identity:
    """A certificate and its key, both PEM."""

    certificate: str
    key: str


@dataclass(frozen=True)
class Certificates:
    """One of each kind that a test needs."""

    ca: str
    other_ca: str
    receiver: Identity
    expired: Identity
    not_yet_valid: Identity
    elsewhere: Identity
    """For another name."""
    self_signed: Identity
    client: Identity
    stranger: Identity
    """A client of the other authority."""
    locked: Identity
    """A client whose key needs PASSPHRASE."""


@cache
def certificates() -> Certificates:
    """Make them all; they live in memory alone."""
    if shutil.which("openssl") is None:
        unavailable("the openssl command is not installed")
    with tempfile.TemporaryDirectory() as one, tempfile.TemporaryDirectory() as two:
        ours, theirs = _Authority(Path(one)), _Authority(Path(two))
        now = datetime.now(UTC)
        return Certificates(
            ca=ours.certificate,
            other_ca=theirs.certificate,
            receiver=ours.issue(NAME, now - _DAY),
            expired=ours.issue(NAME, now - 9 * _DAY),
            not_yet_valid=ours.issue(NAME, now + 9 * _DAY),
            elsewhere=ours.issue("elsewhere.example", now - _DAY, address="127.0.0.2"),
            self_signed=ours.self_signed(NAME),
            client=ours.issue("client", now - _DAY),
            stranger=theirs.issue("client", now - _DAY),
            locked=ours.issue("client", now - _DAY, passphrase=PASSPHRASE),
        )


def server_context(identity: Identity, client_ca: str | None = None) -> ssl.SSLContext:
    """What a receiver needs; with `client_ca` it wants a certificate of its clients."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    with tempfile.TemporaryDirectory() as folder:
        certificate, key = Path(folder, "certificate"), Path(folder, "key")
        certificate.write_text(identity.certificate)
        key.write_text(identity.key)
        context.load_cert_chain(certificate, key)
    if client_ca is not None:
        context.verify_mode = ssl.CERT_REQUIRED
        context.load_verify_locations(cadata=client_ca)
    return context


class _Authority:
    """One that signs whatever it is asked to, for three days."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        (folder / "index").touch()
        (folder / "configuration").write_text(_CONFIGURATION.format(folder=folder))
        self.certificate = self._root("ca", "small authority").certificate

    def self_signed(self, name: str) -> Identity:
        return self._root("alone", name)

    def issue(
        self,
        name: str,
        start: datetime,
        *,
        address: str = "127.0.0.1",
        passphrase: str | None = None,
    ) -> Identity:
        lock = ("-nodes",) if passphrase is None else ("-passout", f"pass:{passphrase}")
        names = f"subjectAltName=DNS:{name},IP:{address}"
        asked = ("-new", *_KEY, *lock, "-subj", f"/CN={name}", "-addext", names)
        self._openssl("req", *asked, "-keyout", "one.key", "-out", "one.csr")
        dates = ("-startdate", _zulu(start), "-enddate", _zulu(start + 3 * _DAY))
        self._openssl("ca", "-batch", "-notext", *dates, "-in", "one.csr", "-out", "one.pem")
        return self._read("one")

    def _root(self, file: str, name: str) -> Identity:
        names = ("-addext", f"subjectAltName=DNS:{name.replace(' ', '.')},IP:127.0.0.1")
        constraints = ("-addext", "basicConstraints=critical,CA:TRUE")
        asked = ("-x509", *_KEY, "-nodes", "-days", "3", "-subj", f"/CN={name}")
        files = ("-keyout", f"{file}.key", "-out", f"{file}.pem")
        self._openssl("req", *asked, *names, *constraints, *files)
        return self._read(file)

    def _read(self, file: str) -> Identity:
        folder = self._folder
        return Identity((folder / f"{file}.pem").read_text(), (folder / f"{file}.key").read_text())

    def _openssl(self, verb: str, *arguments: str) -> None:
        command = ("openssl", verb, "-config", "configuration", *arguments)
        subprocess.run(command, cwd=self._folder, check=True, capture_output=True, timeout=120)


def _zulu(moment: datetime) -> str:
    return moment.strftime("%Y%m%d%H%M%SZ")
