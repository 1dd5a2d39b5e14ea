"""What a database of the settings is on this machine, and what that takes."""

from __future__ import annotations

from infra.config import Database, Environment, NewNetwork
from infra.local import authority, psql
from infra.local.postgresql_installation import nearest


def for_here(environment: Environment) -> tuple[Environment, list[str]]:
    """The environment with what of its database can be here; and what is different, in words."""
    settings = environment.database
    if settings is None:
        return environment, []
    if not isinstance(environment.network, NewNetwork):
        note = "database is left out: the VPC that it is to stand in is not here"
        return environment.model_copy(update={"database": None}), [note]
    settings, notes = _without_what_is_elsewhere(settings)
    return environment.model_copy(update={"database": settings}), notes


def check_installed(settings: Database) -> None:
    """Raise NotInstalledError unless servers can be started here and talked to."""
    nearest(int(settings.major))
    authority.check_installed()
    psql.check_installed()


def _without_what_is_elsewhere(settings: Database) -> tuple[Database, list[str]]:
    notes = []
    if settings.rotation is not None:
        notes.append("database.rotation is left out: the function that rotates is not here")
        settings = settings.model_copy(update={"rotation": None})
    if any(each.dns for each in settings.replicas):
        notes.append("database.replicas.dns is left out: the hosted zone is not here")
        replicas = tuple(each.model_copy(update={"dns": None}) for each in settings.replicas)
        settings = settings.model_copy(update={"replicas": replicas})
    return settings, notes
