"""What can go wrong with the reporting user, as one tree under that of custom resources.

RefusedError
└── ReportingUserError
    ├── PropertiesError   the properties cannot be used: every problem in them at once
    ├── SecretError       a secret that cannot be read, or lacks something
    ├── UnreachableError  the server does not answer, is not who it should be, or lets nobody in
    │   └── NoDatabaseError  it has no such database
    ├── StatementError    the server refused a statement
    └── ForeignRoleError  a role of that name is somebody else's: it is left alone

No message holds a password: of the server's own words only those are taken that never quote one.
"""

from __future__ import annotations

from ..custom_resource import RefusedError


class ReportingUserError(RefusedError):
    """Base of all errors whose message says everything that an operator needs."""


class PropertiesError(ReportingUserError):
    """Properties that are missing or cannot be used."""


class SecretError(ReportingUserError):
    """A secret that cannot be read, or that lacks something."""


class UnreachableError(ReportingUserError):
    """A server that nobody can work with now."""


class NoDatabaseError(UnreachableError):
    """A database that the server has not, or no longer."""


class StatementError(ReportingUserError):
    """A statement that the server refused."""

    def __init__(self, message: str, state: str = "") -> None:
        super().__init__(message)
        self.state = state
        """https://www.postgresql.org/docs/current/errcodes-appendix.html"""


class ForeignRoleError(ReportingUserError):
    """A role that was not made here."""
