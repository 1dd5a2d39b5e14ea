"""The plan for one database: schemas, what is in them, and what will be."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator

from . import sql
from .acting import DATABASE_OWNER, Acting
from .plan import Draft, Plan, portions
from .state import KINDS, DatabaseState, DefaultPrivileges, Relation, Schema

_SELECT, _USAGE = frozenset({"SELECT"}), frozenset({"USAGE"})
_READ_KINDS = ("r", "S")
_PREDEFINED = "pg_"
"""https://www.postgresql.org/docs/current/predefined-roles.html"""


def database_plan(
    role: str,
    database: str,
    schemas: Collection[str],
    owners: Collection[str],
    acting: Acting,
    state: DatabaseState,
    *,
    revoke_public: bool = False,
) -> Plan:
    """Return what lets the role read these schemas of the database, and nothing else in it."""
    planner = _Planner(role, database, schemas, acting, state)
    planner.usage()
    if revoke_public:
        planner.public()
    planner.reading()
    planner.later(owners)
    return planner.draft.finished(database)


def database_removal(role: str, database: str, acting: Acting, state: DatabaseState) -> Plan:
    """Return what takes all privileges in the database from the role, which owns nothing in it."""
    planner = _Planner(role, database, (), acting, state)
    planner.usage()
    planner.reading()
    planner.later(())
    if state.mentioned:
        # It owns nothing: this takes its privileges on whatever else there is.
        planner.draft.add(f"DROP OWNED BY {sql.identifier(role)}")
        planner.draft.act_for({role, *map(planner.owner, state.others)})
    return planner.draft.finished(database)


