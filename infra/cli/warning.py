"""What somebody should know of an environment before it is deployed, although nothing is wrong."""

from __future__ import annotations

import sys
from datetime import UTC, datetime

from infra.config import Environment
from infra.lint import approvals


def warn(environment: Environment) -> None:
    """Say on stderr which approvals have come to their end, or soon will."""
    for line in approvals.warnings(environment, datetime.now(UTC).date()):
        print(f"warning: {line}", file=sys.stderr)
