"""The demo's engine: everything it does, told as values and never printed.

`environment` brings up the local AWS, a receiver and the synthesised stacks; `play` sends log
files through them and compares independent counts. `servers` finds the database's, for
`infra.local.analysts`.
"""

from __future__ import annotations

import ipaddress
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from infra.aws.connection import connect
from infra.aws.services import Aws, QueueCounts
from infra.config import Database
from infra.config.prefix_lists import s3_prefix_list_name
from infra.deploy.execution import Outputs, Watcher, carry_out
from infra.deploy.plan import creation
from infra.errors import InputError
from infra.lint.references import undefined
from infra.local import (
    beforehand,
    database_stage,
    emulator,
    log_files,
    receiver,
    sample,
)
from infra.local.database_stage import Servers
from infra.local.differences import Address
from infra.local.emulator import Emulator
from infra.local.following import LogReader, Patience, follow
from infra.local.log_files import LogFile
from infra.local.outcome import DELIVERED, SKIPPED, ObjectOutcome, Result, Summary
from infra.local.progress import Arrived, Changed, Tell, Told, step
from infra.local.receiver import Receiver
from infra.model import Assembly
from infra.stacks import database, log_processor
from infra.stacks.log_processor.reach import S3_PREFIX_LIST
from infra.words import counted

_LOOK_EVERY = 0.05
_SETTLES_WITHIN = 5.0
# A function may run for 15 minutes, and somebody else's receiver tells nothing meanwhile:
# https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
_PATIENCE, _PATIENCE_WITHOUT_RECEIVER = 60.0, 960.0


@dataclass(frozen=True)
class Local:
    """An environment that runs on this machine."""

    emulator: Emulator
    aws: Aws
    receiver: Receiver | None
    """The bundled one, unless the user gave an address, or sends nothing."""
    outputs: Mapping[str, str]
    """Of the log processor's stack; none where there is none."""
    hidden: float
    """Seconds that its queue, if there is one, hides a message which the function has taken."""
    database_outputs: Mapping[str, str] = field(default_factory=dict)
    """Of the database's stack; none where there is none."""


@contextmanager
def environment(assembly: Assembly, to: Address | None, tell: Tell) -> Iterator[Local]:
    """The environment's stacks, created on this machine; nothing of them is left afterwards."""
    _check(assembly)
    with ExitStack() as held:
        with step(tell, "start the local AWS"):
            here = held.enter_context(emulator.running(assembly.region))
        own = None
        if to is None and _has(assembly, log_processor.ID):
            with step(tell, "start a receiver in Logstash's place"):
                own = held.enter_context(receiver.running(here.home / "events.jsonl"))
                to = Address(*own.address)
        aws = connect(here.region, here.endpoint_url, here.credentials)
        outputs = _deployed(assembly, aws, to, tell)
        yield Local(
            here,
            aws,
            own,
            outputs.get(log_processor.ID, {}),
            _hidden(assembly),
            outputs.get(database.ID, {}),
        )


def play(local: Local, files: Sequence[Path], prefix: str, tell: Tell) -> Result:
    """Send the files (or, without any, sample traffic) and wait for what becomes of each."""
    what = (
        "count the lines of the log files" if files else "make sample traffic and count its lines"
    )
    with step(tell, what):
        objects = _objects(local, files, prefix)
    begin = time.monotonic()
    with step(tell, f"put {counted(len(objects), 'log object')} into the bucket"):
        for each in objects:
            local.aws.objects.upload(local.outputs["BucketName"], each.key, each.path)
    with step(tell, "wait until the function has told what became of each"):
        attempts = _followed(local, [each.key for each in objects], tell)
        seconds = time.monotonic() - begin
    return _books(local, objects, attempts, seconds)


def servers(local: Local, settings: Database) -> Servers:
    """Where the servers of the database are, and who logs in to them."""
    return database_stage.servers(
        settings, local.database_outputs, local.aws, local.emulator.rds_ca
    )


def overrides(aws: Aws, to: Address) -> dict[str, str]:
    """What parameters get on this machine instead of what the settings say."""
    return {
        "LogstashHost": to.host,
        "LogstashPort": str(to.port),
        **_network_of(to.host),
        **_prefix_list(aws),
    }


def _prefix_list(aws: Aws) -> dict[str, str]:
    return {S3_PREFIX_LIST: aws.prefix_lists.id_of(s3_prefix_list_name(aws.region))}


def _network_of(host: str) -> dict[str, str]:
    """The one address as a network; a name keeps the network of the settings."""
    try:
        return {"LogstashCidr": f"{ipaddress.IPv4Address(host)}/32"}
    except ValueError:
        return {}