class _Planner:
    def __init__(
        self,
        role: str,
        database: str,
        schemas: Collection[str],
        acting: Acting,
        state: DatabaseState,
    ) -> None:
        self.draft = Draft(acting)
        self._role, self._database, self._schemas = role, database, schemas
        self._acting, self._state = acting, state
        self._quoted = sql.identifier(role)

    def owner(self, name: str) -> str:
        """Return the role that is meant."""
        is_alias = name == DATABASE_OWNER
        return self._acting.state.databases[self._database].owner if is_alias else name

    def usage(self) -> None:
        for name in self._schemas:
            if name not in self._state.schemas:
                self.draft.missing(f"schema {name} is not there yet in database {self._database}")
        for schema in self._state.schemas.values():
            words = f"schema {schema.name} of database {self._database} cannot be opened or closed"
            self.draft.add_for(self.owner(schema.owner), self._on_schema(schema), words)

    def public(self) -> None:
        for schema in self._state.schemas.values():
            owner, where = self.owner(schema.owner), f"ON SCHEMA {sql.identifier(schema.name)}"
            heirs = [name for name in self._acting.state.heirs(owner) if name != self._role]
            if schema.open_to_all:
                given = [f"GRANT CREATE {where} TO {sql.identifiers(heirs)}"] if heirs else []
                taken = f"REVOKE CREATE {where} FROM PUBLIC"
                words = f"everybody may create tables in {self._database}, schema {schema.name}"
                self.draft.add_for(owner, [*given, taken], words)

    def reading(self) -> None:
        by_owner: defaultdict[str, list[Relation]] = defaultdict(list)
        for relation in self._state.relations:
            by_owner[self.owner(relation.owner)].append(relation)
        for owner, relations in by_owner.items():
            if not self._acting.can_be(owner):
                # Extensions' tables belong to the superuser, who lets everybody read them.
                relations = [each for each in relations if not self._is_readable_enough(each)]
            self.draft.add_for(owner, self._on_relations(relations), self._in_words(relations))

    def later(self, owners: Collection[str]) -> None:
        found = {(each.owner, each.schema, each.kind): each for each in self._state.defaults}
        wanted = set(self._wanted_defaults(owners))
        for each in found.values():
            key = (each.owner, each.schema, each.kind)
            if key not in wanted or each.privileges != _SELECT:
                self._drop_default(each)
        fine = {key for key, each in found.items() if each.privileges == _SELECT}
        grouped: defaultdict[tuple[str, str], list[str]] = defaultdict(list)
        for owner, schema, kind in sorted(wanted - fine):
            grouped[owner, kind].append(schema)
        for (owner, kind), schemas in grouped.items():
            where = f"FOR ROLE {sql.identifier(owner)} IN SCHEMA {sql.identifiers(schemas)}"
            grant = f"GRANT SELECT ON {KINDS[kind]} TO {self._quoted}"
            words = f"what {owner} makes later in database {self._database} will not be readable"
            self.draft.add_for(owner, [f"ALTER DEFAULT PRIVILEGES {where} {grant}"], words)

    def _on_schema(self, schema: Schema) -> Iterator[str]:
        wanted = _USAGE if schema.name in self._schemas else frozenset()
        where = f"ON SCHEMA {sql.identifier(schema.name)}"
        if schema.privileges - wanted:
            yield f"REVOKE ALL {where} FROM {self._quoted}"
        if wanted and schema.privileges != wanted:
            yield f"GRANT USAGE {where} TO {self._quoted}"

    def _on_relations(self, relations: list[Relation]) -> Iterator[str]:
        for sequence, word in ((False, "TABLE"), (True, "SEQUENCE")):
            some = [each for each in relations if each.sequence is sequence]
            taken = [_name(each) for each in some if self._has_too_much(each)]
            for names in portions(taken):
                yield f"REVOKE ALL ON {word} {names} FROM {self._quoted}"
            given = [_name(each) for each in some if self._has_not_enough(each)]
            for names in portions(given):
                yield f"GRANT SELECT ON {word} {names} TO {self._quoted}"

    def _wants(self, relation: Relation) -> frozenset[str]:
        return _SELECT if relation.schema in self._schemas else frozenset()

    def _has_too_much(self, relation: Relation) -> bool:
        return relation.on_columns or bool(relation.privileges - self._wants(relation))

    def _has_not_enough(self, relation: Relation) -> bool:
        """Also what REVOKE ALL has just taken away."""
        wanted = self._wants(relation)
        return bool(wanted) and (relation.privileges != wanted or relation.on_columns)

    def _is_readable_enough(self, relation: Relation) -> bool:
        return relation.readable and not self._has_too_much(relation)

    def _in_words(self, relations: list[Relation]) -> str:
        names = [f"{each.schema}.{each.name}" for each in relations]
        more = f" and {len(names) - 3} more" if len(names) > 3 else ""
        listed = ", ".join(names[:3])
        return f"privileges on {listed}{more} in database {self._database} cannot be set"

    def _wanted_defaults(self, owners: Collection[str]) -> Iterator[tuple[str, str, str]]:
        logins = self._acting.state.logins
        for name in owners:
            if name not in logins:
                self.draft.missing(f"owner {name} is not there yet")
        for schema in self._schemas:
            if schema not in self._state.schemas:
                continue
            makers = {self.owner(name) for name in self._state.creators.get(schema, ())}
            for name in sorted(makers | {name for name in owners if name in logins}):
                if self._makes_tables(name, named=name in owners):
                    yield from ((name, schema, kind) for kind in _READ_KINDS)

    def _makes_tables(self, name: str, *, named: bool) -> bool:
        """Whether something is to be done about the tables that a role makes later."""
        if name == self._role or name.startswith(_PREDEFINED):
            return False
        is_superuser = self._acting.state.logins[name].superuser
        return named or not is_superuser or self._acting.can_be(name)

    def _drop_default(self, each: DefaultPrivileges) -> None:
        where = f"FOR ROLE {sql.identifier(each.owner)}"
        if each.schema is not None:
            where += f" IN SCHEMA {sql.identifier(each.schema)}"
        revoke = f"REVOKE ALL ON {KINDS[each.kind]} FROM {self._quoted}"
        words = f"what {each.owner} makes later in database {self._database} is readable as before"
        self.draft.add_for(each.owner, [f"ALTER DEFAULT PRIVILEGES {where} {revoke}"], words)


def _name(relation: Relation) -> str:
    return sql.qualified(relation.schema, relation.name)
