"""The tree that synth writes: whole, wired, and the same bytes every time."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import pytest

from infra.assembly import assemble
from infra.config import load
from infra.errors import InputError
from infra.model import Assembly
from infra.stacks.protection import stack_policy
from infra.synth import files, write

ELK = (
    "elasticsearch/_component_template/elb-logs-dev_ecs.json",
    "elasticsearch/_component_template/elb-logs-dev_original.json",
    "elasticsearch/_component_template/elb-logs-dev_settings.json",
    "elasticsearch/_ilm/policy/elb-logs-dev.json",
    "elasticsearch/_index_template/elb-logs-dev_events.json",
    "elasticsearch/_index_template/elb-logs-dev_refused.json",
    "install.sh",
    "kibana.ndjson",
    "pipeline.conf",
    "pipelines.yml",
    "refused.conf",
    "refused.rb",
)


@pytest.fixture(name="dev")
def _dev() -> Assembly:
    return assemble(load("dev"))


def tree_of(folder: Path) -> dict[str, tuple[int, bytes]]:
    return {
        str(path.relative_to(folder)): (
            stat.S_IMODE(path.stat().st_mode),
            path.read_bytes() if path.is_file() else b"",
        )
        for path in sorted(folder.rglob("*"))
    }


def synth_in_a_process(out: Path, umask: int, **environment: str) -> None:
    code = (
        f"import os; os.umask({umask}); from infra.cli import main; import sys; "
        f"sys.argv = ['infra', 'synth', 'prod', '--out', {str(out)!r}]; main()"
    )
    subprocess.run(
        [sys.executable, "-c", code],
        env=os.environ | environment,
        check=True,
        capture_output=True,
    )


def test_the_tree_is_the_same_under_any_hash_seed_time_zone_umask_and_locale(
    tmp_path: Path,
) -> None:
    """Two machines give the same files with the same modes."""
    synth_in_a_process(tmp_path / "a", 0o022, PYTHONHASHSEED="1", TZ="UTC", LC_ALL="C.UTF-8")
    synth_in_a_process(tmp_path / "b", 0o077, PYTHONHASHSEED="99", TZ="Asia/Tokyo", LC_ALL="C")
    assert tree_of(tmp_path / "a") == tree_of(tmp_path / "b")


def test_each_stack_has_template_and_parameter_file_and_the_manifest_names_all(
    dev: Assembly,
) -> None:
    """Nothing is written that the manifest does not name, and it names nothing else."""
    tree = files(dev, "yaml")
    manifest = json.loads(tree["manifest.json"])
    (asset,) = manifest["stacks"][1]["assets"]
    assert manifest["files"] == sorted(tree.keys() - {"manifest.json"})
    assert sorted(manifest["files"]) == [
        f"assets/{asset['key']}",
        *(f"elk/{path}" for path in ELK),
        "log-processor.parameters.json",
        "log-processor.stack-policy.json",
        "log-processor.yaml",
        "network.parameters.json",
        "network.yaml",
    ]
    assert asset["sha256"] == sha256(tree[asset["path"]]).hexdigest()
    assert asset["bytes"] == len(tree[asset["path"]])


def test_parameters_and_wiring_together_are_exactly_the_parameters_of_the_template(
    dev: Assembly,
) -> None:
    """No parameter is left without a value, none is given that the template does not have."""
    tree = files(dev, "json")
    for entry in json.loads(tree["manifest.json"])["stacks"]:
        given = json.loads(tree[entry["parameters"]])
        assert all(set(one) == {"ParameterKey", "ParameterValue"} for one in given)
        assert all(isinstance(one["ParameterValue"], str) for one in given)
        names = [one["ParameterKey"] for one in given] + list(entry["wiring"])
        assert sorted(names) == sorted(json.loads(tree[entry["template"]])["Parameters"])


def test_protection_stands_beside_the_template_and_in_the_manifest(dev: Assembly) -> None:
    """Any tool can apply it; a stack without a policy has no file of one."""
    plain, held = dev.stacks[0], dev.stacks[1]
    policy = stack_policy(["LogBucket"])
    pair = (
        replace(plain, termination_protection=False, stack_policy=None),
        replace(held, termination_protection=True, stack_policy=policy),
    )
    tree = files(replace(dev, stacks=pair), "yaml")
    assert [
        (entry["termination_protection"], entry["stack_policy"])
        for entry in json.loads(tree["manifest.json"])["stacks"]
    ] == [(False, None), (True, "log-processor.stack-policy.json")]
    assert json.loads(tree["log-processor.stack-policy.json"]) == policy
    assert "network.stack-policy.json" not in tree


def test_wiring_refers_to_outputs_of_earlier_stacks_only(dev: Assembly) -> None:
    """The stacks can be created in the order of the manifest."""
    tree = files(dev, "json")
    outputs: dict[str, set[str]] = {}
    for entry in json.loads(tree["manifest.json"])["stacks"]:
        for wire in entry["wiring"].values():
            assert wire["output"] in outputs[wire["stack"]]
        assert set(entry["depends_on"]) <= outputs.keys()
        outputs[entry["id"]] = set(json.loads(tree[entry["template"]])["Outputs"])


def test_an_earlier_tree_is_replaced_without_leftovers(tmp_path: Path, dev: Assembly) -> None:
    """What an earlier synth wrote and this one does not is gone."""
    write(files(dev, "yaml"), tmp_path)
    write(files(dev, "json"), tmp_path)
    assert not list(tmp_path.rglob("*.yaml"))
    assert {str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*") if path.is_file()} == (
        files(dev, "json").keys()
    )


def test_an_interrupted_run_is_tidied_up_by_the_next(tmp_path: Path, dev: Assembly) -> None:
    """Also the very first one: its manifest stands before its other files."""
    tree = files(dev, "yaml")
    broken = {"manifest.json": tree["manifest.json"], "network.yaml": None}
    with pytest.raises(TypeError):
        write(broken, tmp_path)  # type: ignore[arg-type]
    write(files(dev, "json"), tmp_path)
    assert {str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*") if path.is_file()} == (
        files(dev, "json").keys()
    )


@pytest.mark.parametrize(
    "manifest",
    [
        "{}",
        "[]",
        "not JSON",
        '{"name": "a web app", "files": ["thesis.txt"]}',
        '{"version": 1, "environment": "dev", "stacks": [], "files": 3}',
        '{"version": 1, "environment": "dev", "stacks": [], "files": [3]}',
    ],
)
def test_somebody_elses_manifest_is_not_ours(manifest: str, tmp_path: Path, dev: Assembly) -> None:
    """Nothing is removed on the word of a file that we did not write."""
    (tmp_path / "thesis.txt").write_text("mine")
    (tmp_path / "manifest.json").write_text(manifest)
    with pytest.raises(InputError, match="holds other files"):
        write(files(dev, "yaml"), tmp_path)
    assert (tmp_path / "manifest.json").read_text() == manifest
    assert (tmp_path / "thesis.txt").read_text() == "mine"


def test_a_folder_in_the_place_of_a_file_is_named(tmp_path: Path, dev: Assembly) -> None:
    """And no part of a file stays behind."""
    write(files(dev, "yaml"), tmp_path)
    (tmp_path / "network.yaml").unlink()
    (tmp_path / "network.yaml").mkdir()
    before = sorted(tmp_path.rglob("*"))
    with pytest.raises(InputError, match=r"network\.yaml: is a folder"):
        write(files(dev, "yaml"), tmp_path)
    assert sorted(tmp_path.rglob("*")) == before


def test_a_folder_with_something_else_in_it_is_left_alone(tmp_path: Path, dev: Assembly) -> None:
    """A mistyped --out never costs anybody a file."""
    (tmp_path / "thesis.txt").write_text("mine")
    with pytest.raises(InputError, match="holds other files"):
        write(files(dev, "yaml"), tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]


def test_a_manifest_cannot_make_synth_delete_outside_its_folder(
    tmp_path: Path, dev: Assembly
) -> None:
    """A manifest with paths that lead out of the folder is none of ours."""
    (tmp_path / "precious").write_text("mine")
    out = tmp_path / "out"
    out.mkdir()
    manifest = json.loads(files(dev, "yaml")["manifest.json"])
    for path in ("../precious", str(tmp_path / "precious")):
        (out / "manifest.json").write_text(json.dumps(manifest | {"files": [path]}))
        with pytest.raises(InputError, match="holds other files"):
            write(files(dev, "yaml"), out)
    assert (tmp_path / "precious").read_text() == "mine"


def test_a_file_in_the_place_of_the_folder_is_named(tmp_path: Path, dev: Assembly) -> None:
    """--out takes a folder."""
    (tmp_path / "out").write_text("")
    with pytest.raises(InputError, match="is not a folder"):
        write(files(dev, "yaml"), tmp_path / "out")


def test_the_manifest_says_which_account_and_region_a_stack_is_for(dev: Assembly) -> None:
    """Null is the account that the environment is deployed to, whichever that is."""
    network, logs = dev.stacks
    theirs = replace(logs, account="210987654321", region="eu-central-1")
    tree = files(replace(dev, stacks=(network, theirs)), "json")
    assert [
        (entry["id"], entry["account"], entry["region"])
        for entry in json.loads(tree["manifest.json"])["stacks"]
    ] == [
        ("network", None, "eu-west-1"),
        ("log-processor", "210987654321", "eu-central-1"),
    ]
