"""A folder of rejected lines, under the names that the function gives them in its bucket."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import quote

from lambda_src.log_processor.errors import StateError

_SEGMENT_BYTES = 200
"""File systems take 255; what is cut off is in each line, and the id in the name is whole."""


class RejectedLines:
    """Keeps rejected lines, and no checkpoints: a repeat begins at the beginning."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder

    def put(self, name: str, text: bytes) -> None:
        """Keep a text; a StateError says why that cannot be done."""
        if name.startswith("checkpoints/"):
            return
        path = self._folder.joinpath(*(_segment(each) for each in name.split("/") if each))
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(text)
        except OSError as error:
            raise StateError(f"{path} cannot be written: {error.strerror}") from error

    def get(self, name: str) -> bytes | None:  # noqa: ARG002 (the protocol's)
        """Nothing: no checkpoint is kept."""
        return None


def _segment(text: str) -> str:
    """A part of an object's key as a name that stays within its folder."""
    name = quote(text, safe="") if text in (".", "..") or not text.isprintable() else text
    if name in (".", ".."):
        name = name.replace(".", "%2E")
    return name.encode("utf-8", "replace")[:_SEGMENT_BYTES].decode("utf-8", "ignore")
