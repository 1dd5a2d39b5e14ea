"""The reporting user's end, and that it stops no stack's."""

from __future__ import annotations

from typing import Any

import pytest

from lambda_src.reporting_user.connection import Login
from lambda_src.reporting_user.removal import planned_removal
from lambda_src.reporting_user.verifier import verifier
from lambda_src.reporting_user.work import Outcome
from tests.unit.custom_resource.cloudformation import logged
from tests.unit.log_processor.buckets import refusal

from .runs import job
from .servers import (
    ADMINISTRATOR,
    ADMINISTRATOR_SECRET,
    REPORTING_SECRET,
    Shop,
    pair_of,
    refused,
    shop_of,
)


def roles(shop: Shop) -> str:
    return shop.pair.primary.run(
        f"SELECT rolname, rolcanlogin FROM pg_roles WHERE rolname = '{shop.analyst.user}'"
    )


def warned(capsys: pytest.CaptureFixture[str]) -> list[str]:
    return [line["text"] for line in logged(capsys) if line["message"] == "problem"]


def test_delete_removes_the_role_and_all_that_it_had(shop: Shop) -> None:
    """Also what a later grant or another hand gave it; a second Delete finds nothing to do."""
    user = shop.analyst.user
    shop.made(Databases=[{"Name": shop.database, "Schemas": ["sales", "public"]}], Owners=[])
    shop.as_owner(
        "CREATE FUNCTION sales.secret() RETURNS int LANGUAGE sql AS 'SELECT 1'",
        f"GRANT EXECUTE ON FUNCTION sales.secret() TO {user}",
        "CREATE TYPE sales.mood AS ENUM ('good')",
        f"GRANT USAGE ON TYPE sales.mood TO {user}",
        f"GRANT INSERT (number) ON sales.orders TO {user}",
    )
    shop.pair.primary.run(f"GRANT pg_monitor TO {user}")
    planned = planned_removal(user, job(shop).access)
    assert planned.statements[0] == ("postgres", f'ALTER ROLE "{user}" NOLOGIN')
    assert planned.statements[-1] == ("postgres", f'DROP ROLE "{user}"')
    assert roles(shop) == f"{user}|t"
    assert shop.asked("Delete")["Status"] == "SUCCESS"
    assert roles(shop) == ""
    assert planned_removal(user, job(shop).access) == Outcome(user, ())
    assert shop.asked("Delete")["Status"] == "SUCCESS"
    shop.made()
    assert shop.read("sales.orders") == [[1]]


def test_sessions_end_with_the_role(shop: Shop) -> None:
    """On the master at once; on a standby they lose all that they could read."""
    shop.made()
    with shop.on_standby() as reading, shop.on_primary() as other:
        assert reading.rows("SELECT * FROM sales.orders") == [[1]]
        assert other.rows("SELECT * FROM sales.orders") == [[1]]
        assert shop.asked("Delete")["Status"] == "SUCCESS"
        shop.pair.replicated()
        said = refused(lambda: reading.rows("SELECT * FROM sales.orders"))
        assert "permission denied" in said
        said = refused(lambda: other.rows("SELECT * FROM sales.orders"))
        assert said in (
            "terminating connection due to administrator command",
            "the server localhost broke off",
        )
    assert "does not let" in refused(shop.on_standby)


def test_a_role_that_owns_something_stays_without_login(
    shop: Shop, capsys: pytest.CaptureFixture[str]
) -> None:
    """Nothing is dropped with it, and nothing is given to somebody else."""
    user = shop.analyst.user
    shop.made()
    shop.pair.primary.run(
        "CREATE TABLE sales.gift (number int)",
        f"ALTER TABLE sales.gift OWNER TO {user}",
        database=shop.database,
    )
    capsys.readouterr()
    assert shop.asked("Delete")["Status"] == "SUCCESS"
    assert roles(shop) == f"{user}|f"
    assert warned(capsys) == [
        f"role {user} stays, without login: it owns something in {shop.database}; reassign that"
    ]
    shop.pair.primary.run("DROP TABLE sales.gift", database=shop.database)
    assert shop.asked("Delete")["Status"] == "SUCCESS"
    assert roles(shop) == ""


