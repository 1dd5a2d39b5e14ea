"""Lines for a person: results on stdout, talk on stderr, whatever stands in them."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from io import TextIOWrapper
from typing import TextIO

from infra.cli.summary import console
from infra.words import printable


def tell(lines: Iterable[str]) -> None:
    """Print results, each as soon as it is known."""
    _print(lines, sys.stdout)


def talk(lines: Iterable[str]) -> None:
    """Print what is no result."""
    _print(lines, sys.stderr)


def tell_exactly(lines: Iterable[str]) -> None:
    """Print results that are another program's input; a terminal is spared what disturbs it."""
    _print(lines, sys.stdout, escaped=sys.stdout.isatty())


@contextmanager
def waiting(text: str) -> Iterator[None]:
    """Say on a terminal what is waited for."""
    terminal = console(sys.stderr)
    if not terminal.is_terminal:
        yield
        return
    with terminal.status(f"{printable(text)} …"):
        yield


def _print(lines: Iterable[str], file: TextIO, *, escaped: bool = True) -> None:
    if isinstance(file, TextIOWrapper):
        # Names hold what they like; the encoding of this stream may not.
        file.reconfigure(errors="backslashreplace")
    for line in lines:
        print(printable(line) if escaped else line, file=file, flush=True)
