"""A function of lambda_src as what Lambda takes: a zip, or source that stands in a template.

Both hold the same modules, which its imports tell, under the same names as here: its handler is
`lambda_src.<function>.handler.handle`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from pathlib import Path

import infra
from infra.errors import InputError
from infra.model import Asset
from infra.naming import asset_key, did_you_mean
from infra.packaging.archive import File, archive
from infra.packaging.embedding import index
from infra.packaging.modules import ENTRY, NEEDED, OPTIONAL, data, modules
from infra.runtime import Architecture

SOURCES = Path(infra.__file__).parent.parent / "lambda_src"
"""Beside the package, in a checkout and where it is installed."""


def _nothing(_: str) -> None:
    """Tell nobody."""


def functions(sources: Path = SOURCES) -> tuple[str, ...]:
    """The functions there are, sorted."""
    return tuple(sorted(file.parent.name for file in sources.glob(f"*/{ENTRY}")))


def handler(function: str) -> str:
    """What a packaged function's `Handler` is."""
    return f"{SOURCES.name}.{function}.handler.handle"


def package(
    function: str,
    *,
    bucket: str,
    architecture: Architecture = "arm64",
    sources: Path = SOURCES,
    tell: Callable[[str], None] = _nothing,
) -> Asset:
    """The zip of one function, named by its content; `bucket` is where it will stand.

    What its requirements.txt names is fetched for the architecture, which `tell` tells.
    """
    _check(function, sources)
    own = modules(sources, function)
    own |= data(sources, own)
    files = {path: File(text) for path, text in own.items()}
    content = archive(_required(sources / function, architecture, tell) | files)
    sha256 = hashlib.sha256(content).hexdigest()
    return Asset(function, content, sha256, bucket, asset_key(function, sha256))


def _required(
    folder: Path, architecture: Architecture, tell: Callable[[str], None]
) -> dict[str, File]:
    """The files of the packages that the function of a folder takes along."""
    if not any((folder / name).is_file() for name in (NEEDED, OPTIONAL)):
        return {}
    # Few functions need it, and its libraries take time to import.
    from infra.packaging.requirements import pins
    from infra.packaging.unpacking import unpacked
    from infra.packaging.wheels import wheel

    wheels = [wheel(pin, architecture, tell) for pin in pins(folder, architecture)]
    return unpacked(wheels, architecture)


def embedded(function: str, *, sources: Path = SOURCES) -> str:
    """The source of an `index.py` that is one function; its handler is `index.handle`."""
    _check(function, sources)
    own = modules(sources, function)
    _check_embeddable(function, sources, data(sources, own))
    return index(sources.name, function, {path: text.decode() for path, text in own.items()})


def _check_embeddable(function: str, sources: Path, files: Mapping[str, bytes]) -> None:
    needed = sources / function / NEEDED
    reasons = [f"{', '.join(files)}, which is no Python"] if files else []
    if needed.is_file():
        reasons.append(f"the packages in {needed}")
    if reasons:
        raise InputError(
            f"{function} cannot be embedded in a template: it needs {' and '.join(reasons)}; "
            "package it instead"
        )


def _check(function: str, sources: Path) -> None:
    known = functions(sources)
    if function not in known:
        raise InputError(
            f"no function {function!r} in {sources}{did_you_mean(function, known)}; "
            f"there are: {', '.join(known) or 'none'}"
        )
