"""One invocation of the packaged function, in whatever network this process is in.

It reads a scenario on stdin and tells on stdout what came of it.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from .announcements import message, sqs
from .functions import function


def main(scenario: Mapping[str, Any]) -> dict[str, Any]:
    """The function's answer and its summary."""
    folder = Path(scenario["folder"])
    with function(Path(scenario["code"]), scenario["variables"], folder / "function") as invoke:
        answer = invoke(sqs(message("1", scenario["key"])))
        (summary,) = invoke.summaries
    kept = ("outcome", "read", "delivered")
    return {"answer": answer} | {name: summary[name] for name in kept}


if __name__ == "__main__":
    json.dump(main(json.load(sys.stdin)), sys.stdout)
