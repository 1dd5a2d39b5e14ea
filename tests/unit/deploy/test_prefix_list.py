"""The S3 prefix list is checked before a stack is made with it."""

from __future__ import annotations

from dataclasses import dataclass, replace

import pytest

from infra.deploy.execution import Watcher, carry_out
from infra.deploy.plan import creation
from infra.deploy.prefix_list import problem
from infra.errors import AwsError, InputError
from tests.unit.deploy.fakes import FakeAws, assembly, stack


@dataclass
class Refusing:
    """An account that lets nobody look lists up."""

    def id_of(self, name: str) -> str:
        raise AwsError(f"DescribeManagedPrefixLists on prefix list {name} was refused: no.")


def logs(prefix_list: str) -> dict[str, str]:
    return {"S3PrefixListId": prefix_list}


def test_another_list_is_refused_before_anything_is_made_with_it() -> None:
    """The message has the right id and the setting that wants it."""
    fake = FakeAws()
    plan = creation(assembly(stack("logs", logs("pl-6fa54006"), ("S3PrefixListId",))))
    with pytest.raises(InputError) as caught:
        carry_out(plan, fake.aws, Watcher())
    assert str(caught.value) == (
        "Parameter S3PrefixListId is pl-6fa54006, but com.amazonaws.eu-west-1.s3 is pl-12345678: "
        "the function would not reach S3. Set log_processor.s3_prefix_list_id to pl-12345678."
    )
    assert fake.created == []


def test_the_regions_own_list_is_taken() -> None:
    """As is a stack that names none."""
    fake = FakeAws()
    right = stack("logs", logs("pl-12345678"), ("S3PrefixListId",))
    carry_out(creation(assembly(stack("network"), right)), fake.aws, Watcher())
    assert [one.name for one in fake.created] == ["test-network", "test-logs"]


def test_who_may_not_look_lists_up_is_not_kept_from_deploying() -> None:
    """But is told when it is the list that is asked about."""
    fake = FakeAws()
    aws = replace(fake.aws, prefix_lists=Refusing())
    named = stack("logs", logs("pl-6fa54006"), ("S3PrefixListId",))
    carry_out(creation(assembly(named)), aws, Watcher())
    assert [one.name for one in fake.created] == ["test-logs"]
    with pytest.raises(AwsError):
        problem(logs("pl-6fa54006"), aws)
