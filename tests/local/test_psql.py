"""Sessions on a real server: answers as text, refusals in its words, no stranger trusted."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from infra.errors import NotInstalledError
from infra.local import postgresql, psql, rds_roles
from infra.local.account import PostgresqlError
from infra.local.authority import identity
from infra.local.postgresql_installation import installation
from infra.local.psql import Answer, Place, Refusal
from lambda_src.reporting_user.connection import Login
from lambda_src.reporting_user.verifier import verifier
from tests.conftest import unavailable

OWNER = Login("it's mine", "a long password")


@pytest.fixture(scope="module")
def place() -> Iterator[Place]:
    try:
        newest, shown = installation(), identity("localhost")
    except NotInstalledError as error:
        unavailable(str(error))
    with postgresql.primary(newest, shown) as server:
        rds_roles.set_up(server, OWNER.user, verifier("another"))
        rds_roles.set_password(server, OWNER.user, verifier(OWNER.password))
        rds_roles.create_database(server, "postgres", OWNER.user)
        rds_roles.create_database(server, 'shop"s', OWNER.user)
        yield Place("localhost", server.port, shown.ca)


def test_an_answer_has_heads_and_text(place: Place) -> None:
    """What nothing is returned by has neither."""
    with psql.session(place, OWNER, 'shop"s') as session:
        query = "SELECT 1 AS number, true AS yes, CAST(NULL AS text) AS none"
        assert session.ask(query) == Answer(("number", "yes", "none"), (("1", "True", "None"),))
        assert session.ask("CREATE TABLE kept (number int)") == Answer((), ())
        assert session.value("SELECT :name", name="sh'op") == "sh'op"


def test_a_refusal_is_in_the_servers_words(place: Place) -> None:
    """As psql prints it; whoever needs an answer fails with it."""
    words = 'ERROR:  relation "nothing" does not exist'
    with psql.session(place, OWNER, "postgres") as session:
        assert session.ask("SELECT * FROM nothing") == Refusal(words)
        with pytest.raises(PostgresqlError) as caught:
            session.run("SELECT 1", "SELECT * FROM nothing")
    assert str(caught.value) == f"PostgreSQL refused 'SELECT * FROM nothing': {words}"


def test_who_is_not_let_in_is_told_where_and_why(place: Place) -> None:
    """With another password, and where a certificate is from somebody else's authority."""
    where = f"it's mine cannot log in to postgres at localhost:{place.port}: "
    for there, who, why in (
        (place, replace(OWNER, password="guessed"), "FATAL:  password authentication failed"),
        (replace(place, ca=identity("localhost").ca), OWNER, "certificate verify failed"),
    ):
        with pytest.raises(PostgresqlError) as caught, psql.session(there, who, "postgres"):
            pass
        assert str(caught.value).startswith(where)
        assert why in str(caught.value)