def _hidden(assembly: Assembly) -> float:
    """Without a queue nothing hides a message: Lambda itself tries again, here after seconds."""
    stacks = [stack for stack in assembly.stacks if stack.id == log_processor.ID]
    properties = [
        one.get("Properties", {}) for each in stacks for one in each.template["Resources"].values()
    ]
    return max((float(each.get("VisibilityTimeout", 0)) for each in properties), default=0.0)


def _has(assembly: Assembly, stack_id: str) -> bool:
    return any(stack.id == stack_id for stack in assembly.stacks)


def _check(assembly: Assembly) -> None:
    if not _has(assembly, log_processor.ID) and not _has(assembly, database.ID):
        raise InputError(
            f"Environment {assembly.environment} has no log processor to show, and no database. "
            "Add log_processor or database to its settings, or name another environment."
        )
    problems = [
        f"{stack.name}: {problem}"
        for stack in assembly.stacks
        for problem in undefined(stack.template)
    ]
    if problems:
        raise InputError("CloudFormation would refuse these templates:\n" + "\n".join(problems))


def _deployed(assembly: Assembly, aws: Aws, to: Address | None, tell: Tell) -> Outputs:
    beforehand.create_buckets(assembly, aws, tell)
    chosen = _chosen(assembly, aws, to) | beforehand.overrides(assembly, tell)
    watcher = Watcher(event=lambda event: tell(Changed(event)), interval=_LOOK_EVERY)
    outputs: Outputs = {}
    for one in creation(assembly, chosen):
        with step(tell, str(one)):
            outputs |= carry_out([one], aws, watcher, outputs)
    return outputs


def _chosen(assembly: Assembly, aws: Aws, to: Address | None) -> dict[str, str]:
    if to is not None:
        return overrides(aws, to)
    answered = any(S3_PREFIX_LIST in stack.parameters for stack in assembly.stacks)
    return _prefix_list(aws) if answered else {}


def _objects(local: Local, files: Sequence[Path], prefix: str) -> tuple[LogFile, ...]:
    account, region = local.emulator.account, local.emulator.region
    folder = sample.folder(prefix, account, region)
    if files:
        return log_files.at(folder, files)
    directory = local.emulator.home / "sample"
    directory.mkdir(exist_ok=True)
    *logs, control = sample.write(directory, account, region)
    control_folder = sample.control_folder(prefix, account)
    return (*log_files.at(folder, logs), *log_files.at(control_folder, [control]))


def _followed(local: Local, keys: Sequence[str], tell: Tell) -> dict[str, list[Summary]]:
    own = local.receiver

    def movement() -> int:
        if own is None:
            return 0
        total = own.total
        if total.events:
            tell(Arrived(total.events))
        return total.bytes

    return follow(
        LogReader(local.aws.logs, local.outputs["LogGroupName"]),
        keys,
        tell=lambda summary, done: tell(Told(summary, done, len(keys))),
        movement=movement,
        patience=Patience(_PATIENCE if own else _PATIENCE_WITHOUT_RECEIVER, hidden=local.hidden),
    )


def _books(
    local: Local, objects: Sequence[LogFile], attempts: dict[str, list[Summary]], seconds: float
) -> Result:
    outcomes = tuple(ObjectOutcome(each, tuple(attempts.get(each.key, ()))) for each in objects)
    hopeless = any(each.outcome not in (DELIVERED, SKIPPED) for each in outcomes)
    own = local.receiver
    return Result(
        objects=outcomes,
        received=own.total if own else None,
        receiver_problem=own.problem if own else None,
        queue=_settled(local, "QueueUrl", 0.0 if hopeless else _SETTLES_WITHIN)
        if "QueueUrl" in local.outputs
        else None,
        dead_letters=_settled(local, "DeadLetterQueueUrl", 0.0),
        seconds=seconds,
        first_event=_first_line(own.events_file) if own else None,
        last_words=local.emulator.last_words() if any(not one.last for one in outcomes) else "",
    )


def _settled(local: Local, queue: str, within: float) -> QueueCounts:
    """The counts once they are zero, or at the end of this time: SQS removes after the fact."""
    deadline = time.monotonic() + within
    url = local.outputs[queue]
    while (counts := local.aws.queues.counts(url)) and time.monotonic() < deadline:
        time.sleep(_LOOK_EVERY)
    return counts


def _first_line(events: Path) -> str | None:
    with events.open(encoding="utf-8") as file:
        return file.readline() or None
