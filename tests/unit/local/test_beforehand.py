"""What the demo makes before the stacks, because a real account has it."""

from __future__ import annotations

from infra.local import beforehand
from infra.local.progress import Finished, Noted, Progress
from infra.model import Assembly, Stack
from tests.unit.deploy.fakes import FakeAws


def assembly(**values: str) -> Assembly:
    declared = {name: {"Type": "String"} for name in values}
    stack = Stack("logs", "test-logs", {"Parameters": declared, "Resources": {}}, values)
    return Assembly("test", "eu-west-1", {}, (stack,), "artifacts")


def test_every_bucket_that_is_only_named_is_made_once() -> None:
    """The one for code first, then those of others; each step says which."""
    fake, told = FakeAws(), list[Progress]()
    named = assembly(LogBucketName="theirs", AccessLogBucket="requests")
    beforehand.create_buckets(named, fake.aws, told.append)
    assert list(fake.written) == [("artifacts", ""), ("requests", ""), ("theirs", "")]
    assert [each.text for each in told if isinstance(each, Finished)] == [
        "create the bucket for code that a real account has",
        "create the bucket requests, which exists in a real account",
        "create the bucket theirs, which exists in a real account",
    ]


def test_an_environment_that_names_none_gets_the_one_for_code() -> None:
    """As every environment has it."""
    fake = FakeAws()
    beforehand.create_buckets(assembly(), fake.aws, lambda _: None)
    assert list(fake.written) == [("artifacts", "")]


def test_a_bucket_of_another_account_is_in_the_only_one_there_is() -> None:
    """That is different from what the settings say, so it is told."""
    told: list[Progress] = []
    elsewhere = assembly(LogBucketName="theirs", LogBucketAccount="210987654321")
    account = {"LogBucketAccount": "123456789012"}
    assert beforehand.overrides(elsewhere, told.append) == account
    assert told == [Noted("the log bucket is in the stacks' own account here, 123456789012")]


def test_nothing_is_different_for_a_bucket_of_the_same_account() -> None:
    """Nor for one that the stack makes."""
    told: list[Progress] = []
    same = assembly(LogBucketName="theirs", LogBucketAccount="123456789012")
    assert beforehand.overrides(same, told.append) == {}
    assert beforehand.overrides(assembly(), told.append) == {}
    assert told == []
