"""The command behind scripts/checkov; its argument is checkov's own program."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NoReturn

from infra.assembly import assemble
from infra.render import to_json
from tests.policies.environments import environments

from .judgement import Spot, is_well, judged, reasons, table, without_reasons


def main(program: str) -> int:
    """Print the table; the exit code is 0 if all is well, 1 if not, 2 if nobody knows."""
    templates = {
        f"{name}/{stack.id}": stack.template
        for name, environment in environments().items()
        for stack in assemble(environment).stacks
    }
    with tempfile.TemporaryDirectory() as scratch:
        as_they_are, bare = Path(scratch, "as-they-are"), Path(scratch, "bare")
        _write(templates, as_they_are)
        _write({name: without_reasons(body) for name, body in templates.items()}, bare)
        found = _findings(program, Path(scratch))
    accepted = {
        spot: why for name, body in templates.items() for spot, why in reasons(name, body).items()
    }
    judgements = judged(found["bare"], found["as-they-are"], accepted)
    print("\n".join(table(judgements)))
    well = is_well(judgements)
    print(f"checkov, {len(templates)} templates: {'all is well' if well else 'see above'}")
    return 0 if well else 1


def _write(templates: Mapping[str, Mapping[str, Any]], folder: Path) -> None:
    for name, body in templates.items():
        file = folder / f"{name}.json"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(to_json(body))


def _findings(program: str, folder: Path) -> dict[str, dict[Spot, str]]:
    """By the folder within: each check that failed, and what it is about."""
    report = _run(program, folder)
    found: dict[str, dict[Spot, str]] = {"bare": {}, "as-they-are": {}}
    for each in report["results"]["failed_checks"]:
        _, kind, name = each["file_path"].removesuffix(".json").split("/", 2)
        found[kind][Spot(name, each["resource"], each["check_id"])] = each["check_name"]
    return found


def _run(program: str, folder: Path) -> dict[str, Any]:
    """Offline: neither policies nor a newer version of itself are asked for."""
    command = [str(Path(program).absolute()), "--framework", "cloudformation", "--directory", "."]
    done = subprocess.run(
        [*command, "--output", "json", "--skip-download", "--compact", "--soft-fail"],
        cwd=folder,
        env=os.environ | {"CKV_SKIP_PACKAGE_UPDATE_CHECK": "true", "CKV_PARSE_ERROR_FAIL": "true"},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        _give_up(f"{program} ended with {done.returncode}:\n{done.stderr}")
    report: dict[str, Any] = json.loads(done.stdout)
    if "results" not in report or report["summary"]["parsing_errors"]:
        _give_up(f"{program} could not read the templates:\n{done.stdout}")
    return report


def _give_up(why: str) -> NoReturn:
    print(why, file=sys.stderr)
    sys.exit(2)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
