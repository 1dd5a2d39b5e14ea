"""@cloud-copilot/iam-simulate: AWS's evaluation of policies, as one process for many requests.

It is AGPL: the tests run it as a program of its own, and nothing is linked to it or ships it.
"""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from tests.conftest import unavailable
from tests.fetching import cached, run

HERE = Path(__file__).parent
PACKAGES = ("package.json", "package-lock.json")


@dataclass(frozen=True)
class Answer:
    """What AWS would say to one request."""

    result: str
    """Allowed, ImplicitlyDenied (nothing allows it) or ExplicitlyDenied."""
    allowing: tuple[str, ...]
    """The statements that allow it, `policy: Sid`."""
    denying: tuple[str, ...]
    """The statements that deny it."""
    blocked: tuple[str, ...]
    """Kinds of policies that let it through nowhere, such as `vpce`."""

    @property
    def allowed(self) -> bool:
        """Whether it is done."""
        return self.result == "Allowed"

    def __str__(self) -> str:
        """The answer and who decided it."""
        kinds = tuple(f"the policy of the {kind}" for kind in self.blocked)
        by = self.allowing if self.allowed else self.denying or kinds
        return f"{self.result} by {', '.join(by) or 'no statement'}"


def answers(simulations: Sequence[dict[str, Any]]) -> list[Answer]:
    """All of them in one process, in the same order; a request that AWS does not have is an error.

    So is one with a circumstance that AWS does not tell policies about: such a row proves nothing.
    """
    command = (_tool("node"), str(HERE / "simulate.mjs"), str(_installed()))
    done = subprocess.run(
        command, input=json.dumps(simulations), capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    for asked, said in zip(simulations, found, strict=True):
        assert "error" not in said, f"{asked['request']}: {said['error']}"
        assert said["ignored"] == [], f"{asked['request']}: AWS knows no {said['ignored']} here"
    return [
        Answer(
            result=said["result"],
            allowing=tuple(said["allowing"]),
            denying=tuple(said["denying"]),
            blocked=tuple(said["blocked"]),
        )
        for said in found
    ]


def _tool(name: str) -> str:
    found = shutil.which(name)
    if found is None:
        unavailable(f"{name} not found: the policies are evaluated with Node.js (18 or newer)")
    return found


def _installed() -> Path:
    """The folder with the packages of package-lock.json, installed once for each state of it."""
    npm = _tool("npm")
    locked = sha256(b"".join((HERE / name).read_bytes() for name in PACKAGES)).hexdigest()[:16]

    def fetch(scratch: Path) -> Path:
        folder = scratch / "packages"
        folder.mkdir()
        for name in PACKAGES:
            shutil.copy(HERE / name, folder)
        run(npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", cwd=folder)
        return folder

    return cached(f"policies-{locked}", "@cloud-copilot/iam-simulate from npm", fetch)
