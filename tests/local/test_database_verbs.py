"""The verbs that look after a database, on the local AWS with real servers behind it."""

from __future__ import annotations

import json
import shlex
from pathlib import Path

import pytest
import yaml

from infra.aws.services import Aws
from infra.local.emulator import Emulator
from tests.local.databases import OWNER, Life, environment, life, played
from tests.local.stacks import Client
from tests.local.ways import deleted
from tests.unit.commands import Infra, in_process

DENIED = "ERROR:  permission denied for schema sales"


@pytest.fixture
def infra(
    here: Emulator,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfdbinary: pytest.CaptureFixture[bytes],
) -> Infra:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", here.credentials.access_key)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", here.credentials.secret_key)
    return in_process(tmp_path, monkeypatch, capfdbinary)


def in_sales(lived: Life, infra: Infra, place: tuple[str, ...]) -> None:
    """Grant what the settings do not name, read it as the analyst, and lose it again."""
    with played(lived) as on:
        on.role(OWNER)
        on.schema("shop", "sales", OWNER)
        on.table("shop", "sales", "early", 3, OWNER)
        assert lived.count(on, "sales.early") == DENIED
        assert infra("grants", *place, "--database", "shop", "--schema", "sales").code == 0
        assert lived.count(on, "sales.early") == 3
        assert infra("grants", *place).code == 0
        assert lived.count(on, "sales.early") == DENIED


def test_an_operator_looks_after_a_database(
    here: Emulator, aws: Aws, client: Client, tmp_path: Path, infra: Infra
) -> None:
    """The line that is told leads to the replica; grants follow at once; revoking ends it all."""
    settings = environment("looked-at", "shared")
    data = settings.model_dump(mode="json", exclude_unset=True, by_alias=True)
    (tmp_path / "shop.yaml").write_text(yaml.safe_dump(data))
    place = ("shop.yaml", "--endpoint-url", here.endpoint_url)
    lived = life(settings, here, aws, client)
    [way] = json.loads(infra("outputs", *place, "--json").stdout)["connections"]
    _, line = shlex.split(way["psql"])
    told = dict(each.split("=") for each in line.split(" "))
    assert (told["sslmode"], told["user"], told["dbname"]) == ("verify-full", "reporting", "shop")
    outputs = lived.outputs
    assert (told["host"], told["port"]) == (
        outputs["AnalystsReplicaHost"],
        outputs["AnalystsReplicaPort"],
    )
    assert outputs["ReportingSecretArn"] in way["password_command"]
    assert infra("doctor", *place).code == 0
    in_sales(lived, infra, place)
    assert infra("grants", *place, "--revoke", "--yes").code == 0
    planned = infra("grants", *place, "--print").stdout.decode()
    assert 'CREATE ROLE "reporting" LOGIN' in planned
    deleted(lived.assembly, client)
