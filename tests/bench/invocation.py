"""One invocation of the function in a process of its own, which says what it took.

python -m tests.bench.invocation KEY      settings come from the environment, as in Lambda
"""

from __future__ import annotations

import io
import json
import re
import sys
import time
from contextlib import redirect_stdout
from pathlib import Path

from lambda_src.log_processor.handler import handle


class Context:
    """Lambda's context object, of an invocation that may take its time."""

    aws_request_id = "bench"

    def get_remaining_time_in_millis(self) -> int:
        """Return Lambda's longest time."""
        return 900_000


def main() -> None:
    """Process one object and print a line of JSON."""
    record = {
        "eventName": "ObjectCreated:Put",
        "s3": {"bucket": {"name": "logs"}, "object": {"key": sys.argv[1]}},
    }
    message = {
        "messageId": "1",
        "eventSource": "aws:sqs",
        "attributes": {"ApproximateReceiveCount": "1"},
        "body": json.dumps({"Records": [record]}),
    }
    log = io.StringIO()
    start = time.process_time()
    with redirect_stdout(log):
        response = handle({"Records": [message]}, Context())
    seconds = time.process_time() - start
    assert response == {"batchItemFailures": []}, log.getvalue()
    summary = json.loads(log.getvalue())
    print(json.dumps({"seconds": seconds, "mebibytes": _peak(), "lines": summary["delivered"]}))


def _peak() -> float:
    """Return the most memory that this process ever had, in MiB.

    Linux lets getrusage begin with what the parent had.
    """
    status = Path("/proc/self/status").read_text()
    found = re.search(r"VmHWM:\s+([0-9]+) kB", status)
    assert found is not None
    return int(found[1]) / 1024


if __name__ == "__main__":
    main()
