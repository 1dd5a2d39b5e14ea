"""Wheels that are made for a test, and a package index that has them."""

from __future__ import annotations

import hashlib
import io
import os
import zipfile
from collections.abc import Iterable, Mapping
from pathlib import Path

import pytest

Files = Mapping[str, str | bytes]


def wheel(
    name: str,
    version: str = "1.0",
    files: Files | None = None,
    *,
    requires: Iterable[str] = (),
    executable: Iterable[str] = (),
) -> bytes:
    """The content of a wheel; that of its name's module, unless other files are given."""
    needs = "".join(f"Requires-Dist: {each}\n" for each in requires)
    about = f"{name}-{version}.dist-info"
    content: dict[str, str | bytes] = {
        **(files if files is not None else {f"{name}.py": f"NAME = {name!r}\n"}),
        f"{about}/METADATA": (
            f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n{needs}\nA long story.\n"
        ),
        f"{about}/WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        f"{about}/RECORD": "",
    }
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for path, text in content.items():
            entry = zipfile.ZipInfo(path, (2026, 1, 1, 0, 0, 0))
            entry.external_attr = (0o100755 if path in executable else 0o100644) << 16
            archive.writestr(entry, text)
    return buffer.getvalue()


def published(index: Path, content: bytes, name: str, tags: str, version: str = "1.0") -> str:
    """Put a wheel into an index, and give its hash."""
    index.mkdir(exist_ok=True)
    (index / f"{name}-{version}-{tags}.whl").write_bytes(content)
    return hashlib.sha256(content).hexdigest()


def use(index: Path, cache: Path, patch: pytest.MonkeyPatch) -> None:
    """Let pip know this index alone, and our cache be another than the user's."""
    for name in [name for name in os.environ if name.startswith("PIP_")]:
        patch.delenv(name)
    patch.setenv("PIP_CONFIG_FILE", os.devnull)
    patch.setenv("PIP_NO_INDEX", "1")
    patch.setenv("PIP_FIND_LINKS", str(index))
    patch.setenv("XDG_CACHE_HOME", str(cache))
