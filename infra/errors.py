"""Everything that can go wrong and be said in one message, as one tree.

InfraError
├── SettingsError      an environment file that cannot be used: every problem in it at once
├── NotInstalledError  an optional part that the machine lacks
├── InputError         a file or an argument that cannot be used
└── AwsError           a call that AWS (or the local one) refused, or that did not end

A message says which thing, what is wrong and what to do next. Only `infra/cli` prints it and
chooses the exit code.
"""

from __future__ import annotations

from collections.abc import Sequence


class InfraError(Exception):
    """Base of all errors whose message is meant for the user."""


class SettingsError(InfraError):
    """An environment file that cannot be used; `problems` has one line for each fault."""

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = tuple(problems)


class NotInstalledError(InfraError):
    """An optional part that the machine lacks."""


class InputError(InfraError):
    """A file or an argument that cannot be used."""


class AwsError(InfraError):
    """A call that AWS (or the local one) refused, or that did not end."""
