"""The plan for one database, statement by statement."""

from __future__ import annotations

from dataclasses import replace

import pglast
from hypothesis import given

from lambda_src.reporting_user.database_plan import database_plan, database_removal
from lambda_src.reporting_user.plan import Kind, Note, Plan
from lambda_src.reporting_user.state import (
    DatabaseState,
    DefaultPrivileges,
    Relation,
    Schema,
    ServerState,
)

from .states import KEPT, acting, database, login, server, without_rds
from .test_sql import NAMES

SELECT = frozenset({"SELECT"})
STATE = server(database("shop", "app"), role=KEPT)

FRESH = DatabaseState(
    schemas={"sales": Schema("sales", "app"), "public": Schema("public", "pg_database_owner")},
    relations=(
        Relation("sales", "orders", "app"),
        Relation("sales", "numbers", "app", sequence=True),
        Relation("public", "jobs", "jobs"),
    ),
    defaults=(),
    creators={"sales": ("app",), "public": ("app", "jobs", "pg_database_owner")},
)

SETTLED = DatabaseState(
    schemas={"sales": Schema("sales", "app", frozenset({"USAGE"}))},
    relations=(Relation("sales", "orders", "app", privileges=SELECT, readable=True),),
    defaults=tuple(DefaultPrivileges("app", "sales", kind, SELECT) for kind in ("S", "r")),
    creators={"sales": ("app",)},
)


def planned(
    state: DatabaseState,
    schemas: tuple[str, ...] = ("sales",),
    owners: tuple[str, ...] = (),
    of_server: ServerState = STATE,
) -> Plan:
    return database_plan("analyst", "shop", schemas, owners, acting(of_server), state)


JOIN = 'GRANT "app" TO CURRENT_USER WITH INHERIT TRUE, SET FALSE'
LEAVE = 'REVOKE "app" FROM CURRENT_USER'
LATER = 'ALTER DEFAULT PRIVILEGES FOR ROLE "{}" IN SCHEMA {} GRANT SELECT ON {} TO "analyst"'


def test_everything_in_the_named_schemas_becomes_readable() -> None:
    """What is there, and what its owners will make; each in its owner's name."""
    assert planned(FRESH, ("public", "sales")) == Plan(
        "shop",
        (
            JOIN,
            'GRANT "jobs" TO CURRENT_USER WITH INHERIT TRUE, SET FALSE',
            'GRANT USAGE ON SCHEMA "sales" TO "analyst"',
            'GRANT USAGE ON SCHEMA "public" TO "analyst"',
            'GRANT SELECT ON TABLE "sales"."orders" TO "analyst"',
            'GRANT SELECT ON SEQUENCE "sales"."numbers" TO "analyst"',
            'GRANT SELECT ON TABLE "public"."jobs" TO "analyst"',
            LATER.format("app", '"public", "sales"', "SEQUENCES"),
            LATER.format("app", '"public", "sales"', "TABLES"),
            LATER.format("jobs", '"public"', "SEQUENCES"),
            LATER.format("jobs", '"public"', "TABLES"),
            LEAVE,
            'REVOKE "jobs" FROM CURRENT_USER',
        ),
    )


def test_a_database_that_is_as_wanted_gets_no_statement() -> None:
    """So a second run changes nothing."""
    assert planned(SETTLED) == Plan("shop")


def test_what_is_no_longer_named_is_taken_back() -> None:
    """The schema, what is in it, and what will be."""
    revoke = 'ALTER DEFAULT PRIVILEGES FOR ROLE "app" IN SCHEMA "sales" REVOKE ALL ON {} FROM {}'
    assert planned(SETTLED, ()).statements == (
        JOIN,
        'REVOKE ALL ON SCHEMA "sales" FROM "analyst"',
        'REVOKE ALL ON TABLE "sales"."orders" FROM "analyst"',
        revoke.format("SEQUENCES", '"analyst"'),
        revoke.format("TABLES", '"analyst"'),
        LEAVE,
    )


def test_more_than_reading_is_taken_back() -> None:
    """Writing, privileges on columns, the right to grant on, defaults for all schemas."""
    more = replace(
        SETTLED,
        schemas={"sales": Schema("sales", "app", frozenset({"USAGE", "CREATE"}))},
        relations=(
            Relation("sales", "a", "app", privileges=SELECT | {"INSERT"}),
            Relation("sales", "b", "app", privileges=SELECT, on_columns=True),
            Relation("sales", "c", "app", privileges=frozenset({"SELECT*"})),
        ),
        defaults=(*SETTLED.defaults, DefaultPrivileges("app", None, "f", frozenset({"EXECUTE"}))),
    )
    assert planned(more).statements == (
        JOIN,
        'REVOKE ALL ON SCHEMA "sales" FROM "analyst"',
        'GRANT USAGE ON SCHEMA "sales" TO "analyst"',
        'REVOKE ALL ON TABLE "sales"."a", "sales"."b", "sales"."c" FROM "analyst"',
        'GRANT SELECT ON TABLE "sales"."a", "sales"."b", "sales"."c" TO "analyst"',
        'ALTER DEFAULT PRIVILEGES FOR ROLE "app" REVOKE ALL ON FUNCTIONS FROM "analyst"',
        LEAVE,
    )


