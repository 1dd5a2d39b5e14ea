"""How parse and forward look: progress, what is told of each source, and all of it together."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sized
from contextlib import contextmanager
from io import TextIOWrapper
from typing import TextIO

from rich import box
from rich.console import Console
from rich.filesize import decimal
from rich.progress import (
    BarColumn,
    DownloadColumn,
    ProgressColumn,
    Task,
    TaskID,
    TimeRemainingColumn,
    TransferSpeedColumn,
)
from rich.progress import Progress as Bar
from rich.table import Column, Table
from rich.text import Text

from infra.processing.outcome import Counts, Outcome, Result, State
from infra.processing.progress import Began, Ended, Identified, Passed, Progress, Tell
from infra.processing.sources import Source
from infra.words import counted, printable

_FEW = 12
"""Sources that have a row each."""
_COUNTS = ("read", "delivered", "filtered", "rejected")
_BAR_WIDTH = 20


def console(file: TextIO) -> Console:
    """A console that takes any name, whatever the stream's encoding."""
    if isinstance(file, TextIOWrapper):
        file.reconfigure(errors="backslashreplace")
    return Console(file=file, highlight=False, markup=False, emoji=False)


@contextmanager
def progress(
    console: Console, found: Iterable[Source], *, quiet: bool, bar: bool
) -> Iterator[Tell]:
    """Tell what is to say of each source, and on a terminal how far it is, unless quiet."""
    if quiet:
        yield lambda _: None
        return
    if not (bar and console.is_terminal):
        yield lambda value: _tell(console, value)
        return
    columns = (_Name(), BarColumn(_BAR_WIDTH), DownloadColumn(), TransferSpeedColumn())
    with Bar(
        *columns,
        _Sources(),
        TimeRemainingColumn(),
        console=console,
        transient=True,
        redirect_stdout=False,
        redirect_stderr=False,
    ) as shown:
        listed = list(found) if isinstance(found, Sized) else None
        total = None if listed is None else sum(each.size or 0 for each in listed)
        of = None if listed is None else len(listed)
        task = shown.add_task("", total=total, done=0, of=of, identified=0)
        yield lambda value: _advance(shown, task, value)


def show(console: Console, result: Result, delivered: str) -> None:
    """Print a row for each source where there are few, and what all of them come to."""
    if 1 < len(result.outcomes) <= _FEW and not result.left_out:
        console.print(_table(result, console.width, delivered))
        console.print()
    for line in _totals(result, delivered):
        console.print(line, soft_wrap=True)


class _Name(ProgressColumn):
    """What is worked on; of a long name the end, where logs of one place differ."""

    def __init__(self) -> None:
        super().__init__(Column(no_wrap=True, ratio=1))

    def render(self, task: Task) -> Text:
        identified = task.fields["identified"]
        doing = f" ({decimal(identified)} for its id)" if identified else ""
        name = _short(task.description, 40)
        return Text(name + doing, no_wrap=True, overflow="ellipsis")


class _Sources(ProgressColumn):
    def render(self, task: Task) -> Text:
        of = task.fields["of"]
        done = task.fields["done"]
        return Text(f"{done:,} done" if of is None else f"{done:,}/{of:,}")


def _advance(shown: Bar, task: TaskID, value: Progress) -> None:
    match value:
        case Began(name):
            shown.update(task, description=name, identified=0)
        case Identified(number):
            identified = shown.tasks[task].fields["identified"]
            shown.update(task, identified=identified + number)
        case Passed(number):
            shown.update(task, advance=number, identified=0)
        case Ended():
            shown.update(task, done=shown.tasks[task].fields["done"] + 1)
            _tell(shown.console, value)


def _tell(console: Console, value: Progress) -> None:
    if isinstance(value, Ended) and (lines := list(_said(value.outcome))):
        console.print(Text("\n").join(lines), soft_wrap=True)


