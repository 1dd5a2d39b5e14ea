"""What the analyst may do on a real standby, and what not."""

from __future__ import annotations

from typing import Any

import pytest

from lambda_src.reporting_user.connection import Session

from .servers import Shop, refused


def test_the_analyst_reads_what_is_there_on_the_standby(shop: Shop) -> None:
    """Tables, views and sequences of the named schema, whoever made them."""
    shop.as_owner("CREATE SEQUENCE sales.numbers START 7")
    shop.pair.run(shop.database, "CREATE VIEW sales.some AS SELECT 5 AS number")
    shop.made()
    assert shop.read("sales.orders") == [[1]]
    assert shop.read("sales.some") == [[5]]
    assert shop.read("sales.numbers")[0][0] == 7


def test_a_table_that_another_owner_makes_later_is_readable_there(shop: Shop) -> None:
    """Without another run: the owner's own default privileges see to it."""
    shop.made()
    shop.as_owner("CREATE TABLE sales.later (number int)", "INSERT INTO sales.later VALUES (2)")
    shop.as_owner("CREATE SEQUENCE sales.later_numbers")
    shop.pair.run(shop.database, "CREATE TABLE sales.administrators AS SELECT 3 AS number")
    assert shop.read("sales.later") == [[2]]
    assert shop.read("sales.administrators") == [[3]]
    assert shop.read("sales.later_numbers")[0][0] == 1


def test_a_database_that_is_made_later_is_covered_by_the_schedule(shop: Shop) -> None:
    """Until then it is reported, and nothing fails."""
    later = shop.pair.name("later")
    databases = [
        {"Name": shop.database, "Schemas": ["sales", "planned"]},
        {"Name": later, "Schemas": ["public"]},
    ]
    data = shop.made(Databases=databases)
    assert data["Missing"] == (
        f"database {later} is not there yet; "
        f"schema planned is not there yet in database {shop.database}"
    )
    shop.pair.primary.run(f"CREATE DATABASE {later} OWNER {shop.owner}")
    shop.pair.run_as(shop.owner, later, "CREATE TABLE public.fresh AS SELECT 4 AS number")
    done = shop.repeated(Databases=databases)
    assert done["Missing"] == f"schema planned is not there yet in database {shop.database}"
    assert done["Problems"] == ""
    assert shop.read("public.fresh", later) == [[4]]
    shop.pair.run_as(shop.owner, later, "CREATE TABLE public.fresher AS SELECT 5 AS number")
    assert shop.read("public.fresher", later) == [[5]]


READ_ONLY = "cannot execute {} in a read-only transaction"

FORBIDDEN_ON_STANDBY = {
    "INSERT INTO sales.orders VALUES (2)": READ_ONLY.format("INSERT"),
    "DELETE FROM sales.orders": READ_ONLY.format("DELETE"),
    "CREATE TABLE public.mine (number int)": READ_ONLY.format("CREATE TABLE"),
    "CREATE TABLE sales.mine (number int)": READ_ONLY.format("CREATE TABLE"),
    "CREATE TEMPORARY TABLE mine (number int)": READ_ONLY.format("CREATE TABLE"),
    "CREATE SCHEMA mine": READ_ONLY.format("CREATE SCHEMA"),
    "SELECT nextval('sales.numbers')": "permission denied for sequence numbers",
    "SELECT * FROM hidden.secrets": "permission denied for schema hidden",
    "SELECT pg_read_file('PG_VERSION')": "permission denied for function pg_read_file",
    "SET ROLE {administrator}": 'permission denied to set role "shop_admin"',
}


@pytest.fixture
def guarded(shop: Shop) -> Shop:
    """A shop that has more than its analyst is to see."""
    shop.as_owner("CREATE SEQUENCE sales.numbers")
    shop.pair.run(shop.database, "CREATE SCHEMA hidden", "CREATE TABLE hidden.secrets (key text)")
    shop.made()
    return shop


def said(session: Session, statement: str) -> str:
    return refused(lambda: session.run(statement.format(administrator="shop_admin")))


def test_everything_else_fails_on_the_standby(guarded: Shop) -> None:
    """Writing, making, temporary tables, schemas that are not named, other roles."""
    with guarded.on_standby() as session:
        found = {statement: said(session, statement) for statement in FORBIDDEN_ON_STANDBY}
    assert {statement: text.partition(" (")[0] for statement, text in found.items()} == (
        FORBIDDEN_ON_STANDBY
    )


