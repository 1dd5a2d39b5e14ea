"""The command line as a user sees it: exit codes, messages, help."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

STACKS = ("network", "log-processor")


def infra(*arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "infra", *arguments],
        cwd=cwd,
        capture_output=True,
        text=True,
        check=False,
    )


def test_synth_prints_the_files_it_wrote(tmp_path: Path) -> None:
    """A script can go on with what stands on stdout."""
    done = infra("synth", "dev", "--out", "tree", "--format", "json", cwd=tmp_path)
    paths = done.stdout.splitlines()
    assert (done.returncode, paths[0], paths[-1]) == (0, "tree/network.json", "tree/manifest.json")
    assert all((tmp_path / path).is_file() for path in paths)


def test_synth_writes_below_out_unless_told_otherwise(tmp_path: Path) -> None:
    """Environments do not overwrite each other."""
    assert infra("synth", "dev", cwd=tmp_path).returncode == 0
    assert (tmp_path / "out" / "dev" / "manifest.json").is_file()


def test_synth_says_what_templates_weigh(tmp_path: Path) -> None:
    """On stderr: a script reads the paths alone."""
    talk = infra("synth", "dev", cwd=tmp_path).stderr.splitlines()
    network, log_processor = ((tmp_path / "out" / "dev" / f"{each}.yaml") for each in STACKS)
    assert talk == [
        f"network.yaml: {network.stat().st_size:,} of 51,200 bytes",
        f"log-processor.yaml: {log_processor.stat().st_size:,} of 51,200 bytes",
        "dev: 2 stacks",
    ]


def test_embedded_templates_need_nothing_beside_them(tmp_path: Path) -> None:
    """No assets, no parameter that names one, and JSON without spaces."""
    done = infra("synth", "dev", "--embed", "--format", "json", cwd=tmp_path)
    assert "out/dev/log-processor.json" in done.stdout.splitlines()
    assert "assets" not in done.stdout
    text = (tmp_path / "out" / "dev" / "log-processor.json").read_text()
    template = json.loads(text)
    assert text == json.dumps(template, separators=(",", ":"), ensure_ascii=False) + "\n"
    assert not [name for name in template["Parameters"] if name.startswith("Code")]
    function = template["Resources"]["ProcessorFunction"]["Properties"]
    assert (function["Handler"], list(function["Code"])) == ("index.handle", ["ZipFile"])
    assert f"log-processor.json: {len(text.encode()):,} bytes, more than the 51,200" in done.stderr


def test_lint_of_a_clean_environment_is_silent_and_successful(tmp_path: Path) -> None:
    """CI needs the exit code alone."""
    done = infra("lint", "dev", cwd=tmp_path)
    assert (done.returncode, done.stdout, done.stderr) == (
        0,
        "",
        "dev: network, log-processor: no findings (cfn-lint, cloudformation-validate)\n",
    )


def test_lint_gives_json_where_a_script_reads_it(tmp_path: Path) -> None:
    """No findings are an empty list."""
    done = infra("lint", "dev", "--format", "json", cwd=tmp_path)
    assert (done.returncode, json.loads(done.stdout)) == (0, [])


@pytest.mark.parametrize("verb", ["synth", "lint"])
def test_wrong_settings_are_messages_and_exit_code_1(verb: str, tmp_path: Path) -> None:
    """Each problem is a line on stderr; there is no traceback and nothing on stdout."""
    (tmp_path / "shop.yaml").write_text("name: shop\nzones: 2\n")
    done = infra(verb, "shop.yaml", cwd=tmp_path)
    lines = done.stderr.splitlines()
    assert (done.returncode, done.stdout, len(lines)) == (1, "", 5)
    assert all(line.startswith("infra: shop.yaml:") for line in lines)


def test_a_folder_that_cannot_be_written_is_a_message(tmp_path: Path) -> None:
    """The system's own refusals name the file too."""
    (tmp_path / "file").write_text("")
    done = infra("synth", "dev", "--out", "file/tree", cwd=tmp_path)
    assert (done.returncode, "Traceback" in done.stderr) == (1, False)
    assert done.stderr.startswith("infra: file")


def test_a_wrong_command_line_is_exit_code_2(tmp_path: Path) -> None:
    """Mistakes in the call are told apart from mistakes in the settings."""
    assert infra("synth", "dev", "--format", "toml", cwd=tmp_path).returncode == 2
    assert infra("sinth", "dev", cwd=tmp_path).returncode == 2


@pytest.mark.parametrize(
    "verb", ["synth", "lint", "package", "outputs", "grants", "doctor", "demo"]
)
def test_help_has_examples_each_on_a_line_of_its_own(verb: str, tmp_path: Path) -> None:
    """Whoever is in a hurry copies a line."""
    done = infra(verb, "--help", cwd=tmp_path)
    examples = [line for line in done.stdout.splitlines() if line.startswith(f"    infra {verb}")]
    assert done.returncode == 0
    assert len(examples) >= 2
