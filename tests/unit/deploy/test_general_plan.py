"""The plan that nobody has to be asked for."""

from __future__ import annotations

from typing import Any

import pglast
import pytest

from infra.config import Environment
from infra.deploy.general_plan import general_plan
from infra.errors import InputError
from tests.unit.test_database_settings import environment


def settings(**reader: Any) -> Environment:
    reader = {"databases": {"shop": ["public"]}, **reader}
    return Environment.model_validate(environment({"reporting_user": reader}))


def test_it_is_what_a_new_server_needs() -> None:
    """In one transaction for all databases, and one in each; no password stands in it."""
    told = general_plan(settings(), {})
    assert (told.role, told.named, told.omitted) == ("reporting", {"shop": ("public",)}, 0)
    assert (told.missing, told.problems) == ((), ())
    server, shop = told.plans
    assert (server.database, shop.database) == ("postgres", "shop")
    assert server.statements[0].startswith('CREATE ROLE "reporting" LOGIN NOSUPERUSER ')
    assert "ALTER ROLE \"reporting\" PASSWORD 'SCRAM-SHA-256$…'" in server.statements
    assert 'GRANT CONNECT ON DATABASE "shop" TO "reporting"' in server.statements
    assert shop.statements[0] == 'GRANT USAGE ON SCHEMA "public" TO "reporting"'


def test_what_is_added_stands_beside_the_settings() -> None:
    """As the function puts them together."""
    told = general_plan(settings(), {"shop": ("sales", "public"), "stock": ("public",)})
    assert told.named == {"shop": ("public", "sales"), "stock": ("public",)}
    assert [plan.database for plan in told.plans] == ["postgres", "shop", "stock"]


def test_names_that_are_none_are_refused_as_the_function_does() -> None:
    """In its words."""
    with pytest.raises(InputError) as caught:
        general_plan(settings(), {"": ("x" * 64,)})
    assert str(caught.value) == "Databases[1].Name must be a name: text of 1 to 63 bytes"


@pytest.mark.parametrize(
    "reader",
    [
        {"owners": ["app owner"], "revoke_public": False, "valid_until": "2027-06-30"},
        {"databases": {"shop": [], 'a"b; --': []}, "read_all_data": True},
        {"databases": {"postgres": ['s"; DROP TABLE x; --', "public"]}},
    ],
)
def test_any_settings_give_statements_that_postgresql_can_read(reader: dict[str, Any]) -> None:
    """PostgreSQL's own parser takes every one."""
    told = general_plan(settings(**reader), {})
    statements = [one for plan in told.plans for one in plan.statements]
    assert [len(pglast.parse_sql(one)) for one in statements] == [1] * len(statements)
    assert told.problems == ()
