"""The function as it is packaged, with nothing around it but Python."""

from __future__ import annotations

import io
import json
import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path

import pytest

from infra.packaging import package

from .servers import Shop

CODE = """
import json, sys

sys.path[:0], sys.path[len(sys.path):] = sys.argv[1:2], sys.argv[2:]
from lambda_src.reporting_user import handler

asked = json.load(sys.stdin)


class Manager:
    def get_secret_value(self, SecretId):
        return {"SecretString": json.dumps(asked["secrets"][SecretId])}


class Context:
    aws_request_id = "invocation-1"

    def get_remaining_time_in_millis(self):
        return 60_000


print(json.dumps(handler.process(asked["event"], Context(), Manager, {})))
for name in ("lambda_src", "pg8000", "scramp", "asn1crypto", "dateutil", "six"):
    assert sys.modules[name].__file__.startswith(sys.argv[1]), sys.modules[name].__file__
"""


@pytest.mark.parametrize("pair", ["18"], indirect=True, scope="session")
def test_the_archive_holds_all_that_a_run_needs(shop: Shop, tmp_path: Path) -> None:
    """The driver, what it needs, the shared code and the CAs; boto3 is the runtime's, and last."""
    asset = package("reporting_user", bucket="artifacts")
    with zipfile.ZipFile(io.BytesIO(asset.content)) as archive:
        archive.extractall(tmp_path)
    asked = {"event": {"ResourceProperties": shop.properties()}, "secrets": shop.manager.secrets}
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", CODE, str(tmp_path), sysconfig.get_path("purelib")],
        input=json.dumps(asked),
        env={},
        check=False,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.stderr == ""
    data = json.loads(done.stdout.splitlines()[-1])
    assert data == {"Role": shop.analyst.user, "Statements": "21", "Missing": "", "Problems": ""}
    assert shop.read("sales.orders") == [[1]]
    assert (tmp_path / "lambda_src/reporting_user/rds_ca.pem").exists()
