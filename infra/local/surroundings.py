"""The environment variables of the local AWS: only what it needs, none of the user's AWS ones."""

from __future__ import annotations

import os
import site
from collections.abc import Mapping

ACCOUNT = "123456789012"
ACCESS_KEY = "test"
SECRET_KEY = "test"  # noqa: S105 - MiniStack's fixed root key, worth nothing elsewhere

RDS_CA = "rds-ca.pem"
"""In the folder of a local AWS: the authority of its database servers' certificates."""

# What Python itself needs to find its modules and to speak the user's language.
_KEPT = ("LANG", "LC_ALL", "LC_CTYPE", "LD_LIBRARY_PATH", "PATH", "PYTHONPATH", "TMPDIR", "TZ")


def surroundings(region: str, user: Mapping[str, str]) -> dict[str, str]:
    """The child's whole environment; `user` is the environment of whoever starts it."""
    kept = {name: user[name] for name in _KEPT if name in user}
    return {
        **kept,
        "AUTH": "true",
        "AWS_ACCESS_KEY_ID": ACCESS_KEY,
        "AWS_SECRET_ACCESS_KEY": SECRET_KEY,
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_DEFAULT_REGION": region,
        "AWS_EC2_METADATA_DISABLED": "true",
        # MiniStack listens on every interface unless it is told otherwise.
        "BIND_HOST": "127.0.0.1",
        # It removes other MiniStacks' containers when it finds a daemon: it shall find none.
        "DOCKER_HOST": "unix:///nonexistent",
        "IOT_MTLS_ENABLED": "0",
        "MINISTACK_ACCOUNT_ID": ACCOUNT,
        "MINISTACK_HOST": "127.0.0.1",
        "MINISTACK_REGION": region,
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONUNBUFFERED": "1",
        # HOME is another one, and the user's own packages may hang on it.
        "PYTHONUSERBASE": site.getuserbase(),
        "SFTP_ENABLED": "0",
    }