def test_nobody_creates_tables_only_because_everybody_may() -> None:
    """As in databases from before PostgreSQL 15: who can log in now still may, the analyst not."""
    found = replace(
        SETTLED,
        schemas={
            **SETTLED.schemas,
            "public": Schema("public", "pg_database_owner", open_to_all=True),
        },
    )
    assert planned(found) == Plan("shop")
    public = database_plan(
        "analyst", "shop", ("sales",), (), acting(STATE), found, revoke_public=True
    )
    assert public.statements == (
        JOIN,
        'GRANT CREATE ON SCHEMA "public" TO "admin", "jobs"',
        'REVOKE CREATE ON SCHEMA "public" FROM PUBLIC',
        LEAVE,
    )


def test_an_owner_may_be_named_before_he_makes_anything() -> None:
    """Also one who may not make anything yet; one who is not there is reported."""
    assert planned(SETTLED, owners=("jobs", "later")) == Plan(
        "shop",
        (
            'GRANT "jobs" TO CURRENT_USER WITH INHERIT TRUE, SET FALSE',
            LATER.format("jobs", '"sales"', "SEQUENCES"),
            LATER.format("jobs", '"sales"', "TABLES"),
            'REVOKE "jobs" FROM CURRENT_USER',
        ),
        (Note(Kind.MISSING, "owner later is not there yet"),),
    )


def test_what_the_administrator_cannot_give_is_said_with_who_can() -> None:
    """Not so for what everybody may read: an extension's tables, which are the superuser's."""
    state = without_rds(
        server(database("shop"), role=KEPT, logins=(login("x", administered=False),))
    )
    found = replace(
        SETTLED,
        schemas={"sales": replace(SETTLED.schemas["sales"], owner="admin")},
        relations=(
            *(Relation("sales", name, "x") for name in "abcde"),
            Relation("sales", "extension", "rdsadmin", readable=True),
        ),
        defaults=(),
        creators={"sales": ("x", "rdsadmin")},
    )
    advice = 'run, as a role that may: GRANT "x" TO "admin" WITH ADMIN OPTION'
    assert planned(found, of_server=state) == Plan(
        "shop",
        notes=(
            Note(
                Kind.PROBLEM,
                "privileges on sales.a, sales.b, sales.c and 2 more in database shop cannot be "
                f"set: {advice}",
            ),
            Note(
                Kind.PROBLEM,
                f"what x makes later in database shop will not be readable: {advice}",
            ),
        ),
    )


def test_many_tables_are_granted_in_portions() -> None:
    """A statement that failed has to be read by somebody."""
    many = replace(
        SETTLED, relations=tuple(Relation("sales", f"t{number}", "app") for number in range(250))
    )
    grants = [each for each in planned(many).statements if each.startswith("GRANT SELECT ON TABLE")]
    assert [grant.count('"sales".') for grant in grants] == [100, 100, 50]


def test_removing_takes_privileges_on_anything_else_as_well() -> None:
    """Such as functions, whose owners alone can take them back."""
    settled = replace(SETTLED, others=("jobs", "gone"), mentioned=True, defaults=())
    plan = database_removal("analyst", "shop", acting(STATE), settled)
    assert plan.statements == (
        'GRANT "analyst" TO CURRENT_USER WITH INHERIT TRUE, SET FALSE',
        JOIN,
        'GRANT "jobs" TO CURRENT_USER WITH INHERIT TRUE, SET FALSE',
        'REVOKE ALL ON SCHEMA "sales" FROM "analyst"',
        'REVOKE ALL ON TABLE "sales"."orders" FROM "analyst"',
        'DROP OWNED BY "analyst"',
        'REVOKE "analyst" FROM CURRENT_USER',
        LEAVE,
        'REVOKE "jobs" FROM CURRENT_USER',
    )


@given(NAMES, NAMES, NAMES, NAMES)
def test_each_statement_is_one_whatever_things_are_called(
    schema: str, table: str, owner: str, analyst: str
) -> None:
    """PostgreSQL's own parser finds as many as there are, and the names as they are."""
    found = DatabaseState(
        schemas={schema: Schema(schema, owner)},
        relations=(Relation(schema, table, owner),),
        defaults=(DefaultPrivileges(owner, None, "T", frozenset({"USAGE"})),),
        creators={schema: (owner,)},
        mentioned=True,
    )
    state = server(database("shop"), logins=(login(owner), login(analyst)))
    plan = database_plan(analyst, "shop", [schema], [], acting(state), found)
    removal = database_removal(analyst, "shop", acting(state), found)
    for statement in plan.statements + removal.statements:
        [parsed] = pglast.parse_sql(statement)
        assert parsed.stmt is not None
    granted = [each for each in plan.statements if each.startswith("GRANT SELECT ON TABLE")]
    [parsed] = pglast.parse_sql(*granted)
    [target] = parsed.stmt.objects  # type: ignore[union-attr]
    [grantee] = parsed.stmt.grantees  # type: ignore[union-attr]
    assert (target.schemaname, target.relname) == (schema, table)
    assert grantee.rolename == analyst
