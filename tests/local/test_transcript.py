"""The README shows what the demo really prints.

`scripts/test tests/local/test_transcript.py --update-snapshots` writes the transcript anew.
"""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

from tests.conftest import plain

README = Path(__file__).parents[2] / "README.md"
BEGIN, END = "<!-- transcript -->\n```console\n$ infra demo\n", "```\n<!-- /transcript -->"


def transcript(folder: Path) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "infra", "demo"],
        cwd=folder,
        env=plain(folder),
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    lines = (done.stderr + done.stdout).splitlines()
    return "".join(f"{line.rstrip()}\n" for line in lines)


def same_in_every_run(text: str) -> list[str]:
    """Without times, sizes and rates, and sorted, for objects finish in any order."""
    text = re.sub(r"^\{$.*?^\}$", "{…}", text, flags=re.DOTALL | re.MULTILINE)
    text = re.sub(
        r"\d+\.\d s|[\d,]+ (?=bytes\)|lines/s)|^\d+ (?=of)", "… ", text, flags=re.MULTILINE
    )
    return sorted(text.splitlines())


def test_the_transcript_is_what_the_demo_prints(tmp_path: Path, update_snapshots: bool) -> None:
    """A reader sees on the first page what a run gives: every object, count and reason."""
    before, rest = README.read_text(encoding="utf-8").split(BEGIN)
    shown, after = rest.split(END)
    printed = transcript(tmp_path)
    if update_snapshots:
        README.write_text(before + BEGIN + printed + END + after, encoding="utf-8")
        shown = printed
    assert same_in_every_run(shown) == same_in_every_run(printed)
