"""The plan for what all databases share, statement by statement."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from lambda_src.reporting_user.errors import ForeignRoleError
from lambda_src.reporting_user.plan import Kind, Note, Plan
from lambda_src.reporting_user.properties import Wanted
from lambda_src.reporting_user.server_plan import server_plan, server_removal
from lambda_src.reporting_user.state import MARK, Membership, Role, ServerState

from .states import BOTH, CONNECT, KEPT, acting, database, fresh, login, server, without_rds

WANTED = Wanted({"shop": ("sales",)})


def planned(state: ServerState, wanted: Wanted = WANTED, **changes: Any) -> Plan:
    options: dict[str, Any] = {"password_matches": state.role is not None, "database": "postgres"}
    return server_plan("analyst", wanted, acting(state), **(options | changes))


def statements(state: ServerState, wanted: Wanted = WANTED, **changes: Any) -> list[str]:
    plan = planned(state, wanted, **changes)
    assert plan.notes == ()
    return list(plan.statements)


def test_a_fresh_server_gets_the_role_and_loses_nobody() -> None:
    """Whoever can log in now keeps what PUBLIC had; the password is not part of the plan."""
    state = server(fresh("postgres"), fresh("shop", "app"))
    assert statements(state) == [
        'GRANT "app" TO CURRENT_USER WITH INHERIT TRUE, SET FALSE',
        'CREATE ROLE "analyst" LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION '
        "NOBYPASSRLS CONNECTION LIMIT 10",
        f"COMMENT ON ROLE \"analyst\" IS '{MARK}'",
        "ALTER ROLE \"analyst\" PASSWORD 'SCRAM-SHA-256$…'",
        "ALTER ROLE \"analyst\" SET default_transaction_read_only TO 'on'",
        "ALTER ROLE \"analyst\" SET statement_timeout TO '3600s'",
        "ALTER ROLE \"analyst\" SET idle_in_transaction_session_timeout TO '600s'",
        'GRANT CONNECT ON DATABASE "shop" TO "analyst"',
        'GRANT CONNECT, TEMPORARY ON DATABASE "postgres" TO "app", "jobs"',
        'REVOKE CONNECT, TEMPORARY ON DATABASE "postgres" FROM PUBLIC',
        'GRANT CONNECT, TEMPORARY ON DATABASE "shop" TO "admin", "jobs"',
        'REVOKE CONNECT, TEMPORARY ON DATABASE "shop" FROM PUBLIC',
        'REVOKE "app" FROM CURRENT_USER',
    ]


SETTLED = server(database("postgres"), database("shop", "app", analyst=CONNECT), role=KEPT)


def test_a_server_that_is_as_wanted_gets_no_statement() -> None:
    """So a second run changes nothing."""
    assert statements(SETTLED) == []


@pytest.mark.parametrize(
    ("found", "change"),
    [
        ({"logs_in": False}, "LOGIN"),
        ({"superuser": True}, "NOSUPERUSER"),
        ({"creates_databases": True, "creates_roles": True}, "NOCREATEDB NOCREATEROLE"),
        ({"replicates": True, "bypasses_row_security": True}, "NOREPLICATION NOBYPASSRLS"),
        ({"connection_limit": -1}, "CONNECTION LIMIT 10"),
        ({"valid_until": 5.0}, "VALID UNTIL 'infinity'"),
        (
            {"settings": {**KEPT.settings, "statement_timeout": "0", "search_path": "x"}},
            "SET statement_timeout TO '3600s'",
        ),
        (
            {"database_settings": (("shop", "statement_timeout"), ("shop", "search_path"))},
            'IN DATABASE "shop" RESET statement_timeout',
        ),
    ],
)
def test_what_somebody_changed_is_changed_back(found: dict[str, Any], change: str) -> None:
    """Only that, and only what is ours."""
    state = replace(SETTLED, role=replace(KEPT, **found))
    assert statements(state) == [f'ALTER ROLE "analyst" {change}']


def test_settings_that_change_are_followed() -> None:
    """In as few statements as they are."""
    wanted = replace(
        WANTED,
        databases={"other": ()},
        read_all_data=True,
        connection_limit=-1,
        statement_timeout=0,
        valid_until=1814349600.0,
    )
    state = replace(SETTLED, databases={**SETTLED.databases, "other": database("other")})
    assert statements(state, wanted) == [
        'GRANT "app" TO CURRENT_USER WITH INHERIT TRUE, SET FALSE',
        "ALTER ROLE \"analyst\" CONNECTION LIMIT -1 VALID UNTIL '2027-06-30T10:00:00+00:00'",
        "ALTER ROLE \"analyst\" SET statement_timeout TO '0'",
        'GRANT "pg_read_all_data" TO "analyst"',
        'REVOKE ALL ON DATABASE "shop" FROM "analyst"',
        'GRANT CONNECT ON DATABASE "other" TO "analyst"',
        'REVOKE "app" FROM CURRENT_USER',
    ]


def test_a_password_that_does_not_match_is_set() -> None:
    """And nothing else."""
    assert statements(SETTLED, password_matches=False) == [
        "ALTER ROLE \"analyst\" PASSWORD 'SCRAM-SHA-256$…'"
    ]


@pytest.mark.parametrize(
    ("major", "statement"),
    [
        (15, 'REVOKE "app" FROM "analyst"'),
        (16, 'REVOKE "app" FROM "analyst" GRANTED BY "rds_superuser"'),
    ],
)
def test_memberships_that_nobody_wants_are_ended(major: int, statement: str) -> None:
    """From 16 on, only who gave one can end it, or who acts for him."""
    role = replace(KEPT, memberships=(Membership("app", "rds_superuser"),))
    state = replace(SETTLED, role=role, version=major * 10_000)
    assert statements(state) == [statement]


def test_more_than_connect_on_a_database_is_taken_back() -> None:
    """Also the right to grant it on."""
    more = database("shop", analyst=frozenset({"CONNECT*", "CREATE"}))
    state = replace(SETTLED, databases={"shop": more})
    assert statements(state) == [
        'REVOKE ALL ON DATABASE "shop" FROM "analyst"',
        'GRANT CONNECT ON DATABASE "shop" TO "analyst"',
    ]


def test_public_keeps_what_it_has_where_that_is_wanted() -> None:
    """The analyst may then connect to every database that lets everybody in."""
    state = replace(SETTLED, databases={**SETTLED.databases, "other": fresh("other", "app")})
    assert statements(state, replace(WANTED, revoke_public=False)) == []
    assert statements(state) == [
        'GRANT "app" TO CURRENT_USER WITH INHERIT TRUE, SET FALSE',
        'GRANT CONNECT, TEMPORARY ON DATABASE "other" TO "admin", "jobs"',
        'REVOKE CONNECT, TEMPORARY ON DATABASE "other" FROM PUBLIC',
        'REVOKE "app" FROM CURRENT_USER',
    ]


def test_who_has_a_privilege_of_his_own_is_not_given_it_again() -> None:
    """A run after somebody gave PUBLIC its privileges back."""
    other = database("other", admin=BOTH, jobs=BOTH, app=CONNECT, public=CONNECT)
    state = replace(SETTLED, databases={**SETTLED.databases, "other": other})
    assert statements(state) == ['REVOKE CONNECT ON DATABASE "other" FROM PUBLIC']


def test_neither_other_reporting_users_nor_awss_own_roles_inherit_from_public() -> None:
    """The ones are not to have it, the others do without."""
    others = (login("rdstopmgr"), login("second", comment=MARK), login("plain", comment="x"))
    databases = (database("shop", analyst=CONNECT), fresh("other"))
    state = server(*databases, role=KEPT, logins=others)
    assert statements(state) == [
        'GRANT CONNECT, TEMPORARY ON DATABASE "other" TO "app", "jobs", "plain"',
        'REVOKE CONNECT, TEMPORARY ON DATABASE "other" FROM PUBLIC',
    ]


def test_what_is_not_there_yet_is_reported() -> None:
    """A later run finds it."""
    assert planned(SETTLED, replace(WANTED, databases={"shop": (), "later": ()})) == Plan(
        "postgres", notes=(Note(Kind.MISSING, "database later is not there yet"),)
    )


def test_what_the_administrator_cannot_do_is_said_with_who_can() -> None:
    """Here an owner that it may not become a member of, and one that is a superuser."""
    stranger = login("stranger", administered=False)
    databases = (
        database("shop", analyst=CONNECT),
        fresh("private", "stranger"),
        database("kept", "rdsadmin", analyst=CONNECT),
        replace(fresh("template1", "rdsadmin"), template=True),
    )
    state = without_rds(server(*databases, role=KEPT, logins=(stranger,)))
    assert planned(state) == Plan(
        "postgres",
        notes=(
            Note(
                Kind.PROBLEM,
                "what analyst may do with database kept cannot be set: "
                "rdsadmin is a superuser: only a superuser can act for it",
            ),
            Note(
                Kind.PROBLEM,
                "everybody may still connect to database private: run, as a role that may: "
                'GRANT "stranger" TO "admin" WITH ADMIN OPTION',
            ),
        ),
    )


def test_on_rds_the_administrator_can_become_a_member_of_anybodys_role() -> None:
    """Whatever the catalogues say of the ADMIN option."""
    stranger = login("stranger", administered=False)
    state = server(fresh("shop", "stranger"), role=KEPT, logins=(stranger,))
    assert statements(state)[0] == 'GRANT "stranger" TO CURRENT_USER WITH INHERIT TRUE, SET FALSE'


@pytest.mark.parametrize("comment", [None, "The application's"])
def test_a_role_of_somebody_else_is_left_alone(comment: str | None) -> None:
    """A misspelt name must not take an application its privileges; how to hand it over is said."""
    state = replace(SETTLED, role=replace(KEPT, comment=comment))
    with pytest.raises(ForeignRoleError):
        planned(state)
    with pytest.raises(ForeignRoleError) as caught:
        server_removal("analyst", acting(state), "postgres")
    assert str(caught.value) == (
        "a role 'analyst' is there already and was not made by this function: name another in "
        'the reporting user\'s secret, or hand it over with: COMMENT ON ROLE "analyst" IS '
        f"'{MARK}'"
    )


def test_the_administrator_is_no_reporting_user() -> None:
    """It would lock itself out."""
    with pytest.raises(ForeignRoleError, match="'admin' is the administrator: name another"):
        server_plan("admin", WANTED, acting(SETTLED), password_matches=True, database="postgres")


def test_removing_takes_the_databases_and_the_role() -> None:
    """Others keep what they were given in PUBLIC's place."""
    plan = server_removal("analyst", acting(SETTLED), "postgres")
    assert plan.statements == (
        'GRANT "app" TO CURRENT_USER WITH INHERIT TRUE, SET FALSE',
        'REVOKE ALL ON DATABASE "shop" FROM "analyst"',
        'DROP ROLE "analyst"',
        'REVOKE "app" FROM CURRENT_USER',
    )
    gone = replace(SETTLED, role=None, databases={"shop": database("shop")})
    assert server_removal("analyst", acting(gone), "postgres") == Plan("postgres")


def test_memberships_are_left_as_they_were() -> None:
    """From 16 on one can be there that does not inherit: it is changed, and changed back."""
    role: Role = KEPT
    held = login("app", granted=True)
    state = server(database("shop", "app"), role=role, logins=(held,))
    assert statements(state) == [
        'GRANT "app" TO CURRENT_USER WITH INHERIT TRUE',
        'GRANT CONNECT ON DATABASE "shop" TO "analyst"',
        'GRANT "app" TO CURRENT_USER WITH INHERIT FALSE',
    ]
    assert statements(replace(state, version=150_004))[0] == 'GRANT "app" TO CURRENT_USER'
