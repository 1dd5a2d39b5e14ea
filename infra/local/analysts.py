"""The demo of a database: an analyst reads on the replica, and can do nothing else there."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass

from infra.aws.services import Aws
from infra.config import Database, ReportingUser
from infra.local.database_outcome import Asked, Shown
from infra.local.database_stage import Servers, Stage, Table, stage
from infra.local.progress import Tell, step
from infra.local.psql import Refusal

_PUBLIC = "public"
"""The schema that a database begins with."""
_OWNER = "shop_app"
"""Who owns tables where the settings name nobody."""
_READ_ONLY = Refusal("read-only transaction")

_SCHEDULED = {
    "version": "0",
    "source": "aws.events",
    "detail-type": "Scheduled Event",
    "detail": dict[str, str](),
}
"""https://docs.aws.amazon.com/eventbridge/latest/ref/events-ref-eventbridge-scheduler.html"""


def show(settings: Database, where: Servers, aws: Aws, tell: Tell) -> Shown:
    """Let application and analyst do what they do, and keep every answer."""
    assert settings.reporting_user is not None
    story = _Story(settings.database_name, settings.reporting_user)
    begin = time.monotonic()
    with stage(where) as here:
        asked = tuple(_asked(story, here, aws, tell))
        return Shown(
            version=here.master.value("SHOW server_version").split()[0],
            wanted_version=settings.engine_version,
            replica=where.replica_name,
            user=where.analyst.user,
            connections={each.database: where.psql(each.database) for each in asked},
            asked=asked,
            seconds=time.monotonic() - begin,
        )


@dataclass(frozen=True)
class _Story:
    """What is played, as far as the settings have names for it."""

    first: str
    """The database that there is from the beginning."""
    user: ReportingUser

    @property
    def owner(self) -> str:
        """Whose tables come later."""
        return self.user.owners[0] if self.user.owners else _OWNER

    @property
    def begins_with_something_to_read(self) -> bool:
        """Whether tables of the first database are granted before there is any."""
        schemas = self.user.databases.get(self.first, ())
        return _PUBLIC in schemas or (self.first in self.user.databases and not schemas)

    @property
    def home(self) -> str:
        """The database that the owner's table comes into."""
        return self.first if self.first in self.user.databases else next(iter(self.user.databases))

    @property
    def later(self) -> str | None:
        """A database that is named and not there yet."""
        return next((each for each in self.user.databases if each != self.first), None)

    def schema(self, database: str) -> str:
        """Where tables of a database go: the last of those named, which often comes later."""
        return (self.user.databases[database] or (_PUBLIC,))[-1]


def _asked(story: _Story, here: Stage, aws: Aws, tell: Tell) -> Iterator[Asked]:
    if story.begins_with_something_to_read:
        with step(tell, "make a table on the master; read it on the replica, as the analyst"):
            orders = here.table(story.first, _PUBLIC, "orders", 1000)
            yield _read(here, "what is there after the create can be read", orders)
    with step(tell, "let an application move in: who owns tables, and where they go"):
        stock = _moved_in(story, here)
    with step(tell, "repeat the grants, as the schedule does"):
        aws.functions.invoke(here.where.function, _SCHEDULED)
        here.wait_for_replica()
    if stock is not None:
        with step(tell, "read what was in a database that is younger than the stack"):
            yield _read(here, "a database made later can be read after the schedule's run", stock)
    with step(tell, "make a table as its owner; read it with nothing run in between"):
        schema = story.schema(story.home)
        invoices = here.table(story.home, schema, "invoices", 250, story.owner)
        yield _read(here, "a table that another owner makes later can be read at once", invoices)
    with step(tell, "try to write on the replica, as the analyst"):
        yield here.asked("a write is refused", story.home, invoices.write, _READ_ONLY)


def _moved_in(story: _Story, here: Stage) -> Table | None:
    """What an application brings: an owner, databases, schemas, a table where all is new."""
    here.role(story.owner)
    for name in dict.fromkeys(filter(None, (story.home, story.later))):
        if name != story.first:
            here.database(name)
        here.schema(name, story.schema(name), story.owner)
    if story.later is None:
        return None
    return here.table(story.later, story.schema(story.later), "stock", 40, story.owner)


def _read(here: Stage, shows: str, table: Table) -> Asked:
    return here.asked(shows, table.database, table.query, table.count)
