"""How the demo looks: progress while it works, and its result as a table."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Literal

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from infra.local.demo import Local
from infra.local.outcome import DELIVERED, FAILED, SKIPPED, ObjectOutcome, Result
from infra.local.progress import Began, Changed, Finished, Noted, Progress, Tell, Told
from infra.words import counted, object_name, printable

_NAME_WIDTH = 18
"""The least that a name gets, however narrow the console."""
_GAP = 2
_SHORT = {"alb-connection": "alb conn.", "alb-health-check": "alb health"}
"""Kinds whose names would leave none for the objects'."""
_LINE_WIDTH = 400
_SHOWN = 10


@contextmanager
def progress(console: Console) -> Iterator[Tell]:
    """Tell progress: a spinner on a terminal, else one line for each step and object."""
    if not console.is_terminal:
        yield lambda value: _plain(console, value)
        return
    with console.status("") as status:

        def tell(value: Progress) -> None:
            if isinstance(value, Noted):
                console.print(Text(_line(value), "yellow"))
            elif isinstance(value, Finished):
                console.print(Text.assemble(("✓ ", "green"), _line(value)))
            else:
                status.update(Text(_line(value), overflow="ellipsis", no_wrap=True))

        yield tell


def show(console: Console, result: Result) -> None:
    """Print the table, one event and the verdict."""
    console.print(_table(result, console.width, _ellipsis(console)))
    for line in (
        "",
        *_counts(result),
        "",
        *_event(result),
        *_rejections(result),
        *_verdict(result),
    ):
        console.print(line, soft_wrap=True)


def hints(local: Local, folder: str, stack: str) -> str:
    """How to look at what is running, for a shell."""
    here, keys = local.emulator, local.emulator.credentials
    return f"""
Everything keeps running until Ctrl-C. To look at it, in another terminal:

  unset AWS_PROFILE AWS_SESSION_TOKEN
  export AWS_ENDPOINT_URL={here.endpoint_url} AWS_DEFAULT_REGION={here.region}
  export AWS_ACCESS_KEY_ID={keys.access_key} AWS_SECRET_ACCESS_KEY={keys.secret_key}

  aws cloudformation describe-stack-resources --stack-name {stack} --output table
{_log_hints(local, folder) if local.outputs else ""}"""


def _log_hints(local: Local, folder: str) -> str:
    bucket, group = local.outputs["BucketName"], local.outputs["LogGroupName"]
    events = local.receiver.events_file if local.receiver else None
    queue = local.outputs.get("QueueUrl", local.outputs["DeadLetterQueueUrl"])
    received = f"\n  tail -f {events}   # what the receiver got\n" if events else ""
    return f"""\
  aws s3 ls --recursive s3://{bucket}
  aws s3 cp FILE s3://{bucket}/{folder}
  aws logs filter-log-events --log-group-name {group} --query 'events[].message'
  aws sqs get-queue-attributes --attribute-names All --queue-url {queue}
{received}"""


def _plain(console: Console, value: Progress) -> None:
    failed = isinstance(value, Changed) and value.event.failed
    if failed or isinstance(value, Noted | Finished | Told):
        console.print(_line(value), soft_wrap=True)


def _line(value: Progress) -> str:
    text = printable(str(value))
    return f"{text} …" if isinstance(value, Began) else text


def _table(result: Result, width: int, ellipsis: str) -> Table:
    """As wide as the console: the names get what the other columns leave."""
    names = _counted(result)
    heads = ("kind", *names, "outcome")
    rows = [_cells(each, names) for each in result.objects]
    totals = ("", *(f"{result.total(name):,}" for name in names), "")
    taken = sum(
        max(len(cell) for cell in (head, total, *column)) + _GAP
        for head, total, column in zip(heads, totals, zip(*rows, strict=True), strict=True)
    )
    table = Table(
        box=box.SIMPLE_HEAD, show_edge=False, show_footer=True, pad_edge=False, padding=(0, 1, 0, 0)
    )
    table.add_column("object", footer="total", no_wrap=True)
    for head, total in zip(heads, totals, strict=True):
        justify: Literal["left", "right"] = "right" if head in names else "left"
        table.add_column(head, footer=total, justify=justify, no_wrap=True)
    for each, cells in zip(result.objects, rows, strict=True):
        name = _short(each.file.key, max(width - taken, _NAME_WIDTH), ellipsis)
        table.add_row(Text(name), *cells[:-1], Text(cells[-1], _style(each)))
    return table


def _counted(result: Result) -> tuple[str, ...]:
    """The counts that are shown; without a filter there is nothing to say of it."""
    filtered = ("filtered",) if result.total("filtered") else ()
    return ("read", "delivered", *filtered, "rejected")


def _cells(each: ObjectOutcome, names: Sequence[str]) -> tuple[str, ...]:
    last = each.last
    counts = (f"{getattr(last, name):,}" if last else "" for name in names)
    return (_SHORT.get(last.kind, last.kind) if last else "", *counts, each.outcome)


def _style(each: ObjectOutcome) -> str:
    return {DELIVERED: "green", SKIPPED: "dim"}.get(each.outcome, "bold red")


def _short(key: str, width: int, ellipsis: str) -> str:
    """The object's name, its middle left out when long."""
    name = printable(object_name(key))
    if len(name) <= width:
        return name
    end = width // 2
    return name[: width - end - len(ellipsis)] + ellipsis + name[-end:]


def _ellipsis(console: Console) -> str:
    return "…" if console.encoding.lower().startswith("utf") else "..."


def _counts(result: Result) -> Iterator[str]:
    speed = f"{result.lines_per_second:,.0f} lines/s, put to confirmed"
    if result.received is None:
        yield f"sent to your own receiver: {counted(result.sent, 'event')} ({speed})"
    else:
        yield f"decoded by the receiver: {counted(result.received.events, 'event')} ({speed})"
    repeated = sum(len(each.attempts) > 1 for each in result.objects)
    if repeated:
        yield f"{counted(repeated, 'object')} took more than one attempt"
    if result.received and result.received.repeated:
        yield f"{counted(result.received.repeated, 'event')} came again, each with its id"


def _event(result: Result) -> Iterator[str]:
    if result.first_event is None:
        return
    yield "the first event, as the receiver decoded it:"
    event = json.dumps(json.loads(result.first_event), indent=2, ensure_ascii=False)
    for line in event.split("\n"):
        yield printable(line)[:_LINE_WIDTH]
    yield ""


def _rejections(result: Result) -> Iterator[str]:
    found = [
        f"  {_short(each.file.key, _NAME_WIDTH + 16, '...')} at byte {one.offset:,}: "
        + printable(one.reason)
        for each in result.objects
        if each.last
        for one in each.last.rejections
    ]
    if found:
        yield "the first rejected lines:"
        yield from found[:_SHOWN]
        yield ""


def _verdict(result: Result) -> Iterator[Text]:
    if result.accounted:
        _, *parts = _counted(result)
        sum_of = " + ".join(f"{result.total(name):,} {name}" for name in parts)
        line = f"every line accounted for: {result.total('read'):,} read = {sum_of}"
        yield Text(line, "bold green")
        return
    yield Text("NOT every line is accounted for:", "bold red")
    for problem in result.problems[:_SHOWN]:
        yield Text(f"  {printable(problem)}")
    if more := result.problems[_SHOWN:]:
        yield Text(f"  … and {len(more)} more")
    if any(each.outcome == FAILED for each in result.objects):
        yield Text("A failed object would be tried again later; the demo does not wait for that.")
    if result.last_words:
        yield Text(f"the local AWS logged last:\n{result.last_words}")
