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
from infra.cli import transcript
from infra.cli.ending import Ended, ending_on_signals
from infra.config import Protocol, load
from infra.errors import InputError
from infra.local import demo as engine
from infra.local import log_files, report, sample
from infra.local.demo import Address
from infra.local.outcome import Result
from infra.local.progress import Noted
from infra.model import Assembly
from infra.stacks import log_processor


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
    """Run the environment on this machine and send load balancer logs through it.

    Creates the stacks in a local AWS, puts log files into the bucket, lets the packaged function
    forward them to a receiver in Logstash's place, and compares what each of them counted. No
    account, no container; nothing stays behind. Exits with 0 only if every line is accounted for.

    \b
    Examples:
      infra demo                             sample traffic, about 20,000 lines
      infra demo --file my.log other.log.gz  log files of your own
      infra demo --keep                      look around afterwards with the aws CLI
      infra demo --to tcp://127.0.0.1:5045   send to your own Logstash
    """
    chosen = [*(files or ()), *(file or ())]
    log_files.check(chosen)
    address = _address(to) if to else None
    environment, notes = engine.for_receiver(load(env), address)
    assembly = assemble(environment)
    prefix = environment.log_processor.key_prefix if environment.log_processor else ""
    talk, results = _console(sys.stderr), _console(sys.stdout)
    with ending_on_signals(), ExitStack() as running:
        with transcript.progress(talk) as tell:
            for note in notes:
                tell(Noted(note))
            local = running.enter_context(engine.environment(assembly, address, tell))
            result = engine.play(local, chosen, prefix, tell)
        _show(results, result, json)
        if keep:
            folder = sample.folder(prefix, local.emulator.account, local.emulator.region)
            _stay(talk, transcript.hints(local, folder, _stack_name(assembly)))
    raise typer.Exit(0 if result.accounted else 1)


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


def _show(results: Console, result: Result, json: bool) -> None:
    if json:
        results.file.write(report.as_json(result) + "\n")
    else:
        transcript.show(results, result)
    results.file.flush()


def _stack_name(assembly: Assembly) -> str:
    return next(one.name for one in assembly.stacks if one.id == log_processor.ID)


def _stay(talk: Console, hints: str) -> None:
    """Until a signal comes, which is how this ends and no failure."""
    with suppress(KeyboardInterrupt, Ended):
        talk.print(hints, soft_wrap=True)
        threading.Event().wait()
