"""The entry itself; what it does on servers stands in tests/postgresql."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import lambda_src
from lambda_src.reporting_user.errors import PropertiesError
from lambda_src.reporting_user.handler import VARIABLE, handle
from tests.unit.custom_resource.cloudformation import Invocation, event, failed, presigned


def test_a_wrong_request_is_answered_before_anything_is_read() -> None:
    """With all that is wrong with it."""
    with presigned() as there:
        handle(
            event("Create", there.url, {"ServiceToken": "arn", "Database": "shop"}), Invocation()
        )
    assert there.taken == [
        failed(
            "CREATE_FAILED/Example",
            "Database is no known property; AdministratorSecret must be set; ReportingSecret must "
            'be set; Databases must be a list of {"Name": …, "Schemas": […]}, with one or more',
        )
    ]


def test_the_schedule_finds_its_properties_in_the_environment(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """What is wrong with them makes the invocation fail."""
    monkeypatch.setenv(VARIABLE, '{"Databases": 5}')
    with pytest.raises(PropertiesError, match="AdministratorSecret must be set"):
        handle({"source": "aws.events"}, Invocation())


def test_importing_does_nothing_and_needs_nothing_of_ours() -> None:
    """Neither driver nor AWS's library is there until it is asked for, and infra never."""
    code = (
        "import sys, lambda_src.reporting_user.handler;"
        "names = {name.split('.')[0] for name in sys.modules};"
        "assert not names & {'infra', 'boto3', 'botocore', 'pg8000', 'scramp'}, names"
    )
    folder = Path(lambda_src.__file__).parent.parent
    subprocess.run([sys.executable, "-c", code], cwd=folder, env={}, check=True, timeout=120)
