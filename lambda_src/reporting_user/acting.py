"""On whose behalf the administrator may act, and how it comes to that and gives it up again.

Only who owns something can grant it away, and PostgreSQL says no more than a warning to whoever
else tries. A role's owner is not enough for RDS's administrator, which is no superuser: it has to
inherit the owner's privileges. It becomes a member for the one transaction that needs it, which
nobody else ever sees. To stay one could lock it out: RDS lets no member of a member of `rds_iam`
in by password. https://github.com/crossplane-contrib/provider-sql/issues/359

Up to 15 CREATEROLE is enough to make oneself a member of any role that is no superuser. From 16 on
the ADMIN option on the role is needed, which its creator has.
https://www.postgresql.org/docs/16/role-attributes.html
On RDS members of rds_superuser need none of that:
https://github.com/gravitational/teleport/pull/48897
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from . import sql
from .state import Login, ServerState

DATABASE_OWNER = "pg_database_owner"
"""Whoever owns the current database. https://www.postgresql.org/docs/current/predefined-roles.html"""

_RDS = "rds_superuser"
_OPTIONS_SINCE = 16


@dataclass(frozen=True)
class Acting:
    """What the administrator can become, and how."""

    state: ServerState
    refused: frozenset[str] = frozenset()
    """Roles that the server did not let it become, whatever the catalogues say."""

    def can_be(self, name: str) -> bool:
        """Whether it can act for the role."""
        login = self.state.logins.get(name)
        return login is not None and (login.used or self._can_join(login))

    def joins(self, names: Iterable[str]) -> dict[str, str]:
        """Return the statements that make the administrator act for the roles, with each role."""
        return {self._join(login): login.name for login in self._to_join(names)}

    def leaves(self, names: Iterable[str]) -> tuple[str, ...]:
        """Return the statements that make the memberships what they were."""
        return tuple(self._leave(login) for login in self._to_join(names))

    def advice(self, name: str) -> str:
        """Return what would let it act for a role that it cannot act for."""
        login = self.state.logins.get(name)
        if login is None:
            return "there is no such role"
        if login.superuser:
            return f"{name} is a superuser: only a superuser can act for it"
        administrator = sql.identifier(self.state.administrator.name)
        return (
            f"run, as a role that may: GRANT {sql.identifier(name)} TO {administrator}"
            f"{' WITH ADMIN OPTION' if self._has_options else ''}"
        )

    @property
    def _has_options(self) -> bool:
        return self.state.major >= _OPTIONS_SINCE

    def _can_join(self, login: Login) -> bool:
        administrator = self.state.administrator
        if login.superuser or login.name in self.refused:
            return False
        if not self._has_options:
            may = administrator.creates_roles or login.administered
            return may and administrator.inherits
        of_rds = self.state.logins.get(_RDS)
        return login.administered or (of_rds is not None and of_rds.used)

    def _to_join(self, names: Iterable[str]) -> list[Login]:
        logins = (self.state.logins[name] for name in sorted(set(names)))
        return [login for login in logins if not login.used]

    def _join(self, login: Login) -> str:
        grant = f"GRANT {sql.identifier(login.name)} TO CURRENT_USER"
        if not self._has_options:
            return grant
        # What a membership that stands there allows besides is left as it is.
        return f"{grant} WITH INHERIT TRUE{'' if login.granted else ', SET FALSE'}"

    def _leave(self, login: Login) -> str:
        if self._has_options and login.granted:
            return f"GRANT {sql.identifier(login.name)} TO CURRENT_USER WITH INHERIT FALSE"
        return f"REVOKE {sql.identifier(login.name)} FROM CURRENT_USER"
