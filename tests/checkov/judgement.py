"""checkov's findings and the templates' reasons → one table, and whether all is well.

Pure. A reason that matches nothing is as wrong as a finding without one: it says what is not so.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass
from enum import Enum
from typing import Any


@dataclass(frozen=True, order=True)
class Spot:
    """One check at one resource of one template."""

    template: str
    """`dev/log-processor`."""
    resource: str
    """`AWS::SQS::Queue.LogQueue`, as checkov names it."""
    check: str
    """`CKV_AWS_27`."""


class State(Enum):
    """What is to be said of a spot; the value is what the table shows."""

    OPEN = "NEITHER MENDED NOR ACCEPTED"
    IN_VAIN = "ACCEPTED IN VAIN"
    UNREAD = "ACCEPTED, BUT CHECKOV DID NOT TAKE IT"
    ACCEPTED = "accepted"


@dataclass(frozen=True)
class Judgement:
    """One check of one resource, in all the environments that have it so."""

    stack: str
    resource: str
    check: str
    state: State
    environments: tuple[str, ...]
    says: str
    """The reason where it is accepted; else what the check is about."""


def reasons(template: str, body: Mapping[str, Any]) -> dict[Spot, str]:
    """What the metadata of a template's resources accepts, and why."""
    found = {}
    for title, resource in body["Resources"].items():
        for skip in resource.get("Metadata", {}).get("checkov", {}).get("skip", ()):
            name = f"{resource['Type']}.{title}"
            found[Spot(template, name, skip["id"])] = skip["comment"]
    return found


def without_reasons(body: Mapping[str, Any]) -> dict[str, Any]:
    """The template as it would be if it accepted nothing: so everything is found."""
    bare = deepcopy(dict(body))
    for resource in bare["Resources"].values():
        resource.get("Metadata", {}).pop("checkov", None)
    return bare


def judged(
    found: Mapping[Spot, str], reported: Iterable[Spot], accepted: Mapping[Spot, str]
) -> list[Judgement]:
    """What is to be said of everything that was found or is accepted, the worst first.

    `found` is what checkov finds where nothing is accepted, with what each check is about;
    `reported` what it still finds in the templates as they are.
    """
    states = dict(_states(found, set(reported), accepted))
    same: dict[tuple[str, str, str, State, str], list[str]] = {}
    for spot in sorted(states):
        environment, _, stack = spot.template.partition("/")
        says = accepted.get(spot) or found[spot]
        same.setdefault((stack, spot.resource, spot.check, states[spot], says), []).append(
            environment
        )
    judgements = [
        Judgement(stack, resource, check, state, tuple(environments), says)
        for (stack, resource, check, state, says), environments in same.items()
    ]
    order = list(State)
    return sorted(judgements, key=lambda each: (order.index(each.state), each.stack, each.resource))


def _states(
    found: Mapping[Spot, str], reported: set[Spot], accepted: Mapping[Spot, str]
) -> Iterator[tuple[Spot, State]]:
    for spot in {*found, *accepted, *reported}:
        if spot not in accepted:
            yield spot, State.OPEN
        elif spot not in found:
            yield spot, State.IN_VAIN
        else:
            yield spot, State.UNREAD if spot in reported else State.ACCEPTED


def is_well(judgements: Iterable[Judgement]) -> bool:
    """Whether everything that was found is accepted, and everything accepted was found."""
    return all(each.state is State.ACCEPTED for each in judgements)


def table(judgements: Iterable[Judgement]) -> Iterator[str]:
    """A block for each: what and where, then the reason. The worst comes first."""
    for each in judgements:
        where = f"{each.stack}: {each.resource}"
        yield f"{each.check:<13} {where:<60} {each.state.value} ({', '.join(each.environments)})"
        yield f"{'':<13} {each.says}"
