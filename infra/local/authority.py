"""A small certificate authority for servers on this machine, made with the `openssl` command."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

from infra.errors import NotInstalledError

_KEY = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes")
_DAYS = "30"


@dataclass(frozen=True)
class Identity:
    """A server's certificate and its key, both PEM, and the authority that it comes from."""

    certificate: str
    key: str
    ca: str


def identity(*names: str) -> Identity:
    """A certificate for these host names or addresses, from an authority of its own."""
    check_installed()
    with tempfile.TemporaryDirectory() as folder:
        return _made(Path(folder), names)


def check_installed() -> None:
    """Raise NotInstalledError unless the command is here."""
    if shutil.which("openssl") is None:
        raise NotInstalledError(
            "The openssl command makes the certificates of local servers and is not installed; "
            "on Debian: apt-get install openssl"
        )


def _made(folder: Path, names: tuple[str, ...]) -> Identity:
    (folder / "configuration").write_text("[req]\ndistinguished_name = nothing\n[nothing]\n")
    (folder / "extensions").write_text(f"subjectAltName={','.join(map(_alternative, names))}\n")
    root = ("-x509", *_KEY, "-days", _DAYS, "-subj", "/CN=infra local")
    constraints = ("-addext", "basicConstraints=critical,CA:TRUE")
    _openssl(folder, "req", *root, *constraints, "-keyout", "ca.key", "-out", "ca.pem")
    asked = ("-new", *_KEY, "-subj", f"/CN={names[0]}")
    _openssl(folder, "req", *asked, "-keyout", "key.pem", "-out", "asked.pem")
    signed = ("-req", "-in", "asked.pem", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial")
    days = ("-days", _DAYS, "-extfile", "extensions")
    _openssl(folder, "x509", *signed, *days, "-out", "certificate.pem")
    certificate, key, ca = (
        (folder / name).read_text() for name in ("certificate.pem", "key.pem", "ca.pem")
    )
    return Identity(certificate, key, ca)


def _alternative(name: str) -> str:
    is_address = name.replace(".", "").isdigit() or ":" in name
    return f"{'IP' if is_address else 'DNS'}:{name}"


def _openssl(folder: Path, verb: str, *arguments: str) -> None:
    options = ("-config", "configuration") if verb == "req" else ()
    command = ("openssl", verb, *options, *arguments)
    subprocess.run(  # noqa: S603 - arguments of our own
        command, cwd=folder, check=True, capture_output=True, timeout=120
    )
