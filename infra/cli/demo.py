"""`infra demo`: everything on this machine, no account needed."""

from __future__ import annotations

import sys
import threading
from contextlib import ExitStack, suppress
from io import TextIOWrapper
from pathlib import Path
from typing import Annotated, TextIO, get_args

import typer
from rich.console import Console

from infra import rules
from infra.assembly import assemble
from infra.cli import database_transcript, transcript
from infra.cli.ending import Ended, ending_on_signals
from infra.config import Environment, Protocol, load
from infra.errors import InputError
from infra.local import analysts, database_here, log_files, report, sample
from infra.local import demo as engine
from infra.local.database_outcome import Shown
from infra.local.demo import Local
from infra.local.differences import Address, for_receiver
from infra.local.outcome import Result
from infra.local.progress import Noted, Tell
from infra.model import Assembly
from infra.stacks import database, log_processor


def demo(
    files: Annotated[
        list[Path] | None,
        typer.Argument(help="Log files of your own, plain or gzip; the same as --file."),
    ] = None,
    file: Annotated[
        list[Path] | None, typer.Option(help="A log file of your own; may be repeated.")
    ] = None,
    env: Annotated[str, typer.Option(help="A shipped environment or a YAML file.")] = "dev",
    to: Annotated[
        str | None,
        typer.Option(
            help="A receiver of your own: tcp://HOST:PORT, or tls://, lumberjack://, lumberjack+tls://."
        ),
    ] = None,
    keep: Annotated[bool, typer.Option("--keep", help="Keep all running until Ctrl-C.")] = False,
    json: Annotated[bool, typer.Option("--json", help="Print the result as JSON.")] = False,
) -> None:
    """Run the environment on this machine: send load balancer logs through it, and read as analyst.

    Creates the stacks in a local AWS, puts log files into the bucket, lets the packaged function
    forward them to a receiver in Logstash's place, and compares what each of them counted. An
    environment with a database gets a real PostgreSQL master and replica, on which the analyst
    reads, is refused to write, and reads what comes later. No account, no container; nothing stays
    behind. Exits with 0 only if every line is accounted for and every answer is the right one.

    \b
    Examples:
      infra demo                             sample traffic, about 20,000 lines
      infra demo --file my.log other.log.gz  log files of your own
      infra demo --keep                      look around afterwards with the aws CLI
      infra demo --to tcp://127.0.0.1:5045   send to your own Logstash
      infra demo --env reporting             a database and its analyst
    """
    chosen = [*(files or ()), *(file or ())]
    log_files.check(chosen)
    address = _address(to) if to else None
    environment, notes = for_receiver(load(env), address)
    _check(environment, address, chosen)
    assembly = assemble(environment)
    talk, results = _console(sys.stderr), _console(sys.stdout)
    with ending_on_signals(), ExitStack() as running:
        with transcript.progress(talk) as tell:
            for note in notes:
                tell(Noted(note))
            local = running.enter_context(engine.environment(assembly, address, tell))
            result = _played(environment, local, chosen, tell)
            shown = _shown(environment, local, tell)
        _show(results, result, shown, json)
        if keep:
            _stay(talk, _hints(environment, assembly, local, shown))
    raise typer.Exit(code(result, shown))


def code(result: Result | None, shown: Shown | None) -> int:
    """0 if every line is accounted for, and every answer of the database is the right one."""
    accounted, holds = result is None or result.accounted, shown is None or shown.holds
    return 0 if accounted and holds else 1


def _check(environment: Environment, to: Address | None, files: list[Path]) -> None:
    """Before anything starts: whether all is here that it takes, and whether it has any use."""
    if environment.log_processor is None and (to or files):
        raise InputError(
            f"Environment {environment.name} has no log processor: nothing reads log files or "
            "sends to a receiver. Leave them out, or name another environment."
        )
    if environment.database is not None:
        database_here.check_installed(environment.database)


def _played(environment: Environment, local: Local, files: list[Path], tell: Tell) -> Result | None:
    settings = environment.log_processor
    return None if settings is None else engine.play(local, files, settings.key_prefix, tell)


def _shown(environment: Environment, local: Local, tell: Tell) -> Shown | None:
    settings = environment.database
    if settings is None:
        return None
    if settings.reporting_user is None:
        tell(Noted("database.reporting_user is not set: nobody is there to read on the replica"))
        return None
    return analysts.show(settings, engine.servers(local, settings), local.aws, tell)


def _address(text: str) -> Address:
    """`tcp://HOST:PORT` as an address; an InputError says what is wrong with anything else."""
    scheme, _, place = text.partition("://")
    host, _, port = place.rpartition(":")
    for protocol in get_args(Protocol):
        if scheme == protocol and rules.HOST.accepts(host) and rules.PORT.accepts(port):
            return Address(host, int(port), protocol)
    schemes = ", ".join(f"{protocol}://" for protocol in get_args(Protocol))
    raise InputError(f"--to {text!r} is no receiver: write tcp://HOST:PORT, with one of {schemes}")


def _console(file: TextIO) -> Console:
    if isinstance(file, TextIOWrapper):
        # File names hold what they like; the encoding of this stream may not.
        file.reconfigure(errors="backslashreplace")
    return Console(file=file, highlight=False, markup=False, emoji=False)


def _show(results: Console, result: Result | None, shown: Shown | None, json: bool) -> None:
    if json:
        results.file.write(report.as_json(result, shown) + "\n")
    else:
        if result is not None:
            transcript.show(results, result)
        if result is not None and shown is not None:
            results.print()
        if shown is not None:
            database_transcript.show(results, shown)
    results.file.flush()


def _hints(environment: Environment, assembly: Assembly, local: Local, shown: Shown | None) -> str:
    logs, settings = environment.log_processor, environment.database
    prefix = logs.key_prefix if logs else ""
    folder = sample.folder(prefix, local.emulator.account, local.emulator.region)
    text = transcript.hints(local, folder, _stack_name(assembly))
    if shown is None or settings is None:
        return text
    return text + database_transcript.hints(engine.servers(local, settings), shown)


def _stack_name(assembly: Assembly) -> str:
    """The log processor's, or else the database's."""
    names = {one.id: one.name for one in assembly.stacks}
    return names.get(log_processor.ID) or names[database.ID]


def _stay(talk: Console, hints: str) -> None:
    """Until a signal comes, which is how this ends and no failure."""
    with suppress(KeyboardInterrupt, Ended):
        talk.print(hints, soft_wrap=True)
        threading.Event().wait()
