"""Names of any kind, on real servers: quoted, never refused, and never mistaken."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lambda_src.reporting_user import sql
from lambda_src.reporting_user.connection import Login

from ..unit.reporting_user.test_sql import NAMES
from .servers import REPORTING_SECRET, Pair, Shop, refused

HARD = (
    'quo"te',
    "semi;colon",
    "'; DROP ROLE shop_admin; --",
    "Upper",
    "Bücher \U0001f418",
    "back\\slash $$ :name %s {x}",
    "select",
    " ",
    "x" * 63,
)


def test_schemas_tables_databases_and_roles_of_any_name(shop: Shop) -> None:
    """Each of them in all places, through a whole life: make, read, change, remove."""
    hard = " ".join(HARD[:3])
    user = Login('Ana "Lyst"; \\ é', shop.analyst.password)
    pair, shop.analyst = shop.pair, user
    shop.manager.secrets[REPORTING_SECRET]["username"] = user.user
    database, owner = sql.identifier(f"d {hard}"), sql.identifier(f"o {hard}")
    pair.run("postgres", f"CREATE ROLE {owner}", f"CREATE DATABASE {database}")
    for name in HARD:
        table = sql.qualified(name, name)
        pair.run(
            f"d {hard}",
            f"CREATE SCHEMA {sql.identifier(name)}",
            f"GRANT USAGE, CREATE ON SCHEMA {sql.identifier(name)} TO {owner}",
        )
        pair.primary.run(
            f"SET ROLE {owner}", f"CREATE TABLE {table} AS SELECT 1 AS n", database=f"d {hard}"
        )
    wanted = [{"Name": f"d {hard}", "Schemas": list(HARD)}]
    assert shop.made(Databases=wanted)["Problems"] == ""
    for name in HARD:
        assert shop.read(sql.qualified(name, name), f"d {hard}") == [[1]]
    assert shop.repeated(Databases=wanted)["Statements"] == "0"
    later = sql.qualified(HARD[0], "later")
    pair.primary.run(
        f"SET ROLE {owner}", f"CREATE TABLE {later} AS SELECT 2 AS n", database=f"d {hard}"
    )
    assert shop.read(later, f"d {hard}") == [[2]]
    wanted[0]["Schemas"] = [HARD[1]]
    assert shop.made("Update", Databases=wanted)["Problems"] == ""
    assert "permission denied for schema" in refused(lambda: shop.read(later, f"d {hard}"))
    assert shop.asked("Delete", Databases=wanted)["Status"] == "SUCCESS"
    count = f"SELECT count(*) FROM pg_roles WHERE rolname = {sql.literal(user.user)}"
    assert pair.primary.run(count) == "0"


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(names=st.lists(NAMES, min_size=1, max_size=8, unique=True))
def test_any_name_comes_back_from_the_server_as_it_went(pair: Pair, names: list[str]) -> None:
    """The quoting and PostgreSQL's own agree, for names and for texts."""
    with pair.administrator() as session:
        columns = ", ".join(f"{sql.literal(name)} AS {sql.identifier(name)}" for name in names)
        [[found]] = session.rows(f"SELECT row_to_json(x) FROM (SELECT {columns}) AS x")
        assert found == {name: name for name in names}
        [[again]] = session.rows(
            "SELECT CAST(:names AS json)", names=__import__("json").dumps(names)
        )
        assert again == names


@pytest.mark.parametrize("name", ["x" * 64, "ü" * 32])
def test_a_name_that_the_server_would_cut_is_refused(shop: Shop, name: str) -> None:
    """It would mean another schema."""
    answer = shop.asked("Create", Databases=[{"Name": shop.database, "Schemas": [name]}])
    assert answer["Status"] == "FAILED"
    assert "Databases[0].Schemas[0] must be a name: text of 1 to 63 bytes" in answer["Reason"]
