"""Runs one target under atheris: python -m tests.fuzz TARGET [libFuzzer's options]."""

from __future__ import annotations

import sys


def main() -> None:
    """Fuzz until a fault is found or the time is up."""
    import atheris

    with atheris.instrument_imports(include=["lambda_src"]):
        from tests.fuzz.targets import TARGETS

    name, *options = [*sys.argv[1:], ""]
    if name not in TARGETS:
        sys.exit(f"usage: scripts/fuzz {{{','.join(TARGETS)}}} [-max_total_time=60 …]")
    atheris.Setup([sys.argv[0], *filter(None, options)], TARGETS[name])
    atheris.Fuzz()


if __name__ == "__main__":
    main()