FORBIDDEN_ON_PRIMARY = {
    "INSERT INTO sales.orders VALUES (2)": "permission denied for table orders",
    "UPDATE sales.orders SET number = 3": "permission denied for table orders",
    "CREATE TABLE public.mine (number int)": "permission denied for schema public",
    "CREATE TABLE sales.mine (number int)": "permission denied for schema sales",
    "CREATE TEMPORARY TABLE mine (number int)": (
        'permission denied to create temporary tables in database "shop"'
    ),
    "CREATE SCHEMA mine": "permission denied for database shop",
    "SELECT nextval('sales.numbers')": "permission denied for sequence numbers",
    "SELECT * FROM hidden.secrets": "permission denied for schema hidden",
    "CREATE ROLE mine": "permission denied to create role",
}


def test_nothing_more_is_allowed_on_the_master(guarded: Shop) -> None:
    """Should somebody reach it, and turn the setting off that makes transactions read only."""
    with guarded.on_primary() as session:
        assert session.rows("SHOW transaction_read_only") == [["off"]]
        session.run("SET SESSION CHARACTERISTICS AS TRANSACTION READ WRITE")
        found = {statement: said(session, statement) for statement in FORBIDDEN_ON_PRIMARY}
    assert {statement: text.partition(" (")[0] for statement, text in found.items()} == (
        FORBIDDEN_ON_PRIMARY
    )


@pytest.mark.parametrize("other", ["postgres", "template1", "neighbour"])
def test_no_other_database_lets_the_analyst_in(shop: Shop, other: str) -> None:
    """PUBLIC may connect to every new database, until a run has seen it."""
    if other == "neighbour":
        other = shop.pair.name(other)
        shop.pair.run("postgres", f"CREATE DATABASE {other}")
    shop.made()
    words = "does not let 'analyst' into database '{}': permission denied for database \"{}\""
    name = other.partition("_")[0]
    for login in (shop.on_standby, shop.on_primary):
        said = refused(lambda login=login: login(other))  # type: ignore[misc]
        assert words.format(name, name) in said


def test_without_tls_the_analyst_is_not_let_in(shop: Shop) -> None:
    """Neither on the standby nor on the master."""
    import pg8000.native

    shop.made()
    for server in (shop.pair.replicated(), shop.pair.primary):
        with pytest.raises(pg8000.native.DatabaseError, match="no encryption"):
            pg8000.native.Connection(
                shop.analyst.user,
                "localhost",
                shop.database,
                server.port,
                shop.analyst.password,
                ssl_context=False,
            )


def test_another_password_does_not_let_in(shop: Shop) -> None:
    """Only that of the secret does."""
    shop.made()
    wrong = type(shop.analyst)(shop.analyst.user, "guessed")
    said = refused(lambda: shop.pair.session(shop.pair.replicated(), wrong, shop.database))
    assert "its secret has another password than the server" in said


def test_limits_hold_on_the_standby(shop: Shop) -> None:
    """As the settings say: sessions at a time, and how long a statement may take."""
    shop.made(ConnectionLimit="1", StatementTimeoutSeconds="1", ValidUntil="2999-01-01")
    with shop.on_standby():
        assert "too many connections for role" in refused(shop.on_standby)
    # Our own sessions bring their own limits along.
    settings = shop.pair.standby.run(
        "SELECT unnest(setconfig) FROM pg_db_role_setting, pg_roles "
        f"WHERE setrole = pg_roles.oid AND rolname = '{shop.analyst.user}' ORDER BY 1"
    )
    assert settings.splitlines() == [
        "default_transaction_read_only=on",
        "idle_in_transaction_session_timeout=600s",
        "statement_timeout=1s",
    ]


def test_pg_read_all_data_reads_every_schema_of_the_named_databases(shop: Shop) -> None:
    """In place of schemas, also what is made later; other databases stay closed."""
    shop.pair.run(
        shop.database, "CREATE SCHEMA hidden", "CREATE TABLE hidden.kept AS SELECT 6 AS number"
    )
    every: dict[str, Any] = {"Databases": [{"Name": shop.database}], "ReadAllData": "true"}
    assert shop.made(**every)["Problems"] == ""
    assert shop.read("hidden.kept") == [[6]]
    with shop.on_primary() as session:
        assert "permission denied for table kept" in said(session, "DELETE FROM hidden.kept")
    assert "permission denied for database" in refused(lambda: shop.on_standby("postgres"))
    shop.made("Update")
    assert "permission denied for schema hidden" in refused(lambda: shop.read("hidden.kept"))
    assert shop.read("sales.orders") == [[1]]
