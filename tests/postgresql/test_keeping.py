"""Runs after the first: they change what is to be changed, and nothing else."""

from __future__ import annotations

import json
import threading
from contextlib import AbstractContextManager
from dataclasses import dataclass, field

import pytest

from lambda_src.reporting_user.carrying_out import carry_out
from lambda_src.reporting_user.connection import Session
from lambda_src.reporting_user.errors import StatementError
from lambda_src.reporting_user.plan import Plan
from lambda_src.reporting_user.work import Outcome
from tests.unit.custom_resource.cloudformation import logged

from .runs import job
from .servers import ADMINISTRATOR, ADMINISTRATOR_SECRET, REPORTING_SECRET, Shop, refused

CHANGING = ("CREATE", "ALTER", "GRANT", "REVOKE", "DROP", "COMMENT", "BEGIN")


def since(shop: Shop, log: str) -> list[str]:
    """Return the changing statements that the primary has logged since it had logged that."""
    new = shop.pair.primary.log()[len(log) :]
    said = [line.partition("statement: ")[2] for line in new.splitlines()]
    return [each for each in said if each.startswith(CHANGING)]


def test_a_second_run_changes_nothing(shop: Shop, capsys: pytest.CaptureFixture[str]) -> None:
    """No statement that changes anything reaches the server; the password still lets in."""
    shop.made()
    log = shop.pair.primary.log()
    assert shop.made("Update") == {
        "Role": shop.analyst.user,
        "Statements": "0",
        "Missing": "",
        "Problems": "",
    }
    assert shop.repeated()["Statements"] == "0"
    assert since(shop, log) == []
    [summary] = [each for each in logged(capsys) if each["message"] == "reporting user kept"][2:]
    assert (summary["statements"], summary["level"]) == (0, "INFO")


def test_what_would_be_done_is_told_without_doing_it(shop: Shop) -> None:
    """Also before there is a role; then it is just what is done, and nothing is left to do."""
    log = shop.pair.primary.log()
    planned = job(shop).planned()
    assert since(shop, log) == []
    done = job(shop).done()
    assert done == planned
    assert since(shop, log)[0] == "BEGIN"
    assert job(shop).planned() == Outcome(
        shop.analyst.user, (Plan("postgres"), Plan(shop.database))
    )
    assert shop.analyst.password not in repr(done)


def test_settings_that_change_are_followed(shop: Shop) -> None:
    """Another schema, another limit, another database; what is not named any more is closed."""
    other = shop.pair.name("other")
    shop.pair.run("postgres", f"CREATE DATABASE {other}")
    shop.pair.run(other, "CREATE SCHEMA stock", "CREATE TABLE stock.items AS SELECT 7 AS number")
    shop.pair.run(shop.database, "CREATE SCHEMA more", "CREATE TABLE more.kept AS SELECT 8 AS n")
    shop.made()
    changes = {
        "Databases": [
            {"Name": shop.database, "Schemas": ["more"]},
            {"Name": other, "Schemas": ["stock"]},
        ],
        "StatementTimeoutSeconds": "60",
        "ConnectionLimit": "3",
    }
    assert shop.made("Update", **changes)["Problems"] == ""
    assert shop.read("more.kept") == [[8]]
    assert shop.read("stock.items", other) == [[7]]
    assert "permission denied for schema sales" in refused(lambda: shop.read("sales.orders"))
    limits = shop.pair.primary.run(
        f"SELECT rolconnlimit, rolconfig FROM pg_roles WHERE rolname = '{shop.analyst.user}'"
    )
    assert limits == (
        "3|{default_transaction_read_only=on,statement_timeout=60s,"
        "idle_in_transaction_session_timeout=600s}"
    )
    shop.as_owner("CREATE TABLE sales.unseen (number int)")
    shop.made("Update")
    assert shop.read("sales.orders") == [[1]]
    assert shop.read("sales.unseen") == []
    assert "permission denied for database" in refused(lambda: shop.read("stock.items", other))


def test_a_rotated_password_is_followed(shop: Shop) -> None:
    """Only the new one lets in; the next run leaves it."""
    shop.made()
    old = shop.analyst
    shop.analyst = type(old)(old.user, "another long password, Ünïcode")
    shop.manager.secrets[REPORTING_SECRET]["password"] = shop.analyst.password
    assert shop.repeated()["Statements"] == "1"
    assert shop.read("sales.orders") == [[1]]
    assert "another password" in refused(
        lambda: shop.pair.session(shop.pair.standby, old, shop.database)
    )
    assert shop.repeated()["Statements"] == "0"


