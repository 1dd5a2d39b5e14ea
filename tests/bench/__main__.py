"""Measures this project's speed and memory beside others', on one core, as ratios of one run."""

from __future__ import annotations

import argparse
import os
import platform
import re
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from tests.bench import delivering, parsing, resources
from tests.bench.table import Result, markdown
from tests.bench.timing import use_one_core

README = Path(__file__).parents[2] / "README.md"
MARKED = re.compile(r"(<!-- bench -->\n).*?(<!-- /bench -->)", re.DOTALL)


def main() -> int:
    """Run what is asked for; exit code 1 if a figure is missed."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        parts: dict[str, Callable[[], list[Result]]] = {
            "alb": parsing.application,
            "classic": lambda: parsing.classic(folder),
            "delivering": lambda: delivering.delivering(folder),
            "importing": resources.importing,
            "memory": resources.memory_and_growth,
        }
        options = _options(tuple(parts))
        use_one_core()
        results: list[Result] = []
        for part in options.parts or parts:
            print(f"{part} …", file=sys.stderr, flush=True)
            results += parts[part]()
    text = f"{_machine()}\n\n{markdown(results)}\n"
    print(text)
    if options.update_readme:
        _update(text)
    return 1 if any(result.holds is False for result in results) else 0


def _options(parts: tuple[str, ...]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="scripts/bench",
        description=f"{__doc__} About two minutes.",
        epilog="Example: scripts/bench alb classic",
    )
    parser.add_argument("parts", nargs="*", help=f"{', '.join(parts)}; all by default")
    parser.add_argument("--update-readme", action="store_true", help="write the table there")
    options = parser.parse_args()
    unknown = [part for part in options.parts if part not in parts]
    if unknown:
        parser.error(f"no part {unknown[0]!r}; there are: {', '.join(parts)}")
    if options.update_readme and options.parts:
        parser.error("the README shows all parts: name none")
    return options


def _machine() -> str:
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    python = platform.python_version()
    return f"{os.cpu_count()} cores, {memory:.0f} GiB of memory, Python {python}, one core used:"


def _update(text: str) -> None:
    readme = README.read_text(encoding="utf-8")
    README.write_text(MARKED.sub(lambda found: f"{found[1]}{text}{found[2]}", readme), "utf-8")


if __name__ == "__main__":
    sys.exit(main())