def _said(outcome: Outcome) -> Iterator[Text]:
    """What is to say of a source besides its counts."""
    name = printable(outcome.name)
    if outcome.state is not State.DONE:
        style = "dim" if outcome.state is State.SKIPPED else "red"
        why = f": {printable(outcome.said)}" if outcome.said else ""
        yield Text(f"{name}: {outcome.state}{why}", style)
    if outcome.counts.rejected:
        rejected = f"{name}: {counted(outcome.counts.rejected, 'line')} rejected"
        none = "" if outcome.counts.rejected < outcome.counts.read else ", which is all of it"
        yield Text(f"{rejected}{none}; the first:", "yellow")
        for offset, reason in outcome.rejections:
            yield Text(f"  at byte {offset:,}: {printable(reason)}")


def _table(result: Result, width: int, delivered: str) -> Table:
    rows = [(_kind(each.kind), *_cells(each.counts), each.state) for each in result.outcomes]
    heads = ("kind", "read", delivered, "filtered", "rejected", "outcome")
    footers = ("", *_cells(result.counts), "")
    taken = sum(max(map(len, column)) + 2 for column in zip(heads, footers, *rows, strict=True))
    table = Table(
        box=box.SIMPLE_HEAD, show_edge=False, show_footer=True, pad_edge=False, padding=(0, 1, 0, 0)
    )
    table.add_column("source", footer="total", no_wrap=True)
    for number, (head, footer) in enumerate(zip(heads, footers, strict=True)):
        right = 0 < number <= len(_COUNTS)
        table.add_column(head, footer=footer, justify="right" if right else "left", no_wrap=True)
    for each, cells in zip(result.outcomes, rows, strict=True):
        name = _short(each.name, max(width - taken, 16))
        table.add_row(Text(name), *cells[:-1], Text(cells[-1], _style(each)))
    return table


def _kind(kind: str | None) -> str:
    return "mixed" if kind and "+" in kind else kind or ""


def _cells(counts: Counts) -> tuple[str, ...]:
    return tuple(f"{getattr(counts, name):,}" for name in _COUNTS)


def _style(each: Outcome) -> str:
    return {State.DONE: "green", State.SKIPPED: "dim"}.get(each.state, "bold red")


def _short(name: str, width: int) -> str:
    """The name's end where it is long: there logs of one place differ."""
    shown = printable(name)
    return shown if len(shown) <= width else "..." + shown[3 - width :]


def _totals(result: Result, delivered: str) -> Iterator[Text | str]:
    yield _sources(result)
    if result.rule_counts:
        rules = result.rule_counts.most_common()
        yield "by rule: " + ", ".join(f"{printable(name)} {number:,}" for name, number in rules)
    if result.stopped is not None:
        yield Text(f"ended early: {result.stopped}{_untried(result)}", "bold red")
    if result.interrupted:
        yield Text(f"interrupted{_untried(result)}", "bold red")
    counts = result.counts
    sum_of = f"{counts.delivered:,} {delivered} + {counts.filtered:,} filtered"
    sum_of += f" + {counts.rejected:,} rejected"
    if result.accounted:
        style = "bold yellow" if counts.rejected else "bold green"
        yield Text(f"every line accounted for: {counts.read:,} read = {sum_of}", style)
    else:
        sum_of += f" + {counts.unconfirmed:,} unconfirmed"
        yield Text(f"NOT everything is accounted for: {counts.read:,} read = {sum_of}", "bold red")


def _sources(result: Result) -> str:
    states = ", ".join(f"{n:,} {state}" for state, n in sorted(result.states.items()))
    speed = f"{result.seconds:,.1f} s, {result.lines_per_second:,.0f} lines/s"
    return f"{counted(result.sources, 'source')}{f': {states}' if states else ''}; {speed}"


def _untried(result: Result) -> str:
    if result.untried is None:
        return "; what was left has not been tried"
    return f"; {counted(result.untried, 'source')} left untried" if result.untried else ""
