"""The function as `infra grants` invokes it, on real servers."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from lambda_src.reporting_user import handler
from lambda_src.reporting_user.plan import HIDDEN
from tests.unit.aws_server import aws_server
from tests.unit.commands import in_process
from tests.unit.custom_resource.cloudformation import Invocation, logged

from .servers import Shop, refused
from .test_keeping import since

pytestmark = pytest.mark.parametrize("pair", ["18"], indirect=True)
"""What depends on the version stands in the tests of runs."""


def invoked(shop: Shop, action: str, databases: dict[str, list[str]] | None = None) -> Any:
    """Invoke it as an operator does; the answer as JSON carries it."""
    added = [{"Name": name, "Schemas": schemas} for name, schemas in (databases or {}).items()]
    return answered(shop, {"Action": action, **({"Databases": added} if databases else {})})


def answered(shop: Shop, event: Any) -> Any:
    environment = {handler.VARIABLE: json.dumps(shop.properties())}
    told = handler.process(event, Invocation(), lambda: shop.manager, environment)
    return json.loads(json.dumps(told))


def statements(told: Any) -> list[str]:
    return [one for each in told["Plans"] for one in each["Statements"]]


def test_a_plan_is_what_is_done_then_and_changes_nothing(
    shop: Shop, capsys: pytest.CaptureFixture[str]
) -> None:
    """It says no more of the password than that one is set, and nothing counts as a run."""
    log = shop.pair.primary.log()
    planned = invoked(shop, "plan")
    assert since(shop, log) == []
    assert [line["message"] for line in logged(capsys) if "_aws" in line] == []
    assert invoked(shop, "grant") == {**planned, "Action": "grant"}
    assert shop.read("sales.orders") == [[1]]
    assert planned["Named"] == {shop.database: ["sales"]}
    assert [each["Database"] for each in planned["Plans"]] == ["postgres", shop.database]
    assert f"ALTER ROLE \"{shop.analyst.user}\" PASSWORD '{HIDDEN}'" in statements(planned)
    assert shop.analyst.password not in json.dumps(planned)
    assert statements(invoked(shop, "plan")) == []
    [summary] = [line for line in logged(capsys) if "_aws" in line]
    assert summary["message"] == "reporting user kept"


def test_what_is_added_lasts_until_the_next_run(shop: Shop) -> None:
    """Beside what the properties name; what is not there yet is told."""
    shop.made()
    shop.pair.run(shop.database, "CREATE SCHEMA more", "CREATE TABLE more.kept AS SELECT 8 AS n")
    told = invoked(shop, "grant", {shop.database: ["more", "never"], "later": ["public"]})
    assert told["Named"] == {shop.database: ["sales", "more", "never"], "later": ["public"]}
    assert [each["Missing"] for each in told["Plans"]] == [
        ["database later is not there yet"],
        [f"schema never is not there yet in database {shop.database}"],
    ]
    assert (shop.read("more.kept"), shop.read("sales.orders")) == ([[8]], [[1]])
    assert shop.repeated()["Problems"] == ""
    assert "permission denied for schema more" in refused(lambda: shop.read("more.kept"))
    assert shop.read("sales.orders") == [[1]]


def test_revoking_leaves_nothing_and_can_be_planned(
    shop: Shop, capsys: pytest.CaptureFixture[str]
) -> None:
    """The second time there is nothing to do; the next run of the schedule makes it again."""
    shop.made()
    planned = invoked(shop, "plan-revoke")
    assert shop.read("sales.orders") == [[1]]
    assert statements(planned)[-1] == f'DROP ROLE "{shop.analyst.user}"'
    capsys.readouterr()
    done = invoked(shop, "revoke")
    # What is granted on a database itself goes with DROP OWNED, before its own turn comes.
    assert {*statements(done)} < {*statements(planned)}
    assert statements(done)[-1] == statements(planned)[-1]
    assert logged(capsys)[-1]["message"] == "reporting user removed"
    assert "does not let" in refused(shop.on_primary)
    assert invoked(shop, "revoke") == {
        "Action": "revoke",
        "Role": shop.analyst.user,
        "Named": {},
        "Plans": [],
        "Omitted": 0,
    }
    shop.repeated()
    assert shop.read("sales.orders") == [[1]]


def test_what_goes_wrong_fails_the_invocation(shop: Shop) -> None:
    """Also what a stack's own Delete passes over: somebody waits for the answer."""
    shop.pair.primary.run(f"CREATE ROLE {shop.analyst.user}")
    said = refused(lambda: invoked(shop, "revoke"))
    assert "was not made by this function" in said


def test_the_command_lets_an_analyst_read(
    shop: Shop,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfdbinary: pytest.CaptureFixture[bytes],
) -> None:
    """From the operator's command line to a table on the standby, and back again."""
    shop.pair.run(shop.database, "CREATE SCHEMA more", "CREATE TABLE more.kept AS SELECT 8 AS n")
    name, added = "reporting-database-reporting-user", ("--database", shop.database)
    with aws_server(monkeypatch) as aws:
        aws.stacks = {"reporting-database": {"ReportingFunctionName": name}}
        aws.answers = {name: lambda event: answered(shop, event)}
        infra = in_process(tmp_path, monkeypatch, capfdbinary)
        place = ("grants", "reporting", "--endpoint-url", aws.url)
        planned = infra(*place, *added, "--schema", "more", "--print").stdout.decode()
        done = infra(*place, *added, "--schema", "more")
        assert (done.code, shop.read("more.kept")) == (0, [[8]])
        assert f"named: {shop.database}: sales, more" in done.stdout.decode()
        for one in (planned, done.stdout.decode(), done.stderr.decode()):
            assert shop.analyst.password not in one
        assert f'GRANT USAGE ON SCHEMA "more" TO "{shop.analyst.user}";' in planned.splitlines()
        assert infra(*place, "--revoke", "--yes").code == 0
    assert "does not let" in refused(shop.on_primary)
