"""The secrets of the servers' users, each with a password that nobody has chosen."""

from __future__ import annotations

from dataclasses import dataclass

from troposphere import Ref, secretsmanager

from infra import rules
from infra.blocks.postgres_secrets import generated_secret
from infra.config import Database
from infra.naming import secret_folder
from infra.stacks.draft import Draft

_FOLDER = secret_folder("${AWS::StackName}")


@dataclass(frozen=True, kw_only=True)
class User:
    """Somebody who logs in, and the secret that has the name and the password."""

    name: Ref
    secret: secretsmanager.Secret


@dataclass(frozen=True, kw_only=True)
class Users:
    """The users that a server begins with."""

    administrator: User
    reporting: User | None


def users(draft: Draft, settings: Database) -> Users:
    """Declare them."""
    with draft.group("Users"):
        return Users(
            administrator=_administrator(draft, settings), reporting=_reporting(draft, settings)
        )


def _administrator(draft: Draft, settings: Database) -> User:
    name = draft.text(
        "MasterUsername",
        settings.master_username,
        rules.MASTER_USERNAME,
        "The administrator; another one replaces the master",
    )
    secret = generated_secret(
        draft.template,
        "MasterSecret",
        name=f"{_FOLDER}master",
        description="Administrator of the database",
        username=name,
    )
    return User(name=name, secret=secret)


def _reporting(draft: Draft, settings: Database) -> User | None:
    """The user that reads, whose secret is named after it: another user has another secret.

    That is how the custom resource notices, and how CloudFormation comes to remove the old one.
    """
    if settings.reporting_user is None:
        return None
    name = draft.text(
        "ReportingUsername",
        settings.reporting_user.name,
        rules.REPORTING_USERNAME,
        "The user that reads; another one makes another user and another secret",
    )
    secret = generated_secret(
        draft.template,
        "ReportingSecret",
        name=f"{_FOLDER}reporting/${{ReportingUsername}}",
        description="User that reads from the database, and can do nothing else",
        username=name,
    )
    return User(name=name, secret=secret)
