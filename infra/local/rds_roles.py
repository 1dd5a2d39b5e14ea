"""The roles of an RDS server: an administrator who is no superuser, and whom it may stand in for.

https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/Appendix.PostgreSQL.CommonDBATasks.Roles.html
"""

from __future__ import annotations

from infra.local.postgresql import Server

_PREDEFINED = ("pg_monitor", "pg_signal_backend", "pg_read_all_data", "pg_write_all_data")


def set_up(server: Server, administrator: str, verifier: str) -> None:
    """Make the administrator of a fresh server, with a password of which only this is known.

    He owns the databases that an RDS instance begins with.
    """
    name, password = _identifier(administrator), verifier.replace("'", "''")
    server.run(
        "CREATE ROLE rds_superuser",
        f"GRANT {', '.join(_PREDEFINED)} TO rds_superuser WITH ADMIN OPTION",
        f"CREATE ROLE {name} LOGIN CREATEDB CREATEROLE PASSWORD '{password}'",
        f"GRANT rds_superuser TO {name}",
        f"ALTER DATABASE postgres OWNER TO {name}",
        f"ALTER DATABASE template1 OWNER TO {name}",
    )


def create_database(server: Server, name: str, owner: str) -> None:
    """Make a database of the administrator's, unless it is there from the beginning."""
    if name not in server.run("SELECT datname FROM pg_database").splitlines():
        server.run(f"CREATE DATABASE {_identifier(name)} OWNER {_identifier(owner)}")


def set_password(server: Server, user: str, verifier: str) -> None:
    """Give a user another password, of which only this is known."""
    server.run(f"ALTER ROLE {_identifier(user)} PASSWORD '{verifier}'")


def _identifier(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
