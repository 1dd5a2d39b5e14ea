"""`infra demo` of an environment with a database, as a user runs it."""

from __future__ import annotations

import json
import signal
from collections.abc import Iterable
from pathlib import Path

import boto3
import pytest

from infra.config import load
from infra.errors import NotInstalledError
from infra.local import database_here, psql
from infra.local.psql import Place
from lambda_src.reporting_user.connection import Login
from tests.conftest import unavailable
from tests.local.conftest import wait_until_nothing_is_left
from tests.local.test_database_servers import listens
from tests.local.test_demo_command import started


@pytest.fixture(autouse=True, scope="module")
def _installed() -> None:
    settings = load("reporting").database
    assert settings is not None
    try:
        database_here.check_installed(settings)
    except NotInstalledError as error:
        unavailable(str(error))


@pytest.fixture
def temporary(tmp_path: Path) -> Path:
    place = tmp_path / "temporary"
    place.mkdir()
    return place


def test_an_analyst_is_shown_and_can_be_joined(temporary: Path) -> None:
    """The JSON has each answer; what is kept can be connected to; then nothing is left."""
    with started(temporary, "--env", "reporting", "--json", "--keep") as running:
        assert running.stderr is not None
        shell, line = told(running.stderr)
        assert counted(shell, line) == "1000"
        running.send_signal(signal.SIGINT)
        output, _ = running.communicate(timeout=120)
        assert running.returncode == 0
    said = json.loads(output)
    assert list(said) == ["database"]
    database = said["database"]
    assert (database["holds"], database["problems"]) == (True, [])
    assert (database["replica"], database["user"]) == ("analysts", "reporting")
    assert database["connections"] == {"shop": line}
    assert [(one["statement"], one["rows"], one["refused"]) for one in database["statements"]] == [
        ("SELECT count(*) AS orders FROM public.orders", [["1000"]], None),
        ("SELECT count(*) AS invoices FROM public.invoices", [["250"]], None),
        (
            "INSERT INTO public.invoices VALUES (0)",
            None,
            "ERROR:  cannot execute INSERT in a read-only transaction",
        ),
    ]
    assert not listens(int(parts(line)["port"]))
    assert wait_until_nothing_is_left(temporary) == ([], [])


@pytest.mark.parametrize("arguments", [("x.log",), ("--to", "tcp://127.0.0.1:5045")])
def test_logs_for_a_database_alone_are_refused(arguments: tuple[str, ...], temporary: Path) -> None:
    """Nothing would read them; the message says so before anything starts."""
    (temporary / "x.log").write_text("")
    chosen = (str(temporary / each) if each == "x.log" else each for each in arguments)
    with started(temporary, "--env", "reporting", *chosen) as running:
        _, said = running.communicate(timeout=120)
    assert (running.returncode, said) == (
        1,
        "infra: Environment reporting has no log processor: nothing reads log files or sends to a "
        "receiver. Leave them out, or name another environment.\n",
    )


def told(lines: Iterable[str]) -> tuple[dict[str, str], str]:
    """The variables that are to be exported, and the line that connects."""
    shell: dict[str, str] = {}
    for each in lines:
        words = each.split()
        if words[:1] == ["export"]:
            shell |= dict(word.partition("=")[::2] for word in words[1:])
        if words[:2] == ["aws", "secretsmanager"]:
            shell["secret"] = words[-1]
        if words[:1] == ["psql"]:
            return shell, each.strip()
    raise AssertionError("no line connects")


def parts(line: str) -> dict[str, str]:
    return dict(each.split("=") for each in line.removeprefix("psql '").rstrip("'").split())


def counted(shell: dict[str, str], line: str) -> str:
    """What somebody finds who does what he is told, with a driver in psql's place."""
    manager = boto3.client(
        "secretsmanager",
        endpoint_url=shell["AWS_ENDPOINT_URL"],
        region_name=shell["AWS_DEFAULT_REGION"],
        aws_access_key_id=shell["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=shell["AWS_SECRET_ACCESS_KEY"],
    )
    secret = manager.get_secret_value(SecretId=shell["secret"])["SecretString"]
    where = parts(line)
    place = Place(where["host"], int(where["port"]), Path(where["sslrootcert"]).read_text())
    login = Login(where["user"], json.loads(secret)["password"])
    assert where["sslmode"] == "verify-full"
    with psql.session(place, login, where["dbname"]) as session:
        return session.value("SELECT count(*) FROM public.orders")
