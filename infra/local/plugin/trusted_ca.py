"""Functions that bring the CAs of RDS along find those of the servers here in their place.

Elsewhere those servers would be somebody who only claims to be RDS.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from typing import Any

from infra.local.plugin import database_servers
from lambda_src.reporting_user.tls import BUNDLE


def of_these_servers(original: Callable[..., None]) -> Callable[..., None]:
    """MiniStack's own making of a worker, of code that trusts the servers here."""

    def made(worker: Any, name: str, config: Any, code: bytes) -> None:
        original(worker, name, config, _trusting(code))

    return made


def _trusting(code: bytes) -> bytes:
    if not zipfile.is_zipfile(io.BytesIO(code)):
        return code
    with zipfile.ZipFile(io.BytesIO(code)) as old:
        if not any(map(_is_bundle, old.namelist())):
            return code
        changed = io.BytesIO()
        with zipfile.ZipFile(changed, "w") as new:
            for each in old.infolist():
                mine = _is_bundle(each.filename)
                new.writestr(each, database_servers.identity().ca if mine else old.read(each))
    return changed.getvalue()


def _is_bundle(path: str) -> bool:
    return path.rpartition("/")[2] == BUNDLE.name
