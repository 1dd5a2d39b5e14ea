"""What the local AWS may know of the user's environment."""

from __future__ import annotations

from configparser import ConfigParser
from pathlib import Path

import pytest

from infra.errors import NotInstalledError
from infra.local import emulator, postgresql_installation, psql
from infra.local.surroundings import surroundings


def test_nothing_of_the_users_aws_reaches_the_local_one() -> None:
    """No profile, credentials, endpoint or proxy of the user's, and no file in a home folder."""
    user = {
        "AWS_PROFILE": "work",
        "AWS_ACCESS_KEY_ID": "theirs",
        "AWS_SESSION_TOKEN": "theirs",
        "AWS_ENDPOINT_URL_S3": "http://192.0.2.1",
        "HTTPS_PROXY": "http://192.0.2.1",
        "DOCKER_HOST": "unix:///var/run/docker.sock",
        "PERSIST_STATE": "1",
        "PATH": "/bin",
    }
    child = surroundings("eu-west-1", user)
    assert [name for name, value in child.items() if user.get(name) == value] == ["PATH"]
    assert child["AWS_SHARED_CREDENTIALS_FILE"] == child["AWS_CONFIG_FILE"] == "/dev/null"


def test_it_is_reached_from_this_machine_alone() -> None:
    """It listens on loopback and checks who asks for what."""
    child = surroundings("eu-west-1", {})
    assert (child["BIND_HOST"], child["AUTH"]) == ("127.0.0.1", "true")


def test_the_extra_pins_the_version_that_the_plug_in_is_tested_with() -> None:
    """Both places must be changed together."""
    setup = ConfigParser()
    setup.read(Path(__file__).parents[3] / "setup.cfg")
    pins = setup["options.extras_require"]["local"].split()
    assert pins == [
        f"ministack=={emulator.MINISTACK}",
        f"boto3=={emulator.BOTO3}",
        psql.DRIVER,
        postgresql_installation.PACKAGE,
    ]
    for extra in ("postgresql", "test"):
        pins = setup["options.extras_require"][extra].split("\n")
        assert postgresql_installation.PACKAGE in pins


def test_another_version_is_refused_with_the_command_that_helps() -> None:
    """Private names of another version may do anything."""
    with pytest.raises(NotInstalledError) as caught:
        emulator.check_installed(lambda name: "1.0.0")
    assert str(caught.value) == (
        f"The local AWS needs MiniStack {emulator.MINISTACK}; installed is 1.0.0. "
        f"Install it with: pip install ministack=={emulator.MINISTACK} boto3=={emulator.BOTO3}"
    )