def test_another_name_in_the_secret_makes_another_role(shop: Shop) -> None:
    """CloudFormation then deletes the old one, by its physical id."""
    shop.made()
    old = shop.analyst.user
    shop.analyst = Login(shop.pair.name("renamed"), shop.analyst.password)
    shop.manager.secrets[REPORTING_SECRET]["username"] = shop.analyst.user
    answer = shop.asked("Update")
    assert (answer["Status"], answer["PhysicalResourceId"]) == ("SUCCESS", shop.analyst.user)
    assert shop.read("sales.orders") == [[1]]
    new, shop.analyst = shop.analyst, Login(old, "")
    assert shop.asked("Delete")["Status"] == "SUCCESS"
    assert roles(shop) == ""
    shop.analyst = new
    assert shop.read("sales.orders") == [[1]]


def test_a_role_of_somebody_else_is_left_alone(
    shop: Shop, capsys: pytest.CaptureFixture[str]
) -> None:
    """Neither Create nor Delete touches it, though a stack claims it."""
    shop.pair.run("postgres", f"CREATE ROLE {shop.analyst.user} LOGIN CREATEDB")
    answer = shop.asked("Create")
    assert answer["Status"] == "FAILED"
    assert "is there already and was not made by this function" in answer["Reason"]
    assert shop.asked("Delete")["Status"] == "SUCCESS"
    assert roles(shop) == f"{shop.analyst.user}|t"
    [said] = warned(capsys)
    assert said.startswith("the role is left where it may be: a role ")


GONE: dict[str, dict[str, Any]] = {
    "the server": {"Host": "localhost", "Port": "1"},
    "its name": {"Host": "gone.invalid"},
    "the properties": {"Databases": None},
}


@pytest.mark.parametrize("what", GONE)
def test_delete_succeeds_where_something_is_gone(
    shop: Shop, what: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """The stack must not hang on it; the log says that the role may still be there."""
    shop.made()
    capsys.readouterr()
    assert shop.asked("Delete", **GONE[what])["Status"] == "SUCCESS"
    [said] = warned(capsys)
    assert said.startswith("the role is left where it may be: ")


@pytest.mark.parametrize(
    "found",
    [
        refusal("ResourceNotFoundException", operation="GetSecretValue"),
        {"username": ADMINISTRATOR.user, "password": "another", "host": "localhost"},
        {},
    ],
)
def test_delete_succeeds_where_the_administrators_secret_is_gone_or_wrong(
    shop: Shop, found: Any
) -> None:
    """It may have been deleted, or rotated, before."""
    shop.made()
    shop.manager.secrets[ADMINISTRATOR_SECRET] = found
    answer = shop.asked("Delete", Port=str(shop.pair.primary.port))
    assert answer["Status"] == "SUCCESS"
    assert roles(shop) == f"{shop.analyst.user}|t"


def test_delete_needs_nothing_of_the_reporting_users_secret(shop: Shop) -> None:
    """Its name is the physical id."""
    shop.made()
    del shop.manager.secrets[REPORTING_SECRET]
    assert shop.asked("Delete")["Status"] == "SUCCESS"
    assert roles(shop) == ""


def test_delete_succeeds_after_the_whole_server_is_gone() -> None:
    """Deleted before the role, as when somebody deletes the instance by hand."""
    with pair_of("16") as pair, shop_of(pair) as shop:
        shop.made()
    assert shop.asked("Delete")["Status"] == "SUCCESS"


def test_delete_fails_where_the_role_can_still_be_reached_but_not_removed(shop: Shop) -> None:
    """An administrator that may not drop it: somebody has to know, and it lets nobody in."""
    shop.made()
    weak = shop.pair.name("weak")
    shop.pair.primary.run(f"CREATE ROLE {weak} LOGIN PASSWORD '{verifier('weak password')}'")
    shop.pair.primary.run(f"GRANT CONNECT ON DATABASE postgres TO {weak}")
    shop.manager.secrets[ADMINISTRATOR_SECRET] |= {"username": weak, "password": "weak password"}
    answer = shop.asked("Delete")
    assert answer["Status"] == "FAILED"
    assert "permission denied" in answer["Reason"]