def test_an_expired_password_is_left_until_it_is_prolonged(shop: Shop) -> None:
    """It cannot be tried, and it lets nobody in; afterwards it does."""
    shop.made(ValidUntil="2020-01-01")
    assert shop.repeated(ValidUntil="2020-01-01")["Statements"] == "0"
    assert "another password" in refused(shop.on_standby)
    shop.made("Update", ValidUntil="2999-01-01")
    assert shop.read("sales.orders") == [[1]]


def test_what_somebody_added_is_taken_back(shop: Shop) -> None:
    """Attributes, memberships, writing, other schemas, temporary tables, open databases."""
    user, owner = shop.analyst.user, shop.owner
    shop.made()
    shop.pair.primary.run(
        f"ALTER ROLE {user} CREATEDB CREATEROLE",
        f"ALTER ROLE {user} SET default_transaction_read_only TO off",
        f"ALTER ROLE {user} IN DATABASE {shop.database} SET statement_timeout TO 0",
        f"GRANT TEMPORARY, CREATE ON DATABASE {shop.database} TO {user}",
        "GRANT CONNECT ON DATABASE postgres TO PUBLIC",
    )
    shop.pair.run("postgres", f"GRANT {owner} TO {user}")
    shop.as_owner(
        f"GRANT ALL ON sales.orders TO {user} WITH GRANT OPTION",
        f"ALTER DEFAULT PRIVILEGES GRANT ALL ON TABLES TO {user}",
    )
    shop.pair.run(shop.database, f"GRANT CREATE ON SCHEMA sales TO {user}")
    before = len(job(shop).planned().statements)
    assert shop.repeated()["Problems"] == ""
    assert before >= 12
    assert job(shop).planned().statements == ()
    assert shop.read("sales.orders") == [[1]]
    with shop.on_primary() as session:
        for statement in ("INSERT INTO sales.orders VALUES (2)", f"SET ROLE {owner}"):
            assert "permission denied" in refused(lambda one=statement: session.run(one))  # type: ignore[misc]


def test_others_keep_what_they_had_from_public(shop: Shop) -> None:
    """An application that connects and makes temporary tables as nobody ever granted it."""
    shop.made()
    rights = shop.pair.primary.run(
        f"SELECT has_database_privilege('{shop.owner}', datname, 'CONNECT'), "
        f"has_database_privilege('{shop.owner}', datname, 'TEMPORARY') FROM pg_database "
        f"WHERE datname IN ('postgres', '{shop.database}')"
    )
    assert rights.splitlines() == ["t|t", "t|t"]
    shop.made("Update", RevokePublic="false")
    assert shop.repeated(RevokePublic="false")["Statements"] == "0"


def test_what_was_open_to_all_before_postgresql_15_is_closed_to_the_analyst(shop: Shop) -> None:
    """An upgraded database still lets everybody create tables in its schema public."""
    shop.pair.primary.run("GRANT CREATE ON SCHEMA public TO PUBLIC", database=shop.database)
    assert shop.made()["Problems"] == ""
    with shop.on_primary() as session:
        statement = "CREATE TABLE public.mine (number int)"
        assert "permission denied for schema public" in refused(lambda: session.run(statement))
    shop.as_owner("CREATE TABLE public.theirs (number int)")
    assert shop.repeated()["Statements"] == "0"


def test_the_administrator_is_a_member_of_nobody_afterwards(shop: Shop) -> None:
    """It acted for owners within transactions alone, which left its memberships as they were."""
    query = (
        "SELECT pg_get_userbyid(roleid), pg_get_userbyid(member) FROM pg_auth_members "
        "WHERE pg_get_userbyid(member) !~ '^pg_' ORDER BY 1, 2"
    )
    before = shop.pair.primary.run(query)
    shop.made()
    made = [f"{shop.analyst.user}|{ADMINISTRATOR.user}"] if shop.pair.major > 15 else []
    assert sorted(shop.pair.primary.run(query).splitlines()) == sorted(before.splitlines() + made)


