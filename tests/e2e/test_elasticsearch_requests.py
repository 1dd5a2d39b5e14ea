"""What is put into Elasticsearch, checked against the types of Elastic's own clients.

They are made of Elasticsearch's specification, and know every type of field with its parameters.
https://github.com/elastic/elasticsearch-specification
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from infra.elk.index import requests
from tests.unit.elk.environments import environment, settings_of

from .tools import elasticsearch_types

TYPES = {
    "_ilm/policy": "IlmPutLifecycleRequest",
    "_component_template": "ClusterPutComponentTemplateRequest",
    "_index_template": "IndicesPutIndexTemplateRequest",
}

# Parameters of a path, which are in a file's name and no part of its body.
NAMED = {"name": "x"}


MISTAKES = {
    '"ignore_above": 1024': '"ignore_abov": 1024',
    '"doc_values"': '"doc_value"',
    '"set_priority"': '"set_prio"',
}


def bodies() -> dict[str, Any]:
    elk = {"index": {"period": "month", "shards": 3, "replicas": 0, "retention_days": 30}}
    return dict(requests(*settings_of(environment(elk))))


def compiled(bodies_: Mapping[str, Any], client: str, folder: Path) -> str:
    """What the compiler says of the bodies; nothing if they are what the client takes."""
    packages = elasticsearch_types()
    lines = [f'import type {{ estypes }} from "{client}";']
    for number, (path, body) in enumerate(bodies_.items()):
        type_ = TYPES[path.rpartition("/")[0]]
        text = json.dumps({**body, **NAMED})
        lines.append(f"export const body{number}: estypes.{type_} = {text};")
    (folder / "bodies.ts").write_text("\n".join(lines))
    (folder / "node_modules").symlink_to(packages / "node_modules")
    options = ("--noEmit", "--strict", "--skipLibCheck", "--module", "node16", "--types", "node")
    compiler = packages / "node_modules" / "typescript" / "bin" / "tsc"
    done = subprocess.run(
        ["node", compiler, *options, "--target", "es2022", "bodies.ts"],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stdout + done.stderr


@pytest.mark.parametrize("client", ["elasticsearch8", "elasticsearch9"])
def test_the_requests_are_what_elasticsearch_takes(client: str, tmp_path: Path) -> None:
    """Every setting, every type of a field and its parameters, and the lifecycle's actions."""
    assert compiled(bodies(), client, tmp_path) == ""


def test_mistakes_would_be_found(tmp_path: Path) -> None:
    """The types are strict enough to tell."""
    text = json.dumps(bodies())
    for right, wrong in MISTAKES.items():
        assert right in text
        text = text.replace(right, wrong)
    said = compiled(json.loads(text), "elasticsearch9", tmp_path)
    for wrong in MISTAKES.values():
        assert wrong.split('"')[1] in said