@pytest.mark.parametrize("pair", ["16", "18"], indirect=True, scope="session")
def test_owners_that_the_administrator_cannot_act_for_are_reported(shop: Shop) -> None:
    """With what to do about it; once that is done, the next run grants the rest.

    Up to 15 CREATEROLE lets the administrator act for everybody.
    """
    stranger = shop.pair.name("stranger")
    shop.pair.primary.run(f"CREATE ROLE {stranger} LOGIN")
    shop.pair.run(shop.database, f"GRANT USAGE, CREATE ON SCHEMA sales TO {stranger}")
    shop.pair.run_as(stranger, shop.database, "CREATE TABLE sales.strange AS SELECT 9 AS number")
    data = shop.made()
    advice = f'run, as a role that may: GRANT "{stranger}" TO "shop_admin" WITH ADMIN OPTION'
    assert data["Problems"] == (
        f"privileges on sales.strange in database {shop.database} cannot be set: {advice}; "
        f"what {stranger} makes later in database {shop.database} will not be readable: {advice}"
    )
    assert shop.read("sales.orders") == [[1]]
    assert "permission denied for table strange" in refused(lambda: shop.read("sales.strange"))
    shop.pair.primary.run(f'GRANT "{stranger}" TO "shop_admin" WITH ADMIN OPTION')
    assert shop.repeated()["Problems"] == ""
    assert shop.read("sales.strange") == [[9]]


def test_two_runs_at_once_do_the_work_of_one(shop: Shop) -> None:
    """One waits for the other; then nothing is left for it to do."""
    found: list[Outcome] = []
    runs = [threading.Thread(target=lambda: found.append(job(shop).done())) for _ in range(3)]
    for run in runs:
        run.start()
    for run in runs:
        run.join()
    counts = sorted(len(each.statements) for each in found)
    assert counts[:2] == [0, 0]
    assert counts[2] > 10
    assert shop.read("sales.orders") == [[1]]


def test_whoever_is_in_the_way_for_a_moment_does_no_harm(shop: Shop) -> None:
    """What PostgreSQL calls "tuple concurrently updated" is tried again, with a new plan."""
    shop.made(Databases=[{"Name": shop.database}])
    grant = f"GRANT SELECT ON TABLE sales.orders TO {shop.analyst.user}"
    join, leave = (
        f'GRANT "{shop.owner}" TO CURRENT_USER',
        f'REVOKE "{shop.owner}" FROM CURRENT_USER',
    )
    if shop.pair.major > 15:
        join += " WITH INHERIT TRUE, SET FALSE"
    attempts: list[int] = []

    def make(_: frozenset[str]) -> Plan:
        attempts.append(1)
        if len(attempts) > 2:
            return Plan(shop.database)
        return Plan(shop.database, (join, grant, leave))

    with shop.pair.administrator(shop.database) as session:
        meddled = Meddled(session, shop, grant)
        assert carry_out(meddled, make).notes == ()
    assert meddled.met == ["tuple concurrently updated"]
    assert len(attempts) == 3


@dataclass
class Meddled:
    """A session in whose first transaction somebody else changes the same row."""

    session: Session
    shop: Shop
    statement: str
    met: list[str] = field(default_factory=list)

    def transaction(self) -> AbstractContextManager[None]:
        return self.session.transaction()

    def run(self, statement: str) -> None:
        if statement != self.statement or self.met:
            self.session.run(statement)
            return
        meddler = threading.Thread(target=self._meddle)
        meddler.start()
        sleeping = "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'PgSleep'"
        while self.shop.pair.primary.run(sleeping) != "1":
            pass
        try:
            self.session.run(statement)
        except StatementError as error:
            self.met.append(str(error))
            raise
        finally:
            meddler.join()

    def _meddle(self) -> None:
        grant = "GRANT SELECT ON TABLE sales.orders TO PUBLIC"
        self.shop.as_owner("BEGIN", grant, "SELECT pg_sleep(2)", "COMMIT")


def test_the_password_is_nowhere_to_be_seen(shop: Shop, capsys: pytest.CaptureFixture[str]) -> None:
    """Neither in the servers' logs, which have every statement, nor in what the function says."""
    shop.made()
    shop.manager.secrets[REPORTING_SECRET]["password"] = rotated = "rotated, and long as well"
    shop.repeated()
    shop.manager.secrets[ADMINISTRATOR_SECRET]["password"] = wrong = "no longer the right one"
    answer = shop.asked("Update")
    assert answer["Status"] == "FAILED"
    said = capsys.readouterr()
    shop.pair.replicated()
    logs = shop.pair.primary.log() + shop.pair.standby.log()
    assert "ALTER ROLE" in logs
    for text in (logs, said.out, said.err, json.dumps(answer)):
        for password in (shop.analyst.password, rotated, wrong, ADMINISTRATOR.password):
            assert password not in text
    assert "PASSWORD 'SCRAM-SHA-256$4096:" in logs
    assert "SCRAM-SHA-256$4096:" not in said.out
